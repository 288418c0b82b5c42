package message

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"gantry/client/fault"
)

// Kind says what a record holds.
type Kind uint8

// Kinds of records. Nothing in a journal is updated in place: a later record
// refers to an earlier one by its id.
const (
	KindMessage Kind = 1 // a message in RocketMQ's stored form
	KindReceipt Kind = 2 // what came of a message that was sent, see Outcome
	// KindDone says of an earlier message of the sandbox's that it is over: a
	// delayed one that was due, a half one that was decided. Its payload is the
	// number of that record, big-endian.
	KindDone Kind = 3
	// KindChange is a change of the sandbox's topics, groups or offsets, as JSON.
	KindChange Kind = 4
	// KindDraft is a message before it leaves, see Leave; KindArrival says that it was
	// read back; KindBegin that another one sends from here on.
	KindDraft   Kind = 5
	KindArrival Kind = 6
	KindBegin   Kind = 7
	// KindStep is what happened to a half message behind its receipt, see Step.
	KindStep Kind = 8
	// KindReply is the reply to a request, see Reply.
	KindReply Kind = 9
)

// A record is
//
//	uint32  size of the whole record in bytes, itself included
//	uint32  CRC-32C of all that follows
//	uint8   kind
//	uint8   flags
//	uint16  length of the broker's name
//	uint32  the broker's StoreSize of the message, 0 if it is the payload's
//	int64   time of arrival, Unix nanoseconds
//	broker's name, payload
//
// little-endian, unlike the payload, which is RocketMQ's own big-endian form.
const (
	// RecordHeader is the size of a record before the broker's name, in bytes.
	RecordHeader = 24
	// RecordKind is where in it the kind stands.
	RecordKind = 8
	// MaxRecord bounds a record, in bytes.
	MaxRecord    = MaxStored + RecordHeader + 1<<16
	flagInflated = 0x1
	flagHalf     = 0x2
)

// Errors of ParseRecord.
var (
	// ErrShort says that the bytes end before the record does: more may come.
	ErrShort = errors.New("record is not complete")
	// ErrDamaged says that the bytes are no record: a length out of bounds or a
	// checksum that does not match.
	ErrDamaged = errors.New("record is damaged")
)

// Record is one entry of a journal.
type Record struct {
	Kind     Kind
	Inflated bool
	// Half: a draft that leaves as a half message, see Transaction.
	Half bool
	// StoreSize is what the broker stores of the message, in bytes, where the
	// payload differs from it (an inflated body); else 0.
	StoreSize int
	ArrivedAt time.Time
	Broker    string
	Payload   []byte
}

// AppendMessage appends m as a record of kind message.
func AppendMessage(dst []byte, m *Message) []byte {
	start := len(dst)
	r := Record{Kind: KindMessage, Inflated: m.Inflated, ArrivedAt: m.ArrivedAt, Broker: m.Broker}
	if m.Inflated {
		r.StoreSize = m.StoreSize
	}
	dst = appendHeader(dst, &r)
	dst = AppendStored(dst, m)
	return finish(dst, start)
}

// AppendRecord appends r in its binary form.
func AppendRecord(dst []byte, r *Record) []byte {
	start := len(dst)
	dst = appendHeader(dst, r)
	dst = append(dst, r.Payload...)
	return finish(dst, start)
}

func appendHeader(dst []byte, r *Record) []byte {
	le := binary.LittleEndian
	var flags byte
	if r.Inflated {
		flags |= flagInflated
	}
	if r.Half {
		flags |= flagHalf
	}
	broker := r.Broker
	if len(broker) > 1<<16-1 {
		broker = broker[:1<<16-1]
	}
	dst = append(dst, 0, 0, 0, 0, 0, 0, 0, 0, byte(r.Kind), flags)
	dst = le.AppendUint16(dst, uint16(len(broker)))
	dst = le.AppendUint32(dst, uint32(r.StoreSize))
	dst = le.AppendUint64(dst, uint64(r.ArrivedAt.UnixNano()))
	return append(dst, broker...)
}

func finish(dst []byte, start int) []byte {
	rec := dst[start:]
	binary.LittleEndian.PutUint32(rec, uint32(len(rec)))
	binary.LittleEndian.PutUint32(rec[4:], crc32.Checksum(rec[8:], castagnoli()))
	return dst
}

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }

// RecordSize returns the size in bytes of the record that starts b, which need
// not be complete, once its first 8 bytes are there: else ErrShort. ErrDamaged
// says that no record can start so.
func RecordSize(b []byte) (int, error) {
	if len(b) < 8 {
		return 0, ErrShort
	}
	n := int64(binary.LittleEndian.Uint32(b))
	if n < RecordHeader || n > MaxRecord {
		return 0, fmt.Errorf("%w: size %d", ErrDamaged, n)
	}
	return int(n), nil
}

