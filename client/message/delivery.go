package message

import (
	"errors"
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
