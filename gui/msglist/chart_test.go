package msglist

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"gantry/client/filter"
	"gantry/client/profile"
)

func (r *rig) total() (all, fit uint64) {
	for _, b := range r.list.chart.bars {
		all, fit = all+b.all, fit+b.fit
	}
	return all, fit
}

// TestChartCounts: what is kept and what fits is counted exactly, while the list grows, is
// evicted, cleared and filtered.
func TestChartCounts(t *testing.T) {
	r := newFilterRig(t, 10_000)
	check := func(what string, wantAll, wantFit uint64) {
		t.Helper()
		r.turn()
		r.turn()
		if all, fit := r.total(); all != wantAll || fit != wantFit {
			t.Errorf("%s: %d and %d of it, not %d and %d", what, all, fit, wantAll, wantFit)
		}
	}
	check("at first", 10_000, 0)
	if !r.list.chart.Visible() || r.src.reads.Load() > 500 {
		t.Errorf("seen %v, %d records were read", r.list.chart.Visible(), r.src.reads.Load())
	}
	r.src.next.Store(10_500)
	check("grown", 10_500, 0)
	r.filter("key:k9")
	check("filtered", 10_500, 1111)
	r.src.next.Store(10_600)
	r.src.first.Store(950)
	check("evicted", 9650, 1050)
	r.filter("")
	check("without a filter", 9650, 0)
	r.list.Clear()
	r.src.next.Store(10_700)
	check("cleared", 100, 0)
	r.list.ShowAll()
	check("all", 9750, 0)
	other := &source{}
	other.next.Store(20_000)
	r.list.SetSource(other)
	check("another list", 20_000, 0)
	r.list.SetSource(r.src)
	r.src.next.Store(0)
	r.src.first.Store(0)
	check("another journal", 0, 0)
	if r.list.chart.Visible() {
		t.Error("a chart of nothing")
	}
}

// TestChartRests: nothing ticks once all is counted, and a chart that is folded away
// counts nothing.
func TestChartRests(t *testing.T) {
	r := newFilterRig(t, 1000)
	m := &memory{}
	r.list.p.Memory = m
	r.turn()
	height := r.list.view.Size().Height
	r.list.setLook(profile.ListLook{NoChart: true})
	if r.list.chart.Visible() || !m.look.NoChart || r.list.view.Size().Height <= height {
		t.Error("it is not folded away")
	}
	at := r.list.timing.at
	r.src.next.Store(2000)
	r.turn()
	if r.list.timing.at != at {
		t.Error("it counts what is not seen")
	}
	r.list.setLook(profile.ListLook{})
	r.settle()
	r.turn()
	if all, _ := r.total(); all != 2000 || !r.list.chart.Visible() {
		t.Errorf("%d counted", all)
	}
}

// TestChartDrag: a stretch that is dragged over becomes terms of the filter, which find
// what its bars hold; another one takes their place.
func TestChartDrag(t *testing.T) {
	r := newFilterRig(t, 60_000)
	r.turn()
	r.list.bar.field.SetText("key:k")
	r.settle()
	r.turn()
	c := r.list.chart
	width := c.Size().Width - 2*edgeRoom
	drag := func(from, to float32) uint64 {
		t.Helper()
		x := func(part float32) float32 { return edgeRoom + width*part }
		c.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x(from)+1, 10)}, Dragged: fyne.NewDelta(1, 0)})
		c.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x(to), 10)}, Dragged: fyne.NewDelta(width*(to-from), 0)})
		want := c.between(c.at(x(from)), c.at(x(to)))
		c.DragEnd()
		r.settle()
		r.turn()
		return want.all
	}
	for _, part := range [][2]float32{{0.2, 0.4}, {0.7, 0.5}} {
		want := drag(part[0], part[1])
		first, next := r.list.src.Range()
		if got := next - first; got != want || want == 0 || want == 60_000 {
			t.Errorf("%d rows, not %d: %s", got, want, r.list.bar.field.Text)
		}
	}
	text := r.list.bar.field.Text
	if !strings.HasPrefix(text, "key:k after:") || strings.Count(text, "after:") != 1 || strings.Count(text, "before:") != 1 {
		t.Errorf("%q", text)
	}
	if _, marked := c.marked(); !marked || c.said() == "" {
		t.Error("the stretch is not marked")
	}
	r.filter("key:k")
	if _, marked := c.marked(); marked {
		t.Error("the mark stays")
	}
	img := c.paint(400, 40)
	if img.Bounds().Dx() != 400 || c.AccessibilityLabel() == "" {
		t.Error("nothing is drawn")
	}
	test.WidgetRenderer(c).Refresh()
}

