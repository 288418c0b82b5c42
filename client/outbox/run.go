package outbox

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"gantry/client/fault"
	"gantry/client/outbox/plan"
	"gantry/client/worker"
)

// Phase says how a run stands.
type Phase string

// The phases.
const (
	Starting Phase = "starting"
	Sending  Phase = "sending"
	// Pausing: nothing leaves any more, and something is under way; then it is Paused.
	Pausing  Phase = "pausing"
	Paused   Phase = "paused"
	Stopping Phase = "stopping"
	// Stopped: it was ended before its end, by order or by a message that was not stored.
	Stopped Phase = "stopped"
	// Complete: each message was sent.
	Complete Phase = "complete"
	// Interrupted: who sent it died; nobody said that it should end.
	Interrupted Phase = "interrupted"
)

// Over tells whether nothing is sent any more.
func (p Phase) Over() bool { return p == Stopped || p == Complete || p == Interrupted }

// Status is a snapshot of a run.
type Status struct {
	Phase  Phase
	Counts Counts
	Speed  Speed
	// Planned is how many messages the run has; the rows of a source that could not be
	// read make it fewer.
	Planned int64
	// Err is why it ended early, Blocked why nothing leaves now: nothing can be written
	// down, until it can; or, where Alike is not 0, so many messages in a row failed for that
	// cause, and the run has paused by itself, until Resume.
	Err, Blocked error
	Alike        int64
	Begun, Ended time.Time
}

// Run is a run, which is at work or has ended, and its messages. It may be used from any
// goroutine; Stop waits.
type Run struct {
	*Sends
	store *Store
	id    string
	dir   string
	plan  *plan.Plan

	mu      sync.Mutex
	meta    meta
	phase   Phase
	proc    *worker.Process // nil while none works
	ended   chan struct{}   // closed at proc's end
	overs   chan struct{}   // closed when proc sends nothing any more
	noted   chan struct{}   // closed when the end that proc told of is noted; nil before it told
	again   bool            // proc sends again what was sent before
	begun   bool            // it counts as one that sends
	err     error
	blocked error
	// alike is how many messages in a row failed for cause, while the run is paused for that.
	alike int64
	cause error
}

// ID names the run in its data folder.
func (r *Run) ID() string { return r.id }

// Plan is what the run was to do. It must not be changed.
func (r *Run) Plan() *plan.Plan { return r.plan }

// Info says what the run is.
func (r *Run) Info() Info {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.info()
}

func (r *Run) info() Info {
	i := r.meta.info(r.id)
	i.Phase = r.phase
	// What is read back behind the end is in the journal only, which may not be read yet.
	if now := r.Counts(); now.Left() >= i.Counts.Left() {
		i.Counts = now
	}
	return i
}

// Status returns a snapshot. It takes short locks only.
func (r *Run) Status() Status {
	now := time.Now()
	r.mu.Lock()
	st := Status{
		Phase: r.phase, Planned: r.plan.Count, Err: r.err, Blocked: r.blocked, Alike: r.alike, Begun: r.meta.Begun, Ended: r.meta.Ended,
	}
	if st.Alike > 0 {
		st.Blocked = r.cause
	}
	r.mu.Unlock()
	st.Counts, st.Speed = r.Counts(), r.Speed(now)
	return st
}

// work starts a worker for the run: to go on, or to send some rows again.
func (r *Run) work(access worker.Access, secrets map[string]string, rows []uint64) error {
	if !r.Status().Phase.Over() {
		return fault.Busy
	}
	r.kill() // it may read back what was sent
	r.mu.Lock()
	r.phase, r.err, r.again = Starting, nil, rows != nil
	r.blocked, r.alike = nil, 0
	r.meta.Ended, r.meta.Phase = time.Time{}, ""
	r.mu.Unlock()
	r.list.Settle()
	job := access.Job(worker.SendRun, r.plan.ProducerGroup)
	job.Run = &worker.Run{Dir: r.dir, Secrets: secrets}
	job.Run.Seq, job.Run.After = r.next()
	if rows == nil {
		job.Run.Gaps = r.gaps()
	}
	if rows != nil {
		job.Run.Again = r.records(rows)
	}
	if err := r.meta.save(r.dir); err != nil {
		r.over(Interrupted, err)
		return err
	}
	r.sending(1)
	r.mu.Lock() // on waits until proc is set
	r.begun = true
	proc, err := r.store.p.Program.Start(job, r.on)
	if err != nil {
		r.mu.Unlock()
		r.over(Interrupted, err)
		return err
	}
	defer r.mu.Unlock()
	r.proc, r.ended, r.overs, r.noted = proc, make(chan struct{}), make(chan struct{}), nil
	go r.follow(proc, r.ended)
	return nil
}

// on takes the worker's events.
func (r *Run) on(e worker.Event) {
	r.mu.Lock()
	switch {
	case e.Kind == worker.Started && r.phase == Starting:
		r.phase = Sending
	case e.Kind == worker.Failed:
		r.err = e.Fault
	case e.Kind == worker.Blocked:
		r.blocked = nil
		if e.Fault != nil {
			r.blocked = e.Fault
		}
	case e.Kind == worker.Running && e.Ran != nil:
		r.ran(e)
	}
	r.mu.Unlock()
	if err := r.list.Open(); err != nil {
		r.store.p.Log.Warn("a run's journal cannot be read", "error", err)
	}
	r.list.Wake()
	r.tell()
}

