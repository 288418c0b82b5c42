package task

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Ticker calls a function on the main goroutine again and again. Its methods
// may be called from any goroutine.
type Ticker struct {
	cancel context.CancelFunc
	reset  chan time.Duration // holds the newest interval only
}

// Stop ends the ticker. A tick already handed over does not run any more.
func (t *Ticker) Stop() { t.cancel() }

// Reset changes the interval from the next tick on.
func (t *Ticker) Reset(interval time.Duration) {
	for {
		select {
		case t.reset <- interval:
			return
		default:
		}
		select {
		case <-t.reset: // an older interval that nobody took
		default:
		}
	}
}

// Every calls f on the main goroutine each interval until the scope or the
// Runner closes or the ticker is stopped. At most one call waits in the queue:
// ticks that a busy window missed are dropped, not made up for.
func (r *Runner) Every(s *Scope, interval time.Duration, f func()) *Ticker {
	ctx, cancel := context.WithCancel(s.ctx)
	t := &Ticker{cancel: cancel, reset: make(chan time.Duration, 1)}
	if s.closed || r.closed.Load() {
		return t
	}
	var waiting atomic.Bool
	r.tickers.Add(1)
	ended := sync.OnceFunc(func() { r.tickers.Add(-1) })
	t.cancel = func() { cancel(); ended() }
	r.spawn(func() {
		defer ended()
		clock := time.NewTicker(interval)
		defer clock.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case d := <-t.reset:
				clock.Reset(d)
			case <-clock.C:
				if !waiting.CompareAndSwap(false, true) {
					continue
				}
				r.hand(func() {
					waiting.Store(false)
					if ctx.Err() == nil {
						f()
					}
				})
			}
		}
	})
	return t
}

// After calls f once on the main goroutine when delay has passed, unless the
// scope or the Runner closed or the returned function was called before.
func (r *Runner) After(s *Scope, delay time.Duration, f func()) (cancel func()) {
	ctx, stop := context.WithCancel(s.ctx)
	if s.closed {
		return stop
	}
	r.spawn(func() {
		timer := time.NewTimer(delay)
		defer timer.Stop()
		select {
		case <-ctx.Done():
		case <-timer.C:
			r.hand(func() {
				if ctx.Err() == nil {
					stop()
					f()
				}
			})
		}
	})
	return stop
}
