package worker

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gantry/client/engine"
	"gantry/client/fault"
	"gantry/client/journal"
	"gantry/client/message"
)

// heard collects the events that a worker writes.
type heard struct{ events chan Event }

func hear() (*writer, *heard) {
	h := &heard{events: make(chan Event, 1000)}
	return &writer{w: h}, h
}

// Write takes one whole frame, as writer writes them.
func (h *heard) Write(b []byte) (int, error) {
	var e Event
	if _, err := receive(bytes.NewReader(b), &e); err != nil {
		return 0, err
	}
	h.events <- e
	return len(b), nil
}

// next returns the next event of a kind.
func (h *heard) next(t *testing.T, kind EventKind) Event {
	t.Helper()
	limit := time.After(10 * time.Second)
	for {
		select {
		case e := <-h.events:
			if e.Kind == kind {
				return e
			}
		case <-limit:
			t.Fatalf("no event %q", kind)
		}
	}
}

// all empties the events heard so far.
func (h *heard) all() (out []Event) {
	for len(h.events) > 0 {
		out = append(out, <-h.events)
	}
	return out
}

func subscribed(t *testing.T, j *Receive) (*receiver, *heard) {
	t.Helper()
	if j.Journal == "" {
		j.Journal = t.TempDir()
	}
	events, h := hear()
	s, err := newReceiver(j, events)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.log.Close() })
	return s, h
}

// msgs are messages of one queue of topic "t" with these offsets.
func msgs(queue int, offsets ...int64) (out []*message.Message) {
	for _, o := range offsets {
		out = append(out, &message.Message{Topic: "t", Broker: "b", QueueID: queue, QueueOffset: o, Body: fmt.Append(nil, "body ", o)})
	}
	return out
}

func tagged(tags ...string) (out []*message.Message) {
	for i, tag := range tags {
		m := msgs(0, int64(i))[0]
		if tag != "" {
			m.Properties = []message.Property{{Name: message.PropertyTags, Value: tag}}
		}
		out = append(out, m)
	}
	return out
}

