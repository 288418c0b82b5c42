package worker

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"gantry/client/cluster"
	"gantry/client/engine"
	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/journal"
	"gantry/client/message"
)

const (
	// countEvery is the least time between two reports.
	countEvery = 50 * time.Millisecond
	// stopGrace is how long handlers that are appending may take to finish.
	stopGrace = time.Second
	// spareSize is the largest buffer that is kept for the next callback.
	spareSize = 1 << 20
)

// consumer is what a subscription needs of package engine, and of package reader.
type consumer interface {
	Start() error
	Stop(grace time.Duration) error
}

// receiver runs a subscription or follow: messages come from the engine's goroutines
// to handle, go into the journal, and only then are answered.
type receiver struct {
	job    *Receive
	fits   filter.Filter // what is kept
	gate   *gate
	later  atomic.Bool
	log    *journal.Writer
	lib    consumer
	events *writer
	done   chan struct{} // closed by stop
	news   chan struct{} // holds one where counters may have changed

	skipped, filtered atomic.Int64
	begun             uint64 // number of the first record that is written
	// missed is set for a follow.
	missed func() int64
	// jq runs the expressions of fits until cancel; nil where it has none.
	jq     *Jq
	cancel context.CancelFunc
	// spare are buffers for records, *[]byte: 20 callbacks encode at once, and
	// growing a new one for each costs more than the encoding.
	spare sync.Pool

	mu sync.Mutex
	// began are the queues of which something came, gap what was missing before it.
	began map[string]bool
	gap   int64
	// gaveUp are those that jq gave up at.
	gaveUp fault.GaveUp
	// toGo is, by queue, how many offsets are left to the floor.
	toGo map[string]int64
}

// startReceiver starts a subscription; join makes what hands it its messages.
func startReceiver(job *Job, events *writer, join func(*receiver) (consumer, error)) (runner, error) {
	s, err := newReceiver(job.Receive, events)
	if err != nil {
		return nil, err
	}
	if s.lib, err = join(s); err != nil {
		return nil, err
	}
	// Messages arrive before Start returns.
	s.changed() // the gate may be closed
	go s.count()
	if err := s.lib.Start(); err != nil {
		return nil, err
	}
	return s, nil
}

// consumerConfig is what the library is to do for a subscription.
func consumerConfig(job *Job, access engine.Access, s *receiver) engine.ConsumerConfig {
	j := job.Receive
	return engine.ConsumerConfig{
		Access: access, Topic: j.Topic, Queues: j.Queues, Group: job.Group, Expression: j.Expression, SQL92: j.SQL92,
		Broadcast: j.Broadcast, Ordered: j.Ordered, From: j.From, Handle: s.handle,
		// A batch is answered as a whole, and these messages are wanted or not
		// one by one.
		Single: len(j.Tags) > 0,
	}
}

func newReceiver(j *Receive, events *writer) (*receiver, error) {
	fits, err := filter.Parse(j.Keep, time.Now())
	if err != nil {
		return nil, err
	}
	decode, err := j.Bodies.Reader()
	if err != nil {
		return nil, err
	}
	s := &receiver{job: j, fits: fits.With(j.Tags...).Decoding(decode), gate: newGate(j.Paused), events: events, done: make(chan struct{}), news: make(chan struct{}, 1), toGo: map[string]int64{}, began: map[string]bool{}}
	if s.fits.Jq() {
		s.jq = ownJq()
		ctx, cancel := context.WithCancel(context.Background())
		s.cancel = cancel
		s.fits = s.fits.Asking(s.jq.Judge(ctx, time.Time{}), s.giveUp)
	}
	s.gate.changed = s.changed
	s.later.Store(j.Later)
	log, err := journal.OpenWriter(j.Journal, journal.Options{
		Segment: j.Segment, MaxBytes: j.MaxBytes, MaxRecords: j.MaxRecords, OnBlocked: s.blocked, OnWritten: s.changed,
	})
	if err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	s.log, s.begun = log, log.Next()
	return s, nil
}

func (s *receiver) blocked(err error) {
	_ = s.events.send(Event{Kind: Blocked, Fault: fault.From(err)}, nil)
}

// handle keeps messages of one queue and says how to answer them: never before
// they are in the journal.
func (s *receiver) handle(ms []*message.Message) engine.Answer {
	if !s.gate.pass(len(ms)) {
		return engine.Block
	}
	if len(ms) == 0 {
		return engine.Success
	}
	defer s.changed()
	spare := s.buffer()
	defer s.spare.Put(spare)
	buf := (*spare)[:0]
	floor := s.floor(ms[0])
	s.noteFirst(ms[0])
	buf, n, left, err := s.encode(buf, ms, floor)
	if err != nil { // never answered, because it is not kept
		_ = s.events.send(trouble(err, func(text string) string { return text }), nil)
		return engine.Block
	}
	s.noteFloor(ms, floor)
	if cap(buf) <= spareSize {
		*spare = buf
	}
	if n == 0 {
		return engine.Success
	}
	if err := s.log.Append(buf, n); err != nil {
		return engine.Block
	}
	// A batch is answered as a whole. One that is partly below a floor, once a
	// queue, is answered with success: sending it back would deliver what was
	// never asked for.
	if s.later.Load() && left == 0 {
		return engine.Later
	}
	return engine.Success
}

