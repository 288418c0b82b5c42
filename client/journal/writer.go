package journal

import (
	"errors"
	"os"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

const (
	syncEvery  = 200 * time.Millisecond
	retryEvery = 200 * time.Millisecond
	// spareSize is the largest buffer that is kept for the next batch.
	spareSize = 4 << 20
	// mostPending is how many bytes Add leaves to be written without waiting.
	mostPending = 1 << 20
	// What is added waits addDelay for more, or until it is writeAtOnce bytes: a byte of
	// such a write costs half of one of 40 KB, which is what a pull brings (measured on
	// ext4).
	addDelay    = 2 * time.Millisecond
	writeAtOnce = 256 << 10
)

// Options bound a journal. Zero values mean the defaults.
type Options struct {
	// Segment is the size of a segment in bytes, SegmentSize by default.
	Segment int64
	// SegmentRecords seals a segment also when it holds so many records, an eighth
	// of MaxRecords by default. 0 means that only its size does.
	SegmentRecords int64
	// MaxBytes and MaxRecords are the caps that the window evicts to. The
	// writer blocks at 1.25 times either, or one segment above it where that
	// is more. 0 means none.
	MaxBytes   int64
	MaxRecords int64
	// OnBlocked is called with the reason when appending begins to block (the
	// disk is full, the cap is passed and nothing evicts), and with nil when
	// it goes on. It is called from whatever goroutine writes.
	OnBlocked func(error)
	// OnWritten is called when records are on disk. It is called from whatever goroutine
	// writes, and must not wait.
	OnWritten func()
}

// Writer appends records to a journal. Append and Add may be called from any number
// of goroutines; the records of concurrent calls are written together. What Add took
// and is not yet written is lost when the process dies, or is closed while it cannot
// write.
type Writer struct {
	opt  Options
	root *os.Root
	lock *flock.Flock
	cut  int64 // bytes of a torn tail that were dropped at the start

	// writing is held by who takes the pending batch and writes it: the writing goroutine,
	// or one who appends while nobody does. It guards the rest of this part.
	writing sync.Mutex
	// spare is the buffer of the batch written before, for the next one.
	spare []byte
	file  *os.File // the last segment
	size  int64    // of the last segment
	first uint64   // number of the last segment's first record
	dirty bool     // something was written since the last sync
	lost  error    // why records were given up
	// stuck is a batch that could not be written at once: the writing goroutine goes on
	// with it, before all others.
	stuck *batch

	mu    sync.Mutex
	next  uint64 // number of the next record on disk
	taken uint64 // number of the next record that is taken

	pending *batch
	closed  bool
	wake    chan struct{} // capacity 1
	quit    chan struct{} // closed by Close: a blocked write gives up
	syncs   chan synced   // what is to be synced, in order
	done    chan struct{} // closed when both goroutines have ended
}

// synced is a segment that is synced, and closed then if it is sealed.
type synced struct {
	file   *os.File
	sealed bool
}

// batch is what is written by one write(2).
type batch struct {
	buf     []byte
	records int
	written int           // bytes of buf that are on disk
	done    chan struct{} // closed when written or given up
	err     error
}

func newBatch() *batch { return &batch{done: make(chan struct{})} }

// Append writes whole records, of the given number, and returns once they are
// on disk. While the disk is full or the journal stays over its cap it blocks;
// Close ends that with ErrClosed, and then the records may not be in the
// journal. records is not kept.
func (w *Writer) Append(records []byte, n int) error {
	_, err := w.AppendNumbered(records, n)
	return err
}

// AppendNumbered is Append, and returns the number of the first of the records. Without
// any it waits for what was taken before.
func (w *Writer) AppendNumbered(records []byte, n int) (first uint64, err error) {
	p, err := w.put(func(dst []byte) ([]byte, int) { return append(dst, records...), n })
	if err != nil {
		return 0, err
	}
	return p.first, w.append(p)
}

// AppendAs is Append of whole records that encode appends to dst, the first of which gets
// the number first; it returns how many they are. encode is called once, and holds up
// others who append, but not after Close.
func (w *Writer) AppendAs(encode func(dst []byte, first uint64) ([]byte, int)) error {
	p, err := w.put(func(dst []byte) ([]byte, int) { return encode(dst, w.taken) })
	if err != nil {
		return err
	}
	return w.append(p)
}

// append returns when what was put is written.
func (w *Writer) append(p placed) error {
	// Alone, it is quicker to write than to wake who does, and to be woken.
	if w.writing.TryLock() {
		w.writePending(true)
		w.writing.Unlock()
	} else {
		w.hurry()
	}
	<-p.b.done
	return p.b.err
}

// AppendNow is AppendAs for who must not wait for a disk that is full, a cap, or other
// writers. Where the records cannot be written at once, wait is not nil, and returns what
// AppendAs would. A slow disk is waited for either way.
func (w *Writer) AppendNow(encode func(dst []byte, first uint64) ([]byte, int)) (wait func() error, err error) {
	p, err := w.put(func(dst []byte) ([]byte, int) { return encode(dst, w.taken) })
	if err != nil {
		return nil, err
	}
	if w.writing.TryLock() {
		w.writePending(false)
		w.writing.Unlock()
	} else {
		w.hurry()
	}
	select {
	case <-p.b.done:
		return nil, p.b.err
	default:
	}
	return func() error { <-p.b.done; return p.b.err }, nil
}

// Add has whole records written that encode appends to dst; it returns how many they
// are. Unlike Append it waits only while much is to be written: it is for those who
// can read again what was not. encode is called once, and holds up others who append;
// it is not called after Close.
func (w *Writer) Add(encode func(dst []byte) ([]byte, int)) error {
	p, err := w.put(encode)
	switch {
	case err != nil:
		return err
	case p.size >= writeAtOnce:
		w.hurry()
	case p.before == 0:
		time.AfterFunc(addDelay, w.hurry)
	}
	if p.before < mostPending {
		return nil
	}
	<-p.b.done
	return p.b.err
}

// hurry has the pending batch written now.
func (w *Writer) hurry() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// placed says where records were put: into which batch, with which number for the first,
// and how many bytes that had before and has now.
type placed struct {
	b            *batch
	first        uint64
	before, size int
}

// put has records added to the batch that is written next.
func (w *Writer) put(encode func([]byte) ([]byte, int)) (placed, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return placed{}, ErrClosed
	}
	p := placed{b: w.pending, first: w.taken, before: len(w.pending.buf)}
	buf, n := encode(p.b.buf)
	p.b.buf, p.b.records, p.size = buf, p.b.records+n, len(buf)
	w.taken += uint64(n)
	return p, nil
}

