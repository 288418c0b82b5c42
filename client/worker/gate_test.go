package worker

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// passing sends callbacks of n messages each to the gate, and counts what comes
// of them.
type passing struct{ through, refused atomic.Int64 }

func (p *passing) start(g *gate, callbacks, n int) {
	for range callbacks {
		go func() {
			if g.pass(n) {
				p.through.Add(1)
			} else {
				p.refused.Add(1)
			}
		}()
	}
	synctest.Wait()
}

func (p *passing) want(t *testing.T, what string, through, refused int64) {
	t.Helper()
	synctest.Wait()
	if a, b := p.through.Load(), p.refused.Load(); a != through || b != refused {
		t.Errorf("%s: %d through, %d refused, want %d and %d", what, a, b, through, refused)
	}
}

func TestGatePauseAndResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(false)
		var p passing
		p.start(g, 20, 32)
		p.want(t, "open", 20, 0)
		g.set(true)
		p.start(g, 20, 32)
		p.want(t, "closed", 20, 0)
		if n, _ := g.held(); n != 640 {
			t.Errorf("%d messages wait", n)
		}
		g.set(true)
		p.want(t, "closed again", 20, 0)
		if n, _ := g.held(); n != 640 {
			t.Errorf("closed again, %d messages wait", n)
		}
		g.set(false)
		p.want(t, "opened", 40, 0)
		if n, _ := g.held(); n != 0 {
			t.Errorf("opened, %d messages wait", n)
		}
		p.start(g, 1, 1)
		p.want(t, "after opening", 41, 0)
	})
}

func TestGateShutLetsNobodyThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(true)
		var p passing
		p.start(g, 20, 32)
		g.shutForGood()
		p.want(t, "shut while closed", 0, 20)
		if n, _ := g.held(); n != 0 {
			t.Errorf("%d messages wait", n)
		}
		g.set(false)
		p.start(g, 20, 1)
		p.want(t, "opened after it was shut", 0, 40)
	})
	synctest.Test(t, func(t *testing.T) {
		g := newGate(false)
		g.shutForGood()
		var p passing
		p.start(g, 20, 1)
		p.want(t, "shut while open", 0, 20)
	})
}
