package main

import (
	"slices"
	"sync"
	"time"
)

// probeEvery is how often a function is posted. It does not wait for the one
// before, so a window that hangs for a second shows in a hundred of them.
const probeEvery = 10 * time.Millisecond

// waits are the times that functions waited until the main goroutine ran them.
type waits struct {
	mu  sync.Mutex
	all []time.Duration // guarded by mu; since the last take
}

// summary of waits; all zero where there were none.
type summary struct {
	p50, p99, max time.Duration
	count         int
}

// collect posts functions for ever. It is no part of what is measured how late
// the goroutine itself is.
func (w *waits) collect(do func(func())) {
	for range time.Tick(probeEvery) {
		posted := time.Now()
		do(func() { w.add(time.Since(posted)) })
	}
}

func (w *waits) add(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, d)
}

// take summarizes what came since the last call and forgets it.
func (w *waits) take() summary {
	w.mu.Lock()
	all := w.all
	w.all = nil
	w.mu.Unlock()
	return summarize(all)
}

func summarize(all []time.Duration) summary {
	if len(all) == 0 {
		return summary{}
	}
	slices.Sort(all)
	return summary{p50: quantile(all, 50), p99: quantile(all, 99), max: all[len(all)-1], count: len(all)}
}

// quantile is the smallest of sorted values that percent of them do not exceed.
func quantile(sorted []time.Duration, percent int) time.Duration {
	return sorted[max((len(sorted)*percent+99)/100, 1)-1]
}
