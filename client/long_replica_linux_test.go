//go:build long

package client_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/remoting"
	"gantry/client/session"
	"gantry/client/testcluster"
)

// orphan is a topic whose broker has lost its master: ten messages, of which the slave
// has everything.
type orphan struct {
	*testing.T
	c    *testcluster.Cluster
	d    *desk
	top  string
	sent []message.Receipt
	want []string // their bodies
}

// newOrphan fills a topic, follows it, and kills its master once the slave has everything.
func newOrphan(t *testing.T) (o *orphan, before *session.Session) {
	t.Helper()
	c := clusters.Cluster(t, "replica")
	o = &orphan{T: t, c: c, d: deskAt(t, profile.Profile{ID: "p", Name: "replica", NameServers: []string{c.NameServer()}}, "")}
	o.top = topicOn(t, c, "", 2)
	for i := range 10 {
		r, err := o.d.conn.Send(t.Context(), &message.Draft{
			ProducerGroup: "test", Topic: o.top, Tag: fmt.Sprint("t", i%2), Keys: []string{fmt.Sprint("k", i)}, Body: fmt.Append(nil, "body ", i),
		})
		if err != nil || r.Status != message.StatusOK {
			t.Fatal(err, r)
		}
		o.sent, o.want = append(o.sent, r), append(o.want, fmt.Sprint("body ", i))
	}
	before = o.follow("before", nil)
	wait(t, before, len(o.want), 20*time.Second)
	o.replicated()
	if err := c.Kill(testcluster.BrokerPart, os.Kill); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, func() string {
		r, err := adminOf(t, c).Route(t.Context(), o.top)
		if _, there := r.Master("broker-a"); err != nil || there || len(r.Readers("broker-a")) != 1 {
			return fmt.Sprintf("%+v, %v", r, err)
		}
		return ""
	})
	return o, before
}

// TestC3MasterDead: a master that is killed leaves its slave, which everything is read
// from, whether it takes pulls or, as by default, none. A send says that no master takes
// it, a member of a group that it gets nothing, and what cannot be read is named.
func TestC3MasterDead(t *testing.T) {
	t.Parallel()
	o, before := newOrphan(t)
	t.Run("a send", o.refused)
	member := o.d.subscribe(profile.Subscription{ID: "s-member", Profile: "p", Topic: o.top, Group: session.NewGroupName(), OwnGroup: true, From: profile.FromEarliest})
	for _, pulls := range []bool{false, true} {
		o.takesPulls(pulls)
		t.Run(fmt.Sprintf("pulls %v", pulls), func(t *testing.T) {
			read := *o
			read.T, read.d = t, deskAt(t, o.d.profile, "")
			read.found()
			read.followed(pulls)
			read.known()
		})
	}
	eventually(t, 20*time.Second, func() string {
		if st := member.Status(); st.State != session.Troubled || !errors.Is(st.Err, fault.NoMaster) {
			return fmt.Sprintf("a member of a group: %+v", st)
		}
		return ""
	})
	eventually(t, 60*time.Second, func() string { // it hears of the route later
		if st := before.Status(); st.Received != uint64(len(o.want)) || st.Missed > 0 || st.State != session.Receiving || st.Err != nil {
			return fmt.Sprintf("what followed before: %+v", st)
		}
		return ""
	})
}

// replicated waits until the slave has every message, and has heard of the topic, for
// which its clock is moved: see testcluster.Options.
func (o *orphan) replicated() {
	o.Helper()
	a := adminOf(o, o.c)
	if err := o.c.SetClock(time.Minute + time.Second); err != nil {
		o.Fatal(err)
	}
	slave := []cluster.Broker{{Name: "broker-a", Addrs: map[int64]string{1: o.c.SlaveAddr()}}}
	r := cluster.Route{Brokers: slave}
	eventually(o, 60*time.Second, func() string {
		var sum int64
		for id := range 2 {
			end, err := a.MaxOffset(o.Context(), r, o.top, cluster.Queue{Broker: "broker-a", ID: id})
			if err != nil {
				return err.Error()
			}
			sum += end
		}
		_, _, err := a.TopicStats(o.Context(), slave, o.top)
		if sum != int64(len(o.want)) || err != nil {
			return fmt.Sprintf("the slave has %d messages, %v", sum, err)
		}
		return ""
	})
}

// takesPulls tells the slave whether it takes pulls.
func (o *orphan) takesPulls(yes bool) {
	o.Helper()
	conn, err := remoting.Dial(o.Context(), o.c.SlaveAddr(), remoting.Config{})
	if err != nil {
		o.Fatal(err)
	}
	defer conn.Close()
	const updateBrokerConfig = 25 // RequestCode.java
	if _, err := conn.CallOK(o.Context(), &remoting.Command{Code: updateBrokerConfig, Body: fmt.Appendf(nil, "slaveReadEnable=%v\n", yes)}); err != nil {
		o.Fatal(err)
	}
}

// follow begins to follow the topic from its first message on.
func (o *orphan) follow(id string, change func(*profile.Subscription)) *session.Session {
	o.Helper()
	s := profile.Subscription{ID: "s-" + id, Profile: "p", Topic: o.top, Follow: true, From: profile.FromEarliest}
	if change != nil {
		change(&s)
	}
	return o.d.subscribe(s)
}

// refused: a send says at once why it cannot be.
func (o *orphan) refused(t *testing.T) {
	begin := time.Now()
	r, err := o.d.conn.Send(t.Context(), draft(o.top, "for nobody"))
	if err != nil || r.Status != message.StatusFailed || !errors.Is(r.Fault, fault.NoMaster) {
		t.Errorf("%+v, %v", r, err)
	}
	inTime(t, begin, "saying so")
}

