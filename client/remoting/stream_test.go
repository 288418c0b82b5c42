package remoting

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"gantry/client/fault"
	"gantry/client/testserver"
)

func openStream(t *testing.T, addr string, cfg Config) *Stream {
	t.Helper()
	s, err := OpenStream(t.Context(), addr, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// read returns the next answer.
func read(t *testing.T, s *Stream) *Command {
	t.Helper()
	c, err := s.Read(time.Now().Add(10 * time.Second))
	if c == nil || err != nil {
		t.Fatalf("%v, %v", c, err)
	}
	return c
}

// listener returns one on the loopback, with TLS or not, and what connects to it.
func listener(t *testing.T, encrypted bool) (net.Listener, Config) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if !encrypted {
		return l, Config{}
	}
	cert, key := certificate(t, usual)
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	conf, err := (&TLS{Authorities: cert}).Config()
	if err != nil {
		t.Fatal(err)
	}
	return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{pair}}), Config{TLS: conf}
}

// TestStreamSizes: answers of all sizes come whole, also one that is larger than what
// is read at once, however the network cuts them, and the buffer shrinks again.
func TestStreamSizes(t *testing.T) {
	for _, encrypted := range []bool{false, true} {
		l, cfg := listener(t, encrypted)
		addr := testserver.ServeOn(t, l, func(nc net.Conn) {
			answering(func(req *Command) *Command {
				a := echo(req)
				n, _ := strconv.Atoi(req.ExtFields["size"])
				a.Body = bytes.Repeat([]byte{byte(n)}, n)
				return a
			})(slowly{nc})
		})
		s := openStream(t, addr, cfg)
		sizes := []int{0, 1, 5 << 20, 40_000, streamBuffer, streamBuffer - 3, 100, 2 << 20, 40_000, 7}
		for range 3 {
			for _, n := range sizes {
				if _, err := s.Ask(&Command{ExtFields: map[string]string{"size": strconv.Itoa(n)}}); err != nil {
					t.Fatal(err)
				}
			}
			for _, n := range sizes {
				if a := read(t, s); len(a.Body) != n || bytes.Count(a.Body, []byte{byte(n)}) != n {
					t.Errorf("%d bytes came of %d", len(a.Body), n)
				}
			}
		}
		if c, err := s.Read(time.Now().Add(10 * time.Millisecond)); c != nil || err != nil || len(s.in) > keptBuffer {
			t.Errorf("%v, %v, with a buffer of %d", c, err, len(s.in))
		}
	}
}

// slowly writes in pieces that end anywhere.
type slowly struct{ net.Conn }

func (s slowly) Write(b []byte) (int, error) {
	for rest, n := b, 1; len(rest) > 0; n = min(3*n, len(rest)) {
		if _, err := s.Conn.Write(rest[:n]); err != nil {
			return 0, err
		}
		rest = rest[n:]
	}
	return len(b), nil
}

// TestStreamAsksTogether: what is asked between two answers at hand is sent at once,
// signed, under opaques of its own; what a server asks is passed over.
func TestStreamAsksTogether(t *testing.T) {
	cred := Credentials{AccessKey: "the-access-key", SecretKey: "the-secret-key"}
	addr := testserver.Serve(t, func(nc net.Conn) {
		_ = send(nc, &Command{Code: NotifyConsumersChanged, Opaque: 1})
		answering(func(req *Command) *Command {
			a := echo(req)
			ext := map[string]string{"n": req.ExtFields["n"], "AccessKey": cred.AccessKey}
			if req.ExtFields["Signature"] != Signature(ext, nil, cred.SecretKey) {
				a.Code = NoPermission
			}
			a.Remark = "the-access-key is known"
			return a
		})(nc)
	})
	s := openStream(t, addr, Config{Credentials: cred})
	want := map[int32]string{}
	for i := range 20 {
		n := fmt.Sprint(i)
		id, err := s.Ask(&Command{ExtFields: map[string]string{"n": n}})
		if err != nil {
			t.Fatal(err)
		}
		want[id] = n
	}
	for range 20 {
		a := read(t, s)
		if a.ExtFields["n"] != want[a.Opaque] || a.Code != Success || strings.Contains(a.Remark, "the-access-key") {
			t.Errorf("%v %v, %q", a, a.ExtFields, a.Remark)
		}
		delete(want, a.Opaque)
	}
	if _, err := s.Ask(&Command{Body: make([]byte, MaxFrame)}); !errors.Is(err, fault.TooLarge) {
		t.Error(err)
	}
	if _, err := s.Ask(&Command{ExtFields: map[string]string{"n": "last"}}); err != nil {
		t.Fatal(err)
	}
	if a := read(t, s); a.ExtFields["n"] != "last" {
		t.Errorf("%v", a.ExtFields)
	}
}

