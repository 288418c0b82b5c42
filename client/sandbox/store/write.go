package store

import (
	"encoding/binary"
	"fmt"
	"time"

	"gantry/client/message"
)

// put is a message to be stored, what it takes the place of, or both.
type put struct {
	m *message.Message
	// done is the record that is over with this one: a delayed message that is
	// due, a half message that was decided. isDone says that there is one.
	done   uint64
	isDone bool
	size   int // of its record, in bytes
	err    error
	ready  chan struct{} // closed when stored, or err says why not; nil if nobody waits for it
}

// body is about how many bytes are to be written.
func (p *put) body() int {
	if p.m == nil {
		return 0
	}
	return len(p.m.Body)
}

// Put stores messages, one behind the other, and fills their places in: queue
// offset, position, time. They are the caller's again afterwards.
func (s *Store) Put(all ...*message.Message) error {
	puts := make([]*put, len(all))
	for i, m := range all {
		puts[i] = &put{m: m}
	}
	return s.put(puts...)
}

func (s *Store) put(all ...*put) error {
	if s.blocked.Load() {
		return ErrFull
	}
	for _, p := range all {
		if p.m != nil && propertiesSize(p.m) > MaxProperties {
			return fmt.Errorf("%w: %d bytes of %d", ErrLong, propertiesSize(p.m), MaxProperties)
		}
	}
	for _, p := range all {
		p.ready = make(chan struct{})
		select {
		case s.puts <- p:
		case <-s.quit:
			return ErrClosed
		}
	}
	for _, p := range all {
		if err := s.wait(p); err != nil {
			return err
		}
	}
	return nil
}

// wait returns when a message is stored, or will not be.
func (s *Store) wait(p *put) error {
	select {
	case <-p.ready:
		return p.err
	case <-s.done:
	}
	select {
	case <-p.ready:
		return p.err
	default:
		return ErrClosed
	}
}

// run is the writing goroutine.
func (s *Store) run() {
	defer close(s.done)
	for {
		var batch []*put
		select {
		case p := <-s.puts:
			batch = append(batch, p)
		case <-s.quit:
			return
		}
		for bytes := batch[0].body(); len(batch) < s.most && bytes < batchBytes && len(s.puts) > 0; bytes += batch[len(batch)-1].body() {
			batch = append(batch, <-s.puts)
		}
		s.writing.Lock()
		s.write(batch)
		s.writing.Unlock()
	}
}

// PutNow is Put for who must not wait for a full disk, or for others who write; the
// messages are the store's until it says that they are stored. Where they cannot be stored
// at once, wait is not nil, and returns what Put would; it is to be called soon, on whatever
// goroutine: others may wait for what it does.
func (s *Store) PutNow(all []*message.Message) (wait func() error, err error) {
	if len(all) == 0 {
		return nil, nil
	}
	later := func() error { return s.Put(all...) }
	if s.blocked.Load() || len(s.puts) > 0 || !s.writing.TryLock() {
		return later, nil
	}
	batch := make([]put, len(all))
	puts := make([]*put, len(all))
	size := 0
	for i, m := range all {
		batch[i].m, puts[i] = m, &batch[i]
		size += recordMost + len(m.Topic) + len(m.Body) + propertiesSize(m)
		if propertiesSize(m) > MaxProperties {
			s.writing.Unlock()
			return later, nil // it is refused
		}
	}
	if s.crowded(size, len(all)) { // eviction waits for much
		s.writing.Unlock()
		return later, nil
	}
	e := s.encoding(puts)
	written, err := s.w.AppendNow(e.encode)
	if written == nil {
		s.written(&e, err)
		s.writing.Unlock()
		return nil, err
	}
	// Nobody else writes before it is known what became of it.
	return func() error {
		err := written()
		s.written(&e, err)
		s.writing.Unlock()
		return err
	}, nil
}

// recordMost is what a record has beside topic, body and properties, in bytes.
const recordMost = 256

// write stores a batch and tells who waits. Called with writing held, as is what it calls.
func (s *Store) write(batch []*put) {
	size, records := 0, 0
	for _, p := range batch {
		if p.m != nil {
			size += recordMost + len(p.m.Topic) + len(p.m.Body) + propertiesSize(p.m)
			records++
		}
		if p.isDone {
			size += recordMost
			records++
		}
	}
	if s.crowded(size, records) {
		// What cannot be evicted now may be at the next time.
		_ = s.tidy(size, records)
	}
	e := s.encoding(batch)
	s.written(&e, s.w.AppendAs(e.encode))
}

