// Package sql92 is the language in which a consumer says which messages of a topic
// it wants: SQL92 as RocketMQ 5.5.0's filter reads it (rocketmq-filter,
// SelectorParser.jj), Java's arithmetic and all. It knows properties only, no
// message and no connection. A Filter may be used from any goroutine.
package sql92

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxDepth bounds how deep an expression nests. A broker has no bound but its
// stack, and takes an overflow for an error as well.
const maxDepth = 100

// parser reads an expression token by token (SelectorParser.jj). The first
// error ends the input, so that what is being read unwinds on its own.
type parser struct {
	in    string
	at    int   // after tok
	tok   token // what comes next
	depth int
	err   error
}

// Parse reads an expression as RocketMQ 5.5.0's SQL92 filter does
// (SelectorParser.jj). Like that, it leaves unread what follows a whole
// expression: "a = 1) b" is "a = 1", and "a-b" is "a".
func Parse(text string) (Filter, error) {
	p := parser{in: text}
	p.next()
	eval := p.truth(p.or())
	if p.err != nil {
		return Filter{}, p.err
	}
	return Filter{eval}, nil
}

// fail keeps the first error and ends the input.
func (p *parser) fail(at int, format string, args ...any) {
	if p.err == nil {
		n := utf8.RuneCountInString(p.in[:at]) + 1
		p.err = fmt.Errorf("at character %d: %s", n, fmt.Sprintf(format, args...))
	}
	p.at = len(p.in)
	p.tok = token{kind: endOfText, at: p.at}
}

// take steps over the next token if it is of that kind.
func (p *parser) take(kind string) bool {
	if p.tok.kind != kind {
		return false
	}
	p.next()
	return true
}

// want takes a token that must be there and returns its text.
func (p *parser) want(kind string) string {
	t := p.tok
	if !p.take(kind) {
		p.fail(t.at, "%s where %s is expected", t, kind)
	}
	return t.text
}

// deeper counts one more level of nesting. Who calls it restores p.depth.
func (p *parser) deeper() {
	if p.depth++; p.depth > maxDepth {
		p.fail(p.tok.at, "nested deeper than %d", maxDepth)
	}
}

// truth is a node where only true, false or unknown will do. A property is never
// true there, even if it is "true" (UnaryExpression.java, createBooleanCast).
func (p *parser) truth(n node) evaluation {
	switch {
	case n.truth:
	case n.property != "":
		return sqlFalse(n.eval)
	default:
		p.fail(n.at, "it is neither true nor false")
	}
	return n.eval
}

func (p *parser) or() node  { return p.logic("OR", p.and, true) }
func (p *parser) and() node { return p.logic("AND", p.equality, false) }

// logic reads operands joined by a word. They are evaluated in a row, so any
// number of them nests no deeper than one.
func (p *parser) logic(word string, operand func() node, decides bool) node {
	n := operand()
	if p.tok.kind != word {
		return n
	}
	all := []evaluation{p.truth(n)}
	for p.take(word) {
		all = append(all, p.truth(operand()))
	}
	return node{at: n.at, truth: true, eval: sqlLogic(all, decides)}
}

// equality reads comparisons for being equal, any number from left to right:
// "a = b = c" asks whether c is what "a = b" gives.
func (p *parser) equality() node {
	defer func(depth int) { p.depth = depth }(p.depth)
	left := p.comparison()
	for ; ; p.deeper() {
		eval := left.eval
		switch {
		case p.take("="):
			eval = p.equal(left, p.comparison())
		case p.take("<>"):
			eval = sqlNot(p.equal(left, p.comparison()))
		case p.take("IS"):
			eval = sqlIsNull(eval, p.take("NOT"))
			p.want("NULL")
		default:
			return left
		}
		left = node{at: left.at, truth: true, eval: eval}
	}
}

