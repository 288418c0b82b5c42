package send

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
	"gantry/client/outbox/source"
	"gantry/client/profile"
	"gantry/gui/confirm"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// queryPreview is the query that prepares a run.
const queryPreview = "preview"

// previewed is how many messages of a run are shown before it begins.
const previewed = 3

// busyPace is the pace above which production is warned of.
const busyPace = 100

// preview is what a run will do.
type preview struct {
	plan    *plan.Plan
	first   []*message.Draft
	rows    string // the file of its source, "" for none
	info    *source.Info
	sum     [sha256.Size]byte // of the rows as they were shown
	exists  bool
	creates bool
}

// startRun shows what a run will do, and begins it when that is agreed to.
func (s *Screen) startRun(p *plan.Plan, file string) {
	conn := s.needConnection()
	if conn == nil {
		return
	}
	from, describe := s.form.read(), s.describing(p.Topic)
	task.Ask(s.p.Tasks, s.scope, queryPreview, func(ctx context.Context) (*preview, error) {
		if err := describe(ctx, p); err != nil {
			return nil, err
		}
		return prepareRun(ctx, conn, p, file)
	}, func(v *preview, err error) {
		switch {
		case err == nil && !v.exists && !v.creates:
			s.form.topicFailed(lang.L("The topic {{.Topic}} does not exist, and the cluster creates none.", map[string]any{"Topic": from.Topic}))
		case err == nil:
			s.ask(func() { s.askRun(v) })
		case s.form.delivery.failed(from, err), s.form.failed(err):
		default:
			s.p.Fail(err)
		}
	})
}

// prepareRun makes the first messages, so that what is wrong with a text shows before
// anything is sent.
func prepareRun(ctx context.Context, conn Connection, p *plan.Plan, file string) (*preview, error) {
	v := &preview{plan: p, rows: file}
	var err error
	if v.exists, v.creates, err = conn.Lookup(ctx, p.Topic); err != nil || !v.exists && !v.creates {
		return v, err
	}
	dir, err := os.MkdirTemp("", "gantry-preview-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if file != "" {
		info, sum, err := copySource(ctx, plan.SourceFile(dir), file)
		if err != nil {
			return nil, err
		}
		v.sum, v.info, p.Source = sum, &info, &info
		p.Count = min(p.Count, info.Rows)
	}
	if err := conn.Prepare(ctx, p); err != nil {
		return nil, err
	}
	m, err := p.Maker(dir, nil)
	if err != nil {
		return nil, err
	}
	defer m.Close()
	for range min(previewed, p.Count) {
		made, err := m.Next(time.Now())
		if err == nil {
			err = made.Draft.Check()
		}
		if err != nil {
			return nil, err
		}
		v.first = append(v.first, made.Draft)
	}
	return v, nil
}

// copySource takes the rows of a file over, and returns what tells them from others.
func copySource(ctx context.Context, to, file string) (info source.Info, sum [sha256.Size]byte, err error) {
	in, err := os.Open(file)
	if err != nil {
		return info, sum, err
	}
	defer in.Close()
	head := make([]byte, 4096)
	n, _ := in.ReadAt(head, 0)
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return info, sum, err
	}
	rows := sha256.New()
	info, err = source.Copy(ctx, io.MultiWriter(out, rows), in, source.Detect(filepath.Base(file), head[:n]))
	if closed := out.Close(); err == nil {
		err = closed
	}
	return info, [sha256.Size]byte(rows.Sum(nil)), err
}

// sentence says in one sentence what a run will do.
func (v *preview) sentence() string {
	p := v.plan
	pace := lang.L("as fast as it goes")
	if p.PerSecond > 0 {
		pace = lang.L("{{.Rate}} a second", map[string]any{"Rate": widgets.Tenths(p.PerSecond)})
	}
	data := map[string]any{"Pace": pace, "AtOnce": widgets.Count(p.AtOnce), "Batch": widgets.Count(p.Batch), "Time": ""}
	text := lang.L("They leave {{.Pace}}, {{.AtOnce}} under way at most.", data)
	if p.Batch > 1 {
		text = lang.L("They leave {{.Pace}} in batches of {{.Batch}}, {{.AtOnce}} under way at most.", data)
	}
	if p.PerSecond > 0 {
		data["Time"] = words.Takes(time.Duration(float64(p.Count) / p.PerSecond * float64(time.Second)))
		text = words.Sentences(text, lang.L("That takes {{.Time}}.", data))
	}
	switch p.Transaction {
	case message.Commit:
		text = words.Sentences(text, lang.L("Each is sent as a half message and committed."))
	case message.Rollback:
		text = words.Sentences(text, lang.L("Each is sent as a half message and rolled back: no consumer gets any."))
	}
	if !v.exists {
		text = words.Sentences(text, lang.L("The topic does not exist yet: the broker creates it."))
	}
	if v.info != nil && v.info.Broken > 0 {
		text = words.Sentences(text, lang.L("{{.Count}} lines of the file cannot be read and are left out, the first is line {{.Line}}.", map[string]any{"Count": widgets.Count(v.info.Broken), "Line": v.info.First[0].Line}))
	}
	return text
}

