package message

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"gantry/client/fault"
)

// Magic numbers of the stored form (MessageVersion.java): the second has a
// topic length of two bytes, for topics over 127 bytes.
const (
	magicV1 = 0xDAA320A7
	magicV2 = 0xDAA320AB
)

// MaxStored bounds a stored message that Gantry takes, in bytes.
const MaxStored = 64 << 20

// Property separators (MessageDecoder.java).
const (
	nameSeparator     = "\x01"
	propertySeparator = "\x02"
)

// AppendStored appends m in RocketMQ's stored form, the one in which brokers
// answer pulls (MessageDecoder.encode). BodyCRC is written as it is, so that an
// inflated body keeps the checksum of the stored one.
func AppendStored(dst []byte, m *Message) []byte {
	start := len(dst)
	magic := uint32(magicV1)
	if len(m.Topic) > 127 {
		magic = magicV2
	}
	born, store := hostBytes(m.BornHost), hostBytes(m.StoreHost)
	flags := m.SysFlag &^ (flagBornHostIPv6 | flagStoreHostIPv6)
	if len(born) == 16 {
		flags |= flagBornHostIPv6
	}
	if len(store) == 16 {
		flags |= flagStoreHostIPv6
	}
	be := binary.BigEndian
	dst = append(dst, 0, 0, 0, 0)
	dst = be.AppendUint32(dst, magic)
	dst = be.AppendUint32(dst, m.BodyCRC)
	dst = be.AppendUint32(dst, uint32(int32(m.QueueID)))
	dst = be.AppendUint32(dst, uint32(m.Flag))
	dst = be.AppendUint64(dst, uint64(m.QueueOffset))
	dst = be.AppendUint64(dst, uint64(m.CommitLogOffset))
	dst = be.AppendUint32(dst, uint32(flags))
	dst = be.AppendUint64(dst, uint64(m.BornAt.UnixMilli()))
	dst = append(dst, born...)
	dst = be.AppendUint32(dst, uint32(m.BornHost.Port()))
	dst = be.AppendUint64(dst, uint64(m.StoredAt.UnixMilli()))
	dst = append(dst, store...)
	dst = be.AppendUint32(dst, uint32(m.StoreHost.Port()))
	dst = be.AppendUint32(dst, uint32(int32(m.ReconsumeTimes)))
	dst = be.AppendUint64(dst, uint64(m.PreparedOffset))
	dst = be.AppendUint32(dst, uint32(len(m.Body)))
	dst = append(dst, m.Body...)
	if magic == magicV2 {
		dst = be.AppendUint16(dst, uint16(len(m.Topic)))
	} else {
		dst = append(dst, byte(len(m.Topic)))
	}
	dst = append(dst, m.Topic...)
	at := len(dst)
	dst = append(dst, 0, 0)
	if m.Properties == nil {
		dst = append(dst, m.StoredProperties...)
	} else {
		dst = appendProperties(dst, m.Properties)
	}
	be.PutUint16(dst[at:], uint16(len(dst)-at-2))
	be.PutUint32(dst[start:], uint32(len(dst)-start))
	return dst
}

func hostBytes(h netip.AddrPort) []byte {
	if !h.IsValid() {
		return make([]byte, 4)
	}
	return h.Addr().AsSlice()
}

// EncodeProperties writes properties as a send carries them.
func EncodeProperties(ps []Property) string { return string(appendProperties(nil, ps)) }

func appendProperties(dst []byte, ps []Property) []byte {
	for i, p := range ps {
		if i > 0 {
			dst = append(dst, propertySeparator...)
		}
		dst = append(dst, p.Name...)
		dst = append(dst, nameSeparator...)
		dst = append(dst, p.Value...)
	}
	return dst
}

// ParseStored reads one stored message from the front of b and returns it with
// the number of bytes that it took. The message's Body and strings share no
// memory with b. Every length is checked before it is used; on damage the error
// is fault.Damaged.
func ParseStored(b []byte) (*Message, int, error) {
	m := &Message{}
	n, err := m.View(b)
	if err != nil {
		return nil, 0, err
	}
	m.Body = append([]byte{}, m.Body...)
	m.Properties, m.StoredProperties = ParseProperties(string(m.StoredProperties)), nil
	return m, n, nil
}

// View makes m what ParseStored returns, for a message that is looked at and not kept: its
// Body is a part of b, and so are its StoredProperties, which are not read; Properties is
// nil. An error leaves m with parts of it.
func (m *Message) View(b []byte) (int, error) {
	r := reader{b: b}
	size := int(int32(r.u32()))
	if r.bad || size < 4 || size > MaxStored || size > len(b) {
		return 0, fmt.Errorf("%w: size %d in %d bytes", fault.Damaged, size, len(b))
	}
	r.b = b[4:size]
	magic := r.u32()
	if magic != magicV1 && magic != magicV2 {
		return 0, fmt.Errorf("%w: magic %08x", fault.Damaged, magic)
	}
	*m = Message{StoreSize: size, Topic: m.Topic}
	m.BodyCRC = r.u32()
	m.QueueID = int(int32(r.u32()))
	m.Flag = int32(r.u32())
	m.QueueOffset = int64(r.u64())
	m.CommitLogOffset = int64(r.u64())
	m.SysFlag = int32(r.u32())
	m.BornAt = time.UnixMilli(int64(r.u64()))
	m.BornHost = r.host(m.SysFlag&flagBornHostIPv6 != 0)
	m.StoredAt = time.UnixMilli(int64(r.u64()))
	m.StoreHost = r.host(m.SysFlag&flagStoreHostIPv6 != 0)
	m.ReconsumeTimes = int(int32(r.u32()))
	m.PreparedOffset = int64(r.u64())
	m.Body = r.take(int(int32(r.u32())))
	length := 0
	if magic == magicV2 {
		length = int(r.u16())
	} else {
		length = int(r.u8())
	}
	// Most that are looked at one behind another are of one topic.
	if topic := r.take(length); string(topic) != m.Topic {
		m.Topic = string(topic)
	}
	m.StoredProperties = r.take(int(r.u16()))
	if r.bad {
		return 0, fmt.Errorf("%w: a length points past its end", fault.Damaged)
	}
	return size, nil
}

