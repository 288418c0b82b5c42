package remoting

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"gantry/client/fault"
	"gantry/client/testserver"
)

// answering calls reply for each request and writes what it returns.
func answering(reply func(*Command) *Command) func(net.Conn) {
	return func(nc net.Conn) {
		r := bufio.NewReader(nc)
		for {
			req, err := ReadFrame(r)
			if err != nil {
				return
			}
			if err := send(nc, reply(req)); err != nil {
				return
			}
		}
	}
}

func send(w io.Writer, c *Command) error {
	frame, err := AppendFrame(nil, c)
	if err != nil {
		return err
	}
	_, err = w.Write(frame)
	return err
}

func echo(req *Command) *Command {
	a := req.Answer(Success, "FOUND")
	a.ExtFields, a.Body = req.ExtFields, req.Body
	return a
}

func dial(t *testing.T, addr string, cfg Config) *Conn {
	t.Helper()
	c, err := Dial(t.Context(), addr, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestCallsAnsweredInAnyOrder(t *testing.T) {
	const n = 50
	addr := testserver.Serve(t, func(nc net.Conn) {
		r := bufio.NewReader(nc)
		var held []*Command
		for len(held) < n {
			req, err := ReadFrame(r)
			if err != nil {
				return
			}
			held = append(held, req)
		}
		send(nc, &Command{Code: NotifyConsumersChanged, Opaque: held[0].Opaque}) // a request, not an answer
		for i := n - 1; i >= 0; i-- {
			send(nc, echo(held[i]))
		}
		testserver.Silent(nc)
	})
	c := dial(t, addr, Config{})
	var work sync.WaitGroup
	for i := range n {
		work.Go(func() {
			want := fmt.Sprint(i)
			resp, err := c.CallOK(t.Context(), &Command{Code: 1, ExtFields: map[string]string{"i": want}, Body: []byte(want)})
			if err != nil || resp.ExtFields["i"] != want || string(resp.Body) != want {
				t.Errorf("%d: %v, %v", i, resp, err)
			}
		})
	}
	work.Wait()
}

func TestRequestsAreSigned(t *testing.T) {
	cred := Credentials{AccessKey: "adminkey1", SecretKey: "adminsecret"}
	addr := testserver.Serve(t, answering(func(req *Command) *Command {
		if got := req.ExtFields["Signature"]; got == "" || got != Signature(req.ExtFields, req.Body, "adminsecret") || req.Language != "GO" || req.Version != 409 {
			return req.Answer(NoPermission, "check signature failed.")
		}
		return req.Answer(SystemError, "no "+req.ExtFields["AccessKey"]+" with adminsecret")
	}))
	cmd := &Command{Code: 105, ExtFields: map[string]string{"topic": "T"}, Body: []byte("b")}
	_, err := dial(t, addr, Config{Credentials: cred}).CallOK(t.Context(), cmd)
	var re *fault.Answer
	if !errors.As(err, &re) || re.Code != SystemError || re.Addr != addr {
		t.Fatal(err)
	}
	if re.Remark != "no *** with ***" {
		t.Errorf("a repeated key is not masked: %q", re.Remark)
	}
	if len(cmd.ExtFields) != 1 || cmd.Opaque != 0 {
		t.Error("the caller's command was changed")
	}
	_, err = dial(t, addr, Config{Credentials: Credentials{AccessKey: "half"}}).CallOK(t.Context(), cmd)
	if !errors.As(err, &re) || re.Code != NoPermission {
		t.Errorf("half a pair of keys signed: %v", err)
	}
}

func TestSilentServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		go testserver.Silent(theirs)
		c := newConn(ours, "pipe:1", Config{CallTimeout: 5 * time.Second})
		defer c.Close()
		begin := time.Now()
		_, err := c.Call(t.Context(), &Command{Code: 1})
		if !errors.Is(err, fault.Timeout) || !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != 5*time.Second {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		begin = time.Now()
		_, err = c.Call(ctx, &Command{Code: 1})
		if !errors.Is(err, context.Canceled) || errors.Is(err, fault.Timeout) || time.Since(begin) != time.Second {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
		if len(c.pending) != 0 || c.Err() != nil {
			t.Error("given-up calls left something behind", c.pending, c.Err())
		}
	})
}

func TestBlockedWriteIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe() // nobody reads theirs: a write blocks
		defer theirs.Close()
		c := newConn(ours, "pipe:1", Config{CallTimeout: 5 * time.Second})
		defer c.Close()
		ctx, cancel := context.WithCancel(t.Context())
		second := make(chan error)
		go func() {
			_, err := c.Call(t.Context(), &Command{Code: 2})
			second <- err
		}()
		time.AfterFunc(time.Second, cancel)
		synctest.Wait()
		if _, err := c.Call(ctx, &Command{Code: 1}); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if err := <-second; !errors.Is(err, fault.Timeout) && !errors.Is(err, fault.ConnectionLost) {
			t.Error(err)
		}
	})
}

