package client_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/insight"
	"gantry/client/message"
	"gantry/client/outbox"
	changes "gantry/client/outbox/change"
	"gantry/client/outbox/plan"
	"gantry/client/profile"
	"gantry/client/session"
	"gantry/client/testcluster"
)

func sharing(t *testing.T, on *server) {
	one, two := on.desk(t), on.desk(t)
	top := on.topic(t, 8)
	shared := on.spec(t, top)
	a, b := one.subscribe(shared), two.subscribe(shared)
	cast := on.spec(t, top)
	cast.Broadcast = true
	c, e := one.subscribe(cast), two.subscribe(cast)
	eventually(t, 30*time.Second, func() string {
		g, err := one.conn.Group(t.Context(), top, shared.Group)
		if err != nil || len(g.Members) != 2 {
			return fmt.Sprint(g, err)
		}
		return ""
	})
	g, err := one.conn.Group(t.Context(), top, shared.Group)
	if err != nil {
		t.Fatal(err)
	}
	if theirs, differs := g.Differs(top, "x", false, false); !differs || theirs != "*" {
		t.Errorf("another expression than the members': %q, %v of %+v", theirs, differs, g)
	}
	if theirs, differs := g.Differs(top, "*", false, false); differs {
		t.Errorf("the members' own expression: %q of %+v", theirs, g)
	}
	// The second member gets its queues at the next rebalance.
	time.Sleep(3 * time.Second)
	const n = 80
	for i := range n {
		one.send(top, "", fmt.Sprint(i))
	}
	wait(t, c, n, 30*time.Second)
	wait(t, e, n, 30*time.Second)
	eventually(t, 30*time.Second, func() string {
		if got := a.Status().Received + b.Status().Received; got < n {
			return fmt.Sprint(got)
		}
		return ""
	})
	if a.Status().Received == 0 || b.Status().Received == 0 {
		t.Errorf("one member got everything: %d and %d", a.Status().Received, b.Status().Received)
	}
	if c.Status().Received != n || e.Status().Received != n {
		t.Errorf("broadcasting: %d and %d of %d", c.Status().Received, e.Status().Received, n)
	}
}

func reconsumeLater(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 2)
	s := on.spec(t, top)
	s.Later = true
	sub := d.subscribe(s)
	waitState(t, sub, 20*time.Second, session.Receiving)
	d.send(top, "x", "again")
	wait(t, sub, 1, 20*time.Second)
	// The client library learns of the new retry topic with its next look at
	// routes, up to 30 s later.
	wait(t, sub, 2, 90*time.Second)
	if err := sub.AnswerLater(false); err != nil {
		t.Fatal(err)
	}
	ms := messages(t, sub)
	if ms[0].ReconsumeTimes != 0 || ms[1].ReconsumeTimes != 1 {
		t.Errorf("reconsume times %d, %d", ms[0].ReconsumeTimes, ms[1].ReconsumeTimes)
	}
	if got := message.RetryGroup(ms[1].Topic); got != s.Group {
		t.Errorf("the second comes from %s", ms[1].Topic)
	}
	if ms[1].OriginTopic() != top || string(ms[1].Body) != "again" || ms[1].Tag() != "x" || ms[1].ID() != ms[0].ID() {
		t.Errorf("what came back: %+v", ms[1])
	}
}

// inOrder: every queue comes in the order in which it was stored, one message at a
// time, while several queues come side by side.
func inOrder(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 2)
	s := on.spec(t, top)
	s.Ordered = true
	sub := d.subscribe(s)
	waitState(t, sub, 20*time.Second, session.Receiving)
	const n = 60
	for i := range n {
		d.send(top, "", fmt.Sprint(i))
	}
	// The queues are locked at the brokers first, and looked at again every 3 s.
	wait(t, sub, n, 40*time.Second)
	next := map[int]int64{}
	for _, m := range messages(t, sub) {
		if m.QueueOffset != next[m.QueueID] {
			t.Errorf("queue %d goes on with %d, not %d", m.QueueID, m.QueueOffset, next[m.QueueID])
		}
		next[m.QueueID] = m.QueueOffset + 1
	}
	if len(next) != 2 {
		t.Errorf("queues %v", next)
	}
}

