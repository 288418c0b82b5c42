//go:build long

package client_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"gantry/client/message"
	"gantry/client/session"
	"gantry/client/testcluster"
)

// The load that a follow looks through for one order.
const (
	watchRate   = 20_000 // messages a second
	watchFor    = 12 * time.Second
	watchQueues = 8
)

// TestFollowKeepsOneOfManyASecond: a follow of a topic with 20,000 messages a second, or as
// many as the machine gives, looks through all that is stored and keeps the one that fits.
// The load comes from this process; what looks is a worker's.
func TestFollowKeepsOneOfManyASecond(t *testing.T) {
	on := serverOf("5.5.0")
	d := on.desk(t)
	top := on.topic(t, watchQueues)
	const queue, n = 5, 3 * watchRate / watchQueues // early enough for a slow machine to send it
	id := func(queue, n int) string { return fmt.Sprintf("ORD-%d-%06d", queue, n) }
	note := bytes.Repeat([]byte("as it was written; "), 45)
	l, err := testcluster.NewLoader(t.Context(), on.real(t).BrokerAddr(0), top, watchQueues, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	l.Make = func(q, n int) *message.Message {
		return &message.Message{
			Body:       fmt.Appendf(nil, `{"order": {"id": "%s", "state": "paid"}, "items": [{"qty": %d}], "note": "%s"}`, id(q, n), n%7, note),
			Properties: []message.Property{{Name: message.PropertyKeys, Value: fmt.Sprint(n)}},
		}
	}
	s := follow(on, t, top)
	s.Any, s.Expression = true, `.order.id:"`+id(queue, n)+`"`
	sub := d.subscribe(s)
	begin := time.Now()
	sent, err := l.Pace(t.Context(), watchRate, watchFor)
	if err != nil {
		t.Fatal(err)
	}
	took := time.Since(begin)
	looked := func(st session.Status) int64 { return int64(st.Received) + st.Filtered }
	atEnd := looked(sub.Status())
	eventually(t, 60*time.Second, func() string {
		if st := sub.Status(); looked(st) != int64(sent) {
			return fmt.Sprintf("%d of %d are looked through: %+v", looked(st), sent, st)
		}
		return ""
	})
	t.Logf("sent %.0f/s, looked through %.0f/s, all %v after the last", float64(sent)/took.Seconds(), float64(atEnd)/took.Seconds(), (time.Since(begin) - took).Round(10*time.Millisecond))
	stored := int64(0)
	for _, n := range ends(t, on.node(t), top) {
		stored += n
	}
	wait(t, sub, 1, 10*time.Second)
	st := sub.Status()
	if stored != int64(sent) || looked(st) != stored || st.Received != 1 || st.Kept != 1 || st.Missed != 0 || st.Restarts != 0 || st.State != session.Receiving {
		t.Errorf("%d are sent and %d stored: %+v", sent, stored, st)
	}
	if m := messages(t, sub)[0]; m.QueueID != queue || m.QueueOffset != n || !bytes.Equal(m.Body, l.Make(queue, n).Body) {
		t.Errorf("found is %d/%d %q", m.QueueID, m.QueueOffset, m.Body)
	}
}
