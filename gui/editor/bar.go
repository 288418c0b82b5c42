package editor

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

const (
	barRoom  float32 = 10 // what a scroll bar takes of the pointer
	barThin  float32 = 4
	barLeast float32 = 24 // of its length
)

var (
	_ fyne.Widget       = (*bar)(nil)
	_ fyne.Draggable    = (*bar)(nil)
	_ fyne.Tappable     = (*bar)(nil)
	_ desktop.Hoverable = (*bar)(nil)
)

// bar is a scroll bar. It is not Fyne's, which counts in float32: a line of 1 MB is 8
// million units wide.
type bar struct {
	widget.BaseWidget

	e     *Editor
	axis  int // 0 across, 1 down
	wide  bool
	moved bool // is being dragged
}

func newBar(e *Editor, down bool) *bar {
	b := &bar{e: e}
	if down {
		b.axis = 1
	}
	b.ExtendBaseWidget(b)
	return b
}

// thumb is where the moving part begins and how long it is, on a track of a length; a
// length of 0: everything is in sight.
func (b *bar) thumb(track float32) (at, long float32) {
	all, seen := b.e.extent()
	a, s := all[b.axis], seen[b.axis]
	if a <= s+0.5 || track <= barLeast {
		return 0, 0
	}
	long = max(float32(float64(track)*s/a), barLeast)
	return float32(b.offset() / (a - s) * float64(track-long)), long
}

func (b *bar) offset() float64 {
	if b.axis == 0 {
		return b.e.left
	}
	return b.e.top
}

func (b *bar) scroll(to float64) {
	if b.axis == 0 {
		b.e.scrollTo(to, b.e.top)
		return
	}
	b.e.scrollTo(b.e.left, to)
}

// along is the part of a size that the bar lies along.
func (b *bar) along(w, h float32) float32 {
	if b.axis == 0 {
		return w
	}
	return h
}

// Dragged scrolls.
func (b *bar) Dragged(ev *fyne.DragEvent) {
	all, seen := b.e.extent()
	track := b.along(b.Size().Width, b.Size().Height)
	if _, long := b.thumb(track); long > 0 {
		b.moved = true
		b.scroll(b.offset() + float64(b.along(ev.Dragged.DX, ev.Dragged.DY))*(all[b.axis]-seen[b.axis])/float64(track-long))
	}
}

// DragEnd ends it.
func (b *bar) DragEnd() { b.moved = false; b.Refresh() }

// Tapped moves on by a page towards the pointer.
func (b *bar) Tapped(ev *fyne.PointEvent) {
	_, seen := b.e.extent()
	at, long := b.thumb(b.along(b.Size().Width, b.Size().Height))
	switch pos := b.along(ev.Position.X, ev.Position.Y); {
	case long == 0:
	case pos < at:
		b.scroll(b.offset() - seen[b.axis])
	case pos > at+long:
		b.scroll(b.offset() + seen[b.axis])
	}
}

// MouseIn widens it.
func (b *bar) MouseIn(*desktop.MouseEvent) { b.wide = true; b.Refresh() }

// MouseMoved does nothing.
func (b *bar) MouseMoved(*desktop.MouseEvent) {}

// MouseOut makes it thin again.
func (b *bar) MouseOut() { b.wide = false; b.Refresh() }

// CreateRenderer is called by Fyne.
func (b *bar) CreateRenderer() fyne.WidgetRenderer {
	thumb := draw.Box(theme.InputLine, 2)
	d := &draw.Renderer{Parts: []fyne.CanvasObject{thumb}, Least: draw.Fixed(0, 0)}
	d.Place = func(s fyne.Size) {
		wide := barThin
		if b.wide || b.moved {
			wide = barRoom - 2
		}
		at, long := b.thumb(b.along(s.Width, s.Height))
		draw.Show(thumb, long > 0)
		if b.axis == 0 {
			draw.Place(thumb, at, s.Height-wide-1, long, wide)
		} else {
			draw.Place(thumb, s.Width-wide-1, at, wide, long)
		}
	}
	d.Paint = func() {
		thumb.FillColor = theme.Color(theme.InputLine)
		if b.wide || b.moved {
			thumb.FillColor = theme.Color(theme.Field)
		}
		d.Place(b.Size())
	}
	d.Paint()
	return d
}
