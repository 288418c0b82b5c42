package changes

import (
	"context"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/orders"
	"gantry/gui/arrange"
	"gantry/gui/confirm"
	"gantry/gui/draw"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// permitSheet lets a retry or dead-letter topic be read, or puts that back, and shows what
// became of each broker.
type permitSheet struct {
	p     Params
	order orders.Permit
	scope *task.Scope
	open  *confirm.Panel

	says    *widgets.Paragraph
	warning *widgets.Banner
	table   *widgets.Table
	lines   []orders.PermitDone
	action  *widgets.Button
	cancel  *widgets.Button
	content *fyne.Container

	ready   *orders.PermitPreview // nil unless it was looked at
	done    bool                  // lines say what became of it
	closing bool
}

// Permit opens the sheet that lets a topic be read, by its full name.
func Permit(p Params, topic string) { showPermit(p, orders.Permit{Topic: topic}) }

func showPermit(p Params, o orders.Permit) *permitSheet {
	s := &permitSheet{p: p, order: o, scope: p.Tasks.Scope(), says: widgets.NewHeading(""), warning: widgets.NewBanner(true, "")}
	columns := []widgets.Column{{Kind: widgets.DataColumn, Width: 120, Share: 1, Middle: true}, {Width: 90, Even: true}, {Width: 90, Even: true}, {Width: 90, Share: 1}}
	s.table = widgets.NewTable(columns, []string{lang.L("Broker"), lang.L("Now"), lang.L("Then"), lang.L("Result")}, func() int { return len(s.lines) }, s.cells)
	s.table.OnEscape = s.close
	s.action = widgets.NewButton(lang.L("Change…"), nil, widgets.Primary, s.ask)
	s.cancel = widgets.NewButton(lang.L("Cancel"), nil, widgets.Normal, s.close)
	title := lang.L("Make {{.Topic}} readable", map[string]any{"Topic": p.Profile.ShortName(o.Topic)})
	if o.Back != "" {
		title = lang.L("Put back who may read {{.Topic}}", map[string]any{"Topic": p.Profile.ShortName(o.Topic)})
	}
	s.content = container.New(&arrange.Rows{Gap: 12}, s.says.Object(),
		container.NewStack(widgets.NewGround(theme.None).SetMin(0, permitHeight), s.table.Content()), s.warning)
	s.warning.Hide()
	s.open = confirm.ShowPanel(p.Window.Canvas(), confirm.PanelView{
		Title: title, Content: s.content, Width: sheetWidth, Buttons: []*widgets.Button{s.cancel, s.action}, First: s.cancel, OnCancel: s.close,
	})
	s.look()
	return s
}

// permitHeight is that of the brokers: 4 rows.
const permitHeight float32 = 138

func (s *permitSheet) cells(i int) []widgets.Item {
	l := s.lines[i]
	cells := []widgets.Item{{Text: l.Broker}, {Text: permText(l.From)}, {Text: permText(l.To)}, {Tint: theme.Muted}}
	switch {
	case s.done:
		cells[3] = permitState(l)
	case l.From == l.To:
		cells[2] = widgets.Item{Text: lang.L("as it is"), Tint: theme.Muted}
	}
	return cells
}

func permitState(l orders.PermitDone) widgets.Item {
	switch l.State {
	case orders.Set:
		return widgets.Item{Text: "✓ " + lang.L("set"), Tint: theme.OK}
	case orders.Failed:
		return widgets.Item{Text: problem.Explain(l.Err).What, Tint: theme.Err}
	}
	return widgets.Item{Text: lang.L("not done"), Tint: theme.Warn}
}

// look asks what would be changed.
func (s *permitSheet) look() {
	s.ready = nil
	s.action.Disable()
	conn := s.p.Conn()
	if conn == nil {
		s.show("", problem.Explain(fault.NotConnected).Text())
		return
	}
	s.says.Set(lang.L("Asking the brokers"), theme.Muted)
	o := s.order
	task.Ask(s.p.Tasks, s.scope, queryPreview, func(ctx context.Context) (*orders.PermitPreview, error) {
		return conn.PreviewPermit(ctx, o)
	}, func(p *orders.PermitPreview, err error) {
		if err != nil {
			s.show("", problem.Explain(err).Text())
			return
		}
		s.ready, s.lines = p, p.Lines
		text, warning := lang.L("All brokers let it be read already."), problem.Explain(p.Why).Text()
		if n := p.Moves(); n > 0 {
			text = lang.N("{{.Count}} brokers are changed. Messages stay as they are.", n, map[string]any{"Count": n})
		}
		if err := client.Guard(s.p.Profile, client.ActionOrder); err != nil {
			warning = problem.Explain(err).Text()
		}
		widgets.Able(s.able(), s.action)
		s.show(text, warning)
	})
}

func (s *permitSheet) able() bool {
	return !s.done && s.ready != nil && s.ready.Why == nil && s.ready.Moves() > 0 && client.Guard(s.p.Profile, client.ActionOrder) == nil
}

func (s *permitSheet) show(text, warning string) {
	s.says.Set(text, theme.Text)
	s.warning.Set(true, warning)
	draw.Show(s.warning, warning != "")
	s.table.Refresh()
	s.content.Refresh()
	s.open.Relayout()
}

// ask asks whether it shall be done, over the sheet.
func (s *permitSheet) ask() {
	if !s.able() {
		return
	}
	p := s.ready
	data := map[string]any{"Topic": s.p.Profile.ShortName(p.Order.Topic), "Name": s.p.Profile.Name, "Count": p.Moves()}
	var brokers []string
	for _, l := range p.Lines {
		if l.From != l.To {
			brokers = append(brokers, fmt.Sprintf("%s: %s → %s", l.Broker, permText(l.From), permText(l.To)))
		}
	}
	agree(s.p, agreement{
		title: lang.L("Change who may read {{.Topic}}?", data), action: lang.N("Change {{.Count}} brokers", p.Moves(), data),
		facts: []widgets.Fact{{Label: lang.L("Topic"), Value: p.Order.Topic, Mono: true}, {Label: lang.L("Brokers"), Value: strings.Join(brokers, "\n")}},
		yes:   client.Confirmed{Topic: p.Subject(), Count: int64(p.Moves())},
		do:    func(yes client.Confirmed) { s.run(p, yes) },
	})
}

// run does what was agreed to.
func (s *permitSheet) run(p *orders.PermitPreview, yes client.Confirmed) {
	conn := s.p.Conn()
	if p != s.ready || conn == nil {
		return
	}
	s.ready = nil
	s.action.Disable()
	s.says.Set(lang.L("Changing. It goes on when this is closed."), theme.Muted)
	title := lang.L("Make {{.Topic}} readable", map[string]any{"Topic": s.p.Profile.ShortName(p.Order.Topic)})
	var rec orders.Record
	s.p.Tasks.Job(title, func(ctx context.Context, _ func(string)) (err error) {
		rec, err = conn.Permit(ctx, p, yes)
		return err
	}, func(err error) {
		s.p.Changed()
		if err != nil && (s.scope.Closed() || rec.Permit == nil) {
			s.p.Fail(err)
			s.close()
			return
		}
		if s.scope.Closed() {
			return
		}
		s.lines, s.done = rec.Permit.Brokers, true
		s.cancel.SetText(lang.L("Close"))
		text, _ := resultText(&rec)
		s.show(words.Sentences(text, lang.L("Name servers hear of it within half a minute.")), "")
	})
}

// close closes the sheet; what runs goes on.
func (s *permitSheet) close() {
	if s.closing {
		return
	}
	s.closing = true
	s.open.Close()
	s.scope.Close()
}
