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

// TestAlive: brokers that are not listed, listed but dead, and listed and answering, if
// only by refusing.
func TestAlive(t *testing.T) {
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
		got, err := d.conn.Alive(t.Context())
		if err != nil || !got.Listed || got.Brokers != x.known || got.Facts.Brokers != x.now || got.Answering != x.answering || got.RTT <= 0 {
			t.Errorf("with %s: %+v, %v", x.listed, got, err)
		}
	}
	// Where it was listed without an address it is missing by the one it had.
	list(entry("a", "") + "," + entry("b", addr))
	st, err := d.conn.Cluster(t.Context())
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
