package client_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/outbox"
	"gantry/client/remoting"
)

// order gives an order to servers of a node, with the account that may do everything.
func order(t testing.TB, on node, o *remoting.Command, addrs ...string) {
	t.Helper()
	conf, err := on.AdminConfig()
	if err != nil {
		t.Fatal(err)
	}
	pool := remoting.NewPool(remoting.Config{TLS: conf.TLS, Addresses: conf.Addresses, Credentials: conf.Credentials})
	defer pool.Close()
	for _, addr := range addrs {
		if _, err := pool.CallOK(t.Context(), addr, o); err != nil {
			t.Fatal(err)
		}
	}
}

// deleteTopic deletes a topic as mqadmin does (DeleteTopicSubCommand.java): in the brokers,
// then in the name server.
func deleteTopic(t testing.TB, on node, topic string) {
	t.Helper()
	named := map[string]string{"topic": topic}
	order(t, on, &remoting.Command{Code: remoting.DeleteTopicInBroker, ExtFields: named}, on.Masters()...)
	order(t, on, &remoting.Command{Code: remoting.DeleteTopicInNameServer, ExtFields: named}, on.NameServer())
}

// setPerm changes what may be done with a topic of 4 queues.
func setPerm(t testing.TB, on node, topic, perm string) {
	t.Helper()
	order(t, on, &remoting.Command{Code: remoting.CreateTopic, ExtFields: map[string]string{
		"topic": topic, "defaultTopic": "TBW102", "perm": perm, "readQueueNums": "4", "writeQueueNums": "4",
		"topicFilterType": "SINGLE_TAG", "topicSysFlag": "0", "order": "false",
	}}, on.Masters()...)
}

// pausedFor waits until a run has paused by itself for a cause.
func pausedFor(t testing.TB, r *outbox.Run, cause error, limit time.Duration) outbox.Status {
	t.Helper()
	eventually(t, limit, func() string {
		if st := r.Status(); st.Phase != outbox.Paused || st.Alike == 0 || st.Counts.UnderWay > 0 {
			return fmt.Sprintf("%+v", st)
		}
		return ""
	})
	st := r.Status()
	if !errors.Is(st.Blocked, cause) {
		t.Errorf("paused for %v: %+v", st.Blocked, st)
	}
	return st
}

// goOnUntil has a run go on as often as it pauses by itself, as somebody does who was told
// that it is mended, until f is content.
func goOnUntil(t testing.TB, r *outbox.Run, limit time.Duration, f func(*outbox.Status) bool) outbox.Status {
	t.Helper()
	var st outbox.Status
	eventually(t, limit, func() string {
		if st = r.Status(); f(&st) {
			return ""
		}
		if st.Alike > 0 && st.Phase == outbox.Paused {
			if err := r.Resume(); err != nil {
				t.Error(err)
			}
		}
		return fmt.Sprintf("%+v", st)
	})
	return st
}

// refusedFor holds every message of a run that is not stored against a cause.
func refusedFor(t testing.TB, r *outbox.Run, cause error) {
	t.Helper()
	for _, row := range r.States(outbox.Failed, 1_000_000) {
		if s, err := r.Sent(row); err != nil || s.Receipt == nil || !errors.Is(s.Receipt.Fault, cause) {
			t.Fatalf("row %d: %+v, %v", row, s, err)
		}
	}
	if n := r.Counts().Uncertain; n > 0 {
		t.Errorf("%d are uncertain", n)
	}
}

// runsWithoutTopic: the topic is deleted in the middle of a run. Where brokers make topics
// on demand the next message makes it anew, and the run does not notice; elsewhere the run
// pauses, and goes on once there is one again. What is acknowledged after that is there.
func runsWithoutTopic(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 4)
	p := planned(top, 4000)
	p.PerSecond = 1000 // the topic goes before the run is over
	p.Prove = false    // what is gone would be looked for
	r := d.begin(p)
	left(t, r, 500)
	deleteTopic(t, on.node(t), top)
	gone := time.Now()
	st := r.Status()
	if on.proxy {
		st = pausedFor(t, r, fault.TopicNotFound, 60*time.Second)
		makeTopic(t, on.node(t), top, 4)
	}
	if st.Phase.Over() {
		t.Fatalf("it was over before: %+v", st)
	}
	st = goOnUntil(t, r, 2*time.Minute, func(st *outbox.Status) bool { return st.Phase.Over() })
	if c := st.Counts; st.Phase != outbox.Complete || st.Err != nil || c.Stored+c.Failed != p.Count || on.proxy != (c.Failed > 0) {
		t.Fatalf("%+v", st)
	}
	refusedFor(t, r, fault.TopicNotFound)
	if failed := r.States(outbox.Failed, 4000); len(failed) > 0 {
		if err := d.conn.SendAgain(r, failed, client.Confirmed{Topic: top, Count: int64(len(failed)), Name: d.profile.Name}); err != nil {
			t.Fatal(err)
		}
		if st = over(t, r, time.Minute); st.Counts.Stored != p.Count {
			t.Errorf("again: %+v", st)
		}
	}
	ask := adminOf(t, on.node(t))
	var route cluster.Route
	eventually(t, 90*time.Second, func() (wrong string) { // brokers tell name servers every 30 s what they have
		var err error
		if route, err = ask.Route(t.Context(), top); err != nil {
			wrong = err.Error()
		}
		return wrong
	})
	later := 0
	for row := range uint64(p.Count) {
		s, err := r.Sent(row)
		if err != nil {
			t.Fatal(err)
		}
		if s.Leave.At.Before(gone) {
			continue // it may have gone with the topic
		}
		later++
		found, err := ask.ByOffsetID(t.Context(), route.Brokers, top, s.Receipt.OffsetMessageID)
		if err != nil || len(found) != 1 || found[0].Message.ID() != s.Receipt.MessageID || string(found[0].Message.Body) != string(s.Draft.Body) {
			t.Fatalf("row %d is acknowledged as %+v and not there: %+v, %v", row, s.Receipt, found, err)
		}
	}
	if later == 0 {
		t.Error("none left after the topic was gone")
	}
	t.Logf("%d left after the topic was gone", later)
}

// runsClosed: the topic may no longer be written, which is said in its route. Brokers do
// not look at that themselves, so a run is told when its library asks for the route anew,
// every 30 s; then it pauses, and what left before is stored.
func runsClosed(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 4)
	p := planned(top, 100_000)
	p.PerSecond, p.Prove = 200, false
	r := d.begin(p)
	left(t, r, 50)
	setPerm(t, on.node(t), top, "4")
	st := pausedFor(t, r, fault.NotWritable, 90*time.Second)
	refusedFor(t, r, fault.NotWritable)
	on.dispatched(t, top, st.Counts.Stored)
	setPerm(t, on.node(t), top, "6")
	had := st.Counts.Stored
	goOnUntil(t, r, 90*time.Second, func(st *outbox.Status) bool { return st.Counts.Stored > had+50 })
	r.Stop(t.Context())
	st = r.Status()
	if st.Phase != outbox.Stopped || st.Counts.UnderWay+st.Counts.Uncertain > 0 || st.Counts.Left() != r.Made() || st.Alike > 0 || st.Blocked != nil {
		t.Errorf("%+v", st)
	}
	on.dispatched(t, top, st.Counts.Stored)
}
