package msglist

import (
	"math/rand/v2"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"gantry/gui/stage"
)

// forget throws the list's renderer away, as Fyne does with what was not seen for a
// minute: that of a tab behind another, or of a list under its empty state.
func (r *rig) forget() {
	t := r.t.(*testing.T)
	t.Run("", func(t *testing.T) { test.TempWidgetRenderer(t, r.list.view) })
}

// painted returns the number of the newest record whose row is painted within the
// list, as the eye finds it; false if the rows are not where the list's place is.
func (r *rig) painted() (n uint64, ok bool) {
	top := fyne.CurrentApp().Driver().AbsolutePositionForObject(r.list.view).Y
	foot := top + r.list.view.Size().Height
	stage.See(r.win, func(o fyne.CanvasObject) {
		v, is := o.(*rowView)
		if !is || v.row == nil {
			return
		}
		y := fyne.CurrentApp().Driver().AbsolutePositionForObject(v).Y
		if y >= top && y+v.Size().Height <= foot+1 && (!ok || v.n > n) {
			n, ok = v.n, true
		}
	})
	return n, ok
}

// TestF4LiveListStands: a live list that nobody scrolled shows its newest row, whatever
// Fyne does to it: its renderer expires behind another tab, it gets another size, rows
// come and are evicted.
func TestF4LiveListStands(t *testing.T) {
	r := newRig(t, 500)
	check := func(what string) {
		t.Helper()
		_, next := r.src.Range()
		if n, ok := r.painted(); !r.list.Live() || !ok || n != next-1 {
			t.Errorf("%s: live %v, newest row painted %d (%v), of %d", what, r.list.Live(), n, ok, next-1)
		}
	}
	check("at first")
	r.forget()
	r.list.Content().Refresh() // another tab goes, this one comes
	r.turn()
	check("shown again after a minute")
	r.forget()
	r.win.Resize(fyne.NewSize(800, 500))
	r.turn()
	check("shown again in a narrower window")
	r.forget()
	r.src.next.Add(3)
	r.turn()
	check("rows came meanwhile")
}

// TestF4AnyOrder does the same in any order.
func TestF4AnyOrder(t *testing.T) {
	for seed := range uint64(40) {
		rnd := rand.New(rand.NewPCG(seed, 4))
		r := newRig(t, uint64(rnd.IntN(40)))
		r.list.SetShown(true)
		var did []string
		for range 60 {
			what := []string{"come", "evict", "forget", "wide", "high", "refresh", "hide", "tick", "clear", "select"}[rnd.IntN(10)]
			did = append(did, what)
			first, next := r.src.Range()
			switch what {
			case "come":
				r.src.next.Add(uint64(rnd.IntN(60)))
			case "evict":
				r.src.first.Store(first + uint64(rnd.IntN(int(next-first)+1)))
			case "forget":
				r.forget()
			case "wide":
				r.win.Resize(fyne.NewSize(float32(500+rnd.IntN(500)), r.win.Canvas().Size().Height))
			case "high":
				r.win.Resize(fyne.NewSize(r.win.Canvas().Size().Width, float32(40+rnd.IntN(700))))
			case "refresh":
				r.list.Content().Refresh()
			case "hide":
				r.list.SetShown(false)
				r.list.Content().Hide()
				r.list.Content().Show()
				r.list.SetShown(true)
			case "tick":
				r.list.tick()
			case "select":
				if r.list.Len() > 0 {
					r.list.view.Select(r.list.Len() - 1)
				}
			}
			if !r.list.Live() {
				t.Fatalf("seed %d: held after %v", seed, did)
			}
		}
		r.list.Content().Refresh()
		r.turn() // may end what an earlier tick began
		r.turn()
		_, next := r.src.Range()
		if n, ok := r.painted(); r.list.Len() > 0 && (!ok || n != next-1) {
			t.Fatalf("seed %d: %d (%v) of %d is painted after %v", seed, n, ok, next-1, did)
		}
	}
}
