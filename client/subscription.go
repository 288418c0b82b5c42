package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/google/uuid"

	"gantry/client/admin"
	"gantry/client/journal"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/worker"
)

// State is what a subscription does.
type State int

// The states.
const (
	// Stopped: no worker; the list stands.
	Stopped State = iota
	// Checking: the broker is asked whether it can be subscribed to.
	Checking
	// Joining: the worker has started and joins the group.
	Joining
	// Receiving: messages come as they are sent.
	Receiving
	// Skipping: only messages below the start arrive; they are not kept.
	Skipping
	// Paused: the gate is closed. The queues stay ours.
	Paused
	// Blocked: messages cannot be written; they wait unanswered.
	Blocked
	// Troubled: the broker refuses or cannot be reached; it goes on trying.
	Troubled
	// Restarting: the worker ended by itself and is started again soon.
	Restarting
	// Stopping: positions are being committed.
	Stopping
)

// Status is a snapshot of a subscription.
type Status struct {
	State State
	// Err is why the state is Blocked, Troubled or Restarting, or why the last
	// start failed while it is Stopped.
	Err error
	// OwnPosition: the group had a position of its own when it was started, so
	// no start was chosen.
	OwnPosition bool
	Later       bool
	Paused      bool // asked to pause, whatever the state says
	Skipped     int64
	Filtered    int64
	ToGo        int64
	Waiting     int64
	Restarts    int
	// TornBytes were cut off the journal's end when the worker started last.
	TornBytes int64
	// The journal: Received are all messages it ever had, Kept of them are
	// still there.
	Received, Kept, Evicted uint64
	KeptBytes               int64
	CapBytes                int64
	DamagedBytes            int64
}

// Running tells whether a worker is there or is to come.
func (s State) Running() bool { return s != Stopped }

// troubleLasts is for how long a failed pull counts: the library repeats it
// every three seconds while it lasts.
const troubleLasts = 8 * time.Second

// earlyBy is how much before the first start the library begins for a group
// without a position; the floors do the rest.
const earlyBy = 10 * time.Minute

// Subscription is one subscription of a profile with its journal. It is opened
// stopped; Start joins the group in a worker of its own. A worker that dies is
// started again with the same group, floors and journal.
type Subscription struct {
	client *Client
	list   *follower

	mu     sync.Mutex
	spec   profile.Subscription
	meta   journalMeta
	status Status
	proc   *worker.Process
	cancel context.CancelFunc // of run, nil while stopped
	ended  chan struct{}      // closed when run has ended
	// what earlier workers of this start counted
	skippedBefore, filteredBefore int64
	troubleAt                     time.Time
	unknownSince, unknownLast     time.Time // of code 24
	watched                       error     // what watch found wrong last
	// While Checking: stopStart ends it, started is closed when it has ended.
	stopStart context.CancelFunc
	started   chan struct{}
	blocked   bool
	joined    bool
}

// OpenSubscription opens a subscription, stopped, with what its journal holds.
// The same id opened again is the same object.
func (c *Client) OpenSubscription(spec profile.Subscription) (*Subscription, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.subs[spec.ID]; s != nil {
		return s, nil
	}
	s := &Subscription{client: c, spec: spec, list: newFollower(c, spec.ID)}
	s.status.Later = spec.Later
	if err := s.loadMeta(); err != nil {
		return nil, err
	}
	if err := s.list.open(); err != nil {
		return nil, err
	}
	if s.list.current() != nil && s.meta.Topic != "" {
		// A list that is looked at does not expire.
		s.meta.Opened = time.Now()
		if err := s.saveMeta(s.meta); err != nil {
			c.log.Warn("a journal's meta.json was not written", "journal", spec.ID, "error", err)
		}
	}
	c.subs[spec.ID] = s
	return s, nil
}

// Spec returns the subscription's form as it was started or opened last.
func (s *Subscription) Spec() profile.Subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.spec
}

