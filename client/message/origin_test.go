package message

import (
	"reflect"
	"testing"
)

// TestOriginal: where a retry or a dead letter lay first, and by which ids.
func TestOriginal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		topic, first string
		props        []Property
		ids          []string
	}{
		"a message":     {"orders", "", []Property{{PropertyUniqueID, "U"}}, nil},
		"a retry":       {RetryTopic("g"), "orders", []Property{{PropertyRetryTopic, "orders"}, {PropertyOriginID, "O"}, {PropertyUniqueID, "U"}}, []string{"O", "U"}},
		"a dead letter": {DeadLetterTopic("g"), "orders", []Property{{PropertyRetryTopic, "orders"}, {PropertyOriginID, "U"}, {PropertyUniqueID, "U"}}, []string{"U"}},
		"of 5.x":        {DeadLetterTopic("g"), "orders", []Property{{propertyDeadOrigin, "orders"}, {propertyDeadOriginID, "D"}}, []string{"D"}},
		"unknown":       {DeadLetterTopic("g"), "", []Property{{PropertyUniqueID, "U"}}, nil},
	} {
		m := &Message{Topic: c.topic, Properties: c.props}
		if topic, ids := m.Original(); topic != c.first || !reflect.DeepEqual(ids, c.ids) {
			t.Errorf("%s: %q, %q", name, topic, ids)
		}
	}
}
