package cluster

import (
	"slices"
	"strings"
	"time"
)

// systemTopics are RocketMQ's own (TopicValidator.java), beside those that begin
// with rmq_sys_, RMQ_SYS_ or the cluster's name.
func systemTopics() []string {
	return []string{
		"TBW102", "SCHEDULE_TOPIC_XXXX", "BenchmarkTest", "TRANS_CHECK_MAX_TIME_TOPIC",
		"SELF_TEST_TOPIC", "OFFSET_MOVED_EVENT", "CHECKPOINT_TOPIC",
		"DefaultHeartBeatSyncerTopic", // of proxies (ProxyConfig.java)
	}
}

// Reserved reports whether the name alone shows that no user made the topic.
func Reserved(topic string) bool {
	for _, prefix := range []string{"%RETRY%", "%DLQ%", "rmq_sys_", "RMQ_SYS_"} {
		if strings.HasPrefix(topic, prefix) {
			return true
		}
	}
	return slices.Contains(systemTopics(), topic)
}

// TopicKind is what a topic is for.
type TopicKind int

// The kinds. 4.x does not know delayed and transactional ones: there they are
// normal.
const (
	NormalTopic TopicKind = iota
	OrderedTopic
	DelayedTopic
	TransactionalTopic
	MixedTopic
	RetryTopic
	DeadLetterTopic
	SystemTopic
)

// TopicConfig is what a topic was made with (TopicConfig.java).
type TopicConfig struct {
	Name string
	// Read and Write are how many queues all its brokers have together.
	Read, Write int
	// Perm holds Perm bits.
	Perm int
	Kind TopicKind
	// Brokers are those that have it, sorted.
	Brokers []string
}

// TopicKindOf tells what the name alone shows; message type and order may say
// more of a NormalTopic.
func TopicKindOf(name string) TopicKind {
	switch {
	case strings.HasPrefix(name, "%RETRY%"):
		return RetryTopic
	case strings.HasPrefix(name, "%DLQ%"):
		return DeadLetterTopic
	case Reserved(name):
		return SystemTopic
	}
	return NormalTopic
}

// QueueStats is what a queue keeps (TopicOffset.java).
type QueueStats struct {
	Queue
	// Min is the first offset kept, Max the one that the next message will get.
	Min, Max int64
	// Last is when a message was stored last; zero if none is kept.
	Last time.Time
}

// Kept is how many messages the queue keeps.
func (q QueueStats) Kept() int64 { return max(q.Max-q.Min, 0) }
