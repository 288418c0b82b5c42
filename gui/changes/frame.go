package changes

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/gui/arrange"
	"gantry/gui/confirm"
	"gantry/gui/draw"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

const (
	sheetWidth float32 = 760
	// tableHeight is that of 8 rows.
	tableHeight float32 = 266
	// lookAfter is how long a sheet waits for more typing before it asks.
	lookAfter = 300 * time.Millisecond
)

// previewed is what an order would come to.
type previewed interface {
	comparable
	// Able tells whether there is something to do, and nothing against it.
	Able() bool
}

// frame is a sheet that shows what an order would come to, as a sentence, rows, notes and a
// warning, before it is agreed to. What stands on it is looked at anew when it changes.
type frame[P previewed] struct {
	p     Params
	scope *task.Scope
	open  *confirm.Panel // nil until it is shown

	says    *widgets.Paragraph
	notes   *widgets.Paragraph
	warning *widgets.Banner
	table   *widgets.Table
	action  *widgets.Button
	cancel  *widgets.Button
	content *fyne.Container

	waits   func() // cancels the look that waits; nil while none does
	ready   P      // the zero P unless what stands on the sheet was looked at
	closing bool
	left    func() // what closing ends too; may be nil
}

// newFrame makes the parts; act is what the button says, ask what it does, note why it has to
// be looked at again, "" for nothing.
func newFrame[P previewed](p Params, act, note string, ask func()) *frame[P] {
	f := &frame[P]{p: p, scope: p.Tasks.Scope()}
	f.says = widgets.NewHeading("")
	f.notes = widgets.NewParagraph("", theme.Muted)
	f.warning = widgets.NewBanner(true, note)
	draw.Show(f.warning, note != "")
	f.action = widgets.NewButton(act, nil, widgets.Primary, ask)
	f.cancel = widgets.NewButton(lang.L("Cancel"), nil, widgets.Normal, f.close)
	return f
}

// panel is how a frame is shown.
type panel struct {
	title         string
	width, height float32             // of the panel, and of the rows
	top           []fyne.CanvasObject // above the sentence
	extra         []*widgets.Button   // beside Cancel
	first         fyne.Focusable      // nil is Cancel
}

// openAs shows it, with the rows of table.
func (f *frame[P]) openAs(v panel, table *widgets.Table) {
	f.table = table
	if f.table.OnEscape = f.close; v.first == nil {
		v.first = f.cancel
	}
	f.content = container.New(&arrange.Rows{Gap: 12}, append(v.top, f.says.Object(),
		container.NewStack(widgets.NewGround(theme.None).SetMin(0, v.height), table.Content()), f.notes.Object(), f.warning)...)
	f.open = confirm.ShowPanel(f.p.Window.Canvas(), confirm.PanelView{
		Title: v.title, Content: f.content, Width: v.width, Buttons: append(v.extra, f.cancel, f.action), First: v.first, OnCancel: f.close,
	})
}

// drop takes back what was looked at.
func (f *frame[P]) drop() {
	var none P
	f.ready, f.waits = none, nil
	f.action.Disable()
}

// changed takes back what was looked at, because it was something else, and looks again when
// nothing more is typed.
func (f *frame[P]) changed(look func()) {
	if f.open == nil {
		return
	}
	waits := f.waits
	f.drop()
	f.scope.Cancel(queryPreview)
	if waits != nil {
		waits()
	}
	f.waits = f.p.Tasks.After(f.scope, lookAfter, look)
	f.relayout()
}

// ask asks the brokers what an order would do.
func (f *frame[P]) ask(preview func(context.Context) (P, error), done func(P, error)) {
	f.says.Set(lang.L("Asking the brokers"), theme.Muted)
	f.relayout()
	task.Ask(f.p.Tasks, f.scope, queryPreview, preview, done)
}

// take takes what an order would do, to be agreed to; note stands where there is no warning.
func (f *frame[P]) take(p P, sum, notes, warning, note string) {
	f.ready = p
	if warning == "" {
		warning = note
	}
	if err := client.Guard(f.p.Profile, client.ActionOrder); err != nil {
		warning = problem.Explain(err).Text()
	}
	widgets.Able(f.able(), f.action)
	f.show(sum, notes, warning)
}

// able tells whether what was looked at can be agreed to.
func (f *frame[P]) able() bool {
	var none P
	return f.ready != none && f.ready.Able() && client.Guard(f.p.Profile, client.ActionOrder) == nil
}

// show sets the words, and the rows as they are.
func (f *frame[P]) show(sum, notes, warning string) {
	f.says.Set(sum, theme.Text)
	f.notes.Set(notes, theme.Muted)
	f.warning.Set(true, warning)
	draw.Show(f.warning, warning != "")
	f.table.SetSelected(-1)
	f.table.Refresh()
	f.relayout()
}

func (f *frame[P]) relayout() {
	f.content.Refresh()
	if f.open != nil {
		f.open.Relayout()
	}
}

// agreed returns the connection over which what was agreed to is done, and closes the sheet;
// nil where it was changed meanwhile, or there is no connection.
func (f *frame[P]) agreed(p P) Connection {
	conn := f.p.Conn()
	if p != f.ready || conn == nil {
		return nil
	}
	f.close()
	return conn
}

// close closes the sheet; nothing is changed.
func (f *frame[P]) close() {
	if f.closing {
		return
	}
	if f.closing = true; f.left != nil {
		f.left()
	}
	f.open.Close()
	f.scope.Close()
}
