package subscribe

import (
	"context"
	"errors"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/words"
)

// timeLayout is how a start time is typed, local.
const timeLayout = time.DateTime

// open opens the journal of a subscription, then runs then.
func (s *Screen) open(b *sub, then func()) {
	spec := b.spec
	task.Ask(s.p.Tasks, s.scope, "open:"+spec.ID, func(context.Context) (subscription, error) {
		return s.back.open(spec)
	}, func(live subscription, err error) {
		if err != nil {
			b.starting = false
			b.failed = err
			s.update()
			return
		}
		b.live = live
		b.st = live.Status()
		b.seen, b.sampled = b.st.Received, time.Now()
		b.list.SetSource(live)
		b.list.HideBefore(b.spec.Cleared)
		if then != nil {
			then()
		}
		s.update()
	})
}

// start joins the group, once connected. What is wrong stands at its field.
func (s *Screen) start(b *sub) {
	if b.running() || b.archive || b.stopping || b.closing {
		return
	}
	s.form.commit()
	if err := b.forbidden(); err != nil {
		s.p.Fail(err)
		return
	}
	b.failed = nil
	if b.errs = s.check(b); b.errs != (fieldErrors{}) {
		s.update()
		s.form.focusError(b.errs)
		return
	}
	conn := s.p.Conn()
	if conn == nil {
		b.wantStart = true
		s.p.Connect()
		s.update()
		return
	}
	b.starting = true
	s.askFirst(b, conn, func() {
		if b.live == nil {
			s.open(b, func() { s.join(b, conn) })
		} else {
			s.join(b, conn)
		}
	})
	s.update()
}

// join asks the broker and starts the worker.
func (s *Screen) join(b *sub, conn *client.Connection) {
	live, spec := b.live, b.spec
	b.begin(time.Now())
	task.Ask(s.p.Tasks, s.scope, "start:"+spec.ID, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, live.Start(ctx, conn, spec)
	}, func(_ struct{}, err error) {
		b.starting = false
		b.read()
		switch {
		case err != nil:
			s.startFailed(b, err)
		default:
			b.placed = false
			b.rule, b.outdated = b.readNow(), false
			s.p.UseTopic(spec.Topic)
			s.changed()
			s.askGroup(b)
		}
		s.update()
	})
}

// startFailed puts an error where it can be mended.
func (s *Screen) startFailed(b *sub, err error) {
	b.placed = true
	if errors.Is(err, context.Canceled) {
		return
	}
	b.errs = errorsAt(err)
	if b.errs == (fieldErrors{}) {
		b.failed = err
		s.p.Fail(err)
		return
	}
	if s.current == b {
		s.update()
		s.form.focusError(b.errs)
	}
}

// errorsAt tells at which field an error of a start stands: none for what no
// field can mend.
func errorsAt(err error) fieldErrors {
	text := problem.Explain(err).Text()
	is := func(targets ...error) bool {
		for _, t := range targets {
			if errors.Is(err, t) {
				return true
			}
		}
		return false
	}
	switch {
	case is(fault.BadExpression, fault.FilterNotSupported, fault.TagQuote, fault.TagNotASCII):
		return fieldErrors{filter: text}
	case is(fault.GroupNotFound, fault.GroupInUse, fault.NeedGroup, fault.SubscriptionNotKnown):
		return fieldErrors{group: text}
	case is(message.ErrGroupName):
		return fieldErrors{group: text}
	case is(message.ErrEmptyName, message.ErrLongName, message.ErrBadName, fault.TopicNotFound, fault.NotReadable):
		return fieldErrors{topic: text}
	}
	return fieldErrors{}
}

