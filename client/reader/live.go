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

// follow reads what comes, until ctx ends.
func (r *run) follow(ctx context.Context) error {
	begun, start := time.Now(), admin.Start{Kind: admin.Now}
	if !r.From.IsZero() {
		begun, start = r.From, admin.Start{Kind: admin.Time, At: r.From}
	}
	var floors map[cluster.Queue]int64
	route, err := r.ask.Route(ctx, r.Topic)
	if err == nil {
		floors, _, err = r.ask.StartFloors(ctx, route, r.Topic, start) // what is missing says so when it is read
	}
	// The first send makes a topic; brokers come back.
	if err != nil && !errors.Is(err, fault.TopicNotFound) && !errors.Is(err, fault.NoBrokers) {
		return err
	}
	// handed is what came of a queue, why it did not, or that it comes again.
	type handed struct {
		q      cluster.Queue
		stored []byte
		err    error
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
	tick := time.NewTicker(tellEvery)
	defer tick.Stop()
	for news := false; ; {
		select {
		case <-tick.C:
			if news {
				r.tell(r.p)
				news = false
			}
		case h := <-came:
			subject := h.q.String()
			if h.q == (cluster.Queue{}) {
				subject = r.Topic
			}
			// It goes on by itself: only what is wrong now.
			r.p.Missed = slices.DeleteFunc(r.p.Missed, func(f cluster.Missed) bool { return f.Subject == subject })
			if h.err != nil && !errors.Is(h.err, fault.TopicNotFound) {
				r.p.Missed = append(r.p.Missed, cluster.Missed{Subject: subject, Why: fault.From(h.err)})
			}
			if err := r.each(h.q, h.stored); err != nil {
				return err
			}
			news = true
		case <-ctx.Done():
			return ctx.Err()
		}
	}
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