// encode appends what is kept of messages, n, and counts what is left out. The library
// hands over a message that holds several, see message.Unwrap, as one. The error is
// fault.TooLarge: one does not fit into a record.
func (s *receiver) encode(buf []byte, ms []*message.Message, floor int64) (out []byte, n, left int, err error) {
	keep := func(m *message.Message) {
		if m.QueueOffset < floor || !s.wanted(m) {
			left++
			return
		}
		kept, ok := m.Keepable()
		if !ok {
			err = fmt.Errorf("%s at offset %d: %w", queueOf(m), m.QueueOffset, fault.TooLarge)
			return
		}
		buf = message.AppendMessage(buf, kept)
		n++
	}
	for _, m := range ms {
		if !m.Wrapped() {
			keep(m)
			continue
		}
		for _, one := range message.Unwrap(m, message.MaxStored) {
			keep(one)
		}
	}
	return buf, n, left, err
}

// giveUp counts a message that jq gave up at.
func (s *receiver) giveUp(g fault.GaveUp) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.gaveUp = s.gaveUp.Also(g)
}

// buffer returns an empty or used one; it goes back to spare.
func (s *receiver) buffer() *[]byte {
	if b, _ := s.spare.Get().(*[]byte); b != nil {
		return b
	}
	return new([]byte)
}

// floor returns the queue offset below which nothing is kept of the queue that
// the message lies in.
func (s *receiver) floor(m *message.Message) int64 {
	if m.Topic != s.job.Topic || len(s.job.Floors) == 0 {
		return 0
	}
	return s.job.Floors[queueOf(m).String()]
}

// noteFirst holds the first message of a queue against its floor.
func (s *receiver) noteFirst(m *message.Message) {
	if !s.job.First || m.Topic != s.job.Topic {
		return
	}
	key := queueOf(m).String()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.began[key] {
		return
	}
	s.began[key] = true
	if floor, known := s.job.Floors[key]; known {
		s.gap += max(m.QueueOffset-floor, 0)
	}
}

// noteFloor counts what of a batch lies below the floor of its queue, and how
// much is left.
func (s *receiver) noteFloor(ms []*message.Message, floor int64) {
	if floor == 0 {
		return
	}
	last := ms[len(ms)-1]
	key := queueOf(last).String()
	s.mu.Lock()
	defer s.mu.Unlock()
	if last.QueueOffset >= floor {
		delete(s.toGo, key)
	} else {
		s.toGo[key] = floor - last.QueueOffset - 1
	}
	for _, m := range ms {
		if m.QueueOffset < floor {
			s.skipped.Add(1)
		}
	}
}

// wanted tells whether a message is kept.
func (s *receiver) wanted(m *message.Message) bool {
	if s.fits.Match(m) {
		return true
	}
	s.filtered.Add(1)
	return false
}

func (s *receiver) do(c *command, _ []byte) {
	switch c.Do {
	case doPause:
		s.gate.set(true)
	case doResume:
		s.gate.set(false)
	case doAnswer:
		s.later.Store(c.Later)
	}
}

func (s *receiver) listens() *Listens { return nil }

// stop ends the subscription: nothing passes the gate any more, what is being
// appended may finish, positions are committed.
func (s *receiver) stop() {
	s.gate.shutForGood()
	if s.jq != nil {
		s.cancel()
		defer s.jq.Close()
	}
	_ = s.lib.Stop(stopGrace)
	close(s.done)
	_ = s.log.Close() // it writes what a follow has taken
	_ = s.events.send(Event{Kind: Counted, Counters: s.counters()}, nil)
}

func (s *receiver) counters() *Counters {
	c := &Counters{
		Received: int64(s.log.Next() - s.begun), Skipped: s.skipped.Load(), Filtered: s.filtered.Load(),
		Cut: s.log.Cut(),
	}
	c.Waiting, c.Closed = s.gate.held()
	if s.missed != nil {
		c.Missed = s.missed()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c.Gap, c.GaveUp = s.gap, s.gaveUp
	for _, n := range s.toGo {
		c.ToGo += n
	}
	return c
}

// changed has the counters reported; it never waits.
func (s *receiver) changed() {
	select {
	case s.news <- struct{}{}:
	default:
	}
}

// count reports counters when they have changed.
func (s *receiver) count() {
	var last Counters
	for {
		select {
		case <-s.done:
			return
		case <-s.news:
		}
		if c := s.counters(); *c != last {
			last = *c
			_ = s.events.send(Event{Kind: Counted, Counters: c}, nil)
		}
		select {
		case <-s.done:
			return
		case <-time.After(countEvery):
		}
	}
}

func queueOf(m *message.Message) cluster.Queue {
	return cluster.Queue{Broker: m.Broker, ID: m.QueueID}
}
