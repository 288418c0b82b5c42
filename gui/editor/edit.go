package editor

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// indent is one step of indentation.
const indent = "  "

// model is what is edited: a text, a cursor and a selection, and what can be undone. It
// knows nothing of the window.
type model struct {
	*text
	anchor, head int     // the selection lies between them; head is the cursor
	want         float64 // where Up and Down want to be in a line; below 0: where the cursor is
	changes      uint64  // of the text, ever
	history

	// onEdit runs after each change: what lay between from and to has become n bytes.
	onEdit func(from, to, n int)
}

// kind is how a change came about: changes of one kind, side by side, are undone together.
type kind uint8

const (
	other kind = iota
	typing
	erasing  // backwards
	deleting // forwards
)

// selection returns the two ends in order.
func (m *model) selection() (from, to int) { return min(m.anchor, m.head), max(m.anchor, m.head) }

// begin puts a text in the place of all, of which nothing can be undone.
func (m *model) begin(s string) {
	to := m.size
	m.set(s)
	m.anchor, m.head, m.want = 0, 0, -1
	m.history = history{}
	m.told(0, to, m.size)
}

func (m *model) told(from, to, n int) {
	m.changes++
	if m.onEdit != nil {
		m.onEdit(from, to, n)
	}
}

// change puts s in the place of what lies between two places, and the cursor behind it.
func (m *model) change(from, to int, s string, k kind) {
	if from == to && s == "" {
		return
	}
	m.record(step{at: from, out: m.slice(from, to), in: s, anchor: m.anchor, head: m.head, kind: k})
	m.replace(from, to, s)
	m.anchor, m.head, m.want = from+len(s), from+len(s), -1
	m.told(from, to, len(s))
}

// insert puts s in the place of the selection.
func (m *model) insert(s string, k kind) {
	from, to := m.selection()
	m.change(from, to, s, k)
}

// become makes the text another one, so that it can be undone. Only what differs is
// changed, and the cursor stays before the same character, white space not counted.
func (m *model) become(s string) {
	old := m.string()
	from := 0
	for from < min(len(old), len(s)) && old[from] == s[from] {
		from++
	}
	for from > 0 && from < len(old) && !utf8.RuneStart(old[from]) {
		from--
	}
	same := 0
	for same < min(len(old), len(s))-from && old[len(old)-1-same] == s[len(s)-1-same] {
		same++
	}
	for same > 0 && !utf8.RuneStart(old[len(old)-same]) {
		same--
	}
	ink := 0
	for _, r := range old[:m.head] {
		if !unicode.IsSpace(r) {
			ink++
		}
	}
	m.change(from, len(old)-same, s[from:len(s)-same], other)
	m.anchor, m.head = len(s), len(s)
	for i, r := range s {
		if !unicode.IsSpace(r) {
			if ink--; ink < 0 {
				m.anchor, m.head = i, i
				break
			}
		}
	}
}

// erase removes the selection, or, where there is none, what lies between the cursor and
// a place.
func (m *model) erase(to int, k kind) {
	if m.anchor != m.head {
		m.insert("", other)
		return
	}
	m.change(min(m.head, to), max(m.head, to), "", k)
}

// newline begins a line that is indented as the one before, and one step more behind an
// opening bracket; a closing one that follows gets a line of its own.
func (m *model) newline() {
	from, to := m.selection()
	_, start := m.lineOf(from)
	line := m.slice(max(start, from-chunkMost), from)
	lead := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	if start < from-chunkMost {
		lead = "" // the line is longer than anyone indents
	}
	in, back := "\n"+lead, ""
	if open := strings.TrimRight(line, " \t"); strings.HasSuffix(open, "{") || strings.HasSuffix(open, "[") {
		in += indent
		if r, _ := m.after(m.spot(to)); r == '}' && open[len(open)-1] == '{' || r == ']' && open[len(open)-1] == '[' {
			back = "\n" + lead
		}
	}
	m.change(from, to, in+back, other)
	m.anchor, m.head = from+len(in), from+len(in)
}

// move puts the cursor to a place; with extend the selection grows to there.
func (m *model) move(to int, extend bool) {
	m.head, m.want = to, -1
	if !extend {
		m.anchor = to
	}
	m.settle()
}

