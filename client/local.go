package client

import (
	"context"
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"sync"

	"gantry/client/fault"
	"gantry/client/sandbox"
	"gantry/client/worker"
)

// local is the sandbox of this run: a worker that is started when somebody
// connects, and ends with the Client.
type local struct {
	mu   sync.Mutex
	proc *worker.Process // nil until it was started
	addr string          // of its name server
	// ports are those that it had: it comes back where its clients look for it.
	nameServer, broker int
}

// startSandbox returns the sandbox's name server, and starts it if it does not
// run. One that runs by itself in the same folder is as good.
func (c *Client) startSandbox(ctx context.Context) (string, error) {
	l := &c.local
	l.mu.Lock()
	defer l.mu.Unlock()
	c.mu.Lock()
	closed := c.closed
	c.mu.Unlock()
	if closed {
		return "", fault.NotConnected
	}
	if l.proc != nil {
		select {
		case <-l.proc.Done():
			c.log.Warn("the sandbox ended", "error", l.proc.Err())
		default:
			return l.addr, nil
		}
	}
	if l.nameServer == 0 {
		l.nameServer, l.broker = sandbox.NameServerPort, sandbox.BrokerPort
	}
	dir := filepath.Join(c.folders.Data, "sandbox")
	first := make(chan worker.Event, 1)
	p, err := c.program.Start(&worker.Job{
		Kind: worker.Sandbox, Local: &worker.Local{Dir: dir, NameServer: l.nameServer, Broker: l.broker},
	}, func(e worker.Event) {
		select {
		case first <- e:
		default:
		}
	})
	if err != nil {
		return "", errors.Join(fault.Sandbox, err)
	}
	return l.started(ctx, p, first, dir)
}

// started waits until the sandbox listens, and notes where; l.mu is held.
func (l *local) started(ctx context.Context, p *worker.Process, first <-chan worker.Event, dir string) (string, error) {
	select {
	case e := <-first:
		if e.Kind != worker.Started || e.Listens == nil {
			p.Stop()
			// One that runs in the folder already is as good, if it is one: what is at
			// the address that it left may be anything by now.
			if errors.Is(e.Fault, fault.JournalLocked) {
				if addr, err := sandbox.Running(ctx, dir); err == nil {
					return addr, nil
				}
			}
			return "", fmt.Errorf("%w: %w", fault.Sandbox, e.Fault)
		}
		l.proc, l.addr = p, e.Listens.NameServer
		l.nameServer, l.broker = portOf(e.Listens.NameServer), portOf(e.Listens.Broker)
		return l.addr, nil
	case <-p.Done():
		return "", errors.Join(fault.Sandbox, p.Err())
	case <-ctx.Done():
		p.Stop()
		return "", context.Cause(ctx)
	}
}

func portOf(addr string) int {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return 0
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return 0
	}
	return n
}

// stop ends the sandbox.
func (l *local) stop() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.proc != nil {
		l.proc.Stop()
	}
}
