package client

import (
	"context"
	"sync"
	"time"

	"gantry/client/cluster"
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
	// Missed are messages that the broker had deleted before a follow came to them.
	Missed   int64
	ToGo     int64
	Waiting  int64
	Restarts int
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

// Subscription is one subscription of a profile with its journal. It is opened
// stopped; Start joins the group in a worker of its own, or follows the topic
// (start.go). A worker
// that dies is started again with the same group, floors and journal (run.go),
// and the brokers are asked whether they list it (watch.go).
type Subscription struct {
	client *Client
	list   *follower

	mu     sync.Mutex
	spec   profile.Subscription
	meta   journalMeta
	status Status
	route  cluster.Route // of the topic, when it was started
	proc   *worker.Process
	cancel context.CancelFunc // of run, nil while stopped
	ended  chan struct{}      // closed when run has ended
	// what earlier workers of this start counted
	skippedBefore, filteredBefore, missedBefore int64
	troubleAt                                   time.Time
	troubleUnanswered                           bool      // no broker answered the pull that failed last
	unknownSince, unknownLast                   time.Time // of code 24
	watched                                     error     // what watch found wrong last
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
	s := &Subscription{client: c, spec: spec, list: newFollower(c, spec.ID, c.journalDir(spec.ID))}
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
	troubled := !s.troubleAt.IsZero() && time.Since(s.troubleAt) < troubleLasts
	switch {
	case quiet && s.watched != nil && (!troubled || s.troubleUnanswered):
		// Our own question found the reason, of which a pull has only a text.
		st.State, st.Err = Troubled, s.watched
	case quiet && troubled:
		st.State = Troubled
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

// Record reads a record of the journal: fault.Evicted if it is no longer kept. It
// reads from disk.
func (s *Subscription) Record(n uint64) (*message.Record, error) { return s.list.record(n) }

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
