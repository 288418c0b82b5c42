package changes

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/orders"
	"gantry/client/profile"
	"gantry/gui/arrange"
	"gantry/gui/confirm"
	"gantry/gui/draw"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// setupConnection is what a sheet about topics, groups, users or rights needs. All calls block.
type setupConnection interface {
	PreviewSetup(ctx context.Context, o orders.Setup) (*orders.SetupPreview, error)
	ChangeSetup(ctx context.Context, p *orders.SetupPreview, yes client.Confirmed, tell func(orders.Record)) (orders.Record, error)
	OrderBrokers(ctx context.Context, of orders.Thing) (names, old []string, missing cluster.Missing, err error)
}

// setupHeight is that of the parts: 6 rows.
const setupHeight float32 = 206

// queryBrokers is the query that asks which brokers take orders.
const queryBrokers = "brokers"

// setupSheet asks what is done to topics, groups, users or rights, and shows what that comes to.
type setupSheet struct {
	p     Params
	seed  orders.Setup
	shown []string // names that the list shows, offered at once
	scope *task.Scope
	open  *confirm.Panel // nil until it is shown

	form    orderForm // nil where the parts are given, and nothing is asked
	says    *widgets.Paragraph
	notes   *widgets.Paragraph
	warning *widgets.Banner
	table   *widgets.Table
	lines   []orders.SetupLine
	action  *widgets.Button
	content *fyne.Container

	refused error                // why the endpoint takes no such order, nil where it does
	waits   func()               // cancels the look that waits; nil while none does
	ready   *orders.SetupPreview // nil unless what stands on the sheet was looked at
	closing bool
}

// Setup opens the sheet for an order about topics or groups; shown are the names that the
// list shows, by their full names, of which all can be taken at once.
func Setup(p Params, o orders.Setup, shown []string) { showSetup(p, o, shown, "") }

// showSetup opens the sheet; note says why it has to be looked at again, "" for nothing.
func showSetup(p Params, o orders.Setup, shown []string, note string) *setupSheet {
	s := &setupSheet{p: p, seed: o, shown: shown, scope: p.Tasks.Scope()}
	s.says = widgets.NewHeading("")
	s.notes = widgets.NewParagraph("", theme.Muted)
	s.warning = widgets.NewBanner(true, note)
	deletes := o.Act == orders.Delete && !ofAccounts(o)
	s.table = widgets.NewTable(setupColumns(o), setupHeads(deletes), func() int { return len(s.lines) }, func(i int) []widgets.Item { return setupCells(s.lines[i], deletes, p.Profile) })
	s.table.OnEscape = s.close
	s.action = widgets.NewButton(actText(o), nil, widgets.Primary, s.ask)
	if o.Act == orders.Delete {
		s.action.SetKind(widgets.Danger)
	}
	cancel := widgets.NewButton(lang.L("Cancel"), nil, widgets.Normal, s.close)
	rows, first := []fyne.CanvasObject{}, fyne.Focusable(cancel)
	if s.form = s.newForm(); s.form != nil {
		rows, first = append(rows, s.form.object()), s.form.first()
		for _, e := range s.form.entries() {
			e.OnEscape, e.OnEnter = s.close, s.ask
		}
	}
	rows = append(rows, s.says.Object(), container.NewStack(widgets.NewGround(theme.None).SetMin(0, setupHeight), s.table.Content()), s.notes.Object(), s.warning)
	s.content = container.New(&arrange.Rows{Gap: 12}, rows...)
	draw.Show(s.warning, note != "")
	s.open = confirm.ShowPanel(p.Window.Canvas(), confirm.PanelView{
		Title: s.title(), Content: s.content, Width: sheetWidth, Buttons: append(s.extra(), cancel, s.action), First: first, OnCancel: s.close,
	})
	s.askBrokers()
	s.look(note)
	return s
}

