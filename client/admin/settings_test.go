package admin

import (
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/remoting"
	"gantry/client/testserver"
)

func every(string) bool { return true }

// TestKeptSettings: what masters keep, by broker; one without a master, or silent, is missing.
func TestKeptSettings(t *testing.T) {
	b := newFake(t)
	b.on(21, body(`{"topicConfigTable":{"T":{"attributes":{"message.type":"fifo","queue.type":"SimpleCQ"},"order":false,"perm":6,"readQueueNums":4,"topicFilterType":"SINGLE_TAG","topicName":"T","topicSysFlag":0,"writeQueueNums":3},`+
		`"S":{"perm":2,"readQueueNums":1,"writeQueueNums":1}},"topicQueueMappingInfoMap":{"S":{"bname":"a"}}}`))
	b.on(201, body(`{"subscriptionGroupTable":{"g":{"brokerId":0,"consumeBroadcastEnable":false,"consumeEnable":true,"consumeMessageOrderly":true,"groupName":"g","retryMaxTimes":7,"retryQueueNums":2,"groupRetryPolicy":{"type":"CUSTOMIZED"}}}}`))
	cl := newClient(t)
	brokers := []cluster.Broker{brokerAt("a", b.addr), brokerAt("b", testserver.Nowhere(t)), {Name: "c", Addrs: map[int64]string{1: b.addr}}}
	got, missing, err := cl.TopicSettings(t.Context(), brokers, every)
	want := map[string]map[string]cluster.TopicSettings{"a": {
		"T": {Read: 4, Write: 3, Perm: 6, Type: "FIFO", Filter: "SINGLE_TAG", Others: map[string]string{"queue.type": "SimpleCQ"}},
		"S": {Read: 1, Write: 1, Perm: 2, Static: true},
	}}
	if diff := cmp.Diff(want, got.By); err != nil || diff != "" || !slices.Equal(missing.Names(), []string{"b", "c"}) {
		t.Error(err, missing, diff)
	}
	if i := slices.IndexFunc(missing, func(m cluster.BrokerError) bool { return m.Broker == "c" }); !errors.Is(missing[i], fault.NoMaster) {
		t.Error(missing[i])
	}
	groups, _, err := cl.GroupSettings(t.Context(), brokers[:1], every)
	if err != nil || len(groups.By["a"]) != 1 {
		t.Fatal(groups, err)
	}
	g := groups.By["a"]["g"]
	if g.Retries != 7 || g.RetryQueues != 2 || !g.Consume || g.Broadcast || !g.Ordered || len(g.Rest) == 0 {
		t.Errorf("%+v", g)
	}
	if _, _, err := cl.TopicSettings(t.Context(), brokers[2:], every); !errors.Is(err, fault.NoMaster) {
		t.Error(err)
	}
	if got, _, err := cl.TopicSettings(t.Context(), brokers[:1], func(n string) bool { return n == "T" }); err != nil || len(got.By["a"]) != 1 {
		t.Error(got, err)
	}
}

// TestPutSettings: what is sent; what Gantry does not know of a group goes back as it came.
func TestPutSettings(t *testing.T) {
	b := newFake(t)
	var mu sync.Mutex
	var last *remoting.Command
	keep := func(req *remoting.Command) *remoting.Command {
		mu.Lock()
		defer mu.Unlock()
		last = req
		return req.Answer(0, "")
	}
	for _, code := range []int{17, 200, 207, 215, 216} {
		b.on(code, keep)
	}
	cl := newClient(t, b.addr)
	if err := cl.PutTopic(t.Context(), b.addr, "T", cluster.TopicSettings{Read: 4, Write: 3, Perm: 2, Type: "DELAY", Others: map[string]string{"b": "2", "a": "1"}, Order: true, Flags: 1}); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"topic": "T", "readQueueNums": "4", "writeQueueNums": "3", "perm": "2", "order": "true", "topicSysFlag": "1", "topicFilterType": "SINGLE_TAG", "attributes": "+message.type=DELAY,+a=1,+b=2"} {
		if got := last.ExtFields[name]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	rest := json.RawMessage(`{"brokerId":3,"consumeMessageOrderly":true,"retryMaxTimes":16,"groupRetryPolicy":{"type":"EXPONENTIAL"}}`)
	if err := cl.PutGroup(t.Context(), b.addr, "g", cluster.GroupSettings{Retries: 5, RetryQueues: 2, Consume: true, Rest: rest}); err != nil {
		t.Fatal(err)
	}
	var sent map[string]any
	if err := json.Unmarshal(last.Body, &sent); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"groupName": "g", "brokerId": 3.0, "retryMaxTimes": 5.0, "retryQueueNums": 2.0, "consumeEnable": true, "consumeBroadcastEnable": false,
		"consumeMessageOrderly": false, "groupRetryPolicy": map[string]any{"type": "EXPONENTIAL"},
	}
	if diff := cmp.Diff(want, sent); diff != "" {
		t.Error(diff)
	}
	if err := cl.PutGroup(t.Context(), b.addr, "g", cluster.GroupSettings{Rest: json.RawMessage(`[`)}); !errors.Is(err, fault.BadAnswer) {
		t.Error(err)
	}
	if err := cl.DeleteGroup(t.Context(), b.addr, "g", true); err != nil || last.ExtFields["removeOffset"] != "true" || last.ExtFields["cleanOffset"] != "true" {
		t.Error(err, last.ExtFields)
	}
}

// TestDeleteTopic: the master must take it, a replica need not; every name server forgets.
func TestDeleteTopic(t *testing.T) {
	master, replica, other := newFake(t), newFake(t), newFake(t)
	ok := func(req *remoting.Command) *remoting.Command { return req.Answer(0, "") }
	master.on(215, ok)
	replica.on(215, code(1, "Can't modify topic or subscription group from slave broker"))
	cl := newClient(t, master.addr, other.addr)
	b := cluster.Broker{Name: "a", Addrs: map[int64]string{0: master.addr, 1: replica.addr}}
	if err := cl.DeleteTopic(t.Context(), b, "T"); err != nil || replica.count(215) != 1 {
		t.Error(err)
	}
	master.on(215, code(16, "no permission"))
	if err := cl.DeleteTopic(t.Context(), b, "T"); !errors.Is(err, fault.Refused) || replica.count(215) != 1 {
		t.Error(err)
	}
	master.on(216, ok)
	if err := cl.ForgetTopic(t.Context(), "T"); !errors.Is(err, fault.NotOffered) || master.count(216) != 1 || other.count(216) != 1 {
		t.Errorf("one name server did not: %v", err)
	}
	other.on(216, ok)
	if err := cl.ForgetTopic(t.Context(), "T"); err != nil {
		t.Error(err)
	}
}
