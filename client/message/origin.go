package message

import (
	"slices"
	"strconv"
	"strings"
)

// Topics in which messages of other topics wait (TopicValidator.java, TimerMessageStore.java).
const (
	levelsTopic = "SCHEDULE_TOPIC_XXXX"
	halvesTopic = "RMQ_SYS_TRANS_HALF_TOPIC"
	rocksHalves = "RMQ_SYS_ROCKSDB_TRANS_HALF_TOPIC" // of brokers that keep them in RocksDB
)

// TimersTopic is where messages wait for an exact time, in the broker's own order.
const TimersTopic = "rmq_sys_wheel_timer"

// GivenUpTopic is where a broker puts a half message that it has asked after too often
// (transactionCheckMax; AbstractTransactionalMessageCheckListener.java): no consumer gets it.
const GivenUpTopic = "TRANS_CHECK_MAX_TIME_TOPIC"

// innerPrefix begins the names of most topics of brokers' own.
const innerPrefix = "rmq_sys_"

// Inner tells whether brokers work with what lies in a topic, and put it there themselves.
// They refuse messages of clients to most of those topics (TopicValidator.java,
// NOT_ALLOWED_SEND_TOPIC_SET), but 5.5.0 takes one to TimersTopic, fails on it over and over,
// and delivers nothing any more that is delayed from then on (TimerMessageStore.java, enqueue).
func Inner(topic string) bool {
	switch topic {
	case levelsTopic, halvesTopic, rocksHalves, GivenUpTopic, "RMQ_SYS_TRANS_OP_HALF_TOPIC", "RMQ_SYS_ROCKSDB_TRANS_OP_HALF_TOPIC",
		"OFFSET_MOVED_EVENT", "CHECKPOINT_TOPIC":
		return true
	}
	return strings.HasPrefix(topic, innerPrefix)
}

// propertyChecks is how often a broker has asked after a half message (MessageConst.java).
const propertyChecks = "TRANSACTION_CHECK_TIMES"

// Checks is how often a broker has asked what becomes of a half message, as far as the
// message tells.
func (m *Message) Checks() int {
	n, err := strconv.Atoi(m.Property(propertyChecks))
	if err != nil {
		return 0
	}
	return max(n, 0)
}

// FirstTopic returns the topic that the message was sent to by whoever made it, before a
// broker moved it: to where it waits or was given up, to a retry topic or to a dead-letter
// topic. It is the topic in which it lies where nothing tells of another.
func (m *Message) FirstTopic() string {
	topic := m.Topic
	switch topic {
	case levelsTopic, TimersTopic, halvesTopic, rocksHalves, GivenUpTopic:
		if real := m.Property(PropertyRealTopic); real != "" {
			topic = real
		}
	}
	if RetryGroup(topic) != "" || DeadLetterGroup(topic) != "" {
		if first := m.Property(PropertyRetryTopic); first != "" {
			topic = first
		}
	}
	return topic
}

// Waits tells whether the message lies where it waits: for its time, which Due may tell, or as
// a half message for what becomes of it. That it lies there does not say that it still waits:
// brokers leave it there.
func (m *Message) Waits() (time, half bool) {
	return m.Topic == levelsTopic || m.Topic == TimersTopic, m.Topic == halvesTopic || m.Topic == rocksHalves
}

// Original is where a message of a retry or dead-letter topic lay first, and the ids by which
// it is found there, the surest first; there are none for a message of another topic.
func (m *Message) Original() (topic string, ids []string) {
	if RetryGroup(m.Topic) == "" && DeadLetterGroup(m.Topic) == "" {
		return "", nil
	}
	topic = m.FirstTopic()
	if topic == m.Topic {
		if topic = m.Property(propertyDeadOrigin); topic == "" {
			return "", nil
		}
	}
	for _, name := range []string{PropertyOriginID, propertyDeadOriginID, PropertyUniqueID} {
		if id := m.Property(name); id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return topic, ids
}

// PackedByClient tells whether the client that sent the message packed its body, as
// Unpacked undoes it.
func (m *Message) PackedByClient() bool { return m.Inflated || m.SysFlag&flagCompressed != 0 }

// Again is a draft that sends the message once more as its sender gave it to its client; body
// is its content, see Unpacked. Its topic is the one that it was sent to first. When it was
// to be delivered is left out, and so is what RocketMQ has put to it.
func (m *Message) Again(body []byte) *Draft {
	d := &Draft{
		Topic: m.FirstTopic(), Tag: m.Tag(), Properties: m.UserProperties(), ShardingKey: m.ShardingKey(),
		Body: body, Flag: m.Flag, Packed: m.PackedByClient(),
	}
	if keys := m.Property(PropertyKeys); keys != "" {
		d.Keys = []string{keys} // with the blanks between them
	}
	return d
}
