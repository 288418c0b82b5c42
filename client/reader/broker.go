package reader

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
)

const (
	// mostAhead is how many pulls of one queue are under way while it is being caught
	// up with, allAhead how many of all queues of a broker that bring messages: what is
	// answered lies in memory, here or there, and on a slow line the first answer comes
	// before all of it. Brokers with enableNetWorkFlowControl, which is off by default,
	// leave pulls without an answer where more is under way than the line takes.
	mostAhead = 4
	allAhead  = 32
	// lookEvery is how often a reader looks after its queues at least.
	lookEvery = time.Second
	// keptBody is the largest body that is kept for the next answer that comes before
	// its turn, in bytes.
	keptBody = 512 << 10
)

// brokerReader reads the queues of one broker over one connection, in one goroutine:
// answers are handled where they are read.
type brokerReader struct {
	*Follower
	name  string
	route atomic.Pointer[cluster.Route]

	mu      sync.Mutex
	fresh   []*queueState // guarded by mu; not yet read
	leaving []leaving     // guarded by mu; to be read elsewhere
	pulls   *admin.Puller // guarded by mu for others than run, which sets it
	// addr is where it reads, or tries to; master says that the first of the broker's
	// addresses, which is not that one, answers again. Both are guarded by mu for others
	// than run.
	addr   string
	master bool

	// The rest belongs to run.
	queues   []*queueState
	turn     int             // which of the broker's addresses is tried
	byIndex  bool            // what is there takes no pulls, see admin.ErrIndexOnly
	byID     map[int32]*pull // under way
	bringing int             // pulls that bring messages and are not handled
	waiting  []*queueState   // for their turn to bring more
	until    time.Time       // when the queues must be looked after next
	busy     time.Time       // when the last answer was handled
	through  time.Time       // when the latest pull that was answered was asked
	stale    bool            // handling took so long that the connection may be gone
	spare    [][]byte        // for answers that come before their turn
}

func newBrokerReader(f *Follower, name string, r *cluster.Route) *brokerReader {
	b := &brokerReader{Follower: f, name: name}
	b.route.Store(r)
	return b
}

// add has a queue read, from next on.
func (b *brokerReader) add(q cluster.Queue, next int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fresh = append(b.fresh, &queueState{Queue: q, next: next})
	b.interrupt()
}

// leaving is a queue that another broker leads from now on.
type leaving struct {
	cluster.Queue
	to func(next int64)
}

// leave has a queue read no longer; to is called, from any goroutine, with the offset at
// which it goes on.
func (b *brokerReader) leave(q cluster.Queue, to func(next int64)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.leaving = append(b.leaving, leaving{q, to})
	b.interrupt()
}

// moved tells the reader where the broker is. While a replica is read, the master is asked
// whether it is back.
func (b *brokerReader) moved(r *cluster.Route) {
	b.route.Store(r)
	b.mu.Lock()
	defer b.mu.Unlock()
	if first := r.Readers(b.name); len(first) > 0 && b.addr != "" && b.addr != first[0] {
		b.work.Go(func() {
			if b.cfg.Admin.Answers(b.ctx, first[0]) != nil {
				return
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			b.master = true
			b.interrupt()
		})
	}
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
		b.through = time.Time{}
		err := b.address()
		switch {
		case err != nil:
		case b.byIndex:
			err = b.indexed()
		default:
			err = b.connection()
		}
		b.welcome()
		b.waiting = nil
		for _, q := range b.queues {
			q.waits = false
			b.giveUp(q)
			if err != nil && !q.over {
				b.trouble(q, err)
			}
		}
		if err == nil {
			continue
		}
		b.byIndex = false
		switch answered := !b.through.IsZero(); {
		case answered && !errors.Is(err, fault.Timeout): // it was lost: perhaps it is back at once
			pause = firstRetry
		case answered:
			pause = firstRetry
			b.turn++
		default:
			b.turn++
		}
		_ = sleep(b.ctx, pause)
		pause = min(2*pause, lastRetry)
	}
}

// look asks for what is due and gives up what was not answered; it sets until. On a
// slow line an answer may take long: a connection is given up where nothing comes at
// all, a pull where one that was asked later was answered.
func (b *brokerReader) look(now time.Time) error {
	b.until = now.Add(lookEvery)
	silent := min(now.Sub(b.pulls.Heard()), now.Sub(b.busy))
	for _, q := range b.queues {
		if len(q.asked) > 0 {
			switch at := q.asked[0].at; {
			case min(silent, now.Sub(at)) > hold+patience:
				return b.late()
			case b.through.Sub(at) > hold+patience:
				b.trouble(q, b.late())
			}
		}
		b.want(q, now)
	}
	return b.serve(now)
}

// late is the error for what was not answered.
func (b *brokerReader) late() error {
	return fmt.Errorf("%s: %w: %w", b.pulls.Addr(), fault.Timeout, context.DeadlineExceeded)
}

