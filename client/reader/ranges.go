package reader

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
)

// mostHeld bounds what is held of the newest messages until all are read, in bytes.
const mostHeld = 256 << 20

// askAtOnce is how many queues are asked for their offsets together.
const askAtOnce = 16

// scan reads queues from end to end.
func (r *run) scan(ctx context.Context) error {
	route, err := r.route(ctx)
	if err == nil {
		err = route.Readable()
	}
	if err != nil {
		return err
	}
	r.missing(route.Unreadable())
	parts, err := r.parts(ctx, route)
	if err != nil {
		return err
	}
	for _, p := range parts {
		r.p.Total += p.Offsets()
	}
	before := len(r.p.Missed)
	r.tell(r.p)
	take, flush := r.taker()
	expression := cmp.Or(strings.Join(r.Tags, " || "), "*")
	limited, err := Scan(ctx, ScanConfig{
		Admin: r.ask, Route: route, Parts: parts, Limit: r.Limit, Take: take,
		Subscription: cluster.Selection{Topic: r.Topic, Group: cmp.Or(r.Group, cluster.ToolsGroup), Expression: expression},
		Read: func(n int64) {
			r.p.Read = n
			r.tell(r.p)
		},
		Failed: func(q cluster.Queue, err error) {
			r.p.Missed = append(r.p.Missed, cluster.Missed{Subject: q.String(), Why: fault.From(err)})
			r.tell(r.p)
		},
	})
	r.p.Limited = r.p.Limited || limited
	if err == nil || ctx.Err() != nil { // what was read before it was given up stays
		err = cmp.Or(flush(), err)
	}
	if failed := len(r.p.Missed) - before; err == nil && len(parts) > 0 && failed == len(parts) {
		err = r.p.Missed[before].Why // nothing at all could be read
	}
	r.tell(r.p)
	return err
}

// taker keeps what fits; for Newest what came last, when all is read.
func (r *run) taker() (take func(cluster.Queue, []byte) error, flush func() error) {
	w := message.NewWords(r.Words)
	type kept struct {
		broker string
		stored []byte
	}
	var last []kept
	size := 0
	take = func(q cluster.Queue, stored []byte) error {
		r.p.Through, _ = message.StoredAt(stored)
		if r.Kind == cluster.Newest {
			last, size = append(last, kept{q.Broker, bytes.Clone(stored)}), size+len(stored)
			for len(last) > r.Count || size > mostHeld {
				size -= len(last[0].stored)
				r.p.Limited = r.p.Limited || len(last) <= r.Count
				last[0], last = kept{}, last[1:]
			}
			return nil
		}
		if w != nil && !w.MaybeIn(stored) {
			return nil
		}
		if len(r.Tags) > 0 || w != nil {
			m, _, err := message.ParseStored(stored)
			if err == nil && (len(r.Tags) > 0 && !slices.Contains(r.Tags, m.Tag()) || w != nil && !w.In(m)) {
				return nil
			}
		}
		return r.found(q.Broker, stored)
	}
	flush = func() error {
		for _, k := range last {
			if err := r.found(k.broker, k.stored); err != nil {
				return err
			}
		}
		return nil
	}
	return take, flush
}

// parts asks which offsets of each queue are to be read. A queue that does not
// tell is missing from the result.
func (r *run) parts(ctx context.Context, route cluster.Route) ([]Part, error) {
	queues := route.ReadQueues()
	if r.Kind == cluster.ByOffset {
		if slices.Contains(route.Unreadable().Names(), r.Queue.Broker) {
			return nil, fmt.Errorf("%s %s: %w", r.Topic, r.Queue, fault.NotReadable)
		}
		if !slices.Contains(queues, r.Queue) {
			return nil, fmt.Errorf("%s has no queue %s: %w", r.Topic, r.Queue, fault.NotFound)
		}
		queues = []cluster.Queue{r.Queue}
	}
	var (
		mu    sync.Mutex
		parts []Part
	)
	before := len(r.p.Missed)
	var work errgroup.Group
	work.SetLimit(askAtOnce)
	for _, q := range queues {
		work.Go(func() error {
			asking, cancel := context.WithTimeout(ctx, askLimit)
			defer cancel()
			p, err := r.part(asking, route, q)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				r.p.Missed = append(r.p.Missed, cluster.Missed{Subject: q.String(), Why: fault.From(err)})
			} else {
				parts = append(parts, p)
			}
			return ctx.Err()
		})
	}
	if err := work.Wait(); err != nil {
		return nil, err
	}
	if len(parts) == 0 && len(r.p.Missed) > before {
		return nil, fmt.Errorf("%s: %w", r.Topic, r.p.Missed[before].Why)
	}
	slices.SortFunc(parts, func(a, b Part) int {
		return cmp.Or(strings.Compare(a.Queue.Broker, b.Queue.Broker), cmp.Compare(a.Queue.ID, b.Queue.ID))
	})
	return parts, nil
}

func (r *run) part(ctx context.Context, route cluster.Route, q cluster.Queue) (Part, error) {
	end, err := r.ask.MaxOffset(ctx, route, r.Topic, q)
	if err != nil {
		return Part{}, err
	}
	if r.Kind == cluster.Newest || r.Kind == cluster.ByOffset {
		begin, err := r.ask.MinOffset(ctx, route, r.Topic, q)
		if r.Kind == cluster.ByOffset {
			return Part{q, max(begin, r.Offset), min(end, r.Offset+int64(r.Count))}, err
		}
		return Part{q, max(begin, end-int64(r.Count)), end}, err
	}
	var begin int64
	if r.From.IsZero() {
		begin, err = r.ask.MinOffset(ctx, route, r.Topic, q)
	} else {
		begin, err = r.ask.SearchOffset(ctx, route, r.Topic, q, r.From)
	}
	if err != nil {
		return Part{}, err
	}
	if !r.To.IsZero() {
		behind, err := r.ask.SearchOffset(ctx, route, r.Topic, q, r.To.Truncate(time.Millisecond).Add(time.Millisecond))
		if err != nil {
			return Part{}, err
		}
		end = min(end, behind)
	}
	return Part{q, begin, end}, nil
}
