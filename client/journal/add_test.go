package journal

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"gantry/client/fault"
)

// TestAdd: it writes what is added among what is appended, in the order in which each
// goroutine adds; it waits where much is not written, and Close writes what it took.
func TestAdd(t *testing.T) {
	dir := t.TempDir()
	blocked := make(chan error, 10)
	w := open(t, dir, Options{Segment: 64 << 10, MaxBytes: 2 << 20, OnBlocked: func(err error) { blocked <- err }})
	r := follow(t, dir)
	const each = 1000
	var group sync.WaitGroup
	for g := range 2 {
		group.Go(func() {
			for i := range each {
				err := w.Add(func(dst []byte) ([]byte, int) {
					return append(append(dst, record(2*i+g*each*2, 100)...), record(2*i+1+g*each*2, 100)...), 2
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	for i := range 100 {
		if err := w.Append(record(4*each+i, 100), 1); err != nil {
			t.Error(err)
		}
	}
	group.Wait()
	for end := time.Now().Add(10 * time.Second); w.Next() < 4*each+100 && time.Now().Before(end); time.Sleep(time.Millisecond) {
	}
	for poll(t, r) > 0 {
	}
	last := [3]int64{-1, 2*each - 1, 4*each - 1}
	for n := range uint64(4*each + 100) {
		at := offsetOf(t, r, n)
		g := at / (2 * each)
		if at != last[g]+1 {
			t.Fatalf("%d came behind %d", at, last[g])
		}
		last[g] = at
	}
	// A journal that is over its cap takes about a batch more, and no more.
	big := record(0, 100<<10)
	added := make(chan int, 1)
	go func() {
		n := 0
		for w.Add(func(dst []byte) ([]byte, int) { return append(dst, big...), 1 }) == nil {
			n++
		}
		added <- n
	}()
	if err := <-blocked; !errors.Is(err, fault.JournalFull) {
		t.Error(err)
	}
	time.Sleep(300 * time.Millisecond)
	if err := w.Close(); !errors.Is(err, ErrClosed) {
		t.Errorf("records were given up: %v", err)
	}
	if n := <-added; n*len(big) > 2*(2<<20)+2*mostPending {
		t.Errorf("%d records of 100 KB were taken", n)
	}
	if err := w.Add(func([]byte) ([]byte, int) { t.Error("asked for records"); return nil, 0 }); !errors.Is(err, ErrClosed) {
		t.Error(err)
	}
}

// TestAddIsWrittenByClose: what was taken is written.
func TestAddIsWrittenByClose(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir, Options{Segment: 4 << 10})
	for i := range 200 {
		if err := w.Add(func(dst []byte) ([]byte, int) { return append(dst, record(i, 100)...), 1 }); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := follow(t, dir)
	n := 0
	for {
		more := poll(t, r)
		if n += more; more == 0 {
			break
		}
	}
	if n != 200 {
		t.Errorf("%d records of 200", n)
	}
}

// TestAddAlone: a single record is on disk soon, and many at once are at once.
func TestAddAlone(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir, Options{})
	for i, size := range []int{100, writeAtOnce, 100} {
		if err := w.Add(func(dst []byte) ([]byte, int) { return append(dst, record(i, size)...), 1 }); err != nil {
			t.Fatal(err)
		}
		for begin := time.Now(); w.Next() <= uint64(i); time.Sleep(time.Millisecond) {
			if time.Since(begin) > time.Second {
				t.Fatalf("record %d is not written", i)
			}
		}
	}
}

// TestAddGivesUpInOrder: what comes behind records that a closing writer gave up is
// given up too, or a reader that goes on behind the last one would never read them.
func TestAddGivesUpInOrder(t *testing.T) {
	dir := t.TempDir()
	blocked := make(chan error, 10)
	w := open(t, dir, Options{Segment: 8 << 10, MaxBytes: 32 << 10, OnBlocked: func(err error) { blocked <- err }})
	n := 0
	add := func() {
		if err := w.Add(func(dst []byte) ([]byte, int) { return append(dst, record(n, 1000)...), 1 }); err != nil {
			t.Fatal(err)
		}
		n++
	}
	for full := false; !full; time.Sleep(2 * addDelay) {
		select {
		case <-blocked:
			full = true
		default:
			add()
		}
	}
	for range 5 {
		add() // behind the batch that waits
	}
	firsts, err := segments(w.root)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range firsts[:2] { // there is room again when Close comes
		if err := os.Remove(filepath.Join(dir, segmentName(f))); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); !errors.Is(err, ErrClosed) {
		t.Errorf("records were given up: %v", err)
	}
	r := follow(t, dir)
	for poll(t, r) > 0 {
	}
	first, next := r.Range()
	last := offsetOf(t, r, first)
	for i := first + 1; i < next; i++ {
		at := offsetOf(t, r, i)
		if at != last+1 {
			t.Errorf("%d stands behind %d", at, last)
		}
		last = at
	}
	if last >= int64(n-6) {
		t.Errorf("%d of %d is there: nothing was given up", last, n)
	}
}

// TestSealedFilesAreClosed: a long list does not run out of file handles.
func TestSealedFilesAreClosed(t *testing.T) {
	w := open(t, t.TempDir(), Options{Segment: 1 << 10})
	handles := func() int {
		all, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			return 0 // not Linux
		}
		return len(all)
	}
	before := handles()
	for i := range 300 {
		if err := w.Append(record(i, 2000), 1); err != nil {
			t.Fatal(err)
		}
	}
	for end := time.Now().Add(10 * time.Second); handles() > before+20; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d handles more after 300 segments", handles()-before)
		}
	}
}
