package reader

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
)

const (
	// askLimit bounds one question of a scan, tries how often it is put.
	askLimit = 5 * time.Second
	tries    = 3
)

// Part is what a scan reads of a queue: offsets From to To, To not included.
type Part struct {
	Queue    cluster.Queue
	From, To int64
	least    int64 // the queue's first offset, where From may be moved back to it
}

// Offsets is how many offsets the part has.
func (p Part) Offsets() int64 { return max(p.To-p.From, 0) }

// ScanConfig says what to read.
type ScanConfig struct {
	Admin *admin.Client
	Route cluster.Route
	// Selection is the topic, the group to read as, and the filter.
	Selection cluster.Selection
	Parts     []Part
	// Limit is at how many offsets the scan ends, 0 for none.
	Limit int64
	// Take is given each message, in the order of store times across all queues,
	// as each broker stored them. It is called from the goroutine that called Scan
	// and keeps no part of stored. An error ends the scan.
	// errEnough ends it too, and is none.
	Take func(q cluster.Queue, stored []byte) error
	// Read is called with the number of offsets that are done, the bytes that were
	// answered, and of how many brokers a replica answered, from the same goroutine, after
	// each answer of a broker is done.
	Read func(offsets, bytes int64, replicas int)
	// Pace and Replica are those of a cluster.Query.
	Pace    int64
	Replica bool
	// Failed is called when the rest of a queue is given up, from the same
	// goroutine; the other queues go on without it. With fault.Deleted the queue goes on
	// too.
	Failed func(q cluster.Queue, err error)
}

// Scan reads the parts to their ends, or to the limit, or until it is enough: then limited is
// true if there was more. All
// queues are read at once, some answers ahead of what is taken. The error is Take's,
// or the context's.
func Scan(ctx context.Context, cfg ScanConfig) (limited bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	s := &scan{ScanConfig: cfg, ahead: 1, pacers: pacers(cfg.Pace, cfg.Parts), replicas: replicas{no: map[string]bool{}, read: map[string]bool{}}}
	if foreseen(cfg.Selection) {
		s.ahead = max(1, min(mostAhead, allAhead/max(len(cfg.Parts), 1)))
	}
	defer s.work.Wait()
	defer cancel()
	for _, p := range cfg.Parts {
		if p.Offsets() == 0 {
			continue
		}
		q := &scanned{queue: p.Queue, to: p.To, done: p.From, end: p.From, answers: make(chan answer, 1)}
		s.queues = append(s.queues, q)
		s.work.Go(func() {
			defer close(q.answers)
			s.pull(ctx, p, q.answers)
		})
	}
	return s.merge(ctx)
}

var (
	// errFull says that the limit is reached before the next message.
	errFull = errors.New("the limit is reached")
	// errEnough says that what was asked for is found.
	errEnough = errors.New("it is enough")
)

type scan struct {
	ScanConfig
	ahead  int            // how many questions about a queue may be under way
	work   sync.WaitGroup // what pulls and asks
	queues []*scanned     // those that have more
	read   int64

	pacers   map[string]*pacer // by broker
	replicas replicas
	bytes    atomic.Int64 // that were answered
}

// scanned is a queue under way: what was answered last and is not taken yet.
type scanned struct {
	queue   cluster.Queue
	answers chan answer
	to      int64  // the end of the part
	done    int64  // the offset behind what was taken
	end     int64  // of the answer under way
	one     []byte // the next message
	at      time.Time
	rest    []byte
}

// answer is what a broker answered for the offsets up to end, or why it did not.
type answer struct {
	stored []byte
	end    int64
	gone   int64 // how many of the offsets the broker had deleted meanwhile
	err    error
}

// before tells whether q's next message was stored before o's.
func (q *scanned) before(o *scanned) bool {
	if q.at.Equal(o.at) && q.queue.Broker == o.queue.Broker {
		return message.CommitLogOffset(q.one) < message.CommitLogOffset(o.one)
	}
	return q.at.Before(o.at)
}

// pass notes that the offsets before this one are done.
func (s *scan) pass(q *scanned, offset int64) {
	s.read += max(offset-q.done, 0)
	q.done = max(offset, q.done)
}

// merge takes, again and again, the message that was stored first.
func (s *scan) merge(ctx context.Context) (limited bool, err error) {
	for {
		first, err := s.first(ctx)
		if full := s.full(); err != nil || first == nil || full {
			s.tell()
			return full, err
		}
		s.pass(first, message.QueueOffset(first.one)+1)
		if err := s.Take(first.queue, first.one); errors.Is(err, errEnough) {
			s.tell()
			return s.more(), nil
		} else if err != nil {
			return false, err
		}
		first.one = nil
	}
}

// full tells that the limit is reached while something is left.
func (s *scan) full() bool {
	return s.Limit > 0 && s.read >= s.Limit && s.more()
}

