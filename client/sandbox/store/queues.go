package store

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"unicode/utf16"

	"gantry/client/fault"
	"gantry/client/journal"
	"gantry/client/message"
)

// queueKey names a queue.
type queueKey struct {
	topic string
	id    int
}

// queue is where the messages of one queue lie. Guarded by store.mu.
type queue struct {
	first   int64 // offset of at[0]
	at      []Entry
	arrived chan struct{} // closed and replaced when a message comes
}

// Entry is a message of a queue.
type Entry struct {
	Record uint64
	Tag    int32 // hash of its tag, 0 for none
	// Size is that of its stored form, in bytes; 0 says that damage took it, and Record
	// is then that of the one behind it.
	Size int32
}

// Lost tells whether damage took it.
func (e Entry) Lost() bool { return e.Size == 0 }

func (q *queue) next() int64 { return q.first + int64(len(q.at)) }

// queue returns a queue and makes it if it is missing. Called with mu held for
// writing.
func (s *Store) queue(k queueKey) *queue {
	q := s.queues[k]
	if q == nil {
		q = &queue{arrived: make(chan struct{})}
		s.queues[k] = q
	}
	return q
}

// index notes where a message lies. Called with mu held for writing, or before
// anything else runs.
func (s *Store) index(m *message.Message, n uint64, size int) {
	q := s.queue(queueKey{m.Topic, m.QueueID})
	lost := m.QueueOffset - q.next()
	switch {
	case len(q.at) > 0 && lost >= 0 && uint64(lost) < n-q.at[len(q.at)-1].Record:
		// What lay between was damaged: the rest stays where it is.
		for range lost {
			q.at = append(q.at, Entry{Record: n})
		}
	default: // the first one kept
		q.first, q.at = m.QueueOffset, nil
	}
	q.at = append(q.at, Entry{Record: n, Tag: TagHash(m.Tag()), Size: int32(size)})
}

// TagHash is Java's String.hashCode, by which brokers tell tags apart
// (MessageExtBrokerInner.tagsString2tagsCode).
func TagHash(s string) int32 {
	var h int32
	for _, r := range utf16.Encode([]rune(s)) {
		h = 31*h + int32(r)
	}
	return h
}

// forget drops what lies before a record from the queues.
func (s *Store) forget(first uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.moved, func(n, _ uint64) bool { return n < first })
	for _, q := range s.queues {
		n, _ := slices.BinarySearchFunc(q.at, first, func(e Entry, n uint64) int {
			if e.Record < n {
				return -1
			}
			return 1
		})
		if n > 0 {
			q.first += int64(n)
			q.at = slices.Clone(q.at[n:])
		}
	}
}

// everyEnd is the next offset of every queue that had messages.
func (s *Store) everyEnd() map[string]map[int]int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := map[string]map[int]int64{}
	for k, q := range s.queues {
		if q.next() == 0 {
			continue
		}
		if all[k.topic] == nil {
			all[k.topic] = map[int]int64{}
		}
		all[k.topic][k.id] = q.next()
	}
	return all
}

// goOn lets queues that are empty go on where they ended: an offset is never used
// twice.
func (s *Store) goOn(ends map[string]map[int]int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for topic, queues := range ends {
		for id, next := range queues {
			if q := s.queue(queueKey{topic, id}); len(q.at) == 0 {
				q.first = next
			}
		}
	}
}

// drop forgets a topic's messages and returns the number of the next record.
func (s *Store) drop(topic string) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, q := range s.queues {
		if k.topic == topic {
			close(q.arrived)
			delete(s.queues, k)
		}
	}
	return s.w.Next()
}

// Records are the numbers of the oldest record kept and of the next one.
func (s *Store) Records() (first, next uint64) {
	first, next = s.r.Range()
	return first, max(next, s.w.Next())
}

// Bounds are the offsets that a queue holds: equal when it is empty.
func (s *Store) Bounds(topic string, id int) (first, next int64) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if q := s.queues[queueKey{topic, id}]; q != nil {
		return q.first, q.next()
	}
	return 0, 0
}

// Entries returns up to most entries from an offset on, and what is closed when
// more come.
func (s *Store) Entries(topic string, id int, offset int64, most int) (at []Entry, arrived <-chan struct{}) {
	k := queueKey{topic, id}
	s.mu.RLock()
	q := s.queues[k]
	if q == nil {
		s.mu.RUnlock()
		s.mu.Lock()
		defer s.mu.Unlock()
		q = s.queue(k)
	} else {
		defer s.mu.RUnlock()
	}
	if i := offset - q.first; i >= 0 && i < int64(len(q.at)) {
		at = q.at[i:min(i+int64(most), int64(len(q.at)))]
	}
	return at, q.arrived
}

