package client_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/orders"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
	"gantry/client/profile"
	"gantry/client/remoting"
	"gantry/client/session"
)

// bury has a broker put what lies in a queue, from the first on, into a group's dead-letter
// topic, as a member does that gives a message up.
func (s *server) bury(t *testing.T, topic, group string, queue, count int) {
	t.Helper()
	for i := range count {
		m := s.stored(t, topic, queue, int64(i))
		s.call(t, &remoting.Command{Code: remoting.ConsumerSendMsgBack, ExtFields: map[string]string{
			"offset": fmt.Sprint(m.CommitLogOffset), "group": group, "delayLevel": "-1", "originMsgId": m.ID(), "originTopic": topic,
			"unitMode": "false", "maxReconsumeTimes": "16",
		}})
	}
	s.dispatched(t, message.DeadLetterTopic(group), int64(count))
}

// dead are the messages of a group's dead-letter topic.
func (d *desk) dead(on *server, t *testing.T, group string, count int) []*message.Message {
	t.Helper()
	s := follow(on, t, message.DeadLetterTopic(group))
	s.From = profile.FromEarliest
	sub := d.subscribe(s)
	wait(t, sub, count, 40*time.Second)
	return messages(t, sub)
}

// deadOf are dead letters of a group, whose messages lie in a queue of a topic. Proxies take none
// from whoever has not popped them: there they are made of the messages.
func (d *desk) deadOf(on *server, t *testing.T, topic, group string, queue, count int) (all []*message.Message) {
	t.Helper()
	if !on.proxy {
		on.bury(t, topic, group, queue, count)
		return d.dead(on, t, group, count)
	}
	for i := range count {
		m := on.stored(t, topic, queue, int64(i))
		m.StoredProperties, m.Properties = nil, append(m.AllProperties(), message.Property{Name: message.PropertyRetryTopic, Value: topic},
			message.Property{Name: message.PropertyOriginID, Value: m.OffsetID()})
		m.Topic = message.DeadLetterTopic(group)
		all = append(all, m)
	}
	return all
}

// redeliversToGroup: dead letters go to the member of Java of the group that gave them up, as
// retries of their topic, and to no other group of that.
func redeliversToGroup(t *testing.T, on *server) {
	d, top := on.desk(t), on.topic(t, 1)
	other := on.spec(t, top)
	group := on.profile.FullName(session.NewGroupName())
	on.createGroup(t, group)
	makeTopic(t, on.node(t), message.RetryTopic(group), 1) // members look for a new one every 30 s
	other.From = profile.FromEarliest
	there := d.subscribe(other)
	const n = 3
	origins := map[string]string{}
	for i := range n {
		on.sendRaw(t, top, 0, fmt.Sprint("dead ", i))
		m := on.stored(t, top, 0, int64(i))
		origins[string(m.Body)] = m.OffsetID()
	}
	on.dispatched(t, top, n)
	on.commit(t, top, group, 0, n)
	read := on.javaReads(t, top, n, "group="+group)
	eventually(t, 90*time.Second, func() string { // of a member at its broker the proxy knows nothing
		if who, err := d.conn.RetriesOf(t.Context(), group); err != nil || who.Members != 1 && !on.proxy || who.Each || who.Popped || len(who.Missing) > 0 {
			return fmt.Sprintf("%+v, %v", who, err)
		}
		return ""
	})
	dead := d.deadOf(on, t, top, group, 0, n)
	p, copied := d.toGroup(t, dead, group)
	r, err := d.conn.Begin(p, client.Confirmed{Topic: message.RetryTopic(group), Count: n}, copied.Fill)
	if err = errors.Join(err, copied.Close()); err != nil {
		t.Fatal(err)
	}
	if st := over(t, r, 60*time.Second); st.Phase != outbox.Complete || st.Counts.Stored != n {
		t.Fatalf("%+v", st)
	}
	arrived(t, r, n)
	for _, m := range read() {
		at := slices.IndexFunc(dead, func(x *message.Message) bool { return x.Place() == m.Properties[message.PropertyRedelivered] })
		if m.Topic != top || at < 0 || m.Body != string(dead[at].Body) || m.ReconsumeTimes != 1 || m.Properties[message.PropertyOriginID] != origins[m.Body] {
			t.Errorf("%+v", m)
		}
		delete(origins, m.Body)
	}
	if len(origins) > 0 {
		t.Errorf("the member got none of %v", origins)
	}
	on.sendRaw(t, top, 0, "and one more")
	wait(t, there, n+1, 60*time.Second)
	if all := messages(t, there); len(all) != n+1 || string(all[n].Body) != "and one more" {
		t.Errorf("the other group got %d", len(all))
	}
	again, err := d.conn.Redelivered(t.Context(), message.DeadLetterTopic(group), dead[0].StoredAt, []string{top, message.RetryTopic(group)})
	if err != nil || len(again.Sent) != n || len(again.Found) != n || len(again.Looked) != 2 || !again.Looked[1].Whole() {
		t.Errorf("%+v, %v", again, err)
	}
}

