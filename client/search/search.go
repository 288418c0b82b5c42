package client

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/worker"
)

// Missed is a broker or queue whose messages are missing from a result.
type Missed struct {
	Subject string
	Err     error
}

// SearchStatus is a snapshot of a search.
type SearchStatus struct {
	Running bool
	// Stopped: it was given up before its end.
	Stopped bool
	// Err is why nothing could be read, or why it ended early; Waiting why what is
	// found cannot be written at the moment.
	Err, Waiting error
	// Read of about Total messages were looked at, and Found fit. Total is 0 where
	// only what fits is read.
	Read, Total, Found int64
	// Limited: it ended at its limit; what was stored after Through was not read, and of
	// a key what is older than Through was not found.
	Limited bool
	Through time.Time
	Missed  []Missed
	// Brokers is how many brokers have the topic, those included that are gone; 0 where
	// that was not asked.
	Brokers int
	// Took is how long it has run.
	Took time.Duration
	// Kept of what was found is in the list, Evicted no longer.
	Kept, Evicted uint64
}

// Search is a query that runs or has run, and the list of what it found. It joins
// no group and commits nothing. The list lives as long as the Search.
type Search struct {
	client *Client
	list   *follower
	proc   *worker.Process
	began  time.Time
	ended  chan struct{} // closed when the worker is gone and the list complete
	once   sync.Once

	mu     sync.Mutex
	status SearchStatus
	done   bool // its end was told
}

func (c *Client) searchesDir() string { return filepath.Join(c.folders.Data, "searches") }

// Search begins a query in a worker of its own. Names are made full; the error
// says that it did not begin. Close ends it and deletes its list.
func (c *Client) Search(conn *Connection, q cluster.Query) (*Search, error) {
	if conn == nil {
		return nil, fault.NotConnected
	}
	conn.mu.Lock()
	closed := conn.closed
	conn.mu.Unlock()
	if closed {
		return nil, fault.NotConnected
	}
	p := conn.profile
	q.Topic, q.Group, q.Key = p.FullName(q.Topic), p.FullName(q.Group), strings.TrimSpace(q.Key)
	if q.Topic != "" || q.Kind != cluster.ByID {
		if err := message.CheckTopic(q.Topic); err != nil {
			return nil, fmt.Errorf("topic: %w", err)
		}
	}
	id := uuid.NewString()
	dir := filepath.Join(c.searchesDir(), id)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	s := &Search{client: c, list: newFollower(c, id, dir), began: time.Now(), ended: make(chan struct{})}
	s.status.Running = true
	caps := c.currentCaps()
	s.list.runUnder(&caps)
	q.Known = conn.knownBrokers()
	job := conn.job(worker.Browse, q.Group)
	job.Query = &worker.Query{Query: q, Journal: dir, MaxBytes: caps.Bytes, MaxRecords: caps.Messages}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, errors.Join(fault.NotConnected, os.RemoveAll(dir))
	}
	s.mu.Lock() // on waits until proc is set
	var err error
	s.proc, err = worker.Start(c.executable, job, s.on)
	s.mu.Unlock()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	c.finds[s] = struct{}{}
	go s.follow()
	return s, nil
}

// on takes the worker's events.
func (s *Search) on(e worker.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e.Kind {
	case worker.Failed:
		s.status.Err, s.done = errors.New(e.Text), true
	case worker.Blocked:
		s.status.Waiting = nil
		if e.Text != "" {
			s.status.Waiting = blockedError(e.Text)
		}
	case worker.Searched:
		s.searched(e)
	}
	if s.done {
		go s.proc.Stop()
	}
}

func (s *Search) searched(e worker.Event) {
	st, got := &s.status, e.Search
	if got == nil {
		return
	}
	st.Read, st.Total, st.Found, st.Limited, st.Through = got.Read, got.Total, got.Found, got.Limited, got.Through
	st.Missed, st.Brokers = nil, got.Brokers
	for _, f := range got.Failed {
		st.Missed = append(st.Missed, Missed{f.Subject, failure(f.Code, f.Text)})
	}
	if (e.Code != 0 || e.Text != "") && !st.Stopped {
		st.Err = failure(e.Code, e.Text)
	}
	s.done = got.Ended
}

// failure is the error that came as a code and a text over a pipe: of what no server
// said, the text names the reason.
func failure(code int, text string) error {
	if code != 0 {
		return admin.Refusal(code, text, someBroker)
	}
	for _, known := range []error{
		fault.NoBroker, fault.BadAnswer, fault.TopicNotFound, fault.NeedTopic, fault.Crowded, fault.Deleted, fault.Damaged,
		fault.Unresolvable, fault.Untrusted, fault.WrongName, fault.Expired, fault.CertificateRefused, fault.PlainServer, fault.TLS,
		fault.NotRocketMQ, fault.ClosedBeforeAnswer, fault.ConnectionLost, fault.Timeout,
	} {
		if strings.Contains(text, known.Error()) {
			return fmt.Errorf("%w: %s", known, text)
		}
	}
	if strings.HasSuffix(text, fault.NotFound.Error()) {
		return fmt.Errorf("%w: %s", fault.NotFound, text)
	}
	return fmt.Errorf("%w: %s", fault.Unreachable, text)
}

// follow reads along with the list until the worker is gone.
func (s *Search) follow() {
	tick := time.NewTicker(followEvery)
	defer tick.Stop()
	open := func() {
		if err := s.list.open(); err != nil {
			s.client.log.Warn("a search's list cannot be read", "error", err)
		}
	}
	for running := true; running; {
		select {
		case <-s.proc.Done():
			running = false
		case <-tick.C:
		}
		if s.list.current() == nil {
			open()
		}
	}
	s.list.settle()
	s.mu.Lock()
	s.status.Running, s.status.Waiting, s.status.Took = false, nil, time.Since(s.began)
	if err := s.proc.Err(); err != nil && !s.done {
		s.status.Err = err
	}
	s.mu.Unlock()
	close(s.ended)
}

// Status returns a snapshot. It takes a short lock only.
func (s *Search) Status() SearchStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.status
	if st.Running {
		st.Took = time.Since(s.began)
	}
	first, next := s.list.bounds()
	st.Kept, st.Evicted = next-first, first
	return st
}

// Range returns the number of the oldest message in the list and the one after
// the newest.
func (s *Search) Range() (first, next uint64) { return s.list.bounds() }

// Record reads a record of the list: fault.Evicted if it is no longer kept. It reads
// from disk.
func (s *Search) Record(n uint64) (*message.Record, error) { return s.list.record(n) }

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
	s.end()
	s.client.mu.Lock()
	defer s.client.mu.Unlock()
	delete(s.client.finds, s)
}

func (s *Search) end() {
	s.once.Do(func() {
		s.Stop()
		s.list.close()
		if err := os.RemoveAll(s.list.dir); err != nil {
			s.client.log.Warn("search results were not deleted", "error", err)
		}
	})
}
