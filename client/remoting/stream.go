package remoting

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"time"

	"gantry/client/fault"
)

const (
	// streamBuffer is how much a Stream reads at once, in bytes: several answers to
	// pulls. It grows for a frame that is larger, and shrinks again behind it.
	streamBuffer = 512 << 10
	// keptBuffer is the largest buffer that is kept for smaller frames.
	keptBuffer = 1 << 20
)

// Stream is a connection of one goroutine, which asks much and takes the answers as
// they come. Conn hands each answer from one goroutine to another and gives it memory
// of its own; for pulls of 32 small messages that costs more than reading them.
//
// Only Interrupt and Close may be called from other goroutines.
type Stream struct {
	addr string
	cfg  Config
	nc   net.Conn
	// in[from:to] was read and not yet returned.
	in       []byte
	from, to int
	out      []byte // asked, and not yet sent
	opaque   int32
	spoken   bool      // a frame has come before
	heard    time.Time // when bytes came last

	interrupted atomic.Bool
}

// OpenStream connects to addr (host:port). Its errors are those of Open.
func OpenStream(ctx context.Context, addr string, cfg Config) (*Stream, error) {
	cfg.CallTimeout = cmp.Or(cfg.CallTimeout, DefaultCallTimeout)
	nc, err := Open(ctx, addr, cfg)
	if err != nil {
		return nil, err
	}
	return &Stream{addr: addr, cfg: cfg, nc: nc, in: make([]byte, streamBuffer)}, nil
}

// Addr is the address that was dialled, host:port.
func (s *Stream) Addr() string { return s.addr }

// Close ends the connection; a Read under way fails.
func (s *Stream) Close() error { return s.nc.Close() }

// Heard is when bytes came last, also those of an answer that is not whole yet; zero
// before the first.
func (s *Stream) Heard() time.Time { return s.heard }

// Interrupt has the Read under way, or the next one that finds no answer at hand,
// return early.
func (s *Stream) Interrupt() {
	s.interrupted.Store(true)
	_ = s.nc.SetReadDeadline(time.Unix(1, 0)) // in the past: it wakes the reader
}

// Ask puts a signed copy of cmd into what the next Read sends, and returns the opaque
// that its answer will have. The error is fault.TooLarge.
func (s *Stream) Ask(cmd *Command) (int32, error) {
	s.opaque = max(s.opaque+1, 1) // wraps to 1
	out, err := AppendFrame(s.out, cmd.prepared(s.opaque, s.cfg.Credentials))
	if err != nil {
		return 0, fmt.Errorf("%s: %w", s.addr, err)
	}
	s.out = out
	return s.opaque, nil
}

// Read returns the next answer, whatever its code; its Body is valid until the next
// Read. Answers that are at hand are returned before anything is sent, so that
// questions that follow from them go out together. Without an answer until the given
// time, or when interrupted, it returns nil. An error ends the stream; it is one of
// Conn.Call's.
func (s *Stream) Read(until time.Time) (*Command, error) {
	for {
		cmd, err := s.cut()
		if err != nil {
			return nil, s.broken(err)
		}
		s.spoken = s.spoken || cmd != nil
		switch {
		case cmd == nil:
			if err := s.send(); err != nil {
				return nil, err
			}
			if more, err := s.fill(until); !more {
				return nil, err
			}
		case cmd.IsResponse():
			cmd.Remark = s.cfg.Credentials.redact(cmd.Remark)
			return cmd, nil
		} // else a request of the server's, such as NotifyConsumersChanged
	}
}

// cut returns the next whole frame of what was read, nil if there is none.
func (s *Stream) cut() (*Command, error) {
	have := s.in[s.from:s.to]
	if len(have) < 4 {
		return nil, nil
	}
	n := binary.BigEndian.Uint32(have)
	if err := checkLength([4]byte(have), n); err != nil {
		return nil, err
	}
	if len(have)-4 < int(n) {
		return nil, nil
	}
	s.from += 4 + int(n)
	return Decode(have[4 : 4+n])
}

// fill reads what is there; more is false when nothing came until the given time.
func (s *Stream) fill(until time.Time) (more bool, err error) {
	s.room()
	_ = s.nc.SetReadDeadline(until) // a closed connection shows at the reading
	if s.interrupted.Swap(false) {
		return false, nil
	}
	n, err := s.nc.Read(s.in[s.to:])
	s.to += n
	switch {
	case n > 0:
		s.heard = time.Now()
		return true, nil // an error comes again
	case errors.Is(err, os.ErrDeadlineExceeded): // TCP has a timeout of its own
		s.interrupted.Store(false)
		return false, nil
	case err == nil:
		return true, nil
	}
	return false, s.broken(err)
}

// room makes room behind what was read, for the rest of its frame or for the next.
func (s *Stream) room() {
	have, need := s.to-s.from, streamBuffer
	if have >= 4 {
		need = max(need, 4+int(binary.BigEndian.Uint32(s.in[s.from:]))) // which cut has checked
	}
	switch {
	case need > len(s.in), need == streamBuffer && len(s.in) > keptBuffer:
		in := make([]byte, need)
		copy(in, s.in[s.from:s.to])
		s.in = in
	default:
		copy(s.in, s.in[s.from:s.to])
	}
	s.from, s.to = 0, have
}

// send writes what was asked.
func (s *Stream) send() error {
	if len(s.out) == 0 {
		return nil
	}
	_ = s.nc.SetWriteDeadline(time.Now().Add(s.cfg.CallTimeout))
	if _, err := s.nc.Write(s.out); err != nil && !reset(err) {
		return fmt.Errorf("%s: %w: %w", s.addr, fault.ConnectionLost, err)
	} // else what the peer said before it hung up tells more, and is read next
	s.out = s.out[:0]
	return nil
}

// broken says what the end of reading means.
func (s *Stream) broken(err error) error {
	return readError(s.addr, err, !s.spoken, s.cfg.TLS != nil)
}
