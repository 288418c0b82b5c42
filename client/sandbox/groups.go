package sandbox

import (
	"maps"
	"slices"

	"gantry/client/message"
	"gantry/client/remoting"
)

// groupHandlerOf returns what answers a question about groups, or nil.
func groupHandlerOf(code int) handler {
	switch code {
	case remoting.CreateGroup:
		return (*Server).createGroup
	case remoting.DeleteGroup:
		return (*Server).deleteGroup
	case remoting.AllGroups:
		return (*Server).groupConfigs
	case remoting.GroupConfig:
		return (*Server).groupConfig
	case remoting.ConsumerConnections:
		return (*Server).consumerConnections
	case remoting.ProducerConnections:
		return (*Server).producerConnections
	case remoting.ConsumeStats:
		return (*Server).consumeStats
	case remoting.TopicConsumers:
		return (*Server).topicConsumers
	}
	return nil
}

func (s *Server) createGroup(q *request) (*remoting.Command, error) {
	g := newGroupConfig("")
	if err := remoting.DecodeBody(q.Body, &g); err != nil {
		return nil, refuse(remoting.SystemError, "a group that cannot be read")
	}
	if err := message.CheckGroup(g.Name); err != nil {
		return nil, refuse(remoting.InvalidParameter, "%v", err)
	}
	s.clients.mu.Lock()
	s.clients.configs[g.Name] = g
	s.clients.mu.Unlock()
	s.clients.changed()
	return ok(q), nil
}

func (s *Server) deleteGroup(q *request) (*remoting.Command, error) {
	name := q.text("groupName")
	if q.bad != nil {
		return nil, q.bad
	}
	s.clients.mu.Lock()
	delete(s.clients.configs, name)
	s.clients.mu.Unlock()
	s.clients.changed()
	if q.ExtFields["cleanOffset"] == "true" || q.ExtFields["removeOffset"] == "true" {
		s.offsets.removeGroup(name)
	}
	return ok(q), nil
}

func (s *Server) groupConfigs(q *request) (*remoting.Command, error) {
	s.clients.mu.Lock()
	all := maps.Clone(s.clients.configs)
	s.clients.mu.Unlock()
	return s.json(q, map[string]any{"dataVersion": dataVersion(), "subscriptionGroupTable": all, "forbiddenTable": map[string]any{}})
}

func (s *Server) groupConfig(q *request) (*remoting.Command, error) {
	name := q.text("group")
	s.clients.mu.Lock()
	g, has := s.clients.configs[name]
	s.clients.mu.Unlock()
	if !has {
		return nil, refuse(remoting.GroupNotExist, "No group in this broker. group: %s", name)
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

func (s *Server) consumerConnections(q *request) (*remoting.Command, error) {
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

func (s *Server) producerConnections(q *request) (*remoting.Command, error) {
	name := q.text("producerGroup")
	s.clients.mu.Lock()
	defer s.clients.mu.Unlock()
	if len(s.clients.producers[name]) == 0 {
		return nil, refuse(remoting.SystemError, "the producer group[%s] not exist", name)
	}
	all := []connection{}
	for p, id := range s.clients.producers[name] {
		all = append(all, connection{p.Addr().String(), id, "JAVA", version})
	}
	return s.json(q, map[string]any{"connectionSet": all})
}

// consumeStats is how far a group is (AdminBrokerProcessor.getConsumeStats).
func (s *Server) consumeStats(q *request) (*remoting.Command, error) {
	name := q.text("consumerGroup")
	if q.bad != nil {
		return nil, q.bad
	}
	topics := []string{q.ExtFields["topic"]}
	if topics[0] == "" {
		topics = s.offsets.topics(name)
	}
	all := map[messageQueue]any{}
	for _, topic := range topics {
		if _, online, has := s.clients.subscription(name, topic); online && !has {
			continue // it has left the topic
		}
		at := s.offsets.of(topic, name)
		c, has := s.topics.get(topic)
		if !has || len(at) == 0 {
			continue
		}
		for id := range c.ReadQueues {
			offset := max(at[id], 0)
			_, next := s.store.bounds(topic, id)
			last := int64(0)
			if m, err := s.at(topic, id, offset-1); err == nil && m != nil {
				last = m.StoredAt.UnixMilli()
			}
			all[messageQueue{topic, brokerName, id}] = map[string]int64{
				"brokerOffset": next, "consumerOffset": offset, "pullOffset": offset, "lastTimestamp": last,
			}
		}
	}
	b, err := byQueue("offsetTable", all, map[string]any{"consumeTps": 0.0})
	return okBody(q, b), err
}

func (s *Server) topicConsumers(q *request) (*remoting.Command, error) {
	topic := q.text("topic")
	groups := map[string]bool{}
	for _, g := range s.offsets.groups(topic) {
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
