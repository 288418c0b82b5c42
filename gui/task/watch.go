package task

import (
	"sync/atomic"
	"time"
)

// Watch is a Ticker that runs only while it is wanted: while what it looks at is seen
// and may change. Main goroutine only.
type Watch struct {
	start  func() *Ticker
	ticker *Ticker // nil while it is off
}

// Watch returns one that is off. f is called on the main goroutine each interval while
// it is on, first when one has passed.
func (r *Runner) Watch(s *Scope, interval time.Duration, f func()) *Watch {
	return &Watch{start: func() *Ticker { return r.Every(s, interval, f) }}
}

// Set turns it on or off.
func (w *Watch) Set(on bool) {
	switch {
	case on && w.ticker == nil:
		w.ticker = w.start()
	case !on && w.ticker != nil:
		w.ticker.Stop()
		w.ticker = nil
	}
}

// On tells whether it runs.
func (w *Watch) On() bool { return w.ticker != nil }

// Reset changes the interval from the next tick on, until it is turned off.
func (w *Watch) Reset(interval time.Duration) {
	if w.ticker != nil {
		w.ticker.Reset(interval)
	}
}

// Tickers returns how many tickers run. It may be called from any goroutine.
func (r *Runner) Tickers() int { return int(r.tickers.Load()) }

// Signal returns a function that makes f run on the main goroutine: once for all calls
// since it ran last, and not after the scope or the Runner closed. It never blocks and
// may be called from any goroutine.
func (r *Runner) Signal(s *Scope, f func()) func() {
	var waiting atomic.Bool
	return func() {
		if s.ctx.Err() != nil || !waiting.CompareAndSwap(false, true) {
			return
		}
		r.hand(func() {
			waiting.Store(false)
			if s.ctx.Err() == nil {
				f()
			}
		})
	}
}
