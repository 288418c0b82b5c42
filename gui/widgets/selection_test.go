package widgets

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"
)

// TestSelectionAgainstASet does the same to a selection and to a plain set of numbers.
func TestSelectionAgainstASet(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	var s Selection
	set, anchor, gone := map[uint64]bool{}, uint64(0), uint64(0)
	for step := range 20_000 {
		n := r.Uint64N(60)
		switch r.IntN(13) {
		case 0:
			s.Only(n)
			clear(set)
			set[n], anchor, gone = true, n, 0
		case 1:
			from, to := min(n, 40), max(n, 40)
			s.All(from, to)
			clear(set)
			for i := from; i < to; i++ {
				set[i] = true
			}
			if gone = 0; from < to {
				anchor = from
			} else {
				anchor = 0
			}
		case 2:
			if len(set) == 0 {
				continue
			}
			s.Reach(n)
			clear(set)
			for i := min(n, anchor); i <= max(n, anchor); i++ {
				set[i] = true
			}
		case 3:
			before := n / 4
			anyGone := false
			for i := range before {
				if set[i] {
					delete(set, i)
					gone++
					anyGone = true
				}
			}
			anchor = max(anchor, before)
			if s.Drop(before) != anyGone {
				t.Fatalf("step %d: Drop(%d) is wrong", step, before)
			}
		case 4: // they stand in another order, and some no more
			places := r.Perm(60)
			to := func(n uint64) (uint64, bool) {
				return uint64(places[n%60]), n < 60 && places[n%60] < 55
			}
			s.Renumber(to)
			now := map[uint64]bool{}
			for n := range set {
				if at, stands := to(n); stands {
					now[at] = true
				}
			}
			set = now
			if at, stands := to(anchor); stands {
				anchor = at
			} else if len(set) > 0 {
				anchor = slices.Min(slices.Collect(maps.Keys(set)))
			}
		default:
			s.Toggle(n)
			anchor = n
			if !set[n] {
				set[n] = true
			} else if len(set) > 1 {
				delete(set, n)
			}
		}
		got := map[uint64]bool{}
		end := uint64(0)
		for i, x := range s.Stretches() {
			if x.From >= x.To || i > 0 && x.From <= end {
				t.Fatalf("step %d: spans %v", step, s.Stretches())
			}
			end = x.To
			for n := x.From; n < x.To; n++ {
				got[n] = true
			}
		}
		for n := range uint64(61) {
			if got[n] != set[n] || s.Has(n) != set[n] {
				t.Fatalf("step %d: %d is chosen %v in %v, should be %v", step, n, s.Has(n), s.Stretches(), set[n])
			}
		}
		if s.Count() != uint64(len(set)) || s.Gone() != gone || s.Several() != (len(set) > 1 || len(set) == 1 && gone > 0) {
			t.Fatalf("step %d: %d chosen of %d, %d gone of %d", step, s.Count(), len(set), s.Gone(), gone)
		}
		near, ok := s.Near(n)
		if ok != (len(set) > 0) || ok && !set[near] {
			t.Fatalf("step %d: near %d is %d", step, n, near)
		}
		for d := range near - min(near, n) + n - min(near, n) {
			if set[n+d] || n >= d && set[n-d] {
				t.Fatalf("step %d: %d is nearer to %d than %d", step, d, n, near)
			}
		}
	}
}

// TestSelectionOfAMillion is as small as that of one row.
func TestSelectionOfAMillion(t *testing.T) {
	var s Selection
	s.All(0, 1_000_000)
	s.Toggle(500_000)
	if s.Drop(10); s.Count() != 999_989 || s.Gone() != 10 || len(s.Stretches()) != 2 {
		t.Errorf("%d chosen, %d gone, %v", s.Count(), s.Gone(), s.Stretches())
	}
}

// TestListPicks tells how a row was chosen: by click and by key, alone and with others.
func TestListPicks(t *testing.T) {
	var held fyne.KeyModifier
	type picked struct {
		at  int
		how Pick
	}
	var got []picked
	all := 0
	l := NewList(RowHeight, func() int { return 10 }, func() fyne.CanvasObject { return widget.NewLabel("row") }, func(int, fyne.CanvasObject) {})
	l.Held = func() fyne.KeyModifier { return held }
	l.OnPicked = func(i int, how Pick) { got = append(got, picked{i, how}) }
	l.OnAll = func() { all++ }
	w := stage(t, l.View())
	w.Resize(fyne.NewSize(300, 300))
	at := func(row int) {
		test.TapCanvas(w.Canvas(), fyne.CurrentApp().Driver().AbsolutePositionForObject(l).AddXY(20, RowHeight*float32(row)+10))
	}
	key := func(name fyne.KeyName) { l.TypedKey(&fyne.KeyEvent{Name: name}) }
	at(2)
	at(2) // it is the selected one
	held = fyne.KeyModifierShift
	at(5)
	key(fyne.KeyDown)
	key(fyne.KeyUp)
	held = fyne.KeyModifierShortcutDefault
	at(8)
	held = 0
	key(fyne.KeyDown)
	l.TypedShortcut(&fyne.ShortcutSelectAll{})
	want := []picked{{2, PickOne}, {2, PickOne}, {5, PickTo}, {6, PickTo}, {5, PickTo}, {8, PickAlso}, {9, PickOne}}
	if !slices.Equal(got, want) || all != 1 || w.Canvas().Focused() != fyne.Focusable(l) {
		t.Errorf("picked %v, want %v; all %d", got, want, all)
	}
}
