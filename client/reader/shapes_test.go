package reader

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/remoting"
	"gantry/client/testserver"
)

// found is what a query found, as broker/queue@offset=body, sorted.
func found(t *testing.T, a *admin.Client, q cluster.Query) (all []string, last cluster.Progress, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	q.Topic = "T"
	err = Run(ctx, a, q, func(broker string, stored []byte) error {
		m, _, err := message.ParseStored(stored)
		all = append(all, fmt.Sprintf("%s/%d@%d=%s", broker, m.QueueID, m.QueueOffset, m.Body))
		return err
	}, func(p cluster.Progress) { last = p })
	slices.Sort(all)
	return all, last, err
}

// subjects are the parts that failed for a reason.
func subjects(p cluster.Progress, reason error) (all []string) {
	for _, f := range p.Missed {
		if errors.Is(f.Why, reason) {
			all = append(all, f.Subject)
		}
	}
	slices.Sort(all)
	return all
}

// twoBrokers are a, which is also the name server, and b; each has queues with a message.
func twoBrokers(t *testing.T, queues int) (fa, fb *fake, a *admin.Client) {
	t.Helper()
	fa, a = newFake(t, queues)
	fb, _ = newFake(t, queues)
	for q := range queues {
		fa.put(q, int64(q), "x", fmt.Sprint("a", q))
		fb.put(q, int64(q), "x", fmt.Sprint("b", q))
	}
	fa.locked(func() {
		fa.route = routeOf(queues, map[string]string{"a": `0:"` + fa.addr + `"`, "b": `0:"` + fb.addr + `"`}, nil, "")
	})
	return fa, fb, a
}

// routeOf is a route of brokers with these addresses; perms are 6 unless they are given.
func routeOf(queues int, addrs map[string]string, perms map[string]int, mapping string) string {
	var brokers, data []string
	for name, addr := range addrs {
		perm, set := perms[name]
		if !set {
			perm = 6
		}
		brokers = append(brokers, fmt.Sprintf(`{"brokerAddrs":{%s},"brokerName":%q,"cluster":"C"}`, addr, name))
		data = append(data, fmt.Sprintf(`{"brokerName":%q,"perm":%d,"readQueueNums":%d,"writeQueueNums":%d}`, name, perm, queues, queues))
	}
	return fmt.Sprintf(`{"brokerDatas":[%s],"queueDatas":[%s]%s}`, strings.Join(brokers, ","), strings.Join(data, ","), mapping)
}

// TestC2OneBrokerIsAway: what answers is read, what does not is named.
func TestC2OneBrokerIsAway(t *testing.T) {
	t.Parallel()
	fa, fb, a := twoBrokers(t, 2)
	nowhere := testserver.Nowhere(t)
	fa.locked(func() { fa.route = strings.Replace(fa.route, fb.addr, nowhere, 1) })
	for _, kind := range []cluster.QueryKind{cluster.ByTime, cluster.Newest} {
		got, p, err := found(t, a, cluster.Query{Kind: kind, Count: 10})
		if err != nil || !slices.Equal(got, []string{"a/0@0=a0", "a/1@0=a1"}) || !slices.Equal(subjects(p, fault.Unreachable), []string{"b/0", "b/1"}) {
			t.Errorf("%s: %q, %+v, %v", kind, got, p, err)
		}
	}
	floors, missing, err := a.StartFloors(t.Context(), mustRoute(t, a), "T", admin.Start{Kind: admin.Now})
	if want := (map[cluster.Queue]int64{{Broker: "a", ID: 0}: 1, {Broker: "a", ID: 1}: 1}); err != nil || !cmp.Equal(floors, want) || !slices.Equal(missing.Names(), []string{"b"}) {
		t.Errorf("%v, %v, %v", floors, missing, err)
	}
}

