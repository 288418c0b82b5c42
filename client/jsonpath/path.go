// Package jsonpath finds a place in the bytes of a JSON document, and sets or removes what
// stands there. All other bytes stay as they are: blanks, the order of members, members that
// stand twice, and how numbers and strings are written.
//
//	.a.b[0].c    a member of an object, an element of an array, counted from 0
//	.list[*].id  each element
//	."a b"       a member whose name has other signs, as a string of JSON; also ["a b"]
//
// The point at the beginning may be left out, and a dollar sign may stand before it: what the
// view of a message and the filter write is read. A member that stands twice is
// found twice: readers of JSON do not agree on which of them counts.
//
// Everything here is a value and may be used from any goroutine.
package jsonpath

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"gantry/client/fault"
)

// Limits of a path.
const (
	// MaxPath is the longest path, in bytes.
	MaxPath = 1000
	// maxIndex is the largest number of an element, in digits.
	maxIndex = 9
)

// BadPath: a text is no path.
const BadPath fault.Code = "it is no path of JSON"

// Path is a place in JSON documents. Parse makes it.
type Path struct {
	text  string
	steps []step
}

// step leads from a value to one in it: a member by its name, or an element.
type step struct {
	name  string
	index int // of an element, -1 for each of them
	array bool
}

// String is the path as it was typed.
func (p *Path) String() string { return p.text }

// MarshalText is the path as it was typed.
func (p *Path) MarshalText() ([]byte, error) { return []byte(p.text), nil }

// Parse reads a path. The error is BadPath.
func Parse(text string) (*Path, error) {
	bad := fmt.Errorf("%w: %.100q", BadPath, text)
	if len(text) > MaxPath || !utf8.ValidString(text) {
		return nil, bad
	}
	p := &Path{text: text}
	rest := text
	if strings.HasPrefix(rest, "$.") || strings.HasPrefix(rest, "$[") {
		rest = rest[1:]
	}
	for first := true; rest != ""; first = false {
		point := strings.HasPrefix(rest, ".")
		rest = strings.TrimPrefix(rest, ".")
		var s step
		var n int
		switch {
		case strings.HasPrefix(rest, "["):
			if s, n = bracket(rest); point && s.array && !first {
				return nil, bad
			}
		case point && strings.HasPrefix(rest, `"`):
			s, n = quoted(rest)
		case point || first:
			if n = strings.IndexAny(rest, ".["); n < 0 {
				n = len(rest)
			}
			s.name = rest[:n]
			if strings.ContainsAny(s.name, "]\"") || strings.TrimSpace(s.name) != s.name {
				n = 0
			}
		}
		if n == 0 {
			return nil, bad
		}
		p.steps, rest = append(p.steps, s), rest[n:]
	}
	if len(p.steps) == 0 {
		return nil, bad
	}
	return p, nil
}

// bracket reads what stands in brackets, and how many bytes of the text it is; 0 is none.
func bracket(text string) (s step, n int) {
	if strings.HasPrefix(text, `["`) {
		s, n := quoted(text[1:])
		if n == 0 || !strings.HasPrefix(text[n+1:], "]") {
			return s, 0
		}
		return s, n + 2
	}
	inner, _, ok := strings.Cut(text[1:], "]")
	s.array = true
	switch {
	case !ok:
		return s, 0
	case inner == "*":
		s.index = -1
	default:
		i, err := strconv.Atoi(inner)
		if err != nil || len(inner) > maxIndex || inner[0] == '-' || inner[0] == '+' {
			return s, 0
		}
		s.index = i
	}
	return s, len(inner) + 2
}

// quoted reads a name in quotes.
func quoted(text string) (s step, n int) {
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			if json.Unmarshal([]byte(text[:i+1]), &s.name) != nil {
				return s, 0
			}
			return s, i + 1
		}
	}
	return s, 0
}
