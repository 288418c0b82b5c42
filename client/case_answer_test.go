package client_test

import (
	"testing"
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
	waitState(t, sub, 20*time.Second, client.Receiving)
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

func pauseSendsNothingBack(t *testing.T, on *server) {
	for name, c := range map[string]struct {
		changes  []change
		sentBack bool
	}{"real": {}, "control with a short consume timeout": {[]change{shortTimeout}, true}} {
		t.Run(name, func(t *testing.T) {
					d := on.desk(t, c.changes...)
			top := on.topic(t, 2)
			s := on.spec(t, top)
			sub := d.subscribe(s)
			waitState(t, sub, 20*time.Second, client.Receiving)
			if err := sub.Pause(); err != nil {
				t.Fatal(err)
			}
			for i := range 20 {
				d.send(top, "", fmt.Sprint(i))
			}
			waitState(t, sub, 5*time.Second, client.Paused)
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
				for _, n := range ends(t, on.real(t), message.RetryTopic(s.Group)) {
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
