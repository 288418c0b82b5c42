package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"slices"
	"sort"
	"sync"

	"gantry/client/fault"
	"gantry/client/message"
)

// pollLimit is how much Poll reads at most in one call, in bytes: a follower of
// a fast stream gets its turn, and its caller can stop in between.
const pollLimit = 16 << 20

// Reader follows a journal and reads its records by number. It keeps twelve
// bytes of index for a record. Poll and Evict belong to one goroutine; Range,
// Kept, Times and Record may be called from any.
type Reader struct {
	// OnRecord, if set before the first Poll, is called by Poll with each record and its
	// number once it was checked, in their order. It keeps no part of rec.
	OnRecord func(n uint64, rec []byte)

	root *os.Root

	mu       sync.RWMutex
	segs     []*segment // ascending, without gaps in the list but maybe in the numbers
	damaged  int64      // bytes that are no records, with records behind them
	evicted  uint64     // records that this reader removed
	polledIn int        // segment at which Poll goes on: those before are known whole
	base     []byte     // Poll's buffer
	stuck    stuck      // only Poll has it
}

// segment is one file of records. Its fields are guarded by Reader.mu; Poll,
// the only one that changes them, may read them without.
type segment struct {
	first   uint64
	file    *os.File
	offsets []uint32 // where each record starts
	times   []int64  // when the message of each was stored, see Times
	gaps    []uint32 // those of them that are damaged stretches, ascending
	end     int64    // where the next record will start
	spoilt  int64    // damaged bytes from there on, without a record behind them
}

func (s *segment) next() uint64 { return s.first + uint64(len(s.offsets)) }

// OpenReader opens the journal in dir for reading. It reads no record yet:
// Poll does. A journal without segments is empty.
func OpenReader(dir string) (*Reader, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &Reader{root: root}, nil
}

// Close closes the files. Record returns an error from then on.
func (r *Reader) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var errs []error
	for _, s := range r.segs {
		errs = append(errs, s.file.Close())
	}
	r.segs = nil
	return errors.Join(append(errs, r.root.Close())...)
}

// Poll takes notice of what was appended since the last call: it checks each
// new record once. more says that there is more to read at once; a record that
// is not complete yet is not an error and is looked at again by the next call.
func (r *Reader) Poll() (added int, more bool, err error) {
	if err := r.discover(); err != nil {
		return 0, false, err
	}
	var read int64
	for r.polledIn < len(r.segs) {
		s := r.segs[r.polledIn]
		n, bytes, damaged, err := r.follow(s, pollLimit-read)
		added, read = added+n, read+bytes
		if err != nil {
			return added, false, err
		}
		if read >= pollLimit {
			return added, true, nil
		}
		last := r.polledIn == len(r.segs)-1
		if !last || r.stuck.now(s) {
			before := len(s.offsets)
			if err := r.seal(s, !last || damaged); err != nil {
				return added, false, err
			}
			added += len(s.offsets) - before
		}
		if last {
			// Another segment may have been begun since: the next call sees it.
			return added, false, nil
		}
		r.mu.Lock()
		r.polledIn++
		r.mu.Unlock()
	}
	return added, false, nil
}

// Waits tells whether the last Poll found bytes behind the last record that are none:
// they are being written, or damaged, which a Poll StillAfter later decides. It belongs
// to Poll's goroutine.
func (r *Reader) Waits() bool { return r.stuck.waits }

// discover opens segments that were begun since the last call.
func (r *Reader) discover() error {
	firsts, err := segments(r.root)
	if err != nil {
		return err
	}
	for _, first := range firsts {
		if n := len(r.segs); n > 0 && first <= r.segs[n-1].first {
			continue
		}
		f, err := r.root.Open(segmentName(first))
		if err != nil {
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			return err
		}
		r.mu.Lock()
		r.segs = append(r.segs, &segment{first: first, file: f})
		r.mu.Unlock()
	}
	return nil
}

// follow indexes the records of s that are there and whole; damaged says that no
// record can start where it ends.
func (r *Reader) follow(s *segment, limit int64) (added int, bytes int64, damaged bool, err error) {
	if info, err := s.file.Stat(); err != nil || info.Size() <= s.end {
		return 0, 0, false, err
	}
	scan := scanner{src: s.file, at: s.end, base: r.base}
	defer func() { r.base = scan.base }()
	var offsets []uint32
	var times []int64
	end := s.end
	for bytes < limit {
		n, err := scan.next()
		if errors.Is(err, message.ErrShort) || errors.Is(err, message.ErrDamaged) {
			// At the end of the last segment that may be a write in progress.
			damaged = errors.Is(err, message.ErrDamaged)
			break
		}
		if err != nil {
			return 0, 0, false, err
		}
		if end+int64(n) > math.MaxUint32 {
			return 0, 0, false, fmt.Errorf("segment %d is larger than 4 GiB", s.first)
		}
		if r.OnRecord != nil {
			r.OnRecord(s.next()+uint64(len(offsets)), scan.record)
		}
		offsets = append(offsets, uint32(end))
		times = append(times, storedAt(scan.record))
		end += int64(n)
		bytes += int64(n)
	}
	r.mu.Lock()
	s.offsets = append(s.offsets, offsets...)
	s.times = append(s.times, times...)
	s.end = end
	r.mu.Unlock()
	return len(offsets), bytes, damaged, nil
}

