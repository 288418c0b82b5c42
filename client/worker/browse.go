package worker

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/journal"
	"gantry/client/message"
	"gantry/client/reader"
)

// search runs one query to its end; what it finds goes into a journal.
type search struct {
	job    *Job
	ask    *admin.Client
	log    *journal.Writer
	events *writer
	cancel context.CancelFunc
	ended  chan struct{}

	eyes    reader.Eyes
	jq      *Jq
	buf     []byte // only the searching goroutine has it, and said
	records int
	said    time.Time
}

// flushSize is when found messages are written, in bytes; they are at the next
// report too.
const flushSize = 1 << 20

func startSearch(job *Job, events *writer) (runner, error) {
	ask, err := newAdmin(job)
	if err != nil {
		return nil, err
	}
	q := job.Query
	decode, err := q.Bodies.Reader()
	if err != nil {
		return nil, err
	}
	s := &search{job: job, ask: ask, events: events, ended: make(chan struct{}), jq: ownJq()}
	s.eyes = reader.Eyes{Decode: decode, Judge: func(ctx context.Context) filter.Judge { return s.jq.Judge(ctx, time.Time{}) }}
	s.log, err = journal.OpenWriter(q.Journal, journal.Options{MaxBytes: q.MaxBytes, MaxRecords: q.MaxRecords, OnBlocked: func(err error) {
		_ = events.send(Event{Kind: Blocked, Fault: fault.From(err)}, nil)
	}})
	if err != nil {
		return nil, fmt.Errorf("open the list: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	go s.run(ctx)
	return s, nil
}

func (s *search) run(ctx context.Context) {
	defer close(s.ended)
	var last cluster.Progress
	err := reader.RunWith(ctx, s.ask, s.job.Query.Query, s.eyes, s.keep, func(p cluster.Progress) {
		last = p
		if time.Since(s.said) > countEvery || s.job.Query.Kind == cluster.Live {
			s.flush()
			s.tell(p, false, nil)
		}
	})
	s.flush()
	s.tell(last, true, err)
}

// keep takes a message that was found; it is written with others.
func (s *search) keep(broker string, stored []byte) error {
	s.buf = message.AppendRecord(s.buf, &message.Record{Kind: message.KindMessage, ArrivedAt: time.Now(), Broker: broker, Payload: stored})
	s.records++
	if len(s.buf) >= flushSize {
		s.flush()
	}
	return nil
}

// flush writes what was found. It waits while the disk is full; only the end of
// the search makes it fail.
func (s *search) flush() {
	if s.records > 0 {
		_ = s.log.Append(s.buf, s.records)
	}
	s.buf, s.records = s.buf[:0], 0
}

func (s *search) tell(p cluster.Progress, ended bool, err error) {
	s.said = time.Now()
	p.Missed = slices.Clone(p.Missed)
	for i, m := range p.Missed {
		p.Missed[i].Why = m.Why.Hide(s.job.hide)
	}
	_ = s.events.send(Event{Kind: Searched, Progress: &p, Ended: ended, Fault: fault.From(err).Hide(s.job.hide)}, nil)
}

func (s *search) do(*command, []byte) {}

func (s *search) listens() *Listens { return nil }

// stop gives the search up; what was found is kept.
func (s *search) stop() {
	s.cancel()
	select {
	case <-s.ended:
	case <-time.After(stopGrace):
	}
	s.jq.Close()
	_ = s.log.Close()
	_ = s.ask.Close()
}
