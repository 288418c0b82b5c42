package msglist

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/message"
	"gantry/client/profile"
)

// judge stands for jq: "odd" fits bodies of odd numbers and gives up at those that end with 3.
func judge(asked *atomic.Int64) func(context.Context, time.Time) filter.Judge {
	return func(ctx context.Context, _ time.Time) filter.Judge {
		return func(_ string, bodies [][]byte) (out []filter.Verdict, err error) {
			asked.Add(int64(len(bodies)))
			for _, b := range bodies {
				var n int
				if _, err := fmt.Sscanf(string(b), `{"n":%d}`, &n); err != nil {
					return nil, err
				}
				v := filter.Verdict{Fits: n%2 == 1}
				if n%10 == 3 {
					v.Why = &fault.Fault{Code: fault.JqFailed, Raw: "no three"}
				}
				out = append(out, v)
			}
			return out, ctx.Err()
		}
	}
}

// TestListAsksJq: what jq says is shown, what it gave up at is told, over a list and of an
// export; the other terms are looked at first.
func TestListAsksJq(t *testing.T) {
	r := newFilterRig(t, 1000)
	var asked atomic.Int64
	r.list.p.Jq = judge(&asked)
	r.filter("jq:odd")
	if n := r.list.Len(); n != 400 || asked.Load() != 1000 {
		t.Fatalf("%d rows of %d", n, asked.Load())
	}
	if s := r.list.bar.status.Text(); s != "jq gave up at 100 · 400 of 1,000 match" {
		t.Errorf("it says %q", s)
	}
	if s := r.list.bar.status.ToolTip(); !strings.HasSuffix(s, "first in queue 2 at offset 3: no three.") {
		t.Errorf("its tip says %q", s)
	}
	r.src.next.Store(1010)
	r.turn()
	if s := r.list.bar.status.Text(); s != "jq gave up at 101 · 404 of 1,010 match" {
		t.Errorf("when more came it says %q", s)
	}
	var got []uint64
	skipped, err := r.list.listed().Each(t.Context(), func(uint64) {}, func(m *message.Message) error { got = append(got, uint64(m.QueueOffset)); return nil })
	if err != nil || len(got) != 404 || got[0] != 1 || got[1] != 5 || skipped.GaveUp.Count != 101 || skipped.GaveUp.Offset != 3 {
		t.Errorf("%d handed over, %+v, %v", len(got), skipped, err)
	}
	e := &exported{Skipped: skipped, written: 404}
	if s := e.words("x.jsonl", false); !strings.HasSuffix(s, "jq gave up at 101 messages, first in queue 2 at offset 3: no three.") {
		t.Errorf("an export says %q", s)
	}
	asked.Store(0)
	r.filter("key:k99 jq:odd")
	if n := r.list.Len(); n != 5 || asked.Load() != 11 {
		t.Errorf("%d rows of %d", n, asked.Load())
	}
	// Where nobody runs jq, that is told and nothing is shown.
	r.list.p.Jq = nil
	r.filter("jq:odd ")
	if s := r.list.bar.status.Text(); r.list.Len() != 0 || !strings.Contains(s, "jq gave up at 1,010") || !strings.Contains(r.list.bar.covers, "jq gave up at 1,010 messages") || !r.list.bar.cover.Visible() {
		t.Errorf("%d rows, %q", r.list.Len(), s)
	}
	r.filter("jq:.a ] b")
	if s := r.list.bar.status.Text(); s != "“]” is no jq: unexpected token \"]\"" {
		t.Errorf("a wrong one: %q", s)
	}
}

// TestColoursAskJq: a filter that colours rows may have an expression of jq.
func TestColoursAskJq(t *testing.T) {
	keep, err := filter.Parse("jq:odd", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	m := marks{rules: []rule{{keep, profile.GreenMark}}}
	var asked atomic.Int64
	run := judge(&asked)(t.Context(), time.Time{})
	for n, want := range map[uint64]profile.Mark{1: profile.GreenMark, 2: profile.NoMark, 3: profile.NoMark} {
		if got := m.of(sample(n), nil, run); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
}
