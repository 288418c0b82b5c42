package journal

import (
	"sort"

	"gantry/client/message"
)

// Times copies when the messages of records were stored into dst, in milliseconds of Unix
// time, 0 where that is not known: of those from number from on, or from the next one kept,
// as many as stand together and dst has room for. It returns the number of the first and
// how many they are; none says that there are no more. It takes a short lock only, and
// reads nothing from disk.
func (r *Reader) Times(from uint64, dst []int64) (first uint64, n int) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	i := sort.Search(len(r.segs), func(i int) bool { return r.segs[i].next() > from })
	if i == len(r.segs) {
		return from, 0
	}
	s := r.segs[i]
	from = max(from, s.first)
	return from, copy(dst, s.times[from-s.first:])
}

// storedAt is when the message of a record was stored, 0 where it holds none.
func storedAt(rec []byte) int64 {
	stored, ok := message.Payload(rec)
	if !ok || message.Kind(rec[message.RecordKind]) != message.KindMessage {
		return 0
	}
	t, ok := message.StoredAt(stored)
	if !ok {
		return 0
	}
	return t.UnixMilli()
}
