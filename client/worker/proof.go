package worker

import (
	"cmp"
	"context"
	"errors"
	"hash/maphash"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
)

const (
	// gatherFor is how long a queue's messages are gathered before they are read back,
	// where they come quickly: brokers answer pullLimit at once.
	gatherFor = 100 * time.Millisecond
	pullLimit = 32
	// seenWithin is how long a message that a broker has stored may take to be readable.
	seenWithin = 5 * time.Second
	// searches is how many messages are looked for by their ids at once.
	searches = 4
	// silentFor is for how long brokers that did not answer are not asked again.
	silentFor = 3 * time.Second
	// mostSearches is how many messages wait for a search at most: the rest is not read back.
	mostSearches = 1000
	// askLimit bounds one question.
	askLimit = 3 * time.Second
)

// prover reads back what was sent: by its place where a receipt names one, by its id else.
// It joins no group and commits nothing.
type prover struct {
	ask    *admin.Client
	book   *book
	seed   maphash.Seed
	ctx    context.Context
	cancel context.CancelFunc
	work   sync.WaitGroup
	slots  chan struct{} // of searches

	mu     sync.Mutex
	routes map[string]askedRoute
	queues map[place]*proving
	open   int // messages that are to be read back
	// searching of them are looked for by their ids.
	searching int
	silent    map[string]silence // by broker; "" for those of a search
	ended     map[string]endsAt  // by topic
	idle      chan struct{}      // closed while nothing is open
}

// silence says that a broker did not answer.
type silence struct {
	at  time.Time
	why *fault.Fault
}

type place struct {
	topic string
	cluster.Queue
}

type askedRoute struct {
	route cluster.Route
	at    time.Time
}

// proving are the messages of one queue.
type proving struct {
	expected []expected // ascending by offset
	read     time.Time  // last
	wake     chan struct{}
}

// expected is a message that is to be read back.
type expected struct {
	of     uint64
	offset int64
	id     string
	topic  string
	sum    uint64
	since  time.Time
	due    time.Time
}

func newProver(job *Job, b *book) (*prover, error) {
	ask, err := newAdmin(job)
	if err != nil {
		return nil, err
	}
	p := &prover{
		ask: ask, book: b, seed: maphash.MakeSeed(), slots: make(chan struct{}, searches),
		routes: map[string]askedRoute{}, queues: map[place]*proving{}, silent: map[string]silence{}, ended: map[string]endsAt{}, idle: make(chan struct{}),
	}
	close(p.idle)
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p, nil
}

// sum tells messages apart by what their sender gave them.
func (p *prover) sum(body []byte, tag, keys, shard string, user []message.Property) uint64 {
	var h maphash.Hash
	h.SetSeed(p.seed)
	text := func(s string) {
		_, _ = h.WriteString(s)
		_ = h.WriteByte(0)
	}
	_, _ = h.Write(body)
	_ = h.WriteByte(0)
	text(tag)
	text(keys)
	text(shard)
	if !slices.IsSortedFunc(user, byName) {
		user = slices.SortedFunc(slices.Values(user), byName)
	}
	for _, x := range user {
		text(x.Name)
		text(x.Value)
	}
	return h.Sum64()
}

func byName(a, b message.Property) int { return strings.Compare(a.Name, b.Name) }

// expect has a message read back, whose record has that number.
func (p *prover) expect(of uint64, d *message.Draft, r *message.Receipt) {
	if r.Status == message.StatusFailed || p.ctx.Err() != nil {
		return
	}
	e := expected{
		of: of, offset: r.QueueOffset, id: d.ID, topic: d.Topic, since: r.SentAt.Add(r.Took), due: r.Due,
		sum: p.sum(d.Body, d.Tag, strings.Join(d.Keys, " "), d.ShardingKey, d.Properties),
	}
	byID := !r.Status.Stored() || r.Broker == "" || !r.Due.IsZero()
	if byID {
		p.lookFor(e)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.opened()
	at := place{d.Topic, cluster.Queue{Broker: r.Broker, ID: r.QueueID}}
	q := p.queues[at]
	if q == nil {
		q = &proving{wake: make(chan struct{}, 1)}
		p.queues[at] = q
		p.work.Go(func() { p.prove(at, q) })
	}
	i, _ := slices.BinarySearchFunc(q.expected, e.offset, func(x expected, at int64) int { return cmp.Compare(x.offset, at) })
	q.expected = slices.Insert(q.expected, i, e)
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// opened counts a message that is to be read back; p.mu is held.
func (p *prover) opened() {
	if p.open++; p.open == 1 {
		p.idle = make(chan struct{})
	}
}

// arrived writes down what came of reading a message back.
func (p *prover) arrived(a message.Arrival) {
	a.SeenAt = time.Now()
	_ = p.book.log.Add(func(dst []byte) ([]byte, int) { return message.AppendArrival(dst, &a), 1 })
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open--; p.open == 0 {
		close(p.idle)
	}
}

// done is closed while there is nothing to read back.
func (p *prover) done() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.idle
}

// prove reads a queue as far as something is expected there, until nothing was for a while.
func (p *prover) prove(at place, q *proving) {
	again := gatherFor
	for {
		first, last, n := p.span(at, q)
		if n == 0 {
			return
		}
		if wait := gatherFor - time.Since(q.read); wait > 0 && n < pullLimit {
			p.sleep(wait)
			continue
		}
		q.read = time.Now()
		got, err := p.pull(at, first.offset, int(min(last.offset-first.offset+1, pullLimit)))
		switch {
		case p.ctx.Err() != nil:
			return
		case err != nil:
			p.unread(at, q, fault.From(err))
			continue
		}
		if p.match(at, q, first, &got) {
			again = 5 * time.Millisecond
			continue
		}
		p.sleep(again) // it is stored, and not in its queue yet
		again = min(2*again, gatherFor)
	}
}

// span returns the first and the last message that are expected in a queue, and how many
// are. Where none is, it waits for one, and ends the reading of the queue after a while.
func (p *prover) span(at place, q *proving) (first, last expected, n int) {
	for idle := false; ; idle = true {
		p.mu.Lock()
		if n = len(q.expected); n > 0 {
			first, last = q.expected[0], q.expected[n-1]
			p.mu.Unlock()
			return first, last, n
		}
		if idle {
			delete(p.queues, at)
			p.mu.Unlock()
			return first, last, 0
		}
		p.mu.Unlock()
		select {
		case <-q.wake:
		case <-time.After(seenWithin):
		case <-p.ctx.Done():
			return first, last, 0
		}
	}
}

func (p *prover) sleep(d time.Duration) {
	select {
	case <-time.After(d):
	case <-p.ctx.Done():
	}
}

// pull reads messages of a queue.
func (p *prover) pull(at place, offset int64, limit int) (admin.Pulled, error) {
	if err := p.answers(at.Broker); err != nil {
		return admin.Pulled{}, err
	}
	ctx, cancel := context.WithTimeout(p.ctx, askLimit)
	defer cancel()
	route, err := p.route(ctx, at.topic)
	if err != nil {
		return admin.Pulled{}, p.fell(at.Broker, err)
	}
	got, err := p.ask.Pull(ctx, route, at.topic, at.Queue, offset, limit)
	return got, p.fell(at.Broker, err)
}

// answers is an error while a broker is not asked, because it did not answer.
func (p *prover) answers(broker string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.silent[broker]; time.Since(s.at) < silentFor {
		return s.why
	}
	return nil
}

// fell notes that a broker did not answer.
func (p *prover) fell(broker string, err error) error {
	silent := errors.Is(err, fault.Unreachable) || errors.Is(err, fault.Timeout) || errors.Is(err, fault.ConnectionLost) || errors.Is(err, fault.NoBroker)
	if !silent || p.ctx.Err() != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.routes)
	p.silent[broker] = silence{time.Now(), fault.From(err)}
	return err
}

