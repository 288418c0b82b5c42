package outbox

import (
	"math"
	"math/bits"
	"time"
)

// histogram counts lengths of time, eight to an octave: it is off by a ninth at most.
type histogram struct {
	counts [400]uint32
	n      uint64
}

func bucket(us uint64) int {
	if us < 8 {
		return int(us)
	}
	e := bits.Len64(us) - 4
	return min(8*e+int(us>>e), 399)
}

func (h *histogram) add(d time.Duration) {
	h.counts[bucket(uint64(max(d.Microseconds(), 0)))]++
	h.n++
}

// quantile is what a part of them took at most, 0 where there are none.
func (h *histogram) quantile(q float64) time.Duration {
	want := uint64(math.Ceil(q * float64(h.n)))
	if want == 0 {
		return 0
	}
	var sum uint64
	for i, n := range h.counts {
		if sum += uint64(n); sum >= want {
			return time.Duration(highest(i)) * time.Microsecond
		}
	}
	return 0
}

// highest is the greatest value that goes into a bucket.
func highest(i int) uint64 {
	if i < 16 {
		return uint64(i)
	}
	e := i/8 - 1
	return (uint64(i-8*e)+1)<<e - 1
}

// kept is of how many seconds the rate is known.
const kept = 120

// pace counts what happened in each of the last seconds.
type pace struct {
	counts [kept]uint32
	second [kept]int64
	first  int64 // the oldest second that something happened in
}

func (p *pace) add(at time.Time) {
	s := at.Unix()
	i := int(s % kept)
	if p.second[i] != s {
		p.second[i], p.counts[i] = s, 0
	}
	p.counts[i]++
	if p.first == 0 || s < p.first {
		p.first = s
	}
}

// look returns the rate of the last three full seconds, or of as many as there were, and
// that of each of the last, the newest last.
func (p *pace) look(now time.Time) (rate float64, seconds []float64) {
	if p.first == 0 {
		return 0, nil
	}
	at := func(s int64) float64 {
		if i := int(s % kept); p.second[i] == s {
			return float64(p.counts[i])
		}
		return 0
	}
	current := now.Unix()
	for s := max(p.first, current-kept+1); s <= current; s++ {
		seconds = append(seconds, at(s))
	}
	from := max(current-3, p.first)
	if from >= current { // it began in this second
		part := max(now.Sub(time.Unix(current, 0)).Seconds(), 0.2)
		return at(current) / part, seconds
	}
	sum := 0.0
	for s := from; s < current; s++ {
		sum += at(s)
	}
	return sum / float64(current-from), seconds
}

// Speed is how quick sends are.
type Speed struct {
	// PerSecond is the rate of the last seconds, P50 and P99 what half and 99 of 100 of
	// the stored ones took at most; 0 where nothing is known.
	PerSecond float64
	P50, P99  time.Duration
	// Seconds are the rates of the last seconds, the newest last.
	Seconds []float64
}

// Speed says how quick sends are. It takes a short lock only.
func (s *Sends) Speed(now time.Time) Speed {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := Speed{P50: s.took.quantile(0.5), P99: s.took.quantile(0.99)}
	out.PerSecond, out.Seconds = s.rate.look(now)
	return out
}
