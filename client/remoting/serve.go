package remoting

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"gantry/client/fault"
)

// peerPatience is how long a write to a client may take: one that does not read
// must not hold up those that answer it.
const peerPatience = 10 * time.Second

const (
	// peerBuffer is what a server reads at once, in bytes: it has many connections.
	peerBuffer = 16 << 10
	// peerHeader bounds the header of a request where memory is bounded, in bytes.
	peerHeader = 128 << 10
	// peerCost and peerHeaderCost are what a request takes beside its frame, in bytes,
	// and for each byte of its header: the texts of a header in a map.
	peerCost       = 4 << 10
	peerHeaderCost = 8
	// apart is from where on a body is written by itself rather than copied, in bytes.
	apart = 16 << 10
)

// Memory is the room that a server has for what one client sends.
type Memory interface {
	// Take waits until there is room for so many bytes, of a request that begins to
	// come. An error ends the connection.
	Take(n int) error
	// Came says that the request is there, whole.
	Came()
	// TryTake takes room only if it is there, for a request that is there, whole.
	TryTake(n int) bool
	// Give gives the room back: the request was answered.
	Give(n int)
}

// endless is memory without a bound.
type endless struct{}

func (endless) Take(int) error   { return nil }
func (endless) Came()            {}
func (endless) TryTake(int) bool { return true }
func (endless) Give(int)         {}

// Peer is the server's end of one connection. Its methods may be called from any
// goroutine.
type Peer struct {
	nc      net.Conn
	writing sync.Mutex
	wrote   time.Time     // when the limit of writing was set; guarded by writing
	ended   chan struct{} // closed when Serve reads no more
	memory  Memory
	most    int // bytes of a request
	several Several
	out     []byte // of answers; only Serve's goroutine has it

	mu    sync.Mutex
	last  int32                   // guarded by mu; the opaque of the last question
	asked map[int32]chan *Command // guarded by mu; questions under way
}

// NewPeer returns the server's end of a connection, which stays the caller's to
// close.
func NewPeer(nc net.Conn) *Peer {
	return &Peer{nc: nc, memory: endless{}, most: MaxFrame, ended: make(chan struct{}), asked: map[int32]chan *Command{}}
}

// Bound has what the client sends counted, and no request taken of more than most
// bytes. It is called before Serve.
func (p *Peer) Bound(m Memory, most int) { p.memory, p.most = m, most }

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
	defer close(p.ended)
	free := make(chan struct{}, atOnce)
	r := bufio.NewReaderSize(p.nc, peerBuffer)
	for {
		came, err := p.next(r)
		for err == nil && p.isOfSeveral(came.req) {
			came, err = p.serveSeveral(r, came, free, &work)
		}
		if err != nil {
			return err
		}
		if came.req == nil {
			continue
		}
		came.keep()
		if came.req.IsResponse() {
			p.answered(came.req)
			p.memory.Give(came.cost)
			continue
		}
		free <- struct{}{}
		work.Go(func() {
			defer func() {
				<-free
				p.memory.Give(came.cost)
			}()
			if resp := handle(came.req); resp != nil {
				p.Answer(came.req, resp)
			}
		})
	}
}

// arrived is a request, and the room that it takes, in bytes.
type arrived struct {
	req  *Command
	cost int
	// lent says that the body is a part of the reader's buffer, good until that reads on.
	lent bool
}

// keep gives a request a body of its own.
func (a *arrived) keep() {
	if a.lent {
		a.req.Body, a.lent = bytes.Clone(a.req.Body), false
	}
}

// next reads a frame, once there is room for it. The body of a small one is lent.
func (p *Peer) next(r *bufio.Reader) (came arrived, err error) {
	start, err := r.Peek(4) // the length
	if err != nil {
		if len(start) > 0 {
			err = unexpected(err)
		}
		return came, err
	}
	n := binary.BigEndian.Uint32(start)
	if err := checkLength([4]byte(start), n); err != nil {
		return came, err
	}
	if start, err = r.Peek(8); err != nil { // and what the header is
		return came, unexpected(err)
	}
	cost, err := p.costOf([8]byte(start))
	if err != nil {
		return came, err
	}
	if err := p.memory.Take(cost); err != nil {
		return came, err
	}
	frame, err := cut(r, n)
	p.memory.Came()
	var req *Command
	if err == nil {
		req, err = Decode(frame[4:])
	}
	if err != nil {
		p.memory.Give(cost)
		return came, unexpected(err)
	}
	return arrived{req, cost, lends(r, n)}, nil
}

// lends tells whether cut takes a frame of n bytes from r's buffer.
func lends(r *bufio.Reader, n uint32) bool { return int64(n)+4 <= int64(r.Size()) }

// cut takes a frame of n bytes with its length: a part of r's buffer, good until r is read
// again, or where it is larger, its own.
func cut(r *bufio.Reader, n uint32) ([]byte, error) {
	if lends(r, n) {
		b, err := r.Peek(4 + int(n))
		if err == nil {
			_, err = r.Discard(len(b))
		}
		return b, err
	}
	b := make([]byte, 4+int(n))
	_, err := io.ReadFull(r, b)
	return b, err
}

// costOf is what a request takes, in bytes, by the beginning of its frame.
func (p *Peer) costOf(start [8]byte) (int, error) {
	n, header := int(binary.BigEndian.Uint32(start[:])), int(binary.BigEndian.Uint32(start[4:])&maxHeader)
	if p.most < MaxFrame && (n > p.most || header > peerHeader) {
		return 0, fmt.Errorf("%w: a request of %d bytes, with a header of %d", fault.TooLarge, n, header)
	}
	return n + peerCost + peerHeaderCost*header, nil
}

// unexpected is what the end of a stream means within a frame.
func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// Answer writes the answer to a request, unless that wants none. A handler calls it
// that has something to do when the answer is out, and returns nil.
func (p *Peer) Answer(req, resp *Command) {
	if req.IsOneway() {
		return
	}
	resp.Opaque = req.Opaque
	body := resp.Body
	frame, err := appendHead(nil, resp)
	if err != nil { // the body is too large: say that instead
		body = nil
		frame, err = AppendFrame(nil, req.Answer(SystemError, err.Error()))
	}
	if len(body) < apart {
		frame, body = append(frame, body...), nil
	}
	if err == nil {
		_ = p.write(frame, body) // where the connection is lost, reading ends too
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

// write writes the parts of a frame, or closes a connection that takes none.
func (p *Peer) write(parts ...[]byte) error {
	p.writing.Lock()
	defer p.writing.Unlock()
	var err error
	if now := time.Now(); now.Sub(p.wrote) > peerPatience/10 { // it costs more than a small answer
		p.wrote = now
		err = p.nc.SetWriteDeadline(now.Add(peerPatience + peerPatience/10))
	}
	for _, part := range parts {
		if err == nil && len(part) > 0 {
			_, err = p.nc.Write(part)
		}
	}
	if err != nil {
		_ = p.nc.Close() // half a frame may be out
	}
	return err
}
