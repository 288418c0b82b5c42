package sandbox

import (
	"maps"
	"slices"
	"strings"

	"gantry/client/message"
	"gantry/client/remoting"
	"gantry/client/sandbox/store"
)

// groupHandlerOf returns what answers a question about groups, or nil.
func groupHandlerOf(code int) handler {
	switch code {
	case remoting.CreateGroup:
		return (*broker).createGroup
	case remoting.DeleteGroup:
		return (*broker).deleteGroup
	case remoting.AllGroups:
		return (*broker).groupConfigs
	case remoting.GroupConfig:
		return (*broker).groupConfig
	case remoting.ConsumerConnections:
		return (*broker).consumerConnections
	case remoting.ProducerConnections:
		return (*broker).producerConnections
	case remoting.AllProducers:
		return (*broker).allProducers
	case remoting.ConsumeStats:
		return (*broker).consumeStats
	case remoting.ResetOffset:
		return (*broker).resetOffset
	case remoting.TopicConsumers:
		return (*broker).topicConsumers
	}
	return memberHandlerOf(code)
}

func (s *broker) createGroup(q *request) (*remoting.Command, error) {
	g := store.NewGroup("")
	if err := remoting.DecodeBody(q.Body, &g); err != nil {
		return nil, refuse(remoting.SystemError, "a group that cannot be read")
	}
	if err := message.CheckGroup(g.Name); err != nil {
		return nil, refuse(remoting.InvalidParameter, "%v", err)
	}
	return ok(q), s.store.Groups.Put(g)
}

func (s *broker) deleteGroup(q *request) (*remoting.Command, error) {
	name := q.text("groupName")
	if q.bad != nil {
		return nil, q.bad
	}
	return ok(q), s.store.DeleteGroup(name, q.ExtFields["cleanOffset"] == "true" || q.ExtFields["removeOffset"] == "true")
}

func (s *broker) groupConfigs(q *request) (*remoting.Command, error) {
	all := s.store.Groups.All()
	a, err := s.json(q, map[string]any{"dataVersion": dataVersion(), "subscriptionGroupTable": all, "forbiddenTable": map[string]any{}})
	if err == nil {
		a.ExtFields = map[string]string{"totalGroupNum": itoa(len(all))}
	}
	return a, err
}

func (s *broker) groupConfig(q *request) (*remoting.Command, error) {
	name := q.text("group")
	if q.bad != nil {
		return nil, q.bad
	}
	g, can, err := s.store.Groups.Ensure(name)
	if err != nil {
		return nil, err
	}
	if !can {
		return nil, refuse(remoting.GroupNotExist, "No group in this broker")
	}
	return s.json(q, g)
}

// connection is a connected client as tools see it (Connection.java).
type connection struct {
	Addr     string `json:"clientAddr"`
	ID       string `json:"clientId"`
	Language string `json:"language"`
	Version  int    `json:"version"`
}

func (s *broker) consumerConnections(q *request) (*remoting.Command, error) {
	name := q.text("consumerGroup")
	s.clients.mu.Lock()
	defer s.clients.mu.Unlock()
	g := s.clients.groups[name]
	if g == nil {
		return nil, refuse(remoting.ConsumerNotOnline, "the consumer group[%s] not online", name)
	}
	all := []connection{}
	for _, id := range slices.Sorted(maps.Keys(g.members)) {
		m := g.members[id]
		all = append(all, connection{m.peer.Addr().String(), id, m.language, m.version})
	}
	return s.json(q, map[string]any{
		"connectionSet": all, "subscriptionTable": g.subs, "consumeType": g.kind, "messageModel": g.model, "consumeFromWhere": g.from,
	})
}

func (s *broker) producerConnections(q *request) (*remoting.Command, error) {
	name := q.text("producerGroup")
	s.clients.mu.Lock()
	defer s.clients.mu.Unlock()
	if len(s.clients.producers[name]) == 0 {
		return nil, refuse(remoting.SystemError, "the producer group[%s] not exist", name)
	}
	all := []connection{}
	for _, m := range s.clients.producers[name] {
		all = append(all, connection{m.peer.Addr().String(), m.id, m.language, m.version})
	}
	return s.json(q, map[string]any{"connectionSet": all})
}

// allProducers lists who sends, by group (ProducerTableInfo.java).
func (s *broker) allProducers(q *request) (*remoting.Command, error) {
	type producer struct {
		ID       string `json:"clientId"`
		Language string `json:"language"`
		Seen     int64  `json:"lastUpdateTimestamp"`
		Addr     string `json:"remoteIP"`
		Version  int    `json:"version"`
	}
	all := map[string][]producer{}
	s.clients.mu.Lock()
	for name, members := range s.clients.producers {
		for _, m := range members {
			all[name] = append(all[name], producer{m.id, m.language, m.seen.UnixMilli(), "/" + m.peer.Addr().String(), m.version})
		}
	}
	s.clients.mu.Unlock()
	return s.json(q, map[string]any{"data": all})
}

// consumeStats is how far a group is (AdminBrokerProcessor.getConsumeStats).
func (s *broker) consumeStats(q *request) (*remoting.Command, error) {
	name := q.text("consumerGroup")
	if q.bad != nil {
		return nil, q.bad
	}
	all := map[messageQueue]any{}
	rate := 0.0
	for _, topic := range s.consumed(q, name) {
		c, has := s.store.Topics.Find(topic)
		if !has {
			continue
		}
		at := s.store.Offsets.Of(topic, name)
		rate += s.store.Figures.GroupRate(topic, name)
		for id := range c.ReadQueues {
			offset := max(at[id], 0)
			_, next := s.store.Bounds(topic, id)
			last := int64(0)
			if m, err := s.store.At(topic, id, offset-1); err == nil && m != nil {
				last = m.StoredAt.UnixMilli()
			}
			all[messageQueue{brokerName, id, topic}] = map[string]int64{
				"brokerOffset": next, "consumerOffset": offset, "pullOffset": max(offset, s.store.Offsets.ReadTo(topic, name, id)), "lastTimestamp": last,
			}
		}
	}
	b, err := byQueue("offsetTable", all, map[string]any{"consumeTps": rate})
	return okBody(q, b), err
}

// consumed are the topics that a question about a group's progress means
// (AdminBrokerProcessor.getTopicsForCollectingConsumeStats).
func (s *broker) consumed(q *request, group string) []string {
	if list := q.ExtFields["topicList"]; list != "" {
		return strings.Split(list, ";")
	}
	topics := []string{q.ExtFields["topic"]}
	if topics[0] == "" {
		topics = s.store.Offsets.Topics(group)
	}
	return slices.DeleteFunc(topics, func(topic string) bool {
		_, online, has := s.clients.subscription(group, topic)
		return online && !has // it has left the topic
	})
}

func (s *broker) topicConsumers(q *request) (*remoting.Command, error) {
	topic := q.text("topic")
	groups := map[string]bool{}
	for _, g := range s.store.Offsets.Groups(topic) {
		groups[g] = true
	}
	s.clients.mu.Lock()
	for name, g := range s.clients.groups {
		if _, has := g.subs[topic]; has {
			groups[name] = true
		}
	}
	s.clients.mu.Unlock()
	return s.json(q, map[string]any{"groupList": slices.AppendSeq([]string{}, maps.Keys(groups))})
}
