// Package overview is the frame of the tabs that ask a connection's servers, as
// Topics, Groups and Cluster do: a bar above a table, the details of the chosen row
// beside it, words where there is nothing to list, and questions that are asked again
// while the tab is shown and connected.
//
// Everything here runs on Fyne's main goroutine and takes no lock.
package overview

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/profile"
	"gantry/gui/arrange"
	"gantry/gui/draw"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/widgets"
)

const (
	// Every is how often what is shown is asked again.
	Every = 5 * time.Second
	// Seldom is how often a list of more than Few is.
	Seldom = time.Minute
	Few    = 200
	// detailWidth is that of the details while the user has not moved the split.
	detailWidth float32 = 548
)

// Params are what a tab needs of the shell; C is what it needs of a connection. All
// functions are called on the main goroutine.
type Params[C comparable] struct {
	Tasks   *task.Runner
	Window  fyne.Window
	Profile profile.Profile
	// Conn returns the open connection, or nil; Connect asks the shell for one.
	Conn    func() C
	Connect func()
	// RefreshTip is a tooltip, with the shortcut.
	RefreshTip string
	// Split is the offset of the split, 0 for the usual width.
	Split     float64
	SaveSplit func(float64)
	Fail      func(error)
	Say       func(string)
}

// Hooks are what the frame asks of its tab.
type Hooks struct {
	// Ask asks again for what is out of date, AskAll for everything. Cancel ends the
	// questions under way.
	Ask, AskAll, Cancel func()
	// Forget drops what another connection said.
	Forget func()
	// Show brings what is seen up to date.
	Show func()
}

// Frame is the frame of one tab, which embeds it.
type Frame[C comparable] struct {
	P      Params[C]
	Scope  *task.Scope
	Table  *widgets.Table
	Filter *widgets.Entry // of FilterBar
	// Segments are those of FilterBar.
	Segments *widgets.Segments

	hooks   Hooks
	bar     *fyne.Container
	banner  *widgets.Banner
	empty   *widgets.EmptyState
	body    *fyne.Container // the table or the empty state
	left    *fyne.Container // bar, banner and body
	split   *widgets.Split
	content *fyne.Container
	conn    C    // that what is known belongs to
	alone   bool // nothing is there that details could be of
	shown   bool
	watch   *task.Watch // while it may ask
}

// New returns a frame that Build fills.
func New[C comparable](p Params[C]) *Frame[C] {
	return &Frame[C]{P: p, Scope: p.Tasks.Scope()}
}

// RefreshButton returns the button of the bar.
func (f *Frame[C]) RefreshButton() *widgets.Button {
	b := widgets.NewButton(lang.L("Refresh"), fynetheme.ViewRefreshIcon(), widgets.Quiet, f.Refresh)
	b.SetToolTip(f.P.RefreshTip)
	return b
}

// FilterBar returns a bar with a filter and as many segments, and what stands at its
// right. changed is called when either is, entered for Enter in the filter; Down
// leads into the table.
func (f *Frame[C]) FilterBar(hint string, segments int, changed, entered func(), right ...fyne.CanvasObject) *fyne.Container {
	f.Filter = widgets.NewFilter(hint, func(k *fyne.KeyEvent) bool {
		if k != nil && f.Table.Length() == 0 {
			return false
		}
		f.Focus(f.Table.List)
		if k != nil {
			f.Table.TypedKey(k)
		}
		return true
	})
	f.Filter.OnChanged = func(string) { changed(); f.hooks.Show() }
	f.Filter.OnEnter = entered
	f.Segments = widgets.NewSegments(func(int) { changed(); f.hooks.Show() }, make([]string, segments)...)
	return widgets.NewFilterBar(widgets.NewField("", f.Filter), f.Segments, right...)
}

// Build puts the parts together and begins to ask. narrow is the width of the details
// in a window below 1200.
func (f *Frame[C]) Build(bar *fyne.Container, table *widgets.Table, details fyne.CanvasObject, narrow float32, hooks Hooks) {
	f.hooks, f.Table = hooks, table
	f.bar = container.New(layout.NewCustomPaddedLayout(8, 8, 14, 12), bar)
	f.banner = widgets.NewBanner(false, "")
	f.banner.Hide()
	f.empty = widgets.NewEmptyState("", "", nil)
	f.body = container.NewStack()
	f.left = container.New(&arrange.Rows{Grow: f.body}, f.bar, widgets.NewRule(), f.banner, f.body)
	f.split = widgets.NewDetailSplit(f.left, details, detailWidth, narrow)
	f.split.SetOffset(f.P.Split)
	f.split.OnMoved = f.P.SaveSplit
	f.content = container.NewStack()
	f.watch = f.P.Tasks.Watch(f.Scope, Every, f.tick)
	hooks.Show()
}

