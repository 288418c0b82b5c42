package message

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"gantry/client/fault"
)

// A journal of sends holds, for each message, a Leave before it leaves, a Receipt once
// there is one, Steps where it left as a half message, and an Arrival once it was read back. The later ones name the number of
// the Leave's record: nothing is updated in place. A Leave without a Receipt is uncertain
// as soon as nobody sends any more.

// Leave is a message that is about to be sent.
type Leave struct {
	// Seq is its place in its run, from 0; 0 where it is no part of one. Attempt is how
	// often it left before.
	Seq     int64
	Attempt int
	// At is when it was made, in milliseconds: dynamic values are of that time.
	At time.Time
	// Row is where its row stands in the run's source, in bytes; -1 without a source.
	Row int64
	// ID is the unique id under which it is found at the broker.
	ID string
	// Half: it leaves as a half message.
	Half bool
	// Draft is the message; nil in a run, whose plan makes it again.
	Draft *Draft
}

// AppendLeave appends l as a record of kind draft.
func AppendLeave(dst []byte, l *Leave) ([]byte, error) {
	start := len(dst)
	half := l.Half || l.Draft != nil && l.Draft.Transaction != NoTransaction
	dst = appendHeader(dst, &Record{Kind: KindDraft, ArrivedAt: l.At, Half: half})
	dst = binary.AppendUvarint(dst, uint64(l.Seq))
	dst = binary.AppendUvarint(dst, uint64(l.Attempt))
	dst = binary.AppendVarint(dst, l.Row)
	dst = appendText(dst, l.ID)
	if l.Draft != nil {
		head, err := json.Marshal(l.Draft)
		if err != nil {
			return dst[:start], err
		}
		dst = append(appendText(dst, string(head)), l.Draft.Body...)
	}
	return finish(dst, start), nil
}

// LeaveHead decodes a record of kind draft without its id and its draft.
func (r *Record) LeaveHead() (*Leave, error) {
	l, in, err := r.leave()
	if err != nil {
		return nil, err
	}
	return l, in.damaged()
}

// leave reads what stands before the id.
func (r *Record) leave() (*Leave, *fields, error) {
	if r.Kind != KindDraft {
		return nil, nil, fmt.Errorf("%w: kind %d", fault.Damaged, r.Kind)
	}
	in := &fields{b: r.Payload}
	return &Leave{Seq: int64(in.uvarint()), Attempt: int(in.uvarint()), Row: in.varint(), At: r.ArrivedAt, Half: r.Half}, in, nil
}

// Leave decodes a record of kind draft. The draft's body shares memory with the record.
func (r *Record) Leave() (*Leave, error) {
	l, in, err := r.leave()
	if err != nil {
		return nil, err
	}
	if l.ID = in.text(); in.err == nil && len(in.b) > 0 {
		l.Draft = &Draft{}
		if head := in.text(); in.err == nil {
			in.err = l.Draft.read(head)
		}
		l.Draft.Body = in.b
		l.Half = l.Half || l.Draft.Transaction != NoTransaction
	}
	return l, in.damaged()
}

// Outcome is a receipt with the message that it is of.
type Outcome struct {
	// Of is the number of the Leave's record.
	Of uint64
	Receipt
}

// statuses are in the order of their numbers in records, from 1 on.
func statuses() [7]Status {
	return [...]Status{StatusOK, StatusFlushDiskTimeout, StatusFlushSlaveTimeout, StatusSlaveNotAvailable, StatusUncertain, StatusFailed, StatusHandedOver}
}

// numberOf is the number of a status in a record.
func numberOf(s Status) int {
	all := statuses()
	return slices.Index(all[:], s) + 1
}

// statusOf is the status of a number in a record, "" for none.
func statusOf(n byte) Status {
	if all := statuses(); n > 0 && int(n) <= len(all) {
		return all[n-1]
	}
	return ""
}

// AppendOutcome appends o as a record of kind receipt. Its Topic is the draft's and not kept.
func AppendOutcome(dst []byte, o *Outcome) []byte {
	start := len(dst)
	dst = appendHeader(dst, &Record{Kind: KindReceipt, ArrivedAt: o.SentAt.Add(o.Took), Broker: o.Broker})
	dst = binary.AppendUvarint(dst, o.Of)
	dst = append(dst, byte(numberOf(o.Status)))
	dst = binary.AppendUvarint(dst, uint64(max(o.Took.Microseconds(), 0)))
	dst = binary.AppendUvarint(dst, uint64(o.QueueID))
	dst = binary.AppendVarint(dst, o.QueueOffset)
	dst = binary.AppendVarint(dst, unixMilli(o.Due))
	dst = appendText(appendText(dst, o.MessageID), o.OffsetMessageID)
	if o.Fault != nil {
		if why, err := json.Marshal(o.Fault); err == nil { // of texts and numbers only
			dst = append(dst, why...)
		}
	}
	return finish(dst, start)
}

// OutcomeHead decodes a record of kind receipt as far as its status and how long it took.
func (r *Record) OutcomeHead() (*Outcome, error) {
	o, in, err := r.outcome()
	if err != nil {
		return nil, err
	}
	return o, in.damaged()
}

func (r *Record) outcome() (*Outcome, *fields, error) {
	if r.Kind != KindReceipt {
		return nil, nil, fmt.Errorf("%w: kind %d", fault.Damaged, r.Kind)
	}
	in := &fields{b: r.Payload}
	o := &Outcome{Of: in.uvarint()}
	o.Broker = r.Broker
	if o.Status = statusOf(in.byte()); o.Status == "" && in.err == nil {
		in.err = errors.New("status")
	}
	o.Took = time.Duration(in.uvarint()) * time.Microsecond
	o.SentAt = r.ArrivedAt.Add(-o.Took)
	return o, in, nil
}

