package journal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"gantry/client/fault"
	"gantry/client/message"
)

// whole is the readable records of a journal: message number by record number.
func whole(t *testing.T, r *Reader) map[uint64]int64 {
	t.Helper()
	out := map[uint64]int64{}
	first, next := r.Range()
	for n := first; n < next; n++ {
		rec, err := r.Record(n)
		if errors.Is(err, message.ErrDamaged) || errors.Is(err, fault.Evicted) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		m, err := rec.Message()
		if err != nil {
			t.Fatal(err)
		}
		out[n] = m.QueueOffset
	}
	return out
}

// TestDamageHidesOnlyItself: whatever is done to a place of a segment, the records
// that it does not touch are there, and writer and readers agree on the numbers.
func TestDamageHidesOnlyItself(t *testing.T) {
	const n, size = 40, 150
	one := len(record(0, size))
	rng := rand.New(rand.NewPCG(1, 2))
	for name, spoil := range map[string]func(b []byte, at int) (from, to int){
		"a bit":                 func(b []byte, at int) (int, int) { b[at] ^= 1 << rng.IntN(8); return at, at + 1 },
		"its size":              func(b []byte, at int) (int, int) { at -= at % one; b[at] ^= 0x10; return at, at + 1 },
		"a size beyond the end": func(b []byte, at int) (int, int) { at -= at % one; b[at+2] ^= 1 << rng.IntN(7); return at, at + 1 },
		"a large size":          func(b []byte, at int) (int, int) { at -= at % one; b[at+3] = 0x7F; return at, at + 1 },
		"zeros":                 func(b []byte, at int) (int, int) { to := min(at+3*one, len(b)); clear(b[at:to]); return at, to },
		"noise": func(b []byte, at int) (int, int) {
			to := min(at+one, len(b))
			for i := at; i < to; i++ {
				b[i] = byte(rng.Uint32())
			}
			return at, to
		},
	} {
		t.Run(name, func(t *testing.T) {
			for range 30 {
				dir := t.TempDir()
				var all []byte
				for i := range n {
					all = append(all, record(i, size)...)
				}
				from, to := spoil(all, rng.IntN(len(all)))
				path := filepath.Join(dir, segmentName(0))
				if err := os.WriteFile(path, all, 0o600); err != nil {
					t.Fatal(err)
				}
				w := open(t, dir, Options{})
				if err := w.Append(record(1000, size), 1); err != nil {
					t.Fatal(err)
				}
				r := follow(t, dir)
				poll(t, r)
				if _, next := r.Range(); next != w.Next() {
					t.Errorf("the writer is at %d, the reader at %d", w.Next(), next)
				}
				have := map[int64]bool{}
				for _, m := range whole(t, r) {
					have[m] = true
				}
				for i := range n {
					touched := from < (i+1)*one && to > i*one
					if !touched && !have[int64(i)] {
						t.Errorf("damage at %d to %d of records of %d hides record %d", from, to, one, i)
					}
				}
				if !have[1000] {
					t.Error("what was appended afterwards is missing")
				}
				_ = w.Close()
				_ = r.Close()
			}
		})
	}
}

// TestDamageInAListThatNobodyWrites is looked behind after a moment.
func TestDamageInAListThatNobodyWrites(t *testing.T) {
	one := len(record(0, 10))
	for name, c := range map[string]struct {
		spoil   func(b []byte) []byte
		at      int // records that are seen at once
		want    map[uint64]int64
		damaged int64
	}{
		"inside":                 {func(b []byte) []byte { b[one+50] ^= 1; return b }, 1, map[uint64]int64{0: 0, 2: 2}, int64(one)},
		"a size beyond the end":  {func(b []byte) []byte { b[one+2] ^= 1; return b }, 1, map[uint64]int64{0: 0, 2: 2}, int64(one)},
		"nothing behind":         {func(b []byte) []byte { b[2*one+50] ^= 1; return b }, 2, map[uint64]int64{0: 0, 1: 1}, int64(one)},
		"a write was broken off": {func(b []byte) []byte { return b[:3*one-1] }, 2, map[uint64]int64{0: 0, 1: 1}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			all := c.spoil(slices.Concat(record(0, 10), record(1, 10), record(2, 10)))
			if err := os.WriteFile(filepath.Join(dir, segmentName(0)), all, 0o600); err != nil {
				t.Fatal(err)
			}
			r := follow(t, dir)
			if got := poll(t, r); got != c.at {
				t.Errorf("%d records at once", got)
			}
			for end := time.Now().Add(StillAfter + 500*time.Millisecond); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
				poll(t, r)
			}
			if _, _, damaged := r.Kept(); damaged != c.damaged {
				t.Errorf("%d bytes are damaged", damaged)
			}
			if got := whole(t, r); !maps.Equal(got, c.want) {
				t.Errorf("%v", got)
			}
		})
	}
}

// TestSalvageIsBounded: a body full of what looks like records costs no more than
// some readings of the file.
func TestSalvageIsBounded(t *testing.T) {
	fake := record(7, 0)[:message.RecordHeader]
	binary.LittleEndian.PutUint32(fake, 3<<20)
	b := append([]byte("damage"), bytes.Repeat(fake, (8<<20)/len(fake))...)
	src := &counted{ReaderAt: bytes.NewReader(b)}
	found, err := salvage(src, 0, int64(len(b)))
	if err != nil || len(found.offsets) != 0 || found.damaged != int64(len(b)) {
		t.Errorf("%+v, %v", found, err)
	}
	if most := int64((salvageWork + 3) * len(b)); src.read > most {
		t.Errorf("%d bytes were read of %d", src.read, len(b))
	}
}

// counted counts what is read.
type counted struct {
	io.ReaderAt
	read int64
}

func (c *counted) ReadAt(b []byte, at int64) (int, error) {
	n, err := c.ReaderAt.ReadAt(b, at)
	c.read += int64(n)
	return n, err
}

func FuzzSalvage(f *testing.F) {
	good := append(record(0, 5), record(1, 5)...)
	f.Add(good, 0)
	f.Add(append(bytes.Repeat([]byte{0}, 30), good...), 3)
	f.Fuzz(func(t *testing.T, b []byte, at int) {
		if at < 0 || at > len(b) {
			return
		}
		found, err := salvage(bytes.NewReader(b), int64(at), int64(len(b)))
		if err != nil || found.end > int64(len(b)) || found.damaged > int64(len(b)) {
			t.Fatalf("%+v, %v", found, err)
		}
		for _, o := range found.offsets {
			if int(o) < at || int(o) >= len(b) {
				t.Errorf("a record at %d of %d", o, len(b))
			}
		}
	})
}