// check tells what is wrong before anything is asked.
func (s *Screen) check(b *sub) fieldErrors {
	var e fieldErrors
	topic, group := b.names()
	switch err := message.CheckTopic(topic); {
	case strings.TrimSpace(b.spec.Topic) == "":
		e.topic = lang.L("Enter a topic.")
	case err != nil:
		e.topic = problem.Explain(err).What
	}
	switch err := message.CheckGroup(group); {
	case strings.TrimSpace(b.spec.Group) == "" && b.spec.Follow:
	case strings.TrimSpace(b.spec.Group) == "" && !s.ownGroups():
		e.group = problem.Explain(fault.NeedGroup).Text()
	case strings.TrimSpace(b.spec.Group) == "":
		e.group = lang.L("Enter a group.")
	case err != nil:
		e.group = problem.Explain(err).What
	}
	if b.spec.SQL92 && strings.TrimSpace(b.spec.Expression) == "" {
		e.filter = lang.L("Enter an expression.")
	}
	if b.spec.Any && b.spec.Follow {
		if _, err := filter.Parse(b.spec.Expression, time.Now()); err != nil {
			e.filter = words.Filter(err)
		}
	}
	if b.spec.From == profile.FromTime && !b.hasPosition() {
		if _, ok := parseStart(b.timeText, time.Now()); !ok {
			e.at = lang.L("Write the time as 2026-11-23 14:32:00, 15 min, 1 h or today.")
		}
	}
	return e
}

// followInstead makes the current form that of a follow.
func (s *Screen) followInstead() {
	b := s.current
	if b.running() {
		return
	}
	b.follow(true)
	s.form.fill(b)
	s.changed()
	s.update()
}

// stop leaves the group; the list stays.
func (s *Screen) stop(b *sub) {
	b.wantStart = false
	if key := "first:" + b.spec.ID; s.scope.Running(key) { // nothing is joined yet
		s.scope.Cancel(key)
		b.starting = false
		b.read()
		s.update()
		return
	}
	b.read()
	if b.live == nil && b.starting { // its journal is being opened
		s.scope.Cancel("open:" + b.spec.ID)
		b.starting = false
	}
	if !b.running() || b.live == nil || b.stopping {
		return
	}
	s.scope.Cancel("start:" + b.spec.ID)
	b.starting, b.stopping = false, true
	live := b.live
	s.p.Tasks.Job(lang.L("Stop {{.Name}}", map[string]any{"Name": s.nameOf(b)}), func(context.Context, func(string)) error {
		live.Stop()
		return nil
	}, func(error) {
		b.stopping = false
		b.group = groupAnswer{}
		b.read()
		b.placed = true // an error now is that of a start that was cancelled
		s.askGroup(b)
		s.update()
	})
	s.update()
}

// pause closes or opens the gate. Changes are sent one after the other, so that
// the last one holds.
func (s *Screen) pause(b *sub, closed bool) {
	if b.live == nil || !b.st.State.Running() || b.stopping {
		return
	}
	b.wantGate = closed
	if b.gating {
		return
	}
	b.gating = true
	live := b.live
	task.Ask(s.p.Tasks, s.scope, "gate:"+b.spec.ID, func(context.Context) (struct{}, error) {
		if closed {
			return struct{}{}, live.Pause()
		}
		return struct{}{}, live.Resume()
	}, func(_ struct{}, err error) {
		b.gating = false
		b.read()
		if err != nil {
			s.p.Fail(err)
		} else if b.wantGate != closed {
			s.pause(b, b.wantGate)
		}
		s.update()
	})
}

// answerLater switches what messages are answered with.
func (s *Screen) answerLater(b *sub, later bool) {
	b.spec.Later = later
	s.changed()
	if b.live == nil || !b.st.State.Running() {
		return
	}
	live := b.live
	task.Ask(s.p.Tasks, s.scope, "later:"+b.spec.ID, func(context.Context) (struct{}, error) {
		return struct{}{}, live.AnswerLater(later)
	}, func(_ struct{}, err error) {
		if err != nil {
			s.p.Fail(err)
		}
	})
}

// forbidden is why the subscription may not be started over the connection, nil where it
// may: following takes messages from nobody.
func (b *sub) forbidden() error {
	if b.spec.Follow {
		return nil
	}
	return client.Guard(b.screen.p.Profile, client.ActionJoin)
}
