package client

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/sandbox"
)

// Alive is how an open connection's servers are at a moment.
type Alive struct {
	// RTT is that of the name server that answered first.
	RTT time.Duration
	// Listed is false where the endpoint lists no brokers: then what follows is zero.
	Listed bool
	// Brokers are those that this connection knows, Answering those of them that
	// are listed now and answer; a refusal is an answer.
	Brokers, Answering int
	// Facts are those of a broker that tells.
	Facts Facts
}

// Alive asks the name servers and each broker for a sign of life, in a few small
// questions; it takes some 9 s at most. The error is that no name server answers.
func (c *Connection) Alive(ctx context.Context) (Alive, error) {
	_, rtt, err := c.admin.Connect(ctx)
	if err != nil {
		return Alive{}, err
	}
	l, err := c.brokers(ctx)
	if _, _, from := fault.Remark(err); from != "" {
		err = nil // it is alive, but does not list brokers to everybody
	}
	if err != nil || !l.listed {
		return Alive{RTT: rtt}, err
	}
	listed := l.all[:len(l.all)-len(l.dead)]
	a := Alive{RTT: rtt, Listed: true, Brokers: len(l.all), Facts: Facts{Brokers: len(listed)}}
	var (
		mu   sync.Mutex
		work sync.WaitGroup
		free = make(chan struct{}, membersAtOnce)
	)
	asking, cancel := context.WithTimeout(ctx, serverBudget)
	defer cancel()
	for _, b := range listed {
		addr, ok := b.Reader()
		if !ok {
			continue
		}
		work.Go(func() {
			free <- struct{}{}
			defer func() { <-free }()
			r, err := c.admin.Runtime(asking, addr)
			mu.Lock()
			defer mu.Unlock()
			if _, _, from := fault.Remark(err); err != nil && from == "" {
				return
			}
			a.Answering++
			if err == nil && a.Facts.Version == "" {
				a.Facts.read(r)
			}
		})
	}
	work.Wait()
	return a, ctx.Err()
}

// read takes what a broker tells of itself; what is no number is not told.
func (f *Facts) read(r cluster.Runtime) {
	f.Version = r.Version
	f.Keeps, _ = strconv.ParseUint(r.Table[sandbox.MaxMessagesKey], 10, 64)
	f.Gone, _ = strconv.ParseUint(r.Table[sandbox.EvictedKey], 10, 64)
}

// Receiving returns how many subscriptions have joined a group and take messages from
// it now: those that follow, are paused, or are in trouble do not count.
func (c *Client) Receiving() int {
	c.mu.Lock()
	subs := slices.Collect(maps.Values(c.subs))
	c.mu.Unlock()
	n := 0
	for _, s := range subs {
		switch s.Status().State {
		case Joining, Receiving, Skipping:
			if !s.Spec().Follow {
				n++
			}
		}
	}
	return n
}