// Status returns a snapshot. It takes a short lock only.
func (s *Subscription) Status() Status {
	s.mu.Lock()
	st := s.status
	if s.joined && st.State == Receiving && st.ToGo > 0 {
		st.State = Skipping
	}
	quiet := st.State == Receiving || st.State == Skipping || st.State == Joining
	switch {
	case quiet && !s.troubleAt.IsZero() && time.Since(s.troubleAt) < troubleLasts:
		st.State = Troubled
	case quiet && s.watched != nil:
		st.State, st.Err = Troubled, s.watched
	case st.State != Blocked && st.State != Restarting && st.State != Stopped:
		st.Err = nil
	}
	s.mu.Unlock()
	s.list.count(&st)
	return st
}

// Range returns the number of the oldest message kept and the one after the
// newest.
func (s *Subscription) Range() (first, next uint64) { return s.list.bounds() }

// Record reads a record of the journal: ErrEvicted if it is no longer kept. It
// reads from disk.
func (s *Subscription) Record(n uint64) (*message.Record, error) { return s.list.record(n) }

// Start checks the subscription with the brokers and joins the group. The form
// is taken over. It returns once the worker runs, not when it has joined; an
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
	if p.ReadOnly {
		return ErrReadOnly
	}
	topic, group := p.FullName(spec.Topic), p.FullName(spec.Group)
	if err := message.CheckTopic(topic); err != nil {
		return fmt.Errorf("topic: %w", err)
	}
	if err := message.CheckGroup(group); err != nil {
		return fmt.Errorf("group: %w", err)
	}
	f, err := checkExpression(&spec)
	if err != nil {
		return err
	}
	release, err := s.client.claim(p, group, s.spec.ID)
	if err != nil {
		return err
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
	s.skippedBefore, s.filteredBefore, s.joined = 0, 0, false
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
	if err != nil {
		return nil, err
	}
	// The floors before all other questions: what is sent from here on is kept.
	floors, floorsErr := s.floors(ctx, conn, route, topic, spec, pressed)
	err = conn.admin.CheckSubscription(ctx, route, admin.Subscription{Topic: topic, Group: group, Expression: f.expression, SQL92: f.sql92})
	if err != nil {
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
		meta.Floors = floors
	}
	if err := s.saveMeta(meta); err != nil {
		return nil, err
	}
	if err := s.list.open(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.meta, s.status.OwnPosition = meta, own
	s.mu.Unlock()
	caps := s.client.currentCaps()
	s.list.runUnder(&caps)
	job := conn.job(worker.Subscribe, group)
	job.Subscription = &worker.Subscription{
		Topic: topic, Queues: len(route.ReadQueues()), Expression: f.expression, SQL92: f.sql92, Tags: f.tags, Broadcast: spec.Broadcast,
		From: meta.from(), Floors: meta.Floors, Later: spec.Later,
		Journal: s.client.journalDir(s.spec.ID), MaxBytes: caps.Bytes, MaxRecords: caps.Messages,
	}
	return job, nil
}

// plan decides where the subscription starts: at the journal's floors if this
// is a restart of the same subscription, at the group's own position if it has
// one, else at floors that were read just now, which floors says.
func (s *Subscription) plan(ctx context.Context, conn *Connection, route admin.Route, spec profile.Subscription, topic, group string, pressed time.Time) (meta journalMeta, own, floors bool, err error) {
	s.mu.Lock()
	meta = s.meta
	s.mu.Unlock()
	same := meta.Topic == topic && meta.Group == group && meta.Start == spec.From && meta.StartTime.Equal(spec.FromTime) && !meta.First.IsZero()
	meta.Profile, meta.ProfileName = conn.profile.ID, conn.profile.Name
	meta.Topic, meta.Group, meta.Start, meta.StartTime = topic, group, spec.From, spec.FromTime
	meta.Opened = pressed
	s.list.keepPositions(spec.Broadcast, same)
	if !spec.Broadcast {
		if own, err = conn.admin.GroupPosition(ctx, route, topic, group); err != nil {
			return meta, false, false, err
		}
	}
	switch {
	case same && spec.Broadcast:
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

// run keeps a worker running until it is told to stop.
func (s *Subscription) run(ctx context.Context, conn *Connection, job *worker.Job, release func()) {
	// The group is given back before the state says that it may be joined again.
	defer s.finish()
	defer release()
	pause := firstBackOff
	for {
		began := time.Now()
		fatal, err := s.runOnce(ctx, conn, job)
		if ctx.Err() != nil {
			return
		}
		if fatal {
			s.fail(err)
			return
		}
		if time.Since(began) > time.Minute {
			pause = firstBackOff
		}
		s.client.log.Warn("a subscription's worker ended", "group", job.Group, "topic", job.Subscription.Topic, "error", err)
		s.restarting(err)
		if sleep(ctx, pause) != nil {
			return
		}
		pause = min(2*pause, lastBackOff)
		if job.Subscription.Broadcast {
			s.list.settle()
			job.Subscription.Floors = s.list.raise(job.Subscription.Floors)
		}
	}
}

// runOnce runs one worker to its end; fatal says that another would fail too.
func (s *Subscription) runOnce(ctx context.Context, conn *Connection, job *worker.Job) (fatal bool, err error) {
	s.mu.Lock()
	job.Subscription.Paused, job.Subscription.Later = s.status.Paused, s.status.Later
	s.setState(Joining)
	s.joined, s.watched = false, nil
	s.mu.Unlock()
	job.Instance = uuid.NewString()
	var failed error
	p, err := worker.Start(s.client.executable, job, func(e worker.Event) {
		if e.Kind == worker.Failed {
			failed = startError(e.Text)
		}
		s.on(e)
	})
	if err != nil {
		return false, err
	}
	s.mu.Lock()
	s.proc = p
	paused, later := s.status.Paused, s.status.Later
	s.mu.Unlock()
	s.tell(p, job, paused, later)
	stopWatching := s.watch(ctx, conn, job)
	select {
	case <-p.Done():
	case <-ctx.Done():
		p.Stop()
	}
	stopWatching()
	err = p.Err()
	s.mu.Lock()
	s.proc = nil
	s.skippedBefore, s.filteredBefore = s.status.Skipped, s.status.Filtered
	s.mu.Unlock()
	if failed != nil {
		return s.whyFailed(ctx, conn, job, failed)
	}
	return false, err
}

// tell passes on what was switched while the worker was being started.
func (s *Subscription) tell(p *worker.Process, job *worker.Job, paused, later bool) {
	var err error
	switch {
	case paused && !job.Subscription.Paused:
		err = p.Pause()
	case !paused && job.Subscription.Paused:
		err = p.Resume()
	}
	if later != job.Subscription.Later {
		err = errors.Join(err, p.AnswerLater(later))
	}
	if err != nil {
		// The worker has ended; the next one gets it with its job.
		s.client.log.Info("a worker took no order", "error", err)
	}
}

// whyFailed tells whether a worker that could not start would fail again. The
// client library says of a name server that does not answer what it says of a
// topic that does not exist.
func (s *Subscription) whyFailed(ctx context.Context, conn *Connection, job *worker.Job, failed error) (fatal bool, err error) {
	if !errors.Is(failed, ErrTopicNotFound) {
		return false, failed
	}
	_, err = conn.admin.Route(ctx, job.Subscription.Topic)
	if err == nil {
		err = errors.New(failed.Error())
	}
	return errors.Is(err, ErrTopicNotFound), err
}

func startError(text string) error {
	if strings.Contains(text, "route info not found") {
		return fmt.Errorf("%w: %s", ErrTopicNotFound, text)
	}
	return errors.New(text)
}

// on takes the worker's events.
func (s *Subscription) on(e worker.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e.Kind {
	case worker.Started:
		s.joined = true
		s.setState(Receiving)
	case worker.Counted:
		c := e.Counters
		s.status.Skipped, s.status.Filtered = s.skippedBefore+c.Skipped, s.filteredBefore+c.Filtered
		s.status.ToGo, s.status.Waiting, s.status.TornBytes = c.ToGo, c.Waiting, c.Cut
	case worker.Blocked:
		s.blocked = e.Text != ""
		s.status.Err = nil
		if s.blocked {
			s.status.Err = blockedError(e.Text)
		}
		s.setState(Receiving)
	case worker.Trouble:
		s.trouble(e)
	}
}

// blockedError is why a worker cannot write; it came as text over a pipe.
func blockedError(text string) error {
	for _, known := range []error{journal.ErrFull, syscall.ENOSPC} {
		if strings.Contains(text, known.Error()) {
			return fmt.Errorf("%w: %s", known, text)
		}
	}
	return errors.New(text)
}

// trouble notes a failed pull. The broker answers 24 until it has seen the
// first heartbeat, so that code counts only when it is repeated.
func (s *Subscription) trouble(e worker.Event) {
	const subscriptionNotExist, groupNotExist, noPermission = 24, 26, 16
	now := time.Now()
	if e.Code == subscriptionNotExist {
		if now.Sub(s.unknownLast) > troubleLasts {
			s.unknownSince = now
		}
		s.unknownLast = now
		if now.Sub(s.unknownSince) < 2*time.Second {
			return
		}
	}
	s.troubleAt = now
	switch e.Code {
	case subscriptionNotExist:
		s.status.Err = fmt.Errorf("%w: %s", ErrSubscriptionNotKnown, e.Text)
	case groupNotExist:
		s.status.Err = fmt.Errorf("%w: %s", ErrGroupNotFound, e.Text)
	case noPermission:
		s.status.Err = fmt.Errorf("%w: %s", ErrRefused, e.Text)
	case 0:
		s.status.Err = fmt.Errorf("%w: %s", ErrUnreachable, e.Text)
	default:
		s.status.Err = fmt.Errorf("code %d: %s", e.Code, e.Text)
	}
}

// setState sets a running state; a closed gate and a full disk show through.
// s.mu is held.
func (s *Subscription) setState(st State) {
	switch {
	case st == Receiving && s.blocked:
		st = Blocked
	case st == Receiving && s.status.Paused:
		st = Paused
	case st == Receiving && !s.joined:
		st = Joining
	}
	if s.status.State != Stopping {
		s.status.State = st
	}
}

func (s *Subscription) restarting(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status.Restarts++
	s.status.Err, s.status.ToGo, s.status.Waiting = err, 0, 0
	s.blocked = false
	s.setState(Restarting)
}

func (s *Subscription) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status.Err = err
}

// finish is the end of run.
func (s *Subscription) finish() {
	s.list.settle()
	s.list.runUnder(nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status.State, s.status.Waiting, s.status.ToGo, s.status.Paused = Stopped, 0, 0, false
	s.cancel = nil
	s.blocked = false
	close(s.ended)
}

// Pause closes the gate: what has arrived and is not kept yet waits unanswered,
// and the queues stay ours.
func (s *Subscription) Pause() error { return s.gate(true) }

// Resume opens the gate.
func (s *Subscription) Resume() error { return s.gate(false) }

func (s *Subscription) gate(closed bool) error {
	s.mu.Lock()
	s.status.Paused = closed
	if s.status.State == Receiving || s.status.State == Paused {
		s.setState(Receiving)
	}
	p := s.proc
	s.mu.Unlock()
	if p == nil {
		return nil
	}
	if closed {
		return p.Pause()
	}
	return p.Resume()
}

// AnswerLater switches between "reconsume later" and success.
func (s *Subscription) AnswerLater(later bool) error {
	s.mu.Lock()
	s.status.Later, s.spec.Later = later, later
	p := s.proc
	s.mu.Unlock()
	if p == nil {
		return nil
	}
	return p.AnswerLater(later)
}

// Stop leaves the group in an orderly way and waits for it, little more than
// two seconds at most. The journal stays.
func (s *Subscription) Stop() {
	s.mu.Lock()
	if stop, started := s.stopStart, s.started; stop != nil {
		stop()
		s.mu.Unlock()
		<-started
		s.mu.Lock()
	}
	cancel, ended := s.cancel, s.ended
	if cancel != nil {
		s.status.State = Stopping
	}
	s.mu.Unlock()
	if cancel == nil {
		return
	}
	cancel()
	<-ended
}

// close stops the subscription and its reading of the journal.
func (s *Subscription) close() {
	s.Stop()
	s.list.close()
}