func mustRoute(t *testing.T, a *admin.Client) cluster.Route {
	t.Helper()
	r, err := a.Route(t.Context(), "T")
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestC2TakenUpAgain: a follow begins without the broker that does not answer, and reads it
// when it does.
func TestC2TakenUpAgain(t *testing.T) {
	t.Parallel()
	_, fb, a := twoBrokers(t, 1)
	back := make(chan struct{})
	fb.locked(func() {
		fb.before = func(*remoting.Command) bool {
			select {
			case <-back:
				return true
			default:
				return false
			}
		}
	})
	failed := make(chan struct{}, 100)
	k := &kept{onFail: func() { failed <- struct{}{} }}
	followInto(t, a, map[cluster.Queue]int64{{Broker: "a"}: 0, {Broker: "b"}: 0}, k)
	if got := k.until(t, 1); !slices.Equal(got, []string{"a0"}) {
		t.Errorf("%q", got)
	}
	<-failed
	close(back)
	if got := k.until(t, 2); !slices.Equal(got, []string{"a0", "b0"}) {
		t.Errorf("%q", got)
	}
}

// TestC3ReplicaIsRead: where the master is gone, or does not answer, its replica is, by its
// index if it takes no pulls.
func TestC3ReplicaIsRead(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		master  func(t testing.TB) string
		rejects bool
	}{
		"gone":                          {nil, false},
		"gone, no pulls":                {nil, true},
		"still in the route":            {testserver.Nowhere, false},
		"still in the route, no pulls":  {testserver.Nowhere, true},
		"frozen":                        {frozen, false},
		"frozen, and one without pulls": {frozen, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			names, a := newFake(t, 2)
			replica, _ := newFake(t, 2)
			var want []string
			for i := range 80 {
				replica.put(i%2, int64(i), "x", fmt.Sprint(i))
				want = append(want, fmt.Sprintf("a/%d@%d=%d", i%2, i/2, i))
			}
			slices.Sort(want)
			addrs := `1:"` + replica.addr + `"`
			if c.master != nil {
				addrs = `0:"` + c.master(t) + `",` + addrs
			}
			names.locked(func() { names.route = routeOf(2, map[string]string{"a": addrs}, nil, "") })
			replica.locked(func() { replica.rejects = c.rejects })
			got, p, err := found(t, a, cluster.Query{Kind: cluster.ByTime})
			if diff := cmp.Diff(want, got); diff != "" || err != nil || len(p.Missed) > 0 {
				t.Errorf("%v, %+v: %s", err, p, diff)
			}
			_, k := follow(t, a, map[cluster.Queue]int64{{Broker: "a"}: 0, {Broker: "a", ID: 1}: 0})
			if got := k.until(t, 80); len(got) != 80 {
				t.Errorf("%d messages", len(got))
			}
			replica.put(0, 100, "x", "later")
			if got := k.until(t, 81); got[80] != "later" {
				t.Errorf("%q", got[80:])
			}
		})
	}
}

// frozen is the address of a server that takes connections and says nothing.
func frozen(t testing.TB) string {
	t.Helper()
	f, _ := newFake(t, 0)
	f.locked(func() { f.before = func(*remoting.Command) bool { return false } })
	return f.addr
}

// TestC3ReplicaIsBehind: one that has not yet what the master gave is waited for; nothing
// comes twice.
func TestC3ReplicaIsBehind(t *testing.T) {
	t.Parallel()
	names, a := newFake(t, 1)
	replica, _ := newFake(t, 1)
	for i := range 5 {
		replica.put(0, int64(i), "x", fmt.Sprint(i))
	}
	names.locked(func() { names.route = routeOf(1, map[string]string{"a": `1:"` + replica.addr + `"`}, nil, "") })
	asked := make(chan struct{}, 1000)
	replica.locked(func() {
		replica.before = func(q *remoting.Command) bool {
			if q.Code == remoting.PullMessage {
				asked <- struct{}{}
			}
			return true
		}
	})
	_, k := follow(t, a, map[cluster.Queue]int64{{Broker: "a"}: 7})
	for range 3 {
		<-asked // it does not have that
	}
	for i := 5; i < 9; i++ {
		replica.put(0, int64(i), "x", fmt.Sprint(i))
	}
	if got := k.until(t, 2); !slices.Equal(got, []string{"7", "8"}) {
		t.Errorf("%q", got)
	}
}

// TestC3MasterIsBack: it is read again where a replica was.
func TestC3MasterIsBack(t *testing.T) {
	t.Parallel()
	_, a := newFake(t, 1)
	master, _ := newFake(t, 1)
	replica, _ := newFake(t, 1)
	master.put(0, 1, "x", "0")
	replica.put(0, 1, "x", "0")
	k := &kept{}
	f := NewFollower(FollowConfig{
		Admin: a, Selection: cluster.Selection{Topic: "T", Group: cluster.ToolsGroup, Expression: "*"},
		Handle: k.handle, Failed: k.failed,
	})
	t.Cleanup(func() { _ = f.Stop(5 * time.Second) })
	route := func(addrs map[int64]string) *cluster.Route {
		return &cluster.Route{Queues: []cluster.QueueData{{Broker: "a", Read: 1, Write: 1, Perm: 6}}, Brokers: []cluster.Broker{{Name: "a", Addrs: addrs}}}
	}
	b := newBrokerReader(f, "a", route(map[int64]string{1: replica.addr}))
	b.add(cluster.Queue{Broker: "a"}, 0)
	f.work.Go(b.run)
	k.until(t, 1)
	b.moved(route(map[int64]string{0: master.addr, 1: replica.addr}))
	master.put(0, 2, "x", "1") // the replica does not hear of it
	if got := k.until(t, 2); !slices.Equal(got, []string{"0", "1"}) {
		t.Errorf("%q", got)
	}
}

