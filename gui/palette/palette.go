// Package palette finds what can be done by a few letters of its name, and does it.
// Everything here runs on Fyne's main goroutine and nothing blocks; words come
// translated.
package palette

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"
	"github.com/sahilm/fuzzy"

	"gantry/gui/arrange"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// width is that of the palette, in Fyne units.
const width float32 = 580

// Command is one thing that can be done.
type Command struct {
	Title string // what is searched in
	About string // what it is of, in a few quiet words
	Keys  string // its shortcut, "" for none
	Icon  fyne.Resource
	Do    func()
}

// titles makes commands searchable.
type titles []Command

func (t titles) String(i int) string { return t[i].Title }
func (t titles) Len() int            { return len(t) }

// find returns the commands that have the letters of what is typed in their order, the
// best first; all where nothing is typed.
func find(all []Command, typed string) []Command {
	if typed == "" {
		return all
	}
	var found []Command
	for _, m := range fuzzy.FindFrom(typed, titles(all)) {
		found = append(found, all[m.Index])
	}
	return found
}

// Palette is open over a window until a command runs, Escape, or a press beside it.
type Palette struct {
	all    []Command
	entry  *widgets.Entry
	rows   *rows
	pop    *widget.PopUp
	canvas fyne.Canvas
	before fyne.Focusable
}

// Show opens a palette with the focus in its field; the focus goes back when it closes.
func Show(c fyne.Canvas, all []Command) *Palette {
	p := &Palette{all: all, canvas: c, before: c.Focused()}
	p.entry = widgets.NewEntry()
	p.entry.SetPlaceHolder(lang.L("Connections, tabs, topics, actions"))
	p.rows = newRows(all, p.run)
	p.entry.OnChanged = func(typed string) { p.rows.set(find(p.all, typed)) }
	p.entry.OnKey = p.key
	p.entry.OnEscape = p.Close
	p.entry.OnEnter = func() { p.run(p.rows.chosen) }
	foot := widgets.NewCaption(lang.L("Up and Down choose, Enter runs, Escape closes"))
	content := container.New(layout.NewCustomPaddedLayout(10, 10, 10, 10),
		container.New(&arrange.Rows{Gap: 6, Width: width - 20}, widgets.NewField("", p.entry), p.rows, widgets.NewRule(), foot))
	p.pop = widget.NewPopUp(content, c)
	size := p.pop.MinSize()
	p.pop.ShowAtPosition(fyne.NewPos((c.Size().Width-size.Width)/2, max((c.Size().Height-size.Height)/3, 0)))
	c.Focus(p.entry)
	return p
}

// Close closes it without doing anything.
func (p *Palette) Close() {
	if !p.pop.Visible() {
		return
	}
	p.pop.Hide()
	if p.before != nil {
		p.canvas.Focus(p.before)
	}
}

// run closes first, so that the command may ask something.
func (p *Palette) run(i int) {
	if i < 0 || i >= len(p.rows.found) {
		return
	}
	do := p.rows.found[i].Do
	p.Close()
	do()
}

func (p *Palette) key(k *fyne.KeyEvent) bool {
	switch k.Name {
	case fyne.KeyUp:
		p.rows.move(-1)
	case fyne.KeyDown:
		p.rows.move(1)
	case fyne.KeyPageUp:
		p.rows.move(-seen)
	case fyne.KeyPageDown:
		p.rows.move(seen)
	default:
		return false
	}
	return true
}

// inkOf is the colour of a row's ground.
func inkOf(chosen bool) theme.Token {
	if chosen {
		return theme.Sel
	}
	return theme.None
}
