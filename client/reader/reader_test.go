package reader

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/remoting"
)

// all runs a query and returns the bodies that it finds and how far it came.
func all(t *testing.T, a *admin.Client, q cluster.Query) (bodies []string, last cluster.Progress, err error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	q.Topic = "T"
	err = Run(ctx, a, q, func(broker string, stored []byte) error {
		m, _, err := message.ParseStored(stored)
		if broker != "a" {
			t.Errorf("from broker %q", broker)
		}
		bodies = append(bodies, string(m.Body))
		return err
	}, func(p cluster.Progress) { last = p })
	return bodies, last, err
}

// TestMerged: messages of queues come in the order in which they were stored, in one
// millisecond too.
func TestMerged(t *testing.T) {
	f, a := newFake(t, 3)
	var want []string
	for i := range 200 {
		body := fmt.Sprint(i)
		f.put((i*7)%3, int64(i/4), "x", body)
		want = append(want, body)
	}
	for _, q := range f.queues { // what one broker stores in a millisecond has an order
		for _, m := range q {
			n := 0
			_, _ = fmt.Sscan(string(m.Body), &n)
			m.CommitLogOffset = int64(n)
		}
	}
	got, p, err := all(t, a, cluster.Query{Kind: cluster.ByTime})
	if diff := cmp.Diff(want, got); diff != "" || err != nil || p.Read != 200 || p.Total != 200 || p.Found != 200 {
		t.Errorf("%v, %+v: %s", err, p, diff)
	}
}

// TestMergedInAnyOrder: so they do where questions are under way together, answers
// come in any order and hold fewer than they could.
func TestMergedInAnyOrder(t *testing.T) {
	f, a := newFake(t, 2)
	var want []string
	for i := range 3000 {
		f.put(i/700%2, int64(i), "x", fmt.Sprint(i)) // 700 of one queue behind each other
		want = append(want, fmt.Sprint(i))
	}
	var under, most atomic.Int64
	f.locked(func() {
		f.before = func(q *remoting.Command) bool {
			if q.Code == remoting.PullMessage {
				if n := under.Add(1); n > most.Load() {
					most.Store(n)
				}
				time.Sleep(time.Duration(rand.IntN(1000)) * time.Microsecond)
				under.Add(-1)
			}
			f.locked(func() { f.short = max(rand.Int64N(60), 1) })
			return true
		}
	})
	got, p, err := all(t, a, cluster.Query{Kind: cluster.ByTime})
	if diff := cmp.Diff(want, got); diff != "" || err != nil || p.Read != 3000 || len(p.Missed) > 0 {
		t.Errorf("%v, %+v: %s", err, p, diff)
	}
	// What was asked in vain may still be under way.
	if n := most.Load(); n <= 2 || n > 6*mostAhead {
		t.Errorf("%d questions under way at once", n)
	}
}

// TestOneQueueFails: the others are read, and the result says whose messages are
// missing, with the reason; where none can be read that is an error.
func TestOneQueueFails(t *testing.T) {
	f, a := newFake(t, 3)
	for q := range 3 {
		f.put(q, int64(q), "x", fmt.Sprint("queue ", q))
	}
	f.locked(func() { f.fail[1] = errors.New("broken disk") })
	got, p, err := all(t, a, cluster.Query{Kind: cluster.ByTime})
	if err != nil || !slices.Equal(got, []string{"queue 0", "queue 2"}) || len(p.Missed) != 1 || p.Missed[0].Subject != "a/1" || !strings.Contains(p.Missed[0].Why.Error(), "broken disk") {
		t.Errorf("%q, %+v, %v", got, p, err)
	}
	f.locked(func() {
		for q := range 3 {
			f.fail[q] = errors.New("broken disk")
		}
	})
	if got, p, err = all(t, a, cluster.Query{Kind: cluster.ByTime}); err == nil || len(got) > 0 || len(p.Missed) != 3 {
		t.Errorf("all fail: %q, %+v, %v", got, p, err)
	}
}

