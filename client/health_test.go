package client_test

import (
	"errors"
	"fmt"
	"net"
	"slices"
	"sync/atomic"
	"testing"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/client/profile"
	"gantry/client/remoting"
	"gantry/client/testserver"
)

// serveBrokers is a name server and broker that lists what it is told, and refuses all
// else.
func serveBrokers(t *testing.T, brokers *atomic.Pointer[string]) (addr string) {
	t.Helper()
	return testserver.Serve(t, func(nc net.Conn) {
		_ = remoting.Serve(nc, 8, func(q *remoting.Command) *remoting.Command {
			a := q.Answer(remoting.Success, "")
			switch q.Code {
			case remoting.RouteByTopic:
				return q.Answer(remoting.TopicNotExist, "none")
			case remoting.ClusterInfo:
				a.Body = fmt.Appendf(nil, `{"brokerAddrTable":{%s},"clusterAddrTable":{}}`, *brokers.Load())
			default:
				return q.Answer(remoting.RequestCodeNotSupported, "no")
			}
			return a
		})
	})
}

// entry is a broker as a name server lists it.
func entry(name, addr string) string {
	return fmt.Sprintf(`%q:{"brokerName":%q,"cluster":"c","brokerAddrs":{"0":%q}}`, name, name, addr)
}

// TestHealth: brokers that are not listed, listed but dead, and listed and answering, if
// only by refusing.
func TestHealth(t *testing.T) {
	t.Parallel()
	var brokers atomic.Pointer[string]
	addr, dead := serveBrokers(t, &brokers), testserver.Nowhere(t)
	list := func(s string) { brokers.Store(&s) }
	list("")
	d := deskAt(t, profile.Profile{ID: "p", Name: "alive", NameServers: []string{addr}}, "")
	for _, x := range []struct {
		listed                string
		known, now, answering int
	}{
		{"", 0, 0, 0},
		{entry("a", dead), 1, 1, 0},
		{entry("a", dead) + "," + entry("b", addr), 2, 2, 1},
		{entry("b", addr), 2, 1, 1}, // a was there, and is missing
		{entry("a", "") + "," + entry("b", addr), 2, 1, 1},
		{"", 2, 0, 0},
	} {
		list(x.listed)
		got, err := d.conn.Health(t.Context())
		known, now, answering := got.Count()
		if err != nil || !got.Listed || known != x.known || now != x.now || answering != x.answering || got.RTT() <= 0 {
			t.Errorf("with %s: %+v, %v", x.listed, got, err)
		}
	}
	// Where it was listed without an address it is missing by the one it had.
	list(entry("a", "") + "," + entry("b", addr))
	st, err := d.conn.Health(t.Context())
	if err != nil || len(st.Brokers) != 2 || !errors.Is(st.Brokers[0].Err, fault.Unreachable) {
		t.Errorf("the cluster: %+v, %v", st.Brokers, err)
	}
}

// TestConnectionWithoutATopic dials the brokers that are listed.
func TestConnectionWithoutATopic(t *testing.T) {
	t.Parallel()
	var brokers atomic.Pointer[string]
	addr, dead := serveBrokers(t, &brokers), testserver.Nowhere(t)
	for _, x := range []struct {
		listed string
		want   []string
	}{
		{entry("a", dead) + "," + entry("b", addr), []string{"a " + dead + " failed", "b " + addr}},
		{"", []string{"  failed"}},
	} {
		brokers.Store(&x.listed)
		var got []string
		client.TestConnection(t.Context(), profile.Profile{NameServers: []string{addr}}, "", "", func(c client.Check) {
			if c.Kind != client.CheckBroker || !c.Done {
				return
			}
			s := c.Subject + " " + c.Addr
			if c.Err != nil {
				s += " failed"
			}
			got = append(got, s)
		})
		slices.Sort(got)
		if !slices.Equal(got, x.want) {
			t.Errorf("%q, want %q", got, x.want)
		}
	}
}

// serveSignIn is a name server that lists itself as broker, and as broker answers a signed
// question as it is told: with a code and a remark.
func serveSignIn(t *testing.T, answer *atomic.Pointer[fault.Answer]) (addr string) {
	t.Helper()
	var own atomic.Pointer[string]
	addr = testserver.Serve(t, func(nc net.Conn) {
		_ = remoting.Serve(nc, 8, func(q *remoting.Command) *remoting.Command {
			switch q.Code {
			case remoting.RouteByTopic:
				return q.Answer(remoting.TopicNotExist, "none")
			case remoting.ClusterInfo:
				a := q.Answer(remoting.Success, "")
				a.Body = fmt.Appendf(nil, `{"brokerAddrTable":{%s},"clusterAddrTable":{}}`, entry("b", *own.Load()))
				return a
			case remoting.BrokerRuntimeInfo:
				if said := answer.Load(); said != nil {
					return q.Answer(said.Code, said.Remark)
				}
				a := q.Answer(remoting.Success, "")
				a.Body = []byte(`{"table":{"brokerVersionDesc":"V5_5_0"}}`)
				return a
			}
			return q.Answer(remoting.RequestCodeNotSupported, "no")
		})
	})
	own.Store(&addr)
	return addr
}

