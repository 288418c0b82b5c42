package filter

import (
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/itchyny/gojq"

	"gantry/client/fault"
	"gantry/client/message"
)

// Verdict is what came of an expression of jq on one body: whether its first result is
// neither false nor null, or why that is not known.
type Verdict struct {
	Fits bool
	// Why is nil where Fits is known.
	Why *fault.Fault
}

// Judge runs an expression of jq on JSON bodies, in a process of its own: nothing here ever
// runs one. It tells of the first of them, in their order, at least of one, and of fewer than
// all where its time is up. The error says that it was cancelled; nothing is known then.
type Judge func(expression string, bodies [][]byte) ([]Verdict, error)

// Asking is f with who runs its expressions of jq. gave is called for each message that they
// could not be run on: it does not fit, and nobody knows whether it would. It is called on the
// goroutine that asks. Without a judge that holds for each message that a jq: decides about.
func (f Filter) Asking(judge Judge, gave func(fault.GaveUp)) Filter {
	f.judge, f.gave = judge, gave
	return f
}

// Jq tells whether f has expressions of jq, which take a Judge.
func (f *Filter) Jq() bool { return len(f.jqs) > 0 }

// InJq tells whether what is typed behind a text goes on with an expression of jq.
func InJq(text string) bool {
	p := &parser{text: text}
	_, _ = p.either()
	return p.inJq
}

// jq is a term that an expression decides about.
type jq struct{ text string }

// match is what the judge told; until then, and where it gave up, what is hoped.
func (j *jq) match(c *content) bool {
	if v, known := c.verdicts[j]; known && v.Why == nil {
		return v.Fits
	}
	return c.hope && len(c.jsonText()) > 0
}

func (j *jq) may([]byte) bool { return true }

func (j *jq) cost() int { return costJq }

func (j *jq) write(b []byte, inside bool) []byte {
	if inside {
		return append(append(append(b, "(jq:"...), j.text...), ')')
	}
	return append(append(b, "jq:"...), j.text...)
}

// jq reads an expression: all up to the end of the line, or in parentheses to the one that
// closes them.
func (p *parser) jq() (node, bool, error) {
	if len(p.rest()) < 3 || !strings.EqualFold(p.rest()[:2], "jq") {
		return nil, false, nil
	}
	n := sign(p.rest()[2:], ':')
	if n == 0 {
		return nil, false, nil
	}
	from := p.at
	p.at += 2 + n
	at := p.at
	text, place := p.expression()
	p.inJq = p.at == len(p.text)
	if text == "" { // to be typed yet
		return nil, true, nil
	}
	query, err := gojq.Parse(text)
	if err == nil && (len(query.Imports) > 0 || query.Meta != nil) {
		err = errNoModules
	}
	if err == nil {
		j := &jq{text: text}
		p.jqs = append(p.jqs, j)
		return j, true, nil
	}
	wrong := p.wrong(from, NoJq)
	wrong.Detail = err.Error()
	if e := (*gojq.ParseError)(nil); errors.As(err, &e) { // at its place
		end := min(max(e.Offset, 0), len(place)-1)
		start := max(end-len(e.Token), 0)
		if wrong.From, wrong.To = place[start], place[end]; wrong.To <= wrong.From {
			wrong.From = at
		}
		wrong.Term = p.text[wrong.From:wrong.To]
	}
	return nil, true, wrong
}

var errNoModules = errors.New("modules are not read")

// expression goes on behind an expression of jq, and returns it without its comment, as an
// English keyboard writes it; place tells for each of its bytes, and its end, where it stands.
func (p *parser) expression() (text string, place []int) {
	var b strings.Builder
	put := func(s string, n int) {
		for range len(s) {
			place = append(place, p.at)
		}
		b.WriteString(s)
		p.at += n
	}
	s := lexed{}
	for p.at < len(p.text) {
		r, n := utf8.DecodeRuneInString(p.rest())
		if r == '\n' || r == '\r' {
			break
		}
		if s.inString() {
			s.string(r)
			put(p.text[p.at:p.at+n], n)
			continue
		}
		r = narrow(r)
		if r == ')' && len(s.open) == 0 && p.depth > 0 {
			break
		}
		if r == '#' { // a comment
			at := p.at
			if p.at += strings.IndexAny(p.rest()+"\n", "\r\n"); p.depth > 0 {
				p.unfinished = true
			}
			place = append(place, at)
			return strings.TrimSpace(b.String()), trimmed(b.String(), place)
		}
		s.outside(r)
		switch r {
		case utf8.RuneError:
			put(p.text[p.at:p.at+n], n)
		case '≥':
			put(">=", n)
		case '≤':
			put("<=", n)
		case '≠':
			put("!=", n)
		default:
			put(string(r), n)
		}
	}
	place = append(place, p.at)
	return strings.TrimSpace(b.String()), trimmed(b.String(), place)
}

