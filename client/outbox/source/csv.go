package source

import (
	"bytes"
	"slices"
	"strings"
)

// record is where the first record of some bytes ends.
type record struct {
	text   int // without its line break
	size   int // with it
	fields int
}

// outcome says whether a record could be cut.
type outcome int

const (
	whole outcome = iota
	more          // it may go on behind the bytes that are there
	wrong         // it breaks the rules of quotes
)

// cutRecord cuts the first record off b; last says that nothing follows b. What is wrong is
// so for any bytes that follow.
func cutRecord(b []byte, comma byte, last bool) (r record, is outcome) {
	for i := 0; ; {
		r.fields++
		if i < len(b) && b[i] == '"' {
			end, closed := quoteEnd(b, i+1, last)
			if !closed {
				return r, more
			}
			i = end
		} else {
			begin := i
			for i < len(b) && b[i] != comma && b[i] != '\n' {
				i++
			}
			if i == len(b) || b[i] == '\n' {
				i = begin + len(bytes.TrimRight(b[begin:i], "\r"))
			}
		}
		if i < len(b) && b[i] == comma {
			i++
			continue
		}
		r.text, r.size = i, len(b)
		for i < len(b) && b[i] == '\r' {
			i++
		}
		switch {
		case i < len(b) && b[i] == '\n':
			r.size = i + 1
			return r, whole
		case i < len(b):
			return r, wrong
		case last:
			return r, whole
		}
		return r, more
	}
}

// quoteEnd is behind the quote that closes the field at b[i:].
func quoteEnd(b []byte, i int, last bool) (end int, closed bool) {
	for {
		next := bytes.IndexByte(b[i:], '"')
		if next < 0 {
			return 0, false
		}
		i += next + 1
		switch {
		case i < len(b) && b[i] == '"':
			i++
		default:
			return i, i < len(b) || last
		}
	}
}

// splitRecord are the fields of a whole record without its line break.
func splitRecord(text string, comma byte) []string {
	fields := make([]string, 0, 1+strings.Count(text, string(rune(comma))))
	for {
		if !strings.HasPrefix(text, `"`) {
			field, rest, more := strings.Cut(text, string(rune(comma)))
			if fields = append(fields, field); !more {
				return fields
			}
			text = rest
			continue
		}
		end, doubled := 1, false
		for {
			next := strings.IndexByte(text[end:], '"')
			if next < 0 { // it is not whole
				return append(fields, text[1:])
			}
			if end += next + 1; !strings.HasPrefix(text[end:], `"`) {
				break
			}
			end, doubled = end+1, true
		}
		field := text[1 : end-1]
		if doubled {
			field = strings.ReplaceAll(field, `""`, `"`)
		}
		if fields = append(fields, field); end == len(text) {
			return fields
		}
		text = text[end+1:]
	}
}

// commaOf is what parts the fields of the first record of b.
func commaOf(b []byte) byte {
	b = bytes.TrimLeft(b, "\r\n")
	comma, most := byte(','), 1
	for _, c := range []byte{',', ';', '\t'} {
		if r, is := cutRecord(b, c, true); is == whole && r.fields > most {
			comma, most = c, r.fields
		}
	}
	return comma
}

// columnNames are those of a header.
func columnNames(header string, comma byte) []string {
	names := splitRecord(header, comma)
	for i, n := range names {
		names[i] = strings.TrimSpace(n)
	}
	return slices.Clip(names)
}
