package tail

import (
	"cmp"
	"slices"
	"sync"

	"gantry/client/filter"
	"gantry/client/journal"
)

// whole leaves out what is damaged.
func whole(run *journal.Run, fit []int) []int {
	return slices.DeleteFunc(fit, func(i int) bool {
		_, damaged := slices.BinarySearch(run.Damaged, i)
		return damaged
	})
}

// asking looks at runs with jq, which may not come to the end of one in time.
type asking struct {
	keep filter.Filter

	mu    sync.Mutex
	at    uint64 // what lies before was all looked at
	parts []askedRun
}

type askedRun struct {
	first uint64
	filter.Sifted
}

func (s *asking) look(run *journal.Run) []int {
	s.mu.Lock()
	late := s.at < run.First // it stopped before
	s.mu.Unlock()
	if late {
		return nil
	}
	got, err := s.keep.SiftAsking(run.Bytes, run.Starts)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil || got.Looked < len(run.Starts) { // cancelled, or its time is up
		s.at = min(s.at, run.First+uint64(got.Looked))
	}
	s.parts = append(s.parts, askedRun{run.First, got})
	return whole(run, got.Fit)
}

// apply leaves out what lies behind the place where it stopped: it is looked at again.
func (s *asking) apply(fit []uint64, at uint64) ([]uint64, uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.at < at {
		n, _ := slices.BinarySearch(fit, s.at)
		fit, at = fit[:n], s.at
	}
	slices.SortFunc(s.parts, func(a, b askedRun) int { return cmp.Compare(a.first, b.first) })
	for _, p := range s.parts {
		if p.first < at {
			p.Tell(&s.keep, int(at-p.first))
		}
	}
	return fit, at
}
