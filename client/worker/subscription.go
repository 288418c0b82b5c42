package worker

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gantry/client/engine"
	"gantry/client/journal"
	"gantry/client/message"
)

const (
	countEvery = 100 * time.Millisecond
	// stopGrace is how long handlers that are appending may take to finish.
	stopGrace = time.Second
	// spareSize is the largest buffer that is kept for the next callback.
	spareSize = 1 << 20
)

// FloorKey names a queue in Subscription.Floors.
func FloorKey(broker string, queue int) string { return fmt.Sprintf("%s/%d", broker, queue) }

// consumer is what a subscription needs of package engine.
type consumer interface {
	Start() error
	Stop(grace time.Duration) error
}

// subscription runs a subscription: messages come from the engine's goroutines
// to handle, go into the journal, and only then are answered.
type subscription struct {
	job    *Subscription
	gate   *gate
	later  atomic.Bool
	log    *journal.Writer
	lib    consumer
	events *writer
	done   chan struct{} // closed by stop

	received, skipped, filtered atomic.Int64
	// spare are buffers for records, *[]byte: 20 callbacks encode at once, and
	// growing a new one for each costs more than the encoding.
	spare sync.Pool

	mu sync.Mutex
	// toGo is, by queue, how many offsets are left to the floor.
	toGo map[string]int64
}

func startSubscription[C consumer](job *Job, access engine.Access, events *writer, join func(engine.ConsumerConfig) (C, error)) (runner, error) {
	s, err := newSubscription(job.Subscription, events)
	if err != nil {
		return nil, err
	}
	j := job.Subscription
	lib, err := join(engine.ConsumerConfig{
		Access: access, Topic: j.Topic, Queues: j.Queues, Group: job.Group, Expression: j.Expression, SQL92: j.SQL92,
		Broadcast: j.Broadcast, Earliest: j.Earliest, From: j.From, Handle: s.handle,
		// A batch is answered as a whole, and these messages are wanted or not
		// one by one.
		Single: len(j.Tags) > 0,
	})
	if err != nil {
		return nil, err
	}
	s.lib = lib
	// Messages arrive before Start returns.
	go s.count()
	if err := lib.Start(); err != nil {
		return nil, err
	}
	return s, nil
}

func newSubscription(j *Subscription, events *writer) (*subscription, error) {
	s := &subscription{job: j, gate: newGate(j.Paused), events: events, done: make(chan struct{}), toGo: map[string]int64{}}
	s.later.Store(j.Later)
	log, err := journal.OpenWriter(j.Journal, journal.Options{
		Segment: j.Segment, MaxBytes: j.MaxBytes, MaxRecords: j.MaxRecords, OnBlocked: s.blocked,
	})
	if err != nil {
		return nil, fmt.Errorf("open the journal: %w", err)
	}
	s.log = log
	return s, nil
}

func (s *subscription) blocked(err error) {
	e := Event{Kind: Blocked}
	if err != nil {
		e.Text = err.Error()
	}
	_ = s.events.send(e, nil)
}

// handle keeps messages of one queue and says how to answer them: never before
// they are in the journal.
func (s *subscription) handle(ms []*message.Message) engine.Answer {
	if !s.gate.pass(len(ms)) {
		return engine.Block
	}
	spare, _ := s.spare.Get().(*[]byte)
	if spare == nil {
		spare = new([]byte)
	}
	defer s.spare.Put(spare)
	buf := (*spare)[:0]
	n := 0
	for _, m := range ms {
		if s.keep(m) {
			buf = message.AppendMessage(buf, m)
			n++
		}
	}
	if cap(buf) <= spareSize {
		*spare = buf
	}
	if n == 0 {
		return engine.Success
	}
	if err := s.log.Append(buf, n); err != nil {
		return engine.Block
	}
	s.received.Add(int64(n))
	// A batch is answered as a whole. One that is partly below a floor, once a
	// queue, is answered with success: sending it back would deliver what was
	// never asked for.
	if s.later.Load() && n == len(ms) {
		return engine.Later
	}
	return engine.Success
}

// keep tells whether a message belongs into the journal.
func (s *subscription) keep(m *message.Message) bool {
	if m.Topic == s.job.Topic {
		key := FloorKey(m.Broker, m.QueueID)
		if floor, ok := s.job.Floors[key]; ok {
			below := m.QueueOffset < floor
			s.mu.Lock()
			if below {
				s.toGo[key] = floor - m.QueueOffset - 1
			} else {
				delete(s.toGo, key)
			}
			s.mu.Unlock()
			if below {
				s.skipped.Add(1)
				return false
			}
		}
	}
	if len(s.job.Tags) > 0 && !slices.Contains(s.job.Tags, m.Tag()) {
		s.filtered.Add(1)
		return false
	}
	return true
}

func (s *subscription) do(c *command, _ []byte) {
	switch c.Do {
	case doPause:
		s.gate.set(true)
	case doResume:
		s.gate.set(false)
	case doAnswer:
		s.later.Store(c.Later)
	}
}

// stop ends the subscription: nothing passes the gate any more, what is being
// appended may finish, positions are committed.
func (s *subscription) stop() {
	s.gate.shutForGood()
	_ = s.lib.Stop(stopGrace)
	close(s.done)
	_ = s.events.send(Event{Kind: Counted, Counters: s.counters()}, nil)
	_ = s.log.Close()
}

func (s *subscription) counters() *Counters {
	c := &Counters{
		Received: s.received.Load(), Skipped: s.skipped.Load(), Filtered: s.filtered.Load(),
		Waiting: s.gate.held(), Cut: s.log.Cut(),
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.toGo {
		c.ToGo += n
	}
	return c
}

// count reports counters while they change.
func (s *subscription) count() {
	tick := time.NewTicker(countEvery)
	defer tick.Stop()
	var last Counters
	for {
		select {
		case <-s.done:
			return
		case <-tick.C:
			if c := s.counters(); *c != last {
				last = *c
				_ = s.events.send(Event{Kind: Counted, Counters: c}, nil)
			}
		}
	}
}