// equal checks operands as ComparisonExpression.java does: NULL cannot be
// compared, and TRUE, when it is the left one, with no number or string.
func (p *parser) equal(left, right node) evaluation {
	for _, n := range []node{left, right} {
		if n.literal && n.value == nil {
			p.fail(n.at, "NULL cannot be compared, use IS NULL")
		}
	}
	if left.literal && left.truth && right.literal && !right.truth {
		p.fail(right.at, "it cannot be compared with TRUE or FALSE")
	}
	return sqlEqual(left.eval, right.eval)
}

// comparison reads what binds tighter than being equal.
func (p *parser) comparison() node {
	defer func(depth int) { p.depth = depth }(p.depth)
	left := p.unary()
	for ; ; p.deeper() {
		not := p.take("NOT")
		if not && !slices.Contains([]string{"BETWEEN", "IN", "CONTAINS", "STARTSWITH", "ENDSWITH"}, p.tok.kind) {
			p.fail(p.tok.at, "%s where BETWEEN, IN or CONTAINS is expected after NOT", p.tok)
		}
		op, eval := p.tok, left.eval
		switch op.kind {
		case "CONTAINS", "STARTSWITH", "ENDSWITH":
			p.next()
			eval = sqlSearch(eval, op.kind, p.want(sqlString), not)
		case "BETWEEN":
			p.next()
			eval = p.between(left, not)
		case "IN":
			p.next()
			eval = p.list(left, not)
		case "<", "<=", ">", ">=":
			p.next()
			right := p.unary()
			p.number(left, right)
			eval = sqlOrder(eval, op.kind, right.eval)
		default:
			return left
		}
		left = node{at: left.at, truth: true, eval: eval}
	}
}

// number checks operands that are put in order: a literal must be a number. That
// a property is none shows only in a message.
func (p *parser) number(nodes ...node) {
	for _, n := range nodes {
		if n.truth || n.literal && !n.numeric() {
			p.fail(n.at, "only numbers can be put in order")
		}
	}
}

// between reads the bounds. Only those of BETWEEN, not of NOT BETWEEN, are checked
// to be in order, and only literals: "-1" is none (ComparisonExpression.java).
func (p *parser) between(left node, not bool) evaluation {
	low := p.unary()
	p.want("AND")
	high := p.unary()
	p.number(left, low, high)
	if !not && low.numeric() && high.numeric() {
		if n, _ := sqlCompare(low.value, high.value); n > 0 {
			p.fail(low.at, "%v is more than %v", low.value, high.value)
		}
	}
	return sqlBetween(left.eval, low.eval, high.eval, not)
}

// list reads a list, which has strings only.
func (p *parser) list(left node, not bool) evaluation {
	if left.property == "" {
		p.fail(left.at, "only a property can be IN a list")
	}
	p.want("(")
	items := map[string]bool{p.want(sqlString): true}
	for p.take(",") {
		items[p.want(sqlString)] = true
	}
	p.want(")")
	return sqlIn(left.eval, items, not)
}

// unary reads an operand with its signs. A sign leaves no literal: that matters
// to between.
func (p *parser) unary() node {
	p.deeper()
	defer func(depth int) { p.depth = depth }(p.depth - 1)
	at := p.tok.at
	switch {
	case p.take("+"):
		return p.unary()
	case p.take("-"):
		return node{at: at, eval: sqlNegate(p.unary().eval)}
	case p.take("NOT"):
		return node{at: at, truth: true, eval: sqlNot(p.truth(p.unary()))}
	case p.take("("):
		n := p.or()
		p.want(")")
		return n
	}
	return p.operand()
}

// operand reads a literal or a property's name.
func (p *parser) operand() node {
	t := p.tok
	n := node{at: t.at, literal: true}
	switch t.kind {
	case "TRUE", "FALSE":
		n.truth, n.value = true, t.kind == "TRUE"
	case "NULL":
		n.truth = true
	case sqlString:
		n.value = t.text
	case sqlInteger, sqlFloat:
		var ok bool
		if n.value, ok = sqlNumber(t.text, t.kind == sqlFloat); !ok {
			p.fail(t.at, "%s is out of range", t)
		}
	case sqlName:
		p.next()
		return node{at: t.at, property: t.text, eval: sqlProperty(t.text)}
	default:
		p.fail(t.at, "%s where a value is expected", t)
	}
	p.next()
	n.eval = sqlLiteral(n.value)
	return n
}

