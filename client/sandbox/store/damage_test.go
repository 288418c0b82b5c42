package store

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gantry/client/message"
)

const perSegment = 100

// openSmall opens a store with segments of 100 records.
func openSmall(t *testing.T, dir string) (*Store, *bytes.Buffer) {
	t.Helper()
	log := &bytes.Buffer{}
	s, err := Open(Options{
		Dir: dir, Broker: "b", Host: netip.MustParseAddrPort("127.0.0.1:10911"), MaxMessages: perSegment * segmentsKept, MaxBytes: 1 << 30,
		Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, log
}

// fill stores messages whose bodies are their numbers, over four queues.
func fill(t *testing.T, s *Store, from, to int) {
	t.Helper()
	for i := from; i < to; i++ {
		if err := s.Put(&message.Message{Topic: "orders", QueueID: i % 4, Body: fmt.Appendf(nil, "%d", i), BornHost: s.opt.Host, BornAt: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
}

// reachable are the numbers of the messages that the queues have; each must be found
// by its position too, and lie at its offset.
func reachable(t *testing.T, s *Store) []string {
	t.Helper()
	var all []string
	for id := range 4 {
		first, next := s.Bounds("orders", id)
		for offset := first; offset < next; offset++ {
			m, err := s.At("orders", id, offset)
			if err != nil {
				t.Fatal(err)
			}
			if m == nil {
				continue // lost
			}
			again, err := s.Message(uint64(m.CommitLogOffset))
			if err != nil || !bytes.Equal(again.Body, m.Body) || m.QueueOffset != offset || m.QueueID != id {
				t.Errorf("%d of queue %d: %s at %d, by its position %v, %v", offset, id, m.Body, m.QueueOffset, again, err)
			}
			all = append(all, string(m.Body))
		}
	}
	slices.Sort(all)
	return all
}

// TestD1 spoils a journal of four segments: the store starts without what is damaged,
// says file and count, keeps the rest, and goes on without using a place twice.
func TestD1(t *testing.T) {
	file := func(dir string, n int) string {
		return filepath.Join(dir, "messages", fmt.Sprintf("%012d.seg", n*perSegment))
	}
	edit := func(t *testing.T, path string, how func([]byte) []byte) {
		t.Helper()
		b, err := os.ReadFile(path)
		if err == nil {
			err = os.WriteFile(path, how(b), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	const count = 350
	for name, c := range map[string]struct {
		spoil       func(t *testing.T, dir string)
		least, most int // lost messages
		says        string
	}{
		"nothing": {func(*testing.T, string) {}, 0, 0, ""},
		"a sealed segment without its last byte": {func(t *testing.T, dir string) {
			edit(t, file(dir, 1), func(b []byte) []byte { return b[:len(b)-1] })
		}, 1, 1, "file=000000000100.seg count=1"},
		"4 KB of zeros": {func(t *testing.T, dir string) {
			edit(t, file(dir, 1), func(b []byte) []byte { clear(b[1000 : 1000+4096]); return b })
		}, 4096 / 150, 4096/100 + 2, "file=000000000100.seg count="},
		"a missing segment":       {func(t *testing.T, dir string) { _ = os.Remove(file(dir, 1)) }, 100, 100, "file=000000000000.seg count=100"},
		"a missing first segment": {func(t *testing.T, dir string) { _ = os.Remove(file(dir, 0)) }, 100, 100, ""},
		"a missing last segment":  {func(t *testing.T, dir string) { _ = os.Remove(file(dir, 3)) }, 50, 50, ""},
		"0xFF behind the last one": {func(t *testing.T, dir string) {
			edit(t, file(dir, 3), func(b []byte) []byte { return append(b, bytes.Repeat([]byte{0xFF}, 4096)...) })
		}, 0, 0, ""},
		"0xFF in the last one": {func(t *testing.T, dir string) {
			edit(t, file(dir, 3), func(b []byte) []byte { copy(b[500:], bytes.Repeat([]byte{0xFF}, 1000)); return b })
		}, 1000 / 150, 1000/100 + 2, "file=000000000300.seg count="},
		"a segment of nothing": {func(t *testing.T, dir string) { edit(t, file(dir, 2), func([]byte) []byte { return nil }) }, 100, 100, "file=000000000200.seg count=100"},
		"a segment of 0xFF": {func(t *testing.T, dir string) {
			edit(t, file(dir, 2), func(b []byte) []byte { return bytes.Repeat([]byte{0xFF}, len(b)) })
		}, 100, 100, "file=000000000200.seg count=100"},
		"a last segment of 0xFF": {func(t *testing.T, dir string) {
			edit(t, file(dir, 3), func(b []byte) []byte { return bytes.Repeat([]byte{0xFF}, len(b)) })
		}, 50, 50, ""},
		"a bit in each segment": {func(t *testing.T, dir string) {
			for i := range 4 {
				edit(t, file(dir, i), func(b []byte) []byte { b[len(b)/2] ^= 1; return b })
			}
		}, 4, 4, "file=000000000200.seg count=1"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s, _ := openSmall(t, dir)
			fill(t, s, 0, count)
			if all := reachable(t, s); len(all) != count {
				t.Fatalf("%d are there before", len(all))
			}
			closeStore(t, s)
			c.spoil(t, dir)
			s, log := openSmall(t, dir)
			before := reachable(t, s)
			if lost := count - len(before); lost < c.least || lost > c.most {
				t.Errorf("%d are lost, %d to %d are damaged", lost, c.least, c.most)
			}
			if !strings.Contains(log.String(), c.says) {
				t.Errorf("it says %s", log)
			}
			// What comes now has places of its own, and all is there at the next start.
			fill(t, s, 1000, 1050)
			now := reachable(t, s)
			if len(now) != len(before)+50 && name != "a missing last segment" && name != "a last segment of 0xFF" {
				t.Errorf("%d, with 50 more %d", len(before), len(now))
			}
			closeStore(t, s)
			s, _ = openSmall(t, dir)
			if again := reachable(t, s); !slices.Equal(again, now) {
				t.Errorf("%d, after a restart %d", len(now), len(again))
			}
			closeStore(t, s)
		})
	}
}

// TestD3: one flipped bit at any place costs one message, not those behind it in its
// queue.
func TestD3(t *testing.T) {
	dir := t.TempDir()
	s, _ := open(t, dir)
	fill(t, s, 0, 4000)
	closeStore(t, s)
	path := filepath.Join(dir, "messages", "000000000000.seg")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, percent := range []int{1, 50, 99} {
		b[len(b)*percent/100] ^= 1
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s, log := open(t, dir)
	if all := reachable(t, s); len(all) < 3997 {
		t.Errorf("%d of 4000 are there: %s", len(all), log)
	}
	for id := range 4 {
		if first, next := s.Bounds("orders", id); first != 0 || next != 1000 {
			t.Errorf("queue %d has %d to %d", id, first, next)
		}
	}
	// Times find their place over a hole.
	if n, err := s.OffsetAt("orders", 0, 0); n != 0 || err != nil {
		t.Errorf("the first is at %d, %v", n, err)
	}
	closeStore(t, s)
}

// TestD4: zeros behind the last segment, as a file system may leave them, hold the
// start up for less than a second more than it takes to look at so many bytes a few
// times, which is long under the race detector on a busy machine.
func TestD4(t *testing.T) {
	zeros := make([]byte, 64<<20)
	looked := time.Now()
	for i, b := range zeros {
		if b != 0 {
			t.Fatal(i)
		}
	}
	limit := time.Second + 4*time.Since(looked)
	dir := t.TempDir()
	s, _ := open(t, dir)
	fill(t, s, 0, 100)
	closeStore(t, s)
	path := filepath.Join(dir, "messages", "000000000000.seg")
	info, err := os.Stat(path)
	if err == nil {
		err = os.Truncate(path, info.Size()+int64(len(zeros)))
	}
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	s, _ = open(t, dir)
	if took := time.Since(begin); took > limit {
		t.Errorf("it took %v of %v", took, limit)
	}
	if all := reachable(t, s); len(all) != 100 {
		t.Errorf("%d of 100 are there", len(all))
	}
	fill(t, s, 100, 110)
	closeStore(t, s)
	t.Logf("opened in %v of %v", time.Since(begin), limit)
	begin = time.Now()
	s, _ = open(t, dir)
	if all := reachable(t, s); len(all) != 110 || time.Since(begin) > limit {
		t.Errorf("%d of 110 are there after %v of %v", len(all), time.Since(begin), limit)
	}
	closeStore(t, s)
}

// TestD1Waiting: what waits for its time or its transaction is not mixed up with what
// lies where it lay before damage.
func TestD1Waiting(t *testing.T) {
	dir := t.TempDir()
	s, _ := openSmall(t, dir)
	fill(t, s, 0, 20)
	half := &message.Message{Topic: "orders", Body: []byte("half"), BornHost: s.opt.Host, BornAt: time.Now()}
	SetProperty(half, propPrepared, "true")
	SetProperty(half, propGroup, "p")
	if err := s.Keep(half); err != nil {
		t.Fatal(err)
	}
	fill(t, s, 20, 30)
	closeStore(t, s)
	path := filepath.Join(dir, "messages", "000000000000.seg")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	clear(b[len(b)/4 : len(b)/2]) // several records, of which the journal makes one
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s, _ = openSmall(t, dir)
	if err := s.EndTransaction(uint64(half.CommitLogOffset)+1, "p", true); !errors.Is(err, ErrNoHalf) {
		t.Errorf("another record: %v", err)
	}
	if err := s.EndTransaction(uint64(half.CommitLogOffset), "p", true); err != nil {
		t.Errorf("the half: %v", err)
	}
	all := reachable(t, s)
	if !slices.Contains(all, "half") || !slices.Contains(all, "29") {
		t.Errorf("%v", all)
	}
	closeStore(t, s)
	s, _ = openSmall(t, dir)
	if err := s.EndTransaction(uint64(half.CommitLogOffset), "p", true); !errors.Is(err, ErrNoHalf) {
		t.Errorf("it was committed: %v", err)
	}
	closeStore(t, s)
}
