package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

var _ fyne.Widget = (*Select)(nil)

// Select is Fyne's Select that tells when it gets the focus. Put it into a
// Field, which draws its border.
type Select struct {
	widget.Select

	// OnFocus runs when the focus came.
	OnFocus func()
}

// NewSelect returns a choice of one of several texts, the first at the start.
func NewSelect(options ...string) *Select {
	s := &Select{}
	s.Options = options
	s.ExtendBaseWidget(s)
	s.SetSelectedIndex(0)
	return s
}

func (s *Select) undressed() {}

// CreateRenderer is called by Fyne.
func (s *Select) CreateRenderer() fyne.WidgetRenderer { return newBare(s.Select.CreateRenderer()) }

// FocusGained tells OnFocus.
func (s *Select) FocusGained() {
	s.Select.FocusGained()
	if s.OnFocus != nil {
		s.OnFocus()
	}
}

// TypedKey hands Escape on and leaves the rest to Fyne.
func (s *Select) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape {
		HandOnKey(s, k)
		return
	}
	s.Select.TypedKey(k)
}