// facts are the first messages, one a line.
func (v *preview) facts() []widgets.Fact {
	var out []widgets.Fact
	for i, d := range v.first {
		body := strings.Join(strings.Fields(string(d.Body[:min(len(d.Body), 400)])), " ")
		parts := []string{}
		for _, x := range []string{d.Tag, strings.Join(d.Keys, " "), d.ShardingKey} {
			if x != "" {
				parts = append(parts, x)
			}
		}
		out = append(out, widgets.Fact{
			Label: fmt.Sprint(i + 1), Value: strings.TrimSpace(strings.Join(parts, " · ") + "  " + body), Mono: true,
		})
	}
	return out
}

// askRun asks whether a run shall begin.
func (s *Screen) askRun(v *preview) {
	p := v.plan
	data := map[string]any{"Count": widgets.Count(uint64(p.Count)), "Topic": s.p.Profile.ShortName(p.Topic), "Name": s.p.Profile.Name}
	title := lang.L("Send {{.Count}} messages to {{.Topic}}?", data)
	yes := client.Confirmed{Topic: p.Topic, Count: p.Count}
	if s.p.Profile.Environment == profile.Production {
		facts := append([]widgets.Fact{
			{Label: lang.L("Connection"), Value: s.p.Profile.Name},
			{Label: lang.L("Topic"), Value: p.Topic, Mono: true},
			{Label: lang.L("Pace"), Value: v.sentence()},
		}, v.facts()...)
		if p.PerSecond == 0 || p.PerSecond > busyPace {
			facts = append(facts, widgets.Fact{Label: lang.L("Beware"), Value: lang.L("That is more than {{.Rate}} a second on production.", map[string]any{"Rate": widgets.Count(busyPace)})})
		}
		confirm.ShowGuard(s.p.Window.Canvas(), confirm.GuardView{
			Head: lang.L("PRODUCTION"), Title: title, Facts: facts, Caption: lang.L("Type {{.Name}} to confirm", data), Name: s.p.Profile.Name,
			Action: lang.L("Send {{.Count}} to production", data), Cancel: lang.L("Cancel"),
			OnConfirm: func() { s.answered(); yes.Name = s.p.Profile.Name; s.begin(v, yes) }, OnCancel: s.answered,
		})
		return
	}
	facts := widgets.NewFacts(v.facts()...)
	facts.SetLabelWidth(20)
	confirm.Show(s.p.Window.Canvas(), confirm.Question{
		Title: title, Body: v.sentence(), Cancel: lang.L("Cancel"), OnCancel: s.answered,
		Details: container.NewVBox(widgets.NewCaption(lang.L("The first of them")), facts),
		Choices: []widgets.Choice{{Text: lang.L("Send {{.Count}}", data), Kind: widgets.Primary, Do: func() { s.answered(); s.begin(v, yes) }}},
	})
}

// begin begins a run and shows it.
func (s *Screen) begin(v *preview, yes client.Confirmed) {
	conn := s.needConnection()
	if conn == nil {
		return
	}
	var run *outbox.Run
	s.jobs++
	topic := s.p.Profile.ShortName(v.plan.Topic)
	s.p.UseTopic(topic)
	s.p.Tasks.Job(lang.L("Begin a run to {{.Topic}}", map[string]any{"Topic": topic}), func(ctx context.Context, _ func(string)) (err error) {
		var fill func(string) error
		if v.rows != "" {
			fill = func(name string) error {
				_, sum, err := copySource(ctx, name, v.rows)
				if err == nil && sum != v.sum { // what was agreed to is what was shown
					err = plan.ErrNoRow
				}
				return err
			}
		}
		run, err = conn.Begin(v.plan, yes, fill)
		return err
	}, func(err error) {
		s.jobs--
		if err != nil {
			s.p.Fail(err)
			return
		}
		if !s.closed {
			s.side.tabs.Select(sideSent)
			s.sent.showRun(run)
		}
	})
}

