package editor

import (
	"runtime"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"gantry/gui/widgets"
)

// FocusGained shows the cursor. Fyne calls it.
func (p *page) FocusGained() {
	p.focused = true
	p.e.Refresh()
}

// FocusLost hides the cursor, unless the keys come here still. Fyne calls it.
func (p *page) FocusLost() {
	if p.e.list.drop.IsOpen() {
		return
	}
	p.focused = false
	p.e.m.settle()
	p.e.Refresh()
}

// TypedRune types. An input method hands over what it composed in the same way.
func (p *page) TypedRune(r rune) {
	if r < ' ' || r == 0x7F {
		return
	}
	p.e.edit(func() { p.e.m.insert(string(r), typing) })
	p.e.complete()
}

// TypedKey edits and moves.
func (p *page) TypedKey(k *fyne.KeyEvent) {
	e, m := p.e, &p.e.m
	shift := e.modifiers()&fyne.KeyModifierShift != 0
	switch k.Name {
	case fyne.KeyReturn, fyne.KeyEnter:
		e.edit(m.newline)
	case fyne.KeyBackspace:
		e.edit(func() { m.erase(m.char(m.head, -1), erasing) })
		e.complete()
		return
	case fyne.KeyDelete:
		e.edit(func() { m.erase(m.char(m.head, 1), deleting) })
	case fyne.KeyEscape:
		e.escape()
		return
	case fyne.KeyF3:
		e.find.next(!shift)
		return
	default:
		if !p.move(k.Name, shift) {
			if len(k.Name) > 1 && k.Name[0] == 'F' { // F5 and the like; not the letters, which are typed
				widgets.HandOnKey(p, k)
			}
			return
		}
	}
	e.list.drop.Close()
}

// move moves the cursor, or extends the selection to there; false: it is another key.
func (p *page) move(name fyne.KeyName, extend bool) bool {
	m := &p.e.m
	rows := max(int(p.Size().Height/lineHeight)-1, 1)
	switch name {
	case fyne.KeyLeft:
		m.sideways(-1, extend)
	case fyne.KeyRight:
		m.sideways(1, extend)
	case fyne.KeyUp:
		m.vertically(-1, extend)
	case fyne.KeyDown:
		m.vertically(1, extend)
	case fyne.KeyPageUp:
		m.vertically(-rows, extend)
	case fyne.KeyPageDown:
		m.vertically(rows, extend)
	case fyne.KeyHome:
		m.move(m.home(), extend)
	case fyne.KeyEnd:
		m.move(m.lineEnd(m.head), extend)
	default:
		return false
	}
	p.e.reveal()
	return true
}

// escape closes the find line, or leaves the text.
func (e *Editor) escape() {
	switch {
	case e.find.height() > 0:
		e.find.close()
	case e.OnEscape != nil:
		e.OnEscape()
	default:
		if c := fyne.CurrentApp().Driver().CanvasForObject(e); c != nil {
			c.Unfocus()
		}
	}
}

// TypedShortcut edits, and hands on what is no editing.
func (p *page) TypedShortcut(s fyne.Shortcut) {
	e, m := p.e, &p.e.m
	switch s := s.(type) {
	case *fyne.ShortcutCopy:
		e.copy()
	case *fyne.ShortcutCut:
		e.cut()
	case *fyne.ShortcutPaste:
		e.paste(s.Clipboard.Content())
	case *fyne.ShortcutSelectAll:
		e.selectAll()
	case *fyne.ShortcutUndo:
		e.edit(m.undo)
	case *fyne.ShortcutRedo:
		e.edit(m.redo)
	default:
		k, ok := s.(fyne.KeyboardShortcut)
		if !ok || !p.pressed(k.Key(), k.Mod()) {
			widgets.HandOn(p, s)
			return
		}
	}
	e.list.drop.Close()
}

// pressed does what a key does with Control, or with the keys of macOS; false: nothing.
func (p *page) pressed(name fyne.KeyName, mod fyne.KeyModifier) bool {
	e, m := p.e, &p.e.m
	extend := mod&fyne.KeyModifierShift != 0
	mod &^= fyne.KeyModifierShift
	words, ends := fyne.KeyModifierControl, fyne.KeyModifierControl
	if runtime.GOOS == "darwin" {
		words, ends = fyne.KeyModifierAlt, fyne.KeyModifierSuper
	}
	switch {
	case mod == words && name == fyne.KeyLeft:
		m.move(m.word(m.head, -1), extend)
	case mod == words && name == fyne.KeyRight:
		m.move(m.word(m.head, 1), extend)
	case mod == words && name == fyne.KeyBackspace:
		e.edit(func() { m.erase(m.word(m.head, -1), other) })
	case mod == words && name == fyne.KeyDelete:
		e.edit(func() { m.erase(m.word(m.head, 1), other) })
	case mod == ends && (name == fyne.KeyHome || ends != words && name == fyne.KeyUp):
		m.move(0, extend)
	case mod == ends && (name == fyne.KeyEnd || ends != words && name == fyne.KeyDown):
		m.move(m.size, extend)
	case mod == ends && ends != words && name == fyne.KeyLeft:
		m.move(m.home(), extend)
	case mod == ends && ends != words && name == fyne.KeyRight:
		m.move(m.lineEnd(m.head), extend)
	case mod == ends && name == fyne.KeyZ && extend:
		e.edit(m.redo)
	case mod == ends && name == fyne.KeyUp && !extend:
		e.scrollTo(e.left, e.top-float64(lineHeight))
		return true
	case mod == ends && name == fyne.KeyDown && !extend:
		e.scrollTo(e.left, e.top+float64(lineHeight))
		return true
	default:
		return e.find.pressed(name, mod, extend)
	}
	e.reveal()
	return true
}

func (e *Editor) copy() {
	if s := e.Selected(); s != "" {
		fyne.CurrentApp().Clipboard().SetContent(s)
	}
}

func (e *Editor) cut() {
	e.copy()
	if e.m.anchor != e.m.head {
		e.edit(func() { e.m.insert("", other) })
	}
}

// paste inserts. A clipboard of Windows ends lines with CR LF; what is typed ends them with
// LF, and so does the rest of the text.
func (e *Editor) paste(s string) {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	if s == "" || e.readOnly || e.OnPaste != nil && e.OnPaste(s) {
		return
	}
	e.Insert(s)
}

func (e *Editor) selectAll() {
	e.m.move(0, false)
	e.m.move(e.m.size, true)
	e.refresh()
}

var _ desktop.Cursorable = (*page)(nil)

// Cursor is the text cursor.
func (p *page) Cursor() desktop.Cursor { return desktop.TextCursor }