// inOrderLater: a message that is answered with "later" comes again after a second
// and holds up its queue, but not the others.
func inOrderLater(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 1)
	s := on.spec(t, top)
	s.Ordered, s.Later = true, true
	sub := d.subscribe(s)
	waitState(t, sub, 20*time.Second, session.Receiving)
	d.send(top, "", "one", "two")
	wait(t, sub, 3, 40*time.Second)
	for i, m := range messages(t, sub)[:3] {
		if string(m.Body) != "one" || m.ReconsumeTimes != i {
			t.Errorf("delivery %d is %q for the %d. time", i, m.Body, m.ReconsumeTimes+1)
		}
	}
	if ms := messages(t, sub); ms[2].ArrivedAt.Sub(ms[1].ArrivedAt) < 900*time.Millisecond {
		t.Errorf("it came again after %v", ms[2].ArrivedAt.Sub(ms[1].ArrivedAt))
	}
	if err := sub.AnswerLater(false); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, func() string {
		if b := bodies(t, sub); b[len(b)-1] != "two" {
			return fmt.Sprint(b)
		}
		return ""
	})
	if exists, _, err := d.conn.Lookup(t.Context(), message.RetryTopic(s.Group)); err != nil {
		t.Error(err)
	} else if exists {
		for q, end := range ends(t, on.node(t), message.RetryTopic(s.Group)) {
			if end > 0 {
				t.Errorf("%d messages were sent back to %s", end, q)
			}
		}
	}
}

// deadLetter: what is never taken comes 16 times again, each time after a pause,
// and then lies in the group's dead-letter topic.
func deadLetter(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 1)
	s := on.spec(t, top)
	s.Later = true
	sub := d.subscribe(s)
	waitState(t, sub, 20*time.Second, session.Receiving)
	const body = `{"n":1.10 , "status":"never taken"}`
	id := d.send(top, "x", body)[0].MessageID
	const deliveries = 17
	// The retry topic is found up to 30 s later; the levels add up to 20 s.
	wait(t, sub, deliveries, 150*time.Second)
	ms := messages(t, sub)
	for i, m := range ms {
		if m.ReconsumeTimes != i || m.ID() != id || string(m.Body) != body || m.OriginTopic() != top || m.Tag() != "x" {
			t.Errorf("delivery %d: %+v", i, m)
		}
	}
	// Level 3 is the first, and 2 s: messages are stored anew when they are due.
	for i, want := range []time.Duration{2 * time.Second, 3 * time.Second, time.Second} {
		if pause := ms[i+1].StoredAt.Sub(ms[i].ArrivedAt); pause < want-200*time.Millisecond {
			t.Errorf("delivery %d was due after %v, want %v", i+1, pause, want)
		}
	}
	// It is read from its own topic, by its name as it is.
	dead := message.DeadLetterTopic(s.Group)
	ds := on.spec(t, dead)
	ds.From = profile.FromEarliest
	var reader *session.Session
	eventually(t, 40*time.Second, func() string {
		if exists, _, err := d.conn.Lookup(t.Context(), dead); err != nil || !exists {
			return fmt.Sprint("no dead-letter topic ", err)
		}
		return ""
	})
	reader = d.subscribe(ds)
	wait(t, reader, 1, 30*time.Second)
	m := messages(t, reader)[0]
	if m.Topic != dead || message.DeadLetterGroup(m.Topic) != s.Group || m.ID() != id || string(m.Body) != body || m.OriginTopic() != top {
		t.Errorf("dead: %+v", m)
	}
	first := *ms[0]
	if was, err := d.conn.Original(t.Context(), m); !on.proxy && (err != nil || was.Topic != top || was.ID() != id || string(was.Body) != body) {
		t.Errorf("the original: %+v, %v", was, err)
	}
	if _, err := d.conn.Original(t.Context(), &first); !errors.Is(err, client.ErrNoOriginal) {
		t.Errorf("the original of what is one: %v", err)
	}
	if st, err := d.conn.State(t.Context(), &first); !on.proxy && (err != nil || len(st.Groups) != 1 || st.Groups[0].Fate != insight.FateDead || len(st.Groups[0].Retries) != deliveries-1 || st.Groups[0].Dead.IsZero()) {
		t.Errorf("the state of the first: %+v, %v", st, err)
	}
	if n := sub.Status().Received; n != deliveries {
		t.Errorf("%d deliveries", n)
	}
	// Sent again, it goes where it was first sent to, as it was.
	sub.Stop()
	other := on.spec(t, top)
	other.From = profile.FromNow
	again := d.subscribe(other)
	waitState(t, again, 20*time.Second, session.Receiving)
	copied := d.copyOf(m)
	if p := copied.Topics; len(p) != 1 || p[0].Topic != top {
		t.Fatalf("%+v", copied.Kept)
	}
	r := d.replay(copied, top, nil)
	if st := over(t, r, 30*time.Second); st.Phase != outbox.Complete || st.Counts.Stored != 1 {
		t.Fatalf("%+v", st)
	}
	wait(t, again, 1, 30*time.Second)
	sameContent(t, []*message.Message{m}, messages(t, again))
	if got := messages(t, again)[0]; got.Topic != top || got.ID() == id || got.ReconsumeTimes != 0 || got.Property(message.PropertyRetryTopic) != "" {
		t.Errorf("sent again as %+v", got)
	}
	// And once more, with its wrong field set.
	r = d.replay(d.copyOf(m), top, nil, func(p *plan.Plan) {
		p.Replay.Changes = []changes.Change{{What: changes.Field, Do: changes.Set, Name: ".status", Value: "mended"}}
	})
	if st := over(t, r, 30*time.Second); st.Phase != outbox.Complete || st.Counts.Stored != 1 {
		t.Fatalf("%+v", st)
	}
	wait(t, again, 2, 30*time.Second)
	if got := messages(t, again)[1]; string(got.Body) != `{"n":1.10 , "status":"mended"}` || got.Tag() != "x" {
		t.Errorf("mended as %+v", got)
	}
}