// TestA1A4A5SignIn: what a broker says to a signed question is what the test and an open
// connection say of the sign-in, with a topic or without, and whether that exists or not.
func TestA1A4A5SignIn(t *testing.T) {
	t.Parallel()
	var answer atomic.Pointer[fault.Answer]
	addr := serveSignIn(t, &answer)
	p := profile.Profile{ID: "p", Name: "x", NameServers: []string{addr}}
	for _, c := range []struct {
		name    string
		said    *fault.Answer
		want    insight.SignIn
		refused bool
		untried bool
	}{
		{"taken", nil, insight.SignInTaken, false, false},
		{"5.5.0, wrong password", &fault.Answer{Code: 16, Remark: "check signature failed."}, insight.SignInRefused, true, false},
		{"5.5.0, no credentials", &fault.Answer{Code: 16, Remark: "username cannot be null."}, insight.SignInRefused, true, false},
		{"5.5.0, unknown user", &fault.Answer{Code: 16, Remark: "User:nobody is not found."}, insight.SignInRefused, true, false},
		{"4.9.7, wrong password", &fault.Answer{Code: 1, Remark: "org.apache.rocketmq.acl.common.AclException: Check signature failed for accessKey=u"}, insight.SignInRefused, true, false},
		{"may not, so it is known", &fault.Answer{Code: 16, Remark: "User:u has no permission to access Cluster:c"}, insight.SignInTaken, false, false},
		{"a proxy", &fault.Answer{Code: 3, Remark: "not supported"}, insight.SignInUnknown, false, true},
	} {
		answer.Store(c.said)
		d := deskAt(t, p, "")
		heard := make(chan struct{}, 10)
		d.conn.OnHeard(func() { heard <- struct{}{} })
		d.conn.AskNow()
		<-heard
		h := d.conn.Heard()
		if got, err := h.SignIn(); got != c.want || (err != nil) != c.refused {
			t.Errorf("%s: an open connection says %v, %v", c.name, got, err)
		}
		for _, topic := range []string{"", "none"} {
			var step *client.Check
			client.TestConnection(t.Context(), p, "", topic, func(k client.Check) {
				if k.Kind == client.CheckCredentials && k.Done {
					step = &k
				}
			})
			if step == nil || errors.Is(step.Err, fault.SignInRefused) != c.refused || step.Untried != c.untried {
				t.Errorf("%s, topic %q: the test says %+v", c.name, topic, step)
			}
		}
	}
}

// TestA3BrokerAsNameServer: a broker's port in a name server's place is told.
func TestA3BrokerAsNameServer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		known int // the question that the peer knows
		want  error
	}{
		"a broker":  {remoting.BrokerRuntimeInfo, fault.IsBroker},
		"something": {remoting.NameServerConfig, fault.NotNameServer},
	} {
		addr := testserver.Serve(t, func(nc net.Conn) {
			_ = remoting.Serve(nc, 8, func(q *remoting.Command) *remoting.Command {
				if q.Code == c.known {
					return q.Answer(remoting.NoPermission, "User:u has no permission")
				}
				return q.Answer(remoting.RequestCodeNotSupported, "no")
			})
		})
		var got error
		client.TestConnection(t.Context(), profile.Profile{NameServers: []string{addr}}, "", "", func(k client.Check) {
			if k.Kind == client.CheckNameServer && k.Done {
				got = k.Err
			}
		})
		if !errors.Is(got, c.want) {
			t.Errorf("%s: %v", name, got)
		}
		cl, _ := newClient(t, t.TempDir(), "")
		if _, err := cl.Open(t.Context(), profile.Profile{ID: "p", NameServers: []string{addr}}, ""); !errors.Is(err, c.want) {
			t.Errorf("%s, connecting: %v", name, err)
		}
	}
}

// TestA6Watched: a connection that nobody looks at hears that its cluster is gone.
func TestA6Watched(t *testing.T) {
	t.Parallel()
	var down atomic.Bool
	addr := testserver.Serve(t, func(nc net.Conn) {
		_ = remoting.Serve(nc, 8, func(q *remoting.Command) *remoting.Command {
			if down.Load() {
				_ = nc.Close()
				return nil
			}
			return q.Answer(remoting.TopicNotExist, "none")
		})
	})
	d := deskAt(t, profile.Profile{ID: "p", Name: "x", NameServers: []string{addr}}, "")
	heard := make(chan struct{}, 10)
	d.conn.OnHeard(func() { heard <- struct{}{} })
	d.conn.AskNow()
	<-heard
	if h := d.conn.Heard(); h.At.IsZero() || h.Err != nil {
		t.Fatalf("%+v", h)
	}
	down.Store(true)
	d.conn.AskNow() // else it takes ten seconds
	for d.conn.Heard().Err == nil {
		<-heard
	}
}
