package sandbox

import (
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"time"

	"gantry/client/remoting"
)

const (
	// callPatience is how long a member has to answer what is passed on to it
	// (Broker2Client.callClient), statusPatience for its offsets
	// (Broker2Client.getConsumeStatus).
	callPatience   = 10 * time.Second
	statusPatience = 5 * time.Second
	// oldestCalled is the first version that is asked, V3_1_8_SNAPSHOT
	// (MQVersion.java).
	oldestCalled = 62
)

// memberHandlerOf returns what answers a question that a member of a group knows
// the answer to, or nil.
func memberHandlerOf(code int) handler {
	switch code {
	case remoting.ConsumerRunningInfo:
		return (*Server).runningInfo
	case remoting.ConsumeDirectly:
		return (*Server).consumeDirectly
	case remoting.ConsumerStatus:
		return (*Server).consumerStatus
	}
	return nil
}

// runningInfo passes the question on to the member.
func (s *Server) runningInfo(q *request) (*remoting.Command, error) {
	return s.callMember(q, q.ExtFields, q.Body, callPatience)
}

// callMember passes a question on to the member that it names, and its answer back
// as it is (AdminBrokerProcessor.callConsumer). Only who asks waits for it.
func (s *Server) callMember(q *request, ext map[string]string, body []byte, patience time.Duration) (*remoting.Command, error) {
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
	}
	return a, nil
}

// patience is a context that ends with who asks, with the sandbox, and in time.
func (s *Server) patience(q *request, limit time.Duration) (context.Context, context.CancelFunc) {
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
func (s *Server) consumeDirectly(q *request) (*remoting.Command, error) {
	id, err := hex.DecodeString(q.text("msgId"))
	if q.bad != nil {
		return nil, q.bad
	}
	if err != nil || len(id) != 16 && len(id) != 28 {
		return nil, refuse(remoting.SystemError, "%s is no offset message id", q.ExtFields["msgId"])
	}
	body, err := s.store.payload(binary.BigEndian.Uint64(id[len(id)-8:]))
	if err != nil {
		return nil, refuse(remoting.SystemError, "there is no message %s", q.ExtFields["msgId"])
	}
	ext := maps.Clone(q.ExtFields)
	ext["brokerName"], ext["topicSysFlag"], ext["groupSysFlag"] = brokerName, "0", "0"
	return s.callMember(q, ext, body, callPatience)
}

// consumerStatus collects where a group's members say they are, which may be ahead
// of what they have committed (Broker2Client.getConsumeStatus).
func (s *Server) consumerStatus(q *request) (*remoting.Command, error) {
	topic, group := q.text("topic"), q.text("group")
	if q.bad != nil {
		return nil, q.bad
	}
	all := s.clients.members(group)
	if len(all) == 0 {
		return nil, refuse(remoting.SystemError, "No Any Consumer online in the consumer group: [%s]", group)
	}
	only := q.ExtFields["clientAddr"] // an id, whatever its name says
	var parts []string
	for _, m := range all {
		if only != "" && m.id != only {
			continue
		}
		ctx, cancel := s.patience(q, statusPatience)
		a, err := m.peer.Ask(ctx, s.finish(&remoting.Command{
			Code: remoting.StatusFromClient, ExtFields: map[string]string{"topic": topic, "group": group},
		}))
		cancel()
		if err != nil || a.Code != remoting.Success {
			continue // others may still say where they are
		}
		if table, err := statusTable(a.Body); err == nil {
			id, _ := json.Marshal(m.id)
			parts = append(parts, string(id)+":"+string(table))
		}
	}
	return okBody(q, []byte(`{"consumerTable":{`+strings.Join(parts, ",")+`},"messageQueueTable":{}}`)), nil
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
