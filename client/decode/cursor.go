package decode

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"math"
	"strconv"
	"unicode/utf8"
)

// cursor reads bytes and writes JSON. Its methods return nil, or an error that ends all.
type cursor struct {
	ctx   context.Context
	kind  Kind
	b     []byte
	at    int
	out   []byte
	steps int
	plain bool // the text written last can be read
	seen  seen
}

// seen is what speaks for a format.
type seen struct {
	textKeys bool // all keys are texts that can be read
	keys     int
	maps     int // at the top, or in an array there
	texts    int // that can be read, of three signs at least
	wide     int // signs of texts beyond ASCII
	fields   int // of Protobuf, at the top
	high     int // the highest number of those
}

func (c *cursor) fail(why Why, at int) *Error { return &Error{Kind: c.kind, At: at, Why: why} }

// step is called for each value, at its depth.
func (c *cursor) step(depth int) *Error {
	c.steps++
	switch {
	case depth > mostDepth:
		return c.fail(TooDeep, c.at)
	case len(c.out) > mostText:
		return c.fail(TooLong, c.at)
	case c.steps%between == 0 && c.ctx.Err() != nil:
		return c.fail(TooSlow, c.at)
	}
	return nil
}

// take returns the next n bytes.
func (c *cursor) take(n uint64) ([]byte, *Error) {
	if n > uint64(len(c.b)-c.at) {
		return nil, c.fail(EndsEarly, len(c.b))
	}
	part := c.b[c.at : c.at+int(n)]
	c.at += int(n)
	return part, nil
}

// number returns the next n bytes, 1, 2, 4 or 8, as a number, high bytes first.
func (c *cursor) number(n int) (uint64, *Error) {
	p, err := c.take(uint64(n))
	if err != nil {
		return 0, err
	}
	switch n {
	case 1:
		return uint64(p[0]), nil
	case 2:
		return uint64(binary.BigEndian.Uint16(p)), nil
	case 4:
		return uint64(binary.BigEndian.Uint32(p)), nil
	}
	return binary.BigEndian.Uint64(p), nil
}

// room ends it where so many bytes would make the text too long.
func (c *cursor) room(n int) *Error {
	if n > mostText || len(c.out)+n > mostText {
		return c.fail(TooLong, c.at)
	}
	return nil
}

// text writes a text; it is UTF-8.
func (c *cursor) text(s []byte) *Error {
	if err := c.room(len(s) + 2); err != nil {
		return err
	}
	signs, wide := 0, 0
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRune(s[i:])
		i += n
		signs++
		if n > 1 {
			wide++
		}
		if control(r) {
			signs = math.MinInt
		}
	}
	c.plain = signs > 0
	c.seen.wide += wide
	if signs >= 3 {
		c.seen.texts++
	}
	c.quote(s)
	return nil
}

// quote writes a string of JSON.
func (c *cursor) quote(s []byte) {
	const digits = "0123456789abcdef"
	c.out = append(c.out, '"')
	for _, b := range s {
		switch {
		case b == '"' || b == '\\':
			c.out = append(c.out, '\\', b)
		case b == '\n':
			c.out = append(c.out, '\\', 'n')
		case b < ' ':
			c.out = append(c.out, '\\', 'u', '0', '0', digits[b>>4], digits[b&15])
		default:
			c.out = append(c.out, b)
		}
	}
	c.out = append(c.out, '"')
}

// control tells whether a text for eyes does not have a sign.
func control(r rune) bool {
	return r < ' ' && r != '\n' && r != '\r' && r != '\t' || r == 0x7F
}

// readable tells whether s is a text for eyes.
func readable(s []byte) bool {
	if !utf8.Valid(s) {
		return false
	}
	for _, b := range s {
		if control(rune(b)) {
			return false
		}
	}
	return true
}

// invalid is where s stops being UTF-8, -1 for nowhere.
func invalid(s []byte) int {
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRune(s[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// bytes writes bytes, behind what else there is to say of them.
func (c *cursor) bytes(before string, b []byte) *Error {
	if err := c.room(2*len(b) + len(before) + 12); err != nil {
		return err
	}
	c.raw("{" + before + `"bytes":"`)
	c.out = hex.AppendEncode(c.out, b)
	c.raw(`"}`)
	return nil
}

func (c *cursor) raw(s string) { c.out = append(c.out, s...) }

func (c *cursor) signed(n int64) { c.out = strconv.AppendInt(c.out, n, 10) }

func (c *cursor) unsigned(n uint64) { c.out = strconv.AppendUint(c.out, n, 10) }

// float writes a number of 32 or 64 bits, with a point so that it is not taken for a whole
// one.
func (c *cursor) float(f float64, bits int) {
	switch {
	case math.IsNaN(f):
		c.raw(`"NaN"`)
	case math.IsInf(f, 1):
		c.raw(`"Infinity"`)
	case math.IsInf(f, -1):
		c.raw(`"-Infinity"`)
	default:
		from := len(c.out)
		c.out = strconv.AppendFloat(c.out, f, 'g', -1, bits)
		for _, b := range c.out[from:] {
			if b == '.' || b == 'e' {
				return
			}
		}
		c.raw(".0")
	}
}

// list writes n values in brackets, or, with n below 0, until end says so.
func (c *cursor) list(n int64, value func() *Error, end func() bool) *Error {
	c.raw("[")
	for i := int64(0); i != n && (n >= 0 || !end()); i++ {
		if i > 0 {
			c.raw(",")
		}
		if err := value(); err != nil {
			return err
		}
	}
	c.raw("]")
	return nil
}

// members writes n members in braces, or, with n below 0, until end says so.
func (c *cursor) members(n int64, value func() *Error, end func() bool) *Error {
	c.raw("{")
	for i := int64(0); i != n && (n >= 0 || !end()); i++ {
		if i > 0 {
			c.raw(",")
		}
		if err := c.key(value); err != nil {
			return err
		}
		c.raw(":")
		if err := value(); err != nil {
			return err
		}
	}
	c.raw("}")
	return nil
}

// key writes a value as the name of a member: a text as it is, a number or a word in
// quotes, and what consists of others as its bytes.
func (c *cursor) key(value func() *Error) *Error {
	from, at := len(c.out), c.at
	c.plain = false
	if err := value(); err != nil {
		return err
	}
	c.seen.keys++
	switch written := c.out[from:]; written[0] {
	case '"':
		c.seen.textKeys = c.seen.textKeys && c.plain
		return nil
	case '{', '[':
		c.out = append(c.out[:from], '"')
		if err := c.room(2*(c.at-at) + 2); err != nil {
			return err
		}
		c.out = append(hex.AppendEncode(c.out, c.b[at:c.at]), '"')
	default:
		word := string(written)
		c.out = c.out[:from]
		c.quote([]byte(word))
	}
	c.seen.textKeys = false
	return nil
}
