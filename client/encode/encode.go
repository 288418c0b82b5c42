// Package encode makes bodies in binary formats of JSON that somebody typed: MessagePack,
// CBOR, and Protobuf by a description of the message. It is package decode the other way
// round: what one writes the other reads, with the same objects for what JSON has no form
// for. It knows bytes only.
//
// Nothing here has state; any goroutine may call it. Over some 64 KB call it beside the
// main goroutine.
package encode

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/reflect/protoreflect"

	"gantry/client/decode"
)

// mostDepth is how deep values may be nested, as package decode reads them.
const mostDepth = 128

// Why says why a text is no body of a format.
type Why int

// The reasons.
const (
	NotJSON      Why = iota // it is no JSON
	UnknownField            // the message has no field of that name
	WrongType               // a value of another type than the field's
	TooLarge                // a number that the type cannot hold
	UnknownName             // the enum has no value of that name
	Twice                   // a field that is not repeated stands twice
	OneOf                   // another field of the same oneof is there
	Lacks                   // a field is not there that must be
	TooDeep                 // nested deeper than is read
)

// String is for logs and tests.
func (w Why) String() string {
	return [...]string{
		"no JSON", "no such field", "another type", "too large a number", "no such value", "twice", "two of a oneof", "a field is missing", "nested too deep",
	}[w]
}

// Error says where a text stops being a body of a format.
type Error struct {
	Kind decode.Kind
	At   int // in bytes of the text
	Why  Why
	// Name is the field's, or the value's of an enum; Want the type that it has, or for OneOf
	// the other field.
	Name, Want string
}

// Error says format, place and reason.
func (e *Error) Error() string {
	return fmt.Sprintf("%s: byte %d: %v %s %s", e.Kind, e.At, e.Why, e.Name, e.Want)
}

// Body makes a body of JSON: of is the message of Protobuf, nil for other formats. Members
// keep their order. In MessagePack and CBOR whole numbers take the shortest form and others
// 64 bits; {"bytes":"0a0b"} are bytes, {"ext":5,"bytes":"00"} and {"time":"…"} extensions of
// MessagePack, {"tag":1,"value":2} and {"simple":99} are CBOR's. In Protobuf fields have the names of the
// description, or those that it gives them in JSON; numbers may stand in quotes, bytes may be
// base64 too, null is a field that is not there. The error is an *Error.
func Body(kind decode.Kind, of protoreflect.MessageDescriptor, text []byte) ([]byte, error) {
	w := &writer{kind: kind, text: text}
	if err := w.valid(); err != nil {
		return nil, err
	}
	w.blank()
	var err *Error
	switch {
	case kind == decode.MessagePack:
		err = w.msgpack(0)
	case kind == decode.CBOR:
		err = w.cbor(0)
	case of != nil:
		err = w.message(of, 0)
	default:
		err = w.fail(NotJSON, 0)
	}
	if err != nil {
		return nil, err
	}
	return w.out, nil
}

// writer reads JSON that is valid and writes a body. Its methods return nil, or an error
// that ends all.
type writer struct {
	kind decode.Kind
	text []byte
	at   int
	out  []byte
}

func (w *writer) fail(why Why, at int) *Error { return &Error{Kind: w.kind, At: at, Why: why} }

// valid tells whether the text is JSON: what follows relies on it.
func (w *writer) valid() error {
	depth, deep := 0, -1
	inText := false
	for i := 0; i < len(w.text) && deep < 0; i++ {
		switch c := w.text[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case inText:
		case c == '{' || c == '[':
			if depth++; depth > mostDepth {
				deep = i
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	if deep >= 0 {
		return w.fail(TooDeep, deep)
	}
	if utf8.Valid(w.text) && json.Valid(w.text) {
		return nil
	}
	for at := 0; at < len(w.text); {
		r, n := utf8.DecodeRune(w.text[at:])
		if r == utf8.RuneError && n == 1 {
			return w.fail(NotJSON, at)
		}
		at += n
	}
	// A blank tells the end, which is missed behind the last byte, from a wrong last byte.
	var any json.RawMessage
	err := json.Unmarshal(append(slices.Clone(w.text), ' '), &any)
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		return w.fail(NotJSON, min(max(int(syntax.Offset)-1, 0), len(w.text)))
	}
	if err != nil {
		return w.fail(NotJSON, 0)
	}
	return nil
}

// blank goes past blanks.
func (w *writer) blank() {
	for w.at < len(w.text) && strings.IndexByte(" \t\r\n", w.text[w.at]) >= 0 {
		w.at++
	}
}

// peek is the sign that the next value begins with.
func (w *writer) peek() byte { return w.text[w.at] }

// span goes past the next value and returns it as it is written.
func (w *writer) span() []byte {
	from := w.at
	switch c := w.peek(); c {
	case '"':
		w.skipText()
	case '{', '[':
		depth := 0
		for {
			switch w.peek() {
			case '"':
				w.skipText()
				continue
			case '{', '[':
				depth++
			case '}', ']':
				depth--
			}
			if w.at++; depth == 0 {
				break
			}
		}
	default:
		for w.at < len(w.text) && strings.IndexByte(" \t\r\n,]}", w.text[w.at]) < 0 {
			w.at++
		}
	}
	return w.text[from:w.at]
}

func (w *writer) skipText() {
	for w.at++; w.peek() != '"'; w.at++ {
		if w.peek() == '\\' {
			w.at++
		}
	}
	w.at++
}

// str reads a text in quotes.
func (w *writer) str() (string, *Error) {
	from := w.at
	raw := w.span()
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1]), nil
	}
	var s string
	if json.Unmarshal(raw, &s) != nil || strings.Count(s, "\uFFFD") > bytes.Count(raw, []byte("\uFFFD"))+bytes.Count(bytes.ToLower(raw), []byte(`\ufffd`)) {
		return "", w.fail(NotJSON, from) // half a sign, which would become another
	}
	return s, nil
}

