package gui

import (
	"testing"

	"fyne.io/fyne/v2"

	"gantry/gui/stage"
)

// TestEveryControlIsAccessible: what can have the focus, on every tab, in the editor and
// in the settings, tells a screen reader what it is.
func TestEveryControlIsAccessible(t *testing.T) {
	r, _ := newConnectedRig(t)
	seen := 0
	look := func(where string) {
		stage.See(r.win, func(o fyne.CanvasObject) {
			if _, ok := o.(fyne.Focusable); !ok {
				return
			}
			seen++
			if a, ok := o.(fyne.Accessible); !ok || a.AccessibilityRole() == "" || a.AccessibilityLabel() == "" {
				t.Errorf("%s: %T says nothing", where, o)
			}
		})
	}
	s := r.space()
	for tab := range s.pages {
		s.tabs.Select(tab)
		look(s.tabs.AccessibilityLabel())
	}
	r.edit(s.profile, false)
	look("the editor")
	r.closeEditor()
	r.showSettings()
	look("the settings")
	if seen < 50 {
		t.Errorf("%d controls were seen", seen)
	}
}
