package gui

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"gantry/gui/widgets"
)

// pane is a rectangle of the window.
type pane struct{ x, y, w, h float32 }

func (p pane) meets(o pane) bool {
	return p.x < o.x+o.w && o.x < p.x+p.w && p.y < o.y+o.h && o.y < p.y+p.h
}

// pressable visits what can be pressed or typed into below o, as far as it is seen, with the
// renderers of all widgets: not as toasts look for their place.
func pressable(o fyne.CanvasObject, at fyne.Position, view pane, f func(fyne.CanvasObject, pane)) {
	if o == nil || !o.Visible() {
		return
	}
	here := pane{max(at.X, view.x), max(at.Y, view.y), 0, 0}
	here.w, here.h = min(at.X+o.Size().Width, view.x+view.w)-here.x, min(at.Y+o.Size().Height, view.y+view.h)-here.y
	if here.w <= 0 || here.h <= 0 {
		return
	}
	var inside []fyne.CanvasObject
	switch x := o.(type) {
	case *widgets.List, *widgets.Table, *widgets.Sheet, *widgets.Toasts:
		return
	case *fyne.Container:
		inside = x.Objects
	case fyne.Widget:
		_, taps := x.(fyne.Tappable)
		_, types := x.(fyne.Focusable)
		_, drags := x.(fyne.Draggable)
		if scrolls := drags && !types; (taps || types) && !scrolls && here.h <= 60 {
			f(x, here)
			return
		}
		inside = test.WidgetRenderer(x).Objects()
	}
	if _, clips := o.(*container.Scroll); clips {
		view = here
	}
	for _, child := range inside {
		pressable(child, at.Add(child.Position()), view, f)
	}
}

// TestToastsCoverNoButton: on every page, in both sizes, whatever is said.
func TestToastsCoverNoButton(t *testing.T) {
	r, _ := newConnectedRig(t)
	s, looked := r.space(), 0
	look := func(where string) {
		t.Helper()
		ground := test.WidgetRenderer(r.toasts).Objects()[0]
		at := fyne.CurrentApp().Driver().AbsolutePositionForObject(ground)
		toast, all := pane{at.X, at.Y, ground.Size().Width, ground.Size().Height}, r.win.Content()
		if !ground.Visible() || toast.y+toast.h > r.win.Canvas().Size().Height || toast.x+toast.w > r.win.Canvas().Size().Width || toast.x < 50 {
			t.Errorf("%s: the toast is at %+v", where, toast)
		}
		pressable(all, fyne.CurrentApp().Driver().AbsolutePositionForObject(all), pane{0, 0, 9999, 9999}, func(o fyne.CanvasObject, p pane) {
			looked++
			if toast.meets(p) {
				t.Errorf("%s: %T at %+v is behind the toast at %+v", where, o, p, toast)
			}
		})
	}
	for _, size := range []fyne.Size{fyne.NewSize(1440, 876), fyne.NewSize(1024, 676)} {
		r.win.Resize(size)
		for _, say := range []func(){
			func() { r.say("Copied.") },
			func() { r.toasts.Say(strings.Repeat("A long sentence. ", 10), true, "Details", nil) },
		} {
			say()
			for tab := range s.pages {
				s.tabs.Select(tab)
				look(fmt.Sprint("tab ", tab, size))
			}
			r.edit(s.profile, false)
			look(fmt.Sprint("editor ", size))
			r.closeEditor()
			r.showSettings()
			look(fmt.Sprint("settings ", size))
			r.closeEditor()
		}
	}
	if looked < 500 {
		t.Errorf("%d controls were seen", looked)
	}
}
