package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

var _ fyne.Widget = (*Check)(nil)

// Check is Fyne's Check that tells when it gets the focus.
type Check struct {
	widget.Check

	// OnFocus runs when the focus came.
	OnFocus func()
}

// NewCheck returns a check box, not checked.
func NewCheck(label string) *Check {
	c := &Check{}
	c.Text = label
	c.ExtendBaseWidget(c)
	return c
}

// FocusGained tells OnFocus.
func (c *Check) FocusGained() {
	c.Check.FocusGained()
	if c.OnFocus != nil {
		c.OnFocus()
	}
}

// TypedKey hands Escape on and leaves the rest to Fyne.
func (c *Check) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape {
		HandOnKey(c, k)
		return
	}
	c.Check.TypedKey(k)
}
