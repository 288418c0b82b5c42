package message

import (
	"slices"
	"testing"
)

// TestRedelivered marks a dead letter once, whatever marks it had, and leaves the message as it
// is; a message of another topic is not marked.
func TestRedelivered(t *testing.T) {
	t.Parallel()
	dead := &Message{
		Topic: "%DLQ%g|x", Broker: "broker-a", QueueID: 0, QueueOffset: 17, Body: []byte("b"),
		Properties: []Property{{"a", "1"}, {PropertyRedelivered, "%DLQ%g|x/broker-a/0/3/OLD"}, {PropertyUniqueID, "ID1"}, {PropertyRetryTopic, "orders"}},
	}
	before := slices.Clone(dead.Properties)
	stored := &Message{Topic: dead.Topic, Broker: dead.Broker, QueueOffset: 17, StoredProperties: appendProperties(nil, dead.Properties)}
	for _, m := range []*Message{dead, stored} {
		got := m.Redelivered()
		want := "%DLQ%g|x/broker-a/0/17/ID1"
		if got.Mark(dead.Topic) != want || got.Mark("%DLQ%g") != "" || m.Place() != want {
			t.Errorf("marked %q", got.Property(PropertyRedelivered))
		}
		d := got.Again(got.Body)
		if d.Topic != "orders" || !slices.Equal(d.Properties, []Property{{"a", "1"}, {PropertyRedelivered, want}}) {
			t.Errorf("sent again as %+v", d)
		}
	}
	if !slices.Equal(dead.Properties, before) {
		t.Errorf("the dead letter became %v", dead.Properties)
	}
	if m := (&Message{Topic: "orders"}); m.Redelivered() != m || Redeliverable("orders") || !Redeliverable("%RETRY%g") {
		t.Error("a message of an ordinary topic is marked")
	}
}
