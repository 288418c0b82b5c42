package message

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"iter"
)

// Bits of SysFlag that together mark an inner batch: one stored message that holds
// several, as topics of queue.type=BatchCQ keep them (MessageSysFlag.java,
// NEED_UNWRAP_FLAG and INNER_BATCH_FLAG; RIP-26).
const innerBatch = 0x40 | 0x80

// innerHeader is the size of an inner message before its body, in bytes: size, magic,
// checksum, flag, length of the body.
const innerHeader = 5 * 4

// errInner says that an inner batch is not what it should be.
var errInner = errors.New("not an inner batch")

// Wrapped tells whether the message holds several, see Unwrap.
func (m *Message) Wrapped() bool { return m.SysFlag&innerBatch == innerBatch }

// Wrapped tells whether a stored message holds several, which Unwrapped takes apart.
func Wrapped(stored []byte) bool {
	return len(stored) >= bornHostAt && binary.BigEndian.Uint32(stored[sysFlagAt:])&innerBatch == innerBatch
}

// Unwrapped returns stored messages, one behind the other, each in a stored form of its
// own: what holds several is taken apart, all else stays as it is to the byte, damage
// too. Of one that holds several those before from are left out, because brokers answer
// with a whole batch where its middle was asked for. What is taken apart takes MaxStored
// bytes at most; what would take more, or cannot be read, stays whole. With nothing to take
// apart the result is stored itself.
func Unwrapped(stored []byte, from int64) []byte {
	if !anyWrapped(stored) {
		return stored
	}
	var out []byte
	for len(stored) > 0 {
		one, rest, err := CutStored(stored)
		if err != nil {
			return append(out, stored...)
		}
		out, stored = appendInner(out, one, from), rest
	}
	return out
}

func anyWrapped(stored []byte) bool {
	for len(stored) > 0 {
		one, rest, err := CutStored(stored)
		if err != nil {
			return false
		}
		if Wrapped(one) {
			return true
		}
		stored = rest
	}
	return false
}

// appendInner appends the messages that a stored one holds, or itself.
func appendInner(dst, stored []byte, from int64) []byte {
	begin := len(dst)
	if !Wrapped(stored) {
		return append(dst, stored...)
	}
	m, _, err := ParseStored(stored)
	if err != nil {
		return append(dst, stored...)
	}
	for in, err := range inner(m, MaxStored) {
		if err == nil && in.QueueOffset >= from {
			dst = AppendStored(dst, in)
		}
		if err != nil || len(dst)-begin > MaxStored {
			return append(dst[:begin], stored...)
		}
	}
	return dst
}

// Unwrap returns the messages that m holds, or m alone where it holds none, they cannot be
// read, or they take more than most bytes: nothing gets lost. The first has m's queue
// offset, each other the next one; flag, body and properties are their own, all else is
// m's (MessageDecoder.java, decodeMessage). Bodies share memory with m's.
func Unwrap(m *Message, most int) []*Message {
	if !m.Wrapped() {
		return []*Message{m}
	}
	var all []*Message
	size := 0
	for in, err := range inner(m, most) {
		if err != nil {
			return []*Message{m}
		}
		one := *in
		one.Properties, one.StoredProperties = ParseProperties(string(in.StoredProperties)), nil
		one.StoreSize = bornHostAt + 43 + len(one.Body) + len(one.Topic) + len(in.StoredProperties)
		if size += one.StoreSize; size > most {
			return []*Message{m}
		}
		all = append(all, &one)
	}
	return all
}

// inner walks over the messages in m's body: each is the same value, changed. An error is
// the last that comes.
func inner(m *Message, most int) iter.Seq2[*Message, error] {
	return func(yield func(*Message, error) bool) {
		rest, ok := m.Unpacked(most)
		if !ok || len(rest) == 0 {
			yield(nil, errInner)
			return
		}
		one := *m
		one.SysFlag &^= innerBatch | flagCompressed | compressionMask
		one.Inflated, one.Properties = false, nil
		for ; len(rest) > 0; one.QueueOffset++ {
			var err error
			if rest, err = one.cutInner(rest); !yield(&one, err) || err != nil {
				return
			}
		}
	}
}

// cutInner takes the first of several messages off b, in the form in which a producer
// sends a batch (MessageDecoder.java, encodeMessage).
func (m *Message) cutInner(b []byte) (rest []byte, err error) {
	r := reader{b: b}
	size := int(int32(r.u32()))
	if r.bad || size < innerHeader+2 || size > len(b) {
		return nil, fmt.Errorf("%w: size %d in %d bytes", errInner, size, len(b))
	}
	r.b = b[4:size]
	r.take(8) // magic and checksum, which producers leave empty
	m.Flag = int32(r.u32())
	m.Body = r.take(int(int32(r.u32())))
	m.StoredProperties = r.take(int(r.u16()))
	if r.bad {
		return nil, fmt.Errorf("%w: a length points past its end", errInner)
	}
	m.BodyCRC = crc32.ChecksumIEEE(m.Body) & 0x7FFFFFFF
	return b[size:], nil
}