// route is a topic's, asked again after half a minute.
func (p *prover) route(ctx context.Context, topic string) (cluster.Route, error) {
	p.mu.Lock()
	r, ok := p.routes[topic]
	p.mu.Unlock()
	if ok && time.Since(r.at) < 30*time.Second {
		return r.route, nil
	}
	route, err := p.ask.Route(ctx, topic)
	if err != nil {
		return route, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.routes[topic] = askedRoute{route, time.Now()}
	return route, nil
}

// take removes from a queue what is expected between two offsets, both included. Receipts
// come in any order: what lies before was expected only since, and not read.
func (p *prover) take(q *proving, from, to int64) []expected {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := func(offset int64) int {
		i, _ := slices.BinarySearchFunc(q.expected, offset, func(x expected, at int64) int { return cmp.Compare(x.offset, at) })
		return i
	}
	i, end := at(from), at(to+1)
	out := slices.Clone(q.expected[i:end])
	q.expected = slices.Delete(q.expected, i, end)
	return out
}

// match holds what was read against what was expected; false says that the queue does
// not go that far yet.
func (p *prover) match(at place, q *proving, first expected, got *admin.Pulled) bool {
	a := message.Arrival{Broker: at.Broker, QueueID: at.ID}
	if len(got.Body) == 0 {
		switch {
		case got.Min > first.offset: // it was deleted before it could be read
			for _, e := range p.take(q, 0, got.Min-1) {
				a.Of, a.Proof, a.QueueOffset, a.Fault = e.of, message.ProofUnread, e.offset, fault.From(fault.Deleted)
				p.arrived(a)
			}
			return true
		case time.Since(first.since) > seenWithin:
			for _, e := range p.take(q, first.offset, first.offset) {
				a.Of, a.Proof, a.QueueOffset = e.of, message.ProofMissing, e.offset
				p.arrived(a)
			}
			return true
		}
		return false
	}
	found, end := map[int64]*message.Message{}, got.Next-1
	for rest := got.Body; len(rest) > 0; {
		m, n, err := message.ParseStored(rest)
		if err != nil {
			p.unread(at, q, fault.From(err))
			return true
		}
		found[m.QueueOffset], rest = m, rest[n:]
		end = max(end, m.QueueOffset)
	}
	for _, e := range p.take(q, first.offset, end) {
		a.Of, a.QueueOffset, a.Proof, a.StoredAt = e.of, e.offset, message.ProofMissing, time.Time{}
		if m := found[e.offset]; m != nil && m.ID() == e.id {
			a.Proof, a.StoredAt = p.compare(m, e), m.StoredAt
		}
		p.arrived(a)
	}
	return true
}

// compare tells whether a message is what was sent.
func (p *prover) compare(m *message.Message, e expected) message.Proof {
	body, ok := m.Unpacked(message.MaxStored)
	if !ok || p.sum(body, m.Tag(), m.Property(message.PropertyKeys), m.ShardingKey(), m.UserProperties()) != e.sum {
		return message.ProofDiffers
	}
	return message.ProofArrived
}

// unread gives up what is expected in a queue now.
func (p *prover) unread(at place, q *proving, why *fault.Fault) {
	for _, e := range p.take(q, 0, math.MaxInt64-1) {
		p.arrived(message.Arrival{
			Of: e.of, Proof: message.ProofUnread, Broker: at.Broker, QueueID: at.ID, QueueOffset: e.offset, Fault: why.Hide(p.book.hide),
		})
	}
}

// close gives up what is to be read back.
func (p *prover) close() {
	p.cancel()
	p.work.Wait()
	_ = p.ask.Close()
}
