package bodyview

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"
)

// ErrTooLarge: JSON that would be longer than mostText where it is laid out in lines.
var ErrTooLarge = errors.New("too long in lines")

// mostText bounds JSON that is laid out, in bytes: a few MB that are nested a thousand deep
// would become some GB of blanks.
const mostText = 64 << 20

// FormatError says where a text stops being JSON.
type FormatError struct {
	Line, Column int // from 1; the column counts characters, not bytes
	Cause        error
}

// Error returns the place and the reason in one line.
func (e *FormatError) Error() string {
	return fmt.Sprintf("line %d, column %d: %v", e.Line, e.Column, e.Cause)
}

// Unwrap returns the cause.
func (e *FormatError) Unwrap() error { return e.Cause }

// FormatJSON indents JSON by two spaces. Number texts, the order of keys,
// duplicate keys and escapes stay as they are. The error is a *FormatError with
// the place of the first character that does not fit, or ErrTooLarge. Invalid UTF-8 is refused, for
// it would be altered. Over some 64 KB call it off the main goroutine.
func FormatJSON(b []byte) ([]byte, error) {
	if at := invalidUTF8(b); at >= 0 {
		return nil, formatError(b, at, errors.New("not UTF-8"))
	}
	if laidOut(b) > mostText {
		return nil, ErrTooLarge
	}
	var out bytes.Buffer
	out.Grow(len(b) + len(b)/4)
	if err := json.Indent(&out, b, "", "  "); err != nil {
		at := len(b)
		var syntax *json.SyntaxError
		// A text that ends too early is wrong at its end, after its last byte.
		if errors.As(err, &syntax) && !endsEarly(b) {
			at = errorOffset(b, int(syntax.Offset))
		}
		return nil, formatError(b, at, err)
	}
	return bytes.TrimSpace(out.Bytes()), nil
}

// laidOut is how long a text is where it is laid out, if it is JSON, or more than that.
func laidOut(b []byte) int {
	n, depth, inText := len(b), 0, false
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case inText:
			if c == '\\' {
				i++
			}
			inText = c != '"'
		case c == '"':
			inText = true
		case c == '{', c == '[':
			depth++
			n += 1 + 2*depth
		case c == '}', c == ']':
			depth = max(depth-1, 0)
			n += 1 + 2*depth
		case c == ',':
			n += 1 + 2*depth
		case c == ':':
			n++
		}
	}
	return n
}

// endsEarly tells whether what b begins with is not there to its end, which a
// json.SyntaxError says in words only.
func endsEarly(b []byte) bool {
	var value json.RawMessage
	err := json.NewDecoder(bytes.NewReader(b)).Decode(&value)
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// errorOffset turns "offset after the bad byte" into that byte's place.
func errorOffset(b []byte, after int) int {
	if after <= 0 {
		return 0
	}
	return min(after-1, len(b))
}

func invalidUTF8(b []byte) int {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

func formatError(b []byte, at int, cause error) *FormatError {
	before := b[:min(at, len(b))]
	start := bytes.LastIndexByte(before, '\n') + 1
	return &FormatError{
		Line:   bytes.Count(before, []byte{'\n'}) + 1,
		Column: utf8.RuneCount(before[start:]) + 1,
		Cause:  cause,
	}
}
