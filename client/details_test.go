package client_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"gantry/client/cluster"
	"gantry/client/profile"
	"gantry/client/remoting"
	"gantry/client/testserver"
)

// slowCluster is a name server and a broker in one that lists a group and then
// answers nothing more. open is how many connections there are.
func slowCluster(t *testing.T, open *atomic.Int64, asked chan<- int) string {
	t.Helper()
	var addr string
	answer := func(req *remoting.Command) *remoting.Command {
		a := req.Answer(remoting.Success, "")
		switch req.Code {
		case remoting.RouteByTopic:
			a = req.Answer(remoting.TopicNotExist, "")
		case remoting.ClusterInfo:
			a.Body = fmt.Appendf(nil, `{"brokerAddrTable":{"b":{"brokerAddrs":{0:%q},"brokerName":"b","cluster":"C"}},"clusterAddrTable":{"C":["b"]}}`, addr)
		case remoting.AllGroups:
			a.Body = []byte(`{"subscriptionGroupTable":{"g":{"groupName":"g","consumeEnable":true}}}`)
		default:
			select {
			case asked <- req.Code:
			default:
			}
			return nil
		}
		return a
	}
	addr = testserver.Serve(t, func(nc net.Conn) {
		open.Add(1)
		defer open.Add(-1)
		_ = remoting.Serve(nc, 16, answer)
	})
	return addr
}

// TestCancelLeavesNothing: a question that is given up returns at once, whatever
// brokers do, and closing leaves no connection.
func TestCancelLeavesNothing(t *testing.T) {
	var open atomic.Int64
	asked := make(chan int, 1)
	d := deskAt(t, profile.Profile{ID: "p", Name: "slow", NameServers: []string{slowCluster(t, &open, asked)}}, "")
	for name, ask := range map[string]func(context.Context) error{
		"summaries": func(ctx context.Context) error {
			_, err := d.conn.GroupSummaries(ctx, []string{"g", "g2", "g3"})
			return err
		},
		"detail":  func(ctx context.Context) error { _, err := d.conn.GroupDetail(ctx, "g"); return err },
		"topics":  func(ctx context.Context) error { _, err := d.conn.TopicList(ctx); return err },
		"cluster": func(ctx context.Context) error { _, err := d.conn.Health(ctx); return err },
		"stack": func(ctx context.Context) error {
			_, err := d.conn.MemberStack(ctx, "g", cluster.Member{ID: "x", Brokers: []string{"b"}})
			return err
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- ask(ctx) }()
		<-asked
		begin := time.Now()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(begin); took > 2*time.Second {
			t.Errorf("%s returned %v after it was given up", name, took)
		}
	}
	if open.Load() == 0 {
		t.Error("there was no connection at all")
	}
	if err := d.conn.Close(); err != nil {
		t.Error(err)
	}
	eventually(t, 10*time.Second, func() string {
		if n := open.Load(); n != 0 {
			return fmt.Sprint(n, " connections")
		}
		return ""
	})
}
