package outbox

import (
	"slices"

	"gantry/client/worker"
)

// next is the place at which a run goes on.
func (s *Sends) next() (seq, after int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.rows) == 0 {
		return 0, -1
	}
	return int64(len(s.rows)), s.after
}

// gaps are rows before next that never left, though some behind them did: of several under way
// when who sent them died. Where the journal is damaged they may have, and are left alone. It
// reads the disk.
func (s *Sends) gaps() (all []worker.Gap) {
	if s.list.Count().DamagedBytes > 0 {
		return nil
	}
	s.mu.Lock()
	rows := slices.Clone(s.rows)
	s.mu.Unlock()
	for i := 0; i < len(rows); i++ {
		if rows[i].leave > 0 {
			continue
		}
		g := worker.Gap{Seq: int64(i), After: -1}
		if i > 0 {
			rec, err := s.list.Record(uint64(rows[i-1].leave - 1))
			if err != nil {
				return all
			}
			before, err := rec.LeaveHead()
			if err != nil {
				return all
			}
			g.After = before.Row
		}
		for ; i < len(rows) && rows[i].leave == 0; i++ {
			g.Count++
		}
		all = append(all, g)
	}
	return all
}

// Made is how many messages of a run were made and left, or were to.
func (s *Sends) Made() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.made
}
