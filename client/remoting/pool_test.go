package remoting

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http/httptest"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"gantry/client/fault"
	"gantry/client/testserver"
)

func TestPool(t *testing.T) {
	var dials atomic.Int32
	addr := testserver.Serve(t, func(nc net.Conn) {
		dials.Add(1)
		answering(func(req *Command) *Command {
			if req.Code == 9 {
				nc.Close()
			}
			return echo(req)
		})(nc)
	})
	before := runtime.NumGoroutine()
	p := NewPool(Config{})
	var work sync.WaitGroup
	for range 20 {
		work.Go(func() {
			if _, err := p.CallOK(t.Context(), addr, &Command{Code: 1}); err != nil {
				t.Error(err)
			}
		})
	}
	work.Wait()
	if n := dials.Load(); n != 1 {
		t.Errorf("%d dials", n)
	}
	if _, err := p.Call(t.Context(), addr, &Command{Code: 9}); !errors.Is(err, fault.ConnectionLost) {
		t.Error(err)
	}
	if _, err := p.Call(t.Context(), addr, &Command{Code: 1}); err != nil || dials.Load() != 2 {
		t.Error("no new dial:", err, dials.Load())
	}
	p.Close()
	p.Close()
	if _, err := p.Call(t.Context(), addr, &Command{Code: 1}); !errors.Is(err, fault.Closed) {
		t.Error(err)
	}
	noLeak(t, before)
}

// A TLS server that never shakes hands stands for an address that swallows
// everything: dials to it last their whole timeout.
func TestPoolDeadAddressStallsNobody(t *testing.T) {
	dead := testserver.Serve(t, testserver.Silent)
	web := httptest.NewUnstartedServer(nil)
	web.StartTLS()
	conf := web.TLS.Clone()
	conf.NextProtos = nil
	web.Close()
	l, err := tls.Listen("tcp", "127.0.0.1:0", conf)
	if err != nil {
		t.Fatal(err)
	}
	alive := testserver.ServeOn(t, l, answering(echo))
	p := NewPool(Config{TLS: unverified(t), DialTimeout: time.Minute})
	ctx, cancel := context.WithCancel(t.Context())
	stalled := make(chan error)
	go func() {
		_, err := p.Call(ctx, dead, &Command{Code: 1})
		stalled <- err
	}()
	if _, err := p.Call(t.Context(), alive, &Command{Code: 1}); err != nil {
		t.Error(err)
	}
	cancel()
	if err := <-stalled; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	p.Close() // ends the dial, or this test lasts a minute
}

func TestPoolGivesUpSilentConnection(t *testing.T) {
	var dials atomic.Int32
	addr := testserver.Serve(t, func(nc net.Conn) {
		if dials.Add(1) == 1 {
			testserver.Silent(nc)
			return
		}
		answering(echo)(nc)
	})
	p := NewPool(Config{CallTimeout: silentCall + 50*time.Millisecond})
	defer p.Close()
	if _, err := p.Call(t.Context(), addr, &Command{Code: 1}); !errors.Is(err, fault.Timeout) {
		t.Error(err)
	}
	if _, err := p.Call(t.Context(), addr, &Command{Code: 1}); err != nil {
		t.Error(err)
	}
}