// toGroup is a plan that sends dead letters to their group only.
func (d *desk) toGroup(t *testing.T, dead []*message.Message, group string) (*plan.Plan, *outbox.Copied) {
	t.Helper()
	var marked []*message.Message
	for _, m := range dead {
		marked = append(marked, m.Redelivered())
	}
	copied := d.copyOf(marked...)
	ask := func(group string) (*plan.Plan, error) {
		p := &plan.Plan{Texts: plan.Texts{Topic: message.RetryTopic(group)}, AtOnce: 4, Prove: true}
		copied.Replay(p, nil)
		p.Replay.Redelivers, p.Replay.From, p.Replay.OnlyGroup = message.DeadLetterTopic(group), d.profile.ID, true
		return p, d.conn.Prepare(t.Context(), p)
	}
	if _, err := ask(d.profile.FullName("never-there")); !errors.Is(err, fault.NoRetryTopic) {
		t.Errorf("a group that was never there: %v", err)
	}
	p, err := ask(group)
	if err != nil {
		t.Fatal(err)
	}
	return p, copied
}

// redelivery is a plan of dead letters without those that were redelivered before.
func (d *desk) redelivery(t *testing.T, top, group string, dead []*message.Message) (*outbox.Copied, *plan.Plan, *client.Redelivered) {
	t.Helper()
	var marked []*message.Message
	since := dead[0].StoredAt
	for _, m := range dead {
		marked = append(marked, m.Redelivered())
	}
	copied := d.copyOf(marked...)
	before, err := d.conn.Redelivered(t.Context(), message.DeadLetterTopic(group), since, []string{top})
	if err != nil || len(before.Looked) != 1 || before.Looked[0].Err != nil || !before.Looked[0].Whole() {
		t.Fatalf("%+v, %v", before, err)
	}
	p := &plan.Plan{Texts: plan.Texts{ProducerGroup: "test-redeliver"}, AtOnce: 4, PerSecond: 500, Prove: true}
	copied.Replay(p, []plan.Way{{From: top, To: top}})
	p.Replay.Redelivers, p.Replay.From = message.DeadLetterTopic(group), d.profile.ID
	if p.Replay.Skip, err = copied.Marked(t.Context(), before.Has); err != nil {
		t.Fatal(err)
	}
	if err := d.conn.Prepare(t.Context(), p); err != nil && p.Count > 0 {
		t.Fatal(err)
	}
	tried, err := copied.Try(t.Context(), p, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	p.Count = tried.Messages
	return copied, p, before
}

// redelivers: dead letters go to their topic again, to the byte and marked, and once only: by
// what this Gantry sent, and for another by what lies in the topic.
func redelivers(t *testing.T, on *server) {
	d, top := on.desk(t), on.topic(t, 4)
	group := on.profile.FullName(on.spec(t, top).Group)
	on.createGroup(t, group)
	const n = 20
	for i := range n {
		on.sendRaw(t, top, 1, fmt.Sprintf("body %d \x00", i))
	}
	on.bury(t, top, group, 1, n)
	dead := d.dead(on, t, group, n)
	some := dead[:n-1]
	copied, p, before := d.redelivery(t, top, group, some)
	if before.Runs != 0 || len(p.Replay.Skip) != 0 || p.Count != n-1 {
		t.Errorf("before: %+v, %+v", before, p)
	}
	there := d.subscribe(follow(on, t, top))
	r, err := d.conn.Begin(p, client.Confirmed{Topic: top, Count: n - 1}, copied.Fill)
	if err = errors.Join(err, copied.Close()); err != nil {
		t.Fatal(err)
	}
	if st := over(t, r, 60*time.Second); st.Phase != outbox.Complete || st.Counts.Stored != n-1 {
		t.Fatalf("%+v", st)
	}
	arrived(t, r, n-1)
	wait(t, there, n-1, 30*time.Second)
	for _, m := range messages(t, there) {
		at := slices.IndexFunc(some, func(x *message.Message) bool { return m.Property(message.PropertyRedelivered) == x.Place() })
		if at < 0 || string(m.Body) != string(some[at].Body) || len(m.UserProperties()) != 1 {
			t.Errorf("redelivered %q %v", m.Body, m.Properties)
		}
	}
	all, err := d.client.Diary.List()
	if err != nil || len(all) != 1 || all[0].Redelivery == nil || all[0].Redelivery.Run != r.ID() || all[0].Ended.IsZero() || all[0].Group() != group {
		t.Errorf("the diary: %+v, %v", all, err)
	}
	// What was done is left out: by this Gantry's runs, and by another's look at the topic.
	copied, p, before = d.redelivery(t, top, group, dead)
	if len(before.Sent) != n-1 || len(before.Found) != n-1 || p.Count != 1 || len(p.Replay.Skip) != n-1 || before.Runs != 1 || before.Lost != 0 {
		t.Errorf("after: %d sent, %d found, %+v", len(before.Sent), len(before.Found), p)
	}
	if err := copied.Close(); err != nil {
		t.Error(err)
	}
	other := on.desk(t)
	copied, p, before = other.redelivery(t, top, group, dead)
	if len(before.Sent) != 0 || len(before.Found) != n-1 || p.Count != 1 {
		t.Errorf("another Gantry: %d sent, %d found, %+v", len(before.Sent), len(before.Found), p)
	}
	if err := copied.Close(); err != nil {
		t.Error(err)
	}
}

// adminDesk is a Gantry of who may change topics.
func (s *server) adminDesk(t *testing.T) *desk {
	t.Helper()
	conf, err := s.node(t).AdminConfig()
	if err != nil {
		t.Fatal(err)
	}
	p := s.at(t)
	if conf.Credentials.AccessKey == "" {
		return deskAt(t, p, s.secret)
	}
	p.Mapping, p.Role = profile.OpenSource, conf.Credentials.AccessKey
	return deskAt(t, p, profile.Secret(conf.Credentials.SecretKey))
}

// permits: a dead-letter topic that may be written only, as brokers up to 4.9.1 make it, is
// made readable, and put back.
func permits(t *testing.T, on *server) {
	d, top := on.adminDesk(t), on.topic(t, 1)
	group := on.profile.FullName(on.spec(t, top).Group)
	on.createGroup(t, group)
	on.sendRaw(t, top, 0, "dead")
	on.bury(t, top, group, 0, 1)
	dead := message.DeadLetterTopic(group)
	a := adminOf(t, on.node(t))
	becomes := func(want int) {
		t.Helper()
		eventually(t, 40*time.Second, func() string { // name servers hear of it some time after
			r, err := a.Route(t.Context(), dead)
			if err != nil || len(r.Queues) != 1 {
				t.Fatal(r, err)
			}
			if got := r.Queues[0].Perm; got != want {
				return fmt.Sprint(got)
			}
			return ""
		})
	}
	r, err := a.Route(t.Context(), dead)
	if err != nil {
		t.Fatal(err)
	}
	queues := r.Queues[0]
	if err := a.PutTopic(t.Context(), on.node(t).Masters()[0], dead, cluster.TopicSettings{Read: queues.Read, Write: queues.Write, Perm: cluster.PermWrite}); err != nil {
		t.Fatal(err)
	}
	becomes(cluster.PermWrite)
	run := func(o orders.Setup) orders.Record {
		t.Helper()
		p, err := d.conn.PreviewSetup(t.Context(), o)
		if err != nil || p.Moves() != 1 || p.Why != nil {
			t.Fatalf("%+v, %v", p, err)
		}
		rec, err := d.conn.ChangeSetup(t.Context(), p, client.Confirmed{Topic: p.Subject(), Count: 1}, nil)
		if err != nil || len(rec.Queues) != 1 || rec.Queues[0].State != orders.Set {
			t.Fatalf("%+v, %v", rec, err)
		}
		return rec
	}
	both := cluster.PermWrite | cluster.PermRead
	rec := run(orders.Setup{Of: orders.Topics, Act: orders.Alter, Names: []string{dead}, Wish: orders.Wish{Perm: &both}})
	becomes(both)
	if m := d.dead(on, t, group, 1); string(m[0].Body) != "dead" {
		t.Errorf("%+v", m)
	}
	back, ok := rec.BackSetup()
	if !ok {
		t.Fatalf("%+v", rec)
	}
	run(back)
	becomes(cluster.PermWrite)
}

// consumesOnce: a member of Java, and one of Go, consumes a message once more, and says what
// it made of it.
func consumesOnce(t *testing.T, on *server) {
	d, top := on.desk(t), on.topic(t, 1)
	s := on.spec(t, top)
	on.sendRaw(t, top, 0, "once")
	m := on.stored(t, top, 0, 0)
	if on.proxy {
		on.commit(t, top, s.Group, 0, 0)
	}
	o := orders.Once{Group: s.Group, Topic: top, Broker: on.broker(), ID: m.ID(), OffsetID: m.OffsetID()}
	yes := client.Confirmed{Topic: o.Subject(), Count: 1}
	if _, err := d.conn.ConsumeOnce(t.Context(), o, client.Confirmed{Topic: o.Subject()}); !errors.Is(err, fault.NotConfirmed) {
		t.Error(err)
	}
	rec, err := d.conn.ConsumeOnce(t.Context(), o, yes)
	if on.proxy {
		if !errors.Is(err, fault.NotOffered) || rec.Once.Err == nil {
			t.Errorf("%+v, %v", rec, err)
		}
		return
	}
	if !errors.Is(err, fault.GroupOffline) || rec.Once == nil || rec.Once.Verdict != nil {
		t.Errorf("nobody is there: %+v, %v", rec, err)
	}
	s.Later, s.From = true, profile.FromEarliest
	d.subscribe(s) // a member in Go
	on.javaMember(t, top, s.Group)
	verdicts := map[string]cluster.VerdictKind{}
	eventually(t, 90*time.Second, func() string {
		g, err := d.conn.GroupDetail(t.Context(), s.Group)
		if err != nil {
			return err.Error()
		}
		for _, x := range g.Members {
			if x.Err != nil || verdicts[x.Language] != "" {
				continue
			}
			o.Member = x.ID
			rec, err := d.conn.ConsumeOnce(t.Context(), o, client.Confirmed{Topic: o.Subject(), Count: 1})
			if err != nil {
				return err.Error()
			}
			verdicts[x.Language] = rec.Once.Verdict.Is
		}
		if len(verdicts) < 2 {
			return fmt.Sprint(verdicts)
		}
		return ""
	})
	if verdicts["JAVA"] != cluster.ConsumeSuccess || verdicts["GO"] != cluster.ConsumeLater {
		t.Errorf("%v", verdicts)
	}
	all, err := d.client.Diary.List()
	if err != nil || len(all) < 3 || all[0].Once == nil || all[0].Once.Verdict == nil || all[0].Group() != s.Group {
		t.Errorf("the diary: %+v, %v", all, err)
	}
}

// pastPoison: a Java member hangs at a message and has taken what lies behind it. The message is
// skipped and kept, the lag clears, and the group is put back to it.
func pastPoison(t *testing.T, on *server) {
	d, top := on.desk(t), on.topic(t, 1)
	group := on.spec(t, top).Group
	bodies := []string{"first", "poison", "third", "fourth", "fifth"}
	for _, body := range bodies {
		on.sendRaw(t, top, 0, body)
	}
	on.dispatched(t, top, int64(len(bodies)))
	on.createGroup(t, group)
	on.commit(t, top, group, 0, 0)
	on.javaMember(t, top, group, "hang=poison")
	at := func(want int64) func() string {
		return func() string {
			if got := on.places(t, top, group); got[0] != want {
				return fmt.Sprint(got)
			}
			return ""
		}
	}
	eventually(t, 90*time.Second, at(1)) // the lowest that is not done
	q := cluster.Queue{Broker: on.broker(), ID: 0}
	skip := orders.Offsets{Group: group, Topic: top, Queues: []cluster.Queue{q}, Keep: true, To: orders.Target{Kind: orders.ToPlaces, Places: []orders.Place{{Broker: q.Broker, Offset: 2}}}}
	p := d.preview(skip)
	if on.old {
		if !errors.Is(p.Why, fault.MembersInTheWay) {
			t.Errorf("%+v", p)
		}
		return
	}
	if skipped, again, known := p.Sum(); skipped != 1 || again != 0 || !known || p.Behind != 3 || p.Why != nil {
		t.Errorf("%+v", p)
	}
	r, err := d.conn.ChangeOffsets(t.Context(), p, agreed(p), nil)
	if err != nil || len(r.Queues) != 1 || r.Queues[0].State != orders.Followed {
		t.Errorf("%+v, %v", r, err)
	}
	kept, err := os.ReadFile(d.client.Diary.KeptFile(&r))
	if m, from, bad := message.FromJSON(bytes.TrimSpace(kept)); err != nil || bad != nil || string(m.Body) != "poison" || m.QueueOffset != 1 || from.Profile != d.profile.ID {
		t.Errorf("kept %q, %v, %v", kept, err, bad)
	}
	eventually(t, 60*time.Second, at(5))
	back, ok := r.Back()
	if !ok || back.Keep {
		t.Fatalf("%+v", back)
	}
	if p, r := d.order(back); p.Order.To.Back == "" || len(r.Queues) != 1 || r.Queues[0].To != 1 {
		t.Errorf("%+v, %+v", p, r)
	}
	eventually(t, 60*time.Second, at(1)) // and hangs again
}