// agreed asks before a run goes on, or messages are sent once more.
func (s *Screen) agreed(title, body, action string, count int64, topic string, do func(context.Context, client.Confirmed) error) {
	yes := client.Confirmed{Topic: topic, Count: count}
	act := func() {
		s.answered()
		s.p.Tasks.Job(action, func(ctx context.Context, _ func(string)) error { return do(ctx, yes) }, func(err error) {
			if err != nil {
				s.p.Fail(err)
			}
			s.sent.stir()
		})
	}
	s.ask(func() {
		if s.p.Profile.Environment == profile.Production {
			confirm.ShowGuard(s.p.Window.Canvas(), confirm.GuardView{
				Head: lang.L("PRODUCTION"), Title: title,
				Facts:   []widgets.Fact{{Label: lang.L("Connection"), Value: s.p.Profile.Name}, {Label: lang.L("Topic"), Value: topic, Mono: true}},
				Caption: lang.L("Type {{.Name}} to confirm", map[string]any{"Name": s.p.Profile.Name}), Name: s.p.Profile.Name,
				Action: action, Cancel: lang.L("Cancel"), OnConfirm: func() { yes.Name = s.p.Profile.Name; act() }, OnCancel: s.answered,
			})
			return
		}
		confirm.Show(s.p.Window.Canvas(), confirm.Question{
			Title: title, Body: body, Cancel: lang.L("Cancel"), OnCancel: s.answered,
			Choices: []widgets.Choice{{Text: action, Kind: widgets.Primary, Do: act}},
		})
	})
}

// goOn has a run go on that ended before its end.
func (s *Screen) goOn(r *outbox.Run) {
	conn := s.needConnection()
	if conn == nil {
		return
	}
	n := r.Plan().Count - r.Made()
	data := map[string]any{"Count": widgets.Count(uint64(n)), "Topic": s.targets(r.Plan().Targets())}
	s.agreed(lang.L("Send the other {{.Count}} messages to {{.Topic}}?", data), lang.L("The run goes on behind the last message that left."),
		lang.L("Send {{.Count}}", data), n, r.Plan().Targets(), func(_ context.Context, yes client.Confirmed) error { return conn.Continue(r, yes) })
}

// sendFailed sends again what failed in a run, or what is uncertain.
func (s *Screen) sendFailed(r *outbox.Run, which outbox.State) {
	conn := s.needConnection()
	rows := r.States(which, maxRows)
	if conn == nil || len(rows) == 0 {
		return
	}
	body := lang.L("They were refused, or never left.")
	if which == outbox.Uncertain {
		body = lang.L("The broker may have stored them: then they are there twice.")
	}
	data := map[string]any{"Count": widgets.Count(uint64(len(rows))), "Topic": s.targets(r.Plan().Targets())}
	s.agreed(lang.L("Send {{.Count}} messages to {{.Topic}} once more?", data), body, lang.L("Send {{.Count}}", data),
		int64(len(rows)), r.Plan().Targets(), func(_ context.Context, yes client.Confirmed) error { return conn.SendAgain(r, rows, yes) })
}

// canAgain tells whether a single message can be sent once more.
func (s *Screen) canAgain(e *entry) bool {
	return e != nil && e.sent != nil && e.sent.Draft != nil && !e.sent.Draft.Hides && s.forbidden() == nil && s.p.Conn() != nil && e.sent.State != outbox.UnderWay && s.sent.run == nil
}

// again sends a message once more, as it was.
func (s *Screen) again(e *entry) {
	if !s.canAgain(e) {
		return
	}
	d := *e.sent.Draft
	d.ID, d.System = "", nil // made anew
	s.retry(d, s.p.Profile.ShortName(d.Topic))
}

// failed says at its field what is wrong with a text, false where that is not why.
func (f *form) failed(err error) bool {
	at, ok := err.(*plan.FieldError)
	if !ok {
		return false
	}
	wrong := (*message.TypedError)(nil)
	if errors.As(err, &wrong) && wrong.Coded != nil {
		f.s.body.fail(wrong)
		return true
	}
	if f.s.body.notMade(err) {
		f.s.p.Window.Canvas().Focus(f.s.body.focusable())
		return true
	}
	if _, typed := f.s.body.how.Encode(f.s.body.bytes()); at.Field == plan.FieldBody && errors.As(typed, &wrong) {
		f.s.body.fail(wrong) // it is no value's fault
		return true
	}
	text := problem.Explain(at.Err).Text()
	var focus fyne.Focusable
	switch at.Field {
	case plan.FieldTag:
		f.tagField.SetError(text)
		focus = f.tag
	case plan.FieldKeys:
		f.keysField.SetError(text)
		focus = f.keys
	case plan.FieldShard:
		f.delivery.keyField.SetError(text)
		focus = f.delivery.key
	case plan.FieldProperty:
		f.properties.fail(text)
		return true
	default:
		f.s.body.setStatus(len(f.s.body.bytes()), theme.Err, text)
		focus = f.s.body.focusable()
	}
	f.s.p.Window.Canvas().Focus(focus)
	return true
}
