package subscribe

import "fyne.io/fyne/v2"

var (
	_ fyne.Layout = (*rowLayout)(nil)
	_ fyne.Layout = (*linesLayout)(nil)
	_ fyne.Layout = (*pageLayout)(nil)
)

// rowLayout puts objects side by side, 8 apart, each as high as it needs: those
// with a number in grow share the width that is left.
type rowLayout struct{ grow []float32 }

const fieldGap float32 = 8

func (r *rowLayout) share(i int) float32 {
	if i < len(r.grow) {
		return r.grow[i]
	}
	return 0
}

func (r *rowLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
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

func (r *rowLayout) Layout(objects []fyne.CanvasObject, s fyne.Size) {
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

// linesLayout puts objects one below the other, as wide as there is room.
type linesLayout struct{ edge, gap, pad float32 }

func (l *linesLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(0, 2*l.pad)
	first := true
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		size.Width = max(size.Width, m.Width+2*l.edge)
		size.Height += m.Height
		if !first {
			size.Height += l.gap
		}
		first = false
	}
	return size
}

func (l *linesLayout) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	y := l.pad
	for _, o := range objects {
		if !o.Visible() {
			continue
		}
		o.Move(fyne.NewPos(l.edge, y))
		o.Resize(fyne.NewSize(s.Width-2*l.edge, o.MinSize().Height))
		h := o.MinSize().Height
		o.Resize(fyne.NewSize(s.Width-2*l.edge, h))
		y += h + l.gap
	}
}

// pageLayout puts three objects one below the other; the middle one takes the
// height that is left.
type pageLayout struct{}

func (*pageLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, x := range o {
		m := x.MinSize()
		size = fyne.NewSize(max(size.Width, m.Width), size.Height+m.Height)
	}
	return size
}

func (*pageLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	o[0].Resize(fyne.NewSize(s.Width, o[0].MinSize().Height)) // wraps: the height follows the width
	top, foot := o[0].MinSize().Height, o[2].MinSize().Height
	o[0].Move(fyne.Position{})
	o[0].Resize(fyne.NewSize(s.Width, top))
	o[1].Move(fyne.NewPos(0, top))
	o[1].Resize(fyne.NewSize(s.Width, max(s.Height-top-foot, 0)))
	o[2].Move(fyne.NewPos(0, s.Height-foot))
	o[2].Resize(fyne.NewSize(s.Width, foot))
}
