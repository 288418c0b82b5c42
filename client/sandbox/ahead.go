package sandbox

import (
	"errors"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/sandbox/store"
)

const (
	// aheadMost is how many messages are read together at most, and aheadBytes into how
	// many bytes.
	aheadMost  = 64
	aheadBytes = 64 << 10
	// aheadBuffers bounds how many pulls read several together at a time; the others read
	// one by one. They are not counted with the answers.
	aheadBuffers = 4
)

// ahead reads the messages of a queue one behind another, some together.
type ahead struct {
	s      *broker
	f      *filter
	buf    []byte // nil where all buffers are in use
	wanted []store.Entry
	// payloads are read already: of the first wanted.
	payloads [][]byte
	alone    bool // messages of this queue lie too far from each other
}

// lookAhead begins to read; close is to be called.
func (s *broker) lookAhead(f *filter) *ahead {
	l := &ahead{s: s, f: f}
	select {
	case l.buf = <-s.buffers:
	default:
	}
	return l
}

func (l *ahead) close() {
	if l.buf != nil {
		l.s.buffers <- l.buf
	}
}

// take adds the first of the entries to the answer if it passes; at most so many of them are
// wanted. full says that no more fit.
func (l *ahead) take(a *answer, entries []store.Entry, wanted, most int) (full bool, err error) {
	e := entries[0]
	if e.Lost() || !l.f.early(e.Tag) {
		return false, nil
	}
	b, err := l.payload(entries, wanted)
	if errors.Is(err, fault.Evicted) || errors.Is(err, message.ErrDamaged) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if l.f.passes(b) {
		a.body = append(a.body, b...)
		a.count++
	}
	return len(a.body) >= most, nil
}

// payload is the message of the first entry, good until the next call.
func (l *ahead) payload(entries []store.Entry, wanted int) ([]byte, error) {
	if len(l.payloads) == 0 && l.buf != nil && !l.alone {
		l.wanted = l.wanted[:0]
		for _, e := range entries {
			if len(l.wanted) == wanted {
				break
			}
			if !e.Lost() && l.f.early(e.Tag) {
				l.wanted = append(l.wanted, e)
			}
		}
		l.payloads = l.s.store.Near(l.wanted, l.buf)
		l.alone = len(l.payloads) < 2
	}
	if len(l.payloads) == 0 {
		return l.s.store.Payload(entries[0].Record)
	}
	b := l.payloads[0]
	l.payloads = l.payloads[1:]
	return b, nil
}
