package cluster

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// TestReference: what is copied is found again, whatever stands round it.
func TestReference(t *testing.T) {
	for _, r := range []Reference{
		{Connection: "shop", Environment: "prod", Topic: "orders", Queue: Queue{Broker: "broker-a", ID: 2}, Offset: 12345, ID: "7F0000013C2A"},
		{Connection: "生产 集群/1 + 100% ?&=#", Topic: "rocketmq-x|ns%orders", Queue: Queue{Broker: "b a/c", ID: 0}, Offset: 1<<63 - 1},
	} {
		text := r.String()
		if strings.ContainsAny(text, " \n\t") {
			t.Errorf("%q is no word", text)
		}
		for _, round := range []string{"%", "see % please", "见\n%\n", "<a>% "} {
			got, ok := ParseReference(strings.Replace(round, "%", text, 1))
			if !ok || got != r {
				t.Errorf("%q is read as %+v, %v", text, got, ok)
			}
		}
	}
	for _, text := range []string{"", "gantry://", "gantry://a/b/c/d/e", "gantry://a/b/c/1", "gantry://a/b/c/-1/2", "gantry://a/b/c/1/2/3", "gantry://a//c/1/2", "gantry://a/%zz/c/1/2", "gantry://a/b/c/99999999999/2", "http://a/b/c/1/2"} {
		if r, ok := ParseReference(text); ok {
			t.Errorf("%q is read as %+v", text, r)
		}
	}
}

func FuzzReference(f *testing.F) {
	f.Add("a", "b", "c", "d", 1, int64(2))
	f.Fuzz(func(t *testing.T, connection, topic, broker, id string, queue int, offset int64) {
		r := Reference{Connection: connection, Environment: "prod", Topic: topic, Queue: Queue{Broker: broker, ID: queue}, Offset: offset, ID: id}
		text := r.String()
		got, ok := ParseReference(text)
		valid := utf8.ValidString(connection) && utf8.ValidString(topic) && utf8.ValidString(broker) && utf8.ValidString(id) && topic != "" && broker != "" && queue >= 0 && queue < 1<<31 && offset >= 0
		if valid && len(text) < 4000 && (!ok || got != r) {
			t.Errorf("%q is read as %+v, %v", text, got, ok)
		}
	})
}
