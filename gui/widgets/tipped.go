package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	tooltip "github.com/dweymouth/fyne-tooltip/widget"
)

// tipped is the base of widgets that may explain themselves.
type tipped struct {
	tooltip.ToolTipWidget

	over bool // the pointer is
}

// MouseIn begins the wait for the tooltip.
func (t *tipped) MouseIn(e *desktop.MouseEvent) {
	t.over = true
	t.ToolTipWidget.MouseIn(e)
}

// MouseOut ends the tooltip. One whose time had come is queued by the library
// already and would stay for good: it goes right after it is drawn.
func (t *tipped) MouseOut() {
	t.over = false
	t.ToolTipWidget.MouseOut()
	if t.ToolTip() == "" {
		return
	}
	fyne.Do(func() {
		if !t.over {
			t.ToolTipWidget.MouseOut()
		}
	})
}
