package message

import (
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"
)

// Delivery says when consumers may have a message. The zero Delivery is at once.
// At most one of its fields is set.
type Delivery struct {
	// After is a length of time in milliseconds, from the broker's taking of the message
	// on, or at Tencent from its sending.
	After time.Duration `json:"after,omitempty"`
	// At is a time of this computer's clock.
	At time.Time `json:"at,omitzero"`
}

var (
	// ErrBadDelivery: less than a millisecond after the send, or both after a time and
	// at one.
	ErrBadDelivery = errors.New("no time that a message can be delivered at")
	// ErrPastDelivery: the time has passed.
	ErrPastDelivery = errors.New("the time of delivery has passed")
)

// Later reports whether a message waits at the broker.
func (d Delivery) Later() bool { return d.After != 0 || !d.At.IsZero() }

// Due is when a message that was sent at a time is to be delivered.
func (d Delivery) Due(sent time.Time) time.Time {
	if !d.At.IsZero() {
		return d.At
	}
	return sent.Add(d.After)
}

func (d Delivery) check() error {
	if d.After < 0 || d.After > 0 && d.After < time.Millisecond || d.After > 0 && !d.At.IsZero() {
		return ErrBadDelivery
	}
	return nil
}

// Properties that say when a message is delivered, and which keep its order
// (MessageConst.java).
const (
	PropertyTimerDelay = "TIMER_DELAY_MS"
	PropertyTimerAt    = "TIMER_DELIVER_MS"
	// PropertyStartDeliver is Tencent's, in milliseconds since 1970; open-source
	// brokers do not know it.
	PropertyStartDeliver = "__STARTDELIVERTIME"
	PropertyShardingKey  = "__SHARDINGKEY"
	// propertyGoShardingKey is what rocketmq-client-go writes instead.
	propertyGoShardingKey = "SHARDING_KEY"
)

// RecallHandle names a message that waits for its time for who takes it back, as a broker
// hands it to its producer (RecallMessageHandle.java, HandleV1): due is in milliseconds since
// 1970, within the second in which the broker has it due.
func RecallHandle(topic, broker string, due int64, id string) string {
	return base64.URLEncoding.EncodeToString([]byte(strings.Join([]string{"v1", topic, broker, strconv.FormatInt(due, 10), id}, " ")))
}

// ReadRecallHandle is the reverse; ok is false where it is none.
func ReadRecallHandle(handle string) (topic, broker string, due int64, id string, ok bool) {
	b, err := base64.URLEncoding.DecodeString(handle)
	if err != nil {
		return "", "", 0, "", false
	}
	parts := strings.Split(string(b), " ")
	if len(parts) != 5 || parts[0] != "v1" {
		return "", "", 0, "", false
	}
	due, err = strconv.ParseInt(parts[3], 10, 64)
	return parts[1], parts[2], due, parts[4], err == nil
}

// TimerDue is what a broker's handle has as the time of a message that lies among its timers;
// ok is false where it lies elsewhere. Brokers count seconds, and one millisecond more falls
// into the same (SendMessageProcessor.java, attachRecallHandle).
func (m *Message) TimerDue() (due int64, ok bool) {
	out, err := strconv.ParseInt(m.Property(propertyTimerOut), 10, 64)
	return out + 1, err == nil && m.Topic == TimersTopic
}

// propertyTimerDelete marks a message among a broker's timers that takes another one back.
const propertyTimerDelete = "TIMER_DEL_UNIQKEY"

// TimerDeletes is the key of the message that this one takes back, where both lie among a
// broker's timers: see TimerKeys. It is "" for a message that waits for its time itself.
func (m *Message) TimerDeletes() string { return m.Property(propertyTimerDelete) }

// TimerKeys are those by which a message that waits for its time is taken back, as a broker's
// appendTopicForTimerDeleteKey has it (TimerMessageStore.java, buildDeleteKey).
func (m *Message) TimerKeys() [2]string {
	id := m.Property(PropertyUniqueID)
	return [2]string{id, m.Property(PropertyRealTopic) + "+" + id}
}

// DelayLevels are the delays of the levels from 1 on, unless a broker is told
// otherwise (messageDelayLevel of MessageStoreConfig.java).
func DelayLevels() []time.Duration {
	const s, m, h = time.Second, time.Minute, time.Hour
	return []time.Duration{s, 5 * s, 10 * s, 30 * s, m, 2 * m, 3 * m, 4 * m, 5 * m, 6 * m, 7 * m, 8 * m, 9 * m, 10 * m, 20 * m, 30 * m, h, 2 * h}
}

// ShardingKey is the key whose messages keep their order, or "".
func (m *Message) ShardingKey() string {
	if k := m.Property(PropertyShardingKey); k != "" {
		return k
	}
	return m.Property(propertyGoShardingKey)
}
