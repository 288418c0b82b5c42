package filter

import (
	"bytes"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// step is a part of a path into JSON: the value of a name, the element of a number, or
// any of an object or array.
type step struct {
	name  string
	index int // -1 for a name, -2 for any
}

const (
	isName = -1
	isAny  = -2
)

// path is a term on what stands at a path into a JSON body. Where a name stands twice, and
// where a step is for any, one that fits is enough. JSON that is held in a string is read.
type path struct {
	steps []step
	op    string // ":" for a text or a pattern, else a comparison
	all   []finder
	// value is the number that op compares with, as it was typed, and where it is a text,
	// what it is as a number.
	value  decimal
	number bool
	text   string
	// sure are texts that stand in all bodies that fit, unless an escape hides them.
	sure []*needle
}

func (p *path) match(c *content) bool {
	doc := c.json()
	return doc.Exists() && p.at(doc, p.steps)
}

// at tells whether a value fits, a few steps in front of it.
func (p *path) at(v gjson.Result, steps []step) bool {
	if len(steps) == 0 {
		return p.fits(v)
	}
	if v.Type == gjson.String {
		if v = parseJSON([]byte(v.Str)); !v.IsObject() && !v.IsArray() {
			return false
		}
	}
	s, found, i := steps[0], false, 0
	switch {
	case s.index == isName && !v.IsObject(), s.index >= 0 && !v.IsArray(), s.index == isAny && !v.IsObject() && !v.IsArray():
		return false
	}
	v.ForEach(func(key, in gjson.Result) bool {
		switch {
		case s.index == isAny, s.index == isName && key.Str == s.name, s.index == i:
			found = p.at(in, steps[1:])
		}
		i++
		return !found && (s.index < 0 || i <= s.index)
	})
	return found
}

// fits tells whether a value is as the term says.
func (p *path) fits(v gjson.Result) bool {
	text := v.Raw
	if v.Type == gjson.String {
		text = v.Str
	}
	if p.op != ":" {
		d, ok := parseDecimal(text)
		return ok && (v.Type == gjson.Number || v.Type == gjson.String) && compares(d, p.op, p.value)
	}
	if p.number && (v.Type == gjson.Number || v.Type == gjson.String) {
		if d, ok := parseDecimal(text); ok && d.compare(p.value) == 0 {
			return true
		}
	}
	return slices.ContainsFunc(p.all, func(f finder) bool {
		if n, ok := f.(*needle); ok && v.Type != gjson.String && v.Type != gjson.JSON {
			return strings.EqualFold(n.text, text) // 3 is not in 13, nor true in untrue
		}
		return f.in([]byte(text))
	})
}

// hide is what begins an escape that may stand for any character.
var hide = []byte(`\u`)

func (p *path) may(stored []byte) bool {
	for _, n := range p.sure {
		if !n.maybe(stored) {
			return bytes.Contains(stored, hide)
		}
	}
	return true
}

func (p *path) cost() int { return costPath }

// plain tells whether a text stands in JSON as it is, but for escapes like \u0041.
func plainJSON(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r == '/' || r == 0xFFFD })
}

// need notes what must stand in a body.
func (p *path) need() {
	for _, s := range p.steps {
		if s.index == isName && plainJSON(s.name) && s.name != "" {
			if n := newNeedle(s.name, true); n != nil {
				p.sure = append(p.sure, n)
			}
		}
	}
	if len(p.all) == 1 && p.op == ":" && !p.number {
		if n, ok := p.all[0].(*needle); ok && plainJSON(n.text) {
			p.sure = append(p.sure, n)
		}
	}
	// The longest is the seldom one.
	slices.SortStableFunc(p.sure, func(a, b *needle) int { return len(b.text) - len(a.text) })
}

func (p *path) write(b []byte, _ bool) []byte {
	b = append(p.appendSteps(b), p.op...)
	if p.op != ":" {
		return append(b, p.text...)
	}
	return p.all[0].write(b)
}

func (p *path) appendSteps(b []byte) []byte {
	for i, s := range p.steps {
		if i == 0 && s.index != isName {
			b = append(b, '.')
		}
		switch s.index {
		case isName:
			b = append(append(b, '.'), name(s.name)...)
		case isAny:
			b = append(b, "[*]"...)
		default:
			b = append(strconv.AppendInt(append(b, '['), int64(s.index), 10), ']')
		}
	}
	return b
}
