package editor

import (
	"strings"
	"testing"
)

func TestUndoGoesByWords(t *testing.T) {
	m := newModel(t, "")
	for _, r := range "one two  three" {
		m.insert(string(r), typing)
	}
	for _, want := range []string{"one two  ", "one ", ""} {
		if m.undo(); m.string() != want {
			t.Errorf("undone to %q, want %q", m.string(), want)
		}
	}
	m.redo()
	m.redo()
	if m.string() != "one two  " || m.head != 9 {
		t.Errorf("again: %q at %d", m.string(), m.head)
	}
	m.move(3, false)
	m.insert("x", typing)
	m.insert("y", typing)
	m.undo()
	if m.string() != "one two  " || len(m.future) != 1 {
		t.Errorf("%q, %d to redo", m.string(), len(m.future))
	}
	for range 4 {
		m.erase(m.char(m.head, 1), deleting)
	}
	if m.undo(); m.string() != "onetwo  " {
		t.Errorf("deleted and undone: %q", m.string())
	}
	m.undo()
	if m.string() != "one two  " || m.head != 3 {
		t.Errorf("deleted and undone: %q at %d", m.string(), m.head)
	}
}

func TestUndoIsBounded(t *testing.T) {
	m := newModel(t, "")
	big := strings.Repeat("0123456789abcdef", 64<<10) // 1 MB
	for range 10 {
		m.anchor, m.head = 0, m.size
		m.insert(big, other)
		m.insert("", other)
		if m.cost > historyMost {
			t.Fatalf("%d bytes can be undone", m.cost)
		}
	}
	sum := 0
	for i := range m.past {
		sum += m.past[i].cost()
	}
	if sum != m.cost || len(m.past) < 3 {
		t.Errorf("%d steps of %d bytes, counted as %d", len(m.past), sum, m.cost)
	}
}
