package relay

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"

	"gantry/client/fault"
	"gantry/client/remoting"
	"gantry/client/testserver"
)

// door starts a relay and returns the listener that leads to a broker.
func door(t *testing.T, remote remoting.Config, broker string) (*Relay, string) {
	t.Helper()
	// Its name server is plain: the test is about the broker.
	ns := serveBehind(t, nil, answers(routes(func() string { return "" })))
	r := start(t, remote, ns.addr)
	to, err := r.doorOf(broker)
	if err != nil {
		t.Fatal(err)
	}
	return r, to
}

// TestBytesComeThroughUntouched in both directions, whatever their size and
// whether a frame comes whole.
func TestBytesComeThroughUntouched(t *testing.T) {
	broker := serveBehind(t, nil, answers(echo))
	_, to := door(t, remoting.Config{}, broker.addr)
	c, err := remoting.Dial(t.Context(), to, remoting.Config{CallTimeout: 20 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, size := range []int{0, 1, 100, 1 << 16, 4 << 20} {
		body := bytes.Repeat([]byte{0, 0xFF, byte(size)}, size/3+1)[:size]
		resp, err := c.CallOK(t.Context(), &remoting.Command{Code: size, ExtFields: map[string]string{"键": "值"}, Body: body})
		if err != nil || !bytes.Equal(resp.Body, body) || resp.ExtFields["键"] != "值" {
			t.Errorf("%d bytes: %v, %d bytes", size, err, len(resp.Body))
		}
	}
	nc, err := net.Dial("tcp", to)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	frame, err := remoting.AppendFrame(nil, &remoting.Command{Code: 5, Opaque: 77})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range frame {
		if _, err := nc.Write([]byte{b}); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := remoting.ReadFrame(nc); err != nil || got.Opaque != 77 || got.Remark != "code 5" {
		t.Errorf("%v, %v", got, err)
	}
}

// TestABrokerThatHangsUpHangsUpHere, and the other way round.
func TestABrokerThatHangsUpHangsUpHere(t *testing.T) {
	ended := make(chan struct{}, 1)
	broker := serveBehind(t, nil, func(nc net.Conn) {
		req, err := remoting.ReadFrame(nc)
		if err != nil {
			return
		}
		frame, _ := remoting.AppendFrame(nil, req.Answer(0, "last words"))
		_, _ = nc.Write(frame)
		if req.Code == 2 {
			_, _ = io.Copy(io.Discard, nc)
			ended <- struct{}{}
		}
	})
	_, to := door(t, remoting.Config{}, broker.addr)
	nc, err := net.Dial("tcp", to)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	frame, _ := remoting.AppendFrame(nil, &remoting.Command{Code: 1})
	_, _ = nc.Write(frame)
	_ = nc.SetReadDeadline(time.Now().Add(5 * time.Second))
	if got, err := remoting.ReadFrame(nc); err != nil || got.Remark != "last words" {
		t.Fatalf("%v, %v", got, err)
	}
	if _, err := nc.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("after the broker hung up: %v", err)
	}
	nc, err = net.Dial("tcp", to)
	if err != nil {
		t.Fatal(err)
	}
	frame, _ = remoting.AppendFrame(nil, &remoting.Command{Code: 2})
	_, _ = nc.Write(frame)
	if _, err := remoting.ReadFrame(nc); err != nil {
		t.Fatal(err)
	}
	_ = nc.Close()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Error("the broker's connection stays open")
	}
}

// TestWhyThereIsNoAnswer: connecting to the relay always works, so it says
// itself what is wrong behind it, and whether the request has left.
func TestWhyThereIsNoAnswer(t *testing.T) {
	ca, server := (*authority)(nil).issue(t)
	_, cert := ca.issue(t)
	other, _ := (*authority)(nil).issue(t)
	_, foreign := other.issue(t)
	asks := serverConf(ca, cert)
	hangsUp := func(nc net.Conn) { _, _ = remoting.ReadFrame(nc) }
	for name, c := range map[string]struct {
		remote remoting.Config
		broker string
		code   int
		want   string
	}{
		"closed port":    {remoting.Config{}, testserver.Nowhere(t), CodeUnreachable, fault.Unreachable.Error()},
		"unknown name":   {remoting.Config{}, "no-such-host.invalid:1", CodeUnreachable, "no-such-host.invalid"},
		"no TCP address": {remoting.Config{}, "nonsense", CodeUnreachable, "nonsense"},
		"hangs up":       {remoting.Config{}, serveBehind(t, nil, hangsUp).addr, CodeUnanswered, fault.ClosedBeforeAnswer.Error()},
		"hangs up in TLS": {
			remoting.Config{TLS: trusting(t, ca)}, serveBehind(t, serverConf(nil, cert), hangsUp).addr, CodeUnanswered, fault.ConnectionLost.Error(),
		},
		"not trusted": {
			remoting.Config{TLS: trusting(t, other)}, serveBehind(t, serverConf(nil, server), answers(echo)).addr, CodeUnreachable, fault.Untrusted.Error(),
		},
		"plain server": {remoting.Config{TLS: trusting(t, ca)}, serveBehind(t, nil, func(nc net.Conn) {
			_, _ = nc.Write([]byte("220 mail.example.com ESMTP\r\n"))
			_, _ = io.Copy(io.Discard, nc)
		}).addr, CodeUnreachable, fault.PlainServer.Error()},
		"certificate wanted": {
			remoting.Config{TLS: trusting(t, ca)}, serveBehind(t, asks, answers(echo)).addr, CodeUnreachable, fault.CertificateRefused.Error(),
		},
		"foreign certificate": {
			remoting.Config{TLS: trusting(t, ca, foreign)}, serveBehind(t, asks, answers(echo)).addr, CodeUnreachable, fault.CertificateRefused.Error(),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, to := door(t, c.remote, c.broker)
			nc, err := remoting.Dial(t.Context(), to, remoting.Config{})
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			got, err := nc.Call(t.Context(), &remoting.Command{Code: remoting.SendMessage})
			if err != nil {
				t.Fatal(err)
			}
			if got.Code != c.code || !strings.Contains(got.Remark, c.want) {
				t.Errorf("%d %q, want %d %q", got.Code, got.Remark, c.code, c.want)
			}
			// It hangs up then, so that the library dials again.
			for end := time.Now().Add(5 * time.Second); nc.Err() == nil; time.Sleep(5 * time.Millisecond) {
				if time.Now().After(end) {
					t.Fatal("the connection stays open")
				}
			}
		})
	}
}

