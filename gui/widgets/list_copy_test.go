package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

func TestListCopies(t *testing.T) {
	l := NewList(RowHeight, func() int { return 1 }, func() fyne.CanvasObject { return widget.NewLabel("") }, func(int, fyne.CanvasObject) {})
	stage(t, l.View())
	l.TypedShortcut(&fyne.ShortcutCopy{}) // nobody listens
	copied := 0
	l.OnCopy = func() { copied++ }
	l.TypedShortcut(&fyne.ShortcutCopy{})
	l.TypedShortcut(&fyne.ShortcutPaste{})
	if copied != 1 {
		t.Errorf("copied %d times", copied)
	}
}
