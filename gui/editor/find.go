package editor

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"

	"gantry/gui/arrange"
	"gantry/gui/find"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// findAfter is how long counting waits for more typing. What is in sight is marked at once.
const findAfter = 200 * time.Millisecond

// finder is what is searched for, and the lines above the text to say so.
type finder struct {
	e       *Editor
	content *fyne.Container

	open, replacing bool
	hits            []find.Hit
	stale           bool   // the text is another one than when hits were found
	later           func() // cancels the search that waits; nil while none does
	before          int    // the text's cursor when the search began

	line *find.Line
	with *widgets.Entry
	rows [2]*fyne.Container
}

func newFind(e *Editor) *finder {
	f := &finder{e: e}
	f.line = find.NewLine(find.Params{
		Over: e, Changed: f.search, Next: f.next, Close: f.close, Pressed: f.pressed,
		Modifiers: func() fyne.KeyModifier { return e.modifiers() },
	})
	f.with = f.line.Entry(lang.L("Replace with"), func(bool) { f.replace() })
	middle := func(o fyne.CanvasObject) fyne.CanvasObject { return container.New(&arrange.Middle{}, o) }
	f.rows[0] = f.line.Row
	f.rows[1] = container.New(&arrange.Columns{Gap: 6, Shares: []float32{1, 0, 0}},
		widgets.NewField("", f.with),
		middle(widgets.NewButton(lang.L("Replace this"), nil, widgets.Quiet, f.line.Button(f.replace))),
		middle(widgets.NewButton(lang.L("Replace all"), nil, widgets.Quiet, f.line.Button(f.replaceAll))))
	f.content = container.New(&arrange.Rows{})
	return f
}

// pressed opens the lines on their keys; false: it is another key.
func (f *finder) pressed(name fyne.KeyName, mod fyne.KeyModifier, shift bool) bool {
	switch {
	case shift:
		return false
	case find.Asked(name, mod):
		f.show(f.replacing)
	case name == fyne.KeyH && mod == fyne.KeyModifierControl:
		f.show(true)
	default:
		return false
	}
	return true
}

// Find opens the line to find something, with what is selected.
func (e *Editor) Find() { e.find.show(e.find.replacing) }

// height is what the lines take, with the rule below them.
func (f *finder) height() float32 {
	switch {
	case !f.open:
		return 0
	case f.replaces():
		return 2*find.RowHeight + 3
	}
	return find.RowHeight + 3
}

func (f *finder) replaces() bool { return f.replacing && !f.e.readOnly }

// layout shows the lines that are open.
func (f *finder) layout() {
	f.content.Objects = nil
	if f.open {
		for i, row := range f.rows {
			if i == 0 || f.replaces() {
				f.content.Objects = append(f.content.Objects, container.New(layout.NewCustomPaddedLayout(3, 3, 4, 4), row))
			}
		}
	}
	f.content.Refresh()
}

// show opens the lines.
func (f *finder) show(replacing bool) {
	from, to := f.e.m.selection()
	f.open, f.replacing, f.before = true, replacing, from
	f.layout()
	if s := f.e.Selected(); s != "" && to-from <= beside && !strings.Contains(s, "\n") {
		f.line.What.SetText(s)
	}
	f.search()
	f.e.reveal()
	f.e.Refresh()
	f.line.Focus()
}

// close hides the lines; the text has the focus, and what was found is selected.
func (f *finder) close() {
	f.open = false
	f.layout()
	f.e.reveal()
	f.e.Refresh()
	if c := fyne.CurrentApp().Driver().CanvasForObject(f.e); c != nil {
		c.Focus(f.e.page)
	}
}

// search finds what is asked for now, and selects the first from where the search began.
func (f *finder) search() {
	f.stale = true
	f.fresh()
	if i := find.From(f.hits, f.before); i >= 0 {
		f.choose(i)
		return
	}
	f.e.refresh()
}

// outdate notes that the text has changed, and counts again soon.
func (f *finder) outdate() {
	f.stale = true
	switch {
	case !f.open || f.later != nil:
	case f.e.tasks == nil:
		f.update()
	default:
		f.later = f.e.tasks.After(f.e.scope, findAfter, func() { f.later = nil; f.fresh(); f.update() })
	}
}

// update says where the selection is among what was found.
func (f *finder) update() {
	if f.open && !f.stale {
		f.line.Say(f.current(), len(f.hits))
	}
}

// fresh finds again if the text has changed.
func (f *finder) fresh() {
	if f.stale {
		f.hits, f.stale = find.Search(f.e.m.string(), f.line.What.Text, f.line.Exact.Checked), false
	}
}

// within are the hits within a part of a line that begins at a place.
func (f *finder) within(s string, at int) []find.Hit {
	if !f.open {
		return nil
	}
	hits := find.Search(s, f.line.What.Text, f.line.Exact.Checked)
	for i := range hits {
		hits[i].From += at
		hits[i].To += at
	}
	return hits
}

// current is the hit that is selected; -1 for none.
func (f *finder) current() int {
	from, to := f.e.m.selection()
	if i := find.From(f.hits, from); i >= 0 && f.hits[i] == (find.Hit{From: from, To: to}) {
		return i
	}
	return -1
}

// choose selects a hit and shows it.
func (f *finder) choose(i int) {
	f.e.m.move(f.hits[i].From, false)
	f.e.m.move(f.hits[i].To, true)
	f.e.centre()
}

// next goes on to the next hit, or back to the last, and begins again at the end.
func (f *finder) next(forward bool) {
	if f.line.What.Text == "" {
		f.show(f.replacing)
		return
	}
	f.fresh()
	from, to := f.e.m.selection()
	i := find.Next(f.hits, find.Hit{From: from, To: to}, forward)
	if i < 0 {
		f.update()
		return
	}
	f.before = f.hits[i].From
	f.choose(i)
}

// replace puts the other text in the place of the hit that is selected, and goes on.
func (f *finder) replace() {
	if f.e.readOnly {
		return
	}
	f.fresh()
	if f.current() >= 0 {
		f.e.Insert(f.with.Text)
	}
	f.next(true)
}

// replaceAll replaces every hit, as one step to undo.
func (f *finder) replaceAll() {
	f.fresh()
	n := len(f.hits)
	if n == 0 || f.e.readOnly {
		return
	}
	var out strings.Builder
	s, at := f.e.m.string(), f.hits[0].From
	for _, h := range slices.Clone(f.hits) {
		out.WriteString(s[at:h.From])
		out.WriteString(f.with.Text)
		at = h.To
	}
	f.e.edit(func() { f.e.m.change(f.hits[0].From, at, out.String(), other) })
	f.line.Tell(lang.L("{{.Count}} replaced", map[string]any{"Count": widgets.Count(uint64(n))}), theme.Muted)
}
