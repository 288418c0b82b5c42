package outbox

import (
	"cmp"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"gantry/client/message"
	"gantry/client/outbox/plan"
	"gantry/client/tail"
)

// Sends are the messages of one journal: a row for each, numbered from 0 in the order of a
// run, or in the order in which they left where they are no part of one. It may be used
// from any goroutine; Sent reads the disk.
type Sends struct {
	list *tail.Tail
	dir  string // of the journal
	// maker makes the messages of a run again; nil where the journal holds them whole.
	maker  *plan.Maker
	making sync.Mutex

	mu    sync.Mutex
	rows  []row
	deals map[uint32]*deal // of half messages, by row
	// replies are the numbers of the records of replies, by row.
	replies map[uint32]uint32
	// recalls are those of what came of taking messages back, by row.
	recalls map[uint32]uint32
	leaves  []leaf // ascending
	counts  Counts // of all rows
	took    histogram
	rate    pace
	made    int64 // rows that left
	last    leaf  // the row that is farthest
	after   int64
	since   int // rows before it left before whoever sends began
	live    int // how many send: one, or two while one takes over
	closed  bool
	stays   Stays
	watch   map[*func()]struct{}
}

// Stays says for how long a journal of single sends stays.
type Stays struct {
	ID   string
	Keep bool // it does not go by itself
	// Expires is when it goes by itself, zero where it does not.
	Expires time.Time
}

// Stays says for how long the journal stays, as the history knew when it was refreshed.
func (s *Sends) Stays() Stays {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stays
}

// row is one message. Numbers of records are one more than they are, 0 where there is none.
type row struct {
	leave, receipt, arrival uint32
	at                      int64 // when it left, in milliseconds since 1970
	state                   State
	proof                   message.Proof
	stand                   Stand
	// more: the broker has it from an earlier attempt, or more than once.
	more bool
}

// doubled tells whether the broker has a message more than once, as far as that was read.
func (r *row) doubled() bool {
	return r.more && (r.state == Stored || r.proof == message.ProofArrived || r.proof == message.ProofDiffers)
}

// leaf says which row the record of a message that leaves belongs to.
type leaf struct{ record, row uint32 }

// note takes notice of a record. It is called by the tail.
func (s *Sends) note(n uint64, rec []byte) {
	r, err := message.CheckedRecord(rec) // by the tail
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch r.Kind {
	case message.KindBegin:
		s.settle()
	case message.KindDraft:
		head := r.LeaveHead
		if r.Half && s.maker == nil { // what becomes of it stands in the draft
			head = r.Leave
		}
		if l, err := head(); err == nil {
			s.noteLeave(n, l)
		}
	case message.KindReply:
		if x, err := r.Reply(); err == nil {
			s.noteReply(n, x)
		}
	case message.KindStep:
		if step, err := r.Step(); err == nil {
			s.noteStep(n, step)
		}
	case message.KindReceipt:
		if o, err := r.OutcomeHead(); err == nil {
			s.noteOutcome(n, o)
		}
	case message.KindArrival:
		if a, err := r.Arrival(); err == nil {
			s.noteArrival(n, a)
		}
	}
}

// settle makes uncertain what has no receipt: whoever sent it is gone.
func (s *Sends) settle() {
	for i := s.since; i < len(s.rows); i++ {
		if s.rows[i].state == UnderWay {
			s.set(&s.rows[i], Uncertain)
			s.stands(uint64(s.rows[i].leave) - 1)
		}
	}
	if s.maker == nil { // a run may send any row once more
		s.since = len(s.rows)
	}
}

func (s *Sends) set(r *row, to State) { s.change(r, func() { r.state = to }) }

// change changes a row, and the counts with it.
func (s *Sends) change(r *row, do func()) {
	count := func(by int64) {
		if r.state != Nothing {
			*s.counts.of(r.state) += by
		}
		if r.proof != 0 {
			*s.counts.ofProof(r.proof) += by
		}
		if r.doubled() {
			s.counts.Doubled += by
		}
	}
	count(-1)
	do()
	count(1)
}

func (s *Sends) noteLeave(n uint64, l *message.Leave) {
	at := len(s.rows)
	if s.maker != nil {
		if l.Seq < 0 || l.Seq >= plan.MaxMessages {
			return // no run has it
		}
		at = int(l.Seq)
	}
	for len(s.rows) <= at {
		s.rows = append(s.rows, row{})
	}
	r := &s.rows[at]
	if r.leave == 0 {
		s.made++
	}
	s.change(r, func() {
		r.more = r.more || r.state == Stored || r.proof == message.ProofArrived || r.proof == message.ProofDiffers
		r.proof, r.receipt, r.arrival, r.leave = 0, 0, 0, uint32(n+1)
		r.at, r.state = l.At.UnixMilli(), UnderWay
	})
	delete(s.recalls, uint32(at))
	s.noteHalf(at, l)
	s.leaves = append(s.leaves, leaf{uint32(n), uint32(at)})
	if at >= int(s.last.row) {
		s.last, s.after = leaf{uint32(n), uint32(at)}, l.Row
	}
}

