package session

import (
	"errors"
	"time"

	"gantry/client/fault"
	"gantry/client/tail"
	"gantry/client/worker"
)

// State is what a session does.
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

// Running tells whether a worker is there or is to come.
func (s State) Running() bool { return s != Stopped }

// Status is a snapshot of a session.
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
	// Sifts: the start that runs, or ran last, keeps only what fits a filter of any field.
	// Fit is how many did, Filtered how many did not.
	Sifts bool
	Fit   int64
	// GaveUp are those of Filtered that jq gave up at.
	GaveUp fault.GaveUp
	// Missed are messages that the broker had deleted before a follow came to them.
	Missed int64
	// Gap is how many messages are missing before what came first: the cluster began
	// elsewhere than it was asked to, or deleted them.
	Gap      int64
	ToGo     int64
	Waiting  int64
	Restarts int
	// TornBytes were cut off the journal's end when the worker started last.
	TornBytes int64
	// Count is how much of the journal is there.
	tail.Count
}

// phase is what the owner of a session is at.
type phase int

const (
	phaseStopped phase = iota
	phaseChecking
	phaseRunning // a worker runs
	phaseWaiting // for the next one
	phaseStopping
)

// troubleLasts is for how long a failed pull counts: the library repeats it
// every three seconds while it lasts.
const troubleLasts = 8 * time.Second

// unknownFor is how long a broker may not know the subscription before that counts: it
// answers so until it has seen the first heartbeat.
const unknownFor = 2 * time.Second

// facts are all that is known of a session at a moment. It is a value.
type facts struct {
	phase phase
	// err is why the last start failed, or why the last worker ended.
	err                 error
	joined, ownPosition bool
	paused, later       bool
	// sifts: the worker keeps only what fits.
	sifts bool
	// blocked is why messages cannot be written, nil if they can.
	blocked error
	// counted is what the worker counted last, before what those before it in this
	// start did.
	counted, before worker.Counters
	restarts        int
	// trouble is why a pull failed last, at troubleAt.
	trouble   error
	troubleAt time.Time
	// unanswered: no server answered that pull.
	unanswered                bool
	unknownSince, unknownLast time.Time // of fault.SubscriptionNotKnown
	// watched is what our own question for the group's members found wrong last.
	watched error
}

// begin is how a start begins.
func (f *facts) begin(later bool) { *f = facts{phase: phaseChecking, later: later} }

// launched notes that a worker runs.
func (f *facts) launched() {
	f.phase, f.joined, f.watched, f.blocked = phaseRunning, false, nil, nil
}

// ended notes that the worker has ended.
func (f *facts) ended() {
	f.before.Received += f.counted.Received
	f.before.Skipped += f.counted.Skipped
	f.before.Filtered += f.counted.Filtered
	f.before.GaveUp = f.before.GaveUp.Also(f.counted.GaveUp)
	f.before.Missed += f.counted.Missed
	f.before.Gap += f.counted.Gap
	f.counted = worker.Counters{Cut: f.counted.Cut}
	f.blocked = nil
}

// waits notes why another worker is to be started.
func (f *facts) waits(err error) {
	f.phase, f.err = phaseWaiting, err
	f.restarts++
}

// stopped notes the end; err is why, nil where it was asked for.
func (f *facts) stopped(err error) {
	f.phase, f.err, f.paused, f.watched = phaseStopped, err, false, nil
}

// on takes a worker's event at a time.
func (f *facts) on(e worker.Event, now time.Time) {
	switch e.Kind {
	case worker.Started:
		f.joined = true
	case worker.Counted:
		f.counted = *e.Counters
	case worker.Blocked:
		f.blocked = nil
		if e.Fault != nil {
			f.blocked = e.Fault
		}
	case worker.Trouble:
		f.troubled(e.Fault, now)
	}
}

func (f *facts) troubled(why *fault.Fault, now time.Time) {
	if errors.Is(why, fault.SubscriptionNotKnown) {
		if now.Sub(f.unknownLast) > troubleLasts {
			f.unknownSince = now
		}
		f.unknownLast = now
		if now.Sub(f.unknownSince) < unknownFor {
			return
		}
	}
	f.trouble, f.troubleAt, f.unanswered = why, now, why.Said == nil
}

// status is what the facts mean at a time.
func (f *facts) status(now time.Time) Status {
	st := Status{
		OwnPosition: f.ownPosition, Later: f.later, Paused: f.paused, Restarts: f.restarts,
		Skipped: f.before.Skipped + f.counted.Skipped, Filtered: f.before.Filtered + f.counted.Filtered,
		Sifts: f.sifts, GaveUp: f.before.GaveUp.Also(f.counted.GaveUp),
		Missed: f.before.Missed + f.counted.Missed, Gap: f.before.Gap + f.counted.Gap, TornBytes: f.counted.Cut,
	}
	if f.sifts {
		st.Fit = f.before.Received + f.counted.Received
	}
	switch f.phase {
	case phaseStopped:
		st.State, st.Err = Stopped, f.err
	case phaseChecking:
		st.State = Checking
	case phaseWaiting:
		st.State, st.Err = Restarting, f.err
	case phaseStopping:
		st.State = Stopping
	case phaseRunning:
		st.ToGo, st.Waiting = f.counted.ToGo, f.counted.Waiting
		st.State, st.Err = f.running(now)
	}
	return st
}

// running is the state while a worker runs. A full disk shows through a closed gate, and
// both through what the brokers say.
func (f *facts) running(now time.Time) (State, error) {
	troubled := f.trouble != nil && now.Sub(f.troubleAt) < troubleLasts
	switch {
	case f.blocked != nil:
		return Blocked, f.blocked
	case f.paused && (f.counted.Closed || !f.joined): // else the worker has not closed it yet
		return Paused, nil
	case f.watched != nil && (!troubled || f.unanswered):
		// Our own question found the reason, of which a pull has only a text.
		return Troubled, f.watched
	case troubled:
		return Troubled, f.trouble
	case !f.joined:
		return Joining, nil
	case f.counted.ToGo > 0:
		return Skipping, nil
	}
	return Receiving, nil
}

// Status returns a snapshot. It takes short locks only.
func (s *Session) Status() Status {
	f := s.snapshot.Load().facts
	st := f.status(time.Now())
	st.Count = s.list.Count()
	return st
}
