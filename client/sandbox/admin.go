package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gantry/client/journal"
	"gantry/client/message"
	"gantry/client/remoting"
)

// adminHandlerOf returns what answers a question of consoles and tools, or nil.
func adminHandlerOf(code int) handler {
	switch code {
	case remoting.RouteByTopic:
		return (*Server).route
	case remoting.ClusterInfo:
		return (*Server).clusterInfo
	case remoting.AllTopics, remoting.TopicsOfCluster:
		return (*Server).listTopics
	case remoting.SystemTopics, remoting.BrokerSystemTopics:
		return (*Server).listSystemTopics
	case remoting.CreateTopic:
		return (*Server).createTopic
	case remoting.DeleteTopicInBroker:
		return (*Server).deleteTopic
	case remoting.DeleteTopicInNameServer:
		return func(_ *Server, q *request) (*remoting.Command, error) { return ok(q), nil }
	case remoting.AllTopicConfig:
		return (*Server).topicConfigs
	case remoting.TopicConfig:
		return (*Server).topicConfig
	case remoting.BrokerRuntimeInfo:
		return (*Server).runtimeInfo
	case remoting.MaxOffset, remoting.MinOffset:
		return (*Server).bound
	case remoting.SearchOffsetByTime:
		return (*Server).searchOffset
	case remoting.EarliestStoreTime:
		return (*Server).earliest
	case remoting.ViewMessageByID:
		return (*Server).viewMessage
	case remoting.QueryMessage:
		return (*Server).queryMessage
	case remoting.TopicStats:
		return (*Server).topicStats
	}
	return groupHandlerOf(code)
}

func (s *Server) clusterInfo(q *request) (*remoting.Command, error) {
	// The key is a number without quotes, whatever the client's version.
	return okBody(q, fmt.Appendf(nil, `{"brokerAddrTable":{%q:{"brokerAddrs":{0:%q},"brokerName":%q,"cluster":%q,"enableActingMaster":false}},"clusterAddrTable":{%q:[%q]}}`,
		brokerName, s.Broker(), brokerName, clusterName, clusterName, brokerName)), nil
}

func (s *Server) listTopics(q *request) (*remoting.Command, error) {
	names := []string{}
	for _, c := range s.topics.list() {
		names = append(names, c.Name)
	}
	return s.json(q, map[string]any{"topicList": names})
}

func (s *Server) listSystemTopics(q *request) (*remoting.Command, error) {
	names := []string{}
	for _, c := range s.topics.list() {
		if systemTopic(c.Name) {
			names = append(names, c.Name)
		}
	}
	return s.json(q, map[string]any{"brokerAddr": s.Broker(), "topicList": append(names, brokerName, clusterName)})
}

func dataVersion() map[string]any {
	return map[string]any{"counter": 1, "stateVersion": 0, "timestamp": time.Now().UnixMilli()}
}

func (s *Server) topicConfigs(q *request) (*remoting.Command, error) {
	all := map[string]topicConfig{}
	for _, c := range s.topics.list() {
		all[c.Name] = c
	}
	return s.json(q, map[string]any{"dataVersion": dataVersion(), "topicConfigTable": all})
}

func (s *Server) topicConfig(q *request) (*remoting.Command, error) {
	name := q.text("topic")
	c, has := s.topics.get(name)
	if !has {
		return nil, refuse(remoting.TopicNotExist, "No topic in this broker. topic: %s", name)
	}
	return s.json(q, c)
}

