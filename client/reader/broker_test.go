package reader

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/journal"
	"gantry/client/remoting"
	"gantry/client/testserver"
)

// filled makes a fake whose queues hold so many messages each, queue/number.
func filled(t *testing.T, queues, each int) (*fake, *admin.Client) {
	t.Helper()
	f, a := newFake(t, queues)
	for q := range queues {
		for i := range each {
			f.put(q, int64(i), "x", fmt.Sprint(q, "/", i))
		}
	}
	return f, a
}

// inOrder compares what came of each queue with all that it holds.
func inOrder(t *testing.T, got []string, queues, each int) {
	t.Helper()
	for q := range queues {
		var want, have []string
		for i := range each {
			want = append(want, fmt.Sprint(q, "/", i))
		}
		for _, body := range got {
			if strings.HasPrefix(body, fmt.Sprint(q, "/")) {
				have = append(have, body)
			}
		}
		if diff := cmp.Diff(want, have); diff != "" {
			t.Errorf("queue %d: %s", q, diff)
		}
	}
}

// TestFollowAhead: many pulls are under way and are answered in any order, with fewer
// messages than there is room for, by a broker that loses its connections: each
// message comes once, in the order of its queue.
func TestFollowAhead(t *testing.T) {
	const queues, each, fewAtOnce = 3, 2000, "few at once"
	for name, odd := range map[string]func(*fake){
		"in any order": func(f *fake) {
			f.before = func(*remoting.Command) bool {
				time.Sleep(time.Duration(rand.IntN(3000)) * time.Microsecond)
				return true
			}
		},
		fewAtOnce: func(f *fake) { f.short = 8 },
		"now and then few": func(f *fake) {
			f.before = func(*remoting.Command) bool {
				time.Sleep(time.Duration(rand.IntN(1000)) * time.Microsecond)
				f.locked(func() { f.short = rand.Int64N(33) })
				return true
			}
		},
		"connections are lost": func(f *fake) {
			var n atomic.Int64
			f.before = func(*remoting.Command) bool {
				if n.Add(1)%50 == 0 {
					f.locked(func() { _ = f.conns[len(f.conns)-1].Close() })
				}
				return true
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, a := filled(t, queues, each)
			f.locked(func() { odd(f) })
			_, k := follow(t, a, map[cluster.Queue]int64{{Broker: "a"}: 0, {Broker: "a", ID: 1}: 0})
			inOrder(t, k.until(t, queues*each), queues, each)
			// What is not known to come next is not asked for.
			f.locked(func() {
				if name == fewAtOnce && f.pulls > queues*(each/8+10) {
					t.Errorf("%d pulls", f.pulls)
				}
			})
		})
	}
}

// TestFollowAheadBounds: a queue that is caught up with has few pulls under way, one
// with a filter and one at its end a single one.
func TestFollowAheadBounds(t *testing.T) {
	for name, c := range map[string]struct {
		expression string
		queues     int
		most       int64
	}{
		"all":         {"*", 2, mostAhead},
		"many queues": {"*", allAhead / 2, mostAhead},
		"a filter":    {"x", 2, 1},
	} {
		t.Run(name, func(t *testing.T) {
			f, a := filled(t, c.queues, 512)
			var under, most [allAhead]atomic.Int64
			var all, mostOfAll atomic.Int64
			f.locked(func() {
				f.before = func(q *remoting.Command) bool {
					if q.Code == remoting.PullMessage {
						id, _ := strconv.Atoi(q.ExtFields["queueId"])
						if n := under[id].Add(1); n > most[id].Load() {
							most[id].Store(n)
						}
						if n := all.Add(1); n > mostOfAll.Load() {
							mostOfAll.Store(n)
						}
						time.Sleep(10 * time.Millisecond)
						all.Add(-1)
						under[id].Add(-1)
					}
					return true
				}
			})
			k := &kept{}
			r := NewFollower(FollowConfig{
				Admin: a, Selection: cluster.Selection{Topic: "T", Group: cluster.ToolsGroup, Expression: c.expression},
				Start: func(cluster.Queue) (int64, bool) { return 0, true }, Handle: k.handle, Failed: k.failed,
			})
			if err := r.Start(); err != nil {
				t.Fatal(err)
			}
			defer r.Stop(5 * time.Second)
			k.until(t, c.queues*512)
			if got := most[0].Load(); got < min(c.most, 2) || got > c.most {
				t.Errorf("%d pulls of a queue under way at once, not %d", got, c.most)
			}
			if got := mostOfAll.Load(); got > allAhead+int64(c.queues) { // one at the end of each
				t.Errorf("%d pulls under way at once", got)
			}
			time.Sleep(300 * time.Millisecond)
			most[0].Store(0)
			time.Sleep(300 * time.Millisecond)
			if got := most[0].Load(); got > 1 {
				t.Errorf("%d pulls under way at the end of a queue", got)
			}
		})
	}
}

