package send

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/profile"
	"gantry/gui/confirm"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// Primary sends what the form holds (Ctrl+Enter). Pressed again while a send is
// under way it sends another; while a question is open, or another message is about to
// take the form's place, it does nothing.
func (s *Screen) Primary() {
	if s.closed || s.asking || s.forbidden() != nil || s.covered() || s.scope.Running(queryAgain) {
		return
	}
	s.form.topic.Close()
	s.flush()
	if s.form.repeats() {
		if p, file, ok := s.form.plan(); ok {
			s.startRun(p, file)
		}
		return
	}
	now := time.Now()
	d, ok := s.form.draft(now)
	if !ok {
		return
	}
	a := attempt{topic: strings.TrimSpace(s.form.topic.Text), from: s.form.read(), typed: s.body.bytes()}
	s.form.make(&d, now, func(m made) {
		a.draft, a.made = *m.draft, m
		s.lookUp(a)
	})
}

// attempt is one press of Send, or of Retry.
type attempt struct {
	draft message.Draft
	topic string           // as typed
	from  profile.SendForm // the form that it was made from; empty for a retry
	typed []byte           // its body, before dynamic values were put in place
	made  made             // what draft was made from, to be made with its secret values
}

// covered reports whether something else than the topic's suggestions is open
// over the window: shortcuts come through to the screen all the same.
func (s *Screen) covered() bool {
	return s.p.Window.Canvas().Overlays().Top() != nil && !s.form.topic.Open()
}

// retry sends a draft again, in the same way as the first time.
func (s *Screen) retry(d message.Draft, typed string) {
	if !s.closed && !s.asking && s.forbidden() == nil {
		s.lookUp(attempt{draft: d, topic: typed})
	}
}

// lookUp asks whether the topic exists. Each draft has its own query: a second
// press must not supersede the first.
func (s *Screen) lookUp(a attempt) {
	conn := s.needConnection()
	if conn == nil {
		return
	}
	type answer struct{ exists, creates bool }
	s.lookups++
	s.presses++
	s.showState()
	task.Ask(s.p.Tasks, s.scope, fmt.Sprint("look up ", s.presses), func(ctx context.Context) (got answer, err error) {
		got.exists, got.creates, err = conn.Lookup(ctx, a.draft.Topic)
		if err == nil && (got.exists || got.creates) {
			err = conn.CheckDelivery(ctx, &a.draft)
		}
		return got, err
	}, func(got answer, err error) {
		s.lookups--
		s.showState()
		switch {
		case s.form.delivery.failed(a.from, err):
		case err != nil && !errors.Is(err, context.Canceled):
			s.p.Fail(err)
		case err != nil:
		case got.exists:
			s.guard(a)
		case got.creates:
			s.ask(func() { s.askCreate(a) })
		default:
			s.form.topicFailed(lang.L("The topic {{.Topic}} does not exist, and the cluster creates none.", map[string]any{"Topic": a.topic}))
		}
	})
}

// ask opens one question at a time; others wait for its answer.
func (s *Screen) ask(f func()) {
	if s.asking {
		s.waiting = append(s.waiting, f)
		return
	}
	s.asking = true
	f()
}

// answered lets the next question come.
func (s *Screen) answered() {
	s.asking = false
	if len(s.waiting) > 0 && !s.closed {
		next := s.waiting[0]
		s.waiting = s.waiting[1:]
		s.ask(next)
	}
}

func (s *Screen) askCreate(a attempt) {
	confirm.Show(s.p.Window.Canvas(), confirm.Question{
		Title:  lang.L("Topic {{.Topic}} does not exist. Create and send?", map[string]any{"Topic": a.topic}),
		Body:   lang.L("The broker creates it with its default number of queues."),
		Cancel: lang.L("Cancel"),
		Choices: []widgets.Choice{{Text: lang.L("Create and send"), Kind: widgets.Primary, Do: func() {
			s.answered()
			s.guard(a)
		}}},
		OnCancel: s.answered,
	})
}

// guard asks for the name of a production connection, each time.
func (s *Screen) guard(a attempt) {
	if s.p.Profile.Environment != profile.Production {
		s.send(a)
		return
	}
	s.ask(func() {
		name := s.p.Profile.Name
		facts := []widgets.Fact{
			{Label: lang.L("Connection"), Value: name},
			{Label: lang.L("Topic"), Value: a.draft.Topic, Mono: true},
			{Label: lang.L("Body"), Value: widgets.Bytes(int64(len(a.draft.Body)))},
		}
		if now := time.Now(); a.draft.Deliver.Later() {
			facts = append(facts, widgets.Fact{Label: lang.L("Due"), Value: words.Clock(a.draft.Deliver.Due(now), now)})
		}
		if a.draft.Reply > 0 {
			facts = append(facts, widgets.Fact{Label: lang.L("Wait for a reply"), Value: words.Exact(a.draft.Reply)})
		}
		if what := a.draft.Transaction; what != message.NoTransaction {
			facts = append(facts, widgets.Fact{Label: lang.L("Transaction"), Value: decisionWord(what)})
		}
		if a.draft.ShardingKey != "" {
			facts = append(facts, widgets.Fact{Label: lang.L("Sharding key"), Value: a.draft.ShardingKey, Mono: true})
		}
		confirm.ShowGuard(s.p.Window.Canvas(), confirm.GuardView{
			Head:    lang.L("PRODUCTION"),
			Title:   lang.L("Send one message to {{.Topic}}?", map[string]any{"Topic": a.topic}),
			Facts:   facts,
			Caption: lang.L("Type {{.Name}} to confirm", map[string]any{"Name": name}),
			Name:    name, Action: lang.L("Send to production"), Cancel: lang.L("Cancel"),
			OnConfirm: func() { s.answered(); s.send(a) },
			OnCancel:  s.answered,
		})
	})
}

