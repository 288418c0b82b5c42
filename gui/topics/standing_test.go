package topics

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/client/profile"
	"gantry/gui/theme"
)

// TestStandings: a row tells what its topic keeps; what is not known is never 0, and a part
// says that it is one.
func TestStandings(t *testing.T) {
	f, now := someTopics(), time.Now()
	f.stands = map[string]insight.TopicStanding{
		"orders": {At: now, Kept: 12, Ends: 100, Queues: 8, Last: now},
		"users":  {At: now, Kept: 5, Ends: 5, Queues: 4, Missing: cluster.Missing{{Broker: "broker-b", Err: fault.Timeout}}},
	}
	r := newRig(t, profile.Profile{}, f)
	row := func(i int) []string {
		var texts []string
		for _, c := range r.screen.cells(r.screen.At(i))[columnMessages:] {
			texts = append(texts, c.Text)
		}
		return texts
	}
	if got := row(0); got[0] != "12" || got[1] != "—" || got[3] != now.Format("15:04:05") {
		t.Errorf("%q", got)
	}
	if c := r.screen.cells(r.screen.At(1)); c[columnMessages].Text != "≥ 5" || c[columnMessages].Tint != theme.Warn || c[columnLast].Text != "—" {
		t.Errorf("%+v", c)
	}
	// The brokers' answer to the list has no part missing: that of a row does not say so.
	if above := r.screen.Above(); above != "" {
		t.Error(above)
	}
	// 50 more in 5 s.
	f.set(func() {
		f.stands["orders"] = insight.TopicStanding{At: now.Add(5 * time.Second), Kept: 62, Ends: 150, Queues: 8, Last: now}
	})
	r.screen.Refresh()
	r.settle()
	if c := r.screen.cells(r.screen.At(0)); c[columnMessages].Text != "62" || c[columnRate].Text != "10 /s" || !slices.Equal(c[columnSpark].Bars, []float64{10}) {
		t.Errorf("%+v", c)
	}
	// It is not told any more.
	f.set(func() { delete(f.stands, "orders") })
	r.screen.Refresh()
	r.settle()
	if c := r.screen.cells(r.screen.At(0)); c[columnMessages].Text != "—" || c[columnRate].Text != "—" || len(c[columnSpark].Bars) > 0 {
		t.Errorf("%+v", c)
	}
}

// TestOnlyTopicsInSightAreAsked: of 10,000 a screenful, and another when they come into sight.
func TestOnlyTopicsInSightAreAsked(t *testing.T) {
	f := someTopics()
	for i := range 10_000 {
		f.list.Topics = append(f.list.Topics, cluster.TopicConfig{Name: fmt.Sprintf("t%05d", i)})
	}
	r := newRig(t, profile.Profile{}, f)
	last := "t09999"
	asked := func(name string) bool {
		f.mu.Lock()
		defer f.mu.Unlock()
		return slices.Contains(f.stood, name)
	}
	if n := len(f.stood); n == 0 || n > 40 || !asked("orders") || asked(last) {
		t.Fatal(n, f.stood)
	}
	r.screen.Table.ScrollToBottom()
	r.Until(t, "the last topic is asked about", func() bool { return asked(last) })
	r.settle()
	if n := len(f.stood); n > 80 {
		t.Error(n, "topics were asked about")
	}
	// A retry topic is asked about when its segment is shown.
	if asked("%RETRY%g") {
		t.Error("one that is not shown was asked about")
	}
	r.screen.Segments.Select(int(ofGroups))
	r.Until(t, "the retry topic is asked about", func() bool { return asked("%RETRY%g") })
}
