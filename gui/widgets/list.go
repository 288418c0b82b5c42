package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/data/binding"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

var (
	_ fyne.Widget       = (*List)(nil)
	_ fyne.Shortcutable = (*List)(nil)
)

// List is Fyne's virtual list with the keys that it lacks, exact rows and a
// selection that can be moved without a word. Put View into the layout, not the
// list itself. All rows are as high as the first CreateItem says. Keep it under
// 250,000 rows: beyond, float32 cannot place them.
//
// Up and Down move the selection; Home, End, PgUp and PgDn too unless their
// hooks are set. Where OnPicked is set they reach on with Shift.
type List struct {
	widget.List

	OnHome, OnEnd, OnEnter, OnEscape, OnSpace func()
	// OnCopy runs on the shortcut for copying.
	OnCopy func()
	OnPage func(dir int) // -1 up, 1 down

	// OnSelected runs when the user or Select chose a row. It takes the place
	// of Fyne's field of this name.
	OnSelected func(int)
	// OnPicked, where set, runs instead and is told how: several rows can be chosen then,
	// which the owner draws. It runs also for the row that is the selected one. OnAll runs
	// on the shortcut for selecting all.
	OnPicked func(i int, how Pick)
	OnAll    func()
	// Held tells which modifiers are held: HeldKeys, or a test's.
	Held func() fyne.KeyModifier

	// OnScrolled runs when what is seen may have moved by a key, a call or a
	// resize. OnMoved runs whenever it did, by the wheel and the bar too, and while
	// the list is not yet whole: it may note that, and do nothing more.
	OnScrolled, OnMoved func()

	view     *container.ThemeOverride
	row      float32
	selected int
	silent   bool
	renderer fyne.WidgetRenderer // the newest; nil before the list was drawn
	renewing bool
}

// NewList returns a list of rows that are row units high (26 for messages). Use
// Bind to follow a binding.DataList instead of length and update.
func NewList(row float32, length func() int, create func() fyne.CanvasObject, update func(int, fyne.CanvasObject)) *List {
	l := &List{row: row, selected: -1, Held: HeldKeys}
	l.Length = length
	l.CreateItem = func() fyne.CanvasObject {
		return newListRow(l, create())
	}
	l.UpdateItem = func(i int, o fyne.CanvasObject) {
		o.(*listRow).at = i
		update(i, inRow(o))
	}
	l.HideSeparators = true
	l.List.OnSelected = l.chose
	l.ExtendBaseWidget(l)
	l.view = container.NewThemeOverride(l, theme.ForList())
	return l
}

// inRow returns what create made, out of the row around it.
func inRow(o fyne.CanvasObject) fyne.CanvasObject { return o.(*listRow).content }

// Bind makes the list follow data, whose listeners run on the main goroutine.
// length and update of NewList may be nil then.
func (l *List) Bind(data binding.DataList, update func(binding.DataItem, fyne.CanvasObject)) {
	l.List.Bind(data, func(item binding.DataItem, o fyne.CanvasObject) { update(item, inRow(o)) })
	bound := l.UpdateItem
	l.UpdateItem = func(i int, o fyne.CanvasObject) {
		o.(*listRow).at = i
		bound(i, o)
	}
}

// rows returns how many rows there are.
func (l *List) rows() int {
	if l.Length == nil {
		return 0
	}
	return l.Length()
}

// View is what to put into a layout.
func (l *List) View() fyne.CanvasObject { return l.view }

// CreateRenderer is called by Fyne: again when the list was not seen for a minute, as
// Fyne then throws its renderer away, and with it how far it was scrolled and that its
// theme is another. Both are put back.
func (l *List) CreateRenderer() fyne.WidgetRenderer {
	switch {
	case l.renderer == nil:
		l.render()
	case l.renewing: // the override asks for what it is to theme
		at := l.GetScrollOffset()
		l.render()
		l.renderer.Layout(l.Size())
		l.ScrollToOffset(at)
	default:
		l.renewing = true
		l.view.Refresh()
		l.renewing = false
	}
	return l.renderer
}

// render makes a renderer that tells when it is scrolled.
func (l *List) render() {
	l.renderer = l.List.CreateRenderer()
	for _, o := range l.renderer.Objects() {
		scroll, ok := o.(*container.Scroll)
		if !ok {
			continue
		}
		moved := scroll.OnScrolled
		scroll.OnScrolled = func(at fyne.Position) {
			moved(at)
			if l.OnMoved != nil {
				l.OnMoved()
			}
		}
	}
}

func (l *List) chose(i int) {
	l.selected = i
	switch {
	case l.silent:
	case l.OnPicked != nil:
		l.OnPicked(i, l.how())
	case l.OnSelected != nil:
		l.OnSelected(i)
	}
}

// how is how a row is chosen with the keys that are held.
func (l *List) how() Pick {
	switch held := l.Held(); {
	case held&fyne.KeyModifierShift != 0:
		return PickTo
	case held&fyne.KeyModifierShortcutDefault != 0:
		return PickAlso
	}
	return PickOne
}

// Tap chooses a row that was clicked, with the keys that are held.
func (l *List) Tap(i int) {
	if i < 0 || i >= l.rows() {
		return
	}
	if c := fyne.CurrentApp().Driver().CanvasForObject(l); c != nil {
		c.Focus(l)
	}
	if i == l.selected && l.OnPicked != nil { // Fyne's Select would do nothing
		l.chose(i)
	} else {
		l.Select(i)
	}
	l.Highlight(max(l.selected, 0))
}

// Selected returns the selected row, or -1.
func (l *List) Selected() int { return l.selected }

