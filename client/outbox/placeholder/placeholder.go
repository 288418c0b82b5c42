// Package placeholder is the language of what is different in each message of a run:
//
//	{{uuid}} {{uuid 2}}            a random UUID; a whole number behind it makes it another
//	{{seq}}                        the number of the message in its run
//	{{now}} {{now "yyyy-MM-dd"}}   the time, by a pattern of Java; also ms, s (since 1970)
//	{{now "+30m" ms}}              and moved by an offset of w, d, h, m, s, ms: -1d12h
//	{{rand 1 10}} {{rand 0.00 9.99 2}}  a number from the first to the second, both
//	                               included; a third, whole one makes it another
//	{{pick red green "light blue"}}     one of the words; in another order it is another
//	{{line}} {{col "name"}}        of the row that the message is made from
//	{{env "name"}}                 a value of the connection
//	{{"text"}}                     the text itself: {{"{{"}} writes two braces
//
// Blank signs within the braces are free, a placeholder stands on one line, and its words
// may stand in quotes, ASCII's or “China's”; between those of ASCII \" and \\ are a quote
// and a backslash. A body of JSON may write its quotes as \" all together. Of three opening
// braces the first one is a literal.
//
// A value follows from the seed, the number, the time and the row of its message and from
// the placeholder's own words, and from nothing else. So a placeholder has one value
// wherever it stands in a message, in all its fields, and the message can be made again to
// the byte. How values follow from them never changes, because records count on it.
//
// Templates never change and may be used from any goroutine; Values belong to one.
package placeholder

import (
	"slices"
	"strconv"
	"time"
)

// Format says what a text is, so that values are escaped where it is needed.
type Format int

const (
	// Plain: values stand as they are.
	Plain Format = iota
	// JSON: within a string of JSON values are escaped, outside they stand as they are.
	JSON
)

// Limits.
const (
	// MaxPlaceholder bounds one placeholder as it stands in a text, in bytes.
	MaxPlaceholder = 16 << 10
	// MaxPlaceholders bounds how many a text may have. Quoted texts do not count.
	MaxPlaceholders = 10_000
	// MaxValues bounds what all values of a text take together, in bytes; one value may
	// pass it.
	MaxValues = 64 << 20
)

// Row is what {{line}} and {{col}} stand for.
type Row interface {
	// Line is the whole row.
	Line() string
	// Column is a field of it, false where the row has none of that name.
	Column(name string) (string, bool)
}

// Values are what the placeholders of one message stand for: all of its templates are
// given the same.
type Values struct {
	// Seed is the run's, Seq the message's number in it.
	Seed uint64
	Seq  int64
	// At is the time of {{now}}, shown in its own location.
	At time.Time
	// Row is nil where the run has no source.
	Row Row
	// Env gives a value of the connection, false where it is not defined; nil defines none.
	Env func(name string) (string, bool)
}

// Template is a text with placeholders, made by Parse.
type Template struct {
	parts []part
	tail  string // behind the last part
	// literal: the text has nothing within braces.
	literal bool
}

// part is a placeholder and the literal text before it.
type part struct {
	before   string
	at, size int // where it stands in the text
	kind     kind
	escape   bool   // it stands in a string of JSON
	id       uint64 // of its words
	name     string // of a column or a value of the connection
	words    []string
	rand     span
	moment   moment
}

// Needs are what templates ask of a run, to be looked at before it begins.
type Needs struct {
	// Row: there must be a source.
	Row bool
	// Columns and Env are the names that must be defined, sorted, each once.
	Columns []string
	Env     []string
}

