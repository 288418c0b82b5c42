package client_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/orders"
	"gantry/client/profile"
	"gantry/client/remoting"
	"gantry/client/session"
)

// order previews an order and runs it, as somebody who agrees to what it says.
func (d *desk) order(o orders.Offsets) (*orders.Preview, orders.Record) {
	d.t.Helper()
	p := d.preview(o)
	if p.Why != nil {
		d.t.Fatal(p.Why)
	}
	r, err := d.conn.ChangeOffsets(d.t.Context(), p, agreed(p), nil)
	if err != nil {
		d.t.Fatal(err)
	}
	return p, r
}

func (d *desk) preview(o orders.Offsets) *orders.Preview {
	d.t.Helper()
	p, err := d.conn.PreviewOffsets(d.t.Context(), o)
	if err != nil {
		d.t.Fatal(err)
	}
	return p
}

func agreed(p *orders.Preview) client.Confirmed {
	return client.Confirmed{Topic: p.Subject(), Count: int64(p.Moves())}
}

// commit sets the position of a group in a queue, past Gantry.
func (s *server) commit(t *testing.T, topic, group string, queue, offset int) {
	t.Helper()
	s.call(t, &remoting.Command{Code: remoting.UpdateConsumerOffset, ExtFields: map[string]string{
		"consumerGroup": group, "topic": topic, "queueId": fmt.Sprint(queue), "commitOffset": fmt.Sprint(offset),
	}})
}

