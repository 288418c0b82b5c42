package reader

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
)

// tellEvery is how often a live query tells what came.
const tellEvery = 50 * time.Millisecond

// handed is what came of a queue, why it did not, or that it comes again; the zero Queue is
// the topic's route.
type handed struct {
	q      cluster.Queue
	stored []byte
	err    error
}

// follow reads what comes, until ctx ends: a Follower, whose goroutines hand over to this
// one.
func (r *run) follow(ctx context.Context) error {
	floors, begun, err := r.begin(ctx)
	if err != nil {
		return err
	}
	came := make(chan handed)
	ctx, cancel := context.WithCancel(ctx)
	pass := func(h handed) error {
		select {
		case came <- h:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	f := NewFollower(FollowConfig{
		Admin: r.ask, Selection: cluster.Selection{Topic: r.Topic, Group: cmp.Or(r.Group, cluster.ToolsGroup), Expression: "*"},
		Start:    func(q cluster.Queue) (int64, bool) { n, known := floors[q]; return n, known },
		Since:    begun,
		Handle:   func(q cluster.Queue, stored []byte) error { return pass(handed{q: q, stored: bytes.Clone(stored)}) },
		Failed:   func(q cluster.Queue, err error) { _ = pass(handed{q: q, err: err}) },
		Answered: func(q cluster.Queue) { _ = pass(handed{q: q}) },
	})
	defer f.Stop(askLimit)
	defer cancel() // before it: a reader may wait to hand over
	if err := f.Start(); err != nil {
		return err
	}
	r.tell(r.p)
	return r.takeAll(ctx, came)
}

// begin asks where the queues begin that there are, and says from when on others are read.
func (r *run) begin(ctx context.Context) (floors map[cluster.Queue]int64, begun time.Time, err error) {
	begun, start := time.Now(), admin.Start{Kind: admin.Now}
	if !r.From.IsZero() {
		begun, start = r.From, admin.Start{Kind: admin.Time, At: r.From}
	}
	route, err := r.ask.Route(ctx, r.Topic)
	if err == nil {
		floors, _, err = r.ask.StartFloors(ctx, route, r.Topic, start) // what is missing says so when it is read
	}
	if errors.Is(err, fault.TopicNotFound) || errors.Is(err, fault.NoBrokers) {
		err = nil // the first send makes a topic; brokers come back
	}
	return floors, begun, err
}

// takeAll keeps what is handed over, and tells of it some time later, with what came
// meanwhile.
func (r *run) takeAll(ctx context.Context, came <-chan handed) error {
	var tell <-chan time.Time // nil while there is nothing to tell
	for {
		select {
		case <-tell:
			tell = nil
			r.tell(r.p)
		case h := <-came:
			if err := r.takeHanded(h); err != nil {
				return err
			}
			if tell == nil {
				tell = time.After(tellEvery)
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// takeHanded keeps what came of a queue. What is wrong goes on by itself: only what is wrong
// now is missing.
func (r *run) takeHanded(h handed) error {
	subject := h.q.String()
	if h.q == (cluster.Queue{}) {
		subject = r.Topic
	}
	r.p.Missed = slices.DeleteFunc(r.p.Missed, func(m cluster.Missed) bool { return m.Subject == subject })
	if h.err != nil && !errors.Is(h.err, fault.TopicNotFound) {
		r.p.Missed = append(r.p.Missed, cluster.Missed{Subject: subject, Why: fault.From(h.err)})
	}
	return r.each(h.q, h.stored)
}

// each keeps stored messages one by one.
func (r *run) each(q cluster.Queue, stored []byte) (err error) {
	for one := []byte(nil); len(stored) > 0; {
		if one, stored, err = message.CutStored(stored); err == nil {
			err = r.found(q.Broker, one)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