// onDisk reads the journal as another process would.
func onDisk(t *testing.T, dir string) (out []*message.Message) {
	t.Helper()
	r, err := journal.OpenReader(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	for more := true; more; {
		if _, more, err = r.Poll(); err != nil {
			t.Fatal(err)
		}
	}
	first, next := r.Range()
	for n := first; n < next; n++ {
		rec, err := r.Record(n)
		if err != nil {
			t.Fatal(err)
		}
		m, err := rec.Message()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

func offsets(ms []*message.Message) (out []int64) {
	for _, m := range ms {
		out = append(out, m.QueueOffset)
	}
	return out
}

// TestAppendsBeforeItAnswers looks at the disk after each answer, from as many
// goroutines as the library has.
func TestAppendsBeforeItAnswers(t *testing.T) {
	s, _ := subscribed(t, &Receive{Topic: "t"})
	const goroutines, each = 20, 10
	var group sync.WaitGroup
	for g := range goroutines {
		group.Go(func() {
			for i := range int64(each) {
				if a := s.handle(msgs(g, 2*i, 2*i+1)); a != engine.Success {
					t.Errorf("answer %v", a)
				}
				var mine []int64
				for _, m := range onDisk(t, s.job.Journal) {
					if m.QueueID == g {
						mine = append(mine, m.QueueOffset)
					}
				}
				if want := 2 * (i + 1); int64(len(mine)) != want || !slices.IsSorted(mine) {
					t.Errorf("answered with %v on disk, want %d", mine, want)
				}
			}
		})
	}
	group.Wait()
	if n := s.counters().Received; n != 2*goroutines*each {
		t.Errorf("%d received", n)
	}
}

func TestFloors(t *testing.T) {
	s, _ := subscribed(t, &Receive{Topic: "t", Floors: map[string]int64{"b/0": 10, "b/1": 3, "b/4": 10}})
	step := func(what string, ms []*message.Message, want Counters) {
		t.Helper()
		if a := s.handle(ms); a != engine.Success {
			t.Errorf("%s: answer %v", what, a)
		}
		if diff := cmp.Diff(want, *s.counters()); diff != "" {
			t.Errorf("%s: %s", what, diff)
		}
	}
	step("far below", msgs(0, 0, 1, 2), Counters{Skipped: 3, ToGo: 7})
	step("two queues below", msgs(1, 0), Counters{Skipped: 4, ToGo: 9})
	step("just below", msgs(0, 9), Counters{Skipped: 5, ToGo: 2})
	step("across", msgs(1, 1, 2, 3, 4), Counters{Skipped: 7, Received: 2})
	step("at the floor", msgs(0, 10), Counters{Skipped: 7, Received: 3})
	step("a queue without a floor", msgs(2, 0), Counters{Skipped: 7, Received: 4})
	other := msgs(0, 0)
	other[0].Broker = "other"
	step("the same queue of another broker", other, Counters{Skipped: 7, Received: 5})
	retry := msgs(0, 0)
	retry[0].Topic = message.RetryTopic("g")
	step("a retry topic, which has no floor", retry, Counters{Skipped: 7, Received: 6})
	// A tag filter leaves gaps: the floor may be passed without being met.
	step("before a gap", msgs(4, 5), Counters{Skipped: 8, Received: 6, ToGo: 4})
	step("behind a gap", msgs(4, 12), Counters{Skipped: 8, Received: 7})
	if diff := cmp.Diff([]int64{3, 4, 10, 0, 0, 0, 12}, offsets(onDisk(t, s.job.Journal))); diff != "" {
		t.Error(diff)
	}
}

func TestTagsAreKeptAlone(t *testing.T) {
	s, _ := subscribed(t, &Receive{Topic: "t", Tags: []string{"测试", "b"}})
	if a := s.handle(tagged("a", "测试", "", "b", "测")); a != engine.Success {
		t.Errorf("answer %v", a)
	}
	if c := s.counters(); c.Received != 2 || c.Filtered != 3 || c.Skipped != 0 {
		t.Errorf("%+v", c)
	}
	if diff := cmp.Diff([]int64{1, 3}, offsets(onDisk(t, s.job.Journal))); diff != "" {
		t.Error(diff)
	}
}

func TestAnswersLater(t *testing.T) {
	s, _ := subscribed(t, &Receive{Topic: "t", Later: true, Floors: map[string]int64{"b/0": 10}})
	for _, c := range []struct {
		what string
		ms   []*message.Message
		want engine.Answer
	}{
		{"kept", msgs(0, 10, 11), engine.Later},
		// Sending these back would deliver what was never asked for.
		{"below the floor", msgs(0, 1, 2), engine.Success},
		{"across the floor", msgs(0, 9, 10), engine.Success},
	} {
		if a := s.handle(c.ms); a != c.want {
			t.Errorf("%s: answer %v, want %v", c.what, a, c.want)
		}
	}
	s.do(&command{Do: doAnswer, Later: false}, nil)
	if a := s.handle(msgs(0, 12)); a != engine.Success {
		t.Errorf("switched off: answer %v", a)
	}
	s.do(&command{Do: doAnswer, Later: true}, nil)
	if a := s.handle(msgs(0, 13)); a != engine.Later {
		t.Errorf("switched on: answer %v", a)
	}
	if diff := cmp.Diff([]int64{10, 11, 10, 12, 13}, offsets(onDisk(t, s.job.Journal))); diff != "" {
		t.Errorf("what is answered later is kept all the same: %s", diff)
	}
}

func TestBlocksOnceTheJournalIsClosed(t *testing.T) {
	s, _ := subscribed(t, &Receive{Topic: "t"})
	if err := s.log.Close(); err != nil {
		t.Fatal(err)
	}
	if a := s.handle(msgs(0, 1)); a != engine.Block {
		t.Errorf("answer %v for what was not kept", a)
	}
	if n := s.counters().Received; n != 0 {
		t.Errorf("%d received", n)
	}
}

func TestPausedAndShut(t *testing.T) {
	s, _ := subscribed(t, &Receive{Topic: "t", Paused: true})
	answers := make(chan engine.Answer, 1)
	handle := func(o int64) { go func() { answers <- s.handle(msgs(0, o)) }() }
	waiting := func() {
		t.Helper()
		for end := time.Now().Add(5 * time.Second); s.counters().Waiting != 1; time.Sleep(time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%+v", s.counters())
			}
		}
	}
	handle(1)
	waiting()
	s.do(&command{Do: doResume}, nil)
	if a := <-answers; a != engine.Success {
		t.Errorf("resumed: answer %v", a)
	}
	s.do(&command{Do: doPause}, nil)
	handle(2)
	waiting()
	s.gate.shutForGood()
	if a := <-answers; a != engine.Block {
		t.Errorf("stopped while paused: answer %v", a)
	}
	if diff := cmp.Diff([]int64{1}, offsets(onDisk(t, s.job.Journal))); diff != "" {
		t.Error(diff)
	}
}

// TestBlockedAtTheCap: nothing evicts, so that the writer stops short of the
// cap and says so; it goes on once there is room.
func TestBlockedAtTheCap(t *testing.T) {
	s, h := subscribed(t, &Receive{Topic: "t", Segment: 1 << 10, MaxBytes: 8 << 10})
	answers := make(chan engine.Answer)
	const n = 40
	go func() {
		for i := range int64(n) {
			m := msgs(0, i)
			m[0].Body = make([]byte, 500)
			answers <- s.handle(m)
		}
	}()
	answered := 0
	for blocked := false; !blocked; {
		select {
		case a := <-answers:
			answered++
			if a != engine.Success {
				t.Fatalf("answer %v", a)
			}
		case e := <-h.events:
			if e.Kind != Blocked || !errors.Is(e.Fault, fault.JournalFull) {
				t.Fatalf("%+v", e)
			}
			blocked = true
		}
	}
	// The one before may just have been answered.
	select {
	case <-answers:
		answered++
	case <-time.After(100 * time.Millisecond):
	}
	if answered == 0 || answered == n {
		t.Fatalf("%d of %d answered when it blocked", answered, n)
	}
	if got := len(onDisk(t, s.job.Journal)); got < answered {
		t.Errorf("%d on disk, %d answered", got, answered)
	}
	gone := make(chan error, 1)
	quit := make(chan struct{})
	go func() { gone <- evictUntil(s.job.Journal, quit) }()
	if e := h.next(t, Blocked); e.Fault != nil {
		t.Errorf("it does not say that it goes on: %+v", e)
	}
	for ; answered < n; answered++ {
		if a := <-answers; a != engine.Success {
			t.Fatalf("answer %v", a)
		}
	}
	close(quit)
	if err := <-gone; err != nil {
		t.Error(err)
	}
	if c := s.counters(); c.Received != n {
		t.Errorf("%+v", c)
	}
}

// evictUntil makes room as the window does, until quit.
func evictUntil(dir string, quit chan struct{}) error {
	r, err := journal.OpenReader(dir)
	if err != nil {
		return err
	}
	defer r.Close()
	for {
		if _, _, err := r.Poll(); err != nil {
			return err
		}
		if _, err := r.Evict(4<<10, 0); err != nil {
			return err
		}
		select {
		case <-quit:
			return nil
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func TestOneWriterOfAJournal(t *testing.T) {
	s, _ := subscribed(t, &Receive{Topic: "t"})
	events, _ := hear()
	if _, err := newReceiver(&Receive{Topic: "t", Journal: s.job.Journal}, events); !errors.Is(err, fault.JournalLocked) {
		t.Errorf("a second worker on the journal: %v", err)
	}
}

// TestB4InnerBatch: a message that holds several is kept as those, from the floor on and
// with the tags that are wanted.
func TestB4InnerBatch(t *testing.T) {
	stored, err := os.ReadFile(filepath.Join("..", "message", "testdata", "batchcq-auto.bin")) // of a real 5.5.0
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		job  Receive
		want []string
	}{
		"all":         {Receive{Topic: "BCQ"}, []string{"auto-key-0", "auto-key-1", "auto-key-2", "auto-key-3", "auto-key-4"}},
		"from a tag":  {Receive{Topic: "BCQ", Tags: []string{"tagA"}}, []string{"auto-key-0", "auto-key-1", "auto-key-2", "auto-key-3", "auto-key-4"}},
		"another tag": {Receive{Topic: "BCQ", Tags: []string{"tagB"}}, nil},
		"the middle":  {Receive{Topic: "BCQ", Floors: map[string]int64{"b/0": 3}}, []string{"auto-key-3", "auto-key-4"}},
	} {
		s, _ := subscribed(t, &c.job)
		m, _, err := message.ParseStored(stored)
		if err != nil {
			t.Fatal(err)
		}
		m.Broker = "b"
		if got := s.handle([]*message.Message{m}); got != engine.Success {
			t.Errorf("%s: %v", name, got)
		}
		if err := s.log.Close(); err != nil {
			t.Fatal(err)
		}
		r, err := journal.OpenReader(c.job.Journal)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := r.Poll(); err != nil {
			t.Fatal(err)
		}
		var keys []string
		first, next := r.Range()
		for n := first; n < next; n++ {
			rec, err := r.Record(n)
			if err != nil {
				t.Fatal(err)
			}
			one, err := rec.Message()
			if err != nil {
				t.Fatal(err)
			}
			keys = append(keys, one.Keys()...)
		}
		if !slices.Equal(keys, c.want) {
			t.Errorf("%s: %q", name, keys)
		}
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}

// TestE2LargerThanARecord: a body that the library unpacked, and that is larger than what a
// record holds, is kept packed; what cannot be kept is never answered.
func TestE2LargerThanARecord(t *testing.T) {
	large := bytes.Repeat([]byte("0123456789abcdef"), (message.MaxStored+1<<20)/16)
	s, _ := subscribed(t, &Receive{Topic: "t"})
	if a := s.handle([]*message.Message{{Topic: "t", Broker: "b", Body: large, Inflated: true, SysFlag: 0x301}}); a != engine.Success {
		t.Fatalf("answer %v", a)
	}
	kept := onDisk(t, s.job.Journal)
	if len(kept) != 1 || len(kept[0].Body) > len(large)/50 || kept[0].Inflated {
		t.Fatalf("%d messages are kept", len(kept))
	}
	if body, ok := kept[0].Unpacked(2 * len(large)); !ok || !bytes.Equal(body, large) {
		t.Errorf("%d bytes come back, %v", len(body), ok)
	}
	s, h := subscribed(t, &Receive{Topic: "t"})
	if a := s.handle([]*message.Message{{Topic: "t", Broker: "b", Body: large}}); a != engine.Block {
		t.Errorf("answer %v", a)
	}
	if e := h.next(t, Trouble); !errors.Is(e.Fault, fault.TooLarge) {
		t.Errorf("%+v", e)
	}
	if kept := onDisk(t, s.job.Journal); len(kept) != 0 {
		t.Errorf("%d messages are kept", len(kept))
	}
}

// TestA12WhatCameFirst: a cluster that does not begin where it was asked to leaves a gap that
// is counted, once a queue, and only where all of its messages are taken from the start on.
func TestA12WhatCameFirst(t *testing.T) {
	for _, first := range []bool{true, false} {
		s, _ := subscribed(t, &Receive{Topic: "t", First: first, Floors: map[string]int64{"b/0": 10, "b/1": 3, "b/2": 5}})
		for _, ms := range [][]*message.Message{
			msgs(0, 14, 15), msgs(0, 20), // 4 are missing; what comes later is no gap
			msgs(1, 2, 3), // some come before
			msgs(3, 7),    // a queue without a floor
		} {
			if a := s.handle(ms); a != engine.Success {
				t.Fatal(a)
			}
		}
		want := int64(0)
		if first {
			want = 4
		}
		if c := s.counters(); c.Gap != want {
			t.Errorf("first %v: a gap of %d", first, c.Gap)
		}
	}
}
