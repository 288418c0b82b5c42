package tail

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"gantry/client/journal"
	"gantry/client/message"
	"gantry/client/profile"
)

// written opens a journal for writing, with a reader's Tail that says when it changed.
func written(t *testing.T, room *Room, dir string, opt journal.Options) (*journal.Writer, *Tail, chan struct{}) {
	t.Helper()
	changed := make(chan struct{}, 1000)
	l := New(Params{ID: filepath.Base(dir), Dir: dir, Room: room, Log: slog.New(slog.DiscardHandler), Changed: func() { changed <- struct{}{} }})
	if opt.OnBlocked == nil {
		opt.OnBlocked = func(err error) { l.Full(err != nil) }
	}
	w, err := journal.OpenWriter(dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Open(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		l.Close()
		_ = w.Close()
	})
	return w, l, changed
}

func record(size int) []byte {
	return message.AppendMessage(nil, &message.Message{Broker: "b", Topic: "t", Body: make([]byte, size)})
}

// TestWoken: what was appended is there after a wake, and not before: nothing looks by
// itself.
func TestWoken(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w, l, changed := written(t, NewRoom(filepath.Dir(dir)), dir, journal.Options{})
	if err := w.Append(record(10), 1); err != nil {
		t.Fatal(err)
	}
	for {
		l.Wake()
		<-changed
		if _, next := l.Range(); next == 1 {
			break
		}
	}
	if n := l.Count(); n.Received != 1 || n.Kept != 1 || n.KeptBytes == 0 {
		t.Errorf("%+v", n)
	}
	if m, err := l.Record(0); err != nil || m.Broker != "b" {
		t.Errorf("%+v, %v", m, err)
	}
}

// TestFullThenRoom: a journal that is full at 1.25 of its caps goes on within a second
// once there is room, though nothing arrives meanwhile that would wake anybody.
func TestFullThenRoom(t *testing.T) {
	t.Parallel()
	const segment = 10_000
	dir := t.TempDir()
	room := NewRoom(filepath.Dir(dir))
	room.SetCaps(profile.Caps{Bytes: 1 << 40, Messages: 1 << 40, TotalBytes: 1 << 40})
	blocked := make(chan bool, 10)
	var l *Tail
	opt := journal.Options{Segment: segment, MaxBytes: 4 * segment, OnBlocked: func(err error) {
		l.Full(err != nil)
		blocked <- err != nil
	}}
	// The writer calls OnBlocked only when it is full, long after l is set.
	var w *journal.Writer
	w, l, _ = written(t, room, dir, opt)
	appended := make(chan error, 1)
	go func() {
		for range 100 {
			if err := w.Append(record(1000), 1); err != nil {
				appended <- err
				return
			}
		}
		appended <- nil
	}()
	if !<-blocked {
		t.Fatal("it goes on, and was never full")
	}
	select {
	case err := <-appended:
		t.Fatalf("all is written, %v", err)
	default:
	}
	begun := time.Now()
	room.SetCaps(profile.Caps{Bytes: 4 * segment, Messages: 1 << 40, TotalBytes: 1 << 40})
	for <-blocked {
	}
	if took := time.Since(begun); took > 5*time.Second { // nobody would wake it ever
		t.Errorf("it went on after %v", took)
	}
	if err := <-appended; err != nil {
		t.Error(err)
	}
}

// TestEach: every message is handed over once, with its number.
func TestEach(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w, l, changed := written(t, NewRoom(filepath.Dir(dir)), dir, journal.Options{})
	const count = 2000
	for i := range count {
		rec := message.AppendMessage(nil, &message.Message{Broker: "b", Topic: "t", QueueOffset: int64(i), StoredAt: time.UnixMilli(int64(i + 1)), Body: make([]byte, 1000)})
		if err := w.Append(rec, 1); err != nil {
			t.Fatal(err)
		}
	}
	for next := uint64(0); next < count; _, next = l.Range() {
		l.Wake()
		<-changed
	}
	var seen [count]atomic.Int32
	if err := l.Each(t.Context(), 10, count-10, func(n uint64, m *message.Message) {
		if m.QueueOffset != int64(n) {
			t.Errorf("message %d is said to be %d", m.QueueOffset, n)
		}
		seen[n].Add(1)
	}); err != nil {
		t.Fatal(err)
	}
	for n := range seen {
		if want := int32(1); (n >= 10 && n < count-10) != (seen[n].Load() == want) || seen[n].Load() > 1 {
			t.Errorf("message %d was handed over %d times", n, seen[n].Load())
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Each(ctx, 0, count, func(uint64, *message.Message) {}); err == nil {
		t.Error("nothing is said of what was not handed over")
	}
	times := make([]int64, count)
	if first, n := l.Times(3, times); first != 3 || n != count-3 || times[0] != 4 {
		t.Errorf("%d times from %d on", n, first)
	}
}
