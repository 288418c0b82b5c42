package client_test

import (
	"fmt"
	"net"
	"sync/atomic"
	"testing"

	"gantry/client/profile"
	"gantry/client/remoting"
	"gantry/client/testserver"
)

// TestAlive: brokers that are not listed, listed but dead, and listed and answering, if
// only by refusing.
func TestAlive(t *testing.T) {
	t.Parallel()
	var brokers atomic.Pointer[string]
	serve := func(nc net.Conn) {
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
	}
	addr, dead := testserver.Serve(t, serve), testserver.Nowhere(t)
	entry := func(name, addr string) string {
		return fmt.Sprintf(`%q:{"brokerName":%q,"cluster":"c","brokerAddrs":{"0":%q}}`, name, name, addr)
	}
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
		{"", 2, 0, 0},
	} {
		list(x.listed)
		got, err := d.conn.Alive(t.Context())
		if err != nil || !got.Listed || got.Brokers != x.known || got.Facts.Brokers != x.now || got.Answering != x.answering || got.RTT <= 0 {
			t.Errorf("with %s: %+v, %v", x.listed, got, err)
		}
	}
}
