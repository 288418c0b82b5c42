package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// touch is what every widget here that can be pressed has in common: focus,
// hover, a tooltip, being disabled, and Space and Enter doing what a tap does.
// The widget that embeds it calls ExtendBaseWidget and sets act.
type touch struct {
	tipped

	act   func()                    // what a tap, Space and Enter do
	OnKey func(*fyne.KeyEvent) bool // first look at a key; true: done with it

	hovered, focused, disabled bool
}

// FocusGained shows the ring. Fyne calls it.
func (t *touch) FocusGained() { t.focused = true; t.Refresh() }

// FocusLost hides the ring. Fyne calls it.
func (t *touch) FocusLost() { t.focused = false; t.Refresh() }

// TypedRune takes no text.
func (t *touch) TypedRune(rune) {}

// TypedKey presses on Space and Enter, and hands Escape on.
func (t *touch) TypedKey(k *fyne.KeyEvent) {
	if t.OnKey != nil && t.OnKey(k) {
		return
	}
	switch k.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		t.press()
	case fyne.KeyEscape:
		t.handOn(k)
	}
}

// touched is the touch of a widget that embeds it.
func (t *touch) touched() *touch { return t }

// handOn is HandOnKey for the widget around it, which has the focus.
func (t *touch) handOn(k *fyne.KeyEvent) {
	for _, w := range fyne.CurrentApp().Driver().AllWindows() {
		if o, ok := w.Canvas().Focused().(interface{ touched() *touch }); ok && o.touched() == t && w.Canvas().OnTypedKey() != nil {
			w.Canvas().OnTypedKey()(k)
			return
		}
	}
}

// Tapped presses. The tooltip has said what it had to, and what the press shows may
// leave no pointer to end it.
func (t *touch) Tapped(*fyne.PointEvent) {
	t.tipped.MouseOut()
	t.press()
}

func (t *touch) press() {
	if !t.disabled && t.act != nil {
		t.act()
	}
}

// MouseIn begins the hover and the wait for the tooltip.
func (t *touch) MouseIn(e *desktop.MouseEvent) {
	t.tipped.MouseIn(e)
	t.hovered = true
	t.Refresh()
}

// MouseOut ends the hover and the tooltip.
func (t *touch) MouseOut() {
	t.tipped.MouseOut()
	t.hovered = false
	t.Refresh()
}

// Enable lets the widget be pressed again.
func (t *touch) Enable() { t.setDisabled(false) }

// Disable greys the widget and takes it out of the focus order.
func (t *touch) Disable() { t.setDisabled(true) }

// Disabled reports whether Disable is in force.
func (t *touch) Disabled() bool { return t.disabled }

func (t *touch) setDisabled(d bool) {
	if t.disabled != d {
		t.disabled = d
		t.Refresh()
	}
}
