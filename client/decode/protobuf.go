package decode

import (
	"errors"
	"io"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// protobuf reads fields up to the byte end, or, with a group, up to that group's end. Each
// is a member with the number as its name, in the order in which they come: what is
// repeated stands there as often.
func (c *cursor) protobuf(end int, group protowire.Number, depth int) *Error {
	if err := c.step(depth); err != nil {
		return err
	}
	c.raw("{")
	for first := true; c.at < end; first = false {
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
			c.raw("}")
			return nil
		}
		if !first {
			c.raw(",")
		}
		if depth == 0 {
			c.seen.fields++
			c.seen.high = max(c.seen.high, int(number))
		}
		c.raw(`"`)
		c.unsigned(uint64(number))
		c.raw(`":`)
		if err := c.field(number, kind, end, depth); err != nil {
			return err
		}
		if err := c.step(depth); err != nil {
			return err
		}
	}
	if group != 0 {
		return c.fail(EndsEarly, end)
	}
	c.raw("}")
	return nil
}

// bad is the error of what protowire could not read.
func (c *cursor) bad(n, end int) *Error {
	if n < 0 && end == len(c.b) && errors.Is(protowire.ParseError(n), io.ErrUnexpectedEOF) {
		return c.fail(EndsEarly, end)
	}
	return c.fail(BadByte, c.at)
}

// field reads the value of a field.
func (c *cursor) field(number protowire.Number, kind protowire.Type, end, depth int) *Error {
	b := c.b[c.at:end]
	var n int
	switch kind {
	case protowire.VarintType:
		var v uint64
		if v, n = protowire.ConsumeVarint(b); n >= 0 {
			c.signed(int64(v)) // above the half it was negative, as a rule
		}
	case protowire.Fixed32Type:
		var v uint32
		if v, n = protowire.ConsumeFixed32(b); n >= 0 {
			c.raw(`{"float":`)
			c.float(float64(math.Float32frombits(v)), 32)
			c.raw(`,"fixed32":`)
			c.unsigned(uint64(v))
			c.raw("}")
		}
	case protowire.Fixed64Type:
		var v uint64
		if v, n = protowire.ConsumeFixed64(b); n >= 0 {
			c.raw(`{"double":`)
			c.float(math.Float64frombits(v), 64)
			c.raw(`,"fixed64":`)
			c.unsigned(v)
			c.raw("}")
		}
	case protowire.StartGroupType:
		return c.protobuf(end, number, depth+1)
	case protowire.BytesType:
		var part []byte
		if part, n = protowire.ConsumeBytes(b); n >= 0 {
			c.at += n - len(part)
			return c.part(part, depth)
		}
	default:
		return c.fail(BadByte, c.at-1)
	}
	if n < 0 {
		return c.bad(n, end)
	}
	c.at += n
	return nil
}

// part reads what has a length: a text if it can be one, else fields if it can be these, else
// bytes, of which numbers are that stand side by side.
func (c *cursor) part(b []byte, depth int) *Error {
	switch {
	case readable(b):
		c.at += len(b)
		return c.text(b)
	case depth < mostDepth && fields(b):
		return c.protobuf(c.at+len(b), 0, depth+1)
	}
	c.at += len(b)
	return c.bytes("", b)
}

// fields tells whether bytes are fields from the first to the last. What is within these is
// not looked at.
func fields(b []byte) bool {
	for len(b) > 0 {
		_, kind, n := protowire.ConsumeField(b)
		if n < 0 || kind == protowire.StartGroupType && len(b) < n {
			return false
		}
		b = b[n:]
	}
	return true
}