// runtimeInfo is what brokers tell of themselves (AdminBrokerProcessor
// .prepareRuntimeInfo): what consoles read of it.
func (s *Server) runtimeInfo(q *request) (*remoting.Command, error) {
	up := time.Since(s.born)
	const none = "0.0 0.0 0.0"
	table := map[string]string{
		"brokerVersionDesc": "V5_5_0", "brokerVersion": itoa(version), "brokerActive": "true",
		"bootTimestamp": itoa(s.born.UnixMilli()),
		"runtime": fmt.Sprintf("[ %d days, %d hours, %d minutes, %d seconds ]",
			int(up.Hours())/24, int(up.Hours())%24, int(up.Minutes())%60, int(up.Seconds())%60),
		"putTps": none, "getTotalTps": none, "getFoundTps": none, "getMissTps": none, "getTransferedTps": none, "getTransferredTps": none,
		"msgPutTotalTodayNow": "0", "msgPutTotalTodayMorning": "0", "msgPutTotalYesterdayMorning": "0",
		"msgGetTotalTodayNow": "0", "msgGetTotalTodayMorning": "0", "msgGetTotalYesterdayMorning": "0",
		"sendThreadPoolQueueSize": "0", "sendThreadPoolQueueCapacity": "0", "pullThreadPoolQueueSize": "0", "pullThreadPoolQueueCapacity": "0",
		"sendThreadPoolQueueHeadWaitTimeMills": "0", "pullThreadPoolQueueHeadWaitTimeMills": "0", "queryThreadPoolQueueHeadWaitTimeMills": "0",
		"pageCacheLockTimeMills": "0", "commitLogDiskRatio": "0", "consumeQueueDiskRatio": "0", "earliestMessageTimeStamp": "-1",
		"timerReadBehind": "0", "timerOffsetBehind": "0", "timerCongestNum": "0", "timerEnqueueTps": "0.0", "timerDequeueTps": "0.0",
	}
	return s.json(q, map[string]any{"table": table})
}

func (s *Server) bound(q *request) (*remoting.Command, error) {
	topic, queue := q.text("topic"), q.number("queueId")
	if q.bad != nil {
		return nil, q.bad
	}
	n, next := s.store.bounds(topic, queue)
	if q.Code == remoting.MaxOffset {
		n = next
	}
	return okFields(q, map[string]string{"offset": itoa(n)}), nil
}

