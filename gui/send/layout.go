package send

import "fyne.io/fyne/v2"

var _ fyne.Layout = (*foot)(nil)

// foot puts the second of two objects at the foot, as high as it wants but at
// most 60 % of the height. The first takes the rest.
type foot struct{ want func() float32 }

func (f *foot) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(max(o[0].MinSize().Width, o[1].MinSize().Width), 140)
}

func (f *foot) Layout(o []fyne.CanvasObject, size fyne.Size) {
	h := float32(0)
	if o[1].Visible() {
		o[1].Resize(fyne.NewSize(size.Width, max(o[1].Size().Height, 40)))
		h = min(f.want(), size.Height*0.6)
	}
	o[0].Resize(fyne.NewSize(size.Width, size.Height-h))
	o[0].Move(fyne.NewPos(0, 0))
	o[1].Move(fyne.NewPos(0, size.Height-h))
	o[1].Resize(fyne.NewSize(size.Width, h))
}

var _ fyne.Layout = (*beside)(nil)

// beside puts what is seen of the objects behind the first at its right, where they have at
// least so much room together, else below it, one below the other.
type beside struct {
	gap, least float32

	width float32 // as it was laid out last
}

// fits tells whether there is room at the right of the first.
func (b *beside) fits(first fyne.CanvasObject) bool {
	return b.width == 0 || b.width-first.MinSize().Width-b.gap >= b.least
}

func (b *beside) rest(o []fyne.CanvasObject) (out []fyne.CanvasObject) {
	for _, x := range o[1:] {
		if x.Visible() {
			out = append(out, x)
		}
	}
	return out
}

// MinSize is that at the width that it had last.
func (b *beside) MinSize(o []fyne.CanvasObject) fyne.Size {
	m := o[0].MinSize()
	height := m.Height
	for _, x := range b.rest(o) {
		if b.width > 0 {
			w := b.width
			if b.fits(o[0]) {
				w -= m.Width + b.gap
			}
			x.Resize(fyne.NewSize(w, max(x.Size().Height, x.MinSize().Height)))
		}
		switch h := x.MinSize().Height; {
		case b.fits(o[0]):
			height = max(height, h)
		default:
			height += b.gap + h
		}
	}
	return fyne.NewSize(m.Width, height)
}

// Layout places the objects.
func (b *beside) Layout(o []fyne.CanvasObject, size fyne.Size) {
	b.width = size.Width
	first := o[0].MinSize()
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(first)
	at := fyne.NewPos(first.Width+b.gap, 0)
	if !b.fits(o[0]) {
		at = fyne.NewPos(0, first.Height+b.gap)
	}
	for _, x := range b.rest(o) {
		x.Move(at)
		x.Resize(fyne.NewSize(size.Width-at.X, max(x.Size().Height, x.MinSize().Height)))
		x.Resize(fyne.NewSize(size.Width-at.X, x.MinSize().Height))
		if at.X == 0 {
			at.Y += x.MinSize().Height + b.gap
		}
	}
}
