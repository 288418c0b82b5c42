package session

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/profile"
	"gantry/client/worker"
)

// Pause between two workers, growing from the first to the last.
const (
	firstBackOff = 500 * time.Millisecond
	lastBackOff  = 30 * time.Second
	// longRun is after how long a worker's end is no part of a row of failures.
	longRun = time.Minute
)

// run is what runs from a start to its end: one worker after another. It belongs to the
// owner of its session; what a goroutine of its own finds out comes back as a command.
type run struct {
	s       *Session
	to      Endpoint
	spec    profile.Subscription
	meta    meta
	own     bool // the group had a position of its own
	route   cluster.Route
	job     *worker.Job
	release func() // gives the group back
	// fresh: no worker has run yet, and the group has no position.
	fresh bool

	proc   *worker.Process // nil between two workers
	began  time.Time       // of proc
	failed *fault.Fault    // why its job could not start
	pause  time.Duration   // before the next one, once there was one
	// cancel ends what is asked and awaited beside the worker.
	cancel context.CancelFunc
	over   bool // it has ended, or is ending without a worker
}

// launch starts a worker for the session's run.
func (s *Session) launch() {
	r := s.run
	sub := *r.job.Receive
	sub.Paused, sub.Later, sub.First = s.facts.paused, s.facts.later, r.fresh
	r.fresh = false
	job := *r.job
	job.Receive, job.Instance = &sub, uuid.NewString()
	r.began, r.failed = time.Now(), nil
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	proc, err := s.set.p.Program.Start(&job, func(e worker.Event) { s.order(func() { s.on(e) }) })
	if err != nil {
		cancel()
		s.again(err)
		return
	}
	r.proc = proc
	s.facts.launched()
	if job.Kind == worker.Subscribe { // a follow tells of its troubles itself
		go s.watch(ctx, r.to.Admin, &job, r.route)
	}
	go func() {
		<-proc.Done()
		s.order(func() { s.workerEnded(ctx, proc.Err()) })
	}()
}

// on takes the worker's events.
func (s *Session) on(e worker.Event) {
	if s.run == nil {
		return
	}
	switch e.Kind {
	case worker.Failed:
		s.run.failed = e.Fault
	case worker.Counted:
		s.list.Wake()
	case worker.Blocked:
		s.list.Full(errors.Is(e.Fault, fault.JournalFull))
	}
	s.facts.on(e, time.Now())
}

// stop ends the run: its worker stops in an orderly way, 2 s at most.
func (r *run) stop() {
	r.cancel()
	switch {
	case r.proc != nil:
		go r.proc.Stop() // its end is told by who waits for it
	case !r.over:
		r.over = true
		go r.s.settle(nil)
	}
}

// workerEnded decides what comes after a worker.
func (s *Session) workerEnded(ctx context.Context, err error) {
	r := s.run
	r.proc = nil
	s.facts.ended()
	switch {
	case s.facts.phase == phaseStopping:
		r.cancel()
		r.over = true
		go s.settle(nil)
	case errors.Is(err, fault.OutOfMemory):
		go func() {
			found, why := s.findTooLarge(ctx, r)
			s.order(func() { s.tooLarge(r, found, why) })
		}()
	case r.failed != nil && r.failed.Code == fault.TopicNotFound && r.failed.Said == nil:
		// The client library says of a name server that does not answer what it says of
		// a topic that does not exist.
		go func() {
			_, err := r.to.Admin.Route(ctx, r.job.Receive.Topic)
			s.order(func() { s.noRoute(r, err) })
		}()
	case r.failed != nil:
		r.cancel()
		s.again(r.failed)
	default:
		r.cancel()
		s.again(err)
	}
}

// noRoute decides what comes after a worker that found no route; err is what the name
// servers say themselves.
func (s *Session) noRoute(r *run, err error) {
	switch {
	case r.over: // stopped meanwhile
	case errors.Is(err, fault.TopicNotFound):
		r.cancel()
		r.over = true
		go s.settle(err)
	case err == nil:
		r.cancel()
		s.again(&fault.Fault{Raw: r.failed.Raw})
	default:
		r.cancel()
		s.again(err)
	}
}

// again starts another worker after a pause.
func (s *Session) again(why error) {
	r := s.run
	if r.pause == 0 || time.Since(r.began) > longRun {
		r.pause = firstBackOff
	}
	s.set.p.Log.Warn("a subscription's worker ended", "kind", r.job.Kind, "group", r.job.Group, "topic", r.job.Receive.Topic, "error", why)
	s.facts.waits(why)
	ctx, cancel := context.WithCancel(context.Background())
	r.cancel = cancel
	pause := r.pause
	r.pause = min(2*r.pause, lastBackOff)
	raise := r.spec.Broadcast || r.spec.Follow
	go func() {
		defer cancel()
		select {
		case <-ctx.Done():
			return // stop has seen to it
		case <-time.After(pause):
		}
		var floors map[string]int64
		if raise {
			s.list.Settle()
			floors = s.list.Raise(r.job.Receive.Floors)
		}
		s.order(func() {
			if r.over || ctx.Err() != nil {
				return
			}
			if raise {
				r.job.Receive.Floors = floors
			}
			s.launch()
		})
	}()
}

// settle is the end of a run: the list takes in what came last, the group is given back,
// and the session is stopped. It belongs to no command, because it reads the disk.
func (s *Session) settle(why error) {
	s.list.Settle()
	s.list.RunUnder(nil)
	s.order(func() {
		// The group is given back before the state says that it may be joined again.
		s.run.release()
		if s.facts.phase == phaseStopping {
			why = nil
		}
		s.run = nil
		s.facts.stopped(why)
		s.publish() // who waits looks
		close(s.stopped)
	})
}
