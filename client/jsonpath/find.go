package jsonpath

import (
	"bytes"
	"encoding/json"
	"slices"

	"gantry/client/fault"
)

// Why a document does not have a place.
const (
	// NotJSON: it is no JSON, or nested too deep.
	NotJSON fault.Code = "the text is no JSON"
	// NotThrough: the path leads through a value that is no object, or no array.
	NotThrough fault.Code = "the path leads through another kind of value"
	// Absent: an object or an array on the way is not there, or an element.
	Absent fault.Code = "the path is not there"
	// BadValue: a value that is to be set is no JSON.
	BadValue fault.Code = "the value is no JSON"
)

// bom may stand before a document, though it should not.
var bom = []byte("\ufeff")

// Doc is a JSON document, which may have a byte-order mark before it. Read makes it, and what
// makes another one of it.
type Doc struct{ bytes []byte }

// Read takes bytes that are one JSON document, which must not be changed then. Strings need not
// be UTF-8; what is nested deeper than 10,000 is none. The error is NotJSON.
func Read(b []byte) (Doc, error) {
	if !json.Valid(bytes.TrimPrefix(b, bom)) {
		return Doc{}, NotJSON
	}
	return Doc{b}, nil
}

// Bytes is the document; it must not be changed.
func (d Doc) Bytes() []byte { return d.bytes }

// Span is where a value stands in a document, in bytes.
type Span struct{ From, To int }

// container is an object or an array.
type container struct {
	object bool
	from   int // behind its opening brace
	items  []item
}

// item is a member or an element: where it begins, where its value does, and its end.
type item struct{ from, value, end int }

// place is where a path leads in one container: to some of its items, or to none.
type place struct {
	in     container
	picked []int
}

// root is where the value of a valid document begins.
func root(doc []byte) int {
	at := 0
	if bytes.HasPrefix(doc, bom) {
		at = len(bom)
	}
	return blanks(doc, at)
}

// find returns the containers to which a path leads in a valid document. Where something on
// the way is not there, that is Absent only if all is true, else there is nothing.
func (p *Path) find(doc []byte, all bool) ([]place, error) {
	var out []place
	var why error
	var walk func(at int, steps []step)
	walk = func(at int, steps []step) {
		s := steps[0]
		if why != nil {
			return
		}
		want := byte('{')
		if s.array {
			want = '['
		}
		if doc[at] != want {
			switch {
			case doc[at] != 'n': // null
				why = NotThrough
			case all:
				why = Absent
			}
			return
		}
		pl := place{in: open(doc, at)}
		pl.picked = pl.in.pick(doc, s)
		missing := len(pl.picked) == 0 && (!s.array || s.index >= 0)
		if missing && all && (s.array || len(steps) > 1) {
			why = Absent
			return
		}
		if len(steps) == 1 {
			out = append(out, pl)
			return
		}
		for _, i := range pl.picked {
			walk(pl.in.items[i].value, steps[1:])
		}
	}
	walk(root(doc), p.steps)
	return out, why
}

// Find returns the values to which the path leads in a document, in their order. What is not
// there is none. The error is NotThrough.
func (p *Path) Find(d Doc) ([]Span, error) {
	places, err := p.find(d.bytes, false)
	var out []Span
	for _, pl := range places {
		for _, i := range pl.picked {
			out = append(out, Span{pl.in.items[i].value, pl.in.items[i].end})
		}
	}
	return out, err
}

// open reads the items of a container of a valid document.
func open(doc []byte, at int) container {
	c := container{object: doc[at] == '{', from: at + 1}
	for at = blanks(doc, at+1); doc[at] != '}' && doc[at] != ']'; at = blanks(doc, at) {
		if doc[at] == ',' {
			at = blanks(doc, at+1)
		}
		it := item{from: at, value: at}
		if c.object {
			at = blanks(doc, text(doc, at)) + 1 // behind the colon
			it.value = blanks(doc, at)
		}
		at = skip(doc, it.value)
		it.end = at
		c.items = append(c.items, it)
	}
	return c
}

// pick returns the places of the items to which a step leads.
func (c *container) pick(doc []byte, s step) []int {
	var out []int
	for i, it := range c.items {
		switch {
		case c.object:
			if named(doc[it.from:text(doc, it.from)], s.name) {
				out = append(out, i)
			}
		case s.index < 0 || s.index == i:
			out = append(out, i)
		}
	}
	return out
}

// named tells whether a string of JSON is a name.
func named(quoted []byte, name string) bool {
	inner := quoted[1 : len(quoted)-1]
	if !slices.Contains(inner, '\\') {
		return string(inner) == name
	}
	var s string
	return json.Unmarshal(quoted, &s) == nil && s == name
}

// blanks is where the next sign stands that is no blank, or the end.
func blanks(doc []byte, at int) int {
	for at < len(doc) && (doc[at] == ' ' || doc[at] == '\n' || doc[at] == '\t' || doc[at] == '\r') {
		at++
	}
	return at
}

// text is where a string ends that begins at a place.
func text(doc []byte, at int) int {
	for at++; doc[at] != '"'; at++ {
		if doc[at] == '\\' {
			at++
		}
	}
	return at + 1
}

// skip is where a value ends that begins at a place of a valid document.
func skip(doc []byte, at int) int {
	switch doc[at] {
	case '"':
		return text(doc, at)
	case '{', '[':
		for depth := 0; ; at++ {
			switch doc[at] {
			case '"':
				at = text(doc, at) - 1
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return at + 1
				}
			}
		}
	}
	for at < len(doc) && !bytes.ContainsRune([]byte(",]} \n\t\r"), rune(doc[at])) {
		at++
	}
	return at
}
