package encode

import (
	"encoding/binary"
	"math"
	"math/big"
	"strconv"
	"time"
)

// Types of MessagePack that are written (github.com/msgpack/msgpack, spec.md).
const (
	msgNil, msgFalse, msgTrue = 0xC0, 0xC2, 0xC3
	msgFloat64                = 0xCB
)

// head writes a first byte and a number of 1, 2, 4 or 8 bytes behind it.
func (w *writer) head(b byte, n uint64, bytes int) {
	w.out = append(w.out, b)
	for i := bytes - 1; i >= 0; i-- {
		w.out = append(w.out, byte(n>>(8*i)))
	}
}

// msgpack writes the value that is next.
func (w *writer) msgpack(depth int) *Error {
	from := w.at
	switch w.peek() {
	case 'n':
		w.span()
		w.out = append(w.out, msgNil)
	case 't':
		w.span()
		w.out = append(w.out, msgTrue)
	case 'f':
		w.span()
		w.out = append(w.out, msgFalse)
	case '"':
		s, err := w.str()
		if err != nil {
			return err
		}
		w.sized(len(s), 0xA0, 31, 0xD9)
		w.out = append(w.out, s...)
	case '[':
		w.sized2(w.count(), 0x90, 15, 0xDC)
		return w.each(func() *Error { return w.msgpack(depth + 1) })
	case '{':
		if s, ok := w.special(); ok && w.msgpackSpecial(s) {
			return nil
		}
		w.at = from
		w.sized2(w.count(), 0x80, 15, 0xDE)
		return w.each(func() *Error {
			name, _, err := w.member()
			if err != nil {
				return err
			}
			w.sized(len(name), 0xA0, 31, 0xD9)
			w.out = append(w.out, name...)
			return w.msgpack(depth + 1)
		})
	default:
		n, ok := parseNumber(string(w.span()))
		if !ok || !w.msgpackNumber(n) {
			return w.fail(TooLarge, from)
		}
	}
	return nil
}

// sized writes the head of what has a short form of up to few, or a length of 1, 2 or 4
// bytes behind long and the two types after it.
func (w *writer) sized(n int, short byte, few int, long byte) {
	switch {
	case n <= few:
		w.out = append(w.out, short|byte(n))
	case n <= math.MaxUint8:
		w.head(long, uint64(n), 1)
	case n <= math.MaxUint16:
		w.head(long+1, uint64(n), 2)
	default:
		w.head(long+2, uint64(n), 4)
	}
}

// sized2 is sized for what has no length of 1 byte.
func (w *writer) sized2(n int, short byte, few int, long byte) {
	switch {
	case n <= few:
		w.out = append(w.out, short|byte(n))
	case n <= math.MaxUint16:
		w.head(long, uint64(n), 2)
	default:
		w.head(long+1, uint64(n), 4)
	}
}

func (w *writer) msgpackNumber(n number) bool {
	switch {
	case n.whole == nil:
		w.head(msgFloat64, math.Float64bits(n.float), 8)
	case n.whole.IsUint64():
		switch v := n.whole.Uint64(); {
		case v <= 0x7F:
			w.out = append(w.out, byte(v))
		case v <= math.MaxUint8:
			w.head(0xCC, v, 1)
		case v <= math.MaxUint16:
			w.head(0xCD, v, 2)
		case v <= math.MaxUint32:
			w.head(0xCE, v, 4)
		default:
			w.head(0xCF, v, 8)
		}
	case n.whole.IsInt64():
		switch v := n.whole.Int64(); {
		case v >= -32:
			w.out = append(w.out, byte(v))
		case v >= math.MinInt8:
			w.head(0xD0, uint64(v), 1)
		case v >= math.MinInt16:
			w.head(0xD1, uint64(v), 2)
		case v >= math.MinInt32:
			w.head(0xD2, uint64(v), 4)
		default:
			w.head(0xD3, uint64(v), 8)
		}
	default:
		return false
	}
	return true
}

// msgpackSpecial writes bytes, an extension or a time; false where it is none.
func (w *writer) msgpackSpecial(s special) bool {
	switch s.is {
	case "time":
		at, err := time.Parse(time.RFC3339Nano, s.time)
		if err != nil || at.UTC().Format(time.RFC3339Nano) != s.time {
			return false
		}
		w.extension(-1, timestamp(at))
	case "ext":
		kind, err := strconv.ParseInt(s.ext, 10, 8)
		if err != nil {
			return false
		}
		w.extension(int8(kind), s.bytes)
	case "bytes":
		w.sized3(len(s.bytes), 0xC4)
		w.out = append(w.out, s.bytes...)
	default:
		return false
	}
	return true
}

// sized3 writes a length of 1, 2 or 4 bytes behind long and the two types after it.
func (w *writer) sized3(n int, long byte) {
	switch {
	case n <= math.MaxUint8:
		w.head(long, uint64(n), 1)
	case n <= math.MaxUint16:
		w.head(long+1, uint64(n), 2)
	default:
		w.head(long+2, uint64(n), 4)
	}
}

