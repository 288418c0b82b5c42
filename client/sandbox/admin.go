package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gantry/client/remoting"
	"gantry/client/sandbox/store"
)

// adminHandlerOf returns what answers a question of consoles and tools, or nil.
func adminHandlerOf(code int) handler {
	switch code {
	case remoting.RouteByTopic:
		return (*broker).route
	case remoting.ClusterInfo:
		return (*broker).clusterInfo
	case remoting.AllTopics, remoting.TopicsOfCluster:
		return (*broker).listTopics
	case remoting.SystemTopics:
		return (*broker).namesOfNodes
	case remoting.BrokerSystemTopics:
		return (*broker).listSystemTopics
	case remoting.CreateTopic:
		return (*broker).createTopic
	case remoting.DeleteTopicInBroker:
		return (*broker).deleteTopic
	case remoting.DeleteTopicInNameServer:
		return func(_ *broker, q *request) (*remoting.Command, error) { return ok(q), nil }
	case remoting.AllTopicConfig:
		return (*broker).topicConfigs
	case remoting.TopicConfig:
		return (*broker).topicConfig
	case remoting.BrokerRuntimeInfo:
		return (*broker).runtimeInfo
	case remoting.BrokerConfig:
		return (*broker).brokerConfig
	case remoting.NameServerConfig:
		return (*broker).nameServerConfig
	case remoting.ViewBrokerStats:
		return (*broker).viewStats
	case remoting.QueryConsumeQueue:
		return (*broker).queryConsumeQueue
	case remoting.MaxOffset, remoting.MinOffset:
		return (*broker).bound
	case remoting.SearchOffsetByTime:
		return (*broker).searchOffset
	case remoting.EarliestStoreTime:
		return (*broker).earliest
	case remoting.ViewMessageByID:
		return (*broker).viewMessage
	case remoting.QueryMessage:
		return (*broker).queryMessage
	case remoting.TopicStats:
		return (*broker).topicStats
	}
	return groupHandlerOf(code)
}

func (s *broker) clusterInfo(q *request) (*remoting.Command, error) {
	// The key is a number without quotes, whatever the client's version.
	return okBody(q, fmt.Appendf(nil, `{"brokerAddrTable":{%q:{"brokerAddrs":{0:%q},"brokerName":%q,"cluster":%q,"enableActingMaster":false}},"clusterAddrTable":{%q:[%q]}}`,
		brokerName, s.addr.String(), brokerName, clusterName, clusterName, brokerName)), nil
}

func (s *broker) listTopics(q *request) (*remoting.Command, error) {
	names := []string{}
	if cluster, asked := q.ExtFields["cluster"]; !asked || cluster == clusterName {
		for _, c := range s.store.Topics.List() {
			names = append(names, c.Name)
		}
	}
	return s.json(q, map[string]any{"topicList": names})
}

// namesOfNodes is what a name server counts as system topics: brokers and clusters
// (RouteInfoManager.getSystemTopicList).
func (s *broker) namesOfNodes(q *request) (*remoting.Command, error) {
	return s.json(q, map[string]any{"brokerAddr": s.addr.String(), "topicList": []string{brokerName, clusterName}})
}

// listSystemTopics is what a broker does (TopicValidator.getSystemTopicSet).
func (s *broker) listSystemTopics(q *request) (*remoting.Command, error) {
	names := []string{}
	for _, c := range s.store.Topics.List() {
		if store.IsSystem(c.Name) {
			names = append(names, c.Name)
		}
	}
	return s.json(q, map[string]any{"topicList": append(names, brokerName, clusterName)})
}

func dataVersion() map[string]any {
	return map[string]any{"counter": 1, "stateVersion": 0, "timestamp": time.Now().UnixMilli()}
}

func (s *broker) topicConfigs(q *request) (*remoting.Command, error) {
	all := map[string]store.Topic{}
	for _, c := range s.store.Topics.List() {
		all[c.Name] = c
	}
	a, err := s.json(q, map[string]any{"dataVersion": dataVersion(), "mappingDataVersion": dataVersion(), "topicConfigTable": all})
	if err == nil {
		a.ExtFields = map[string]string{"totalTopicNum": itoa(len(all))}
	}
	return a, err
}

