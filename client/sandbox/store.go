package sandbox

import (
	"encoding/binary"
	"errors"
	"net/netip"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"gantry/client/journal"
	"gantry/client/message"
	"gantry/client/remoting"
)

const (
	defaultMessages = 200_000
	defaultBytes    = 512 << 20
	// segmentsKept are the segments that the messages kept make: eviction takes one
	// at a time.
	segmentsKept = 16
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
	opt     Options
	host    netip.AddrPort
	topics  *topics
	figures *figures
	w       *journal.Writer
	r       *journal.Reader

	puts    chan *put
	quit    chan struct{} // closed by close
	done    chan struct{} // closed when the writing goroutine has ended
	blocked atomic.Bool   // the disk is full

	polling sync.Mutex // held to poll r and to evict
	bytes   int64      // those kept; only the writing goroutine has it
	most    int        // messages to be written at once

	mu     sync.RWMutex
	queues map[queueKey]*queue // guarded by mu
}

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
func openStore(o Options, host netip.AddrPort, t *topics, f *figures, each func(done uint64, m *stored)) (*store, error) {
	s := &store{
		opt: o, host: host, topics: t, figures: f, puts: make(chan *put, batchMost), quit: make(chan struct{}), done: make(chan struct{}),
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
	// The writer gets no caps: it would wait at them for the goroutine that tidies,
	// which waits for it.
	records := max(s.opt.MaxMessages/segmentsKept, 1)
	s.most = int(min(batchMost, records))
	if s.w, err = journal.OpenWriter(dir, journal.Options{
		Segment: max(s.opt.MaxBytes/segmentsKept, 1<<20), SegmentRecords: records,
		OnBlocked: func(why error) { s.blocked.Store(why != nil) },
	}); err != nil {
		return nil, err
	}
	if s.r, err = journal.OpenReader(dir); err != nil {
		return nil, errors.Join(err, s.w.Close())
	}
	if err = s.read(each); err == nil {
		err = s.tidy(0, 0)
	}
	if err != nil {
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
		for len(batch) < s.most && len(s.puts) > 0 {
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
	s.bytes += int64(len(buf))
	s.count(batch)
}

// count notes what was stored, for those who ask how much that is.
func (s *store) count(batch []*put) {
	type sum struct{ messages, bytes int64 }
	all := map[string]sum{}
	for _, p := range batch {
		if p.m != nil && p.err == nil {
			n := all[p.m.Topic]
			all[p.m.Topic] = sum{n.messages + 1, n.bytes + int64(len(p.m.Body))}
		}
	}
	for topic, n := range all {
		s.figures.stored(topic, n.messages, n.bytes)
	}
}

// crowded tells whether so much more is more than is kept.
func (s *store) crowded(bytes, records int) bool {
	first, _ := s.r.Range()
	return s.bytes+int64(bytes) > s.opt.MaxBytes || int64(s.w.Next()-first)+int64(records) > s.opt.MaxMessages
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

// tidy evicts the oldest until there is room for so much more. The newest segment
// stays whatever it holds.
func (s *store) tidy(bytes, records int) error {
	s.polling.Lock()
	defer s.polling.Unlock()
	if err := s.poll(); err != nil {
		return err
	}
	before, _ := s.r.Range()
	if _, err := s.r.Evict(max(s.opt.MaxBytes-int64(bytes), 1), max(s.opt.MaxMessages-int64(records), 1)); err != nil {
		return err
	}
	s.bytes, _, _ = s.r.Kept()
	if first, _ := s.r.Range(); first > before {
		s.forget(first)
		s.topics.changed()
	}
	return nil
}

// close writes what was taken and closes the journal.
func (s *store) close() error {
	close(s.quit)
	// A disk that is full must not hold the end up.
	err := s.w.Close()
	<-s.done
	return errors.Join(err, s.r.Close())
}