func (w *writer) extension(kind int8, b []byte) {
	switch len(b) {
	case 1, 2, 4, 8, 16:
		short := map[int]byte{1: 0xD4, 2: 0xD5, 4: 0xD6, 8: 0xD7, 16: 0xD8}[len(b)]
		w.out = append(w.out, short)
	default:
		w.sized3(len(b), 0xC7)
	}
	w.out = append(append(w.out, byte(kind)), b...)
}

// timestamp is a time in the shortest of its three forms.
func timestamp(at time.Time) []byte {
	seconds, nanos := at.Unix(), int64(at.Nanosecond())
	switch {
	case seconds >= 0 && seconds <= math.MaxUint32 && nanos == 0:
		return binary.BigEndian.AppendUint32(nil, uint32(seconds))
	case seconds >= 0 && seconds < 1<<34:
		return binary.BigEndian.AppendUint64(nil, uint64(nanos)<<34|uint64(seconds))
	}
	return binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint32(nil, uint32(nanos)), uint64(seconds))
}

// Major types of CBOR (RFC 8949, 3.1), where they stand in a first byte.
const (
	cborUnsigned = 0 << 5
	cborNegative = 1 << 5
	cborBytes    = 2 << 5
	cborText     = 3 << 5
	cborArray    = 4 << 5
	cborMap      = 5 << 5
	cborTag      = 6 << 5
	cborSimple   = 7 << 5
)

// cborHead writes a type and a number in the shortest form.
func (w *writer) cborHead(major byte, n uint64) {
	switch {
	case n < 24:
		w.out = append(w.out, major|byte(n))
	case n <= math.MaxUint8:
		w.head(major|24, n, 1)
	case n <= math.MaxUint16:
		w.head(major|25, n, 2)
	case n <= math.MaxUint32:
		w.head(major|26, n, 4)
	default:
		w.head(major|27, n, 8)
	}
}

func (w *writer) cborString(major byte, s string) {
	w.cborHead(major, uint64(len(s)))
	w.out = append(w.out, s...)
}

// cbor writes the value that is next.
func (w *writer) cbor(depth int) *Error {
	from := w.at
	switch w.peek() {
	case 'n':
		w.span()
		w.out = append(w.out, cborSimple|22)
	case 't':
		w.span()
		w.out = append(w.out, cborSimple|21)
	case 'f':
		w.span()
		w.out = append(w.out, cborSimple|20)
	case '"':
		s, err := w.str()
		if err != nil {
			return err
		}
		w.cborString(cborText, s)
	case '[':
		w.cborHead(cborArray, uint64(w.count()))
		return w.each(func() *Error { return w.cbor(depth + 1) })
	case '{':
		if s, ok := w.special(); ok {
			if done, err := w.cborSpecial(s, depth); done || err != nil {
				return err
			}
		}
		w.at = from
		w.cborHead(cborMap, uint64(w.count()))
		return w.each(func() *Error {
			name, _, err := w.member()
			if err != nil {
				return err
			}
			w.cborString(cborText, name)
			return w.cbor(depth + 1)
		})
	default:
		n, ok := parseNumber(string(w.span()))
		if !ok {
			return w.fail(TooLarge, from)
		}
		w.cborNumber(n)
	}
	return nil
}

func (w *writer) cborNumber(n number) {
	switch {
	case n.whole == nil:
		w.head(cborSimple|27, math.Float64bits(n.float), 8)
	case n.whole.IsUint64():
		w.cborHead(cborUnsigned, n.whole.Uint64())
	case n.whole.Sign() > 0:
		w.cborHead(cborTag, 2)
		w.cborString(cborBytes, string(n.whole.Bytes()))
	default:
		rest := new(big.Int).Not(n.whole) // -1-n
		if rest.IsUint64() {
			w.cborHead(cborNegative, rest.Uint64())
			return
		}
		w.cborHead(cborTag, 3)
		w.cborString(cborBytes, string(rest.Bytes()))
	}
}

// cborSpecial writes bytes, a simple value or a tag with its value; false where it is none.
func (w *writer) cborSpecial(s special, depth int) (bool, *Error) {
	switch s.is {
	case "simple":
		n, err := strconv.ParseUint(s.simple, 10, 8)
		if err != nil || n > 23 && n < 32 || n >= 20 && n < 23 {
			return false, nil
		}
		w.cborHead(cborSimple, n)
	case "tag":
		n, err := strconv.ParseUint(s.tag, 10, 64)
		if err != nil {
			return false, nil
		}
		end := w.at
		w.cborHead(cborTag, n)
		w.at = s.value
		if err := w.cbor(depth + 1); err != nil {
			return false, err
		}
		w.at = end
	case "bytes":
		w.cborString(cborBytes, string(s.bytes))
	default:
		return false, nil
	}
	return true, nil
}
