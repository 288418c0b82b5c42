package remoting

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"gantry/client/fault"
)

// readBuffer holds a batch of small answers in one system call.
const readBuffer = 64 << 10

// lastWords is how long the reader may take to read what a peer said last.
const lastWords = 200 * time.Millisecond

// Conn is one connection to a server. Calls may run concurrently and their
// answers may come in any order. Once the connection is lost or closed every
// call fails at once; there is no way back, dial again.
type Conn struct {
	addr string
	cfg  Config
	nc   net.Conn
	// writing holds a token for whoever may write; a channel, so that a waiting
	// caller can be cancelled.
	writing chan struct{}
	// ended is closed when the reader has left.
	ended chan struct{}

	mu       sync.Mutex
	pending  map[int32]*call // guarded by mu; nil once failed
	last     int32           // guarded by mu; the last opaque given out
	err      error           // guarded by mu; why calls fail, nil while alive
	lost     chan struct{}   // closed after err was set
	lastRead time.Time       // guarded by mu; when the last frame came
	retired  bool            // guarded by mu; close as soon as nothing is pending
	filling  int32           // guarded by mu; the opaque of the answer whose body is read
	woken    bool            // guarded by mu; the reader was, from a body that nobody wants
}

func newConn(nc net.Conn, addr string, cfg Config) *Conn {
	c := &Conn{
		addr: addr, cfg: cfg, nc: nc,
		writing: make(chan struct{}, 1),
		ended:   make(chan struct{}),
		lost:    make(chan struct{}),
		pending: make(map[int32]*call),
	}
	go c.read()
	return c
}

// Addr is the address that was dialled, host:port.
func (c *Conn) Addr() string { return c.addr }

// Err tells why the connection no longer works, nil while it does.
func (c *Conn) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Close ends the connection, fails what is waiting with fault.Closed and returns
// when the reader has left. It may be called again.
func (c *Conn) Close() error {
	c.fail(fmt.Errorf("%s: %w", c.addr, fault.Closed))
	<-c.ended
	return nil
}

// Call sends a signed copy of cmd and returns the answer, whatever its code.
// When ctx ends, Call returns at once and a late answer is dropped: fault.Timeout
// for a deadline, the context's error for a cancellation. A lost connection is
// fault.ConnectionLost, or what the peer proved to be (fault.NotRocketMQ, fault.TLS).
func (c *Conn) Call(ctx context.Context, cmd *Command) (*Command, error) {
	var resp *Command
	err := c.Read(ctx, cmd, MaxFrame, func(r *Command) error { resp = r; return nil })
	return resp, err
}

// Read is Call for an answer whose body may be large: use makes something of it while it
// takes its part of Config.Room, and returns Read's error. A body of more than most bytes
// is not read: fault.BadAnswer.
func (c *Conn) Read(ctx context.Context, cmd *Command, most int, use func(*Command) error) error {
	if _, has := ctx.Deadline(); !has {
		bounded, cancel := context.WithTimeout(ctx, c.cfg.CallTimeout)
		defer cancel()
		ctx = bounded
	}
	if ctx.Err() != nil {
		return c.expired(ctx)
	}
	opaque, w, err := c.register(most)
	if err != nil {
		return err
	}
	resp, err := c.answer(ctx, cmd, opaque, w)
	c.forget(opaque, w)
	if err != nil {
		select { // it may have come in the same moment
		case late := <-w.answer:
			c.cfg.Room.give(late.room)
		default:
		}
		return err
	}
	defer c.cfg.Room.give(resp.room)
	if resp.skipped > 0 {
		return fmt.Errorf("%s: %w: %d bytes", c.addr, fault.BadAnswer, resp.skipped)
	}
	return use(resp.Command)
}

// answer asks and waits for the answer.
func (c *Conn) answer(ctx context.Context, cmd *Command, opaque int32, w *call) (incoming, error) {
	frame, err := AppendFrame(nil, cmd.prepared(opaque, c.cfg.Credentials))
	if err != nil {
		return incoming{}, fmt.Errorf("%s: %w", c.addr, err)
	}
	if err := c.write(ctx, frame); err != nil {
		return incoming{}, err
	}
	select {
	case resp := <-w.answer:
		return resp, nil
	case <-ctx.Done():
		if w.large.Load() && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return incoming{}, fmt.Errorf("%s: %w: others were large", c.addr, fault.Timeout) // it was not silent
		}
		return incoming{}, c.expired(ctx)
	case <-c.lost:
		select { // the answer may have come just before the end
		case resp := <-w.answer:
			return resp, nil
		default:
			return incoming{}, c.Err()
		}
	}
}

// Tell sends a signed copy of cmd as one-way and waits for no answer. Errors are those of
// Call.
func (c *Conn) Tell(ctx context.Context, cmd *Command) error {
	oneway := *cmd
	oneway.Flag |= flagOneway
	frame, err := AppendFrame(nil, oneway.prepared(0, c.cfg.Credentials))
	if err != nil {
		return fmt.Errorf("%s: %w", c.addr, err)
	}
	return c.write(ctx, frame)
}

// Reply sends the answer to what the server has asked, see Config.Asked.
func (c *Conn) Reply(ctx context.Context, answer *Command) error {
	frame, err := AppendFrame(nil, answer.prepared(answer.Opaque, c.cfg.Credentials))
	if err != nil {
		return fmt.Errorf("%s: %w", c.addr, err)
	}
	return c.write(ctx, frame)
}

