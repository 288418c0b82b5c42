// Package tail follows a journal for a list: which records there are, each by its
// number, and how much room they take. It evicts what is over the caps; nothing else
// in the program does.
//
// A Tail may be used from any goroutine; Open, Close, Settle and Record read the disk
// and must not be called on the window's main goroutine. While nothing wakes it, a Tail
// does nothing: whoever knows that records were appended calls Wake.
package tail

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gantry/client/cluster"
	"gantry/client/filter"
	"gantry/client/journal"
	"gantry/client/message"
	"gantry/client/profile"
)

// Params are what New needs.
type Params struct {
	// ID names the journal among those of the Room, Dir is its folder.
	ID, Dir string
	Room    *Room
	Log     *slog.Logger
	// Changed, if set, is called when records came or went, from a goroutine of the
	// Tail's own. It must not wait.
	Changed func()
	// OnRecord, if set, is called with each record and its number, in their order, before
	// Changed is; one call at a time. It keeps no part of rec.
	OnRecord func(n uint64, rec []byte)
	// Standing: nothing is evicted, because somebody keeps it.
	Standing bool
}

// Tail reads along with a journal, and evicts from it. One goroutine looks; everything
// else takes the journal's own lock.
type Tail struct {
	p    Params
	wake chan struct{} // holds one where there may be something new

	mu     sync.Mutex // guards reader, quit and done
	reader *journal.Reader
	quit   chan struct{}
	done   chan struct{}

	looking sync.Mutex // one look at a time
	// positions are the next offsets by broker and queue of what is kept or was,
	// since BeginAnew; guarded by looking.
	positions map[string]map[int]int64
	// caps are those that the running writer was started with: it stops at them
	// even if they were raised since. Guarded by looking.
	caps *profile.Caps
	err  error // guarded by looking

	full atomic.Bool // the writer waits for room
}

// New returns a Tail that is not open.
func New(p Params) *Tail {
	return &Tail{p: p, wake: make(chan struct{}, 1), positions: map[string]map[int]int64{}}
}

// BeginAnew forgets the positions: what comes belongs to another subscription.
func (t *Tail) BeginAnew() {
	t.looking.Lock()
	defer t.looking.Unlock()
	clear(t.positions)
}

// RunUnder says with which caps a writer is started; nil that none runs.
func (t *Tail) RunUnder(caps *profile.Caps) {
	t.looking.Lock()
	defer t.looking.Unlock()
	t.caps = caps
	t.full.Store(false)
}

// Full says whether the writer waits for room. Where it does, the Tail goes on looking
// for some, because the writer adds nothing that would wake it. It never waits.
func (t *Tail) Full(full bool) {
	t.full.Store(full)
	t.Wake()
}

// Wake has the Tail look at the journal. It never waits.
func (t *Tail) Wake() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// Open begins to follow, if there is a journal: one that is not there yet is no error.
// It reads up to 16 MiB; the rest follows.
func (t *Tail) Open() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.reader != nil {
		return nil
	}
	r, err := journal.OpenReader(t.p.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	r.OnRecord = t.note
	t.reader, t.quit, t.done = r, make(chan struct{}), make(chan struct{})
	// One look at once: whether there is anything decides what closing asks.
	if _, _, err := r.Poll(); err != nil {
		t.p.Log.Warn("a journal cannot be read", "journal", t.p.ID, "error", err)
	}
	t.Wake()
	t.p.Room.add(t)
	go t.run(r, t.quit, t.done)
	return nil
}

// Opened tells whether there is a journal that is followed.
func (t *Tail) Opened() bool { return t.current() != nil }

// fullAgain is how often room is looked for while the writer waits.
const fullAgain = 250 * time.Millisecond

func (t *Tail) run(r *journal.Reader, quit, done chan struct{}) {
	defer close(done)
	again := time.NewTimer(fullAgain)
	defer again.Stop()
	for {
		more, waits := t.look(r)
		again.Stop()
		switch {
		case more:
			select {
			case <-quit:
				return
			default:
				continue
			}
		case t.full.Load():
			again.Reset(fullAgain)
		case waits:
			again.Reset(journal.StillAfter)
		}
		select {
		case <-quit:
			return
		case <-t.wake:
		case <-again.C:
		}
	}
}

// look takes notice of what has been appended, and evicts; more says that there
// is more to read at once, waits that there may be soon.
func (t *Tail) look(r *journal.Reader) (more, waits bool) {
	t.looking.Lock()
	defer t.looking.Unlock()
	added, more, err := r.Poll()
	if err != nil {
		if t.err == nil {
			t.p.Log.Warn("a journal cannot be followed", "journal", t.p.ID, "error", err)
		}
		t.err = err
		return false, false
	}
	t.err = nil
	// Also when nothing came: a writer that waits for room adds nothing.
	gone := t.evict(r)
	if (added > 0 || gone > 0) && t.p.Changed != nil {
		t.p.Changed()
	}
	return more, r.Waits()
}

func (t *Tail) evict(r *journal.Reader) (gone uint64) {
	if t.p.Standing {
		return 0
	}
	caps := t.p.Room.Caps()
	if t.caps != nil {
		caps.Bytes, caps.Messages = min(caps.Bytes, t.caps.Bytes), min(caps.Messages, t.caps.Messages)
	}
	// Whoever receives makes room for what all journals keep together.
	room := max(caps.TotalBytes-t.p.Room.beside(t.p.ID), journal.SegmentSize)
	gone, err := r.Evict(min(caps.Bytes, room), caps.Messages)
	if err != nil {
		t.p.Log.Warn("eviction failed", "journal", t.p.ID, "error", err)
	}
	return gone
}

