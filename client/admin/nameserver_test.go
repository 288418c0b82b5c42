package admin

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"gantry/client/fault"
	"gantry/client/remoting"
	"gantry/client/testserver"
)

const emptyRoute = `{"brokerDatas":[],"queueDatas":[]}`

func TestNextNameServerIsAsked(t *testing.T) {
	good := newFake(t)
	good.on(105, body(emptyRoute))
	starting := newFake(t)
	starting.on(105, code(1, "name server not ready"))
	silent := newFake(t)
	silent.on(105, never)
	for _, c := range []struct {
		name   string
		first  string
		within time.Duration
	}{
		{"refused port", testserver.Nowhere(t), 900 * time.Millisecond},
		{"not ready", starting.addr, 900 * time.Millisecond},
		{"silent", silent.addr, 2500 * time.Millisecond},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cl := newClient(t, c.first, good.addr)
			begin := time.Now()
			if _, err := cl.Route(t.Context(), "T"); err != nil || time.Since(begin) > c.within {
				t.Error(err, time.Since(begin))
			}
			begin = time.Now() // now the good one is first
			if _, err := cl.Route(t.Context(), "T"); err != nil || time.Since(begin) > 900*time.Millisecond {
				t.Error(err, time.Since(begin))
			}
		})
	}
}

func TestNoNameServerAnswers(t *testing.T) {
	silent := newFake(t)
	silent.on(105, never)
	closed := testserver.Nowhere(t)
	web := testserver.Serve(t, func(nc net.Conn) {
		nc.Read(make([]byte, 4))
		io.WriteString(nc, "HTTP/1.1 400 Bad Request\r\n\r\n")
	})
	cl := newClient(t, silent.addr, closed, web)
	begin := time.Now()
	_, _, err := cl.Connect(t.Context())
	if took := time.Since(begin); took < 2*time.Second || took > 6*time.Second {
		t.Error("took", took)
	}
	for _, want := range []error{fault.Timeout, fault.Unreachable, fault.NotRocketMQ} {
		if !errors.Is(err, want) {
			t.Errorf("%v is not told in %v", want, err)
		}
	}
	for _, addr := range []string{silent.addr, closed, web} {
		if !strings.Contains(err.Error(), addr) {
			t.Errorf("%s is not named in %v", addr, err)
		}
	}
	if _, err := cl.Route(t.Context(), "T"); !errors.Is(err, fault.Unreachable) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	begin = time.Now()
	if _, err := newClient(t, silent.addr).Route(ctx, "T"); !errors.Is(err, context.Canceled) || time.Since(begin) > time.Second {
		t.Error(err, time.Since(begin))
	}
	if _, err := newClient(t).Route(ctx, "T"); !errors.Is(err, fault.NoNameServer) {
		t.Error(err)
	}
	if _, _, err := newClient(t).Connect(ctx); !errors.Is(err, fault.NoNameServer) {
		t.Error(err)
	}
}

func TestConnect(t *testing.T) {
	good, silent := newFake(t), newFake(t)
	good.on(105, code(17, "No topic route info"))
	silent.on(105, never)
	cl := newClient(t, silent.addr, good.addr)
	addr, rtt, err := cl.Connect(t.Context())
	if err != nil || addr != good.addr || rtt <= 0 || rtt > time.Second {
		t.Error(addr, rtt, err)
	}
	good.on(105, code(16, "check signature failed."))
	_, err = cl.Ping(t.Context(), good.addr)
	var re *fault.Answer
	if !errors.Is(err, fault.Refused) || !errors.As(err, &re) || re.Remark != "check signature failed." {
		t.Error(err)
	}
	if took, err := cl.DialBroker(t.Context(), good.addr); err != nil || took <= 0 {
		t.Error(took, err)
	}
	if _, err := cl.DialBroker(t.Context(), testserver.Nowhere(t)); !errors.Is(err, fault.Unreachable) {
		t.Error(err)
	}
}

func TestRequestsCarryTheSignature(t *testing.T) {
	ns := newFake(t)
	ns.on(105, func(req *remoting.Command) *remoting.Command {
		if req.ExtFields["Signature"] != remoting.Signature(req.ExtFields, req.Body, "secretsecret") {
			return req.Answer(16, "check signature failed.")
		}
		return body(emptyRoute)(req)
	})
	for secret, want := range map[string]error{"secretsecret": nil, "wrong": fault.Refused} {
		cl := New(Config{NameServers: []string{ns.addr}, Credentials: remoting.Credentials{AccessKey: "user", SecretKey: secret}})
		if _, err := cl.Route(t.Context(), "T"); !errors.Is(err, want) {
			t.Error(secret, err)
		}
		cl.Close()
	}
}
