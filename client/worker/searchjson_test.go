package worker

import (
	"bytes"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestE3AnyStoredTime: the end of a search is told whatever times its messages have.
func TestE3AnyStoredTime(t *testing.T) {
	for _, at := range []time.Time{
		{}, time.UnixMilli(0), time.UnixMilli(1_796_000_000_123), time.UnixMilli(253_402_300_800_000), // the year 10000
		time.UnixMilli(math.MaxInt64), time.UnixMilli(math.MinInt64), time.UnixMilli(-62_135_596_800_001), // before the year 1
	} {
		var pipe bytes.Buffer
		w := &writer{w: &pipe}
		want := Event{Kind: Searched, Search: &Search{Read: 3, Found: 2, Through: at, Ended: true, Failed: []Part{{Subject: "a", Text: "x"}}}}
		if err := w.send(want, nil); err != nil {
			t.Errorf("%v: %v", at.UnixMilli(), err)
			continue
		}
		var got Event
		if _, err := receive(&pipe, &got); err != nil {
			t.Fatal(err)
		}
		if !got.Search.Through.Equal(at) {
			t.Errorf("%v becomes %v", at.UnixMilli(), got.Search.Through.UnixMilli())
		}
		got.Search.Through = at
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	}
}
