package message

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"gantry/client/fault"
)

// Limits of what a draft may hold.
const (
	// MaxBody is the size from which a broker with its usual settings refuses
	// a body, 4 MiB (maxMessageSize, MessageStoreConfig.java). Gantry warns;
	// the broker decides.
	MaxBody = 4 << 20
	// MaxTopic is the longest topic name, in bytes (Validators.java).
	MaxTopic = 127
	// MaxGroup is the longest consumer group name, in bytes (Validators.java): its
	// retry topic then still has the short stored form, the only one that
	// rocketmq-client-go reads.
	MaxGroup = 120
	// MaxProperties is what the properties may take together when encoded, in
	// bytes: the stored form keeps their length in 16 bits, signed.
	MaxProperties = 32767
)

// MaxText is how long the JSON of which a body was made may be to be kept beside it, in bytes.
const MaxText = 1 << 20

// Errors of a name or a property that cannot be sent.
var (
	ErrEmptyName = errors.New("name is empty")
	ErrLongName  = errors.New("name is too long")
	ErrBadName   = errors.New("name has a character that RocketMQ does not take")
	// ErrInnerTopic: brokers work with what lies in the topic, see Inner.
	ErrInnerTopic = errors.New("the topic is the brokers' own")
	// ErrGroupName stands beside one of these where it is a group's name and not a topic's.
	ErrGroupName      = errors.New("group")
	ErrBadProperty    = errors.New("property cannot be sent")
	ErrLongProperties = errors.New("properties are too long")
	// ErrEmptyBody: brokers fail on a message without a body, and Java's
	// clients refuse it (Validators.java, checkMessage).
	ErrEmptyBody = errors.New("body is empty")
)

// Draft is what the send form edits: a message before it is sent. Names are
// full names, as the broker knows them.
type Draft struct {
	ProducerGroup string     `json:"producerGroup,omitempty"`
	Topic         string     `json:"topic,omitempty"`
	Tag           string     `json:"tag,omitempty"`
	Keys          []string   `json:"keys,omitempty"`
	Properties    []Property `json:"properties,omitempty"`
	Body          []byte     `json:"-"`
	// ShardingKey: messages with the same one go to one queue, which keeps their order;
	// "" goes to any.
	ShardingKey string   `json:"shardingKey,omitempty"`
	Deliver     Delivery `json:"deliver,omitzero"`
	// To is the queue that it goes to; nil is one that the sharding key or the sender
	// chooses.
	To *Target `json:"to,omitempty"`
	// OneWay is sent without waiting for an answer.
	OneWay bool `json:"oneWay,omitempty"`
	// Transaction has it sent as a half message, which nobody gets before it is committed.
	Transaction Transaction `json:"transaction,omitempty"`
	// Reply is how long a reply to it is waited for; 0 is not at all.
	Reply time.Duration `json:"reply,omitempty"`
	// Packed has the body packed on its way and at the broker; every client unpacks it.
	Packed bool `json:"packed,omitempty"`
	// How is how its body was typed; the body itself is what is sent.
	How Typed `json:"how,omitzero"`
	// Text is the JSON of which the body was made, where it was typed so and is no longer than
	// MaxText.
	Text string `json:"text,omitempty"`
	// Hides: a secret value of it is written as Hidden. It is not what was sent, and is not
	// sent.
	Hides bool `json:"hides,omitempty"`
	// Flag is the user's flag.
	Flag int32 `json:"flag,omitempty"`
	// ID is the unique id that it gets; "" has the client library make one.
	ID string `json:"id,omitempty"`
	// System are properties of RocketMQ's own that the delivery needs. Who sends the
	// draft knows the brokers and sets them.
	System []Property `json:"system,omitempty"`
}

// Hidden stands for a secret value wherever a message is shown or written down.
const Hidden = "***"

// ErrHides: a secret value of the draft is not at hand, see Draft.Hides.
const ErrHides fault.Code = "a secret value of the message is not at hand"

// Message is the draft as a message, without what only a broker adds. It shares the body.
func (d *Draft) Message() *Message {
	m := &Message{Topic: d.Topic, Body: d.Body, Flag: d.Flag}
	add := func(name, value string) {
		if value != "" {
			m.Properties = append(m.Properties, Property{Name: name, Value: value})
		}
	}
	add(PropertyTags, d.Tag)
	add(PropertyKeys, strings.Join(d.Keys, " "))
	add(PropertyShardingKey, d.ShardingKey)
	add(PropertyUniqueID, d.ID)
	m.Properties = append(append(m.Properties, d.Properties...), d.System...)
	return m
}

// Target is a queue to send to: of a static topic its leader and logical number.
type Target struct {
	Broker string `json:"broker"`
	Queue  int    `json:"queue"`
}

// Shard is the place among n queues, above 0, to which a sharding key leads, as Java's
// SelectMessageQueueByHash has it for a String: programs in Java and Gantry put a key into
// the same queue.
func Shard(key string, n int) int {
	var hash int32 // String.hashCode
	for _, unit := range utf16.Encode([]rune(key)) {
		hash = 31*hash + int32(unit)
	}
	at := int64(hash) % int64(n)
	return int(max(at, -at))
}

