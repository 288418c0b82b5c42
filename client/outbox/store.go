// Package outbox is what was sent: single messages and runs, each with its draft, its
// receipt and its arrival, in journals that outlive the window and any worker.
//
// A run is a job of its own: the worker makes each message from the plan, writes it down,
// sends it, and writes down what came of it; a Run here tells the worker what to do and
// follows the journal. Who may send, and where, is asked by package client: nothing here
// knows a guard.
//
// Everything may be used from any goroutine. What reads the disk or waits says so.
package outbox

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"gantry/client/fault"
	"gantry/client/journal"
	"gantry/client/outbox/plan"
	"gantry/client/profile"
	"gantry/client/tail"
	"gantry/client/worker"
)

// Params are what New needs.
type Params struct {
	// Program is started as a worker.
	Program worker.Program
	// Dir is the folder that holds the journals, each in a folder of its own.
	Dir string
	Log *slog.Logger
}

// Limits of what is kept.
const (
	// MaxSingles is how many single sends of a profile are kept, MaxSinglesBytes what they
	// may take.
	MaxSingles      = 1_000_000
	MaxSinglesBytes = 1 << 30
	// MaxRunsBytes is what ended runs may take together: the oldest go first.
	MaxRunsBytes = 4 << 30
	// ProductionDays is after how many days what was sent to production goes, unless it is
	// kept.
	ProductionDays = 7
)

// Store are the journals of one data folder.
type Store struct {
	p         Params
	mostBytes int64      // of ended runs
	room      *tail.Room // of single sends
	whole     *tail.Room // of runs: nothing is evicted

	// changes counts journals that came or went, from 1 on.
	changes atomic.Uint64

	mu        sync.Mutex
	runs      map[string]*Run
	singles   map[string]*Sends // of single sends, by the name of their folder
	histories map[*History]struct{}
	closed    bool
	gone      Pruned // and not told yet
}

// New returns the store of a folder. It reads nothing.
func New(p Params) *Store {
	s := &Store{p: p, mostBytes: MaxRunsBytes, room: tail.NewRoom(), whole: tail.NewRoom(), runs: map[string]*Run{}, singles: map[string]*Sends{}, histories: map[*History]struct{}{}}
	s.changes.Store(1)
	s.room.SetCaps(profile.Caps{Bytes: MaxSinglesBytes, Messages: 3 * MaxSingles, TotalBytes: 1 << 50})
	s.whole.SetCaps(profile.Caps{Bytes: 1 << 50, Messages: 1 << 50, TotalBytes: 1 << 50})
	return s
}

// watch has a history told of journals that come and go.
func (s *Store) watch(h *History, on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if on {
		s.histories[h] = struct{}{}
	} else {
		delete(s.histories, h)
	}
}

// changed tells the histories that a journal came or went, or how a run stands.
func (s *Store) changed() {
	s.changes.Add(1)
	s.mu.Lock()
	all := slices.Collect(maps.Keys(s.histories))
	s.mu.Unlock()
	for _, h := range all {
		h.tell()
	}
}

// version is the form of journals that this program writes.
const version = 1

// meta is a journal's meta.json.
type meta struct {
	Version     int    `json:"version"`
	Profile     string `json:"profile"`
	ProfileName string `json:"profileName"`
	Production  bool   `json:"production,omitempty"`
	// Group is the producer group of single sends; Topic that of a run.
	Group string    `json:"group,omitempty"`
	Topic string    `json:"topic,omitempty"`
	Begun time.Time `json:"begun"`
	// The rest is a run's. Phase is how it ended, "" while it is at work: what died at work
	// is Interrupted.
	Run     bool      `json:"run,omitempty"`
	Planned int64     `json:"planned,omitempty"`
	Ended   time.Time `json:"ended,omitzero"`
	Phase   Phase     `json:"phase,omitempty"`
	Counts  Counts    `json:"counts,omitzero"`
	Keep    bool      `json:"keep,omitempty"`
	// Redelivers is the retry or dead-letter topic whose messages it sends, "" for others.
	Redelivers string `json:"redelivers,omitempty"`
}

func (m meta) save(dir string) error {
	m.Version = version
	return journal.WriteMeta(dir, m)
}

// Info says what a run is, without its messages.
type Info struct {
	ID, Profile, ProfileName, Topic string
	Planned                         int64
	Begun, Ended                    time.Time
	Phase                           Phase
	// Counts are those of its end, zero while it is at work, or where it was interrupted.
	Counts Counts
	Keep   bool
	Bytes  int64 // on disk
	// Expires is when it goes by itself, zero where it does not.
	Expires time.Time
}

func (m *meta) info(id string) Info {
	return Info{
		ID: id, Profile: m.Profile, ProfileName: m.ProfileName, Topic: m.Topic, Planned: m.Planned,
		Begun: m.Begun, Ended: m.Ended, Phase: cmp.Or(m.Phase, Interrupted), Counts: m.Counts, Keep: m.Keep,
	}
}

func (s *Store) dir(id string) string { return filepath.Join(s.p.Dir, id) }

