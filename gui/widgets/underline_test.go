package widgets

import (
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"gantry/client/filter"
)

// TestWrongTermIsUnderlined: the line lies below the term that cannot be read, moves with the
// text, and goes when the text is another one.
func TestWrongTermIsUnderlined(t *testing.T) {
	test.NewTempApp(t)
	e := NewFilterEntry(func(*fyne.KeyEvent) bool { return false })
	w := test.NewTempWindow(t, container.NewVBox(e))
	w.Resize(fyne.NewSize(260, 60))
	mark := func(text string) {
		e.SetText(text)
		_, err := filter.Parse(text, time.Now())
		e.MarkWrong(err)
	}
	// line is where it is seen, from the left end of the entry.
	line := func() (from, to float32, shown bool) {
		u := e.wrong.line
		if u == nil || !u.Visible() {
			return 0, 0, false
		}
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(u)
		return at.X, at.X + u.Size().Width, true
	}
	// column is where Fyne puts the cursor before a rune.
	column := func(n int) float32 {
		e.CursorColumn = n
		e.Refresh()
		return e.CursorPosition().X
	}

	mark("tag:paid")
	if _, _, shown := line(); shown || e.Wrong() != "" {
		t.Error("a filter that can be read is underlined")
	}
	for _, c := range []struct {
		text     string
		from, to int // in runes
	}{
		{"size>x", 0, 6}, {"订单 size>很大 tag:paid", 3, 10}, {"tag:paid -retry>many", 10, 20},
	} {
		text := c.text
		mark(text)
		from, to := column(c.from), column(c.to)
		got := e.wrong.line
		if x := got.Position().X; !got.Visible() || x < from-1 || x > from+1 || x+got.Size().Width < to-1 || x+got.Size().Width > to+1 {
			t.Errorf("%s: from %.1f, %.1f wide, want %.1f to %.1f", text, x, got.Size().Width, from, to)
		}
		if y := got.Position().Y; y < 10 || y+got.Size().Height > e.Size().Height {
			t.Errorf("%s: at %.1f of %.1f", text, y, e.Size().Height)
		}
	}
	if e.Wrong() != "retry>many" {
		t.Errorf("%q", e.Wrong())
	}

	// A long text scrolls: the line goes along.
	mark("word another third a-fourth and-a-fifth and-one-more size>x")
	column(len(e.Text))
	if from, to, shown := line(); !shown || from < 0 || to > e.Size().Width {
		t.Errorf("at the end: %.1f to %.1f, %v", from, to, shown)
	}
	column(0)
	if from, _, _ := line(); from < e.Size().Width {
		t.Errorf("at the beginning it is still in sight: %.1f", from)
	}

	e.SetText("size>xy")
	if _, _, shown := line(); shown || e.Wrong() != "" {
		t.Error("another text is underlined")
	}
}
