package client_test

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gantry/client/fault"
	"gantry/client/journal"
	"gantry/client/message"
	"gantry/client/profile"
)

// spoiled makes a journal of three segments with four messages each, numbered
// from 0, and lets spoil work on its folder.
func spoiled(t *testing.T, dir string, spoil func(t *testing.T, dir string)) {
	t.Helper()
	w, err := journal.OpenWriter(dir, journal.Options{Segment: 1})
	if err != nil {
		t.Fatal(err)
	}
	for segment := range 3 {
		var b []byte
		for i := range 4 {
			b = message.AppendMessage(b, &message.Message{Topic: "t", Broker: "b", QueueOffset: int64(segment*4 + i), Body: make([]byte, 100)})
		}
		if err := w.Append(b, 4); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	spoil(t, dir)
}

// changeSegment changes a segment's bytes; segments are named by their first number.
func changeSegment(first string, f func([]byte) []byte) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		t.Helper()
		path := filepath.Join(dir, "00000000000"+first+".seg")
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// TestJournalFaults: what is whole of a damaged list is shown, what is not is
// counted or blank, and new messages go behind it.
func TestJournalFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil   func(*testing.T, string)
		want    []int64
		damaged bool
	}{
		"nothing":                    {func(*testing.T, string) {}, []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, false},
		"last segment cut":           {changeSegment("8", func(b []byte) []byte { return b[:len(b)-10] }), []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, false},
		"segment in between cut":     {changeSegment("4", func(b []byte) []byte { return b[:len(b)/2+10] }), []int64{0, 1, 2, 3, 4, 5, 8, 9, 10, 11}, true},
		"a bit of the first":         {changeSegment("0", func(b []byte) []byte { b[300] ^= 4; return b }), []int64{0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, true},
		"a bit of the last":          {changeSegment("8", func(b []byte) []byte { b[300] ^= 4; return b }), []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11}, true},
		"first segment missing":      {func(t *testing.T, dir string) { remove(t, dir, "000000000000.seg") }, []int64{4, 5, 6, 7, 8, 9, 10, 11}, false},
		"segment in between missing": {func(t *testing.T, dir string) { remove(t, dir, "000000000004.seg") }, []int64{0, 1, 2, 3, 8, 9, 10, 11}, false},
		"last segment empty":         {changeSegment("8", func([]byte) []byte { return nil }), []int64{0, 1, 2, 3, 4, 5, 6, 7}, false},
		"a foreign file":             {func(t *testing.T, dir string) { write(t, filepath.Join(dir, "notes.seg.txt"), "x") }, []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cl, dir := offline(t)
			spoiled(t, filepath.Join(dir, "s"), c.spoil)
			sub, err := cl.Sessions.Open(profile.Subscription{ID: "s", Profile: "p", Topic: "t", Group: "g"})
			if err != nil {
				t.Fatal(err)
			}
			shown := func() (all []int64) {
				first, next := sub.Range()
				for n := first; n < next; n++ {
					rec, err := sub.Record(n)
					if errors.Is(err, fault.Evicted) || errors.Is(err, message.ErrDamaged) {
						continue
					}
					if err != nil {
						t.Fatal(err)
					}
					m, err := rec.Message()
					if err != nil {
						t.Fatal(err)
					}
					all = append(all, m.QueueOffset)
				}
				return all
			}
			eventually(t, 20*time.Second, func() string {
				if got := shown(); !slices.Equal(got, c.want) {
					return fmt.Sprint("shown are ", got)
				}
				return ""
			})
			if st := sub.Status(); (st.DamagedBytes > 0) != c.damaged {
				t.Errorf("%d bytes are told to be damaged", st.DamagedBytes)
			}
			// A worker goes on behind it.
			w, err := journal.OpenWriter(filepath.Join(dir, "s"), journal.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			if err := w.Append(message.AppendMessage(nil, &message.Message{Topic: "t", QueueOffset: 99}), 1); err != nil {
				t.Fatal(err)
			}
			cl.SetCaps(profile.Caps{}) // it looks: no worker tells of this writer
			eventually(t, 20*time.Second, func() string {
				if got := shown(); !slices.Equal(got, append(slices.Clone(c.want), 99)) {
					return fmt.Sprint("shown are ", got)
				}
				return ""
			})
		})
	}
}

// TestNewerListIsLeftAlone: it is neither opened nor joined, kept nor expired, and
// not a byte of it changes.
func TestNewerListIsLeftAlone(t *testing.T) {
	t.Parallel()
	cl, dir := offline(t)
	j := filepath.Join(dir, "s")
	spoiled(t, j, func(t *testing.T, dir string) {
		write(t, filepath.Join(dir, "meta.json"), `{"version":2,"topic":{"name":"t"},"group":"g"}`)
	})
	before := tree(t, j)
	if _, err := cl.Sessions.Open(profile.Subscription{ID: "s", Topic: "t", Group: "g"}); !errors.Is(err, fault.NewerList) {
		t.Errorf("opening: %v", err)
	}
	if err := cl.Sessions.KeepLeftover("s", "mine"); !errors.Is(err, fault.NewerList) {
		t.Errorf("keeping: %v", err)
	}
	ls := leftovers(t, cl)
	if len(ls) != 1 || !ls[0].Newer || ls[0].Bytes == 0 {
		t.Errorf("%+v", ls)
	}
	if gone, err := cl.Sessions.Expire(nil, time.Now().AddDate(1, 0, 0)); err != nil || len(gone) > 0 {
		t.Errorf("expired %v, %v", gone, err)
	}
	if after := tree(t, j); after != before {
		t.Errorf("it changed from\n%s to\n%s", before, after)
	}
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// tree is all of a folder as text.
func tree(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		fmt.Fprintf(&b, "%s %d %08x\n", filepath.Base(path), len(text), crc32.ChecksumIEEE(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.String()
}
