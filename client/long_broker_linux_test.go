//go:build long

package client_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/remoting"
	"gantry/client/session"
	"gantry/client/testcluster"
)

// Orders that package admin does not give (RequestCode.java).
const (
	updateBrokerConfig = 25
	deleteGroup        = 207
)

// frail is a cluster whose parts a test changes, freezes and kills.
type frail struct {
	*server
	t *testing.T
	c *testcluster.Cluster
	d *desk
}

func (f *frail) set(key, value string) {
	f.t.Helper()
	f.call(f.t, &remoting.Command{Code: updateBrokerConfig, Body: []byte(key + "=" + value + "\n")})
}

// TestBrokerFaults runs its parts one after the other on a cluster that nothing
// else uses.
func TestBrokerFaults(t *testing.T) {
	t.Parallel()
	on := serverOf("faults")
	for _, part := range []struct {
		name string
		run  func(*frail)
	}{
		{"no property filter", noPropertyFilter},
		{"no groups are made", noGroupsMade},
		{"a group deleted while it is subscribed to", groupDeleted},
		{"the name server gone and back", nameServerGone},
		{"the broker frozen and thawed", brokerFrozen},
		{"the broker killed under load and back", brokerKilled},
	} {
		t.Run(part.name, func(t *testing.T) {
			part.run(&frail{server: on, t: t, c: on.real(t), d: on.desk(t)})
		})
	}
}

func noPropertyFilter(f *frail) {
	f.set("enablePropertyFilter", "false")
	defer f.set("enablePropertyFilter", "true")
	s := f.spec(f.t, f.topic(f.t, 1))
	s.SQL92, s.Expression = true, "a > 1"
	sub, err := f.d.client.Sessions.Open(s)
	if err != nil {
		f.t.Fatal(err)
	}
	if err := f.d.conn.Start(f.t.Context(), sub, s); !errors.Is(err, fault.FilterNotSupported) {
		f.t.Errorf("%v", err)
	}
}

// noGroupsMade: joining a group that does not exist is refused at once.
func noGroupsMade(f *frail) {
	f.set("autoCreateSubscriptionGroup", "false")
	defer f.set("autoCreateSubscriptionGroup", "true")
	s := f.spec(f.t, f.topic(f.t, 1))
	sub, err := f.d.client.Sessions.Open(s)
	if err != nil {
		f.t.Fatal(err)
	}
	begin := time.Now()
	if err := f.d.conn.Start(f.t.Context(), sub, s); !errors.Is(err, fault.GroupNotFound) || time.Since(begin) > 2*time.Second {
		f.t.Errorf("%v after %v", err, time.Since(begin))
	}
	if st := sub.Status(); st.State != session.Stopped || !errors.Is(st.Err, fault.GroupNotFound) {
		f.t.Errorf("%+v", st)
	}
}

// groupDeleted: the client library notices nothing of it.
func groupDeleted(f *frail) {
	f.set("autoCreateSubscriptionGroup", "false")
	defer f.set("autoCreateSubscriptionGroup", "true")
	top := f.topic(f.t, 1)
	s := f.spec(f.t, top)
	f.createGroup(f.t, s.Group)
	sub := f.d.subscribe(s)
	f.d.send(top, "", "before")
	wait(f.t, sub, 1, 20*time.Second)
	f.call(f.t, &remoting.Command{Code: deleteGroup, ExtFields: map[string]string{"groupName": s.Group, "cleanOffset": "true", "removeOffset": "true"}})
	eventually(f.t, 40*time.Second, func() string {
		if st := sub.Status(); st.State != session.Troubled || !errors.Is(st.Err, fault.GroupNotFound) {
			return fmt.Sprintf("%+v", st)
		}
		return ""
	})
}