// Payload reads a message in its stored form by its number, which is its position in
// the commit log. The error is message.ErrDamaged where damage took it, and
// fault.Evicted or ErrNone where there is none.
func (s *Store) Payload(n uint64) ([]byte, error) {
	s.mu.RLock()
	at, moved := s.moved[n]
	s.mu.RUnlock()
	if !moved {
		at = n
	}
	rec, err := s.r.Record(at)
	if errors.Is(err, journal.ErrNone) {
		s.polling.Lock()
		if err = s.poll(); err == nil {
			rec, err = s.r.Record(at)
		}
		s.polling.Unlock()
	}
	if err != nil {
		return nil, err
	}
	if rec.Kind != message.KindMessage {
		return nil, fmt.Errorf("record %d is no message", n)
	}
	if got := message.CommitLogOffset(rec.Payload); got != int64(n) {
		return nil, fmt.Errorf("record %d: %w: another lies there", n, message.ErrDamaged)
	}
	return rec.Payload, nil
}

// Near reads messages in their stored form, one behind another as Entries returned them,
// with one read into buf: as many of them from the first on as lie close together and fit,
// or none, where Payload is to be asked. They are parts of buf.
func (s *Store) Near(entries []Entry, buf []byte) (payloads [][]byte) {
	numbers := make([]uint64, 0, len(entries))
	s.mu.RLock()
	for _, e := range entries {
		if _, moved := s.moved[e.Record]; moved || e.Lost() {
			break
		}
		numbers = append(numbers, e.Record)
	}
	s.mu.RUnlock()
	for i, rec := range s.r.Near(numbers, buf) {
		payload, ok := message.Payload(rec)
		if !ok || message.Kind(rec[message.RecordKind]) != message.KindMessage || message.CommitLogOffset(payload) != int64(numbers[i]) {
			break
		}
		payloads = append(payloads, payload)
	}
	return payloads
}

// origin reads a message that waited in a topic of the broker's own, and puts its
// real topic and queue back.
func (s *Store) origin(n uint64) (*message.Message, error) {
	m, err := s.Message(n)
	if err != nil {
		return nil, err
	}
	queue, err := strconv.Atoi(m.Property(propRealQueue))
	if err != nil {
		return nil, err
	}
	m.Topic, m.QueueID = m.Property(propRealTopic), queue
	return m, nil
}

// Message reads a message.
func (s *Store) Message(n uint64) (*message.Message, error) {
	b, err := s.Payload(n)
	if err != nil {
		return nil, err
	}
	m, _, err := message.ParseStored(b)
	return m, err
}

// Newest are the records of a topic, the newest first.
func (s *Store) Newest(topic string) []uint64 {
	s.mu.RLock()
	var all []uint64
	for k, q := range s.queues {
		if k.topic == topic {
			for _, e := range q.at {
				if !e.Lost() {
					all = append(all, e.Record)
				}
			}
		}
	}
	s.mu.RUnlock()
	slices.SortFunc(all, func(a, b uint64) int { return cmp.Compare(b, a) })
	return all
}

// Oldest is the first message's record.
func (s *Store) Oldest() (record uint64, has bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, q := range s.queues {
		if len(q.at) > 0 && (!has || q.at[0].Record < record) {
			record, has = q.at[0].Record, true
		}
	}
	return record, has
}

// Users counts the messages of users that are kept, and those that were evicted
// from topics that are still there.
func (s *Store) Users() (kept, evicted int64) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for k, q := range s.queues {
		if !IsSystem(k.topic) {
			kept += int64(len(q.at))
			evicted += q.first
		}
	}
	return kept, evicted
}

// OffsetAt finds the first message stored at a time or later; behind the last one
// where there is none, or the time is negative (ConsumeQueue.getOffsetInQueueByTime).
func (s *Store) OffsetAt(topic string, queue int, at int64) (int64, error) {
	lo, hi := s.Bounds(topic, queue)
	if at < 0 {
		return hi, nil
	}
	for lo < hi {
		mid := lo + (hi-lo)/2
		// Damage may have taken messages: the next one before that is there decides.
		found := mid
		var m *message.Message
		for ; m == nil && found >= lo; found-- {
			var err error
			if m, err = s.At(topic, queue, found); err != nil {
				return 0, err
			}
		}
		if m == nil || m.StoredAt.UnixMilli() < at {
			lo = mid + 1
		} else {
			hi = found + 1
		}
	}
	return lo, nil
}

// At reads the message at an offset; nil if it has just left.
func (s *Store) At(topic string, queue int, offset int64) (*message.Message, error) {
	// A question about a queue that is not there must not make one.
	if first, next := s.Bounds(topic, queue); offset < first || offset >= next {
		return nil, nil
	}
	e, _ := s.Entries(topic, queue, offset, 1)
	if len(e) == 0 || e[0].Lost() {
		return nil, nil
	}
	m, err := s.Message(e[0].Record)
	if errors.Is(err, fault.Evicted) || errors.Is(err, message.ErrDamaged) {
		return nil, nil
	}
	return m, err
}
