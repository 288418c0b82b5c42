package decode

import (
	"encoding/binary"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// msgpack reads a value (github.com/msgpack/msgpack, spec.md).
func (c *cursor) msgpack(depth int) *Error {
	if err := c.step(depth); err != nil {
		return err
	}
	head, err := c.take(1)
	if err != nil {
		return err
	}
	switch b := head[0]; {
	case b <= 0x7F:
		c.unsigned(uint64(b))
	case b >= 0xE0:
		c.signed(int64(int8(b)))
	case b <= 0x8F:
		return c.msgpackMap(uint64(b&0x0F), depth)
	case b <= 0x9F:
		return c.msgpackArray(uint64(b&0x0F), depth)
	case b <= 0xBF:
		return c.msgpackText(uint64(b & 0x1F))
	case b == 0xC0:
		c.raw("null")
	case b == 0xC2:
		c.raw("false")
	case b == 0xC3:
		c.raw("true")
	case b >= 0xCA && b <= 0xD3:
		return c.msgpackNumber(b)
	case b >= 0xD4 && b <= 0xD8:
		return c.msgpackExtension(1 << (b - 0xD4))
	default:
		return c.msgpackLong(b, depth)
	}
	return nil
}

// msgpackLong reads a value whose length stands behind its first byte.
func (c *cursor) msgpackLong(b byte, depth int) *Error {
	wide := map[byte]int{
		0xC4: 1, 0xC5: 2, 0xC6: 4, 0xC7: 1, 0xC8: 2, 0xC9: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4,
		0xDC: 2, 0xDD: 4, 0xDE: 2, 0xDF: 4,
	}[b]
	if wide == 0 { // 0xC1
		return c.fail(BadByte, c.at-1)
	}
	n, err := c.number(wide)
	if err != nil {
		return err
	}
	switch {
	case b <= 0xC6:
		part, err := c.take(n)
		if err != nil {
			return err
		}
		return c.bytes("", part)
	case b <= 0xC9:
		return c.msgpackExtension(n)
	case b <= 0xDB:
		return c.msgpackText(n)
	case b <= 0xDD:
		return c.msgpackArray(n, depth)
	}
	return c.msgpackMap(n, depth)
}

func (c *cursor) msgpackMap(n uint64, depth int) *Error {
	if n > uint64(len(c.b)-c.at)/2 { // a key and a value have a byte each
		return c.fail(EndsEarly, len(c.b))
	}
	if depth <= 1 && n > 0 {
		c.seen.maps++
	}
	return c.members(int64(n), func() *Error { return c.msgpack(depth + 1) }, nil)
}

func (c *cursor) msgpackArray(n uint64, depth int) *Error {
	if n > uint64(len(c.b)-c.at) {
		return c.fail(EndsEarly, len(c.b))
	}
	return c.list(int64(n), func() *Error { return c.msgpack(depth + 1) }, nil)
}

// msgpackText reads a text; what is none, which older programs write so, as bytes.
func (c *cursor) msgpackText(n uint64) *Error {
	s, err := c.take(n)
	if err != nil {
		return err
	}
	if !utf8.Valid(s) {
		return c.bytes("", s)
	}
	return c.text(s)
}

func (c *cursor) msgpackNumber(b byte) *Error {
	n, err := c.number([...]int{4, 8, 1, 2, 4, 8, 1, 2, 4, 8}[b-0xCA])
	if err != nil {
		return err
	}
	switch b {
	case 0xCA:
		c.float(float64(math.Float32frombits(uint32(n))), 32)
	case 0xCB:
		c.float(math.Float64frombits(n), 64)
	case 0xD0:
		c.signed(int64(int8(n)))
	case 0xD1:
		c.signed(int64(int16(n)))
	case 0xD2:
		c.signed(int64(int32(n)))
	case 0xD3:
		c.signed(int64(n))
	default:
		c.unsigned(n)
	}
	return nil
}

// msgpackExtension reads a type and n bytes; type -1 is a time.
func (c *cursor) msgpackExtension(n uint64) *Error {
	kind, err := c.take(1)
	if err != nil {
		return err
	}
	part, err := c.take(n)
	if err != nil {
		return err
	}
	if at, ok := msgpackTime(part); ok && kind[0] == 0xFF {
		c.raw(`{"time":"` + at.Format(time.RFC3339Nano) + `"}`)
		return nil
	}
	return c.bytes(`"ext":`+strconv.Itoa(int(int8(kind[0])))+",", part)
}

// msgpackTime reads seconds and nanoseconds since 1970 of 4, 8 or 12 bytes.
func msgpackTime(b []byte) (time.Time, bool) {
	var seconds, nanos int64
	switch len(b) {
	case 4:
		seconds = int64(binary.BigEndian.Uint32(b))
	case 8:
		n := binary.BigEndian.Uint64(b)
		seconds, nanos = int64(n&(1<<34-1)), int64(n>>34)
	case 12:
		seconds, nanos = int64(binary.BigEndian.Uint64(b[4:])), int64(binary.BigEndian.Uint32(b))
	default:
		return time.Time{}, false
	}
	at := time.Unix(seconds, nanos).UTC()
	return at, nanos < 1e9 && at.Year() >= 0 && at.Year() <= 9999
}
