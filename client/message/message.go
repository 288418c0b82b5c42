// Package message holds what Gantry knows of one RocketMQ message: the message
// itself, the draft that a send form edits, the receipt that a send returned,
// the binary record in which all of them travel and rest, and the ways a body is
// decoded for eyes.
//
// The package owns no goroutine and no shared state. Its values may be used by
// one goroutine at a time; its functions by any.
package message

import (
	"bytes"
	"encoding/binary"
	"net/netip"
	"strings"
	"time"
)

// Names of the system properties that Gantry reads or writes
// (MessageConst.java).
const (
	PropertyTags         = "TAGS"
	PropertyKeys         = "KEYS"
	PropertyUniqueID     = "UNIQ_KEY"
	PropertyRetryTopic   = "RETRY_TOPIC"
	PropertyRealTopic    = "REAL_TOPIC"
	PropertyOriginID     = "ORIGIN_MESSAGE_ID"
	propertyDeadOrigin   = "DLQ_ORIGIN_TOPIC"
	propertyDeadOriginID = "DLQ_ORIGIN_MESSAGE_ID"
	PropertyDelay        = "DELAY"
	PropertyMinOffset    = "MIN_OFFSET"
	PropertyMaxOffset    = "MAX_OFFSET"
	retryTopicPrefix     = "%RETRY%"
	deadLetterTopicStart = "%DLQ%"
)

// Bits of Message.SysFlag (MessageSysFlag.java).
const (
	flagCompressed    = 0x1
	compressionZlib   = 0x3 << 8 // CompressionType.java
	flagBornHostIPv6  = 0x10
	flagStoreHostIPv6 = 0x20
	compressionShift  = 8
	compressionMask   = 0x7 << compressionShift
)

// Property is one entry of a message's properties, as stored: the order is the
// stored one, a name may occur twice.
type Property struct {
	Name, Value string
}

// Message is one stored message. Times have millisecond precision, as on the
// broker.
type Message struct {
	Topic  string
	Broker string // name of the broker that stores it; not part of the stored form
	// QueueID and QueueOffset say where the message lies in its topic.
	QueueID     int
	QueueOffset int64
	// CommitLogOffset is the byte position in the broker's commit log.
	CommitLogOffset int64
	Flag            int32 // the user's flag, untouched by RocketMQ
	SysFlag         int32
	BornAt          time.Time // when the producer made it, by its clock
	BornHost        netip.AddrPort
	StoredAt        time.Time // when the broker stored it, by its clock
	StoreHost       netip.AddrPort
	// ReconsumeTimes is how often the message was delivered before.
	ReconsumeTimes int
	PreparedOffset int64 // of the half message, for a transaction
	// BodyCRC is the CRC-32 (IEEE, top bit cleared) of the body as the broker
	// stores it; StoreSize is the number of bytes that the broker stores.
	BodyCRC   uint32
	StoreSize int
	// Body is the body as stored, or, where Inflated says so, as the client
	// library decompressed it.
	Body       []byte
	Inflated   bool
	Properties []Property
	// StoredProperties are the properties in their stored form, where a message
	// is passed on without having been read; Properties is nil then.
	StoredProperties []byte
	// ArrivedAt is when Gantry received it, by this computer's clock.
	ArrivedAt time.Time
}

// Property returns the value of the first property of that name, or "".
func (m *Message) Property(name string) string {
	if m.Properties == nil {
		return storedProperty(m.StoredProperties, name)
	}
	for _, p := range m.Properties {
		if p.Name == name {
			return p.Value
		}
	}
	return ""
}

// storedProperty is Property of properties that were not read.
func storedProperty(stored []byte, name string) string {
	for len(stored) > 0 {
		part := stored
		if end := bytes.IndexByte(stored, propertySeparator[0]); end >= 0 {
			part, stored = stored[:end], stored[end+1:]
		} else {
			stored = nil
		}
		if len(part) > len(name) && part[len(name)] == nameSeparator[0] && string(part[:len(name)]) == name {
			return string(part[len(name)+1:])
		}
	}
	return ""
}

// AllProperties are the properties in stored order, also where they were not read yet.
func (m *Message) AllProperties() []Property {
	if m.Properties == nil {
		return ParseProperties(string(m.StoredProperties))
	}
	return m.Properties
}

// Tag returns the message's tag, or "".
func (m *Message) Tag() string { return m.Property(PropertyTags) }

// Keys returns the message's keys; RocketMQ separates them by blanks.
func (m *Message) Keys() []string { return strings.Fields(m.Property(PropertyKeys)) }

// ID returns the id that the producer's client gave the message, as stored and
// without any change of case, or, where there is none (a batch of
// rocketmq-client-go), the offset message id.
func (m *Message) ID() string {
	if id := m.Property(PropertyUniqueID); id != "" {
		return id
	}
	return m.OffsetID()
}

