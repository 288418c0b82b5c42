package journal

import (
	"errors"
	"sync/atomic"
	"testing"
)

// TestNotYetIsNotEvicted: what Poll has not come to is not there yet, also where it
// has seen that a newer segment was begun.
func TestNotYetIsNotEvicted(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir, Options{Segment: pollLimit + 4<<20})
	n := 0
	for ; n < 22; n++ {
		if err := w.Append(record(n, 1<<20), 1); err != nil {
			t.Fatal(err)
		}
	}
	if w.first == 0 {
		t.Fatal("there is one segment only")
	}
	r := follow(t, dir)
	added, more, err := r.Poll()
	if err != nil || !more || uint64(added) >= w.first {
		t.Fatalf("%d added, more %v, %v", added, more, err)
	}
	if _, err := r.Record(uint64(added)); !errors.Is(err, ErrNone) {
		t.Errorf("the record that Poll comes to next: %v", err)
	}
	poll(t, r)
	for i := range uint64(n) {
		if got := offsetOf(t, r, i); got != int64(i) {
			t.Errorf("record %d is %d", i, got)
		}
	}
}

// TestReadWhileSegmentsAreBegun: whoever reads while another polls never sees as gone
// what was just written.
func TestReadWhileSegmentsAreBegun(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir, Options{Segment: 2 << 10})
	r := follow(t, dir)
	const records = 3000
	var reading atomic.Bool
	reading.Store(true)
	polled := make(chan error, 1)
	go func() {
		for reading.Load() {
			if _, _, err := r.Poll(); err != nil {
				polled <- err
				return
			}
		}
		polled <- nil
	}()
	for i := range records {
		if err := w.Append(record(i, 300), 1); err != nil {
			t.Fatal(err)
		}
		for {
			_, err := r.Record(uint64(i))
			if err == nil {
				break
			}
			if !errors.Is(err, ErrNone) {
				t.Fatalf("record %d: %v", i, err)
			}
		}
	}
	reading.Store(false)
	if err := <-polled; err != nil {
		t.Error(err)
	}
}