// Places in the stored form.
const (
	queueIDAt     = 12
	queueOffsetAt = 20
	commitLogAt   = 28
	sysFlagAt     = 36
	bornHostAt    = 48
)

// CutStored cuts the first of several stored messages off b, undecoded; the error
// is fault.Damaged.
func CutStored(b []byte) (one, rest []byte, err error) {
	if len(b) < 4 {
		return nil, nil, fmt.Errorf("%w: %d bytes", fault.Damaged, len(b))
	}
	n := int(int32(binary.BigEndian.Uint32(b)))
	if n < bornHostAt || n > MaxStored || n > len(b) {
		return nil, nil, fmt.Errorf("%w: size %d in %d bytes", fault.Damaged, n, len(b))
	}
	return b[:n], b[n:], nil
}

// StoredAt reads when a stored message was stored, without decoding the rest; ok
// is false where it is too short to tell.
func StoredAt(stored []byte) (t time.Time, ok bool) {
	if len(stored) < bornHostAt {
		return time.Time{}, false
	}
	at := bornHostAt + 8
	if binary.BigEndian.Uint32(stored[sysFlagAt:])&flagBornHostIPv6 != 0 {
		at = bornHostAt + 20
	}
	if len(stored) < at+8 {
		return time.Time{}, false
	}
	return time.UnixMilli(int64(binary.BigEndian.Uint64(stored[at:]))), true
}

// StoredBody returns the body of a stored message as a part of it; ok is false where
// it is too short, or a length points past its end.
func StoredBody(stored []byte) (body []byte, ok bool) {
	if len(stored) < bornHostAt {
		return nil, false
	}
	flags := binary.BigEndian.Uint32(stored[sysFlagAt:])
	at := bornHostAt + 4 + 4 + 8 + 4 + 4 + 4 + 8
	for _, v6 := range []uint32{flagBornHostIPv6, flagStoreHostIPv6} {
		if flags&v6 != 0 {
			at += 16 - 4
		}
	}
	r := reader{b: stored}
	r.take(at)
	body = r.take(int(int32(r.u32())))
	return body, !r.bad
}

// QueueID reads the queue's number of a stored message that CutStored returned.
func QueueID(stored []byte) int {
	return int(int32(binary.BigEndian.Uint32(stored[queueIDAt:])))
}

// QueueOffset reads the queue offset of a stored message that CutStored returned.
func QueueOffset(stored []byte) int64 {
	return int64(binary.BigEndian.Uint64(stored[queueOffsetAt:]))
}

// CommitLogOffset reads where a stored message that CutStored returned lies in its
// broker's commit log: in the order in which the broker stored.
func CommitLogOffset(stored []byte) int64 {
	return int64(binary.BigEndian.Uint64(stored[commitLogAt:]))
}

// ParseProperties reads properties in their stored form. What has no name
// separator is no property and is left out, as RocketMQ's own clients do.
func ParseProperties(s string) []Property {
	if s == "" {
		return nil
	}
	ps := make([]Property, 0, strings.Count(s, propertySeparator)+1)
	for part := range strings.SplitSeq(s, propertySeparator) {
		if name, value, ok := strings.Cut(part, nameSeparator); ok {
			ps = append(ps, Property{Name: name, Value: value})
		}
	}
	return ps
}

// reader takes big-endian values from the front of b; once b is too short, bad
// is set and all values are zero.
type reader struct {
	b   []byte
	bad bool
}

func (r *reader) take(n int) []byte {
	if r.bad || n < 0 || n > len(r.b) {
		r.bad = true
		return nil
	}
	v := r.b[:n]
	r.b = r.b[n:]
	return v
}

func (r *reader) u8() uint8 {
	if v := r.take(1); v != nil {
		return v[0]
	}
	return 0
}

func (r *reader) u16() uint16 {
	if v := r.take(2); v != nil {
		return binary.BigEndian.Uint16(v)
	}
	return 0
}

func (r *reader) u32() uint32 {
	if v := r.take(4); v != nil {
		return binary.BigEndian.Uint32(v)
	}
	return 0
}

func (r *reader) u64() uint64 {
	if v := r.take(8); v != nil {
		return binary.BigEndian.Uint64(v)
	}
	return 0
}

func (r *reader) host(v6 bool) netip.AddrPort {
	n := 4
	if v6 {
		n = 16
	}
	a, _ := netip.AddrFromSlice(r.take(n))
	return netip.AddrPortFrom(a, uint16(r.u32()))
}

// Move puts stored messages, one behind the other, into another queue: its number, and
// offsets so much higher. It changes them in place, up to where they are damaged.
func Move(stored []byte, queue int, ahead int64) {
	for len(stored) > 0 {
		one, rest, err := CutStored(stored)
		if err != nil {
			return
		}
		binary.BigEndian.PutUint32(one[queueIDAt:], uint32(int32(queue)))
		binary.BigEndian.PutUint64(one[queueOffsetAt:], uint64(QueueOffset(one)+ahead))
		stored = rest
	}
}
