package client_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/client/profile"
	"gantry/client/remoting"
	"gantry/client/session"
	"gantry/client/testcluster"
)

func checkSteps(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 2)
	run := func(p profile.Profile, topic string) map[client.CheckKind]client.Check {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		out := map[client.CheckKind]client.Check{}
		started := map[int]bool{}
		client.TestConnection(ctx, p, on.secret, topic, func(c client.Check) {
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
	var got map[client.CheckKind]client.Check
	eventually(t, 3*time.Minute, func() string { // a broker may be slow to tell while it starts and all cases begin
		got = run(d.profile, top)
		if b := got[client.CheckBroker]; !on.proxy && (b.Version != on.version() || b.Ahead.Abs() > 2*time.Second) {
			return fmt.Sprintf("broker: %+v", b)
		}
		return ""
	})
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
	delete(got, client.CheckFiles) // with certificates only
	if n := len(got); n != 4 {
		t.Errorf("with a topic %d kinds of steps", n)
	}
	without := run(d.profile, "")
	if b, dialled := without[client.CheckBroker]; dialled == on.proxy || b.Err != nil { // a proxy lists none
		t.Errorf("without a topic: %+v", without)
	}
	for kind := range without {
		if kind != client.CheckNameServer && kind != client.CheckBroker && kind != client.CheckCredentials && kind != client.CheckFiles {
			t.Errorf("without a topic a step %d", kind)
		}
	}
	if c := run(d.profile, "no-such-topic")[client.CheckRoute]; !errors.Is(c.Err, fault.TopicNotFound) {
		t.Errorf("unknown topic: %+v", c)
	}
}

// facts: what an endpoint tells of itself. A proxy tells nothing, and that is no
// error.
func facts(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 4)
	want := insight.Facts{Brokers: 1, Version: on.version()}
	if on.proxy {
		want = insight.Facts{}
	}
	eventually(t, 3*time.Minute, func() string { // a broker may be slow to tell while it starts and all cases begin
		h, err := d.conn.Health(t.Context())
		f := h.Facts()
		if on.name == "sandbox" && f.Keeps == 200_000 {
			f.Keeps, f.Gone = 0, 0 // other cases may have driven messages out
		} else if on.name == "sandbox" {
			return fmt.Sprintf("it keeps %d", f.Keeps)
		}
		if err != nil || f != want {
			return fmt.Sprintf("%+v, %v", f, err)
		}
		return ""
	})
	topics, err := d.conn.Topics(t.Context())
	system := func(s string) bool {
		return strings.HasPrefix(s, "broker-") || strings.HasPrefix(s, testcluster.ClusterName) || strings.HasPrefix(s, "%") || strings.Contains(strings.ToUpper(s), "SYS")
	}
	switch {
	case on.proxy && !errors.Is(err, fault.NotOffered):
		t.Errorf("topics of a proxy: %v, %v", topics, err)
	case !on.proxy && (err != nil || !slices.Contains(topics, top) || slices.ContainsFunc(topics, system)):
		t.Errorf("topics %v, %v", topics, err)
	}
	for name, c := range map[string]struct {
		topic           string
		exists, creates bool
	}{
		"existing": {top, true, false},
		"new":      {"NoSuch" + top[strings.LastIndex(top, "%")+1:], false, !on.proxy},
	} {
		exists, creates, err := d.conn.Lookup(t.Context(), c.topic)
		if err != nil || exists != c.exists || creates != c.creates {
			t.Errorf("%s topic: exists %v, creates %v, %v", name, exists, creates, err)
		}
	}
}

// ask asks the server's endpoint as its profile does.
func (s *server) ask(t *testing.T) *admin.Client {
	t.Helper()
	p := s.at(t)
	access, secret := p.Keys(s.secret)
	conf := admin.Config{NameServers: p.NameServers, Addresses: p.Addresses, Credentials: remoting.Credentials{AccessKey: access, SecretKey: secret}}
	var err error
	if conf.TLS, err = s.node(t).TLSConfig(); err != nil {
		t.Fatal(err)
	}
	if conf.TLS != nil {
		conf.TLS.ServerName = p.TLS.ServerName
	}
	a := admin.New(conf)
	t.Cleanup(func() { _ = a.Close() })
	return a
}

// offsets: where a reading begins, and what a pull at the ends of a queue gets.
func offsets(t *testing.T, on *server) {
	a, top := on.ask(t), on.topic(t, 4)
	r, err := a.Route(t.Context(), top)
	if err != nil || len(r.ReadQueues()) != 4 || len(r.WriteQueues()) != 4 {
		t.Fatal(r, err)
	}
	for i := range 3 {
		on.sendRaw(t, top, 0, fmt.Sprintf("before %d", i))
	}
	time.Sleep(20 * time.Millisecond)
	between := time.Now()
	time.Sleep(20 * time.Millisecond)
	for i := range 2 {
		on.sendRaw(t, top, 0, fmt.Sprintf("after %d", i))
	}
	q := func(id int) cluster.Queue { return cluster.Queue{Broker: on.broker(), ID: id} }
	for _, x := range []struct {
		start admin.Start
		want  int64
	}{
		{admin.Start{Kind: admin.Now}, 5},
		{admin.Start{Kind: admin.Earliest}, 0},
		{admin.Start{Kind: admin.Time, At: between}, 3},
		// 4.9 answers the last message itself for a later time; its own time is
		// looked at then.
		{admin.Start{Kind: admin.Time, At: time.Now().Add(time.Hour)}, 5},
		{admin.Start{Kind: admin.Time, At: between.Add(-time.Hour)}, 0},
	} {
		want := map[cluster.Queue]int64{q(0): x.want, q(1): 0, q(2): 0, q(3): 0}
		// A message can be read a moment after its sending was answered.
		eventually(t, 20*time.Second, func() string {
			if got, missing, err := a.StartFloors(t.Context(), r, top, x.start); err != nil || len(missing) > 0 || !maps.Equal(got, want) {
				return fmt.Sprint(x.start, got, err)
			}
			return ""
		})
	}
	p, err := a.Pull(t.Context(), r, top, q(0), 3, 32)
	if err != nil || p.Next != 5 || p.Min != 0 || p.Max != 5 || !bytes.Contains(p.Body, []byte("after 0")) || bytes.Contains(p.Body, []byte("before")) {
		t.Error(p.Next, p.Min, p.Max, err)
	}
	if p, err := a.Pull(t.Context(), r, top, q(0), 1000, 32); err != nil || len(p.Body) != 0 || p.Next != 5 {
		t.Error("beyond the end:", p.Next, err)
	}
}

// positions: whether a group goes on from a place of its own, whatever its offset.
func ownPositions(t *testing.T, on *server) {
	a, top := on.ask(t), on.topic(t, 4)
	r, err := a.Route(t.Context(), top)
	if err != nil {
		t.Fatal(err)
	}
	group := on.profile.FullName(session.NewGroupName())
	position := func(want bool, when string) {
		t.Helper()
		if has, _, err := a.GroupPosition(t.Context(), r, top, group); err != nil || has != want {
			t.Error(when, has, err)
		}
	}
	position(false, "unknown group")
	on.createGroup(t, group)
	position(false, "new group")
	if ids, _, err := a.Members(t.Context(), r, group); err != nil || len(ids) != 0 {
		t.Error(ids, err)
	}
	commit := func(offset int) {
		on.call(t, &remoting.Command{Code: remoting.UpdateConsumerOffset, ExtFields: map[string]string{
			"consumerGroup": group, "topic": top, "queueId": "2", "commitOffset": fmt.Sprint(offset),
		}})
	}
	commit(0)
	// 4.9 answers 0 also for a group that never committed, so a zero without
	// members counts as none there.
	position(!on.old, "a committed zero")
	on.sendRaw(t, top, 2, "one")
	commit(1)
	position(true, "a committed one")
}

// checkedSubscriptions: brokers parse what they filter by. Tags they never check;
// a proxy answers success to everything.
func checkedSubscriptions(t *testing.T, on *server) {
	a, top := on.ask(t), on.topic(t, 1)
	r, err := a.Route(t.Context(), top)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		expression string
		sql        bool
		want       error
	}{
		{"a > 1 AND (b IS NULL OR TAGS IN ('A', 'B'))", true, nil},
		{"a >", true, fault.BadExpression},
		{"*", true, fault.BadExpression},
		{"", true, fault.BadExpression},
		{"TagA || TagB", false, nil},
		{"a >", false, nil},
	} {
		if on.proxy {
			x.want = nil
		}
		err := a.CheckSubscription(t.Context(), r, cluster.Selection{Topic: top, Group: "g", Expression: x.expression, SQL92: x.sql})
		if !errors.Is(err, x.want) {
			t.Errorf("%q: %v", x.expression, err)
		}
	}
	if err := adminOf(t, on.node(t)).CreateTopic(t.Context(), on.node(t).Masters(), "no good!", 4, ""); !errors.Is(err, fault.Invalid) {
		t.Errorf("an illegal topic: %v", err)
	}
}

// sendRaw sends one message to a queue, past the client library
// (SendMessageRequestHeader.java).
func (s *server) sendRaw(t *testing.T, topic string, queue int, body string) {
	t.Helper()
	s.call(t, &remoting.Command{Code: remoting.SendMessage, Body: []byte(body), ExtFields: map[string]string{
		"producerGroup": "real_test", "topic": topic, "defaultTopic": "TBW102", "defaultTopicQueueNums": "4",
		"queueId": fmt.Sprint(queue), "sysFlag": "0", "bornTimestamp": fmt.Sprint(time.Now().UnixMilli()),
		"flag": "0", "properties": "", "reconsumeTimes": "0", "unitMode": "false", "maxReconsumeTimes": "0", "batch": "false",
	}})
}

// call sends a request that package admin has no function for to broker 0.
func (s *server) call(t *testing.T, cmd *remoting.Command) {
	t.Helper()
	c := s.node(t)
	conf, err := c.AdminConfig()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := remoting.Dial(t.Context(), c.BrokerAddr(0), remoting.Config{TLS: conf.TLS, Credentials: conf.Credentials})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.CallOK(t.Context(), cmd); err != nil {
		t.Fatal(err)
	}
}
