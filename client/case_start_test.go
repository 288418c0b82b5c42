package client_test

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/session"
)

func startPlaces(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 4)
	d.send(top, "", "old 1", "old 2", "old 3")
	time.Sleep(2500 * time.Millisecond)
	middle := time.Now()
	d.send(top, "", "middle 1", "middle 2")
	time.Sleep(2500 * time.Millisecond)

	now, from, early := on.spec(t, top), on.spec(t, top), on.spec(t, top)
	from.From, from.FromTime = profile.FromTime, middle
	early.From = profile.FromEarliest
	subNow, subFrom, subEarly := d.subscribe(now), d.subscribe(from), d.subscribe(early)
	d.send(top, "", "new 1", "new 2")
	wait(t, subNow, 2, 20*time.Second)
	wait(t, subFrom, 4, 20*time.Second)
	wait(t, subEarly, 7, 20*time.Second)
	time.Sleep(time.Second)
	for name, c := range map[string]struct {
		sub  *session.Session
		want []string
	}{
		"now":      {subNow, []string{"new 1", "new 2"}},
		"time":     {subFrom, []string{"middle 1", "middle 2", "new 1", "new 2"}},
		"earliest": {subEarly, []string{"middle 1", "middle 2", "new 1", "new 2", "old 1", "old 2", "old 3"}},
	} {
		got := bodies(t, c.sub)
		slices.Sort(got)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func nothingMissingUnderLoad(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 4)
	stop := d.load(top, 4)
	defer stop()
	time.Sleep(3 * time.Second)
	s := on.spec(t, top)
	sub, err := d.client.Sessions.Open(s)
	if err != nil {
		t.Fatal(err)
	}
	// What the broker has now is before the press of Start.
	pressed := ends(t, on.node(t), top)
	d.start(sub, s)
	time.Sleep(3 * time.Second)
	stop()
	to := ends(t, on.node(t), top)
	eventually(t, 30*time.Second, func() string {
		// The floors lie behind the press by one question and its answer, and this
		// counts from them: it cannot see what was sent in between.
		if n := missing(floorsOf(t, d, s.ID), to, positions(t, top, sub)); n > 0 {
			return fmt.Sprint(n, " are missing")
		}
		return ""
	})
	for q, o := range floorsOf(t, d, s.ID) {
		if o < pressed[q] {
			t.Errorf("queue %s starts at %d, before Start was pressed (%d)", q, o, pressed[q])
		}
	}
	first, _ := sub.Range()
	if first != 0 {
		t.Errorf("the list begins at %d", first)
	}
}

func groupState(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 2)
	s := on.spec(t, top)
	if g, err := d.conn.Group(t.Context(), top, s.Group); err != nil || g.HasPosition || len(g.Members) > 0 {
		t.Fatalf("a new group: %+v, %v", g, err)
	}
	sub := d.subscribe(s)
	d.send(top, "", "1", "2", "3", "4")
	wait(t, sub, 4, 20*time.Second)
	sub.Stop()
	eventually(t, 10*time.Second, func() string {
		g, err := d.conn.Group(t.Context(), top, s.Group)
		if err != nil || !g.HasPosition {
			return fmt.Sprint(g, err)
		}
		return ""
	})
	d.send(top, "", "5", "6")
	again := s
	again.ID, again.OwnGroup = "another", false
	sub2 := d.subscribe(again)
	// What was answered right before the stop may come again: the library commits
	// at its end without waiting for the broker. Nothing may be missing. Where the member
	// that left is still listed, it shares the queues out anew after 20 s only.
	eventually(t, 60*time.Second, func() string {
		got := bodies(t, sub2)
		if !slices.Contains(got, "5") || !slices.Contains(got, "6") {
			return fmt.Sprint(got)
		}
		return ""
	})
	if !sub2.Status().OwnPosition {
		t.Error("it is not said that the group goes on from its own position")
	}
}

func stopWhileStarting(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 1)
	s := on.spec(t, top)
	sub, err := d.client.Sessions.Open(s)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		done := make(chan error, 1)
		go func() { done <- d.conn.Start(t.Context(), sub, s) }()
		for sub.Status().State == session.Stopped && len(done) == 0 {
			runtime.Gosched()
		}
		sub.Stop()
		<-done // a quick server may have let it start
		if st := sub.Status(); st.State != session.Stopped {
			t.Fatalf("after Stop: %+v", st)
		}
	}
	// The group was given back each time.
	d.start(sub, s)
	waitState(t, sub, 20*time.Second, session.Receiving)
}

