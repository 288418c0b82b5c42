package browse

import (
	"context"
	"strings"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/profile"
	"gantry/client/search"
	"gantry/gui/stage"
)

// TestProductionIsWeighed: a search of production says what it reads before it starts, and
// starts when that is agreed to; a small one, and one of elsewhere, starts at once.
func TestProductionIsWeighed(t *testing.T) {
	r := newRig(t, profile.Profile{Environment: profile.Production})
	var cost cluster.Cost
	var failed error
	weighed := 0
	r.screen.foresee = func(_ context.Context, _ *client.Connection, q cluster.Query) (cluster.Cost, error) {
		weighed++
		return cost, failed
	}
	q := cluster.Query{Kind: cluster.ByTime, Topic: "orders", Limit: 1_000_000}
	cost = cluster.Cost{Messages: 812_400, Bytes: 900 << 20, Queues: 8, Brokers: 2, Missed: []cluster.Missed{{Subject: "broker-c/1", Why: fault.From(fault.Timeout)}}}
	r.screen.Find(q)
	r.settle()
	for _, want := range []string{"Read about 812,400 messages of production?", "900.0 MB from 8 queues of 2 brokers", "At most 10.0 MB a second", "45 s or more", "broker-c will be missing"} {
		if !strings.Contains(strings.ReplaceAll(stage.Texts(r.Window), "\n", " "), want) {
			t.Errorf("%q is not said:\n%s", want, stage.Texts(r.Window))
		}
	}
	if len(r.asked) > 0 {
		t.Fatal("it began unasked")
	}
	r.Tap("Cancel")
	r.settle()
	if len(r.asked) > 0 || r.screen.Running() || r.screen.form.run.Disabled() {
		t.Error("given up, it goes on")
	}
	r.screen.Primary()
	r.settle()
	r.Tap("Search")
	r.settle()
	if len(r.asked) != 1 || r.asked[0].Limit != 1_000_000 || weighed != 2 {
		t.Fatalf("asked %+v, weighed %d", r.asked, weighed)
	}
	r.last().set(search.Status{})
	r.settle()
	cost = cluster.Cost{Messages: 900, Bytes: 1 << 20}
	r.screen.Find(q)
	r.settle()
	r.screen.Find(cluster.Query{Kind: cluster.ByKey, Topic: "orders", Key: "k"})
	r.settle()
	if len(r.asked) != 3 || weighed != 3 {
		t.Errorf("asked %d times, weighed %d", len(r.asked), weighed)
	}
	r.last().set(search.Status{})
	r.settle()
	failed = fault.TopicNotFound
	r.screen.Find(q)
	r.settle()
	if len(r.asked) != 3 || r.screen.form.errs[r.screen.form.topic] == "" || r.screen.Running() {
		t.Errorf("of a topic that is not there: %v", r.screen.form.errs)
	}
}

// TestEndIsSaid: that enough was found is not that all was read, and what misses a queue is
// never done.
func TestEndIsSaid(t *testing.T) {
	r := newRig(t, profile.Profile{})
	r.screen.Find(cluster.Query{Kind: cluster.ByTime, Topic: "orders", Most: 100})
	r.settle()
	r.last().set(search.Status{Progress: cluster.Progress{Read: 7_000, Total: 52_118, Found: 100, Enough: true, Through: time.Unix(1_800_000_000, 0), Bytes: 5 << 20, Replicas: 1}, Kept: 100})
	r.settle()
	if l := r.screen.page.drawnFoot; l.state != "Stopped after 100 found" || !l.more || !strings.HasPrefix(l.read, "Read 7,000 of about 52,118 · Found 100 · 5.0 MB · 1 broker read at a replica · not read: what was stored after ") {
		t.Errorf("the foot says %+v", l)
	}
	r.last().set(search.Status{Progress: cluster.Progress{Read: 50, Total: 50, Found: 3, Brokers: 2, Missed: []cluster.Missed{{Subject: "broker-b/1", Why: fault.From(fault.Timeout)}}}, Kept: 3})
	r.settle()
	if l := footOf(r.screen); l.state != "Not complete" {
		t.Errorf("the foot says %+v", l)
	}
}
