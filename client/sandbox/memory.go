package sandbox

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"time"
)

// memoryGoal is what a process that runs a sandbox should keep to, in bytes: with
// debug.SetMemoryLimit, where it collects garbage seldom.
const memoryGoal = 384 << 20

// gcPercent is the debug.SetGCPercent of such a process: what it has of its own is little,
// some 5 MB at 100,000 messages, and what requests leave behind is most of what is
// resident. Against 400, the worker's, it costs 4 % of the processor time of sends
// (7.4 to 7.1 µs), and halves that.
const gcPercent = 200

const (
	// requestsMost is what requests of all clients may take together, in bytes, and
	// requestsAside what of it is for small ones, up to smallMost: they never wait for
	// large ones. lifeline of it is for clients that have no more than fewMost under
	// way: they wait for nobody who has thousands.
	requestsMost  = 96 << 20
	requestsAside = 56 << 20
	smallMost     = 64 << 10
	lifeline      = 8 << 20
	fewMost       = 256 << 10
	// requestsEach is what one client may take of it: beyond, it waits for itself.
	requestsEach = 24 << 20
	// answersMost is the same of answers, while they are made and until they are out.
	// The process takes some three times both.
	answersMost  = 72 << 20
	answersAside = 8 << 20
	// stallAfter is how long what is under way may stand still, and slowest how many
	// bytes a second it must make, where others wait for the room.
	stallAfter = time.Second
	slowest    = 256 << 10
	// lastResort is when the one that takes most goes, whatever it does.
	lastResort = 4 * time.Second
	// lookEvery is how often it is looked at who stands still.
	lookEvery = 50 * time.Millisecond
)

// errNoRoom says that something is too large, or that its connection ended meanwhile.
var errNoRoom = errors.New("there is no room for it")

// memory is a room in bytes that clients share: what they send, or are answered. (Two
// rooms, so that requests wait for answers, and answers for no request.) Those that
// take little go before those that take much, and where others wait, who takes
// room and stands still is hung up on: a client that does not read, or sends half of
// what it says, takes nobody's room for long.
type memory struct {
	most, aside int64 // aside of it is for what is small
	each        int64 // what one client may have before it waits for itself; 0 is all

	mu     sync.Mutex
	used   int64           // guarded by mu
	shares map[*share]bool // guarded by mu
	queue  []*claim        // guarded by mu; who waits
	looked time.Time       // guarded by mu
}

func newMemory(most, aside, each int64) *memory {
	return &memory{most: most, aside: aside, each: each, shares: map[*share]bool{}}
}

// share is one connection's part of the memory. It is its remoting.Memory.
type share struct {
	m *memory
	// hangUp ends the connection.
	hangUp func()
	gone   <-chan struct{} // closed when nothing more comes from it

	// All below is guarded by m.mu.
	held  int64
	ended bool // it was hung up on
	// reading and writing are the bytes under way, which began then and moved last at.
	reading, writing int64
	begun, moved     time.Time
}

// claim is somebody who waits for room.
type claim struct {
	s     *share
	n     int64
	since time.Time
	ready chan struct{} // closed when it has it
}

func (m *memory) share(hangUp func(), gone <-chan struct{}) *share {
	s := &share{m: m, hangUp: hangUp, gone: gone}
	m.mu.Lock()
	m.shares[s] = true
	m.mu.Unlock()
	return s
}

// leave ends a share that holds nothing any more.
func (s *share) leave() {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	delete(s.m.shares, s)
}

// Take waits for room for a request that begins to come.
func (s *share) Take(n int) error {
	if err := s.take(n); err != nil {
		return err
	}
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	now := time.Now()
	s.reading, s.begun, s.moved = int64(n), now, now
	return nil
}

// TryTake takes room for a request that is there, whole, if it needs not wait for it.
func (s *share) TryTake(n int) bool {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	fits := s.m.fits(s, int64(n))
	if fits {
		s.m.add(s, int64(n))
	}
	return fits
}

// Came says that it is whole.
func (s *share) Came() {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	s.reading = 0
}

// Give gives room back.
func (s *share) Give(n int) {
	m := s.m
	m.mu.Lock()
	defer m.mu.Unlock()
	s.held -= int64(n)
	m.used -= int64(n)
	m.grant()
}

