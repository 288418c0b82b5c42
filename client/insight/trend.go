package insight

import (
	"slices"
	"time"
)

const (
	// trendWindow is how far back rates reach: consumers commit every 5 s, so that
	// a shorter one would jump.
	trendWindow = 30 * time.Second
	// trendSpan is the least time between two samples that make a rate.
	trendSpan = 4 * time.Second
	// trendBars is how many values of a thing are kept to be drawn.
	trendBars = 20
)

// Trend follows one group over time and tells its rates. The zero value is ready;
// it holds samples of the last trendWindow, and trendBars lags. Not for concurrent use.
type Trend struct {
	samples []GroupSummary
	lags    []float64
	lagAt   time.Time // of the newest of lags
}

// Add takes notice of how the group stands. What cannot be compared with what was
// there before (a broker is missing now, there are more queues, positions went
// back) begins anew.
func (t *Trend) Add(s GroupSummary) {
	if s.Err != nil || !s.LagKnown {
		return
	}
	if n := len(t.samples); n > 0 {
		last := t.samples[n-1]
		if !s.At.After(last.At) {
			return
		}
		if s.Queues != last.Queues || s.Taken < last.Taken || s.Put < last.Put ||
			!slices.Equal(s.Missing.Names(), last.Missing.Names()) {
			t.samples = nil
		}
		if !slices.Equal(s.Missing.Names(), last.Missing.Names()) {
			t.lags = nil
		}
	}
	if len(t.lags) == 0 || s.At.Sub(t.lagAt) >= trendSpan {
		t.lags, t.lagAt = bounded(append(t.lags, float64(s.Lag))), s.At
	}
	t.samples = append(t.samples, s)
	for len(t.samples) > 2 && s.At.Sub(t.samples[1].At) >= trendWindow {
		t.samples = slices.Delete(t.samples, 0, 1)
	}
}

// bounded keeps the newest trendBars.
func bounded(values []float64) []float64 {
	return slices.Delete(values, 0, max(len(values)-trendBars, 0))
}

// Lags are what waited, oldest first. Only until the next Add.
func (t *Trend) Lags() []float64 { return t.lags }

// Rates are the messages in a second that came and that were taken. known is
// false until two samples are far enough apart; then out is what the brokers
// say, in is 0.
func (t *Trend) Rates() (in, out float64, known bool) {
	n := len(t.samples)
	if n == 0 {
		return 0, 0, false
	}
	first, last := t.samples[0], t.samples[n-1]
	span := last.At.Sub(first.At)
	if span < trendSpan {
		return 0, last.BrokerRate, false
	}
	return float64(last.Put-first.Put) / span.Seconds(), float64(last.Taken-first.Taken) / span.Seconds(), true
}

// Clearing is whether a group catches up.
type Clearing int

// The kinds. ClearUnknown: not measured yet; Clear: nothing waits; Clears: it
// does, in a time; Grows: more comes than is taken; ClearsNever: nothing is
// taken, or no more than comes.
const (
	ClearUnknown Clearing = iota
	Clear
	Clears
	Grows
	ClearsNever
)

// ClearsIn tells when nothing waits any more if both rates stay as they are.
func (t *Trend) ClearsIn() (time.Duration, Clearing) {
	if len(t.samples) == 0 {
		return 0, ClearUnknown
	}
	last := t.samples[len(t.samples)-1]
	if last.Lag == 0 {
		return 0, Clear
	}
	if last.Members == 0 {
		return 0, ClearsNever
	}
	in, out, known := t.Rates()
	lag, ahead := float64(last.Lag), out-in
	switch {
	case !known:
		return 0, ClearUnknown
	case out <= 0:
		return 0, ClearsNever
	case lag <= out*keepsUp.Seconds():
		return seconds(lag / out), Clears // it is on its way
	case ahead < -rateError*in:
		return 0, Grows
	case ahead <= rateError*in || lag/ahead > clearsAtAll.Seconds():
		return 0, ClearsNever
	}
	return seconds(lag / ahead), Clears
}

const (
	// keepsUp is how much may be on its way in a group that is not behind.
	keepsUp = 10 * time.Second
	// rateError is how exact rates are.
	rateError = 0.02
	// clearsAtAll is the longest time that is worth waiting for.
	clearsAtAll = 1000 * time.Hour
)

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