// send sends a draft as a job of its own; what comes of it is in the history.
func (s *Screen) send(a attempt) {
	conn := s.needConnection()
	if conn == nil {
		return
	}
	s.jobs++
	s.p.UseTopic(a.topic)
	s.side.tabs.Select(sideSent) // where it is seen what becomes of it
	s.sent.closeRun()
	s.sent.follow = true
	var got message.Receipt
	s.p.Tasks.Job(lang.L("Send to {{.Topic}}", map[string]any{"Topic": a.topic}), func(ctx context.Context, _ func(string)) (err error) {
		if a.draft.Hides && a.made.plan != nil {
			got, err = conn.SendMade(ctx, a.made.plan, a.made.seq, a.made.at, &a.draft)
		} else {
			got, err = conn.Send(ctx, &a.draft)
		}
		return err
	}, func(err error) {
		s.jobs--
		if err != nil && !errors.Is(err, context.Canceled) {
			s.p.Fail(err)
		}
		if s.closed {
			return
		}
		if err == nil && got.Status.Stored() && a.from.Topic != "" {
			s.settle(a.from, a.typed)
		}
		s.sent.stir()
		if err == nil {
			s.form.delivery.refused(&got)
		}
		if barred := notWritable(&got, err); barred != "" && s.form.topic.Text == a.topic {
			s.form.topicField.SetError(barred)
		}
	})
}

// notWritable says that a topic may not be written, "" for every other outcome.
func notWritable(got *message.Receipt, err error) string {
	switch {
	case errors.Is(err, fault.NotWritable):
		return problem.Explain(err).Text()
	case err == nil && got.Fault != nil && got.Fault.Code == fault.NotWritable:
		return problem.Receipt(got).Text()
	}
	return ""
}

// state is how a send stands, for character, colour and word.
type state struct {
	word  string
	token theme.Token // of the word and the character
	soft  theme.Token
	why   problem.Problem
}

// stateOf puts a message that was sent into words.
func stateOf(x *outbox.Sent) state {
	late := func(word, what string) state {
		return state{word, theme.Warn, theme.WarnSoft, problem.Problem{What: what}}
	}
	switch x.State {
	case outbox.UnderWay:
		return state{word: lang.L("Sending…"), token: theme.Muted, soft: theme.Hover}
	case outbox.HandedOver:
		return state{word: lang.L("Handed over"), token: theme.OK, soft: theme.OKSoft, why: problem.Problem{What: lang.L("It went one-way: no broker says what became of it.")}}
	case outbox.Uncertain:
		if x.Arrival != nil && x.Arrival.Proof == message.ProofArrived {
			return state{word: lang.L("Stored"), token: theme.OK, soft: theme.OKSoft, why: problem.Problem{What: lang.L("No answer came, and the message was found.")}}
		}
		r := message.Receipt{Status: message.StatusUncertain, Fault: fault.From(fault.WorkerDied)}
		if x.Receipt != nil {
			r = *x.Receipt
		}
		return state{lang.L("Uncertain"), theme.Warn, theme.WarnSoft, problem.Receipt(&r)}
	case outbox.Failed:
		return state{lang.L("Failed"), theme.Err, theme.ErrSoft, problem.Receipt(x.Receipt)}
	}
	if x.Half != nil && x.Half.Stand != outbox.NoHalf {
		return halfState(x.Half)
	}
	if st, ok := recallState(x); ok {
		return st
	}
	switch x.Receipt.Status {
	case message.StatusFlushDiskTimeout:
		return late(lang.L("Disk slow"), lang.L("The broker has the message, but writing it to disk took longer than it may."))
	case message.StatusFlushSlaveTimeout:
		return late(lang.L("Replica slow"), lang.L("The broker has the message, but its replica has not confirmed it in time."))
	case message.StatusSlaveNotAvailable:
		return late(lang.L("No replica"), lang.L("The broker has the message, but no replica of it could be made."))
	}
	return state{word: lang.L("Sent"), token: theme.OK, soft: theme.OKSoft}
}