// TestOddBroker: one that never gets on does not keep a scan for ever.
func TestOddBroker(t *testing.T) {
	f, a := newFake(t, 1)
	f.put(0, 0, "x", "1")
	f.locked(func() { f.odd = true })
	if _, p, err := all(t, a, cluster.Query{Kind: cluster.ByTime}); !errors.Is(err, fault.BadAnswer) || len(p.Missed) != 1 {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestEvictedMeanwhile: what the broker deletes while it is read is passed over.
func TestEvictedMeanwhile(t *testing.T) {
	f, a := newFake(t, 1)
	for i := range 100 {
		f.put(0, int64(i), "x", fmt.Sprint(i))
	}
	q := cluster.Query{Kind: cluster.ByOffset, Queue: cluster.Queue{Broker: "a"}, Offset: 0, Count: 100}
	f.locked(func() { f.min[0] = 60 })
	got, p, err := all(t, a, q)
	if err != nil || len(got) != 40 || got[0] != "60" || p.Total != 40 || p.Read != 40 {
		t.Errorf("%d found, %+v, %v", len(got), p, err)
	}
}

// TestLimit: it ends in the middle of what is stored, with the time that it reached.
func TestLimit(t *testing.T) {
	f, a := newFake(t, 2)
	for i := range 100 {
		f.put(i%2, int64(i), "x", fmt.Sprint(i))
	}
	got, p, err := all(t, a, cluster.Query{Kind: cluster.ByTime, Limit: 33})
	if err != nil || len(got) != 33 || !p.Limited || !p.Through.Equal(begun.Add(32*time.Millisecond)) {
		t.Errorf("%d found, %+v, %v", len(got), p, err)
	}
	if got, p, err = all(t, a, cluster.Query{Kind: cluster.ByTime, Limit: 100}); err != nil || len(got) != 100 || p.Limited {
		t.Errorf("a limit of all: %d found, %+v, %v", len(got), p, err)
	}
}

// TestGivenUp: cancelling in the middle ends at once.
func TestGivenUp(t *testing.T) {
	f, a := newFake(t, 2)
	for i := range 1000 {
		f.put(i%2, int64(i), "x", "x")
	}
	ctx, cancel := context.WithCancel(t.Context())
	n := 0
	err := Run(ctx, a, cluster.Query{Kind: cluster.ByTime, Topic: "T"}, func(string, []byte) error {
		if n++; n == 100 {
			cancel()
		}
		return nil
	}, func(cluster.Progress) {})
	if !errors.Is(err, context.Canceled) || n > 200 {
		t.Errorf("%d found, %v", n, err)
	}
	full := errors.New("no room")
	if err := Run(t.Context(), a, cluster.Query{Kind: cluster.ByTime, Topic: "T"}, func(string, []byte) error { return full }, func(cluster.Progress) {}); !errors.Is(err, full) {
		t.Errorf("a list that takes nothing: %v", err)
	}
}

// kept collects what a follower hands over.
type kept struct {
	mu     sync.Mutex
	bodies []string
	errs   []error
	onFail func()
}

func (k *kept) handle(_ cluster.Queue, stored []byte) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	for len(stored) > 0 {
		m, n, err := message.ParseStored(stored)
		if err != nil {
			return err
		}
		k.bodies, stored = append(k.bodies, string(m.Body)), stored[n:]
	}
	return nil
}

func (k *kept) failed(_ cluster.Queue, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.errs = append(k.errs, err)
	if k.onFail != nil {
		k.onFail()
	}
}

func (k *kept) failures() []error {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.errs)
}

// until waits for so many messages.
func (k *kept) until(t *testing.T, n int) []string {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		k.mu.Lock()
		got := slices.Clone(k.bodies)
		k.mu.Unlock()
		if len(got) >= n {
			return got
		}
	}
	t.Fatalf("%d messages did not come: %q, %v", n, k.bodies, k.errs)
	return nil
}

func follow(t *testing.T, a *admin.Client, floors map[cluster.Queue]int64) (*Follower, *kept) {
	t.Helper()
	k := &kept{}
	return followInto(t, a, floors, k), k
}

func followInto(t *testing.T, a *admin.Client, floors map[cluster.Queue]int64, k *kept) *Follower {
	t.Helper()
	f := NewFollower(FollowConfig{
		Admin: a, Selection: cluster.Selection{Topic: "T", Group: cluster.ToolsGroup, Expression: "*"},
		Start:  func(q cluster.Queue) (int64, bool) { n, known := floors[q]; return n, known },
		Handle: k.handle, Failed: k.failed,
	})
	if err := f.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Stop(5 * time.Second) })
	return f
}

// TestFollow: from where it is told, a queue that it does not know from its first
// message; what was deleted before it came there is counted; failures are told and
// tried again.
func TestFollow(t *testing.T) {
	f, a := newFake(t, 2)
	for i := range 10 {
		f.put(i%2, int64(i), "x", fmt.Sprint(i))
	}
	f.locked(func() { f.min[0], f.min[1] = 3, 2 }) // 0, 2, 4 and 1, 3 are gone
	r, k := follow(t, a, map[cluster.Queue]int64{{Broker: "a", ID: 0}: 1})
	got := k.until(t, 5)
	slices.Sort(got)
	if !slices.Equal(got, []string{"5", "6", "7", "8", "9"}) || r.Missed() != 2 {
		t.Errorf("%q, missed %d", got, r.Missed())
	}
	f.locked(func() { f.fail[0] = errors.New("not now") })
	f.put(0, 20, "x", "late")
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		k.mu.Lock()
		n := len(k.errs)
		k.mu.Unlock()
		if n > 1 {
			break
		}
	}
	f.locked(func() { delete(f.fail, 0) })
	if got := k.until(t, 6); got[5] != "late" || len(k.errs) == 0 || !strings.Contains(k.errs[0].Error(), "not now") {
		t.Errorf("%q, %v", got, k.errs)
	}
}

