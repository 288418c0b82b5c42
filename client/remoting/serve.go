package remoting

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"gantry/client/fault"
)

// peerPatience is how long a write to a client may take: one that does not read
// must not hold up those that answer it.
const peerPatience = 10 * time.Second

// Peer is the server's end of one connection. Its methods may be called from any
// goroutine.
type Peer struct {
	nc      net.Conn
	writing sync.Mutex
	ended   chan struct{} // closed when Serve reads no more

	mu    sync.Mutex
	last  int32                   // guarded by mu; the opaque of the last question
	asked map[int32]chan *Command // guarded by mu; questions under way
}

// NewPeer returns the server's end of a connection, which stays the caller's to
// close.
func NewPeer(nc net.Conn) *Peer {
	return &Peer{nc: nc, ended: make(chan struct{}), asked: map[int32]chan *Command{}}
}

// Addr is the client's address.
func (p *Peer) Addr() net.Addr { return p.nc.RemoteAddr() }

// Serve is the server half of a connection: it hands every request that comes to
// handle and writes what that returns, under the request's opaque, until reading
// fails; that error it returns. At most atOnce requests are handled together,
// each on a goroutine of its own, so that answers may overtake each other;
// further ones wait unread. Nil answers nothing, nor does anything a one-way
// request. Serve returns when all handlers have. It is called once.
func (p *Peer) Serve(atOnce int, handle func(*Command) *Command) error {
	var work sync.WaitGroup
	defer work.Wait()
	free := make(chan struct{}, atOnce)
	r := bufio.NewReaderSize(p.nc, readBuffer)
	for {
		req, err := ReadFrame(r)
		if err != nil {
			close(p.ended)
			return err
		}
		if req.IsResponse() {
			p.answered(req)
			continue
		}
		free <- struct{}{}
		work.Go(func() {
			defer func() { <-free }()
			if resp := handle(req); resp != nil {
				p.Answer(req, resp)
			}
		})
	}
}

// Answer writes the answer to a request, unless that wants none. A handler calls it
// that has something to do when the answer is out, and returns nil.
func (p *Peer) Answer(req, resp *Command) {
	if req.IsOneway() {
		return
	}
	resp.Opaque = req.Opaque
	frame, err := AppendFrame(nil, resp)
	if err != nil { // the body is too large: say that instead
		frame, err = AppendFrame(nil, req.Answer(SystemError, err.Error()))
	}
	if err == nil {
		_ = p.write(frame) // where the connection is lost, reading ends too
	}
}

// Serve is Peer.Serve for who answers only.
func Serve(nc net.Conn, atOnce int, handle func(*Command) *Command) error {
	return NewPeer(nc).Serve(atOnce, handle)
}

// Notify sends the client a request that wants no answer. An error means that the
// connection is of no use any more.
func (p *Peer) Notify(c *Command) error {
	n := *c
	n.Flag |= flagOneway
	frame, err := AppendFrame(nil, &n)
	if err != nil {
		return err
	}
	return p.write(frame)
}

// Ask sends the client a request and returns its answer, whatever its code. Serve
// must run: it reads the answers. Ask ends with ctx, whose error it returns then,
// and with fault.ConnectionLost where the connection does.
func (p *Peer) Ask(ctx context.Context, c *Command) (*Command, error) {
	answer := make(chan *Command, 1)
	n := *c
	p.mu.Lock()
	p.last++
	n.Opaque = p.last
	p.asked[n.Opaque] = answer
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		delete(p.asked, n.Opaque)
		p.mu.Unlock()
	}()
	frame, err := AppendFrame(nil, &n)
	if err != nil {
		return nil, err
	}
	failed := make(chan error, 1)
	// One that does not read may take longer than the caller waits.
	go func() {
		if err := p.write(frame); err != nil {
			failed <- err
		}
	}()
	select {
	case a := <-answer:
		return a, nil
	case err := <-failed:
		return nil, fmt.Errorf("%w: %w", fault.ConnectionLost, err)
	case <-p.ended:
		return nil, fault.ConnectionLost
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// answered hands an answer to who asked. One that nobody waits for is dropped.
func (p *Peer) answered(a *Command) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c := p.asked[a.Opaque]; c != nil {
		c <- a
		delete(p.asked, a.Opaque)
	}
}

// write writes a frame, or closes a connection that takes none.
func (p *Peer) write(frame []byte) error {
	p.writing.Lock()
	defer p.writing.Unlock()
	err := p.nc.SetWriteDeadline(time.Now().Add(peerPatience))
	if err == nil {
		_, err = p.nc.Write(frame)
	}
	if err != nil {
		_ = p.nc.Close() // half a frame may be out
	}
	return err
}
