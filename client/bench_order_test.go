package client_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"gantry/client/cluster"
	"gantry/client/orders"
	"gantry/client/profile"
	"gantry/client/session"
	"gantry/client/testcluster"
)

// orderTurns is how often each is measured.
const orderTurns = 10

// BenchmarkOrders measures orders on two brokers of 5.5.0: the preview of a reset on a topic
// with 64 queues, and 500 topics created and deleted, beside the bare requests to create as
// many, one after the other. Run it with -benchtime 1x.
func BenchmarkOrders(b *testing.B) {
	if err := clusters.Stop(); err != nil {
		b.Fatal(err)
	}
	c := testcluster.StartT(b, testcluster.Options{Brokers: 2, FullSpeed: true})
	d := deskAt(b, profile.Profile{ID: "p", Name: "bench", NameServers: []string{c.NameServer()}}, "")
	for b.Loop() {
		benchReset(b, c, d)
		var made, deleted, bare []time.Duration
		for turn := range 3 {
			at, bareAt, goneAt := benchTopics(b, c, d, fmt.Sprintf("t%d-%d-", time.Now().UnixNano(), turn))
			made, bare, deleted = append(made, at), append(bare, bareAt), append(deleted, goneAt)
		}
		tookAll("500 topics created on 2 brokers", made)
		tookAll("the bare requests, one by one", bare)
		tookAll("500 topics deleted", deleted)
	}
}

func benchReset(b *testing.B, c *testcluster.Cluster, d *desk) {
	top, group := topicOn(b, c, "", 32), session.NewGroupName()
	a := adminOf(b, c)
	if err := a.CreateGroup(b.Context(), c.Masters(), group); err != nil {
		b.Fatal(err)
	}
	var took []time.Duration
	for range orderTurns {
		begin := time.Now()
		p := d.preview(orders.Offsets{Group: group, Topic: top, To: orders.Target{Kind: orders.ToTime, At: begin.Add(-time.Hour)}})
		if took = append(took, time.Since(begin)); len(p.Lines) != 64 {
			b.Fatalf("%d queues", len(p.Lines))
		}
	}
	tookAll("preview of a reset, 64 queues on 2 brokers", took)
}

func benchTopics(b *testing.B, c *testcluster.Cluster, d *desk, stem string) (made, bare, deleted time.Duration) {
	o := orders.Setup{Of: orders.Topics, Act: orders.Create, Wish: orders.Wish{Read: ptr(4), Write: ptr(4)}}
	for i := range 500 {
		o.Names = append(o.Names, fmt.Sprint(stem, i))
	}
	run := func() time.Duration {
		begin := time.Now()
		p := d.previewSetup(o)
		r, err := d.conn.ChangeSetup(b.Context(), p, d.agreedSetup(p), nil)
		if err != nil || slices.ContainsFunc(r.Queues, func(q orders.Done) bool { return q.State != orders.Set }) {
			b.Fatal(err, r.Queues[:2])
		}
		return time.Since(begin)
	}
	made = run()
	begin := time.Now()
	a := adminOf(b, c)
	for i := range 500 {
		for _, addr := range c.Masters() {
			if err := a.PutTopic(b.Context(), addr, fmt.Sprint(stem, "bare-", i), cluster.TopicSettings{Read: 4, Write: 4, Perm: 6}); err != nil {
				b.Fatal(err)
			}
		}
	}
	bare = time.Since(begin)
	o.Act = orders.Delete
	return made, bare, run()
}

// tookAll prints a measure: the median with the least and the most.
func tookAll(what string, took []time.Duration) {
	slices.Sort(took)
	fmt.Printf("%s: %v (%v to %v)\n", what, took[len(took)/2].Round(time.Millisecond), took[0].Round(time.Millisecond), took[len(took)-1].Round(time.Millisecond))
}