// SetSelected moves the selection without running OnSelected and without
// scrolling, for rows that moved under it; -1 takes it away.
func (l *List) SetSelected(i int) {
	if i == l.selected {
		return
	}
	l.silent = true
	defer func() { l.silent = false }()
	at := l.GetScrollOffset()
	if i < 0 || i >= l.rows() {
		l.UnselectAll()
		l.selected = -1
	} else {
		l.Select(i)
		l.Highlight(i)
	}
	l.selected = i
	l.ScrollToOffset(at)
}

// FirstVisible returns the first row that is seen, in whole or in part.
func (l *List) FirstVisible() int { return int(l.GetScrollOffset() / l.row) }

// VisibleRows returns how many whole rows fit.
func (l *List) VisibleRows() int { return int(l.Size().Height / l.row) }

// AtBottom reports whether the last row is in sight, half a row forgiven.
func (l *List) AtBottom() bool {
	return l.GetScrollOffset()+l.Size().Height >= l.row*float32(l.rows())-l.row/2
}

// ScrollToBottom shows the last row; before the list was drawn it does nothing.
func (l *List) ScrollToBottom() {
	if l.renderer != nil {
		l.List.ScrollToBottom()
		l.scrolled()
	}
}

// ScrollToTop shows the first row; before the list was drawn it does nothing.
func (l *List) ScrollToTop() {
	if l.renderer != nil {
		l.List.ScrollToTop()
		l.scrolled()
	}
}

// Shift keeps the rows in sight still after n rows left (or, below zero, came)
// at the top, and moves the selection with its row.
func (l *List) Shift(n int) {
	at := l.GetScrollOffset() - float32(n)*l.row
	if l.selected >= 0 {
		l.SetSelected(max(l.selected-n, -1))
	}
	l.ScrollToOffset(max(at, 0))
}

// Resize is called by layouts.
func (l *List) Resize(s fyne.Size) {
	l.List.Resize(s)
	l.scrolled()
}

func (l *List) scrolled() {
	if l.OnScrolled != nil {
		l.OnScrolled()
	}
}

// move selects the row that is n away from the selected one.
func (l *List) move(n int) {
	length := l.rows()
	if length == 0 {
		return
	}
	to := l.selected + n
	if l.selected < 0 { // nothing selected: begin at what is seen
		to = l.FirstVisible()
	}
	l.jump(min(max(to, 0), length-1))
}

func (l *List) jump(i int) {
	l.Select(i)
	l.Highlight(i)
	l.scrolled()
}

// TypedShortcut copies and selects all, and hands every other shortcut on to the canvas.
func (l *List) TypedShortcut(s fyne.Shortcut) {
	var hook func()
	switch s.(type) {
	case *fyne.ShortcutCopy:
		hook = l.OnCopy
	case *fyne.ShortcutSelectAll:
		hook = l.OnAll
	}
	if hook == nil {
		HandOn(l, s)
		return
	}
	hook()
}

// TypedKey runs the hooks, moves the selection, and leaves the rest to Fyne.
func (l *List) TypedKey(k *fyne.KeyEvent) {
	run := func(hook, other func()) {
		if hook != nil {
			hook()
		} else if other != nil {
			other()
		}
	}
	page := func(dir int) func() {
		if l.OnPage == nil {
			return nil
		}
		return func() { l.OnPage(dir) }
	}
	switch k.Name {
	case fyne.KeyUp:
		l.move(-1)
	case fyne.KeyDown:
		l.move(1)
	case fyne.KeyHome:
		run(l.OnHome, func() { l.move(-l.rows()) })
	case fyne.KeyEnd:
		run(l.OnEnd, func() { l.jump(max(l.rows()-1, 0)) })
	case fyne.KeyPageUp:
		run(page(-1), func() { l.move(-max(l.VisibleRows()-1, 1)) })
	case fyne.KeyPageDown:
		run(page(1), func() { l.move(max(l.VisibleRows()-1, 1)) })
	case fyne.KeyReturn, fyne.KeyEnter:
		run(l.OnEnter, nil)
	case fyne.KeyEscape:
		run(l.OnEscape, nil)
	case fyne.KeySpace:
		run(l.OnSpace, func() { l.List.TypedKey(k) })
	default:
		l.List.TypedKey(k)
	}
}

var (
	_ fyne.Widget   = (*listRow)(nil)
	_ fyne.Tappable = (*listRow)(nil)
)

// listRow makes a row exactly so high, whatever is in it, and asks for no width.
type listRow struct {
	widget.BaseWidget
	list    *List
	at      int // its place
	content fyne.CanvasObject
}

func newListRow(l *List, content fyne.CanvasObject) *listRow {
	r := &listRow{list: l, at: -1, content: content}
	r.ExtendBaseWidget(r)
	return r
}

// Tapped chooses the row: Fyne's own does nothing where it is the selected one.
func (r *listRow) Tapped(*fyne.PointEvent) { r.list.Tap(r.at) }

// SetDeviceIsMobile marks the row as one that a theme override leaves alone, as
// Fyne's own override in another does. The list's theme is for the list: for each
// theme Fyne parses every font of the texts below it once more.
func (r *listRow) SetDeviceIsMobile(bool) {}

// CreateRenderer is called by Fyne.
func (r *listRow) CreateRenderer() fyne.WidgetRenderer {
	return &draw.Renderer{
		Parts: []fyne.CanvasObject{r.content},
		Least: func() fyne.Size { return fyne.NewSize(1, r.list.row) },
		Place: func(s fyne.Size) { draw.Place(r.content, 0, 0, s.Width, s.Height) },
		Paint: func() {},
	}
}
