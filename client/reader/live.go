package reader

import (
	"cmp"
	"context"

	"gantry/client/admin"
	"gantry/client/message"
)

// follow reads what comes, until ctx ends.
func (r *run) follow(ctx context.Context) error {
	route, err := r.ask.Route(ctx, r.Topic)
	if err != nil {
		return err
	}
	start := admin.Start{Kind: admin.Now}
	if !r.From.IsZero() {
		start = admin.Start{Kind: admin.Time, At: r.From}
	}
	floors, err := r.ask.StartFloors(ctx, route, r.Topic, start)
	if err != nil {
		return err
	}
	type handed struct {
		q      admin.Queue
		stored []byte
		err    error
	}
	came := make(chan handed)
	pass := func(h handed) error {
		select {
		case came <- h:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	f := NewFollower(FollowConfig{
		Admin: r.ask, Subscription: admin.Subscription{Topic: r.Topic, Group: cmp.Or(r.Group, admin.ToolsGroup), Expression: "*"},
		Start:  func(q admin.Queue) (int64, bool) { n, known := floors[q]; return n, known },
		Handle: func(q admin.Queue, stored []byte) error { return pass(handed{q: q, stored: stored}) },
		Failed: func(err error) { _ = pass(handed{err: err}) },
	})
	if err := f.Start(); err != nil {
		return err
	}
	defer f.Stop(askLimit)
	r.tell(r.p)
	for {
		select {
		case h := <-came:
			r.p.Failed = nil // it goes on by itself: only what is wrong now
			if h.err != nil {
				r.p.Failed = []Failure{{Subject: r.Topic, Err: h.err}}
			}
			if err := r.each(h.q, h.stored); err != nil {
				return err
			}
			r.tell(r.p)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// each keeps stored messages one by one.
func (r *run) each(q admin.Queue, stored []byte) (err error) {
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