// TestRangeTerm: the terms are read as the times that they were made of, today and another
// day, to the millisecond.
func TestRangeTerm(t *testing.T) {
	now := time.Date(2026, 11, 30, 15, 0, 0, 0, time.Local)
	for _, at := range []time.Time{now.Add(-time.Hour), now.Add(-30 * time.Hour), now.Add(-37 * time.Millisecond)} {
		to := at.Add(5 * time.Second)
		term := rangeTerm(at.UnixMilli(), to.UnixMilli(), now)
		keep, err := filter.Parse("x "+term, now)
		if err != nil {
			t.Errorf("%s: %v", term, err)
			continue
		}
		for d, want := range map[time.Duration]bool{-time.Millisecond: false, 0: true, 5*time.Second - time.Millisecond: true, 5 * time.Second: false} {
			m := sample(1)
			m.Body, m.StoredAt = []byte("x"), at.Add(d)
			if keep.Match(m) != want {
				t.Errorf("%s: %v after its begin is %v", term, d, !want)
			}
		}
	}
}

// TestGoTo: a number of a row and a time are gone to, in a list that is filtered and sorted
// too.
func TestGoTo(t *testing.T) {
	r := newFilterRig(t, 300_000)
	r.turn()
	now := sample(0).StoredAt
	check := func(text string, want uint64) {
		t.Helper()
		if !r.list.goTo(text, now) {
			t.Fatalf("%s is refused", text)
		}
		r.settle()
		r.turn()
		if n, ok := r.list.Selected(); !ok || n != want {
			t.Errorf("%s goes to %d, not %d", text, n, want)
		}
		at := int(r.list.selected - r.list.base)
		if top := r.list.view.FirstVisible(); at < top || at > top+r.list.view.VisibleRows() {
			t.Errorf("%s: row %d is not in sight, %d is the first", text, at, top)
		}
	}
	check("1", 0)
	check("1,200", 1199)
	check("999999999", 299_999)
	check(now.Add(1500*time.Millisecond).Format("15:04:05.000"), 1500)
	check(now.Add(-time.Minute).Format("15:04"), 0)
	check(now.AddDate(0, 0, 1).Format(time.DateTime), 299_999)
	for _, text := range []string{"", "0", "x", "-5", "25:00"} {
		if r.list.goTo(text, now) {
			t.Errorf("%q is taken", text)
		}
	}
	r.filter("key:k299")
	check("2", 2990)
	check(now.Add(1*time.Second).Format("15:04:05.000"), 2990) // the first that fits from then on
	r.list.SortBy(colQueue)
	r.list.SortBy(colQueue) // descending
	r.settle()
	r.turn()
	check("1", 299_999)
	check(now.Add(1*time.Second).Format("15:04:05.000"), 2990)
	if r.list.order.on != true || r.list.sorted == nil {
		t.Error("it is not sorted any more")
	}
}

// TestGoToAsks: what cannot be read is said, and the list has the keys afterwards.
func TestGoToAsks(t *testing.T) {
	r := newFilterRig(t, 1000)
	r.turn()
	r.list.GoTo()
	e, ok := r.win.Canvas().Focused().(interface {
		SetText(string)
		TypedKey(*fyne.KeyEvent)
	})
	if !ok {
		t.Fatalf("%T has the focus", r.win.Canvas().Focused())
	}
	enter := &fyne.KeyEvent{Name: fyne.KeyReturn}
	e.SetText("nowhere")
	if e.TypedKey(enter); r.win.Canvas().Overlays().Top() == nil {
		t.Fatal("it closes")
	}
	e.SetText("7")
	e.TypedKey(enter)
	if n, ok := r.list.Selected(); !ok || n != 6 || r.win.Canvas().Overlays().Top() != nil || r.win.Canvas().Focused() != fyne.Focusable(r.list.view) {
		t.Errorf("at %d, focus %T", n, r.win.Canvas().Focused())
	}
}
