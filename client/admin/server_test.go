package admin

import (
	"fmt"
	"net"
	"sync"
	"testing"

	"gantry/client/cluster"
	"gantry/client/remoting"
	"gantry/client/testserver"
)

// fake is a server on the loopback whose answers a test chooses by request code.
// A code without an answer gets "not supported", as from a proxy.
type fake struct {
	addr string

	mu      sync.Mutex
	answers map[int]func(*remoting.Command) *remoting.Command // guarded by mu
	asked   []*remoting.Command                               // guarded by mu
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{answers: make(map[int]func(*remoting.Command) *remoting.Command)}
	f.addr = testserver.Serve(t, func(nc net.Conn) { _ = remoting.Serve(nc, 16, f.answer) })
	return f
}

func (f *fake) answer(req *remoting.Command) *remoting.Command {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.asked = append(f.asked, req)
	if a := f.answers[req.Code]; a != nil {
		return a(req)
	}
	return req.Answer(3, fmt.Sprintf(" request type %d not supported", req.Code))
}

// on sets what code is answered from now on.
func (f *fake) on(code int, a func(*remoting.Command) *remoting.Command) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers[code] = a
}

// count is how often a code was asked.
func (f *fake) count(code int) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, c := range f.asked {
		if c.Code == code {
			n++
		}
	}
	return n
}

// body answers success with a body.
func body(s string) func(*remoting.Command) *remoting.Command {
	return func(req *remoting.Command) *remoting.Command {
		a := req.Answer(0, "not set any response code")
		a.Body = []byte(s)
		return a
	}
}

// code answers a failure.
func code(n int, remark string) func(*remoting.Command) *remoting.Command {
	return func(req *remoting.Command) *remoting.Command { return req.Answer(n, remark) }
}

// offset answers with the field offset, as a server of that version.
func offset(n int64, version int) func(*remoting.Command) *remoting.Command {
	return func(req *remoting.Command) *remoting.Command {
		a := req.Answer(0, "")
		a.Version, a.ExtFields = version, map[string]string{"offset": fmt.Sprint(n)}
		return a
	}
}

func never(*remoting.Command) *remoting.Command { return nil }

func newClient(t *testing.T, nameServers ...string) *Client {
	t.Helper()
	c := New(Config{NameServers: nameServers})
	t.Cleanup(func() { c.Close() })
	return c
}

// routeTo is a topic of n queues on one broker, whose master is addr.
func routeTo(addr string, n int) cluster.Route {
	return cluster.Route{
		Queues:  []cluster.QueueData{{Broker: "broker-a", Read: n, Write: n, Perm: 6}},
		Brokers: []cluster.Broker{{Name: "broker-a", Cluster: "C", Addrs: map[int64]string{0: addr}}},
	}
}
