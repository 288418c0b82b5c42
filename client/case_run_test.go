package client_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
)

// planned is a plan of n messages with dynamic values in every text.
func planned(topic string, n int64) *plan.Plan {
	return &plan.Plan{
		Texts: plan.Texts{
			ProducerGroup: "test-run", Topic: topic, Tag: "t{{seq}}", Keys: "ORD-{{seq}} {{uuid}}", JSON: true,
			Properties: []message.Property{{Name: "地区", Value: "{{pick 华南 华北}}"}},
			Body:       []byte(`{"id":"{{uuid}}","n":{{seq}},"at":"{{now}}","amount":{{rand 1 99}}}`),
		},
		Count: n, AtOnce: 8, Seed: 7, Prove: true,
	}
}

// begin begins a run as somebody does who agreed to it.
func (d *desk) begin(p *plan.Plan) *outbox.Run {
	d.t.Helper()
	if err := d.conn.Prepare(d.t.Context(), p); err != nil {
		d.t.Fatal(err)
	}
	r, err := d.conn.Begin(p, client.Confirmed{Topic: p.Topic, Count: p.Count, Name: d.profile.Name}, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	return r
}

// over waits for the end of a run.
func over(t testing.TB, r *outbox.Run, limit time.Duration) outbox.Status {
	t.Helper()
	eventually(t, limit, func() string {
		if st := r.Status(); !st.Phase.Over() {
			return fmt.Sprintf("%+v", st)
		}
		return ""
	})
	return r.Status()
}

// arrived waits until n messages of a run were read back, to the byte.
func arrived(t testing.TB, r *outbox.Run, n int64) {
	t.Helper()
	eventually(t, 20*time.Second, func() string {
		if r.Proving() || r.Counts().Arrived < n {
			return fmt.Sprintf("%+v", r.Status())
		}
		return ""
	})
	if c := r.Counts(); c.Arrived != n || c.Differing+c.Missing+c.NotFound+c.Unread > 0 {
		t.Errorf("%+v", c)
	}
}

// runs: what a run says of itself is what the broker holds, to the byte.
func runs(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 4)
	sub := d.subscribe(on.spec(t, top))
	const n = 200
	r := d.begin(planned(top, n))
	st := over(t, r, 60*time.Second)
	if st.Phase != outbox.Complete || st.Counts.Stored != n || st.Counts.Left() != n || st.Err != nil {
		t.Fatalf("%+v", st)
	}
	arrived(t, r, n)
	wait(t, sub, n, 30*time.Second)
	got := map[string]*message.Message{}
	for _, m := range messages(t, sub) {
		got[m.ID()] = m
	}
	if len(got) != n {
		t.Fatalf("%d ids", len(got))
	}
	bodies := map[string]bool{}
	for row := range uint64(n) {
		s, err := r.Sent(row)
		if err != nil || s.State != outbox.Stored || s.Draft == nil || s.Receipt == nil {
			t.Fatalf("row %d: %+v, %+v, %v", row, s, s.Receipt, err)
		}
		m := got[s.Receipt.MessageID]
		if m == nil || string(m.Body) != string(s.Draft.Body) || m.Tag() != fmt.Sprint("t", row+1) || !slices.Equal(m.Keys(), s.Draft.Keys) {
			t.Fatalf("row %d: sent %+v, stored %+v", row, s.Draft, m)
		}
		if m.QueueID != s.Receipt.QueueID || m.QueueOffset != s.Receipt.QueueOffset || m.Property("地区") != s.Draft.Properties[0].Value {
			t.Errorf("row %d: %+v, %+v", row, s.Receipt, m)
		}
		id := strings.SplitN(string(m.Body), `"`, 5)[3]
		if m.Keys()[1] != id {
			t.Errorf("row %d: the id is %s in the body and %s in the keys", row, id, m.Keys()[1])
		}
		bodies[id] = true
	}
	if len(bodies) != n {
		t.Errorf("%d different ids", len(bodies))
	}
	if sp := st.Speed; sp.P50 <= 0 || sp.P99 < sp.P50 {
		t.Errorf("%+v", sp)
	}
}

// runsInBatches: a batch is one request, with a receipt for each message.
func runsInBatches(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 4)
	sub := d.subscribe(on.spec(t, top))
	p := planned(top, 95)
	p.Batch, p.AtOnce = 10, 2
	r := d.begin(p)
	if st := over(t, r, 60*time.Second); st.Phase != outbox.Complete || st.Counts.Stored != 95 {
		t.Fatalf("%+v", st)
	}
	arrived(t, r, 95)
	wait(t, sub, 95, 30*time.Second)
	at := map[string]string{}
	for _, m := range messages(t, sub) {
		at[m.ID()] = fmt.Sprint(m.QueueID, "/", m.QueueOffset, " ", string(m.Body))
	}
	for row := range uint64(95) {
		s, err := r.Sent(row)
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprint(s.Receipt.QueueID, "/", s.Receipt.QueueOffset, " ", string(s.Draft.Body)); at[s.Receipt.MessageID] != want {
			t.Errorf("row %d: %s, stored as %s", row, want, at[s.Receipt.MessageID])
		}
	}
}

