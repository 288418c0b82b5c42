package reader

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/message"
	"gantry/client/remoting"
)

// TestPace: whoever reads, so many bytes a second come of a broker, and giving up ends the
// waiting.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := pacers(1000, []Part{{Queue: cluster.Queue{Broker: "a"}}, {Queue: cluster.Queue{Broker: "a", ID: 1}}})["a"]
		begin := time.Now()
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				for range 4 {
					if err := p.pay(t.Context(), 500); err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if took := time.Since(begin); took != 10*time.Second {
			t.Errorf("10,000 bytes took %v", took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := p.pay(ctx, 1<<20); err == nil {
			t.Error("it waits for a context that has ended")
		}
	})
	if p := pacers(0, make([]Part, 1)); p["a"].pay(t.Context(), 1<<40) != nil {
		t.Error("without a rate it waits")
	}
}

// withReplica is a broker of 200 messages whose replica has so many of them.
func withReplica(t *testing.T, has int) (master, slave *fake, a *admin.Client, want []string) {
	master, a = newFake(t, 2)
	slave, _ = newFake(t, 2)
	for i := range 200 {
		want = append(want, fmt.Sprint(i))
		master.put(i%2, int64(i), "x", want[i])
		if i < has {
			slave.put(i%2, int64(i), "x", want[i])
		}
	}
	master.route = fmt.Sprintf(`{"brokerDatas":[{"brokerAddrs":{0:%q,1:%q},"brokerName":"a","cluster":"C"}],"queueDatas":[{"brokerName":"a","perm":6,"readQueueNums":2,"writeQueueNums":2}]}`, master.addr, slave.addr)
	return master, slave, a, want
}

// TestReplicaIsPreferred where it takes pulls and has everything; else the master is read,
// and nothing is missing or twice.
func TestReplicaIsPreferred(t *testing.T) {
	for name, c := range map[string]struct {
		has      int
		change   func(slave *fake)
		replicas int
		master   bool // is read too
	}{
		"it has all":       {has: 200, replicas: 1},
		"it is behind":     {has: 120, replicas: 1, master: true},
		"it has nothing":   {has: 0, master: true},
		"it takes none":    {has: 200, change: func(f *fake) { f.rejects = true }, master: true},
		"it has deleted":   {has: 200, change: func(f *fake) { f.min[0], f.min[1] = 10, 10 }, master: true},
		"its disk is gone": {has: 200, change: func(f *fake) { f.fail[0], f.fail[1] = errors.New("x"), errors.New("x") }, master: true},
	} {
		t.Run(name, func(t *testing.T) {
			master, slave, a, want := withReplica(t, c.has)
			if c.change != nil {
				slave.locked(func() { c.change(slave) })
			}
			got, p, err := all(t, a, cluster.Query{Kind: cluster.ByTime, Replica: true})
			if diff := cmp.Diff(want, got); diff != "" || err != nil || len(p.Missed) > 0 || p.Read != 200 || p.Replicas != c.replicas {
				t.Errorf("%v, %+v: %s", err, p, diff)
			}
			pulls := 0
			master.locked(func() { pulls = master.pulls })
			if (pulls > 0) != c.master {
				t.Errorf("the master was pulled from %d times", pulls)
			}
			if p.Bytes == 0 {
				t.Error("no bytes are counted")
			}
		})
	}
	_, slave, a, want := withReplica(t, 200)
	if got, p, err := all(t, a, cluster.Query{Kind: cluster.ByTime}); err != nil || !slices.Equal(got, want) || p.Replicas > 0 {
		t.Errorf("%+v, %v", p, err)
	}
	slave.locked(func() {
		if slave.pulls > 0 {
			t.Error("a replica is read that nobody asked for")
		}
	})
}

// TestStopsAfterSoMany that were found, whatever may be read: it says that there was more,
// if there was.
func TestStopsAfterSoMany(t *testing.T) {
	f, a := newFake(t, 2)
	for i := range 1000 {
		tag := "x"
		if i%100 == 99 {
			tag = "y"
		}
		f.put(i%2, int64(i), tag, fmt.Sprint(i))
	}
	for _, c := range []struct {
		q               cluster.Query
		found, read     int
		enough, limited bool
	}{
		{cluster.Query{Filter: "tag:y", Most: 3}, 3, 300, true, false},
		{cluster.Query{Filter: "tag:y", Most: 10}, 10, 1000, false, false}, // the last of all
		{cluster.Query{Filter: "tag:y", Most: 11}, 10, 1000, false, false},
		{cluster.Query{Filter: "tag:y", Most: 3, Limit: 150}, 1, 150, false, true},
		{cluster.Query{Most: 1}, 1, 1, true, false},
	} {
		c.q.Kind = cluster.ByTime
		got, p, err := all(t, a, c.q)
		if err != nil || len(got) != c.found || p.Read != int64(c.read) || p.Enough != c.enough || p.Limited != c.limited {
			t.Errorf("%+v: %d found, %+v, %v", c.q, len(got), p, err)
		}
		if last := begun.Add(time.Duration(c.read-1) * time.Millisecond); (c.enough || c.limited) && !p.Through.Equal(last) {
			t.Errorf("%+v: through %v", c.q, p.Through)
		}
	}
}