// static makes a static topic of four logical queues: a leads 1 and 3, b leads 0 and 2.
// Each holds messages with its number; those of 3 begin at 10,000 after ten, as of a queue
// that was moved.
func static(t *testing.T) (fa, fb *fake, a *admin.Client, want []string) {
	t.Helper()
	fa, a = newFake(t, 4)
	fb, _ = newFake(t, 4)
	fa.locked(func() { fa.leads = map[int]physical{1: {0, 0}, 3: {1, 5}} })
	fb.locked(func() { fb.leads = map[int]physical{0: {0, 0}, 2: {1, 0}} })
	for q := range 4 {
		f, name := fb, "b"
		if q%2 == 1 {
			f, name = fa, "a"
		}
		for i := range 40 {
			f.put(q, int64(i*4+q), "x", fmt.Sprint(q, "-", i))
			want = append(want, fmt.Sprintf("%s/%d@%d=%d-%d", name, q, i, q, i))
		}
	}
	slices.Sort(want)
	fa.locked(func() { fa.route = staticRoute(fa, fb, `{1:0,3:1}`, `{0:0,2:1}`, 7) })
	return fa, fb, a, want
}

func staticRoute(fa, fb *fake, ofA, ofB string, epoch int) string {
	info := func(name, leads string) string {
		return fmt.Sprintf(`%q:{"bname":%q,"currIdMap":%s,"dirty":false,"epoch":%d,"scope":"__global__","topic":"T","totalQueues":4}`, name, name, leads, epoch)
	}
	return routeOf(2, map[string]string{"a": `0:"` + fa.addr + `"`, "b": `0:"` + fb.addr + `"`}, nil,
		`,"topicQueueMappingByBroker":{`+info("a", ofA)+","+info("b", ofB)+`}`)
}

