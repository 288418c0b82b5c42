package filter

import (
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"
)

// term reads one term; nil where it is not typed to its end yet.
func (p *parser) term() (node, error) {
	from := p.at
	if sign(p.rest(), '.') > 0 {
		if n, ok, err := p.path(); ok {
			return n, err
		}
		p.at = from
	}
	if n, ok, err := p.jq(); ok {
		return n, err
	}
	if field, op, ok := p.field(); ok {
		return p.fielded(from, field, op)
	}
	p.at = from
	v, err := p.value(false)
	if err != nil || v == nil {
		return nil, err
	}
	return &words{of: anywhere, all: []finder{v}}, nil
}

// field reads the name of a field and what stands behind it: ":", a comparison, or "!="
// for not.
func (p *parser) field() (name, op string, ok bool) {
	rest := p.rest()
	if len(rest) > 5 && strings.EqualFold(rest[:4], "prop") && sign(rest[4:], '.') > 0 {
		p.at += 4 + sign(rest[4:], '.')
		prop, ok := p.name(":=<>!≥≤≠")
		if !ok {
			return "", "", false
		}
		op, ok := p.op()
		return ofProp + "." + prop, op, ok
	}
	for _, name := range []string{ofKey, ofTag, ofTopic, ofID, ofBody, ofQueue, ofOffset, ofSize, ofRetry, "before", "after"} {
		if len(rest) <= len(name) || !strings.EqualFold(rest[:len(name)], name) {
			continue
		}
		at := p.at
		p.at += len(name)
		if op, ok = p.op(); ok && (op == ":" || op == "!=" || isNumber(name)) {
			return name, op, true
		}
		p.at = at
	}
	return "", "", false
}

func isNumber(field string) bool {
	return field == ofQueue || field == ofOffset || field == ofSize || field == ofRetry
}

// op reads ":" or a comparison; = and == are ":".
func (p *parser) op() (string, bool) {
	for _, o := range [][2]string{{">=", ">="}, {"<=", "<="}, {"!=", "!="}, {"==", ":"}, {":=", ":"}, {">", ">"}, {"<", "<"}, {"=", ":"}, {":", ":"}} {
		at := p.at
		for i := range len(o[0]) {
			n := sign(p.text[at:], o[0][i])
			if n == 0 {
				at = -1
				break
			}
			at += n
		}
		if at >= 0 {
			p.at = at
			return o[1], true
		}
	}
	for sign, op := range map[string]string{"≥": ">=", "≤": "<=", "≠": "!="} {
		if strings.HasPrefix(p.rest(), sign) {
			p.at += len(sign)
			return op, true
		}
	}
	return "", false
}

// fielded reads what stands behind a field.
func (p *parser) fielded(from int, field, op string) (n node, err error) {
	prop, isProp := strings.CutPrefix(field, ofProp+".")
	switch {
	case isNumber(field):
		n, err = p.numbers(from, field, op)
	case field == "before" || field == "after":
		n, err = p.moment(from, field == "before")
	case isProp && op != ":" && op != "!=":
		n, err = p.propNumber(from, prop, op)
	case isProp:
		n, err = p.words(&words{of: ofProp, prop: prop}, false)
	default:
		n, err = p.words(&words{of: field}, field != ofBody)
	}
	if err == nil && n != nil && op == "!=" {
		n = not{n}
	}
	return n, err
}

// words reads the texts of a field, several with commas between them in a list.
func (p *parser) words(w *words, list bool) (node, error) {
	for {
		v, err := p.value(list)
		if err != nil {
			return nil, err
		}
		if v != nil {
			w.all = append(w.all, v)
		}
		n := sign(p.rest(), ',')
		if !list || n == 0 {
			break
		}
		p.at += n
	}
	if len(w.all) == 0 {
		return nil, nil
	}
	return w, nil
}

// numbers reads the numbers of a field.
func (p *parser) numbers(from int, field, op string) (node, error) {
	not := op == "!="
	if not {
		op = ":"
	}
	n := &numbers{of: field, op: op}
	for {
		text := p.text[p.at:]
		p.bare(true)
		text = narrowed(text[:len(text)-len(p.rest())])
		value, ok := text, plainNumber(text)
		if field == ofSize {
			value, ok = parseSize(text)
		}
		var s span
		if ok {
			s, ok = spanOf(op, value)
		}
		switch {
		case text == "": // to be typed yet
		case !ok && field == ofSize:
			return nil, p.wrong(from, NoSize)
		case !ok:
			return nil, p.wrong(from, NoNumber)
		default:
			n.texts, n.spans = append(n.texts, text), append(n.spans, s)
		}
		comma := sign(p.rest(), ',')
		if comma == 0 {
			break
		}
		p.at += comma
	}
	if len(n.texts) == 0 {
		return nil, nil
	}
	return n, nil
}

func narrowed(s string) string { return strings.Map(narrow, s) }

