package message

import (
	"errors"
	"testing"
	"time"
)

func TestDelivery(t *testing.T) {
	sent := time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	at := sent.Add(time.Hour)
	for _, c := range []struct {
		d     Delivery
		later bool
		due   time.Time
		err   error
	}{
		{Delivery{}, false, sent, nil},
		{Delivery{After: 30 * time.Second}, true, sent.Add(30 * time.Second), nil},
		{Delivery{At: at}, true, at, nil},
		{Delivery{At: sent.Add(-time.Hour)}, true, sent.Add(-time.Hour), nil},
		{Delivery{After: -time.Second}, true, sent.Add(-time.Second), ErrBadDelivery},
		{Delivery{After: time.Microsecond}, true, sent.Add(time.Microsecond), ErrBadDelivery},
		{Delivery{After: time.Second, At: at}, true, at, ErrBadDelivery},
	} {
		if c.d.Later() != c.later || !c.d.Due(sent).Equal(c.due) {
			t.Errorf("%+v: later %v, due %v", c.d, c.d.Later(), c.d.Due(sent))
		}
		d := Draft{Topic: "t", Body: []byte("b"), Deliver: c.d}
		if err := d.Check(); !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
			t.Errorf("%+v: %v", c.d, err)
		}
	}
	d := Draft{Topic: "t", Body: []byte("b"), ShardingKey: "a\x01b"}
	if err := d.Check(); !errors.Is(err, ErrBadProperty) {
		t.Errorf("a control sign in the sharding key: %v", err)
	}
}

func TestShardingKey(t *testing.T) {
	for name, want := range map[string]string{"__SHARDINGKEY": "k", "SHARDING_KEY": "k", "sharding_key": ""} {
		m := Message{Properties: []Property{{Name: name, Value: "k"}}}
		if got := m.ShardingKey(); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// FuzzReadRecallHandle: what is no handle is refused, and what is one is read as it was made.
func FuzzReadRecallHandle(f *testing.F) {
	f.Add("djEgVG9waWMgYnJva2VyLWEgMTcwMDAwMDAwMDAwMSBJRA==")
	f.Add(RecallHandle("orders", "broker-a", 1_800_000_000_001, "7F00"))
	f.Add("v1 orders broker-a 1 id")
	f.Fuzz(func(t *testing.T, handle string) {
		topic, broker, due, id, ok := ReadRecallHandle(handle)
		if !ok {
			return
		}
		again, at, when, name, ok := ReadRecallHandle(RecallHandle(topic, broker, due, id))
		if !ok || again != topic || at != broker || when != due || name != id {
			t.Errorf("%q: %q %q %d %q", handle, topic, broker, due, id)
		}
	})
}

// TestTimerDue: only what lies among the timers is due by them.
func TestTimerDue(t *testing.T) {
	m := &Message{Topic: TimersTopic, Properties: []Property{{propertyTimerOut, "1800000000000"}}}
	if due, ok := m.TimerDue(); !ok || due != 1_800_000_000_001 {
		t.Error(due, ok)
	}
	for _, bad := range []*Message{{Topic: levelsTopic, Properties: m.Properties}, {Topic: TimersTopic}} {
		if _, ok := bad.TimerDue(); ok {
			t.Errorf("%+v", bad)
		}
	}
}