// CallOK is Call with every code but Success turned into a *fault.Answer.
func (c *Conn) CallOK(ctx context.Context, cmd *Command) (*Command, error) {
	resp, err := c.Call(ctx, cmd)
	if err != nil {
		return nil, err
	}
	if err := resp.Err(c.addr); err != nil {
		return nil, err
	}
	return resp, nil
}

func (c *Conn) expired(ctx context.Context) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Errorf("%s: %w: %w", c.addr, fault.Timeout, ctx.Err())
	}
	return fmt.Errorf("%s: %w", c.addr, ctx.Err())
}

// register reserves an opaque and the place of its answer.
func (c *Conn) register(most int) (int32, *call, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return 0, nil, c.err
	}
	for {
		c.last = max(c.last+1, 1) // wraps to 1
		if _, taken := c.pending[c.last]; !taken {
			break
		}
	}
	w := &call{answer: make(chan incoming, 1), gone: make(chan struct{}), most: most}
	c.pending[c.last] = w
	return c.last, w, nil
}

// forget says that nobody waits for an answer, which has come or not.
func (c *Conn) forget(opaque int32, w *call) {
	c.mu.Lock()
	delete(c.pending, opaque)
	close(w.gone)
	if c.filling == opaque {
		c.woken = true
		_ = c.nc.SetReadDeadline(time.Unix(1, 0)) // in the past: it wakes the reader
	}
	last := c.retired && len(c.pending) == 0
	c.mu.Unlock()
	if last {
		c.fail(fmt.Errorf("%s: %w", c.addr, fault.Closed))
	}
}

// retire closes the connection once nothing waits on it.
func (c *Conn) retire() {
	c.mu.Lock()
	c.retired = true
	idle := len(c.pending) == 0
	c.mu.Unlock()
	if idle {
		c.fail(fmt.Errorf("%s: %w", c.addr, fault.Closed))
	}
}

// silentSince reports whether nothing was read since t.
func (c *Conn) silentSince(t time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lastRead.Before(t)
}

// write sends one frame whole. A frame that went out in part leaves the peer
// waiting for the rest, so a failed write ends the connection.
func (c *Conn) write(ctx context.Context, frame []byte) error {
	select {
	case c.writing <- struct{}{}:
	case <-ctx.Done():
		return c.expired(ctx)
	case <-c.lost:
		return c.Err()
	}
	defer func() { <-c.writing }()
	deadline := time.Now().Add(c.cfg.CallTimeout)
	if d, has := ctx.Deadline(); has && d.Before(deadline) {
		deadline = d
	}
	c.nc.SetWriteDeadline(deadline)
	woken := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		c.nc.SetWriteDeadline(time.Unix(1, 0)) // a deadline in the past wakes the writer
		close(woken)
	})
	_, err := c.nc.Write(frame)
	if !stop() {
		<-woken // lest it spoil the next writer's deadline
	}
	if err == nil {
		return nil
	}
	if reset(err) {
		// What the peer said before it hung up tells more, and the reader has it.
		select {
		case <-c.lost:
		case <-ctx.Done():
		case <-time.After(lastWords):
		}
	}
	c.fail(fmt.Errorf("%s: %w: %w", c.addr, fault.ConnectionLost, err))
	if ctx.Err() != nil {
		return c.expired(ctx)
	}
	return c.Err()
}

// readError says what the end of reading means; first is whether no frame had
// come before it.
func readError(addr string, err error, first, encrypted bool) error {
	broken := errors.Is(err, fault.TooLarge) || errors.Is(err, fault.Malformed)
	switch {
	case errors.Is(err, fault.NotRocketMQ), errors.Is(err, fault.TLS):
		return fmt.Errorf("%s: %w", addr, err)
	case first && broken:
		return fmt.Errorf("%s: %w: %w", addr, fault.NotRocketMQ, err)
	case first:
		return fmt.Errorf("%s: %w", addr, BeforeAnswer(err, encrypted))
	}
	return fmt.Errorf("%s: %w: %w", addr, fault.ConnectionLost, err)
}

// BeforeAnswer says what it means that a connection ended by err before anything
// had come on it.
func BeforeAnswer(err error, encrypted bool) error {
	switch {
	case isAlert(err):
		// under TLS 1.3 a refused client certificate shows only here
		return fmt.Errorf("%w: %w", tlsError(err), err)
	case !encrypted && (errors.Is(err, io.EOF) || reset(err)):
		return fmt.Errorf("%w: %w", fault.ClosedBeforeAnswer, err)
	}
	return fmt.Errorf("%w: %w", fault.ConnectionLost, err)
}

// reset reports a connection that the peer tore down. A closing of this side is
// set as the cause before it reaches the reader.
func reset(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && !op.Timeout() && !errors.Is(err, net.ErrClosed)
}

// fail sets why the connection ended, once, and wakes everyone.
func (c *Conn) fail(err error) {
	c.mu.Lock()
	if c.err != nil {
		c.mu.Unlock()
		return
	}
	c.err = err
	close(c.lost)
	c.mu.Unlock()
	c.nc.Close()
}
