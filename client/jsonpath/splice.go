package jsonpath

import (
	"bytes"
	"encoding/json"
	"slices"
	"unicode/utf8"
)

// edit puts bytes in the place of others.
type edit struct {
	Span
	with []byte
}

// Set returns a document that has a value, as JSON, at the path. A member that is not there
// is added at the end of its object; objects and elements are not made. The error is
// NotThrough, Absent or BadValue.
func (p *Path) Set(d Doc, value []byte) (Doc, error) {
	if !json.Valid(value) {
		return d, BadValue
	}
	places, err := p.find(d.bytes, true)
	if err != nil {
		return d, err
	}
	value = bytes.TrimSpace(value)
	var edits []edit
	for _, pl := range places {
		for _, i := range pl.picked {
			it := pl.in.items[i]
			edits = append(edits, edit{Span{it.value, it.end}, value})
		}
		if len(pl.picked) == 0 && pl.in.object {
			edits = append(edits, pl.in.add(p.steps[len(p.steps)-1].name, value))
		}
	}
	return d.splice(edits), nil
}

// add puts a member behind the last one.
func (c *container) add(name string, value []byte) edit {
	at := c.from
	var with []byte
	if n := len(c.items); n > 0 {
		at, with = c.items[n-1].end, []byte{','}
	}
	with = append(AppendString(with, name), ':')
	return edit{Span{at, at}, append(with, value...)}
}

// Remove returns a document without the members or elements at the path, with the commas and
// blanks that go with them. What is not there is none, so it stays as it is. The error is
// NotThrough.
func (p *Path) Remove(d Doc) (Doc, error) {
	places, err := p.find(d.bytes, false)
	if err != nil {
		return d, err
	}
	var edits []edit
	for _, pl := range places {
		edits = pl.remove(edits)
	}
	return d.splice(edits), nil
}

// remove adds the edits that take away what was picked.
func (pl *place) remove(edits []edit) []edit {
	items := pl.in.items
	for i := 0; i < len(pl.picked); {
		first := pl.picked[i]
		last := first
		for i++; i < len(pl.picked) && pl.picked[i] == last+1; i++ {
			last++
		}
		s := Span{items[first].from, items[last].end}
		switch {
		case first > 0:
			s.From = items[first-1].end
		case last+1 < len(items):
			s.To = items[last+1].from
		}
		edits = append(edits, edit{Span: s})
	}
	return edits
}

// Replace returns a document in which each value at the path is what do makes of it, as JSON;
// nil leaves it. The error is NotThrough.
func (p *Path) Replace(d Doc, do func(value []byte) []byte) (Doc, error) {
	found, err := p.Find(d)
	if err != nil {
		return d, err
	}
	var edits []edit
	for _, s := range found {
		if with := do(d.bytes[s.From:s.To]); with != nil {
			edits = append(edits, edit{s, with})
		}
	}
	return d.splice(edits), nil
}

// Each returns a document in which each string, number and name of a member is what do makes
// of it, as JSON; nil leaves it. at is where it begins.
func (d Doc) Each(do func(at int, token []byte, name bool) []byte) Doc {
	doc := d.bytes
	var edits []edit
	put := func(from, to int, name bool) {
		if with := do(from, doc[from:to], name); with != nil {
			edits = append(edits, edit{Span{from, to}, with})
		}
	}
	for at := root(doc); at < len(doc); {
		switch c := doc[at]; {
		case c == '"':
			end := text(doc, at)
			next := blanks(doc, end)
			put(at, end, next < len(doc) && doc[next] == ':')
			at = end
		case c == '-' || c >= '0' && c <= '9':
			end := skip(doc, at)
			put(at, end, false)
			at = end
		default:
			at++
		}
	}
	return d.splice(edits)
}

// splice makes the edits, which are ascending and do not overlap.
func (d Doc) splice(edits []edit) Doc {
	if len(edits) == 0 {
		return d
	}
	doc := d.bytes
	size := len(doc)
	for _, e := range edits {
		size += len(e.with) - (e.To - e.From)
	}
	out := make([]byte, 0, size)
	at := 0
	for _, e := range edits {
		out = append(append(out, doc[at:e.From]...), e.with...)
		at = e.To
	}
	return Doc{append(out, doc[at:]...)}
}

// AppendString appends a text as a string of JSON. Bytes that are no UTF-8 stay as they are.
func AppendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = slices.Grow(dst, len(s)+2)
	dst = append(dst, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c < ' ':
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}

// Text returns what a string of JSON says; false if it is none, or has bytes that are no
// UTF-8, which cannot be kept.
func Text(quoted []byte) (string, bool) {
	var s string
	if len(quoted) < 2 || quoted[0] != '"' {
		return "", false
	}
	inner := quoted[1 : len(quoted)-1]
	if !slices.Contains(inner, '\\') {
		return string(inner), true
	}
	if !utf8.Valid(quoted) || json.Unmarshal(quoted, &s) != nil {
		return "", false
	}
	return s, true
}