// CheckTopic tells whether RocketMQ takes the name of a topic
// (TopicValidator.java: letters, digits, and % | _ -).
func CheckTopic(name string) error { return checkName(name, MaxTopic) }

// CheckTarget tells whether messages may be sent to a topic: RocketMQ takes its name, and it is
// none of the brokers' own.
func CheckTarget(name string) error {
	if err := CheckTopic(name); err != nil {
		return err
	}
	if Inner(name) {
		return fmt.Errorf("%w: %s", ErrInnerTopic, name)
	}
	return nil
}

// CheckGroup tells whether RocketMQ takes the name of a producer or consumer
// group.
func CheckGroup(name string) error { return checkName(name, MaxGroup) }

func checkName(name string, limit int) error {
	switch {
	case name == "":
		return ErrEmptyName
	case len(name) > limit:
		return fmt.Errorf("%w: %d bytes, %d allowed", ErrLongName, len(name), limit)
	}
	for _, r := range name {
		if !nameSign(r) {
			return fmt.Errorf("%w: %q", ErrBadName, string(r))
		}
	}
	return nil
}

func nameSign(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
		r == '%' || r == '|' || r == '_' || r == '-'
}

// Check tells whether the draft can be sent as it stands. It does not judge the
// size of the body: the broker's limit is the broker's.
func (d *Draft) Check() error {
	if err := CheckTarget(d.Topic); err != nil {
		return err
	}
	if len(d.Body) == 0 {
		return ErrEmptyBody
	}
	if err := checkValue(d.Tag); err != nil {
		return err
	}
	for _, k := range d.Keys {
		if err := checkValue(k); err != nil {
			return err
		}
	}
	if err := errors.Join(checkValue(d.ShardingKey), d.Deliver.check(), d.checkTransaction(), d.checkReply()); err != nil {
		return err
	}
	size := 0
	for _, p := range d.Properties {
		switch {
		case p.Name == "", p.Value == "":
			// rocketmq-client-go drops such a property without a word.
			return fmt.Errorf("%w: name and value must not be empty", ErrBadProperty)
		case IsSystemProperty(p.Name):
			return fmt.Errorf("%w: %s is a name that RocketMQ uses itself", ErrBadProperty, p.Name)
		}
		if err := errors.Join(checkValue(p.Name), checkValue(p.Value)); err != nil {
			return err
		}
		size += len(p.Name) + len(p.Value) + 2
	}
	if size += len(d.Tag) + len(d.ShardingKey) + len(strings.Join(d.Keys, " ")) + 200; size > MaxProperties {
		return fmt.Errorf("%w: %d bytes, %d allowed", ErrLongProperties, size, MaxProperties)
	}
	return nil
}

// checkValue refuses what the stored form of properties cannot keep apart.
func checkValue(s string) error {
	if strings.ContainsAny(s, "\x01\x02") || !utf8.ValidString(s) {
		return fmt.Errorf("%w: a control sign or a byte that is not UTF-8", ErrBadProperty)
	}
	return nil
}

// Status says how a send ended.
type Status string

// The first four are RocketMQ's own (SendStatus.java): the broker has the
// message in all four.
const (
	StatusOK                Status = "SEND_OK"
	StatusFlushDiskTimeout  Status = "FLUSH_DISK_TIMEOUT"
	StatusFlushSlaveTimeout Status = "FLUSH_SLAVE_TIMEOUT"
	StatusSlaveNotAvailable Status = "SLAVE_NOT_AVAILABLE"
	// StatusUncertain: no answer came; the broker may have stored the message.
	StatusUncertain Status = "UNCERTAIN"
	// StatusHandedOver: it left one-way, and nobody says what became of it.
	StatusHandedOver Status = "HANDED_OVER"
	// StatusFailed: the message was refused or never left.
	StatusFailed Status = "FAILED"
)

// Stored tells whether the broker said that it has the message.
func (s Status) Stored() bool {
	return s != StatusUncertain && s != StatusFailed && s != StatusHandedOver && s != ""
}

// Receipt is what one send returned.
type Receipt struct {
	Status          Status        `json:"status"`
	Topic           string        `json:"topic"`
	MessageID       string        `json:"messageId,omitempty"`
	OffsetMessageID string        `json:"offsetMessageId,omitempty"`
	Broker          string        `json:"broker,omitempty"`
	QueueID         int           `json:"queueId"`
	QueueOffset     int64         `json:"queueOffset"`
	SentAt          time.Time     `json:"sentAt"`
	Took            time.Duration `json:"took"`
	// Due is when a message is delivered that waits at the broker, zero for others.
	// QueueID and QueueOffset are then a place in the broker's own waiting list.
	Due time.Time `json:"due,omitzero"`
	// Fault is why it was not stored for certain, nil where it was.
	Fault *fault.Fault `json:"fault,omitempty"`
}
