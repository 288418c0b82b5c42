package plan

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"gantry/client/message"
)

// records goes through the whole messages of a source file. It belongs to one goroutine.
type records struct {
	file io.ReaderAt
	size int64
	in   *bufio.Reader
	at   int64          // where the next record stands
	next *message.Leave // nil unless it was peeked at
	end  int64          // where it ends
	skip []int64        // places of records that are gone past, ascending
}

func newRecords(file io.ReaderAt, size int64) *records {
	r := &records{file: file, size: size}
	r.from(0)
	return r
}

// from lets take go on at a record's place.
func (r *records) from(at int64) {
	r.at, r.next = at, nil
	r.in = bufio.NewReaderSize(io.NewSectionReader(r.file, at, max(r.size-at, 0)), 256<<10)
}

// peek returns the next message without going past it: io.EOF behind the last.
func (r *records) peek() (*message.Leave, error) {
	for r.next == nil {
		l, n, err := readRecord(r.in)
		if err != nil {
			return nil, err
		}
		if _, gone := slices.BinarySearch(r.skip, r.at); gone {
			r.at += int64(n)
			continue
		}
		r.next, r.end = l, r.at+int64(n)
	}
	return r.next, nil
}

// take returns the next message and where its record stands.
func (r *records) take() (l *message.Leave, at int64, err error) {
	if l, err = r.peek(); err != nil {
		return nil, 0, err
	}
	at, r.at, r.next = r.at, r.end, nil
	return l, at, nil
}

// find returns the message whose record stands at a place: ErrNoRow if none does.
func (r *records) find(at int64) (*message.Leave, error) {
	if at < 0 || at >= r.size {
		return nil, ErrNoRow
	}
	l, _, err := readRecord(io.NewSectionReader(r.file, at, r.size-at))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoRow, err)
	}
	return l, nil
}

// readRecord reads a record that holds a message, and tells its size.
func readRecord(in io.Reader) (*message.Leave, int, error) {
	var size [4]byte
	if _, err := io.ReadFull(in, size[:]); err != nil {
		return nil, 0, cutShort(err, err == io.EOF)
	}
	n := binary.LittleEndian.Uint32(size[:])
	if n < message.RecordHeader || n > message.MaxRecord {
		return nil, 0, fmt.Errorf("%w: size %d", message.ErrDamaged, n)
	}
	b := make([]byte, n)
	copy(b, size[:])
	if _, err := io.ReadFull(in, b[len(size):]); err != nil {
		return nil, 0, cutShort(err, false)
	}
	rec, _, err := message.ParseRecord(b)
	if err != nil {
		return nil, 0, err
	}
	l, err := rec.Leave()
	if err == nil && l.Draft == nil {
		err = fmt.Errorf("%w: no message in it", message.ErrDamaged)
	}
	return l, int(n), err
}

// cutShort makes damage of an end within a record.
func cutShort(err error, whole bool) error {
	if !whole && (err == io.EOF || err == io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: cut short", message.ErrDamaged)
	}
	return err
}
