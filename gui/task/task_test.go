package task

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// loop stands in for Fyne's main goroutine: an unbounded queue and one
// goroutine that runs what is in it.
type loop struct {
	mu    sync.Mutex
	queue []func()
	wake  chan struct{}
	depth int // the longest the queue has been
}

func newLoop(t *testing.T) *loop {
	l := &loop{wake: make(chan struct{}, 1)}
	quit := make(chan struct{})
	t.Cleanup(func() { close(quit) })
	go func() {
		for {
			select {
			case <-quit:
				return
			case <-l.wake:
			}
			for f := l.next(); f != nil; f = l.next() {
				f()
			}
		}
	}()
	return l
}

func (l *loop) next() func() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.queue) == 0 {
		return nil
	}
	f := l.queue[0]
	l.queue = l.queue[1:]
	return f
}

func (l *loop) do(f func()) {
	l.mu.Lock()
	l.queue = append(l.queue, f)
	l.depth = max(l.depth, len(l.queue))
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// call runs f on the loop and waits for it.
func (l *loop) call(f func()) {
	done := make(chan struct{})
	l.do(func() { f(); close(done) })
	<-done
}

// bubble runs a test body in a synctest bubble with a loop and a Runner.
func bubble(t *testing.T, body func(t *testing.T, l *loop, r *Runner)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := newLoop(t)
		r := New(l.do)
		t.Cleanup(func() { r.Close(time.Minute) })
		body(t, l, r)
	})
}

func TestNewerQuestionSupersedes(t *testing.T) {
	bubble(t, func(t *testing.T, l *loop, r *Runner) {
		var got []string
		var cancelled bool
		l.call(func() {
			s := r.Scope()
			Ask(r, s, "k", func(ctx context.Context) (string, error) {
				<-ctx.Done()
				cancelled = true
				return "old", nil
			}, func(v string, err error) { got = append(got, v) })
			Ask(r, s, "k", func(ctx context.Context) (string, error) {
				time.Sleep(time.Second)
				return "new", nil
			}, func(v string, err error) { got = append(got, v) })
			Ask(r, s, "other", func(ctx context.Context) (string, error) {
				return "other", nil
			}, func(v string, err error) { got = append(got, v) })
		})
		time.Sleep(2 * time.Second)
		synctest.Wait()
		l.call(func() {
			if fmt.Sprint(got) != "[other new]" {
				t.Errorf("done ran with %v", got)
			}
		})
		if !cancelled {
			t.Error("the superseded query kept its context")
		}
	})
}

func TestClosedScopeDropsAnswers(t *testing.T) {
	bubble(t, func(t *testing.T, l *loop, r *Runner) {
		ran := false
		var s *Scope
		l.call(func() {
			s = r.Scope()
			Ask(r, s, "k", func(ctx context.Context) (int, error) {
				time.Sleep(time.Second) // deaf to its context
				return 1, nil
			}, func(int, error) { ran = true })
			r.Every(s, time.Second, func() { ran = true })
			r.After(s, time.Second, func() { ran = true })
		})
		l.call(func() {
			s.Close()
			Ask(r, s, "k", func(ctx context.Context) (int, error) { return 2, nil }, func(int, error) { ran = true })
		})
		time.Sleep(5 * time.Second)
		synctest.Wait()
		l.call(func() {
			if ran {
				t.Error("a closed scope still answered")
			}
		})
	})
}

func TestPanicBecomesAnError(t *testing.T) {
	bubble(t, func(t *testing.T, l *loop, r *Runner) {
		var err error
		l.call(func() {
			r.Job("boom", func(context.Context, func(string)) error { panic("oh") }, func(e error) { err = e })
		})
		synctest.Wait()
		l.call(func() {})
		var p *PanicError
		if !errors.As(err, &p) || p.Error() != "internal error: oh" || !strings.Contains(p.Detail(), "task_test.go") {
			t.Errorf("err = %v", err)
		}
	})
}

