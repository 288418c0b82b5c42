package reader

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/message"
)

// mostByKey bounds what a key finds.
const mostByKey = 10_000

// Run answers a query: keep is given what is found, in the order of store times,
// tell what is read. Both are called from the goroutine that called Run. The error
// is keep's, the context's, or says why nothing could be read at all.
func Run(ctx context.Context, a *admin.Client, q cluster.Query, keep func(broker string, stored []byte) error, tell func(cluster.Progress)) error {
	return RunWith(ctx, a, q, Eyes{}, keep, tell)
}

// Eyes are how the filter of a query looks at messages; both may be nil.
type Eyes struct {
	// Decode reads bodies, see filter.Filter.
	Decode filter.Decode
	// Judge runs jq, until its context ends.
	Judge func(context.Context) filter.Judge
}

// RunWith is Run for a filter that looks at messages with eyes.
func RunWith(ctx context.Context, a *admin.Client, q cluster.Query, eyes Eyes, keep func(broker string, stored []byte) error, tell func(cluster.Progress)) error {
	r := &run{Query: q, ask: a, keep: keep, tell: tell, eyes: eyes}
	if err := r.lookForDead(ctx); err != nil {
		return err
	}
	switch q.Kind {
	case cluster.ByKey:
		return r.byKey(ctx)
	case cluster.ByID:
		return r.byID(ctx)
	case cluster.Live:
		return r.follow(ctx)
	default:
		return r.scan(ctx)
	}
}

type run struct {
	cluster.Query
	ask  *admin.Client
	keep func(broker string, stored []byte) error
	tell func(cluster.Progress)
	p    cluster.Progress
	eyes Eyes
	// asked, if set, tells which messages have the key or id that is looked for, where no
	// index does.
	asked func(*message.Message) bool
}

func (r *run) found(broker string, stored []byte) error {
	r.p.Found++
	return r.keep(broker, stored)
}

func (r *run) missing(m cluster.Missing) {
	for _, e := range m {
		r.p.Missed = append(r.p.Missed, cluster.Missed{Subject: e.Broker, Why: fault.From(e.Err)})
	}
}

// lookForDead names the brokers that are not listed any more.
func (r *run) lookForDead(ctx context.Context) error {
	if len(r.Known) == 0 {
		return nil
	}
	brokers, listed, err := r.ask.Brokers(ctx)
	if err != nil || !listed {
		return err
	}
	for _, name := range r.Known {
		if !slices.ContainsFunc(brokers, func(b cluster.Broker) bool { return b.Name == name }) {
			r.p.Missed = append(r.p.Missed, cluster.Missed{Subject: name, Why: fault.From(fmt.Errorf("%s: %w", name, fault.NoBroker))})
		}
	}
	return nil
}

// route asks where the topic lies. What failed until then is brokers that are gone.
func (r *run) route(ctx context.Context) (cluster.Route, error) {
	route, err := r.ask.Route(ctx, r.Topic)
	r.p.Brokers = len(route.Brokers) + len(r.p.Missed)
	return route, err
}

func (r *run) byKey(ctx context.Context) error {
	route, err := r.route(ctx)
	if err != nil {
		return err
	}
	all, missing, err := r.ask.ByKey(ctx, route.Brokers, r.Topic, r.Key, time.UnixMilli(0), time.Now().Add(24*time.Hour), mostByKey)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return r.within(ctx, route, missing, func(m *message.Message) bool { return m.ID() == r.Key || slices.Contains(m.Keys(), r.Key) })
	}
	r.missing(missing)
	r.p.Limited = len(all) == mostByKey
	if r.p.Limited {
		r.p.Through = all[0].StoredAt
	}
	return r.keepAll(all)
}

// within ends a question that the brokers' index has no answer to: of a topic with inner
// batches all is read, because what is in them has no entry there.
func (r *run) within(ctx context.Context, route cluster.Route, missing cluster.Missing, asked func(*message.Message) bool) error {
	batched, err := r.ask.Batched(ctx, route.Brokers, r.Topic)
	if err == nil && batched {
		r.asked = asked
		return r.scan(ctx)
	}
	if ctx.Err() != nil {
		return err
	}
	r.missing(missing)
	return r.keepAll(nil)
}

func (r *run) keepAll(all []admin.Found) error {
	for _, f := range all {
		if err := r.found(f.Broker, f.Stored); err != nil {
			return err
		}
	}
	r.tell(r.p)
	return nil
}

// byID finds a message by the id that its producer made, or by the broker's.
func (r *run) byID(ctx context.Context) error {
	at, isOffset := admin.ParseOffsetID(r.Key)
	listed := false
	if isOffset {
		brokers, _, err := r.ask.Brokers(ctx)
		if err != nil {
			return err
		}
		listed = slices.ContainsFunc(brokers, func(b cluster.Broker) bool { return b.At(at.Host) })
		if r.Topic == "" || listed {
			all, err := r.ask.ByOffsetID(ctx, brokers, r.Topic, r.Key)
			if err == nil {
				return r.keepAll(all)
			}
			if !errors.Is(err, fault.NotFound) || r.Topic == "" {
				return err
			}
		}
	}
	if r.Topic == "" {
		return fault.NeedTopic
	}
	route, err := r.route(ctx)
	if err != nil {
		return err
	}
	dead, ids := slices.Clip(r.p.Missed), spellings(r.Key)
	var lacks cluster.Missing
	for _, id := range ids {
		all, missing, err := r.ask.ByKey(ctx, route.Brokers, r.Topic, id, time.UnixMilli(0), time.Now().Add(24*time.Hour), mostByKey)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(f admin.Found) bool { return f.ID() != id })
		if len(all) > 0 {
			r.p.Missed = dead
			r.missing(missing)
			return r.keepAll(all)
		}
		lacks = missing
	}
	if isOffset && !listed { // a master that is gone, perhaps: its replica has what the id names
		if all, err := r.ask.ByOffsetID(ctx, route.Brokers, r.Topic, r.Key); err == nil {
			r.p.Missed = dead
			return r.keepAll(all)
		}
	}
	return r.within(ctx, route, lacks, func(m *message.Message) bool { return slices.Contains(ids, m.ID()) })
}

// spellings are an id as it was given, and as clients write theirs: Java's in
// capitals, rocketmq-client-go's with a small end.
func spellings(id string) []string {
	all := []string{id, strings.ToUpper(id)}
	if len(id) > 20 {
		all = append(all, strings.ToUpper(id[:20])+strings.ToLower(id[20:]))
	}
	slices.Sort(all[1:])
	return slices.Compact(all)
}
