package sandbox

import (
	"maps"
	"time"

	"gantry/client/message"
	"gantry/client/remoting"
	"gantry/client/sandbox/store"
)

// pushPatience is how long a client has to take a reply (Broker2Client.callClient).
const pushPatience = 3 * time.Second

// reply hands the reply to a request on to the client that waits for it, and stores it
// (ReplyMessageProcessor.java).
func (s *broker) reply(q *request) (*remoting.Command, error) {
	if q.Code == remoting.SendReplyV2 {
		q.lengthen()
	}
	topic := q.text("topic")
	if q.bad != nil {
		return nil, q.bad
	}
	if topic != store.ReplyTopic {
		return nil, refuse(remoting.TopicNotExist, "topic[%s] not exist, apply first please!", topic)
	}
	m := &message.Message{Properties: message.ParseProperties(q.ExtFields["properties"])}
	id := m.Property(message.PropertyReplyTo)
	p := s.clients.sender(id)
	if p == nil {
		return nil, refuse(remoting.SystemError, "push reply message fail, channel of <%s> not found.", id)
	}
	ext := maps.Clone(q.ExtFields)
	ext["bornHost"], ext["storeHost"] = hostOf(q.from.Addr()).String(), s.addr.String()
	ext["storeTimestamp"] = itoa(time.Now().UnixMilli())
	ctx, cancel := s.patience(q, pushPatience)
	defer cancel()
	a, err := p.Ask(ctx, s.finish(&remoting.Command{Code: remoting.PushReply, ExtFields: ext, Body: q.Body}))
	switch {
	case err != nil:
		return nil, refuse(remoting.SystemError, "push reply message to %s fail: %v", id, err)
	case a.Code != remoting.Success:
		return nil, refuse(remoting.SystemError, "push reply message to %s fail, code %d", id, a.Code)
	}
	return s.send(q)
}