// move notes that bytes came or went.
func (s *share) move() {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	s.moved = time.Now()
}

// writes notes that so many bytes begin to go out, or with 0 that they are.
func (s *share) writes(n int) {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	now := time.Now()
	s.writing, s.begun, s.moved = int64(n), now, now
}

// take waits for room.
func (s *share) take(n int) error {
	m := s.m
	if int64(n) > m.most-m.aside {
		return errNoRoom
	}
	m.mu.Lock()
	if m.fits(s, int64(n)) {
		m.add(s, int64(n))
		m.mu.Unlock()
		return nil
	}
	c := &claim{s: s, n: int64(n), since: time.Now(), ready: make(chan struct{})}
	m.queue = append(m.queue, c)
	m.mu.Unlock()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		select {
		case <-c.ready:
			return nil
		case <-s.gone:
			return m.abandon(c)
		case <-look.C:
			m.relieve()
		}
	}
}

// abandon takes a claim back.
func (m *memory) abandon(c *claim) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.Index(m.queue, c)
	if i < 0 {
		return nil // it has just been given
	}
	m.queue = slices.Delete(m.queue, i, i+1)
	return errNoRoom
}

// fits tells whether there is room. Called with mu held.
func (m *memory) fits(s *share, n int64) bool {
	limit := m.most
	switch {
	case n > smallMost:
		limit -= m.aside
	case m.aside > 0 && s.held+n > fewMost:
		limit -= lifeline
	}
	return m.own(s, n) && m.used+n <= limit
}

// own tells whether it is not for what a client has itself that it waits. Called with
// mu held.
func (m *memory) own(s *share, n int64) bool {
	return m.each == 0 || s.held == 0 || s.held+n <= m.each
}

// add is called with mu held.
func (m *memory) add(s *share, n int64) {
	s.held += n
	m.used += n
}

// grant gives room to those who wait, first to those who take least. Called with mu
// held.
func (m *memory) grant() {
	if len(m.queue) == 0 {
		return
	}
	slices.SortStableFunc(m.queue, func(a, b *claim) int { return cmp.Compare(a.s.held+a.n, b.s.held+b.n) })
	m.queue = slices.DeleteFunc(m.queue, func(c *claim) bool {
		fits := m.fits(c.s, c.n)
		if fits {
			m.add(c.s, c.n)
			close(c.ready)
		}
		return fits
	})
}

// relieve hangs up on those that take room and stand still while others wait, as many
// as it takes; in the end on the one that takes most.
func (m *memory) relieve() {
	m.mu.Lock()
	now := time.Now()
	if now.Sub(m.looked) < lookEvery || len(m.queue) == 0 {
		m.mu.Unlock()
		return
	}
	m.looked = now
	m.grant()
	first := m.first()
	if first == nil {
		m.mu.Unlock()
		return
	}
	var ends []*share
	free := m.most - m.aside - m.used
	for free < first.n {
		worst := m.worst(now, now.Sub(first.since) > lastResort, first)
		if worst == nil {
			break
		}
		worst.ended = true
		free += worst.held
		ends = append(ends, worst)
	}
	m.mu.Unlock()
	for _, s := range ends {
		s.hangUp()
	}
}

// first is the claim that waits for others, not for itself, and takes least. Called
// with mu held, after grant, which sorts.
func (m *memory) first() *claim {
	for _, c := range m.queue {
		if m.own(c.s, c.n) {
			return c
		}
	}
	return nil
}

// worst is the share that holds most of those that stand still; with any, of all that
// hold more than the claim would. Called with mu held.
func (m *memory) worst(now time.Time, any bool, c *claim) *share {
	var worst *share
	for s := range m.shares {
		if s.ended || !s.still(now) && (!any || s.held <= c.s.held+c.n) {
			continue
		}
		if worst == nil || s.held > worst.held {
			worst = s
		}
	}
	return worst
}

// still tells whether something is under way and does not move, or too slowly. Called
// with mu held.
func (s *share) still(now time.Time) bool {
	n := s.reading + s.writing
	if n == 0 {
		return false
	}
	enough := stallAfter + time.Duration(n)*time.Second/slowest
	return now.Sub(s.moved) > stallAfter || now.Sub(s.begun) > enough
}

// tight tells whether much of the memory is in use: answers are to be small.
func (m *memory) tight() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.used > m.most/3
}
