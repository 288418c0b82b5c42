package editor

import (
	"unicode"
	"unicode/utf8"
)

// historyMost is how many bytes of changes can be undone; the oldest go first.
const historyMost = 8 << 20

// stepCost is what a step costs beside its texts, in bytes.
const stepCost = 96

// step is a change that can be undone: out became in.
type step struct {
	at           int
	out, in      string
	anchor, head int // before it
	kind         kind
}

func (s *step) cost() int { return len(s.out) + len(s.in) + stepCost }

// history is what can be undone and done again.
type history struct {
	past, future []step
	cost         int  // of both, in bytes
	settled      bool // the next change begins a step of its own
}

// settle ends a step: what comes next is undone by itself.
func (h *history) settle() { h.settled = true }

// record adds a change, to the last step if it goes on with its word.
func (h *history) record(s step) {
	for i := range h.future {
		h.cost -= h.future[i].cost()
	}
	h.future = nil
	if last := len(h.past) - 1; last >= 0 && !h.settled && h.past[last].goesOn(&s) {
		h.cost += len(s.in) + len(s.out)
	} else {
		h.past = append(h.past, s)
		h.cost += s.cost()
	}
	h.settled = false
	drop := 0
	for h.cost > historyMost && drop < len(h.past) {
		h.cost -= h.past[drop].cost()
		h.past[drop] = step{}
		drop++
	}
	h.past = h.past[drop:]
}

// goesOn adds a change to the step if both belong to one word.
func (s *step) goesOn(n *step) bool {
	if s.kind != n.kind {
		return false
	}
	switch {
	case s.kind == typing && n.out == "" && n.at == s.at+len(s.in) && !newWord(lastRune(s.in), firstRune(n.in)):
		s.in += n.in
	case s.kind == erasing && n.at+len(n.out) == s.at && !newWord(firstRune(s.out), lastRune(n.out)):
		s.at, s.out = n.at, n.out+s.out
	case s.kind == deleting && n.at == s.at && !newWord(lastRune(s.out), firstRune(n.out)):
		s.out += n.out
	default:
		return false
	}
	return true
}

func firstRune(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }
func lastRune(s string) rune  { r, _ := utf8.DecodeLastRuneInString(s); return r }

// newWord tells whether a character begins a word after another.
func newWord(before, now rune) bool { return unicode.IsSpace(before) && !unicode.IsSpace(now) }

// undo takes the last step back.
func (m *model) undo() {
	n := len(m.past) - 1
	if n < 0 {
		return
	}
	s := m.past[n]
	m.past = m.past[:n]
	m.future = append(m.future, s)
	m.replace(s.at, s.at+len(s.in), s.out)
	m.anchor, m.head, m.want = s.anchor, s.head, -1
	m.settle()
	m.told(s.at, s.at+len(s.in), len(s.out))
}

// redo takes the last undo back.
func (m *model) redo() {
	n := len(m.future) - 1
	if n < 0 {
		return
	}
	s := m.future[n]
	m.future = m.future[:n]
	m.past = append(m.past, s)
	m.replace(s.at, s.at+len(s.out), s.in)
	m.anchor, m.head, m.want = s.at+len(s.in), s.at+len(s.in), -1
	m.settle()
	m.told(s.at, s.at+len(s.out), len(s.in))
}