// note takes the position of a record. It is called by Poll.
func (t *Tail) note(n uint64, rec []byte) {
	if t.p.OnRecord != nil {
		t.p.OnRecord(n, rec)
	}
	broker, queue, offset, ok := message.Place(rec)
	if !ok {
		return
	}
	of := t.positions[string(broker)]
	if of == nil {
		of = map[int]int64{}
		t.positions[string(broker)] = of
	}
	of[queue] = max(of[queue], offset+1)
}

// Raise returns floors, by the name of their queue (cluster.Queue), raised to the journal's next offset of each
// queue: where a subscription goes on whose positions no broker keeps.
func (t *Tail) Raise(floors map[string]int64) map[string]int64 {
	t.looking.Lock()
	defer t.looking.Unlock()
	out := maps.Clone(floors)
	if out == nil {
		out = map[string]int64{}
	}
	for broker, of := range t.positions {
		for queue, n := range of {
			key := cluster.Queue{Broker: broker, ID: queue}.String()
			out[key] = max(out[key], n)
		}
	}
	return out
}

// Next is the offset behind what is kept or was of a queue, 0 where nothing was.
func (t *Tail) Next(q cluster.Queue) int64 {
	t.looking.Lock()
	defer t.looking.Unlock()
	return t.positions[q.Broker][q.ID]
}

// settleLimit bounds Settle: what is left is read afterwards.
const settleLimit = 2 * time.Second

// Settle takes notice of what a writer that has ended wrote last, 2 s at most.
func (t *Tail) Settle() {
	r := t.current()
	for end := time.Now().Add(settleLimit); r != nil && time.Now().Before(end); {
		if more, _ := t.look(r); !more {
			return
		}
	}
}

func (t *Tail) current() *journal.Reader {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.reader
}

// Range returns the number of the oldest record kept and the one after the newest. It
// takes short locks only.
func (t *Tail) Range() (first, next uint64) {
	if r := t.current(); r != nil {
		return r.Range()
	}
	return 0, 0
}

// Record reads a record: fault.Evicted if it is no longer kept, journal.ErrNone where
// nothing is open.
func (t *Tail) Record(n uint64) (*message.Record, error) {
	if r := t.current(); r != nil {
		return r.Record(n)
	}
	return nil, journal.ErrNone
}

// Sift returns the numbers of those records from from up to to, to not included, that are
// messages which fit, ascending; it stops where ctx ends, or the time of jq. at is the number from which on
// nothing was looked at. It reads the disk, on as many goroutines as there are processors.
func (t *Tail) Sift(ctx context.Context, from, to uint64, keep filter.Filter) (fit []uint64, at uint64, err error) {
	r := t.current()
	if r == nil { // closed since
		return nil, from, nil
	}
	if !keep.Jq() {
		return r.Scan(ctx, from, to, func(run *journal.Run) []int { return whole(run, keep.Sift(run.Bytes, run.Starts)) })
	}
	s := asking{keep: keep, at: to}
	fit, at, err = r.Scan(ctx, from, to, s.look)
	fit, at = s.apply(fit, at)
	return fit, at, err
}

// Times copies when messages were stored, see journal.Reader.Times. It takes a short lock
// only.
func (t *Tail) Times(from uint64, dst []int64) (first uint64, n int) {
	if r := t.current(); r != nil {
		return r.Times(from, dst)
	}
	return from, 0
}

// Each calls do with the messages among the records from from up to to, to not included, on
// as many goroutines as there are processors, in no order, until ctx ends: its error is
// then that of ctx. do keeps nothing of m, which lacks the broker's name. It reads the disk.
func (t *Tail) Each(ctx context.Context, from, to uint64, do func(n uint64, m *message.Message)) error {
	r := t.current()
	if r == nil { // closed since
		return nil
	}
	_, _, err := r.Scan(ctx, from, to, func(run *journal.Run) []int {
		var m message.Message
		for i, start := range run.Starts {
			end := len(run.Bytes)
			if i+1 < len(run.Starts) {
				end = run.Starts[i+1]
			}
			if _, damaged := slices.BinarySearch(run.Damaged, i); !damaged && m.ViewRecord(run.Bytes[start:end]) == nil {
				do(run.First+uint64(i), &m)
			}
		}
		return nil
	})
	if err == nil {
		err = ctx.Err()
	}
	return err
}

// Count is how much of a journal is there.
type Count struct {
	// Received are all records it ever had, Kept of them are still there.
	Received, Kept, Evicted uint64
	KeptBytes               int64
	// CapBytes is what it may keep, 0 where it stays whole, DamagedBytes what was found that is no record.
	CapBytes, DamagedBytes int64
}

// Count tells how much is there. It takes short locks only.
func (t *Tail) Count() Count {
	k := Count{CapBytes: t.p.Room.Caps().Bytes}
	if t.p.Standing {
		k.CapBytes = 0
	}
	r := t.current()
	if r == nil {
		return k
	}
	first, next := r.Range()
	k.Received, k.Kept, k.Evicted = next, next-first, first
	k.KeptBytes, _, k.DamagedBytes = r.Kept()
	return k
}

// Dir is the journal's folder.
func (t *Tail) Dir() string { return t.p.Dir }

// Close stops following. What was read stays readable no longer.
func (t *Tail) Close() {
	t.mu.Lock()
	r, quit, done := t.reader, t.quit, t.done
	t.reader = nil
	t.mu.Unlock()
	if r == nil {
		return
	}
	t.p.Room.remove(t)
	close(quit)
	<-done
	if err := r.Close(); err != nil {
		t.p.Log.Warn("a journal did not close", "journal", t.p.ID, "error", err)
	}
}
