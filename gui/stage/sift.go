package stage

import (
	"context"

	"gantry/client/filter"
	"gantry/client/message"
)

// Sift is what a Source of a list that is none of a journal sifts with, record by record.
func Sift(ctx context.Context, from, to uint64, keep filter.Filter, record func(uint64) (*message.Record, error)) (fit []uint64, at uint64, err error) {
	for at = from; at < to && ctx.Err() == nil; at++ {
		r, err := record(at)
		if err != nil {
			continue
		}
		if m, err := r.Message(); err == nil && keep.Match(m) {
			fit = append(fit, at)
		}
	}
	return fit, at, nil
}

// Times is what such a Source tells of times with.
func Times(from uint64, dst []int64, kept func() (first, next uint64), record func(uint64) (*message.Record, error)) (first uint64, n int) {
	first, next := kept()
	first = max(first, from)
	for n < len(dst) && first+uint64(n) < next {
		dst[n] = 0
		if r, err := record(first + uint64(n)); err == nil {
			if m, err := r.Message(); err == nil {
				dst[n] = m.StoredAt.UnixMilli()
			}
		}
		n++
	}
	return first, n
}

// Each is what such a Source hands messages over with.
func Each(ctx context.Context, from, to uint64, do func(uint64, *message.Message), record func(uint64) (*message.Record, error)) error {
	for n := from; n < to && ctx.Err() == nil; n++ {
		r, err := record(n)
		if err != nil {
			continue
		}
		if m, err := r.Message(); err == nil {
			do(n, m)
		}
	}
	return ctx.Err()
}
