package worker

import (
	"gantry/client/journal"
	"gantry/client/message"
	"gantry/client/producer"
)

// restore takes the half messages of a journal over: what is not decided waits, what is
// decided is told when its broker asks. Their brokers hear who is there.
func (x *deals) restore(dir string) error {
	r, err := journal.OpenReader(dir)
	if err != nil {
		return err
	}
	defer r.Close()
	for more := true; more; {
		if _, more, err = r.Poll(); err != nil {
			return err
		}
	}
	of := map[uint64]*deal{}
	first, next := r.Range()
	for n := first; n < next; n++ {
		rec, err := r.Record(n)
		if err != nil {
			continue // damaged
		}
		x.replay(of, n, rec)
	}
	for _, t := range x.byID {
		if !t.ended {
			x.p.Serve(t.topic)
		}
	}
	return nil
}

// replay takes one record over.
func (x *deals) replay(of map[uint64]*deal, n uint64, rec *message.Record) {
	switch rec.Kind {
	case message.KindDraft:
		if l, err := rec.Leave(); err == nil && l.Half && l.Draft != nil {
			l.Draft.ID = l.ID
			x.begin(n, l.Draft)
			of[n] = x.byID[l.ID]
		}
	case message.KindReceipt:
		o, err := rec.Outcome()
		if err != nil || of[o.Of] == nil {
			return
		}
		t := of[o.Of]
		if o.Status == message.StatusFailed {
			delete(x.byID, t.id)
			x.count(t, -1)
			return
		}
		t.half, t.placed = producer.HalfOf(t.topic, &o.Receipt)
		t.since, t.told = o.SentAt.Add(o.Took), true
	case message.KindStep:
		s, err := rec.Step()
		if err == nil && of[s.Of] != nil {
			x.step(of[s.Of], s)
		}
	}
}

// step takes a step over.
func (x *deals) step(t *deal, s *message.Step) {
	switch s.Kind {
	case message.StepDecided:
		if t.decided == message.NoTransaction {
			t.decided = s.Choice
			x.count(t, 1)
		}
		t.told = true // nobody knows whether it was
	case message.StepEnded:
		if !t.ended {
			t.ended = true
			x.count(t, -1)
		}
	case message.StepAsked:
		t.half.Broker, t.half.Record, t.half.Offset = s.Broker, s.Record, s.Offset
		t.half.Topic, t.half.ID, t.half.Transaction, t.placed = t.topic, t.id, t.id, s.Broker != ""
	}
}
