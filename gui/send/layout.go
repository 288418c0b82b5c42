package send

import "fyne.io/fyne/v2"

var _ fyne.Layout = (*middle)(nil)

// middle puts one object into the middle of the height, as wide as there is
// room.
type middle struct{}

func (middle) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

func (middle) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(fyne.NewSize(size.Width, o[0].MinSize().Height))
	h := o[0].MinSize().Height
	o[0].Resize(fyne.NewSize(size.Width, h))
	o[0].Move(fyne.NewPos(0, max(0, (size.Height-h)/2)))
}

var _ fyne.Layout = (*growing)(nil)

// growing puts objects one below the other; the one at index grow takes the
// room that the others leave.
type growing struct {
	gap, width float32
	grow       int
}

func (g *growing) MinSize(o []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	for i, x := range o {
		if !x.Visible() {
			continue
		}
		if g.width > 0 && x.Size().Width != g.width {
			x.Resize(fyne.NewSize(g.width, max(x.Size().Height, x.MinSize().Height)))
		}
		m := x.MinSize()
		s.Width, s.Height = max(s.Width, m.Width), s.Height+m.Height
		if i > 0 {
			s.Height += g.gap
		}
	}
	return s
}

func (g *growing) Layout(o []fyne.CanvasObject, size fyne.Size) {
	g.width = size.Width
	free := size.Height
	for i, x := range o {
		if !x.Visible() {
			continue
		}
		if i > 0 {
			free -= g.gap
		}
		if i != g.grow {
			x.Resize(fyne.NewSize(size.Width, x.MinSize().Height))
			free -= x.MinSize().Height
		}
	}
	y := float32(0)
	for i, x := range o {
		if !x.Visible() {
			continue
		}
		h := x.MinSize().Height
		if i == g.grow {
			h = max(h, free)
		}
		x.Move(fyne.NewPos(0, y))
		x.Resize(fyne.NewSize(size.Width, h))
		y += h + g.gap
	}
}

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
