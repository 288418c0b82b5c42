package send

import (
	"bytes"
	"compress/zlib"
	"slices"
	"strings"
	"testing"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/gui/inspect"
)

// received is a message as it came from a group's retry topic, packed by its client.
func received(t *testing.T, body string) *message.Message {
	t.Helper()
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	if _, err := w.Write([]byte(body)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return &message.Message{
		Topic: "%RETRY%ns%readers", Body: b.Bytes(), SysFlag: 1,
		Properties: []message.Property{
			{Name: message.PropertyTags, Value: "paid"},
			{Name: message.PropertyKeys, Value: "k1 k2"},
			{Name: message.PropertyUniqueID, Value: "ID"},
			{Name: message.PropertyRetryTopic, Value: "c|ns%orders"},
			{Name: "tenant", Value: "北"},
		},
	}
}

// TestAgain: what was received is sent as it was sent first, once it is looked at.
func TestAgain(t *testing.T) {
	for _, body := range []string{`{"a":1}`, "\xff\x00binary"} {
		s := newRig(t, func(s *rig) {
			s.form = profile.SendForm{Topic: "other", ProducerGroup: "mine"}
			s.profile.ClusterID, s.profile.Namespace = "c", "ns"
		})
		s.screen.Again(received(t, body))
		s.screen.Primary() // it is not in the form yet
		s.Until(t, "the form", func() bool { return s.screen.form.tag.Text == "paid" })
		s.quiet(0)
		if s.screen.form.topic.Text != "orders" || s.screen.form.keys.Text != "k1 k2" {
			t.Errorf("topic %q, keys %q", s.screen.form.topic.Text, s.screen.form.keys.Text)
		}
		s.screen.Primary()
		s.done(1)
		d := s.cluster.drafts()[0]
		want := []message.Property{{Name: "tenant", Value: "北"}, {Name: message.PropertyRedelivered, Value: "%RETRY%ns%readers//0/0/ID"}} // from where it is redelivered
		if string(d.Body) != body || d.Topic != "c|ns%orders" || d.Tag != "paid" || d.ProducerGroup != "mine" || !slices.Equal(d.Properties, want) {
			t.Errorf("it sent %+v", d)
		}
	}
}

// TestAgainOfWhatWaits: it goes to the topic that it waits for, which says its format too, and
// never to that of the brokers: a plain message there stops all timers of a 5.5.0.
func TestAgainOfWhatWaits(t *testing.T) {
	s := newRig(t, nil)
	m := received(t, "waits")
	m.Topic, m.Properties = message.TimersTopic, []message.Property{{Name: message.PropertyRealTopic, Value: "reminders"}, {Name: message.PropertyTags, Value: "r"}}
	if topic := inspect.BodyTopic(m); topic != "reminders" {
		t.Error("its format is that of", topic)
	}
	s.screen.body.set(nil, "")
	s.screen.Again(m)
	s.Until(t, "the form", func() bool { return s.screen.form.tag.Text == "r" })
	if topic := s.screen.form.topic.Text; topic != "reminders" {
		t.Error("it would go to", topic)
	}
	s.screen.form.topic.SetText(message.TimersTopic)
	s.screen.Primary()
	s.UntilText("What is sent to it is delivered to nobody")
	s.quiet(0)
}

// TestAgainLosesNothing: what was typed and not sent is replaced after a question only.
func TestAgainLosesNothing(t *testing.T) {
	s := newRig(t, nil)
	asks := func(want bool, m *message.Message, answer string) {
		t.Helper()
		s.screen.Again(m)
		if !want {
			s.Until(t, "the form", func() bool { return string(s.screen.body.bytes()) == string(plain(m)) })
			return
		}
		s.UntilText("Replace what is in the send form?")
		s.Tap(answer)
	}
	asks(true, received(t, "one"), "Cancel") // "hello" is there
	if got := string(s.screen.body.bytes()); got != "hello" || s.screen.asking {
		t.Fatalf("after Cancel the body is %q", got)
	}
	asks(true, received(t, "one"), "Replace it")
	s.Until(t, "the form", func() bool { return string(s.screen.body.bytes()) == "one" })
	asks(false, received(t, "two"), "") // it was looked at, and not changed
	s.screen.form.tag.SetText("typed")
	asks(true, received(t, "three"), "Cancel")
	s.cluster.answer = func(n int, _ *message.Draft) (message.Receipt, error) {
		r := message.Receipt{Status: message.StatusOK, MessageID: "ID"}
		if n == 1 {
			r = message.Receipt{Status: message.StatusFailed, Fault: &fault.Fault{Raw: "refused"}}
		}
		return r, nil
	}
	s.screen.Primary()
	s.done(1)
	asks(true, received(t, "three"), "Cancel") // it was refused
	s.screen.Primary()
	s.done(2)
	asks(false, received(t, "three"), "") // it was sent
	s.screen.body.set([]byte("typed"), "")
	asks(true, received(t, "four"), "Cancel")

	broken := received(t, "five")
	broken.Body = broken.Body[:4]
	s.screen.Again(broken)
	s.Until(t, "the word", func() bool {
		return slices.ContainsFunc(s.said, func(w string) bool { return strings.Contains(w, "does not open") })
	})
	if got := string(s.screen.body.bytes()); got != "typed" {
		t.Errorf("the body is %q", got)
	}
}

func plain(m *message.Message) []byte {
	b, _ := m.Unpacked(fileLimit)
	return b
}
