package sandbox

import (
	"fmt"
	"testing"
	"time"

	"gantry/client/remoting"
)

// TestReset: a group goes on from the place that was chosen for it, whatever its
// members commit before they have pulled there.
func TestReset(t *testing.T) {
	n := start(t, Options{})
	for i := range 3 {
		n.send("orders", fmt.Sprint(i))
	}
	time.Sleep(20 * time.Millisecond)
	between := time.Now().UnixMilli()
	time.Sleep(20 * time.Millisecond)
	n.send("orders", "3")
	reset := func(fields ...string) *remoting.Command {
		t.Helper()
		return n.ask(remoting.ResetOffset, "", append([]string{"topic", "orders", "group", "g", "timestamp", "0", "isForce", "true"}, fields...)...)
	}
	commit := func(offset int) *remoting.Command {
		t.Helper()
		return n.ask(remoting.UpdateConsumerOffset, "", "consumerGroup", "g", "topic", "orders", "queueId", "0", "commitOffset", fmt.Sprint(offset))
	}
	if a := reset(); a.Code != remoting.GroupNotExist {
		t.Errorf("an unknown group: %d %s", a.Code, a.Remark)
	}
	if a := commit(1); a.Code != remoting.GroupNotExist {
		t.Errorf("a commit of an unknown group: %d %s", a.Code, a.Remark)
	}
	n.pull("orders", 0, 0) // makes it
	if a := reset("topic", "nowhere"); a.Code != remoting.TopicNotExist {
		t.Errorf("an unknown topic: %d %s", a.Code, a.Remark)
	}
	if a := reset("queueId", "0", "offset", "9"); a.Code != remoting.SystemError || a.Remark != "Target offset 9 not in consume queue range [0-4]" {
		t.Errorf("beyond the end: %d %s", a.Code, a.Remark)
	}
	if a := reset("queueId", "77", "offset", "0"); a.Code != remoting.SystemError {
		t.Errorf("no such queue: %d %s", a.Code, a.Remark)
	}
	at := func() string {
		t.Helper()
		return n.do(remoting.QueryConsumerOffset, "", "consumerGroup", "g", "topic", "orders", "queueId", "0").ExtFields["offset"]
	}
	for _, c := range []struct {
		fields []string
		want   string
	}{
		{[]string{"timestamp", "-1"}, "4"},
		{[]string{"timestamp", fmt.Sprint(between)}, "3"},
		{[]string{"timestamp", "0"}, "0"},
		{[]string{"queueId", "0", "offset", "2"}, "2"},
	} {
		a := reset(c.fields...)
		var body struct{ OffsetTable map[string]int64 }
		if err := remoting.DecodeBody(a.Body, &body); err != nil || a.Code != remoting.Success ||
			fmt.Sprint(body.OffsetTable[`{"brokerName":"sandbox","queueId":0,"topic":"orders"}`]) != c.want {
			t.Errorf("%v: %d %s, %v", c.fields, a.Code, a.Body, err)
		}
		if got := at(); got != c.want {
			t.Errorf("%v: it is at %s, want %s", c.fields, got, c.want)
		}
		if a := commit(1); a.Code != remoting.Success || a.Remark != "Offset has been previously reset" || at() != c.want {
			t.Errorf("a commit went over it: %d %s", a.Code, a.Remark)
		}
		p, _ := n.pull("orders", 0, 1)
		if p.Code != remoting.PullOffsetMoved || p.Remark != "OFFSET_RESET" || p.ExtFields["nextBeginOffset"] != c.want {
			t.Errorf("%v: a pull got %d %s %v", c.fields, p.Code, p.Remark, p.ExtFields)
		}
		if p, _ := n.pull("orders", 0, 1); p.Code != remoting.Success {
			t.Errorf("a second pull: %d %s", p.Code, p.Remark)
		}
		if commit(1); at() != "1" {
			t.Errorf("a commit after it does not count: %s", at())
		}
	}
}

// TestProgress: how far a group is, and how far it has read.
func TestProgress(t *testing.T) {
	n := start(t, Options{})
	for i := range 3 {
		n.send("orders", fmt.Sprint(i))
	}
	type progress struct{ BrokerOffset, ConsumerOffset, PullOffset, LastTimestamp int64 }
	ask := func(fields ...string) (map[string]progress, float64) {
		t.Helper()
		var body struct {
			OffsetTable map[string]progress
			ConsumeTps  float64
		}
		if err := remoting.DecodeBody(n.do(remoting.ConsumeStats, "", append([]string{"consumerGroup", "g"}, fields...)...).Body, &body); err != nil {
			t.Fatal(err)
		}
		return body.OffsetTable, body.ConsumeTps
	}
	const queue = `{"brokerName":"sandbox","queueId":0,"topic":"orders"}`
	if all, _ := ask(); len(all) != 0 {
		t.Errorf("a group that has read nothing: %v", all)
	}
	if all, _ := ask("topic", "orders"); len(all) != 4 || all[queue] != (progress{BrokerOffset: 3}) {
		t.Errorf("asked for a topic: %v", all)
	}
	_, messages := n.pull("orders", 0, 0)
	n.do(remoting.UpdateConsumerOffset, "", "consumerGroup", "g", "topic", "orders", "queueId", "0", "commitOffset", "2")
	all, rate := ask()
	if want := (progress{3, 2, 3, messages[1].StoredAt.UnixMilli()}); all[queue] != want {
		t.Errorf("%+v, want %+v", all[queue], want)
	}
	if rate < 0.04 || rate > 3 { // 3 in the time since the start
		t.Errorf("%v a second", rate)
	}
	n.join("c@1", "g", "GO", 317, silent) // it wants orders only
	if all, _ := ask("topicList", "nowhere;orders"); len(all) != 4 {
		t.Errorf("asked for a list: %v", all)
	}
}