// Outcome decodes a record of kind receipt.
func (r *Record) Outcome() (*Outcome, error) {
	o, in, err := r.outcome()
	if err != nil {
		return nil, err
	}
	o.QueueID, o.QueueOffset = int(in.uvarint()), in.varint()
	o.Due = fromMilli(in.varint())
	o.MessageID, o.OffsetMessageID = in.text(), in.text()
	if in.err == nil && len(in.b) > 0 {
		o.Fault = &fault.Fault{}
		in.err = json.Unmarshal(in.b, o.Fault)
	}
	return o, in.damaged()
}

// Proof says what reading a message back came to.
type Proof byte

// The proofs.
const (
	// ProofArrived: it is there, to the byte as it was sent.
	ProofArrived Proof = 1
	// ProofDiffers: it is there, and not as it was sent.
	ProofDiffers Proof = 2
	// ProofMissing: another message stands at its place.
	ProofMissing Proof = 3
	// ProofNotFound: the brokers that keep the topic know no message of its id.
	ProofNotFound Proof = 4
	// ProofUnread: its place could not be read.
	ProofUnread Proof = 5
)

// Arrival is what reading a message back came to.
type Arrival struct {
	// Of is the number of the Leave's record.
	Of    uint64
	Proof Proof
	// SeenAt is when it was read, by this computer's clock; StoredAt by the broker's.
	SeenAt, StoredAt time.Time
	// Broker, QueueID and QueueOffset are where it was found, or looked for.
	Broker      string
	QueueID     int
	QueueOffset int64
	// Fault is why it could not be read.
	Fault *fault.Fault
	// UpTo says, with ProofNotFound, where the queues of the topic ended when they were
	// looked through: "broker-a/0:120 broker-a/1:98".
	UpTo string
	// Copies is how many messages of its id there are, where that is more than one.
	Copies int
}

// arrivalMore is what only some arrivals have, behind their fields; its names never
// change, because records hold them.
type arrivalMore struct {
	*fault.Fault
	UpTo   string `json:"upTo,omitempty"`
	Copies int    `json:"copies,omitempty"`
}

// AppendArrival appends a as a record of kind arrival.
func AppendArrival(dst []byte, a *Arrival) []byte {
	start := len(dst)
	dst = appendHeader(dst, &Record{Kind: KindArrival, ArrivedAt: a.SeenAt, Broker: a.Broker})
	dst = append(binary.AppendUvarint(dst, a.Of), byte(a.Proof))
	dst = binary.AppendVarint(dst, unixMilli(a.StoredAt))
	dst = binary.AppendUvarint(dst, uint64(a.QueueID))
	dst = binary.AppendVarint(dst, a.QueueOffset)
	if a.Fault != nil || a.UpTo != "" || a.Copies > 0 {
		if more, err := json.Marshal(arrivalMore{a.Fault, a.UpTo, a.Copies}); err == nil {
			dst = append(dst, more...)
		}
	}
	return finish(dst, start)
}

// Arrival decodes a record of kind arrival.
func (r *Record) Arrival() (*Arrival, error) {
	if r.Kind != KindArrival {
		return nil, fmt.Errorf("%w: kind %d", fault.Damaged, r.Kind)
	}
	in := fields{b: r.Payload}
	a := &Arrival{Of: in.uvarint(), Proof: Proof(in.byte()), SeenAt: r.ArrivedAt, Broker: r.Broker}
	a.StoredAt = fromMilli(in.varint())
	a.QueueID, a.QueueOffset = int(in.uvarint()), in.varint()
	if in.err == nil && len(in.b) > 0 {
		more := arrivalMore{Fault: &fault.Fault{}}
		in.err = json.Unmarshal(in.b, &more)
		if a.UpTo, a.Copies = more.UpTo, more.Copies; more.Code != "" || more.Raw != "" || a.UpTo == "" && a.Copies == 0 {
			a.Fault = more.Fault
		}
	}
	return a, in.damaged()
}

// AppendBegin appends the record with which one who sends begins: what left before it
// and has no receipt gets none any more.
func AppendBegin(dst []byte, at time.Time) []byte {
	return AppendRecord(dst, &Record{Kind: KindBegin, ArrivedAt: at})
}

func unixMilli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMilli(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms)
}

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// fields reads what a payload is made of; the first error stays.
type fields struct {
	b   []byte
	err error
}

var errField = errors.New("a field is cut short")

func (f *fields) cut(n int) []byte {
	if f.err != nil || n < 0 || n > len(f.b) {
		f.err, f.b = errors.Join(f.err, errField), nil
		return nil
	}
	out := f.b[:n]
	f.b = f.b[n:]
	return out
}

func (f *fields) uvarint() uint64 {
	v, n := binary.Uvarint(f.b)
	if f.cut(n); n <= 0 {
		f.err = errors.Join(f.err, errField)
	}
	return v
}

func (f *fields) varint() int64 {
	v, n := binary.Varint(f.b)
	if f.cut(n); n <= 0 {
		f.err = errors.Join(f.err, errField)
	}
	return v
}

func (f *fields) byte() byte {
	if b := f.cut(1); b != nil {
		return b[0]
	}
	return 0
}

func (f *fields) text() string {
	n := f.uvarint()
	if n > uint64(len(f.b)) {
		f.err = errors.Join(f.err, errField)
		return ""
	}
	return string(f.cut(int(n)))
}

func (f *fields) damaged() error {
	if f.err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, f.err)
	}
	return nil
}
