package client_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/profile"
	"gantry/client/remoting"
	"gantry/client/testserver"
)

// fakeNameServer answers route requests with the body that is given for the
// topic, and everything else with "no such topic".
func fakeNameServer(t *testing.T, routes map[string]string) string {
	return testserver.Serve(t, func(nc net.Conn) {
		_ = remoting.Serve(nc, 1, func(req *remoting.Command) *remoting.Command {
			body, ok := routes[req.ExtFields["topic"]]
			if !ok {
				return req.Answer(17, "No topic route info in name server for the topic")
			}
			resp := req.Answer(0, "")
			resp.Body = []byte(body)
			return resp
		})
	})
}

// nginx is a web server that answers at once what is no request.
func nginx(t *testing.T) string {
	return testserver.Serve(t, func(nc net.Conn) {
		_, _ = nc.Read(make([]byte, 100))
		fmt.Fprint(nc, "HTTP/1.1 400 Bad Request\r\nServer: nginx\r\nConnection: close\r\n\r\n<html></html>")
		// It lingers, as nginx does, lest the answer be lost with what was not read.
		_ = nc.(*net.TCPConn).CloseWrite()
		_ = nc.SetReadDeadline(time.Now().Add(time.Second))
		_, _ = io.Copy(io.Discard, nc)
	})
}

// goServer is a web server that waits for the end of the request's first line.
func goServer(t *testing.T) string {
	s := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

func TestConnectFaults(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		server func(*testing.T) string
		want   error
	}{
		{"wrong port", func(t *testing.T) string { return testserver.Nowhere(t) }, fault.Unreachable},
		{"web server", nginx, fault.NotRocketMQ},
		{"web server that waits", goServer, fault.Timeout},
		{"web server that hangs up", func(t *testing.T) string {
			return testserver.Serve(t, func(nc net.Conn) { _, _ = nc.Read(make([]byte, 100)) })
		}, fault.ClosedBeforeAnswer},
		{"greeting", func(t *testing.T) string {
			return testserver.Serve(t, func(nc net.Conn) {
				fmt.Fprint(nc, "220 mail.example.com ESMTP ready\r\n")
				_, _ = nc.Read(make([]byte, 100))
			})
		}, fault.NotRocketMQ},
		{"unresolvable name", func(*testing.T) string { return "no-such-host.invalid:9876" }, fault.Unresolvable},
		{"silent", func(t *testing.T) string { return testserver.Serve(t, testserver.Silent) }, fault.Timeout},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			cl, _ := offline(t)
			addr := c.server(t)
			begin := time.Now()
			conn, err := cl.Open(t.Context(), profile.Profile{NameServers: []string{addr}}, "")
			if took := time.Since(begin); took > 5500*time.Millisecond {
				t.Errorf("it took %v", took)
			}
			if conn != nil || !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			if !strings.Contains(err.Error(), strings.TrimSuffix(addr, ":9876")) {
				t.Errorf("%q does not name %s", err, addr)
			}
		})
	}
}

// TestOneGoodNameServerIsEnough: the others are waited for by nobody.
func TestOneGoodNameServerIsEnough(t *testing.T) {
	t.Parallel()
	cl, _ := offline(t)
	good := fakeNameServer(t, nil)
	begin := time.Now()
	conn, err := cl.Open(t.Context(), profile.Profile{NameServers: []string{testserver.Nowhere(t), testserver.Serve(t, testserver.Silent), nginx(t), good}}, "")
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begin); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
	if via, rtt := conn.Via(); via != good || rtt <= 0 {
		t.Errorf("connected via %s in %v", via, rtt)
	}
	if err := conn.Close(); err != nil {
		t.Error(err)
	}
}

// TestAllFaultsAreNamed: with several name servers each has its own reason.
func TestAllFaultsAreNamed(t *testing.T) {
	t.Parallel()
	cl, _ := offline(t)
	closed, web := testserver.Nowhere(t), nginx(t)
	_, err := cl.Open(t.Context(), profile.Profile{NameServers: []string{closed, web}}, "")
	if !errors.Is(err, fault.Unreachable) || !errors.Is(err, fault.NotRocketMQ) || !strings.Contains(err.Error(), closed) || !strings.Contains(err.Error(), web) {
		t.Errorf("%v", err)
	}
}

