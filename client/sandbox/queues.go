package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf16"

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
	at      []entry
	arrived chan struct{} // closed and replaced when a message comes
}

// entry is a message of a queue.
type entry struct {
	record uint64
	tag    int32 // hash of its tag, 0 for none
}

func (q *queue) next() int64 { return q.first + int64(len(q.at)) }

// queue returns a queue and makes it if it is missing. Called with mu held for
// writing.
func (s *store) queue(k queueKey) *queue {
	q := s.queues[k]
	if q == nil {
		q = &queue{arrived: make(chan struct{})}
		s.queues[k] = q
	}
	return q
}

// index notes where a message lies. Called with mu held for writing, or before
// anything else runs.
func (s *store) index(m *message.Message, n uint64) {
	q := s.queue(queueKey{m.Topic, m.QueueID})
	if len(q.at) == 0 || m.QueueOffset != q.next() { // the first one kept, or what lay between is lost
		q.first, q.at = m.QueueOffset, nil
	}
	q.at = append(q.at, entry{n, tagHash(m.Tag())})
}

// tagHash is Java's String.hashCode, by which brokers tell tags apart
// (MessageExtBrokerInner.tagsString2tagsCode).
func tagHash(s string) int32 {
	var h int32
	for _, r := range utf16.Encode([]rune(s)) {
		h = 31*h + int32(r)
	}
	return h
}

// forget drops what lies before a record from the queues.
func (s *store) forget(first uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range s.queues {
		n, _ := slices.BinarySearchFunc(q.at, first, func(e entry, n uint64) int {
			if e.record < n {
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

// ends are the next offsets of the queues that had messages and have none.
func (s *store) ends() map[string]map[int]int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := map[string]map[int]int64{}
	for k, q := range s.queues {
		if len(q.at) > 0 || q.first == 0 {
			continue
		}
		if all[k.topic] == nil {
			all[k.topic] = map[int]int64{}
		}
		all[k.topic][k.id] = q.first
	}
	return all
}

// goOn lets queues that are empty go on where they ended: an offset is never used
// twice.
func (s *store) goOn(ends map[string]map[int]int64) {
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
func (s *store) drop(topic string) uint64 {
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

// bounds are the offsets that a queue holds: equal when it is empty.
func (s *store) bounds(topic string, id int) (first, next int64) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if q := s.queues[queueKey{topic, id}]; q != nil {
		return q.first, q.next()
	}
	return 0, 0
}

func (s *store) end(k queueKey) int64 {
	_, next := s.bounds(k.topic, k.id)
	return next
}

// entries returns up to most entries from an offset on, and what is closed when
// more come.
func (s *store) entries(topic string, id int, offset int64, most int) (at []entry, arrived <-chan struct{}) {
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

// payload reads a message in its stored form.
func (s *store) payload(n uint64) ([]byte, error) {
	rec, err := s.r.Record(n)
	if errors.Is(err, journal.ErrNone) {
		s.polling.Lock()
		if err = s.poll(); err == nil {
			rec, err = s.r.Record(n)
		}
		s.polling.Unlock()
	}
	if err != nil {
		return nil, err
	}
	if rec.Kind != message.KindMessage {
		return nil, fmt.Errorf("record %d is no message", n)
	}
	return rec.Payload, nil
}

// origin reads a message that waited in a topic of the broker's own, and puts its
// real topic and queue back.
func (s *store) origin(n uint64) (*message.Message, error) {
	m, err := s.message(n)
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

// message reads a message.
func (s *store) message(n uint64) (*message.Message, error) {
	b, err := s.payload(n)
	if err != nil {
		return nil, err
	}
	m, _, err := message.ParseStored(b)
	return m, err
}