// nameServerGone: what runs goes on without it; what needs a new route says so.
func nameServerGone(f *frail) {
	top := f.topic(f.t, 2)
	sub := f.d.subscribe(f.spec(f.t, top))
	f.d.send(top, "", "before")
	wait(f.t, sub, 1, 20*time.Second)
	if err := f.c.Kill(testcluster.NameServerPart, os.Kill); err != nil {
		f.t.Fatal(err)
	}
	for i := range 6 {
		time.Sleep(time.Second)
		f.d.send(top, "", fmt.Sprint("without ", i))
	}
	wait(f.t, sub, 7, 20*time.Second)
	if st := sub.Status(); st.State != session.Receiving || st.Err != nil {
		f.t.Errorf("while it receives: %+v", st)
	}
	begin := time.Now()
	r, err := f.d.conn.Send(f.t.Context(), draft("never-heard-of", "x"))
	if err != nil || r.Status != message.StatusFailed || !errors.Is(r.Fault, fault.Unreachable) {
		f.t.Errorf("a topic without a route: %+v, %v", r, err)
	}
	inTime(f.t, begin, "saying so")
	another := f.spec(f.t, top)
	if sub, err := f.d.client.Sessions.Open(another); err != nil {
		f.t.Error(err)
	} else if err := f.d.conn.Start(f.t.Context(), sub, another); !errors.Is(err, fault.Unreachable) {
		f.t.Errorf("another subscription: %v", err)
	}
	f.restart(testcluster.NameServerPart)
	next := f.topic(f.t, 1)
	f.d.send(next, "", "after")
}

func (f *frail) restart(part string) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), time.Minute)
	defer cancel()
	if err := f.c.StartPart(ctx, part); err != nil {
		f.t.Fatal(err)
	}
}

// brokerFrozen: it takes connections and never answers.
func brokerFrozen(f *frail) {
	top := f.topic(f.t, 2)
	sub := f.d.subscribe(f.spec(f.t, top))
	f.d.send(top, "", "before")
	wait(f.t, sub, 1, 20*time.Second)
	if err := f.c.Kill(testcluster.BrokerPart, syscall.SIGSTOP); err != nil {
		f.t.Fatal(err)
	}
	begin := time.Now()
	r, err := f.d.conn.Send(f.t.Context(), draft(top, "nobody knows"))
	if err != nil || r.Status != message.StatusUncertain {
		f.t.Errorf("%+v, %v", r, err)
	}
	if took := time.Since(begin); took > 7*time.Second {
		f.t.Errorf("the send took %v", took)
	}
	eventually(f.t, 15*time.Second, func() string {
		if st := sub.Status(); st.State != session.Troubled || !errors.Is(st.Err, fault.Timeout) {
			return fmt.Sprintf("%+v", st)
		}
		return ""
	})
	if err := f.c.Kill(testcluster.BrokerPart, syscall.SIGCONT); err != nil {
		f.t.Fatal(err)
	}
	f.goesOn(sub, top, "after the frost")
}

// goesOn sends until something is stored again, and waits until it is received.
func (f *frail) goesOn(sub *session.Session, topic, body string) {
	f.t.Helper()
	eventually(f.t, 60*time.Second, func() string {
		r, err := f.d.conn.Send(f.t.Context(), draft(topic, body))
		if err != nil || !r.Status.Stored() {
			return fmt.Sprint(r, err)
		}
		return ""
	})
	// The client library rebalances some 20 s after the broker is back.
	eventually(f.t, 90*time.Second, func() string {
		for _, b := range bodies(f.t, sub) {
			if b == body {
				return ""
			}
		}
		return fmt.Sprintf("%+v", sub.Status())
	})
	waitState(f.t, sub, 20*time.Second, session.Receiving)
}

// brokerKilled: what the broker had answered for is received, before and after.
func brokerKilled(f *frail) {
	top := f.topic(f.t, 4)
	sub := f.d.subscribe(f.spec(f.t, top))
	waitState(f.t, sub, 20*time.Second, session.Receiving)
	stop := f.d.load(top, 4)
	time.Sleep(3 * time.Second)
	if err := f.c.Kill(testcluster.BrokerPart, os.Kill); err != nil {
		f.t.Fatal(err)
	}
	eventually(f.t, 15*time.Second, func() string {
		if st := sub.Status(); st.State != session.Troubled || st.Err == nil {
			return fmt.Sprintf("%+v", st)
		}
		return ""
	})
	f.restart(testcluster.BrokerPart)
	f.goesOn(sub, top, "after the kill")
	time.Sleep(time.Second)
	stored := stop()
	eventually(f.t, 60*time.Second, func() string {
		have := map[string]bool{}
		for _, m := range messages(f.t, sub) {
			have[m.ID()] = true
		}
		gone := 0
		for _, id := range stored {
			if !have[id] {
				gone++
			}
		}
		if gone > 0 {
			return fmt.Sprintf("%d of %d are missing, %+v", gone, len(stored), sub.Status())
		}
		return ""
	})
	if st := sub.Status(); st.Restarts > 0 {
		f.t.Errorf("the worker did not survive it: %+v", st)
	}
	f.t.Logf("%d stored, %d received", len(stored), sub.Status().Received)
}
