package reader

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"gantry/client/admin"
)

const (
	// batch is how many messages brokers answer at most (MessageStoreConfig.java,
	// maxTransferCountOnMessageInMemory).
	batch = 32
	// hold is how long a broker waits for a message at the end of a queue. A broker
	// that is silent for longer than hold and patience is in trouble.
	hold     = 3 * time.Second
	patience = 3 * time.Second
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
	// Subscription is the topic, the group to read as, and the filter.
	Subscription admin.Subscription
	// Start returns where a queue begins. One that is not known, because it was made
	// meanwhile or its broker was away, begins at the first message kept that was
	// stored at Since or later; a zero Since is the first one.
	Start func(admin.Queue) (offset int64, known bool)
	Since time.Time
	// Handle takes whole stored messages of one queue, one behind the other, in the
	// order of their offsets. It is called from one goroutine a queue and may wait:
	// nothing more of that queue is read then. It keeps no part of stored. An error
	// ends the following of the queue.
	Handle func(q admin.Queue, stored []byte) error
	// Failed is called with each failure to read, from any goroutine; it is tried
	// again until Stop. Answered, if set, is called when that queue answers again; the
	// zero Queue is the topic's route.
	Failed   func(admin.Queue, error)
	Answered func(admin.Queue)
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
	readers := map[admin.Queue]*queueReader{}
	pause := firstRetry
	for {
		route, err := f.cfg.Admin.Route(f.ctx, f.cfg.Subscription.Topic)
		wait := routeEvery
		if err != nil {
			f.failed(admin.Queue{}, err)
			wait, pause = pause, min(2*pause, lastRetry)
		} else {
			if pause > firstRetry {
				f.answered(admin.Queue{})
			}
			pause = firstRetry
			f.spread(route, readers)
		}
		if sleep(f.ctx, wait) != nil {
			return
		}
	}
}

// spread starts the readers of new queues and gives the route to all. One whose
// queue is gone goes on asking: it may come back, and says so while it does not.
func (f *Follower) spread(route admin.Route, readers map[admin.Queue]*queueReader) {
	for _, q := range route.ReadQueues() {
		if readers[q] == nil {
			r := &queueReader{Follower: f, q: q}
			readers[q] = r
			r.route.Store(&route)
			f.work.Go(r.run)
		}
	}
	for _, r := range readers {
		r.route.Store(&route)
	}
}

func (f *Follower) failed(q admin.Queue, err error) {
	if f.ctx.Err() == nil {
		f.cfg.Failed(q, err)
	}
}

func (f *Follower) answered(q admin.Queue) {
	if f.cfg.Answered != nil {
		f.cfg.Answered(q)
	}
}

// queueReader reads one queue.
type queueReader struct {
	*Follower
	q     admin.Queue
	route atomic.Pointer[admin.Route]
}

// run pulls one answer ahead of the one that is handled.
func (r *queueReader) run() {
	answers := make(chan []byte, 1)
	r.work.Go(func() {
		defer close(answers)
		r.pull(answers)
	})
	for stored := range answers {
		if err := r.cfg.Handle(r.q, stored); err != nil {
			r.failed(r.q, err)
			return
		}
	}
}

func (r *queueReader) pull(answers chan<- []byte) {
	next, known := r.cfg.Start(r.q)
	pause := firstRetry
	for r.ctx.Err() == nil {
		if !known {
			var err error
			if next, err = r.begin(); err != nil {
				pause = r.again(err, pause)
				continue
			}
			known = true
		}
		asked := time.Now()
		got, err := r.ask(next)
		if err != nil {
			pause = r.again(err, pause)
			continue
		}
		if pause > firstRetry {
			r.answered(r.q)
		}
		pause = firstRetry
		switch {
		case next < got.Min:
			r.missed.Add(got.Min - next)
		case next > got.Max: // the topic was made anew
			next = got.Min
			continue
		}
		if len(got.Body) == 0 {
			if got.Next == next && time.Since(asked) < rest {
				_ = sleep(r.ctx, rest) // a broker that does not wait
			}
			next = got.Next
			continue
		}
		next = got.Next
		select {
		case answers <- got.Body:
		case <-r.ctx.Done():
			return
		}
	}
}

// begin asks where a queue begins that Start does not know.
func (r *queueReader) begin() (int64, error) {
	route, topic := *r.route.Load(), r.cfg.Subscription.Topic
	if r.cfg.Since.IsZero() {
		return r.cfg.Admin.MinOffset(r.ctx, route, topic, r.q)
	}
	return r.cfg.Admin.SearchOffset(r.ctx, route, topic, r.q, r.cfg.Since)
}

func (r *queueReader) ask(offset int64) (admin.Pulled, error) {
	ctx, cancel := context.WithTimeout(r.ctx, hold+patience)
	defer cancel()
	return r.cfg.Admin.PullMatching(ctx, *r.route.Load(), r.q, r.cfg.Subscription, offset, batch, hold)
}

// again says what failed and waits before the next try; it returns the pause
// after that one.
func (r *queueReader) again(err error, pause time.Duration) time.Duration {
	if !errors.Is(err, context.Canceled) {
		r.failed(r.q, err)
	}
	_ = sleep(r.ctx, pause)
	return min(2*pause, lastRetry)
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
