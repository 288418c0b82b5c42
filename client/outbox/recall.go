package outbox

import (
	"context"
	"errors"
	"time"

	"gantry/client/fault"
	"gantry/client/journal"
	"gantry/client/message"
	"gantry/client/worker"
)

// Recall is that a message was taken back before it was due. Whether it comes nevertheless
// is seen when it is read back.
type Recall struct {
	At time.Time
	// Fault is why it is not known whether the broker did so; nil where it said that.
	Fault *fault.Fault
}

// Back tells whether the broker said that it took the message back.
func (x *Sent) Back() bool { return x.Recall != nil && x.Recall.Fault == nil }

// Recallable tells whether a message waits at a broker for its time, and was not taken back,
// for certain.
func (x *Sent) Recallable(now time.Time) bool {
	r := x.Receipt
	return x.Draft != nil && r != nil && r.Status.Stored() && r.Broker != "" && r.OffsetMessageID != "" && r.Due.After(now) && !x.Back() && x.Arrival == nil
}

// noteRecall takes notice of what came of taking a message back. s.mu is held.
func (s *Sends) noteRecall(row uint32, n uint64) {
	if s.recalls == nil {
		s.recalls = map[uint32]uint32{}
	}
	s.recalls[row] = uint32(n + 1)
}

// recall reads what came of it.
func (s *Sends) recall(record uint32) (*Recall, error) {
	rec, err := s.list.Record(uint64(record - 1))
	if err != nil {
		return nil, err
	}
	x, err := rec.Step()
	if err != nil {
		return nil, err
	}
	r := &Recall{At: x.At}
	if x.Kind == message.StepRecalling {
		r.Fault = x.Fault
		if r.Fault == nil {
			r.Fault = fault.From(fault.Unknown)
		}
	}
	return r, nil
}

// NoteStep writes down what happened to a message, by who writes the journal that it stands
// in: the worker of its run where one is at work, else here. It uses the disk.
func (s *Store) NoteStep(ctx context.Context, of *Sends, step *message.Step) error {
	if p := s.writer(of); p != nil {
		if err := p.Step(ctx, step); !errors.Is(err, fault.WorkerDied) {
			return err
		}
	}
	w, err := openWithin(of.dir)
	if err != nil {
		return err
	}
	err = errors.Join(w.Append(message.AppendStep(nil, step), 1), w.Close())
	of.wake()
	return err
}

// writer is the worker of the run whose messages they are, nil where none is at work.
func (s *Store) writer(of *Sends) *worker.Process {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.runs {
		if r.Sends == of {
			r.mu.Lock()
			defer r.mu.Unlock()
			return r.proc
		}
	}
	return nil
}

// openWithin opens a journal to write, which a worker that ends may hold a little longer.
func openWithin(dir string) (w *journal.Writer, err error) {
	for end := time.Now().Add(noteWithin); ; time.Sleep(10 * time.Millisecond) {
		w, err = journal.OpenWriter(dir, journal.Options{})
		if err == nil || !errors.Is(err, fault.JournalLocked) || time.Now().After(end) {
			return w, err
		}
	}
}
