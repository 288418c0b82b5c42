package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

var (
	_ fyne.Layout = (*Fields)(nil)
	_ fyne.Layout = (*Lines)(nil)
	_ fyne.Layout = (*Page)(nil)
	_ fyne.Layout = (*Middle)(nil)
)

// Middle puts one object into the middle of the height, as wide as there is
// room.
type Middle struct{}

func (Middle) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

func (Middle) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(fyne.NewSize(size.Width, o[0].MinSize().Height))
	h := o[0].MinSize().Height
	o[0].Resize(fyne.NewSize(size.Width, h))
	o[0].Move(fyne.NewPos(0, max(0, (size.Height-h)/2)))
}

// Fields puts objects side by side, 8 apart, each as high as it needs: those
// with a number in Grow share the width that is left.
type Fields struct{ Grow []float32 }

const fieldGap float32 = 8

func (r *Fields) share(i int) float32 {
	if i < len(r.Grow) {
		return r.Grow[i]
	}
	return 0
}

func (r *Fields) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		if size.Width > 0 {
			size.Width += fieldGap
		}
		size.Width += m.Width
		size.Height = max(size.Height, m.Height)
	}
	return size
}

func (r *Fields) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	left, shares := s.Width-r.MinSize(objects).Width, float32(0)
	for i, o := range objects {
		if o.Visible() {
			shares += r.share(i)
		}
	}
	x := float32(0)
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		w := o.MinSize().Width
		if shares > 0 {
			w += max(left, 0) * r.share(i) / shares
		}
		o.Move(fyne.NewPos(x, 0))
		// A hint wraps: its height is known once the width is.
		o.Resize(fyne.NewSize(w, o.MinSize().Height))
		o.Resize(fyne.NewSize(w, o.MinSize().Height))
		x += w + fieldGap
	}
}

// Lines puts objects one below the other, as wide as there is room.
type Lines struct{ Edge, Gap, Pad float32 }

func (l *Lines) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(0, 2*l.Pad)
	first := true
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		size.Width = max(size.Width, m.Width+2*l.Edge)
		size.Height += m.Height
		if !first {
			size.Height += l.Gap
		}
		first = false
	}
	return size
}

func (l *Lines) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	y := l.Pad
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		o.Move(fyne.NewPos(l.Edge, y))
		o.Resize(fyne.NewSize(s.Width-2*l.Edge, o.MinSize().Height))
		h := o.MinSize().Height
		o.Resize(fyne.NewSize(s.Width-2*l.Edge, h))
		y += h + l.Gap
	}
}

// Page puts three objects one below the other; the middle one takes the
// height that is left.
type Page struct{}

func (*Page) MinSize(o []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, x := range o {
		m := x.MinSize()
		size = fyne.NewSize(max(size.Width, m.Width), size.Height+m.Height)
	}
	return size
}

func (*Page) Layout(o []fyne.CanvasObject, s fyne.Size) {
	o[0].Resize(fyne.NewSize(s.Width, o[0].MinSize().Height)) // wraps: the height follows the width
	top, foot := o[0].MinSize().Height, o[2].MinSize().Height
	o[0].Move(fyne.Position{})
	o[0].Resize(fyne.NewSize(s.Width, top))
	o[1].Move(fyne.NewPos(0, top))
	o[1].Resize(fyne.NewSize(s.Width, max(s.Height-top-foot, 0)))
	o[2].Move(fyne.NewPos(0, s.Height-foot))
	o[2].Resize(fyne.NewSize(s.Width, foot))
}

// Middled is o in the middle of the height that it gets.
func Middled(o fyne.CanvasObject) fyne.CanvasObject { return container.New(&Middle{}, o) }

// Able enables or disables controls, those only that are not so yet.
func Able(on bool, all ...fyne.Disableable) {
	for _, d := range all {
		if on && d.Disabled() {
			d.Enable()
		} else if !on && !d.Disabled() {
			d.Disable()
		}
	}
}

// Swap has a container show one object, o.
func Swap(c *fyne.Container, o fyne.CanvasObject) {
	if len(c.Objects) == 0 || c.Objects[0] != o {
		c.Objects = []fyne.CanvasObject{o}
		c.Refresh()
	}
}