func (s *broker) topicConfig(q *request) (*remoting.Command, error) {
	name := q.text("topic")
	c, has := s.store.Topics.Find(name)
	if !has {
		return nil, refuse(remoting.TopicNotExist, "No topic in this broker. topic: %s", name)
	}
	return s.json(q, c)
}

func (s *broker) bound(q *request) (*remoting.Command, error) {
	topic, queue := q.text("topic"), q.number("queueId")
	if q.bad != nil {
		return nil, q.bad
	}
	n, next := s.store.Bounds(topic, queue)
	if q.Code == remoting.MaxOffset {
		n = next
	}
	return okFields(q, map[string]string{"offset": itoa(n)}), nil
}

func (s *broker) searchOffset(q *request) (*remoting.Command, error) {
	topic, queue, at := q.text("topic"), q.number("queueId"), q.long("timestamp")
	if q.bad != nil {
		return nil, q.bad
	}
	n, err := s.store.OffsetAt(topic, queue, at)
	if err != nil {
		return nil, err
	}
	return okFields(q, map[string]string{"offset": itoa(n)}), nil
}

func (s *broker) earliest(q *request) (*remoting.Command, error) {
	topic, queue := q.text("topic"), q.number("queueId")
	if q.bad != nil {
		return nil, q.bad
	}
	first, _ := s.store.Bounds(topic, queue)
	m, err := s.store.At(topic, queue, first)
	if err != nil {
		return nil, err
	}
	at := int64(-1)
	if m != nil {
		at = m.StoredAt.UnixMilli()
	}
	return okFields(q, map[string]string{"timestamp": itoa(at)}), nil
}

func (s *broker) viewMessage(q *request) (*remoting.Command, error) {
	n := q.long("offset")
	if q.bad != nil {
		return nil, q.bad
	}
	b, err := s.store.Payload(uint64(n))
	if err != nil || n < 0 {
		return nil, refuse(remoting.SystemError, "can not find message by the offset, %d", n)
	}
	return okBody(q, b), nil
}

// byQueue writes an object that has a map by queues first, and the rest.
func byQueue(name string, all map[messageQueue]any, rest map[string]any) ([]byte, error) {
	b, err := appendByQueue(fmt.Appendf(nil, `{%q:`, name), all)
	if err != nil {
		return nil, err
	}
	for _, k := range slices.Sorted(maps.Keys(rest)) {
		v, err := json.Marshal(rest[k])
		if err != nil {
			return nil, err
		}
		b = fmt.Appendf(b, `,%q:%s`, k, v)
	}
	return append(b, '}'), nil
}

// appendByQueue writes a map with queues as keys as RocketMQ does: the key is an
// object without quotes round it.
func appendByQueue(b []byte, all map[messageQueue]any) ([]byte, error) {
	keys := slices.SortedFunc(maps.Keys(all), func(a, b messageQueue) int {
		if c := strings.Compare(a.Topic, b.Topic); c != 0 {
			return c
		}
		return a.ID - b.ID
	})
	b = append(b, '{')
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		key, err := json.Marshal(k)
		if err != nil {
			return nil, err
		}
		v, err := json.Marshal(all[k])
		if err != nil {
			return nil, err
		}
		b = append(append(append(b, key...), ':'), v...)
	}
	return append(b, '}'), nil
}

func (s *broker) topicStats(q *request) (*remoting.Command, error) {
	name := q.text("topic")
	c, has := s.store.Topics.Find(name)
	if !has {
		return nil, refuse(remoting.TopicNotExist, "topic[%s] not exist", name)
	}
	all := map[messageQueue]any{}
	for id := range max(c.ReadQueues, c.WriteQueues) {
		first, next := s.store.Bounds(name, id)
		last := int64(0)
		if m, err := s.store.At(name, id, next-1); err == nil && m != nil {
			last = m.StoredAt.UnixMilli()
		}
		all[messageQueue{brokerName, id, name}] = map[string]int64{"minOffset": first, "maxOffset": next, "lastUpdateTimestamp": last}
	}
	b, err := byQueue("offsetTable", all, map[string]any{"topicPutTps": s.store.Figures.TopicRate(name)})
	return okBody(q, b), err
}
