package send

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/gui/arrange"
	"gantry/gui/confirm"
	"gantry/gui/draw"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// querySettle is the query that asks what a group did with a run, queryReaders the one for
// the groups that there are.
const (
	querySettle  = "settle"
	queryReaders = "readers"
)

// settledView says what a group did with the messages of a run.
type settledView struct {
	v       *runView
	group   string // its full name, "" where none is looked at
	counts  *widgets.Word
	notes   *widgets.Paragraph
	content *fyne.Container
	asking  bool
	failed  error
	looked  string // how far the question is
}

func newSettledView(v *runView) *settledView {
	s := &settledView{v: v, counts: widgets.NewWord("", theme.Text).Small().Shrinks(60), notes: widgets.NewParagraph("", theme.Muted)}
	again := widgets.NewIconButton(fynetheme.ViewRefreshIcon(), lang.L("Look again"), func() { s.look(s.group) })
	leave := widgets.NewIconButton(fynetheme.WindowCloseIcon(), lang.L("Close"), s.close)
	row := container.New(&arrange.Columns{Gap: 2, Shares: []float32{1, 0, 0}}, arrange.Middled(s.counts), again, leave)
	s.content = container.New(&arrange.Rows{Gap: 2}, row, s.notes.Object())
	s.content.Hide()
	return s
}

// ask asks for a group, with those that read the topics of the run.
func (s *settledView) ask() {
	screen := s.v.p.s
	conn := screen.needConnection()
	if conn == nil {
		return
	}
	name := widgets.NewCompletion(nil)
	name.SetText(screen.p.Profile.ShortName(s.group))
	field := widgets.NewField(lang.L("Consumer group"), name)
	name.OnChanged = func(string) { field.SetError("") }
	topics := strings.Split(s.v.run.Plan().Targets(), ", ")
	screen.ask(func() {
		confirm.ShowSheet(screen.p.Window.Canvas(), confirm.SheetView{
			Title: lang.L("Was it consumed?"), Fields: []*widgets.Field{field}, Cancel: lang.L("Cancel"), Action: lang.L("Look"), OnCancel: screen.answered,
			OnConfirm: func() bool {
				full := screen.p.Profile.FullName(strings.TrimSpace(name.Text))
				if err := message.CheckGroup(full); err != nil {
					field.SetError(problem.Explain(err).What)
					return false
				}
				screen.answered()
				s.look(full)
				return true
			},
		})
	})
	task.Ask(screen.p.Tasks, screen.scope, queryReaders, func(ctx context.Context) ([]string, error) {
		var all []string
		for _, t := range topics {
			names, _, err := conn.GroupsOfTopic(ctx, t)
			if err != nil {
				return all, nil // they are suggestions only
			}
			all = append(all, names...)
		}
		return all, nil
	}, func(all []string, _ error) {
		for i := range all {
			all[i] = screen.p.Profile.ShortName(all[i])
		}
		slices.Sort(all)
		all = slices.Compact(all)
		if name.SetOptions(all); len(all) == 1 && name.Text == "" {
			name.SetText(all[0])
		}
	})
}

// look asks what the group did. It reads what the group sent back, and can take a while.
func (s *settledView) look(group string) {
	screen, run := s.v.p.s, s.v.run
	conn := screen.needConnection()
	if conn == nil {
		return
	}
	s.group, s.asking, s.failed, s.looked = group, true, nil, ""
	progress := s.progress()
	s.draw()
	task.Ask(screen.p.Tasks, screen.scope, querySettle, func(ctx context.Context) (*client.Settled, error) {
		return conn.Settle(ctx, run, group, progress)
	}, func(got *client.Settled, err error) {
		s.asking, s.failed = false, err
		if s.v.p.run != s.v {
			return
		}
		s.v.shelf.settled = got
		s.draw()
		s.v.p.stir()
		s.v.p.draw()
	})
}

// progress returns what notes how far a question is, from any goroutine.
func (s *settledView) progress() func(done, of int64) {
	var done, of atomic.Int64
	show := s.v.p.s.p.Tasks.Signal(s.v.p.s.scope, func() {
		s.looked = lang.L("{{.Count}} read", map[string]any{"Count": widgets.Count(uint64(done.Load()))})
		if all := of.Load(); all > 0 {
			s.looked = widgets.Count(uint64(done.Load())) + " / " + widgets.Count(uint64(all))
		}
		s.draw()
	})
	var last time.Time
	return func(n, all int64) {
		done.Store(n)
		of.Store(all)
		if time.Since(last) > ledgerTick {
			last = time.Now()
			show()
		}
	}
}

// close takes the group away.
func (s *settledView) close() {
	s.v.p.s.scope.Cancel(querySettle)
	s.group, s.asking, s.failed = "", false, nil
	s.v.shelf.settled = nil
	if s.v.shelf.choice == chooseOpen {
		s.v.shelf.choice = chooseAll
	}
	s.draw()
	s.v.p.draw()
}

