package client_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"strings"
	"sync"
	"testing"

	"gantry/client/profile"
	"gantry/client/remoting"
	"gantry/client/sandbox"
	"gantry/client/testserver"
)

// The names of the brokers of a pair.
const (
	pairFirst  = "sandbox"
	pairSecond = "sandbox-b"
)

// pair are two brokers of one cluster, sandboxes both, of which the second one does with requests
// what a test says.
type pair struct {
	*testing.T
	nameServer, second string
	boxes              [2]*sandbox.Server

	mu      sync.Mutex
	refuses map[int]bool // codes for which there is no permission
	freezes int          // the code from which on nothing is answered until frozen is closed
	frozen  chan struct{}
}

func newPair(t *testing.T) *pair {
	t.Helper()
	p := &pair{T: t, refuses: map[int]bool{}}
	for i := range p.boxes {
		box, err := sandbox.Open(sandbox.Options{Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = box.Close() })
		p.boxes[i] = box
	}
	p.second = p.before(p.boxes[1].Broker(), func(req *remoting.Command, pass func() *remoting.Command) *remoting.Command {
		p.mu.Lock()
		if p.freezes > 0 && req.Code == p.freezes {
			p.freezes, p.frozen = 0, make(chan struct{})
		}
		refused, frozen := p.refuses[req.Code], p.frozen
		p.mu.Unlock()
		if frozen != nil {
			select {
			case <-frozen:
			case <-t.Context().Done():
			}
		}
		if refused {
			return req.Answer(remoting.NoPermission, "no permission for this")
		}
		return pass()
	})
	other := p.conn(p.boxes[1].NameServer())
	p.nameServer = p.before(p.boxes[0].NameServer(), func(req *remoting.Command, pass func() *remoting.Command) *remoting.Command {
		a := pass()
		if req.Code != remoting.ClusterInfo && req.Code != remoting.RouteByTopic {
			return a
		}
		b, err := other.Call(context.Background(), &remoting.Command{Code: req.Code, ExtFields: req.ExtFields})
		if err != nil {
			return req.Answer(remoting.SystemError, err.Error())
		}
		return p.joined(a, b)
	})
	return p
}

func (p *pair) conn(addr string) *remoting.Conn {
	p.Helper()
	conn, err := remoting.Dial(p.Context(), addr, remoting.Config{})
	if err != nil {
		p.Fatal(err)
	}
	p.Cleanup(func() { _ = conn.Close() })
	return conn
}

// before serves in front of a server: answer gets each request, and what passes it on.
func (p *pair) before(addr string, answer func(req *remoting.Command, pass func() *remoting.Command) *remoting.Command) string {
	return testserver.Serve(p, func(nc net.Conn) {
		conn, err := remoting.Dial(context.Background(), addr, remoting.Config{})
		if err != nil {
			return
		}
		defer conn.Close()
		_ = remoting.Serve(nc, 64, func(req *remoting.Command) *remoting.Command {
			return answer(req, func() *remoting.Command {
				got, err := conn.Call(context.Background(), &remoting.Command{Code: req.Code, Version: req.Version, ExtFields: req.ExtFields, Body: req.Body})
				if err != nil {
					return req.Answer(remoting.SystemError, err.Error())
				}
				a := req.Answer(got.Code, got.Remark)
				a.Version, a.ExtFields, a.Body = got.Version, got.ExtFields, got.Body
				return a
			})
		})
	})
}

// joined is what both name servers say: the second broker has a name of its own, and is reached at
// its front.
func (p *pair) joined(a, b *remoting.Command) *remoting.Command {
	if b.Code != remoting.Success {
		return a
	}
	own := strings.NewReplacer(fmt.Sprintf("%q", pairFirst), fmt.Sprintf("%q", pairSecond), p.boxes[1].Broker(), p.second)
	b.Body = []byte(own.Replace(string(b.Body)))
	if a.Code != remoting.Success {
		a.Code, a.Body = b.Code, b.Body
		return a
	}
	var both [2]map[string]any
	for i, body := range [][]byte{a.Body, b.Body} {
		if err := remoting.DecodeBody(body, &both[i]); err != nil {
			p.Error(err)
		}
	}
	all, err := json.Marshal(merged(both[0], both[1]))
	if err != nil {
		p.Error(err)
	}
	a.Body = all
	return a
}

// merged are two values of JSON in one: lists one behind the other, objects by their names.
func merged(a, b any) any {
	switch x := a.(type) {
	case []any:
		if y, ok := b.([]any); ok {
			return append(x, y...)
		}
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok {
			return a
		}
		out := maps.Clone(y)
		for name, v := range x {
			if w, has := y[name]; has {
				v = merged(v, w)
			}
			out[name] = v
		}
		return out
	}
	return a
}

// desk is a Gantry at both.
func (p *pair) desk() *desk {
	return deskAt(p.T, profile.Profile{ID: "p", Name: "pair", NameServers: []string{p.nameServer}}, "")
}

// refuse has the second broker give no permission for these requests, and for no others.
func (p *pair) refuse(codes ...int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.refuses)
	for _, code := range codes {
		p.refuses[code] = true
	}
}

// freezeAt has the second broker answer nothing from its next request of that code on.
func (p *pair) freezeAt(code int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.freezes = code
}

// thaw has it answer again, also what it was asked meanwhile.
func (p *pair) thaw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.frozen == nil {
		p.Fatal("it never froze")
	}
	close(p.frozen)
	p.frozen = nil
}
