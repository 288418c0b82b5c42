package sandbox

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"gantry/client/remoting"
)

const (
	// callPatience is how long a member has to answer what is passed on to it
	// (Broker2Client.callClient), and statusPatience how long all have together for
	// their offsets (Broker2Client.getConsumeStatus, where it is for each in turn).
	callPatience   = 10 * time.Second
	statusPatience = 5 * time.Second
	// oldestCalled is the first version that is asked, V3_1_8_SNAPSHOT
	// (MQVersion.java).
	oldestCalled = 62
	// maxPassed bounds what a member answers, in bytes: stacks take 50 KB and more.
	maxPassed = 4 << 20
)

// memberHandlerOf returns what answers a question that a member of a group knows
// the answer to, or nil.
func memberHandlerOf(code int) handler {
	switch code {
	case remoting.ConsumerRunningInfo:
		return (*broker).runningInfo
	case remoting.ConsumeDirectly:
		return (*broker).consumeDirectly
	case remoting.ConsumerStatus:
		return (*broker).consumerStatus
	}
	return nil
}

// runningInfo passes the question on to the member.
func (s *broker) runningInfo(q *request) (*remoting.Command, error) {
	return s.callMember(q, q.ExtFields, q.Body, callPatience)
}

// callMember passes a question on to the member that it names, and its answer back
// as it is (AdminBrokerProcessor.callConsumer). Only who asks waits for it.
func (s *broker) callMember(q *request, ext map[string]string, body []byte, patience time.Duration) (*remoting.Command, error) {
	group, id := q.text("consumerGroup"), q.text("clientId")
	if q.bad != nil {
		return nil, q.bad
	}
	m, has := s.clients.member(group, id)
	switch {
	case !has:
		return nil, refuse(remoting.SystemError, "The Consumer <%s> <%s> not online", group, id)
	case m.version < oldestCalled:
		return nil, refuse(remoting.SystemError, "The Consumer <%s> Version <%d> too low to finish, please upgrade it to V3_1_8_SNAPSHOT", id, m.version)
	}
	ctx, cancel := s.patience(q, patience)
	defer cancel()
	a, err := m.peer.Ask(ctx, s.finish(&remoting.Command{Code: q.Code, ExtFields: ext, Body: body}))
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return nil, refuse(remoting.ConsumeTimeout, "consumer <%s> <%s> Timeout: wait response on the channel </%s> timeout, %d(ms)", group, id, m.peer.Addr(), patience.Milliseconds())
	case err != nil:
		return nil, refuse(remoting.SystemError, "invoke consumer <%s> <%s> Exception: %v", group, id, err)
	case len(a.Body) > maxPassed:
		return nil, refuse(remoting.SystemError, "consumer <%s> <%s> answers %d bytes, at most %d are passed on", group, id, len(a.Body), maxPassed)
	}
	return a, nil
}

// patience is a context that ends with who asks, with the sandbox, and in time.
func (s *broker) patience(q *request, limit time.Duration) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	go func() {
		select {
		case <-q.from.gone:
		case <-s.quit:
		case <-ctx.Done():
		}
		cancel()
	}()
	return ctx, cancel
}

// consumeDirectly has a member consume one stored message now, and passes back
// what it made of it (AdminBrokerProcessor.consumeMessageDirectly).
func (s *broker) consumeDirectly(q *request) (*remoting.Command, error) {
	id, err := hex.DecodeString(q.text("msgId"))
	if q.bad != nil {
		return nil, q.bad
	}
	if err != nil || len(id) != 16 && len(id) != 28 {
		return nil, refuse(remoting.SystemError, "%s is no offset message id", q.ExtFields["msgId"])
	}
	body, err := s.store.Payload(binary.BigEndian.Uint64(id[len(id)-8:]))
	if err != nil {
		return nil, refuse(remoting.SystemError, "there is no message %s", q.ExtFields["msgId"])
	}
	ext := maps.Clone(q.ExtFields)
	ext["brokerName"], ext["topicSysFlag"], ext["groupSysFlag"] = brokerName, "0", "0"
	return s.callMember(q, ext, body, callPatience)
}

// consumerStatus collects where a group's members say they are, which may be ahead
// of what they have committed (Broker2Client.getConsumeStatus).
func (s *broker) consumerStatus(q *request) (*remoting.Command, error) {
	topic, group := q.text("topic"), q.text("group")
	if q.bad != nil {
		return nil, q.bad
	}
	all := s.clients.members(group)
	if len(all) == 0 {
		return nil, refuse(remoting.SystemError, "No Any Consumer online in the consumer group: [%s]", group)
	}
	if only := q.ExtFields["clientAddr"]; only != "" { // an id, whatever its name says
		all = slices.DeleteFunc(all, func(m member) bool { return m.id != only })
	}
	ctx, cancel := s.patience(q, statusPatience)
	defer cancel()
	tables := make([][]byte, len(all))
	var asking sync.WaitGroup
	for i, m := range all {
		asking.Go(func() { tables[i] = s.statusOf(ctx, m, topic, group) })
	}
	asking.Wait()
	body := []byte(`{"consumerTable":{`)
	for i, t := range tables {
		if t == nil {
			continue // others may still say where they are
		}
		if body[len(body)-1] != '{' {
			body = append(body, ',')
		}
		id, err := json.Marshal(all[i].id)
		if err != nil {
			return nil, err
		}
		body = append(append(append(body, id...), ':'), t...)
	}
	return okBody(q, append(body, `},"messageQueueTable":{}}`...)), nil
}

// statusOf asks one member, nil if it does not say.
func (s *broker) statusOf(ctx context.Context, m member, topic, group string) []byte {
	a, err := m.peer.Ask(ctx, s.finish(&remoting.Command{
		Code: remoting.StatusFromClient, ExtFields: map[string]string{"topic": topic, "group": group},
	}))
	if err != nil || a.Code != remoting.Success {
		return nil
	}
	table, err := statusTable(a.Body)
	if err != nil {
		return nil
	}
	return table
}

// statusTable takes the offsets by queue out of a member's answer
// (GetConsumerStatusBody.java).
func statusTable(body []byte) ([]byte, error) {
	var b struct {
		Queues map[string]int64 `json:"messageQueueTable"`
	}
	if err := remoting.DecodeBody(body, &b); err != nil {
		return nil, err
	}
	all := map[messageQueue]any{}
	for key, offset := range b.Queues {
		var mq messageQueue
		if err := remoting.DecodeBody([]byte(key), &mq); err != nil {
			return nil, err
		}
		all[mq] = offset
	}
	return appendByQueue(nil, all)
}
