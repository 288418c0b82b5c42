package arrange

import "fyne.io/fyne/v2"

var _ fyne.Layout = (*Rows)(nil)

// Rows puts objects one below the other, as wide as there is room; a hidden one takes
// none. Texts that wrap know their height only once they have their width, so each gets
// that first.
type Rows struct {
	Gap       float32 // between two
	Edge      float32 // at the left and the right
	Top, Foot float32 // above the first and below the last
	// Width is what it asks for, and takes no more than; 0 is what its objects ask for,
	// and all there is.
	Width float32
	// Grow gets the height that the others leave, however little; nil: it stays free.
	Grow fyne.CanvasObject
	// Full has no edges.
	Full fyne.CanvasObject

	width float32 // as it was laid out last
}

// MinSize is that at the width that it had last.
func (r *Rows) MinSize(all []fyne.CanvasObject) fyne.Size {
	if r.Width > 0 {
		r.width = r.Width
	}
	size := fyne.NewSize(0, r.Top+r.Foot)
	for i, o := range seen(all) {
		edge := r.edge(o)
		if w := r.width - 2*edge; r.width > 0 && o.Size().Width != w {
			o.Resize(fyne.NewSize(w, max(o.Size().Height, o.MinSize().Height)))
		}
		m := o.MinSize()
		size.Width, size.Height = max(size.Width, m.Width+2*edge), size.Height+m.Height
		if i > 0 {
			size.Height += r.Gap
		}
	}
	if r.Width > 0 {
		size.Width = r.Width
	}
	return size
}

func (r *Rows) edge(o fyne.CanvasObject) float32 {
	if o == r.Full {
		return 0
	}
	return r.Edge
}

// Layout places the objects.
func (r *Rows) Layout(all []fyne.CanvasObject, size fyne.Size) {
	r.width = size.Width
	if r.Width > 0 {
		r.width = min(r.Width, size.Width)
	}
	shown := seen(all)
	free := size.Height - r.Top - r.Foot - r.Gap*float32(max(len(shown)-1, 0))
	heights := make([]float32, len(shown))
	for i, o := range shown {
		if o == r.Grow {
			continue
		}
		o.Resize(fyne.NewSize(r.width-2*r.edge(o), o.MinSize().Height))
		heights[i] = o.MinSize().Height
		free -= heights[i]
	}
	y := r.Top
	for i, o := range shown {
		if o == r.Grow {
			heights[i] = max(free, 0)
		}
		o.Move(fyne.NewPos(r.edge(o), y))
		o.Resize(fyne.NewSize(r.width-2*r.edge(o), heights[i]))
		y += heights[i] + r.Gap
	}
}