// encoding makes records of a batch.
type encoding struct {
	s     *Store
	batch []*put
	now   time.Time
	// first is the number of the first record, and bytes what all take.
	first uint64
	bytes int
	// ends are the next offsets of the queues that get messages.
	ends map[queueKey]int64
}

func (s *Store) encoding(batch []*put) encoding {
	e := encoding{s: s, batch: batch, now: time.UnixMilli(time.Now().UnixMilli()), ends: map[queueKey]int64{}}
	s.mu.RLock() // not while encode holds up the journal: others ask that with mu held
	defer s.mu.RUnlock()
	for _, p := range batch {
		if p.m != nil {
			k := queueKey{p.m.Topic, p.m.QueueID}
			e.ends[k] = 0
			if q := s.queues[k]; q != nil {
				e.ends[k] = q.next()
			}
		}
	}
	return e
}

// encode fills the places of the messages in, and appends their records, the first of which
// gets a number.
func (e *encoding) encode(dst []byte, first uint64) (_ []byte, records int) {
	e.first = first
	began := len(dst)
	for _, p := range e.batch {
		if p.m != nil {
			k := queueKey{p.m.Topic, p.m.QueueID}
			end := e.ends[k]
			e.ends[k] = end + 1
			p.m.QueueOffset, p.m.CommitLogOffset = end, int64(first)+int64(records)
			p.m.StoredAt, p.m.StoreHost, p.m.Broker, p.m.ArrivedAt = e.now, e.s.opt.Host, e.s.opt.Broker, e.now
			before := len(dst)
			dst = message.AppendMessage(dst, p.m)
			p.size = len(dst) - before
			records++
		}
		if p.isDone {
			dst = message.AppendRecord(dst, &message.Record{
				Kind: message.KindDone, ArrivedAt: e.now, Payload: binary.BigEndian.AppendUint64(nil, p.done),
			})
			records++
		}
	}
	e.bytes = len(dst) - began
	return dst, records
}

// written makes what is on disk known, or what kept it from there.
func (s *Store) written(e *encoding, err error) {
	s.mu.Lock()
	n := e.first
	for _, p := range e.batch {
		p.err = err
		if p.m != nil {
			if err == nil {
				s.index(p.m, n, p.size)
			}
			n++
		}
		if p.isDone {
			n++
		}
	}
	for k := range e.ends {
		q := s.queue(k)
		close(q.arrived)
		q.arrived = make(chan struct{})
	}
	s.mu.Unlock()
	for _, p := range e.batch {
		if p.ready != nil {
			close(p.ready)
		}
	}
	s.bytes += int64(e.bytes)
	s.count(e.batch)
}

// count notes what was stored, for those who ask how much that is.
func (s *Store) count(batch []*put) {
	type sum struct{ messages, bytes int64 }
	all := map[string]sum{}
	for _, p := range batch {
		if p.m != nil && p.err == nil {
			n := all[p.m.Topic]
			all[p.m.Topic] = sum{n.messages + 1, n.bytes + int64(len(p.m.Body))}
		}
	}
	for topic, n := range all {
		s.Figures.stored(topic, n.messages, n.bytes)
	}
}

// crowded tells whether so much more is more than is kept.
func (s *Store) crowded(bytes, records int) bool {
	first, _ := s.r.Range()
	return s.bytes+int64(bytes) > s.opt.MaxBytes || int64(s.w.Next()-first)+int64(records) > s.opt.MaxMessages
}

// poll takes notice of what was written: it is called when something is read, as
// it costs more than a send.
func (s *Store) poll() error { return poll(s.r) }

// tidy evicts the oldest until there is room for so much more. The newest segment
// stays whatever it holds.
func (s *Store) tidy(bytes, records int) error {
	s.polling.Lock()
	defer s.polling.Unlock()
	if err := s.poll(); err != nil {
		return err
	}
	s.bytes, _, _ = s.r.Kept()
	if !s.crowded(bytes, records) {
		return nil
	}
	// An offset is never used twice: where queues end is kept before their messages
	// go.
	if err := s.change(&change{Ends: s.everyEnd()}); err != nil {
		return err
	}
	before, _ := s.r.Range()
	if _, err := s.r.Evict(max(s.opt.MaxBytes-int64(bytes), 1), max(s.opt.MaxMessages-int64(records), 1)); err != nil {
		return err
	}
	s.bytes, _, _ = s.r.Kept()
	if first, _ := s.r.Range(); first > before {
		s.forget(first)
	}
	return nil
}
