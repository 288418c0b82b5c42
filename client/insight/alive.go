package insight

import (
	"context"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

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
func (a *Asker) Alive(ctx context.Context) (Alive, error) {
	_, rtt, err := a.admin.Connect(ctx)
	if err != nil {
		return Alive{}, err
	}
	l, err := a.brokers(ctx)
	if _, _, from := fault.Remark(err); from != "" {
		err = nil // it is alive, but does not list brokers to everybody
	}
	if err != nil || !l.listed {
		return Alive{RTT: rtt}, err
	}
	listed := l.all[:len(l.all)-len(l.dead)]
	st := Alive{RTT: rtt, Listed: true, Brokers: len(l.all), Facts: Facts{Brokers: len(listed)}}
	var (
		mu   sync.Mutex
		work errgroup.Group
	)
	work.SetLimit(membersAtOnce)
	asking, cancel := context.WithTimeout(ctx, serverBudget)
	defer cancel()
	for _, b := range listed {
		addr, ok := b.Reader()
		if !ok {
			continue
		}
		work.Go(func() error {
			r, err := a.admin.Runtime(asking, addr)
			mu.Lock()
			defer mu.Unlock()
			if _, _, from := fault.Remark(err); err != nil && from == "" {
				return nil
			}
			st.Answering++
			if err == nil && st.Facts.Version == "" {
				st.Facts.read(r)
			}
			return nil
		})
	}
	_ = work.Wait()
	return st, ctx.Err()
}

// Facts are what an endpoint tells of its cluster; what it does not offer is
// zero.
type Facts struct {
	Brokers int
	Version string // of a broker, such as "5.5.0"
	// Keeps is how many messages the sandbox keeps at most, and Gone how many were
	// too old to be kept. Other brokers keep by time, and have zeros here.
	Keeps, Gone uint64
}

// read takes what a broker tells of itself; what is no number is not told.
func (f *Facts) read(r cluster.Runtime) {
	f.Version = r.Version
	f.Keeps, _ = strconv.ParseUint(r.Table[sandbox.MaxMessagesKey], 10, 64)
	f.Gone, _ = strconv.ParseUint(r.Table[sandbox.EvictedKey], 10, 64)
}