// want has a queue asked when it is its turn.
func (b *brokerReader) want(q *queueState, now time.Time) {
	switch {
	case q.over || q.waits:
	case now.Before(q.due):
		if q.due.Before(b.until) {
			b.until = q.due
		}
	case len(q.asked) == 0 || b.mayAsk(q):
		q.waits = true
		b.waiting = append(b.waiting, q)
	}
}

// serve asks for more, each queue in its turn.
func (b *brokerReader) serve(now time.Time) error {
	for len(b.waiting) > 0 && b.bringing < allAhead {
		q := b.waiting[0]
		b.waiting[0], b.waiting, q.waits = nil, b.waiting[1:], false
		if err := b.ask(q, now); err != nil {
			return err
		}
	}
	return nil
}

// ask asks for the next messages of a queue, and for those behind them where it is
// known that they are there.
func (b *brokerReader) ask(q *queueState, now time.Time) error {
	for !q.over && !now.Before(q.due) && (len(q.asked) == 0 || b.mayAsk(q)) && b.bringing < allAhead {
		p := &pull{q: q, offset: q.behind(), at: now, held: q.told}
		p.brings = !q.told || p.offset < q.end
		wait := hold
		if !p.held { // the first answer tells the end, and others wait for theirs
			wait = 0
		}
		var err error
		if p.id, err = b.pulls.Ask(q.Queue, b.cfg.Selection, p.offset, batch, wait); err != nil {
			return err
		}
		if p.brings {
			b.bringing++
		}
		b.byID[p.id] = p
		q.asked = append(q.asked, p)
	}
	b.want(q, now) // what there was no room for
	return nil
}

// mayAsk tells whether a queue may be asked for more than what is under way.
func (b *brokerReader) mayAsk(q *queueState) bool {
	return q.full && len(q.asked) < mostAhead && q.behind()+batch <= q.end && foreseen(b.cfg.Selection)
}

// take handles an answer, and those that waited for it.
func (b *brokerReader) take(a *admin.Answer) error {
	p := b.byID[a.ID]
	if p == nil {
		return nil // given up
	}
	delete(b.byID, a.ID)
	if p.at.After(b.through) {
		b.through = p.at
	}
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
		b.done(p)
	}
	if q.over || len(q.asked) > 0 && q.asked[0].offset != q.next {
		b.giveUp(q)
	}
	now := time.Now()
	b.want(q, now)
	return b.serve(now)
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

// done gives back what a pull held.
func (b *brokerReader) done(p *pull) {
	if p.brings {
		b.bringing--
	}
	if p.copied && cap(p.got.Body) <= keptBody {
		b.spare = append(b.spare, p.got.Body[:0])
	}
}

// handle takes the answer to the foremost pull of a queue.
func (b *brokerReader) handle(p *pull) {
	q, got := p.q, p.got
	if err := doubt(q.next, got); err != nil {
		b.trouble(q, err)
		return
	}
	if q.pause > 0 {
		q.pause = 0
		b.answered(q.Queue)
	}
	from := q.next
	q.next, q.end, q.told, q.full = got.Next, got.Max, true, got.Next == from+batch
	if len(got.Body) > 0 { // of a compacted topic also where the minimum lies above from
		q.endless = from >= got.Max
		b.deliver(q, message.Unwrapped(got.Body, from))
		return
	}
	switch {
	case from < got.Min && (b.route.Load().Static() || !removed(got.Pulled, b.cfg.Selection)):
		// Static topics leave offsets out.
	case from < got.Min:
		if n := min(got.Min, got.Max) - from; n > 0 {
			b.missed.Add(n)
			if b.cfg.Gap != nil {
				b.cfg.Gap()
			}
		}
	case from > got.Max && b.replica(): // it has not everything yet
		q.next = from
	case from > got.Max && !q.endless: // the topic was made anew
		q.next = got.Min
	}
	if now := time.Now(); p.held && q.next <= from && now.Sub(p.at) < rest {
		q.due = now.Add(rest) // a broker that does not wait
	}
}

// deliver hands messages over. While that waits nothing is read, and brokers hang up
// on clients that are silent for minutes.
func (b *brokerReader) deliver(q *queueState, stored []byte) {
	begin := time.Now()
	if err := b.cfg.Handle(q.Queue, stored); err != nil {
		q.over = true
		b.failed(q.Queue, err)
	}
	b.stale = b.stale || time.Since(begin) > longest
}

// giveUp forgets what a queue was asked.
func (b *brokerReader) giveUp(q *queueState) {
	for _, p := range q.asked {
		delete(b.byID, p.id)
		b.done(p)
	}
	clear(q.asked)
	q.asked = q.asked[:0]
}

// trouble says what failed; the queue is asked again after a pause.
func (b *brokerReader) trouble(q *queueState, err error) {
	b.failed(q.Queue, fmt.Errorf("pull %s %s: %w", b.cfg.Selection.Topic, q, err))
	q.pause = max(firstRetry, min(2*q.pause, lastRetry))
	q.due = time.Now().Add(q.pause)
	b.giveUp(q)
}
