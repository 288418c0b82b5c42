package client_test

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/orders"
	"gantry/client/profile"
	"gantry/client/session"
	"gantry/client/testcluster"
)

func ptr[T any](v T) *T { return &v }

// setUp previews an order about topics or groups and runs it, as somebody who agrees.
func (d *desk) setUp(o orders.Setup) (*orders.SetupPreview, orders.Record) {
	d.t.Helper()
	p := d.previewSetup(o)
	if p.Why != nil {
		d.t.Fatal(p.Why)
	}
	r, err := d.conn.ChangeSetup(d.t.Context(), p, d.agreedSetup(p), nil)
	for again := range 4 {
		if err != nil {
			d.t.Fatal(err)
		}
		if !slices.ContainsFunc(r.Queues, late) {
			break
		}
		d.t.Logf("try %d: a busy broker did not answer in time", again+1)
		err = d.tryLate(&r)
	}
	return p, r
}

// late tells whether a part of a record failed because no answer came in time.
func late(q orders.Done) bool { return q.State == orders.Failed && errors.Is(q.Err, fault.Timeout) }

// tryLate tries what failed of a record once more, as somebody does who reads that no answer
// came, and puts what became of it into the record: it may have been done all the same.
func (d *desk) tryLate(r *orders.Record) error {
	d.t.Helper()
	o, ok := r.FailedSetup()
	if !ok {
		return errors.New("what failed cannot be tried alone")
	}
	p := d.previewSetup(o)
	var again orders.Record
	if p.Moves() > 0 {
		var err error
		if again, err = d.conn.ChangeSetup(d.t.Context(), p, d.agreedSetup(p), nil); err != nil {
			return err
		}
	}
	for i, q := range r.Queues {
		if !late(q) {
			continue
		}
		if k := slices.IndexFunc(again.Queues, func(a orders.Done) bool { return a.Name == q.Name && a.Broker == q.Broker }); k >= 0 {
			r.Queues[i] = again.Queues[k]
		} else {
			r.Queues[i].State, r.Queues[i].Err = orders.Set, nil // it is as it was wished
		}
	}
	return nil
}

