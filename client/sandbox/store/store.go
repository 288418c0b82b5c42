// Package store is what the sandbox keeps: messages in a journal, the places of
// each queue, topics, groups, how far groups are, and what waits for its time or
// for its transaction. It knows nothing of connections, and speaks no protocol.
//
// A Store owns its folder. Its methods, and those of its parts, may be called from
// any goroutine. A message that was stored without an error is on disk: it survives
// a killed process.
package store

import (
	"cmp"
	"errors"
	"log/slog"
	"net/netip"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"gantry/client/journal"
	"gantry/client/message"
)

const (
	defaultMessages = 200_000
	defaultBytes    = 512 << 20
	// segmentsKept are the segments that the messages kept make: eviction takes one
	// at a time.
	segmentsKept = 16
	// batchMost bounds what is written at once, in messages.
	batchMost = 4096
	// batchBytes bounds it in bytes of bodies, but for one message: the journal keeps two
	// buffers of that size, and larger ones make a message no cheaper.
	batchBytes = 1 << 20
)

// Errors of this package. All may come wrapped.
var (
	// ErrClosed says that the store was closed before a message was stored.
	ErrClosed = errors.New("the sandbox is closing")
	// ErrFull says that the disk is full.
	ErrFull = errors.New("the disk is full")
	// ErrLong says that a message has more properties than its stored form holds.
	ErrLong = errors.New("the message has too many properties")
	// ErrTooLate says that a message is to be delivered later than one may be, or at
	// no time.
	ErrTooLate = errors.New("the delay time is no time, or too far off")
	// ErrNoTimer says that no message of that id waits for that time.
	ErrNoTimer = errors.New("there is no such message that waits")
	// ErrNoHalf says that there is no open transaction of that number and group.
	ErrNoHalf = errors.New("there is no such transaction")
)

// Options say what a store keeps and where. Zero values mean the defaults.
type Options struct {
	// Dir is its folder; it is made if it is missing.
	Dir string
	// MaxMessages and MaxBytes are what is kept, 200,000 and 512 MB; beyond, the
	// oldest go.
	MaxMessages, MaxBytes int64
	// DelayLevels are the delays of the levels from 1 on (messageDelayLevel of
	// 5.5.0).
	DelayLevels []time.Duration
	// CheckAfter is when a producer is asked what became of its transaction
	// (transactionTimeOut of 5.5.0), and CheckAgain how long it has then
	// (transactionCheckInterval); 6 and 30 s where 0.
	CheckAfter, CheckAgain time.Duration
	// CheckMax is how often a producer is asked (transactionCheckMax); 15 where 0.
	CheckMax int
	// Broker and Host are whose messages they are: they become a part of them.
	Broker string
	Host   netip.AddrPort
	// Log gets a line for what goes wrong behind an answer.
	Log *slog.Logger
}

// stored is a message with the number of its record.
type stored struct {
	*message.Message
	record uint64
}

// Store keeps messages in a journal, and where each queue's lie. One goroutine
// writes: whatever has come while it wrote is written together next. While it has
// nothing to do, others write themselves.
//
// A message's position in the commit log is the number of its record: a lookup
// by offset id needs no index.
type Store struct {
	// Topics, Groups, Offsets and Figures are its parts.
	Topics  *Topics
	Groups  *Groups
	Offsets *Offsets
	Figures *Figures

	opt    Options
	log    *slog.Logger
	w      *journal.Writer
	r      *journal.Reader
	later  *later
	halves *halves
	diary  *diary
	virgin bool // nothing was ever stored
	// ends are what was said of queues' next offsets; only the diary's goroutine has
	// them once it runs.
	ends map[string]map[int]int64

	puts    chan *put
	quit    chan struct{}  // closed by Close
	done    chan struct{}  // closed when the writing goroutine has ended
	work    sync.WaitGroup // the others
	blocked atomic.Bool    // the disk is full

	// writing is held by who gives messages their places and writes them: the writing
	// goroutine, or one for whose few it is not worth to wake it.
	writing sync.Mutex
	polling sync.Mutex // held to poll r and to evict
	bytes   int64      // those kept; guarded by writing once it is open
	most    int        // messages to be written at once

	mu     sync.RWMutex
	queues map[queueKey]*queue // guarded by mu
	// moved is where messages behind damage lie in the journal, which counts what is
	// damaged as one record: by their numbers. Guarded by mu.
	moved map[uint64]uint64
}

