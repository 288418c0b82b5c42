package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/worker"
)

// earlyBy is how much before the first start the library begins for a group
// without a position; the floors do the rest.
const earlyBy = 10 * time.Minute

// Start checks the subscription with the brokers and joins the group, or follows
// the topic. The form is taken over. It returns once the worker runs, not when it has
// joined; an error means that nothing runs. What the connection permits is for the
// caller to ask.
func (s *Session) Start(ctx context.Context, to Endpoint, spec profile.Subscription) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	err := error(fault.NotConnected) // where it is closed
	var before meta
	s.order(func() {
		if s.facts.phase != phaseStopped {
			err = fault.AlreadyRunning
			return
		}
		err = nil
		s.facts.begin(spec.Later)
		s.stuck = nil
		s.stopped, s.giveUp, before = make(chan struct{}), cancel, s.meta
	})
	if err != nil {
		return err
	}
	p, err := s.prepare(ctx, to, spec, before)
	if !s.order(func() { err = s.started(ctx, p, err) }) {
		return fault.NotConnected // never: who closes waits until it has stopped
	}
	return err
}

// started begins to run what was prepared. It belongs to the owner.
func (s *Session) started(ctx context.Context, p *run, err error) error {
	s.giveUp = nil
	if err == nil && ctx.Err() != nil { // stopped meanwhile
		err = context.Cause(ctx)
		p.release()
		go s.list.RunUnder(nil)
	}
	if err != nil {
		s.facts.stopped(err)
		s.publish() // who waits looks
		close(s.stopped)
		return err
	}
	s.spec, s.meta, s.run = p.spec, p.meta, p
	s.facts.ownPosition, s.facts.sifts = p.own, p.job.Receive.Keep != ""
	s.launch()
	return nil
}

// prepare asks the brokers and makes what is to run. It belongs to who starts.
func (s *Session) prepare(ctx context.Context, to Endpoint, spec profile.Subscription, before meta) (*run, error) {
	topic, group := to.Profile.FullName(spec.Topic), to.Profile.FullName(spec.Group)
	if spec.Follow && group == "" {
		group = cluster.ToolsGroup
	}
	if err := message.CheckTopic(topic); err != nil {
		return nil, fmt.Errorf("topic: %w", err)
	}
	if err := message.CheckGroup(group); err != nil {
		return nil, fmt.Errorf("%w: %w", message.ErrGroupName, err)
	}
	f, err := checkExpression(&spec)
	if err != nil {
		return nil, err
	}
	p := &run{s: s, to: to, spec: spec, release: func() {}}
	if !spec.Follow {
		if p.release, err = s.set.claim(to.Profile, group, s.id); err != nil {
			return nil, err
		}
	}
	if err := s.ask(ctx, p, before, topic, group, f); err != nil {
		p.release()
		return nil, err
	}
	return p, nil
}

// ask asks the brokers, fixes the start floors and makes the worker's job.
func (s *Session) ask(ctx context.Context, p *run, before meta, topic, group string, f selects) error {
	pressed, ask := time.Now(), p.to.Admin
	route, err := ask.Route(ctx, topic)
	if err == nil {
		err = route.Readable()
	}
	if err != nil {
		return err
	}
	// The floors before all other questions: what is sent from here on is kept.
	floors, floorsErr := readFloors(ctx, ask, route, topic, p.spec, pressed)
	if _, _, answered := fault.Remark(floorsErr); floorsErr != nil && answered == "" {
		return floorsErr // no broker answers: nor would it the next questions
	}
	asked := f.of(topic, group)
	if err = ask.CheckSubscription(ctx, route, asked); err != nil {
		return err
	}
	needed, err := s.plan(ctx, p, before, route, topic, group, pressed)
	if err != nil {
		return err
	}
	if needed {
		// Who goes on from a position needs no right to ask for them.
		if floorsErr != nil {
			return floorsErr
		}
		p.meta.Floors, p.meta.Ahead = floors, ahead(ctx, ask, route)
		p.fresh = f.expression == "*" && !f.sql92
	}
	// Last, because it makes the group, as joining does: the library only logs
	// that a broker refuses the group or does not know it.
	if err := ask.CheckGroup(ctx, route, asked); err != nil && !errors.Is(err, fault.NotOffered) {
		return err
	}
	if err := p.meta.save(s.set.dir(s.id)); err != nil {
		return err
	}
	if err := s.list.Open(); err != nil {
		return err
	}
	p.route = route
	p.job = s.job(p, group, f)
	return nil
}

