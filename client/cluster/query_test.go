package cluster

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gantry/client/fault"
)

// TestE3AnyStoredTime: the end of a search is told whatever times its messages have.
func TestE3AnyStoredTime(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Time{
		{}, time.UnixMilli(0), time.UnixMilli(1_796_000_000_123), time.UnixMilli(253_402_300_800_000), // the year 10000
		time.UnixMilli(math.MaxInt64), time.UnixMilli(math.MinInt64), time.UnixMilli(-62_135_596_800_001), // before the year 1
	} {
		want := Progress{Read: 3, Found: 2, Through: at, Missed: []Missed{{Subject: "a", Why: &fault.Fault{Raw: "x"}}}}
		b, err := json.Marshal(&want)
		if err != nil {
			t.Errorf("%v: %v", at.UnixMilli(), err)
			continue
		}
		var got Progress
		if err := json.Unmarshal(b, &got); err != nil {
			t.Fatal(err)
		}
		if !got.Through.Equal(at) {
			t.Errorf("%v becomes %v", at.UnixMilli(), got.Through.UnixMilli())
		}
		got.Through = at
		if d := cmp.Diff(want, got, cmpopts.IgnoreUnexported(fault.Fault{})); d != "" {
			t.Error(d)
		}
	}
}
