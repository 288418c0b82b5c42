package filter

import (
	"bytes"
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestPattern bounds a pattern, in bytes: what is compiled from it may be a thousand
// times as large.
const longestPattern = 1000

// pattern finds what a regular expression (RE2) fits.
type pattern struct {
	text string // between the slashes
	fold bool
	re   *regexp.Regexp
	// sure is a text without which nothing fits; nil where there is none.
	sure *needle
	// kelvin says that sure has letters that others than ASCII's are capitals of.
	kelvin bool
}

// newPattern compiles a pattern; the error is one of regexp/syntax.
func newPattern(text string, fold bool) (*pattern, error) {
	expr := text
	if fold {
		expr = "(?i)" + text
	}
	if len(text) > longestPattern {
		return nil, &syntax.Error{Code: syntax.ErrLarge, Expr: text[:20] + "…"}
	}
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, err
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, err
	}
	p := &pattern{text: text, fold: fold, re: re}
	p.need(tree.Simplify())
	return p, nil
}

// need finds the longest text that must stand wherever the pattern fits.
func (p *pattern) need(r *syntax.Regexp) {
	switch r.Op {
	case syntax.OpConcat:
		for _, sub := range r.Sub {
			p.need(sub)
		}
	case syntax.OpCapture, syntax.OpPlus:
		p.need(r.Sub[0])
	case syntax.OpRepeat:
		if r.Min > 0 {
			p.need(r.Sub[0])
		}
	case syntax.OpLiteral:
		fold, text := r.Flags&syntax.FoldCase != 0, string(r.Rune)
		cased := func(c rune) bool { return c > unicode.MaxASCII && unicode.SimpleFold(c) != c }
		if strings.ContainsRune(text, utf8.RuneError) || strings.TrimSpace(text) != text || len(text) < 2 || p.sure != nil && len(text) <= len(p.sure.text) || fold && strings.ContainsFunc(text, cased) {
			return
		}
		p.sure, p.kelvin = newNeedle(text, !fold), fold && strings.ContainsAny(text, "kKsS")
	}
}

func (p *pattern) in(b []byte) bool {
	return p.possible(b) && p.re.Match(b)
}

// possible rules out most that the pattern does not fit.
func (p *pattern) possible(b []byte) bool {
	return p.sure == nil || p.sure.in(b) || p.kelvin && (bytes.Contains(b, []byte("\u212A")) || bytes.Contains(b, []byte("\u017F")))
}

func (p *pattern) inBody(c *content) bool { return p.in(c.text()) }

func (p *pattern) maybe(stored []byte) bool {
	return p.sure == nil || p.sure.maybe(stored) || p.possible(stored)
}

func (p *pattern) cost() int { return costPattern }

func (p *pattern) write(b []byte) []byte {
	b = append(append(append(b, '/'), slashed(p.text)...), '/')
	if p.fold {
		b = append(b, 'i')
	}
	return b
}

// slashed is a pattern with its slashes escaped.
func slashed(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text):
			b.WriteString(text[i : i+2])
			i++
		case text[i] == '/':
			b.WriteString(`\/`)
		default:
			b.WriteByte(text[i])
		}
	}
	return b.String()
}
