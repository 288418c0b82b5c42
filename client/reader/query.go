package reader

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"gantry/client/admin"
	"gantry/client/message"
)

// askAtOnce is how many queues are asked for their offsets together.
const askAtOnce = 16

// Kind says how a Query finds messages.
type Kind string

// The kinds.
const (
	ByTime   Kind = "time"   // those stored from From to To
	ByKey    Kind = "key"    // those with the key, from brokers' index
	ByID     Kind = "id"     // the one with the id, of either kind
	ByOffset Kind = "offset" // Count of them in one queue, from Offset on
	Newest   Kind = "newest" // the last Count of all queues
	Live     Kind = "live"   // those that come from now on, or from From, until it is given up
)

// Query is a question for messages. Reading joins no group.
type Query struct {
	Kind  Kind   `json:"kind"`
	Topic string `json:"topic"`
	Group string `json:"group"` // to read as
	// From and To bound the store time, to the millisecond and both included; a zero
	// From is the first message kept, a zero To the last one there is at the start.
	From time.Time `json:"from,omitzero"`
	To   time.Time `json:"to,omitzero"`
	// Tags are the only ones to find, Words what must stand in body or keys; ByTime.
	Tags  []string `json:"tags,omitempty"`
	Words string   `json:"words,omitempty"`
	// Key is the key, or the message id.
	Key   string      `json:"key,omitempty"`
	Queue admin.Queue `json:"queue,omitzero"`
	// Offset is where ByOffset begins, Count how many it and Newest find at most.
	Offset int64 `json:"offset,omitempty"`
	Count  int   `json:"count,omitempty"`
	// Known are names of brokers that were there before: one that is not listed any
	// more may have had messages of the topic.
	Known []string `json:"known,omitempty"`
	// Limit is how many messages are read at most; 0 is all.
	Limit int64 `json:"limit,omitempty"`
}

// Progress is how far a query is.
type Progress struct {
	// Read of about Total messages were looked at, Found of them fit. Total is 0
	// where nothing is read but what was asked for.
	Read, Total, Found int64
	// Limited: the limit ended it; what was stored from Through on was not read.
	Limited bool
	Through time.Time
	// Failed are the parts that are missing from the result.
	Failed []Failure
}

// Failure says which broker's or queue's messages are missing, and why.
type Failure struct {
	Subject string
	Err     error
}

// ErrNeedTopic says that a message id of a producer is found within a topic only.
var ErrNeedTopic = errors.New("the topic is needed")

// mostByKey bounds what a key finds.
const mostByKey = 10_000

// Run answers a query: keep is given what is found, in the order of store times,
// tell what is read. Both are called from the goroutine that called Run. The error
// is keep's, the context's, or says why nothing could be read at all.
func Run(ctx context.Context, a *admin.Client, q Query, keep func(broker string, stored []byte) error, tell func(Progress)) error {
	r := &run{Query: q, ask: a, keep: keep, tell: tell}
	if err := r.lookForDead(ctx); err != nil {
		return err
	}
	switch q.Kind {
	case ByKey:
		return r.byKey(ctx)
	case ByID:
		return r.byID(ctx)
	case Live:
		return r.follow(ctx)
	default:
		return r.scan(ctx)
	}
}

type run struct {
	Query
	ask  *admin.Client
	keep func(broker string, stored []byte) error
	tell func(Progress)
	p    Progress
}

func (r *run) found(broker string, stored []byte) error {
	r.p.Found++
	return r.keep(broker, stored)
}

func (r *run) missing(m admin.Missing) {
	for _, e := range m {
		r.p.Failed = append(r.p.Failed, Failure{Subject: e.Broker, Err: e.Err})
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
		if !slices.ContainsFunc(brokers, func(b admin.Broker) bool { return b.Name == name }) {
			r.p.Failed = append(r.p.Failed, Failure{Subject: name, Err: fmt.Errorf("%s: %w", name, admin.ErrNoBroker)})
		}
	}
	return nil
}

func (r *run) byKey(ctx context.Context) error {
	route, err := r.ask.Route(ctx, r.Topic)
	if err != nil {
		return err
	}
	all, missing, err := r.ask.ByKey(ctx, route.Brokers, r.Topic, r.Key, time.UnixMilli(0), time.Now().Add(24*time.Hour), mostByKey)
	if err != nil {
		return err
	}
	r.missing(missing)
	r.p.Limited = len(all) == mostByKey
	if r.p.Limited {
		r.p.Through = all[0].StoredAt
	}
	return r.keepAll(all)
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
	if isOffset {
		brokers, _, err := r.ask.Brokers(ctx)
		if err != nil {
			return err
		}
		if r.Topic == "" || slices.ContainsFunc(brokers, func(b admin.Broker) bool { return b.At(at.Host) }) {
			f, err := r.ask.ByOffsetID(ctx, brokers, r.Topic, r.Key)
			if err == nil {
				return r.keepAll([]admin.Found{f})
			}
			if !errors.Is(err, admin.ErrNotFound) || r.Topic == "" {
				return err
			}
		}
	}
	if r.Topic == "" {
		return ErrNeedTopic
	}
	route, err := r.ask.Route(ctx, r.Topic)
	if err != nil {
		return err
	}
	dead := slices.Clip(r.p.Failed)
	for _, id := range spellings(r.Key) {
		all, missing, err := r.ask.ByKey(ctx, route.Brokers, r.Topic, id, time.UnixMilli(0), time.Now().Add(24*time.Hour), mostByKey)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(f admin.Found) bool { return f.ID() != id })
		if len(all) > 0 {
			r.p.Failed = dead
			r.missing(missing)
			return r.keepAll(all)
		}
		r.p.Failed = dead
		r.missing(missing)
	}
	return r.keepAll(nil)
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