// moment reads a time: one of a day may have a blank before the time of day.
func (p *parser) moment(from int, before bool) (node, error) {
	text, _, ok := p.quoted(false)
	if !ok {
		at := p.at
		p.bare(false)
		if text = p.text[at:p.at]; strings.Count(text, "-") == 2 {
			day := p.at
			p.skip()
			p.bare(false)
			if t := narrowed(p.text[at:p.at]); !timed(t, p) {
				p.at = day
			} else {
				text = t
			}
		}
		text = narrowed(text)
	}
	if text == "" {
		return nil, nil
	}
	t, ok := parseMoment(text, p.now)
	if !ok {
		return nil, p.wrong(from, NoTime)
	}
	return &moment{before: before, at: t, text: text}, nil
}

func timed(text string, p *parser) bool {
	_, ok := ParseTime(text, p.now)
	return ok
}

func (p *parser) propNumber(from int, prop, op string) (node, error) {
	at := p.at
	p.bare(false)
	text := narrowed(p.text[at:p.at])
	if text == "" {
		return nil, nil
	}
	d, ok := parseDecimal(text)
	if !ok {
		return nil, p.wrong(from, NoNumber)
	}
	return &propNumber{prop: prop, op: op, text: text, value: d}, nil
}

// value reads a text or a pattern, nil where none is typed yet.
func (p *parser) value(list bool) (finder, error) {
	if f, ok, err := p.pattern(list); ok || err != nil {
		return f, err
	}
	text, exact, ok := p.quoted(list)
	if !ok {
		at := p.at
		p.bare(list)
		text = p.text[at:p.at]
	}
	if n := newNeedle(text, exact); n != nil {
		return n, nil
	}
	return nil, nil
}

// pattern reads a regular expression between slashes, where a term ends behind it.
func (p *parser) pattern(list bool) (finder, bool, error) {
	rest := p.rest()
	if rest == "" || rest[0] != '/' {
		return nil, false, nil
	}
	var text strings.Builder
	for i := 1; i < len(rest); i++ {
		switch {
		case rest[i] == '\\' && i+1 < len(rest):
			if rest[i+1] != '/' {
				text.WriteByte('\\')
			}
			i++
			text.WriteByte(rest[i])
			continue
		case rest[i] != '/':
			text.WriteByte(rest[i])
			continue
		}
		fold := strings.HasPrefix(rest[i+1:], "i") && p.ends(rest[i+2:], list)
		if i == 1 || !fold && !p.ends(rest[i+1:], list) {
			return nil, false, nil
		}
		from := p.at
		p.at += i + 1
		if fold {
			p.at++
		}
		re, err := newPattern(text.String(), fold)
		if err != nil {
			wrong := p.wrong(from, NoPattern)
			if e, ok := err.(*syntax.Error); ok {
				wrong.Detail = string(e.Code) + ": " + e.Expr
			}
			return nil, false, wrong
		}
		return re, true, nil
	}
	return nil, false, nil
}

// quoted reads a text in quotes, where a term ends behind them or they are not closed yet.
func (p *parser) quoted(list bool) (text string, exact, ok bool) {
	rest := p.rest()
	if r, _ := utf8.DecodeRuneInString(rest); !isQuote(r) {
		return "", false, false
	}
	text, end, closed := closing(rest)
	if !closed {
		p.at = len(p.text)
		return text, false, true
	}
	if after := rest[end:]; strings.HasPrefix(after, "c") && p.ends(after[1:], list) {
		p.at += end + 1
		return text, true, true
	} else if !p.ends(after, list) {
		return "", false, false
	}
	p.at += end
	return text, false, true
}

func isQuote(r rune) bool { return r == '"' || r == '“' || r == '”' || r == '＂' }

// closing cuts a text in quotes off the front of s. Backslashes in front of a quote halve,
// and one that is left makes the quote stand for itself.
func closing(s string) (text string, end int, closed bool) {
	var b strings.Builder
	slashes := 0
	_, first := utf8.DecodeRuneInString(s)
	for i := first; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\\':
			slashes++
		case isQuote(r):
			b.WriteString(strings.Repeat(`\`, slashes/2))
			if slashes%2 == 0 {
				return b.String(), i + n, true
			}
			slashes = 0
			b.WriteString(s[i : i+n])
		default:
			b.WriteString(strings.Repeat(`\`, slashes))
			slashes = 0
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	b.WriteString(strings.Repeat(`\`, slashes))
	return b.String(), len(s), false
}

// bare goes on behind a text without quotes: up to a blank, inside parentheses up to one
// that closes them, in a list up to a comma.
func (p *parser) bare(list bool) {
	open := 0
	for p.at < len(p.text) {
		r, n := utf8.DecodeRuneInString(p.rest())
		switch narrow(r) {
		case '(':
			open++
		case ')':
			if open == 0 && p.depth > 0 {
				return
			}
			open--
		case ',':
			if list {
				return
			}
		}
		if unicode.IsSpace(r) {
			return
		}
		p.at += n
	}
}
