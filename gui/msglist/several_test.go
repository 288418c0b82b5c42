package msglist

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"gantry/client/message"
	"gantry/gui/widgets"
)

// press clicks a row of the screen with keys held.
func (r *rig) press(row int, held fyne.KeyModifier) {
	r.list.view.Held = func() fyne.KeyModifier { return held }
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(r.list.view)
	test.TapCanvas(r.win.Canvas(), at.AddXY(100, widgets.RowHeight*float32(row)+10))
	r.list.view.Held = func() fyne.KeyModifier { return 0 }
	r.settle()
}

func (r *rig) key(name fyne.KeyName, held fyne.KeyModifier) {
	r.list.view.Held = func() fyne.KeyModifier { return held }
	r.list.view.TypedKey(&fyne.KeyEvent{Name: name})
	r.list.view.Held = func() fyne.KeyModifier { return 0 }
	r.settle()
}

// chosen are the keys of the messages that are handed over.
func (r *rig) chosen() (keys []string) {
	r.t.Helper()
	skipped, err := r.list.chosen().Each(r.t.Context(), func(uint64) {}, func(m *message.Message) error {
		keys = append(keys, m.Keys()[0])
		return nil
	})
	if err != nil || skipped != (Skipped{}) {
		r.t.Errorf("%+v, %v", skipped, err)
	}
	return keys
}

