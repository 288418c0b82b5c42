package insight

import (
	"testing"
	"time"

	"gantry/client/cluster"
)

// TestReturns tells what the copies of a message say of it.
func TestReturns(t *testing.T) {
	t.Parallel()
	at := time.Unix(1_800_000_000, 0)
	came := func(times int, taken bool) retried {
		return retried{Retry{at.Add(time.Duration(times) * time.Second), times}, taken}
	}
	for name, c := range map[string]struct {
		of    *returns
		fate  Fate
		known bool
	}{
		"none":                           {nil, FateUnknown, false},
		"forgotten":                      {&returns{}, FateUnknown, false},
		"waits for its first retry":      {&returns{scheduled: []int{1}}, FateRetrying, true},
		"is there to be taken again":     {&returns{scheduled: []int{1}, retries: []retried{came(1, false)}}, FateRetrying, true},
		"was taken the second time":      {&returns{scheduled: []int{1}, retries: []retried{came(1, true)}}, FateConsumed, true},
		"waits for its second retry":     {&returns{scheduled: []int{1, 2}, retries: []retried{came(1, true)}}, FateRetrying, true},
		"the last of several, in a row":  {&returns{scheduled: []int{1, 2}, retries: []retried{came(2, false), came(1, true)}}, FateRetrying, true},
		"the last of several, all taken": {&returns{scheduled: []int{2, 1}, retries: []retried{came(2, true), came(1, true)}}, FateConsumed, true},
		"given up":                       {&returns{scheduled: []int{1}, retries: []retried{came(1, true)}, given: true}, FateDead, true},
		"given up at once":               {&returns{given: true}, FateDead, true},
	} {
		if f, known := c.of.fate(); f != c.fate || known != c.known {
			t.Errorf("%s: %d, %v", name, f, known)
		}
	}
}

// TestSettlement: nothing is told of what was not read.
func TestSettlement(t *testing.T) {
	t.Parallel()
	q := cluster.Queue{Broker: "broker-a", ID: 1}
	base := func(change func(*Settlement)) *Settlement {
		s := &Settlement{
			Members: 1, whole: true, wanted: map[string]cluster.Wanted{}, queues: map[QueueOf]standing{{"t", q}: {next: 10, has: true, known: true}},
			copies: map[string]*returns{"back": {scheduled: []int{1}}, "dead": {given: true}},
		}
		change(s)
		return s
	}
	same := func(*Settlement) {}
	wants := func(expression, kind string) func(*Settlement) {
		return func(s *Settlement) {
			s.wanted["t"] = cluster.Wanted{Topic: "t", Expression: expression, Kind: kind}
		}
	}
	m := Placed{Topic: "t", ID: "id", Tag: "a", Queue: q, Offset: 9}
	moved := func(change func(*Placed)) Placed { x := m; change(&x); return x }
	for name, c := range map[string]struct {
		s    *Settlement
		of   Placed
		want Fate
	}{
		"the position is past it":    {base(same), m, FateConsumed},
		"it is not":                  {base(same), moved(func(p *Placed) { p.Offset = 10 }), FateWaiting},
		"nobody is there":            {base(func(s *Settlement) { s.Members = 0 }), moved(func(p *Placed) { p.Offset = 10 }), FateOffline},
		"no position yet":            {base(func(s *Settlement) { s.queues[QueueOf{"t", q}] = standing{known: true} }), m, FateWaiting},
		"the queue was not read":     {base(same), moved(func(p *Placed) { p.ID, p.Queue.ID = "id", 2 }), FateUnknown},
		"nobody knows where it is":   {base(same), moved(func(p *Placed) { p.Queue = cluster.Queue{} }), FateUnknown},
		"sent back":                  {base(same), moved(func(p *Placed) { p.ID = "back" }), FateRetrying},
		"sent back, position before": {base(same), moved(func(p *Placed) { p.ID, p.Offset = "back", 99 }), FateRetrying},
		"given up, place not known":  {base(same), moved(func(p *Placed) { p.ID, p.Queue = "dead", cluster.Queue{} }), FateDead},
		"returns were not read":      {base(func(s *Settlement) { s.whole = false }), m, FateUnknown},
		"returns in part, it is one": {base(func(s *Settlement) { s.whole = false }), moved(func(p *Placed) { p.ID = "dead" }), FateDead},
		"returns not read, not yet":  {base(func(s *Settlement) { s.whole = false }), moved(func(p *Placed) { p.Offset = 10 }), FateWaiting},
		"broadcast":                  {base(func(s *Settlement) { s.Each = true }), m, FateEach},
		"popped":                     {base(func(s *Settlement) { s.Popped = true }), m, FateTaken},
		"of another tag":             {base(wants("b || c", "TAG")), m, FateFiltered},
		"of this tag":                {base(wants("b || a", "TAG")), m, FateConsumed},
		"by an expression":           {base(wants("x > 1", "SQL92")), m, FateUnknown},
		"by an expression, not yet":  {base(wants("x > 1", "SQL92")), moved(func(p *Placed) { p.Offset = 10 }), FateWaiting},
		"all":                        {base(wants(" * ", "TAG")), m, FateConsumed},
	} {
		if f := c.s.Of(c.of); f != c.want {
			t.Errorf("%s: %d, want %d", name, f, c.want)
		}
	}
	if !base(wants("x > 1", "SQL92")).SQL() || base(wants("*", "SQL92")).SQL() || base(wants("a", "TAG")).SQL() {
		t.Error("which groups want by an expression")
	}
}