func TestLateAnswerIsDropped(t *testing.T) {
	release := make(chan struct{})
	addr := testserver.Serve(t, answering(func(req *Command) *Command {
		if req.Code == 1 {
			<-release
		}
		return echo(req)
	}))
	c := dial(t, addr, Config{})
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := c.Call(ctx, &Command{Code: 1, Body: []byte("late")}); !errors.Is(err, fault.Timeout) {
		t.Fatal(err)
	}
	close(release)
	resp, err := c.Call(t.Context(), &Command{Code: 2, Body: []byte("own")})
	if err != nil || string(resp.Body) != "own" {
		t.Error(resp, err)
	}
}

func TestLossFailsEverythingWaiting(t *testing.T) {
	const n = 10
	answered := func(nc net.Conn, waitFor int) {
		r := bufio.NewReader(nc)
		for range waitFor {
			ReadFrame(r)
		}
	}
	for _, c := range []struct {
		name   string
		handle func(net.Conn)
		want   error
		not    error
	}{
		{"before any answer", func(nc net.Conn) { answered(nc, n) }, fault.ClosedBeforeAnswer, fault.NotRocketMQ},
		{"after an answer", func(nc net.Conn) {
			send(nc, &Command{Code: 40})
			answered(nc, n)
		}, fault.ConnectionLost, fault.ClosedBeforeAnswer},
		{"half a frame", func(nc net.Conn) {
			send(nc, &Command{Code: 40})
			answered(nc, n)
			nc.Write([]byte{0, 0, 1, 0, 0})
		}, fault.ConnectionLost, fault.NotRocketMQ},
		{"nonsense first", func(nc net.Conn) {
			answered(nc, n)
			nc.Write([]byte("\x00\x00\x00\x05\x00\x00\x00\x01x"))
			testserver.Silent(nc)
		}, fault.NotRocketMQ, fault.ConnectionLost},
		{"TLS alert", func(nc net.Conn) {
			answered(nc, n)
			nc.Write([]byte("\x15\x03\x01\x00\x02\x02\x0a"))
			testserver.Silent(nc)
		}, fault.TLS, fault.NotRocketMQ},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := dial(t, testserver.Serve(t, c.handle), Config{})
			var work sync.WaitGroup
			for range n {
				work.Go(func() {
					if _, err := conn.Call(t.Context(), &Command{Code: 1}); !errors.Is(err, c.want) || errors.Is(err, c.not) {
						t.Error(err)
					}
				})
			}
			work.Wait()
			if _, err := conn.Call(t.Context(), &Command{Code: 1}); !errors.Is(err, c.want) {
				t.Error("later:", err)
			}
		})
	}
}