// Range returns the number of the oldest record kept and the one after the
// newest: equal in an empty journal. Where a segment was damaged or lost,
// numbers in between have no record.
func (r *Reader) Range() (first, next uint64) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if len(r.segs) == 0 {
		return 0, 0
	}
	return r.segs[0].first, r.segs[len(r.segs)-1].next()
}

// Kept returns the bytes of the records kept, the records that this reader
// evicted, and the bytes found that are no records.
func (r *Reader) Kept() (bytes int64, evicted uint64, damaged int64) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	damaged = r.damaged
	for _, s := range r.segs {
		bytes += s.end
		damaged += s.spoilt
	}
	return bytes, r.evicted, damaged
}

// Record reads the record with that number: fault.Evicted if it is no longer
// kept, ErrNone if it is not there yet, message.ErrDamaged where what the journal
// holds is none. The result shares no memory with the journal.
func (r *Reader) Record(n uint64) (*message.Record, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	s, start, end, err := r.place(n)
	if err != nil {
		return nil, err
	}
	b := make([]byte, end-start)
	if _, err := s.file.ReadAt(b, start); err != nil {
		return nil, fmt.Errorf("record %d: %w", n, err)
	}
	rec, _, err := message.ParseRecord(b)
	return rec, err
}

// place is where a record lies: the errors are those of Record. Called with mu held.
func (r *Reader) place(n uint64) (s *segment, start, end int64, err error) {
	i := sort.Search(len(r.segs), func(i int) bool { return r.segs[i].first > n }) - 1
	if i < 0 {
		if len(r.segs) == 0 {
			return nil, 0, 0, ErrNone
		}
		return nil, 0, 0, fault.Evicted
	}
	s = r.segs[i]
	k := n - s.first
	if k >= uint64(len(s.offsets)) {
		// A newer segment may be known before the rest of this one is.
		if i < r.polledIn {
			return nil, 0, 0, fault.Evicted
		}
		return nil, 0, 0, ErrNone
	}
	start, end = int64(s.offsets[k]), s.end
	if k+1 < uint64(len(s.offsets)) {
		end = int64(s.offsets[k+1])
	}
	if _, damaged := slices.BinarySearch(s.gaps, uint32(start)); damaged {
		return nil, 0, 0, fmt.Errorf("record %d: %w", n, message.ErrDamaged)
	}
	return s, start, end, nil
}

// Evict removes the oldest segments until at most maxBytes bytes and maxRecords
// records are kept (0 means no cap), and returns how many records went. The
// newest segment always stays, whole.
func (r *Reader) Evict(maxBytes, maxRecords int64) (uint64, error) {
	var gone uint64
	for {
		bytes, _, _ := r.Kept()
		first, next := r.Range()
		over := maxBytes > 0 && bytes > maxBytes || maxRecords > 0 && int64(next-first) > maxRecords
		// A segment that Poll has not finished is not sealed for us.
		if !over || r.polledIn < 1 {
			return gone, nil
		}
		n, err := r.dropFirst()
		if err != nil {
			return gone, err
		}
		gone += n
	}
}

func (r *Reader) dropFirst() (uint64, error) {
	// The file goes before the lock is taken: removing may take its time, and
	// those who read it go on.
	s := r.segs[0]
	if err := ignoreMissing(r.root.Remove(segmentName(s.first))); err != nil {
		return 0, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	err := s.file.Close()
	n := r.segs[1].first - s.first
	r.segs = r.segs[1:]
	r.polledIn--
	r.evicted += n
	return n, err
}

// scanner walks over the records of a segment, checking each.
type scanner struct {
	src  io.ReaderAt
	at   int64  // position in src behind buf
	buf  []byte // read, not yet walked over: a tail of base
	base []byte // kept from scan to scan
	// record is the one that next walked over last: a part of base.
	record []byte
}

const scanChunk = 1 << 20

// next checks the next record and returns its size. ErrShort means that the
// segment ends before the record does.
func (s *scanner) next() (int, error) {
	for {
		n, err := message.CheckRecord(s.buf)
		if err == nil {
			s.record, s.buf = s.buf[:n], s.buf[n:]
			return n, nil
		}
		if !errors.Is(err, message.ErrShort) {
			return 0, err
		}
		want := scanChunk
		if size, err := message.RecordSize(s.buf); err == nil {
			want = max(want, size)
		}
		if ok, err := s.fill(want); err != nil {
			return 0, err
		} else if !ok {
			return 0, message.ErrShort
		}
	}
}

// fill reads on until buf holds up to want bytes; false means that there is
// nothing more.
func (s *scanner) fill(want int) (bool, error) {
	have := len(s.buf)
	if len(s.base) < want {
		s.base = make([]byte, want)
	}
	copy(s.base, s.buf) // moves the rest to the front, overlapping or not
	s.buf = s.base
	n, err := s.src.ReadAt(s.buf[have:want], s.at)
	s.buf = s.buf[:have+n]
	s.at += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	return n > 0, nil
}
