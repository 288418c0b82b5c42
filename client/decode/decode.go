// Package decode reads bodies in binary formats as JSON for eyes: MessagePack, CBOR, and
// Protobuf, by a description of the message or without one; and it names formats that it
// does not read. It knows bytes only.
//
// The readers are our own, on purpose: libraries for these formats build Go values, which
// have no order of keys and no duplicates, round numbers or refuse what does not fit them,
// and take what memory a length asks for. Here each value is written as it comes. What is
// read is bounded: nesting by mostDepth, the text by mostText, the time by the context.
//
// Nothing here has state; any goroutine may call it. Over some 64 KB call it beside the
// main goroutine.
package decode

import (
	"context"
	"fmt"
)

// Kind is a binary format. Its value is the name that people know.
type Kind string

// The formats that are read.
const (
	MessagePack Kind = "MessagePack"
	CBOR        Kind = "CBOR"
	Protobuf    Kind = "Protobuf"
)

// Kinds returns the formats that are read.
func Kinds() []Kind { return []Kind{MessagePack, CBOR, Protobuf} }

const (
	// mostDepth is how deep values may be nested.
	mostDepth = 128
	// mostText is how long the JSON may be, in bytes.
	mostText = 16 << 20
	// between is after how many values the context is asked.
	between = 4096
)

// Why says why a body is not of a format.
type Why int

// The reasons.
const (
	EndsEarly Why = iota // the bytes end within a value
	BadByte              // a byte that stands for nothing, or for nothing there
	Rest                 // bytes follow the value
	NotText              // a text is not UTF-8
	TooDeep              // nested deeper than is read
	TooLong              // the JSON would be longer than is shown
	TooSlow              // the context ended
	WrongType            // a field is there in another form than its description says
	Lacks                // a field is not there that must be
)

// String is for logs and tests.
func (w Why) String() string {
	return [...]string{"ends early", "a byte that does not fit", "bytes follow", "a text is not UTF-8", "nested too deep", "too long", "took too long", "a field of another type", "lacks a field"}[w]
}

// Error says where a body stops being of a format.
type Error struct {
	Kind Kind
	At   int // the first byte that does not fit, from 0; the length where it ends early
	Why  Why
	// Field is the name of the field where a description says what is to be there, and Want
	// its type.
	Field, Want string
}

// Error says format, place and reason.
func (e *Error) Error() string {
	if e.Field != "" {
		return fmt.Sprintf("%s: byte %d: %s %s: %v", e.Kind, e.At, e.Want, e.Field, e.Why)
	}
	return fmt.Sprintf("%s: byte %d: %v", e.Kind, e.At, e.Why)
}

// JSON reads a body in a format and writes it as JSON in one line: numbers to the last
// digit, keys in their order and as often as they occur. What JSON has no form for is an
// object: {"bytes":"0a0b"}, {"ext":5,"bytes":"00"} of MessagePack, {"tag":1,"value":2} of
// CBOR. A field of Protobuf has its number as its key, and what may be a number of two
// kinds stands as both. Keys that are no texts are written as if they were. The error is an
// *Error.
func JSON(ctx context.Context, kind Kind, b []byte) ([]byte, error) {
	c, err := read(ctx, kind, b)
	if err != nil {
		return nil, err
	}
	return c.out, nil
}

// read reads a body to its end.
func read(ctx context.Context, kind Kind, b []byte) (*cursor, *Error) {
	c := &cursor{ctx: ctx, kind: kind, b: b, seen: seen{textKeys: true}}
	var err *Error
	switch kind {
	case MessagePack:
		err = c.msgpack(0)
	case CBOR:
		err = c.cbor(0)
	case Protobuf:
		err = c.protobuf(len(b), 0, 0)
	default:
		err = c.fail(BadByte, 0)
	}
	if err == nil && c.at < len(b) {
		err = c.fail(Rest, c.at)
	}
	return c, err
}
