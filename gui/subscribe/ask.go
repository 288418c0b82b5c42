package subscribe

import (
	"context"
	"errors"
	"slices"
	"time"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/client/message"
	"gantry/gui/problem"
	"gantry/gui/task"
)

const (
	// typingPause is how long nothing is typed before the broker is asked about it.
	typingPause = 400 * time.Millisecond
	// firstLimit bounds the question before a start: joining does not hang on it.
	firstLimit = 3 * time.Second
)

// groupAnswer is what the broker said of a topic's group.
type groupAnswer struct {
	topic, group string // full names; "" for no answer
	state        insight.GroupState
}

// differing are the group's members that were seen to subscribe differently. Once
// we are in, the broker tells their subscription or ours, whichever came last, so
// what it told before is kept.
type differing struct {
	theirs  string
	members []string
	least   int // how many of them must be left for it to be true: we may be among them
}

// askGroup asks whether the group has a position and who reads in it.
func (s *Screen) askGroup(b *sub) { s.askGroupIn(b, 0) }

// askGroupIn is askGroup after a wait, within which a newer question takes its
// place.
func (s *Screen) askGroupIn(b *sub, wait time.Duration) {
	topic, group := b.names()
	conn := s.p.Conn()
	if !b.mayAsk() || conn == nil {
		return
	}
	task.Ask(s.p.Tasks, s.scope, "group:"+b.spec.ID, func(ctx context.Context) (insight.GroupState, error) {
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return insight.GroupState{}, ctx.Err()
		}
		return s.back.group(ctx, conn, topic, group)
	}, func(state insight.GroupState, err error) {
		switch {
		case err == nil:
			b.takeAnswer(groupAnswer{topic: topic, group: group, state: state})
		case (errors.Is(err, fault.TopicNotFound) || errors.Is(err, fault.NotReadable)) && !b.running() && b.errs.topic == "":
			b.errs.topic = problem.Explain(err).Text()
		default:
			// The form says less; Start will tell what is wrong.
			return
		}
		s.update()
	})
}

// mayAsk tells whether the form names a group that can be asked about.
func (b *sub) mayAsk() bool {
	topic, group := b.names()
	return !b.archive && !b.spec.Follow && message.CheckTopic(topic) == nil && message.CheckGroup(group) == nil
}

// askFirst asks about the group before it is joined, then starts: unless the answer
// is news that the user has to see first, and press Start again.
func (s *Screen) askFirst(b *sub, conn *client.Connection, start func()) {
	if !b.mayAsk() || b.others() > 0 || b.isHeld() {
		b.held = groupAnswer{}
		start()
		return
	}
	topic, group := b.names()
	knew := b.hasPosition()
	task.Ask(s.p.Tasks, s.scope, "first:"+b.spec.ID, func(ctx context.Context) (insight.GroupState, error) {
		ctx, cancel := context.WithTimeout(ctx, firstLimit)
		defer cancel()
		return s.back.group(ctx, conn, topic, group)
	}, func(state insight.GroupState, err error) {
		b.starting = false
		b.read()
		if err == nil {
			b.takeAnswer(groupAnswer{topic: topic, group: group, state: state})
			// Where it was received already, the list says that it goes on.
			if b.static() {
				s.update()
				return
			}
			moved := b.hasPosition() && !knew && !b.spec.OwnGroup && b.st.Received == 0
			if b.others() > 0 || moved {
				b.held = b.group
				s.update()
				return
			}
		}
		b.starting = true
		start()
		s.update()
	})
}

// static tells whether the topic is one that a group's member cannot read.
func (b *sub) static() bool {
	topic, _ := b.names()
	return b.group.topic != "" && b.group.topic == topic && b.group.state.Static && !b.spec.Follow
}

// isHeld tells whether a start of what the form says waits for a second press.
func (b *sub) isHeld() bool {
	topic, group := b.names()
	return b.held.topic != "" && b.held.topic == topic && b.held.group == group && !b.spec.Follow && !b.running()
}

// takeAnswer takes an answer of the broker, and notes members that subscribe differently.
func (b *sub) takeAnswer(a groupAnswer) {
	b.group = a
	running := b.st.State.Running()
	if !running {
		b.before = a.state.Members
	}
	theirs, differs := b.differs()
	switch {
	case differs && b.others() > 0:
		b.differing = differing{theirs: theirs, members: a.state.Members, least: 1}
		if running {
			b.differing.least = 2
		}
	case !running:
		b.differing = differing{}
	}
}

// differ tells what other members subscribe to, if the form contradicts it.
func (b *sub) differ() (theirs string, differs bool) {
	if theirs, differs = b.differs(); differs || !b.st.State.Running() {
		return theirs, differs
	}
	left := 0
	for _, m := range b.group.state.Members {
		if slices.Contains(b.differing.members, m) {
			left++
		}
	}
	return b.differing.theirs, left > 0 && left >= b.differing.least
}
