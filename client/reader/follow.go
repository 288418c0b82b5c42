package reader

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gantry/client/admin"
	"gantry/client/cluster"
)

const (
	// batch is how many messages brokers answer at most (MessageStoreConfig.java,
	// maxTransferCountOnMessageInMemory).
	batch = 32
	// hold is how long a broker waits for a message at the end of a queue. It looks
	// after those that wait every five seconds only (PullRequestHoldService.java): a
	// pull that has not yet waited for hold then is answered five seconds later. A
	// broker that is silent for longer than hold and patience is in trouble.
	hold     = time.Second
	patience = 7 * time.Second
	// longest is how long handling may take before the connection is made anew.
	longest = 3 * time.Second
	// routeEvery is how often new queues are looked for, as clients of RocketMQ do.
	routeEvery = 30 * time.Second
	// firstRetry and lastRetry bound the pause after a failure, doubled each time.
	firstRetry = 200 * time.Millisecond
	lastRetry  = 3 * time.Second
	// rest is the pause before the end of a queue is asked for again where the broker
	// did not wait.
	rest = 100 * time.Millisecond
)

// FollowConfig says what to follow.
type FollowConfig struct {
	Admin *admin.Client
	// Selection is the topic, the group to read as, and the filter.
	Selection cluster.Selection
	// Start returns where a queue begins. One that is not known, because it was made
	// meanwhile or its broker was away, begins at the first message kept that was
	// stored at Since or later; a zero Since is the first one.
	Start func(cluster.Queue) (offset int64, known bool)
	Since time.Time
	// Handle takes whole stored messages of one queue, one behind the other, in the
	// order of their offsets. It is called from one goroutine a broker and may wait:
	// nothing more of that broker is read then. It keeps no part of stored. An error
	// ends the following of the queue.
	Handle func(q cluster.Queue, stored []byte) error
	// Failed is called with each failure to read, from any goroutine; it is tried
	// again until Stop. Answered, if set, is called when that queue answers again; the
	// zero Queue is the topic's route.
	Failed   func(cluster.Queue, error)
	Answered func(cluster.Queue)
	// Gap, if set, is called when Missed has grown, from any goroutine.
	Gap func()
}

// Follower follows a topic from Start to Stop.
type Follower struct {
	cfg    FollowConfig
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
	missed atomic.Int64
}

// NewFollower returns a follower that has not started.
func NewFollower(cfg FollowConfig) *Follower {
	f := &Follower{cfg: cfg}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	return f
}

// Start begins to follow and returns at once.
func (f *Follower) Start() error {
	f.work.Go(f.watchRoute)
	return nil
}

// Stop ends the following: questions under way are given up. It waits, at most
// grace, for what is being handled.
func (f *Follower) Stop(grace time.Duration) error {
	f.cancel()
	ended := make(chan struct{})
	go func() {
		f.work.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(grace):
	}
	return nil
}

// Missed is how many offsets the broker had deleted before they could be read.
func (f *Follower) Missed() int64 { return f.missed.Load() }

// watchRoute has every queue of the topic read, also those that are made later,
// and tells the readers where brokers are now.
func (f *Follower) watchRoute() {
	brokers, known, barred := map[string]*brokerReader{}, map[cluster.Queue]bool{}, map[string]bool{}
	pause := firstRetry
	for {
		route, err := f.cfg.Admin.Route(f.ctx, f.cfg.Selection.Topic)
		wait := routeEvery
		if err != nil {
			f.failed(cluster.Queue{}, err)
			wait, pause = pause, min(2*pause, lastRetry)
		} else {
			if pause > firstRetry {
				f.answered(cluster.Queue{})
			}
			pause = firstRetry
			f.spread(route, brokers, known)
			f.name(route.Unreadable(), barred)
		}
		if sleep(f.ctx, wait) != nil {
			return
		}
	}
}

// spread has new queues read and gives the route to all readers. A queue that is gone
// goes on being asked for: it may come back, and says so while it does not.
func (f *Follower) spread(route cluster.Route, brokers map[string]*brokerReader, known map[cluster.Queue]bool) {
	for _, b := range brokers {
		b.moved(&route)
	}
	led := map[int]cluster.Queue{} // logical queues, by who leads them as far as is known
	if route.Static() {
		for q := range known {
			led[q.ID] = q
		}
	}
	var fresh []*brokerReader
	for _, q := range route.ReadQueues() {
		if known[q] || q.Broker == cluster.NoLeader && led[q.ID] != (cluster.Queue{}) {
			continue
		}
		known[q] = true
		b := brokers[q.Broker]
		if b == nil {
			b = newBrokerReader(f, q.Broker, &route)
			brokers[q.Broker] = b
			fresh = append(fresh, b)
		}
		if before, moves := led[q.ID]; moves { // another broker leads it now
			delete(known, before)
			brokers[before.Broker].leave(before, func(next int64) { b.add(q, next) })
		} else if next, told := f.cfg.Start(q); told {
			b.add(q, next)
		} else {
			f.work.Go(func() { f.begin(b, q) })
		}
	}
	for _, b := range fresh {
		f.work.Go(b.run)
	}
}

// name tells which brokers let nothing of the topic be read, and which do again; barred
// are those that did not. The first queue stands for all of a broker's.
func (f *Follower) name(now cluster.Missing, barred map[string]bool) {
	for broker := range barred {
		if !slices.Contains(now.Names(), broker) {
			delete(barred, broker)
			f.answered(cluster.Queue{Broker: broker})
		}
	}
	for _, e := range now {
		barred[e.Broker] = true
		f.failed(cluster.Queue{Broker: e.Broker}, e.Err)
	}
}

// begin asks where a queue begins that Start does not know, and has it read.
func (f *Follower) begin(b *brokerReader, q cluster.Queue) {
	topic := f.cfg.Selection.Topic
	pause := firstRetry
	for {
		var next int64
		var err error
		if f.cfg.Since.IsZero() {
			next, err = f.cfg.Admin.MinOffset(f.ctx, *b.route.Load(), topic, q)
		} else {
			next, err = f.cfg.Admin.SearchOffset(f.ctx, *b.route.Load(), topic, q, f.cfg.Since)
		}
		if err == nil {
			if pause > firstRetry {
				f.answered(q)
			}
			b.add(q, next)
			return
		}
		f.failed(q, err)
		if sleep(f.ctx, pause) != nil {
			return
		}
		pause = min(2*pause, lastRetry)
	}
}

func (f *Follower) failed(q cluster.Queue, err error) {
	if f.ctx.Err() == nil {
		f.cfg.Failed(q, err)
	}
}

func (f *Follower) answered(q cluster.Queue) {
	if f.cfg.Answered != nil {
		f.cfg.Answered(q)
	}
}

// sleep waits for d, or returns why ctx ended.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