// Content is what to put into a layout.
func (f *Frame[C]) Content() fyne.CanvasObject { return f.content }

// Focus puts the focus on o.
func (f *Frame[C]) Focus(o fyne.Focusable) { f.P.Window.Canvas().Focus(o) }

// Connected tells whether a connection is open.
func (f *Frame[C]) Connected() bool {
	var none C
	return f.P.Conn() != none
}

// Asking tells whether the tab may ask: it is shown, and connected.
func (f *Frame[C]) Asking() bool { return f.shown && f.Connected() }

// SetShown tells whether the tab is seen.
func (f *Frame[C]) SetShown(shown bool) {
	f.shown = shown
	f.watch.Set(f.Asking())
	if !shown {
		f.hooks.Cancel()
		return
	}
	f.tick()
	f.hooks.Show()
}

// SetNarrow makes the details narrower for a window below 1200.
func (f *Frame[C]) SetNarrow(narrow bool) { f.split.SetNarrow(narrow) }

// Primary asks again.
func (f *Frame[C]) Primary() { f.Refresh() }

// FocusFirst puts the focus into the filter; Down goes on to the list.
func (f *Frame[C]) FocusFirst() { f.FocusFilter() }

// FocusFilter puts the focus into the filter.
func (f *Frame[C]) FocusFilter() {
	if f.Connected() {
		f.Focus(f.Filter)
	}
}

// Refresh asks for everything again, or for a connection where none is open.
func (f *Frame[C]) Refresh() {
	if !f.Connected() {
		f.P.Connect()
		return
	}
	f.hooks.Cancel()
	f.hooks.AskAll()
	f.hooks.Show()
}

// ConnectionChanged forgets what another connection said.
func (f *Frame[C]) ConnectionChanged() {
	if f.conn == f.P.Conn() {
		return
	}
	f.hooks.Cancel()
	f.conn = f.P.Conn()
	f.watch.Set(f.Asking())
	f.hooks.Forget()
	f.tick()
	f.hooks.Show()
}

// Close ends what the tab does.
func (f *Frame[C]) Close() { f.Scope.Close() }

// tick asks again for what is shown.
func (f *Frame[C]) tick() {
	switch {
	case !f.Asking():
	case f.conn != f.P.Conn():
		f.ConnectionChanged()
	default:
		f.hooks.Ask()
	}
}

// Words stand where nothing is listed; without a title the table does.
type Words struct {
	Title, Line string
	Act         *widgets.Button
}

// NotConnected are the words without a connection; line says what one shows.
func (f *Frame[C]) NotConnected(line string) Words {
	return Words{lang.L("Not connected"), line, widgets.NewButton(lang.L("Connect"), nil, widgets.Primary, f.P.Connect)}
}

// Failed are the words where the list could not be had.
func (f *Frame[C]) Failed(err error) Words {
	p := problem.Explain(err)
	return Words{p.What, p.Do, widgets.NewButton(lang.L("Try again"), fynetheme.ViewRefreshIcon(), widgets.Normal, f.Refresh)}
}

// Show shows the table with a row selected, or words in its place, and says
// something above it unless that is empty.
func (f *Frame[C]) Show(above string, w Words, selected int) {
	f.bar.Refresh()
	f.banner.Set(false, above)
	draw.Show(f.banner, above != "")
	body := f.Table.Content()
	if w.Title != "" {
		var act []*widgets.Button
		if w.Act != nil {
			act = append(act, w.Act)
		}
		f.empty.Set(w.Title, w.Line, nil, act...)
		body = f.empty
	}
	whole := fyne.CanvasObject(f.split)
	switch {
	case !f.Connected():
		whole = f.empty
	case f.alone:
		whole = f.left
	}
	arrange.Swap(f.body, body)
	if arrange.Swap(f.content, whole); whole == f.split {
		f.split.Refresh() // its list was wider while it was alone
	}
	f.Table.SetSelected(selected)
	f.Table.Refresh()
}