// entries reads the meta.json of every journal of the folder. One that cannot be read is
// left out.
func (s *Store) entries() (map[string]meta, error) {
	dirs, err := os.ReadDir(s.p.Dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	out := map[string]meta{}
	for _, d := range dirs {
		var m meta
		if err := journal.ReadMeta(s.dir(d.Name()), &m); err != nil || m.Version > version {
			s.p.Log.Warn("a journal of sends cannot be read", "journal", d.Name(), "version", m.Version, "error", err)
			continue
		}
		out[d.Name()] = m
	}
	return out, nil
}

// For says whose sends they are.
type For struct {
	Profile, ProfileName string
	Production           bool
}

// Runs lists the runs of a profile, or of all where it is "", the newest first. It reads
// the disk.
func (s *Store) Runs(of string) ([]Info, error) {
	all, err := s.entries()
	if err != nil {
		return nil, err
	}
	var out []Info
	for id, m := range all {
		if !m.Run || of != "" && m.Profile != of {
			continue
		}
		i := m.info(id)
		if r := s.open(id); r != nil {
			i = r.Info()
		}
		i.Bytes = size(s.dir(id))
		if m.Production && !i.Keep {
			i.Expires = s.expires(id, m)
		}
		out = append(out, i)
	}
	slices.SortFunc(out, func(a, b Info) int { return b.Begun.Compare(a.Begun) })
	return out, nil
}

func (s *Store) open(id string) *Run {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.runs[id]
}

func size(dir string) (n int64) {
	files, _ := os.ReadDir(dir)
	for _, f := range files {
		if info, err := f.Info(); err == nil {
			n += info.Size()
		}
	}
	return n
}

// Begin begins a run over this access. fill, if set, writes the source file of the plan.
// secrets are values of the connection that are kept nowhere. It uses the disk; the error
// says that nothing was sent.
func (s *Store) Begin(of For, p *plan.Plan, access worker.Access, secrets map[string]string, fill func(name string) error) (*Run, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	s.Prune(time.Now())
	id := uuid.NewString()
	dir := s.dir(id)
	m := meta{
		Profile: of.Profile, ProfileName: of.ProfileName, Topic: p.Targets(),
		Production: of.Production || p.Replay != nil && p.Replay.Production,
		Begun:      time.Now(), Run: true, Planned: p.Count,
	}
	if p.Replay != nil {
		m.Redelivers = p.Replay.Redelivers
	}
	err := os.MkdirAll(dir, 0o700)
	if err == nil && fill != nil {
		err = fill(plan.SourceFile(dir))
	}
	if err == nil {
		err = errors.Join(plan.Write(dir, p), m.save(dir))
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	r, err := s.load(id, m)
	s.changed()
	if err == nil {
		err = r.work(access, secrets, nil)
	}
	if err != nil {
		return nil, err
	}
	return r, nil
}

// Open opens a run that was begun in this run of the program or an earlier one. The same
// id opened again is the same object. It reads the disk.
func (s *Store) Open(id string) (*Run, error) {
	if r := s.open(id); r != nil {
		return r, nil
	}
	if !filepath.IsLocal(id) || filepath.Base(id) != id {
		return nil, fs.ErrNotExist
	}
	var m meta
	if err := journal.ReadMeta(s.dir(id), &m); err != nil {
		return nil, err
	}
	if m.Version > version || !m.Run {
		return nil, fmt.Errorf("%w: version %d", fault.NewerList, m.Version)
	}
	return s.load(id, m)
}

// load follows a run's journal.
func (s *Store) load(id string, m meta) (*Run, error) {
	dir := s.dir(id)
	p, err := plan.Read(dir)
	if err != nil {
		return nil, err
	}
	r := &Run{Sends: &Sends{dir: dir}, store: s, id: id, dir: dir, plan: p, meta: m, phase: cmp.Or(m.Phase, Interrupted)}
	if r.maker, err = p.Maker(dir, nil); err != nil {
		return nil, err
	}
	r.list = tail.New(tail.Params{ID: id, Dir: dir, Room: s.whole, Log: s.p.Log, Changed: r.tell, OnRecord: r.note})
	s.mu.Lock()
	if had := s.runs[id]; had != nil || s.closed {
		s.mu.Unlock()
		if had == nil {
			return nil, errors.Join(fault.NotConnected, r.maker.Close())
		}
		return had, r.maker.Close()
	}
	s.runs[id] = r
	s.mu.Unlock()
	return r, r.list.Open()
}

// Continue has a run that was stopped or interrupted go on behind the last message that
// left. It uses the disk.
func (s *Store) Continue(r *Run, access worker.Access, secrets map[string]string) error {
	return r.work(access, secrets, nil)
}

// Again sends rows of an ended run once more, each with an id of its own. It uses the
// disk.
func (s *Store) Again(r *Run, access worker.Access, secrets map[string]string, rows []uint64) error {
	if len(rows) == 0 {
		return nil
	}
	return r.work(access, secrets, rows)
}

// Working returns the runs that send.
func (s *Store) Working() []*Run {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*Run
	for _, r := range s.runs {
		if !r.Info().Phase.Over() {
			out = append(out, r)
		}
	}
	return out
}

// Stop ends the workers of runs, within two seconds.
func (s *Store) Stop() {
	s.mu.Lock()
	runs := slices.Collect(maps.Values(s.runs))
	s.mu.Unlock()
	var group sync.WaitGroup
	for _, r := range runs {
		group.Go(r.kill)
	}
	group.Wait()
}

// Close ends the workers of runs, as Stop, and closes the journals.
func (s *Store) Close() {
	s.mu.Lock()
	s.closed = true
	runs, singles := s.runs, s.singles
	s.runs, s.singles = map[string]*Run{}, map[string]*Sends{}
	s.mu.Unlock()
	var group sync.WaitGroup
	for _, r := range runs {
		group.Go(func() {
			r.kill()
			r.close()
		})
	}
	for _, x := range singles {
		group.Go(x.close)
	}
	group.Wait()
}
