package outbox

import (
	"errors"
	"time"

	"github.com/google/uuid"

	"gantry/client/message"
	"gantry/client/tail"
	"gantry/client/worker"
)

// Begun is when the journal that a book writes was begun.
func (b *Book) Begun() time.Time { return b.begun }

// Outlived tells whether a journal of single sends that was begun then is not gone on with.
func Outlived(begun, now time.Time) bool { return now.Sub(begun).Abs() >= singleJournalFor }

// singleJournalFor is for how long a journal of single sends is gone on with, so that what
// was sent to production goes with whole journals.
const singleJournalFor = 24 * time.Hour

// Book is where the worker that sends the single messages of a producer group writes them
// down.
type Book struct {
	// Job is for the worker, Sends are what it has written.
	Job   worker.Sends
	Sends *Sends

	begun time.Time
}

// Begin says that a worker is started.
func (b *Book) Begin() { b.Sends.sending(1) }

// On takes the worker's events. It does not wait.
func (b *Book) On(worker.Event) { b.Sends.wake() }

// Over says that the worker is gone.
func (b *Book) Over() {
	b.Sends.wake()
	b.Sends.list.Settle()
	b.Sends.sending(-1)
}

// Book returns where the single messages of a producer group are written down: in the
// journal of the last day, or in a new one. Those after which brokers call, see
// message.Draft.Called, go on in that in which half messages wait for a decision. It uses
// the disk.
func (s *Store) Book(of For, group string, called bool) (*Book, error) {
	all, err := s.entries()
	if err != nil {
		return nil, err
	}
	m := meta{Profile: of.Profile, ProfileName: of.ProfileName, Production: of.Production, Group: group, Begun: time.Now()}
	id, had := latestOf(all, of, group)
	switch {
	case id != "" && (!Outlived(had.Begun, time.Now()) || called && s.waits(id, had.Begun)):
		m = had
	default:
		id = ""
	}
	if id == "" {
		id = uuid.NewString()
		if err := m.save(s.dir(id)); err != nil {
			return nil, err
		}
		s.changed()
	}
	x, err := s.single(id)
	if err != nil {
		return nil, err
	}
	return &Book{Job: worker.Sends{Journal: s.dir(id), MaxBytes: MaxSinglesBytes, MaxRecords: 3 * MaxSingles, Called: called}, Sends: x, begun: m.Begun}, nil
}

// latestOf is the newest journal of the single sends of a producer group.
func latestOf(all map[string]meta, of For, group string) (id string, latest meta) {
	for name, m := range all {
		if !m.Run && m.Profile == of.Profile && m.Production == of.Production && m.Group == group && m.Begun.After(latest.Begun) {
			id, latest = name, m
		}
	}
	return id, latest
}

// keptHalves is for how long half messages may wait: brokers delete what is three days old
// (fileReservedTime), and a journal is gone on with for one.
const keptHalves = 4 * 24 * time.Hour

// waits tells whether half messages of a journal that was begun then wait for a decision,
// or for their brokers to hear of it.
func (s *Store) waits(id string, begun time.Time) bool {
	if time.Since(begun) > keptHalves {
		return false
	}
	x, err := s.single(id)
	if err != nil {
		return false
	}
	x.list.Settle()
	return x.Waits()
}

// Waits tells whether half messages wait for a decision, or for their brokers to hear of it.
func (s *Sends) Waits() bool {
	c := s.Counts()
	return c.Waiting+c.Deciding > 0
}

// Unfinished tells whether half messages that a producer group sent wait for a decision, or
// for their brokers to hear of it. It reads the disk.
func (s *Store) Unfinished(of For, group string) (bool, error) {
	all, err := s.entries()
	if err != nil {
		return false, err
	}
	id, had := latestOf(all, of, group)
	return id != "" && s.waits(id, had.Begun), nil
}

// noteWithin is how long a worker that ends may hold the journal.
const noteWithin = time.Second

// Note writes down a message that nobody could send: it never left, and its receipt says
// why. It uses the disk; a worker that sends for the group would have to write it itself.
func (s *Store) Note(of For, d *message.Draft, r message.Receipt) error {
	b, err := s.Book(of, d.ProducerGroup, d.Called())
	if err != nil {
		return err
	}
	w, err := openWithin(b.Job.Journal)
	if err != nil {
		return err
	}
	buf, err := message.AppendLeave(nil, &message.Leave{At: r.SentAt, Row: -1, ID: r.MessageID, Draft: d})
	if err != nil {
		return errors.Join(err, w.Close())
	}
	buf = message.AppendOutcome(buf, &message.Outcome{Of: w.Next(), Receipt: r})
	err = errors.Join(w.Append(buf, 2), w.Close())
	b.Sends.wake()
	return err
}

// wake has the journal looked at.
func (s *Sends) wake() {
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if closed {
		return
	}
	_ = s.list.Open() // which may not have been there
	s.list.Wake()
}

// single follows a journal of single sends. The same id is the same object.
func (s *Store) single(id string) (*Sends, error) {
	s.mu.Lock()
	x := s.singles[id]
	if x == nil {
		x = &Sends{dir: s.dir(id)}
		x.list = tail.New(tail.Params{ID: id, Dir: s.dir(id), Room: s.room, Log: s.p.Log, Changed: x.tell, OnRecord: x.note})
		s.singles[id] = x
	}
	s.mu.Unlock()
	return x, x.list.Open()
}
