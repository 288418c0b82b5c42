package message

import (
	"errors"
	"time"
)

// Delivery says when consumers may have a message. The zero Delivery is at once.
// At most one of its fields is set.
type Delivery struct {
	// After is counted from the broker's taking of the message, in milliseconds.
	After time.Duration `json:"after,omitempty"`
	// At is a time of this computer's clock. One that has passed is at once.
	At time.Time `json:"at,omitzero"`
}

// ErrBadDelivery says that a delivery is before its send, or that it is both after a
// time and at one.
var ErrBadDelivery = errors.New("no time that a message can be delivered at")

// Later reports whether a message waits at the broker.
func (d Delivery) Later() bool { return d != Delivery{} }

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
