package send

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"gantry/client"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/gui/stage"
	"gantry/gui/words"
)

// TestKinds: the draft has what the kind says, and the form keeps what was typed for
// another one.
func TestKinds(t *testing.T) {
	form := profile.SendForm{Topic: "orders", Body: "b", ShardingKey: " 订单-1 ", Deliver: "1 h 30 min"}
	tomorrow := time.Now().Add(24 * time.Hour).Truncate(time.Second)
	for _, c := range []struct {
		kind    profile.MessageKind
		deliver string
		key     string
		want    message.Delivery
	}{
		{profile.NormalMessage, "", "", message.Delivery{}},
		{profile.OrderedMessage, "", " 订单-1 ", message.Delivery{}}, // to the byte
		{profile.DelayedMessage, "", "", message.Delivery{After: 90 * time.Minute}},
		{profile.DelayedMessage, tomorrow.Format(time.DateTime), "", message.Delivery{At: tomorrow}},
	} {
		s := newRig(t, func(s *rig) {
			s.form = form
			s.form.Kind = c.kind
			if c.deliver != "" {
				s.form.Deliver = c.deliver
			}
		})
		s.screen.Primary()
		s.done(1)
		d := s.cluster.drafts()[0]
		if d.ShardingKey != c.key || !d.Deliver.At.Equal(c.want.At) || d.Deliver.After != c.want.After {
			t.Errorf("%q sends %+v", c.kind, d)
		}
		if got := s.screen.form.read(); got.Kind != c.kind || got.ShardingKey != form.ShardingKey || got.Deliver != s.form.Deliver {
			t.Errorf("%q is read as %+v", c.kind, got)
		}
	}
}

// TestKindsThatCannotBe: nothing is sent, and the field says why.
func TestKindsThatCannotBe(t *testing.T) {
	for _, c := range []struct {
		form profile.SendForm
		want string
	}{
		{profile.SendForm{Kind: profile.OrderedMessage, ShardingKey: " "}, "Enter the key"},
		{profile.SendForm{Kind: profile.OrderedMessage, ShardingKey: "a\x01"}, "cannot be sent"},
		{profile.SendForm{Kind: profile.DelayedMessage}, "Write a time such as"},
		{profile.SendForm{Kind: profile.DelayedMessage, Deliver: "30"}, "Write a time such as"},
		{profile.SendForm{Kind: profile.DelayedMessage, Deliver: "0.1 ms"}, "Write a time such as"},
		{profile.SendForm{Kind: profile.DelayedMessage, Deliver: "2020-01-01 10:00"}, "has passed"},
	} {
		s := newRig(t, func(s *rig) {
			s.form = c.form
			s.form.Topic, s.form.Body = "orders", "b"
		})
		s.screen.Primary()
		s.quiet(0)
		d := s.screen.form.delivery
		field, entry := d.whenField, d.when
		if c.form.Kind == profile.OrderedMessage {
			field, entry = d.keyField, d.key
		}
		if !strings.Contains(field.Error(), c.want) || s.Window.Canvas().Focused() != entry {
			t.Errorf("%+v: %q", c.form, field.Error())
		}
		entry.SetText("1 h") // a key, too
		if field.Error() != "" {
			t.Errorf("it still says %q", field.Error())
		}
		s.screen.Primary()
		s.done(1)
	}
}

// TestKindChosenByHand shows the field and puts the focus into it.
func TestKindChosenByHand(t *testing.T) {
	s := newRig(t, nil)
	d := s.screen.form.delivery
	if d.keyField.Visible() || d.whenField.Visible() {
		t.Error("a normal message has a field")
	}
	d.kinds.Select(2)
	if !d.whenField.Visible() || d.keyField.Visible() || s.Window.Canvas().Focused() != d.when {
		t.Error("the time is not asked for")
	}
	d.kinds.Select(1)
	if d.whenField.Visible() || !d.keyField.Visible() || s.Window.Canvas().Focused() != d.key {
		t.Error("the key is not asked for")
	}
	// By keys it goes on to the next one.
	d.kinds.Set(0)
	s.Window.Canvas().Focus(d.kinds)
	press(d.kinds, fyne.KeyRight, fyne.KeyRight)
	if s.Window.Canvas().Focused() != d.kinds || !d.whenField.Visible() {
		t.Error("keys do not come to the last one")
	}
	press(d.kinds, fyne.KeyLeft)
	s.Until(t, "the form is saved", func() bool { return len(s.forms) > 0 && s.forms[len(s.forms)-1].Kind == profile.OrderedMessage })
}