// TestC1LogicalQueues: of a static topic the logical queues are read, at their leaders,
// with their own numbers and offsets.
func TestC1LogicalQueues(t *testing.T) {
	t.Parallel()
	fa, fb, a, want := static(t)
	for _, kind := range []cluster.QueryKind{cluster.ByTime, cluster.Newest} {
		got, p, err := found(t, a, cluster.Query{Kind: kind, Count: 1000})
		if diff := cmp.Diff(want, got); diff != "" || err != nil || len(p.Missed) > 0 {
			t.Errorf("%s: %v, %+v: %s", kind, err, p, diff)
		}
	}
	got, p, err := found(t, a, cluster.Query{Kind: cluster.ByOffset, Queue: cluster.Queue{Broker: "a", ID: 3}, Offset: 38, Count: 10})
	if !slices.Equal(got, []string{"a/3@38=3-38", "a/3@39=3-39"}) || err != nil {
		t.Errorf("%q, %+v, %v", got, p, err)
	}
	floors, _, err := a.StartFloors(t.Context(), mustRoute(t, a), "T", admin.Start{Kind: admin.Now})
	if err != nil || len(floors) != 4 || floors[cluster.Queue{Broker: "b", ID: 2}] != 40 {
		t.Errorf("%v, %v", floors, err)
	}
	_, k := follow(t, a, map[cluster.Queue]int64{{Broker: "a", ID: 1}: 39, {Broker: "a", ID: 3}: 39, {Broker: "b", ID: 0}: 39, {Broker: "b", ID: 2}: 39})
	bodies := k.until(t, 4)
	slices.Sort(bodies)
	if !slices.Equal(bodies, []string{"0-39", "1-39", "2-39", "3-39"}) {
		t.Errorf("%q", bodies)
	}
	fa.locked(func() { // a is away: its mapping stays
		fa.route = strings.Replace(staticRoute(fa, fb, `{1:0,3:1}`, `{0:0,2:1}`, 7), `{"brokerAddrs":{0:"`+fa.addr+`"},"brokerName":"a","cluster":"C"}`, `{"brokerAddrs":{},"brokerName":"a","cluster":"C"}`, 1)
	})
	if _, p, err = found(t, a, cluster.Query{Kind: cluster.ByTime}); err != nil || !slices.Equal(subjects(p, fault.NoBroker), []string{"a/1", "a/3"}) {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestC1LeaderMoves: a queue that another broker leads from now on goes on there.
func TestC1LeaderMoves(t *testing.T) {
	t.Parallel()
	fa, fb, a, _ := static(t)
	k := &kept{}
	f := NewFollower(FollowConfig{
		Admin: a, Selection: cluster.Selection{Topic: "T", Group: cluster.ToolsGroup, Expression: "*"},
		Start:  func(cluster.Queue) (int64, bool) { return 39, true },
		Handle: k.handle, Failed: k.failed,
	})
	t.Cleanup(func() { _ = f.Stop(5 * time.Second) })
	brokers, known := map[string]*brokerReader{}, map[cluster.Queue]bool{}
	f.spread(mustRoute(t, a), brokers, known)
	k.until(t, 4)
	fb.locked(func() {
		fb.leads[1] = physical{2, 0}
		fb.queues[1] = slices.Clone(fa.queues[1])
	})
	fa.locked(func() {
		delete(fa.leads, 1)
		fa.route = staticRoute(fa, fb, `{3:1}`, `{0:0,2:1,1:2}`, 8)
	})
	f.spread(mustRoute(t, a), brokers, known)
	fb.put(1, 1000, "x", "moved")
	if got := k.until(t, 5); got[4] != "moved" || len(got) != 5 || known[cluster.Queue{Broker: "a", ID: 1}] || !known[cluster.Queue{Broker: "b", ID: 1}] {
		t.Errorf("%q, %v", got, known)
	}
}

// TestA8Perms: what may not be read is an error of its own, by broker.
func TestA8Perms(t *testing.T) {
	t.Parallel()
	fa, fb, a := twoBrokers(t, 1)
	perms := func(ofA, ofB int) {
		fa.locked(func() {
			fa.route = routeOf(1, map[string]string{"a": `0:"` + fa.addr + `"`, "b": `0:"` + fb.addr + `"`}, map[string]int{"a": ofA, "b": ofB}, "")
		})
	}
	for _, perm := range []int{0, 2, 3} {
		perms(perm, perm)
		for _, kind := range []cluster.QueryKind{cluster.ByTime, cluster.Newest, cluster.ByOffset} {
			got, _, err := found(t, a, cluster.Query{Kind: kind, Count: 10, Queue: cluster.Queue{Broker: "a"}})
			if !errors.Is(err, fault.NotReadable) || len(got) > 0 {
				t.Errorf("perm %d, %s: %q, %v", perm, kind, got, err)
			}
		}
	}
	perms(6, 2)
	got, p, err := found(t, a, cluster.Query{Kind: cluster.ByTime})
	if err != nil || !slices.Equal(got, []string{"a/0@0=a0"}) || !slices.Equal(subjects(p, fault.NotReadable), []string{"b"}) {
		t.Errorf("%q, %+v, %v", got, p, err)
	}
	failed := make(chan struct{}, 100)
	k := &kept{onFail: func() { failed <- struct{}{} }}
	followInto(t, a, map[cluster.Queue]int64{{Broker: "a"}: 0, {Broker: "b"}: 0}, k)
	<-failed
	if errs := k.failures(); !errors.Is(errs[0], fault.NotReadable) || !slices.Equal(k.until(t, 1), []string{"a0"}) {
		t.Errorf("%v", errs)
	}
}

// innerBatch is an inner batch of n messages with keys.
func innerBatch(queue int, offset int64, n int) *message.Message {
	var body []byte
	for i := range n {
		props := fmt.Sprintf("KEYS\x01key-%d\x02TAGS\x01x\x02", i)
		text := fmt.Sprint("inner ", i)
		body = binary.BigEndian.AppendUint32(body, uint32(20+len(text)+2+len(props)))
		body = append(body, make([]byte, 12)...)
		body = binary.BigEndian.AppendUint32(body, uint32(len(text)))
		body = append(body, text...)
		body = binary.BigEndian.AppendUint16(body, uint16(len(props)))
		body = append(body, props...)
	}
	return &message.Message{Topic: "T", QueueID: queue, QueueOffset: offset, SysFlag: 0xC0, Body: body, StoredAt: begun, CommitLogOffset: 77}
}

// TestB4InnerBatches: they are taken apart for lists, follows and words, and begin where
// they were asked to.
func TestB4InnerBatches(t *testing.T) {
	t.Parallel()
	f, a := newFake(t, 1)
	f.locked(func() { f.queues[0] = make([]*message.Message, 9); f.queues[0][0] = innerBatch(0, 0, 9) })
	var want []string
	for i := range 9 {
		want = append(want, fmt.Sprintf("a/0@%d=inner %d", i, i))
	}
	for name, c := range map[string]struct {
		q    cluster.Query
		want []string
	}{
		"all":    {cluster.Query{Kind: cluster.ByTime}, want},
		"newest": {cluster.Query{Kind: cluster.Newest, Count: 2}, want[7:]},
		"middle": {cluster.Query{Kind: cluster.ByOffset, Queue: cluster.Queue{Broker: "a"}, Offset: 3, Count: 4}, want[3:7]},
		"words":  {cluster.Query{Kind: cluster.ByTime, Filter: "key-5"}, want[5:6]},
	} {
		if got, p, err := found(t, a, c.q); err != nil || !slices.Equal(got, c.want) || len(p.Missed) > 0 {
			t.Errorf("%s: %q, %+v, %v", name, got, p, err)
		}
	}
	_, k := follow(t, a, map[cluster.Queue]int64{{Broker: "a"}: 4})
	if got := k.until(t, 5); !slices.Equal(got, []string{"inner 4", "inner 5", "inner 6", "inner 7", "inner 8"}) {
		t.Errorf("%q", got)
	}
}

// TestB5EmptyBatchQueue: a minimum of -1 is an empty queue, where a follow waits.
func TestB5EmptyBatchQueue(t *testing.T) {
	t.Parallel()
	f, a := newFake(t, 2)
	f.locked(func() { f.batchCQ = true })
	f.put(1, 1, "x", "one")
	if got, p, err := found(t, a, cluster.Query{Kind: cluster.ByTime}); err != nil || len(got) != 1 || len(p.Missed) > 0 {
		t.Errorf("%q, %+v, %v", got, p, err)
	}
	_, k := follow(t, a, map[cluster.Queue]int64{{Broker: "a"}: 0, {Broker: "a", ID: 1}: 0})
	k.until(t, 1)
	f.put(0, 2, "x", "two")
	if got := k.until(t, 2); !slices.Equal(got, []string{"one", "two"}) || len(k.failures()) > 0 {
		t.Errorf("%q, %v", got, k.failures())
	}
}

// TestB6Compacted: what is kept of a compacted topic comes whole, though its answers tell a
// minimum above what was asked for (a real 5.5.0: asked for 0, messages from 172 on,
// minimum 172, next 177), and the newest are looked for behind the gaps.
func TestB6Compacted(t *testing.T) {
	t.Parallel()
	f, a := newFake(t, 1)
	var want []string
	for i := range 300 {
		f.put(0, int64(i), "x", fmt.Sprint(i))
		if i%50 == 7 {
			want = append(want, fmt.Sprintf("a/0@%d=%d", i, i))
		}
	}
	f.locked(func() {
		f.compacted = 172
		f.match = func(m *message.Message) bool { return m.QueueOffset%50 == 7 }
	})
	slices.Sort(want)
	for _, q := range []cluster.Query{{Kind: cluster.ByTime}, {Kind: cluster.Newest, Count: 6}} {
		if got, p, err := found(t, a, q); err != nil || !slices.Equal(got, want) || len(p.Missed) > 0 {
			t.Errorf("%s: %q, %+v, %v", q.Kind, got, p, err)
		}
	}
	if got, _, err := found(t, a, cluster.Query{Kind: cluster.Newest, Count: 2}); err != nil || !slices.Equal(got, []string{"a/0@207=207", "a/0@257=257"}) {
		t.Errorf("%q, %v", got, err)
	}
	r, k := follow(t, a, map[cluster.Queue]int64{{Broker: "a"}: 0})
	if got := k.until(t, 6); len(got) != 6 || r.Missed() != 0 {
		t.Errorf("%q, missed %d", got, r.Missed())
	}
}

// TestC3LostConnection: a connection that is lost is made again to the master, not to its
// replica.
func TestC3LostConnection(t *testing.T) {
	t.Parallel()
	names, a := newFake(t, 1)
	master, _ := newFake(t, 1)
	replica, _ := newFake(t, 1)
	master.put(0, 1, "x", "0")
	names.locked(func() {
		names.route = routeOf(1, map[string]string{"a": `0:"` + master.addr + `",1:"` + replica.addr + `"`}, nil, "")
	})
	_, k := follow(t, a, map[cluster.Queue]int64{{Broker: "a"}: 0})
	k.until(t, 1)
	for i := 1; i < 4; i++ {
		master.locked(func() {
			for _, c := range master.conns {
				_ = c.Close()
			}
		})
		master.put(0, int64(i+1), "x", fmt.Sprint(i))
		k.until(t, i+1)
	}
	replica.locked(func() {
		if replica.pulls > 0 {
			t.Errorf("%d pulls of the replica", replica.pulls)
		}
	})
}
