package reader

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gantry/client/admin"
	"gantry/client/remoting"
)

const (
	// mostAhead is how many pulls of one queue are under way while it is being caught
	// up with, and allAhead bounds those of all queues of a broker, which keeps what it
	// answers in memory.
	mostAhead = 4
	allAhead  = 32
	// lookEvery is how often a reader looks after its queues at least.
	lookEvery = time.Second
)

// brokerReader reads the queues of one broker over one connection, in one goroutine:
// answers are handled where they are read.
type brokerReader struct {
	*Follower
	name  string
	route atomic.Pointer[admin.Route]

	mu    sync.Mutex
	fresh []*queueReader // guarded by mu; not yet read
	pulls *admin.Puller  // guarded by mu for others than run, which sets it

	// The rest belongs to run.
	queues []*queueReader
	asked  map[int32]*pull
	until  time.Time // when the queues must be looked after next
	heard  time.Time // when the last answer came
	stale  bool      // handling took so long that the connection may be gone
	spare  [][]byte  // for answers that come before their turn
}

// queueReader is how far a queue was read, and what it is asked.
type queueReader struct {
	admin.Queue
	next int64 // the offset that is handled next
	end  int64 // of the queue, as its broker said last
	// full says that the last answer held as many messages as one can: those behind it
	// may be asked for before it is clear that they are the next.
	full  bool
	asked []*pull       // by offset: under way, or answered before its turn
	pause time.Duration // before the next try after a failure; 0 where there was none
	due   time.Time     // it is not asked before
	over  bool          // Handle takes nothing more of it
}

// pull is one question for messages.
type pull struct {
	q      *queueReader
	id     int32
	offset int64
	at     time.Time
	got    *admin.Answer // nil while it is under way
	copied bool          // got's body is one of the spare ones
}

func newBrokerReader(f *Follower, name string, r *admin.Route) *brokerReader {
	b := &brokerReader{Follower: f, name: name}
	b.route.Store(r)
	return b
}

// add has a queue read, from next on.
func (b *brokerReader) add(q admin.Queue, next int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fresh = append(b.fresh, &queueReader{Queue: q, next: next})
	b.interrupt()
}

// moved tells the reader where the broker is.
func (b *brokerReader) moved(r *admin.Route) {
	b.route.Store(r)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.interrupt()
}

// interrupt is called with mu held.
func (b *brokerReader) interrupt() {
	if b.pulls != nil {
		b.pulls.Interrupt()
	}
}

// run reads until the following is stopped.
func (b *brokerReader) run() {
	pause := firstRetry
	for b.ctx.Err() == nil {
		opened := time.Now()
		err := b.connection()
		b.welcome()
		for _, q := range b.queues {
			b.giveUp(q)
			if err != nil && !q.over {
				b.trouble(q, err)
			}
		}
		if err == nil {
			continue
		}
		if b.heard.After(opened) {
			pause = firstRetry
		}
		_ = sleep(b.ctx, pause)
		pause = min(2*pause, lastRetry)
	}
}

// connection reads over one connection until that is lost. It returns nil where
// another one is to be made at once.
func (b *brokerReader) connection() error {
	addr, ok := b.route.Load().Master(b.name)
	if !ok {
		return admin.ErrNoBroker
	}
	pulls, err := b.cfg.Admin.OpenPuller(b.ctx, addr)
	if err != nil {
		return err
	}
	defer pulls.Close()
	defer context.AfterFunc(b.ctx, func() { _ = pulls.Close() })()
	b.mu.Lock()
	b.pulls = pulls
	b.mu.Unlock()
	b.asked, b.stale, b.until = map[int32]*pull{}, false, time.Time{}
	for b.ctx.Err() == nil && !b.stale {
		if now := time.Now(); !now.Before(b.until) {
			b.welcome()
			if to, ok := b.route.Load().Master(b.name); ok && to != addr {
				return nil
			}
			if err := b.look(now); err != nil {
				return err
			}
		}
		answer, err := pulls.Read(b.until)
		if err != nil {
			return err
		}
		if answer == nil { // there is news, or it is time
			b.until = time.Time{}
			continue
		}
		b.heard = time.Now()
		if err := b.take(answer); err != nil {
			return err
		}
	}
	return nil
}

// welcome takes the queues that were added.
func (b *brokerReader) welcome() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.queues = append(b.queues, b.fresh...)
	b.fresh = nil
}

