package insight

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gantry/client/cluster"
	"gantry/client/fault"
)

// sampled is a group that stands so, some seconds after the epoch of a test.
func sampled(seconds int, members int, taken, put int64) GroupSummary {
	return GroupSummary{
		Name: "g", At: time.Unix(1_800_000_000+int64(seconds), 0), Members: members, LagKnown: true,
		Lag: put - taken, Taken: taken, Put: put, Queues: 4, BrokerRate: 7,
	}
}

func TestTrend(t *testing.T) {
	missing := func(s GroupSummary) GroupSummary {
		s.Missing = cluster.Missing{{Broker: "b", Err: fault.Timeout}}
		return s
	}
	for _, c := range []struct {
		name    string
		samples []GroupSummary
		in, out float64
		known   bool
		clears  time.Duration
		how     Clearing
	}{
		{name: "nothing"},
		{"one sample: what brokers say", []GroupSummary{sampled(0, 1, 0, 100)}, 0, 7, false, 0, ClearUnknown},
		{"nothing waits", []GroupSummary{sampled(0, 1, 100, 100)}, 0, 7, false, 0, Clear},
		{"nobody reads", []GroupSummary{sampled(0, 0, 0, 100)}, 0, 7, false, 0, ClearsNever},
		{"too close together", []GroupSummary{sampled(0, 1, 0, 100), sampled(2, 1, 50, 100)}, 0, 7, false, 0, ClearUnknown},
		{"it clears", []GroupSummary{sampled(0, 1, 0, 1000), sampled(10, 1, 300, 1100)}, 10, 30, true, 40 * time.Second, Clears},
		{"it grows", []GroupSummary{sampled(0, 1, 0, 1000), sampled(10, 1, 100, 1200)}, 20, 10, true, 0, Grows},
		{"as much comes as is taken", []GroupSummary{sampled(0, 1, 0, 1000), sampled(10, 1, 100, 1100)}, 10, 10, true, 0, ClearsNever},
		{"on its way", []GroupSummary{sampled(0, 1, 0, 50), sampled(10, 1, 100, 150)}, 10, 10, true, 5 * time.Second, Clears},
		{"it stands", []GroupSummary{sampled(0, 1, 0, 1000), sampled(10, 1, 0, 1100)}, 10, 0, true, 0, ClearsNever},
		{"years are no time", []GroupSummary{sampled(0, 1, 0, 1e12), sampled(10, 1, 10, 1e12)}, 0, 1, true, 0, ClearsNever},
		{"a reset begins anew", []GroupSummary{sampled(0, 1, 900, 1000), sampled(10, 1, 100, 1000)}, 0, 7, false, 0, ClearUnknown},
		{"a missing broker too", []GroupSummary{sampled(0, 1, 0, 1000), missing(sampled(10, 1, 10, 1000))}, 0, 7, false, 0, ClearUnknown},
		{"only the last half minute counts", []GroupSummary{
			sampled(0, 1, 0, 1000), sampled(10, 1, 1000, 2000), sampled(40, 1, 1000, 2000), sampled(50, 1, 1000, 2000),
		}, 0, 0, true, 0, ClearsNever},
		{"an old answer counts for nothing", []GroupSummary{sampled(10, 1, 0, 100), sampled(5, 1, 50, 100)}, 0, 7, false, 0, ClearUnknown},
		{"what is not known neither", []GroupSummary{{At: time.Unix(1, 0), Err: fault.Timeout}, {At: time.Unix(2, 0)}}, 0, 0, false, 0, ClearUnknown},
	} {
		var tr Trend
		for _, s := range c.samples {
			tr.Add(s)
		}
		in, out, known := tr.Rates()
		if in != c.in || out != c.out || known != c.known {
			t.Errorf("%s: %v in, %v out, %v", c.name, in, out, known)
		}
		if clears, how := tr.ClearsIn(); clears != c.clears || how != c.how {
			t.Errorf("%s: clears in %v, %v", c.name, clears, how)
		}
	}
	var tr Trend
	for i := range 1000 {
		tr.Add(sampled(i, 1, int64(i), 5000))
	}
	if n := len(tr.samples); n > 32 {
		t.Errorf("%d samples are kept", n)
	}
}

// member is one that says its queues are these, and took something so long ago.
func member(id string, now time.Time, idle time.Duration, queues ...int) MemberState {
	m := MemberState{Member: cluster.Member{ID: id}}
	for _, q := range queues {
		m.Running.Queues = append(m.Running.Queues, cluster.Held{Topic: "T", Queue: cluster.Queue{Broker: "b", ID: q}, Cached: 3, LastConsume: now.Add(-idle)})
	}
	return m
}

