package find

import (
	"runtime"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/gui/arrange"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// RowHeight is how high a line is, with what is above and below it.
const RowHeight float32 = 36

// Params are what NewLine needs.
type Params struct {
	// Over is the widget that the text is in.
	Over fyne.CanvasObject
	// Changed runs when something else is asked for, Next on the keys and buttons for the
	// next and the last place, Close on Escape.
	Changed func()
	Next    func(forward bool)
	Close   func()
	// Pressed sees a shortcut first; false: it is another one.
	Pressed func(name fyne.KeyName, mod fyne.KeyModifier, shift bool) bool
	// Narrow: there is little room for words.
	Narrow bool
	// Modifiers are the keys that are held; nil asks the system.
	Modifiers func() fyne.KeyModifier
}

// Line is the line to type into what is looked for, and what was found of it.
type Line struct {
	p     Params
	What  *widgets.Entry
	Exact *widgets.Check
	Row   *fyne.Container // to be put into a layout
	count *widgets.Word
}

// NewLine returns an empty line.
func NewLine(p Params) *Line {
	if p.Modifiers == nil {
		p.Modifiers = widgets.HeldKeys
	}
	l := &Line{p: p}
	l.What = l.Entry(lang.L("Find"), func(shift bool) { p.Next(!shift) })
	l.What.OnChanged = func(string) { p.Changed() }
	exact := lang.L("Match case")
	if p.Narrow {
		exact = "Aa" // as editors of code have it
	}
	l.Exact = widgets.NewCheck(exact)
	l.Exact.OnChanged = func(bool) { p.Changed() }
	l.count = widgets.NewWord("", theme.Muted)
	middle := func(o fyne.CanvasObject) fyne.CanvasObject { return container.New(&arrange.Middle{}, o) }
	l.Row = container.New(&arrange.Columns{Gap: 6, Shares: []float32{1, 0, 0, 0, 0, 0}},
		widgets.NewField("", l.What), middle(l.count), middle(l.Exact),
		middle(widgets.NewIconButton(fynetheme.MoveUpIcon(), lang.L("Previous")+" (Shift+F3)", l.Button(func() { p.Next(false) }))),
		middle(widgets.NewIconButton(fynetheme.MoveDownIcon(), lang.L("Next")+" (F3)", l.Button(func() { p.Next(true) }))),
		middle(widgets.NewIconButton(fynetheme.WindowCloseIcon(), lang.L("Close")+" (Esc)", p.Close)))
	return l
}

// Shift tells whether Shift is held.
func (l *Line) Shift() bool { return l.p.Modifiers()&fyne.KeyModifierShift != 0 }

// Entry returns a field that has the keys of the line; enter runs on Enter.
func (l *Line) Entry(hint string, enter func(shift bool)) *widgets.Entry {
	x := widgets.NewEntry()
	x.SetPlaceHolder(hint)
	x.OnEscape = func() { l.p.Close() }
	x.OnFind = l.Focus // whoever finds already goes on with it
	x.OnShortcut = func(s fyne.Shortcut) bool {
		k, ok := s.(fyne.KeyboardShortcut)
		if ok && Asked(k.Key(), k.Mod()) {
			return x.Find()
		}
		return ok && l.p.Pressed(k.Key(), k.Mod()&^fyne.KeyModifierShift, k.Mod()&fyne.KeyModifierShift != 0)
	}
	x.OnKey = func(k *fyne.KeyEvent) bool {
		switch k.Name {
		case fyne.KeyF3:
			l.p.Next(!l.Shift())
		case fyne.KeyReturn, fyne.KeyEnter:
			enter(l.Shift())
		default:
			return false
		}
		return true
	}
	return x
}

// Button returns what a button of the line does: a press of the pointer takes the focus
// away, and with it Escape and F3.
func (l *Line) Button(do func()) func() {
	return func() {
		do()
		if c := fyne.CurrentApp().Driver().CanvasForObject(l.p.Over); c != nil && c.Focused() == nil {
			c.Focus(l.What)
		}
	}
}

// Asked tells whether a key with its modifiers, but for Shift, opens the line.
func Asked(name fyne.KeyName, mod fyne.KeyModifier) bool {
	find := fyne.KeyModifierControl
	if runtime.GOOS == "darwin" { // where Cmd+H is the system's
		find = fyne.KeyModifierSuper
	}
	return name == fyne.KeyF && mod == find
}

// Focus goes into the line, which is seen, and selects what is in it.
func (l *Line) Focus() {
	if c := fyne.CurrentApp().Driver().CanvasForObject(l.p.Over); c != nil {
		c.Focus(l.What)
		l.What.TypedShortcut(&fyne.ShortcutSelectAll{})
	}
}

// Say counts what was found; at is the one that is selected, -1 for none.
func (l *Line) Say(at, n int) {
	all := widgets.Count(uint64(n))
	if n >= Most {
		all += "+"
	}
	switch {
	case l.What.Text == "":
		l.Tell("", theme.Muted)
	case n == 0:
		l.Tell(lang.L("Not found"), theme.Err)
	case at < 0:
		l.Tell(lang.L("{{.Count}} found", map[string]any{"Count": all}), theme.Muted)
	default:
		l.Tell(lang.L("{{.At}} of {{.All}}", map[string]any{"At": widgets.Count(uint64(at + 1)), "All": all}), theme.Muted)
	}
}

// Tell shows words beside the field, which makes room for them.
func (l *Line) Tell(words string, t theme.Token) {
	if l.count.Text() != words {
		l.count.Set(words, t)
		l.Row.Layout.Layout(l.Row.Objects, l.Row.Size())
	}
}
