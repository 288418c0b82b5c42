package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"gantry/client/fault"
	"gantry/client/message"
)

func record(i int, size int) []byte {
	return message.AppendMessage(nil, &message.Message{
		Topic: "t", QueueOffset: int64(i), Body: make([]byte, size), ArrivedAt: time.Unix(1, 0),
	})
}

func open(t *testing.T, dir string, opt Options) *Writer {
	t.Helper()
	w, err := OpenWriter(dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func follow(t *testing.T, dir string) *Reader {
	t.Helper()
	r, err := OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func poll(t *testing.T, r *Reader) int {
	t.Helper()
	total := 0
	for {
		n, more, err := r.Poll()
		if err != nil {
			t.Fatal(err)
		}
		if total += n; !more {
			return total
		}
	}
}

func offsetOf(t *testing.T, r *Reader, n uint64) int64 {
	t.Helper()
	rec, err := r.Record(n)
	if err != nil {
		t.Fatalf("record %d: %v", n, err)
	}
	m, err := rec.Message()
	if err != nil {
		t.Fatal(err)
	}
	return m.QueueOffset
}

func TestAppendFollowRead(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir, Options{Segment: 4 << 10})
	r := follow(t, dir)
	const goroutines, each = 8, 200
	var group sync.WaitGroup
	for g := range goroutines {
		group.Go(func() {
			for i := range each {
				if err := w.Append(record(g*each+i, i), 1); err != nil {
					t.Error(err)
				}
			}
		})
	}
	seen := 0
	for seen < goroutines*each/2 {
		seen += poll(t, r)
	}
	group.Wait()
	for seen < goroutines*each {
		if n := poll(t, r); n == 0 {
			t.Fatalf("%d records of %d seen", seen, goroutines*each)
		} else {
			seen += n
		}
	}
	got := map[int64]bool{}
	first, next := r.Range()
	for n := first; n < next; n++ {
		got[offsetOf(t, r, n)] = true
	}
	if len(got) != goroutines*each {
		t.Fatalf("%d different records of %d", len(got), goroutines*each)
	}
	if _, err := r.Record(next); !errors.Is(err, ErrNone) {
		t.Errorf("a record that is not there: %v", err)
	}
}

func TestTornTailIsCutAndNumbersGoOn(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir, Options{})
	for i := range 10 {
		if err := w.Append(record(i, 100), 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, segmentName(0))
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	torn := record(10, 100)
	for _, keep := range []int{1, 7, 8, 30, len(torn) - 1} {
		if err := os.WriteFile(path, append(whole[:len(whole):len(whole)], torn[:keep]...), 0o600); err != nil {
			t.Fatal(err)
		}
		r := follow(t, dir)
		if n := poll(t, r); n != 10 {
			t.Fatalf("reader counts %d records with a torn tail of %d bytes", n, keep)
		}
		w := open(t, dir, Options{})
		if w.Cut() != int64(keep) || w.Next() != 10 {
			t.Fatalf("cut %d of %d bytes, next %d", w.Cut(), keep, w.Next())
		}
		if err := w.Append(record(99, 5), 1); err != nil {
			t.Fatal(err)
		}
		if n := poll(t, r); n != 1 || offsetOf(t, r, 10) != 99 {
			t.Fatalf("the record behind the cut is not seen")
		}
		w.Close()
	}
}

func TestDamageInsideASealedSegment(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir, Options{Segment: 1})
	for i := range 3 {
		if err := w.Append(append(record(2*i, 50), record(2*i+1, 50)...), 2); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, segmentName(2))
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)-3] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	r := follow(t, dir)
	if n := poll(t, r); n != 5 {
		t.Fatalf("%d records, want 5", n)
	}
	if _, _, damaged := r.Kept(); damaged == 0 {
		t.Error("damage is not counted")
	}
	if _, err := r.Record(3); !errors.Is(err, fault.Evicted) {
		t.Errorf("the damaged record: %v", err)
	}
	if got := offsetOf(t, r, 4); got != 4 {
		t.Errorf("record 4 is message %d", got)
	}
}

func TestDamageInTheLastSegmentCutsNothing(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir, Options{})
	for i := range 10 {
		if err := w.Append(record(i, 100), 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, segmentName(0))
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[4*len(record(0, 100))+60] ^= 1 // in the fifth record
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	w = open(t, dir, Options{})
	if w.Cut() != 0 || w.Next() != 10 {
		t.Errorf("cut %d, next %d", w.Cut(), w.Next())
	}
	if err := w.Append(record(99, 1), 1); err != nil {
		t.Fatal(err)
	}
	r := follow(t, dir)
	if n := poll(t, r); n != 11 || offsetOf(t, r, 3) != 3 || offsetOf(t, r, 5) != 5 || offsetOf(t, r, 10) != 99 {
		t.Errorf("%d records are read", n)
	}
	if _, err := r.Record(4); !errors.Is(err, message.ErrDamaged) {
		t.Errorf("the damaged record: %v", err)
	}
	if now, err := os.ReadFile(path); err != nil || len(now) != len(b) {
		t.Errorf("the damaged segment has %d bytes of %d, %v", len(now), len(b), err)
	}
}

