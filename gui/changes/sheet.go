package changes

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/orders"
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
	// tableHeight is that of the queues: 8 rows.
	tableHeight float32 = 266
	// lookAfter is how long the sheet waits for more typing before it asks.
	lookAfter = 300 * time.Millisecond
)

// sheet asks where a group is put and shows what that comes to.
type sheet struct {
	p     Params
	seed  orders.Offsets
	scope *task.Scope
	open  *confirm.Panel // nil until it is shown

	form    *form // nil where the places are given
	says    *widgets.Paragraph
	notes   *widgets.Paragraph
	warning *widgets.Banner
	table   *widgets.Table
	lines   []orders.Line
	action  *widgets.Button
	first   *widgets.Button // read what is skipped or comes again in the chosen queue
	last    *widgets.Button
	content *fyne.Container

	waits   func()          // cancels the look that waits; nil while none does
	ready   *orders.Preview // nil unless what stands on the sheet was looked at
	closing bool
}

// show opens the sheet with an order; note says why it has to be looked at again, "" for
// nothing.
func show(p Params, o orders.Offsets, topics []string, note string) *sheet {
	s := &sheet{p: p, seed: o, scope: p.Tasks.Scope()}
	s.says = widgets.NewHeading("")
	s.notes = widgets.NewParagraph("", theme.Muted)
	s.warning = widgets.NewBanner(true, note)
	s.makeTable()
	s.action = widgets.NewButton(lang.L("Change…"), nil, widgets.Primary, s.ask)
	cancel := widgets.NewButton(lang.L("Cancel"), nil, widgets.Normal, s.close)
	top, first := s.given(), fyne.Focusable(cancel)
	if o.To.Kind != orders.ToPlaces {
		s.form = newForm(p.Profile, o, topics, s.changed)
		top, first = s.form.content, s.form.kind
		for _, e := range []*widgets.Entry{&s.form.topic.Entry, s.form.value, s.form.queues} {
			e.OnEscape, e.OnEnter = s.close, s.ask
		}
	}
	s.content = container.New(&arrange.Rows{Gap: 12}, top, s.says.Object(),
		container.NewStack(widgets.NewGround(theme.None).SetMin(0, tableHeight), s.table.Content()), s.notes.Object(), s.warning)
	draw.Show(s.warning, note != "")
	s.open = confirm.ShowPanel(p.Window.Canvas(), confirm.PanelView{
		Title: s.title(), Content: s.content, Width: sheetWidth, Buttons: []*widgets.Button{s.first, s.last, cancel, s.action}, First: first, OnCancel: s.close,
	})
	s.look(note)
	return s
}

// makeTable makes the rows of the queues, and what reads their messages.
func (s *sheet) makeTable() {
	s.table = widgets.NewTable(lineColumns(), lineHeads(), func() int { return len(s.lines) }, func(i int) []widgets.Item { return lineCells(s.lines[i]) })
	s.first = widgets.NewButton(lang.L("Read the first"), nil, widgets.Quiet, func() { s.read(false) })
	s.last = widgets.NewButton(lang.L("Read the last"), nil, widgets.Quiet, func() { s.read(true) })
	for _, b := range []*widgets.Button{s.first, s.last} {
		b.SetToolTip(lang.L("Those that are skipped or come again in the chosen queue, in the Browse tab"))
	}
	s.table.OnSelected = func(int) { s.chose() }
	s.table.OnEnter, s.table.OnEscape = func() { s.read(false) }, s.close
}

func (s *sheet) title() string {
	data := map[string]any{"Group": s.p.Profile.ShortName(s.seed.Group)}
	switch {
	case s.form != nil:
		return lang.L("Change the offsets of {{.Group}}", data)
	case s.seed.Keep:
		return lang.L("Skip what {{.Group}} is at", data)
	case s.seed.To.Back != "":
		return lang.L("Put back the offsets of {{.Group}}", data)
	}
	return lang.L("Change the failed queues of {{.Group}} again", data)
}

// given says what stands in the form's place where the places are given.
func (s *sheet) given() fyne.CanvasObject {
	return widgets.NewFacts(widgets.Fact{Label: lang.L("Topic"), Value: s.seed.Topic, Mono: true})
}

// order is what stands on the sheet.
func (s *sheet) order() (orders.Offsets, bool) {
	if s.form == nil {
		return s.seed, true
	}
	return s.form.read(time.Now())
}

// changed takes back what was looked at: it was something else.
func (s *sheet) changed() {
	if s.open == nil {
		return
	}
	s.ready = nil
	s.scope.Cancel(queryPreview)
	s.action.Disable()
	if s.waits != nil {
		s.waits()
	}
	s.waits = s.p.Tasks.After(s.scope, lookAfter, func() { s.look("") })
	s.relayout()
}

