package client_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/session"
)

// follow makes the form of a follow.
func follow(on *server, t *testing.T, top string) profile.Subscription {
	s := on.spec(t, top)
	s.Follow, s.Group, s.OwnGroup = true, "", false
	return s
}

// follows reads topics without joining a group: from each start, with each filter,
// exactly what a group receives, and the cluster knows of no reader.
func follows(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 4)
	d.send(top, "a", "old 1", "old 2")
	time.Sleep(1100 * time.Millisecond)
	middle := time.Now()
	d.send(top, "b", "middle")
	time.Sleep(1100 * time.Millisecond)

	cases := map[string]struct {
		change func(*profile.Subscription)
		want   []string
	}{
		"now":      {func(*profile.Subscription) {}, []string{"new a", "new 测试"}},
		"time":     {func(s *profile.Subscription) { s.From, s.FromTime = profile.FromTime, middle }, []string{"middle", "new a", "new 测试"}},
		"earliest": {func(s *profile.Subscription) { s.From = profile.FromEarliest }, []string{"middle", "new a", "new 测试", "old 1", "old 2"}},
		"tags": {func(s *profile.Subscription) {
			s.From, s.Expression = profile.FromEarliest, `b || 测试 || "q"`
		}, []string{"middle", "new 测试"}},
		"SQL92": {func(s *profile.Subscription) {
			s.From, s.SQL92, s.Expression = profile.FromEarliest, true, "TAGS <> 'a'"
		}, []string{"middle", "new 测试"}},
		"any field": {func(s *profile.Subscription) {
			s.From, s.Any, s.Expression = profile.FromEarliest, true, `(old -/1$/) OR tag:测试`
		}, []string{"new 测试", "old 2"}},
	}
	if on.proxy {
		delete(cases, "SQL92") // it filters pulls by tags only
	}
	subs := map[string]*session.Session{}
	for name, c := range cases {
		s := follow(on, t, top)
		c.change(&s)
		subs[name] = d.subscribe(s)
	}
	member := d.subscribe(on.spec(t, top))
	d.send(top, "a", "new a")
	d.send(top, "测试", "new 测试")
	for name, c := range cases {
		wait(t, subs[name], len(c.want), 20*time.Second)
		got := bodies(t, subs[name])
		slices.Sort(got)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if st := subs[name].Status(); st.State != session.Receiving || st.Missed != 0 || name == "any field" && st.Filtered != 3 {
			t.Errorf("%s: %+v", name, st)
		}
	}
	sameAsGroup(t, subs["now"], member)
	if g, err := d.conn.Group(t.Context(), top, "TOOLS_CONSUMER"); err != nil || len(g.Members) > 0 || g.HasPosition {
		t.Errorf("the group that it reads as: %+v, %v", g, err)
	}
}

// sameAsGroup compares what a follow read with what a group's member received.
func sameAsGroup(t *testing.T, follow, member *session.Session) {
	t.Helper()
	wait(t, member, 2, 20*time.Second)
	byOffset := func(s *session.Session) map[string]*message.Message {
		m := map[string]*message.Message{}
		for _, one := range messages(t, s) {
			one.ArrivedAt = time.Time{}
			m[fmt.Sprint(one.Broker, one.QueueID, "/", one.QueueOffset)] = one
		}
		return m
	}
	a, b := byOffset(follow), byOffset(member)
	for at, m := range a {
		if b[at] == nil {
			t.Errorf("the group did not get %s", at)
			continue
		}
		// The library leaves out the raw form and the client's own properties.
		if diff := cmp.Diff(string(b[at].Body), string(m.Body)); diff != "" || b[at].Tag() != m.Tag() ||
			b[at].StoreSize != m.StoreSize || !b[at].StoredAt.Equal(m.StoredAt) || b[at].CommitLogOffset != m.CommitLogOffset {
			t.Errorf("%s: a follow has\n%+v, the group\n%+v", at, m, b[at])
		}
	}
}

// followGoesOn: a worker that dies is started again where the list ends, a stop
// and a start go on but for "now", and a pause loses nothing.
func followGoesOn(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 4)
	s := follow(on, t, top)
	s.From = profile.FromEarliest
	sub := d.subscribe(s)
	stop := d.load(top, 4)
	defer stop()
	wait(t, sub, 100, 20*time.Second)
	if err := client.KillWorker(sub); err != nil {
		t.Fatal(err)
	}
	eventually(t, 10*time.Second, func() string {
		if st := sub.Status(); st.Restarts != 1 || st.State != session.Receiving {
			return fmt.Sprintf("%+v", st)
		}
		return ""
	})
	if err := sub.Pause(); err != nil {
		t.Fatal(err)
	}
	waitState(t, sub, 20*time.Second, session.Paused)
	time.Sleep(500 * time.Millisecond)
	held := sub.Status()
	time.Sleep(500 * time.Millisecond)
	if st := sub.Status(); st.Received != held.Received || st.Waiting == 0 {
		t.Errorf("while paused: %+v, then %+v", held, st)
	}
	if err := sub.Resume(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	sub.Stop()
	time.Sleep(300 * time.Millisecond)
	d.start(sub, s)
	time.Sleep(300 * time.Millisecond)
	stop()
	to := ends(t, on.node(t), top)
	eventually(t, 30*time.Second, func() string {
		if n := missing(map[string]int64{}, to, positions(t, top, sub)); n > 0 {
			return fmt.Sprint(n, " are missing")
		}
		return ""
	})
	var all int64
	for _, n := range to {
		all += n
	}
	if got := sub.Status().Received; got != uint64(all) {
		t.Errorf("%d received of %d that there are", got, all)
	}
}

// followNow: "now" is now at each start.
func followNow(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 1)
	s := follow(on, t, top)
	sub := d.subscribe(s)
	d.send(top, "", "1")
	wait(t, sub, 1, 10*time.Second)
	sub.Stop()
	d.send(top, "", "2")
	on.dispatched(t, top, 2)
	d.start(sub, s)
	d.send(top, "", "3")
	wait(t, sub, 2, 10*time.Second)
	if diff := cmp.Diff([]string{"1", "3"}, bodies(t, sub)); diff != "" {
		t.Error(diff)
	}
	none := follow(on, t, top+"-none")
	other, err := d.client.Sessions.Open(none)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.conn.Start(t.Context(), other, none); !errors.Is(err, fault.TopicNotFound) {
		t.Errorf("a topic that does not exist gives %v", err)
	}
}
