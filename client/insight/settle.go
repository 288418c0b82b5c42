package insight

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

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/reader"
)

const (
	// mostSentBack is how many messages of each topic of a group are read at most to find
	// what was sent back, mostCopied how many of them are remembered.
	mostSentBack = 300_000
	mostCopied   = 200_000
	// positionsAtOnce is how many queues are asked about together.
	positionsAtOnce = 16
	// earlier is how much before its run a copy may say that its message was made: clocks
	// differ, that of a broker too.
	earlier = 10 * time.Minute
)

// Settlement is what a group did with messages of some topics, as far as brokers tell at
// one moment. They know positions, not messages: a group that is past a message has
// answered it, or its position was moved. It is a value; Of may be called from any
// goroutine.
type Settlement struct {
	Group string // full name
	// At is when the brokers were asked first: what came later is not in it.
	At      time.Time
	Members int
	// Each: the group broadcasts, and each member keeps its own position. Popped: its
	// members pop, and may have taken messages which they have not answered.
	Each, Popped bool
	// Missed are queues and brokers that were not read: nothing that could lie there is
	// told of. Limited: not all of what was sent back was read.
	Missed  []cluster.Missed
	Limited bool

	wanted map[string]cluster.Wanted // by topic
	queues map[QueueOf]standing
	copies map[string]*returns // by message id
	whole  bool                // copies are all that there are
}

// standing is how far the group is in a queue.
type standing struct {
	next  int64
	has   bool
	known bool
}

// Placed is a message where it is stored; Broker "" where nobody knows.
type Placed struct {
	Topic, ID, Tag string
	cluster.Queue
	Offset int64
}

// returns are the copies of a message that a group sent back.
type returns struct {
	retries   []retried
	scheduled []int // how often the message had been sent back that waits for its delay
	dead      time.Time
	given     bool // it lies in the dead-letter topic
}

// retried is a copy in a retry topic.
type retried struct {
	Retry
	taken bool // the group is past it
}

// fate is what the copies tell; false where there are none.
func (r *returns) fate() (f Fate, known bool) {
	switch {
	case r == nil || !r.given && len(r.retries)+len(r.scheduled) == 0:
		return FateUnknown, false
	case r.given:
		return FateDead, true
	case len(r.retries) > 0 && !slices.MaxFunc(r.retries, laterRetry).taken:
		return FateRetrying, true
	}
	for _, times := range r.scheduled {
		if !slices.ContainsFunc(r.retries, func(x retried) bool { return x.Times == times }) {
			return FateRetrying, true
		}
	}
	return FateConsumed, true
}

func laterRetry(a, b retried) int { return cmp.Or(cmp.Compare(a.Times, b.Times), a.At.Compare(b.At)) }

// Settle asks how far a group is in topics, and reads what it sent back of the messages
// that were made since a time: its retry and dead-letter topics, and what waits for its
// retry. It joins no group. tell is told how many messages were read, now and then, from
// the same goroutine. What could not be read is in the result; the error is the context's,
// or says why nothing could be asked at all: fault.NotOffered where the endpoint tells no
// positions.
func (a *Asker) Settle(ctx context.Context, group string, topics []string, since time.Time, tell func(read int64)) (*Settlement, error) {
	l, err := a.someBrokers(ctx)
	if err != nil {
		return nil, err
	}
	s := &Settlement{
		Group: group, At: time.Now(), wanted: map[string]cluster.Wanted{}, queues: map[QueueOf]standing{}, copies: map[string]*returns{}, whole: true,
	}
	if err := a.settleMembers(ctx, l, s); err != nil || s.Each {
		return s, err
	}
	for _, b := range l.dead {
		s.missed(b.Name, fault.NoBroker)
	}
	// Positions first: what a group has sent back lies in its topics before the position is
	// past it.
	for _, topic := range topics {
		if err := a.settlePositions(ctx, s, topic); err != nil {
			return s, err
		}
	}
	read := &returning{Settlement: s, ask: a.admin, topics: topics, since: since.Add(-earlier), known: a.KnownBrokers(), tell: tell}
	return s, read.all(ctx)
}

