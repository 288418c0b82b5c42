package client

import (
	"context"
	"time"

	"gantry/client/insight"
)

// healthEvery is how often an open connection's servers are asked how they are.
const healthEvery = 10 * time.Second

// Heard is what was last heard of a connection's servers; zero until they were asked.
type Heard struct {
	insight.Health
	// Err is why no name server answered.
	Err error
}

// Heard returns what was last heard of the servers. It is asked anew every ten seconds
// while the connection is open. It takes no lock.
func (c *Connection) Heard() Heard {
	if h := c.heard.Load(); h != nil {
		return *h
	}
	return Heard{}
}

// OnHeard has f called each time after the servers were asked, from a goroutine of the
// connection; it must not wait. nil ends that.
func (c *Connection) OnHeard(f func()) {
	if f == nil {
		c.onHeard.Store(nil)
		return
	}
	c.onHeard.Store(&f)
}

// AskNow has the servers asked now. It does not wait.
func (c *Connection) AskNow() {
	select {
	case c.ask <- struct{}{}:
	default:
	}
}

// watch asks until ctx ends, at once and then every ten seconds.
func (c *Connection) watch(ctx context.Context) {
	next := time.NewTicker(healthEvery)
	defer next.Stop()
	for {
		h, err := c.Health(ctx)
		if ctx.Err() != nil {
			return
		}
		c.heard.Store(&Heard{h, err})
		if f := c.onHeard.Load(); f != nil {
			(*f)()
		}
		select {
		case <-ctx.Done():
			return
		case <-c.ask:
			next.Reset(healthEvery)
		case <-next.C:
		}
	}
}
