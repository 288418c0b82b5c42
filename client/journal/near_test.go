package journal

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"gantry/client/message"
)

// TestNear: records that lie close are read together, in their order, as Record reads them;
// what is damaged, far off, in another segment, too much or not there ends it.
func TestNear(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir, Options{SegmentRecords: 40})
	size := 0
	for i := range 60 {
		rec := record(i, 1000)
		size = len(rec)
		if err := w.Append(rec, 1); err != nil {
			t.Fatal(err)
		}
	}
	r := follow(t, dir)
	poll(t, r)
	path := filepath.Join(dir, segmentName(0))
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[20*size+500] ^= 1 // after it was found whole
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	span := func(from, to, step int) (all []uint64) {
		for n := from; n < to; n += step {
			all = append(all, uint64(n))
		}
		return all
	}
	for name, c := range map[string]struct {
		numbers []uint64
		room    int
		want    []uint64
	}{
		"one behind another":   {span(3, 13, 1), 64 << 10, span(3, 13, 1)},
		"with others between":  {span(0, 15, 3), 64 << 10, span(0, 15, 3)},
		"too far":              {span(0, 15, 6), 64 << 10, span(0, 1, 1)},
		"no more than fit":     {span(0, 15, 1), 5*size + 100, span(0, 5, 1)},
		"not even one":         {span(0, 15, 1), size - 1, nil},
		"damaged":              {span(17, 25, 1), 64 << 10, span(17, 20, 1)},
		"the first is damaged": {span(20, 25, 1), 64 << 10, nil},
		"two segments":         {span(37, 45, 1), 64 << 10, span(37, 40, 1)},
		"to the end":           {span(57, 65, 1), 64 << 10, span(57, 60, 1)},
		"not there":            {span(60, 65, 1), 64 << 10, nil},
		"in no order":          {[]uint64{5, 4, 6}, 64 << 10, []uint64{5}},
		"none":                 {nil, 64 << 10, nil},
	} {
		var got []uint64
		for _, rec := range r.Near(c.numbers, make([]byte, c.room)) {
			_, _, offset, ok := message.Place(rec)
			if !ok {
				t.Errorf("%s: no message", name)
			}
			got = append(got, uint64(offset))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if _, err := r.Evict(1, 0); err != nil {
		t.Fatal(err)
	}
	if got := r.Near(span(0, 3, 1), make([]byte, 64<<10)); got != nil {
		t.Errorf("%d are read that were evicted", len(got))
	}
}
