package send

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// TestTheWrongPropertyIsSeen: scrolled into sight, and named for what it is.
func TestTheWrongPropertyIsSeen(t *testing.T) {
	s := newRig(t, nil)
	s.Window.Resize(fyne.NewSize(1224, 700))
	p := s.screen.form.properties
	for _, name := range []string{"a", "b", "a", "c", "d", "e"} {
		p.append(name, "1")
	}
	p.show()
	for name, from := range map[string]float32{"from below": 1000, "from above": 0} {
		p.scroll.ScrollToOffset(fyne.NewPos(0, from))
		s.screen.Primary()
		r := p.rows[2]
		y := r.object.Position().Y - p.scroll.Offset.Y
		if y < 0 || y+r.object.Size().Height > p.scroll.Size().Height || p.scroll.Size().Height == 0 {
			t.Errorf("%s: it is at %v of %v", name, y, p.scroll.Size().Height)
		}
		if want := "Property a: This name is there twice."; p.wrong.Text() != want || r.field.Error() == "" || p.rows[0].field.Error() != "" {
			t.Errorf("%s: it says %q, at the row %q", name, p.wrong.Text(), r.field.Error())
		}
	}
	r := p.rows[2]
	r.name.SetText("f")
	if s.screen.Primary(); p.wrong.Text() != "" || r.field.Error() != "" {
		t.Errorf("it still says %q", p.wrong.Text())
	}
}

// TestF14AddStandsStill while rows come and go, and while what is wrong with them is
// said and mended.
func TestF14AddStandsStill(t *testing.T) {
	r := newRig(t, nil)
	p := r.screen.form.properties
	place := func() fyne.Position {
		return fyne.CurrentApp().Driver().AbsolutePositionForObject(p.add)
	}
	before := place()
	for range 5 {
		test.Tap(p.add)
		if place() != before {
			t.Fatalf("a new row moved it from %v to %v", before, place())
		}
	}
	p.rows[0].name.SetText("KEYS")
	p.rows[0].value.SetText("x")
	if _, ok := p.check(); ok || place() != before {
		t.Errorf("what is wrong moved it to %v", place())
	}
	p.rows[0].name.SetText("colour")
	if _, ok := p.check(); !ok || place() != before {
		t.Errorf("mending moved it to %v", place())
	}
	for len(p.rows) > 0 {
		p.remove(p.rows[0])
	}
	if place() != before {
		t.Errorf("without rows it stands at %v", place())
	}
}
