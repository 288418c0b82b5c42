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
	// Lag is how many messages wait for the connection's own subscriptions; it means
	// nothing unless LagKnown: one is in a group, and the part of none is missing.
	Lag      int64
	LagKnown bool
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

// lagBudget bounds the question how much waits for the connection's own subscriptions.
const lagBudget = 3 * time.Second

// ownLag asks how much waits for the subscriptions of this connection, a group of a topic
// once however many there are of it. One that broadcasts keeps its positions to itself.
func (c *Connection) ownLag(ctx context.Context) (lag int64, known bool) {
	ctx, cancel := context.WithTimeout(ctx, lagBudget)
	defer cancel()
	asked := map[[2]string]bool{}
	for _, spec := range c.client.Sessions.Joined(c.profile.ID) {
		if spec.Broadcast {
			return 0, false
		}
		of := [2]string{c.profile.FullName(spec.Topic), c.profile.FullName(spec.Group)}
		if asked[of] {
			continue
		}
		asked[of] = true
		n, err := c.TopicLag(ctx, of[0], of[1])
		if err != nil {
			return 0, false
		}
		lag, known = lag+n, true
	}
	return lag, known
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
		heard := &Heard{Health: h, Err: err}
		if err == nil {
			heard.Lag, heard.LagKnown = c.ownLag(ctx)
		}
		c.heard.Store(heard)
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
