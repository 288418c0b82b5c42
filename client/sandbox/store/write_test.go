package store

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gantry/client/journal"
	"gantry/client/message"
)

// TestPutNow: it stores at once, and while somebody else writes only when it is asked to
// wait; what is refused, or comes too late, is said then.
func TestPutNow(t *testing.T) {
	s, _ := open(t, t.TempDir())
	make2 := func() []*message.Message {
		return []*message.Message{{Topic: "t", Body: []byte("a")}, {Topic: "t", Body: []byte("b")}}
	}
	first := make2()
	if wait, err := s.PutNow(first); wait != nil || err != nil || first[1].QueueOffset != 1 || first[1].CommitLogOffset != 1 {
		t.Fatalf("%v, %+v", err, first[1])
	}
	s.writing.Lock() // somebody writes
	second := make2()
	wait, err := s.PutNow(second)
	if wait == nil || err != nil {
		t.Fatalf("it does not wait for who writes: %v", err)
	}
	if _, next := s.Bounds("t", 0); next != 2 {
		t.Errorf("the queue ends at %d", next)
	}
	s.writing.Unlock()
	if err := wait(); err != nil || second[1].QueueOffset != 3 {
		t.Errorf("%v, %+v", err, second[1])
	}
	long := make2()
	long[1].Properties = []message.Property{{Name: "p", Value: strings.Repeat("x", MaxProperties)}}
	if wait, err = s.PutNow(long); wait == nil {
		t.Fatalf("it is taken: %v", err)
	}
	if err := wait(); !errors.Is(err, ErrLong) {
		t.Error(err)
	}
	if m, err := s.At("t", 0, 3); err != nil || string(m.Body) != "b" {
		t.Error(m, err)
	}
	closeStore(t, s)
	wait, err = s.PutNow(make2())
	if wait != nil {
		err = wait()
	}
	if !errors.Is(err, journal.ErrClosed) && !errors.Is(err, ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}

// TestPutNowOnAFullDisk: what cannot be written is waited for by who asked, not by who goes
// on; nothing else is taken meanwhile, and then it lies before what comes behind it.
func TestPutNowOnAFullDisk(t *testing.T) {
	dir := t.TempDir()
	s, err := Open(Options{Dir: dir, Broker: "b", MaxMessages: 160}) // ten to a segment
	if err != nil {
		t.Fatal(err)
	}
	one := func() []*message.Message { return []*message.Message{{Topic: "t", Body: []byte("x")}} }
	for range 10 {
		if err := s.Put(one()...); err != nil {
			t.Fatal(err)
		}
	}
	// The next segment cannot be made: as on a full disk.
	taken := filepath.Join(dir, "messages", "000000000010.seg")
	if err := os.Mkdir(taken, 0o700); err != nil {
		t.Fatal(err)
	}
	stuck := one()
	wait, err := s.PutNow(stuck)
	if wait == nil || err != nil {
		t.Fatalf("it waited: %v", err)
	}
	done := make(chan error, 1)
	go func() { done <- wait() }()
	for end := time.Now().Add(10 * time.Second); !s.blocked.Load() && time.Now().Before(end); time.Sleep(time.Millisecond) {
	}
	if err := s.Put(one()...); !errors.Is(err, ErrFull) {
		t.Errorf("a full disk takes more: %v", err)
	}
	if wait, _ := s.PutNow(one()); wait == nil || !errors.Is(wait(), ErrFull) {
		t.Error("a full disk takes more at once")
	}
	if _, next := s.Bounds("t", 0); next != 10 {
		t.Errorf("what is not on disk is there: %d", next)
	}
	if err := os.Remove(taken); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil || stuck[0].QueueOffset != 10 {
		t.Errorf("%v, %+v", err, stuck[0])
	}
	for end := time.Now().Add(10 * time.Second); s.blocked.Load() && time.Now().Before(end); time.Sleep(time.Millisecond) {
	}
	after := one()
	if err := s.Put(after...); err != nil || after[0].QueueOffset != 11 || after[0].CommitLogOffset != 11 {
		t.Errorf("%v, %+v", err, after[0])
	}
	if m, err := s.At("t", 0, 10); err != nil || m == nil {
		t.Error(m, err)
	}
	closeStore(t, s)
}
