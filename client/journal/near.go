package journal

import "gantry/client/message"

// nearGap is how much between two records is read with them rather than left out by
// another read, in bytes: that costs as much.
const nearGap = 4 << 10

// Near reads records by their numbers, which ascend, with one read into buf: the first of
// them, and those behind it that lie close to one another and fit. It returns them, checked,
// as parts of buf, or none: Record says why.
func (r *Reader) Near(numbers []uint64, buf []byte) (records [][]byte) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	type piece struct{ start, end int64 }
	var pieces []piece
	var in *segment
	for _, n := range numbers {
		s, start, end, err := r.place(n)
		if err != nil {
			break
		}
		if len(pieces) > 0 {
			if last := pieces[len(pieces)-1].end; s != in || start < last || start-last > nearGap {
				break
			}
			if end-pieces[0].start > int64(len(buf)) {
				break
			}
		} else if end-start > int64(len(buf)) {
			break
		}
		in, pieces = s, append(pieces, piece{start, end})
	}
	if len(pieces) == 0 {
		return nil
	}
	from := pieces[0].start
	if _, err := in.file.ReadAt(buf[:pieces[len(pieces)-1].end-from], from); err != nil {
		return nil
	}
	records = make([][]byte, 0, len(pieces))
	for _, p := range pieces {
		rec := buf[p.start-from : p.end-from]
		if n, err := message.CheckRecord(rec); err != nil || n != len(rec) {
			break
		}
		records = append(records, rec)
	}
	return records
}
