package message

import (
	"strconv"
	"time"
)

// Properties of a broker's timers (MessageConst.java); those in milliseconds since 1970
// are moments.
const (
	propertyTimerSeconds = "TIMER_DELAY_SEC"
	propertyTimerOut     = "TIMER_OUT_MS"
)

// Due is when a delayed message was to be delivered, as its properties say: the broker's
// own note of it first, else what the sender asked for. ok is false where none does.
func (m *Message) Due() (at time.Time, ok bool) {
	for _, name := range []string{propertyTimerOut, PropertyTimerAt, PropertyStartDeliver} {
		if at, ok := Moment(name, m.Property(name)); ok {
			return at, true
		}
	}
	if m.BornAt.IsZero() {
		return time.Time{}, false
	}
	for _, name := range []string{PropertyTimerDelay, propertyTimerSeconds} {
		if after, ok := Length(name, m.Property(name)); ok {
			return m.BornAt.Add(after), true
		}
	}
	return time.Time{}, false
}

// Moment reads the value of a property of RocketMQ's own that is a moment, in
// milliseconds since 1970; ok is false for every other name and value.
func Moment(name, value string) (at time.Time, ok bool) {
	switch name {
	case propertyTimerOut, PropertyTimerAt, PropertyStartDeliver, "TIMER_ENQUEUE_MS", "TIMER_DEQUEUE_MS", "BORN_TIMESTAMP":
	default:
		return time.Time{}, false
	}
	ms, err := strconv.ParseInt(value, 10, 64)
	// Up to the year 9999, beyond which no time can be written.
	if err != nil || ms <= 0 || ms > 253_402_300_799_999 {
		return time.Time{}, false
	}
	return time.UnixMilli(ms), true
}

// Length reads the value of a property of RocketMQ's own that is a length of time; ok is
// false for every other name and value.
func Length(name, value string) (d time.Duration, ok bool) {
	unit := map[string]time.Duration{PropertyTimerDelay: time.Millisecond, propertyTimerSeconds: time.Second}[name]
	n, err := strconv.ParseInt(value, 10, 64)
	if unit == 0 || err != nil || n < 0 || n > int64(1<<62)/int64(time.Second) {
		return 0, false
	}
	return time.Duration(n) * unit, true
}

// StoredBody is the size of the body as the broker stores it, in bytes: that of Body, or
// where the library has unpacked that, what StoreSize leaves beside the rest of the
// message. Where StoreSize tells nothing it is that of Body.
func (m *Message) StoredBody() int {
	if !m.Inflated {
		return len(m.Body)
	}
	bare := *m
	bare.Body = nil
	if n := m.StoreSize - len(AppendStored(nil, &bare)); n > 0 && n <= m.StoreSize {
		return n
	}
	return len(m.Body)
}
