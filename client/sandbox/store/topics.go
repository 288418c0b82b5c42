package store

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// Topics that RocketMQ has from the start (TopicValidator.java).
const (
	// DefaultTopic is whose route clients take for a topic that is not there yet.
	DefaultTopic  = "TBW102"
	ScheduleTopic = "SCHEDULE_TOPIC_XXXX"
	TimerTopic    = "rmq_sys_wheel_timer"
	HalfTopic     = "RMQ_SYS_TRANS_HALF_TOPIC"
	CheckMaxTopic = "TRANS_CHECK_MAX_TIME_TOPIC"
	TraceTopic    = "RMQ_SYS_TRACE_TOPIC"
	// ReplyTopic is where replies to requests go, of a cluster of the usual name.
	ReplyTopic = "DefaultCluster_REPLY_TOPIC"
)

// What may be done with a topic (PermName.java).
const (
	PermRead    = 4
	PermWrite   = 2
	permInherit = 1
	PermBoth    = PermRead | PermWrite
	// MaxAutoQueues is the most that a topic made on demand gets, those of the
	// default topic (BrokerConfig.defaultTopicQueueNums).
	MaxAutoQueues = 8
	// MaxQueues bounds the queues of any.
	MaxQueues = 1024
)

// Topic is what a topic was made with (TopicConfig.java).
type Topic struct {
	Name        string            `json:"topicName"`
	ReadQueues  int               `json:"readQueueNums"`
	WriteQueues int               `json:"writeQueueNums"`
	Perm        int               `json:"perm"`
	FilterType  string            `json:"topicFilterType"`
	SysFlag     int               `json:"topicSysFlag"`
	Order       bool              `json:"order"`
	Attributes  map[string]string `json:"attributes"`
}

// Topics are the topics that there are.
type Topics struct {
	mu  sync.RWMutex
	all map[string]Topic // guarded by mu
	// gone are topics that were deleted, with the first record that may be in one
	// made anew: what was before is still in the journal. Guarded by mu.
	gone map[string]uint64
	s    *Store
}

func newTopics(s *Store) *Topics {
	t := &Topics{s: s, all: map[string]Topic{}, gone: map[string]uint64{}}
	for name, queues := range map[string]int{
		DefaultTopic: MaxAutoQueues, ScheduleTopic: 18, TimerTopic: 1, HalfTopic: 1, CheckMaxTopic: 1,
		"SELF_TEST_TOPIC": 1, "BenchmarkTest": 1024, "OFFSET_MOVED_EVENT": 1, TraceTopic: 1, ReplyTopic: 1,
	} {
		t.all[name] = NewTopic(name, queues)
	}
	// Whether topics are made on demand is told by this bit.
	c := t.all[DefaultTopic]
	c.Perm |= permInherit
	t.all[DefaultTopic] = c
	return t
}

// NewTopic is one with the settings of a topic that is made on demand.
func NewTopic(name string, queues int) Topic {
	return Topic{Name: name, ReadQueues: queues, WriteQueues: queues, Perm: PermBoth, FilterType: "SINGLE_TAG", Attributes: map[string]string{}}
}

// IsSystem tells RocketMQ's own topics from users' (TopicValidator.java).
func IsSystem(name string) bool {
	switch name {
	case DefaultTopic, ScheduleTopic, HalfTopic, CheckMaxTopic, "SELF_TEST_TOPIC", "BenchmarkTest", "OFFSET_MOVED_EVENT", TraceTopic, ReplyTopic, "RMQ_SYS_TRANS_OP_HALF_TOPIC":
		return true
	}
	return strings.HasPrefix(name, "rmq_sys_")
}

// Find returns a topic.
func (t *Topics) Find(name string) (Topic, bool) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	c, has := t.all[name]
	return c, has
}

// Put makes a topic, or changes it: on disk when it returns.
func (t *Topics) Put(c Topic) error { return t.s.change(&change{Topic: &c}) }

// Ensure returns a topic and makes it if it is missing.
func (t *Topics) Ensure(name string, queues int) (Topic, error) {
	if c, has := t.Find(name); has {
		return c, nil
	}
	c := NewTopic(name, queues)
	if err := t.s.change(&change{Topic: &c, Fresh: true}); err != nil {
		return c, err
	}
	if made, has := t.Find(name); has {
		c = made // by another one, maybe
	}
	return c, nil
}

// sound tells whether a topic, as a file has it, may be one.
func (c Topic) sound() bool {
	return c.Name != "" && c.ReadQueues >= 0 && c.ReadQueues <= MaxQueues && c.WriteQueues >= 0 && c.WriteQueues <= MaxQueues
}

func (t *Topics) apply(c Topic, fresh bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if _, has := t.all[c.Name]; has && fresh {
		return
	}
	if c.Attributes == nil {
		c.Attributes = map[string]string{}
	}
	t.all[c.Name] = c
}

// remove deletes a topic; next is the record that comes next.
func (t *Topics) remove(name string, next uint64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.all, name)
	t.gone[name] = next
}

// keeps tells whether a record of a topic is from after its deletion.
func (t *Topics) keeps(name string, record uint64) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return record >= t.gone[name]
}

// List returns all topics by name.
func (t *Topics) List() []Topic {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return slices.SortedFunc(maps.Values(t.all), func(a, b Topic) int { return strings.Compare(a.Name, b.Name) })
}

// widen sees to it that a topic has at least so many queues: messages are there.
func (t *Topics) widen(name string, queues int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	c, has := t.all[name]
	if !has {
		c = NewTopic(name, queues)
	}
	c.ReadQueues, c.WriteQueues = max(c.ReadQueues, queues), max(c.WriteQueues, queues)
	t.all[name] = c
}
