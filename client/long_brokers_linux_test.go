//go:build long

package client_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/client/orders"
	"gantry/client/profile"
	"gantry/client/session"
	"gantry/client/testcluster"
)

// partial is what a screen is told while one of two brokers is away.
type partial struct {
	list    insight.GroupList
	sum     insight.GroupSummary
	group   *insight.GroupDetail
	topic   *insight.TopicDetail
	cluster insight.Health
}

func askAll(ctx context.Context, conn *client.Connection, topic, group string) (p partial, err error) {
	var errs [5]error
	p.list, errs[0] = conn.Groups(ctx)
	var sums []insight.GroupSummary
	if sums, errs[1] = conn.GroupSummaries(ctx, []string{group}); errs[1] == nil {
		p.sum = sums[0]
	}
	p.group, errs[2] = conn.GroupDetail(ctx, group)
	p.topic, errs[3] = conn.TopicDetail(ctx, topic)
	p.cluster, errs[4] = conn.Health(ctx)
	return p, errors.Join(errs[:]...)
}

// TestOneOfTwoBrokersIsAway: what the other says stands, and the one that is
// missing is named in every answer, though name servers forget a dead broker at
// once.
func TestOneOfTwoBrokersIsAway(t *testing.T) {
	t.Parallel()
	c := clusters.Cluster(t, "two")
	d := deskAt(t, profile.Profile{ID: "p", Name: "two", NameServers: []string{c.NameServer()}}, "")
	top := topicOn(t, c, "", 2)
	spec := profile.Subscription{ID: "s-" + session.NewGroupName(), Profile: "p", Topic: top, Group: session.NewGroupName(), OwnGroup: true, From: profile.FromEarliest}
	d.send(top, "", "1", "2", "3", "4", "5", "6", "7", "8")
	sub := d.subscribe(spec)
	wait(t, sub, 8, 30*time.Second)
	sub.Stop() // commits
	waitState(t, sub, 20*time.Second, session.Stopped)
	d.send(top, "", "1", "2", "3", "4", "5", "6", "7", "8")

	whole := func() {
		t.Helper()
		eventually(t, 60*time.Second, func() string {
			p, err := askAll(t.Context(), d.conn, top, spec.Group)
			if err != nil || p.sum.Lag != 8 || p.group.Lag() != 8 || len(p.topic.Queues) != 4 || len(p.cluster.Brokers) != 2 {
				return fmt.Sprintf("lag %d and %v, %d queues, %+v, %v", p.sum.Lag, p.group, len(p.topic.Queues), p.cluster.Brokers, err)
			}
			if missing := p.missing(); slices.ContainsFunc(missing, func(m cluster.Missing) bool { return len(m) > 0 }) {
				return fmt.Sprint("missing ", missing)
			}
			return ""
		})
	}
	whole()
	// Brokers write positions down every 5 s (flushConsumerOffsetInterval).
	time.Sleep(7 * time.Second)
	skip := orders.Offsets{Group: spec.Group, Topic: top, To: orders.Target{Kind: orders.ToNewest}}
	before := d.preview(skip)
	if skipped, _, known := before.Sum(); skipped != 8 || !known || len(before.Lines) != 4 {
		t.Errorf("%+v", before)
	}
	if err := c.Kill("broker2", os.Kill); err != nil {
		t.Fatal(err)
	}
	awayIsNamed(d, top, spec.Group, fault.Unreachable)
	orderOfOne(d, skip, before)
	topicOfOne(d)
	if err := c.StartPart(t.Context(), "broker2"); err != nil {
		t.Fatal(err)
	}
	whole()
	if err := c.Kill("broker2", syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	awayIsNamed(d, top, spec.Group, fault.Timeout)
	if err := c.Kill("broker2", syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	whole()
	frozenInTheMiddle(d, c, whole)
}

// topicOfOne: a topic is made and deleted where a broker answers, and the other is named;
// the name servers keep the route, because it may be there.
func topicOfOne(d *desk) {
	d.t.Helper()
	o := orders.Setup{Of: orders.Topics, Act: orders.Create, Names: []string{fmt.Sprintf("one-%d", time.Now().UnixNano())}}
	for _, act := range []orders.Act{orders.Create, orders.Delete} {
		o.Act = act
		p, r := d.setUp(o)
		if !slices.Equal(p.Missing.Names(), []string{"broker-b"}) || len(r.Queues) != 1 || r.Queues[0].Broker != "broker-a" || r.Queues[0].State != orders.Set {
			d.t.Errorf("%s: %+v: %+v", act, p, r)
		}
	}
}

// frozenInTheMiddle: a broker that falls silent while topics are made there is not asked for
// each of them; what is left is told, and done later by itself.
func frozenInTheMiddle(d *desk, c *testcluster.Cluster, whole func()) {
	t := d.t
	t.Helper()
	o := orders.Setup{Of: orders.Topics, Act: orders.Create}
	for i := range 40 {
		o.Names = append(o.Names, fmt.Sprintf("many-%d-%d", time.Now().UnixNano(), i))
	}
	p := d.previewSetup(o)
	var frozen sync.Once
	begun := time.Now()
	r, err := d.conn.ChangeSetup(t.Context(), p, d.agreedSetup(p), func(now orders.Record) {
		if i := slices.IndexFunc(now.Queues, func(q orders.Done) bool { return q.Broker == "broker-b" && q.State == orders.Set }); i >= 0 {
			frozen.Do(func() {
				if err := c.Kill("broker2", syscall.SIGSTOP); err != nil {
					t.Error(err)
				}
			})
		}
	})
	count := map[string]int{}
	for _, q := range r.Queues {
		count[q.Broker+" "+string(q.State)]++
		if q.State == orders.Failed && !errors.Is(q.Err, fault.Timeout) {
			t.Error(q.Err)
		}
	}
	if took := time.Since(begun); err != nil || count["broker-a set"] == 0 || count["broker-b failed"] == 0 || count["broker-b "] == 0 || took > 40*time.Second {
		t.Errorf("%v in %v: %v", count, took, err)
	}
	left := 80 - count["broker-a set"] - count["broker-b set"] // the other one may be too busy, too
	if err := c.Kill("broker2", syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	whole()
	rest, ok := r.FailedSetup()
	if !ok {
		t.Fatalf("nothing is left: %v", count)
	}
	if again, _ := d.setUp(rest); len(again.Lines) != left {
		t.Errorf("%d of %v once more", len(again.Lines), count)
	}
	if p := d.previewSetup(o); p.Moves() != 0 || len(p.Lines) != 80 {
		t.Errorf("%d of %d are not there", p.Moves(), len(p.Lines))
	}
}

// orderOfOne: what was agreed to with both brokers is not done with one; asked for anew it
// names the missing one, and leaves it alone.
func orderOfOne(d *desk, skip orders.Offsets, before *orders.Preview) {
	d.t.Helper()
	if _, err := d.conn.ChangeOffsets(d.t.Context(), before, agreed(before), nil); !errors.Is(err, fault.Stale) {
		d.t.Errorf("with a broker less: %v", err)
	}
	p, r := d.order(skip)
	if !slices.Equal(p.Missing.Names(), []string{"broker-b"}) || slices.ContainsFunc(r.Queues, func(q orders.Done) bool { return q.Broker != "broker-a" || q.State != orders.Set }) {
		d.t.Errorf("%+v: %+v", p, r)
	}
	back, ok := r.Back()
	if !ok {
		d.t.Fatalf("%+v", r)
	}
	d.order(back)
}

func (p *partial) missing() []cluster.Missing {
	return []cluster.Missing{p.list.Missing, p.sum.Missing, p.group.Missing, p.topic.Missing}
}

// awayIsNamed: every answer names broker-b, why it is missing, and holds what
// broker-a says.
func awayIsNamed(d *desk, topic, group string, why error) {
	t := d.t
	t.Helper()
	eventually(t, 60*time.Second, func() string {
		p, err := askAll(t.Context(), d.conn, topic, group)
		if err != nil {
			return err.Error()
		}
		for i, m := range p.missing() {
			if !slices.Equal(m.Names(), []string{"broker-b"}) || !errors.Is(m[0], why) {
				return fmt.Sprintf("answer %d: missing %v", i, m)
			}
		}
		if p.sum.Lag != p.group.Lag() || p.sum.Lag < 2 || p.sum.Lag > 6 || len(p.topic.Queues) != 2 {
			return fmt.Sprintf("lag %d and %d, %d queues", p.sum.Lag, p.group.Lag(), len(p.topic.Queues))
		}
		if len(p.cluster.Brokers) != 2 || p.cluster.Brokers[0].Err != nil || !errors.Is(p.cluster.Brokers[1].Err, why) {
			return fmt.Sprintf("%+v", p.cluster.Brokers)
		}
		return ""
	})
	st, found := d.find(cluster.Query{Kind: cluster.ByTime, Topic: topic})
	if st.Err != nil || len(found) == 0 || len(found) == 16 || len(st.Missed) == 0 || st.Brokers != 2 {
		t.Errorf("a search finds %d: %+v", len(found), st)
	}
	for _, m := range st.Missed {
		if !strings.HasPrefix(m.Subject, "broker-b") {
			t.Errorf("a search misses %+v", m)
		}
	}
}
