package store

import (
	"strconv"
	"sync"
	"time"

	"gantry/client/message"
)

const (
	// The usual times of Options (BrokerConfig.java).
	checkAfter = 6 * time.Second
	checkAgain = 30 * time.Second
	// checkMax is the usual Options.CheckMax (BrokerConfig.java).
	checkMax = 15
	// propChecks is how often a producer was asked.
	propChecks = "TRANSACTION_CHECK_TIMES"
)

// halves are the messages of transactions that are not decided. Each lies in a
// topic of the broker's own until its producer commits it, or the broker gives up.
type halves struct {
	s *Store

	mu   sync.Mutex
	open map[uint64]*half // guarded by mu; by record
}

// half is a message that waits for its transaction.
type half struct {
	group   string
	offset  int64 // in the queue of halves
	due     time.Time
	checked int
}

func newHalves(s *Store) *halves { return &halves{s: s, open: map[uint64]*half{}} }

// loaded is called for what was stored before, in order.
func (h *halves) loaded(done uint64, m *stored) {
	switch {
	case m == nil:
		delete(h.open, done)
	case m.Topic == HalfTopic:
		h.open[m.record] = &half{group: m.Property(propGroup), offset: m.QueueOffset, due: time.Now().Add(h.s.opt.CheckAfter)}
	}
}

// begin stores a half message (TransactionalMessageBridge.java).
func (h *halves) begin(m *message.Message) error {
	after := h.s.opt.CheckAfter
	if n, err := strconv.Atoi(m.Property("CHECK_IMMUNITY_TIME_IN_SECONDS")); err == nil && n > 0 {
		after = time.Duration(n) * time.Second
	}
	queue := m.QueueID
	SetProperty(m, propRealTopic, m.Topic)
	SetProperty(m, propRealQueue, strconv.Itoa(m.QueueID))
	m.SysFlag &^= sysTransaction
	m.Topic, m.QueueID = HalfTopic, 0
	if err := h.s.Put(m); err != nil {
		return err
	}
	h.mu.Lock()
	h.open[uint64(m.CommitLogOffset)] = &half{group: m.Property(propGroup), offset: m.QueueOffset, due: time.Now().Add(after)}
	h.mu.Unlock()
	m.QueueID, m.SysFlag = queue, m.SysFlag|sysPrepared // for the answer
	return nil
}

// EndTransaction commits a half message, or takes it back. The error is ErrNoHalf
// where there is none of that record and producer group.
func (s *Store) EndTransaction(record uint64, group string, commit bool) error {
	return s.halves.end(record, group, commit)
}

func (h *halves) end(record uint64, group string, commit bool) error {
	h.mu.Lock()
	open := h.open[record]
	if open == nil || open.group != group {
		h.mu.Unlock()
		return ErrNoHalf
	}
	delete(h.open, record)
	h.mu.Unlock()
	p := &put{done: record, isDone: true}
	if commit {
		m, err := h.s.origin(record)
		if err != nil {
			return err
		}
		m.SysFlag = m.SysFlag&^sysTransaction | sysCommit
		m.PreparedOffset = int64(record)
		unset(m, propRealTopic, propRealQueue)
		p.m = m
	}
	err := h.s.put(p)
	if err != nil {
		h.mu.Lock()
		h.open[record] = open
		h.mu.Unlock()
	}
	return err
}

// due returns the transactions that are to be asked after.
func (h *halves) due() []uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []uint64
	for record, o := range h.open {
		if time.Now().After(o.due) {
			o.due = time.Now().Add(h.s.opt.CheckAgain)
			out = append(out, record)
		}
	}
	return out
}

// Undecided returns the transactions that are to be asked after now; they come
// again after Options.CheckAgain.
func (s *Store) Undecided() []uint64 { return s.halves.due() }

// Check returns a half message that its producer is to be asked after, as it will be
// when it is committed, and the producer's group; nil if there is nothing to ask. One
// that was asked after too often is given up.
func (s *Store) Check(record uint64) (half *message.Message, group string, err error) {
	h := s.halves
	h.mu.Lock()
	o := h.open[record]
	h.mu.Unlock()
	if o == nil {
		return nil, "", nil
	}
	m, err := s.Message(record)
	if err != nil {
		h.mu.Lock()
		delete(h.open, record) // it was evicted
		h.mu.Unlock()
		return nil, "", nil
	}
	if o.checked++; o.checked > h.s.opt.CheckMax {
		h.mu.Lock()
		delete(h.open, record)
		h.mu.Unlock()
		SetProperty(m, propChecks, strconv.Itoa(h.s.opt.CheckMax))
		m.Topic, m.QueueID = CheckMaxTopic, 0
		return nil, "", s.put(&put{m: m, done: record, isDone: true})
	}
	queue, _ := strconv.Atoi(m.Property(propRealQueue))
	m.Topic, m.QueueID = m.Property(propRealTopic), queue
	return m, o.group, nil
}

// Resume has the producer of a half message that was given up asked again, as often as of a
// new one: it is stored anew among those that wait. The error is ErrNoHalf where none that
// was given up has that record.
func (s *Store) Resume(record uint64) error {
	m, err := s.Message(record)
	if err != nil || m.Topic != CheckMaxTopic {
		return ErrNoHalf
	}
	queue, _ := strconv.Atoi(m.Property(propRealQueue))
	m.Topic, m.QueueID = m.Property(propRealTopic), queue
	SetProperty(m, propChecks, "0")
	return s.halves.begin(m)
}
