package bodyview

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/widgets"
)

// Cursor is the text cursor.
func (p *bodyPane) Cursor() desktop.Cursor { return desktop.TextCursor }

// FocusGained draws the ring of the view.
func (p *bodyPane) FocusGained() { p.focused = true; p.view.Refresh() }

// FocusLost takes the ring away.
func (p *bodyPane) FocusLost() { p.focused = false; p.view.Refresh() }

// Find opens the line to find something: the menu takes its key before what has the focus
// sees it.
func (p *bodyPane) Find() bool { p.view.Find(); return true }

// TypedRune takes no text: a body is read.
func (p *bodyPane) TypedRune(rune) {}

// TypedKey scrolls.
func (p *bodyPane) TypedKey(k *fyne.KeyEvent) {
	page := p.view.scroll.Size().Height - lineHeight
	all := p.MinSize().Height
	switch k.Name {
	case fyne.KeyUp:
		p.view.scrollBy(0, -lineHeight)
	case fyne.KeyDown:
		p.view.scrollBy(0, lineHeight)
	case fyne.KeyLeft:
		p.view.scrollBy(-4*widgets.Cell, 0)
	case fyne.KeyRight:
		p.view.scrollBy(4*widgets.Cell, 0)
	case fyne.KeyPageUp:
		p.view.scrollBy(0, -page)
	case fyne.KeyPageDown:
		p.view.scrollBy(0, page)
	case fyne.KeyHome:
		p.view.scrollBy(-p.MinSize().Width, -all)
	case fyne.KeyEnd:
		p.view.scrollBy(0, all)
	case fyne.KeyF3:
		p.view.find.next(!p.view.find.line.Shift())
	case fyne.KeyEscape:
		if p.view.find.open {
			p.view.find.close()
		} else if p.view.OnEscape != nil {
			p.view.OnEscape()
		}
	}
}

// TypedShortcut copies and selects, and hands the rest on to the canvas.
func (p *bodyPane) TypedShortcut(s fyne.Shortcut) {
	switch s := s.(type) {
	case *desktop.CustomShortcut:
		if (s.KeyName == fyne.KeyHome || s.KeyName == fyne.KeyEnd) && s.Modifier&(fyne.KeyModifierControl|fyne.KeyModifierSuper) != 0 {
			p.TypedKey(&fyne.KeyEvent{Name: s.KeyName})
			return
		}
		if !p.view.find.pressed(s.KeyName, s.Modifier&^fyne.KeyModifierShift, s.Modifier&fyne.KeyModifierShift != 0) {
			p.onward(s)
		}
	case *fyne.ShortcutCopy:
		p.copy()
	case *fyne.ShortcutSelectAll:
		p.selectAll()
	default:
		p.onward(s)
	}
}

// onward gives a shortcut to the canvas.
func (p *bodyPane) onward(s fyne.Shortcut) {
	if c, ok := fyne.CurrentApp().Driver().CanvasForObject(p).(fyne.Shortcutable); ok {
		c.TypedShortcut(s)
	}
}

// MouseDown begins a selection, or goes on with one under Shift.
func (p *bodyPane) MouseDown(e *desktop.MouseEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(p); c != nil {
		c.Focus(p)
	}
	if e.Button != desktop.MouseButtonPrimary {
		return
	}
	p.head = p.spotAt(e.Position)
	if e.Modifier&fyne.KeyModifierShift == 0 {
		p.anchor = p.head
	}
	if b := p.blockAt(e.Position); b != nil {
		p.fold(func(*JSON) { b.fold = !b.fold })
	}
	p.looked = true
	p.look()
	p.Refresh()
}

// MouseUp ends nothing: the selection stays.
func (p *bodyPane) MouseUp(*desktop.MouseEvent) {}

// Dragged moves the end of the selection and scrolls at the edges.
func (p *bodyPane) Dragged(e *fyne.DragEvent) {
	p.head = p.spotAt(e.Position)
	y := e.Position.Y - p.view.scroll.Offset.Y
	switch high := p.view.scroll.Size().Height; {
	case y < 0:
		p.view.scrollBy(0, -lineHeight)
	case y > high:
		p.view.scrollBy(0, lineHeight)
	}
	p.Refresh()
}

// DragEnd ends nothing.
func (p *bodyPane) DragEnd() {}

// DoubleTapped selects the word under the pointer.
func (p *bodyPane) DoubleTapped(e *fyne.PointEvent) {
	at := p.spotAt(e.Position)
	if at.line >= p.lines.count() {
		return
	}
	s := p.lines.text(at.line)
	other := func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-.", r)
	}
	from, to := strings.LastIndexFunc(s[:at.byte], other), strings.IndexFunc(s[at.byte:], other)
	if from >= 0 {
		_, n := utf8.DecodeRuneInString(s[from:])
		from += n
	} else {
		from = 0
	}
	if to >= 0 {
		to += at.byte
	} else {
		to = len(s)
	}
	p.anchor, p.head = spot{at.line, from}, spot{at.line, to}
	p.Refresh()
}

// TappedSecondary offers to copy.
func (p *bodyPane) TappedSecondary(e *fyne.PointEvent) {
	c := fyne.CurrentApp().Driver().CanvasForObject(p)
	at := p.spotAt(e.Position)
	copyItem := fyne.NewMenuItem(lang.L("Copy"), p.copy)
	copyItem.Disabled = p.selectedText() == ""
	items := []*fyne.MenuItem{copyItem, fyne.NewMenuItem(lang.L("Select all"), p.selectAll), fyne.NewMenuItem(lang.L("Find"), p.view.Find)}
	if t, ok := p.lines.(*textLines); ok {
		items = append(items, p.structure(t, t.offset(at))...)
		broken := fyne.NewMenuItem(lang.L("Break long lines"), func() { p.view.SetLong(!p.view.long) })
		broken.Checked = !p.view.long
		items = append(items, fyne.NewMenuItemSeparator(), broken)
	}
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("", items...), c, e.AbsolutePosition)
}
