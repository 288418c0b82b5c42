package arrange

import "fyne.io/fyne/v2"

var _ fyne.Layout = (*Head)(nil)

// Head puts a title, a chip and buttons side by side; the title takes what is left. The
// chip is left out where the title would be cut beside it, for the title says what this is.
type Head struct {
	Gap float32
	// Wants is the width of the whole title.
	Wants func() float32
}

func (h *Head) columns() *Columns { return &Columns{Gap: h.Gap, Shares: []float32{1}} }

// MinSize is that without the chip.
func (h *Head) MinSize(o []fyne.CanvasObject) fyne.Size {
	return h.columns().MinSize(append([]fyne.CanvasObject{o[0]}, o[2:]...))
}

// Layout places the objects.
func (h *Head) Layout(o []fyne.CanvasObject, size fyne.Size) {
	chip := o[1]
	others := append([]fyne.CanvasObject{o[0]}, o[2:]...)
	room := size.Width - h.columns().MinSize(others).Width + o[0].MinSize().Width
	wide := chip.MinSize().Width
	if fits := wide > 0 && h.Wants()+h.Gap+wide <= room; fits != chip.Visible() {
		if fits {
			chip.Show()
		} else {
			chip.Hide()
		}
	}
	h.columns().Layout(o, size)
}
