package main

import (
	"testing"
	"time"
)

func TestSummary(t *testing.T) {
	var w waits
	if got := w.take(); got != (summary{}) {
		t.Errorf("nothing: %+v", got)
	}
	for i := 200; i > 0; i-- {
		w.add(time.Duration(i))
	}
	if got := w.take(); got != (summary{p50: 100, p99: 198, max: 200, count: 200}) {
		t.Errorf("1 to 200: %+v", got)
	}
	w.add(7)
	if got := w.take(); got != (summary{p50: 7, p99: 7, max: 7, count: 1}) {
		t.Errorf("one: %+v", got)
	}
}
