package journal

import (
	"errors"
	"testing"

	"gantry/client/fault"
)

// TestAppendNow: it writes at once, and waits for no room; what it had to leave stands
// before what comes behind it, and is written when there is room, or is given up at the end.
func TestAppendNow(t *testing.T) {
	dir := t.TempDir()
	reasons := make(chan error, 100)
	w := open(t, dir, Options{Segment: 1 << 10, MaxBytes: 8 << 10, OnBlocked: func(err error) { reasons <- err }})
	now := func() (uint64, func() error) {
		t.Helper()
		var first uint64
		wait, err := w.AppendNow(func(dst []byte, n uint64) ([]byte, int) {
			first = n
			return append(append(dst, record(int(n), 200)...), record(int(n)+1, 200)...), 2
		})
		if err != nil {
			t.Fatal(err)
		}
		return first, wait
	}
	written := uint64(0)
	var wait func() error
	for wait == nil {
		var first uint64
		if first, wait = now(); first != written {
			t.Fatalf("record %d has the number %d", written, first)
		}
		if wait == nil {
			if written += 2; w.Next() != written || written > 100 {
				t.Fatalf("%d are written, not %d", w.Next(), written)
			}
		}
	}
	if err := <-reasons; !errors.Is(err, fault.JournalFull) {
		t.Error(err)
	}
	second, waitAgain := now()
	if second != written+2 || waitAgain == nil || w.Next() != written {
		t.Errorf("the next are %d, %d on disk of %d", second, w.Next(), written)
	}
	appended := make(chan error, 1)
	go func() {
		appended <- w.AppendAs(func(dst []byte, n uint64) ([]byte, int) { return append(dst, record(int(n), 200)...), 1 })
	}()
	r := follow(t, dir)
	poll(t, r)
	if _, err := r.Evict(1<<10, 0); err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{wait(), waitAgain(), <-appended} {
		if err != nil {
			t.Error(err)
		}
	}
	for poll(t, r) > 0 {
	}
	if _, next := r.Range(); next != written+5 {
		t.Errorf("%d are read of %d", next, written+5)
	}
	for n := written - 2; n < written+5; n++ {
		if got := offsetOf(t, r, n); got != int64(n) {
			t.Errorf("record %d is message %d", n, got)
		}
	}
	for wait = nil; wait == nil; {
		_, wait = now()
	}
	if err := w.Close(); !errors.Is(err, ErrClosed) {
		t.Errorf("what was not written is not said: %v", err)
	}
	if err := wait(); !errors.Is(err, ErrClosed) {
		t.Errorf("what was not written: %v", err)
	}
	if _, err := w.AppendNow(nil); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}
