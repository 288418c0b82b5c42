package insight

import (
	"slices"
	"strconv"
	"testing"

	"gantry/client/message"
)

// TestWheel: what was delivered, taken back, or is of another topic does not wait; what is
// stored anew waits once.
func TestWheel(t *testing.T) {
	timer := func(topic, id, deletes string, out int64) *message.Message {
		m := &message.Message{Topic: message.TimersTopic, Properties: []message.Property{
			{Name: message.PropertyRealTopic, Value: topic}, {Name: message.PropertyUniqueID, Value: id}, {Name: "TIMER_OUT_MS", Value: strconv.FormatInt(out, 10)},
		}}
		if deletes != "" {
			m.Properties = append(m.Properties, message.Property{Name: "TIMER_DEL_UNIQKEY", Value: deletes})
		}
		return m
	}
	w := wheel{topic: "orders", read: 5000, waits: map[string]*message.Message{}, gone: map[string]bool{}}
	for _, m := range []*message.Message{
		timer("orders", "waits", "", 9000), timer("orders", "delivered", "", 4000), timer("other", "another's", "", 9000),
		timer("orders", "back", "", 9000), timer("orders", "back", "back", 9000),
		timer("orders", "back too", "", 8000), timer("orders", "back too", "orders+back too", 8000),
		timer("orders", "long", "", 12_000), timer("orders", "long", "", 12_000),
		timer("orders", "back of another second", "", 9000), timer("orders", "", "back of another second", 10_000),
		{Topic: "orders"},
	} {
		w.take(m)
	}
	var got []string
	for _, m := range w.left() {
		got = append(got, m.ID())
	}
	slices.Sort(got)
	if want := []string{"back of another second", "long", "waits"}; !slices.Equal(got, want) {
		t.Errorf("%q wait", got)
	}
}
