package arrange

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
)

func block(w, h float32) *canvas.Rectangle {
	r := canvas.NewRectangle(nil)
	r.SetMinSize(fyne.NewSize(w, h))
	return r
}

// TestRows: edges, gaps, what is hidden, and who gets the height that is left.
func TestRows(t *testing.T) {
	test.NewTempApp(t)
	head, tabs, body, foot := block(50, 20), block(60, 10), block(10, 40), block(10, 30)
	c := container.New(&Rows{Gap: 4, Edge: 8, Top: 6, Foot: 2, Grow: body, Full: tabs}, head, tabs, body, foot)
	if m := c.MinSize(); m != fyne.NewSize(66, 6+20+4+10+4+40+4+30+2) {
		t.Errorf("asks for %v", m)
	}
	c.Resize(fyne.NewSize(100, 200))
	for _, want := range []struct {
		o          *canvas.Rectangle
		x, y, w, h float32
	}{{head, 8, 6, 84, 20}, {tabs, 0, 30, 100, 10}, {body, 8, 44, 84, 120}, {foot, 8, 168, 84, 30}} {
		if p, s := want.o.Position(), want.o.Size(); p != fyne.NewPos(want.x, want.y) || s != fyne.NewSize(want.w, want.h) {
			t.Errorf("at %v %v, want %v", p, s, want)
		}
	}
	head.Hide()
	c.Refresh()
	if p, s := tabs.Position(), body.Size(); p.Y != 6 || s.Height != 144 {
		t.Errorf("without the head: tabs at %v, body %v", p, s)
	}
	// Where there is too little room, what grows gives way and the foot stays in sight.
	c.Resize(fyne.NewSize(100, 70))
	if at := foot.Position().Y + foot.Size().Height; at != 68 || body.Size().Height != 14 {
		t.Errorf("the foot ends at %v, body %v", at, body.Size())
	}
}

// TestRowsOfAWidth: it asks for it, whatever stands in it, and takes no more.
func TestRowsOfAWidth(t *testing.T) {
	test.NewTempApp(t)
	one := block(90, 10)
	c := container.New(&Rows{Width: 80}, one)
	if m := c.MinSize(); m.Width != 80 {
		t.Errorf("asks for %v", m)
	}
	c.Resize(fyne.NewSize(200, 50))
	if one.Size().Width != 80 {
		t.Errorf("is %v", one.Size())
	}
}