// ran takes what the worker says of the run; r.mu is held.
func (r *Run) ran(e worker.Event) {
	switch {
	case e.Ran.Proven:
		go r.proc.Stop()
	case e.Ran.Ended:
		if e.Fault != nil {
			r.err = e.Fault
		}
		noted := make(chan struct{})
		r.noted = noted
		go func() {
			r.finished(e.Ran.Complete)
			close(noted)
		}()
	case r.phase.Over() || r.phase == Stopping:
	case e.Ran.Alike > 0 && e.Fault != nil:
		r.phase, r.alike, r.cause = Pausing, e.Ran.Alike, e.Fault
	case e.Ran.Paused && r.phase == Pausing:
		r.phase = Paused
	}
}

// finished notes that nothing is sent any more, though it may be read back.
func (r *Run) finished(complete bool) {
	r.list.Settle()
	made := r.Made()
	r.mu.Lock()
	// What failed was sent once more: whether the run is complete, its rows say.
	complete = complete && (!r.again || made >= r.plan.Count)
	r.mu.Unlock()
	phase := Stopped
	if complete {
		phase = Complete
	}
	r.over(phase, nil)
}

// follow waits for the worker's end.
func (r *Run) follow(proc *worker.Process, ended chan struct{}) {
	<-proc.Done()
	if err := r.list.Open(); err != nil {
		r.store.p.Log.Warn("a run's journal cannot be read", "error", err)
	}
	r.list.Settle()
	err := proc.Err()
	r.mu.Lock()
	noted := r.noted
	r.mu.Unlock()
	if noted != nil { // how it ended is what the worker said, also where it was gone sooner than that was noted
		<-noted
	}
	r.mu.Lock()
	r.proc = nil
	over := r.phase.Over()
	r.mu.Unlock()
	switch {
	case over:
		r.proven()
	case err == nil: // we told it to
		r.over(Stopped, nil)
	default:
		r.over(Interrupted, err)
	}
	close(ended)
}

// proven writes down how many messages were read back in the end.
func (r *Run) proven() {
	r.mu.Lock()
	r.meta.Counts = r.Counts()
	m, dir := r.meta, r.dir
	r.mu.Unlock()
	if err := m.save(dir); err != nil {
		r.store.p.Log.Warn("a run's meta.json was not written", "error", err)
	}
	r.tell()
}

// over writes down how the run ended.
func (r *Run) over(phase Phase, err error) {
	r.mu.Lock()
	if r.phase.Over() {
		r.mu.Unlock()
		return
	}
	if r.begun {
		r.begun = false
		r.sending(-1)
	}
	if r.err == nil {
		r.err = err
	}
	r.phase, r.blocked, r.alike = phase, nil, 0
	r.meta.Phase, r.meta.Ended, r.meta.Counts = phase, time.Now(), r.Counts()
	m, dir := r.meta, r.dir
	if r.overs != nil {
		close(r.overs)
		r.overs = nil
	}
	r.mu.Unlock()
	if err := m.save(dir); err != nil {
		r.store.p.Log.Warn("a run's meta.json was not written", "error", err)
	}
	r.tell()
}

// Pause lets nothing more leave until Resume.
func (r *Run) Pause() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.proc == nil || r.phase != Sending && r.phase != Starting {
		return nil
	}
	r.phase = Pausing
	return r.proc.Pause()
}

// Resume lets a paused run go on.
func (r *Run) Resume() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.proc == nil || r.phase != Pausing && r.phase != Paused {
		return nil
	}
	r.phase, r.alike = Sending, 0
	return r.proc.Resume()
}

// haltLimit is how long what is under way may take when a run is stopped: a send and the
// library's search for a route.
const haltLimit = 12 * time.Second

// Stop ends the run: nothing more leaves, and what is under way comes to its end, unless
// ctx ends first: then it stays uncertain. It waits for that.
func (r *Run) Stop(ctx context.Context) {
	r.mu.Lock()
	proc, ended, over := r.proc, r.ended, r.overs
	if proc == nil || over == nil {
		r.mu.Unlock()
		return
	}
	r.phase = Stopping
	err := proc.Halt()
	r.mu.Unlock()
	r.tell()
	ctx, cancel := context.WithTimeout(ctx, haltLimit)
	defer cancel()
	if err == nil {
		select {
		case <-over:
			return
		case <-ctx.Done():
		}
	}
	proc.Stop()
	<-ended
}

// Proving tells whether messages of an ended run are still read back.
func (r *Run) Proving() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.proc != nil && r.phase.Over()
}

// Wait waits until nothing is sent any more.
func (r *Run) Wait(ctx context.Context) error {
	r.mu.Lock()
	over := r.overs
	r.mu.Unlock()
	if over == nil {
		return nil
	}
	select {
	case <-over:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// kill ends the run's worker, if there is one, within two seconds, without waiting for what
// is under way.
func (r *Run) kill() {
	r.mu.Lock()
	proc, ended := r.proc, r.ended
	r.mu.Unlock()
	if proc != nil {
		proc.Stop()
		<-ended
	}
}

// Seed returns a seed for a new plan.
func Seed() uint64 { return rand.Uint64() }
