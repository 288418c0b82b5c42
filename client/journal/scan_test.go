package journal

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"

	"gantry/client/message"
)

// fill writes records into a journal, of a few sizes, and returns it read to its end.
func fill(t *testing.T, n int, segment int64) (*Reader, string) {
	t.Helper()
	dir := t.TempDir()
	w, err := OpenWriter(dir, Options{Segment: segment})
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		body := make([]byte, 50+i%7*400)
		if i%500 == 499 {
			body = make([]byte, 3*runSize/2) // larger than a run
		}
		rec := message.AppendMessage(nil, &message.Message{Topic: "t", QueueOffset: int64(i), Broker: "b", Body: body})
		if err := w.Append(rec, 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return polled(t, dir), dir
}

func polled(t *testing.T, dir string) *Reader {
	t.Helper()
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	for more := true; more; {
		if _, more, err = r.Poll(); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

// thirds wants each third record, and checks that the bytes are those of its number.
func thirds(t *testing.T) func(*Run) []int {
	return func(run *Run) (wanted []int) {
		for i, at := range run.Starts {
			if _, bad := slices.BinarySearch(run.Damaged, i); bad {
				continue
			}
			_, _, offset, ok := message.Place(run.Bytes[at:])
			if n := run.First + uint64(i); !ok || uint64(offset) != n {
				t.Errorf("record %d is that of offset %d, %v", n, offset, ok)
			}
			if (run.First+uint64(i))%3 == 0 {
				wanted = append(wanted, i)
			}
		}
		return wanted
	}
}

func multiples(from, to uint64) (all []uint64) {
	for n := from; n < to; n++ {
		if n%3 == 0 {
			all = append(all, n)
		}
	}
	return all
}

// TestScan: each record is looked at once, whatever part is asked for, over segments and
// records larger than a run, and the answer is in order.
func TestScan(t *testing.T) {
	const n = 5000
	r, _ := fill(t, n, 2<<20)
	for _, c := range [][2]uint64{{0, n}, {0, 1}, {1, 2}, {17, 4321}, {499, 500}, {4999, 5000}, {n, n}, {n - 1, n + 100}, {0, n + 100}} {
		found, at, err := r.Scan(t.Context(), c[0], c[1], thirds(t))
		if want := multiples(c[0], min(c[1], n)); err != nil || !slices.Equal(found, want) || at != c[1] && c[1] <= n || at < n && c[1] > n {
			t.Errorf("%v: %d found, want %d, up to %d, %v", c, len(found), len(want), at, err)
		}
	}
}

// TestScanStops: it ends with its context, and says from where on nothing was looked at.
func TestScanStops(t *testing.T) {
	r, _ := fill(t, 5000, 2<<20)
	ctx, cancel := context.WithCancel(t.Context())
	var looked atomic.Int64
	found, at, err := r.Scan(ctx, 0, 5000, func(run *Run) []int {
		if looked.Add(1) == 3 {
			cancel()
		}
		return thirds(t)(run)
	})
	if want := multiples(0, at); err != nil || at == 0 || at == 5000 || !slices.Equal(found, want) {
		t.Errorf("%d found, want %d, up to %d, %v", len(found), len(want), at, err)
	}
	defer func() {
		if recover() == nil {
			t.Error("a panic is lost")
		}
	}()
	_, _, _ = r.Scan(t.Context(), 0, 5000, func(*Run) []int { panic("look") })
}

// TestScanOfWhatIsDamagedOrGone: damaged stretches are named, what is evicted is left out,
// and a file that cannot be read is an error with a place.
func TestScanOfWhatIsDamagedOrGone(t *testing.T) {
	const n = 3000
	r, dir := fill(t, n, 1<<20)
	r.Close()
	names, err := filepath.Glob(filepath.Join(dir, "*.seg"))
	if err != nil || len(names) < 3 {
		t.Fatal(names, err)
	}
	f, err := os.OpenFile(names[1], os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(make([]byte, 5000), 100_000); err != nil || f.Close() != nil {
		t.Fatal(err)
	}
	r = polled(t, dir)
	var damaged atomic.Int64
	_, at, err := r.Scan(t.Context(), 0, n, func(run *Run) []int { damaged.Add(int64(len(run.Damaged))); return nil })
	if err != nil || at != n || damaged.Load() == 0 {
		t.Errorf("%d damaged, up to %d, %v", damaged.Load(), at, err)
	}
	if _, err := r.Evict(8<<20, 0); err != nil {
		t.Fatal(err)
	}
	first, _ := r.Range()
	found, at, err := r.Scan(t.Context(), 0, n, thirds(t))
	if want := multiples(first, n); first == 0 || err != nil || at != n || !slices.Equal(found, want) {
		t.Errorf("evicted up to %d: %d found, want %d, up to %d, %v", first, len(found), len(want), at, err)
	}
	last := r.segs[len(r.segs)-1]
	if err := os.Truncate(filepath.Join(dir, segmentName(last.first)), 10); err != nil {
		t.Fatal(err)
	}
	found, at, err = r.Scan(t.Context(), 0, n, thirds(t))
	if want := multiples(first, last.first); err == nil || at != last.first || !slices.Equal(found, want) {
		t.Errorf("cut short: %d found, want %d, up to %d, want %d, %v", len(found), len(want), at, last.first, err)
	}
	r.Close()
	if found, _, err := r.Scan(t.Context(), 0, n, thirds(t)); err != nil || len(found) > 0 {
		t.Errorf("closed: %d found, %v", len(found), err)
	}
}
