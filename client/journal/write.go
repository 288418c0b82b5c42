package journal

import (
	"errors"
	"time"

	"gantry/client/fault"
)

// writePending writes the pending batch, behind one that is stuck; w.writing is held. The
// patient wait until it can be written, for others it is left to the writing goroutine.
func (w *Writer) writePending(patient bool) {
	if w.stuck != nil && !w.finish(w.stuck, patient) {
		return
	}
	next := newBatch()
	next.buf, w.spare = w.spare, nil
	w.mu.Lock()
	b := w.pending
	w.pending = next
	w.mu.Unlock()
	w.finish(b, patient)
}

// finish writes a batch and tells who waits for it, or leaves it to the writing goroutine.
func (w *Writer) finish(b *batch, patient bool) bool {
	if b.records > 0 {
		if w.lost == nil { // else what comes behind lost records would hide that
			err := w.write(b, patient)
			if err == errNotNow {
				w.stuck = b
				w.hurry()
				return false
			}
			w.lost = err
		}
		b.err = w.lost
		w.dirty = true
	}
	w.stuck = nil
	if cap(b.buf) <= spareSize {
		w.spare = b.buf[:0]
	}
	close(b.done)
	return true
}

// errNotNow says that a batch cannot be written without waiting.
var errNotNow = errors.New("it cannot be written now")

// write puts a batch behind the last record, waiting while it cannot.
func (w *Writer) write(b *batch, patient bool) error {
	if err := w.roll(patient); err != nil {
		return err
	}
	blocked := false
	for {
		n, err := w.file.WriteAt(b.buf[b.written:], w.size+int64(b.written))
		b.written += n
		if err == nil {
			break
		}
		// A reader sees a torn tail meanwhile, and waits for the rest.
		if err := w.wait(&blocked, err, patient); err != nil {
			return err
		}
	}
	w.unblock(blocked)
	w.size += int64(len(b.buf))
	w.mu.Lock()
	w.next += uint64(b.records)
	w.mu.Unlock()
	if w.opt.OnWritten != nil {
		w.opt.OnWritten()
	}
	return nil
}

// roll seals the last segment if it is large enough, and then waits for room
// under the cap. A batch of which a part is written goes on where it is.
func (w *Writer) roll(patient bool) error {
	if w.size < w.opt.Segment && (w.opt.SegmentRecords == 0 || w.next-w.first < uint64(w.opt.SegmentRecords)) {
		return nil
	}
	blocked := false
	for {
		err := w.room()
		if err == nil {
			old := w.file
			if err = w.begin(w.next); err == nil {
				w.unblock(blocked)
				w.syncs <- synced{file: old, sealed: true}
				return nil
			}
		}
		if err := w.wait(&blocked, err, patient); err != nil {
			return err
		}
	}
}

// room tells whether the journal is below the size at which the writer stops.
func (w *Writer) room() error {
	firsts, err := segments(w.root)
	if err != nil {
		return err
	}
	var bytes int64
	for _, f := range firsts {
		if info, err := w.root.Stat(segmentName(f)); err == nil {
			bytes += info.Size()
		}
	}
	limit := max(w.opt.MaxBytes+w.opt.MaxBytes/4, w.opt.MaxBytes+w.opt.Segment)
	if w.opt.MaxBytes > 0 && bytes >= limit {
		return fault.JournalFull
	}
	if n := w.opt.MaxRecords; n > 0 && len(firsts) > 0 && w.next-firsts[0] >= uint64(n+max(n/4, 1)) {
		return fault.JournalFull
	}
	return nil
}

// wait sleeps before the next try. An error says that there is none: ErrClosed, or
// errNotNow for who is not patient.
func (w *Writer) wait(blocked *bool, reason error, patient bool) error {
	if !patient {
		return errNotNow
	}
	if !*blocked && w.opt.OnBlocked != nil {
		w.opt.OnBlocked(reason)
	}
	*blocked = true
	select {
	case <-time.After(retryEvery):
		return nil
	case <-w.quit:
		return ErrClosed
	}
}

func (w *Writer) unblock(blocked bool) {
	if blocked && w.opt.OnBlocked != nil {
		w.opt.OnBlocked(nil)
	}
}