// runsOneWay: what is handed over is counted as that, and arrives.
func runsOneWay(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 4)
	sub := d.subscribe(on.spec(t, top))
	p := planned(top, 20)
	p.OneWay = true
	r := d.begin(p)
	st := over(t, r, 60*time.Second)
	if st.Phase != outbox.Complete || st.Counts.HandedOver != 20 || st.Counts.Stored != 0 {
		t.Fatalf("%+v", st)
	}
	wait(t, sub, 20, 30*time.Second)
}

// runsInOrder: messages of one sharding key stay in order, whatever is under way at once.
func runsInOrder(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 4, "FIFO")
	sub := d.subscribe(on.spec(t, top))
	p := planned(top, 300)
	p.ShardingKey, p.AtOnce = "{{pick a b c d e}}", 16
	p.Body, p.JSON = []byte("{{seq}}"), false
	r := d.begin(p)
	if st := over(t, r, 60*time.Second); st.Phase != outbox.Complete || st.Counts.Stored != 300 {
		t.Fatalf("%+v", st)
	}
	wait(t, sub, 300, 30*time.Second)
	ms := messages(t, sub)
	slices.SortFunc(ms, func(a, b *message.Message) int { return int(a.QueueOffset - b.QueueOffset) })
	last := map[string]int{}
	queues := map[string]int{}
	for _, m := range ms {
		var n int
		if _, err := fmt.Sscan(string(m.Body), &n); err != nil {
			t.Fatal(err)
		}
		key := m.ShardingKey()
		if had, seen := last[key]; seen && (had > n || queues[key] != m.QueueID) {
			t.Errorf("key %s: %d behind %d in queue %d", key, n, had, m.QueueID)
		}
		last[key], queues[key] = n, m.QueueID
	}
	if len(last) != 5 {
		t.Errorf("keys %v", slices.Collect(maps.Keys(last)))
	}
}

// left waits until so many messages of a run are stored.
func left(t testing.TB, r *outbox.Run, n int64) {
	t.Helper()
	eventually(t, 30*time.Second, func() string {
		if st := r.Status(); st.Counts.Stored < n {
			return fmt.Sprintf("%+v", st)
		}
		return ""
	})
}

// held is how many messages the broker has of a topic.
func held(t testing.TB, on node, topic string) (n int64) {
	t.Helper()
	for _, end := range ends(t, on, topic) {
		n += end
	}
	return n
}

// pausedRuns: a pause lets nothing leave, a stop ends it, and both go on without a gap.
func pausedRuns(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 4)
	p := planned(top, 150)
	p.PerSecond, p.AtOnce = 50, 4
	r := d.begin(p)
	left := func(n int64) {
		t.Helper()
		eventually(t, 30*time.Second, func() string {
			if st := r.Status(); st.Counts.Stored < n {
				return fmt.Sprintf("%+v", st)
			}
			return ""
		})
	}
	left(20)
	if err := r.Pause(); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, func() string {
		if st := r.Status(); st.Phase != outbox.Paused || st.Counts.UnderWay > 0 {
			return fmt.Sprintf("%+v", st)
		}
		return ""
	})
	held := r.Status().Counts
	if err := r.Resume(); err != nil {
		t.Fatal(err)
	}
	left(held.Left() + 10)
	r.Stop(t.Context())
	st := r.Status()
	if st.Phase != outbox.Stopped || st.Counts.UnderWay+st.Counts.Uncertain > 0 || st.Counts.Left() >= 150 {
		t.Fatalf("after the stop: %+v", st)
	}
	if err := d.conn.Continue(r, client.Confirmed{Topic: top, Count: 150 - r.Made(), Name: d.profile.Name}); err != nil {
		t.Fatal(err)
	}
	st = over(t, r, 60*time.Second)
	// A busy broker refuses: what failed is sent again by order only.
	for _, row := range r.States(outbox.Failed, 10) {
		s, err := r.Sent(row)
		if err != nil || !errors.Is(s.Receipt.Fault, fault.Busy) {
			t.Fatalf("row %d: %+v, %+v, %v", row, s, s.Receipt, err)
		}
	}
	if failed := r.States(outbox.Failed, 10); len(failed) > 0 {
		if err := d.conn.SendAgain(r, failed, client.Confirmed{Topic: top, Count: int64(len(failed)), Name: d.profile.Name}); err != nil {
			t.Fatal(err)
		}
		st = over(t, r, 60*time.Second)
	}
	if st.Phase != outbox.Complete || st.Counts.Stored != 150 || st.Counts.Left() != 150 {
		t.Fatalf("after going on: %+v", st)
	}
	var n int64
	for _, end := range ends(t, on.node(t), top) {
		n += end
	}
	if n != 150 {
		t.Errorf("the broker holds %d", n)
	}
}
