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
	ready  chan struct{} // closed when stored, or err says why not
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
		s.write(batch)
	}
}

// write stores a batch and tells who waits.
func (s *Store) write(batch []*put) {
	base := s.w.Next()
	buf, records, changed := s.encode(batch, base)
	if s.crowded(len(buf), records) {
		// What cannot be evicted now may be at the next time.
		_ = s.tidy(len(buf), records)
	}
	err := s.w.Append(buf, records)
	s.mu.Lock()
	n := base
	for _, p := range batch {
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
	for k := range changed {
		q := s.queue(k)
		close(q.arrived)
		q.arrived = make(chan struct{})
	}
	s.mu.Unlock()
	for _, p := range batch {
		close(p.ready)
	}
	s.bytes += int64(len(buf))
	s.count(batch)
}

// encode fills the places of a batch's messages in, base being the number of the first
// record, and returns their records and the next offsets of their queues.
func (s *Store) encode(batch []*put, base uint64) (buf []byte, records int, ends map[queueKey]int64) {
	now := time.UnixMilli(time.Now().UnixMilli())
	ends = map[queueKey]int64{}
	for _, p := range batch {
		if p.m != nil {
			k := queueKey{p.m.Topic, p.m.QueueID}
			end, has := ends[k]
			if !has {
				end = s.end(k)
			}
			ends[k] = end + 1
			p.m.QueueOffset, p.m.CommitLogOffset = end, int64(base)+int64(records)
			p.m.StoredAt, p.m.StoreHost, p.m.Broker, p.m.ArrivedAt = now, s.opt.Host, s.opt.Broker, now
			before := len(buf)
			buf = message.AppendMessage(buf, p.m)
			p.size = len(buf) - before
			records++
		}
		if p.isDone {
			buf = message.AppendRecord(buf, &message.Record{
				Kind: message.KindDone, ArrivedAt: now, Payload: binary.BigEndian.AppendUint64(nil, p.done),
			})
			records++
		}
	}
	return buf, records, ends
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
