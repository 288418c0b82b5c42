package message

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gantry/client/fault"
)

// Properties of a half message (MessageConst.java): that it is one, and the producer
// group that brokers ask what became of it.
const (
	PropertyHalf          = "TRAN_MSG"
	PropertyProducerGroup = "PGROUP"
)

// Transaction says whether a message leaves as a half message, and what becomes of it.
type Transaction string

// The transactions.
const (
	NoTransaction Transaction = ""
	// Commit has everybody get it, Rollback nobody.
	Commit   Transaction = "commit"
	Rollback Transaction = "rollback"
	// Undecided leaves it waiting at the broker, which asks after it now and then, and
	// gives it up in the end.
	Undecided Transaction = "undecided"
)

// ErrTransaction: a half message is neither sent one-way nor delivered later, or what
// becomes of it is none of the words.
var ErrTransaction = errors.New("a transactional message cannot be that too")

func (d *Draft) checkTransaction() error {
	switch d.Transaction {
	case NoTransaction:
		return nil
	case Commit, Rollback, Undecided:
		if !d.OneWay && !d.Deliver.Later() {
			return nil
		}
	}
	return ErrTransaction
}

// StepKind says what happened to a half message.
type StepKind byte

// The steps.
const (
	// StepDecided: somebody decided what becomes of it. It is written down before the
	// broker is told.
	StepDecided StepKind = 1
	// StepEnded: the broker said that it has done so.
	StepEnded StepKind = 2
	// StepUntold: it is not known whether the broker was told, or it refused. Where it
	// asks again, it is told then.
	StepUntold StepKind = 3
	// StepAsked: the broker asked what became of it, and was told the Choice.
	StepAsked StepKind = 4
)

// StepKinds of a message that waits for its time.
const (
	// StepRecalled: its broker said that it took it back.
	StepRecalled StepKind = 5
	// StepRecalling: it is not known whether it did.
	StepRecalling StepKind = 6
)

// Step is what happened to a half message, or to one that waits for its time, behind its
// receipt.
type Step struct {
	// Of is the number of the Leave's record.
	Of   uint64
	Kind StepKind
	// Choice is what was decided, done or answered.
	Choice Transaction
	At     time.Time
	// Broker, Record and Offset are where the half message lies, with StepAsked: each
	// time a broker asks it has stored it anew.
	Broker         string
	Record, Offset int64
	// Fault is why the broker was not told, or what it refused.
	Fault *fault.Fault
}

// choices are in the order of their numbers in records.
func choices() [4]Transaction { return [...]Transaction{NoTransaction, Commit, Rollback, Undecided} }

// AppendStep appends s as a record of kind step.
func AppendStep(dst []byte, s *Step) []byte {
	start := len(dst)
	dst = appendHeader(dst, &Record{Kind: KindStep, ArrivedAt: s.At, Broker: s.Broker})
	dst = append(binary.AppendUvarint(dst, s.Of), byte(s.Kind))
	number := 0
	for i, c := range choices() {
		if c == s.Choice {
			number = i
		}
	}
	dst = append(dst, byte(number))
	dst = binary.AppendVarint(binary.AppendVarint(dst, s.Record), s.Offset)
	if s.Fault != nil {
		if why, err := json.Marshal(s.Fault); err == nil { // of texts and numbers only
			dst = append(dst, why...)
		}
	}
	return finish(dst, start)
}

// Step decodes a record of kind step.
func (r *Record) Step() (*Step, error) {
	if r.Kind != KindStep {
		return nil, fmt.Errorf("%w: kind %d", fault.Damaged, r.Kind)
	}
	in := fields{b: r.Payload}
	s := &Step{Of: in.uvarint(), Kind: StepKind(in.byte()), At: r.ArrivedAt, Broker: r.Broker}
	all := choices()
	if n := int(in.byte()); n < len(all) {
		s.Choice = all[n]
	}
	s.Record, s.Offset = in.varint(), in.varint()
	if in.err == nil && len(in.b) > 0 {
		s.Fault = &fault.Fault{}
		in.err = json.Unmarshal(in.b, s.Fault)
	}
	return s, in.damaged()
}