// job is what the worker is to do.
func (s *Session) job(p *run, group string, f selects) *worker.Job {
	caps := s.set.p.Room.Caps()
	s.list.RunUnder(&caps)
	kind := worker.Subscribe
	if p.spec.Follow {
		kind = worker.Follow
	}
	job := p.to.Access.Job(kind, group)
	job.Receive = &worker.Receive{
		Topic: p.meta.Topic, Queues: len(p.route.ReadQueues()), Expression: f.expression, SQL92: f.sql92, Tags: f.tags, Keep: f.keep, Bodies: p.to.Bodies,
		Broadcast: p.spec.Broadcast, Ordered: p.spec.Ordered,
		From: p.meta.from(), Floors: p.meta.Floors, Since: p.meta.since(),
		Journal: s.set.dir(s.id), MaxBytes: caps.Bytes, MaxRecords: caps.Messages,
	}
	return job
}

// plan decides where the subscription starts: at the journal's floors if this
// is a restart of the same subscription, at the group's own position if it has
// one, else at floors that were read just now, which floors says.
func (s *Session) plan(ctx context.Context, p *run, before meta, route cluster.Route, topic, group string, pressed time.Time) (floors bool, err error) {
	m, spec := before, p.spec
	same := m.Topic == topic && m.Group == group && m.Follow == spec.Follow && m.Start == spec.From && m.StartTime.Equal(spec.FromTime) && !m.First.IsZero()
	m.Profile, m.ProfileName = p.to.Profile.ID, p.to.Profile.Name
	m.Production = p.to.Profile.Environment == profile.Production
	m.Topic, m.Group, m.Follow, m.Start, m.StartTime = topic, group, spec.Follow, spec.From, spec.FromTime
	m.Opened = pressed
	// A follow from now begins now each time it is started.
	same = same && !(spec.Follow && spec.From == profile.FromNow)
	ours := spec.Broadcast || spec.Follow // no broker keeps the positions
	if !same {
		s.list.BeginAnew()
	}
	if !ours {
		if p.own, _, err = p.to.Admin.GroupPosition(ctx, route, topic, group); err != nil { // a queue of what is missing gets no floor
			return false, err
		}
	}
	switch {
	case same && ours:
		m.Floors = s.list.Raise(m.Floors)
	case same:
		// A queue whose position was not committed yet starts where the first
		// start was: nothing in between is skipped.
	case p.own:
		m.First, m.Floors = pressed, nil
	default:
		m.First, m.Floors, floors = pressed, nil, true
	}
	p.meta = m
	return floors, nil
}

func readFloors(ctx context.Context, ask *admin.Client, route cluster.Route, topic string, spec profile.Subscription, pressed time.Time) (map[string]int64, error) {
	start := admin.Start{Kind: admin.Now}
	switch spec.From {
	case profile.FromEarliest:
		// Nothing lies below them: they only tell whether all of it comes. Not every
		// endpoint tells them.
		queues, _, err := ask.StartFloors(ctx, route, topic, admin.Start{Kind: admin.Earliest})
		if err != nil && ctx.Err() == nil {
			return nil, nil
		}
		return byName(queues), err
	case profile.FromTime:
		start = admin.Start{Kind: admin.Time, At: spec.FromTime}
		if spec.FromTime.After(pressed) {
			start = admin.Start{Kind: admin.Now}
		}
	}
	queues, _, err := ask.StartFloors(ctx, route, topic, start) // a queue without a floor: see meta.since
	if err != nil {
		return nil, err
	}
	return byName(queues), nil
}

func byName(queues map[cluster.Queue]int64) map[string]int64 {
	floors := make(map[string]int64, len(queues))
	for q, n := range queues {
		floors[q.String()] = n
	}
	return floors
}

// clockLimit bounds the question for the brokers' clocks.
const clockLimit = time.Second

// ahead is how far this computer's clock is ahead of the brokers', at least 0
// and at most as far as it is of the slowest; 0 where they do not tell.
func ahead(ctx context.Context, ask *admin.Client, r cluster.Route) time.Duration {
	ctx, cancel := context.WithTimeout(ctx, clockLimit)
	defer cancel()
	var most time.Duration
	for _, addr := range r.Masters() {
		if b, err := ask.Runtime(ctx, addr); err == nil && b.ClockKnown {
			most = max(most, b.Ahead)
		}
	}
	return most
}
