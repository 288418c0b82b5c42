package remoting

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"

	"gantry/client/fault"
)

const (
	// maxDepth bounds the nesting of an answer's body.
	maxDepth = 64
	// maxKeyDepth bounds objects used as keys within objects used as keys; each
	// level doubles the escapes.
	maxKeyDepth = 2
)

// DecodeBody reads JSON as RocketMQ's servers and clients write it, and as fastjson
// takes it (JSONLexerBase.java, TypeUtils.java), into v. Beside what StrictJSON
// takes, a value goes by the type that it is for:
//
//   - a number may stand in quotes, and "" is 0; 2^64-1, as which C++ clients write
//     -1, is -1: so is any number that fits an integer of that size without its sign;
//   - a text may be a number, true, false, or an object, whose JSON it is then;
//   - true and false may stand in quotes, or be 1 and 0.
//
// What does not fit is an error, never left out; a field that v does not have is
// ignored, as by encoding/json. Keys that are objects arrive as strings holding their
// JSON, so they belong in a map[string]X or a type with UnmarshalText. Enums that are
// numbers are read by types of their own: ConsumeType and its like. The error is
// fault.BadAnswer and quotes nothing of the body. Memory is at most some six times the
// body's, and v.
func DecodeBody(body []byte, v any) error {
	strict, err := StrictJSON(body)
	if err != nil {
		return err
	}
	err = json.Unmarshal(strict, v)
	var odd *json.UnmarshalTypeError
	if errors.As(err, &odd) {
		// Only what encoding/json refuses is ever rewritten by its type, so that what most
		// servers write costs no more for it.
		if strict, err = rewrite(body, reflect.TypeOf(v)); err != nil {
			return err
		}
		err = json.Unmarshal(strict, v)
	}
	if err != nil {
		return fmt.Errorf("%w: %T", fault.BadAnswer, err)
	}
	return nil
}

// StrictJSON rewrites fastjson's dialect as JSON: keys may be bare numbers or
// words, or objects (Map<MessageQueue, X>); a value that is missing behind its colon,
// NaN and Infinity become null; there may be commas too many; strings may stand in
// single quotes, and hold raw control characters. Versions differ in which they write
// (JSONSerializer.java, fastjson2's JSONWriter.java), so every form is taken
// everywhere.
func StrictJSON(in []byte) ([]byte, error) { return rewrite(in, nil) }

// rewrite makes JSON of in that encoding/json reads into a value of type t; nil is any.
func rewrite(in []byte, t reflect.Type) ([]byte, error) {
	l := loose{in: bytes.TrimPrefix(in, []byte("\uFEFF")), out: make([]byte, 0, len(in)+len(in)/16), fields: map[reflect.Type]map[string]reflect.Type{}, targets: map[reflect.Type]reflect.Type{}}
	if err := l.value(t, 0, 0); err != nil {
		return nil, err
	}
	if l.space(); l.at < len(l.in) {
		return nil, l.bad("more than one value")
	}
	return l.out, nil
}

// loose is the state of one rewriting.
type loose struct {
	in  []byte
	at  int
	out []byte
	// fields are those of structs that were met, by their names in lower case.
	fields map[reflect.Type]map[string]reflect.Type
	// targets are what target said of types.
	targets map[reflect.Type]reflect.Type
}

func (l *loose) bad(what string) error {
	return fmt.Errorf("%w: %s at byte %d", fault.BadAnswer, what, l.at)
}

