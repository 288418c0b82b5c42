package inspect

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"gantry/gui/draw"
	"gantry/gui/widgets"
)

func padded(o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(8, 8, 14, 8), o)
}

// titleLayout puts a chip right behind a text, which gives way.
type titleLayout struct{}

func (*titleLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(60, max(o[0].MinSize().Height, o[1].MinSize().Height))
}

func (*titleLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	title, chip := o[0].(*widgets.Word), o[1]
	c := fyne.NewSize(0, 0)
	if chip.Visible() {
		c = chip.MinSize()
	}
	w := max(min(title.Wants(), s.Width-c.Width-8), 0)
	title.Move(fyne.Position{})
	title.Resize(fyne.NewSize(w, s.Height))
	chip.Move(fyne.NewPos(w+8, (s.Height-c.Height)/2))
	chip.Resize(c)
}

const (
	bodyEdge  float32 = 14
	bodyGap   float32 = 8
	pathGap   float32 = 16
	leastPath float32 = 140 // a shorter one says little
)

var _ fyne.Layout = (*bodyLayout)(nil)

// bodyLayout places what chooses how the body is read, the body, and beside the former what
// it is and the path of the line that is looked at. Where these two have no room there they
// stand below the body; what it is is never cut.
type bodyLayout struct {
	tools, reason, view fyne.CanvasObject
	about, path         *widgets.Word
	paths               bool // there may be a path
	below               bool // as it was placed last
}

// MinSize is that of the columns above each other.
func (l *bodyLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	tools, view := l.tools.MinSize(), l.view.MinSize()
	height := bodyGap + max(tools.Height, widgets.ControlHeight) + bodyGap + view.Height + bodyGap
	if l.reason.Visible() {
		height += l.reason.MinSize().Height + bodyGap
	}
	if l.below {
		height += l.about.MinSize().Height + bodyGap
	}
	return fyne.NewSize(2*bodyEdge+max(tools.Width, view.Width), height)
}

// Layout places the parts.
func (l *bodyLayout) Layout(_ []fyne.CanvasObject, s fyne.Size) {
	width, y := s.Width-2*bodyEdge, bodyGap
	tools := l.tools.MinSize()
	row := max(tools.Height, widgets.ControlHeight)
	draw.Place(l.tools, bodyEdge, y, tools.Width, tools.Height)
	need := l.about.Wants()
	if l.paths {
		need += pathGap + leastPath
	}
	beside := width - tools.Width - bodyEdge
	if l.below = need > beside; !l.below {
		l.tell(bodyEdge+width-beside, y, beside, row)
	}
	y += row + bodyGap
	if l.reason.Visible() {
		h := l.reason.MinSize().Height
		draw.Place(l.reason, bodyEdge, y, width, h)
		y += h + bodyGap
	}
	foot := s.Height - bodyGap
	if l.below {
		h := l.about.MinSize().Height
		foot -= h
		l.tell(bodyEdge, foot, width, h)
		foot -= bodyGap
	}
	draw.Place(l.view, bodyEdge, y, width, max(foot-y, 0))
}

// tell places the path and, at the right, what the body is.
func (l *bodyLayout) tell(x, y, width, height float32) {
	about := min(l.about.Wants(), width)
	draw.Place(l.path, x, y, max(width-about-pathGap, 0), height)
	draw.Place(l.about, x+width-about, y, about, height)
}