// Open reads what is stored and ties the parts together. fault.JournalLocked in its
// error means that another process has the folder.
func Open(o Options) (*Store, error) {
	if o.MaxMessages <= 0 {
		o.MaxMessages = defaultMessages
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = defaultBytes
	}
	if len(o.DelayLevels) == 0 {
		o.DelayLevels = message.DelayLevels()
	}
	o.CheckMax = cmp.Or(o.CheckMax, checkMax)
	o.CheckAfter, o.CheckAgain = cmp.Or(o.CheckAfter, checkAfter), cmp.Or(o.CheckAgain, checkAgain)
	s := &Store{
		Figures: newFigures(time.Now), opt: o, log: o.Log, puts: make(chan *put, batchMost), quit: make(chan struct{}), done: make(chan struct{}),
		queues: map[queueKey]*queue{}, moved: map[uint64]uint64{},
	}
	s.Topics, s.Groups, s.Offsets = newTopics(s), newGroups(s), newOffsets(s)
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	// The folder of the messages has the lock that says whose the store is.
	s.later, s.halves = newLater(s), newHalves(s)
	if err := s.openJournal(); err != nil {
		return nil, err
	}
	err := s.loadState()
	if err != nil {
		return nil, errors.Join(err, s.w.Close(), s.r.Close())
	}
	go s.diary.run()
	if err = s.read(); err == nil {
		err = s.tidy(0, 0)
	}
	s.goOn(s.ends)
	go s.run()
	s.work.Go(func() { s.later.run(s.quit) })
	if err == nil && s.virgin {
		// The first start: a topic to begin with.
		_, err = s.Topics.Ensure("hello", 4)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// openJournal opens the journal of the messages.
func (s *Store) openJournal() error {
	dir := filepath.Join(s.opt.Dir, "messages")
	var err error
	// The writer gets no caps: it would wait at them for the goroutine that tidies,
	// which waits for it.
	records := max(s.opt.MaxMessages/segmentsKept, 1)
	s.most = int(min(batchMost, records))
	if s.w, err = journal.OpenWriter(dir, journal.Options{
		Segment: max(s.opt.MaxBytes/segmentsKept, 1<<20), SegmentRecords: records,
		OnBlocked: func(why error) { s.blocked.Store(why != nil) },
	}); err != nil {
		return err
	}
	if s.r, err = journal.OpenReader(dir); err != nil {
		return errors.Join(err, s.w.Close())
	}
	return nil
}

// loaded tells those whose messages wait what was stored before, in order: a
// message, or (nil) that a record is over.
func (s *Store) loaded(done uint64, m *stored) {
	s.later.loaded(done, m)
	s.halves.loaded(done, m)
}

// Keep stores a message that a client sent, where its properties say: at once,
// later, or as the half of a transaction. The message is the answer's afterwards.
func (s *Store) Keep(m *message.Message) error {
	if isHalf(m) {
		return s.halves.begin(m)
	}
	return s.delay(m)
}

func isHalf(m *message.Message) bool {
	return m.Property(propPrepared) == "true" || m.SysFlag&sysTransaction == sysPrepared
}

// AtOnce tells whether Keep would do with a message what Put does.
func (s *Store) AtOnce(m *message.Message) bool {
	_, _, _, later, err := s.later.dueOf(m)
	return err == nil && !later && !isHalf(m)
}

// delay stores a message at once, or later if its properties say so.
func (s *Store) delay(m *message.Message) error {
	due, topic, queue, later, err := s.later.dueOf(m)
	switch {
	case err != nil:
		return err
	case later:
		return s.later.put(m, due, topic, queue)
	}
	return s.Put(m)
}

// Redeliver stores a message that a consumer could not handle, to be delivered
// again after the delay of a level from 1 on.
func (s *Store) Redeliver(m *message.Message, level int) error {
	unset(m, propRealTopic, propRealQueue, propTimerSec, propTimerMS, propTimerAt, propTimerOut)
	SetProperty(m, message.PropertyDelay, strconv.Itoa(level))
	return s.delay(m)
}

// DeleteTopic deletes a topic with its messages and the places of groups in it: on
// disk when it returns.
func (s *Store) DeleteTopic(name string) error { return s.change(&change{Deleted: name}) }

// DeleteGroup deletes a group, and on demand how far it is: on disk when it returns.
func (s *Store) DeleteGroup(name string, places bool) error {
	return s.change(&change{DeletedGroup: name, Places: places})
}

// Waiting counts the messages that are not due yet.
func (s *Store) Waiting() int { return s.later.waiting() }

// Limits are the options that hold.
func (s *Store) Limits() Options { return s.opt }

// Close writes what was taken and closes the journal. It returns when nothing of
// the store runs any more, and is called once.
func (s *Store) Close() error {
	close(s.quit)
	// A disk that is full must not hold the end up.
	err := errors.Join(s.w.Close(), s.diary.end())
	<-s.done
	s.work.Wait()
	return errors.Join(err, s.diary.close(), s.r.Close())
}