func TestPeersOfOtherKinds(t *testing.T) {
	// as nginx and most others do; some wait for an end of line instead, which is fault.Timeout
	web := testserver.Serve(t, func(nc net.Conn) {
		nc.Read(make([]byte, 4))
		io.WriteString(nc, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
		testserver.Silent(nc)
	})
	_, err := dial(t, web, Config{}).Call(t.Context(), &Command{Code: 105})
	if !errors.Is(err, fault.NotRocketMQ) {
		t.Error("HTTP:", err)
	}
	if _, err = Dial(t.Context(), testserver.Nowhere(t), Config{}); !errors.Is(err, fault.Unreachable) || errors.Is(err, fault.Unresolvable) {
		t.Error("closed port:", err)
	}
	noNames := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		return nil, errors.New("no name service")
	}}
	if _, err = Dial(t.Context(), "no-such-host.invalid:9876", Config{resolver: noNames}); !errors.Is(err, fault.Unresolvable) || !errors.Is(err, fault.Unreachable) {
		t.Error("unknown name:", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = Dial(ctx, web, Config{}); !errors.Is(err, context.Canceled) || errors.Is(err, fault.Unreachable) {
		t.Error("cancelled:", err)
	}
}

func TestTLS(t *testing.T) {
	web := httptest.NewUnstartedServer(nil) // for its certificate
	web.StartTLS()
	conf := web.TLS.Clone()
	conf.NextProtos = nil
	web.Close()
	l, err := tls.Listen("tcp", "127.0.0.1:0", conf)
	if err != nil {
		t.Fatal(err)
	}
	addr := testserver.ServeOn(t, l, answering(echo))
	if _, err := dial(t, addr, Config{TLS: unverified(t)}).CallOK(t.Context(), &Command{Code: 1}); err != nil {
		t.Error(err)
	}
	if _, err := Dial(t.Context(), addr, Config{TLS: &tls.Config{}}); !errors.Is(err, fault.TLS) {
		t.Error("unknown authority:", err)
	}
	if _, err := dial(t, addr, Config{}).Call(t.Context(), &Command{Code: 1}); err == nil || errors.Is(err, fault.Timeout) {
		t.Error("plain to TLS:", err)
	}
	plain := testserver.Serve(t, answering(echo))
	if _, err := Dial(t.Context(), plain, Config{TLS: unverified(t), DialTimeout: 200 * time.Millisecond}); !errors.Is(err, fault.TLS) {
		t.Error("TLS to plain:", err)
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	addr := testserver.Serve(t, testserver.Silent)
	before := runtime.NumGoroutine()
	c, err := Dial(t.Context(), addr, Config{})
	if err != nil {
		t.Fatal(err)
	}
	failed := make(chan error)
	go func() {
		_, err := c.Call(t.Context(), &Command{Code: 1})
		failed <- err
	}()
	for waiting := 0; waiting == 0; time.Sleep(time.Millisecond) {
		c.mu.Lock()
		waiting = len(c.pending)
		c.mu.Unlock()
	}
	c.Close()
	c.Close()
	if err := <-failed; !errors.Is(err, fault.Closed) {
		t.Error(err)
	}
	if _, err := c.Call(t.Context(), &Command{Code: 1}); !errors.Is(err, fault.Closed) {
		t.Error(err)
	}
	noLeak(t, before)
}

// noLeak waits until at most as many goroutines run as before; the server's own
// end of a connection needs a moment.
func noLeak(t *testing.T, before int) {
	t.Helper()
	for range 200 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	buf := make([]byte, 1<<16)
	t.Errorf("%d goroutines became %d\n%s", before, runtime.NumGoroutine(), buf[:runtime.Stack(buf, true)])
}

func TestErrorsHoldNoBody(t *testing.T) {
	addr := testserver.Serve(t, func(nc net.Conn) { nc.Write([]byte("\x00\x00\x00\x0c\x00\x00\x00\x08{secret}")); testserver.Silent(nc) })
	_, err := dial(t, addr, Config{}).Call(t.Context(), &Command{Code: 1})
	if !errors.Is(err, fault.NotRocketMQ) || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
}

// unverified trusts whoever answers.
func unverified(t *testing.T) *tls.Config {
	t.Helper()
	c, err := (&TLS{Unverified: true}).Config()
	if err != nil {
		t.Fatal(err)
	}
	return c
}