// searchOffset finds the first message stored at a time or later; behind the last
// one where there is none (ConsumeQueue.getOffsetInQueueByTime).
func (s *Server) searchOffset(q *request) (*remoting.Command, error) {
	topic, queue, at := q.text("topic"), q.number("queueId"), q.long("timestamp")
	if q.bad != nil {
		return nil, q.bad
	}
	lo, hi := s.store.bounds(topic, queue)
	for lo < hi {
		mid := lo + (hi-lo)/2
		m, err := s.at(topic, queue, mid)
		if err != nil {
			return nil, err
		}
		if m == nil || m.StoredAt.UnixMilli() < at {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return okFields(q, map[string]string{"offset": itoa(lo)}), nil
}

// at reads the message at an offset; nil if it has just left.
func (s *Server) at(topic string, queue int, offset int64) (*message.Message, error) {
	// A question about a queue that is not there must not make one.
	if first, next := s.store.bounds(topic, queue); offset < first || offset >= next {
		return nil, nil
	}
	e, _ := s.store.entries(topic, queue, offset, 1)
	if len(e) == 0 {
		return nil, nil
	}
	m, err := s.store.message(e[0].record)
	if errors.Is(err, journal.ErrEvicted) || errors.Is(err, message.ErrDamaged) {
		return nil, nil
	}
	return m, err
}

func (s *Server) earliest(q *request) (*remoting.Command, error) {
	topic, queue := q.text("topic"), q.number("queueId")
	if q.bad != nil {
		return nil, q.bad
	}
	first, _ := s.store.bounds(topic, queue)
	m, err := s.at(topic, queue, first)
	if err != nil {
		return nil, err
	}
	at := int64(-1)
	if m != nil {
		at = m.StoredAt.UnixMilli()
	}
	return okFields(q, map[string]string{"timestamp": itoa(at)}), nil
}

func (s *Server) viewMessage(q *request) (*remoting.Command, error) {
	n := q.long("offset")
	if q.bad != nil {
		return nil, q.bad
	}
	b, err := s.store.payload(uint64(n))
	if err != nil || n < 0 {
		return nil, refuse(remoting.SystemError, "can not find message by the offset, %d", n)
	}
	return okBody(q, b), nil
}

// queryMost bounds what one query answers (MessageStoreConfig.maxMsgsNumBatch).
const queryMost = 64

// queryMessage finds messages by unique key or key, the newest first. It reads
// the topic: what the sandbox keeps is small.
func (s *Server) queryMessage(q *request) (*remoting.Command, error) {
	topic, key := q.text("topic"), q.text("key")
	most, from, to := q.number("maxNum"), q.long("beginTimestamp"), q.long("endTimestamp")
	if q.bad != nil {
		return nil, q.bad
	}
	c, _ := s.topics.get(topic)
	var found []*message.Message
	for id := range c.ReadQueues {
		first, next := s.store.bounds(topic, id)
		for n := next - 1; n >= first; n-- {
			m, err := s.at(topic, id, n)
			if err != nil {
				return nil, err
			}
			if m == nil || m.Property(message.PropertyUniqueID) != key && !slices.Contains(m.Keys(), key) {
				continue
			}
			if at := m.StoredAt.UnixMilli(); at >= from && at <= to {
				found = append(found, m)
			}
		}
	}
	if len(found) == 0 {
		return nil, refuse(remoting.QueryNotFound, "can not find message, maybe time range not correct")
	}
	slices.SortFunc(found, func(a, b *message.Message) int { return int(b.CommitLogOffset - a.CommitLogOffset) })
	var body []byte
	for _, m := range found[:min(len(found), most, queryMost)] {
		body = message.AppendStored(body, m)
	}
	a := okBody(q, body)
	now := itoa(time.Now().UnixMilli())
	a.ExtFields = map[string]string{"indexLastUpdateTimestamp": now, "indexLastUpdatePhyoffset": itoa(int64(s.store.w.Next()))}
	return a, nil
}

// byQueue writes a map with queues as keys as RocketMQ does: the key is an object
// without quotes round it.
func byQueue(name string, all map[messageQueue]any, rest map[string]any) ([]byte, error) {
	keys := slices.SortedFunc(maps.Keys(all), func(a, b messageQueue) int {
		if c := strings.Compare(a.Topic, b.Topic); c != 0 {
			return c
		}
		return a.ID - b.ID
	})
	b := fmt.Appendf(nil, `{%q:{`, name)
	for i, k := range keys {
		if i > 0 {
			b = append(b, ',')
		}
		v, err := json.Marshal(all[k])
		if err != nil {
			return nil, err
		}
		b = fmt.Appendf(b, `{"brokerName":%q,"queueId":%d,"topic":%q}:%s`, k.Broker, k.ID, k.Topic, v)
	}
	b = append(b, '}')
	for _, k := range slices.Sorted(maps.Keys(rest)) {
		v, err := json.Marshal(rest[k])
		if err != nil {
			return nil, err
		}
		b = fmt.Appendf(b, `,%q:%s`, k, v)
	}
	return append(b, '}'), nil
}

func (s *Server) topicStats(q *request) (*remoting.Command, error) {
	name := q.text("topic")
	c, has := s.topics.get(name)
	if !has {
		return nil, refuse(remoting.TopicNotExist, "topic[%s] not exist", name)
	}
	all := map[messageQueue]any{}
	for id := range max(c.ReadQueues, c.WriteQueues) {
		first, next := s.store.bounds(name, id)
		last := int64(0)
		if m, err := s.at(name, id, next-1); err == nil && m != nil {
			last = m.StoredAt.UnixMilli()
		}
		all[messageQueue{name, brokerName, id}] = map[string]int64{"minOffset": first, "maxOffset": next, "lastUpdateTimestamp": last}
	}
	b, err := byQueue("offsetTable", all, map[string]any{"topicPutTps": 0.0})
	return okBody(q, b), err
}
