package decode

import (
	"math"
	"math/big"
	"unicode/utf8"
)

// Major types of CBOR (RFC 8949, 3.1).
const (
	cborUnsigned = iota
	cborNegative
	cborBytes
	cborText
	cborArray
	cborMap
	cborTag
	cborSimple
)

const (
	cborBreak      = 0xFF
	cborSelf       = 55799 // says of itself that it is CBOR
	cborIndefinite = 31
	// mostBig is how many bytes of a large number are written as one.
	mostBig = 256
)

// cborHead reads what a value begins with: its type, five bits about it, and the number
// that these tell of. open: a break ends the value.
func (c *cursor) cborHead() (major, info byte, n uint64, open bool, err *Error) {
	head, err := c.take(1)
	if err != nil {
		return 0, 0, 0, false, err
	}
	major, info = head[0]>>5, head[0]&31
	switch {
	case info < 24:
		n = uint64(info)
	case info < 28:
		n, err = c.number(1 << (info - 24))
	case info == cborIndefinite && major >= cborBytes && major <= cborMap:
		open = true
	default:
		err = c.fail(BadByte, c.at-1)
	}
	return major, info, n, open, err
}

// cbor reads a value.
func (c *cursor) cbor(depth int) *Error {
	if err := c.step(depth); err != nil {
		return err
	}
	from := c.at
	major, info, n, open, err := c.cborHead()
	if err != nil {
		return err
	}
	switch major {
	case cborUnsigned:
		c.unsigned(n)
	case cborNegative:
		c.cborNegative(n)
	case cborBytes, cborText:
		return c.cborString(major, n, open)
	case cborArray, cborMap:
		return c.cborList(major, n, open, depth)
	case cborTag:
		return c.cborTagged(n, depth)
	default:
		return c.cborOther(info, n, from)
	}
	return nil
}

// cborNegative writes -1-n.
func (c *cursor) cborNegative(n uint64) {
	if n == math.MaxUint64 {
		c.raw("-18446744073709551616")
		return
	}
	c.raw("-")
	c.unsigned(n + 1)
}

// cborString reads bytes or a text, in one piece or in several of the same type.
func (c *cursor) cborString(major byte, n uint64, open bool) *Error {
	from := c.at
	s, err := []byte(nil), (*Error)(nil)
	if !open {
		s, err = c.take(n)
	} else {
		s, err = c.cborPieces(major)
	}
	switch {
	case err != nil:
		return err
	case major == cborBytes:
		return c.bytes("", s)
	case !utf8.Valid(s):
		return c.fail(NotText, from)
	}
	return c.text(s)
}

func (c *cursor) cborPieces(major byte) (whole []byte, _ *Error) {
	for !c.cborEnd() {
		if err := c.step(0); err != nil {
			return nil, err
		}
		from := c.at
		kind, _, n, open, err := c.cborHead()
		if err == nil && (kind != major || open) {
			err = c.fail(BadByte, from)
		}
		if err != nil {
			return nil, err
		}
		part, err := c.take(n)
		if err != nil {
			return nil, err
		}
		if major == cborText && !utf8.Valid(part) {
			return nil, c.fail(NotText, c.at-len(part))
		}
		whole = append(whole, part...)
	}
	return whole, nil
}

// cborEnd takes the break, if it is next.
func (c *cursor) cborEnd() bool {
	if c.at < len(c.b) && c.b[c.at] == cborBreak {
		c.at++
		return true
	}
	return false
}

func (c *cursor) cborList(major byte, n uint64, open bool, depth int) *Error {
	count, write, least := int64(-1), c.list, uint64(1)
	if major == cborMap {
		write, least = c.members, 2
	}
	if !open {
		if n > uint64(len(c.b)-c.at)/least {
			return c.fail(EndsEarly, len(c.b))
		}
		count = int64(n)
	}
	if major == cborMap && depth <= 1 && n > 0 {
		c.seen.maps++
	}
	keys := c.seen.keys
	err := write(count, func() *Error { return c.cbor(depth + 1) }, c.cborEnd)
	if open && major == cborMap && depth <= 1 && c.seen.keys > keys {
		c.seen.maps++
	}
	return err
}

// cborTagged reads what is tagged: a large number as one, anything else with its tag.
func (c *cursor) cborTagged(tag uint64, depth int) *Error {
	if tag == cborSelf {
		return c.cbor(depth + 1)
	}
	if tag == 2 || tag == 3 {
		if done, err := c.cborBig(tag == 3); done || err != nil {
			return err
		}
	}
	c.raw(`{"tag":`)
	c.unsigned(tag)
	c.raw(`,"value":`)
	if err := c.cbor(depth + 1); err != nil {
		return err
	}
	c.raw("}")
	return nil
}

// cborBig writes a number of up to mostBig bytes; done is false where it is no such.
func (c *cursor) cborBig(negative bool) (done bool, _ *Error) {
	from := c.at
	major, _, n, open, err := c.cborHead()
	if err != nil {
		return false, err
	}
	if major != cborBytes || open || n > mostBig {
		c.at = from
		return false, nil
	}
	part, err := c.take(n)
	if err != nil {
		return false, err
	}
	number := new(big.Int).SetBytes(part)
	if negative {
		number.Not(number) // -1-n
	}
	c.out = number.Append(c.out, 10)
	return true, nil
}

// cborOther reads a simple value or a float.
func (c *cursor) cborOther(info byte, n uint64, from int) *Error {
	switch {
	case info == 20:
		c.raw("false")
	case info == 21:
		c.raw("true")
	case info == 22:
		c.raw("null")
	case info == 25:
		c.float(half(uint16(n)), 32)
	case info == 26:
		c.float(float64(math.Float32frombits(uint32(n))), 32)
	case info == 27:
		c.float(math.Float64frombits(n), 64)
	case info == 24 && n < 32: // has a shorter form, which is the only one
		return c.fail(BadByte, from)
	default: // undefined is 23
		c.raw(`{"simple":`)
		c.unsigned(n)
		c.raw("}")
	}
	return nil
}

// half is a number of 16 bits (IEEE 754 binary16).
func half(b uint16) float64 {
	exp, mant := int(b>>10&31), float64(b&1023)
	var f float64
	switch exp {
	case 0:
		f = math.Ldexp(mant, -24)
	case 31:
		if f = math.Inf(1); mant != 0 {
			return math.NaN()
		}
	default:
		f = math.Ldexp(mant+1024, exp-25)
	}
	if b&0x8000 != 0 {
		f = -f
	}
	return f
}
