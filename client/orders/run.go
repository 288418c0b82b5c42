package orders

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"gantry/client/cluster"
	"gantry/client/fault"
)

const (
	// atOnce is how many queues are put together.
	atOnce = 8
	// followLimit is how long it is looked whether members follow: client-go needs 10 to
	// 30 s. followEvery is how often.
	followLimit = 45 * time.Second
	followEvery = 500 * time.Millisecond
)

// work is an order that runs.
type work struct {
	c     *Clerk
	route cluster.Route
	p     *Preview
	tell  func(Record)

	// before is what members said of their queues before they were told.
	before map[cluster.Queue]held

	mu  sync.Mutex
	rec Record // guarded by mu
}

// held is a queue as a member says it has it.
type held struct {
	member string
	commit int64
	last   time.Time // when it consumed something, or got the queue
}

// Run does what was agreed to. It looks at the cluster again first: a ChangedError says
// that nothing was done, because it is no longer as agreed says. Nothing is done either
// unless it stands in the diary. tell is called with what was done so far, from any
// goroutine, one call at a time. An error after that comes with the record: the diary could
// not be completed, or ctx has ended; a queue that failed is in the record and no error.
// Members are watched for some time until they follow, see State.
func (c *Clerk) Run(ctx context.Context, agreed *Preview, tell func(Record)) (Record, error) {
	now, err := c.Preview(ctx, agreed.again())
	if err != nil {
		return Record{}, err
	}
	if what := agreed.differs(now); what != "" {
		now.Order = agreed.Order
		return Record{}, &ChangedError{Now: now, What: what}
	}
	w := &work{c: c, p: now, tell: tell, rec: Record{At: time.Now(), Who: c.who, Order: agreed.Order, Way: now.Way, Members: len(now.Members)}}
	if w.route, err = c.admin.Route(ctx, now.Order.Topic); err != nil {
		return Record{}, err
	}
	for _, l := range now.Lines {
		if l.Moves() {
			w.rec.Queues = append(w.rec.Queues, Done{Broker: l.Broker, Queue: l.ID, From: l.From, To: l.To})
		}
	}
	if err := c.diary.begin(&w.rec); err != nil {
		return Record{}, err
	}
	if now.Online() {
		w.before = w.held(ctx)
	}
	w.put(ctx)
	if now.Online() {
		w.follow(ctx)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rec, errors.Join(ctx.Err(), c.diary.end(&w.rec))
}

// put gives the order to every broker and queue.
func (w *work) put(ctx context.Context) {
	var all errgroup.Group
	all.SetLimit(atOnce)
	if w.p.Way == ByTime {
		for broker, queues := range w.byBroker() {
			all.Go(func() error {
				err := w.byTime(ctx, broker)
				for _, i := range queues {
					w.note(i, Told, err)
				}
				return nil
			})
		}
		_ = all.Wait()
		return
	}
	for i, q := range w.rec.Queues { // their number and places do not change
		all.Go(func() error {
			state := Set
			if w.p.Online() {
				state = Told
			}
			w.note(i, state, w.one(ctx, cluster.Queue{Broker: q.Broker, ID: q.Queue}, q.To))
			return nil
		})
	}
	_ = all.Wait()
}

// byBroker are the places in the record of each broker's queues.
func (w *work) byBroker() map[string][]int {
	all := map[string][]int{}
	for i, q := range w.rec.Queues {
		all[q.Broker] = append(all[q.Broker], i)
	}
	return all
}

// byTime has a broker tell its members.
func (w *work) byTime(ctx context.Context, broker string) error {
	at := w.p.Order.To.At
	switch w.p.Order.To.Kind {
	case ToEarliest:
		at = time.UnixMilli(0)
	case ToNewest:
		at = time.Time{}
	}
	return w.c.admin.ResetByTime(ctx, w.route, w.p.Order.Topic, w.p.Order.Group, broker, at)
}

// one puts the group to an offset of a queue. A position that does not count because the
// broker itself put the group elsewhere, and nobody has pulled there yet, is set by the
// broker again.
func (w *work) one(ctx context.Context, q cluster.Queue, to int64) error {
	a, group, topic := w.c.admin, w.p.Order.Group, w.p.Order.Topic
	if w.p.Way == ByBroker {
		return a.ResetQueue(ctx, w.route, topic, group, q, to)
	}
	if err := a.Commit(ctx, w.route, topic, group, q, to); err != nil {
		return err
	}
	got, has, err := a.Position(ctx, w.route, topic, group, q)
	if err != nil || has && got == to {
		return err
	}
	if addr, ok := w.route.Master(q.Broker); ok {
		if puts, err := a.PutsGroups(ctx, addr); err == nil && puts {
			return a.ResetQueue(ctx, w.route, topic, group, q, to)
		}
	}
	return fmt.Errorf("%s %s is at %d: %w", topic, q, got, fault.NotTaken)
}

// note writes down what became of a queue.
func (w *work) note(i int, s State, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	q := &w.rec.Queues[i]
	if q.State = s; err != nil {
		q.State, q.Err = Failed, fault.From(err)
	}
	if w.tell != nil {
		said := w.rec
		said.Queues = append([]Done(nil), w.rec.Queues...)
		w.tell(said)
	}
}

// follow looks for some time whether members go on from where they were put.
func (w *work) follow(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, followLimit)
	defer cancel()
	every := time.NewTicker(followEvery)
	defer every.Stop()
	for {
		open := w.told()
		if len(open) == 0 {
			return
		}
		all := w.held(ctx)
		for _, i := range open {
			q := w.rec.Queues[i] // only this goroutine writes now
			at := cluster.Queue{Broker: q.Broker, ID: q.Queue}
			pos, has, err := w.c.admin.Position(ctx, w.route, w.p.Order.Topic, w.p.Order.Group, at)
			if err != nil || !has {
				continue
			}
			h, known := all[at]
			if followed(q, w.p.Way, pos, h.commit, known) || known && w.again(ctx, q, h) {
				w.note(i, Followed, nil)
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
	}
}

// told are the places in the record of which it is not known that members follow.
func (w *work) told() (open []int) {
	for i, q := range w.rec.Queues {
		if q.State == Told {
			open = append(open, i)
		}
	}
	return open
}

// again tells whether a member has consumed what was delivered again, where it was done
// before anybody looked: in a queue of which nothing waited, and to which nothing came
// since, there was nothing else to consume.
func (w *work) again(ctx context.Context, q Done, now held) bool {
	at := cluster.Queue{Broker: q.Broker, ID: q.Queue}
	i := slices.IndexFunc(w.p.Lines, func(l Line) bool { return l.Queue == at })
	if i < 0 || !consumedAgain(w.p.Lines[i], w.before[at], now) {
		return false
	}
	top, err := w.c.admin.MaxOffset(ctx, w.route, w.p.Order.Topic, at)
	return err == nil && top == w.p.Lines[i].Max
}

// consumedAgain tells whether a member consumed something since it was told that can only
// have come again, if nothing new came.
func consumedAgain(l Line, before, now held) bool {
	return l.To < l.From && l.From == l.Max && before.member != "" && before.member == now.member && now.last.After(before.last)
}

// held is what members say of the topic's queues that they have.
func (w *work) held(ctx context.Context) map[cluster.Queue]held {
	all := map[cluster.Queue]held{}
	for _, m := range w.p.Members {
		for _, name := range m.Brokers {
			addr, ok := w.route.Master(name)
			if !ok {
				continue
			}
			r, err := w.c.admin.Running(ctx, addr, w.p.Order.Group, m.ID, false)
			if err != nil {
				continue
			}
			for _, h := range r.Queues {
				if h.Topic == w.p.Order.Topic {
					all[h.Queue] = held{m.ID, h.Commit, h.LastConsume}
				}
			}
			break
		}
	}
	return all
}

// followed tells whether the position of a queue, and what its member says of itself, show
// that it goes on from where it was put. A broker that puts groups itself has the position
// at once, and takes no commit before somebody has pulled there: another position proves
// it. Of others the position is the members' own.
func followed(q Done, way Way, pos, commit int64, known bool) bool {
	back := q.To < q.From
	if way == ByBroker && pos != q.To {
		return true
	}
	if known && (back && commit < q.From || !back && commit >= q.To) {
		return true
	}
	return way == ByTime && (back && pos < q.From || !back && pos >= q.To)
}