// newForm is the form of what is asked, nil where nothing is.
func (s *setupSheet) newForm() orderForm {
	o := s.seed
	switch {
	case ofAccounts(o) && (len(o.Exact) == 0 || needsPassword(o)):
		return newAccountForm(o, s.changed, s.p.copyPassword)
	case len(o.Exact) == 0:
		return newSetupForm(s.p.Profile, o, s.changed)
	}
	return nil
}

// extra is what takes all names that the list shows, where that is more than what is named.
func (s *setupSheet) extra() []*widgets.Button {
	if s.form == nil || s.seed.Act == orders.Create || len(s.shown) < 2 || ofAccounts(s.seed) {
		return nil
	}
	data := map[string]any{"Count": widgets.Count(uint64(len(s.shown)))}
	all := widgets.NewButton(lang.L("Take all {{.Count}} listed", data), nil, widgets.Quiet, func() { s.form.take(s.shown) })
	all.SetToolTip(lang.L("Every name that the list shows now, with its filter"))
	return []*widgets.Button{all}
}

func (s *setupSheet) title() string {
	data := map[string]any{"Name": s.p.Profile.ShortName(s.seed.Like)}
	switch {
	case s.seed.Back != "":
		return lang.L("Put the settings back")
	case len(s.seed.Exact) > 0:
		return lang.L("Try the failed parts again")
	case s.seed.Like != "":
		return lang.L("Copy {{.Name}}", data)
	}
	return setupTitle(s.seed)
}

// askBrokers asks which brokers take such orders: an endpoint that takes none says so before
// anything is filled in.
func (s *setupSheet) askBrokers() {
	conn := s.p.Conn()
	if conn == nil || s.form == nil {
		return
	}
	of := s.seed.Of
	task.Ask(s.p.Tasks, s.scope, queryBrokers, func(ctx context.Context) ([]string, error) {
		names, _, _, err := conn.OrderBrokers(ctx, of)
		return names, err
	}, func(names []string, err error) {
		if err == nil {
			s.form.offer(names)
			return
		}
		if s.refused = err; s.ready == nil {
			s.show("", "", s.refusedText())
		}
	})
}

// refusedText says why no order is taken here.
func (s *setupSheet) refusedText() string {
	if errors.Is(s.refused, fault.NotOffered) && ofAccounts(s.seed) {
		return lang.L("This endpoint takes no orders about users: brokers of 5.3 and newer do whose ACL 2.0 is switched on; a proxy and a cloud do not.")
	}
	if errors.Is(s.refused, fault.NotOffered) {
		return lang.L("This endpoint creates, changes and deletes no topics or groups: a proxy does not, and a cloud does it in its own console.")
	}
	return problem.Explain(s.refused).Text()
}

// order is what stands on the sheet.
func (s *setupSheet) order() (orders.Setup, bool) {
	if s.form == nil {
		return s.seed, true
	}
	return s.form.read()
}

