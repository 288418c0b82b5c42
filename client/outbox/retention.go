package outbox

import (
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"gantry/client/journal"
	"gantry/client/outbox/plan"
)

// Delete deletes a run, or a journal of single sends, with its messages. What is at work
// is not deleted: fault.JournalLocked. It uses the disk.
func (s *Store) Delete(id string) error {
	if !filepath.IsLocal(id) || filepath.Base(id) != id {
		return fs.ErrNotExist
	}
	// A journal that is written is locked; one that is not may be read all the same.
	if err := journal.Remove(s.dir(id), plan.Files()...); err != nil {
		return err
	}
	s.mu.Lock()
	r, x := s.runs[id], s.singles[id]
	delete(s.runs, id)
	delete(s.singles, id)
	s.mu.Unlock()
	if r != nil {
		r.close()
	}
	if x != nil {
		x.close()
	}
	s.changed()
	return nil
}

// Keep keeps a run from being deleted by itself, or lets it go.
func (s *Store) Keep(id string, keep bool) error {
	r, err := s.Open(id)
	if err != nil {
		return err
	}
	r.mu.Lock()
	r.meta.Keep = keep
	m := r.meta
	r.mu.Unlock()
	return m.save(r.dir)
}

// DeleteOf deletes everything that was sent over a profile; runs that are at work are ended
// first. A journal that a connection still writes stays: fault.JournalLocked. It uses the
// disk, and may wait two seconds.
func (s *Store) DeleteOf(of string) error {
	all, err := s.entries()
	for id, m := range all {
		if m.Profile != of {
			continue
		}
		if r := s.open(id); r != nil {
			r.kill()
		}
		err = errors.Join(err, s.Delete(id))
	}
	return err
}

// Usage is how much is kept of what was sent over a profile, or over all where it is "": in
// how many runs, and on how many bytes of disk. It reads the disk.
func (s *Store) Usage(of string) (runs int, bytes int64, err error) {
	all, err := s.entries()
	for id, m := range all {
		if of != "" && m.Profile != of {
			continue
		}
		bytes += size(s.dir(id))
		if m.Run {
			runs++
		}
	}
	return runs, bytes, err
}

// Prune deletes what has expired, and the oldest ended runs where all together take too
// much. It is called before a run begins, and once at the start. It uses the disk.
func (s *Store) Prune() {
	all, err := s.entries()
	if err != nil {
		s.p.Log.Warn("old sends were not looked at", "error", err)
		return
	}
	type old struct {
		id    string
		begun time.Time
		bytes int64
	}
	var runs []old
	var sum int64
	for id, m := range all {
		if m.Production && !m.Keep && time.Since(latest(m.Begun, m.Ended)) > ProductionDays*24*time.Hour {
			s.drop(id)
			continue
		}
		if m.Run {
			n := size(s.dir(id))
			sum += n
			if !m.Keep && s.open(id) == nil {
				runs = append(runs, old{id, m.Begun, n})
			}
		}
	}
	slices.SortFunc(runs, func(a, b old) int { return a.begun.Compare(b.begun) })
	for _, r := range runs {
		if sum <= MaxRunsBytes {
			return
		}
		s.drop(r.id)
		sum -= r.bytes
	}
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (s *Store) drop(id string) {
	if err := s.Delete(id); err != nil {
		s.p.Log.Warn("old sends were not deleted", "journal", id, "error", err)
	}
}
