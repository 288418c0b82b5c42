package outbox

import (
	"cmp"
	"slices"
	"time"

	"gantry/client/fault"
	"gantry/client/message"
)

// Stand says how a half message stands.
type Stand uint8

// The stands.
const (
	// NoHalf: it is none, was refused, or has not left.
	NoHalf Stand = iota
	// Waiting: nobody has decided what becomes of it.
	Waiting
	// Committing and RollingBack: that was decided, and no broker has said that it is done.
	Committing
	RollingBack
	// Committed: everybody may have it; RolledBack: nobody.
	Committed
	RolledBack
)

// Over tells whether nothing more becomes of it.
func (s Stand) Over() bool { return s == NoHalf || s == Committed || s == RolledBack }

// Half is what became of a half message behind its receipt.
type Half struct {
	Stand Stand
	// Decided is when somebody decided behind the sending, zero where nobody did.
	Decided time.Time
	// Checks is how often brokers have asked, Asked when they did last, and Answer what they
	// were told then.
	Checks int
	Asked  time.Time
	Answer message.Transaction
	// Ended is when the broker said that it is done; Fault is why it may not be.
	Ended time.Time
	Fault *fault.Fault
}

// deal is what is known of a half message. Numbers of records are one more than they are,
// 0 where there is none.
type deal struct {
	choice                 message.Transaction // Undecided while nobody has decided
	decided, told, checked uint32
	ended                  bool
	checks                 int
}

// noteHalf takes notice of a message that leaves as a half message. s.mu is held, as in
// all here.
func (s *Sends) noteHalf(row int, l *message.Leave) {
	r := &s.rows[row]
	s.standAs(r, NoHalf)
	delete(s.deals, uint32(row))
	choice := message.Undecided
	switch {
	case s.maker != nil:
		choice = s.maker.Transaction()
	case l.Draft != nil:
		choice = l.Draft.Transaction
	}
	if !l.Half && s.maker == nil || choice == message.NoTransaction {
		return
	}
	if s.deals == nil {
		s.deals = map[uint32]*deal{}
	}
	s.deals[uint32(row)] = &deal{choice: choice}
}

// rowOf is the number of the row of the message whose record has that number; not ok where
// it left again since.
func (s *Sends) rowOf(of uint64) (row uint32, ok bool) {
	row, ok = s.leftRow(of)
	return row, ok && s.rows[row].leave == uint32(of+1)
}

// noteStep takes notice of a step.
func (s *Sends) noteStep(n uint64, step *message.Step) {
	row, ok := s.rowOf(step.Of)
	if ok && (step.Kind == message.StepRecalled || step.Kind == message.StepRecalling) {
		s.noteRecall(row, n)
		return
	}
	d := s.deals[row]
	if !ok || d == nil {
		return
	}
	r := &s.rows[row]
	switch step.Kind {
	case message.StepDecided:
		d.choice, d.decided, d.told = step.Choice, uint32(n+1), 0
	case message.StepEnded:
		d.ended, d.told = true, uint32(n+1)
	case message.StepUntold:
		d.told = uint32(n + 1)
	case message.StepAsked:
		d.checks, d.checked = d.checks+1, uint32(n+1)
		if r.state == Uncertain || r.state == UnderWay { // who asks has it
			s.set(r, Stored)
		}
	}
	s.stands(step.Of)
}

// stands follows what is known of a half message.
func (s *Sends) stands(of uint64) {
	row, ok := s.rowOf(of)
	d := s.deals[row]
	if !ok || d == nil {
		return
	}
	r := &s.rows[row]
	to := Waiting
	switch {
	case r.state == Failed || r.state == UnderWay:
		to = NoHalf
	case d.choice == message.Commit && d.ended:
		to = Committed
	case d.choice == message.Rollback && d.ended:
		to = RolledBack
	case d.choice == message.Commit:
		to = Committing
	case d.choice == message.Rollback:
		to = RollingBack
	}
	s.standAs(r, to)
}

func (s *Sends) standAs(r *row, to Stand) {
	*s.counts.ofStand(r.stand)--
	r.stand = to
	*s.counts.ofStand(to)++
}

func (c *Counts) ofStand(s Stand) *int64 {
	switch s {
	case Waiting:
		return &c.Waiting
	case Committing, RollingBack:
		return &c.Deciding
	case Committed:
		return &c.Committed
	case RolledBack:
		return &c.RolledBack
	}
	return new(int64)
}

// halfRow is a half message as it is read from the disk.
type halfRow struct {
	Half
	deal deal
}

// half is what is known of the half message of a row, nil where it is none.
func (s *Sends) half(row uint64) *halfRow {
	d := s.deals[uint32(row)]
	if d == nil {
		return nil
	}
	return &halfRow{Half: Half{Stand: s.rows[row].stand, Checks: d.checks}, deal: *d}
}

// steps reads the steps of a half message. s.mu is not held.
func (s *Sends) steps(h *halfRow) error {
	for _, one := range []struct {
		record uint32
		take   func(*message.Step)
	}{
		{h.deal.decided, func(x *message.Step) { h.Decided = x.At }},
		{h.deal.checked, func(x *message.Step) { h.Asked, h.Answer = x.At, x.Choice }},
		{h.deal.told, func(x *message.Step) {
			if h.Fault = x.Fault; x.Kind == message.StepEnded {
				h.Ended = x.At
			}
		}},
	} {
		if one.record == 0 {
			continue
		}
		rec, err := s.list.Record(uint64(one.record - 1))
		if err != nil {
			return err
		}
		x, err := rec.Step()
		if err != nil {
			return err
		}
		one.take(x)
	}
	return nil
}

// Undecided returns the rows that wait for a decision, at most that many, the newest first.
func (s *Sends) Undecided(most int) []uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.counts.Waiting == 0 {
		return nil
	}
	var out []uint64
	for row := range s.deals {
		if s.rows[row].stand == Waiting {
			out = append(out, uint64(row))
		}
	}
	slices.SortFunc(out, func(a, b uint64) int { return cmp.Compare(b, a) })
	return out[:min(len(out), most)]
}

// Record is the number of the record with which a row left, by which a worker knows it.
func (s *Sends) Record(row uint64) (record uint64, ok bool) {
	all := s.records([]uint64{row})
	if len(all) == 0 {
		return 0, false
	}
	return all[0], true
}

// noteReply takes notice of what came of a request.
func (s *Sends) noteReply(n uint64, x *message.Reply) {
	row, ok := s.rowOf(x.Of)
	if !ok {
		return
	}
	if s.replies == nil {
		s.replies = map[uint32]uint32{}
	}
	s.replies[row] = uint32(n + 1)
	if r := &s.rows[row]; x.Fault == nil && (r.state == Uncertain || r.state == UnderWay) { // who replied has it
		s.set(r, Stored)
	}
}

// committed takes notice that a half message was found among those that consumers get.
func (s *Sends) committed(a *message.Arrival) {
	row, ok := s.rowOf(a.Of)
	d := s.deals[row]
	if ok && d != nil && d.choice == message.Commit && (a.Proof == message.ProofArrived || a.Proof == message.ProofDiffers) {
		d.ended = true
		s.stands(a.Of)
	}
}