// TestFollowAnew: a topic that was made anew is read from its first message, and a
// queue that nobody named from what came since.
func TestFollowAnew(t *testing.T) {
	f, a := newFake(t, 2)
	for i := range 10 {
		f.put(0, int64(i), "x", fmt.Sprint("old ", i))
		f.put(1, int64(i), "x", fmt.Sprint("other ", i))
	}
	k := &kept{}
	r := NewFollower(FollowConfig{
		Admin: a, Selection: cluster.Selection{Topic: "T", Group: cluster.ToolsGroup, Expression: "*"},
		Start: func(q cluster.Queue) (int64, bool) { return 10, q.ID == 0 }, Since: begun.Add(8 * time.Millisecond),
		Handle: k.handle, Failed: k.failed,
	})
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	defer r.Stop(5 * time.Second)
	if got := k.until(t, 2); !slices.Equal(got, []string{"other 8", "other 9"}) {
		t.Errorf("of a queue that nobody named: %q", got)
	}
	f.locked(func() { f.queues[0] = nil })
	f.put(0, 100, "x", "new")
	if got := k.until(t, 3); got[2] != "new" || r.Missed() != 0 {
		t.Errorf("%q, missed %d", got, r.Missed())
	}
}

// TestLiveBeforeTheTopic: a live query of a topic that is made later finds what comes.
func TestLiveBeforeTheTopic(t *testing.T) {
	f, a := newFake(t, 1)
	f.locked(func() { f.missing = true })
	ctx, cancel := context.WithCancel(t.Context())
	came := make(chan string, 10)
	done := make(chan error, 1)
	go func() {
		done <- Run(ctx, a, cluster.Query{Kind: cluster.Live, Topic: "T", From: begun}, func(_ string, stored []byte) error {
			m, _, err := message.ParseStored(stored)
			came <- string(m.Body)
			return err
		}, func(cluster.Progress) {})
	}()
	time.Sleep(100 * time.Millisecond)
	f.put(0, 1, "x", "first")
	f.locked(func() { f.missing = false })
	select {
	case got := <-came:
		if got != "first" {
			t.Errorf("%q", got)
		}
	case <-time.After(10 * time.Second):
		t.Error("nothing came")
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestLiveListIsFull: a live query whose list takes nothing more ends at once.
func TestLiveListIsFull(t *testing.T) {
	f, a := newFake(t, 4)
	for i := range 400 {
		f.put(i%4, int64(i), "x", "x")
	}
	full := errors.New("no room")
	begin := time.Now()
	err := Run(t.Context(), a, cluster.Query{Kind: cluster.Live, Topic: "T", From: begun}, func(string, []byte) error { return full }, func(cluster.Progress) {})
	if took := time.Since(begin); !errors.Is(err, full) || took > askLimit/2 {
		t.Errorf("%v after %v", err, took)
	}
}

// TestLimitBetweenMatches: a limit holds where nothing matches for long, too.
func TestLimitBetweenMatches(t *testing.T) {
	f, a := newFake(t, 2)
	for i := range 400 {
		f.put(i%2, int64(i), "x", "x")
	}
	f.locked(func() { f.match = func(m *message.Message) bool { return m.QueueOffset > 150 } })
	got, p, err := all(t, a, cluster.Query{Kind: cluster.ByTime, Limit: 100, Tags: []string{"x"}})
	if err != nil || len(got) > 0 || !p.Limited || p.Read < 100 || p.Read > 164 {
		t.Errorf("%d found, %+v, %v", len(got), p, err)
	}
}

// TestFollowRests: a broker that does not wait at the end of a queue is not asked
// without pause.
func TestFollowRests(t *testing.T) {
	f, a := newFake(t, 1)
	f.locked(func() { f.holds = 0 })
	follow(t, a, map[cluster.Queue]int64{})
	time.Sleep(time.Second)
	if f.locked(func() {}); f.pulls > 15 {
		t.Errorf("%d questions in a second", f.pulls)
	}
}

func TestSpellings(t *testing.T) {
	const id = "c00002025f4e0000000071DB20100001"
	want := []string{id, "C00002025F4E0000000071DB20100001", "C00002025F4E00000000" + "71db20100001"}
	if got := spellings(id); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if got := spellings("ABC"); !slices.Equal(got, []string{"ABC"}) {
		t.Errorf("%q", got)
	}
}
