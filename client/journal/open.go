package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gofrs/flock"

	"gantry/client/fault"
	"gantry/client/message"
)

// OpenWriter opens the journal in dir for appending, making it if it is
// missing. It takes the journal's lock (fault.JournalLocked), cuts a torn tail off the
// last segment and starts the goroutines that write and sync.
func OpenWriter(dir string, opt Options) (*Writer, error) {
	if opt.Segment <= 0 {
		opt.Segment = SegmentSize
	}
	if opt.SegmentRecords <= 0 && opt.MaxRecords > 0 {
		opt.SegmentRecords = max(opt.MaxRecords/8, 1)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := takeLock(dir)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	w := &Writer{
		opt: opt, root: root, lock: lock, pending: newBatch(),
		wake: make(chan struct{}, 1), quit: make(chan struct{}), syncs: make(chan synced, 1), done: make(chan struct{}),
	}
	if err := w.openLast(); err != nil {
		return nil, errors.Join(err, root.Close(), lock.Unlock())
	}
	w.taken = w.next
	go w.run()
	go w.sync()
	return w, nil
}

func takeLock(dir string) (*flock.Flock, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(dir, lockName), flock.SetPermissions(0o600))
	ok, err := lock.TryLock()
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fault.JournalLocked
	}
	return lock, nil
}

// openLast finds the last whole record and opens the segment for appending
// behind it.
func (w *Writer) openLast() error {
	firsts, err := segments(w.root)
	if err != nil {
		return err
	}
	if len(firsts) == 0 {
		return w.begin(0)
	}
	w.first = firsts[len(firsts)-1]
	f, err := w.root.OpenFile(segmentName(w.first), os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	records, end, damaged, err := scanSegment(f)
	if err != nil {
		return errors.Join(err, f.Close())
	}
	w.next = w.first + uint64(records)
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	look := behindShort
	if damaged {
		look = salvage
	}
	behind, err := look(f, end, info.Size())
	if err != nil {
		return errors.Join(err, f.Close())
	}
	if damaged || len(behind.offsets) > 0 {
		// No torn tail: there may be whole records behind it. It is left as it
		// is, and a new segment begun.
		if err := f.Close(); err != nil {
			return err
		}
		w.next = max(w.next+uint64(len(behind.offsets)), w.first+1)
		return w.begin(w.next)
	}
	if w.cut = info.Size() - end; w.cut > 0 {
		if err := f.Truncate(end); err != nil {
			return errors.Join(fmt.Errorf("cut a torn tail: %w", err), f.Close())
		}
	}
	w.file, w.size = f, end
	return nil
}

// scanSegment counts the whole records of a segment and says where they end, and
// whether what follows them is damaged rather than cut short.
func scanSegment(f io.ReaderAt) (records int, end int64, damaged bool, err error) {
	s := scanner{src: f}
	for {
		n, err := s.next()
		switch {
		case errors.Is(err, message.ErrShort):
			return records, end, false, nil
		case errors.Is(err, message.ErrDamaged):
			return records, end, true, nil
		case err != nil:
			return 0, 0, false, err
		}
		records++
		end += int64(n)
	}
}

// begin starts the segment whose first record has the given number.
func (w *Writer) begin(first uint64) error {
	f, err := w.root.OpenFile(segmentName(first), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	w.file, w.size, w.first = f, 0, first
	return nil
}
