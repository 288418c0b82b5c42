package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// Holder is a widget that holds others which can be pressed, as a container does.
type Holder interface{ Held() []fyne.CanvasObject }

// Unhidden is a widget that must not be hidden behind a toast although it cannot be pressed,
// as a status line.
type Unhidden interface{ Unhidden() bool }

// box is a place on a pane.
type box struct{ x, y, w, h float32 }

// meets tells whether two boxes share a place.
func (b box) meets(o box) bool {
	return b.x < o.x+o.w && o.x < b.x+b.w && b.y < o.y+o.h && o.y < b.y+b.h
}

// within is the part of a box that lies in another.
func (b box) within(o box) box {
	x, y := max(b.x, o.x), max(b.y, o.y)
	return box{x, y, max(min(b.x+b.w, o.x+o.w)-x, 0), max(min(b.y+b.h, o.y+o.h)-y, 0)}
}

// tallest is the height up to which a control must stay free: a list or the field of a body
// is higher, and goes on where a toast ends.
const tallest float32 = 60

// controls are the places of what can be pressed or typed into, and is seen, in o, which
// lies at a place of which view is seen.
func controls(o fyne.CanvasObject, at fyne.Position, view box) []box {
	if o == nil || !o.Visible() {
		return nil
	}
	size := o.Size()
	view = view.within(box{at.X, at.Y, size.Width, size.Height})
	if view.w <= 0 || view.h <= 0 {
		return nil
	}
	var inside []fyne.CanvasObject
	switch c := o.(type) {
	case *fyne.Container:
		inside = c.Objects
	case *container.Scroll:
		inside = []fyne.CanvasObject{c.Content}
	case *container.Clip:
		inside = []fyne.CanvasObject{c.Content}
	case *container.ThemeOverride:
		inside = []fyne.CanvasObject{c.Content}
	case Holder:
		inside = c.Held()
	default:
		if control(o, view.h) {
			return []box{view}
		}
	}
	var all []box
	for _, child := range inside {
		if child != nil {
			all = append(all, controls(child, at.Add(child.Position()), view)...)
		}
	}
	return all
}

// control tells whether an object of which so much is seen must stay free.
func control(o fyne.CanvasObject, height float32) bool {
	switch o := o.(type) {
	case Unhidden:
		return o.Unhidden()
	case fyne.Tappable, fyne.Focusable:
		return height <= tallest
	}
	return false
}

const (
	toastEdge float32 = 12
	toastStep float32 = 4
	// toastAside is the step to the right.
	toastAside float32 = 48
)

// freePlace is the lowest place at the left of a pane where a box of that size covers no
// control, or, where there is none, one farther to the right; at the foot in the end.
func freePlace(pane fyne.Size, size fyne.Size, taken []box) fyne.Position {
	foot := pane.Height - size.Height - 7 // in the middle of a bar of actions
	for x := toastEdge; x == toastEdge || x+size.Width+toastEdge <= pane.Width; x += toastAside {
		for y := foot; y > 0; y -= toastStep {
			b, free := box{x - 4, y - 3, size.Width + 8, size.Height + 6}, true
			for _, t := range taken {
				free = free && !b.meets(t)
			}
			if free {
				return fyne.NewPos(x, y)
			}
		}
	}
	return fyne.NewPos(toastEdge, max(foot, 0))
}