// places are where a group is, as the broker itself says.
func (s *server) places(t *testing.T, topic, group string) (all []int64) {
	t.Helper()
	a := adminOf(t, s.node(t))
	r, err := a.Route(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range r.ReadQueues() {
		n, has, err := a.Position(t.Context(), r, topic, group, q)
		if err != nil {
			t.Fatal(err)
		}
		if !has {
			n = -1
		}
		all = append(all, n)
	}
	return all
}

// moved is where a group is put in idleOffsets, and what that comes to.
type moved struct {
	name           string
	to             orders.Target
	queues         []cluster.Queue
	want           []int64
	skipped, again int64
	outside        int // queues in which it lies outside
}

// idleOffsets: a group without members is put to every kind of place, with the numbers
// that the preview says, and back.
func idleOffsets(t *testing.T, on *server) {
	d, top := on.desk(t), on.topic(t, 4)
	group, other := on.profile.FullName(session.NewGroupName()), on.profile.FullName(session.NewGroupName())
	group += "%|" + strings.Repeat("x", 118-len(group)) // as long as it may be
	on.createGroup(t, group)
	on.createGroup(t, other)
	for q := range 4 {
		for i := range 5 {
			on.sendRaw(t, top, q, fmt.Sprint("old ", i))
		}
	}
	on.dispatched(t, top, 20)
	time.Sleep(20 * time.Millisecond)
	between := time.Now()
	time.Sleep(20 * time.Millisecond)
	for q := range 4 {
		for range q {
			on.sendRaw(t, top, q, "new")
		}
	}
	on.dispatched(t, top, 26)
	for q := range 4 {
		on.commit(t, top, group, q, 2)
		on.commit(t, top, other, q, q+1)
	}
	q := func(id int) cluster.Queue { return cluster.Queue{Broker: on.broker(), ID: id} }
	for _, x := range []moved{
		{name: "a time", to: orders.Target{Kind: orders.ToTime, At: between}, want: []int64{5, 5, 5, 5}, skipped: 12},
		{name: "before the first", to: orders.Target{Kind: orders.ToTime, At: between.Add(-time.Hour)}, want: []int64{0, 0, 0, 0}, again: 8},
		{name: "after the last", to: orders.Target{Kind: orders.ToTime, At: between.Add(time.Hour)}, want: []int64{5, 6, 7, 8}, skipped: 18},
		{name: "the earliest", to: orders.Target{Kind: orders.ToEarliest}, want: []int64{0, 0, 0, 0}, again: 8},
		{name: "the newest", to: orders.Target{Kind: orders.ToNewest}, want: []int64{5, 6, 7, 8}, skipped: 18},
		{name: "an offset", to: orders.Target{Kind: orders.ToOffset, Count: 6}, want: []int64{5, 6, 6, 6}, skipped: 15, outside: 1},
		{name: "further", to: orders.Target{Kind: orders.ByCount, Count: 1}, queues: []cluster.Queue{q(1), {ID: 3}}, want: []int64{2, 3, 2, 3}, skipped: 2},
		{name: "back", to: orders.Target{Kind: orders.ByCount, Count: -1}, queues: []cluster.Queue{q(0)}, want: []int64{1, 2, 2, 2}, again: 1},
		{name: "as another group", to: orders.Target{Kind: orders.LikeGroup, Group: other}, want: []int64{1, 2, 3, 4}, skipped: 3, again: 1},
	} {
		d.movesAndBack(on, top, group, x)
	}
	all, err := d.client.Diary.List()
	if err != nil || len(all) != 18 {
		t.Errorf("%d records, %v", len(all), err)
	}
	refusedOffsets(t, on, d, orders.Offsets{Group: group, Topic: top, To: orders.Target{Kind: orders.ToNewest}})
	if !on.old && !on.proxy {
		d.afterReset(on, top, group)
	}
	d.queueAdded(on, top, group)
}

// queueAdded: where the topic gets a queue between the preview and the order, nothing is done, and
// what is agreed to anew has all queues.
func (d *desk) queueAdded(on *server, top, group string) {
	t := d.t.(*testing.T)
	t.Helper()
	skip := orders.Offsets{Group: group, Topic: top, To: orders.Target{Kind: orders.ToNewest}}
	p, before := d.preview(skip), on.places(t, top, group)
	makeTopic(t, on.node(t), top, 5)
	eventually(t, 40*time.Second, func() string { // name servers hear of it some time after
		if now := d.preview(skip); len(now.Lines) != 5 {
			return fmt.Sprintf("%+v", now)
		}
		return ""
	})
	changed := (*orders.ChangedError)(nil)
	if _, err := d.conn.ChangeOffsets(t.Context(), p, agreed(p), nil); !errors.As(err, &changed) || changed.What != orders.OtherQueues || len(changed.Now.Lines) != 5 {
		t.Fatalf("a queue more: %v", err)
	}
	if got := on.places(t, top, group)[:4]; !slices.Equal(got, before) {
		t.Errorf("it is at %v", got)
	}
	if _, r := d.order(changed.Now.Order); slices.ContainsFunc(r.Queues, func(q orders.Done) bool { return q.State != orders.Set }) {
		t.Errorf("%+v", r)
	}
	if now := d.preview(skip); now.Moves() > 0 || now.Behind > 0 {
		t.Errorf("%+v", now)
	}
}

// afterReset: where a broker has put a group, and nobody has pulled there yet, a position
// that is set does not count; the order gets there all the same.
func (d *desk) afterReset(on *server, top, group string) {
	t := d.t.(*testing.T)
	t.Helper()
	on.call(t, &remoting.Command{Code: remoting.ResetOffset, ExtFields: map[string]string{
		"topic": top, "group": group, "timestamp": "0", "isForce": "true", "queueId": "1", "offset": "1",
	}})
	_, r := d.order(orders.Offsets{Group: group, Topic: top, To: orders.Target{Kind: orders.ToOffset, Count: 4}})
	if got := on.places(t, top, group); !slices.Equal(got, []int64{4, 4, 4, 4}) || r.Queues[1].From != 1 || r.Queues[1].State != orders.Set {
		t.Errorf("after a reset it is at %v: %+v", got, r)
	}
}

// movesAndBack puts a group, which is at 2 in each of four queues, somewhere and back.
func (d *desk) movesAndBack(on *server, top, group string, x moved) {
	t := d.t.(*testing.T)
	t.Helper()
	p, r := d.order(orders.Offsets{Group: group, Topic: top, To: x.to, Queues: x.queues})
	skipped, again, known := p.Sum()
	outside := 0
	for _, l := range p.Lines {
		if l.Wanted >= 0 {
			outside++
		}
	}
	if skipped != x.skipped || again != x.again || !known || outside != x.outside || p.Online() || len(p.Missing) > 0 {
		t.Errorf("%s: skips %d, again %d, outside %d: %+v", x.name, skipped, again, outside, p)
	}
	if got := on.places(t, top, group); !slices.Equal(got, x.want) {
		t.Errorf("%s: it is at %v: %+v", x.name, got, r)
	}
	if i := slices.IndexFunc(r.Queues, func(q orders.Done) bool { return q.State != orders.Set }); i >= 0 || r.Ended.IsZero() {
		t.Errorf("%s: %+v", x.name, r)
	}
	if x.to.Kind == orders.ToNewest {
		on.sameAsMqadmin(t, top, group, x.want)
	}
	back, ok := r.Back()
	if !ok {
		t.Fatalf("%s: nothing to put back: %+v", x.name, r)
	}
	if _, r = d.order(back); r.Order.To.Back == "" {
		t.Errorf("%s: put back: %+v", x.name, r)
	}
	if got := on.places(t, top, group); !slices.Equal(got, []int64{2, 2, 2, 2}) {
		t.Errorf("%s: put back to %v", x.name, got)
	}
}

// sameAsMqadmin: RocketMQ's own tool says that the group is there too.
func (s *server) sameAsMqadmin(t *testing.T, topic, group string, want []int64) {
	t.Helper()
	if s.proxy {
		return
	}
	makeTopic(t, s.node(t), "%RETRY%"+group, 1) // without which it says nothing
	said, _ := s.officialProgress(t, group)
	places := map[string]int64{}
	for q, x := range said {
		if strings.HasPrefix(q, topic+" ") {
			places[q] = x[1]
		}
	}
	wanted := map[string]int64{}
	for i, n := range want {
		wanted[fmt.Sprintf("%s %s/%d", topic, s.broker(), i)] = n
	}
	if !maps.Equal(places, wanted) {
		t.Errorf("mqadmin says %v, want %v", places, wanted)
	}
}

// refusedOffsets: nothing happens that was not agreed to, or to what does not exist.
func refusedOffsets(t *testing.T, on *server, d *desk, o orders.Offsets) {
	t.Helper()
	p, before := d.preview(o), on.places(t, o.Topic, o.Group)
	for name, yes := range map[string]client.Confirmed{
		"nothing": {}, "another topic": {Topic: "x", Count: int64(p.Moves())}, "another count": {Topic: p.Subject(), Count: 1},
	} {
		if _, err := d.conn.ChangeOffsets(t.Context(), p, yes, nil); !errors.Is(err, fault.NotConfirmed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	on.sendRaw(t, o.Topic, 0, "one more") // which does not matter
	on.commit(t, o.Topic, o.Group, 1, int(before[1])-1)
	moved := (*orders.ChangedError)(nil)
	if _, err := d.conn.ChangeOffsets(t.Context(), p, agreed(p), nil); !errors.As(err, &moved) || moved.What != orders.Moved || moved.Now.Lines[1].From != before[1]-1 {
		t.Errorf("put back meanwhile: %v", err)
	}
	on.commit(t, o.Topic, o.Group, 1, int(before[1]))
	if got := on.places(t, o.Topic, o.Group); !slices.Equal(got, before) {
		t.Errorf("it is at %v", got)
	}
	for name, x := range map[string]struct {
		o    orders.Offsets
		want error
	}{
		"no topic":     {orders.Offsets{Group: o.Group, Topic: on.profile.FullName("no-such-topic"), To: o.To}, fault.TopicNotFound},
		"a system one": {orders.Offsets{Group: o.Group, Topic: "SCHEDULE_TOPIC_XXXX", To: o.To}, fault.Invalid},
		"no group":     {orders.Offsets{Group: on.profile.FullName("no-such-group"), Topic: o.Topic, To: o.To}, fault.GroupNotFound},
	} {
		if on.proxy && x.want == fault.GroupNotFound {
			continue // it lists none; the broker refuses when it is told
		}
		if _, err := d.conn.PreviewOffsets(t.Context(), x.o); !errors.Is(err, x.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// liveOffsets: members follow, and what can only be done without them is said.
func liveOffsets(t *testing.T, on *server) {
	d, top := on.desk(t), on.topic(t, 4)
	s := on.spec(t, top)
	s.From = profile.FromEarliest
	for q := range 4 {
		for i := range 5 {
			on.sendRaw(t, top, q, fmt.Sprint(i))
		}
	}
	on.dispatched(t, top, 20)
	on.commitAll(t, top, s.Group)
	earliest := orders.Offsets{Group: s.Group, Topic: top, To: orders.Target{Kind: orders.ToEarliest}}
	idle := d.preview(orders.Offsets{Group: s.Group, Topic: top, To: orders.Target{Kind: orders.ToNewest}})
	sub := d.subscribe(s)
	wait(t, sub, 20, 40*time.Second)
	changed := (*orders.ChangedError)(nil)
	if _, err := d.conn.ChangeOffsets(t.Context(), idle, agreed(idle), nil); !errors.As(err, &changed) || changed.What != orders.CameOnline {
		t.Errorf("members came: %v", err)
	}
	finer := d.preview(orders.Offsets{Group: s.Group, Topic: top, To: earliest.To, Queues: []cluster.Queue{{Broker: on.broker(), ID: 1}}})
	if stop := on.old || on.proxy; errors.Is(finer.Why, fault.MembersInTheWay) != stop {
		t.Errorf("one queue: %+v", finer)
	}
	if on.proxy {
		if p := d.preview(earliest); !errors.Is(p.Why, fault.MembersInTheWay) {
			t.Errorf("%+v", p)
		}
		return
	}
	eventually(t, 30*time.Second, func() string { // what was taken is committed
		if got := on.places(t, top, s.Group); !slices.Equal(got, []int64{5, 5, 5, 5}) {
			return fmt.Sprint(got)
		}
		return ""
	})
	// An old broker's members only show where they were put while they have not consumed it
	// all again, and a Go member's own word cannot be read: it holds the messages meanwhile.
	if on.old {
		if err := sub.Pause(); err != nil {
			t.Fatal(err)
		}
	}
	// A member of client-go that is told of several queues at once may lose some (see package
	// orders); an old broker tells it all of them in one.
	again, queues := uint64(20), 4
	if !on.old {
		again, queues, earliest = 5, 1, finer.Order
	}
	p, r := d.order(earliest)
	if on.old {
		if err := sub.Resume(); err != nil {
			t.Fatal(err)
		}
	}
	if _, n, known := p.Sum(); n != int64(again) || !known || len(p.Members) != 1 {
		t.Errorf("%+v", p)
	}
	if i := slices.IndexFunc(r.Queues, func(q orders.Done) bool { return q.State != orders.Followed }); i >= 0 || len(r.Queues) != queues {
		t.Errorf("%+v", r)
	}
	wait(t, sub, 20+int(again), 60*time.Second)
}

// javaOffsets: a Java member follows.
func javaOffsets(t *testing.T, on *server) {
	d, top := on.desk(t), on.topic(t, 4)
	group := session.NewGroupName()
	for q := range 4 {
		for i := range 5 {
			on.sendRaw(t, top, q, fmt.Sprint(i))
		}
	}
	on.dispatched(t, top, 20)
	on.commitAll(t, top, group)
	on.javaMember(t, top, group)
	taken := func() string {
		if got := on.places(t, top, group); !slices.Equal(got, []int64{5, 5, 5, 5}) {
			return fmt.Sprint(got)
		}
		return ""
	}
	eventually(t, 90*time.Second, taken)
	p, r := d.order(orders.Offsets{Group: group, Topic: top, To: orders.Target{Kind: orders.ToEarliest}})
	if _, again, known := p.Sum(); again != 20 || !known || len(p.Members) != 1 {
		t.Errorf("%+v", p)
	}
	if i := slices.IndexFunc(r.Queues, func(q orders.Done) bool { return q.State != orders.Followed }); i >= 0 || len(r.Queues) != 4 {
		t.Errorf("%+v", r)
	}
	eventually(t, 60*time.Second, taken) // and has taken them once more
	if on.old {
		return
	}
	p, r = d.order(orders.Offsets{Group: group, Topic: top, To: orders.Target{Kind: orders.ToOffset, Count: 3}, Queues: []cluster.Queue{{ID: 2}}})
	if _, again, _ := p.Sum(); again != 2 || len(r.Queues) != 1 || r.Queues[0].State != orders.Followed {
		t.Errorf("one queue: %+v: %+v", p, r)
	}
	eventually(t, 60*time.Second, taken)
}

// commitAll gives a group a position in each of four queues: 4.x puts only groups that have.
func (s *server) commitAll(t *testing.T, topic, group string) {
	t.Helper()
	s.createGroup(t, group)
	for q := range 4 {
		s.commit(t, topic, group, q, 0)
	}
}

// broadcastOffsets: where members keep their positions there is nothing to change.
func broadcastOffsets(t *testing.T, on *server) {
	d, top := on.desk(t), on.topic(t, 2)
	s := on.spec(t, top)
	s.Broadcast = true
	sub := d.subscribe(s)
	waitState(t, sub, 30*time.Second, session.Receiving)
	var p *orders.Preview
	eventually(t, 30*time.Second, func() string {
		if p = d.preview(orders.Offsets{Group: s.Group, Topic: top, To: orders.Target{Kind: orders.ToEarliest}}); !p.Online() {
			return "nobody is there"
		}
		return ""
	})
	if !errors.Is(p.Why, fault.Broadcasts) {
		t.Errorf("%+v", p)
	}
	if _, err := d.conn.ChangeOffsets(t.Context(), p, agreed(p), nil); !errors.Is(err, fault.Broadcasts) {
		t.Error(err)
	}
}

// TestOrdersAreGuarded: a read-only connection may look and changes nothing; production
// wants its name.
func TestOrdersAreGuarded(t *testing.T) {
	t.Parallel()
	on := serverOf("sandbox")
	top, group := on.topic(t, 1), session.NewGroupName()
	on.createGroup(t, group)
	on.sendRaw(t, top, 0, "one")
	on.dispatched(t, top, 1)
	skip := orders.Offsets{Group: group, Topic: top, To: orders.Target{Kind: orders.ToNewest}}
	p := on.at(t)
	p.ReadOnly = true
	d := deskAt(t, p, on.secret)
	look := d.preview(skip)
	if _, err := d.conn.ChangeOffsets(t.Context(), look, agreed(look), nil); !errors.Is(err, fault.ReadOnly) || look.Moves() != 1 {
		t.Errorf("read-only: %v, %+v", err, look)
	}
	p.ReadOnly, p.Environment = false, profile.Production
	d = deskAt(t, p, on.secret)
	look = d.preview(skip)
	yes := agreed(look)
	if _, err := d.conn.ChangeOffsets(t.Context(), look, yes, nil); !errors.Is(err, fault.NotConfirmed) {
		t.Errorf("production without its name: %v", err)
	}
	if got := on.places(t, top, group); got[0] != -1 {
		t.Errorf("it is at %v", got)
	}
	yes.Name = p.Name
	if r, err := d.conn.ChangeOffsets(t.Context(), look, yes, nil); err != nil || !r.Production || r.Queues[0].From != -1 {
		t.Errorf("%+v, %v", r, err)
	}
	if got := on.places(t, top, group); got[0] != 1 {
		t.Errorf("it is at %v", got)
	}
	var none *client.Connection
	if _, err := none.PreviewOffsets(t.Context(), skip); !errors.Is(err, fault.NotConnected) {
		t.Error(err)
	}
}
