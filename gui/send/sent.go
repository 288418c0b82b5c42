package send

import (
	"context"
	"errors"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/outbox"
	"gantry/gui/arrange"
	"gantry/gui/draw"
	"gantry/gui/filters"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// queryFind is the query that looks for sends that fit a filter.
const queryFind = "find"

// mostFound is how many entries a filter shows at most.
const mostFound = 10_000

// History is what was sent over the profile, as outbox.History.
type History interface {
	shelf
	Watch(func())
	Refresh() error
	// Undecided are the half messages that wait for a decision, the newest first, at most
	// that many.
	Undecided(most int) []outbox.Item
	Find(ctx context.Context, keep filter.Filter, most int, found func(fit, looked, unread int)) ([]outbox.Item, int, error)
	Close()
}

// sentPane is the pane at the right: everything that was sent over the profile, the newest
// first, a run as one row; or the messages of one run. Below are the facts of the selected
// row.
type sentPane struct {
	s       *Screen
	content fyne.CanvasObject

	history History
	found   found // with a filter
	failed  error // why the history cannot be read
	run     *runView
	ledger  *ledger
	watch   *task.Watch
	changed bool
	shown   bool
	narrow  bool
	wrong   string       // what of the filter cannot be read
	filters bool         // found holds what fits
	unread  int          // of a search
	gaveUp  fault.GaveUp // messages that jq gave up at
	waiting found        // half messages that wait for a decision
	halves  bool         // only those are shown

	// selected is the row that is looked at; follow says that it is the newest one, which
	// was newest when it was selected last.
	selected, newest rowKey
	follow           bool

	picks *picks
	field *widgets.FilterEntry
	// framed has the field, and below it what of the filter cannot be read.
	framed *widgets.Field
	wait   *widgets.Button // shows only what waits for a decision, or everything again
	// waitBox is around wait, and hidden with it.
	waitBox *fyne.Container
	note    *widgets.Word
	finder  *fyne.Container
	head    *receiptRow
	list    *widgets.List
	body    *fyne.Container // the list or the empty state
	filled  fyne.CanvasObject
	empty   *widgets.EmptyState
	detail  *detail
	area    *fyne.Container
	top     *fyne.Container // the finder, or the head of a run
}

func newSentPane(s *Screen) *sentPane {
	p := &sentPane{s: s, history: s.p.History, follow: true}
	p.ledger = newLedger(s.p.Tasks, s.scope, p.draw)
	p.list = widgets.NewList(widgets.RowHeight, func() int { return p.shelf().Len() },
		func() fyne.CanvasObject { return newReceiptRow(p) },
		func(i int, o fyne.CanvasObject) { o.(*receiptRow).set(p.at(i), p.picks.has(i)) })
	p.picks = newPicks(p)
	p.list.OnPicked, p.list.OnAll, p.list.OnCopy = p.picks.take, p.picks.all, p.picks.copy
	p.list.OnEscape = func() {
		if !p.picks.clear() {
			p.choose(nil)
		}
	}
	p.list.OnEnter = func() { p.enter() }
	p.head = newReceiptRow(p)
	p.head.titles = true
	p.empty = widgets.NewEmptyState("", "", nil)
	p.field = widgets.NewFilterEntry(func(*fyne.KeyEvent) bool {
		s.p.Window.Canvas().Focus(p.list)
		return true
	})
	p.field.OnChanged = func(string) { p.find() }
	if m := s.p.Memory; m != nil {
		p.field.Memory = m
		p.field.OnEdit = func(save string) { filters.Show(s.p.Window.Canvas(), m, save, func() {}) }
	}
	p.note = widgets.NewCaption("")
	p.framed = widgets.NewField("", p.field)
	p.wait = widgets.NewButton("", fynetheme.HistoryIcon(), widgets.Quiet, func() { p.showHalves(!p.halves) })
	p.waitBox = container.New(&arrange.Middle{}, p.wait)
	p.waitBox.Hide()
	p.finder = container.New(layout.NewCustomPaddedLayout(6, 6, 14, 12),
		container.New(&arrange.Columns{Gap: 8, Shares: []float32{1, 0, 0}}, p.framed, arrange.Middled(p.note), p.waitBox))
	p.top = container.NewStack(p.finder)
	heads := container.NewStack(widgets.NewGround(theme.Sunken).SetMin(0, 24), p.head)
	p.filled = container.New(&arrange.Rows{Grow: p.list.View()}, widgets.NewRule(), heads, widgets.NewRule(), p.list.View(), p.picks.content)
	p.body = container.NewStack(p.empty)
	p.detail = newDetail(p)
	p.area = container.New(&foot{want: p.detail.height}, p.body, p.detail.content)
	p.detail.content.Hide()
	p.content = container.New(&arrange.Rows{Grow: p.area}, p.top, p.area)
	p.watch = s.p.Tasks.Watch(s.scope, ledgerTick, p.tick)
	if p.history != nil {
		p.history.Watch(s.p.Tasks.Signal(s.scope, p.stir))
	}
	p.draw()
	return p
}

// shelf is what the list shows.
func (p *sentPane) shelf() shelf {
	switch {
	case p.run != nil:
		return p.run.shelf
	case p.halves:
		return p.waiting
	case p.filters:
		return p.found
	case p.history != nil:
		return p.history
	}
	return found(nil)
}

// at returns the entry of a row, nil outside.
func (p *sentPane) at(i int) *entry {
	if s := p.shelf(); i >= 0 && i < s.Len() {
		return p.ledger.look(s.At(i))
	}
	return nil
}

// stir notes that something has changed: it is looked at with the next tick.
func (p *sentPane) stir() {
	p.changed = true
	p.watch.Set(p.shown)
}

func (p *sentPane) setShown(shown bool) {
	p.shown = shown
	p.watch.Set(shown && p.changed)
	if shown {
		p.stir()
	}
}

// tick looks for what has changed, and is the last where nothing had.
func (p *sentPane) tick() {
	if p.s.scope.Running(queryRefresh) {
		return
	}
	p.watch.Set(p.changed || p.run != nil && p.run.moves())
	if p.history == nil || !p.changed && (p.run == nil || !p.run.moves()) {
		return
	}
	p.changed = false
	run, which := p.run, chooseAll
	var settled *client.Settled
	if run != nil {
		which, settled = run.shelf.choice, run.shelf.settled
	}
	type answer struct {
		rows    []uint64
		waiting found
	}
	task.Ask(p.s.p.Tasks, p.s.scope, queryRefresh, func(context.Context) (a answer, err error) {
		if run != nil {
			a.rows = find(run.run, which, settled)
		}
		err = p.history.Refresh()
		a.waiting = p.history.Undecided(mostFound)
		return a, err
	}, func(a answer, err error) {
		p.failed, p.waiting = err, a.waiting
		if run != nil && run.shelf.choice == which {
			run.shelf.rows = a.rows
		}
		p.ledger.changed()
		p.draw()
	})
}

// find shows what fits the filter.
func (p *sentPane) find() {
	p.s.scope.Cancel(queryFind)
	p.picks.clear()
	keep, err := filter.Parse(p.field.Text, time.Now())
	p.field.MarkWrong(err)
	p.wrong, p.unread, p.gaveUp = "", 0, fault.GaveUp{}
	if err != nil {
		if !errors.Is(err, filter.ErrUnfinished) {
			p.wrong = words.Filter(err)
		}
		p.draw()
		return
	}
	if keep.Empty() {
		p.filters, p.found = false, nil
		p.draw()
		return
	}
	p.filters, p.halves = true, false
	history := p.history
	type answer struct {
		all    []outbox.Item
		unread int
		gaveUp fault.GaveUp
	}
	jq := p.s.p.Jq
	task.Ask(p.s.p.Tasks, p.s.scope, queryFind, func(ctx context.Context) (a answer, err error) {
		var judge filter.Judge
		if jq != nil {
			judge = jq(ctx, time.Time{})
		}
		keep := keep.Asking(judge, func(g fault.GaveUp) { a.gaveUp = a.gaveUp.Also(g) })
		a.all, a.unread, err = history.Find(ctx, keep, mostFound, nil)
		return a, err
	}, func(a answer, err error) {
		if err != nil {
			p.s.p.Fail(err)
		}
		p.found, p.unread, p.gaveUp = a.all, a.unread, a.gaveUp
		p.draw()
	})
}

// draw brings list, count and detail up to date.
func (p *sentPane) draw() {
	if p.s.closed || p.detail == nil {
		return
	}
	n := p.shelf().Len()
	p.s.side.count(sideSent, n)
	if p.run != nil {
		p.run.draw()
	}
	p.drawNote(n)
	p.drawEmpty(n)
	if p.follow && p.run == nil && !p.filters && !p.halves && n > 0 {
		p.followNewest()
	}
	p.picks.check()
	p.list.SetSelected(p.place(p.selected))
	p.list.Refresh()
	if e := p.look(); e != nil {
		p.detail.show(e)
	}
}

// followNewest selects the newest row, if it was sent since the screen is there, unless
// another one is looked at.
func (p *sentPane) followNewest() {
	e := p.at(0)
	if e == nil || e.sent == nil || e.key == p.newest || e.sent.Leave.At.Before(p.s.begun) {
		return
	}
	p.newest, p.selected = e.key, e.key
	p.detail.content.Show()
	p.list.ScrollToTop()
	p.area.Refresh()
}

// gaveUp says of how many entries it is not known whether they fit.
func gaveUp(g fault.GaveUp) string { return words.GaveUpShort(g) }

func (p *sentPane) drawNote(n int) {
	p.drawHalves()
	words, ink := "", theme.Muted
	switch {
	case p.wrong != "":
	case p.filters && p.s.scope.Running(queryFind):
		words = lang.L("Searching…")
	case p.filters && p.gaveUp.Count > 0:
		words, ink = lang.L("{{.Count}} fit", map[string]any{"Count": widgets.Count(n)})+" · "+gaveUp(p.gaveUp), theme.Warn
	case p.filters && p.unread > 0:
		words = lang.L("{{.Count}} fit, {{.Unread}} could not be read", map[string]any{"Count": widgets.Count(n), "Unread": widgets.Count(p.unread)})
	case p.filters:
		words = lang.L("{{.Count}} fit", map[string]any{"Count": widgets.Count(n)})
	}
	p.note.Set(words, ink)
	p.framed.SetError(p.wrong)
	p.finder.Refresh()
}

func (p *sentPane) drawEmpty(n int) {
	want := p.filled
	if n == 0 {
		want = p.empty
		title, line, steps := lang.L("Nothing sent over this connection yet"), lang.L("Every message appears here, with its receipt and its arrival."), []string(nil)
		switch {
		case p.halves:
			title, line = lang.L("Nothing waits for a decision"), ""
		case p.filters:
			title, line = lang.L("Nothing fits the filter"), ""
		case p.failed != nil:
			title, line = lang.L("What was sent cannot be read"), fault.Words(p.failed)
		case p.run != nil:
			title, line = lang.L("Nothing yet"), ""
		case p.s.forbidden() != nil:
			line = lang.L("This connection is read-only.")
		case len(p.s.p.Steps) > 0:
			title, line, steps = lang.L("Nothing sent yet"), lang.L("The message on the left is ready to go."), p.s.p.Steps
		}
		p.empty.Set(title, line, steps)
	}
	draw.Show(p.finder, p.run == nil && (n > 0 || p.filters || p.halves || p.field.Text != ""))
	if p.body.Objects[0] != want {
		p.body.Objects = []fyne.CanvasObject{want}
		p.body.Refresh()
	}
	p.content.Refresh()
}

// place is the row of an entry, -1 where it is not among the newest.
func (p *sentPane) place(key rowKey) int {
	s := p.shelf()
	for i := range min(s.Len(), 2000) {
		if keyOf(s.At(i)) == key {
			return i
		}
	}
	return -1
}

// look returns the selected entry, nil where none is.
func (p *sentPane) look() *entry {
	if p.selected == (rowKey{}) {
		return nil
	}
	if p.selected.run != "" {
		if i := p.place(p.selected); i >= 0 {
			return p.at(i)
		}
		return nil
	}
	return p.ledger.look(outbox.Item{Of: p.selected.of, Row: p.selected.row})
}

// choose shows the facts of an entry; nil hides them.
func (p *sentPane) choose(e *entry) {
	if e == nil {
		p.selected = rowKey{}
		p.list.SetSelected(-1)
		p.detail.content.Hide()
	} else {
		p.selected = e.key
		p.follow = p.place(e.key) == 0
		p.detail.show(e)
		p.detail.content.Show()
	}
	p.area.Refresh()
}

// enter opens the selected run.
func (p *sentPane) enter() {
	if e := p.look(); e != nil && e.run != nil {
		p.open(e.run.ID)
	}
}

func (p *sentPane) setNarrow(narrow bool) {
	p.narrow = narrow
	p.head.Refresh()
	p.list.Refresh()
}

func (p *sentPane) close() {
	p.closeRun()
	if p.history != nil {
		p.history.Close()
	}
}