// MayBeRecord tells whether a record can start b, by its header alone: for
// finding records behind damage. It is quick, and wrong now and then; CheckRecord
// is not.
func MayBeRecord(b []byte) bool {
	if len(b) < RecordHeader {
		return false
	}
	// Not RecordSize, whose error costs more than all else where this is asked of each
	// byte of a file.
	n := int64(binary.LittleEndian.Uint32(b))
	return n >= RecordHeader && n <= MaxRecord && Kind(b[8]) >= KindMessage && Kind(b[8]) <= KindReply && b[9]&^(flagInflated|flagHalf) == 0 &&
		RecordHeader+int64(binary.LittleEndian.Uint16(b[10:])) <= n
}

// CheckRecord tells the size of the record that starts b and whether its
// checksum holds: ErrShort if b ends first, ErrDamaged if it does not.
func CheckRecord(b []byte) (int, error) {
	n, err := RecordSize(b)
	switch {
	case err != nil:
		return 0, err
	case len(b) < n:
		return 0, ErrShort
	case crc32.Checksum(b[8:n], castagnoli()) != binary.LittleEndian.Uint32(b[4:]):
		return 0, fmt.Errorf("%w: checksum", ErrDamaged)
	}
	return n, nil
}

// ParseRecord checks and reads the record that starts b. The payload shares
// memory with b.
func ParseRecord(b []byte) (*Record, int, error) {
	n, err := CheckRecord(b)
	if err != nil {
		return nil, 0, err
	}
	r, err := CheckedRecord(b[:n])
	return r, n, err
}

// CheckedRecord is ParseRecord for a whole record whose checksum is known to hold.
func CheckedRecord(b []byte) (*Record, error) {
	if len(b) < RecordHeader {
		return nil, ErrShort
	}
	n := len(b)
	le := binary.LittleEndian
	broker := int(le.Uint16(b[10:]))
	if RecordHeader+broker > n {
		return nil, fmt.Errorf("%w: broker name", ErrDamaged)
	}
	return &Record{
		Kind:      Kind(b[8]),
		Inflated:  b[9]&flagInflated != 0,
		Half:      b[9]&flagHalf != 0,
		StoreSize: int(le.Uint32(b[12:])),
		ArrivedAt: time.Unix(0, int64(le.Uint64(b[16:]))),
		Broker:    string(b[RecordHeader : RecordHeader+broker]),
		Payload:   b[RecordHeader+broker : n],
	}, nil
}

// ViewRecord makes m what Message returns for a record that was checked, as View does, but
// for the broker's name.
func (m *Message) ViewRecord(rec []byte) error {
	stored, ok := Payload(rec)
	if !ok || Kind(rec[RecordKind]) != KindMessage {
		return ErrDamaged
	}
	_, err := m.View(stored)
	m.Inflated = rec[RecordKind+1]&flagInflated != 0
	return err
}

// Payload is what a record that was checked holds, as a part of it; ok is false where it
// is too short.
func Payload(rec []byte) (payload []byte, ok bool) {
	if len(rec) < RecordHeader {
		return nil, false
	}
	n := RecordHeader + int(binary.LittleEndian.Uint16(rec[10:]))
	if n > len(rec) {
		return nil, false
	}
	return rec[n:], true
}

// Place reads where the message of a record that was checked lies, without decoding
// the rest: broker is a part of rec. ok is false for records of other kinds.
func Place(rec []byte) (broker []byte, queue int, offset int64, ok bool) {
	if len(rec) < RecordHeader || Kind(rec[8]) != KindMessage {
		return nil, 0, 0, false
	}
	n := RecordHeader + int(binary.LittleEndian.Uint16(rec[10:]))
	if n > len(rec) {
		return nil, 0, 0, false
	}
	one, _, err := CutStored(rec[n:])
	if err != nil {
		return nil, 0, 0, false
	}
	return rec[RecordHeader:n], QueueID(one), QueueOffset(one), true
}

// Message decodes a record of kind message.
func (r *Record) Message() (*Message, error) {
	if r.Kind != KindMessage {
		return nil, fmt.Errorf("%w: kind %d", fault.Damaged, r.Kind)
	}
	m, _, err := ParseStored(r.Payload)
	if err != nil {
		return nil, err
	}
	m.Broker, m.ArrivedAt, m.Inflated = r.Broker, r.ArrivedAt, r.Inflated
	if r.StoreSize != 0 {
		m.StoreSize = r.StoreSize
	}
	return m, nil
}
