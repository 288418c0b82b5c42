package client_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/client/message"
	"gantry/client/session"
	"gantry/client/testcluster"
)

// messageState tells what became of a message in groups of every kind.
func messageState(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 1)
	took, other, cast, stuck, off, later := on.spec(t, top), on.spec(t, top), on.spec(t, top), on.spec(t, top), on.spec(t, top), on.spec(t, top)
	other.Expression, cast.Broadcast, later.Later = "b || c", true, true
	subs := map[string]*session.Session{}
	for name, s := range map[string]*session.Session{
		"took": d.subscribe(took), "other": d.subscribe(other), "cast": d.subscribe(cast), "stuck": d.subscribe(stuck), "off": d.subscribe(off), "later": d.subscribe(later),
	} {
		subs[name] = s
		waitState(t, s, 30*time.Second, session.Receiving)
	}
	r := d.send(top, "a", "first")[0]
	for _, name := range []string{"took", "stuck", "off", "later"} {
		wait(t, subs[name], 1, 30*time.Second)
	}
	subs["off"].Stop()
	if err := subs["stuck"].Pause(); err != nil {
		t.Fatal(err)
	}
	waitState(t, subs["stuck"], 10*time.Second, session.Paused)
	second := d.send(top, "b", "second")[0]
	wait(t, subs["other"], 1, 30*time.Second)
	wait(t, subs["took"], 2, 30*time.Second)

	want := map[string]insight.Fate{
		took.Group: insight.FateConsumed, other.Group: insight.FateFiltered, cast.Group: insight.FateEach,
		stuck.Group: insight.FateConsumed, off.Group: insight.FateConsumed, later.Group: insight.FateRetrying,
	}
	fatesBecome(t, on, d, at(d, top, r), want)
	ofSecond := map[string]insight.Fate{
		took.Group: insight.FateConsumed, other.Group: insight.FateConsumed, cast.Group: insight.FateEach,
		stuck.Group: insight.FateWaiting, off.Group: insight.FateOffline, later.Group: insight.FateRetrying,
	}
	fatesBecome(t, on, d, at(d, top, second), ofSecond)
	gone := at(d, top, r)
	gone.QueueOffset = 1000
	if st, err := d.conn.State(t.Context(), gone); err != nil || st.Kept || !st.Gone {
		t.Errorf("a place where nothing is: %+v, %v", st, err)
	}
	gone.Topic += "-none"
	if _, err := d.conn.State(t.Context(), gone); !errors.Is(err, fault.TopicNotFound) {
		t.Errorf("a topic that does not exist: %v", err)
	}
}

// ownLag: what waits for the connection's own subscriptions is heard with its servers, and is
// unknown where no group is joined or the positions are not told.
func ownLag(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 2)
	heard := func(want string) {
		t.Helper()
		eventually(t, 40*time.Second, func() string { // a group's first position is committed after five seconds
			d.conn.AskNow()
			got := "unknown"
			if h := d.conn.Heard(); h.LagKnown {
				got = fmt.Sprint(h.Lag)
			}
			if got != want {
				return fmt.Sprintf("lag %s, want %s", got, want)
			}
			return ""
		})
	}
	follow := on.spec(t, top)
	follow.Follow, follow.Group = true, ""
	waitState(t, d.subscribe(follow), 30*time.Second, session.Receiving)
	heard("unknown")
	one := d.subscribe(on.spec(t, top))
	waitState(t, one, 30*time.Second, session.Receiving)
	d.send(top, "a", "first", "second")
	wait(t, one, 2, 30*time.Second)
	heard("0")
	if err := one.Pause(); err != nil {
		t.Fatal(err)
	}
	waitState(t, one, 10*time.Second, session.Paused)
	d.send(top, "a", "3", "4", "5")
	heard("3")
	cast := on.spec(t, top)
	cast.Broadcast = true
	other := d.subscribe(cast)
	waitState(t, other, 30*time.Second, session.Receiving)
	heard("unknown")
	other.Stop()
	heard("3")
	one.Stop()
	heard("unknown")
}

// at is the message that lies where a receipt says.
func at(d *desk, top string, r message.Receipt) *message.Message {
	d.t.Helper()
	st, found := d.find(cluster.Query{Kind: cluster.ByOffset, Topic: top, Queue: cluster.Queue{Broker: r.Broker, ID: r.QueueID}, Offset: r.QueueOffset, Count: 1})
	if len(found) != 1 || found[0].ID() != r.MessageID {
		d.t.Fatalf("%+v is not found at its place: %+v", r, st)
	}
	return found[0]
}

// fatesBecome waits for a message's fates: positions are committed every five
// seconds, and the first retry comes after some.
func fatesBecome(t *testing.T, on *server, d *desk, m *message.Message, want map[string]insight.Fate) {
	t.Helper()
	eventually(t, 30*time.Second, func() string {
		st, err := d.conn.State(t.Context(), m)
		if err != nil || !st.Kept {
			return fmt.Sprintf("%+v, %v", st, err)
		}
		if on.proxy {
			if !errors.Is(st.GroupsErr, fault.NotOffered) || !errors.Is(st.TracesErr, fault.NotOffered) && !errors.Is(st.TracesErr, fault.TopicNotFound) {
				return fmt.Sprintf("%+v", st)
			}
			return ""
		}
		for group, fate := range want {
			i := slices.IndexFunc(st.Groups, func(g insight.GroupFate) bool { return g.Group == group })
			if i < 0 {
				return fmt.Sprintf("group %s is not there: %+v", group, st)
			}
			if g := st.Groups[i]; g.Fate != fate || g.Err != nil {
				return fmt.Sprintf("%+v, want %d", g, fate)
			}
		}
		return ""
	})
}

// traces finds what a Java producer and consumer traced, and says where none can
// be.
func traces(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 1)
	group := on.spec(t, top).Group
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	args := append(on.java(t), "topic="+top, "group=java-traced", "trace=true", "body=traced", "wait=6") // traces are sent within five seconds
	if out, err := testcluster.Java(ctx, testcluster.V550, "testdata/java/Send.java", args...); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	args = append(on.java(t), "topic="+top, "group="+group, "trace=true", "count=1", "wait=6", "timeout=120")
	if out, err := testcluster.Java(ctx, testcluster.V550, "testdata/java/Receive.java", args...); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	m := on.stored(t, top, 0, 0)
	eventually(t, 20*time.Second, func() string {
		st, err := d.conn.State(t.Context(), m)
		if err != nil || st.TracesErr != nil {
			return fmt.Sprintf("%+v, %v", st, err)
		}
		var sent, took int
		for _, x := range st.Traces {
			switch {
			case x.Kind == cluster.TraceSent && x.OK && x.Group == "java-traced":
				sent++
			case x.Kind == cluster.TraceConsumed && x.Ended && x.OK && x.Group == group:
				took++
			}
		}
		// 4.9.7 does not mark messages with TRACE_ON, without which a consumer of 5.5.0
		// traces nothing.
		if sent != 1 || took != 1 && !on.old {
			return fmt.Sprintf("%+v", st.Traces)
		}
		return ""
	})
}