// find returns the row of the message whose record has that number, nil where it left
// again since.
func (s *Sends) find(of uint64) *row {
	if r := s.left(of); r != nil && r.leave == uint32(of+1) {
		return r
	}
	return nil
}

// left returns the row of the message whose record has that number, also where it left
// again since; nil where there is none.
func (s *Sends) left(of uint64) *row {
	row, ok := s.leftRow(of)
	if !ok {
		return nil
	}
	return &s.rows[row]
}

// leftRow is the number of that row.
func (s *Sends) leftRow(of uint64) (row uint32, ok bool) {
	i, ok := slices.BinarySearchFunc(s.leaves, uint32(of), func(l leaf, n uint32) int { return cmp.Compare(l.record, n) })
	if !ok {
		return 0, false
	}
	return s.leaves[i].row, true
}

func (s *Sends) noteOutcome(n uint64, o *message.Outcome) {
	r := s.find(o.Of)
	if r == nil {
		return
	}
	r.receipt = uint32(n + 1)
	s.set(r, stateOf(o.Status))
	s.stands(o.Of)
	if r.state == Stored {
		s.took.add(o.Took)
	}
	s.rate.add(o.SentAt.Add(o.Took))
}

func (s *Sends) noteArrival(n uint64, a *message.Arrival) {
	there := a.Proof == message.ProofArrived || a.Proof == message.ProofDiffers
	if r := s.find(a.Of); r != nil {
		s.change(r, func() { r.arrival, r.proof, r.more = uint32(n+1), a.Proof, r.more || a.Copies > 1 })
	} else if r := s.left(a.Of); r != nil && there { // and was sent again since
		s.change(r, func() { r.more = true })
	}
	s.committed(a)
}

// tell is called by the tail when something changed.
func (s *Sends) tell() {
	s.mu.Lock()
	all := slices.Collect(maps.Keys(s.watch))
	s.mu.Unlock()
	for _, f := range all {
		(*f)()
	}
}

// Watch has f called when something has changed, from any goroutine; it must not wait.
// cancel ends that.
func (s *Sends) Watch(f func()) (cancel func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.watch == nil {
		s.watch = map[*func()]struct{}{}
	}
	s.watch[&f] = struct{}{}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watch, &f)
	}
}

// sending says that one more sends, or one less.
func (s *Sends) sending(more int) {
	s.mu.Lock()
	s.live += more
	s.mu.Unlock()
	s.tell()
}

// Range returns the number of the oldest row that is kept and the one after the newest.
// It takes a short lock only.
func (s *Sends) Range() (first, next uint64) {
	kept, _ := s.list.Range()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.maker != nil {
		return 0, uint64(len(s.rows))
	}
	i, _ := slices.BinarySearchFunc(s.leaves, uint32(kept), func(l leaf, n uint32) int { return cmp.Compare(l.record, n) })
	if i == len(s.leaves) {
		return uint64(len(s.rows)), uint64(len(s.rows))
	}
	return uint64(s.leaves[i].row), uint64(len(s.rows))
}

// Counts says how the messages stand. It takes a short lock only.
func (s *Sends) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.counts
	if s.live == 0 {
		c.Uncertain, c.UnderWay = c.Uncertain+c.UnderWay, 0
	}
	return c
}

// States returns the rows in a state, at most that many, ascending.
func (s *Sends) States(which State, most int) []uint64 {
	return s.pick(most, func(r *row) bool { return s.state(r) == which })
}

// Doubled returns the rows of which the broker has more than one message, Unseen those that
// were read back and are not there as they were sent; at most that many, ascending.
func (s *Sends) Doubled(most int) []uint64 { return s.pick(most, (*row).doubled) }

// Unseen is described with Doubled.
func (s *Sends) Unseen(most int) []uint64 {
	return s.pick(most, func(r *row) bool {
		return r.proof == message.ProofMissing || r.proof == message.ProofNotFound || r.proof == message.ProofDiffers
	})
}

func (s *Sends) pick(most int, fits func(*row) bool) []uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []uint64
	for i := range s.rows {
		if len(out) == most {
			break
		}
		if fits(&s.rows[i]) {
			out = append(out, uint64(i))
		}
	}
	return out
}

func (s *Sends) state(r *row) State {
	if r.state == UnderWay && s.live == 0 {
		return Uncertain
	}
	return r.state
}

// records returns the numbers of the records of those rows that left.
func (s *Sends) records(rows []uint64) []uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]uint64, 0, len(rows))
	for _, n := range rows {
		if n < uint64(len(s.rows)) && s.rows[n].leave > 0 {
			out = append(out, uint64(s.rows[n].leave-1))
		}
	}
	return out
}

// errNoRow: there is no such row.
var errNoRow = errors.New("no such row")

func (s *Sends) close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.list.Close()
	if s.maker != nil {
		_ = s.maker.Close()
	}
}
