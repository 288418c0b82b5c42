package msglist

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestHistCounts: every time is in one bucket and in one bar, whatever the times are and
// their order; there are never too many buckets.
func TestHistCounts(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	day := time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC).UnixMilli()
	for _, spread := range []int64{1, 40, 3_000, 600_000, 90_000_000, 40_000_000_000, latestTime - day} {
		for _, zone := range []int64{0, 8 * 3_600_000, -11*3_600_000 - 1_800_000} {
			whole, parts := hist{zone: zone}, []hist{{zone: zone}, {zone: zone}, {zone: zone}}
			fit := hist{zone: zone}
			var times []int64
			for i := range 3000 {
				at := day + random.Int64N(spread)
				times = append(times, at)
				whole.add(at, 1)
				parts[i%3].add(at, 1)
				if i%7 == 0 {
					fit.add(at, 1)
				}
			}
			merged := hist{zone: zone}
			for i := range parts {
				merged.merge(&parts[i])
			}
			from, to := whole.span()
			if len(whole.counts) > mostBuckets || whole.within(from, to) != 3000 || merged.within(from-1e9, to+1e9) != 3000 {
				t.Fatalf("spread %d: %d buckets, %d and %d counted", spread, len(whole.counts), whole.within(from, to), merged.within(from, to))
			}
			bars := whole.bars(&fit, 120)
			if len(bars) == 0 || len(bars) > 120 {
				t.Fatalf("spread %d: %d bars", spread, len(bars))
			}
			all, fits := uint64(0), uint64(0)
			for i, b := range bars {
				n := uint64(0)
				for _, at := range times {
					if at >= b.from && at < b.to {
						n++
					}
				}
				if n != b.all || b.fit > b.all || i > 0 && bars[i-1].to != b.from {
					t.Fatalf("spread %d: a bar of %d, not %d, %d fit", spread, b.all, n, b.fit)
				}
				all, fits = all+b.all, fits+b.fit
			}
			if all != 3000 || fits != 429 {
				t.Errorf("spread %d: bars of %d, %d fit", spread, all, fits)
			}
		}
	}
}

// TestHistLeavesOut what is no time: it would leave no room for the others.
func TestHistLeavesOut(t *testing.T) {
	var h hist
	for _, at := range []int64{0, -1 << 63, 1<<63 - 1, 1000, latestTime + 1} {
		h.add(at, 1)
	}
	if len(h.counts) != 0 || h.bars(&hist{}, 100) != nil {
		t.Errorf("%d buckets", len(h.counts))
	}
	h.add(latestTime, 1)
	h.add(earliestTime, 1)
	if from, to := h.span(); h.within(from, to) != 2 || len(h.counts) > mostBuckets || len(h.bars(&hist{}, 50)) == 0 {
		t.Errorf("%d of 2 in %d buckets", h.within(from, to), len(h.counts))
	}
}

// TestHistBegins with whole hours of local time where a bar is an hour.
func TestHistBegins(t *testing.T) {
	zone := int64(5*3_600_000 + 1_800_000)
	h := hist{zone: zone}
	start := time.Date(2026, 11, 23, 0, 10, 0, 0, time.FixedZone("", int(zone/1000)))
	for i := range 40 {
		h.add(start.Add(time.Duration(i)*time.Hour).UnixMilli(), 1)
	}
	for _, b := range h.bars(&hist{}, 60) {
		if at := time.UnixMilli(b.from).In(start.Location()); at.Minute() != 0 || b.to-b.from != 3_600_000 || b.all != 1 {
			t.Errorf("a bar from %v with %d", at, b.all)
		}
	}
}
