// Package jsonpath finds a place in the bytes of a JSON document, and sets or removes what
// stands there. All other bytes stay as they are: blanks, the order of members, members that
// stand twice, and how numbers and strings are written.
//
//	.a.b[0].c    a member of an object, an element of an array, counted from 0
//	.list[*].id  each element
//	.["a b"]     a member whose name has other signs, as a string of JSON; also ["a b"]
//
// A point or a dollar sign at the beginning may be left out. A member that stands twice is
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
	rest := strings.TrimPrefix(text, "$")
	for first := true; rest != ""; first = false {
		point := strings.HasPrefix(rest, ".")
		rest = strings.TrimPrefix(rest, ".")
		var s step
		var n int
		switch {
		case strings.HasPrefix(rest, "["):
			if s, n = bracket(rest); point && s.array {
				return nil, bad
			}
		case point || first:
			n = strings.IndexAny(rest, ".[")
			if n < 0 {
				n = len(rest)
			}
			s.name = rest[:n]
			if strings.ContainsAny(s.name, "]\"$") || strings.TrimSpace(s.name) != s.name {
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
		return quoted(text)
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

// quoted reads a name in brackets.
func quoted(text string) (s step, n int) {
	for i := 2; i < len(text)-1; i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			if text[i+1] != ']' || json.Unmarshal([]byte(text[1:i+1]), &s.name) != nil {
				return s, 0
			}
			return s, i + 2
		}
	}
	return s, 0
}
