package outbox

import (
	"gantry/client/fault"
	"gantry/client/message"
)

// Sent is one message with all that is known of it.
type Sent struct {
	Row   uint64
	State State
	Leave message.Leave
	// Draft is nil where it cannot be made again; Lost is why.
	Draft *message.Draft
	Lost  error
	// Receipt and Arrival are nil where there is none.
	Receipt *message.Receipt
	Arrival *message.Arrival
	// Half is what became of it where it left as a half message, else nil.
	Half *Half
	// Reply is what came of a request, nil where it is none or nothing came yet.
	Reply *message.Reply
	// Recall is set where it was taken back before it was due.
	Recall *Recall
}

// Sent reads a row: fault.Evicted if it is no longer kept. It reads the disk.
func (s *Sends) Sent(n uint64) (*Sent, error) {
	s.mu.Lock()
	if n >= uint64(len(s.rows)) || s.rows[n].leave == 0 {
		s.mu.Unlock()
		return nil, errNoRow
	}
	r := s.rows[n]
	out := &Sent{Row: n, State: s.state(&s.rows[n])}
	half, reply, recall := s.half(n), s.replies[uint32(n)], s.recalls[uint32(n)]
	s.mu.Unlock()
	rec, err := s.list.Record(uint64(r.leave - 1))
	if err != nil {
		return nil, err
	}
	l, err := rec.Leave()
	if err != nil {
		return nil, err
	}
	out.Leave, out.Draft = *l, l.Draft
	if out.Draft == nil {
		out.Draft, out.Lost = s.again(l)
	}
	if r.receipt > 0 {
		if err := s.receipt(out, uint64(r.receipt-1)); err != nil {
			return nil, err
		}
	}
	if half != nil {
		if err := s.steps(half); err != nil {
			return nil, err
		}
		out.Half = &half.Half
	}
	if reply > 0 {
		rec, err := s.list.Record(uint64(reply - 1))
		if err == nil {
			out.Reply, err = rec.Reply()
		}
		if err != nil {
			return nil, err
		}
	}
	if recall > 0 {
		if out.Recall, err = s.recall(recall); err != nil {
			return nil, err
		}
	}
	if r.arrival > 0 {
		rec, err := s.list.Record(uint64(r.arrival - 1))
		if err == nil {
			out.Arrival, err = rec.Arrival()
		}
		return out, err
	}
	return out, nil
}

func (s *Sends) receipt(out *Sent, record uint64) error {
	rec, err := s.list.Record(record)
	if err != nil {
		return err
	}
	o, err := rec.Outcome()
	if err != nil {
		return err
	}
	if out.Draft != nil {
		o.Topic = out.Draft.Topic
	}
	out.Receipt = &o.Receipt
	return nil
}

// again makes a message of a run as it left.
func (s *Sends) again(l *message.Leave) (*message.Draft, error) {
	if s.maker == nil {
		return nil, fault.Damaged
	}
	s.making.Lock()
	defer s.making.Unlock()
	return s.maker.Again(l)
}
