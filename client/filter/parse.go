package filter

import (
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Bounds of a filter.
const (
	// Longest is how long one may be, in bytes.
	Longest = 4 << 10
	// deepestParens is how deep parentheses may stand in one another.
	deepestParens = 32
)

// Why says what is wrong with a term.
type Why int

// What can be wrong with a term: a size, a number, a time a regular expression or one of
// jq that is none; or all of it is too long, or has too many parentheses in one another.
const (
	NoSize Why = iota + 1
	NoNumber
	NoTime
	NoPattern
	TooLong
	NoJq
)

// WrongError says which term of a filter cannot be read, and why.
type WrongError struct {
	// From and To are its place in the text, in bytes; Term is what stands there.
	From, To int
	Term     string
	Why      Why
	// Detail is what RE2 says of a pattern, jq of an expression.
	Detail string
}

// Error names the term.
func (e *WrongError) Error() string { return "no filter term: " + e.Term }

// ErrUnfinished says that a filter ends where more must follow: behind OR, or inside
// parentheses. Parse returns it beside what is there.
var ErrUnfinished = errors.New("the filter is not typed to its end")

// Parse reads a filter as it is typed at a time, which 15m is counted back from:
//
//	word, "a phrase"      in body, keys, tag, an id or a user property; in any case,
//	"Exact"c              but as it is written here
//	-term a OR b ( )      not, or; blanks between terms mean and
//	key: tag: topic: id: body: prop.NAME:   one place; tag:a,b for any of them
//	queue:3 offset>5 size>10k retry>=2 prop.NAME>3
//	before: after:        when it was stored: 14:05, 15m, "2026-11-30 14:00"
//	/regex/ /regex/i      RE2, alone or behind a field
//	.path:text .items[0].qty>3 .items[*].id:7   a JSON body
//	jq:.qty > 3 and .paid  an expression of jq, up to the end of the line; in parentheses, up
//	                       to the one that closes them
//
// !, &&, ||, == and != are taken too, and the signs of a Chinese keyboard. A term that is
// not typed to its end yet says nothing. A bracket or a slash within a word stands for
// itself: what is looked for is often a piece of JSON. The error is a WrongError or
// ErrUnfinished.
func Parse(text string, now time.Time) (Filter, error) {
	if len(text) > Longest {
		return Filter{}, &WrongError{To: len(text), Term: text[:40] + "…", Why: TooLong}
	}
	p := &parser{text: text, now: now}
	root, err := p.either()
	if err == nil && p.unfinished {
		err = ErrUnfinished
	}
	return Filter{root: root, jqs: p.jqs}, err
}

// parser walks over the text of a filter.
type parser struct {
	text  string
	at    int // what comes next
	depth int // of parentheses
	now   time.Time
	// unfinished says that something must follow the end.
	unfinished bool
	jqs        []*jq // those read so far
	inJq       bool  // what ends the text is in an expression of jq
}

func (p *parser) rest() string { return p.text[p.at:] }

// skip goes on behind blanks.
func (p *parser) skip() { p.at = len(p.text) - len(strings.TrimLeftFunc(p.rest(), unicode.IsSpace)) }

// sign tells whether a sign of ASCII comes next, however a keyboard wrote it, and how
// many bytes it takes.
func sign(s string, want byte) int {
	r, n := utf8.DecodeRuneInString(s)
	if n > 0 && narrow(r) == rune(want) {
		return n
	}
	return 0
}

// narrow is a character of a filter that was typed with a Chinese keyboard.
func narrow(r rune) rune {
	switch r {
	case '》':
		return '>'
	case '《':
		return '<'
	case '≥', '≤':
		return r
	case '。':
		return '.'
	case '【':
		return '['
	case '】':
		return ']'
	}
	if r >= '！' && r <= '～' { // the full-width forms of ASCII
		return r - '！' + '!'
	}
	return r
}

// word goes on behind a word of letters or signs if it comes next, with a blank behind it.
func (p *parser) word(all ...string) bool {
	for _, w := range all {
		at := p.at
		for i := range len(w) {
			n := sign(p.text[at:], w[i])
			if n == 0 {
				at = -1
				break
			}
			at += n
		}
		if at >= 0 && p.ends(p.text[at:], false) {
			p.at = at
			return true
		}
	}
	return false
}

// ends tells whether a term ends in front of s: at a blank, the end or a parenthesis that
// closes, in a list at a comma too.
func (p *parser) ends(s string, list bool) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return s == "" || unicode.IsSpace(r) || p.depth > 0 && narrow(r) == ')' || list && narrow(r) == ','
}

// either reads parts with OR between them.
func (p *parser) either() (node, error) {
	var parts either
	for {
		n, err := p.both()
		if err != nil {
			return nil, err
		}
		if n != nil {
			parts = append(parts, n)
		}
		if p.skip(); !p.word("OR", "||") {
			break
		}
		p.skip()
		p.unfinished = p.unfinished || p.rest() == "" && len(parts) > 0
	}
	switch len(parts) {
	case 0:
		return nil, nil
	case 1:
		return parts[0], nil
	}
	return parts, nil
}

// both reads parts that must all fit.
func (p *parser) both() (node, error) {
	var parts both
	for {
		p.skip()
		if p.word("AND", "&&") {
			continue
		}
		at := p.at
		if p.rest() == "" || p.depth > 0 && sign(p.rest(), ')') > 0 || p.word("OR", "||") {
			p.at = at
			break
		}
		n, err := p.unary()
		if err != nil {
			return nil, err
		}
		if n != nil {
			parts = append(parts, n)
		}
	}
	switch len(parts) {
	case 0:
		return nil, nil
	case 1:
		return parts[0], nil
	}
	slices.SortStableFunc(parts, func(a, b node) int { return a.cost() - b.cost() })
	return parts, nil
}

// unary reads a term, what is in parentheses, or what must not fit of either.
func (p *parser) unary() (node, error) {
	for _, minus := range []byte("-!") {
		if n := sign(p.rest(), minus); n > 0 && !p.ends(p.text[p.at+n:], false) {
			p.at += n
			in, err := p.unary()
			if err != nil || in == nil {
				return nil, err
			}
			return not{in}, nil
		}
	}
	if n := sign(p.rest(), '('); n > 0 {
		return p.group(n)
	}
	return p.term()
}

func (p *parser) group(n int) (node, error) {
	from := p.at
	p.at += n
	if p.depth++; p.depth > deepestParens {
		return nil, p.wrong(from, TooLong)
	}
	in, err := p.either()
	p.depth--
	if err != nil {
		return nil, err
	}
	if n := sign(p.rest(), ')'); n > 0 {
		p.at += n
	} else {
		p.unfinished = true
	}
	return in, nil
}

// wrong is the error of the term that began at from.
func (p *parser) wrong(from int, why Why) *WrongError {
	return &WrongError{From: from, To: p.at, Term: p.text[from:p.at], Why: why}
}