// Next returns the number that the next record will get: all before it are on
// disk.
func (w *Writer) Next() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.next
}

// Cut returns how many bytes of a torn tail were dropped when the writer was
// opened: what a process that died was writing, and never acknowledged.
func (w *Writer) Cut() int64 { return w.cut }

// Close writes what was taken, syncs, and gives the lock back. Appends that are
// blocked fail with ErrClosed; so does Close where records of Add are lost with them.
func (w *Writer) Close() error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		<-w.done
		return nil
	}
	w.closed = true
	w.mu.Unlock()
	close(w.quit)
	<-w.done
	return errors.Join(w.lost, w.file.Sync(), w.file.Close(), w.root.Close(), w.lock.Unlock())
}

// sync is the syncing goroutine: a disk takes its time, in which more is written. An
// error is not told: what is written survives a killed process either way, and a disk
// that fails says so to the next write.
func (w *Writer) sync() {
	defer close(w.done)
	for s := range w.syncs {
		_ = s.file.Sync()
		if s.sealed {
			_ = s.file.Close()
		}
	}
}

// run is the writing goroutine: it writes whatever has accumulated, without
// waiting for more.
func (w *Writer) run() {
	defer close(w.syncs)
	tick := time.NewTicker(syncEvery)
	defer tick.Stop()
	for {
		closing := false
		select {
		case <-w.wake:
		case <-tick.C:
			w.sometimes()
			continue
		case <-w.quit:
			closing = true
		}
		w.writing.Lock()
		w.writePending(true)
		w.writing.Unlock()
		if closing {
			return
		}
	}
}

// sometimes has what was written synced, unless somebody writes now or it is still at the
// one before.
func (w *Writer) sometimes() {
	if !w.writing.TryLock() {
		return
	}
	defer w.writing.Unlock()
	if !w.dirty {
		return
	}
	select {
	case w.syncs <- synced{file: w.file}:
		w.dirty = false
	default:
	}
}
