package encode

import (
	"encoding/base64"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// wrong is the error of a value that is not of its field's type.
func (w *writer) wrong(why Why, at int, f protoreflect.FieldDescriptor) *Error {
	want := f.Kind().String()
	switch {
	case f.Message() != nil:
		want = string(f.Message().FullName())
	case f.Enum() != nil:
		want = string(f.Enum().FullName())
	}
	return &Error{Kind: w.kind, At: at, Why: why, Name: string(f.Name()), Want: want}
}

// fieldOf is the field of a name, as the description has it or as JSON does; nil for none.
func fieldOf(of protoreflect.MessageDescriptor, name string) protoreflect.FieldDescriptor {
	if f := of.Fields().ByName(protoreflect.Name(name)); f != nil {
		return f
	}
	if f := of.Fields().ByJSONName(name); f != nil {
		return f
	}
	return of.Fields().ByTextName(name)
}

// message writes the object that is next.
func (w *writer) message(of protoreflect.MessageDescriptor, depth int) *Error {
	from := w.at
	if w.peek() != '{' {
		return &Error{Kind: w.kind, At: from, Why: WrongType, Want: string(of.FullName())}
	}
	var had []protoreflect.FieldNumber
	var chosen map[protoreflect.FullName]string // of each oneof
	err := w.each(func() *Error {
		name, at, err := w.member()
		if err != nil {
			return err
		}
		f := fieldOf(of, name)
		if f == nil {
			return &Error{Kind: w.kind, At: at, Why: UnknownField, Name: name, Want: string(of.FullName())}
		}
		if w.peek() == 'n' { // it is not there
			w.span()
			return nil
		}
		switch twice := slices.Contains(had, f.Number()); {
		case !twice:
			had = append(had, f.Number())
		case f.Cardinality() != protoreflect.Repeated:
			return w.wrong(Twice, at, f)
		}
		if one := f.ContainingOneof(); one != nil && !one.IsSynthetic() {
			if other := chosen[one.FullName()]; other != "" {
				return &Error{Kind: w.kind, At: at, Why: OneOf, Name: string(f.Name()), Want: other}
			}
			if chosen == nil {
				chosen = map[protoreflect.FullName]string{}
			}
			chosen[one.FullName()] = string(f.Name())
		}
		return w.field(f, depth)
	})
	if err != nil {
		return err
	}
	for i := range of.RequiredNumbers().Len() {
		if n := of.RequiredNumbers().Get(i); !slices.Contains(had, n) {
			return w.wrong(Lacks, from, of.Fields().ByNumber(n))
		}
	}
	return nil
}

// field writes the value that is next as that of a field.
func (w *writer) field(f protoreflect.FieldDescriptor, depth int) *Error {
	switch {
	case f.IsMap():
		if w.peek() != '{' {
			return w.wrong(WrongType, w.at, f)
		}
		return w.each(func() *Error { return w.entry(f, depth) })
	case !f.IsList():
		return w.tagged(f, depth)
	case w.peek() != '[':
		return w.wrong(WrongType, w.at, f)
	case !f.IsPacked():
		return w.each(func() *Error { return w.tagged(f, depth) })
	}
	return w.within(f.Number(), func() *Error {
		return w.each(func() *Error { return w.value(f, depth) })
	})
}

// within writes what do writes, with its length in front, as the value of a field.
func (w *writer) within(n protoreflect.FieldNumber, do func() *Error) *Error {
	w.out = protowire.AppendTag(w.out, n, protowire.BytesType)
	at := len(w.out)
	w.out = append(w.out, 0) // for a length below 128
	if err := do(); err != nil {
		return err
	}
	size := uint64(len(w.out) - at - 1)
	if more := protowire.SizeVarint(size) - 1; more > 0 {
		w.out = append(w.out, make([]byte, more)...)
		copy(w.out[at+1+more:], w.out[at+1:])
	}
	protowire.AppendVarint(w.out[:at], size)
	return nil
}

// entry writes a member as an entry of a map.
func (w *writer) entry(f protoreflect.FieldDescriptor, depth int) *Error {
	return w.within(f.Number(), func() *Error {
		name, at, err := w.member()
		if err != nil {
			return err
		}
		w.tag(f.MapKey())
		if err := w.key(f.MapKey(), name, at); err != nil {
			return err
		}
		return w.tagged(f.MapValue(), depth+1)
	})
}

// key writes the key of an entry of a map.
func (w *writer) key(f protoreflect.FieldDescriptor, name string, at int) *Error {
	switch f.Kind() {
	case protoreflect.StringKind:
		w.out = protowire.AppendString(w.out, name)
		return nil
	case protoreflect.BoolKind:
		if name != "true" && name != "false" {
			return w.wrong(WrongType, at, f)
		}
		w.out = protowire.AppendVarint(w.out, protowire.EncodeBool(name == "true"))
		return nil
	}
	return w.numeric(f, name, at)
}

// tag writes what a field's value begins with.
func (w *writer) tag(f protoreflect.FieldDescriptor) {
	w.out = protowire.AppendTag(w.out, f.Number(), wireType(f.Kind()))
}

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

// tagged writes the value that is next with its tag.
func (w *writer) tagged(f protoreflect.FieldDescriptor, depth int) *Error {
	switch f.Kind() {
	case protoreflect.MessageKind:
		return w.within(f.Number(), func() *Error {
			if w.peek() == '"' {
				return w.wellKnown(f)
			}
			return w.message(f.Message(), depth+1)
		})
	case protoreflect.GroupKind:
		w.tag(f)
		if err := w.message(f.Message(), depth+1); err != nil {
			return err
		}
		w.out = protowire.AppendTag(w.out, f.Number(), protowire.EndGroupType)
		return nil
	}
	w.tag(f)
	return w.value(f, depth)
}

// value writes the value that is next without its tag.
func (w *writer) value(f protoreflect.FieldDescriptor, _ int) *Error {
	at := w.at
	switch k := f.Kind(); {
	case k == protoreflect.BoolKind:
		switch string(w.span()) {
		case "true":
			w.out = append(w.out, 1)
		case "false":
			w.out = append(w.out, 0)
		default:
			return w.wrong(WrongType, at, f)
		}
		return nil
	case k == protoreflect.StringKind && w.peek() == '"':
		s, err := w.str()
		w.out = protowire.AppendString(w.out, s)
		return err
	case k == protoreflect.BytesKind:
		return w.bytes(f)
	case k == protoreflect.EnumKind && w.peek() == '"':
		return w.enum(f)
	case k == protoreflect.StringKind, w.peek() == '{', w.peek() == '[':
		return w.wrong(WrongType, at, f)
	}
	return w.numeric(f, strings.Trim(string(w.span()), `"`), at)
}

// bytes writes {"bytes":"0a0b"}, or base64 in either of its alphabets.
func (w *writer) bytes(f protoreflect.FieldDescriptor) *Error {
	at := w.at
	switch w.peek() {
	case '{':
		s, ok := w.special()
		if !ok || s.is != "bytes" {
			return w.wrong(WrongType, at, f)
		}
		w.out = protowire.AppendBytes(w.out, s.bytes)
		return nil
	case '"':
		s, err := w.str()
		if err != nil {
			return err
		}
		s = strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(s), "=")
		b, failed := base64.RawStdEncoding.DecodeString(s)
		if failed != nil {
			return w.wrong(WrongType, at, f)
		}
		w.out = protowire.AppendBytes(w.out, b)
		return nil
	}
	return w.wrong(WrongType, at, f)
}