// look asks for what is due and gives up what was not answered; it sets until.
func (b *brokerReader) look(now time.Time) error {
	b.until = now.Add(lookEvery)
	for _, q := range b.queues {
		if len(q.asked) > 0 && now.Sub(q.asked[0].at) > hold+patience {
			err := fmt.Errorf("%s: %w", b.pulls.Addr(), remoting.ErrTimeout)
			if b.heard.Before(q.asked[0].at) {
				return err // nothing comes at all
			}
			b.giveUp(q)
			b.trouble(q, err)
		}
		if err := b.ask(q, now); err != nil {
			return err
		}
	}
	return nil
}

// ask asks for the next messages of a queue, and for those behind them where it is
// known that they are there.
func (b *brokerReader) ask(q *queueReader, now time.Time) error {
	switch {
	case q.over:
		return nil
	case now.Before(q.due):
		if q.due.Before(b.until) {
			b.until = q.due
		}
		return nil
	}
	at := q.next
	if n := len(q.asked); n > 0 {
		at = q.asked[n-1].offset + batch
	}
	for len(q.asked) == 0 || q.full && len(q.asked) < ahead(b.cfg.Subscription, len(b.queues)) && at+batch <= q.end {
		id, err := b.pulls.Ask(q.Queue, b.cfg.Subscription, at, batch, hold)
		if err != nil {
			return err
		}
		p := &pull{q: q, id: id, offset: at, at: now}
		b.asked[id] = p
		q.asked = append(q.asked, p)
		at += batch
	}
	return nil
}

// ahead is how many pulls of each of so many queues may be under way. Behind a filter
// nobody knows where the next answer begins.
func ahead(s admin.Subscription, queues int) int {
	if s.SQL92 || s.Expression != "*" {
		return 1
	}
	return max(1, min(mostAhead, allAhead/max(queues, 1)))
}

// take handles an answer, and those that waited for it.
func (b *brokerReader) take(a *admin.Answer) error {
	p := b.asked[a.ID]
	if p == nil {
		return nil // given up
	}
	delete(b.asked, a.ID)
	p.got = a
	q := p.q
	if p != q.asked[0] {
		p.copied, a.Body = true, append(b.spareBody(), a.Body...)
		return nil
	}
	for len(q.asked) > 0 && q.asked[0].got != nil && q.asked[0].offset == q.next && !q.over {
		p = q.asked[0]
		q.asked = slices.Delete(q.asked, 0, 1)
		b.handle(p)
		if p.copied {
			b.spare = append(b.spare, p.got.Body[:0])
		}
	}
	if q.over || len(q.asked) > 0 && q.asked[0].offset != q.next {
		b.giveUp(q)
	}
	return b.ask(q, time.Now())
}

func (b *brokerReader) spareBody() []byte {
	n := len(b.spare)
	if n == 0 {
		return nil
	}
	body := b.spare[n-1]
	b.spare = b.spare[:n-1]
	return body
}

// handle takes the answer to the foremost pull of a queue.
func (b *brokerReader) handle(p *pull) {
	q, got := p.q, p.got
	if got.Err != nil {
		b.trouble(q, got.Err)
		return
	}
	if q.pause > 0 {
		q.pause = 0
		b.answered(q.Queue)
	}
	from := q.next
	q.next, q.end, q.full = got.Next, got.Max, got.Next == from+batch
	switch {
	case from < got.Min:
		b.missed.Add(got.Min - from)
	case from > got.Max: // the topic was made anew
		q.next = got.Min
	}
	if len(got.Body) > 0 {
		b.deliver(q, got.Body)
	} else if now := time.Now(); q.next <= from && now.Sub(p.at) < rest {
		q.due = now.Add(rest) // a broker that does not wait
	}
}

// deliver hands messages over. While that waits nothing is read, and brokers hang up
// on clients that are silent for minutes.
func (b *brokerReader) deliver(q *queueReader, stored []byte) {
	begin := time.Now()
	if err := b.cfg.Handle(q.Queue, stored); err != nil {
		q.over = true
		b.failed(q.Queue, err)
	}
	took := time.Since(begin)
	if took < rest {
		return
	}
	b.stale = b.stale || took > hold
	for _, p := range b.asked {
		p.at = p.at.Add(took)
	}
}

// giveUp forgets what a queue was asked.
func (b *brokerReader) giveUp(q *queueReader) {
	for _, p := range q.asked {
		delete(b.asked, p.id)
	}
	q.asked = q.asked[:0]
}

// trouble says what failed; the queue is asked again after a pause.
func (b *brokerReader) trouble(q *queueReader, err error) {
	b.failed(q.Queue, fmt.Errorf("pull %s %s: %w", b.cfg.Subscription.Topic, q, err))
	q.pause = max(firstRetry, min(2*q.pause, lastRetry))
	q.due = time.Now().Add(q.pause)
	b.giveUp(q)
}
