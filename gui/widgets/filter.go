package widgets

import (
	"fyne.io/fyne/v2"
	fynetheme "fyne.io/fyne/v2/theme"
)

// NewFilter returns a field that filters the list below it: Down goes on to the list,
// if it has rows, and Escape clears the field first. toList gives the list the focus,
// and the key if there is one; for a key it returns false where the list is empty.
func NewFilter(hint string, toList func(*fyne.KeyEvent) bool) *Entry {
	e := NewEntry()
	filters(e, hint, toList)
	return e
}

// filters makes an entry a filter.
func filters(e *Entry, hint string, toList func(*fyne.KeyEvent) bool) {
	e.SetPlaceHolder(hint)
	e.SetIcon(fynetheme.SearchIcon())
	e.OnKey = func(k *fyne.KeyEvent) bool { return k.Name == fyne.KeyDown && toList(k) }
	e.OnEscape = func() {
		if e.Text != "" {
			e.SetText("")
			return
		}
		toList(nil)
	}
}
