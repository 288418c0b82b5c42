package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

// grip is the width at which the pointer takes the line of a split.
const grip float32 = 7

var (
	_ fyne.Widget        = (*Split)(nil)
	_ fyne.Draggable     = (*gripper)(nil)
	_ desktop.Cursorable = (*gripper)(nil)
	_ desktop.Hoverable  = (*gripper)(nil)
)

// Split shows two panes with a line of 1 px between, which can be dragged.
// Unlike Fyne's it has no handle, keeps the second pane at its usual size until
// the user moves the line, and tells when that happens.
type Split struct {
	widget.BaseWidget

	// OnMoved runs with the new offset once the user has dragged the line.
	OnMoved func(float64)

	first, second fyne.CanvasObject
	below         bool
	usual         func(total float32) float32
	offset        float64 // the first pane's share as the user left it; 0: usual
	narrow        bool
	grip          *gripper
}

// NewDetailSplit puts details at the right of a list, usually wide units wide, or
// narrow units in a narrow window.
func NewDetailSplit(list, details fyne.CanvasObject, wide, narrow float32) *Split {
	s := NewSplit(list, details, false, nil)
	s.usual = func(float32) float32 {
		if s.narrow {
			return narrow
		}
		return wide
	}
	return s
}

// SetNarrow tells whether the window is narrow.
func (s *Split) SetNarrow(narrow bool) {
	if s.narrow != narrow {
		s.narrow = narrow
		s.Refresh()
	}
}

// NewSplit puts second at the right of first, or below it. usual tells the size
// of the second pane in a given room, until the line is moved.
func NewSplit(first, second fyne.CanvasObject, below bool, usual func(total float32) float32) *Split {
	s := &Split{first: first, second: second, below: below, usual: usual}
	s.grip = &gripper{split: s}
	s.grip.ExtendBaseWidget(s.grip)
	s.ExtendBaseWidget(s)
	return s
}

// Held are the panes.
func (s *Split) Held() []fyne.CanvasObject { return []fyne.CanvasObject{s.first, s.second} }

// Offset returns the first pane's share as the user left it, 0 while that is
// the usual one.
func (s *Split) Offset() float64 { return s.offset }

// SetOffset moves the line without telling OnMoved; 0 is the usual place.
func (s *Split) SetOffset(v float64) {
	s.offset = v
	s.Refresh()
}

// along is the length of a size in the direction of the split.
func (s *Split) along(size fyne.Size) float32 {
	if s.below {
		return size.Height
	}
	return size.Width
}

// lead is the length of the first pane: neither is made smaller than its least.
func (s *Split) lead(total float32) float32 {
	lead := total - s.usual(total)
	if s.offset > 0 {
		lead = total * float32(s.offset)
	}
	lead = min(lead, total-1-s.along(s.second.MinSize()))
	return max(lead, min(s.along(s.first.MinSize()), total/2), 0)
}

// drag moves the line by what the pointer moved.
func (s *Split) drag(by float32) {
	total := s.along(s.Size())
	if total <= 0 {
		return
	}
	s.offset = min(max(float64((s.lead(total)+by)/total), 0.05), 0.95)
	s.offset = float64(s.lead(total) / total)
	s.Refresh()
}

// CreateRenderer is called by Fyne.
func (s *Split) CreateRenderer() fyne.WidgetRenderer {
	line := canvas.NewRectangle(nil)
	d := &draw.Renderer{Parts: []fyne.CanvasObject{s.first, s.second, line, s.grip}}
	d.Least = func() fyne.Size {
		a, b := s.first.MinSize(), s.second.MinSize()
		if s.below {
			return fyne.NewSize(max(a.Width, b.Width), a.Height+1+b.Height)
		}
		return fyne.NewSize(a.Width+1+b.Width, max(a.Height, b.Height))
	}
	d.Place = func(size fyne.Size) {
		at := float32(int(s.lead(s.along(size)) + 0.5))
		if s.below {
			draw.Place(s.first, 0, 0, size.Width, at)
			draw.Place(line, 0, at, size.Width, 1)
			draw.Place(s.grip, 0, at-grip/2, size.Width, grip)
			draw.Place(s.second, 0, at+1, size.Width, max(size.Height-at-1, 0))
			return
		}
		draw.Place(s.first, 0, 0, at, size.Height)
		draw.Place(line, at, 0, 1, size.Height)
		draw.Place(s.grip, at-grip/2, 0, grip, size.Height)
		draw.Place(s.second, at+1, 0, max(size.Width-at-1, 0), size.Height)
	}
	d.Paint = func() {
		line.FillColor = theme.Color(theme.Line)
		if s.grip.hovered {
			line.FillColor = theme.Color(theme.Accent)
		}
		d.Place(s.Size())
	}
	d.Paint()
	return d
}

// gripper is what the pointer takes: wider than the line, and unseen.
type gripper struct {
	widget.BaseWidget

	split   *Split
	hovered bool
}

// Cursor tells that it can be dragged.
func (g *gripper) Cursor() desktop.Cursor {
	if g.split.below {
		return desktop.VResizeCursor
	}
	return desktop.HResizeCursor
}

// Dragged moves the line.
func (g *gripper) Dragged(e *fyne.DragEvent) {
	if g.split.below {
		g.split.drag(e.Dragged.DY)
	} else {
		g.split.drag(e.Dragged.DX)
	}
}

// DragEnd tells where the line is now.
func (g *gripper) DragEnd() {
	if g.split.OnMoved != nil {
		g.split.OnMoved(g.split.offset)
	}
}

// MouseIn shows the line stronger.
func (g *gripper) MouseIn(*desktop.MouseEvent) { g.hovered = true; g.split.Refresh() }

// MouseMoved does nothing.
func (g *gripper) MouseMoved(*desktop.MouseEvent) {}

// MouseOut shows the line as before.
func (g *gripper) MouseOut() { g.hovered = false; g.split.Refresh() }

// CreateRenderer is called by Fyne.
func (g *gripper) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(canvas.NewRectangle(nil))
}
