package sandbox

import (
	"runtime/debug"
	"testing"
	"time"
)

// taken tells, once everybody who can has it, whether a share got its room.
func taken(s *share, n int) <-chan error {
	got := make(chan error, 1)
	go func() { got <- s.take(n) }()
	return got
}

func (m *memory) waiting() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.queue)
}

func waitUntil(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(what)
		}
	}
}

// TestAloneIsBounded: what runs a sandbox alone, with a window or without, collects garbage as
// it was measured, and keeps to its goal.
func TestAloneIsBounded(t *testing.T) {
	limit, percent := debug.SetMemoryLimit(-1), debug.SetGCPercent(100)
	defer func() { debug.SetMemoryLimit(limit); debug.SetGCPercent(percent) }()
	s, err := OpenAlone(Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	if goal, of := debug.SetMemoryLimit(-1), debug.SetGCPercent(100); goal != memoryGoal || of != gcPercent {
		t.Errorf("%d bytes, %d %%", goal, of)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestD5Room: small claims do not wait for large ones, who takes least goes first, who
// takes much waits for itself, and who stands still goes.
func TestD5Room(t *testing.T) {
	const mb = 1 << 20
	m := newMemory(100*mb, 40*mb, 50*mb)
	hungUp := make(chan string, 10)
	gone := map[string]chan struct{}{}
	share := func(name string) *share {
		gone[name] = make(chan struct{})
		return m.share(func() { hungUp <- name }, gone[name])
	}
	a, b, c, d := share("a"), share("b"), share("c"), share("d")
	if err := a.Take(40 * mb); err != nil {
		t.Fatal(err)
	}
	a.Came()
	own := taken(a, 20*mb) // more than it may have
	large := taken(b, 30*mb)
	waitUntil(t, "they do not wait", func() bool { return m.waiting() == 2 })
	middle := taken(c, 25*mb)
	waitUntil(t, "it does not wait", func() bool { return m.waiting() == 3 })
	if err := <-taken(d, 1000); err != nil {
		t.Errorf("a small one: %v", err)
	}
	a.Give(30 * mb) // 50 are free for large ones
	if err := <-middle; err != nil {
		t.Error(err)
	}
	select {
	case err := <-large:
		t.Errorf("it went before one that takes less: %v", err)
	case err := <-own: // 10 and 20 of 50 fit, and are no more than 25
		if err != nil {
			t.Error(err)
		}
	}
	// Its client has gone: it waits no longer.
	close(gone["b"])
	if err := <-large; err == nil {
		t.Error("it got room")
	}
	// One that sends half of what it says takes nobody's room for long.
	c.Give(25 * mb)
	if err := c.Take(25 * mb); err != nil {
		t.Fatal(err)
	}
	late := taken(d, 20*mb)
	if name := <-hungUp; name != "c" {
		t.Errorf("%s was hung up on", name)
	}
	c.Came()
	c.Give(25 * mb)
	if err := <-late; err != nil {
		t.Error(err)
	}
	if err := d.take(61 * mb); err == nil {
		t.Error("what never fits is waited for")
	}
}
