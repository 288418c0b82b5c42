package client_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gantry/client"
	"gantry/client/message"
	"gantry/client/profile"
)

func TestSendAndReceiveExactly(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	top := topic(t, 4)
	sub := d.subscribe(spec(top))
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	drafts := map[string]message.Draft{
		"chinese": {Tag: "付款", Keys: []string{"订单-1", "k2"}, Properties: []message.Property{{Name: "地区", Value: "华南"}, {Name: "a", Value: "b c"}}, Body: []byte("正文 {\"价\": 1.10}")},
		"binary":  {Tag: "bin", Keys: []string{"k"}, Body: all},
		"short":   {Body: []byte{0}},
		"large":   {Tag: "l", Body: []byte(strings.Repeat("0123456789", 20_000))},
	}
	receipts := map[string]message.Receipt{}
	for name, dr := range drafts {
		dr.Topic, dr.ProducerGroup = top, "test"
		dr.Properties = append(dr.Properties, message.Property{Name: "case", Value: name})
		r, err := d.conn.Send(t.Context(), &dr)
		if err != nil || r.Status != message.StatusOK {
			t.Fatalf("%s: %v, %+v", name, err, r)
		}
		if r.MessageID == "" || r.OffsetMessageID == "" || r.Broker != "broker-a" || r.Took <= 0 {
			t.Errorf("%s: receipt %+v", name, r)
		}
		drafts[name], receipts[name] = dr, r
	}
	wait(t, sub, len(drafts), 20*time.Second)
	for _, m := range messages(t, sub) {
		name := m.Property("case")
		dr, r := drafts[name], receipts[name]
		if m.Topic != top || m.Tag() != dr.Tag || string(m.Body) != string(dr.Body) || !slices.Equal(m.Keys(), dr.Keys) {
			t.Errorf("%s arrived as %+v", name, m)
		}
		user := m.UserProperties()
		want := slices.Clone(dr.Properties)
		sort := func(a, b message.Property) int { return strings.Compare(a.Name, b.Name) }
		slices.SortFunc(user, sort)
		slices.SortFunc(want, sort)
		if diff := cmp.Diff(want, user); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if m.ID() != r.MessageID || m.OffsetID() != r.OffsetMessageID || m.QueueID != r.QueueID || m.QueueOffset != r.QueueOffset {
			t.Errorf("%s: %s, %s at %d/%d; the receipt says %+v", name, m.ID(), m.OffsetID(), m.QueueID, m.QueueOffset, r)
		}
		if m.Inflated != (name == "large") {
			t.Errorf("%s: inflated %v", name, m.Inflated)
		}
	}
}

