package journal

import (
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"time"

	"gantry/client/message"
)

// StillAfter is for how long a last segment must not have grown before what looks
// damaged at its end is no write in progress.
const StillAfter = time.Second

// salvageWork bounds what salvage reads to judge places that look like a record,
// in files' sizes: bodies are not ours, and may be full of them.
const salvageWork = 8

// salvaged is what salvage finds.
type salvaged struct {
	offsets []uint32 // where each record starts, damaged stretches among them
	times   []int64  // when the message of each was stored
	gaps    []uint32 // where those start
	end     int64    // where the last one ends
	damaged int64    // bytes that are no records
}

// salvage finds the records behind a damaged place: it starts at offset at, where
// no record starts, and ends with the file. A damaged stretch counts as one record,
// which cannot be read, so that writer and readers number alike; damage without a
// record behind it counts as none.
func salvage(src io.ReaderAt, at, size int64) (*salvaged, error) {
	found := &salvaged{end: at}
	work := salvageWork * size
	for found.end < size {
		next, err := nextRecord(src, found.end+1, size, &work)
		if err != nil {
			return nil, err
		}
		found.damaged += next - found.end
		if next == size {
			return found, nil
		}
		found.offsets = append(found.offsets, uint32(found.end))
		found.times = append(found.times, 0)
		found.gaps = append(found.gaps, uint32(found.end))
		s := scanner{src: src, at: next}
		for found.end = next; ; {
			n, err := s.next()
			if errors.Is(err, message.ErrShort) || errors.Is(err, message.ErrDamaged) {
				break
			}
			if err != nil {
				return nil, err
			}
			found.offsets = append(found.offsets, uint32(found.end))
			found.times = append(found.times, storedAt(s.record))
			found.end += int64(n)
		}
	}
	return found, nil
}

// nextRecord returns where the first whole record from offset from on starts, or
// size. Few places look like a record's header, and of those the checksum decides;
// work is what may still be read for that.
func nextRecord(src io.ReaderAt, from, size int64, work *int64) (int64, error) {
	buf := make([]byte, scanChunk)
	for from < size {
		n, err := src.ReadAt(buf, from)
		if err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		for i := 0; i+message.RecordHeader <= n; i++ {
			// No kind of record is 0: what a file system left empty is stepped over.
			i += zeros(buf[i+message.RecordKind : n])
			if i >= n || !message.MayBeRecord(buf[i:n]) {
				continue
			}
			ok, err := wholeRecord(src, from+int64(i), size, work)
			if ok || err != nil {
				return from + int64(i), err
			}
		}
		if n < len(buf) || *work <= 0 {
			break
		}
		// A header may stand across the end of the chunk.
		from += int64(n) - message.RecordHeader
	}
	return size, nil
}

// zeros counts the zeros that b begins with.
func zeros(b []byte) int {
	n := 0
	for len(b)-n >= 8 && binary.LittleEndian.Uint64(b[n:]) == 0 {
		n += 8
	}
	for n < len(b) && b[n] == 0 {
		n++
	}
	return n
}

// wholeRecord tells whether a record whose checksum holds starts at offset at.
func wholeRecord(src io.ReaderAt, at, size int64, work *int64) (bool, error) {
	head := make([]byte, message.RecordHeader)
	if _, err := src.ReadAt(head, at); err != nil {
		return false, ignoreEnd(err)
	}
	n, err := message.RecordSize(head)
	if err != nil || at+int64(n) > size || *work <= 0 {
		return false, nil
	}
	*work -= int64(n)
	b := make([]byte, n)
	if _, err := src.ReadAt(b, at); err != nil {
		return false, ignoreEnd(err)
	}
	_, err = message.CheckRecord(b)
	return err == nil, nil
}

func ignoreEnd(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// behindShort is salvage for a last record that seems not complete. That is what a
// write in progress looks like, or one that was broken off; a damaged size too,
// but then whole records follow up to the very end.
func behindShort(src io.ReaderAt, at, size int64) (*salvaged, error) {
	found, err := salvage(src, at, size)
	if err == nil && found.end != size {
		found = &salvaged{end: at}
	}
	return found, err
}

// seal looks at what of a segment is no record, once a later segment exists, or
// once it is clear that nobody writes it: whole records behind it are indexed.
// damaged says that no record can start there.
func (r *Reader) seal(s *segment, damaged bool) error {
	info, err := s.file.Stat()
	if err != nil || info.Size() <= s.end {
		return err
	}
	look := behindShort
	if damaged {
		look = salvage
	}
	found, err := look(s.file, s.end, info.Size())
	if err == nil {
		err = r.tellSalvaged(s, found)
	}
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s.offsets = append(s.offsets, found.offsets...)
	s.times = append(s.times, found.times...)
	s.gaps = append(s.gaps, found.gaps...)
	s.end, s.spoilt = found.end, 0
	if damaged {
		s.spoilt = info.Size() - found.end
	}
	r.damaged += max(found.damaged-(info.Size()-found.end), 0)
	return nil
}

// tellSalvaged calls OnRecord with what was found behind damage.
func (r *Reader) tellSalvaged(s *segment, found *salvaged) error {
	if r.OnRecord == nil {
		return nil
	}
	for i, start := range found.offsets {
		if slices.Contains(found.gaps, start) {
			continue
		}
		end := found.end
		if i+1 < len(found.offsets) {
			end = int64(found.offsets[i+1])
		}
		rec := make([]byte, end-int64(start))
		if _, err := s.file.ReadAt(rec, int64(start)); err != nil {
			return err
		}
		r.OnRecord(s.next()+uint64(i), rec)
	}
	return nil
}

// stuck is where the last segment ends in what is no record, how large it is,
// since when, and whether somebody has looked behind.
type stuck struct {
	segment, at, size int64
	since             time.Time
	looked            bool
	waits             bool // the last look found it stuck, not for long enough yet
}

// now tells, once, that a segment has been stuck for long enough.
func (k *stuck) now(s *segment) bool {
	k.waits = false
	info, err := s.file.Stat()
	if err != nil || info.Size() <= s.end {
		return false
	}
	if k.segment != int64(s.first) || k.at != s.end || k.size != info.Size() || k.since.IsZero() {
		*k = stuck{segment: int64(s.first), at: s.end, size: info.Size(), since: time.Now()}
	}
	k.waits = !k.looked && time.Since(k.since) < StillAfter
	if k.looked || k.waits {
		return false
	}
	k.looked = true
	return true
}