// char is the place one character from another, in a direction.
func (m *model) char(at, dir int) int {
	p := m.spot(at)
	if dir < 0 {
		_, n := m.before(p)
		return at - n
	}
	_, n := m.after(p)
	return at + n
}

// sideways moves by a character; a selection that is not extended ends at its side.
func (m *model) sideways(dir int, extend bool) {
	if from, to := m.selection(); !extend && from != to {
		if dir < 0 {
			to = from
		}
		m.move(to, false)
		return
	}
	m.move(m.char(m.head, dir), extend)
}

// class is what Ctrl with an arrow passes in one go.
func class(r rune) int {
	switch {
	case r == '\n':
		return 0
	case unicode.IsSpace(r):
		return 1
	case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_':
		return 2
	}
	return 3
}

// word is the place a word away: behind the next one, or before the last.
func (m *model) word(at, dir int) int {
	p, look := m.spot(at), m.after
	if dir < 0 {
		look = m.before
	}
	past := func(same func(int) bool) {
		for {
			r, n := look(p)
			if n == 0 || !same(class(r)) {
				return
			}
			at += dir * n
			p = m.text.step(p, dir*n)
		}
	}
	from := at
	past(func(c int) bool { return c == 1 })
	r, n := look(p)
	switch c := class(r); {
	case n == 0:
	case c == 0 && at == from: // the line break itself
		at += dir * n
	case c != 0:
		past(func(k int) bool { return k == c })
	}
	return at
}

// vertically moves by lines and keeps the column. Beyond the first and the last line it
// goes to the text's ends.
func (m *model) vertically(by int, extend bool) {
	line, start := m.lineOf(m.head)
	want := m.want
	if want < 0 {
		want = m.x(start, m.head)
	}
	switch to := line + by; {
	case line == 0 && by < 0:
		m.move(0, extend)
	case line == m.breaks && by > 0:
		m.move(m.size, extend)
	default:
		m.move(m.near(m.lineStart(min(max(to, 0), m.breaks)), want), extend)
	}
	m.want = want
}

// home is where Home leads to: the first character of the line that is no white space, or
// the line's beginning if the cursor is there.
func (m *model) home() int {
	_, start := m.lineOf(m.head)
	p, at := m.spot(start), start
	for {
		r, n := m.after(p)
		if n == 0 || class(r) != 1 {
			break
		}
		at += n
		p = m.text.step(p, n)
	}
	if at == m.head {
		return start
	}
	return at
}

// inWord says what a double click takes.
func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '-' || r == '.'
}

// selectWord selects the word at a place, or else the character behind it.
func (m *model) selectWord(at int) {
	from, to := at, at
	for p := m.spot(at); ; {
		r, n := m.before(p)
		if n == 0 || !inWord(r) {
			break
		}
		from -= n
		p = m.text.step(p, -n)
	}
	for p := m.spot(at); ; {
		r, n := m.after(p)
		if n == 0 || !inWord(r) {
			if from == to && n > 0 && r != '\n' {
				to += n
			}
			break
		}
		to += n
		p = m.text.step(p, n)
	}
	m.move(from, false)
	m.move(to, true)
}

// selectLine selects the line of a place with its break.
func (m *model) selectLine(at int) {
	_, start := m.lineOf(at)
	m.move(start, false)
	m.move(min(m.lineEnd(at)+1, m.size), true)
}

// place is where a place stands: line and column from 1, the column in characters.
func (m *model) place(at int) (line, column int) {
	line, start := m.lineOf(at)
	column = 1
	m.parts(start, func(from int, s string, _ *chunk) bool {
		column += utf8.RuneCountInString(s[:min(len(s), at-from)])
		return from+len(s) < at
	})
	return line + 1, column
}

// at is the place of a line and a column, or the nearest to it.
func (m *model) at(line, column int) int {
	at := m.lineStart(min(max(line-1, 0), m.breaks))
	left := column - 1
	m.parts(at, func(from int, s string, _ *chunk) bool {
		if n := utf8.RuneCountInString(s); n <= left {
			left -= n
			at = from + len(s)
			return true
		}
		for i := range s {
			if left <= 0 {
				at = from + i
				break
			}
			left--
		}
		return false
	})
	return at
}
