package client_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/remoting"
	"gantry/client/session"
	"gantry/client/testserver"
)

// slowly passes everything on to a server, answers late.
func slowly(t *testing.T, to string, late time.Duration) string {
	pool := remoting.NewPool(remoting.Config{})
	t.Cleanup(func() { _ = pool.Close() })
	return testserver.Serve(t, func(nc net.Conn) {
		_ = remoting.Serve(nc, 16, func(req *remoting.Command) *remoting.Command {
			resp, err := pool.Call(t.Context(), to, req)
			if err != nil {
				return nil
			}
			time.Sleep(late)
			return resp
		})
	})
}

// TestOneOfTwoNameServersIsBad: dead, silent, slow, or none at all, before or
// behind the good one. The main job works as with the good one alone, but for a
// moment's wait.
func TestOneOfTwoNameServersIsBad(t *testing.T) {
	t.Parallel()
	on := serverOf("sandbox")
	good := on.node(t).NameServer()
	for name, bad := range map[string]string{
		"dead": testserver.Nowhere(t), "silent": testserver.Serve(t, testserver.Silent), "slow": slowly(t, good, 2500*time.Millisecond), "a web server": nginx(t),
	} {
		for place, servers := range map[string][]string{"first": {bad, good}, "second": {good, bad}} {
			t.Run(name+" "+place, func(t *testing.T) {
				t.Parallel()
				top := on.topic(t, 2)
				p := on.at(t)
				p.NameServers = servers
				d := deskAt(t, p, "")
				begin := time.Now()
				d.send(top, "", "one")
				// One second of silence before the other is asked, and a worker's start; the limits
				// leave room for a machine that has much else to do.
				if took := time.Since(begin); took > 8*time.Second {
					t.Errorf("the first send took %v", took)
				}
				begin = time.Now()
				d.send("new-"+top, "", "made by sending")
				if took := time.Since(begin); took > 10*time.Second {
					t.Errorf("a send to a new topic took %v", took)
				}
				begin = time.Now()
				sub := d.subscribe(on.spec(t, top))
				waitState(t, sub, 10*time.Second, session.Receiving)
				d.send(top, "", "two")
				wait(t, sub, 1, 20*time.Second)
				if took := time.Since(begin); took > 20*time.Second {
					t.Errorf("the first message came after %v", took)
				}
				if st := sub.Status(); st.Restarts > 0 || st.Err != nil {
					t.Errorf("%+v", st)
				}
			})
		}
	}
}

// TestLyingNameServers: routes that lead nowhere or are none. Nothing hangs and
// nothing is said to be stored; the window stays.
func TestLyingNameServers(t *testing.T) {
	t.Parallel()
	route := func(brokers, queues string) string {
		return `{"brokerDatas":[` + brokers + `],"queueDatas":[` + queues + `]}`
	}
	broker := func(addr string) string {
		return fmt.Sprintf(`{"brokerName":"a","cluster":"C","brokerAddrs":{"0":%q}}`, addr)
	}
	const queues = `{"brokerName":"a","readQueueNums":4,"writeQueueNums":4,"perm":6}`
	for name, c := range map[string]struct {
		route string
		want  error
	}{
		"no JSON":              {`<html>`, fault.BadAnswer},
		"half of it":           {`{"brokerDatas":[{`, fault.BadAnswer},
		"nothing in it":        {`{}`, fault.NoBroker},
		"no broker":            {route("", queues), fault.NoBroker},
		"no address":           {route(`{"brokerName":"a","cluster":"C","brokerAddrs":{}}`, queues), fault.NoBroker},
		"another broker":       {route(broker("127.0.0.1:1"), `{"brokerName":"b","readQueueNums":4,"writeQueueNums":4,"perm":6}`), fault.NoBroker},
		"nobody there":         {route(broker(testserver.Nowhere(t)), queues), fault.Unreachable},
		"an unknown host":      {route(broker("no-such-host.invalid:10911"), queues), fault.Unresolvable},
		"a web server":         {route(broker(nginx(t)), queues), fault.NotRocketMQ},
		"silence":              {route(broker(testserver.Serve(t, testserver.Silent)), queues), fault.Timeout},
		"a trailing semicolon": {`{"orderTopicConf":"a:4;",` + route(broker(testserver.Nowhere(t)), queues)[1:], fault.Unreachable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ns := fakeNameServer(t, map[string]string{"orders": c.route})
			d := deskAt(t, profile.Profile{ID: "p", Name: "lies", NameServers: []string{ns}}, "")
			begin := time.Now()
			r, err := d.conn.Send(t.Context(), draft("orders", "x"))
			if err != nil || r.Status.Stored() || r.Fault == nil {
				t.Errorf("sending: %+v, %v", r, err)
			}
			// A second to look at the brokers, five for the answer; the rest is the
			// machine's, which runs the other packages beside this one.
			if took := time.Since(begin); took > 15*time.Second {
				t.Errorf("sending took %v: %+v", took, r)
			}
			// What is no broker gets no message, and that is certain.
			if c.want == fault.NotRocketMQ && (r.Status != message.StatusFailed || !errors.Is(r.Fault, c.want)) {
				t.Errorf("sending: %+v", r)
			}
			s := profile.Subscription{ID: "s", Profile: "p", Topic: "orders", Group: "g", OwnGroup: true}
			sub, err := d.client.Sessions.Open(s)
			if err != nil {
				t.Fatal(err)
			}
			begin = time.Now()
			if err := d.conn.Start(t.Context(), sub, s); !errors.Is(err, c.want) {
				t.Errorf("starting: %v, want %v", err, c.want)
			}
			if took := time.Since(begin); took > 9*time.Second {
				t.Errorf("starting took %v", took)
			}
			if log := d.log.String(); strings.Contains(log, "panic") || strings.Contains(log, "goroutine ") {
				t.Errorf("a worker crashed:\n%s", log)
			}
			// The connection is not stuck.
			if r, err := d.conn.Send(t.Context(), draft("unknown", "x")); err != nil || !errors.Is(r.Fault, fault.TopicNotFound) {
				t.Errorf("afterwards: %+v, %v", r, err)
			}
		})
	}
}

// TestCancelledBeforeItLeaves: a send that is cancelled while its topic's brokers are
// asked is not sent, and that is certain.
func TestCancelledBeforeItLeaves(t *testing.T) {
	t.Parallel()
	silent := testserver.Serve(t, testserver.Silent)
	ns := fakeNameServer(t, map[string]string{"orders": fmt.Sprintf(`{"brokerDatas":[{"brokerName":"a","cluster":"C","brokerAddrs":{"0":%q}}],
		"queueDatas":[{"brokerName":"a","readQueueNums":4,"writeQueueNums":4,"perm":6}]}`, silent)})
	d := deskAt(t, profile.Profile{ID: "p", Name: "silent", NameServers: []string{ns}}, "")
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(200*time.Millisecond, cancel)
	if r, err := d.conn.Send(ctx, draft("orders", "x")); !errors.Is(err, context.Canceled) {
		t.Errorf("%+v, %v", r, err)
	}
}