func TestStartFromNowAndFromATimeOnAYoungTopic(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	top := topic(t, 4)
	d.send(top, "", "old 1", "old 2", "old 3")
	time.Sleep(2500 * time.Millisecond)
	middle := time.Now()
	d.send(top, "", "middle 1", "middle 2")
	time.Sleep(2500 * time.Millisecond)

	now, from, early := spec(top), spec(top), spec(top)
	from.From, from.FromTime = profile.FromTime, middle
	early.From = profile.FromEarliest
	subNow, subFrom, subEarly := d.subscribe(now), d.subscribe(from), d.subscribe(early)
	d.send(top, "", "new 1", "new 2")
	wait(t, subNow, 2, 20*time.Second)
	wait(t, subFrom, 4, 20*time.Second)
	wait(t, subEarly, 7, 20*time.Second)
	time.Sleep(time.Second)
	for name, c := range map[string]struct {
		sub  *client.Subscription
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

func TestNothingAfterStartIsMissingUnderLoad(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	top := topic(t, 4)
	stop := d.load(top, 4)
	defer stop()
	time.Sleep(3 * time.Second)
	s := spec(top)
	sub, err := d.client.OpenSubscription(s)
	if err != nil {
		t.Fatal(err)
	}
	// What the broker has now is before the press of Start.
	pressed := ends(t, cluster(t), top)
	d.start(sub, s)
	time.Sleep(3 * time.Second)
	stop()
	to := ends(t, cluster(t), top)
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

func TestTags(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	top := topic(t, 2)
	one, two, chinese := spec(top), spec(top), spec(top)
	one.Expression, two.Expression, chinese.Expression = "a", "a || b", "测试 || b"
	subOne, subTwo, subChinese := d.subscribe(one), d.subscribe(two), d.subscribe(chinese)
	for _, tag := range []string{"a", "b", "测试", "", "c"} {
		d.send(top, tag, "tag "+tag)
	}
	wait(t, subOne, 1, 20*time.Second)
	wait(t, subTwo, 2, 20*time.Second)
	wait(t, subChinese, 2, 20*time.Second)
	time.Sleep(time.Second)
	for name, c := range map[string]struct {
		sub  *client.Subscription
		want []string
	}{
		"one": {subOne, []string{"tag a"}}, "two": {subTwo, []string{"tag a", "tag b"}}, "chinese": {subChinese, []string{"tag b", "tag 测试"}},
	} {
		got := bodies(t, c.sub)
		slices.Sort(got)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if st := subChinese.Status(); st.Filtered != 3 {
		t.Errorf("filtered %d, want 3", st.Filtered)
	}
}

func TestSQL92(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	top := topic(t, 2)
	s := spec(top)
	s.SQL92, s.Expression = true, "price > 10 AND TAGS = '测试'"
	sub := d.subscribe(s)
	for i, p := range []string{"5", "15", "25"} {
		_, err := d.conn.Send(t.Context(), &message.Draft{
			ProducerGroup: "test", Topic: top, Tag: "测试", Body: fmt.Append(nil, i), Properties: []message.Property{{Name: "price", Value: p}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	wait(t, sub, 2, 20*time.Second)
	bad := spec(top)
	bad.SQL92, bad.Expression = true, "price >> 10"
	subBad, err := d.client.OpenSubscription(bad)
	if err != nil {
		t.Fatal(err)
	}
	if err := subBad.Start(t.Context(), d.conn, bad); !errors.Is(err, client.ErrBadExpression) {
		t.Errorf("a syntax error gives %v", err)
	}
	if st := subBad.Status(); st.State != client.Stopped || st.Err == nil {
		t.Errorf("after a refused start: %+v", st)
	}
}

func TestClusteringSharesBroadcastingDoesNot(t *testing.T) {
	t.Parallel()
	one, two := newDesk(t), newDesk(t)
	top := topic(t, 8)
	shared := spec(top)
	a, b := one.subscribe(shared), two.subscribe(shared)
	cast := spec(top)
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

func TestReconsumeLaterComesBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	top := topic(t, 2)
	s := spec(top)
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

// shortTimeout lowers the client library's consume timeout, after which it
// sends waiting messages back.
var shortTimeout = change{"engine/engine.go", "const consumeTimeout = 365 * 24 * time.Hour", "const consumeTimeout = 2 * time.Second"}

func TestPauseSendsNothingBack(t *testing.T) {
	for name, c := range map[string]struct {
		changes  []change
		sentBack bool
	}{"real": {}, "control with a short consume timeout": {[]change{shortTimeout}, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, c.changes...)
			top := topic(t, 2)
			s := spec(top)
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
				for _, n := range ends(t, cluster(t), message.RetryTopic(s.Group)) {
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

func TestRefusals(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	top := topic(t, 1)
	start := func(change func(*profile.Subscription)) error {
		s := spec(top)
		change(&s)
		sub, err := d.client.OpenSubscription(s)
		if err != nil {
			t.Fatal(err)
		}
		return sub.Start(t.Context(), d.conn, s)
	}
	running := spec(top)
	d.subscribe(running)
	for name, c := range map[string]struct {
		change func(*profile.Subscription)
		want   error
	}{
		"no topic":             {func(s *profile.Subscription) { s.Topic = "" }, message.ErrEmptyName},
		"illegal topic":        {func(s *profile.Subscription) { s.Topic = "a/b" }, message.ErrBadName},
		"illegal group":        {func(s *profile.Subscription) { s.Group = "组" }, message.ErrBadName},
		"unknown topic":        {func(s *profile.Subscription) { s.Topic = "no-such-topic" }, client.ErrTopicNotFound},
		"same group twice":     {func(s *profile.Subscription) { s.Group = running.Group }, client.ErrGroupInUse},
		"quote":                {func(s *profile.Subscription) { s.Expression = `a"b` }, client.ErrTagQuote},
		"backslash":            {func(s *profile.Subscription) { s.Expression = `a\b` }, client.ErrTagQuote},
		"chinese tag, shared":  {func(s *profile.Subscription) { s.Expression, s.OwnGroup = "测试", false }, client.ErrTagNotASCII},
		"empty SQL expression": {func(s *profile.Subscription) { s.SQL92 = true }, client.ErrBadExpression},
	} {
		if err := start(c.change); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	p := d.profile
	p.ReadOnly = true
	conn, err := d.client.Open(t.Context(), p, "")
	if err != nil {
		t.Fatal(err)
	}
	s := spec(top)
	sub, err := d.client.OpenSubscription(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := sub.Start(t.Context(), conn, s); !errors.Is(err, client.ErrReadOnly) {
		t.Errorf("joining over a read-only connection: %v", err)
	}
	if _, err := conn.Send(t.Context(), &message.Draft{ProducerGroup: "g", Topic: top}); !errors.Is(err, client.ErrReadOnly) {
		t.Errorf("sending over a read-only connection: %v", err)
	}
}

func TestLargeAndEmptyBodiesAreRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	top := topic(t, 1)
	body := make([]byte, 5<<20)
	seed := uint32(1)
	for i := range body { // does not compress
		seed = seed*1664525 + 1013904223
		body[i] = byte(seed >> 24)
	}
	r, err := d.conn.Send(t.Context(), &message.Draft{ProducerGroup: "test", Topic: top, Body: body})
	if err != nil {
		t.Fatal(err)
	}
	if r.Status != message.StatusFailed || r.Code != 13 || !strings.Contains(r.Error, "body length") {
		t.Errorf("5 MB: %+v", r)
	}
	if _, err := d.conn.Send(t.Context(), draft(top, "")); !errors.Is(err, message.ErrEmptyBody) {
		t.Errorf("an empty body: %v", err)
	}
}

func TestGroupStateBeforeJoining(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	top := topic(t, 2)
	s := spec(top)
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
	// at its end without waiting for the broker. Nothing may be missing.
	eventually(t, 20*time.Second, func() string {
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

func TestConnectionCheckSteps(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	top := topic(t, 2)
	run := func(p profile.Profile, topic string) map[client.CheckKind]client.Check {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		out := map[client.CheckKind]client.Check{}
		started := map[int]bool{}
		client.TestConnection(ctx, p, "", topic, func(c client.Check) {
			if !c.Done {
				started[c.ID] = true
				return
			}
			if !started[c.ID] {
				t.Errorf("step %+v ended without having started", c)
			}
			out[c.Kind] = c
		})
		return out
	}
	got := run(d.profile, top)
	for _, k := range []client.CheckKind{client.CheckNameServer, client.CheckRoute, client.CheckBroker, client.CheckCredentials} {
		if c, ok := got[k]; !ok || c.Err != nil {
			t.Errorf("step %d: %+v", k, c)
		}
	}
	if c := got[client.CheckRoute]; c.Brokers != 1 || c.Queues != 2 {
		t.Errorf("route: %+v", c)
	}
	if g, err := d.conn.Group(t.Context(), top, "CID_check"); err != nil || len(g.Members) > 0 {
		t.Errorf("the check joined something: %+v, %v", g, err)
	}
	if n := len(run(d.profile, "")); n != 1 {
		t.Errorf("without a topic %d kinds of steps", n)
	}
	if c := run(d.profile, "no-such-topic")[client.CheckRoute]; !errors.Is(c.Err, client.ErrTopicNotFound) {
		t.Errorf("unknown topic: %+v", c)
	}
}

func TestStopWhileItIsBeingStarted(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	top := topic(t, 1)
	s := spec(top)
	sub, err := d.client.OpenSubscription(s)
	if err != nil {
		t.Fatal(err)
	}
	for range 5 {
		done := make(chan error, 1)
		go func() { done <- sub.Start(t.Context(), d.conn, s) }()
		for sub.Status().State == client.Stopped {
			select {
			case err := <-done:
				t.Fatalf("it ended with %v before it was seen", err)
			default:
			}
		}
		sub.Stop()
		<-done
		if st := sub.Status(); st.State != client.Stopped {
			t.Fatalf("after Stop: %+v", st)
		}
	}
	// The group was given back each time.
	d.start(sub, s)
	waitState(t, sub, 20*time.Second, client.Receiving)
}
