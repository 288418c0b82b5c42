package msglist

import (
	"context"
	"slices"
	"sync"
	"time"

	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/message"
)

// siftFor is how long records are looked at before what was found is shown.
const siftFor = 100 * time.Millisecond

// sieve is the Source of a filtered list: those records of another that fit. Its
// numbers go up by one, whatever lies between the records.
type sieve struct {
	src  Source
	keep filter.Filter
	jq   func(context.Context, time.Time) filter.Judge // nil for nobody
	at   uint64                                        // the record to look at next; the main goroutine has it
	// gaveUp are the messages that jq gave up at; the main goroutine has it.
	gaveUp fault.GaveUp

	mu      sync.Mutex // Record is called beside the main goroutine
	numbers []uint64   // of the records that fit, ascending
	gone    uint64     // the number of the first of them: how many were evicted
}

func newSieve(src Source, keep filter.Filter, jq func(context.Context, time.Time) filter.Judge) *sieve {
	s := &sieve{src: src, keep: keep, jq: jq}
	s.at, _ = src.Range()
	return s
}

// Range is that of the records that fit, as far as they were looked at.
func (s *sieve) Range() (first, next uint64) {
	kept, end := s.src.Range()
	s.mu.Lock()
	defer s.mu.Unlock()
	if end < s.at { // another journal under the same name
		s.at, s.numbers, s.gone, s.gaveUp = kept, nil, 0, fault.GaveUp{}
	}
	i, _ := slices.BinarySearch(s.numbers, kept)
	s.numbers, s.gone = s.numbers[i:], s.gone+uint64(i)
	return s.gone, s.gone + uint64(len(s.numbers))
}

// Record returns the record with that number of this Source.
func (s *sieve) Record(n uint64) (*message.Record, error) {
	record, ok := s.number(n)
	if !ok {
		return nil, fault.Evicted
	}
	return s.src.Record(record)
}

// number is the number that a record has in the other Source.
func (s *sieve) number(n uint64) (record uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n < s.gone || n-s.gone >= uint64(len(s.numbers)) {
		return 0, false
	}
	return s.numbers[n-s.gone], true
}

// row is the number here of a record of the other Source, if it fits.
func (s *sieve) row(record uint64) (n uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, ok := slices.BinarySearch(s.numbers, record)
	return s.gone + uint64(i), ok
}

// between are the numbers that the records from one number to before another have in the
// other Source, without those that are gone. The slice must not be changed.
func (s *sieve) between(first, next uint64) []uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	end := s.gone + uint64(len(s.numbers))
	first, next = min(max(first, s.gone), end), min(next, end)
	if first >= next {
		return nil
	}
	return s.numbers[first-s.gone : next-s.gone : next-s.gone] // what is appended later lies behind
}

// behind tells how many records are still to be looked at.
func (s *sieve) behind() uint64 {
	first, next := s.src.Range()
	return next - min(next, max(first, s.at))
}

// sifted is what looking at some records found.
type sifted struct {
	numbers []uint64
	at      uint64 // the one to look at next
	gaveUp  fault.GaveUp
}

// look looks at the records from at on, for siftFor or until ctx ends. It blocks.
func (s *sieve) look(ctx context.Context, at uint64) (sifted, error) {
	first, next := s.src.Range()
	var gaveUp fault.GaveUp
	keep := asking(ctx, time.Now().Add(siftFor), s.keep, s.jq, &gaveUp)
	ctx, cancel := context.WithTimeout(ctx, siftFor)
	defer cancel()
	fit, at, err := s.src.Sift(ctx, max(at, first), next, keep)
	return sifted{fit, at, gaveUp}, err
}

// asking is a filter that can run jq, and counts what that gave up at. It is used by no two
// goroutines at once.
func asking(ctx context.Context, until time.Time, keep filter.Filter, jq func(context.Context, time.Time) filter.Judge, gaveUp *fault.GaveUp) filter.Filter {
	if !keep.Jq() {
		return keep
	}
	var judge filter.Judge
	if jq != nil {
		judge = jq(ctx, until)
	}
	return keep.Asking(judge, func(g fault.GaveUp) { *gaveUp = gaveUp.Also(g) })
}

// Sift is not offered: nothing filters what was filtered.
func (s *sieve) Sift(context.Context, uint64, uint64, filter.Filter) ([]uint64, uint64, error) {
	panic("a filtered list is filtered again")
}

// Times and Each are not offered: what asks for them asks the other Source.
func (s *sieve) Times(uint64, []int64) (uint64, int) { panic("a filtered list has no times") }

// Each is not offered.
func (s *sieve) Each(context.Context, uint64, uint64, func(uint64, *message.Message)) error {
	panic("a filtered list is read record by record")
}

// take shows what look found.
func (s *sieve) take(got sifted) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.numbers, s.at, s.gaveUp = append(s.numbers, got.numbers...), got.at, s.gaveUp.Also(got.gaveUp)
}