// space skips blanks and returns the byte after them, 0 at the end.
func (l *loose) space() byte {
	for ; l.at < len(l.in); l.at++ {
		switch c := l.in[l.at]; c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
	return 0
}

// value rewrites the next value, which is for one of type t.
func (l *loose) value(t reflect.Type, depth, keyDepth int) error {
	if depth > maxDepth {
		return l.bad("nested too deep")
	}
	t = l.target(t)
	from := len(l.out)
	switch l.space() {
	case '{':
		if err := l.list('}', func() error { return l.member(t, depth, keyDepth) }); err != nil {
			return err
		}
	case '[':
		var of reflect.Type
		if t != nil && (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) {
			of = t.Elem()
		}
		if err := l.list(']', func() error { return l.value(of, depth+1, keyDepth) }); err != nil {
			return err
		}
	case '"', '\'':
		if err := l.text(); err != nil {
			return err
		}
	default:
		word := l.word()
		switch {
		case string(word) == "NaN", string(word) == "Infinity", string(word) == "-Infinity":
			l.out = append(l.out, "null"...)
		case json.Valid(word): // a number, true, false or null
			l.out = append(l.out, word...)
		default:
			return l.bad("no value")
		}
	}
	if t == nil {
		return nil
	}
	return l.fit(t, from)
}

// list copies the items between the bracket at the current byte and end, and drops
// commas that stand before no item.
func (l *loose) list(end byte, item func() error) error {
	l.out = append(l.out, l.in[l.at])
	l.at++
	for first := true; ; first = false {
		c := l.space()
		for ; c == ','; c = l.space() {
			l.at++
		}
		if c == end {
			l.at++
			l.out = append(l.out, end)
			return nil
		}
		if !first {
			l.out = append(l.out, ',')
		}
		if err := item(); err != nil {
			return err
		}
		if c = l.space(); c != ',' && c != end {
			return l.bad("no comma or end")
		}
	}
}

func (l *loose) member(t reflect.Type, depth, keyDepth int) error {
	from := len(l.out)
	if err := l.key(depth, keyDepth); err != nil {
		return err
	}
	of := l.typeOf(t, l.out[from:])
	if l.space() != ':' {
		return l.bad("no colon")
	}
	l.at++
	l.out = append(l.out, ':')
	if c := l.space(); c == ',' || c == '}' { // nothing, as C++ clients write an empty map
		l.out = append(l.out, "null"...)
		return nil
	}
	return l.value(of, depth+1, keyDepth)
}

func (l *loose) key(depth, keyDepth int) error {
	switch l.space() {
	case '"', '\'':
		return l.text()
	case '{', '[':
		if keyDepth >= maxKeyDepth {
			return l.bad("keys nested too deep")
		}
		from := len(l.out)
		if err := l.value(nil, depth+1, keyDepth+1); err != nil {
			return err
		}
		return l.quote(from)
	}
	word := l.word()
	if len(word) == 0 {
		return l.bad("no key")
	}
	from := len(l.out)
	l.out = append(l.out, word...)
	return l.quote(from)
}

// quote turns the output since from into a string.
func (l *loose) quote(from int) error {
	quoted, err := json.Marshal(string(l.out[from:]))
	if err != nil {
		return l.bad("no key")
	}
	l.out = append(l.out[:from], quoted...)
	return nil
}

// word takes the letters, digits and signs of a bare number or name.
func (l *loose) word() []byte {
	from := l.at
	for ; l.at < len(l.in); l.at++ {
		c := l.in[l.at]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '$'
		if !letter && (c < '0' || c > '9') && c != '-' && c != '+' && c != '.' {
			break
		}
	}
	return l.in[from:l.at]
}

// text copies a string, escaping control characters that stand in it raw.
func (l *loose) text() error {
	quote := l.in[l.at]
	l.out = append(l.out, '"')
	for l.at++; l.at < len(l.in); l.at++ {
		switch c := l.in[l.at]; {
		case c == quote:
			l.at++
			l.out = append(l.out, '"')
			return nil
		case c == '"':
			l.out = append(l.out, '\\', '"')
		case c == '\\':
			if err := l.escape(); err != nil {
				return err
			}
		case c < ' ':
			l.out = fmt.Appendf(l.out, `\u%04x`, c)
		default:
			l.out = append(l.out, c)
		}
	}
	return l.bad("string without end")
}

// escape copies the escape at the current byte and leaves at on its last byte.
func (l *loose) escape() error {
	n := 2
	if l.at+1 < len(l.in) {
		switch l.in[l.at+1] {
		case '\'':
			l.at++
			l.out = append(l.out, '\'')
			return nil
		case 'u':
			n = 6
		}
	}
	if l.at+n > len(l.in) {
		return l.bad("cut escape")
	}
	esc := l.in[l.at : l.at+n]
	if !json.Valid(append(append([]byte{'"'}, esc...), '"')) {
		return l.bad("unknown escape")
	}
	l.out = append(l.out, esc...)
	l.at += n - 1
	return nil
}
