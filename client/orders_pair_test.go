package client_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/orders"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
	"gantry/client/remoting"
	"gantry/client/session"
)

// partsOf counts the parts of a record by broker and state, and tells the brokers of those that
// failed, each once.
func partsOf(r orders.Record) (count map[string]int, failed []string) {
	count = map[string]int{}
	for _, q := range r.Queues {
		count[q.Broker+" "+string(q.State)]++
		if q.State == orders.Failed && !slices.Contains(failed, q.Broker) {
			failed = append(failed, q.Broker)
		}
	}
	return count, failed
}

// TestOneOfTwoBrokersRefuses: the one that gives no permission is named with what it says, the
// other one has done its part, and what failed is tried again alone. The names are as long as
// names may be, with signs that mean something elsewhere.
func TestOneOfTwoBrokersRefuses(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	d := p.desk()
	long := func(stem string) string { return stem + "%|" + strings.Repeat("x", 118-len(stem)) }
	top, group := long("topic"), long("group")
	p.refuse(remoting.CreateTopic)
	create := orders.Setup{Of: orders.Topics, Act: orders.Create, Names: []string{top}, Wish: orders.Wish{Read: ptr(2), Write: ptr(2)}}
	_, r := d.setUp(create)
	count, failed := partsOf(r)
	if len(r.Queues) != 2 || count[pairFirst+" set"] != 1 || !slices.Equal(failed, []string{pairSecond}) {
		t.Fatalf("%+v", r)
	}
	for _, q := range r.Queues {
		if said := q.Err; (said != nil) != (q.Broker == pairSecond) || said != nil && (!errors.Is(said, fault.NotPermitted) || !strings.Contains(said.Error(), "no permission for this")) {
			t.Errorf("%s: %v", q.Broker, said)
		}
	}
	p.refuse()
	rest, ok := r.FailedSetup()
	if !ok || len(rest.Exact) != 1 || rest.Exact[0].Broker != pairSecond {
		t.Fatalf("%+v", rest)
	}
	_, r = d.setUp(rest)
	allSet(t, r, 1)
	d.setUp(orders.Setup{Of: orders.Groups, Act: orders.Create, Names: []string{group}})
	d.send(top, "", "1", "2", "3", "4", "5", "6", "7", "8")

	p.refuse(remoting.UpdateConsumerOffset)
	look, moved := d.order(orders.Offsets{Group: group, Topic: top, To: orders.Target{Kind: orders.ToNewest}})
	count, failed = partsOf(moved)
	if len(look.Lines) != 4 || count[pairFirst+" set"] != 2 || count[pairSecond+" failed"] != 2 || len(failed) != 1 {
		t.Fatalf("%+v", moved)
	}
	p.refuse()
	again, ok := moved.Failed()
	if !ok || len(again.Queues) != 2 || slices.ContainsFunc(again.Queues, func(q cluster.Queue) bool { return q.Broker != pairSecond }) {
		t.Fatalf("%+v", again)
	}
	look, moved = d.order(again)
	if count, failed = partsOf(moved); len(look.Lines) != 2 || count[pairSecond+" set"] != 2 || len(failed) > 0 {
		t.Errorf("%+v", moved)
	}
	if look := d.preview(orders.Offsets{Group: group, Topic: top, To: orders.Target{Kind: orders.ToNewest}}); look.Moves() != 0 || len(look.Lines) != 4 || look.Behind != 0 {
		t.Errorf("%+v", look)
	}
	found, err := d.client.Diary.List()
	if err != nil || len(found) != 5 || found[0].Topic() != top || found[0].Group() != group {
		t.Errorf("%d in the diary, %v", len(found), err)
	}
}