// grounds are the keys of the rows in sight that are drawn as chosen, but for the marked one.
func (r *rig) grounds() (keys []string) {
	for _, v := range rowViews(r.win.Canvas().Content()) {
		if v.ground.Visible() && v.row != nil && v.n < r.list.end {
			keys = append(keys, v.row.Key)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

func rowViews(o fyne.CanvasObject) (all []*rowView) {
	switch o := o.(type) {
	case *rowView:
		return []*rowView{o}
	case *fyne.Container:
		for _, x := range o.Objects {
			all = append(all, rowViews(x)...)
		}
	case fyne.Widget:
		for _, x := range test.WidgetRenderer(o).Objects() {
			all = append(all, rowViews(x)...)
		}
	}
	return all
}

const (
	shift = fyne.KeyModifierShift
	ctrl  = fyne.KeyModifierShortcutDefault
)

// TestSeveral chooses rows by click and key, as every list of files has it.
func TestSeveral(t *testing.T) {
	r := newFilterRig(t, 500)
	r.list.Home()
	r.turn()
	for _, c := range []struct {
		what string
		do   func()
		want string
		last string
	}{
		{"click", func() { r.press(2, 0) }, "k2", "k2"},
		{"control", func() { r.press(5, ctrl) }, "k2 k5", "k5"},
		{"control again", func() { r.press(5, ctrl) }, "k2", "k2"},
		{"shift", func() { r.press(7, 0); r.press(4, shift) }, "k4 k5 k6 k7", "k4"},
		{"shift and key", func() { r.key(fyne.KeyUp, shift) }, "k3 k4 k5 k6 k7", "k3"},
		{"shift the other way", func() { r.press(9, shift) }, "k7 k8 k9", "k9"},
		{"a key alone", func() { r.key(fyne.KeyDown, 0) }, "k10", "k10"},
		{"control with three", func() { r.press(0, ctrl); r.press(3, ctrl); r.press(0, ctrl) }, "k3 k10", "k3"},
		{"escape", func() { r.list.view.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape}) }, "k3", "k3"},
	} {
		c.do()
		r.settle()
		if got := strings.Join(r.chosen(), " "); got != c.want || r.got == nil || r.got.Keys()[0] != c.last {
			t.Errorf("%s: %q, want %q; shown is %v", c.what, got, c.want, r.got.Keys())
		}
	}
	r.press(1, 0)
	r.press(3, shift)
	if got := r.grounds(); !slices.Equal(got, []string{"k1", "k2"}) {
		t.Errorf("drawn as chosen: %v", got)
	}
}

// TestSeveralOutlast what comes and what goes: what is gone leaves the selection, and the
// bar says so.
func TestSeveralOutlast(t *testing.T) {
	r := newFilterRig(t, 500)
	r.list.Home()
	r.turn()
	r.press(2, 0)
	r.press(6, shift)
	r.src.next.Add(100)
	r.turn()
	if got := len(r.chosen()); got != 5 || r.list.bar.status.Text() != "5 selected" {
		t.Errorf("%d chosen, %q", got, r.list.bar.status.Text())
	}
	r.src.first.Store(5)
	r.turn()
	if got := strings.Join(r.chosen(), " "); got != "k5 k6" || r.list.bar.status.Text() != "2 selected · 3 no longer kept" {
		t.Errorf("%q, %q", got, r.list.bar.status.Text())
	}
	r.src.first.Store(50)
	r.turn()
	if n := r.list.picked.Count(); n != 0 || r.list.bar.copies.Visible() {
		t.Errorf("%d chosen, copy offered %v", n, r.list.bar.copies.Visible())
	}
	r.press(0, 0)
	r.src.first.Store(200) // what the screen shows is gone, a later one is not
	r.list.picked.Toggle(300)
	r.turn()
	if n, ok := r.list.Selected(); !ok || n != 300 {
		t.Errorf("selected is %d, %v", n, ok)
	}
}

// TestSeveralOfAll are all that the list holds at that moment, in one span.
func TestSeveralOfAll(t *testing.T) {
	r := newFilterRig(t, 1_000_000)
	r.list.view.TypedShortcut(&fyne.ShortcutSelectAll{})
	r.settle()
	r.src.next.Add(7)
	r.turn()
	from := r.list.chosen()
	if n := len(from.parts); n != 1 || from.Most() != 1_000_000 || r.list.bar.status.Text() != "1,000,000 selected" {
		t.Errorf("%d parts of %d messages, %q", n, from.Most(), r.list.bar.status.Text())
	}
	if r.list.bar.again.Text() != "Send selected again…" {
		t.Errorf("the button says %q", r.list.bar.again.Text())
	}
	var sent Listed
	r.list.p.SendAll = func(l Listed) { sent = l }
	test.Tap(r.list.bar.again)
	if sent.Most() != 1_000_000 || !sent.Picked() {
		t.Errorf("%d messages, picked %v", sent.Most(), sent.Picked())
	}
}

// TestSeveralFiltered hands over those that fit, by their places among all.
func TestSeveralFiltered(t *testing.T) {
	r := newFilterRig(t, 2000)
	r.filter("key:k100")
	want := "k100 k1000 k1001"
	r.list.Home()
	r.settle()
	r.press(0, 0)
	r.press(2, shift)
	kept := r.list.chosen()
	if got := strings.Join(r.chosen(), " "); got != want {
		t.Errorf("%q", got)
	}
	r.src.next.Add(9000)
	r.turn()
	r.filter("")
	if r.list.picked.Several() || r.list.bar.again.Text() != "Send all again…" {
		t.Error("another filter keeps the selection")
	}
	var got []string
	_, _ = kept.Each(t.Context(), func(uint64) {}, func(m *message.Message) error { got = append(got, m.Keys()[0]); return nil })
	if strings.Join(got, " ") != want {
		t.Errorf("what was handed over became %v", got)
	}
}

// TestSeveralCopied are lines for a table, cut where the clipboard is full, and that is said.
func TestSeveralCopied(t *testing.T) {
	r := newFilterRig(t, 100_000)
	said := ""
	r.list.p.Say = func(s string) { said = s }
	copied := func() string {
		r.list.view.TypedShortcut(&fyne.ShortcutCopy{})
		for r.list.scope.Running(queryMenu) {
			(<-r.queue)()
		}
		return fyne.CurrentApp().Clipboard().Content()
	}
	r.list.Home()
	r.settle()
	r.press(0, 0)
	if got := copied(); got != Text(sample(0)) {
		t.Errorf("one row: %q", got)
	}
	r.press(2, ctrl)
	if got, want := copied(), Text(sample(0))+"\n"+Text(sample(2))+"\n"; got != want || said != "Copied 2 rows." {
		t.Errorf("%q, %q", got, said)
	}
	r.list.pickAll()
	got := copied()
	rows := strings.Count(got, "\n")
	if len(got) > copyLimit || len(got) < copyLimit-200 || !strings.HasPrefix(said, "Copied the first "+widgets.Count(uint64(rows))+" of 100,000 rows.") {
		t.Errorf("%d bytes, %d rows, %q", len(got), rows, said)
	}
	if lines := strings.Split(got, "\n"); lines[rows-1] != Text(sample(uint64(rows-1))) {
		t.Errorf("the last line is %q", lines[rows-1])
	}
}

// BenchmarkTickSelected is BenchmarkTick with rows chosen, of which as many go each tick.
// TestTwoCompared: exactly two that are chosen can be compared, in the order of the list.
func TestTwoCompared(t *testing.T) {
	r := newFilterRig(t, 500)
	r.list.Home()
	r.turn()
	var got []string
	offered := func() bool {
		return slices.ContainsFunc(r.list.pickedItems(), func(i *fyne.MenuItem) bool { return i.Label == "Compare the two" })
	}
	r.press(5, 0)
	r.press(2, ctrl)
	if offered() {
		t.Error("offered where nobody can")
	}
	r.list.p.Compare = func(first, second *message.Message) { got = append(got, first.Keys()[0], second.Keys()[0]) }
	if !offered() {
		t.Error("not offered")
	}
	r.list.comparePicked()
	for r.list.scope.Running(queryMenu) {
		(<-r.queue)()
	}
	if strings.Join(got, " ") != "k2 k5" {
		t.Errorf("compared are %q", got)
	}
	r.press(3, ctrl)
	if offered() {
		t.Error("offered for three")
	}
}

func BenchmarkTickSelected(b *testing.B) {
	for _, c := range []string{"none", "all", "every other one"} {
		b.Run(c, func(b *testing.B) {
			r := newFilterRig(b, Span)
			if c != "none" {
				r.list.pickAll()
			}
			for n := uint64(Span - 2000); c == "every other one" && n < Span; n += 2 {
				r.list.picked.Toggle(n)
			}
			b.ResetTimer()
			for b.Loop() {
				r.src.next.Add(25)
				r.src.first.Add(25)
				r.turn()
			}
		})
	}
}
