package topics

import (
	"strconv"
	"testing"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/gui/stage"
)

// waits is a message that waits until a time.
func waits(key string, due time.Time) *message.Message {
	return &message.Message{
		Topic: message.TimersTopic, Broker: "broker-a", QueueOffset: 7, Body: []byte(`{"n":1}`),
		Properties: []message.Property{
			{Name: message.PropertyKeys, Value: key},
			{Name: message.PropertyUniqueID, Value: "ID-" + key},
			{Name: message.PropertyTimerAt, Value: strconv.FormatInt(due.UnixMilli(), 10)},
		},
	}
}

// TestTimers: what waits is listed by due time, filtered, and read where it lies; what is not
// among it is said.
func TestTimers(t *testing.T) {
	f := someTopics()
	r := newRig(t, profile.Profile{}, f)
	now := time.Now()
	f.timers = &insight.Timers{
		Waiting: []*message.Message{waits("first", now.Add(-time.Minute)), waits("second", now.Add(90*time.Minute))},
		Brokers: []insight.BrokerTimers{{Name: "broker-a", Count: 3, Found: 2, Read: 20_000, Total: 1_000_000, Since: now}},
		Missing: cluster.Missing{{Broker: "broker-b", Err: fault.Timeout}},
	}
	var read []int64
	r.screen.locate = func(topic, broker string, queue int, offset int64) { read = append(read, offset) }
	s := r.screen.showTimers("orders")
	r.Until(t, "the answer", func() bool { return s.got != nil })
	for _, want := range []string{
		"2 messages wait for their time.", "first", "second", "due", now.Add(90 * time.Minute).Format(time.DateTime), "broker-b",
		"Of broker-a 20,000 of 1,000,000 timers of all topics were looked at", "broker-a itself counts 3", "What waits in delay levels is not among these.",
	} {
		if !r.Has(want) {
			t.Errorf("no %q in:\n%s", want, stage.Texts(r.Window))
		}
	}
	s.field.SetText("key:second")
	r.Until(t, "the filter", func() bool { return len(s.shown) == 1 })
	if !r.Has("1 of 2 match") || s.shown[0].Property(message.PropertyKeys) != "second" {
		t.Error(stage.Texts(r.Window))
	}
	s.field.SetText("/(/")
	r.Until(t, "the wrong filter", func() bool { return !r.Has("1 of 2 match") })
	if s.field.Wrong() != "/(/" {
		t.Errorf("underlined: %q", s.field.Wrong())
	}
	s.field.SetText("")
	r.Until(t, "all", func() bool { return len(s.shown) == 2 })
	s.table.SetSelected(1)
	s.read()
	if len(read) != 1 || read[0] != 7 {
		t.Errorf("%v", read)
	}
}

// TestTimersNot: what is not told is said, and so is why nothing answers.
func TestTimersNot(t *testing.T) {
	f := someTopics()
	r := newRig(t, profile.Profile{}, f)
	for err, want := range map[error]string{
		fault.NotOffered:   "Not told here: brokers before 5.0, proxies and the sandbox do not say what waits.",
		fault.NotConnected: "Connect first.",
	} {
		f.set(func() { f.timersErr = err })
		s := r.screen.showTimers("orders")
		r.Until(t, want, func() bool { return r.Has(want) })
		if !s.look.Disabled() {
			t.Error("there is nothing to read")
		}
		s.close()
	}
}
