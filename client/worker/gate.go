package worker

import "sync"

// gate is where callbacks wait while the subscription is paused. It may be
// closed and opened again; once shut it lets nobody through any more.
type gate struct {
	mu      sync.Mutex
	cond    *sync.Cond
	closed  bool
	shut    bool
	waiting int64 // messages in callbacks that wait
	// changed, if set, is called when waiting changes; it must not wait.
	changed func()
}

func newGate(closed bool) *gate {
	g := &gate{closed: closed}
	g.cond = sync.NewCond(&g.mu)
	return g
}

// pass waits while the gate is closed, for n messages; false says that it was
// shut and the messages must never be answered.
func (g *gate) pass(n int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for g.closed && !g.shut {
		g.wait(int64(n))
		g.cond.Wait()
		g.wait(-int64(n))
	}
	return !g.shut
}

// wait counts n more that wait; g.mu is held.
func (g *gate) wait(n int64) {
	g.waiting += n
	if g.changed != nil {
		g.changed()
	}
}

// open tells whether pass lets everybody through, and without a wait.
func (g *gate) open() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return !g.closed && !g.shut
}

func (g *gate) set(closed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = closed
	g.cond.Broadcast()
	if g.changed != nil {
		g.changed()
	}
}

// shutForGood lets nobody through any more.
func (g *gate) shutForGood() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = true
	g.cond.Broadcast()
}

// held returns how many messages wait, and whether the gate is closed.
func (g *gate) held() (waiting int64, closed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.waiting, g.closed
}
