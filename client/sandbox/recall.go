package sandbox

import (
	"errors"
	"time"

	"gantry/client/message"
	"gantry/client/remoting"
	"gantry/client/sandbox/store"
)

// recall takes a message back that waits for its time (RecallMessageProcessor.java). Unlike
// RocketMQ, which puts a mark for it among its timers and says yes to any, it says whether
// there was one.
func (s *broker) recall(q *request) (*remoting.Command, error) {
	topic, handle := q.text("topic"), q.text("recallHandle")
	if q.bad != nil {
		return nil, q.bad
	}
	of, broker, due, id, ok := message.ReadRecallHandle(handle)
	switch {
	case !ok:
		return nil, refuse(remoting.IllegalOperation, "recall handle is invalid")
	case of != topic:
		return nil, refuse(remoting.IllegalOperation, "recall failed, topic not match")
	case broker != brokerName:
		return nil, refuse(remoting.ServiceNotAvailable, "recall failed, broker service not available")
	case due <= time.Now().UnixMilli():
		return nil, refuse(remoting.IllegalOperation, "recall failed, timestamp invalid")
	}
	if err := s.store.Recall(topic, id, due); errors.Is(err, store.ErrNoTimer) {
		return nil, refuse(remoting.IllegalOperation, "recall failed, timestamp invalid")
	} else if err != nil {
		return nil, err
	}
	return okFields(q, map[string]string{"msgId": id}), nil
}