func silent(id string, err error) MemberState {
	return MemberState{Member: cluster.Member{ID: id}, Err: err}
}

// waiting is a queue in which so many wait.
func waiting(id int, lag int64) cluster.QueueProgress {
	return cluster.QueueProgress{Topic: "T", Queue: cluster.Queue{Broker: "b", ID: id}, End: 1000 + lag, Next: 1000}
}

func TestCause(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	lags := func(of ...int64) []cluster.QueueProgress {
		var all []cluster.QueueProgress
		for i, n := range of {
			all = append(all, waiting(i, n))
		}
		return all
	}
	enabled := cluster.GroupConfig{Consume: true}
	failing := member("x", now, 0, 0)
	failing.Running.Rates = map[string]cluster.Rates{"T": {OK: 5, Failed: 2}, "U": {OK: 1}}
	var grows, clears Trend
	grows.Add(sampled(0, 1, 0, 1000))
	grows.Add(sampled(10, 1, 100, 1200))
	clears.Add(sampled(0, 1, 0, 1000))
	clears.Add(sampled(10, 1, 500, 1000))
	for _, c := range []struct {
		name  string
		d     GroupDetail
		trend *Trend
		want  Cause
	}{
		{"nothing waits", GroupDetail{Members: []MemberState{member("x", now, 0, 0)}, Queues: lags(0)}, nil, Cause{}},
		{"nobody reads", GroupDetail{Queues: lags(30, 70)}, nil, Cause{Kind: CauseNobody, Lag: 100}},
		{"it may not", GroupDetail{ConfigKnown: true, Queues: lags(5)}, nil, Cause{Kind: CauseForbidden, Lag: 5}},
		{
			"one member of two is stuck", GroupDetail{
				ConfigKnown: true, Config: enabled, Queues: lags(42, 41, 15, 1, 1),
				Members: []MemberState{member("x", now, 411*time.Second, 0, 1, 2), member("y", now, time.Second, 3, 4)},
			}, nil, Cause{Kind: CauseMember, Lag: 100, Percent: 98, Queues: 3, Member: "x", Idle: 411 * time.Second},
		},
		{
			"its last taking of any queue counts", GroupDetail{
				Queues: lags(50, 50),
				Members: []MemberState{func() MemberState {
					m := member("x", now, time.Hour, 0)
					m.Running.Queues = append(m.Running.Queues, member("", now, time.Minute, 1).Running.Queues...)
					return m
				}(), member("y", now, 0)},
			}, nil, Cause{Kind: CauseMember, Lag: 100, Percent: 100, Queues: 2, Member: "x", Idle: time.Minute},
		},
		{
			"one that does not answer has what nobody else has", GroupDetail{
				Queues: lags(90, 10), Members: []MemberState{member("x", now, 0, 1), silent("y", fault.Timeout)},
			}, nil, Cause{Kind: CauseMember, Lag: 100, Percent: 90, Queues: 1, Member: "y", Silent: true},
		},
		{
			"one whose answer cannot be read may have it", GroupDetail{
				Queues: lags(90, 10), Members: []MemberState{member("x", now, 0, 1), silent("y", fault.BadAnswer)},
			}, nil, Cause{Kind: CauseWaiting, Lag: 100, Percent: 90, Queues: 1},
		},
		{
			"and then nobody knows of a silent one", GroupDetail{
				Queues: lags(90, 10), Members: []MemberState{member("x", now, 0, 1), silent("y", fault.BadAnswer), silent("z", fault.Timeout)},
			}, nil, Cause{Kind: CauseWaiting, Lag: 100, Percent: 90, Queues: 1},
		},
		{
			"the only member is stuck",
			GroupDetail{Queues: lags(9), Members: []MemberState{member("x", now, time.Minute, 0)}},
			nil,
			Cause{Kind: CauseStuck, Lag: 9, Percent: 100, Queues: 1, Member: "x", Idle: time.Minute},
		},
		{
			"the only member leaves out what waits", GroupDetail{
				Queues: lags(9), Members: []MemberState{func() MemberState {
					m := member("x", now, time.Hour, 0)
					m.Running.Queues[0].Cached, m.Running.Queues[0].LastPull = 0, now.Add(-15*time.Second)
					return m
				}()},
			}, nil, Cause{Kind: CauseWaiting, Lag: 9, Percent: 100, Queues: 1, Member: "x"},
		},
		{
			"the only member does not ask any more", GroupDetail{
				Queues: lags(9), Members: []MemberState{func() MemberState {
					m := member("x", now, time.Hour, 0)
					m.Running.Queues[0].Cached, m.Running.Queues[0].LastPull = 0, now.Add(-2*time.Minute)
					return m
				}()},
			}, nil, Cause{Kind: CauseStuck, Lag: 9, Percent: 100, Queues: 1, Member: "x", Idle: time.Hour},
		},
		{
			"one queue has nearly all", GroupDetail{
				Queues: lags(970, 10, 10, 5), Members: []MemberState{member("x", now, time.Hour, 0, 1, 2), member("y", now, 0, 3)},
			}, nil, Cause{Kind: CauseMember, Lag: 995, Percent: 97, Queues: 1, Member: "x", Idle: time.Hour},
		},
		{
			"all are stuck",
			GroupDetail{Queues: lags(50, 50), Members: []MemberState{member("x", now, time.Minute, 0), member("y", now, time.Hour, 1)}},
			nil,
			Cause{Kind: CauseStuck, Lag: 100, Percent: 50, Queues: 1, Idle: time.Minute},
		},
		{
			"a queue that nobody has",
			GroupDetail{Queues: lags(1, 99), Members: []MemberState{member("x", now, 0, 0)}},
			nil,
			Cause{Kind: CauseUnowned, Lag: 100, Percent: 99, Queues: 1},
		},
		{
			"members that nobody may ask",
			GroupDetail{Queues: lags(100), Members: []MemberState{silent("x", fault.NotOffered)}},
			&grows,
			Cause{Kind: CauseGrowing, Lag: 100, In: 20, Out: 10},
		},
		{
			"it works on it",
			GroupDetail{Queues: lags(100), Members: []MemberState{member("x", now, time.Second, 0)}},
			&clears,
			Cause{Kind: CauseClearing, Lag: 100, Percent: 100, Queues: 1, Member: "x", Idle: time.Second, Out: 50, Clears: 10 * time.Second},
		},
		{
			"not measured yet",
			GroupDetail{Queues: lags(100), Members: []MemberState{member("x", now, time.Second, 0)}},
			nil,
			Cause{Kind: CauseWaiting, Lag: 100, Percent: 100, Queues: 1, Member: "x", Idle: time.Second},
		},
		{
			"consuming fails",
			GroupDetail{Queues: lags(0), Members: []MemberState{failing}},
			nil,
			Cause{Kind: CauseFailing, Failed: 2, Topic: "T"},
		},
		{"it broadcasts", GroupDetail{Model: "BROADCASTING", Members: []MemberState{member("x", now, 0, 0)}}, nil, Cause{Kind: CauseBroadcast}},
		{"nobody tells", GroupDetail{QueuesErr: fault.NotOffered}, nil, Cause{Kind: CauseUnknown}},
	} {
		trend := c.trend
		if trend == nil {
			trend = &Trend{}
		}
		if diff := cmp.Diff(c.want, c.d.Cause(now, trend)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestDisagreements(t *testing.T) {
	wants := func(id string, ws ...cluster.Wanted) MemberState {
		ws = append(ws, cluster.Wanted{Topic: "%RETRY%" + id, Expression: "*"})
		return MemberState{Member: cluster.Member{ID: id}, Running: cluster.Running{Subscriptions: ws}}
	}
	tags := func(topic, expression string, tags ...string) cluster.Wanted {
		return cluster.Wanted{Topic: topic, Expression: expression, Kind: "TAG", Tags: tags}
	}
	d := GroupDetail{Members: []MemberState{
		wants("x", tags("T", "A || B", "A", "B"), tags("U", "*")),
		wants("y", tags("T", "B||A", "B", "A"), tags("U", "*")),
		silent("z", fault.Timeout),
	}}
	if got := d.Disagreements(); len(got) != 0 {
		t.Errorf("they agree: %+v", got)
	}
	d.Members = append(d.Members, wants("v", tags("T", "A", "A")))
	got := d.Disagreements()
	want := []Disagreement{
		{"T", []Wish{{tags("T", "A || B", "A", "B"), []string{"x", "y"}}, {tags("T", "A", "A"), []string{"v"}}}},
		{"U", []Wish{{tags("U", "*"), []string{"x", "y"}}, {cluster.Wanted{}, []string{"v"}}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