// enum writes the value of a name.
func (w *writer) enum(f protoreflect.FieldDescriptor) *Error {
	at := w.at
	name, err := w.str()
	if err != nil {
		return err
	}
	v := f.Enum().Values().ByName(protoreflect.Name(name))
	if v == nil {
		return &Error{Kind: w.kind, At: at, Why: UnknownName, Name: name, Want: string(f.Enum().FullName())}
	}
	w.out = protowire.AppendVarint(w.out, uint64(int64(v.Number())))
	return nil
}

// numeric writes a number, which stood at a place, as a field's type has it.
func (w *writer) numeric(f protoreflect.FieldDescriptor, text string, at int) *Error {
	k := f.Kind()
	if k == protoreflect.DoubleKind || k == protoreflect.FloatKind {
		return w.floating(f, text, at)
	}
	bits, signed := 64, true
	switch k {
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind, protoreflect.EnumKind:
		bits = 32
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		bits, signed = 32, false
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		signed = false
	}
	var v uint64
	var err error
	if signed {
		var n int64
		n, err = strconv.ParseInt(text, 10, bits)
		v = uint64(n)
	} else {
		v, err = strconv.ParseUint(strings.TrimPrefix(text, "-"), 10, bits)
		if err == nil && v != 0 && text[0] == '-' {
			err = strconv.ErrRange
		}
	}
	switch {
	case errors.Is(err, strconv.ErrRange):
		return w.wrong(TooLarge, at, f)
	case err != nil || text[0] == '+':
		return w.wrong(WrongType, at, f)
	}
	switch {
	case k == protoreflect.Sint32Kind || k == protoreflect.Sint64Kind:
		w.out = protowire.AppendVarint(w.out, protowire.EncodeZigZag(int64(v)))
	case wireType(k) == protowire.Fixed32Type:
		w.out = protowire.AppendFixed32(w.out, uint32(v))
	case wireType(k) == protowire.Fixed64Type:
		w.out = protowire.AppendFixed64(w.out, v)
	default:
		w.out = protowire.AppendVarint(w.out, v)
	}
	return nil
}

