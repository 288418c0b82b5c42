package insight

import (
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/remoting"
	"gantry/client/testserver"
)

// answers is what a broker answers, by request code: a body, or fields where it begins
// with "offset=".
type answers map[int]string

// serve plays a broker and name server that lists brokers by name; what it has no answer
// to it refuses.
func (a answers) serve(t *testing.T, others ...string) (ask *Asker, own cluster.Broker) {
	t.Helper()
	var addr string
	entry := func(name, at string) string {
		return fmt.Sprintf(`%q:{"brokerName":%q,"cluster":"c","brokerAddrs":{"0":%q}}`, name, name, at)
	}
	addr = testserver.Serve(t, func(nc net.Conn) {
		_ = remoting.Serve(nc, 8, func(q *remoting.Command) *remoting.Command {
			r := q.Answer(remoting.Success, "")
			body, known := a[q.Code]
			switch {
			case q.Code == remoting.ClusterInfo:
				table := entry("b", addr)
				for i, o := range others {
					table += "," + entry(fmt.Sprint("c", i), o)
				}
				body = fmt.Sprintf(`{"brokerAddrTable":{%s},"clusterAddrTable":{"c":["b"]}}`, table)
			case !known:
				return q.Answer(remoting.RequestCodeNotSupported, "no")
			}
			var offset int64
			if _, err := fmt.Sscanf(body, "offset=%d", &offset); err == nil {
				r.ExtFields = map[string]string{"offset": fmt.Sprint(offset)}
				return r
			}
			r.Body = []byte(body)
			return r
		})
	})
	c := admin.New(admin.Config{NameServers: []string{addr}})
	t.Cleanup(func() { _ = c.Close() })
	return New(c, []string{addr}), cluster.Broker{Name: "b", Addrs: map[int64]string{0: addr}}
}

// TestA7PositionBehindTheEnd: a position that does not fit its queue proves nothing: the
// message is not consumed, and the lag is not known.
func TestA7PositionBehindTheEnd(t *testing.T) {
	t.Parallel()
	a, b := answers{remoting.QueryConsumerOffset: "offset=100", remoting.ConsumerConnections: `{"connectionSet":[]}`}.serve(t)
	route := cluster.Route{Queues: []cluster.QueueData{{Broker: "b", Read: 1, Write: 1, Perm: 6}}, Brokers: []cluster.Broker{b}}
	m := &message.Message{Topic: "T", Broker: "b", QueueOffset: 2}
	f := a.fate(t.Context(), route, route.Brokers, m, "g", 4)
	if f.Fate != FateUnknown || !errors.Is(f.Err, fault.WrongPosition) {
		t.Errorf("%+v", f)
	}
	if f := a.fate(t.Context(), route, route.Brokers, m, "g", 100); f.Fate != FateConsumed {
		t.Errorf("a position at the end: %+v", f)
	}
	d := GroupDetail{Queues: []cluster.QueueProgress{{Topic: "T", End: 4, Next: 100}, {Topic: "T", Queue: cluster.Queue{ID: 1}, End: 9, Next: 7}}}
	if c := d.Cause(time.Now(), &Trend{}); c.Kind != CauseMisfit || c.Queues != 1 || d.LagKnown() {
		t.Errorf("%+v, lag known %v", c, d.LagKnown())
	}
}

// TestA9OneBrokerIsSilent: a group that only the silent one may know is not "not found",
// and a lag without it is not 0.
func TestA9OneBrokerIsSilent(t *testing.T) {
	t.Parallel()
	a, _ := answers{
		remoting.AllGroups: `{"subscriptionGroupTable":{},"dataVersion":{}}`, remoting.ConsumerConnections: `{"connectionSet":[]}`,
		remoting.ConsumeStats: `{"offsetTable":{},"consumeTps":0}`,
	}.serve(t, testserver.Nowhere(t))
	d, err := a.GroupDetail(t.Context(), "g")
	if err != nil || d.ConfigKnown || len(d.Missing) != 1 || d.Missing[0].Broker != "c0" || d.LagKnown() {
		t.Fatalf("%+v, %v", d, err)
	}
	if c := d.Cause(time.Now(), &Trend{}); c.Kind != CauseMissing {
		t.Errorf("%+v", c)
	}
	all, err := a.GroupSummaries(t.Context(), []string{"g"})
	if err != nil || len(all) != 1 || len(all[0].Missing) != 1 {
		t.Errorf("%+v, %v", all, err)
	}
	whole, _ := answers{remoting.AllGroups: `{"subscriptionGroupTable":{},"dataVersion":{}}`}.serve(t)
	if _, err := whole.GroupDetail(t.Context(), "g"); !errors.Is(err, fault.GroupNotFound) {
		t.Errorf("where all answer: %v", err)
	}
}

// TestA10Unanswered: what members that pop hold is taken, and not consumed.
func TestA10Unanswered(t *testing.T) {
	t.Parallel()
	for waiting, want := range map[int]Fate{0: FateConsumed, 3: FateTaken} {
		a, b := answers{
			remoting.QueryConsumerOffset: "offset=10",
			remoting.ConsumerConnections: `{"connectionSet":[{"clientId":"x","clientAddr":"1:1","language":"JAVA","version":400}],"consumeType":"CONSUME_POP","messageModel":"CLUSTERING","subscriptionTable":{}}`,
			remoting.ConsumerRunningInfo: fmt.Sprintf(`{"properties":{},"subscriptionSet":[],"mqTable":{},"mqPopTable":{{"topic":"T","brokerName":"b","queueId":0}:{"waitAckCount":%d,"lastPopTimestamp":1796000000000}},"statusTable":{}}`, waiting),
		}.serve(t)
		route := cluster.Route{Queues: []cluster.QueueData{{Broker: "b", Read: 1, Write: 1, Perm: 6}}, Brokers: []cluster.Broker{b}}
		f := a.fate(t.Context(), route, route.Brokers, &message.Message{Topic: "T", Broker: "b", QueueOffset: 2}, "g", 20)
		if f.Fate != want {
			t.Errorf("%d wait for an answer: %+v", waiting, f)
		}
	}
}

// TestA6NameServersAreGone: brokers that were known are asked all the same, and the name
// server's row says that it does not answer.
func TestA6NameServersAreGone(t *testing.T) {
	t.Parallel()
	a, b := answers{remoting.RouteByTopic: `{}`, remoting.BrokerRuntimeInfo: `{"table":{"brokerVersionDesc":"V5_5_0"}}`}.serve(t)
	addr, _ := b.Master()
	a.known = map[string]cluster.Broker{"b": b}
	c := admin.New(admin.Config{NameServers: []string{testserver.Nowhere(t)}})
	defer c.Close()
	a.admin, a.nameServers = c, []string{"gone:1"}
	h, err := a.Health(t.Context())
	if err == nil || h.Err() == nil || len(h.Silent()) != 1 {
		t.Fatalf("%+v, %v", h, err)
	}
	if known, listed, answering := h.Count(); known != 1 || listed != 1 || answering != 1 || h.Brokers[0].Addr != addr {
		t.Errorf("%+v", h.Brokers)
	}
}
