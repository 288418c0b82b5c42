// Package task is the only place that starts a goroutine for the window.
//
// A Runner belongs to the window and is used on Fyne's main goroutine: Ask,
// Job, Every, After, Scope.Close and Close are called there, and every done,
// progress listener and tick runs there, handed over by the Runner's do
// function (fyne.Do in the program, a loop of their own in tests). Work runs on
// a goroutine of its own and must leave when its context ends; what it returns
// afterwards is dropped.
//
// A query, made by Ask, belongs to its screen: a newer one of the same scope and key
// supersedes it, and closing the scope ends it. A job (send, save, delete) is
// never superseded: it is listed until it ends by itself, by Cancel or by Close.
package task

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"
)

// PanicError is what a panic in work becomes: the window stays, the action
// fails, and the stack is there to be copied.
type PanicError struct {
	Value any    // what was passed to panic
	Stack []byte // of the goroutine that panicked
}

// Error says what happened in one line, without the stack.
func (e *PanicError) Error() string { return fmt.Sprintf("internal error: %v", e.Value) }

// Detail returns the line and the stack, for a Details fold or a log.
func (e *PanicError) Detail() string { return e.Error() + "\n\n" + string(e.Stack) }

// Runner runs work beside the main goroutine. Use New.
type Runner struct {
	do     func(func())
	ctx    context.Context
	cancel context.CancelFunc
	closed atomic.Bool    // read by workers before they hand over
	work   sync.WaitGroup // every goroutine of this Runner

	tickers atomic.Int64 // that run

	// Main goroutine only.
	jobs   []*Job
	onJobs []func()
}

// New returns a Runner that hands functions to the main goroutine through do,
// which must queue them in order and never run two at once.
func New(do func(func())) *Runner {
	ctx, cancel := context.WithCancel(context.Background())
	return &Runner{do: do, ctx: ctx, cancel: cancel}
}

// Close cancels every query, job and ticker and waits at most timeout for their
// goroutines to leave; it reports whether all left. No done and no tick runs
// after it. A closed Runner drops what it is given.
func (r *Runner) Close(timeout time.Duration) bool {
	r.closed.Store(true)
	r.cancel()
	r.jobs = nil
	left := make(chan struct{})
	go func() { r.work.Wait(); close(left) }()
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	select {
	case <-left:
		return true
	case <-timer.C:
		return false
	}
}

// spawn runs f on a goroutine that Close waits for.
func (r *Runner) spawn(f func()) {
	if r.closed.Load() {
		return
	}
	r.work.Add(1)
	go func() {
		defer r.work.Done()
		f()
	}()
}

// hand gives f to the main goroutine. After Close f is dropped there too: Fyne
// runs late functions on the caller's goroutine, which must not touch a screen.
func (r *Runner) hand(f func()) {
	if r.closed.Load() {
		return
	}
	r.do(func() {
		if !r.closed.Load() {
			f()
		}
	})
}

// Beside runs work on a goroutine of its own and returns what waits for it. It is for the
// start alone: the main loop does not run yet, so that the main goroutine may wait, and
// nothing is there yet that a panic could leave standing: it is an error of wait.
func Beside(work func() error) (wait func() error) {
	left := make(chan error, 1)
	go func() {
		_, err := guard(context.Background(), func(context.Context) (struct{}, error) { return struct{}{}, work() })
		left <- err
	}()
	return func() error { return <-left }
}

// guard calls work and turns a panic into an error.
func guard[T any](ctx context.Context, work func(context.Context) (T, error)) (v T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &PanicError{Value: p, Stack: debug.Stack()}
		}
	}()
	return work(ctx)
}
