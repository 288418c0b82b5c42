package editor

import (
	"runtime"
	"slices"
	"sort"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/gui/arrange"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// findAfter is how long counting waits for more typing. What is in sight is marked at once.
const findAfter = 200 * time.Millisecond

// findRow is how high each of the two lines above the text is.
const findRow float32 = 36

// find is what is searched for, and the lines above the text to say so.
type find struct {
	e       *Editor
	content *fyne.Container

	open, replacing bool
	hits            []hit
	stale           bool   // the text is another one than when hits were found
	later           func() // cancels the search that waits; nil while none does
	before          int    // the text's cursor when the search began

	what, with *widgets.Entry
	exact      *widgets.Check
	count      *widgets.Word
	rows       [2]*fyne.Container
}

func newFind(e *Editor) *find {
	f := &find{e: e}
	f.what, f.with = f.entry(lang.L("Find"), func(shift bool) { f.next(!shift) }), f.entry(lang.L("Replace with"), func(bool) { f.replace() })
	f.what.OnChanged = func(string) { f.search() }
	f.exact = widgets.NewCheck(lang.L("Match case"))
	f.exact.OnChanged = func(bool) { f.search() }
	f.count = widgets.NewWord("", theme.Muted)
	// A press of the pointer takes the focus away, and with it Escape and F3.
	pressed := func(do func()) func() {
		return func() {
			do()
			if c := fyne.CurrentApp().Driver().CanvasForObject(e); c != nil && c.Focused() == nil {
				c.Focus(f.what)
			}
		}
	}
	middle := func(o fyne.CanvasObject) fyne.CanvasObject { return container.New(&arrange.Middle{}, o) }
	f.rows[0] = container.New(&arrange.Columns{Gap: 6, Shares: []float32{1, 0, 0, 0, 0, 0}},
		widgets.NewField("", f.what), middle(f.count), middle(f.exact),
		middle(widgets.NewIconButton(fynetheme.MoveUpIcon(), lang.L("Previous")+" (Shift+F3)", pressed(func() { f.next(false) }))),
		middle(widgets.NewIconButton(fynetheme.MoveDownIcon(), lang.L("Next")+" (F3)", pressed(func() { f.next(true) }))),
		middle(widgets.NewIconButton(fynetheme.WindowCloseIcon(), lang.L("Close")+" (Esc)", f.close)))
	f.rows[1] = container.New(&arrange.Columns{Gap: 6, Shares: []float32{1, 0, 0}},
		widgets.NewField("", f.with),
		middle(widgets.NewButton(lang.L("Replace this"), nil, widgets.Quiet, pressed(f.replace))),
		middle(widgets.NewButton(lang.L("Replace all"), nil, widgets.Quiet, pressed(f.replaceAll))))
	f.content = container.New(&arrange.Rows{})
	return f
}

// entry returns a field of the lines; enter runs on Enter.
func (f *find) entry(hint string, enter func(shift bool)) *widgets.Entry {
	x := widgets.NewEntry()
	x.SetPlaceHolder(hint)
	x.OnEscape = f.close
	x.OnShortcut = func(s fyne.Shortcut) bool {
		k, ok := s.(fyne.KeyboardShortcut)
		return ok && f.pressed(k.Key(), k.Mod()&^fyne.KeyModifierShift, k.Mod()&fyne.KeyModifierShift != 0)
	}
	x.OnKey = func(k *fyne.KeyEvent) bool {
		shift := f.e.modifiers()&fyne.KeyModifierShift != 0
		switch k.Name {
		case fyne.KeyF3:
			f.next(!shift)
		case fyne.KeyReturn, fyne.KeyEnter:
			enter(shift)
		default:
			return false
		}
		return true
	}
	return x
}

// pressed opens the lines on their keys; false: it is another key.
func (f *find) pressed(name fyne.KeyName, mod fyne.KeyModifier, shift bool) bool {
	find := fyne.KeyModifierControl
	if runtime.GOOS == "darwin" { // where Cmd+H is the system's
		find = fyne.KeyModifierSuper
	}
	switch {
	case shift:
		return false
	case name == fyne.KeyF && mod == find:
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
func (f *find) height() float32 {
	switch {
	case !f.open:
		return 0
	case f.replaces():
		return 2*findRow + 3
	}
	return findRow + 3
}

func (f *find) replaces() bool { return f.replacing && !f.e.readOnly }

// layout shows the lines that are open.
func (f *find) layout() {
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
func (f *find) show(replacing bool) {
	from, to := f.e.m.selection()
	f.open, f.replacing, f.before = true, replacing, from
	f.layout()
	if s := f.e.Selected(); s != "" && to-from <= beside && !strings.Contains(s, "\n") {
		f.what.SetText(s)
	}
	f.search()
	f.e.reveal()
	f.e.Refresh()
	if c := fyne.CurrentApp().Driver().CanvasForObject(f.e); c != nil {
		c.Focus(f.what)
		f.what.TypedShortcut(&fyne.ShortcutSelectAll{})
	}
}

// close hides the lines; the text has the focus, and what was found is selected.
func (f *find) close() {
	f.open = false
	f.layout()
	f.e.reveal()
	f.e.Refresh()
	if c := fyne.CurrentApp().Driver().CanvasForObject(f.e); c != nil {
		c.Focus(f.e.page)
	}
}

// search finds what is asked for now, and selects the first from where the search began.
func (f *find) search() {
	f.stale = true
	f.fresh()
	if i := f.from(f.before); i >= 0 {
		f.choose(i)
		return
	}
	f.e.refresh()
}

// outdate notes that the text has changed, and counts again soon.
func (f *find) outdate() {
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
func (f *find) update() {
	if f.open && !f.stale {
		f.say()
	}
}

// fresh finds again if the text has changed.
func (f *find) fresh() {
	if f.stale {
		f.hits, f.stale = search(f.e.m.string(), f.what.Text, f.exact.Checked), false
	}
}

// within are the hits within a part of a line that begins at a place.
func (f *find) within(s string, at int) []hit {
	if !f.open {
		return nil
	}
	hits := search(s, f.what.Text, f.exact.Checked)
	for i := range hits {
		hits[i].from += at
		hits[i].to += at
	}
	return hits
}

// from is the first hit at or behind a place, or else the first of all; -1 for none.
func (f *find) from(at int) int {
	if len(f.hits) == 0 {
		return -1
	}
	return sort.Search(len(f.hits), func(i int) bool { return f.hits[i].from >= at }) % len(f.hits)
}

// current is the hit that is selected; -1 for none.
func (f *find) current() int {
	from, to := f.e.m.selection()
	if i := f.from(from); i >= 0 && f.hits[i] == (hit{from, to}) {
		return i
	}
	return -1
}

// choose selects a hit and shows it.
func (f *find) choose(i int) {
	f.e.m.move(f.hits[i].from, false)
	f.e.m.move(f.hits[i].to, true)
	f.e.centre()
}

// next goes on to the next hit, or back to the last, and begins again at the end.
func (f *find) next(forward bool) {
	if f.what.Text == "" {
		f.show(f.replacing)
		return
	}
	f.fresh()
	n := len(f.hits)
	if n == 0 {
		f.update()
		return
	}
	from, to := f.e.m.selection()
	i := f.current()
	switch {
	case forward && i >= 0:
		i = (i + 1) % n
	case forward:
		i = f.from(to)
	default:
		i = (sort.Search(n, func(i int) bool { return f.hits[i].from >= from }) + n - 1) % n
	}
	f.before = f.hits[i].from
	f.choose(i)
}

// replace puts the other text in the place of the hit that is selected, and goes on.
func (f *find) replace() {
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
func (f *find) replaceAll() {
	f.fresh()
	n := len(f.hits)
	if n == 0 || f.e.readOnly {
		return
	}
	var out strings.Builder
	s, at := f.e.m.string(), f.hits[0].from
	for _, h := range slices.Clone(f.hits) {
		out.WriteString(s[at:h.from])
		out.WriteString(f.with.Text)
		at = h.to
	}
	f.e.edit(func() { f.e.m.change(f.hits[0].from, at, out.String(), other) })
	f.tell(lang.L("{{.Count}} replaced", map[string]any{"Count": widgets.Count(uint64(n))}), theme.Muted)
}

// say counts what was found.
func (f *find) say() {
	i, n := f.current(), len(f.hits)
	all := widgets.Count(uint64(n))
	switch {
	case f.what.Text == "":
		f.tell("", theme.Muted)
	case n == 0:
		f.tell(lang.L("Not found"), theme.Err)
	case i < 0:
		f.tell(lang.L("{{.Count}} found", map[string]any{"Count": all}), theme.Muted)
	default:
		f.tell(lang.L("{{.At}} of {{.All}}", map[string]any{"At": widgets.Count(uint64(i + 1)), "All": all}), theme.Muted)
	}
}

// tell shows words beside the field, which makes room for them.
func (f *find) tell(words string, t theme.Token) {
	if f.count.Text() != words {
		f.count.Set(words, t)
		row := f.rows[0]
		row.Layout.Layout(row.Objects, row.Size())
	}
}
