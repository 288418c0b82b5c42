package subscribe

import (
	"slices"
	"testing"
	"time"

	"gantry/client/decode"
	"gantry/client/fault"
	"gantry/client/profile"
	"gantry/client/session"
	"gantry/gui/inspect"
	"gantry/gui/msglist"
	"gantry/gui/stage"
)

// TestEndIsSaid: a subscription that ends by itself is shown so, though nothing ticks any
// more, and counted while the tab is hidden.
func TestEndIsSaid(t *testing.T) {
	one := spec("orders", "", false)
	one.Follow = true
	r := newRig(t, profile.Profile{}, nil, one)
	count := -1
	r.screen.p.OnCount = func(n int) { count = n }
	start := func() *fake {
		r.screen.Primary()
		r.Until(t, "the start", func() bool {
			return r.screen.current.st.State == session.Receiving && !r.screen.current.starting && count == 1
		})
		return r.back.subs[r.screen.current.spec.ID]
	}
	end := session.Status{Err: fault.WorkerDied}
	f := start()
	f.change(func() { f.status = end })
	r.Until(t, "the banner", func() bool { return r.screen.page.drawnBanner.failed && count == 0 })
	if r.screen.watch.On() {
		t.Error("it ticks although nothing runs")
	}
	f = start()
	r.screen.SetShown(false)
	f.change(func() { f.status = end })
	r.Until(t, "the count", func() bool { return count == 0 })
	if n := r.Tasks.Tickers(); n > 0 {
		t.Errorf("%d tickers of a hidden tab", n)
	}
}

// TestRateOfAll: what runs adds up; what nothing is known of yet, or has stopped, is not
// said.
func TestRateOfAll(t *testing.T) {
	at := func(s int64) time.Time { return time.Unix(s, 0) }
	runs := func() (*fake, *sub) {
		f := &fake{status: session.Status{State: session.Receiving}}
		b := &sub{live: f, sampled: at(0)}
		b.read()
		return f, b
	}
	one, a := runs()
	two, b := runs()
	s := &Screen{subs: []*sub{a, b, {}}}
	if got := s.Rate(at(0)); got != "" {
		t.Errorf("nothing came yet, and it says %q", got)
	}
	one.locked(func() { one.kept = 30 })
	two.locked(func() { two.kept = 1000 })
	if got := s.Rate(at(10)); got != "103 /s" {
		t.Errorf("the mean of ten seconds is %q", got)
	}
	one.locked(func() { one.status.Sifts = true })
	if got := s.Rate(at(10)); got != "103 /s" {
		t.Errorf("with all of another: %q", got)
	}
	two.locked(func() { two.status.Sifts = true })
	if got := s.Rate(at(10)); got != "103 /s fit" {
		t.Errorf("of both only what fits: %q", got)
	}
	for _, f := range []*fake{one, two} {
		f.locked(func() { f.status.State = session.Stopped })
	}
	a.read()
	b.read()
	if got := s.Rate(at(20)); got != "" {
		t.Errorf("nothing runs, and it says %q", got)
	}
}

// TestRateOfAHiddenTab: what came while nobody looked is its mean, not one high bar.
func TestRateOfAHiddenTab(t *testing.T) {
	f := &fake{}
	b := &sub{live: f, sampled: time.Unix(0, 0)}
	look := func(at float64, received uint64) {
		f.locked(func() { f.kept = received })
		b.read()
		b.sample(time.Unix(0, 0).Add(time.Duration(at * float64(time.Second))))
	}
	look(0.5, 7) // too soon
	look(1, 10)
	look(2.1, 30)
	look(12.1, 130)
	want := append([]float64{10, 20}, slices.Repeat([]float64{10}, 10)...)
	if !slices.Equal(b.rates, want) {
		t.Errorf("rates %v", b.rates)
	}
	if look(1000, 130); len(b.rates) != bars || b.moves() {
		t.Errorf("after a long time: %v", b.rates)
	}
}