// look asks what stands on the sheet would do.
func (s *sheet) look(note string) {
	s.ready, s.waits = nil, nil
	s.action.Disable()
	o, ok := s.order()
	conn := s.p.Conn()
	if !ok || conn == nil {
		s.lines = nil
		if s.show("", "", note); conn == nil {
			s.show("", "", problem.Explain(fault.NotConnected).Text())
		}
		return
	}
	s.says.Set(lang.L("Asking the brokers"), theme.Muted)
	s.relayout()
	task.Ask(s.p.Tasks, s.scope, queryPreview, func(ctx context.Context) (*orders.Preview, error) {
		return conn.PreviewOffsets(ctx, o)
	}, func(p *orders.Preview, err error) { s.looked(p, err, note) })
}

// looked shows what became of a look.
func (s *sheet) looked(p *orders.Preview, err error, note string) {
	if err != nil {
		s.lines = nil
		s.show("", "", problem.Explain(err).Text())
		return
	}
	s.ready, s.lines = p, p.Lines
	warning := warningText(p)
	if warning == "" {
		warning = note
	}
	if err := client.Guard(s.p.Profile, client.ActionOrder); err != nil {
		warning = problem.Explain(err).Text()
	}
	if s.able() {
		s.action.Enable()
	}
	s.show(sumText(p), notesText(p), warning)
}

// able tells whether what was looked at can be agreed to.
func (s *sheet) able() bool {
	return s.ready != nil && s.ready.Why == nil && s.ready.Moves() > 0 && client.Guard(s.p.Profile, client.ActionOrder) == nil
}

// show sets the words, and the rows as they are.
func (s *sheet) show(sum, notes, warning string) {
	s.says.Set(sum, theme.Text)
	s.notes.Set(notes, theme.Muted)
	s.warning.Set(true, warning)
	draw.Show(s.warning, warning != "")
	s.table.SetSelected(-1)
	s.table.Refresh()
	s.chose()
	s.relayout()
}

// readCount is how many messages are read from the first of those that are skipped or come
// again, or up to the last: one of the counts that Browse offers.
const readCount = 32

// chosen is what is skipped or comes again in the queue that is selected; ok is false
// where none is, or there is nothing.
func (s *sheet) chosen() (q cluster.Queue, first, end int64, ok bool) {
	i := s.table.Selected()
	if s.ready == nil || i < 0 || i >= len(s.lines) {
		return q, 0, 0, false
	}
	first, end = s.lines[i].Range()
	return s.lines[i].Queue, first, end, end > first
}

func (s *sheet) chose() {
	_, _, _, ok := s.chosen()
	widgets.Able(ok, s.first, s.last)
}

// read reads the first or the last of what is chosen, in place of the sheet.
func (s *sheet) read(last bool) {
	q, first, end, ok := s.chosen()
	if !ok {
		return
	}
	if last {
		first = max(first, end-readCount)
	}
	topic := s.ready.Order.Topic
	s.close()
	s.p.Read(topic, q, first, readCount)
}

func (s *sheet) relayout() {
	s.content.Refresh()
	if s.open != nil {
		s.open.Relayout()
	}
}

// ask asks whether it shall be done, over the sheet: Cancel leads back to it.
func (s *sheet) ask() {
	if !s.able() {
		return
	}
	p, short := s.ready, s.p.Profile.ShortName
	data := map[string]any{"Group": short(p.Order.Group), "Target": targetText(p.Order.To, short), "Name": s.p.Profile.Name, "Count": p.Moves()}
	skipped, again := sums(p)
	title := lang.L("Change where {{.Group}} goes on?", data)
	facts := []widgets.Fact{
		{Label: lang.L("Topic"), Value: p.Order.Topic, Mono: true},
		{Label: lang.L("Go on from"), Value: targetText(p.Order.To, short)},
		{Label: lang.L("Skipped"), Value: skipped},
		{Label: lang.L("Again"), Value: again},
	}
	if n := len(p.Members); n > 0 {
		facts = append(facts, widgets.Fact{Label: lang.L("Members"), Value: widgets.Count(uint64(n))})
	}
	yes := client.Confirmed{Topic: p.Subject(), Count: int64(p.Moves())}
	action := lang.N("Change {{.Count}} queues", p.Moves(), data)
	agree(s.p, agreement{title: title, action: action, facts: facts, yes: yes, do: func(yes client.Confirmed) { s.run(p, yes) }})
}

// run does what was agreed to, and shows what becomes of it.
func (s *sheet) run(p *orders.Preview, yes client.Confirmed) {
	conn := s.p.Conn()
	if p != s.ready || conn == nil { // it was changed meanwhile
		return
	}
	var topics []string
	if s.form != nil {
		topics = s.form.topics
	}
	s.close()
	begin(s.p, conn, p, yes, topics)
}

// close closes the sheet; nothing is changed.
func (s *sheet) close() {
	if s.closing {
		return
	}
	s.closing = true
	if s.form != nil {
		s.form.topic.Close()
	}
	s.open.Close()
	s.scope.Close()
}