// settleMembers asks who is there, and what they want.
func (a *Asker) settleMembers(ctx context.Context, l listing, s *Settlement) error {
	consumers, missing, err := a.admin.Consumers(ctx, l.all, s.Group)
	if err != nil && !errors.Is(err, fault.GroupOffline) {
		return err
	}
	for _, m := range missing {
		s.missed(m.Broker, m.Err)
	}
	s.Members, s.Each, s.Popped = len(consumers.Members), consumers.Model == modelBroadcasting, consumers.Type == typePop
	for _, w := range consumers.Subscriptions {
		s.wanted[w.Topic] = w
	}
	return nil
}

func (s *Settlement) missed(subject string, why error) {
	if slices.ContainsFunc(s.Missed, func(m cluster.Missed) bool { return m.Subject == subject }) {
		return
	}
	s.Missed = append(s.Missed, cluster.Missed{Subject: subject, Why: fault.From(why)})
}

// settlePositions asks how far the group is in each queue of a topic. A queue that does not
// tell is missed.
func (a *Asker) settlePositions(ctx context.Context, s *Settlement, topic string) error {
	route, err := a.admin.Route(ctx, topic)
	if err != nil {
		if ctx.Err() != nil || errors.Is(err, fault.NotOffered) {
			return err
		}
		s.missed(topic, err)
		return nil
	}
	found, missing, err := positions(ctx, a.admin, route, topic, s.Group)
	if err != nil {
		return err
	}
	for q, at := range found {
		s.queues[QueueOf{topic, q}] = at
	}
	for _, m := range missing {
		s.missed(topic+" "+m.Subject, m.Why)
	}
	return nil
}

// positions asks how far a group is in each queue of a topic. The error says that nobody
// tells, or is the context's.
func positions(ctx context.Context, ask *admin.Client, route cluster.Route, topic, group string) (map[cluster.Queue]standing, []cluster.Missed, error) {
	var (
		mu     sync.Mutex
		found  = map[cluster.Queue]standing{}
		missed []cluster.Missed
		work   errgroup.Group
	)
	work.SetLimit(positionsAtOnce)
	for _, q := range route.ReadQueues() {
		work.Go(func() error {
			next, has, err := ask.Position(ctx, route, topic, group, q)
			if err == nil && has {
				// A position tells only of a queue that is as long.
				var end int64
				if end, err = ask.MaxOffset(ctx, route, topic, q); err == nil && next > end {
					err = fault.WrongPosition
				}
			}
			mu.Lock()
			defer mu.Unlock()
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case errors.Is(err, fault.NotOffered):
				return err
			case err != nil:
				missed = append(missed, cluster.Missed{Subject: q.String(), Why: fault.From(err)})
			default:
				found[q] = standing{next, has, true}
			}
			return nil
		})
	}
	return found, missed, work.Wait()
}

// Of tells what became of a message: FateUnknown where its queue, or what the group sent
// back, was not read.
func (s *Settlement) Of(m Placed) Fate {
	if s.Each {
		return FateEach
	}
	if f, known := s.copies[m.ID].fate(); known && m.ID != "" {
		return f
	}
	at := s.queues[QueueOf{m.Topic, m.Queue}]
	w, wants := s.wanted[m.Topic]
	filters := wants && w.Expression != "" && strings.TrimSpace(w.Expression) != "*"
	switch sql := strings.EqualFold(w.Kind, "SQL92"); {
	case filters && !sql && !slices.Contains(cluster.Tags(w.Expression), m.Tag):
		return FateFiltered
	case !at.known:
		return FateUnknown
	case !at.has || m.Offset >= at.next:
		if s.Members == 0 {
			return FateOffline
		}
		return FateWaiting
	case filters && sql, !s.whole:
		return FateUnknown // it may have been left out, or sent back
	case s.Popped:
		return FateTaken
	}
	return FateConsumed
}