// TestStreamInterrupt: a Read returns for news at once, whether it waits already or
// not, also in the middle of a frame.
func TestStreamInterrupt(t *testing.T) {
	for _, encrypted := range []bool{false, true} {
		half := make(chan struct{})
		l, cfg := listener(t, encrypted)
		addr := testserver.ServeOn(t, l, func(nc net.Conn) {
			frame, _ := AppendFrame(nil, &Command{Flag: flagResponse, Opaque: 5, Body: []byte("whole")})
			_, _ = nc.Write(frame[:20])
			<-half
			_, _ = nc.Write(frame[20:])
			testserver.Silent(nc)
		})
		s := openStream(t, addr, cfg)
		later := time.Now().Add(time.Minute)
		for _, wait := range []time.Duration{0, 50 * time.Millisecond} {
			done := make(chan struct{})
			time.AfterFunc(wait, func() { s.Interrupt(); close(done) })
			if c, err := s.Read(later); c != nil || err != nil {
				t.Errorf("interrupted: %v, %v", c, err)
			}
			<-done
		}
		close(half)
		// One that came when it was not waited for makes the next Read return.
		c, err := s.Read(later)
		if c == nil && err == nil {
			c = read(t, s)
		}
		if err != nil || c.Opaque != 5 || string(c.Body) != "whole" {
			t.Errorf("%v, %v", c, err)
		}
		time.AfterFunc(50*time.Millisecond, func() { _ = s.Close() })
		if c, err := s.Read(later); c != nil || !errors.Is(err, fault.ConnectionLost) {
			t.Errorf("closed: %v, %v", c, err)
		}
	}
}

// TestStreamErrors: it ends as a Conn does.
func TestStreamErrors(t *testing.T) {
	spoken := func(then func(net.Conn)) func(net.Conn) {
		return func(nc net.Conn) {
			_ = send(nc, &Command{Flag: flagResponse})
			then(nc)
		}
	}
	text := func(nc net.Conn) {
		_, _ = io.WriteString(nc, "HTTP/1.1 400 Bad Request\r\n\r\n")
		testserver.Silent(nc)
	}
	junk := func(nc net.Conn) { _, _ = nc.Write([]byte{0, 0, 0, 8, 9, 0, 0, 0, 0, 0, 0, 0}); testserver.Silent(nc) }
	hangUp := func(nc net.Conn) {}
	for name, c := range map[string]struct {
		serve func(net.Conn)
		want  error
	}{
		"text":             {text, fault.NotRocketMQ},
		"junk":             {junk, fault.NotRocketMQ},
		"junk later":       {spoken(junk), fault.Malformed},
		"hangs up":         {hangUp, fault.ClosedBeforeAnswer},
		"hangs up later":   {spoken(hangUp), fault.ConnectionLost},
		"a TLS alert":      {func(nc net.Conn) { _, _ = nc.Write([]byte{0x15, 3, 1, 0, 2, 2, 40}); testserver.Silent(nc) }, fault.TLS},
		"too large, later": {spoken(func(nc net.Conn) { _, _ = nc.Write([]byte{3, 0, 0, 0}); testserver.Silent(nc) }), fault.TooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			s := openStream(t, testserver.Serve(t, c.serve), Config{})
			_, err := s.Read(time.Now().Add(5 * time.Second))
			if err == nil {
				_, err = s.Read(time.Now().Add(5 * time.Second))
			}
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), s.Addr()) {
				t.Error(err)
			}
		})
	}
	if _, err := OpenStream(t.Context(), testserver.Nowhere(t), Config{}); !errors.Is(err, fault.Unreachable) {
		t.Error(err)
	}
	if _, err := OpenStream(t.Context(), testserver.Serve(t, text), Config{TLS: &tls.Config{MinVersion: tls.VersionTLS12}}); !errors.Is(err, fault.PlainServer) {
		t.Error(err)
	}
	given, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := OpenStream(given, testserver.Serve(t, hangUp), Config{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

// TestStreamServerThatTakesNothing: asking ends in bounded time.
func TestStreamServerThatTakesNothing(t *testing.T) {
	done := make(chan struct{})
	addr := testserver.Serve(t, func(net.Conn) { <-done })
	t.Cleanup(func() { close(done) })
	s := openStream(t, addr, Config{CallTimeout: 100 * time.Millisecond})
	for range 4 {
		if _, err := s.Ask(&Command{Body: make([]byte, 8<<20)}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Read(time.Now().Add(10 * time.Second)); !errors.Is(err, fault.ConnectionLost) {
		t.Error(err)
	}
}
