package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gantry/client/admin"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/worker"
)

// earlyBy is how much before the first start the library begins for a group
// without a position; the floors do the rest.
const earlyBy = 10 * time.Minute

// Start checks the subscription with the brokers and joins the group, or follows
// the topic. The form is taken over. It returns once the worker runs, not when it has joined; an
// error means that nothing runs.
func (s *Subscription) Start(ctx context.Context, conn *Connection, spec profile.Subscription) error {
	s.mu.Lock()
	if s.status.State != Stopped {
		s.mu.Unlock()
		return ErrAlreadyRunning
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.status = Status{State: Checking, Later: spec.Later}
	s.stopStart, s.started = cancel, make(chan struct{})
	s.mu.Unlock()
	err := s.start(ctx, conn, spec)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.status.State, s.status.Err = Stopped, err
	}
	s.stopStart = nil
	close(s.started)
	return err
}

func (s *Subscription) start(ctx context.Context, conn *Connection, spec profile.Subscription) error {
	if conn == nil {
		return ErrNotConnected
	}
	p := conn.profile
	if p.ReadOnly && !spec.Follow {
		return ErrReadOnly
	}
	topic, group := p.FullName(spec.Topic), p.FullName(spec.Group)
	if spec.Follow && group == "" {
		group = admin.ToolsGroup
	}
	if err := message.CheckTopic(topic); err != nil {
		return fmt.Errorf("topic: %w", err)
	}
	if err := message.CheckGroup(group); err != nil {
		return fmt.Errorf("%w: %w", message.ErrGroupName, err)
	}
	f, err := checkExpression(&spec)
	if err != nil {
		return err
	}
	release := func() {}
	if !spec.Follow {
		if release, err = s.client.claim(p, group, s.spec.ID); err != nil {
			return err
		}
	}
	job, err := s.prepare(ctx, conn, spec, topic, group, f)
	if err != nil {
		release()
		return err
	}
	run, cancel := context.WithCancel(context.Background())
	s.mu.Lock()
	if ctx.Err() != nil { // stopped meanwhile
		s.mu.Unlock()
		cancel()
		release()
		return context.Cause(ctx)
	}
	s.spec, s.cancel, s.ended = spec, cancel, make(chan struct{})
	s.skippedBefore, s.filteredBefore, s.missedBefore, s.joined = 0, 0, 0, false
	s.troubleAt, s.unknownSince, s.unknownLast = time.Time{}, time.Time{}, time.Time{}
	s.mu.Unlock()
	go s.run(run, conn, job, release)
	return nil
}

// claim takes a group on a cluster for one subscription: twice in one Gantry it
// would be shared between two lists.
func (c *Client) claim(p profile.Profile, group, id string) (release func(), err error) {
	servers := slices.Sorted(slices.Values(p.NameServers))
	key := strings.Join(servers, ",") + "/" + group
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, ErrNotConnected
	}
	if other, ok := c.groups[key]; ok && other != id {
		return nil, fmt.Errorf("%w: %s", ErrGroupInUse, group)
	}
	c.groups[key] = id
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.groups, key)
	}, nil
}

