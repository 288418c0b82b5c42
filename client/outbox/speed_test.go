package outbox

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestQuantiles: within a ninth of what sorting says.
func TestQuantiles(t *testing.T) {
	var h histogram
	if h.quantile(0.5) != 0 {
		t.Error("nothing took something")
	}
	var all []time.Duration
	for range 10_000 {
		d := time.Duration(rand.ExpFloat64()*5000) * time.Microsecond
		all = append(all, d)
		h.add(d)
	}
	slices.Sort(all)
	for _, q := range []float64{0.01, 0.5, 0.9, 0.99, 1} {
		want := all[max(int(q*float64(len(all)))-1, 0)]
		got := h.quantile(q)
		if got < want || float64(got) > float64(want)*1.13+2000 {
			t.Errorf("%v: %v, sorted %v", q, got, want)
		}
	}
	h.add(-time.Second)
	h.add(300 * time.Hour)
	for us := uint64(0); us < 1<<40; us = us*2 + 1 + us/3 {
		if b := bucket(us); b < 399 && (highest(b) < us || b > 0 && highest(b-1) >= us) {
			t.Fatalf("%d is in bucket %d, which ends at %d", us, b, highest(b))
		}
	}
}

func TestPace(t *testing.T) {
	var p pace
	at := time.Unix(1_796_000_000, 0)
	if r, s := p.look(at); r != 0 || s != nil {
		t.Error(r, s)
	}
	for i := range 500 { // 100 a second
		p.add(at.Add(time.Duration(i) * 10 * time.Millisecond))
	}
	if r, s := p.look(at.Add(5 * time.Second)); r != 100 || len(s) != 6 || s[0] != 100 || s[5] != 0 {
		t.Error(r, s)
	}
	if r, _ := p.look(at.Add(time.Minute)); r != 0 {
		t.Error("it goes on", r)
	}
	if _, s := p.look(at.Add(time.Hour)); len(s) != kept {
		t.Error(len(s))
	}
	var young pace
	young.add(at.Add(100 * time.Millisecond))
	if r, _ := young.look(at.Add(500 * time.Millisecond)); r != 2 {
		t.Error(r)
	}
}