// TestDelayedReceipt: a message that waits has no place in its topic yet.
func TestDelayedReceipt(t *testing.T) {
	var located []string
	s := newRig(t, func(s *rig) {
		s.form.Kind, s.form.Deliver = profile.DelayedMessage, "1 h"
		s.cluster.answer = func(_ int, d *message.Draft) (message.Receipt, error) {
			return message.Receipt{Status: message.StatusOK, Topic: d.Topic, MessageID: "ID", Broker: "broker-a", QueueID: 3, QueueOffset: 4711, SentAt: time.Now(), Due: time.Now().Add(d.Deliver.After)}, nil
		}
		s.more = func(p *Params) {
			p.Locate = func(topic, broker string, queue int, offset int64) {
				located = append(located, fmt.Sprint(topic, broker, queue, offset))
			}
			p.LocateID = func(topic, id string) { located = append(located, topic+" "+id) }
		}
	})
	s.screen.Primary()
	s.done(1)
	s.listed(1)
	e := s.screen.sent.at(0)
	x := e.sent
	row := newReceiptRow(s.screen.sent)
	row.set(e, false)
	text := ""
	for _, c := range row.cells(440) {
		text += c.text + "\n"
	}
	due := words.Clock(x.Receipt.Due, x.Receipt.SentAt)
	if !strings.Contains(text, "due ") || !strings.Contains(text, due) || strings.Contains(text, "4711") {
		t.Errorf("the row says %q", text)
	}
	for _, f := range facts(x) {
		if f.Label == "Landed on" || f.Label == "Due" && f.Value != x.Receipt.Due.Format("2006-01-02 15:04:05.000") {
			t.Errorf("%+v", f)
		}
	}
	s.screen.sent.detail.where.Tapped(nil)
	if len(located) > 0 || len(s.said) != 1 || !strings.Contains(s.said[0], due) {
		t.Errorf("located %q, said %q", located, s.said)
	}
	x.Receipt.Due = time.Now().Add(-time.Second)
	s.screen.sent.detail.where.Tapped(nil)
	if len(located) != 1 || located[0] != "orders ID" {
		t.Errorf("located %q", located)
	}
}

// TestDelayByLevels: what old brokers cannot do is said at the field, and not sent.
func TestDelayByLevels(t *testing.T) {
	levels := fmt.Errorf("T: %w", &client.LevelsError{Levels: []time.Duration{time.Second, time.Minute, 2 * time.Hour}})
	s := newRig(t, func(s *rig) {
		s.form.Kind, s.form.Deliver = profile.DelayedMessage, "7 s"
		s.cluster.delivery = levels
	})
	s.screen.Primary()
	s.Until(t, "the answer", func() bool { return s.screen.Sending() == 0 && len(s.cluster.looked) > 0 })
	s.quiet(0)
	d := s.screen.form.delivery
	if want := "1 s, 1 min, 2 h."; !strings.Contains(d.whenField.Error(), want) || len(s.failed) > 0 {
		t.Errorf("the field says %q; %v", d.whenField.Error(), s.failed)
	}
	// An answer to what the form no longer says is no word about the form.
	s.screen.Primary()
	d.when.SetText("10 s")
	s.Window.Canvas().Focus(s.screen.form.tag)
	s.Until(t, "the answer", func() bool { return s.screen.Sending() == 0 && len(s.failed) == 1 })
	if d.whenField.Error() != "" || s.Window.Canvas().Focused() != s.screen.form.tag {
		t.Errorf("the field says %q", d.whenField.Error())
	}
	s.failed = nil
	s.cluster.mu.Lock()
	s.cluster.delivery = errors.New("no broker answers")
	s.cluster.mu.Unlock()
	s.screen.Primary()
	s.Until(t, "the failure", func() bool { return len(s.failed) == 1 })
	s.quiet(0)
	// Another kind needs no answer.
	d.kinds.Select(0)
	s.screen.Primary()
	s.done(1)
}

// TestGuardNamesTheTime: what is sent to production later is said before.
func TestGuardNamesTheTime(t *testing.T) {
	s := newRig(t, func(s *rig) {
		s.profile.Environment = profile.Production
		s.form.Kind, s.form.Deliver = profile.DelayedMessage, "1 h"
	})
	before := time.Now()
	s.screen.Primary()
	s.Until(t, "the question", func() bool { return s.Window.Canvas().Overlays().Top() != nil })
	text, now := stage.Texts(s.Window), time.Now()
	due := func(at time.Time) bool { return strings.Contains(text, words.Clock(at.Add(time.Hour), now)[:5]) }
	if !due(before) && !due(now) || !strings.Contains(text, "Due") {
		t.Errorf("it says %q", text)
	}
}

// TestAgainInOrder: the key of an ordered message comes along.
func TestAgainInOrder(t *testing.T) {
	s := newRig(t, nil)
	s.form = profile.SendForm{}
	s.screen.form.put(profile.SendForm{}, nil, "")
	s.screen.Again(&message.Message{Topic: "orders", Body: []byte("b"), Properties: []message.Property{{Name: message.PropertyShardingKey, Value: "k"}}})
	s.Until(t, "the form", func() bool { return s.screen.form.topic.Text == "orders" && s.screen.form.delivery.key.Text == "k" })
	s.screen.Primary()
	s.done(1)
	if d := s.cluster.drafts()[0]; d.ShardingKey != "k" {
		t.Errorf("it sends %+v", d)
	}
	// What was typed for another type stays, and a key that would go is asked about.
	d := s.screen.form.delivery
	s.screen.form.put(profile.SendForm{Kind: profile.DelayedMessage, Deliver: "1 h", ShardingKey: "mine"}, nil, "")
	s.screen.Again(&message.Message{Topic: "stock", Body: []byte("b")})
	s.UntilText("Replace what is in the send form?")
	s.Tap("Replace it")
	s.Until(t, "the form", func() bool { return s.screen.form.topic.Text == "stock" })
	if d.kind() != profile.NormalMessage || d.when.Text != "1 h" || d.key.Text != "mine" {
		t.Errorf("the form has %+v", s.screen.form.read())
	}
}