// found: every kind of question finds what it is asked for.
func (o *orphan) found() {
	o.Helper()
	third := o.sent[3]
	for name, c := range map[string]struct {
		q    cluster.Query
		want []string
	}{
		"all":               {cluster.Query{Kind: cluster.ByTime}, o.want},
		"words":             {cluster.Query{Kind: cluster.ByTime, Filter: `"BODY 4"`}, o.want[4:5]},
		"a tag":             {cluster.Query{Kind: cluster.ByTime, Tags: []string{"t1"}}, []string{"body 1", "body 3", "body 5", "body 7", "body 9"}},
		"the newest":        {cluster.Query{Kind: cluster.Newest, Count: 3}, o.want[7:]},
		"a place":           {cluster.Query{Kind: cluster.ByOffset, Queue: cluster.Queue{Broker: "broker-a", ID: third.QueueID}, Offset: third.QueueOffset, Count: 1}, o.want[3:4]},
		"a key":             {cluster.Query{Kind: cluster.ByKey, Key: "k5"}, o.want[5:6]},
		"the producer's id": {cluster.Query{Kind: cluster.ByID, Key: o.sent[6].MessageID}, o.want[6:7]},
		"the broker's id":   {cluster.Query{Kind: cluster.ByID, Key: o.sent[7].OffsetMessageID}, o.want[7:8]},
	} {
		c.q.Topic = o.top
		st, got := o.d.find(c.q)
		if diff := cmp.Diff(c.want, texts(got)); diff != "" || st.Err != nil || len(st.Missed) > 0 {
			o.Errorf("%s: %s %+v", name, diff, st)
		}
	}
}

// followed: a follow that begins now reads everything; one whose expression only the
// broker can judge does too where that takes pulls, and else says that it cannot.
func (o *orphan) followed(pulls bool) {
	o.Helper()
	all := o.follow("all", nil)
	sql := o.follow("sql", func(s *profile.Subscription) { s.SQL92, s.Expression = true, "TAGS = 't1'" })
	wait(o, all, len(o.want), 20*time.Second)
	got := bodies(o, all)
	slices.Sort(got)
	if diff := cmp.Diff(o.want, got); diff != "" {
		o.Error(diff)
	}
	if st := all.Status(); st.State != session.Receiving || st.Missed > 0 || st.Err != nil {
		o.Errorf("%+v", st)
	}
	if pulls {
		wait(o, sql, len(o.want)/2, 20*time.Second)
		return
	}
	eventually(o, 20*time.Second, func() string {
		if st := sql.Status(); !errors.Is(st.Err, fault.NotOffered) || st.Received > 0 {
			return fmt.Sprintf("an expression that is not judged: %+v", st)
		}
		return ""
	})
}

// known: the topic and the message's place are told; the broker is listed without a master.
func (o *orphan) known() {
	o.Helper()
	if exists, _, err := o.d.conn.Lookup(o.Context(), o.top); !exists || err != nil {
		o.Errorf("the topic exists: %v, %v", exists, err)
	}
	detail, err := o.d.conn.TopicDetail(o.Context(), o.top)
	if err != nil || len(detail.Queues) != 2 || len(detail.Missing) > 0 {
		o.Errorf("%+v, %v", detail, err)
	}
	st, err := o.d.conn.State(o.Context(), at(o.d, o.top, o.sent[2]))
	if err != nil || !st.Kept || st.KeptErr != nil || len(st.Missing) > 0 {
		o.Errorf("%+v, %v", st, err)
	}
	h, err := o.d.conn.Health(o.Context())
	if err != nil || !slices.Equal(h.Masterless(), []string{"broker-a"}) {
		o.Errorf("%+v, %v", h, err)
	}
}

// TestSlavePreferred: a search of production reads the slave where that takes pulls and has
// everything, and the master where it does not; it finds the same.
func TestSlavePreferred(t *testing.T) {
	t.Parallel()
	c := clusters.Cluster(t, "replica")
	p := profile.Profile{ID: "p", Name: "replica", NameServers: []string{c.NameServer()}}
	o := &orphan{T: t, c: c, d: deskAt(t, p, "")}
	o.top = topicOn(t, c, "", 2)
	for i := range 10 {
		o.want = append(o.want, fmt.Sprint("body ", i))
		if r, err := o.d.conn.Send(t.Context(), draft(o.top, o.want[i])); err != nil || r.Status != message.StatusOK {
			t.Fatal(err, r)
		}
	}
	o.replicated()
	p.Environment = profile.Production
	o.d = deskAt(t, p, "")
	for _, pulls := range []bool{true, false} {
		o.takesPulls(pulls)
		st, got := o.d.find(cluster.Query{Kind: cluster.ByTime, Topic: o.top})
		if diff := cmp.Diff(o.want, texts(got)); diff != "" || st.Err != nil || len(st.Missed) > 0 || (st.Replicas == 1) != pulls {
			t.Errorf("pulls %v: %s %+v", pulls, diff, st)
		}
	}
	cost, err := o.d.conn.Foresee(t.Context(), cluster.Query{Kind: cluster.ByTime, Topic: o.top})
	if err != nil || cost.Messages != 10 || cost.Queues != 2 || cost.Bytes == 0 || len(cost.Missed) > 0 {
		t.Errorf("%+v, %v", cost, err)
	}
}