// changed takes back what was looked at: it was something else.
func (s *setupSheet) changed() {
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
func (s *setupSheet) look(note string) {
	s.ready, s.waits = nil, nil
	s.action.Disable()
	o, ok := s.order()
	conn := s.p.Conn()
	switch {
	case conn == nil:
		s.lines, note = nil, problem.Explain(fault.NotConnected).Text()
	case s.refused != nil:
		s.lines, note = nil, s.refusedText()
	case !ok:
		s.lines = nil
	default:
		s.says.Set(lang.L("Asking the brokers"), theme.Muted)
		s.relayout()
		task.Ask(s.p.Tasks, s.scope, queryPreview, func(ctx context.Context) (*orders.SetupPreview, error) {
			return conn.PreviewSetup(ctx, o)
		}, func(p *orders.SetupPreview, err error) { s.looked(p, err, note) })
		return
	}
	s.show("", "", note)
}

// looked shows what became of a look.
func (s *setupSheet) looked(p *orders.SetupPreview, err error, note string) {
	if err != nil {
		s.lines = nil
		if errors.Is(err, fault.NotOffered) {
			s.refused = err
		}
		text := problem.Explain(err).Text()
		if s.refused != nil {
			text = s.refusedText()
		}
		s.show("", "", text)
		return
	}
	s.ready, s.lines = p, p.Lines
	warning := words.Sentences(problem.Explain(p.Why).Text(), riskText(p, s.p.Profile.Role), setupMissing(p))
	if warning == "" {
		warning = note
	}
	if err := client.Guard(s.p.Profile, client.ActionOrder); err != nil {
		warning = problem.Explain(err).Text()
	}
	if s.able() {
		s.action.Enable()
	}
	s.show(setupSum(p), setupNotes(p, s.p.Profile), warning)
}

// able tells whether what was looked at can be agreed to.
func (s *setupSheet) able() bool {
	return s.ready != nil && s.ready.Why == nil && s.ready.Moves() > 0 && client.Guard(s.p.Profile, client.ActionOrder) == nil
}

// show sets the words, and the rows as they are.
func (s *setupSheet) show(sum, notes, warning string) {
	s.says.Set(sum, theme.Text)
	s.notes.Set(notes, theme.Muted)
	s.warning.Set(true, warning)
	draw.Show(s.warning, warning != "")
	s.table.SetSelected(-1)
	s.table.Refresh()
	s.relayout()
}

func (s *setupSheet) relayout() {
	s.content.Refresh()
	if s.open != nil {
		s.open.Relayout()
	}
}

// ask asks whether it shall be done, over the sheet: Cancel leads back to it.
func (s *setupSheet) ask() {
	if !s.able() {
		return
	}
	p, name := s.ready, client.TypedName(s.p.Profile, s.ready.Order)
	yes := client.Confirmed{Topic: p.Subject(), Count: int64(p.Moves()), Name: name}
	action := lang.N("Do it in {{.Count}} places", p.Moves(), map[string]any{"Count": p.Moves()})
	facts, risks := setupFacts(p, s.p.Profile), riskText(p, s.p.Profile.Role)
	if name != "" {
		head := lang.L("PRODUCTION")
		if s.p.Profile.Environment != profile.Production {
			head = lang.L("DELETE")
		}
		v := confirm.GuardView{
			Head: head, Title: setupQuestion(p), Facts: facts, Caption: lang.L("Type {{.Name}} to confirm", map[string]any{"Name": name}), Name: name,
			Action: action, Cancel: lang.L("Cancel"), OnConfirm: func() { s.run(p, yes) },
		}
		if risks != "" {
			v.Details = widgets.NewParagraph(risks, theme.Warn).Object()
		}
		confirm.ShowGuard(s.p.Window.Canvas(), v)
		return
	}
	list := widgets.NewFacts(facts...)
	list.SetLabelWidth(94)
	details := container.New(&arrange.Rows{Gap: 12}, list)
	if risks != "" {
		details.Add(widgets.NewParagraph(risks, theme.Warn).Object())
	}
	confirm.Show(s.p.Window.Canvas(), confirm.Question{
		Title: setupQuestion(p), Cancel: lang.L("Cancel"), Details: details,
		Choices: []widgets.Choice{{Text: action, Kind: widgets.Primary, Do: func() { s.run(p, yes) }}},
	})
}

// run does what was agreed to, and shows what becomes of it.
func (s *setupSheet) run(p *orders.SetupPreview, yes client.Confirmed) {
	conn := s.p.Conn()
	if p != s.ready || conn == nil { // it was changed meanwhile
		return
	}
	params, shown := s.p, s.shown
	s.close()
	carry(params, setupTitle(p.Order), p.Planned(), func(ctx context.Context, tell func(orders.Record)) (orders.Record, error) {
		return conn.ChangeSetup(ctx, p, yes, tell)
	}, func(what orders.Change) { showSetup(params, p.Order, shown, changedText(what)) })
}

// close closes the sheet; nothing is changed.
func (s *setupSheet) close() {
	if s.closing {
		return
	}
	s.closing = true
	if s.form != nil {
		s.form.forget()
	}
	s.open.Close()
	s.scope.Close()
}
