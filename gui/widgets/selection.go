package widgets

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// Selection is which of many numbered rows are chosen. It holds spans of numbers, so that
// a million rows cost what one does. The zero value has none.
type Selection struct {
	spans  []Stretch // ascending; none touches the next
	anchor uint64    // from where Reach goes
	gone   uint64
}

// Stretch are the numbers from From to before To.
type Stretch struct{ From, To uint64 }

// Only chooses one row and no other.
func (s *Selection) Only(n uint64) {
	s.spans, s.anchor, s.gone = append(s.spans[:0], Stretch{n, n + 1}), n, 0
}

// All chooses the rows from one number to before another.
func (s *Selection) All(from, to uint64) {
	s.Clear()
	if from < to {
		s.spans, s.anchor = append(s.spans, Stretch{from, to}), from
	}
}

// Reach chooses what lies between a row and the one that was chosen without others, or
// turned on or off, last.
func (s *Selection) Reach(n uint64) {
	s.spans = append(s.spans[:0], Stretch{min(n, s.anchor), max(n, s.anchor) + 1})
}

// Toggle chooses a row with the others, or takes it out of them: not the last one.
func (s *Selection) Toggle(n uint64) {
	s.anchor = n
	i, has := s.find(n)
	if !has {
		s.add(i, n)
		return
	}
	at := s.spans[i]
	switch {
	case s.Count() == 1:
	case at.From+1 == at.To:
		s.spans = slices.Delete(s.spans, i, i+1)
	case n == at.From:
		s.spans[i].From++
	case n+1 == at.To:
		s.spans[i].To--
	default:
		s.spans[i].To = n
		s.spans = slices.Insert(s.spans, i+1, Stretch{n + 1, at.To})
	}
}

// add puts a number before the span at i, and joins what then touches.
func (s *Selection) add(i int, n uint64) {
	before := i > 0 && s.spans[i-1].To == n
	after := i < len(s.spans) && s.spans[i].From == n+1
	switch {
	case before && after:
		s.spans[i-1].To = s.spans[i].To
		s.spans = slices.Delete(s.spans, i, i+1)
	case before:
		s.spans[i-1].To++
	case after:
		s.spans[i].From--
	default:
		s.spans = slices.Insert(s.spans, i, Stretch{n, n + 1})
	}
}

// find returns the span that holds a number, or before which it would stand.
func (s *Selection) find(n uint64) (i int, has bool) {
	return slices.BinarySearchFunc(s.spans, n, func(x Stretch, n uint64) int {
		switch {
		case n < x.From:
			return 1
		case n >= x.To:
			return -1
		}
		return 0
	})
}

// Drop takes out the rows before a number, which are gone, and reports whether any was
// chosen.
func (s *Selection) Drop(before uint64) bool {
	s.anchor = max(s.anchor, before)
	if len(s.spans) == 0 || s.spans[0].From >= before {
		return false
	}
	i := 0
	for ; i < len(s.spans) && s.spans[i].To <= before; i++ {
		s.gone += s.spans[i].To - s.spans[i].From
	}
	if s.spans = slices.Delete(s.spans, 0, i); len(s.spans) > 0 && s.spans[0].From < before {
		s.gone += before - s.spans[0].From
		s.spans[0].From = before
	}
	return true
}

// Renumber has the rows that are chosen follow to where they stand now: to tells the number of
// each, or that it stands nowhere any more, which takes it out. It costs as much as there are.
func (s *Selection) Renumber(to func(n uint64) (uint64, bool)) {
	var all []uint64
	for _, x := range s.spans {
		for n := x.From; n < x.To; n++ {
			if now, stands := to(n); stands {
				all = append(all, now)
			}
		}
	}
	slices.Sort(all)
	s.spans = s.spans[:0]
	for _, n := range all {
		s.add(len(s.spans), n)
	}
	if anchor, stands := to(s.anchor); stands {
		s.anchor = anchor
	} else if len(all) > 0 {
		s.anchor = all[0]
	}
}

// Clear chooses nothing.
func (s *Selection) Clear() { *s = Selection{spans: s.spans[:0]} }

// Has tells whether a row is chosen.
func (s *Selection) Has(n uint64) bool {
	_, has := s.find(n)
	return has
}

// Near is the chosen row that is nearest to a number, the later one of two; false where
// none is chosen.
func (s *Selection) Near(n uint64) (uint64, bool) {
	i, has := s.find(n)
	switch {
	case has:
		return n, true
	case len(s.spans) == 0:
		return 0, false
	case i == len(s.spans) || i > 0 && n-(s.spans[i-1].To-1) < s.spans[i].From-n:
		return s.spans[i-1].To - 1, true
	}
	return s.spans[i].From, true
}

// Count is how many rows are chosen.
func (s *Selection) Count() (n uint64) {
	for _, x := range s.spans {
		n += x.To - x.From
	}
	return n
}

// Gone is how many rows Drop took out since one was chosen without others.
func (s *Selection) Gone() uint64 { return s.gone }

// Several tells whether more than one row is chosen, or was until Drop.
func (s *Selection) Several() bool {
	return len(s.spans) > 1 || len(s.spans) == 1 && (s.spans[0].To-s.spans[0].From > 1 || s.gone > 0)
}

// Stretches are the chosen rows, ascending. The slice is the caller's.
func (s *Selection) Stretches() []Stretch { return slices.Clone(s.spans) }

// Pick says how a row of a list was chosen.
type Pick int

// The ways.
const (
	PickOne  Pick = iota // it alone
	PickAlso             // with the others, or out of them: Control, on macOS Command
	PickTo               // with all from the one that was chosen last: Shift
)

// Take changes the selection by a row that was picked.
func (s *Selection) Take(n uint64, how Pick) {
	switch {
	case how == PickOne || len(s.spans) == 0:
		s.Only(n)
	case how == PickAlso:
		s.Toggle(n)
	default:
		s.Reach(n)
	}
}

// HeldKeys are the modifiers that are held, as far as the system tells.
func HeldKeys() fyne.KeyModifier {
	if d, ok := fyne.CurrentApp().Driver().(desktop.Driver); ok {
		return d.CurrentKeyModifiers()
	}
	return 0
}
