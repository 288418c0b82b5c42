package remoting

import (
	"context"
	"slices"
	"sync"
)

const (
	// freeBody is the largest body of an answer that takes no room, in bytes: most are
	// smaller, and wait for none of the large ones.
	freeBody = 64 << 10
	// mostHead bounds the header of an answer, in bytes: remarks hold a stack at most.
	mostHead = 1 << 20
	// piece is how much of a body is read between two looks whether it is still wanted.
	piece = 256 << 10
)

// Room is the memory that the answers of all connections share which are being read, or
// made something of: what servers send at once is theirs to choose, and large answers come
// one after the other. A nil Room has no end. It may be used from any goroutine.
type Room struct {
	most  int
	alone chan struct{} // holds a token while somebody is

	mu      sync.Mutex
	used    int      // guarded by mu
	waiting []*claim // guarded by mu; in their order
}

// claim is what an answer waits for.
type claim struct {
	n       int
	granted chan struct{} // closed when it has it
}

// NewRoom returns a room of so many bytes. An answer that is larger takes all of it.
func NewRoom(most int) *Room { return &Room{most: most, alone: make(chan struct{}, 1)} }

// Alone waits until nobody else is, or ctx ends; done ends it.
func (r *Room) Alone(ctx context.Context) (done func(), err error) {
	if r == nil {
		return func() {}, nil
	}
	select {
	case r.alone <- struct{}{}:
		return func() { <-r.alone }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// take waits for n bytes until one of the channels is closed, and returns what was taken.
func (r *Room) take(n int, gone, lost <-chan struct{}) (taken int, ok bool) {
	if r == nil || n <= freeBody {
		return 0, true
	}
	c := &claim{n: min(n, r.most), granted: make(chan struct{})}
	r.mu.Lock()
	r.waiting = append(r.waiting, c)
	r.grant()
	r.mu.Unlock()
	select {
	case <-c.granted:
		return c.n, true
	case <-gone:
	case <-lost:
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if i := slices.Index(r.waiting, c); i >= 0 {
		r.waiting = slices.Delete(r.waiting, i, i+1)
	} else {
		r.used -= c.n // granted meanwhile
	}
	r.grant()
	return 0, false
}

// give gives back what was taken.
func (r *Room) give(n int) {
	if n == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used -= n
	r.grant()
}

// grant is called with mu held.
func (r *Room) grant() {
	for len(r.waiting) > 0 && r.used+r.waiting[0].n <= r.most {
		r.used += r.waiting[0].n
		close(r.waiting[0].granted)
		r.waiting = r.waiting[1:]
	}
}