// SQL tells whether members want messages of a topic by an SQL92 expression: which of them
// it leaves out is not known.
func (s *Settlement) SQL() bool {
	for _, w := range s.wanted {
		if strings.EqualFold(w.Kind, "SQL92") && strings.TrimSpace(w.Expression) != "*" {
			return true
		}
	}
	return false
}

// returning reads what a group sent back.
type returning struct {
	*Settlement
	ask    *admin.Client
	topics []string
	since  time.Time
	known  []string
	tell   func(int64)
	before int64 // read in the topics before
}

// all reads the topics to which a group sends back: retry topics before where messages wait
// for their retry, so that one that goes from there to here meanwhile is seen twice, not
// never; then given-up ones.
func (r *returning) all(ctx context.Context) error {
	retry := message.RetryTopic(r.Group)
	names := []string{retry}
	for _, t := range r.topics { // of members that pop, see sentBack
		names = append(names, retry+"_"+t, retry+"+"+t)
	}
	for _, name := range names {
		route, err := r.ask.Route(ctx, name)
		if errors.Is(err, fault.TopicNotFound) {
			continue
		}
		var past map[cluster.Queue]standing
		var missed []cluster.Missed
		if err == nil {
			past, missed, err = positions(ctx, r.ask, route, name, r.Group)
		}
		if err == nil && len(missed) > 0 {
			err = missed[0].Why
		}
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			r.notRead(name, err)
		}
		if err := r.read(ctx, name, func(broker string, m *message.Message, of *returns) {
			at := past[cluster.Queue{Broker: broker, ID: m.QueueID}]
			of.retries = append(of.retries, retried{Retry{m.StoredAt, m.ReconsumeTimes}, at.has && at.next > m.QueueOffset})
		}); err != nil {
			return err
		}
	}
	if err := r.read(ctx, scheduleTopic, func(_ string, m *message.Message, of *returns) {
		if m.Property(message.PropertyRealTopic) == retry {
			of.scheduled = append(of.scheduled, m.ReconsumeTimes)
		}
	}); err != nil {
		return err
	}
	return r.read(ctx, message.DeadLetterTopic(r.Group), func(_ string, m *message.Message, of *returns) {
		of.dead, of.given = m.StoredAt, true
	})
}

// notRead notes that not all of what was sent back is known.
func (r *returning) notRead(subject string, why error) {
	r.whole = false
	r.missed(subject, why)
}

// read reads a topic from the time on since which the messages were made.
func (r *returning) read(ctx context.Context, topic string, take func(broker string, m *message.Message, of *returns)) error {
	q := cluster.Query{Kind: cluster.ByTime, Topic: topic, From: r.since, Limit: mostSentBack, Known: r.known}
	var p cluster.Progress
	full := errors.New("full")
	err := reader.Run(ctx, r.ask, q, func(broker string, stored []byte) error {
		m, _, err := message.ParseStored(stored)
		if err != nil {
			return err
		}
		if !slices.Contains(r.topics, m.FirstTopic()) || m.ID() == "" {
			return nil
		}
		of := r.copies[m.ID()]
		if of == nil {
			if len(r.copies) >= mostCopied {
				return full
			}
			of = &returns{}
			r.copies[m.ID()] = of
		}
		take(broker, m, of)
		return nil
	}, func(now cluster.Progress) {
		p = now
		r.tell(r.before + now.Read)
	})
	r.before += p.Read
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, fault.TopicNotFound) && topic != scheduleTopic: // nothing was ever sent there
	case errors.Is(err, full) || p.Limited:
		r.whole, r.Limited = false, true
	case err != nil:
		r.notRead(topic, err)
	}
	for _, m := range p.Missed {
		r.notRead(topic+" "+m.Subject, fmt.Errorf("%w", m.Why))
	}
	return nil
}
