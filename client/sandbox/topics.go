package sandbox

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"gantry/client/message"
	"gantry/client/remoting"
)

// Topics that RocketMQ has from the start (TopicValidator.java).
const (
	// defaultTopic is whose route clients take for a topic that is not there yet.
	defaultTopic  = "TBW102"
	scheduleTopic = "SCHEDULE_TOPIC_XXXX"
	timerTopic    = "rmq_sys_wheel_timer"
	halfTopic     = "RMQ_SYS_TRANS_HALF_TOPIC"
	checkMaxTopic = "TRANS_CHECK_MAX_TIME_TOPIC"
	traceTopic    = "RMQ_SYS_TRACE_TOPIC"
)

const (
	permRead    = 4
	permWrite   = 2
	permInherit = 1
	permBoth    = permRead | permWrite
	// maxAutoQueues is the most that a topic made on demand gets, those of the
	// default topic (BrokerConfig.defaultTopicQueueNums).
	maxAutoQueues = 8
	maxQueues     = 1024
)

// topicConfig is what a topic was made with (TopicConfig.java).
type topicConfig struct {
	Name        string            `json:"topicName"`
	ReadQueues  int               `json:"readQueueNums"`
	WriteQueues int               `json:"writeQueueNums"`
	Perm        int               `json:"perm"`
	FilterType  string            `json:"topicFilterType"`
	SysFlag     int               `json:"topicSysFlag"`
	Order       bool              `json:"order"`
	Attributes  map[string]string `json:"attributes"`
}

// topics are the topics that there are.
type topics struct {
	mu  sync.RWMutex
	all map[string]topicConfig // guarded by mu
	// gone are topics that were deleted, with the first record that may be in one
	// made anew: what was before is still in the journal. Guarded by mu.
	gone    map[string]uint64
	changed func() // after a change that should be stored
}

func newTopics() *topics {
	t := &topics{all: map[string]topicConfig{}, gone: map[string]uint64{}, changed: func() {}}
	for name, queues := range map[string]int{
		defaultTopic: maxAutoQueues, scheduleTopic: 18, timerTopic: 1, halfTopic: 1, checkMaxTopic: 1,
		"SELF_TEST_TOPIC": 1, "BenchmarkTest": 1024, "OFFSET_MOVED_EVENT": 1, traceTopic: 1,
	} {
		t.all[name] = newTopicConfig(name, queues)
	}
	// Whether topics are made on demand is told by this bit.
	c := t.all[defaultTopic]
	c.Perm |= permInherit
	t.all[defaultTopic] = c
	return t
}

func newTopicConfig(name string, queues int) topicConfig {
	return topicConfig{Name: name, ReadQueues: queues, WriteQueues: queues, Perm: permBoth, FilterType: "SINGLE_TAG", Attributes: map[string]string{}}
}

// systemTopic tells RocketMQ's own topics from users' (TopicValidator.java).
func systemTopic(name string) bool {
	switch name {
	case defaultTopic, scheduleTopic, halfTopic, checkMaxTopic, "SELF_TEST_TOPIC", "BenchmarkTest", "OFFSET_MOVED_EVENT", traceTopic, "RMQ_SYS_TRANS_OP_HALF_TOPIC":
		return true
	}
	return strings.HasPrefix(name, "rmq_sys_")
}

// open tells which topics clients send to (TopicValidator
// .NOT_ALLOWED_SEND_TOPIC_SET).
func open(name string) bool {
	switch name {
	case scheduleTopic, timerTopic, halfTopic, checkMaxTopic, "OFFSET_MOVED_EVENT", "RMQ_SYS_TRANS_OP_HALF_TOPIC":
		return false
	}
	return true
}

func (t *topics) get(name string) (topicConfig, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	c, has := t.all[name]
	return c, has
}

// put makes a topic, or changes it.
func (t *topics) put(c topicConfig) {
	t.mu.Lock()
	t.all[c.Name] = c
	t.mu.Unlock()
	t.changed()
}

// ensure returns a topic and makes it if it is missing.
func (t *topics) ensure(name string, queues int) topicConfig {
	t.mu.Lock()
	c, has := t.all[name]
	if !has {
		c = newTopicConfig(name, queues)
		t.all[name] = c
	}
	t.mu.Unlock()
	if !has {
		t.changed()
	}
	return c
}

// remove deletes a topic; next is the record that comes next.
func (t *topics) remove(name string, next uint64) {
	t.mu.Lock()
	delete(t.all, name)
	t.gone[name] = next
	t.mu.Unlock()
	t.changed()
}

// keeps tells whether a record of a topic is from after its deletion.
func (t *topics) keeps(name string, record uint64) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return record >= t.gone[name]
}

// list returns all topics by name.
func (t *topics) list() []topicConfig {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return slices.SortedFunc(maps.Values(t.all), func(a, b topicConfig) int { return strings.Compare(a.Name, b.Name) })
}