func (d *desk) previewSetup(o orders.Setup) *orders.SetupPreview {
	d.t.Helper()
	p, err := d.conn.PreviewSetup(d.t.Context(), o)
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

func (d *desk) agreedSetup(p *orders.SetupPreview) client.Confirmed {
	return client.Confirmed{Topic: p.Subject(), Count: int64(p.Moves()), Name: client.TypedName(d.profile, p.Order)}
}

// allSet fails unless every part of a record was done.
func allSet(t *testing.T, r orders.Record, parts int) {
	t.Helper()
	if i := slices.IndexFunc(r.Queues, func(q orders.Done) bool { return q.State != orders.Set }); i >= 0 || len(r.Queues) != parts || r.Ended.IsZero() {
		t.Errorf("%d parts, want %d: %+v", len(r.Queues), parts, r)
	}
}

// settings are what Gantry says that the one broker has.
func (d *desk) settings(on *server, of orders.Thing, name string) *orders.Setting {
	d.t.Helper()
	all, missing, err := d.conn.Settings(d.t.Context(), of, name)
	if err != nil || len(missing) > 0 || all[on.broker()] == nil {
		d.t.Fatalf("%s: %v, %v, %v", name, all, missing, err)
	}
	return all[on.broker()]
}

// officialTopic is what mqadmin topicRoute says of a topic on the first broker.
func (s *server) officialTopic(t *testing.T, topic string) (read, write, perm int) {
	t.Helper()
	out := s.mqadmin(t, "topicRoute", "-t", topic)
	number := func(name string) int {
		m := regexp.MustCompile(`"?` + name + `"?:\s*(\d+)`).FindStringSubmatch(out)
		if m == nil {
			t.Fatalf("no %s, mqadmin said:\n%s", name, out)
		}
		n, _ := strconv.Atoi(m[1])
		return n
	}
	return number("readQueueNums"), number("writeQueueNums"), number("perm")
}

// chief is a desk of who may give orders: on 4.x the accounts of the cases may not.
func (s *server) chief(t *testing.T) *desk {
	t.Helper()
	if !s.old {
		return s.desk(t)
	}
	p, all := s.at(t), testcluster.Admin()
	p.Role = all.AccessKey
	return deskAt(t, p, profile.Secret(all.SecretKey))
}

// refusedAccount: who may not is refused by the broker, which is told as it is.
func refusedAccount(t *testing.T, on *server, name string) {
	t.Helper()
	d := on.desk(t)
	_, r := d.setUp(orders.Setup{Of: orders.Topics, Act: orders.Create, Names: []string{name}})
	if q := r.Queues[0]; q.State != orders.Failed || !errors.Is(q.Err, fault.NotPermitted) || r.Ended.IsZero() {
		t.Errorf("%+v", r)
	}
	if o, ok := r.FailedSetup(); !ok || len(o.Exact) != 1 || o.Exact[0].Broker != on.broker() {
		t.Errorf("%+v", o)
	}
}

// setupTopics: topics are created, changed, put back, copied and deleted, and RocketMQ's own
// tool sees each of it; one that it made itself is told as it was made.
func setupTopics(t *testing.T, on *server) {
	d := on.chief(t)
	stem := on.profile.FullName(fmt.Sprintf("set-%d", time.Now().UnixNano()))
	if on.proxy {
		if _, err := d.conn.PreviewSetup(t.Context(), orders.Setup{Of: orders.Topics, Act: orders.Create, Names: []string{stem}}); !errors.Is(err, fault.NotOffered) {
			t.Errorf("a proxy makes topics: %v", err)
		}
		if _, _, _, err := d.conn.OrderBrokers(t.Context(), orders.Topics); !errors.Is(err, fault.NotOffered) {
			t.Errorf("a proxy has brokers that take orders: %v", err)
		}
		return
	}
	if on.old {
		refusedAccount(t, on, stem+"-refused")
	}
	long := stem + strings.Repeat("x", 120-len(stem))
	topic := func(o orders.Setup) *cluster.TopicSettings { return d.settings(on, orders.Topics, o.Names[0]).Topic }
	for kind, perm := range map[string]int{cluster.TypeNormal: 6, cluster.TypeFIFO: 4, cluster.TypeDelay: 2, cluster.TypeTransaction: 6} {
		o := orders.Setup{Of: orders.Topics, Act: orders.Create, Names: []string{stem + "-" + kind}, Wish: orders.Wish{Read: ptr(6), Write: ptr(3), Perm: &perm, Type: &kind}}
		p, r := d.setUp(o)
		allSet(t, r, 1)
		got := topic(o)
		if want := map[bool]string{true: "", false: kind}[on.old]; got.Type != want || p.Lines[0].Dropped != (on.old && kind != cluster.TypeNormal) || p.Lines[0].Was != nil {
			t.Errorf("%s: %+v, %+v", kind, got, p.Lines)
		}
		if got.Read != 6 || got.Write != 3 || got.Perm != perm {
			t.Errorf("%s: %+v", kind, got)
		}
	}
	name := stem + "-" + cluster.TypeFIFO
	if r, w, pm := on.officialTopic(t, name); r != 6 || w != 3 || pm != 4 {
		t.Errorf("mqadmin says %d %d %d", r, w, pm)
	}
	changeAndPutBack(t, on, d, name)
	copied := orders.Setup{Of: orders.Topics, Act: orders.Create, Names: []string{long}, Like: name, Wish: orders.Wish{Write: ptr(5)}}
	_, r := d.setUp(copied)
	allSet(t, r, 1)
	if got := topic(copied); got.Read != 6 || got.Write != 5 || got.Perm != 4 || got.Type != topic(orders.Setup{Names: []string{name}}).Type {
		t.Errorf("the copy: %+v", got)
	}
	twice := d.previewSetup(copied)
	if twice.Moves() != 0 || twice.Lines[0].Was == nil {
		t.Errorf("what is there is made once more: %+v", twice)
	}
	official := stem + "-official"
	args := []string{"updateTopic", "-c", "DefaultCluster", "-t", official, "-r", "7", "-w", "2", "-p", "6"}
	if !on.old {
		args = append(args, "-a", "+message.type=TRANSACTION")
	}
	on.mqadmin(t, args...)
	if got := topic(orders.Setup{Names: []string{official}}); got.Read != 7 || got.Write != 2 || got.Perm != 6 || got.Type != map[bool]string{false: cluster.TypeTransaction}[on.old] {
		t.Errorf("mqadmin's own: %+v", got)
	}
	deletedTopics(t, on, d, []string{name, long, official})
	refusedTopics(t, on, d, stem)
}

// changeAndPutBack: a topic's settings, there and back; what is not wished stays.
func changeAndPutBack(t *testing.T, on *server, d *desk, name string) {
	t.Helper()
	before := d.settings(on, orders.Topics, name)
	o := orders.Setup{Of: orders.Topics, Act: orders.Alter, Names: []string{name}, Wish: orders.Wish{Write: ptr(8), Perm: ptr(6)}}
	p := d.previewSetup(o)
	if l := p.Lines[0]; !l.Was.Same(before) || l.To.Topic.Read != 6 || l.To.Topic.Write != 8 || l.To.Topic.Perm != 6 || l.To.Topic.Type != before.Topic.Type {
		t.Errorf("%+v", l)
	}
	// Somebody else changes it between the look and the order: it is asked anew.
	d.setUp(orders.Setup{Of: orders.Topics, Act: orders.Alter, Names: []string{name}, Wish: orders.Wish{Read: ptr(7)}})
	changed := (*orders.ChangedError)(nil)
	if _, err := d.conn.ChangeSetup(t.Context(), p, d.agreedSetup(p), nil); !errors.As(err, &changed) || changed.What != orders.Altered || changed.Setup.Lines[0].Was.Topic.Read != 7 {
		t.Errorf("changed meanwhile: %v", err)
	}
	d.setUp(orders.Setup{Of: orders.Topics, Act: orders.Alter, Names: []string{name}, Wish: orders.Wish{Read: ptr(6)}})
	_, r := d.setUp(o)
	allSet(t, r, 1)
	eventually(t, 10*time.Second, func() string { // its broker registers it a little later
		if read, w, pm := on.officialTopic(t, name); read != 6 || w != 8 || pm != 6 {
			return fmt.Sprintf("mqadmin says %d %d %d", read, w, pm)
		}
		return ""
	})
	back, ok := r.BackSetup()
	if !ok {
		t.Fatalf("nothing to put back: %+v", r)
	}
	_, r = d.setUp(back)
	allSet(t, r, 1)
	if got := d.settings(on, orders.Topics, name); !got.Same(before) || r.Setup.Back == "" {
		t.Errorf("put back to %+v, was %+v", got.Topic, before.Topic)
	}
}

// deletedTopics: what is lost is counted, and nothing is left.
func deletedTopics(t *testing.T, on *server, d *desk, names []string) {
	t.Helper()
	full, group := on.topic(t, 2), on.profile.FullName(session.NewGroupName())
	on.createGroup(t, group)
	for i := range 5 {
		on.sendRaw(t, full, i%2, fmt.Sprint(i))
	}
	on.dispatched(t, full, 5)
	on.commit(t, full, group, 0, 1)
	o := orders.Setup{Of: orders.Topics, Act: orders.Delete, Names: append([]string{full}, names...)}
	var p *orders.SetupPreview
	eventually(t, 30*time.Second, func() string { // a group that was just set is told of some time later
		p = d.previewSetup(o)
		if messages, behind, more := p.Lost(); messages != 5 || behind != 1 || more {
			return fmt.Sprintf("%d messages, %d groups, %v: %+v", messages, behind, more, p.Losses)
		}
		return ""
	})
	if l := p.Losses[0]; l.Behind[0].Group != group || l.Behind[0].Lag < 2 || p.Lines[0].Keeps != 5 {
		t.Errorf("%+v, %+v", l, p.Lines[0])
	}
	yes := d.agreedSetup(p)
	yes.Name = ""
	if _, err := d.conn.ChangeSetup(t.Context(), p, yes, nil); !errors.Is(err, fault.NotConfirmed) {
		t.Errorf("deleted without a word: %v", err)
	}
	r, err := d.conn.ChangeSetup(t.Context(), p, d.agreedSetup(p), nil)
	if err != nil {
		t.Fatal(err)
	}
	allSet(t, r, 2*len(o.Names)) // at the broker and the name servers
	out := on.mqadmin(t, "topicList")
	for _, n := range o.Names {
		if strings.Contains(out, n) {
			t.Error(n, "is still listed")
		}
	}
	if _, ok := r.BackSetup(); ok {
		t.Error("what was deleted is put back")
	}
	if _, err := d.conn.PreviewSetup(t.Context(), o); !errors.Is(err, fault.TopicNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
}

// refusedTopics: names that are RocketMQ's own, or no names.
func refusedTopics(t *testing.T, on *server, d *desk, stem string) {
	t.Helper()
	for _, x := range []struct {
		act  orders.Act
		name string
		want error
	}{
		{orders.Delete, "SCHEDULE_TOPIC_XXXX", fault.Reserved},
		{orders.Alter, "TBW102", fault.Reserved},
		{orders.Delete, "RMQ_SYS_TRANS_HALF_TOPIC", fault.Invalid},
		{orders.Delete, "rmq_sys_wheel_timer", fault.Reserved},
		{orders.Delete, on.broker(), fault.Reserved},
		{orders.Alter, "DefaultCluster", fault.Reserved},
		{orders.Create, "%RETRY%g", fault.Reserved},
		{orders.Alter, stem + "-none", fault.TopicNotFound},
		{orders.Delete, stem + "-none", fault.TopicNotFound},
	} {
		if _, err := d.conn.PreviewSetup(t.Context(), orders.Setup{Of: orders.Topics, Act: x.act, Names: []string{x.name}}); !errors.Is(err, x.want) {
			t.Errorf("%s %s: %v", x.act, x.name, err)
		}
	}
	for _, name := range []string{"", "no good", "a/b", strings.Repeat("x", 128)} {
		if _, err := d.conn.PreviewSetup(t.Context(), orders.Setup{Of: orders.Topics, Act: orders.Create, Names: []string{name}}); err == nil {
			t.Errorf("%q is a name", name)
		}
	}
}

// officialGroup is what mqadmin getConsumerConfig says of a group.
func (s *server) officialGroup(t *testing.T, group, field string) string {
	t.Helper()
	out := s.mqadmin(t, "getConsumerConfig", "-g", group)
	m := regexp.MustCompile(`(?m)^` + field + `\s*=?\s*(\S+)`).FindStringSubmatch(out)
	if m == nil {
		t.Fatalf("no %s, mqadmin said:\n%s", field, out)
	}
	return m[1]
}

// setupGroups: groups are created, changed, put back and deleted, with their positions or
// without.
func setupGroups(t *testing.T, on *server) {
	d := on.chief(t)
	group, other := on.profile.FullName(session.NewGroupName()), on.profile.FullName(session.NewGroupName())
	create := orders.Setup{Of: orders.Groups, Act: orders.Create, Names: []string{group, other}, Wish: orders.Wish{Retries: ptr(5), Broadcast: ptr(false), Ordered: ptr(true)}}
	if on.proxy {
		if _, err := d.conn.PreviewSetup(t.Context(), create); !errors.Is(err, fault.NotOffered) {
			t.Errorf("a proxy makes groups: %v", err)
		}
		return
	}
	p, r := d.setUp(create)
	allSet(t, r, 2)
	got := d.settings(on, orders.Groups, group).Group
	if got.Retries != 5 || got.Broadcast || !got.Consume || got.Ordered == on.old || p.Lines[0].Dropped != on.old {
		t.Errorf("%+v, %+v", got, p.Lines[0])
	}
	if n := on.officialGroup(t, group, "retryMaxTimes"); n != "5" {
		t.Error("mqadmin says", n)
	}
	before := d.settings(on, orders.Groups, group)
	_, r = d.setUp(orders.Setup{Of: orders.Groups, Act: orders.Alter, Names: []string{group}, Wish: orders.Wish{Consume: ptr(false), Retries: ptr(3)}})
	allSet(t, r, 1)
	if said := on.officialGroup(t, group, "consumeEnable"); said != "false" {
		t.Error("mqadmin says", said)
	}
	back, ok := r.BackSetup()
	if !ok {
		t.Fatalf("nothing to put back: %+v", r)
	}
	_, r = d.setUp(back)
	allSet(t, r, 1)
	if got := d.settings(on, orders.Groups, group); !got.Same(before) {
		t.Errorf("put back to %+v, was %+v", got.Group, before.Group)
	}
	deletedGroups(t, on, d, group, other)
}

// deletedGroups: one keeps its positions, the other does not, and takes its dead letters
// along.
func deletedGroups(t *testing.T, on *server, d *desk, group, other string) {
	t.Helper()
	top := on.topic(t, 1)
	for i := range 3 {
		on.sendRaw(t, top, 0, fmt.Sprint(i))
	}
	on.dispatched(t, top, 3)
	for _, g := range []string{group, other} {
		on.commit(t, top, g, 0, 2)
	}
	makeTopic(t, on.node(t), "%DLQ%"+other, 1)
	on.sendRaw(t, "%DLQ%"+other, 0, "dead")
	on.dispatched(t, "%DLQ%"+other, 1)
	keeps := orders.Setup{Of: orders.Groups, Act: orders.Delete, Names: []string{group}}
	p, r := d.setUp(keeps)
	if on.name == "5.5.0" { // which looks for a group that it has deleted, and so makes it anew
		if q := r.Queues[0]; q.State != orders.Failed || !errors.Is(q.Err, fault.NotKept) {
			t.Errorf("%+v", r)
		}
	} else {
		allSet(t, r, 1)
	}
	if len(p.Losses) != 1 || len(p.Losses[0].Behind) != 1 || p.Losses[0].Behind[0].Lag != 1 {
		t.Errorf("%+v", p.Losses)
	}
	all := orders.Setup{Of: orders.Groups, Act: orders.Delete, Names: []string{other}, Offsets: true, Letters: true}
	p, r = d.setUp(all)
	allSet(t, r, 3) // the group, its dead letters, and their route
	if messages, _, _ := p.Lost(); messages != 1 {
		t.Errorf("%+v", p.Losses)
	}
	for _, g := range []string{group, other} { // both anew: which of them has a position?
		on.createGroup(t, g)
	}
	if got := on.places(t, top, group); got[0] != 2 {
		t.Errorf("without its positions: it is at %v", got)
	}
	if got := on.places(t, top, other); got[0] > 0 {
		t.Errorf("with its positions: it is at %v", got)
	}
	if _, err := d.conn.PreviewSetup(t.Context(), orders.Setup{Of: orders.Groups, Act: orders.Delete, Names: []string{cluster.ToolsGroup}}); !errors.Is(err, fault.Reserved) {
		t.Errorf("RocketMQ's own: %v", err)
	}
	if _, err := d.conn.PreviewSetup(t.Context(), orders.Setup{Of: orders.Groups, Act: orders.Alter, Names: []string{"no-such-group"}}); !errors.Is(err, fault.GroupNotFound) {
		t.Errorf("no group: %v", err)
	}
}

// TestDeletesAreGuarded: in production one at a time, with the connection's name; what is
// read-only takes an order only while that is lifted.
func TestDeletesAreGuarded(t *testing.T) {
	t.Parallel()
	on := serverOf("sandbox")
	a, b := on.topic(t, 1), on.topic(t, 1)
	p := on.at(t)
	p.Environment = profile.Production
	d := deskAt(t, p, on.secret)
	both := d.previewSetup(orders.Setup{Of: orders.Topics, Act: orders.Delete, Names: []string{a, b}})
	if !errors.Is(both.Why, fault.OneByOne) {
		t.Errorf("%+v", both)
	}
	both.Why = nil
	if _, err := d.conn.ChangeSetup(t.Context(), both, d.agreedSetup(both), nil); !errors.Is(err, fault.OneByOne) {
		t.Error(err)
	}
	one := d.previewSetup(orders.Setup{Of: orders.Topics, Act: orders.Delete, Names: []string{a}})
	yes := d.agreedSetup(one)
	yes.Name = a
	if _, err := d.conn.ChangeSetup(t.Context(), one, yes, nil); !errors.Is(err, fault.NotConfirmed) {
		t.Error(err)
	}
	if r, err := d.conn.ChangeSetup(t.Context(), one, d.agreedSetup(one), nil); err != nil || !r.Production {
		t.Errorf("%+v, %v", r, err)
	}
	p.Environment, p.ReadOnly = profile.Test, true
	liftedOrders(t, deskAt(t, p, on.secret), b)
}

// liftedOrders: a read-only connection takes an order while that is lifted, and nothing else.
func liftedOrders(t *testing.T, d *desk, topic string) {
	t.Helper()
	p := d.previewSetup(orders.Setup{Of: orders.Topics, Act: orders.Delete, Names: []string{topic}})
	if _, err := d.conn.ChangeSetup(t.Context(), p, d.agreedSetup(p), nil); !errors.Is(err, fault.ReadOnly) {
		t.Error(err)
	}
	if _, err := d.conn.Lift("another"); !errors.Is(err, fault.NotConfirmed) || !d.conn.Lifted().IsZero() {
		t.Error(err)
	}
	begun := time.Now()
	until, err := d.conn.Lift(d.profile.Name)
	if err != nil || until.Before(begun.Add(client.LiftFor-time.Second)) || !d.conn.Lifted().Equal(until) {
		t.Fatal(until, err)
	}
	if _, err := d.conn.Send(t.Context(), draft(topic, "x")); !errors.Is(err, fault.ReadOnly) {
		t.Errorf("it sends: %v", err)
	}
	if _, err := d.conn.ChangeSetup(t.Context(), p, d.agreedSetup(p), nil); err != nil {
		t.Error(err)
	}
	if err := d.conn.Lower(); err != nil || !d.conn.Lifted().IsZero() {
		t.Error(err)
	}
	if _, err := d.conn.Lift(d.profile.Name); err != nil {
		t.Error(err)
	}
	client.EndLift(d.conn)
	if _, err := d.conn.ChangeSetup(t.Context(), p, d.agreedSetup(p), nil); !errors.Is(err, fault.ReadOnly) || !d.conn.Lifted().IsZero() {
		t.Errorf("its time is over: %v", err)
	}
	all, err := d.client.Diary.List()
	if err != nil || len(all) != 3 || all[0].Lifted.IsZero() || !all[1].Lifted.IsZero() || all[2].Lifted.IsZero() || all[2].User == "" {
		t.Errorf("%+v, %v", all, err)
	}
}
