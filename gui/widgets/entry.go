package widgets

import (
	"fyne.io/fyne/v2"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

var _ fyne.Widget = (*Entry)(nil)

// Entry is Fyne's Entry with hooks for the keys that it keeps to itself. Put it
// into a Field, which draws its border.
type Entry struct {
	widget.Entry

	// OnEscape runs on Escape; nil hands it to the canvas.
	OnEscape func()
	// OnEnter runs on Enter in a one-line entry, before OnSubmitted.
	OnEnter func()
	// OnKey sees every key first; true keeps it from the entry.
	OnKey func(*fyne.KeyEvent) bool
	// OnShortcut sees what is no editing; true keeps it from the canvas.
	OnShortcut func(fyne.Shortcut) bool
	// OnFind runs on the key for finding, which the menu takes first; nil: it is not for
	// this entry.
	OnFind func()
	// OnFocus runs when the focus came (true) or went.
	OnFocus func(bool)

	hint  string // the placeholder, of which as much is shown as there is room for
	wrong underline
}

// NewEntry returns an entry of one line.
func NewEntry() *Entry {
	e := &Entry{}
	e.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
	e.ExtendBaseWidget(e)
	return e
}

// NewMultiLineEntry returns an entry of several lines, at least rows of which
// are seen. Keep its text under 64 KB: Fyne's cost grows with the square.
func NewMultiLineEntry(rows int) *Entry {
	e := NewEntry()
	e.MultiLine = true
	e.SetMinRowsVisible(rows)
	return e
}

// NewPasswordEntry returns an entry that shows dots, with an eye to show the
// text while it is typed.
func NewPasswordEntry() *Entry {
	e := NewEntry()
	e.Password = true
	return e
}

// undressed says that its Field draws its border; so it is of what embeds an Entry.
func (e *Entry) undressed() {}

// CreateRenderer is called by Fyne.
func (e *Entry) CreateRenderer() fyne.WidgetRenderer {
	r := &underlined{newBare(e.Entry.CreateRenderer()), e}
	r.underline()
	return r
}

// SetPlaceHolder sets what stands in an empty entry.
func (e *Entry) SetPlaceHolder(hint string) {
	e.hint = hint
	e.fitHint(e.Size().Width)
}

// Resize is called by Fyne.
func (e *Entry) Resize(size fyne.Size) {
	e.Entry.Resize(size)
	e.fitHint(size.Width)
}

// fitHint cuts the placeholder to a width: Fyne would give an empty entry a scroll bar.
func (e *Entry) fitHint(width float32) {
	shown, th := e.hint, e.Theme()
	if inner := th.Size(fynetheme.SizeNameInnerPadding); width > 0 && !e.MultiLine {
		width -= 2 * inner
		icon := th.Size(fynetheme.SizeNameInlineIcon) + inner
		if e.Icon != nil {
			width -= icon
		}
		if e.ActionItem != nil {
			width -= max(e.ActionItem.MinSize().Width, icon)
		}
		size := th.Size(fynetheme.SizeNameText)
		shown = CutEnd(shown, width, func(s string) float32 { return fyne.MeasureText(s, size, e.TextStyle).Width })
	}
	if shown != e.PlaceHolder {
		e.Entry.SetPlaceHolder(shown)
	}
}

// Mono makes its text monospace and returns it.
func (e *Entry) Mono() *Entry {
	e.TextStyle.Monospace = true
	e.Refresh()
	return e
}

// Find does what the key for finding does here; false: nothing.
func (e *Entry) Find() bool {
	if e.OnFind == nil {
		return false
	}
	e.OnFind()
	return true
}

// FocusGained tells OnFocus.
func (e *Entry) FocusGained() {
	e.Entry.FocusGained()
	if e.OnFocus != nil {
		e.OnFocus(true)
	}
}

// FocusLost tells OnFocus.
func (e *Entry) FocusLost() {
	e.Entry.FocusLost()
	if e.OnFocus != nil {
		e.OnFocus(false)
	}
}

// AcceptsTab is called by Fyne: Tab leads on, from several lines too, for none of the lists
// that are typed here has tabs in it.
func (e *Entry) AcceptsTab() bool { return false }

// TypedKey runs the hooks and leaves the rest to Fyne.
func (e *Entry) TypedKey(k *fyne.KeyEvent) {
	if e.OnKey != nil && e.OnKey(k) {
		return
	}
	switch k.Name {
	case fyne.KeyEscape:
		if e.OnEscape != nil {
			e.OnEscape()
		} else {
			HandOnKey(e, k)
		}
		return
	case fyne.KeyReturn, fyne.KeyEnter:
		if e.OnEnter != nil && !e.MultiLine {
			e.OnEnter()
			return
		}
	}
	e.Entry.TypedKey(k)
}

// TypedShortcut edits, and hands what is no editing on to the canvas: Fyne's
// Entry would swallow it.
func (e *Entry) TypedShortcut(s fyne.Shortcut) {
	switch {
	case Edits(s):
		e.Entry.TypedShortcut(s)
	case e.OnShortcut != nil && e.OnShortcut(s):
	case !HandOn(e, s):
		e.Entry.TypedShortcut(s)
	}
}

// HandOn gives a shortcut that a focused widget has no use for to its canvas;
// Fyne itself asks either the one or the other. A widget that embeds an Entry
// calls it with itself, because only the outer one is known to a canvas.
func HandOn(o fyne.CanvasObject, s fyne.Shortcut) bool {
	c, ok := fyne.CurrentApp().Driver().CanvasForObject(o).(fyne.Shortcutable)
	if ok {
		c.TypedShortcut(s)
	}
	return ok
}

// HandOnKey gives a key that a focused widget has no use for to what its canvas does
// with keys while nothing has the focus.
func HandOnKey(o fyne.CanvasObject, k *fyne.KeyEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(o); c != nil && c.OnTypedKey() != nil {
		c.OnTypedKey()(k)
	}
}

// Edits says whether a shortcut is one that an Entry knows.
func Edits(s fyne.Shortcut) bool {
	switch s := s.(type) {
	case *fyne.ShortcutCopy, *fyne.ShortcutCut, *fyne.ShortcutPaste, *fyne.ShortcutSelectAll, *fyne.ShortcutUndo, *fyne.ShortcutRedo:
		return true
	case fyne.KeyboardShortcut:
		switch s.Key() {
		case fyne.KeyLeft, fyne.KeyRight, fyne.KeyUp, fyne.KeyDown, fyne.KeyHome, fyne.KeyEnd, fyne.KeyBackspace, fyne.KeyDelete:
			return true
		}
	}
	return false
}