// What a token is. Keywords, in upper case, and signs are their own kind.
const (
	endOfText  = "the end"
	sqlName    = "a name"
	sqlInteger = "a whole number"
	sqlFloat   = "a number"
	sqlString  = "a string"
)

type token struct {
	kind string
	text string // without quotes
	at   int
}

func (t token) String() string {
	if t.kind == endOfText {
		return t.kind
	}
	return strconv.Quote(t.text)
}

// next reads the next token. Only the one after an expression is ever read on,
// so nothing behind that can be wrong.
func (p *parser) next() {
	p.blanks()
	p.tok = token{kind: endOfText, at: p.at}
	rest := p.in[p.at:]
	if rest == "" {
		return
	}
	n := 1
	switch c := rest[0]; {
	case c == '\'':
		p.quoted(rest)
		return
	case sqlLetter(c):
		n = sqlSpan(rest, func(c byte) bool { return sqlLetter(c) || sqlDigit(c) })
		p.tok.kind = sqlKeyword(rest[:n])
	case sqlDigit(c), c == '.' && sqlSpan(rest[1:], sqlDigit) > 0:
		n, p.tok.kind = sqlNumeral(rest)
	case strings.IndexByte("=<>(),+-", c) >= 0:
		if len(rest) > 1 && slices.Contains([]string{"<>", "<=", ">="}, rest[:2]) {
			n = 2
		}
		p.tok.kind = rest[:n]
	default:
		r, _ := utf8.DecodeRuneInString(rest)
		p.fail(p.at, "%q has no place here", r)
		return
	}
	p.tok.text = rest[:n]
	p.at += n
}

// blanks skips blanks and comments. A "--" without a line's end after it is two
// minus signs.
func (p *parser) blanks() {
	for ; p.at < len(p.in); p.at++ {
		rest, end := p.in[p.at:], 0
		switch {
		case strings.IndexByte(" \t\n\r\f", rest[0]) >= 0:
		case strings.HasPrefix(rest, "--"):
			end = strings.IndexAny(rest, "\n\r")
		case strings.HasPrefix(rest, "/*"):
			if end = strings.Index(rest[2:], "*/"); end >= 0 {
				end += len("/*") + len("*")
			}
		default:
			return
		}
		if end < 0 {
			return
		}
		p.at += end
	}
}

// quoted reads a string, in which two quotes are one. One without an end stops at
// the first of the last two quotes, since the longest match counts.
func (p *parser) quoted(rest string) {
	end := 0
	for i := 1; i < len(rest); i++ {
		if rest[i] != '\'' {
			continue
		}
		end = i
		if i++; i == len(rest) || rest[i] != '\'' {
			break
		}
	}
	if end == 0 {
		p.fail(p.at, "a string without an end")
		return
	}
	p.tok.kind, p.tok.text = sqlString, strings.ReplaceAll(rest[1:end], "''", "'")
	p.at += end + 1
}

// sqlKeyword is a word's kind: upper and lower case are alike in keywords only.
func sqlKeyword(word string) string {
	switch up := strings.ToUpper(word); up {
	case "NOT", "AND", "OR", "BETWEEN", "IN", "TRUE", "FALSE", "NULL", "IS", "CONTAINS", "STARTSWITH", "ENDSWITH":
		return up
	}
	return sqlName
}

func sqlDigit(c byte) bool { return c >= '0' && c <= '9' }

func sqlLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == '$' }

// sqlSpan is how many bytes s begins with that are of a sort.
func sqlSpan(s string, of func(byte) bool) int {
	n := 0
	for n < len(s) && of(s[n]) {
		n++
	}
	return n
}