// TestRateBegins: what comes first is the rate of that second, not spread over the time for
// which the subscription lay still before it.
func TestRateBegins(t *testing.T) {
	f := &fake{}
	at := func(s int64) time.Time { return time.Unix(s, 0) }
	b := &sub{live: f, sampled: at(0)}
	b.read()
	b.begin(at(600))
	f.locked(func() { f.status.State, f.kept = session.Receiving, 2300 })
	b.read()
	b.sample(at(601))
	if got := b.rates[len(b.rates)-1]; got != 2300 {
		t.Errorf("%v a second, all %v", got, b.rates)
	}
}

// TestRateOfWhatFits: a follow that keeps only what fits says that its rate counts that. What
// it looked at is said of how it was started, whatever its form says by now.
func TestRateOfWhatFits(t *testing.T) {
	f := &fake{status: session.Status{State: session.Receiving, Sifts: true, Fit: 20, Filtered: 80}}
	f.kept = 50
	b := &sub{live: f, rates: []float64{20}, spec: profile.Subscription{Follow: true, Any: true}, list: msglist.New(msglist.Params{Tasks: stage.New(t).Tasks})}
	bar := newStatusBar()
	show := func() { b.read(); bar.show(b) }
	if show(); bar.rate != "20.0 /s fit" || bar.counts[0].value != "100" || bar.counts[1].value != "20" {
		t.Errorf("%q, %v", bar.rate, bar.counts)
	}
	f.locked(func() { f.status.State = session.Stopped })
	b.spec.Any = false
	if show(); bar.counts[0] != (counter{"Looked at", "100", false}) || bar.counts[1] != (counter{"Fit", "20", false}) {
		t.Errorf("stopped, with another form: %v", bar.counts)
	}
	f.locked(func() { f.status = session.Status{State: session.Stopped} })
	b.spec.Any = true
	if show(); bar.rate != "0.0 /s" || bar.counts[0] != (counter{"Received", "50", false}) {
		t.Errorf("taken without a filter, then one was typed: %q, %v", bar.rate, bar.counts)
	}
}

// TestFormatOfAFollow: where the format of bodies is another one than a filtered follow began
// with that is said, until it is the same again or the follow is started anew.
func TestFormatOfAFollow(t *testing.T) {
	follow := func(expression string) profile.Subscription {
		return profile.Subscription{ID: "s1", Topic: "orders", Follow: true, Any: true, Expression: expression}
	}
	const told = "the filter reads them as before"
	for expression, reads := range map[string]bool{".state:paid": true, "tag:paid": false} {
		r := newRig(t, profile.Profile{}, nil, follow(expression))
		says := &profile.Schema{Topic: "orders", Format: decode.CBOR}
		r.screen.p.Formats = inspect.Formats{Of: func(string) *profile.Schema { return says }}
		start := func() {
			r.screen.Primary()
			r.Until(t, "the start", func() bool { r.settle(); return r.screen.current.st.State == session.Receiving })
			r.back.subs["s1"].locked(func() { r.back.subs["s1"].status.Sifts = true })
			r.settle()
		}
		changed := func(to *profile.Schema) {
			says = to
			r.screen.FormatsChanged(func(string) bool { return true })
			r.settle()
		}
		start()
		changed(&profile.Schema{Topic: "*", Format: decode.CBOR}) // said by another line
		if r.Has(told) {
			t.Errorf("%s: nothing changed, and it says so", expression)
		}
		if changed(&profile.Schema{Topic: "orders", Format: decode.MessagePack}); r.Has(told) != reads {
			t.Errorf("%s: said is %v", expression, !reads)
		}
		changed(nil)
		if changed(&profile.Schema{Topic: "orders", Format: decode.CBOR}); r.Has(told) {
			t.Errorf("%s: it is as it was, and it says so", expression)
		}
		changed(nil)
		r.screen.StopRunning()
		r.Until(t, "the end", func() bool { r.settle(); return !r.screen.current.running() })
		if start(); r.Has(told) {
			t.Errorf("%s: it is started anew, and it says so", expression)
		}
	}
}
