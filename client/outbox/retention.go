package outbox

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"gantry/client/fault"
	"gantry/client/journal"
	"gantry/client/message"
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

// Keep keeps a run, or a journal of single sends, from being deleted by itself, or lets it
// go. It uses the disk.
func (s *Store) Keep(id string, keep bool) error {
	if !filepath.IsLocal(id) || filepath.Base(id) != id {
		return fs.ErrNotExist
	}
	if r := s.open(id); r != nil { // whose worker's end writes it too
		r.mu.Lock()
		r.meta.Keep = keep
		m := r.meta
		r.mu.Unlock()
		defer s.changed()
		return m.save(r.dir)
	}
	var m meta
	if err := journal.ReadMeta(s.dir(id), &m); err != nil {
		return err
	}
	if m.Version > version {
		return fault.NewerList
	}
	m.Keep = keep
	defer s.changed()
	return m.save(s.dir(id))
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

// Usage is how much is kept of what was sent over a profile.
type Usage struct {
	Profile, ProfileName string
	// Sends are the messages, those of Runs too; of journals that cannot be read none.
	Sends int64
	Runs  int
	Bytes int64 // on disk
}

// Usage is how much is kept of what was sent over a profile; Sends is not counted. It reads
// the disk.
func (s *Store) Usage(of string) (u Usage, err error) {
	all, err := s.entries()
	for id, m := range all {
		if m.Profile == of {
			u.add(s.dir(id), m)
		}
	}
	return u, err
}

func (u *Usage) add(dir string, m meta) {
	u.Profile = m.Profile
	u.ProfileName = cmp.Or(m.ProfileName, u.ProfileName)
	u.Bytes += size(dir)
	if m.Run {
		u.Runs++
	}
}

// Usages is how much is kept of what was sent over each profile, by name, with its messages
// counted. It reads every journal once, 1 GB in a second or two.
func (s *Store) Usages(ctx context.Context) ([]Usage, error) {
	all, err := s.entries()
	if err != nil {
		return nil, err
	}
	of := map[string]*Usage{}
	for id, m := range all {
		u := of[m.Profile]
		if u == nil {
			u = &Usage{}
			of[m.Profile] = u
		}
		u.add(s.dir(id), m)
		n := m.Counts.Left()
		if n == 0 {
			if n, err = countSends(ctx, s.dir(id)); err != nil && ctx.Err() == nil {
				s.p.Log.Warn("a journal of sends cannot be counted", "journal", id, "error", err)
			}
		}
		if u.Sends += n; ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
	var out []Usage
	for _, u := range of {
		out = append(out, *u)
	}
	slices.SortFunc(out, func(a, b Usage) int {
		return cmp.Or(cmp.Compare(a.ProfileName, b.ProfileName), cmp.Compare(a.Profile, b.Profile))
	})
	return out, nil
}

// countSends counts the messages that left in a journal.
func countSends(ctx context.Context, dir string) (n int64, err error) {
	r, err := journal.OpenReader(dir)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	r.OnRecord = func(_ uint64, rec []byte) {
		if m, err := message.CheckedRecord(rec); err == nil && m.Kind == message.KindDraft {
			n++
		}
	}
	for more := true; more && ctx.Err() == nil; {
		if _, more, err = r.Poll(); err != nil {
			return n, err
		}
	}
	return n, ctx.Err()
}

// Production is for how long what was sent to production stays, unless it is kept.
const Production = ProductionDays * 24 * time.Hour

// expires is when a journal of production goes by itself: after the last message that was
// written down in it.
func (s *Store) expires(id string, m meta) time.Time {
	last := latest(m.Begun, m.Ended)
	files, _ := filepath.Glob(filepath.Join(s.dir(id), "*.seg"))
	for _, f := range files {
		if info, err := os.Stat(f); err == nil {
			last = latest(last, info.ModTime())
		}
	}
	return last.Add(Production)
}

// Pruned is what Prune deleted: Expired journals of production, and Runs because all
// together took too much.
type Pruned struct{ Expired, Runs int }

// Prune deletes what has expired by now, and the oldest ended runs where all together take
// too much; what is kept stays. It is called at the start, once a day, and before a run
// begins. It uses the disk.
func (s *Store) Prune(now time.Time) {
	var gone Pruned
	defer func() {
		s.mu.Lock()
		s.gone.Expired += gone.Expired
		s.gone.Runs += gone.Runs
		s.mu.Unlock()
	}()
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
		if m.Production && !m.Keep && now.After(s.expires(id, m)) {
			if s.drop(id) {
				gone.Expired++
			}
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
		if sum <= s.mostBytes {
			break
		}
		if s.drop(r.id) {
			gone.Runs++
		}
		sum -= r.bytes
	}
}

// Pruned returns what Prune has deleted since it was asked last.
func (s *Store) Pruned() Pruned {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.gone
	s.gone = Pruned{}
	return p
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// drop deletes a journal, unless it is at work.
func (s *Store) drop(id string) bool {
	err := s.Delete(id)
	if err != nil && !errors.Is(err, fault.JournalLocked) {
		s.p.Log.Warn("old sends were not deleted", "journal", id, "error", err)
	}
	return err == nil
}
