package reader

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"gantry/client/cluster"
	"gantry/client/fault"
)

// mostHeld bounds what is held of the newest messages until all are read, in bytes.
const mostHeld = 256 << 20

// askAtOnce is how many queues are asked for their offsets together.
const askAtOnce = 16

// scan reads queues from end to end.
func (r *run) scan(ctx context.Context) error {
	route, parts, err := r.plan(ctx)
	if err != nil {
		return err
	}
	before := len(r.p.Missed)
	keep, err := r.keeper(ctx)
	if err != nil {
		return err
	}
	limited, err := r.through(ctx, route, parts, keep)
	for r.Kind == cluster.Newest && err == nil && !limited && !r.p.Limited && len(r.p.Missed) == before && len(keep.last) < r.Count && widen(parts) {
		// There are offsets without a message, as compacted and static topics have.
		keep.last, keep.size = nil, 0
		limited, err = r.through(ctx, route, parts, keep)
	}
	if err == nil {
		if err = keep.settle(); errors.Is(err, errEnough) {
			err = nil
		}
	}
	if r.Most > 0 && r.p.Found >= r.Most {
		r.p.Enough = limited || keep.left
	} else {
		r.p.Limited = r.p.Limited || limited
	}
	if err == nil || ctx.Err() != nil { // what was read before it was given up stays
		err = cmp.Or(keep.flush(), err)
	}
	if failed := len(r.p.Missed) - before; err == nil && len(parts) > 0 && failed == len(parts) {
		err = r.p.Missed[before].Why // nothing at all could be read
	}
	r.tell(r.p)
	return err
}

// plan says what is to be read.
func (r *run) plan(ctx context.Context) (cluster.Route, []Part, error) {
	route, err := r.route(ctx)
	if err == nil {
		err = route.Readable()
	}
	if err != nil {
		return route, nil, err
	}
	r.missing(route.Unreadable())
	parts, err := r.parts(ctx, route)
	return route, parts, err
}

// widen moves the beginnings of parts back, to sixteen times as many offsets; false where
// all begin with their queues.
func widen(parts []Part) bool {
	moved := false
	for i := range parts {
		p := &parts[i]
		if from := max(p.least, p.To-16*p.Offsets()); from < p.From {
			p.From, moved = from, true
		}
	}
	return moved
}

// through reads parts from end to end.
func (r *run) through(ctx context.Context, route cluster.Route, parts []Part, keep *keeper) (limited bool, err error) {
	r.p.Total = 0
	for _, p := range parts {
		r.p.Total += p.Offsets()
	}
	r.tell(r.p)
	expression := cmp.Or(strings.Join(r.Tags, " || "), "*")
	return Scan(ctx, ScanConfig{
		Admin: r.ask, Route: route, Parts: parts, Limit: r.Limit, Take: keep.take, Pace: r.Pace, Replica: r.Replica,
		Selection: cluster.Selection{Topic: r.Topic, Group: cmp.Or(r.Group, cluster.ToolsGroup), Expression: expression},
		Read: func(n, bytes int64, replicas int) {
			r.p.Read, r.p.Bytes, r.p.Replicas = n, bytes, replicas
			r.tell(r.p)
		},
		Failed: func(q cluster.Queue, err error) {
			r.p.Missed = append(r.p.Missed, cluster.Missed{Subject: q.String(), Why: fault.From(err)})
			r.tell(r.p)
		},
	})
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
			return Part{Queue: q, From: max(begin, r.Offset), To: min(end, r.Offset+int64(r.Count))}, err
		}
		return Part{Queue: q, From: max(begin, end-int64(r.Count)), To: end, least: begin}, err
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
	return Part{Queue: q, From: begin, To: end}, nil
}
