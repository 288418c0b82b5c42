package task

import (
	"context"
	"slices"
	"sync"
	"time"
)

// Job is a piece of work that is never superseded. Its methods are called on
// the main goroutine.
type Job struct {
	title   string
	started time.Time
	cancel  context.CancelFunc
	said    string // what the status line shows after the title; main goroutine

	mu      sync.Mutex
	next    string // the newest word of work, guarded by mu
	pending bool   // a hand-over of next is on its way, guarded by mu
}

// Title returns what the job does, in the user's words.
func (j *Job) Title() string { return j.title }

// Progress returns the newest word that the work said about itself, or "".
func (j *Job) Progress() string { return j.said }

// Started returns when the job was started.
func (j *Job) Started() time.Time { return j.started }

// Cancel asks the work to leave. The job stays listed until it has left, and
// its done runs with whatever error the work then returns.
func (j *Job) Cancel() { j.cancel() }

// Job starts work and lists it. progress may be called by work from its
// goroutine as often as it likes: only the newest text reaches the window.
// done runs on the main goroutine once work has left, except after Close; nil
// is allowed. On a closed Runner nothing runs.
func (r *Runner) Job(title string, work func(ctx context.Context, progress func(string)) error, done func(error)) *Job {
	ctx, cancel := context.WithCancel(r.ctx)
	j := &Job{title: title, started: time.Now(), cancel: cancel}
	if r.closed.Load() {
		cancel()
		return j
	}
	r.jobs = append(r.jobs, j)
	r.tellJobs()
	r.spawn(func() {
		defer cancel()
		_, err := guard(ctx, func(ctx context.Context) (struct{}, error) {
			return struct{}{}, work(ctx, func(text string) { r.say(j, text) })
		})
		r.hand(func() {
			r.jobs = slices.DeleteFunc(r.jobs, func(o *Job) bool { return o == j })
			r.tellJobs()
			if done != nil {
				done(err)
			}
		})
	})
	return j
}

// say keeps text as the job's newest word and hands it over unless a hand-over
// is already under way: a fast loop must not fill Fyne's unbounded queue.
func (r *Runner) say(j *Job, text string) {
	j.mu.Lock()
	j.next = text
	post := !j.pending
	j.pending = true
	j.mu.Unlock()
	if !post {
		return
	}
	r.hand(func() {
		j.mu.Lock()
		j.pending = false
		j.said = j.next
		j.mu.Unlock()
		r.tellJobs()
	})
}

// Jobs returns the running jobs, oldest first.
func (r *Runner) Jobs() []*Job { return slices.Clone(r.jobs) }

// OnJobs adds a listener that runs when a job starts, says something or ends.
func (r *Runner) OnJobs(f func()) { r.onJobs = append(r.onJobs, f) }

func (r *Runner) tellJobs() {
	for _, f := range r.onJobs {
		f()
	}
}