// trimmed are the places of a text without the blanks round it.
func trimmed(text string, place []int) []int {
	return place[len(text)-len(strings.TrimLeftFunc(text, unicode.IsSpace)):]
}

// lexed follows an expression of jq as far as its strings and parentheses: a string may hold
// expressions in \( ).
type lexed struct {
	open    []rune // the strings and parentheses that are open, '"' and '('
	escaped bool
}

func (s *lexed) inString() bool { return len(s.open) > 0 && s.open[len(s.open)-1] == '"' }

func (s *lexed) close() { s.open = s.open[:len(s.open)-1] }

func (s *lexed) outside(r rune) {
	switch {
	case r == '"' || r == '(':
		s.open = append(s.open, r)
	case r == ')' && len(s.open) > 0:
		s.close()
	}
}

func (s *lexed) string(r rune) {
	switch {
	case s.escaped:
		if s.escaped = false; r == '(' {
			s.open = append(s.open, r)
		}
	case r == '\\':
		s.escaped = true
	case r == '"':
		s.close()
	}
}

// asked is a message that jq decides about: itself, or what it holds.
type asked struct {
	index int
	all   []*content
}

// consider tells whether a message fits, as far as that is known without jq; ask has what jq
// decides about, if anything.
func (f *Filter) consider(m *message.Message) (fits bool, ask []*content) {
	for _, in := range f.inner(m) {
		if !f.has(in) {
			continue
		}
		c := &content{m: in, decode: f.decode, hope: true}
		if !f.root.match(c) {
			continue
		}
		if c.hope = false; f.root.match(c) {
			return true, nil
		}
		ask = append(ask, c)
	}
	return false, ask
}

// largestJq bounds a body that jq is run on, in bytes.
const largestJq = 32 << 20

// settle asks the judge about messages, and returns what it told of the first of them.
func (f *Filter) settle(all []asked) (out []outcome, err error) {
	known := len(all)
	for _, j := range f.jqs {
		if known, err = f.ask(j, all[:known]); err != nil {
			return nil, err
		}
	}
	for _, a := range all[:known] {
		out = append(out, f.outcome(a))
	}
	return out, nil
}

// ask has the judge run one expression, and tells about how many of the messages all is known:
// of one at least.
func (f *Filter) ask(j *jq, all []asked) (known int, err error) {
	for known == 0 && len(all) > 0 {
		bodies, of := j.open(all)
		told := slices.Repeat([]Verdict{{Why: &fault.Fault{Code: fault.JqStopped}}}, len(bodies))
		if f.judge != nil && len(bodies) > 0 {
			if told, err = f.judge(j.text, bodies); err != nil {
				return 0, err
			}
		}
		for i, v := range told[:min(len(told), len(of))] {
			of[i].verdicts[j] = v
		}
		for known < len(all) && j.known(all[known]) {
			known++
		}
	}
	return known, nil
}

func (j *jq) known(a asked) bool {
	return !slices.ContainsFunc(a.all, func(c *content) bool { _, told := c.verdicts[j]; return !told })
}

// open are the bodies that the judge is to be asked about, and what they are of; those that no
// jq is run on are known.
func (j *jq) open(all []asked) (bodies [][]byte, of []*content) {
	for _, a := range all {
		for _, c := range a.all {
			if c.verdicts == nil {
				c.verdicts = map[*jq]Verdict{}
			}
			if _, told := c.verdicts[j]; told {
				continue
			}
			switch b := c.jsonText(); {
			case len(b) == 0:
				c.verdicts[j] = Verdict{}
			case len(b) > largestJq:
				c.verdicts[j] = Verdict{Why: &fault.Fault{Code: fault.TooLarge}}
			default:
				bodies, of = append(bodies, b), append(of, c)
			}
		}
	}
	return bodies, of
}

// outcome is what became of a message: gave is why it is not known whether it fits.
type outcome struct {
	index int
	fits  bool
	gave  fault.GaveUp
}

// outcome decides about a message that the judge told of.
func (f *Filter) outcome(a asked) outcome {
	var open *content
	for _, c := range a.all {
		if f.root.match(c) {
			return outcome{index: a.index, fits: true}
		}
		if c.hope = true; open == nil && f.root.match(c) {
			open = c
		}
		c.hope = false
	}
	if open != nil {
		return outcome{index: a.index, gave: open.gaveUp(f.jqs)}
	}
	return outcome{index: a.index}
}

// longestSaid bounds what is told of jq's words, in bytes.
const longestSaid = 300

// gaveUp tells why it is not known whether a message fits.
func (c *content) gaveUp(all []*jq) fault.GaveUp {
	g := fault.GaveUp{Count: 1, Queue: c.m.QueueID, Offset: c.m.QueueOffset}
	for _, j := range all {
		if why := c.verdicts[j].Why; why != nil {
			if g.Code = why.Code; why.Code == fault.JqFailed {
				g.Said = strings.ToValidUTF8(why.Raw[:min(len(why.Raw), longestSaid)], "")
			}
			break
		}
	}
	return g
}