func TestJobsAreListedAndCancellable(t *testing.T) {
	bubble(t, func(t *testing.T, l *loop, r *Runner) {
		told := 0
		var err error
		var j *Job
		l.call(func() {
			r.OnJobs(func() { told++ })
			j = r.Job("Send 100", func(ctx context.Context, say func(string)) error {
				for i := range 1000 {
					say(fmt.Sprint(i))
				}
				<-ctx.Done()
				return ctx.Err()
			}, func(e error) { err = e })
			if n := len(r.Jobs()); n != 1 {
				t.Errorf("%d jobs listed", n)
			}
		})
		synctest.Wait()
		l.call(func() {
			if j.Progress() != "999" {
				t.Errorf("progress = %q", j.Progress())
			}
			j.Cancel()
		})
		synctest.Wait()
		l.call(func() {
			if len(r.Jobs()) != 0 || !errors.Is(err, context.Canceled) || told < 3 {
				t.Errorf("jobs %v, err %v, told %d", r.Jobs(), err, told)
			}
		})
	})
}

func TestTickerNeverQueuesTwice(t *testing.T) {
	bubble(t, func(t *testing.T, l *loop, r *Runner) {
		n := 0
		var tick *Ticker
		l.call(func() {
			tick = r.Every(r.Scope(), 100*time.Millisecond, func() { n++ })
		})
		l.call(func() { time.Sleep(10 * time.Second) }) // a frozen window
		synctest.Wait()
		l.call(func() {
			if n > 2 || l.depth > 3 {
				t.Errorf("%d ticks, queue up to %d after a freeze", n, l.depth)
			}
			n = 0
			tick.Reset(250 * time.Millisecond)
		})
		time.Sleep(time.Second + 10*time.Millisecond)
		synctest.Wait()
		l.call(func() {
			if n != 4 {
				t.Errorf("%d ticks in a second at 250 ms", n)
			}
			tick.Stop()
		})
		l.call(func() { n = 0 })
		time.Sleep(time.Second)
		l.call(func() {
			if n != 0 {
				t.Error("a stopped ticker ticked")
			}
		})
	})
}

func TestAfterRunsOnceUnlessCancelled(t *testing.T) {
	bubble(t, func(t *testing.T, l *loop, r *Runner) {
		n, bad := 0, 0
		l.call(func() {
			s := r.Scope()
			r.After(s, time.Second, func() { n++ })
			r.After(s, time.Second, func() { bad++ })()
		})
		time.Sleep(3 * time.Second)
		l.call(func() {
			if n != 1 || bad != 0 {
				t.Errorf("ran %d times, the cancelled one %d", n, bad)
			}
		})
	})
}

func TestCloseIsBoundedAndFinal(t *testing.T) {
	bubble(t, func(t *testing.T, l *loop, r *Runner) {
		ran := false
		free := make(chan struct{})
		l.call(func() {
			r.Job("deaf", func(context.Context, func(string)) error { <-free; return nil }, func(error) { ran = true })
			start := time.Now()
			if r.Close(2*time.Second) || time.Since(start) != 2*time.Second {
				t.Error("Close did not give up after its timeout")
			}
			r.Job("late", func(context.Context, func(string)) error { ran = true; return nil }, nil)
			close(free)
			if !r.Close(time.Second) {
				t.Error("Close did not see the work leave")
			}
		})
		synctest.Wait()
		if ran {
			t.Error("something ran after Close")
		}
	})
}

func TestBesideTheStart(t *testing.T) {
	failed := errors.New("no such language")
	release := make(chan struct{})
	wait := Beside(func() error { <-release; return failed })
	close(release) // not before Beside returned
	if err := wait(); !errors.Is(err, failed) {
		t.Errorf("wait says %v", err)
	}
	var p *PanicError
	if err := Beside(func() error { panic("a damaged font") })(); !errors.As(err, &p) || p.Value != "a damaged font" {
		t.Errorf("after a panic wait says %v", err)
	}
}
