package store

import (
	"errors"
	"strings"
	"testing"

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