// OffsetID returns the offset message id: the store host and the commit-log
// offset in upper-case hexadecimal (MessageDecoder.createMessageId).
func (m *Message) OffsetID() string {
	if !m.StoreHost.IsValid() {
		return ""
	}
	const digits = "0123456789ABCDEF"
	b := append(make([]byte, 0, 28), m.StoreHost.Addr().AsSlice()...)
	b = binary.BigEndian.AppendUint32(b, uint32(m.StoreHost.Port()))
	b = binary.BigEndian.AppendUint64(b, uint64(m.CommitLogOffset))
	id := make([]byte, 0, 56)
	for _, c := range b {
		id = append(id, digits[c>>4], digits[c&15])
	}
	return string(id)
}

// OriginTopic returns the topic that the message was first sent to: for a
// message of a retry or dead-letter topic the topic before it failed.
func (m *Message) OriginTopic() string {
	if t := m.Property(PropertyRetryTopic); t != "" {
		return t
	}
	return m.Topic
}

// RetryGroup returns the consumer group of a retry topic, or "" if topic is
// none.
func RetryGroup(topic string) string {
	if g, ok := strings.CutPrefix(topic, retryTopicPrefix); ok {
		return g
	}
	return ""
}

// DeadLetterGroup returns the consumer group of a dead-letter topic, or "" if
// topic is none.
func DeadLetterGroup(topic string) string {
	if g, ok := strings.CutPrefix(topic, deadLetterTopicStart); ok {
		return g
	}
	return ""
}

// RetryTopic returns the name of a group's retry topic.
func RetryTopic(group string) string { return retryTopicPrefix + group }

// DeadLetterTopic returns the name of a group's dead-letter topic.
func DeadLetterTopic(group string) string { return deadLetterTopicStart + group }

// UserProperties returns the properties that the sender set, SystemProperties
// those that RocketMQ uses; together they are all of them, each in stored order.
func (m *Message) UserProperties() []Property { return m.properties(false) }

// SystemProperties returns the properties that RocketMQ uses for itself.
func (m *Message) SystemProperties() []Property { return m.properties(true) }

func (m *Message) properties(system bool) []Property {
	var out []Property
	for _, p := range m.AllProperties() {
		if IsSystemProperty(p.Name) == system {
			out = append(out, p)
		}
	}
	return out
}

// IsSystemProperty tells whether RocketMQ or one of its clients uses that name
// (MessageConst.STRING_HASH_SET, and the names that 5.x and
// rocketmq-client-go add). A user's property must not have it.
func IsSystemProperty(name string) bool {
	switch name {
	case PropertyKeys, PropertyTags, "WAIT", PropertyDelay, PropertyUniqueID, "CLUSTER",
		PropertyRealTopic, "REAL_QID", PropertyRetryTopic, PropertyOriginID, "RECONSUME_TIME",
		"MAX_RECONSUME_TIMES", "CONSUME_START_TIME", PropertyMinOffset, PropertyMaxOffset,
		PropertyHalf, PropertyProducerGroup, "TRAN_PREPARED_QUEUE_OFFSET", "__transactionId__",
		"TRANSACTION_CHECK_TIMES", "CHECK_IMMUNITY_TIME_IN_SECONDS", "INSTANCE_ID", "MSG_REGION",
		"TRACE_ON", "BUYER_ID", "TRANSFER_FLAG", "CORRECTION_FLAG", "MQ2_FLAG", PropertyCorrelation,
		PropertyReplyTo, PropertyTTL, "ARRIVE_TIME", "PUSH_REPLY_TIME", "MSG_TYPE", "EXTEND_UNIQ_INFO",
		"INNER_NUM", "INNER_BASE", "DUP_INFO", "INNER_MULTI_DISPATCH", "INNER_MULTI_QUEUE_OFFSET",
		"POP_CK", "POP_CK_OFFSET", "1ST_POP_TIME", PropertyShardingKey, propertyGoShardingKey,
		"PROPERTY_FORWARD_QUEUE_ID", "REDIRECT", "TRACE_CONTEXT", "TIMER_DELAY_SEC", PropertyTimerDelay,
		"TIMER_DELAY_LEVEL", PropertyTimerAt, "TIMER_ENQUEUE_MS", "TIMER_DEQUEUE_MS",
		"TIMER_ROLL_TIMES", "TIMER_OUT_MS", "TIMER_DEL_UNIQKEY", "__BORNHOST", "BORN_TIMESTAMP",
		"__CRC32#", propertyDeadOrigin, propertyDeadOriginID, PropertyStartDeliver:
		return true
	}
	return false
}
