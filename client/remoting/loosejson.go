package remoting

import (
	"encoding/json"
	"fmt"

	"gantry/client/fault"
)

const (
	// maxDepth bounds the nesting of an answer's body.
	maxDepth = 64
	// maxKeyDepth bounds objects used as keys within objects used as keys; each
	// level doubles the escapes.
	maxKeyDepth = 2
)

// DecodeBody reads a body as fastjson writes it into v. Keys that are objects arrive
// as strings holding their JSON, so they belong in a map[string]X or a type with
// UnmarshalText. The error is fault.BadAnswer and quotes nothing of the body.
func DecodeBody(body []byte, v any) error {
	strict, err := StrictJSON(body)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(strict, v); err != nil {
		return fmt.Errorf("%w: %T", fault.BadAnswer, err)
	}
	return nil
}

// StrictJSON rewrites fastjson's dialect as JSON: keys may be bare numbers or
// words, or objects (Map<MessageQueue, X>); numbers may be NaN or Infinity,
// which become null; strings may hold raw control characters. Versions differ in
// which they write (JSONSerializer.java, fastjson2's JSONWriter.java), so every
// form is taken everywhere.
func StrictJSON(in []byte) ([]byte, error) {
	l := loose{in: in, out: make([]byte, 0, len(in)+len(in)/16)}
	if err := l.value(0, 0); err != nil {
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

func (l *loose) value(depth, keyDepth int) error {
	if depth > maxDepth {
		return l.bad("nested too deep")
	}
	switch l.space() {
	case '{':
		return l.list('}', func() error { return l.member(depth, keyDepth) })
	case '[':
		return l.list(']', func() error { return l.value(depth+1, keyDepth) })
	case '"':
		return l.text()
	}
	word := l.word()
	switch {
	case string(word) == "NaN", string(word) == "Infinity", string(word) == "-Infinity":
		l.out = append(l.out, "null"...)
	case json.Valid(word): // a number, true, false or null
		l.out = append(l.out, word...)
	default:
		return l.bad("no value")
	}
	return nil
}

// list copies the items between the bracket at the current byte and end.
func (l *loose) list(end byte, item func() error) error {
	l.out = append(l.out, l.in[l.at])
	l.at++
	if l.space() == end {
		l.at++
		l.out = append(l.out, end)
		return nil
	}
	for {
		if err := item(); err != nil {
			return err
		}
		c := l.space()
		if c != ',' && c != end {
			return l.bad("no comma or end")
		}
		l.at++
		l.out = append(l.out, c)
		if c == end {
			return nil
		}
	}
}

func (l *loose) member(depth, keyDepth int) error {
	if err := l.key(depth, keyDepth); err != nil {
		return err
	}
	if l.space() != ':' {
		return l.bad("no colon")
	}
	l.at++
	l.out = append(l.out, ':')
	return l.value(depth+1, keyDepth)
}

func (l *loose) key(depth, keyDepth int) error {
	switch l.space() {
	case '"':
		return l.text()
	case '{', '[':
		if keyDepth >= maxKeyDepth {
			return l.bad("keys nested too deep")
		}
		from := len(l.out)
		if err := l.value(depth+1, keyDepth+1); err != nil {
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
	l.out = append(l.out, '"')
	for l.at++; l.at < len(l.in); l.at++ {
		switch c := l.in[l.at]; {
		case c == '"':
			l.at++
			l.out = append(l.out, '"')
			return nil
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
	if l.at+1 < len(l.in) && l.in[l.at+1] == 'u' {
		n = 6
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
