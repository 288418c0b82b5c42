package remoting

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"gantry/client/fault"
)

// call is a question under way.
type call struct {
	answer chan incoming // holds the answer, so that the reader never waits for a caller
	gone   chan struct{} // closed when nobody waits for the answer any more
	most   int           // of the answer's body, in bytes
	large  atomic.Bool   // the answer has come, and there is no room for it yet
}

// incoming is an answer on its way to its caller.
type incoming struct {
	*Command
	room    int // what it takes of its connection's Room, in bytes
	skipped int // size of a body that was larger than its caller takes, in bytes
}

// read hands answers to their callers until the connection ends.
func (c *Conn) read() {
	defer close(c.ended)
	r := bufio.NewReaderSize(c.nc, readBuffer)
	for first := true; ; first = false {
		if err := c.next(r); err != nil {
			c.fail(readError(c.addr, err, first, c.cfg.TLS != nil))
			return
		}
	}
}

// next reads a frame and hands it on. Nothing is kept of a body before it is known who
// wants it: requests of the server (such as NotifyConsumersChanged) that nobody is asked
// for, answers that nobody
// waits for and such as are larger than their caller takes are passed over.
func (c *Conn) next(r *bufio.Reader) error {
	cmd, rest, err := readHead(r)
	if err != nil {
		return err
	}
	w := c.wanted(cmd)
	switch {
	case c.cfg.Asked != nil && !cmd.IsResponse() && rest <= mostAsked:
		return c.asked(r, cmd, rest)
	case w == nil:
		return discard(r, rest)
	case rest > w.most:
		c.deliver(incoming{Command: cmd, skipped: rest})
		return discard(r, rest)
	}
	return c.body(r, w, cmd, rest)
}

// mostAsked bounds the body of a server's request, in bytes: a message with its properties.
const mostAsked = 16 << 20

// asked hands a request of the server on.
func (c *Conn) asked(r io.Reader, cmd *Command, n int) error {
	cmd.Body = make([]byte, n)
	if _, err := io.ReadFull(r, cmd.Body); err != nil {
		return unexpected(err)
	}
	c.cfg.Asked(cmd)
	return nil
}

// readHead reads a frame up to its body, of which rest bytes follow.
func readHead(r io.Reader) (cmd *Command, rest int, err error) {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, 0, err
	}
	n := binary.BigEndian.Uint32(size[:])
	if err := checkLength(size, n); err != nil {
		return nil, 0, err
	}
	var word [4]byte
	if _, err := io.ReadFull(r, word[:]); err != nil {
		return nil, 0, unexpected(err)
	}
	h := int(binary.BigEndian.Uint32(word[:]) & maxHeader)
	if h > int(n)-4 || h > mostHead {
		return nil, 0, fmt.Errorf("%w: header of %d in %d bytes", fault.Malformed, h, n)
	}
	head := make([]byte, 4+h)
	copy(head, word[:])
	if _, err := io.ReadFull(r, head[4:]); err != nil {
		return nil, 0, unexpected(err)
	}
	cmd, err = Decode(head)
	return cmd, int(n) - 4 - h, err
}

// wanted is who waits for an answer; nil where nobody does.
func (c *Conn) wanted(cmd *Command) *call {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastRead = time.Now()
	if !cmd.IsResponse() {
		return nil
	}
	return c.pending[cmd.Opaque]
}

// body reads the body of an answer, once there is room for it and while it is waited for.
func (c *Conn) body(r *bufio.Reader, w *call, cmd *Command, n int) error {
	w.large.Store(true)
	room, ok := c.cfg.Room.take(n, w.gone, c.lost)
	w.large.Store(false)
	if !ok {
		return discard(r, n)
	}
	if n > 0 {
		cmd.Body = make([]byte, n)
	}
	at, err := c.fill(r, w, cmd.Opaque, cmd.Body)
	switch {
	case err != nil:
		c.cfg.Room.give(room)
		return err
	case at < n:
		cmd.Body = nil
		c.cfg.Room.give(room)
		return discard(r, n-at)
	}
	c.deliver(incoming{Command: cmd, room: room})
	return nil
}

// fill reads a body until nobody waits for it: then at is how far it has come.
func (c *Conn) fill(r io.Reader, w *call, opaque int32, body []byte) (at int, err error) {
	c.mu.Lock()
	c.filling = opaque
	c.mu.Unlock()
	for at < len(body) && err == nil {
		select {
		case <-w.gone:
			err = os.ErrDeadlineExceeded
		default:
			var n int
			n, err = io.ReadFull(r, body[at:min(at+piece, len(body))])
			at += n
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.filling = 0
	if c.woken {
		c.woken = false
		_ = c.nc.SetReadDeadline(time.Time{})
	}
	if errors.Is(err, os.ErrDeadlineExceeded) && c.err == nil {
		return at, nil
	}
	return at, unexpected(err)
}

// deliver hands an answer to who waits for it.
func (c *Conn) deliver(a incoming) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lastRead = time.Now()
	w, ok := c.pending[a.Opaque]
	if !ok {
		c.cfg.Room.give(a.room)
		return
	}
	delete(c.pending, a.Opaque)
	a.Remark = c.cfg.Credentials.redact(a.Remark)
	w.answer <- a
}

func discard(r *bufio.Reader, n int) error {
	_, err := r.Discard(n)
	return unexpected(err)
}
