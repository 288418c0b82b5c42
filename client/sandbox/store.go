package sandbox

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf16"

	"gantry/client/journal"
	"gantry/client/message"
	"gantry/client/remoting"
)

const (
	defaultMessages = 200_000
	defaultBytes    = 512 << 20
	// segmentSize lets eviction go in eighths of what is kept.
	segmentSize = 64 << 20
	// tidyEvery is how often what is too much is evicted.
	tidyEvery = 500 * time.Millisecond
	// batchMost bounds what is written at once, in messages.
	batchMost = 4096
)

// errClosing says that the sandbox ends before a message was stored.
var errClosing = errors.New("the sandbox is closing")

// stored is a message with the number of its record.
type stored struct {
	*message.Message
	record uint64
}

// store keeps messages in a journal, and where each queue's lie. One goroutine
// writes: whatever has come while it wrote is written together next.
//
// A message's position in the commit log is the number of its record: a lookup
// by offset id needs no index.
type store struct {
	opt    Options
	host   netip.AddrPort
	topics *topics
	w      *journal.Writer
	r      *journal.Reader

	puts    chan *put
	quit    chan struct{} // closed by close
	done    chan struct{} // closed when the writing goroutine has ended
	blocked atomic.Bool   // the disk is full

	polling sync.Mutex // held to poll r and to evict
	tidied  time.Time  // when that was done last; only the writing goroutine has it

	mu     sync.RWMutex
	queues map[queueKey]*queue // guarded by mu
}

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

// put is a message to be stored, what it takes the place of, or both.
type put struct {
	m *message.Message
	// done is the record that is over with this one: a delayed message that is
	// due, a half message that was decided. isDone says that there is one.
	done   uint64
	isDone bool
	err    error
	ready  chan struct{} // closed when stored, or err says why not
}

// openStore opens the journal and reads where everything lies. each is called for
// every message that is kept, and for every record that is over (with nil).
func openStore(o Options, host netip.AddrPort, t *topics, each func(done uint64, m *stored)) (*store, error) {
	s := &store{
		opt: o, host: host, topics: t, puts: make(chan *put, batchMost), quit: make(chan struct{}), done: make(chan struct{}),
		queues: map[queueKey]*queue{},
	}
	if s.opt.MaxMessages <= 0 {
		s.opt.MaxMessages = defaultMessages
	}
	if s.opt.MaxBytes <= 0 {
		s.opt.MaxBytes = defaultBytes
	}
	dir := filepath.Join(o.Dir, "messages")
	var err error
	if s.w, err = journal.OpenWriter(dir, journal.Options{
		Segment:   min(segmentSize, max(s.opt.MaxBytes/8, 1<<20)),
		OnBlocked: func(why error) { s.blocked.Store(why != nil) },
	}); err != nil {
		return nil, err
	}
	if s.r, err = journal.OpenReader(dir); err != nil {
		return nil, errors.Join(err, s.w.Close())
	}
	if err := s.read(each); err != nil {
		return nil, errors.Join(err, s.w.Close(), s.r.Close())
	}
	go s.run()
	return s, nil
}

// read indexes what is kept. Damaged records are left out.
func (s *store) read(each func(uint64, *stored)) error {
	if err := s.poll(); err != nil {
		return err
	}
	first, next := s.r.Range()
	for n := first; n < next; n++ {
		rec, err := s.r.Record(n)
		if errors.Is(err, message.ErrDamaged) || errors.Is(err, journal.ErrNone) {
			continue
		}
		if err != nil {
			return err
		}
		if rec.Kind == message.KindDone {
			if len(rec.Payload) == 8 {
				each(binary.BigEndian.Uint64(rec.Payload), nil)
			}
			continue
		}
		m, err := rec.Message()
		if err != nil || !s.topics.keeps(m.Topic, n) {
			continue
		}
		s.topics.widen(m.Topic, m.QueueID+1)
		s.index(m, n)
		each(0, &stored{m, n})
	}
	return nil
}

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

// put stores messages, one behind the other, and fills their places in: queue
// offset, position, time.
func (s *store) put(all ...*put) error {
	if s.blocked.Load() {
		return refuse(remoting.ServiceNotAvailable, "the disk is full")
	}
	for _, p := range all {
		p.ready = make(chan struct{})
		select {
		case s.puts <- p:
		case <-s.quit:
			return errClosing
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
func (s *store) wait(p *put) error {
	select {
	case <-p.ready:
		return p.err
	case <-s.done:
	}
	select {
	case <-p.ready:
		return p.err
	default:
		return errClosing
	}
}

// run is the writing goroutine.
func (s *store) run() {
	defer close(s.done)
	for {
		var batch []*put
		select {
		case p := <-s.puts:
			batch = append(batch, p)
		case <-s.quit:
			return
		}
		for len(batch) < batchMost && len(s.puts) > 0 {
			batch = append(batch, <-s.puts)
		}
		s.write(batch)
	}
}

// write stores a batch and tells who waits.
func (s *store) write(batch []*put) {
	var (
		buf     []byte
		records int
		base    = s.w.Next()
		now     = time.UnixMilli(time.Now().UnixMilli())
		ends    = map[queueKey]int64{}
	)
	for _, p := range batch {
		if p.m != nil {
			k := queueKey{p.m.Topic, p.m.QueueID}
			end, has := ends[k]
			if !has {
				end = s.end(k)
			}
			ends[k] = end + 1
			p.m.QueueOffset, p.m.CommitLogOffset = end, int64(base)+int64(records)
			p.m.StoredAt, p.m.StoreHost, p.m.Broker, p.m.ArrivedAt = now, s.host, brokerName, now
			buf = message.AppendMessage(buf, p.m)
			records++
		}
		if p.isDone {
			buf = message.AppendRecord(buf, &message.Record{
				Kind: message.KindDone, ArrivedAt: now, Payload: binary.BigEndian.AppendUint64(nil, p.done),
			})
			records++
		}
	}
	err := s.w.Append(buf, records)
	s.mu.Lock()
	n := base
	for _, p := range batch {
		p.err = err
		if p.m != nil {
			if err == nil {
				s.index(p.m, n)
			}
			n++
		}
		if p.isDone {
			n++
		}
	}
	for k := range ends {
		q := s.queue(k)
		close(q.arrived)
		q.arrived = make(chan struct{})
	}
	s.mu.Unlock()
	for _, p := range batch {
		close(p.ready)
	}
	if time.Since(s.tidied) >= tidyEvery {
		// An error shows again at the next time, or when something is read.
		_ = s.tidy()
		s.tidied = time.Now()
	}
}

// poll takes notice of what was written: it is called when something is read, as
// it costs more than a send.
func (s *store) poll() error {
	for more := true; more; {
		var err error
		if _, more, err = s.r.Poll(); err != nil {
			return err
		}
	}
	return nil
}

// tidy evicts what is too much.
func (s *store) tidy() error {
	s.polling.Lock()
	defer s.polling.Unlock()
	if err := s.poll(); err != nil {
		return err
	}
	before, _ := s.r.Range()
	if _, err := s.r.Evict(s.opt.MaxBytes, s.opt.MaxMessages); err != nil {
		return err
	}
	if first, _ := s.r.Range(); first > before {
		s.forget(first)
		s.topics.changed()
	}
	return nil
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
		q.first += int64(n)
		q.at = slices.Clone(q.at[n:])
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

// close writes what was taken and closes the journal.
func (s *store) close() error {
	close(s.quit)
	// A disk that is full must not hold the end up.
	err := s.w.Close()
	<-s.done
	return errors.Join(err, s.r.Close())
}