// Parse reads a text. The error is an *Error, the first of those that Spans shows.
func Parse(text string, body Format) (*Template, error) {
	t := &Template{literal: true}
	var (
		before []byte // literals that have no part yet, where they are not one piece of text
		from   int    // where the piece of text begins that is not in before
		json   stringsOfJSON
	)
	for f, ok := next(text, 0); ok; f, ok = next(text, f.end) {
		t.literal = false
		if f.err != nil {
			return nil, f.err
		}
		p, err := newPart(f)
		if err != nil {
			return nil, err
		}
		if body == JSON {
			json.pass(text[from:f.at])
			p.escape = json.within
		}
		if p.kind == quoted {
			before = append(before, text[from:f.at]...)
			before = appendText(before, p.words[0], p.escape)
			from = f.end
			continue
		}
		if len(t.parts) == MaxPlaceholders {
			return nil, &Error{Code: TooMany, At: f.at, Len: f.end - f.at}
		}
		p.before, before = joined(before, text[from:f.at]), nil
		p.prepare()
		t.parts, from = append(t.parts, p), f.end
	}
	t.tail = joined(before, text[from:])
	return t, nil
}

// joined is both, without a copy where there is only the text.
func joined(before []byte, text string) string {
	if len(before) == 0 {
		return text
	}
	return string(append(before, text...))
}

// Literal tells whether nothing stands within braces: each message has the text as it is.
func (t *Template) Literal() bool { return t.literal }

// Needs tells what the template asks for.
func (t *Template) Needs() Needs {
	var n Needs
	for i := range t.parts {
		n.add(&t.parts[i])
	}
	n.sort()
	return n
}

// Join adds what others need.
func (n *Needs) Join(other Needs) {
	n.Row = n.Row || other.Row
	n.Columns = append(n.Columns, other.Columns...)
	n.Env = append(n.Env, other.Env...)
	n.sort()
}

func (n *Needs) add(p *part) {
	switch p.kind {
	case line:
		n.Row = true
	case col:
		n.Row, n.Columns = true, append(n.Columns, p.name)
	case env:
		n.Env = append(n.Env, p.name)
	}
}

func (n *Needs) sort() {
	slices.Sort(n.Columns)
	slices.Sort(n.Env)
	n.Columns, n.Env = slices.Compact(n.Columns), slices.Compact(n.Env)
}

// Append appends the text of a message to dst. The error is an *Error, and dst is as it
// came then: a value that is not there stops the send.
func (t *Template) Append(dst []byte, v *Values) ([]byte, error) {
	begin, values := len(dst), 0
	for i := range t.parts {
		p := &t.parts[i]
		dst = append(dst, p.before...)
		size := len(dst)
		code := p.append(&dst, v)
		if values += len(dst) - size; code == "" && values > MaxValues {
			code = TooLarge
		}
		if code != "" {
			return dst[:begin], &Error{Code: code, At: p.at, Len: p.size, Name: p.kind.String(), Value: p.name}
		}
	}
	return append(dst, t.tail...), nil
}

// Place is where in the template's own text that stands which stands at a byte of what Append
// makes: a value is where its placeholder begins.
func (t *Template) Place(v *Values, at int) int {
	made, end := 0, 0 // of what is made, and of the text
	for i := range t.parts {
		p := &t.parts[i]
		if at < made+len(p.before) {
			return max(p.at-(made+len(p.before)-at), end)
		}
		made += len(p.before)
		var value []byte
		p.append(&value, v)
		if made += len(value); at < made {
			return p.at
		}
		end = p.at + p.size
	}
	return end + at - made
}

// stringsOfJSON tells strings from what stands between them.
type stringsOfJSON struct{ within bool }

// pass goes over a piece of JSON. A backslash at its end has nothing to say to what follows.
func (s *stringsOfJSON) pass(text string) {
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] == '"':
			s.within = !s.within
		case text[i] == '\\' && s.within:
			i++
		}
	}
}

// appendText appends a value, escaped if it stands in a string of JSON. Bytes that are no
// UTF-8 stay as they are.
func appendText(dst []byte, text string, escape bool) []byte {
	if !escape {
		return append(dst, text...)
	}
	from := 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, text[from:i]...)
		from = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			const hex = "0123456789abcdef"
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(dst, text[from:]...)
}

// appendPadded appends a number in so many digits at least, 20 at most.
func appendPadded(dst []byte, n uint64, digits int) []byte {
	const zeros = "00000000000000000000"
	have := 1
	for rest := n / 10; rest > 0; rest /= 10 {
		have++
	}
	return strconv.AppendUint(append(dst, zeros[:max(0, digits-have)]...), n, 10)
}