// TestFollowOneQueueIsNotAnswered: it is told and asked again, and the others go on.
func TestFollowOneQueueIsNotAnswered(t *testing.T) {
	t.Parallel()
	f, a := filled(t, 2, 10)
	var lost atomic.Bool
	lost.Store(true)
	f.locked(func() {
		f.before = func(q *remoting.Command) bool {
			return q.Code != remoting.PullMessage || q.ExtFields["queueId"] == "0" || !lost.Load()
		}
	})
	k := &kept{onFail: func() { lost.Store(false) }}
	followInto(t, a, map[cluster.Queue]int64{{Broker: "a"}: 0, {Broker: "a", ID: 1}: 0}, k)
	k.until(t, 10)
	f.put(0, 100, "x", "0/10")
	if got := k.until(t, 11); got[10] != "0/10" {
		t.Errorf("%q", got)
	}
	got := k.until(t, 21)
	slices.Sort(got[11:])
	errs := k.failures()
	if len(errs) != 1 || !errors.Is(errs[0], fault.Timeout) || !errors.Is(errs[0], context.DeadlineExceeded) || !strings.Contains(errs[0].Error(), "a/1") {
		t.Errorf("%q, %v", got, errs)
	}
}

// TestFollowMoves: a broker that is somewhere else now is read there, from where the
// reading was, and queues that are made meanwhile are read too.
func TestFollowMoves(t *testing.T) {
	f, a := filled(t, 2, 10)
	r, k := follow(t, a, map[cluster.Queue]int64{{Broker: "a"}: 0, {Broker: "a", ID: 1}: 5})
	k.until(t, 15)
	other := testserver.Serve(t, f.serve)
	route, err := a.Route(t.Context(), "T")
	if err != nil {
		t.Fatal(err)
	}
	b := newBrokerReader(r, "a", &route) // as watchRoute would, half a minute later
	b.add(cluster.Queue{Broker: "a"}, 10)
	r.work.Go(b.run)
	f.put(0, 100, "x", "read twice")
	k.until(t, 17)
	f.locked(func() { f.at = other })
	moved, err := a.Route(t.Context(), "T")
	if err != nil {
		t.Fatal(err)
	}
	b.moved(&moved)
	b.add(cluster.Queue{Broker: "a", ID: 1}, 9)
	k.until(t, 18)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.pulls.Addr() != other || len(k.failures()) > 0 {
		t.Errorf("it reads %s, not %s; %v", b.pulls.Addr(), other, k.failures())
	}
}

// TestFollowUnreachable: each queue of a broker that is away says so, and is read
// when it is back.
func TestFollowUnreachable(t *testing.T) {
	f, a := filled(t, 2, 10)
	f.locked(func() { f.at = testserver.Nowhere(t) })
	r, k := follow(t, a, map[cluster.Queue]int64{{Broker: "a"}: 0, {Broker: "a", ID: 1}: 0})
	time.Sleep(time.Second)
	errs := k.failures()
	text := fmt.Sprint(errs)
	if !strings.Contains(text, "a/0") || !strings.Contains(text, "a/1") || !errors.Is(errs[0], fault.Unreachable) {
		t.Error(text)
	}
	if len(errs) > 2*4 { // at 0, 0.2, 0.6 and 1.4 s
		t.Errorf("%d tries in a second: %s", len(errs)/2, text)
	}
	if err := r.Stop(time.Second); err != nil {
		t.Error(err)
	}
}

// TestFollowTakesNoMore: a queue whose messages are not taken is given up alone.
func TestFollowTakesNoMore(t *testing.T) {
	f, a := filled(t, 2, 200)
	var asked atomic.Int64
	f.locked(func() {
		f.before = func(q *remoting.Command) bool {
			if q.Code == remoting.PullMessage && q.ExtFields["queueId"] == "1" {
				asked.Add(1)
			}
			return true
		}
	})
	k := &kept{}
	r := NewFollower(FollowConfig{
		Admin: a, Selection: cluster.Selection{Topic: "T", Group: cluster.ToolsGroup, Expression: "*"},
		Start: func(cluster.Queue) (int64, bool) { return 0, true },
		Handle: func(q cluster.Queue, stored []byte) error {
			if q.ID == 1 {
				return journal.ErrClosed
			}
			return k.handle(q, stored)
		}, Failed: k.failed,
	})
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	defer r.Stop(5 * time.Second)
	k.until(t, 200)
	f.put(0, 900, "x", "0/200")
	inOrder(t, k.until(t, 201), 1, 201)
	time.Sleep(lookEvery)
	if errs := k.failures(); len(errs) != 1 || !errors.Is(errs[0], journal.ErrClosed) || asked.Load() > 1 {
		t.Errorf("%v, asked %d times", errs, asked.Load())
	}
}

// TestFollowHeldUp: while messages are not taken, nothing is read; when they are, it
// goes on without a word, over another connection.
func TestFollowHeldUp(t *testing.T) {
	t.Parallel()
	f, a := filled(t, 2, 500)
	k := &kept{}
	gate := make(chan struct{})
	r := NewFollower(FollowConfig{
		Admin: a, Selection: cluster.Selection{Topic: "T", Group: cluster.ToolsGroup, Expression: "*"},
		Start:  func(cluster.Queue) (int64, bool) { return 0, true },
		Handle: func(q cluster.Queue, stored []byte) error { <-gate; return k.handle(q, stored) }, Failed: k.failed,
	})
	if err := r.Start(); err != nil {
		t.Fatal(err)
	}
	defer r.Stop(5 * time.Second)
	time.Sleep(time.Second)
	f.locked(func() {
		if f.pulls > 2*mostAhead {
			t.Errorf("%d pulls while nothing is taken", f.pulls)
		}
	})
	time.Sleep(longest)
	f.locked(func() {
		for _, nc := range f.conns {
			_ = nc.Close() // as a broker does
		}
	})
	close(gate)
	inOrder(t, k.until(t, 1000), 2, 500)
	if errs := k.failures(); len(errs) > 0 {
		t.Errorf("%v", errs)
	}
}
