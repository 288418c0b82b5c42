package outbox

import (
	"errors"
	"time"

	"github.com/google/uuid"

	"gantry/client/fault"
	"gantry/client/journal"
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
// journal of the last day, or in a new one. It uses the disk.
func (s *Store) Book(of For, group string) (*Book, error) {
	all, err := s.entries()
	if err != nil {
		return nil, err
	}
	id, m := "", meta{Profile: of.Profile, ProfileName: of.ProfileName, Production: of.Production, Group: group, Begun: time.Now()}
	for name, had := range all {
		if !had.Run && had.Profile == of.Profile && had.Group == group && had.Production == of.Production && !Outlived(had.Begun, time.Now()) {
			id, m = name, had
		}
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
	return &Book{Job: worker.Sends{Journal: s.dir(id), MaxBytes: MaxSinglesBytes, MaxRecords: 3 * MaxSingles}, Sends: x, begun: m.Begun}, nil
}

// noteWithin is how long a worker that ends may hold the journal.
const noteWithin = time.Second

// Note writes down a message that nobody could send: it never left, and its receipt says
// why. It uses the disk; a worker that sends for the group would have to write it itself.
func (s *Store) Note(of For, d *message.Draft, r message.Receipt) error {
	b, err := s.Book(of, d.ProducerGroup)
	if err != nil {
		return err
	}
	var w *journal.Writer
	for end := time.Now().Add(noteWithin); ; time.Sleep(10 * time.Millisecond) {
		w, err = journal.OpenWriter(b.Job.Journal, journal.Options{})
		if err == nil || !errors.Is(err, fault.JournalLocked) || time.Now().After(end) {
			break
		}
	}
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
		x = &Sends{}
		x.list = tail.New(tail.Params{ID: id, Dir: s.dir(id), Room: s.room, Log: s.p.Log, Changed: x.tell, OnRecord: x.note})
		s.singles[id] = x
	}
	s.mu.Unlock()
	return x, x.list.Open()
}
