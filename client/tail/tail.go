package client

import (
	"errors"
	"io/fs"
	"maps"
	"sync"
	"time"

	"gantry/client/journal"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/worker"
)

// followEvery is how often a journal is looked at while it is open. A look at
// one that has not grown is a directory listing and a stat.
const followEvery = 50 * time.Millisecond

// follower reads along with a journal, and evicts from it. One goroutine polls;
// everything else takes the journal's own lock.
type follower struct {
	client *Client
	id     string
	dir    string

	mu     sync.Mutex // guards reader and quit
	reader *journal.Reader
	quit   chan struct{}
	done   chan struct{}

	polling sync.Mutex // one poll at a time
	// positions are the next offsets by broker and queue of what is kept or was,
	// since the subscription began anew; guarded by polling.
	positions map[string]map[int]int64
	// caps are those that the running worker was started with: it stops at them
	// even if they were raised since. Guarded by polling.
	caps *profile.Caps
	err  error
}

func newFollower(c *Client, id, dir string) *follower {
	return &follower{client: c, id: id, dir: dir, positions: map[string]map[int]int64{}}
}

// beginAnew forgets the positions: what comes belongs to another subscription.
func (f *follower) beginAnew() {
	f.polling.Lock()
	defer f.polling.Unlock()
	clear(f.positions)
}

// runUnder says with which caps a worker is started; nil that none runs.
func (f *follower) runUnder(caps *profile.Caps) {
	f.polling.Lock()
	defer f.polling.Unlock()
	f.caps = caps
}

// open begins to follow, if there is a journal.
func (f *follower) open() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.reader != nil {
		return nil
	}
	r, err := journal.OpenReader(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	r.OnRecord = f.note
	f.reader, f.quit, f.done = r, make(chan struct{}), make(chan struct{})
	// One look at once: whether there is anything decides what closing asks.
	if _, _, err := r.Poll(); err != nil {
		f.client.log.Warn("a journal cannot be read", "journal", f.id, "error", err)
	}
	go f.run(r, f.quit, f.done)
	return nil
}

func (f *follower) run(r *journal.Reader, quit, done chan struct{}) {
	defer close(done)
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	for {
		for more := f.poll(r); more; more = f.poll(r) {
			select {
			case <-quit:
				return
			default:
			}
		}
		select {
		case <-quit:
			return
		case <-tick.C:
		}
	}
}

// poll takes notice of what has been appended, and evicts; more says that there
// is more to read at once.
func (f *follower) poll(r *journal.Reader) (more bool) {
	f.polling.Lock()
	defer f.polling.Unlock()
	_, more, err := r.Poll()
	if err != nil {
		if f.err == nil {
			f.client.log.Warn("a journal cannot be followed", "journal", f.id, "error", err)
		}
		f.err = err
		return false
	}
	f.err = nil
	// Also when nothing came: a writer that waits for room adds nothing.
	f.evict(r)
	return more
}

func (f *follower) evict(r *journal.Reader) {
	caps := f.client.currentCaps()
	if f.caps != nil {
		caps.Bytes, caps.Messages = min(caps.Bytes, f.caps.Bytes), min(caps.Messages, f.caps.Messages)
	}
	// Whoever receives makes room for what all journals keep together.
	room := max(caps.TotalBytes-f.client.bytesBeside(f.id), journal.SegmentSize)
	if _, err := r.Evict(min(caps.Bytes, room), caps.Messages); err != nil {
		f.client.log.Warn("eviction failed", "journal", f.id, "error", err)
	}
}

// note takes the position of a record. It is called by Poll.
func (f *follower) note(rec []byte) {
	broker, queue, offset, ok := message.Place(rec)
	if !ok {
		return
	}
	of := f.positions[string(broker)]
	if of == nil {
		of = map[int]int64{}
		f.positions[string(broker)] = of
	}
	of[queue] = max(of[queue], offset+1)
}

// raise returns floors raised to the journal's next offset of each queue: where a
// subscription goes on whose positions no broker keeps.
func (f *follower) raise(floors map[string]int64) map[string]int64 {
	f.polling.Lock()
	defer f.polling.Unlock()
	out := maps.Clone(floors)
	if out == nil {
		out = map[string]int64{}
	}
	for broker, of := range f.positions {
		for queue, n := range of {
			key := worker.FloorKey(broker, queue)
			out[key] = max(out[key], n)
		}
	}
	return out
}

// settleLimit bounds settle: what is left is read afterwards.
const settleLimit = 2 * time.Second

// settle takes notice of what a worker that has ended wrote last.
func (f *follower) settle() {
	r := f.current()
	for end := time.Now().Add(settleLimit); r != nil && f.poll(r) && time.Now().Before(end); {
	}
}

func (f *follower) current() *journal.Reader {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reader
}

func (f *follower) bounds() (first, next uint64) {
	if r := f.current(); r != nil {
		return r.Range()
	}
	return 0, 0
}

func (f *follower) record(n uint64) (*message.Record, error) {
	if r := f.current(); r != nil {
		return r.Record(n)
	}
	return nil, journal.ErrNone
}

func (f *follower) count(st *Status) {
	st.CapBytes = f.client.currentCaps().Bytes
	r := f.current()
	if r == nil {
		return
	}
	first, next := r.Range()
	st.Received, st.Kept = next, next-first
	st.KeptBytes, _, st.DamagedBytes = r.Kept()
	st.Evicted = first
}

// close stops following. What was read stays readable no longer.
func (f *follower) close() {
	f.mu.Lock()
	r, quit, done := f.reader, f.quit, f.done
	f.reader = nil
	f.mu.Unlock()
	if r == nil {
		return
	}
	close(quit)
	<-done
	if err := r.Close(); err != nil {
		f.client.log.Warn("a journal did not close", "journal", f.id, "error", err)
	}
}
