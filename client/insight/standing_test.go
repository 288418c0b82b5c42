package insight

import (
	"maps"
	"slices"
	"testing"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/remoting"
	"gantry/client/testserver"
)

func TestTopicTrend(t *testing.T) {
	var tr TopicTrend
	at := time.Unix(1_800_000_000, 0)
	add := func(after time.Duration, ends int64, missing ...string) {
		at = at.Add(after)
		s := TopicStanding{At: at, Ends: ends, Queues: 4}
		for _, m := range missing {
			s.Missing = append(s.Missing, cluster.BrokerError{Broker: m})
		}
		tr.Add(s)
	}
	check := func(what string, rate float64, known bool, rates ...float64) {
		t.Helper()
		if r, k := tr.Rate(); r != rate || k != known || !slices.Equal(tr.Rates(), rates) {
			t.Errorf("%s: %v, %v, %v", what, r, k, tr.Rates())
		}
	}
	add(0, 100)
	check("one sample", 0, false)
	add(time.Second, 999) // too soon to compare
	check("a second later", 0, false)
	add(4*time.Second, 150)
	check("10 a second", 10, true, 10)
	add(5*time.Second, 150)
	check("none in the last 5 s", 5, true, 10, 0)
	tr.Add(TopicStanding{At: at.Add(5 * time.Second), Err: fault.Timeout})
	check("one time nothing is known", 5, true, 10, 0)
	add(5*time.Second, 120, "b")
	check("another broker is missing", 0, false)
	add(5*time.Second, 130, "b")
	check("again", 2, true, 2)
	add(5*time.Second, 3, "b")
	check("made anew", 0, false)
	add(time.Minute, 30, "b")
	check("nobody looked for a minute", 0, false)
	for range 30 {
		add(5*time.Second, 30, "b")
	}
	if n := len(tr.Rates()); n != trendBars || len(tr.samples) > 8 {
		t.Error(n, len(tr.samples))
	}
}

// TestTopicStandings: the part that a broker tells is told, and what is missing from it.
func TestTopicStandings(t *testing.T) {
	t.Parallel()
	said := answers{
		remoting.TopicStats: `{"offsetTable":{{"topic":"T","brokerName":"b","queueId":0}:{"minOffset":2,"maxOffset":9,"lastUpdateTimestamp":1796000000000},{"topic":"T","brokerName":"b","queueId":1}:{"minOffset":0,"maxOffset":0,"lastUpdateTimestamp":0}}}`,
	}
	a, b := said.serve(t)
	addr, _ := b.Master()
	// No route: nothing is known of it, and that is no 0.
	all, err := a.TopicStandings(t.Context(), []string{"T"})
	if err != nil || len(all) != 1 || all[0].Err == nil || all[0].Known() {
		t.Fatalf("%+v, %v", all, err)
	}
	said = maps.Clone(said)
	said[remoting.RouteByTopic] = `{"queueDatas":[{"brokerName":"b","readQueueNums":2,"writeQueueNums":2,"perm":6}],"brokerDatas":[{"brokerName":"b","cluster":"c","brokerAddrs":{"0":"` + addr + `"}}]}`
	a, _ = said.serve(t)
	a.known = map[string]cluster.Broker{"gone": {Name: "gone", Addrs: map[int64]string{0: testserver.Nowhere(t)}}}
	all, err = a.TopicStandings(t.Context(), []string{"T"})
	if err != nil || len(all) != 1 {
		t.Fatal(all, err)
	}
	s := all[0]
	if s.Err != nil || s.Kept != 7 || s.Ends != 9 || s.Queues != 2 || s.Last.UnixMilli() != 1796000000000 || !slices.Equal(s.Missing.Names(), []string{"gone"}) {
		t.Errorf("%+v", s)
	}
}

// TestLags: what waited is kept to be drawn, and begins anew where another broker is missing.
func TestLags(t *testing.T) {
	var tr Trend
	at := time.Unix(1_800_000_000, 0)
	add := func(after time.Duration, lag int64, missing ...cluster.BrokerError) {
		at = at.Add(after)
		tr.Add(GroupSummary{At: at, Lag: lag, LagKnown: true, Put: 1000, Taken: 1000 - lag, Missing: missing})
	}
	add(0, 9)
	add(time.Second, 8)
	add(5*time.Second, 7)
	if got := tr.Lags(); !slices.Equal(got, []float64{9, 7}) {
		t.Error(got)
	}
	tr.Add(GroupSummary{At: at.Add(5 * time.Second), Err: fault.Timeout})
	tr.Add(GroupSummary{At: at.Add(6 * time.Second)})
	if got := tr.Lags(); !slices.Equal(got, []float64{9, 7}) {
		t.Error("what is not known is drawn:", got)
	}
	add(7*time.Second, 3, cluster.BrokerError{Broker: "b"})
	if got := tr.Lags(); !slices.Equal(got, []float64{3}) {
		t.Error(got)
	}
}