// draw says what is known.
func (s *settledView) draw() {
	if s.v.p.s.closed {
		return
	}
	name := s.v.p.s.p.Profile.ShortName(s.group)
	text, notes, ink := "", "", theme.Text
	switch got := s.v.shelf.settled; {
	case s.group == "":
	case s.asking:
		text, ink = words.Sentences(lang.L("Asking what {{.Group}} did with them…", map[string]any{"Group": name}), s.looked), theme.Muted
	case s.failed != nil:
		text, ink, notes = name, theme.Warn, problem.Explain(s.failed).Text()
		if errors.Is(s.failed, fault.NotOffered) {
			notes = lang.L("This endpoint does not tell how far a group is.")
		}
	case got != nil:
		text, notes = name+": "+settledCounts(got), settledNotes(got)
	}
	s.counts.Set(text, ink)
	s.notes.Set(notes, theme.Muted)
	draw.Show(s.notes.Object(), notes != "")
	draw.Show(s.content, s.group != "")
	s.v.content.Refresh()
}

// settledCounts are how many messages have each fate.
func settledCounts(got *client.Settled) string {
	var parts []string
	add := func(n int64, words func(map[string]any) string) {
		if n > 0 {
			parts = append(parts, words(map[string]any{"Count": widgets.Count(uint64(n))}))
		}
	}
	c := got.Counts
	parts = append(parts, lang.L("{{.Count}} consumed", map[string]any{"Count": widgets.Count(uint64(c[insight.FateConsumed]))}))
	add(c[insight.FateRetrying], func(d map[string]any) string { return lang.L("{{.Count}} to be retried", d) })
	add(c[insight.FateDead], func(d map[string]any) string { return lang.L("{{.Count}} dead", d) })
	add(c[insight.FateWaiting]+c[insight.FateOffline], func(d map[string]any) string { return lang.L("{{.Count}} not yet", d) })
	add(c[insight.FateFiltered], func(d map[string]any) string { return lang.L("{{.Count}} filtered out", d) })
	add(c[insight.FateUnknown]+c[insight.FateEach]+c[insight.FateTaken], func(d map[string]any) string { return lang.L("{{.Count}} not known", d) })
	add(got.NotStored, func(d map[string]any) string { return lang.L("{{.Count}} never stored", d) })
	return strings.Join(parts, " · ")
}

// settledNotes say what cannot be known.
func settledNotes(got *client.Settled) string {
	data := map[string]any{"Time": asOf(got.At)}
	var all []string
	switch {
	case got.Each:
		all = append(all, lang.L("The group broadcasts: each member keeps its own position, and brokers know none of them."))
	case got.Members == 0:
		all = append(all, lang.L("At {{.Time}}, with no member there.", data))
	default:
		all = append(all, lang.N("At {{.Time}}, with {{.Count}} members.", got.Members, map[string]any{"Time": asOf(got.At), "Count": widgets.Count(got.Members)}))
	}
	if n := len(got.Missed); n > 0 {
		first := got.Missed[0]
		all = append(all, lang.L("Not read: {{.Name}} ({{.Why}}). What may lie there is not known.", map[string]any{"Name": first.Subject, "Why": strings.TrimRight(problem.Explain(first.Why).What, ".。")}))
		if n > 1 {
			all = append(all, lang.N("{{.Count}} more were not read either.", n-1, map[string]any{"Count": widgets.Count(n - 1)}))
		}
	}
	if got.Limited {
		all = append(all, lang.L("More was sent back in the group than is read here: what is not among it is not known."))
	}
	if got.Popped {
		all = append(all, lang.L("Its members pop: what the position is past may not be answered yet."))
	}
	if got.SQL() {
		all = append(all, lang.L("Its members choose by SQL92: which messages that leaves out is not known."))
	}
	if got.Counts[insight.FateConsumed] > 0 {
		all = append(all, lang.L("Consumed: the position is past it, and nothing of it waits or is dead. A position that was moved looks the same."))
	}
	return words.Sentences(all...)
}

// settled is what a group did with the run that is shown, nil where none was asked for.
func (p *sentPane) settled() *client.Settled {
	if p.run == nil {
		return nil
	}
	return p.run.shelf.settled
}

// fateText is a fate in a row.
func fateText(got *client.Settled, x *outbox.Sent) (string, theme.Token) {
	f, there := got.Fate(x.Row)
	if !there {
		return "–", theme.Muted
	}
	switch f {
	case insight.FateConsumed:
		return lang.L("consumed"), theme.OK
	case insight.FateRetrying:
		return lang.L("retry"), theme.Warn
	case insight.FateDead:
		return lang.L("dead"), theme.Err
	case insight.FateWaiting, insight.FateOffline:
		return lang.L("not yet"), theme.Muted
	case insight.FateFiltered:
		return lang.L("filtered"), theme.Muted
	}
	return lang.L("not known"), theme.Muted
}