// scan reads queues from end to end.
func (r *run) scan(ctx context.Context) error {
	route, err := r.ask.Route(ctx, r.Topic)
	if err == nil {
		err = route.Check()
	}
	if err != nil {
		return err
	}
	parts, err := r.parts(ctx, route)
	if err != nil {
		return err
	}
	for _, p := range parts {
		r.p.Total += p.Offsets()
	}
	before := len(r.p.Failed)
	r.tell(r.p)
	take, flush := r.taker()
	expression := cmp.Or(strings.Join(r.Tags, " || "), "*")
	limited, err := Scan(ctx, ScanConfig{
		Admin: r.ask, Route: route, Parts: parts, Limit: r.Limit, Take: take,
		Subscription: admin.Subscription{Topic: r.Topic, Group: cmp.Or(r.Group, admin.ToolsGroup), Expression: expression},
		Read: func(n int64) {
			r.p.Read = n
			r.tell(r.p)
		},
		Failed: func(q admin.Queue, err error) {
			r.p.Failed = append(r.p.Failed, Failure{Subject: q.String(), Err: err})
			r.tell(r.p)
		},
	})
	r.p.Limited = limited
	if err == nil {
		err = flush()
	}
	if failed := len(r.p.Failed) - before; err == nil && len(parts) > 0 && failed == len(parts) {
		err = r.p.Failed[before].Err // nothing at all could be read
	}
	r.tell(r.p)
	return err
}

// taker keeps what fits; for Newest what came last, when all is read.
func (r *run) taker() (take func(admin.Queue, []byte) error, flush func() error) {
	w := newWords(r.Words)
	type kept struct {
		broker string
		stored []byte
	}
	var last []kept // a ring once it is full
	n := 0
	take = func(q admin.Queue, stored []byte) error {
		r.p.Through, _ = message.StoredAt(stored)
		if r.Kind == Newest {
			if len(last) < r.Count {
				last = append(last, kept{q.Broker, bytes.Clone(stored)})
			} else {
				last[n%r.Count] = kept{q.Broker, bytes.Clone(stored)}
			}
			n++
			return nil
		}
		if len(r.Tags) > 0 || w != nil {
			m, _, err := message.ParseStored(stored)
			if err == nil && (len(r.Tags) > 0 && !slices.Contains(r.Tags, m.Tag()) || !w.in(m)) {
				return nil
			}
		}
		return r.found(q.Broker, stored)
	}
	flush = func() error {
		for i := range last {
			k := last[i]
			if n > len(last) {
				k = last[(n+i)%len(last)]
			}
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
func (r *run) parts(ctx context.Context, route admin.Route) ([]Part, error) {
	queues := route.ReadQueues()
	if r.Kind == ByOffset {
		if !slices.Contains(queues, r.Queue) {
			return nil, fmt.Errorf("%s has no queue %s: %w", r.Topic, r.Queue, admin.ErrNotFound)
		}
		queues = []admin.Queue{r.Queue}
	}
	var (
		mu    sync.Mutex
		parts []Part
	)
	before := len(r.p.Failed)
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
				r.p.Failed = append(r.p.Failed, Failure{Subject: q.String(), Err: err})
			} else {
				parts = append(parts, p)
			}
			return ctx.Err()
		})
	}
	if err := work.Wait(); err != nil {
		return nil, err
	}
	if len(parts) == 0 && len(r.p.Failed) > before {
		return nil, fmt.Errorf("%s: %w", r.Topic, r.p.Failed[before].Err)
	}
	slices.SortFunc(parts, func(a, b Part) int {
		return cmp.Or(strings.Compare(a.Queue.Broker, b.Queue.Broker), cmp.Compare(a.Queue.ID, b.Queue.ID))
	})
	return parts, nil
}

func (r *run) part(ctx context.Context, route admin.Route, q admin.Queue) (Part, error) {
	end, err := r.ask.MaxOffset(ctx, route, r.Topic, q)
	if err != nil {
		return Part{}, err
	}
	if r.Kind == Newest || r.Kind == ByOffset {
		begin, err := r.ask.MinOffset(ctx, route, r.Topic, q)
		if r.Kind == ByOffset {
			return Part{q, max(begin, r.Offset), min(end, max(begin, r.Offset)+int64(r.Count))}, err
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
