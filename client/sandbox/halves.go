package sandbox

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"gantry/client/message"
	"gantry/client/remoting"
	"gantry/client/sandbox/store"
)

// What a producer says of its transaction (MessageSysFlag.java).
const (
	endCommit   = 0x8
	endRollback = 0xC
)

// endTransaction commits a half message or takes it back
// (EndTransactionProcessor.java).
func (s *broker) endTransaction(q *request) (*remoting.Command, error) {
	record, kind := q.long("commitLogOffset"), q.long("commitOrRollback")
	group := q.text("producerGroup")
	if q.bad != nil {
		return nil, q.bad
	}
	if kind != endCommit && kind != endRollback {
		return ok(q), nil // not known yet: it is asked again
	}
	err := s.store.EndTransaction(uint64(record), group, kind == endCommit)
	if errors.Is(err, store.ErrNoHalf) {
		return nil, refuse(remoting.SystemError, "Find prepared transaction message failed, commitLogOffset=%d", record)
	}
	return ok(q), err
}

// resumeHalf puts a half message back to checking that was given up
// (AdminBrokerProcessor.resumeCheckHalfMessage).
func (s *broker) resumeHalf(q *request) (*remoting.Command, error) {
	id := q.text("msgId")
	if q.bad != nil {
		return nil, q.bad
	}
	record, err := strconv.ParseUint(id[max(len(id)-16, 0):], 16, 64) // an offset id ends with it
	if err == nil {
		err = s.store.Resume(record)
	}
	if err != nil {
		return nil, refuse(remoting.SystemError, "Put message back to RMQ_SYS_TRANS_HALF_TOPIC failed.")
	}
	return ok(q), nil
}

// askAfter asks producers after transactions that are open for too long, until the
// sandbox ends.
func (s *broker) askAfter() {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-s.quit:
			return
		case <-tick.C:
			for _, record := range s.store.Undecided() {
				s.check(record)
			}
		}
	}
}

// check asks a producer of the group (AbstractTransactionalMessageCheckListener
// .sendCheckMessage).
func (s *broker) check(record uint64) {
	m, group, err := s.store.Check(record)
	if err != nil {
		s.log.Warn("a transaction cannot be given up", "error", err)
	}
	if m == nil {
		return
	}
	p := s.clients.producer(group)
	if p == nil {
		return
	}
	unique := m.Property(message.PropertyUniqueID)
	_ = p.Notify(s.finish(&remoting.Command{
		Code: remoting.CheckTransactionState, Body: message.AppendStored(nil, m),
		ExtFields: map[string]string{
			"commitLogOffset": itoa(int64(record)), "tranStateTableOffset": itoa(m.QueueOffset), "offsetMsgId": m.OffsetID(),
			"msgId": unique, "transactionId": unique, "topic": strings.Clone(m.Topic),
		},
	}))
}