// forSend returns the topic that a message is sent to and makes it on demand, as
// a broker with autoCreateTopicEnable does (TopicConfigManager.java).
func (t *topics) forSend(name, like string, queues int) (topicConfig, error) {
	if c, has := t.get(name); has {
		if !open(name) {
			return c, refuse(remoting.InvalidParameter, "Sending message to topic[%s] is forbidden.", name)
		}
		if c.Perm&permWrite == 0 {
			return c, refuse(remoting.NoPermission, "the broker[%s] sending message is forbidden", brokerName)
		}
		return c, nil
	}
	limit := maxAutoQueues
	switch group := message.RetryGroup(name) + message.DeadLetterGroup(name); {
	case group != "":
		if err := message.CheckGroup(group); err != nil {
			return topicConfig{}, refuse(remoting.InvalidParameter, "%v", err)
		}
		queues, limit = 1, 1
	case like != defaultTopic:
		return topicConfig{}, refuse(remoting.TopicNotExist, "topic[%s] not exist, apply first please!", name)
	default:
		if err := message.CheckTopic(name); err != nil {
			return topicConfig{}, refuse(remoting.InvalidParameter, "%v", err)
		}
	}
	return t.ensure(name, min(max(queues, 1), limit)), nil
}

// forRead returns a topic that is pulled from, and checks the queue.
func (t *topics) forRead(name string, queue int) (topicConfig, error) {
	c, has := t.get(name)
	switch {
	case !has:
		return c, refuse(remoting.TopicNotExist, "topic[%s] not exist, apply first please! See https://rocketmq.apache.org/docs/bestPractice/06FAQ", name)
	case c.Perm&permRead == 0:
		return c, refuse(remoting.NoPermission, "the topic[%s] pulling message is forbidden", name)
	case queue < 0 || queue >= c.ReadQueues:
		return c, refuse(remoting.InvalidParameter, "queueId[%d] is illegal, topic:[%s] topicConfig.readQueueNums:[%d]", queue, name, c.ReadQueues)
	}
	return c, nil
}

// createTopic is asked for by hand (AdminBrokerProcessor.updateAndCreateTopic).
func (s *Server) createTopic(q *request) (*remoting.Command, error) {
	c := newTopicConfig(q.text("topic"), 0)
	c.ReadQueues, c.WriteQueues, c.Perm = q.number("readQueueNums"), q.number("writeQueueNums"), q.number("perm")
	c.Order = q.ExtFields["order"] == "true"
	if q.bad != nil {
		return nil, q.bad
	}
	if err := message.CheckTopic(c.Name); err != nil {
		return nil, refuse(remoting.InvalidParameter, "%v", err)
	}
	if systemTopic(c.Name) {
		return nil, refuse(remoting.InvalidParameter, "The topic[%s] is conflict with system topic.", c.Name)
	}
	if c.ReadQueues < 1 || c.ReadQueues > maxQueues || c.WriteQueues < 1 || c.WriteQueues > maxQueues {
		return nil, refuse(remoting.InvalidParameter, "a topic has 1 to %d queues", maxQueues)
	}
	for change := range strings.SplitSeq(q.ExtFields["attributes"], ",") {
		if name, value, found := strings.Cut(change, "="); found && strings.HasPrefix(name, "+") {
			c.Attributes[name[1:]] = value
		}
	}
	s.topics.put(c)
	return ok(q), nil
}

func (s *Server) deleteTopic(q *request) (*remoting.Command, error) {
	name := q.text("topic")
	if q.bad != nil {
		return nil, q.bad
	}
	if systemTopic(name) {
		return nil, refuse(remoting.InvalidParameter, "The topic[%s] is conflict with system topic.", name)
	}
	s.topics.remove(name, s.store.drop(name))
	s.offsets.removeTopic(name)
	s.figures.forget(name)
	return ok(q), nil
}

// route is where a topic lies (TopicRouteData.java).
func (s *Server) route(q *request) (*remoting.Command, error) {
	name := q.text("topic")
	if q.bad != nil {
		return nil, q.bad
	}
	c, has := s.topics.get(name)
	if !has {
		return nil, refuse(remoting.TopicNotExist, "No topic route info in name server for the topic: %s\nSee https://rocketmq.apache.org/docs/bestPractice/06FAQ for further details.", name)
	}
	// Number keys stand without quotes unless a client of 4.9.4 or later asks
	// (ClientRequestProcessor.java).
	key := "0"
	if q.Version >= 401 || q.ExtFields["acceptStandardJsonOnly"] == "true" {
		key = `"0"`
	}
	return okBody(q, fmt.Appendf(nil, `{"brokerDatas":[{"brokerAddrs":{%s:%q},"brokerName":%q,"cluster":%q,"enableActingMaster":false}],`+
		`"filterServerTable":{},"queueDatas":[{"brokerName":%q,"perm":%d,"readQueueNums":%d,"topicSysFlag":%d,"writeQueueNums":%d}]}`,
		key, s.Broker(), brokerName, clusterName, brokerName, c.Perm, c.ReadQueues, c.SysFlag, c.WriteQueues)), nil
}

// widen sees to it that a topic has at least so many queues: messages are there.
func (t *topics) widen(name string, queues int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, has := t.all[name]
	if !has {
		c = newTopicConfig(name, queues)
	}
	c.ReadQueues, c.WriteQueues = max(c.ReadQueues, queues), max(c.WriteQueues, queues)
	t.all[name] = c
}
