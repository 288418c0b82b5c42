package changes

import (
	"context"
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/orders"
	"gantry/gui/problem"
	"gantry/gui/task"
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
	*frame[*orders.SetupPreview]
	seed    orders.Setup
	shown   []string  // names that the list shows, offered at once
	form    orderForm // nil where the parts are given, and nothing is asked
	lines   []orders.SetupLine
	refused error // why the endpoint takes no such order, nil where it does
}

// Setup opens the sheet for an order about topics or groups; shown are the names that the
// list shows, by their full names, of which all can be taken at once.
func Setup(p Params, o orders.Setup, shown []string) { showSetup(p, o, shown, "") }

// showSetup opens the sheet; note says why it has to be looked at again, "" for nothing.
func showSetup(p Params, o orders.Setup, shown []string, note string) *setupSheet {
	s := &setupSheet{seed: o, shown: shown}
	s.frame = newFrame[*orders.SetupPreview](p, actText(o), note, s.confirm)
	if o.Act == orders.Delete {
		s.action.SetKind(widgets.Danger)
	}
	v := panel{title: s.title(), width: sheetWidth, height: setupHeight}
	if s.form = s.newForm(); s.form != nil {
		v.top, v.first, s.left = []fyne.CanvasObject{s.form.object()}, s.form.first(), s.form.forget
		for _, e := range s.form.entries() {
			e.OnEscape, e.OnEnter = s.close, s.confirm
		}
	}
	v.extra = s.extra()
	deletes := o.Act == orders.Delete && !ofAccounts(o)
	s.openAs(v, widgets.NewTable(setupColumns(o), setupHeads(deletes), func() int { return len(s.lines) }, func(i int) []widgets.Item { return setupCells(s.lines[i], deletes, p.Profile) }))
	s.askBrokers()
	s.look(note)
	return s
}

// newForm is the form of what is asked, nil where nothing is.
func (s *setupSheet) newForm() orderForm {
	o := s.seed
	switch {
	case ofAccounts(o) && (len(o.Exact) == 0 || needsPassword(o)):
		return newAccountForm(o, s.typed, s.p.copyPassword)
	case len(o.Exact) == 0:
		return newSetupForm(s.p.Profile, o, s.typed)
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
		return setupTitle(s.seed)
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
			s.set("", "", s.refusedText())
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

// typed looks again when nothing more is typed.
func (s *setupSheet) typed() { s.changed(func() { s.look("") }) }

// look asks what stands on the sheet would do.
func (s *setupSheet) look(note string) {
	s.drop()
	o, ok := s.order()
	conn := s.p.Conn()
	switch {
	case conn == nil:
		s.set("", "", problem.Explain(fault.NotConnected).Text())
	case s.refused != nil:
		s.set("", "", s.refusedText())
	case !ok:
		if f, is := s.form.(*accountForm); is && note == "" {
			note = f.lacks()
		}
		s.set("", "", note)
	default:
		s.ask(func(ctx context.Context) (*orders.SetupPreview, error) { return conn.PreviewSetup(ctx, o) },
			func(p *orders.SetupPreview, err error) { s.looked(p, err, note) })
	}
}

// set shows words, and no rows.
func (s *setupSheet) set(sum, notes, warning string) {
	s.lines = nil
	s.show(sum, notes, warning)
}

// looked shows what became of a look.
func (s *setupSheet) looked(p *orders.SetupPreview, err error, note string) {
	if err != nil {
		if errors.Is(err, fault.NotOffered) {
			s.refused = err
		}
		text := problem.Explain(err).Text()
		if s.refused != nil {
			text = s.refusedText()
		}
		s.set("", "", text)
		return
	}
	s.lines = p.Lines
	warning := words.Sentences(problem.Explain(p.Why).Text(), riskText(p, s.p.Profile.Role), setupMissing(p))
	s.take(p, setupSum(p), setupNotes(p, s.p.Profile), warning, note)
}

// confirm asks whether it shall be done, over the sheet: Cancel leads back to it.
func (s *setupSheet) confirm() {
	if !s.able() {
		return
	}
	p := s.ready
	agree(s.p, agreement{
		title: setupQuestion(p), action: lang.N("Do it in {{.Count}} places", p.Moves(), map[string]any{"Count": widgets.Count(p.Moves())}),
		facts: setupFacts(p, s.p.Profile), warning: riskText(p, s.p.Profile.Role),
		yes: client.Confirmed{Topic: p.Subject(), Count: int64(p.Moves()), Name: client.TypedName(s.p.Profile, p.Order)},
		do:  func(yes client.Confirmed) { s.run(p, yes) },
	})
}

// run does what was agreed to, and shows what becomes of it.
func (s *setupSheet) run(p *orders.SetupPreview, yes client.Confirmed) {
	conn := s.agreed(p)
	if conn == nil {
		return
	}
	params, shown := s.p, s.shown
	carry(params, setupTitle(p.Order), p.Planned(), func(ctx context.Context, tell func(orders.Record)) (orders.Record, error) {
		return conn.ChangeSetup(ctx, p, yes, tell)
	}, func(what orders.Change) { showSetup(params, p.Order, shown, changedText(what)) })
}
