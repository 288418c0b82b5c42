package arrange

import "fyne.io/fyne/v2"

var (
	_ fyne.Layout = (*Columns)(nil)
	_ fyne.Layout = (*Fields)(nil)
)

// Columns puts objects side by side, all as high as there is room, with shares of the
// width. An object of share 0, or with none, keeps its least width; a hidden one takes
// none.
type Columns struct {
	Gap    float32
	Shares []float32
}

// share is that of object i.
func share(shares []float32, i int) float32 {
	if i < len(shares) {
		return shares[i]
	}
	return 0
}

// MinSize is the least widths together.
func (c *Columns) MinSize(o []fyne.CanvasObject) fyne.Size {
	s := fyne.NewSize(c.gaps(o), 0)
	for _, x := range seen(o) {
		m := x.MinSize()
		s.Width, s.Height = s.Width+m.Width, max(s.Height, m.Height)
	}
	return s
}

// gaps is the room between the objects that are seen.
func (c *Columns) gaps(o []fyne.CanvasObject) float32 {
	return c.Gap * float32(max(len(seen(o))-1, 0))
}

// Layout places the objects.
func (c *Columns) Layout(o []fyne.CanvasObject, size fyne.Size) {
	free, all := size.Width-c.gaps(o), float32(0)
	for i, x := range o {
		if !x.Visible() {
			continue
		}
		if share(c.Shares, i) == 0 {
			free -= x.MinSize().Width
		}
		all += share(c.Shares, i)
	}
	x := float32(0)
	for i, obj := range o {
		if !obj.Visible() {
			continue
		}
		w := obj.MinSize().Width
		if s := share(c.Shares, i); s > 0 {
			w = max(0, free*s/all)
		}
		obj.Move(fyne.NewPos(x, 0))
		obj.Resize(fyne.NewSize(w, size.Height))
		x += w + c.Gap
	}
}

// Fields puts objects side by side, 8 apart, each as high as it needs. What is left of
// the width is added to those with a share in Grow.
type Fields struct{ Grow []float32 }

const fieldGap float32 = 8

// MinSize is the least widths together.
func (r *Fields) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for i, o := range seen(objects) {
		m := o.MinSize()
		if i > 0 {
			size.Width += fieldGap
		}
		size.Width += m.Width
		size.Height = max(size.Height, m.Height)
	}
	return size
}

// Layout places the objects.
func (r *Fields) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	left, shares := s.Width-r.MinSize(objects).Width, float32(0)
	for i, o := range objects {
		if o.Visible() {
			shares += share(r.Grow, i)
		}
	}
	x := float32(0)
	for i, o := range objects {
		if !o.Visible() {
			continue
		}
		w := o.MinSize().Width
		if shares > 0 {
			w += max(left, 0) * share(r.Grow, i) / shares
		}
		o.Move(fyne.NewPos(x, 0))
		// A hint wraps: its height is known once the width is.
		for range 3 {
			o.Resize(fyne.NewSize(w, o.MinSize().Height))
		}
		x += w + fieldGap
	}
}
