package orders

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"
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

// plan is what an order of any kind will do, as it was just looked at.
type plan interface {
	// planned is the record of it before anything is done.
	planned() Record
	// carryOut gives the orders and notes what becomes of each part. ctx may end it early.
	carryOut(ctx context.Context, w *work)
}

// work is an order that runs.
type work struct {
	c    *Clerk
	tell func(Record)

	mu  sync.Mutex
	rec Record // guarded by mu
}

// carry does what a plan says. Nothing is done unless it stands in the diary. An error comes
// with the record where it was begun.
func (c *Clerk) carry(ctx context.Context, p plan, order func(*Record), tell func(Record)) (Record, error) {
	w := &work{c: c, tell: tell, rec: p.planned()}
	w.rec.At, w.rec.Who = time.Now(), c.who
	order(&w.rec)
	if err := c.diary.begin(&w.rec); err != nil {
		return Record{}, err
	}
	p.carryOut(ctx, w)
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rec, errors.Join(ctx.Err(), c.diary.end(&w.rec))
}

// note writes down what became of a part.
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

// moving is an order for Offsets that runs.
type moving struct {
	*work
	route cluster.Route
	p     *Preview
	// before is what members said of their queues before they were told.
	before map[cluster.Queue]held
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
	m := &moving{p: now}
	if m.route, err = c.admin.Route(ctx, now.Order.Topic); err != nil {
		return Record{}, err
	}
	var kept Record
	if agreed.Order.Keep {
		kept.ID = uuid.NewString()
		if kept.Kept, err = c.keep(ctx, m.route, now, kept.ID); err != nil {
			return Record{}, err
		}
	}
	rec, err := c.carry(ctx, m, func(r *Record) { r.Order, r.ID, r.Kept = agreed.Order, kept.ID, kept.Kept }, tell)
	if rec.ID == "" { // it does not stand in the diary
		err = errors.Join(err, c.diary.drop(&kept))
	}
	return rec, err
}

func (m *moving) planned() Record {
	r := Record{Order: m.p.Order, Way: m.p.Way, Members: len(m.p.Members)}
	for _, l := range m.p.Lines {
		if l.Moves() {
			r.Queues = append(r.Queues, Done{Broker: l.Broker, Queue: l.ID, From: l.From, To: l.To})
		}
	}
	return r
}

func (m *moving) carryOut(ctx context.Context, w *work) {
	m.work = w
	if m.p.Online() {
		m.before = m.held(ctx)
	}
	if m.put(ctx); m.p.Online() {
		m.follow(ctx)
	}
}

// put gives the order to every broker and queue.
func (m *moving) put(ctx context.Context) {
	var all errgroup.Group
	all.SetLimit(atOnce)
	if m.p.Way == ByTime {
		for broker, queues := range m.byBroker() {
			all.Go(func() error {
				err := m.byTime(ctx, broker)
				for _, i := range queues {
					m.note(i, Told, err)
				}
				return nil
			})
		}
		_ = all.Wait()
		return
	}
	for i, q := range m.rec.Queues { // their number and places do not change
		all.Go(func() error {
			state := Set
			if m.p.Online() {
				state = Told
			}
			m.note(i, state, m.one(ctx, cluster.Queue{Broker: q.Broker, ID: q.Queue}, q.To))
			return nil
		})
	}
	_ = all.Wait()
}

// byBroker are the places in the record of each broker's queues.
func (m *moving) byBroker() map[string][]int {
	all := map[string][]int{}
	for i, q := range m.rec.Queues {
		all[q.Broker] = append(all[q.Broker], i)
	}
	return all
}

// byTime has a broker tell its members.
func (m *moving) byTime(ctx context.Context, broker string) error {
	at := m.p.Order.To.At
	switch m.p.Order.To.Kind {
	case ToEarliest:
		at = time.UnixMilli(0)
	case ToNewest:
		at = time.Time{}
	}
	return m.c.admin.ResetByTime(ctx, m.route, m.p.Order.Topic, m.p.Order.Group, broker, at)
}

