package subscribe

import (
	"slices"
	"testing"
	"time"
)

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