func refusals(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 1)
	start := func(change func(*profile.Subscription)) error {
		s := on.spec(t, top)
		change(&s)
		sub, err := d.client.Sessions.Open(s)
		if err != nil {
			t.Fatal(err)
		}
		return d.conn.Start(t.Context(), sub, s)
	}
	running := on.spec(t, top)
	d.subscribe(running)
	for name, c := range map[string]struct {
		change func(*profile.Subscription)
		want   error
	}{
		"no topic":             {func(s *profile.Subscription) { s.Topic = "" }, message.ErrEmptyName},
		"illegal topic":        {func(s *profile.Subscription) { s.Topic = "a/b" }, message.ErrBadName},
		"illegal group":        {func(s *profile.Subscription) { s.Group = "组" }, message.ErrBadName},
		"unknown topic":        {func(s *profile.Subscription) { s.Topic = "no-such-topic" }, fault.TopicNotFound},
		"same group twice":     {func(s *profile.Subscription) { s.Group = running.Group }, fault.GroupInUse},
		"quote":                {func(s *profile.Subscription) { s.Expression = `a"b` }, fault.TagQuote},
		"backslash":            {func(s *profile.Subscription) { s.Expression = `a\b` }, fault.TagQuote},
		"chinese tag, shared":  {func(s *profile.Subscription) { s.Expression, s.OwnGroup = "测试", false }, fault.TagNotASCII},
		"empty SQL expression": {func(s *profile.Subscription) { s.SQL92 = true }, fault.BadExpression},
	} {
		if err := start(c.change); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	p := d.profile
	p.ReadOnly = true
	conn, err := d.client.Open(t.Context(), p, on.secret)
	if err != nil {
		t.Fatal(err)
	}
	s := on.spec(t, top)
	sub, err := d.client.Sessions.Open(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Start(t.Context(), sub, s); !errors.Is(err, fault.ReadOnly) {
		t.Errorf("joining over a read-only connection: %v", err)
	}
	if _, err := conn.Send(t.Context(), &message.Draft{ProducerGroup: "g", Topic: top}); !errors.Is(err, fault.ReadOnly) {
		t.Errorf("sending over a read-only connection: %v", err)
	}
}

// tencentNames: with a profile's cluster and namespace the names are typed short;
// without them they are typed in full.
func tencentNames(t *testing.T, on *server) {
	d := on.desk(t)
	top := topicOn(t, on.node(t), prefix, 1)
	s := on.spec(t, top)
	s.Group = prefix + session.NewGroupName()
	if on.proxy {
		on.createGroup(t, s.Group)
		s.Topic, s.Group = strings.TrimPrefix(s.Topic, prefix), strings.TrimPrefix(s.Group, prefix)
	}
	s.Later = true
	sub := d.subscribe(s)
	waitState(t, sub, 20*time.Second, session.Receiving)
	d.send(top, "", "hello")
	wait(t, sub, 2, 90*time.Second)
	if err := sub.AnswerLater(false); err != nil {
		t.Fatal(err)
	}
	ms := messages(t, sub)
	if ms[0].Topic != top || message.RetryGroup(ms[1].Topic) != prefix+strings.TrimPrefix(s.Group, prefix) || ms[1].OriginTopic() != top {
		t.Errorf("topics %s, then %s for %s", ms[0].Topic, ms[1].Topic, ms[1].OriginTopic())
	}
	g, err := d.conn.Group(t.Context(), top, message.RetryGroup(ms[1].Topic))
	if err != nil || len(g.Members) != 1 {
		t.Errorf("%+v, %v", g, err)
	}
}

// stopCommits: who goes on after a stop gets nothing twice. The library's own
// commit at its end is lost now and then.
func stopCommits(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 4)
	s := on.spec(t, top)
	sub := d.subscribe(s)
	waitState(t, sub, 20*time.Second, session.Receiving)
	sent := 0
	for round := range 4 {
		for range 50 {
			d.send(top, "", fmt.Sprint(sent))
			sent++
		}
		wait(t, sub, sent, 20*time.Second)
		sub.Stop()
		if round < 3 {
			d.start(sub, s)
			waitState(t, sub, 20*time.Second, session.Receiving)
		}
	}
	time.Sleep(500 * time.Millisecond)
	seen := map[string]int{}
	for _, b := range bodies(t, sub) {
		seen[b]++
	}
	if n := sub.Status().Received; len(seen) != sent || n != uint64(sent) {
		t.Errorf("%d messages came, %d different ones of %d", n, len(seen), sent)
	}
}