func TestCancelReturnsAtOnce(t *testing.T) {
	t.Parallel()
	cl, _ := offline(t)
	asked := make(chan struct{}, 10)
	addr := testserver.Serve(t, func(nc net.Conn) {
		b := make([]byte, 4096)
		for {
			if _, err := nc.Read(b); err != nil {
				return
			}
			asked <- struct{}{}
		}
	})
	p := profile.Profile{NameServers: []string{addr}}
	for name, f := range map[string]func(context.Context) error{
		"connect": func(ctx context.Context) error {
			_, err := cl.Open(ctx, p, "")
			return err
		},
		"test": func(ctx context.Context) (err error) {
			client.TestConnection(ctx, p, "", "topic", func(c client.Check) {
				if c.Done {
					err = c.Err
				}
			})
			return err
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- f(ctx) }()
		<-asked
		begin := time.Now()
		cancel()
		err := <-done
		if took := time.Since(begin); took > 2*time.Second {
			t.Errorf("%s: %v from cancel to return", name, took)
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestClosedClientOpensNothing(t *testing.T) {
	t.Parallel()
	cl, _ := offline(t)
	p := profile.Profile{NameServers: []string{fakeNameServer(t, nil)}}
	conn, err := cl.Open(t.Context(), p, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := cl.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Send(t.Context(), draft("t", "x")); !errors.Is(err, fault.NotConnected) {
		t.Errorf("sending: %v", err)
	}
	if _, err := cl.Open(t.Context(), p, ""); !errors.Is(err, fault.NotConnected) {
		t.Errorf("opening: %v", err)
	}
}

func TestDataFolderNotWritable(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*testing.T, string){
		"a file is in its place": func(t *testing.T, dir string) {
			if err := os.WriteFile(filepath.Join(dir, "data"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"its lock is a folder": func(t *testing.T, dir string) {
			if err := os.MkdirAll(filepath.Join(dir, "data", "gantry.lock"), 0o700); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			spoil(t, dir)
			_, err := client.New(client.Params{Folders: client.FoldersIn(dir)})
			if err == nil || errors.Is(err, fault.FolderInUse) || !strings.Contains(err.Error(), dir) {
				t.Errorf("%v", err)
			}
		})
	}
}

// TestDeadBrokerInTheRoute: the name server is well, but gives an address that
// cannot be reached, as behind a port forward.
func TestDeadBrokerInTheRoute(t *testing.T) {
	t.Parallel()
	dead, mute := testserver.Nowhere(t), testserver.Serve(t, testserver.Silent)
	ns := fakeNameServer(t, map[string]string{"orders": fmt.Sprintf(`{
		"brokerDatas":[{"brokerName":"broker-a","cluster":"C","brokerAddrs":{"0":%q,"1":%q}}],
		"queueDatas":[{"brokerName":"broker-a","readQueueNums":4,"writeQueueNums":4,"perm":6}]}`, dead, mute)})
	other := testserver.Nowhere(t)
	p := profile.Profile{NameServers: []string{ns, other}}
	var reports []client.Check
	begin := time.Now()
	client.TestConnection(t.Context(), p, "", "orders", func(c client.Check) { reports = append(reports, c) })
	if took := time.Since(begin); took > 12*time.Second {
		t.Errorf("it took %v", took)
	}
	done := map[string]client.Check{}
	running := map[int]client.Check{}
	for _, c := range reports {
		if !c.Done {
			running[c.ID] = c
			continue
		}
		if r, ok := running[c.ID]; !ok || r.Kind != c.Kind || r.Subject != c.Subject || r.Addr != c.Addr {
			t.Errorf("%+v ended, %+v began", c, r)
		}
		delete(running, c.ID)
		done[fmt.Sprint(c.Kind, " ", c.Addr)] = c
	}
	if len(running) > 0 {
		t.Errorf("began and never ended: %v", running)
	}
	for key, want := range map[string]error{
		fmt.Sprint(client.CheckNameServer, " ", ns):    nil,
		fmt.Sprint(client.CheckNameServer, " ", other): fault.Unreachable,
		fmt.Sprint(client.CheckRoute, " "):             nil,
		fmt.Sprint(client.CheckBroker, " ", dead):      fault.Unreachable,
		fmt.Sprint(client.CheckBroker, " ", mute):      nil,
		fmt.Sprint(client.CheckCredentials, " ", mute): fault.Timeout,
	} {
		c, ok := done[key]
		if !ok || !errors.Is(c.Err, want) || (want == nil) != (c.Err == nil) {
			t.Errorf("step %s: %+v, want %v", key, c, want)
		}
		if want != nil && ok && !strings.Contains(c.Err.Error(), c.Addr) {
			t.Errorf("%q does not name %s", c.Err, c.Addr)
		}
	}
	if c, asked := done[fmt.Sprint(client.CheckCredentials, " ", dead)]; asked {
		t.Errorf("a broker that was not reached is asked about the sign-in: %+v", c)
	}
	if c := done[fmt.Sprint(client.CheckRoute, " ")]; c.Subject != "orders" || c.Brokers != 1 || c.Queues != 4 {
		t.Errorf("route: %+v", c)
	}
	kinds := []client.CheckKind{}
	for _, c := range reports {
		kinds = append(kinds, c.Kind)
	}
	if !slices.IsSorted(kinds) {
		t.Errorf("the steps came in the order %v", kinds)
	}
}
