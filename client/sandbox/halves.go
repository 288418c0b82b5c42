package sandbox

import (
	"strconv"
	"strings"
	"sync"
	"time"

	"gantry/client/message"
	"gantry/client/remoting"
)

const (
	// checkAfter is when a producer is asked what became of its transaction
	// (BrokerConfig.transactionTimeOut), and checkAgain how long it has then
	// (transactionCheckInterval).
	checkAfter = 6 * time.Second
	checkAgain = 30 * time.Second
	// checkMax is how often (transactionCheckMax).
	checkMax = 15
)

// halves are the messages of transactions that are not decided. Each lies in a
// topic of the broker's own until its producer commits it, or the broker gives up.
type halves struct {
	s *Server

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

func newHalves(s *Server) *halves { return &halves{s: s, open: map[uint64]*half{}} }

// loaded is called for what was stored before, in order.
func (h *halves) loaded(done uint64, m *stored) {
	switch {
	case m == nil:
		delete(h.open, done)
	case m.Topic == halfTopic:
		h.open[m.record] = &half{group: m.Property(propGroup), offset: m.QueueOffset, due: time.Now().Add(checkAfter)}
	}
}

// begin stores a half message (TransactionalMessageBridge.java).
func (h *halves) begin(m *message.Message) error {
	after := checkAfter
	if n, err := strconv.Atoi(m.Property("CHECK_IMMUNITY_TIME_IN_SECONDS")); err == nil && n > 0 {
		after = time.Duration(n) * time.Second
	}
	queue := m.QueueID
	set(m, propRealTopic, m.Topic)
	set(m, propRealQueue, strconv.Itoa(m.QueueID))
	m.SysFlag &^= sysTransaction
	m.Topic, m.QueueID = halfTopic, 0
	if err := h.s.store.put(&put{m: m}); err != nil {
		return err
	}
	h.mu.Lock()
	h.open[uint64(m.CommitLogOffset)] = &half{group: m.Property(propGroup), offset: m.QueueOffset, due: time.Now().Add(after)}
	h.mu.Unlock()
	m.QueueID, m.SysFlag = queue, m.SysFlag|sysPrepared // for the answer
	return nil
}

// endTransaction commits a half message or takes it back
// (EndTransactionProcessor.java).
func (s *Server) endTransaction(q *request) (*remoting.Command, error) {
	record, kind := q.long("commitLogOffset"), q.long("commitOrRollback")
	group := q.text("producerGroup")
	if q.bad != nil {
		return nil, q.bad
	}
	return ok(q), s.halves.end(uint64(record), group, kind)
}

func (h *halves) end(record uint64, group string, kind int64) error {
	if kind != sysCommit && kind != sysTransaction {
		return nil // not known yet: it is asked again
	}
	h.mu.Lock()
	open := h.open[record]
	if open == nil || open.group != group {
		h.mu.Unlock()
		return refuse(remoting.SystemError, "Find prepared transaction message failed, commitLogOffset=%d", int64(record))
	}
	delete(h.open, record)
	h.mu.Unlock()
	p := &put{done: record, isDone: true}
	if kind == sysCommit {
		m, err := h.s.store.origin(record)
		if err != nil {
			return err
		}
		m.SysFlag = m.SysFlag&^sysTransaction | sysCommit
		m.PreparedOffset = int64(record)
		unset(m, propRealTopic, propRealQueue)
		p.m = m
	}
	err := h.s.store.put(p)
	if err != nil {
		h.mu.Lock()
		h.open[record] = open
		h.mu.Unlock()
	}
	return err
}

// run asks producers after transactions that are open for too long, until quit is
// closed.
func (h *halves) run(quit <-chan struct{}) {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-quit:
			return
		case <-tick.C:
			for _, record := range h.due() {
				h.check(record)
			}
		}
	}
}

// due returns the transactions that are to be asked after.
func (h *halves) due() []uint64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []uint64
	for record, o := range h.open {
		if time.Now().After(o.due) {
			o.due = time.Now().Add(checkAgain)
			out = append(out, record)
		}
	}
	return out
}

// check asks a producer of the group (AbstractTransactionalMessageCheckListener
// .sendCheckMessage), or gives the message up.
func (h *halves) check(record uint64) {
	h.mu.Lock()
	o := h.open[record]
	h.mu.Unlock()
	if o == nil {
		return
	}
	m, err := h.s.store.message(record)
	if err != nil {
		h.mu.Lock()
		delete(h.open, record) // it was evicted
		h.mu.Unlock()
		return
	}
	if o.checked++; o.checked > checkMax {
		h.mu.Lock()
		delete(h.open, record)
		h.mu.Unlock()
		m.Topic, m.QueueID = checkMaxTopic, 0
		if err := h.s.store.put(&put{m: m, done: record, isDone: true}); err != nil {
			h.s.log.Warn("a transaction cannot be given up", "error", err)
		}
		return
	}
	p := h.s.clients.producer(o.group)
	if p == nil {
		return
	}
	offset := m.QueueOffset
	queue, _ := strconv.Atoi(m.Property(propRealQueue))
	ids := m.OffsetID()
	m.Topic, m.QueueID, m.QueueOffset = m.Property(propRealTopic), queue, offset
	unique := m.Property(message.PropertyUniqueID)
	_ = p.Notify(h.s.finish(&remoting.Command{
		Code: remoting.CheckTransactionState, Body: message.AppendStored(nil, m),
		ExtFields: map[string]string{
			"commitLogOffset": itoa(int64(record)), "tranStateTableOffset": itoa(offset), "offsetMsgId": ids,
			"msgId": unique, "transactionId": unique, "topic": strings.Clone(m.Topic),
		},
	}))
}