// one puts the group to an offset of a queue. A position that does not count because the
// broker itself put the group elsewhere, and nobody has pulled there yet, is set by the
// broker again.
func (m *moving) one(ctx context.Context, q cluster.Queue, to int64) error {
	a, group, topic := m.c.admin, m.p.Order.Group, m.p.Order.Topic
	if m.p.Way == ByBroker {
		return a.ResetQueue(ctx, m.route, topic, group, q, to)
	}
	if err := a.Commit(ctx, m.route, topic, group, q, to); err != nil {
		return err
	}
	got, has, err := a.Position(ctx, m.route, topic, group, q)
	if err != nil || has && got == to {
		return err
	}
	if addr, ok := m.route.Master(q.Broker); ok {
		if puts, err := a.PutsGroups(ctx, addr); err == nil && puts {
			return a.ResetQueue(ctx, m.route, topic, group, q, to)
		}
	}
	return fmt.Errorf("%s %s is at %d: %w", topic, q, got, fault.NotTaken)
}

// follow looks for some time whether members go on from where they were put.
func (m *moving) follow(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, followLimit)
	defer cancel()
	every := time.NewTicker(followEvery)
	defer every.Stop()
	left := map[int]bool{} // the positions that were seen elsewhere since
	for {
		open := m.told()
		if len(open) == 0 {
			return
		}
		all := m.held(ctx)
		for _, i := range open {
			q := m.rec.Queues[i] // only this goroutine writes now
			at := cluster.Queue{Broker: q.Broker, ID: q.Queue}
			pos, has, err := m.c.admin.Position(ctx, m.route, m.p.Order.Topic, m.p.Order.Group, at)
			if err != nil || !has {
				continue
			}
			h, known := all[at]
			if followed(q, m.p.Way, pos, left[i], h.commit, known) || known && m.again(ctx, q, h) {
				m.note(i, Followed, nil)
			}
			left[i] = left[i] || pos != q.To
		}
		select {
		case <-ctx.Done():
			return
		case <-every.C:
		}
	}
}

// told are the places in the record of which it is not known that members follow.
func (m *moving) told() (open []int) {
	for i, q := range m.rec.Queues {
		if q.State == Told {
			open = append(open, i)
		}
	}
	return open
}

// again tells whether a member has consumed what was delivered again, where it was done
// before anybody looked: in a queue of which nothing waited, and to which nothing came
// since, there was nothing else to consume.
func (m *moving) again(ctx context.Context, q Done, now held) bool {
	at := cluster.Queue{Broker: q.Broker, ID: q.Queue}
	i := slices.IndexFunc(m.p.Lines, func(l Line) bool { return l.Queue == at })
	if i < 0 || !consumedAgain(m.p.Lines[i], m.before[at], now) {
		return false
	}
	top, err := m.c.admin.MaxOffset(ctx, m.route, m.p.Order.Topic, at)
	return err == nil && top == m.p.Lines[i].Max
}

// consumedAgain tells whether a member consumed something since it was told that can only
// have come again, if nothing new came.
func consumedAgain(l Line, before, now held) bool {
	return l.To < l.From && l.From == l.Max && before.member != "" && before.member == now.member && now.last.After(before.last)
}

// held is what members say of the topic's queues that they have.
func (m *moving) held(ctx context.Context) map[cluster.Queue]held {
	all := map[cluster.Queue]held{}
	for _, member := range m.p.Members {
		for _, name := range member.Brokers {
			addr, ok := m.route.Master(name)
			if !ok {
				continue
			}
			r, err := m.c.admin.Running(ctx, addr, m.p.Order.Group, member.ID, false)
			if err != nil {
				continue
			}
			for _, h := range r.Queues {
				if h.Topic == m.p.Order.Topic {
					all[h.Queue] = held{member.ID, h.Commit, h.LastConsume}
				}
			}
			break
		}
	}
	return all
}

// followed tells whether the position of a queue, and what its member says of itself, show
// that it goes on from where it was put. left is whether the position was elsewhere since.
//
// A broker that puts groups itself has the position at once, and takes no commit before
// somebody has pulled there. The first commit after that may still be of the old place, as a
// member of client-go's is for 10 s, which then forgets the new one where another queue is put
// at that moment (remoteBrokerOffsetStore.persist drops all queues but one). What proves it is
// a position that nobody had before, or the new one once more after another. Of others the
// position is the members' own.
func followed(q Done, way Way, pos int64, left bool, commit int64, known bool) bool {
	back := q.To < q.From
	if known && (back && commit < q.From || !back && commit >= q.To) {
		return true
	}
	switch {
	case way == ByTime && back:
		return pos < q.From
	case way == ByTime:
		return pos >= q.To
	case way != ByBroker:
		return false
	case pos == q.To:
		return left
	case back:
		return pos > q.To && pos < q.From
	}
	return pos > q.To
}
