package outbox

import "gantry/client/message"

// State says how a message stands.
type State uint8

// The states.
const (
	// Nothing: it was not made yet, or what the journal had of it is damaged.
	Nothing State = iota
	// UnderWay: it leaves, and its receipt has not come.
	UnderWay
	// Stored: the broker has it.
	Stored
	// HandedOver: it went one-way.
	HandedOver
	// Failed: it was refused, or never left.
	Failed
	// Uncertain: no answer came; the broker may have it.
	Uncertain
	states int = iota
)

func stateOf(s message.Status) State {
	switch {
	case s.Stored():
		return Stored
	case s == message.StatusHandedOver:
		return HandedOver
	case s == message.StatusFailed:
		return Failed
	}
	return Uncertain
}

// Counts say how the messages of a journal stand; their sum is how many there are.
type Counts struct {
	UnderWay, Stored, HandedOver, Failed, Uncertain int64
	// Of those that were read back: Arrived to the byte, Differing, Missing where they
	// should be, NotFound at all, Unread because nothing could be read.
	Arrived, Differing, Missing, NotFound, Unread int64
	// Of half messages: Waiting for a decision, Deciding of which a broker has not said that
	// it is done, Committed and RolledBack.
	Waiting, Deciding, Committed, RolledBack int64
	// Doubled are there more than once: sent again though they were stored, or found twice.
	Doubled int64 `json:",omitempty"`
}

// Left is how many messages left, or were refused before.
func (c Counts) Left() int64 { return c.UnderWay + c.Stored + c.HandedOver + c.Failed + c.Uncertain }

func (c *Counts) of(s State) *int64 {
	switch s {
	case UnderWay:
		return &c.UnderWay
	case Stored:
		return &c.Stored
	case HandedOver:
		return &c.HandedOver
	case Failed:
		return &c.Failed
	case Uncertain:
		return &c.Uncertain
	}
	return new(int64)
}

func (c *Counts) ofProof(p message.Proof) *int64 {
	switch p {
	case message.ProofArrived:
		return &c.Arrived
	case message.ProofDiffers:
		return &c.Differing
	case message.ProofMissing:
		return &c.Missing
	case message.ProofNotFound:
		return &c.NotFound
	case message.ProofUnread:
		return &c.Unread
	}
	return new(int64)
}
