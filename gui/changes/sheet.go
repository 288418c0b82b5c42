package changes

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/orders"
	"gantry/gui/problem"
	"gantry/gui/widgets"
)

// sheet asks where a group is put and shows what that comes to.
type sheet struct {
	*frame[*orders.Preview]
	seed  orders.Offsets
	form  *form // nil where the places are given
	lines []orders.Line
	first *widgets.Button // read what is skipped or comes again in the chosen queue
	last  *widgets.Button
}

// show opens the sheet with an order; note says why it has to be looked at again, "" for
// nothing.
func show(p Params, o orders.Offsets, topics []string, note string) *sheet {
	s := &sheet{seed: o}
	s.frame = newFrame[*orders.Preview](p, lang.L("Change…"), note, s.confirm)
	table := s.makeTable()
	v := panel{width: sheetWidth, height: tableHeight, extra: []*widgets.Button{s.first, s.last}, top: []fyne.CanvasObject{s.given()}}
	if o.To.Kind != orders.ToPlaces {
		s.form = newForm(p.Profile, o, topics, func() { s.changed(func() { s.look("") }) })
		v.top, v.first, s.left = []fyne.CanvasObject{s.form.content}, s.form.kind, s.form.topic.Close
		for _, e := range []*widgets.Entry{&s.form.topic.Entry, s.form.value, s.form.queues} {
			e.OnEscape, e.OnEnter = s.close, s.confirm
		}
	}
	v.title = s.title()
	s.openAs(v, table)
	s.look(note)
	return s
}

// makeTable makes the rows of the queues, and what reads their messages.
func (s *sheet) makeTable() *widgets.Table {
	table := widgets.NewTable(lineColumns(), lineHeads(), func() int { return len(s.lines) }, func(i int) []widgets.Item { return lineCells(s.lines[i]) })
	s.first = widgets.NewButton(lang.L("Read the first"), nil, widgets.Quiet, func() { s.read(false) })
	s.last = widgets.NewButton(lang.L("Read the last"), nil, widgets.Quiet, func() { s.read(true) })
	for _, b := range []*widgets.Button{s.first, s.last} {
		b.SetToolTip(lang.L("Those that are skipped or come again in the chosen queue, in the Browse tab"))
	}
	table.OnSelected = func(int) { s.chose() }
	table.OnEnter = func() { s.read(false) }
	return table
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

// look asks what stands on the sheet would do.
func (s *sheet) look(note string) {
	s.drop()
	o, ok := s.order()
	conn := s.p.Conn()
	switch {
	case conn == nil:
		s.set(nil, "", "", problem.Explain(fault.NotConnected).Text())
	case !ok:
		s.set(nil, "", "", note)
	default:
		s.ask(func(ctx context.Context) (*orders.Preview, error) { return conn.PreviewOffsets(ctx, o) }, func(p *orders.Preview, err error) {
			if err != nil {
				s.set(nil, "", "", problem.Explain(err).Text())
				return
			}
			s.lines = p.Lines
			s.take(p, sumText(p), notesText(p), warningText(p), note)
			s.chose()
		})
	}
}

// set shows rows and words in the place of what was looked at.
func (s *sheet) set(lines []orders.Line, sum, notes, warning string) {
	s.lines = lines
	s.show(sum, notes, warning)
	s.chose()
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

// confirm asks whether it shall be done, over the sheet: Cancel leads back to it.
func (s *sheet) confirm() {
	if !s.able() {
		return
	}
	p, short := s.ready, s.p.Profile.ShortName
	data := map[string]any{"Group": short(p.Order.Group), "Target": targetText(p.Order.To, short), "Name": s.p.Profile.Name, "Count": widgets.Count(p.Moves())}
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
	var topics []string
	if s.form != nil {
		topics = s.form.topics
	}
	if conn := s.agreed(p); conn != nil {
		begin(s.p, conn, p, yes, topics)
	}
}