// TestAsksJq: what waits for jq is kept in the order of store times, as far as so many were
// asked for; what it gives up at is counted, and cancelling it ends the search.
func TestAsksJq(t *testing.T) {
	f, a := newFake(t, 2)
	for i := range 1000 {
		tag := "x"
		if i%10 == 9 {
			tag = "y"
		}
		f.put(i%2, int64(i), tag, fmt.Sprint(i))
	}
	// It fits bodies that end with 99, and gives up at those that end with 49.
	asked := 0
	eyes := Eyes{Judge: func(ctx context.Context) filter.Judge {
		return func(_ string, bodies [][]byte) (out []filter.Verdict, err error) {
			for _, b := range bodies {
				asked++
				v := filter.Verdict{Fits: bytes.HasSuffix(b, []byte("99"))}
				if bytes.HasSuffix(b, []byte("49")) {
					v.Why = &fault.Fault{Code: fault.JqSlow}
				}
				out = append(out, v)
			}
			return out, ctx.Err()
		}
	}}
	for _, c := range []struct {
		q             cluster.Query
		found, asked  int
		gave          int64
		through       int
		enough, limit bool
	}{
		{cluster.Query{Filter: "tag:y jq:."}, 10, 100, 10, 999, false, false},
		{cluster.Query{Filter: "jq:."}, 10, 1000, 10, 999, false, false},
		{cluster.Query{Filter: "tag:y jq:.", Most: 10}, 10, 100, 10, 999, false, false},
		{cluster.Query{Filter: "tag:y jq:.", Most: 3}, 3, 100, 10, 299, true, false},
		{cluster.Query{Filter: "jq:.", Limit: 150}, 1, 150, 2, 149, false, true},
	} {
		var found []string
		var last cluster.Progress
		asked = 0
		c.q.Kind, c.q.Topic = cluster.ByTime, "T"
		err := RunWith(t.Context(), a, c.q, eyes, func(_ string, stored []byte) error {
			m, _, err := message.ParseStored(stored)
			if err == nil {
				found = append(found, string(m.Body))
			}
			return err
		}, func(p cluster.Progress) { last = p })
		if err != nil || len(found) != c.found || last.GaveUp.Count > c.gave || c.q.Most == 0 && (asked != c.asked || last.GaveUp.Count != c.gave) || last.Enough != c.enough || last.Limited != c.limit {
			t.Errorf("%+v: %d found, %d asked, %+v, %v", c.q, len(found), asked, last, err)
		}
		for i, b := range found {
			if b != fmt.Sprint(i*100+99) {
				t.Errorf("%+v: found %v", c.q, found)
				break
			}
		}
		if through := begun.Add(time.Duration(c.through) * time.Millisecond); !last.Through.Equal(through) {
			t.Errorf("%+v: through %v, want %v", c.q, last.Through, through)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	stuck := Eyes{Judge: func(ctx context.Context) filter.Judge {
		return func(string, [][]byte) ([]filter.Verdict, error) {
			cancel()
			<-ctx.Done()
			return nil, ctx.Err()
		}
	}}
	err := RunWith(ctx, a, cluster.Query{Kind: cluster.ByTime, Topic: "T", Filter: "jq:."}, stuck, func(string, []byte) error { return errors.New("found") }, func(cluster.Progress) {})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestForesee: how much will be read is told before, and what is missing; of an index
// nothing is read.
func TestForesee(t *testing.T) {
	f, a := newFake(t, 3)
	for i := range 300 {
		f.put(i%3, int64(i), "x", fmt.Sprint(i))
	}
	pull, err := a.Pull(t.Context(), cluster.Route{Brokers: []cluster.Broker{{Name: "a", Addrs: map[int64]string{0: f.addr}}}}, "T", cluster.Queue{Broker: "a"}, 50, 1)
	if err != nil {
		t.Fatal(err)
	}
	one := int64(len(pull.Body))
	foresee := func(q cluster.Query) cluster.Cost {
		t.Helper()
		q.Topic = "T"
		c, err := Foresee(t.Context(), a, q)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := foresee(cluster.Query{Kind: cluster.ByTime})
	if c.Messages != 300 || c.Bytes < 299*one || c.Bytes > 301*(one+2) || c.Queues != 3 || c.Brokers != 1 || len(c.Missed) > 0 {
		t.Errorf("%+v, one is %d", c, one)
	}
	if c = foresee(cluster.Query{Kind: cluster.ByTime, From: begun.Add(150 * time.Millisecond), Limit: 100}); c.Messages != 100 || c.Bytes > 101*(one+2) {
		t.Errorf("%+v", c)
	}
	if c = foresee(cluster.Query{Kind: cluster.Newest, Count: 10}); c.Messages != 30 {
		t.Errorf("%+v", c)
	}
	if c = foresee(cluster.Query{Kind: cluster.ByKey, Key: "k"}); c.Messages != 0 || c.Queues != 0 {
		t.Errorf("%+v", c)
	}
	f.locked(func() {
		f.before = func(q *remoting.Command) bool { return q.Code != remoting.MaxOffset || q.ExtFields["queueId"] != "1" }
	})
	ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
	defer cancel()
	if c, err := Foresee(ctx, a, cluster.Query{Kind: cluster.ByTime, Topic: "T"}); err != nil || c.Queues != 2 || len(c.Missed) != 1 || c.Missed[0].Subject != "a/1" {
		t.Errorf("%+v, %v", c, err)
	}
	f.locked(func() { f.before, f.missing = nil, true })
	if _, err := Foresee(t.Context(), a, cluster.Query{Kind: cluster.ByTime, Topic: "T"}); !errors.Is(err, fault.TopicNotFound) {
		t.Error(err)
	}
}
