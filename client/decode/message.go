package decode

import (
	"context"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Message reads a body that is a message of Protobuf, and writes it as JSON does, with the
// names that the message's description has: fields, values of enums, keys of maps. Fields
// stand in the order of the bytes; those of one repeated field that follow one another are
// one array. Bytes are {"bytes":"0a0b"}. A field that the description does not have has its
// number as its key. The error is an *Error.
func Message(ctx context.Context, of protoreflect.MessageDescriptor, b []byte) ([]byte, error) {
	c := &cursor{ctx: ctx, kind: Protobuf, b: b}
	if err := c.message(of, len(b), 0, 0); err != nil {
		return nil, err
	}
	return c.out, nil
}

// misfit is the error of a field that is not what its description says.
func (c *cursor) misfit(why Why, at int, f protoreflect.FieldDescriptor) *Error {
	return &Error{Kind: c.kind, At: at, Why: why, Field: string(f.Name()), Want: kindName(f)}
}

// kindName is the type of a field as a .proto names it.
func kindName(f protoreflect.FieldDescriptor) string {
	switch {
	case f.Message() != nil:
		return string(f.Message().FullName())
	case f.Enum() != nil:
		return string(f.Enum().FullName())
	}
	return f.Kind().String()
}

// fieldsOf writes the members of one message.
type fieldsOf struct {
	c    *cursor
	some bool                         // a member stands there
	list protoreflect.FieldDescriptor // a repeated field whose array or map is not closed
	more bool                         // it has an element
}

// name begins a member, or goes on with a repeated one.
func (w *fieldsOf) name(f protoreflect.FieldDescriptor, number protowire.Number) {
	if f != nil && f == w.list {
		return
	}
	w.close()
	if w.some {
		w.c.raw(",")
	}
	w.some = true
	w.c.raw(`"`)
	if f == nil {
		w.c.unsigned(uint64(number))
	} else {
		w.c.raw(string(f.Name()))
	}
	w.c.raw(`":`)
	switch {
	case f == nil || f.Cardinality() != protoreflect.Repeated:
	case f.IsMap():
		w.c.raw("{")
		w.list = f
	default:
		w.c.raw("[")
		w.list = f
	}
}

// element begins an element of a repeated field.
func (w *fieldsOf) element() {
	if w.more {
		w.c.raw(",")
	}
	w.more = true
}

// close ends a repeated field.
func (w *fieldsOf) close() {
	switch {
	case w.list == nil:
		return
	case w.list.IsMap():
		w.c.raw("}")
	default:
		w.c.raw("]")
	}
	w.list, w.more = nil, false
}

// message reads the fields of a message up to the byte end, or, with a group, up to that
// group's end.
func (c *cursor) message(of protoreflect.MessageDescriptor, end int, group protowire.Number, depth int) *Error {
	if err := c.step(depth); err != nil {
		return err
	}
	c.raw("{")
	w := &fieldsOf{c: c}
	var had map[protowire.Number]bool
	if of.RequiredNumbers().Len() > 0 {
		had = map[protowire.Number]bool{}
	}
	for c.at < end {
		from := c.at
		number, kind, n := protowire.ConsumeTag(c.b[c.at:end])
		if n < 0 || number > protowire.MaxValidNumber {
			return c.bad(n, end)
		}
		c.at += n
		if kind == protowire.EndGroupType {
			if group == 0 || number != group {
				return c.fail(BadByte, from)
			}
			return c.messageEnd(w, of, had)
		}
		f := of.Fields().ByNumber(number)
		w.name(f, number)
		if had != nil {
			had[number] = true
		}
		var err *Error
		if f == nil {
			err = c.field(number, kind, end, depth)
		} else {
			err = c.described(w, f, kind, from, end, depth)
		}
		if err == nil {
			err = c.step(depth)
		}
		if err != nil {
			return err
		}
	}
	if group != 0 {
		return c.fail(EndsEarly, end)
	}
	return c.messageEnd(w, of, had)
}

// messageEnd ends a message, unless it lacks a field.
func (c *cursor) messageEnd(w *fieldsOf, of protoreflect.MessageDescriptor, had map[protowire.Number]bool) *Error {
	w.close()
	c.raw("}")
	for i := range of.RequiredNumbers().Len() {
		if n := of.RequiredNumbers().Get(i); !had[n] {
			return c.misfit(Lacks, c.at, of.Fields().ByNumber(n))
		}
	}
	return nil
}

// described reads a field whose tag stands at from.
func (c *cursor) described(w *fieldsOf, f protoreflect.FieldDescriptor, kind protowire.Type, from, end, depth int) *Error {
	want := wireType(f.Kind())
	packed := f.IsList() && kind == protowire.BytesType && want != protowire.BytesType && want != protowire.StartGroupType
	switch {
	case !packed && kind != want:
		return c.misfit(WrongType, from, f)
	case f.IsMap():
		w.element()
		return c.entry(f, end, depth)
	case !packed:
		if f.IsList() {
			w.element()
		}
		return c.value(f, end, depth)
	}
	part, n := protowire.ConsumeBytes(c.b[c.at:end])
	if n < 0 {
		return c.bad(n, end)
	}
	c.at += n - len(part)
	for stop := c.at + len(part); c.at < stop; {
		w.element()
		if err := c.value(f, stop, depth); err != nil {
			return err
		}
		if err := c.step(depth); err != nil {
			return err
		}
	}
	return nil
}

// wireType is how a value of a kind stands in the bytes.
func wireType(k protoreflect.Kind) protowire.Type {
	switch k {
	case protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind, protoreflect.FloatKind:
		return protowire.Fixed32Type
	case protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind, protoreflect.DoubleKind:
		return protowire.Fixed64Type
	case protoreflect.StringKind, protoreflect.BytesKind, protoreflect.MessageKind:
		return protowire.BytesType
	case protoreflect.GroupKind:
		return protowire.StartGroupType
	}
	return protowire.VarintType
}

// value reads one value of a field.
func (c *cursor) value(f protoreflect.FieldDescriptor, end, depth int) *Error {
	b := c.b[c.at:end]
	var n int
	switch wireType(f.Kind()) {
	case protowire.StartGroupType:
		return c.message(f.Message(), end, f.Number(), depth+1)
	case protowire.BytesType:
		part, n := protowire.ConsumeBytes(b)
		if n < 0 {
			return c.bad(n, end)
		}
		c.at += n - len(part)
		return c.delimited(f, part, depth)
	case protowire.Fixed32Type:
		var v uint32
		if v, n = protowire.ConsumeFixed32(b); n >= 0 {
			c.fixed32(f.Kind(), v)
		}
	case protowire.Fixed64Type:
		var v uint64
		if v, n = protowire.ConsumeFixed64(b); n >= 0 {
			c.fixed64(f.Kind(), v)
		}
	default:
		var v uint64
		if v, n = protowire.ConsumeVarint(b); n >= 0 {
			c.varint(f, v)
		}
	}
	if n < 0 {
		return c.bad(n, end)
	}
	c.at += n
	return nil
}

// delimited reads what has a length.
func (c *cursor) delimited(f protoreflect.FieldDescriptor, part []byte, depth int) *Error {
	switch f.Kind() {
	case protoreflect.MessageKind:
		return c.message(f.Message(), c.at+len(part), 0, depth+1)
	case protoreflect.BytesKind:
		c.at += len(part)
		return c.bytes("", part)
	}
	if at := invalid(part); at >= 0 {
		return c.misfit(NotText, c.at+at, f)
	}
	c.at += len(part)
	return c.text(part)
}

func (c *cursor) fixed32(k protoreflect.Kind, v uint32) {
	switch k {
	case protoreflect.FloatKind:
		c.float(float64(math.Float32frombits(v)), 32)
	case protoreflect.Sfixed32Kind:
		c.signed(int64(int32(v)))
	default:
		c.unsigned(uint64(v))
	}
}

func (c *cursor) fixed64(k protoreflect.Kind, v uint64) {
	switch k {
	case protoreflect.DoubleKind:
		c.float(math.Float64frombits(v), 64)
	case protoreflect.Sfixed64Kind:
		c.signed(int64(v))
	default:
		c.unsigned(v)
	}
}

// varint writes a number of one of the kinds that stand as varints, as every reader of
// Protobuf takes it: of 32 bits the low ones count.
func (c *cursor) varint(f protoreflect.FieldDescriptor, v uint64) {
	switch f.Kind() {
	case protoreflect.BoolKind:
		if v == 0 {
			c.raw("false")
		} else {
			c.raw("true")
		}
	case protoreflect.EnumKind:
		if e := f.Enum().Values().ByNumber(protoreflect.EnumNumber(int32(v))); e != nil {
			c.quote([]byte(e.Name()))
		} else {
			c.signed(int64(int32(v)))
		}
	case protoreflect.Int32Kind:
		c.signed(int64(int32(v)))
	case protoreflect.Sint32Kind:
		c.signed(protowire.DecodeZigZag(v & math.MaxUint32))
	case protoreflect.Uint32Kind:
		c.unsigned(v & math.MaxUint32)
	case protoreflect.Int64Kind:
		c.signed(int64(v))
	case protoreflect.Sint64Kind:
		c.signed(protowire.DecodeZigZag(v))
	default:
		c.unsigned(v)
	}
}

// entry reads an entry of a map as a member: its key and value, which may stand in either
// order, or not at all where they are what nothing stands for.
func (c *cursor) entry(f protoreflect.FieldDescriptor, end, depth int) *Error {
	part, n := protowire.ConsumeBytes(c.b[c.at:end])
	if n < 0 {
		return c.bad(n, end)
	}
	c.at += n - len(part)
	stop := c.at + len(part)
	// Each is written where it is read, and put in order behind that: the last counts.
	begin := len(c.out)
	var key, value []byte
	for c.at < stop {
		from := c.at
		number, kind, n := protowire.ConsumeTag(c.b[c.at:stop])
		if n < 0 {
			return c.bad(n, stop)
		}
		c.at += n
		in := f.Message().Fields().ByNumber(number)
		switch {
		case in == nil: // it has no other fields
			return c.misfit(WrongType, from, f)
		case kind != wireType(in.Kind()):
			return c.misfit(WrongType, from, in)
		}
		if err := c.value(in, stop, depth+1); err != nil {
			return err
		}
		written := append([]byte(nil), c.out[begin:]...)
		if c.out = c.out[:begin]; number == 1 {
			key = written
		} else {
			value = written
		}
		if err := c.step(depth); err != nil {
			return err
		}
	}
	return c.member(f, key, value)
}

// member writes an entry of a map.
func (c *cursor) member(f protoreflect.FieldDescriptor, key, value []byte) *Error {
	if err := c.room(len(key) + len(value) + 16); err != nil {
		return err
	}
	if key == nil {
		key = nothing(f.MapKey())
	}
	if value == nil {
		value = nothing(f.MapValue())
	}
	if key[0] == '"' {
		c.raw(string(key))
	} else {
		c.quote(key)
	}
	c.raw(":")
	c.raw(string(value))
	return nil
}

// nothing is the value of a field that is not there.
func nothing(f protoreflect.FieldDescriptor) []byte {
	switch k := f.Kind(); k {
	case protoreflect.StringKind:
		return []byte(`""`)
	case protoreflect.BytesKind:
		return []byte(`{"bytes":""}`)
	case protoreflect.BoolKind:
		return []byte("false")
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return []byte("{}")
	case protoreflect.DoubleKind, protoreflect.FloatKind:
		return []byte("0.0")
	case protoreflect.EnumKind:
		c := &cursor{}
		c.varint(f, uint64(f.DefaultEnumValue().Number()))
		return c.out
	}
	return []byte("0")
}