// shortTimeout lowers the client library's consume timeout, after which it
// sends waiting messages back.
var shortTimeout = change{file: "engine/engine.go", old: "const consumeTimeout = 365 * 24 * time.Hour", new: "const consumeTimeout = 2 * time.Second"}

func pauseSendsNothingBack(t *testing.T, on *server) {
	for name, c := range map[string]struct {
		changes  []change
		sentBack bool
	}{"real": {}, "control with a short consume timeout": {[]change{shortTimeout}, true}} {
		if c.sentBack && on.cluster != testcluster.V550 {
			continue // once is enough to see that this test can fail
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := on.desk(t, c.changes...)
			top := on.topic(t, 2)
			s := on.spec(t, top)
			sub := d.subscribe(s)
			waitState(t, sub, 20*time.Second, session.Receiving)
			if err := sub.Pause(); err != nil {
				t.Fatal(err)
			}
			for i := range 20 {
				d.send(top, "", fmt.Sprint(i))
			}
			waitState(t, sub, 20*time.Second, session.Paused)
			eventually(t, 20*time.Second, func() string {
				if st := sub.Status(); st.Waiting == 0 {
					return fmt.Sprintf("%+v", st)
				}
				return ""
			})
			if n := sub.Status().Received; n != 0 {
				t.Errorf("%d messages passed the closed gate", n)
			}
			time.Sleep(8 * time.Second)
			var back int64
			if exists, _, err := d.conn.Lookup(t.Context(), message.RetryTopic(s.Group)); err != nil {
				t.Fatal(err)
			} else if exists {
				for _, n := range ends(t, on.node(t), message.RetryTopic(s.Group)) {
					back += n
				}
			}
			if (back > 0) != c.sentBack {
				t.Errorf("%d messages were sent back", back)
			}
			if c.sentBack {
				return
			}
			if err := sub.Resume(); err != nil {
				t.Fatal(err)
			}
			wait(t, sub, 20, 20*time.Second)
			for _, m := range messages(t, sub) {
				if m.ReconsumeTimes != 0 {
					t.Errorf("message %s comes for the %d. time", m.Body, m.ReconsumeTimes+1)
				}
			}
		})
	}
}
