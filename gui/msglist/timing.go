package msglist

import (
	"context"
	"slices"
	"time"

	"gantry/gui/task"
)

// timing counts when the messages of a list were stored: all of them, and those that fit
// the filter. What was evicted is taken out by counting anew.
type timing struct {
	all, fit hist
	// from up to at are the records that all counts, fitFrom up to fitAt those of the sieve
	// that fit counts.
	from, at       uint64
	fitFrom, fitAt uint64
	sieve          *sieve
}

// begin forgets what does not hold any more, and tells whether there is something to count.
func (t *timing) begin(all Source, s *sieve) bool {
	first, next := all.Range()
	if first != t.from || next < t.at {
		*t = timing{from: first, at: first}
	}
	if s != t.sieve {
		t.fit, t.sieve, t.fitFrom, t.fitAt = hist{}, s, 0, 0
	}
	if s == nil {
		return t.at < next
	}
	from, to := s.Range()
	if from != t.fitFrom || to < t.fitAt {
		t.fit, t.fitFrom, t.fitAt = hist{}, from, from
	}
	return t.at < next || t.fitAt < to
}

// counted is what counting some records found.
type counted struct {
	all, fit  hist
	at, fitAt uint64
}

// chunkTimes is how many times are looked at together.
const chunkTimes = 16 << 10

// eachTime tells the times of the records from from up to to, to not included, as far as
// ctx lets it: it returns where it stopped. It blocks.
func eachTime(ctx context.Context, src Source, from, to uint64, do func(n uint64, at int64)) uint64 {
	chunk := make([]int64, min(to-min(from, to), chunkTimes))
	for from < to && ctx.Err() == nil {
		first, n := src.Times(from, chunk)
		if n == 0 {
			return to
		}
		for i, at := range chunk[:min(uint64(n), to-min(first, to))] {
			do(first+uint64(i), at)
		}
		from = first + uint64(n)
	}
	return min(from, to)
}

// eachNumber is eachTime for records by their numbers, which ascend. It blocks.
func eachNumber(ctx context.Context, src Source, numbers []uint64, do func(n uint64, at int64)) {
	if len(numbers) == 0 {
		return
	}
	chunk := make([]int64, min(numbers[len(numbers)-1]-numbers[0]+1, chunkTimes))
	for len(numbers) > 0 && ctx.Err() == nil {
		first, n := src.Times(numbers[0], chunk)
		if n == 0 {
			return
		}
		i, _ := slices.BinarySearch(numbers, first) // those before are evicted
		for numbers = numbers[i:]; len(numbers) > 0 && numbers[0] < first+uint64(n); numbers = numbers[1:] {
			do(numbers[0], chunk[numbers[0]-first])
		}
	}
}

// zoneNow is what local time is ahead, in milliseconds.
func zoneNow() int64 {
	_, seconds := time.Now().Zone()
	return int64(seconds) * 1000
}

// count counts what came, while the chart is seen.
func (l *List) count() {
	if l.chart == nil || l.look.NoChart || l.all == nil || l.scope.Running(queryTimes) {
		return
	}
	t, src, sieve := &l.timing, l.all, l.sieve
	if !t.begin(src, sieve) {
		l.chart.show(t)
		return
	}
	_, next := src.Range()
	from, fitFrom := t.at, t.fitAt
	var numbers []uint64
	if sieve != nil {
		_, to := sieve.Range()
		numbers = sieve.between(fitFrom, to)
	}
	zone := zoneNow()
	task.Ask(l.p.Tasks, l.scope, queryTimes, func(ctx context.Context) (counted, error) {
		got := counted{all: hist{zone: zone}, fit: hist{zone: zone}, fitAt: fitFrom + uint64(len(numbers))}
		got.at = eachTime(ctx, src, from, next, func(_ uint64, at int64) { got.all.add(at, 1) })
		eachNumber(ctx, src, numbers, func(_ uint64, at int64) { got.fit.add(at, 1) })
		return got, ctx.Err()
	}, func(got counted, err error) {
		if err != nil || l.all != src || l.sieve != sieve || t.at != from || t.fitAt != fitFrom {
			return // another list since
		}
		t.all.merge(&got.all)
		t.fit.merge(&got.fit)
		t.at, t.fitAt = got.at, got.fitAt
		l.stir() // more may have come
		l.chart.show(t)
	})
}
