// Package session runs subscriptions and follows: each with its journal, its worker,
// and its state.
//
// A Session is owned by one goroutine: commands go in, snapshots come out. Its methods
// may be called from any goroutine. Spec, Status and Range take short locks only and may
// be called on the window's main goroutine; what takes a context, waits or reads the disk
// says so and may not.
package session

import (
	"context"
	"sync"
	"sync/atomic"

	"gantry/client/filter"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/tail"
	"gantry/client/worker"
)

// Session is one subscription or follow of a profile, with its journal. It is opened
// stopped; Start joins the group in a worker of its own, or follows the topic. A worker
// that dies is started again with the same group, floors and journal, and the brokers are
// asked whether they list it.
type Session struct {
	set  *Set
	id   string
	list *tail.Tail

	do     chan func()   // commands for the owner
	quit   chan struct{} // closed by close
	gone   chan struct{} // closed when the owner has ended
	ending sync.Once

	snapshot atomic.Pointer[snapshot]
	changed  atomic.Pointer[func()]

	// What follows belongs to the owner.
	facts   facts
	spec    profile.Subscription
	meta    meta
	stopped chan struct{} // closed while nothing runs
	giveUp  func()        // ends the check, while Checking
	run     *run          // nil unless a worker runs or is to run
	stuck   *stuckAt      // the message that ended the last run, see large.go
}

// snapshot is what others see of the owner's state; it is never changed.
type snapshot struct {
	facts facts
	spec  profile.Subscription
	meta  meta
	pid   int
}

func newSession(set *Set, spec profile.Subscription, m meta) *Session {
	s := &Session{
		set: set, id: spec.ID, spec: spec, meta: m,
		do: make(chan func()), quit: make(chan struct{}), gone: make(chan struct{}), stopped: make(chan struct{}),
	}
	close(s.stopped)
	s.facts.later = spec.Later
	s.list = tail.New(tail.Params{ID: spec.ID, Dir: set.dir(spec.ID), Room: set.p.Room, Log: set.p.Log, Changed: s.tell, Standing: m.standing()})
	s.publish()
	return s
}

// own carries out commands until the session is closed.
func (s *Session) own() {
	defer close(s.gone)
	for {
		select {
		case f := <-s.do:
			f()
			s.publish()
		case <-s.quit:
			return
		}
	}
}

// order has the owner carry out f and waits for it; false says that the session is
// closed and f was not.
func (s *Session) order(f func()) bool {
	done := make(chan struct{})
	select {
	case s.do <- func() { f(); s.publish(); close(done) }:
		<-done
		return true
	case <-s.gone:
		return false
	}
}

// publish hands out how it is now.
func (s *Session) publish() {
	n := &snapshot{facts: s.facts, spec: s.spec, meta: s.meta}
	if s.run != nil && s.run.proc != nil {
		n.pid = s.run.proc.PID()
	}
	s.snapshot.Store(n)
	s.tell()
}

// OnChange has f called when the status or the list has changed, from any goroutine; it
// must not wait. nil ends that.
func (s *Session) OnChange(f func()) {
	if f == nil {
		s.changed.Store(nil)
		return
	}
	s.changed.Store(&f)
}

func (s *Session) tell() {
	if f := s.changed.Load(); f != nil {
		(*f)()
	}
}

// Spec returns the subscription's form as it was started or opened last.
func (s *Session) Spec() profile.Subscription { return s.snapshot.Load().spec }

// PID is the process id of the worker, 0 while there is none.
func (s *Session) PID() int { return s.snapshot.Load().pid }

// Range returns the number of the oldest message kept and the one after the
// newest.
func (s *Session) Range() (first, next uint64) { return s.list.Range() }

// Record reads a record of the journal: fault.Evicted if it is no longer kept. It
// reads from disk.
func (s *Session) Record(n uint64) (*message.Record, error) { return s.list.Record(n) }

// Sift returns the numbers of records of the list that fit, see tail.Tail.Sift.
func (s *Session) Sift(ctx context.Context, from, to uint64, keep filter.Filter) ([]uint64, uint64, error) {
	return s.list.Sift(ctx, from, to, keep)
}

// Times copies when messages of the list were stored, see tail.Tail.Times.
func (s *Session) Times(from uint64, dst []int64) (first uint64, n int) {
	return s.list.Times(from, dst)
}

// Each calls do with messages of the list, see tail.Tail.Each.
func (s *Session) Each(ctx context.Context, from, to uint64, do func(n uint64, m *message.Message)) error {
	return s.list.Each(ctx, from, to, do)
}

// Pause closes the gate: what has arrived and is not kept yet waits unanswered,
// and the queues stay ours.
func (s *Session) Pause() error {
	return s.tellWorker(func() { s.facts.paused = true }, (*worker.Process).Pause)
}

// Resume opens the gate.
func (s *Session) Resume() error {
	return s.tellWorker(func() { s.facts.paused = false }, (*worker.Process).Resume)
}

// AnswerLater switches between "reconsume later" and success.
func (s *Session) AnswerLater(later bool) error {
	return s.tellWorker(func() { s.facts.later, s.spec.Later = later, later },
		func(p *worker.Process) error { return p.AnswerLater(later) })
}

// tellWorker notes what was switched and passes it on; a worker that starts later gets
// it with its job.
func (s *Session) tellWorker(note func(), pass func(*worker.Process) error) (err error) {
	s.order(func() {
		note()
		if s.run != nil && s.run.proc != nil {
			err = pass(s.run.proc)
		}
	})
	return err
}

// Stop leaves the group in an orderly way and waits for it, little more than
// two seconds at most. The journal stays.
func (s *Session) Stop() {
	var stopped chan struct{}
	s.order(func() {
		stopped = s.stopped
		switch {
		case s.giveUp != nil:
			s.giveUp()
		case s.run != nil:
			s.facts.phase = phaseStopping
			s.run.stop()
		}
	})
	if stopped != nil {
		<-stopped
	}
}

// close stops the session and its reading of the journal.
func (s *Session) close() {
	s.ending.Do(func() {
		s.Stop()
		close(s.quit)
		<-s.gone
		s.list.Close()
	})
}
