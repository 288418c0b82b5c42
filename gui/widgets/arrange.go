package widgets

import "fyne.io/fyne/v2"

var _ fyne.Layout = (*Columns)(nil)

// Columns puts objects side by side with shares of the width. An object of
// share 0 keeps its least width; a hidden one takes none.
type Columns struct {
	Gap    float32
	Shares []float32
}

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

func (c *Columns) Layout(o []fyne.CanvasObject, size fyne.Size) {
	free, all := size.Width-c.gaps(o), float32(0)
	for i, x := range o {
		if !x.Visible() {
			continue
		}
		if c.Shares[i] == 0 {
			free -= x.MinSize().Width
		}
		all += c.Shares[i]
	}
	x := float32(0)
	for i, obj := range o {
		if !obj.Visible() {
			continue
		}
		w := obj.MinSize().Width
		if c.Shares[i] > 0 {
			w = max(0, free*c.Shares[i]/all)
		}
		obj.Move(fyne.NewPos(x, 0))
		obj.Resize(fyne.NewSize(w, size.Height))
		x += w + c.Gap
	}
}

var _ fyne.Layout = (*Stacked)(nil)

// Stacked puts objects one below the other. Texts that wrap know their height
// only once they have their width, so each gets that first.
type Stacked struct {
	Gap   float32
	width float32
}

func (c *Stacked) MinSize(o []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	for i, x := range seen(o) {
		if c.width > 0 && x.Size().Width != c.width {
			x.Resize(fyne.NewSize(c.width, x.MinSize().Height))
		}
		m := x.MinSize()
		s.Width, s.Height = max(s.Width, m.Width), s.Height+m.Height
		if i > 0 {
			s.Height += c.Gap
		}
	}
	return s
}

func (c *Stacked) Layout(o []fyne.CanvasObject, size fyne.Size) {
	c.width = size.Width
	y := float32(0)
	for _, x := range seen(o) {
		x.Resize(fyne.NewSize(size.Width, x.MinSize().Height))
		h := x.MinSize().Height
		x.Resize(fyne.NewSize(size.Width, h))
		x.Move(fyne.NewPos(0, y))
		y += h + c.Gap
	}
}

func seen(o []fyne.CanvasObject) []fyne.CanvasObject {
	out := make([]fyne.CanvasObject, 0, len(o))
	for _, x := range o {
		if x.Visible() {
			out = append(out, x)
		}
	}
	return out
}

var _ fyne.Layout = (*Growing)(nil)

// Growing puts objects one below the other; the one at index Grow takes the
// room that the others leave.
type Growing struct {
	Gap   float32
	Grow  int
	width float32
}

func (g *Growing) MinSize(o []fyne.CanvasObject) fyne.Size {
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
			s.Height += g.Gap
		}
	}
	return s
}

func (g *Growing) Layout(o []fyne.CanvasObject, size fyne.Size) {
	g.width = size.Width
	free := size.Height
	for i, x := range o {
		if !x.Visible() {
			continue
		}
		if i > 0 {
			free -= g.Gap
		}
		if i != g.Grow {
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
		if i == g.Grow {
			h = max(h, free)
		}
		x.Move(fyne.NewPos(0, y))
		x.Resize(fyne.NewSize(size.Width, h))
		y += h + g.Gap
	}
}