// prepare asks the brokers, fixes the start floors and makes the worker's job.
func (s *Subscription) prepare(ctx context.Context, conn *Connection, spec profile.Subscription, topic, group string, f filter) (*worker.Job, error) {
	pressed := time.Now()
	route, err := conn.admin.Route(ctx, topic)
	if err == nil {
		err = route.Check()
	}
	if err != nil {
		return nil, err
	}
	// The floors before all other questions: what is sent from here on is kept.
	floors, floorsErr := s.floors(ctx, conn, route, topic, spec, pressed)
	if _, _, answered := Remark(floorsErr); floorsErr != nil && answered == "" {
		return nil, floorsErr // no broker answers: nor would it the next questions
	}
	asked := f.of(topic, group)
	if err = conn.admin.CheckSubscription(ctx, route, asked); err != nil {
		return nil, err
	}
	meta, own, needed, err := s.plan(ctx, conn, route, spec, topic, group, pressed)
	if err != nil {
		return nil, err
	}
	if needed {
		// Who goes on from a position needs no right to ask for them.
		if floorsErr != nil {
			return nil, floorsErr
		}
		meta.Floors, meta.Ahead = floors, conn.ahead(ctx, route)
	}
	// Last, because it makes the group, as joining does: the library only logs
	// that a broker refuses the group or does not know it.
	if err := conn.admin.CheckGroup(ctx, route, asked); err != nil && !errors.Is(err, ErrNotOffered) {
		return nil, err
	}
	if err := s.saveMeta(meta); err != nil {
		return nil, err
	}
	if err := s.list.open(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.meta, s.status.OwnPosition, s.route = meta, own, route
	s.mu.Unlock()
	return s.job(conn, spec, meta, group, f), nil
}

// job is what the worker is to do.
func (s *Subscription) job(conn *Connection, spec profile.Subscription, meta journalMeta, group string, f filter) *worker.Job {
	caps := s.client.currentCaps()
	s.list.runUnder(&caps)
	kind := worker.Subscribe
	if spec.Follow {
		kind = worker.Follow
	}
	job := conn.job(kind, group)
	job.Subscription = &worker.Subscription{
		Topic: meta.Topic, Queues: len(s.route.ReadQueues()), Expression: f.expression, SQL92: f.sql92, Tags: f.tags, Broadcast: spec.Broadcast, Ordered: spec.Ordered,
		From: meta.from(), Floors: meta.Floors, Since: meta.since(), Later: spec.Later,
		Journal: s.client.journalDir(s.spec.ID), MaxBytes: caps.Bytes, MaxRecords: caps.Messages,
	}
	return job
}

// plan decides where the subscription starts: at the journal's floors if this
// is a restart of the same subscription, at the group's own position if it has
// one, else at floors that were read just now, which floors says.
func (s *Subscription) plan(ctx context.Context, conn *Connection, route admin.Route, spec profile.Subscription, topic, group string, pressed time.Time) (meta journalMeta, own, floors bool, err error) {
	s.mu.Lock()
	meta = s.meta
	s.mu.Unlock()
	same := meta.Topic == topic && meta.Group == group && meta.Follow == spec.Follow && meta.Start == spec.From && meta.StartTime.Equal(spec.FromTime) && !meta.First.IsZero()
	meta.Profile, meta.ProfileName = conn.profile.ID, conn.profile.Name
	meta.Topic, meta.Group, meta.Follow, meta.Start, meta.StartTime = topic, group, spec.Follow, spec.From, spec.FromTime
	meta.Opened = pressed
	// A follow from now begins now each time it is started.
	same = same && !(spec.Follow && spec.From == profile.FromNow)
	ours := spec.Broadcast || spec.Follow // no broker keeps the positions
	if !same {
		s.list.beginAnew()
	}
	if !ours {
		if own, err = conn.admin.GroupPosition(ctx, route, topic, group); err != nil {
			return meta, false, false, err
		}
	}
	switch {
	case same && ours:
		meta.Floors = s.list.raise(meta.Floors)
	case same:
		// A queue whose position was not committed yet starts where the first
		// start was: nothing in between is skipped.
	case own:
		meta.First, meta.Floors = pressed, nil
	default:
		meta.First, meta.Floors, floors = pressed, nil, true
	}
	return meta, own, floors, nil
}

func (s *Subscription) floors(ctx context.Context, conn *Connection, route admin.Route, topic string, spec profile.Subscription, pressed time.Time) (map[string]int64, error) {
	start := admin.Start{Kind: admin.Now}
	switch spec.From {
	case profile.FromEarliest:
		return nil, nil
	case profile.FromTime:
		start = admin.Start{Kind: admin.Time, At: spec.FromTime}
		if spec.FromTime.After(pressed) {
			start = admin.Start{Kind: admin.Now}
		}
	}
	queues, err := conn.admin.StartFloors(ctx, route, topic, start)
	if err != nil {
		return nil, err
	}
	floors := make(map[string]int64, len(queues))
	for q, n := range queues {
		floors[worker.FloorKey(q.Broker, q.ID)] = n
	}
	return floors, nil
}
