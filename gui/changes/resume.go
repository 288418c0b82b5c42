package changes

import (
	"context"
	"maps"
	"slices"

	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/orders"
	"gantry/gui/problem"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// resumeSheet shows half messages that were given up, and puts them back to checking.
type resumeSheet struct {
	*frame[*orders.ResumePreview]
	halves []orders.GivenUp
	lines  []orders.ResumeLine
}

// Resume opens the sheet for half messages that their brokers gave up.
func Resume(p Params, halves []orders.GivenUp) { showResume(p, halves, "") }

// showResume opens the sheet; note says why it has to be looked at again, "" for nothing.
func showResume(p Params, halves []orders.GivenUp, note string) *resumeSheet {
	s := &resumeSheet{halves: halves}
	s.frame = newFrame[*orders.ResumePreview](p, lang.L("Put back to checking…"), note, s.confirm)
	s.openAs(panel{title: lang.L("Put half messages back to checking"), width: listWidth, height: tableHeight},
		widgets.NewTable(resumeColumns(), resumeHeads(), func() int { return len(s.lines) }, func(i int) []widgets.Item { return s.cells(s.lines[i]) }))
	s.look(note)
	return s
}

func resumeColumns() []widgets.Column {
	number := widgets.Column{Kind: widgets.DataColumn, Width: 56, Even: true, Right: true}
	return []widgets.Column{
		{Kind: widgets.DataColumn, Width: 146},
		{Width: 90, Share: 2, Middle: true},
		{Width: 90, Share: 2, Middle: true},
		number, number,
		{Kind: widgets.DataColumn, Width: 90, Share: 2, Middle: true, Drop: 1},
		{Width: 90, Share: 2},
	}
}

func resumeHeads() []string {
	return []string{lang.L("Time"), lang.L("Topic"), lang.L("Producer group"), lang.L("Checks"), lang.L("Connected"), lang.L("Message id"), ""}
}

func (s *resumeSheet) cells(l orders.ResumeLine) []widgets.Item {
	connected := widgets.Item{Text: widgets.Count(l.Producers)}
	switch {
	case l.Producers < 0:
		connected.Text = "?"
	case l.Producers == 0:
		connected.Tint = theme.Warn
	}
	text, tint := beforeText(l)
	return []widgets.Item{
		{Text: clock(l.At)},
		{Text: s.p.Profile.ShortName(l.Topic)},
		{Text: s.p.Profile.ShortName(l.Group)},
		{Text: widgets.Count(l.Checks)},
		connected,
		{Text: l.ID},
		{Text: text, Tint: tint},
	}
}

// beforeText says why a half message is left out, or may be in vain.
func beforeText(l orders.ResumeLine) (string, theme.Token) {
	switch l.Before {
	case orders.PutBack:
		return lang.L("put back before"), theme.Muted
	case orders.SentAgain:
		return lang.L("sent before"), theme.Muted
	case orders.MayBePutBack:
		return lang.L("no answer before"), theme.Warn
	}
	if l.Old {
		return lang.L("too old"), theme.Warn
	}
	return "", theme.Muted
}

// look asks what would be done.
func (s *resumeSheet) look(note string) {
	conn, halves := s.p.Conn(), s.halves
	if s.drop(); conn == nil {
		s.show("", "", problem.Explain(fault.NotConnected).Text())
		return
	}
	s.ask(func(ctx context.Context) (*orders.ResumePreview, error) {
		return conn.PreviewResume(ctx, orders.Resume{Halves: halves})
	}, func(p *orders.ResumePreview, err error) {
		if err != nil {
			s.show("", "", problem.Explain(err).Text())
			return
		}
		s.lines = p.Lines
		s.take(p, resumeSum(p), resumeNotes(p), words.Sentences(problem.Explain(p.Why).Text(), resumeWarning(p)), note)
	})
}

// resumeSum says how many are put back.
func resumeSum(p *orders.ResumePreview) string {
	n := p.Moves()
	if n == 0 {
		return lang.L("None of them is left to be put back.")
	}
	return lang.N("{{.Count}} half messages are put back: their producers are asked again what becomes of them.", n, map[string]any{"Count": widgets.Count(n)})
}

// resumeNotes say what is left out, and what follows.
func resumeNotes(p *orders.ResumePreview) string {
	out := len(p.Lines) - p.Moves()
	var all []string
	if out > 0 {
		all = append(all, lang.N("{{.Count}} were put back or sent before, as far as this Gantry knows, and are left out.", out, map[string]any{"Count": widgets.Count(out)}))
	}
	if p.Moves() > 0 {
		all = append(all, lang.L("A broker asks as often as of a new one, and gives it up again where nobody decides. What it gave up stays listed."))
	}
	return words.Sentences(all...)
}

// resumeWarning says what may be in vain, or come twice.
func resumeWarning(p *orders.ResumePreview) string {
	alone, old, again := 0, 0, 0
	for _, l := range p.Lines {
		switch {
		case !l.Moves():
		case l.Before == orders.MayBePutBack:
			again++
		case l.Old:
			old++
		case l.Producers == 0:
			alone++
		}
	}
	text := problem.Missing(p.Missing)
	add := func(n int, say func(n int, data map[string]any) string) {
		if n > 0 {
			text = words.Sentences(text, say(n, map[string]any{"Count": widgets.Count(n)}))
		}
	}
	add(alone, func(n int, data map[string]any) string {
		return lang.N("Of {{.Count}} no producer is connected to the broker: nobody can be asked.", n, data)
	})
	add(old, func(n int, data map[string]any) string {
		return lang.N("{{.Count}} are older than 3 days: brokers usually pass over those.", n, data)
	})
	add(again, func(n int, data map[string]any) string {
		return lang.N("Of {{.Count}} no answer came before: if they were put back then, consumers may get them twice.", n, data)
	})
	return text
}

// confirm asks whether it shall be done, over the sheet.
func (s *resumeSheet) confirm() {
	if !s.able() {
		return
	}
	p := s.ready
	data := map[string]any{"Count": widgets.Count(p.Moves())}
	topics, groups := map[string]bool{}, map[string]bool{}
	for _, l := range p.Lines {
		if l.Moves() {
			topics[l.Topic], groups[l.Group] = true, true
		}
	}
	agree(s.p, agreement{
		title: lang.N("Put {{.Count}} half messages back to checking?", p.Moves(), data), action: lang.L("Put back to checking"),
		facts: []widgets.Fact{
			{Label: lang.L("Topic"), Value: someNames(slices.Sorted(maps.Keys(topics)), s.p.Profile), Mono: true},
			{Label: lang.L("Producer group"), Value: someNames(slices.Sorted(maps.Keys(groups)), s.p.Profile), Mono: true},
			{Label: lang.L("Messages"), Value: widgets.Count(uint64(p.Moves()))},
		},
		warning: resumeWarning(p), yes: client.Confirmed{Topic: message.GivenUpTopic, Count: int64(p.Moves())},
		do: func(yes client.Confirmed) { s.run(p, yes) },
	})
}

// run does what was agreed to, and shows what becomes of it.
func (s *resumeSheet) run(p *orders.ResumePreview, yes client.Confirmed) {
	conn := s.agreed(p)
	if conn == nil {
		return
	}
	params, halves := s.p, s.halves
	carry(params, lang.L("Put half messages back to checking"), p.Planned(), func(ctx context.Context, tell func(orders.Record)) (orders.Record, error) {
		return conn.ResumeHalves(ctx, p, yes, tell)
	}, func(what orders.Change) { showResume(params, halves, changedText(what)) })
}