func TestEvictKeepsNumbersAndWriterWaits(t *testing.T) {
	dir := t.TempDir()
	reasons := make(chan error, 10)
	w := open(t, dir, Options{Segment: 1 << 10, MaxBytes: 8 << 10, OnBlocked: func(err error) {
		select {
		case reasons <- err:
		default: // only the first is looked at; waiting here would stop the writer
		}
	}})
	done := make(chan error, 1)
	go func() {
		for i := range 100 {
			if err := w.Append(record(i, 200), 1); err != nil {
				done <- err
				return
			}
		}
		done <- nil
	}()
	if err := <-reasons; !errors.Is(err, fault.JournalFull) {
		t.Fatalf("blocked because of %v", err)
	}
	r := follow(t, dir)
	poll(t, r)
	bytes, _, _ := r.Kept()
	if bytes > 12<<10 {
		t.Errorf("the writer went on to %d bytes", bytes)
	}
	for {
		poll(t, r)
		if _, err := r.Evict(8<<10, 0); err != nil {
			t.Fatal(err)
		}
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
			poll(t, r)
			first, next := r.Range()
			if next != 100 || first == 0 {
				t.Fatalf("range %d to %d", first, next)
			}
			if _, err := r.Record(first - 1); !errors.Is(err, fault.Evicted) {
				t.Errorf("an evicted record: %v", err)
			}
			if offsetOf(t, r, first) != int64(first) {
				t.Error("eviction moved the numbers")
			}
			if _, evicted, _ := r.Kept(); evicted != first {
				t.Errorf("evicted %d, first %d", evicted, first)
			}
			again := follow(t, dir)
			poll(t, again)
			if f, n := again.Range(); f != first || n != next {
				t.Errorf("reopened: %d to %d", f, n)
			}
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func TestRecordCap(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir, Options{MaxRecords: 80})
	for i := range 80 {
		if err := w.Append(record(i, 1), 1); err != nil {
			t.Fatal(err)
		}
	}
	r := follow(t, dir)
	poll(t, r)
	if n, err := r.Evict(0, 40); err != nil || n == 0 {
		t.Fatalf("evicted %d, %v", n, err)
	}
	if first, next := r.Range(); next-first > 40 {
		t.Errorf("%d records kept", next-first)
	}
}

func TestOneWriter(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir, Options{})
	if _, err := OpenWriter(dir, Options{}); !errors.Is(err, fault.JournalLocked) {
		t.Fatalf("second writer: %v", err)
	}
	if err := Remove(dir); !errors.Is(err, fault.JournalLocked) {
		t.Fatalf("removing a journal that is written: %v", err)
	}
	w.Close()
	if err := w.Append(record(0, 1), 1); !errors.Is(err, ErrClosed) {
		t.Errorf("append after Close: %v", err)
	}
	if err := Remove(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Error("the folder is still there")
	}
	if err := Remove(dir); err != nil {
		t.Errorf("removing it again: %v", err)
	}
}

func TestMeta(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "j")
	type meta struct{ Topic string }
	if err := WriteMeta(dir, meta{"a"}); err != nil {
		t.Fatal(err)
	}
	if err := WriteMeta(dir, meta{"b"}); err != nil {
		t.Fatal(err)
	}
	var got meta
	if err := ReadMeta(dir, &got); err != nil || got.Topic != "b" {
		t.Fatalf("%v, %v", got, err)
	}
	info, err := os.Stat(filepath.Join(dir, metaName))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

func FuzzScan(f *testing.F) {
	f.Add(append(record(1, 10), record(2, 3)...))
	f.Add([]byte("not a segment"))
	f.Fuzz(func(t *testing.T, b []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, segmentName(0)), b, 0o600); err != nil {
			t.Fatal(err)
		}
		r := follow(t, dir)
		seen := poll(t, r)
		w := open(t, dir, Options{})
		if err := w.Append(record(7, 1), 1); err != nil {
			t.Fatal(err)
		}
		// Behind damage the writer has begun a new segment, so that the reader
		// counts what is whole behind it, too. A segment without any record keeps
		// its number.
		seen += poll(t, r)
		if _, next := r.Range(); next != w.Next() || uint64(seen) != next && (seen != 1 || next != 2) {
			t.Fatalf("writer counts %d records, reader %d of %d", w.Next(), seen, next)
		}
		if offsetOf(t, r, w.Next()-1) != 7 {
			t.Fatal("the record behind a cut tail is not read")
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	w, err := OpenWriter(b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	rec := record(0, 1000)
	b.SetBytes(int64(len(rec)))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := w.Append(rec, 1); err != nil {
				panic(fmt.Sprint(err))
			}
		}
	})
}

// TestSegmentRecords: a segment is sealed at so many records, and at no cap the
// writer waits for nobody.
func TestSegmentRecords(t *testing.T) {
	dir := t.TempDir()
	w, err := OpenWriter(dir, Options{SegmentRecords: 10})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	b := message.AppendRecord(nil, &message.Record{Kind: message.KindDone, Payload: []byte("12345678")})
	for range 45 {
		if err := w.Append(b, 1); err != nil {
			t.Fatal(err)
		}
	}
	firsts, err := segments(w.root)
	if err != nil || !slices.Equal(firsts, []uint64{0, 10, 20, 30, 40}) {
		t.Errorf("segments begin at %v, %v", firsts, err)
	}
}

// TestE4RemovesJournalsOnly: a wrong path costs nothing.
func TestE4RemovesJournalsOnly(t *testing.T) {
	all := t.TempDir()
	one := filepath.Join(all, "one")
	if err := WriteMeta(one, map[string]string{}); err != nil {
		t.Fatal(err)
	}
	if err := Remove(all); !errors.Is(err, ErrForeign) { // as with an empty id
		t.Errorf("all journals: %v", err)
	}
	config := t.TempDir()
	if err := os.WriteFile(filepath.Join(config, "profiles.json"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Remove(config); !errors.Is(err, ErrForeign) {
		t.Errorf("other files: %v", err)
	}
	for _, kept := range []string{filepath.Join(one, metaName), filepath.Join(config, "profiles.json")} {
		if _, err := os.Stat(kept); err != nil {
			t.Error(err)
		}
	}
	if err := Remove(one); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(one); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}
