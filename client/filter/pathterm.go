package filter

import (
	"encoding/json"
	"strconv"
	"strings"
	"unicode"
)

// path reads a path and what it is compared with; ok is false where it is a word.
func (p *parser) path() (n node, ok bool, err error) {
	from := p.at
	t := &path{}
	for {
		if n := sign(p.rest(), '.'); n > 0 {
			p.at += n
			if len(t.steps) == 0 && sign(p.rest(), '[') > 0 {
				continue // into an array
			}
			name, ok := p.name(".:=<>![]()\"≥≤≠,")
			if !ok {
				return nil, false, nil
			}
			t.steps = append(t.steps, step{name: name, index: isName})
			continue
		}
		if n := sign(p.rest(), '['); n > 0 {
			p.at += n
			s, ok := p.index()
			if !ok {
				return nil, false, nil
			}
			t.steps = append(t.steps, s)
			continue
		}
		break
	}
	op, ok := p.op()
	if !ok {
		return nil, false, nil
	}
	if op == ":" || op == "!=" {
		t.op = ":"
		v, err := p.value(false)
		if err != nil || v == nil {
			return nil, true, err
		}
		t.all = []finder{v}
		if n, ok := v.(*needle); ok {
			t.value, t.number = parseDecimal(n.text)
		}
		t.need()
		if op == "!=" {
			return not{t}, true, nil
		}
		return t, true, nil
	}
	at := p.at
	p.bare(false)
	t.op, t.text = op, narrowed(p.text[at:p.at])
	if t.text == "" {
		return nil, true, nil
	}
	if t.value, t.number = parseDecimal(t.text); !t.number {
		return nil, true, p.wrong(from, NoNumber)
	}
	t.need()
	return t, true, nil
}

// index reads what stands in brackets.
func (p *parser) index() (step, bool) {
	end := strings.IndexFunc(p.rest(), func(r rune) bool { return narrow(r) == ']' })
	if end < 0 {
		return step{}, false
	}
	text := narrowed(p.rest()[:end])
	p.at += end + sign(p.rest()[end:], ']')
	if text == "*" {
		return step{index: isAny}, true
	}
	n, err := strconv.ParseUint(text, 10, 31)
	return step{index: int(n)}, err == nil
}

// name reads the name of a property, or of a step: quoted, or up to a blank or one of the
// signs that end it.
func (p *parser) name(ends string) (string, bool) {
	if rest := p.rest(); rest != "" && rest[0] == '"' {
		return p.jsonName()
	}
	end := strings.IndexFunc(p.rest(), func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(ends, narrow(r))
	})
	if end <= 0 {
		return "", false
	}
	name := strings.ToValidUTF8(p.rest()[:end], "\uFFFD") // as it is written then
	p.at += end
	return name, true
}

// jsonName reads a name as JSON writes a string: so do paths elsewhere, see package
// jsonpath.
func (p *parser) jsonName() (name string, ok bool) {
	rest := p.rest()
	for i := 1; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case '"':
			p.at += i + 1
			return name, json.Unmarshal([]byte(rest[:i+1]), &name) == nil
		}
	}
	return "", false
}
