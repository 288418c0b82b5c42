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
