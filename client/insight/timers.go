package insight

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
)

// mostTimers bounds how many messages among the timers of each broker are read, the newest:
// of all topics, delivered ones too. mostTimerBytes bounds those that are kept, of all brokers.
const (
	mostTimers     = 20_000
	mostTimerBytes = 64 << 20
)

// Timers is what waits for an exact time at the brokers, of one topic. What waits in delay
// levels is not among it.
type Timers struct {
	Topic string
	At    time.Time
	// Waiting are those that were found, the soonest first.
	Waiting []*message.Message
	// Brokers are those that were asked, by name; Missing those that did not answer.
	Brokers []BrokerTimers
	Missing cluster.Missing
}

// BrokerTimers is what was asked of one broker.
type BrokerTimers struct {
	Name string
	// Count is how many of the topic wait by its own count, below 0 where it does not tell.
	Count int64
	Found int
	// Read of Total messages among its timers were looked at, the newest; those before were
	// stored before Since.
	Read, Total int64
	Since       time.Time
}

// Whole tells whether all that lies among its timers was looked at.
func (b BrokerTimers) Whole() bool { return b.Read >= b.Total }

// Timers reads what waits for an exact time of a topic: messages among each broker's timers
// that it has not delivered, without those that were taken back. The error is why nothing can
// be said: fault.NotOffered of brokers before 5.0, of proxies, and of the sandbox.
func (a *Asker) Timers(ctx context.Context, topic string) (*Timers, error) {
	l, err := a.brokers(ctx)
	if err != nil {
		return nil, err
	}
	if !l.listed {
		return nil, fault.NotOffered
	}
	t := &Timers{Topic: topic, At: time.Now()}
	var mu sync.Mutex
	var all errgroup.Group
	var refused error
	room := int64(mostTimerBytes)
	for _, b := range l.all {
		all.Go(func() error {
			of, waiting, err := a.timersOf(ctx, b, topic, func(n int) bool {
				mu.Lock()
				defer mu.Unlock()
				room -= int64(n)
				return room >= 0
			})
			mu.Lock()
			defer mu.Unlock()
			switch {
			case errors.Is(err, fault.NotOffered):
				refused = err
			case err != nil:
				t.Missing = append(t.Missing, cluster.BrokerError{Broker: b.Name, Err: err})
			default:
				t.Brokers, t.Waiting = append(t.Brokers, of), append(t.Waiting, waiting...)
			}
			return nil
		})
	}
	_ = all.Wait()
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case len(t.Brokers) == 0 && refused != nil:
		return nil, refused
	case len(t.Brokers) == 0 && len(t.Missing) > 0:
		return nil, t.Missing[0].Err
	}
	slices.SortFunc(t.Brokers, func(a, b BrokerTimers) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortStableFunc(t.Waiting, func(a, b *message.Message) int {
		x, _ := a.Due()
		y, _ := b.Due()
		return x.Compare(y)
	})
	return t, nil
}

// timersOf reads those of one broker; keep is asked whether there is room for one more.
func (a *Asker) timersOf(ctx context.Context, b cluster.Broker, topic string, keep func(bytes int) bool) (of BrokerTimers, waiting []*message.Message, err error) {
	of.Name, of.Count = b.Name, -1
	addr, ok := b.Master()
	if !ok {
		return of, nil, fmt.Errorf("%s: %w", b.Name, fault.NoMaster)
	}
	read, err := a.admin.TimersRead(ctx, addr)
	if err != nil {
		return of, nil, err
	}
	if n, err := a.admin.TimersOf(ctx, addr, topic); err == nil {
		of.Count = n
	}
	w := wheel{topic: topic, read: read.UnixMilli(), waits: map[string]*message.Message{}, gone: map[string]bool{}}
	route := cluster.Route{Brokers: []cluster.Broker{b}}
	q := cluster.Queue{Broker: b.Name}
	first, err := a.admin.Pull(ctx, route, message.TimersTopic, q, 0, 1)
	if err != nil {
		return of, nil, err
	}
	of.Total = max(first.Max-max(first.Min, 0), 0)
	from := max(first.Min, first.Max-mostTimers, 0)
	of.Read = max(first.Max-from, 0)
	for at := from; at < first.Max; {
		p, err := a.admin.Pull(ctx, route, message.TimersTopic, q, at, 32)
		if err != nil {
			return of, nil, err
		}
		for rest := p.Body; len(rest) > 0; {
			m, n, err := message.ParseStored(rest)
			if err != nil {
				return of, nil, fmt.Errorf("%w: %w", fault.BadAnswer, err)
			}
			rest = rest[n:]
			if m.Broker = b.Name; of.Since.IsZero() {
				of.Since = m.StoredAt
			}
			if w.take(m) && !keep(n) { // what is farther is not looked at
				of.Read = m.QueueOffset - from
				return of.found(w.left()), w.left(), nil
			}
		}
		if p.Next <= at {
			break
		}
		at = p.Next
	}
	return of.found(w.left()), w.left(), nil
}

func (b BrokerTimers) found(all []*message.Message) BrokerTimers {
	b.Found = len(all)
	return b
}

// wheel is what was read among a broker's timers, in its order.
type wheel struct {
	topic string
	read  int64 // what is due before was delivered
	waits map[string]*message.Message
	gone  map[string]bool // what was taken back, by the second in which it is due, and its key
}

// take notices a message, and reports whether it is kept: it waits, of the topic. One that
// waits for long is stored anew now and then: the last counts.
func (w *wheel) take(m *message.Message) bool {
	due, ok := m.TimerDue()
	if !ok {
		return false
	}
	key := func(of string) string { return fmt.Sprint(due, " ", of) }
	if deleted := m.TimerDeletes(); deleted != "" {
		w.gone[key(deleted)] = true
		return false
	}
	if m.FirstTopic() != w.topic || due <= w.read {
		return false
	}
	id := key(m.TimerKeys()[0])
	_, had := w.waits[id]
	w.waits[id] = m
	return !had
}

// left are those that wait, and were not taken back.
func (w *wheel) left() (all []*message.Message) {
	for _, m := range w.waits {
		due, _ := m.TimerDue()
		gone := false
		for _, k := range m.TimerKeys() {
			gone = gone || w.gone[fmt.Sprint(due, " ", k)]
		}
		if !gone {
			all = append(all, m)
		}
	}
	return all
}
