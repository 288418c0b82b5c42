package journal

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"gantry/client/message"
)

// TestTimes: each record's time is known without reading it, over segments, behind damage
// and after eviction; a record that is none has none.
func TestTimes(t *testing.T) {
	dir := t.TempDir()
	w, err := OpenWriter(dir, Options{Segment: 8 << 10})
	if err != nil {
		t.Fatal(err)
	}
	const count = 300
	for i := range count {
		rec := message.AppendMessage(nil, &message.Message{Topic: "t", Broker: "b", StoredAt: time.UnixMilli(int64(1000 + i)), Body: make([]byte, 100)})
		if i == 5 {
			rec = message.AppendBegin(nil, time.UnixMilli(7))
		}
		if err := w.Append(rec, 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := polled(t, dir)
	check := func(from uint64, damaged uint64) {
		t.Helper()
		dst := make([]int64, 7)
		at := from
		for {
			first, n := r.Times(at, dst)
			if n == 0 {
				break
			}
			if first != at {
				t.Fatalf("times of %d from %d on", first, at)
			}
			for i, got := range dst[:n] {
				want := int64(1000) + int64(first) + int64(i)
				if number := first + uint64(i); number == 5 || number == damaged {
					want = 0
				}
				if got != want {
					t.Fatalf("record %d was stored at %d, not %d", first+uint64(i), got, want)
				}
			}
			at += uint64(n)
		}
		if at != count {
			t.Errorf("times up to %d", at)
		}
	}
	check(0, count)
	if _, err := r.Evict(20<<10, 0); err != nil {
		t.Fatal(err)
	}
	kept, _ := r.Range()
	if first, n := r.Times(0, make([]int64, 1)); kept == 0 || first != kept || n != 1 {
		t.Errorf("%d times of %d, the oldest kept is %d", n, first, kept)
	}
	check(kept, count)

	// Damage in the first of those that are kept: what follows has its times.
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(filepath.Join(dir, segmentName(kept)), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt([]byte{0xFF}, 100); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	r = polled(t, dir)
	check(kept, kept)
}