// floating writes a number with a point, rounded to what the type has.
func (w *writer) floating(f protoreflect.FieldDescriptor, text string, at int) *Error {
	bits := 64
	if f.Kind() == protoreflect.FloatKind {
		bits = 32
	}
	var v float64
	switch text {
	case "NaN":
		v = math.NaN()
	case "Infinity":
		v = math.Inf(1)
	case "-Infinity":
		v = math.Inf(-1)
	default:
		if _, ok := parseNumber(text); !ok && !strings.ContainsAny(text, "eE.") || strings.ContainsAny(text, "xXpP_iI") {
			return w.wrong(WrongType, at, f)
		}
		var err error
		switch v, err = strconv.ParseFloat(text, bits); {
		case err != nil && math.IsInf(v, 0):
			return w.wrong(TooLarge, at, f)
		case err != nil:
			return w.wrong(WrongType, at, f)
		}
	}
	if bits == 32 {
		w.out = protowire.AppendFixed32(w.out, math.Float32bits(float32(v)))
	} else {
		w.out = protowire.AppendFixed64(w.out, math.Float64bits(v))
	}
	return nil
}

// wellKnown writes a time or a duration that is typed as a text, as JSON has them
// elsewhere.
func (w *writer) wellKnown(f protoreflect.FieldDescriptor) *Error {
	at := w.at
	s, err := w.str()
	if err != nil {
		return err
	}
	var seconds, nanos int64
	switch f.Message().FullName() {
	case "google.protobuf.Timestamp":
		t, failed := time.Parse(time.RFC3339Nano, s)
		if failed != nil || t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
			return w.wrong(WrongType, at, f)
		}
		seconds, nanos = t.Unix(), int64(t.Nanosecond())
	case "google.protobuf.Duration":
		d, failed := time.ParseDuration(s)
		if failed != nil || !strings.HasSuffix(s, "s") {
			return w.wrong(WrongType, at, f)
		}
		seconds, nanos = int64(d/time.Second), int64(d%time.Second)
	default:
		return w.wrong(WrongType, at, f)
	}
	for i, v := range []int64{seconds, nanos} {
		if v != 0 {
			w.out = protowire.AppendVarint(protowire.AppendTag(w.out, protowire.Number(i+1), protowire.VarintType), uint64(v))
		}
	}
	return nil
}
