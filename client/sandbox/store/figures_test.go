package store

import (
	"testing"
	"time"
)

// TestFigures: rates are those of their span, and days begin at midnight.
func TestFigures(t *testing.T) {
	now := time.Date(2026, 3, 1, 23, 50, 0, 0, time.UTC)
	f := newFigures(func() time.Time { return now })
	rate := func(m *meter, span time.Duration) float64 {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.rate(m, span)
	}
	f.stored("orders", 30, 3000)
	f.stored(ScheduleTopic, 7, 70)
	now = now.Add(10 * time.Second)
	for range 60 {
		f.stored("orders", 2, 200)
		f.Pulled("orders", "g", 1, 100)
		f.Pulled("orders", "g", 0, 0)
		now = now.Add(time.Second)
	}
	now = now.Add(-time.Second)
	if got := f.TopicRate("orders"); got != 2 {
		t.Errorf("orders: %v a second", got)
	}
	if got := f.GroupRate("orders", "g"); got != 1 {
		t.Errorf("the group: %v a second", got)
	}
	if got := f.TopicRate("none") + f.GroupRate("orders", "none"); got != 0 {
		t.Errorf("what is not there: %v", got)
	}
	if got := rate(&f.puts, 10*time.Second); got != 2 {
		t.Errorf("in ten seconds %v a second", got)
	}
	// Since the start: it is not ten minutes ago.
	if got, want := rate(&f.puts, 10*time.Minute), float64(157)/69; got < want*0.98 || got > want*1.02 {
		t.Errorf("in ten minutes %v a second, want %v", got, want)
	}
	if f.found.total != 60 || f.missed.total != 60 || f.sent.total != 150 || f.puts.total != 157 {
		t.Errorf("%d found, %d missed, %d sent, %d stored", f.found.total, f.missed.total, f.sent.total, f.puts.total)
	}
	now = now.Add(20 * time.Minute) // past midnight
	f.stored("orders", 5, 500)
	f.sentDays.turn(now, f.sent.total)
	if d := f.sentDays; d.morning != 150 || d.yesterday != 0 {
		t.Errorf("after midnight %+v", d)
	}
	if got := rate(&f.puts, time.Minute); got != 5.0/60 {
		t.Errorf("after a quiet time %v a second", got)
	}
	if got := f.puts.sum(now, 24*time.Hour); got != 162 {
		t.Errorf("in a day %d", got)
	}
	now = now.Add(72 * time.Hour)
	f.sentDays.turn(now, f.sent.total)
	if d := f.sentDays; d.morning != 155 || d.yesterday != 155 {
		t.Errorf("after days of nothing %+v", d)
	}
	if got := f.puts.sum(now, 24*time.Hour) + f.puts.sum(now, time.Minute); got != 0 {
		t.Errorf("after days %d are left", got)
	}
	f.Pulled(ScheduleTopic, "gone", 1, 1)
	f.forgetGroup("gone")
	f.forget("orders")
	if len(f.groups) != 0 || f.topics["orders"] != nil || f.topics[ScheduleTopic] == nil {
		t.Errorf("%v %v", f.topics, f.groups)
	}
}
