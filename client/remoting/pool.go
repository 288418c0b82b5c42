package remoting

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"gantry/client/fault"
)

// silentCall is how long a call must have waited in vain, with nothing else
// read either, before its connection is given up (after a sleep of the machine
// a connection can be dead without anyone saying so).
const silentCall = time.Second

// Pool keeps one connection for each address, dialled at its first call and
// again after it was lost. Waiting for one address never holds up another.
type Pool struct {
	cfg  Config
	ctx  context.Context // ends the dials under way when the pool closes
	stop context.CancelFunc
	work sync.WaitGroup // dials under way

	mu     sync.Mutex
	slots  map[string]*slot // guarded by mu
	closed bool             // guarded by mu
}

// slot is a connection or the wait for it; conn and err are set before ready is
// closed and never after.
type slot struct {
	ready chan struct{}
	conn  *Conn
	err   error
}

// NewPool returns a pool whose connections use cfg. It dials nothing yet.
func NewPool(cfg Config) *Pool {
	ctx, stop := context.WithCancel(context.Background())
	return &Pool{cfg: cfg, ctx: ctx, stop: stop, slots: make(map[string]*slot)}
}

// Call is Conn.Call on the connection to addr, which is dialled if needed; its
// errors are those of Dial and Conn.Call.
func (p *Pool) Call(ctx context.Context, addr string, cmd *Command) (*Command, error) {
	var resp *Command
	err := p.Read(ctx, addr, cmd, MaxFrame, func(r *Command) error { resp = r; return nil })
	return resp, err
}

// Read is Call as Conn.Read is Conn's.
func (p *Pool) Read(ctx context.Context, addr string, cmd *Command, most int, use func(*Command) error) error {
	conn, err := p.conn(ctx, addr)
	if err != nil {
		return err
	}
	begin := time.Now()
	err = conn.Read(ctx, cmd, most, use)
	if errors.Is(err, fault.Timeout) && time.Since(begin) >= silentCall && conn.silentSince(begin) {
		p.drop(addr, conn)
		conn.retire()
	}
	return err
}

// CallOK is Call with every code but Success turned into a *fault.Answer.
func (p *Pool) CallOK(ctx context.Context, addr string, cmd *Command) (*Command, error) {
	resp, err := p.Call(ctx, addr, cmd)
	if err != nil {
		return nil, err
	}
	if err := resp.Err(addr); err != nil {
		return nil, err
	}
	return resp, nil
}

// Close ends all connections and dials and returns when their goroutines have
// ended. Later calls fail with fault.Closed.
func (p *Pool) Close() error {
	p.mu.Lock()
	p.closed = true
	slots := p.slots
	p.slots = nil
	p.mu.Unlock()
	p.stop()
	p.work.Wait()
	for _, s := range slots {
		if s.conn != nil {
			s.conn.Close()
		}
	}
	return nil
}

// conn returns a working connection to addr.
func (p *Pool) conn(ctx context.Context, addr string) (*Conn, error) {
	s, err := p.slot(addr)
	if err != nil {
		return nil, err
	}
	select {
	case <-s.ready:
		return s.conn, s.err
	default:
	}
	select {
	case <-s.ready:
		return s.conn, s.err
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return nil, fmt.Errorf("%s: %w: %w", addr, fault.Unreachable, ctx.Err())
		}
		return nil, fmt.Errorf("%s: %w", addr, ctx.Err())
	}
}

// slot returns the slot of addr, a new one with its dial begun where there is
// none or its connection is lost.
func (p *Pool) slot(addr string) (*slot, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, fmt.Errorf("%s: %w", addr, fault.Closed)
	}
	if s := p.slots[addr]; s != nil {
		select {
		case <-s.ready:
			if s.err == nil && s.conn.Err() == nil {
				return s, nil
			}
		default:
			return s, nil // being dialled
		}
	}
	s := &slot{ready: make(chan struct{})}
	p.slots[addr] = s
	p.work.Add(1)
	go p.dial(addr, s)
	return s, nil
}

// dial fills s. It hangs on the pool's context, not on a caller's: others may
// wait for the same connection.
func (p *Pool) dial(addr string, s *slot) {
	defer p.work.Done()
	s.conn, s.err = Dial(p.ctx, addr, p.cfg)
	if s.err != nil && p.ctx.Err() != nil {
		s.err = fmt.Errorf("%s: %w", addr, fault.Closed)
	}
	close(s.ready)
}

// drop forgets conn so that the next call dials again.
func (p *Pool) drop(addr string, conn *Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.slots[addr]; s != nil && s.conn == conn {
		delete(p.slots, addr)
	}
}
