package arrange

import (
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
)

// empty asks for no room, as a chip without a word.
type empty struct{ *canvas.Rectangle }

func (empty) MinSize() fyne.Size { return fyne.Size{} }

// TestHead: the title is whole before there is a chip.
func TestHead(t *testing.T) {
	object := func(w float32) *canvas.Rectangle {
		r := canvas.NewRectangle(color.Black)
		r.SetMinSize(fyne.NewSize(w, 10))
		return r
	}
	title, chip, button, hidden := object(60), object(40), object(50), object(70)
	hidden.Hide()
	h := &Head{Gap: 8, Wants: func() float32 { return 100 }}
	all := []fyne.CanvasObject{title, chip, button, hidden}
	for _, x := range []struct {
		width, title float32
		chip         bool
	}{{400, 400 - 8 - 40 - 8 - 50, true}, {206, 100, true}, {205, 205 - 8 - 50, false}, {120, 62, false}, {300, 194, true}} {
		h.Layout(all, fyne.NewSize(x.width, 20))
		if title.Size().Width != x.title || chip.Visible() != x.chip {
			t.Errorf("in %v: the title has %v, the chip is seen: %v", x.width, title.Size().Width, chip.Visible())
		}
	}
	if w := h.MinSize(all).Width; w != 60+8+50 {
		t.Error(w)
	}
	says := empty{object(0)} // nothing
	h.Layout([]fyne.CanvasObject{title, says, button, hidden}, fyne.NewSize(400, 20))
	if says.Visible() {
		t.Error("an empty chip takes a gap")
	}
}