// TestOneOfTwoBrokersFreezesInAnOrder: a broker that falls silent while a group is put somewhere is
// named; where it put the group is not known, so both are offered: to put back, and to try again.
func TestOneOfTwoBrokersFreezesInAnOrder(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	d := p.desk()
	top, group := "frozen-topic", "frozen-group"
	d.setUp(orders.Setup{Of: orders.Topics, Act: orders.Create, Names: []string{top}, Wish: orders.Wish{Read: ptr(2), Write: ptr(2)}})
	d.setUp(orders.Setup{Of: orders.Groups, Act: orders.Create, Names: []string{group}})
	d.send(top, "", "1", "2", "3", "4", "5", "6", "7", "8")
	d.order(orders.Offsets{Group: group, Topic: top, To: orders.Target{Kind: orders.ToEarliest}})
	skip := orders.Offsets{Group: group, Topic: top, To: orders.Target{Kind: orders.ToNewest}}
	look := d.preview(skip)
	p.freezeAt(remoting.UpdateConsumerOffset)
	r, err := d.conn.ChangeOffsets(t.Context(), look, agreed(look), nil)
	count, failed := partsOf(r)
	if err != nil || len(r.Queues) != 4 || count[pairSecond+" failed"] != 2 || !slices.Contains(failed, pairSecond) {
		t.Errorf("%v: %+v", err, r)
	}
	for _, q := range r.Queues {
		if q.State == orders.Failed && !errors.Is(q.Err, fault.Timeout) {
			t.Errorf("%s: %v", q.Broker, q.Err)
		}
	}
	if back, ok := r.Back(); !ok || len(back.Queues) != 4 {
		t.Errorf("put back: %+v", back)
	}
	p.thaw()
	again, ok := r.Failed()
	if !ok {
		t.Fatalf("%+v", r)
	}
	eventually(t, 60*time.Second, func() string { // it is left alone for a while
		now, err := d.conn.PreviewOffsets(t.Context(), again)
		if err != nil || len(now.Missing) > 0 || len(now.Lines) != len(again.Queues) {
			return fmt.Sprintf("%+v, %v", now, err)
		}
		return ""
	})
	if now := d.preview(again); now.Moves() > 0 {
		d.order(again)
	}
	if look := d.preview(skip); look.Moves() != 0 || len(look.Lines) != 4 {
		t.Errorf("%+v", look)
	}
}

// TestRedeliveryRefusedByOneBroker: what the one lets nobody send is refused, named and sent again
// on request, and nothing is there twice; the role is told before where it may not see the group.
func TestRedeliveryRefusedByOneBroker(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	d := p.desk()
	group, n := session.NewGroupName(), 40
	top := message.RetryTopic(group)
	a := admin.New(admin.Config{NameServers: []string{p.nameServer}})
	defer a.Close()
	l, err := a.Cluster(t.Context())
	if err == nil {
		err = a.CreateTopic(t.Context(), l.Masters(), top, 2, "")
	}
	if err != nil {
		t.Fatal(err)
	}
	copied := d.copyOf(markedDead(group, "first", n)...)
	pl := &plan.Plan{Texts: plan.Texts{Topic: top}, AtOnce: 1, Prove: true}
	copied.Replay(pl, nil)
	pl.Replay.Redelivers, pl.Replay.OnlyGroup = message.DeadLetterTopic(group), true
	if err := d.conn.Prepare(t.Context(), pl); err != nil {
		t.Fatal(err)
	}
	p.refuse(remoting.SendMessage, remoting.ConsumerConnections)
	if who, err := d.conn.RetriesOf(t.Context(), group); err != nil || len(who.Missing) != 1 || who.Missing[0].Broker != pairSecond || !errors.Is(who.Missing[0], fault.NotPermitted) {
		t.Errorf("%+v, %v", who, err)
	}
	r, err := d.conn.Begin(pl, client.Confirmed{Topic: top, Count: int64(n)}, copied.Fill)
	if err = errors.Join(err, copied.Close()); err != nil {
		t.Fatal(err)
	}
	st := over(t, r, 60*time.Second)
	if half := int64(n / 2); st.Phase != outbox.Complete || st.Counts.Stored != half || st.Counts.Failed != half {
		t.Fatalf("%+v", st)
	}
	failed := r.States(outbox.Failed, n)
	for _, row := range failed {
		if x, err := r.Sent(row); err != nil || !errors.Is(x.Receipt.Fault, fault.NotPermitted) {
			t.Fatalf("%+v, %v", x, err)
		}
	}
	p.refuse()
	if err := d.conn.SendAgain(r, failed, client.Confirmed{Topic: top, Count: int64(len(failed))}); err != nil {
		t.Fatal(err)
	}
	if st := over(t, r, 60*time.Second); st.Counts.Stored != int64(n) || st.Counts.Failed != 0 {
		t.Errorf("%+v", st)
	}
	marks := d.marks(top)
	for mark, times := range marks {
		if times != 1 {
			t.Errorf("%s is there %d times", mark, times)
		}
	}
	if len(marks) != n {
		t.Errorf("%d are there", len(marks))
	}
}
