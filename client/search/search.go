// Package search runs a question for messages in a worker of its own and holds the list
// of what it found. It joins no group and commits nothing.
//
// A Search may be used from any goroutine. Status and Range take short locks only; what
// waits or reads the disk says so and must not be called on the window's main goroutine.
package search

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/message"
	"gantry/client/schema"
	"gantry/client/tail"
	"gantry/client/worker"
)

// Status is a snapshot of a search: how far it is, and what is missing from it.
type Status struct {
	cluster.Progress
	Running bool
	// Stopped: it was given up before its end.
	Stopped bool
	// Err is why nothing could be read, or why it ended early; Waiting why what is
	// found cannot be written at the moment.
	Err, Waiting error
	// Took is how long it has run.
	Took time.Duration
	// Kept of what was found is in the list, Evicted no longer.
	Kept, Evicted uint64
}

// Params are what Begin needs.
type Params struct {
	// Program is started as a worker.
	Program worker.Program
	// Dir is the folder that holds the lists of searches.
	Dir  string
	Room *tail.Room
	Log  *slog.Logger
	// Closed, if set, is called once by Close, from its goroutine.
	Closed func(*Search)
}

// Search is a question that runs or has run, and the list of what it found. The list
// lives as long as the Search.
type Search struct {
	log    *slog.Logger
	closed func(*Search)
	list   *tail.Tail
	proc   *worker.Process
	began  time.Time
	ended  chan struct{} // closed when the worker is gone and the list complete
	once   sync.Once

	mu      sync.Mutex
	status  Status
	done    bool // its end was told
	changed func()
}

// Begin begins a question, whose names are full, over this access. The error says that
// it did not begin. bodies is how the filter reads bodies, nil for as they are. Close ends it
// and deletes its list.
func Begin(p Params, access worker.Access, q cluster.Query, bodies *schema.Bodies) (*Search, error) {
	id := uuid.NewString()
	dir := filepath.Join(p.Dir, id)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	s := &Search{log: p.Log, closed: p.Closed, began: time.Now(), ended: make(chan struct{})}
	s.list = tail.New(tail.Params{ID: id, Dir: dir, Room: p.Room, Log: p.Log, Changed: s.tell})
	s.status.Running = true
	caps := p.Room.Caps()
	s.list.RunUnder(&caps)
	job := access.Job(worker.Browse, q.Group)
	job.Query = &worker.Query{Query: q, Bodies: bodies, Journal: dir, MaxBytes: caps.Bytes, MaxRecords: caps.Messages}
	s.mu.Lock() // on waits until proc is set
	var err error
	s.proc, err = p.Program.Start(job, s.on)
	s.mu.Unlock()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	go s.follow()
	return s, nil
}

// OnChange has f called when the status or the list has changed, from any goroutine; it
// must not wait. nil ends that.
func (s *Search) OnChange(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changed = f
}

func (s *Search) tell() {
	s.mu.Lock()
	f := s.changed
	s.mu.Unlock()
	if f != nil {
		f()
	}
}

// on takes the worker's events.
func (s *Search) on(e worker.Event) {
	s.mu.Lock()
	switch e.Kind {
	case worker.Failed:
		s.status.Err, s.done = e.Fault, true
	case worker.Blocked:
		s.status.Waiting = nil
		if e.Fault != nil {
			s.status.Waiting = e.Fault
		}
	case worker.Searched:
		if e.Progress != nil {
			s.status.Progress = *e.Progress
		}
		if e.Fault != nil && !s.status.Stopped {
			s.status.Err = e.Fault
		}
		s.done = e.Ended
	}
	if s.done {
		go s.proc.Stop()
	}
	full := errors.Is(s.status.Waiting, fault.JournalFull)
	s.mu.Unlock()
	s.openList()
	s.list.Full(full)
	s.tell()
}

// follow waits until the worker is gone and the list complete.
func (s *Search) follow() {
	<-s.proc.Done()
	s.openList()
	s.list.Settle()
	s.mu.Lock()
	s.status.Running, s.status.Waiting, s.status.Took = false, nil, time.Since(s.began)
	if err := s.proc.Err(); err != nil && !s.done {
		s.status.Err = err
	}
	s.mu.Unlock()
	close(s.ended)
	s.tell()
}

// openList follows the list from its first record on.
func (s *Search) openList() {
	if err := s.list.Open(); err != nil {
		s.log.Warn("a search's list cannot be read", "error", err)
	}
}

// Status returns a snapshot. It takes a short lock only.
func (s *Search) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.status
	if st.Running {
		st.Took = time.Since(s.began)
	}
	first, next := s.list.Range()
	st.Kept, st.Evicted = next-first, first
	return st
}

// Range returns the number of the oldest message in the list and the one after
// the newest.
func (s *Search) Range() (first, next uint64) { return s.list.Range() }

// Record reads a record of the list: fault.Evicted if it is no longer kept. It reads
// from disk.
func (s *Search) Record(n uint64) (*message.Record, error) { return s.list.Record(n) }

// Sift returns the numbers of records of the list that fit, see tail.Tail.Sift.
func (s *Search) Sift(ctx context.Context, from, to uint64, keep filter.Filter) ([]uint64, uint64, error) {
	return s.list.Sift(ctx, from, to, keep)
}

// Times copies when messages of the list were stored, see tail.Tail.Times.
func (s *Search) Times(from uint64, dst []int64) (first uint64, n int) {
	return s.list.Times(from, dst)
}

// Each calls do with messages of the list, see tail.Tail.Each.
func (s *Search) Each(ctx context.Context, from, to uint64, do func(n uint64, m *message.Message)) error {
	return s.list.Each(ctx, from, to, do)
}

// Wait waits until the search has ended.
func (s *Search) Wait(ctx context.Context) error {
	select {
	case <-s.ended:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Stop gives the search up, if it still runs, and waits for its worker, little
// more than two seconds at most; what was found stays.
func (s *Search) Stop() {
	s.mu.Lock()
	if s.status.Running && !s.done {
		s.status.Stopped = true
	}
	s.mu.Unlock()
	s.proc.Stop()
	<-s.ended
}

// Close stops the search and deletes its list. It may be called again.
func (s *Search) Close() {
	s.once.Do(func() {
		s.OnChange(nil)
		s.Stop()
		s.list.Close()
		if err := os.RemoveAll(s.list.Dir()); err != nil {
			s.log.Warn("search results were not deleted", "error", err)
		}
		if s.closed != nil {
			s.closed(s)
		}
	})
}
