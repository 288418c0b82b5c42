package outbox

import (
	"context"

	"gantry/client/message"
	"gantry/client/outbox/plan"
)

// Redelivered hands over what the runs of all profiles have done with messages of a retry or
// dead-letter topic: each mark, see message.PropertyRedelivered, with how its message stands,
// but for those that were refused or never left. runs is how many were looked at, lost of how
// many messages it is not known any more which they were. It reads the disk.
func (s *Store) Redelivered(ctx context.Context, topic string, add func(mark string, is State)) (runs int, lost int64, err error) {
	all, err := s.entries()
	if err != nil {
		return 0, 0, err
	}
	for id, m := range all {
		if !m.Run || m.Redelivers != topic {
			continue
		}
		if ctx.Err() != nil {
			return runs, lost, context.Cause(ctx)
		}
		r, err := s.Open(id)
		if err != nil {
			lost += m.Planned
			s.p.Log.Warn("a run of redelivered messages cannot be read", "run", id, "error", err)
			continue
		}
		runs++
		n, err := r.redelivered(ctx, add)
		lost += n
		if err != nil {
			return runs, lost, err
		}
	}
	return runs, lost, nil
}

// redelivered hands over the marks of a run.
func (r *Run) redelivered(ctx context.Context, add func(mark string, is State)) (lost int64, err error) {
	r.list.Settle()
	r.mu.Lock()
	ended := r.meta.Counts
	r.mu.Unlock()
	if unread := ended.Left() - r.Counts().Left(); unread > 0 { // the journal is damaged, or read too slowly
		lost = unread
	}
	for _, is := range []State{Stored, HandedOver, Uncertain, UnderWay} {
		for i, row := range r.States(is, plan.MaxMessages) {
			if i%1000 == 0 && ctx.Err() != nil {
				return lost, context.Cause(ctx)
			}
			d, err := r.source(row)
			if err != nil {
				lost++
				continue
			}
			add(plan.MarkOf(d), is)
		}
	}
	return lost, nil
}

// source is the message of a row of a replay, as it lay in the source.
func (r *Run) source(row uint64) (*message.Draft, error) {
	at := r.records([]uint64{row})
	if len(at) == 0 {
		return nil, errNoRow
	}
	rec, err := r.list.Record(at[0])
	if err != nil {
		return nil, err
	}
	l, err := rec.Leave()
	if err != nil {
		return nil, err
	}
	return r.maker.Source(l)
}