// more tells that something is left.
func (s *scan) more() bool {
	return slices.ContainsFunc(s.queues, func(q *scanned) bool { return q.done < q.to })
}

// tell says how far it is.
func (s *scan) tell() { s.Read(s.read, s.bytes.Load(), s.replicas.count()) }

// first waits until every queue has its next message, and returns the queue with
// the oldest one; nil when all have ended.
func (s *scan) first(ctx context.Context) (*scanned, error) {
	var first *scanned
	for i := 0; i < len(s.queues); i++ {
		q := s.queues[i]
		more, err := s.next(ctx, q)
		if errors.Is(err, errFull) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if !more {
			s.queues = append(s.queues[:i], s.queues[i+1:]...)
			i--
			continue
		}
		if first == nil || q.before(first) {
			first = q
		}
	}
	return first, nil
}

// next makes q.one its next message; false where it has none any more.
func (s *scan) next(ctx context.Context, q *scanned) (bool, error) {
	for q.one == nil {
		var err error
		if len(q.rest) > 0 {
			if q.one, q.rest, err = message.CutStored(q.rest); err != nil {
				s.Failed(q.queue, err)
				return false, nil
			}
			q.at, _ = message.StoredAt(q.one)
			break
		}
		s.pass(q, q.end) // the answer before is done, with what did not match
		s.tell()
		if s.full() {
			return false, errFull
		}
		select {
		case a, open := <-q.answers:
			if !open {
				return false, ctx.Err()
			}
			if a.err != nil {
				s.Failed(q.queue, a.err)
				return false, nil
			}
			q.rest, q.end = a.stored, a.end
			if a.gone > 0 {
				s.Failed(q.queue, fmt.Errorf("%d messages: %w", a.gone, fault.Deleted))
			}
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	return true, nil
}

// pull reads one part and hands over what comes.
func (s *scan) pull(ctx context.Context, p Part, to chan<- answer) {
	var asked []chan answer // under way, by offset
	behind, full := p.From, false
	for at := p.From; at < p.To; {
		for behind < p.To && (len(asked) == 0 || full && len(asked) < s.ahead) {
			asked = append(asked, s.put(ctx, p, behind))
			behind += batch
		}
		var a answer
		select {
		case a = <-asked[0]:
			asked = asked[1:]
		case <-ctx.Done():
			return
		}
		full = a.end == at+batch
		if at = a.end; !full { // what was asked for behind it is not what comes next
			asked, behind = nil, at
		}
		select {
		case to <- a:
		case <-ctx.Done():
			return
		}
		if a.err != nil {
			return
		}
	}
}

// put puts one question; its answer comes in the channel.
func (s *scan) put(ctx context.Context, p Part, at int64) chan answer {
	c := make(chan answer, 1)
	s.work.Go(func() { c <- s.ask(ctx, p, at) })
	return c
}

// ask reads once, and again where that fails.
func (s *scan) ask(ctx context.Context, p Part, at int64) answer {
	var last error
	for try := range tries {
		if try > 0 && sleep(ctx, firstRetry) != nil {
			break
		}
		asking, cancel := context.WithTimeout(ctx, askLimit)
		got, err := s.pullAt(asking, p, at, int(min(batch, p.To-at)))
		cancel()
		if err == nil {
			s.bytes.Add(int64(len(got.Body)))
			if err := s.pacers[p.Queue.Broker].pay(ctx, len(got.Body)); err != nil {
				return answer{end: at, err: err}
			}
			if got.Next <= at { // or it would be asked for ever
				return answer{end: at, err: fmt.Errorf("%w: offset %d after %d", fault.BadAnswer, got.Next, at)}
			}
			next := min(got.Next, p.To)
			// A compacted topic answers with messages though its minimum lies above, and in
			// a static one that was moved to another broker there never was what is left out.
			if gone := min(got.Min, p.To) - at; gone > 0 && removed(got, s.Selection) && !s.Route.Static() {
				return answer{end: next, gone: gone}
			}
			return answer{stored: until(message.Unwrapped(got.Body, at), p.To), end: next}
		}
		last = err
		if errors.Is(err, fault.Refused) || errors.Is(err, fault.NoBroker) || errors.Is(err, fault.TopicNotFound) {
			break // it would not help to ask again
		}
	}
	return answer{end: at, err: last}
}

// until leaves out messages from offset end on: with a filter brokers look
// farther than they are asked.
func until(stored []byte, end int64) []byte {
	for rest := stored; len(rest) > 0; {
		one, after, err := message.CutStored(rest)
		if err != nil {
			break
		}
		if message.QueueOffset(one) >= end {
			return stored[:len(stored)-len(rest)]
		}
		rest = after
	}
	return stored
}