// left is an address that a server had: nothing listens there now, and a connection that is
// still open keeps the port from everybody who asks for any.
func left(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(); server.Close() })
	return l.Addr().String()
}

// TestARecoveredBrokerIsReached by the next connection.
func TestARecoveredBrokerIsReached(t *testing.T) {
	addr := left(t)
	_, to := door(t, remoting.Config{}, addr)
	if resp := ask(t, to, &remoting.Command{Code: 1}); resp.Code != CodeUnreachable {
		t.Fatalf("%d", resp.Code)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	testserver.ServeOn(t, l, answers(echo))
	if resp := ask(t, to, &remoting.Command{Code: 1}); resp.Remark != "code 1" {
		t.Errorf("%d %q", resp.Code, resp.Remark)
	}
}

func TestEncryptedBothWays(t *testing.T) {
	ca, _ := (*authority)(nil).issue(t)
	_, cert := ca.issue(t)
	_, own := ca.issue(t)
	broker := serveBehind(t, serverConf(ca, cert), answers(echo))
	ns := serveBehind(t, serverConf(ca, cert), answers(routes(func() string {
		return fmt.Sprintf(`{"brokerDatas":[{"brokerAddrs":{0:%q},"brokerName":"a"}]}`, "10.255.255.1:10911")
	})))
	conf := trusting(t, ca, own)
	conf.ServerName = "127.0.0.1"
	r := start(t, remoting.Config{TLS: conf, Addresses: remoting.AddressMap{"10.255.255.1:10911": broker.addr}}, ns.addr)
	to := addresses(t, ask(t, r.NameServer(), routeRequest()).Body)["a"]["0"]
	if resp := ask(t, to, &remoting.Command{Code: 3}); resp.Remark != "code 3" {
		t.Errorf("%d %q", resp.Code, resp.Remark)
	}
	if got := r.Restore(to); got != "10.255.255.1:10911" {
		t.Errorf("texts show %q", got)
	}
}

func TestRestore(t *testing.T) {
	r := &Relay{door: "127.0.0.1:4000", doors: map[string]string{"broker:10911": "127.0.0.1:400", "other:1": "127.0.0.1:40001"}}
	r.names = remoting.NewServers(nil, []string{"ns1:9876", "ns2:9876"})
	for in, want := range map[string]string{
		"":                               "",
		"dial tcp 127.0.0.1:400: x":      "dial tcp broker:10911: x",
		"127.0.0.1:4000":                 "ns1:9876, ns2:9876",
		"127.0.0.1:40001/127.0.0.1:4009": "other:1/127.0.0.1:4009",
	} {
		if got := r.Restore(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

// strangerEnv makes this test program another one that connects to an address.
const strangerEnv = "GANTRY_TEST_STRANGER"

func TestMain(m *testing.M) {
	if addr := os.Getenv(strangerEnv); addr != "" {
		fmt.Print(knock(addr))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// knock sends a request and says what came of it.
func knock(addr string) string {
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		return "no connection"
	}
	defer nc.Close()
	_ = nc.SetDeadline(time.Now().Add(2 * time.Second))
	frame, _ := remoting.AppendFrame(nil, &remoting.Command{Code: 1})
	_, _ = nc.Write(frame)
	b := make([]byte, 1<<16)
	n, err := nc.Read(b)
	return fmt.Sprintf("%d bytes, end %v", n, err != nil && !os.IsTimeout(err))
}

// TestAStrangerGetsNoByte: neither of the name server nor of a broker, though the
// same steps within the process work.
func TestAStrangerGetsNoByte(t *testing.T) {
	broker := serveBehind(t, nil, answers(echo))
	ns := serveBehind(t, nil, answers(echo))
	r := start(t, remoting.Config{}, ns.addr)
	to, err := r.doorOf(broker.addr)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, addr := range map[string]string{"name server": r.NameServer(), "broker": to} {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), strangerEnv+"="+addr)
		out, err := cmd.Output()
		if err != nil || string(out) != "0 bytes, end true" {
			t.Errorf("%s: a stranger got %q, %v", name, out, err)
		}
	}
	if n := broker.connections.Load() + ns.connections.Load(); n != 0 {
		t.Errorf("%d connections were made for a stranger", n)
	}
	if got := knock(to); !strings.HasSuffix(got, "end false") || strings.HasPrefix(got, "0 bytes") {
		t.Errorf("the control gets %q", got)
	}
	if broker.connections.Load() != 1 {
		t.Error("the control has not reached the broker")
	}
}

func TestCloseLeavesNothing(t *testing.T) {
	hold := serveBehind(t, nil, testserver.Silent)
	before := runtime.NumGoroutine()
	r, err := Start(Config{NameServers: []string{hold.addr}})
	if err != nil {
		t.Fatal(err)
	}
	to, err := r.doorOf(hold.addr)
	if err != nil {
		t.Fatal(err)
	}
	for _, addr := range []string{to, r.NameServer(), to} {
		nc, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		frame, _ := remoting.AppendFrame(nil, routeRequest())
		if _, err := nc.Write(frame); err != nil {
			t.Fatal(err)
		}
	}
	for hold.connections.Load() < 3 {
		time.Sleep(time.Millisecond)
	}
	begin := time.Now()
	if err := r.Close(); err != nil || time.Since(begin) > time.Second {
		t.Errorf("%v after %v", err, time.Since(begin))
	}
	for range 200 {
		// The servers behind still have their ends.
		if runtime.NumGoroutine() <= before+3 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if n := runtime.NumGoroutine(); n > before+3 {
		buf := make([]byte, 1<<16)
		t.Errorf("%d goroutines became %d\n%s", before, n, buf[:runtime.Stack(buf, true)])
	}
	if _, err := r.doorOf("another:1"); err == nil {
		t.Error("a closed relay opens listeners")
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}
