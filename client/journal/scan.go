package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"sort"
	"sync"
)

// runSize is how much of a segment is read at once, in bytes, unless a record is larger.
const runSize = 1 << 20

// Run are records one behind another, as they stand in a segment: they were checked when
// the reader took notice of them, and are not checked again.
type Run struct {
	// First is the number of the first of them.
	First uint64
	// Bytes are all of them, Starts where in it each begins: it ends where the next one
	// begins. What a Run has belongs to Scan and is used again.
	Bytes  []byte
	Starts []int
	// Damaged are the indices of those that are no records, ascending.
	Damaged []int
}

// Scan reads the records with numbers from from up to to, to not included, in runs, has
// look say which of each are wanted, by their indices, and returns the numbers of those,
// ascending. look is called by as many goroutines as there are processors, and keeps
// nothing of a Run. It stops where ctx ends; at is the number from which on nothing was
// looked at, also beside an error. What is evicted meanwhile is left out.
func (r *Reader) Scan(ctx context.Context, from, to uint64, look func(*Run) []int) (found []uint64, at uint64, err error) {
	s := &scan{r: r, ctx: ctx, at: from, to: to, look: look}
	var all sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		all.Go(s.work)
	}
	all.Wait()
	if s.panicked != nil {
		panic(s.panicked)
	}
	// Runs were taken in order, and one that failed is behind all that were looked at
	// before it or beside it.
	for _, part := range s.parts {
		if part.err != nil {
			return found, part.from, part.err
		}
		found = append(found, part.found...)
	}
	return found, s.at, nil
}

// scan is one Scan under way.
type scan struct {
	r    *Reader
	ctx  context.Context
	to   uint64
	look func(*Run) []int

	mu       sync.Mutex // guards what follows
	at       uint64
	parts    []*part
	panicked any
}

// part is what came of a run.
type part struct {
	from  uint64
	found []uint64
	err   error
}

// work looks at runs until none is left.
func (s *scan) work() {
	defer func() {
		if p := recover(); p != nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.panicked = p
		}
	}()
	var run Run
	for {
		p := s.take(&run)
		if p == nil || p.err != nil {
			return
		}
		for _, i := range s.look(&run) {
			p.found = append(p.found, run.First+uint64(i))
		}
	}
}

// take reads the next run; nil says that there is none.
func (s *scan) take(run *Run) *part {
	s.mu.Lock()
	if s.at >= s.to || s.ctx.Err() != nil || s.panicked != nil || len(s.parts) > 0 && s.parts[len(s.parts)-1].err != nil {
		s.mu.Unlock()
		return nil
	}
	file, begin, ok := s.r.locate(run, s.at, s.to)
	if !ok {
		s.at = s.to
		s.mu.Unlock()
		return nil
	}
	p := &part{from: run.First}
	s.at = run.First + uint64(len(run.Starts))
	s.parts = append(s.parts, p)
	s.mu.Unlock()

	if _, err := file.ReadAt(run.Bytes, begin); err != nil {
		if !errors.Is(err, fs.ErrClosed) { // else evicted since
			s.mu.Lock()
			p.err = fmt.Errorf("records from %d on: %w", run.First, err)
			s.mu.Unlock()
			return p
		}
		run.Starts = run.Starts[:0]
	}
	return p
}

// locate says where the run begins whose first record is from or, where that is not kept,
// the next one behind it, and makes room for it; false where there is none before to.
func (r *Reader) locate(run *Run, from, to uint64) (file *os.File, begin int64, ok bool) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	i := sort.Search(len(r.segs), func(i int) bool { return r.segs[i].next() > from })
	if i == len(r.segs) {
		return nil, 0, false
	}
	s := r.segs[i]
	from = max(from, s.first)
	if from >= to {
		return nil, 0, false
	}
	k := int(from - s.first)
	last := int(min(to, s.next()) - s.first) // behind the run at most
	start := s.offsets[k]
	begin = int64(start)
	end := k + 1 + sort.Search(last-k-1, func(i int) bool { return s.offsets[k+1+i]-start > runSize })
	stop := s.end
	if end < len(s.offsets) {
		stop = int64(s.offsets[end])
	}
	size := int(stop - begin)
	run.First, run.Starts, run.Damaged = from, run.Starts[:0], run.Damaged[:0]
	for j, at := range s.offsets[k:end] {
		run.Starts = append(run.Starts, int(at-start))
		if len(s.gaps) > 0 && slices.Contains(s.gaps, at) {
			run.Damaged = append(run.Damaged, j)
		}
	}
	if cap(run.Bytes) < size {
		run.Bytes = make([]byte, max(size, runSize+runSize/4))
	}
	run.Bytes = run.Bytes[:size]
	return s.file, begin, true
}