// each goes through the elements of an array, or, with name, the members of an object,
// whose name is the next text then.
func (w *writer) each(do func() *Error) *Error {
	closing := w.peek() + 2 // ] of [, } of {
	w.at++
	for w.blank(); w.peek() != closing; w.blank() {
		if w.peek() == ',' {
			w.at++
			w.blank()
		}
		if err := do(); err != nil {
			return err
		}
	}
	w.at++
	return nil
}

// member reads the name of a member, and stands in front of its value then.
func (w *writer) member() (name string, at int, err *Error) {
	at = w.at
	if name, err = w.str(); err != nil {
		return "", at, err
	}
	w.blank()
	w.at++ // the colon
	w.blank()
	return name, at, nil
}

// count is how many elements or members the next value has.
func (w *writer) count() int {
	from, n := w.at, 0
	object := w.peek() == '{'
	_ = w.each(func() *Error {
		if n++; object {
			w.span()
			w.blank()
			w.at++
			w.blank()
		}
		w.span()
		return nil
	})
	w.at = from
	return n
}

// special is an object that stands for what JSON has no form for: its values by their
// names, as they are written.
type special struct {
	is             string // the name that tells it apart
	bytes          []byte
	ext, tag, time string
	simple         string
	value          int // where that of "value" stands
}

// special reads the object that is next, if it is one; else it stays where it is.
func (w *writer) special() (s special, ok bool) {
	from := w.at
	if n := w.count(); n < 1 || n > 2 {
		return s, false
	}
	had, all := map[string]bool{}, true
	_ = w.each(func() *Error {
		name, _, err := w.member()
		if err != nil {
			return err
		}
		at := w.at
		raw := w.span()
		text := strings.Trim(string(raw), `"`)
		switch {
		case had[name]:
			all = false
		case name == "bytes" && raw[0] == '"':
			b, err := hex.DecodeString(text)
			all = all && err == nil
			s.bytes = append([]byte{}, b...)
		case name == "ext" && raw[0] != '"':
			s.ext = text
		case name == "time" && raw[0] == '"':
			s.time = text
		case name == "tag" && raw[0] != '"':
			s.tag = text
		case name == "simple" && raw[0] != '"':
			s.simple = text
		case name == "value":
			s.value = at
		default:
			all = false
		}
		had[name] = true
		return nil
	})
	if !all {
		w.at = from
		return special{}, false
	}
	end := w.at
	w.at = from
	switch {
	case len(had) == 1:
		for _, name := range []string{"bytes", "time", "simple"} {
			if had[name] {
				s.is = name
			}
		}
	case had["ext"] && had["bytes"]:
		s.is = "ext"
	case had["tag"] && had["value"]:
		s.is = "tag"
	}
	if s.is == "" {
		return s, false
	}
	w.at = end
	return s, true
}

// number is a number of JSON: a whole one where it has neither point nor exponent.
type number struct {
	text  string
	whole *big.Int // nil for others
	float float64
}

// number reads the number that is next; it may stand in quotes where there is one.
func parseNumber(text string) (n number, ok bool) {
	n.text = text
	if !strings.ContainsAny(text, ".eE") {
		// Longer ones are in no format but CBOR, and nobody types them.
		if len(text) > 700 {
			return n, false
		}
		n.whole, ok = new(big.Int).SetString(text, 10)
		return n, ok
	}
	f, err := strconv.ParseFloat(text, 64)
	n.float = f
	return n, err == nil && !math.IsInf(f, 0)
}
