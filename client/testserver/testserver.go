// Package testserver plays servers on the loopback that misbehave as a test
// wants, where package testcluster starts real ones. Only tests import it, from
// any goroutine of theirs.
package testserver

import (
	"io"
	"net"
	"sync"
	"testing"
)

// Serve calls handle, on a goroutine of its own, for every connection to a free
// port of 127.0.0.1, and returns that address. A connection is closed when its
// handle returns; the end of the test closes all and waits for their handles.
func Serve(t testing.TB, handle func(net.Conn)) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ServeOn(t, l, handle)
}

// ServeOn is Serve for a listener, such as one of TLS; it closes that too.
func ServeOn(t testing.TB, l net.Listener, handle func(net.Conn)) (addr string) {
	t.Helper()
	var (
		work sync.WaitGroup
		mu   sync.Mutex
		open []net.Conn
	)
	work.Go(func() {
		for {
			nc, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, nc)
			mu.Unlock()
			work.Go(func() {
				defer nc.Close()
				handle(nc)
			})
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		for _, nc := range open {
			_ = nc.Close()
		}
		mu.Unlock()
		work.Wait()
	})
	return l.Addr().String()
}

// Silent reads everything and says nothing.
func Silent(nc net.Conn) { _, _ = io.Copy(io.Discard, nc) }

// Nowhere is an address on the loopback where nothing listens, and nothing will until the
// test ends: a connection has it.
func Nowhere(t testing.TB) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	held, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	other, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { held.Close(); other.Close() })
	return held.LocalAddr().String()
}
