package client

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"

	"gantry/client/admin"
	"gantry/client/fault"
	"gantry/client/worker"
)

// troubleLasts is for how long a failed pull counts: the library repeats it
// every three seconds while it lasts.
const troubleLasts = 8 * time.Second

// someBroker stands for a broker whose address the library does not tell.
const someBroker = "a broker"

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
		s.client.log.Warn("a subscription's worker ended", "kind", job.Kind, "group", job.Group, "topic", job.Subscription.Topic, "error", err)
		s.restarting(err)
		if sleep(ctx, pause) != nil {
			return
		}
		pause = min(2*pause, lastBackOff)
		if job.Subscription.Broadcast || job.Kind == worker.Follow {
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
	stopWatching := func() {}
	if job.Kind == worker.Subscribe { // a follow tells of its troubles itself
		stopWatching = s.watch(ctx, conn, job)
	}
	select {
	case <-p.Done():
	case <-ctx.Done():
		p.Stop()
	}
	stopWatching()
	err = p.Err()
	s.mu.Lock()
	s.proc = nil
	s.skippedBefore, s.filteredBefore, s.missedBefore = s.status.Skipped, s.status.Filtered, s.status.Missed
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
	if !errors.Is(failed, fault.TopicNotFound) {
		return false, failed
	}
	_, err = conn.admin.Route(ctx, job.Subscription.Topic)
	if err == nil {
		err = errors.New(failed.Error())
	}
	return errors.Is(err, fault.TopicNotFound), err
}

func startError(text string) error {
	if strings.Contains(text, "route info not found") {
		return fmt.Errorf("%w: %s", fault.TopicNotFound, text)
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
		s.status.Missed = s.missedBefore + c.Missed
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
	for _, known := range []error{fault.JournalFull, syscall.ENOSPC} {
		if strings.Contains(text, known.Error()) {
			return fmt.Errorf("%w: %s", known, text)
		}
	}
	return errors.New(text)
}

// trouble notes a failed pull. The broker answers 24 until it has seen the
// first heartbeat, so that code counts only when it is repeated.
func (s *Subscription) trouble(e worker.Event) {
	const subscriptionNotExist = 24
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
	s.troubleAt, s.troubleUnanswered = now, e.Code == 0
	switch e.Code {
	case subscriptionNotExist:
		s.status.Err = fmt.Errorf("%w: %s", fault.SubscriptionNotKnown, e.Text)
	case 0:
		s.status.Err = failure(0, e.Text)
	default:
		s.status.Err = admin.Refusal(e.Code, e.Text, someBroker)
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
