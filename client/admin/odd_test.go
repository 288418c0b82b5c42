package admin

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/remoting"
	"gantry/client/testserver"
)

// cppRunning is what a C++ client answers to code 307, and so Python's
// (ConsumerRunningInfo.cpp): the stack first, numbers in quotes, a table behind the rest.
const cppRunning = `{"jstack":"","properties":{"PROP_CLIENT_VERSION":"V3_0_0_SNAPSHOT","PROP_CONSUMEORDERLY":"true","PROP_CONSUMER_START_TIMESTAMP":"1796000000000","PROP_CONSUME_TYPE":"CONSUME_PASSIVELY"},` +
	`"subscriptionSet":[{"codeSet":["2598919"],"subString":"TagA","subVersion":"1796000000000","tagsSet":["TagA"],"topic":"T1"},{"subString":"*","subVersion":"18446744073709551615","topic":"%%RETRY%%g"}],"mqTable":%s}`

// TestB2CppMember: what a member of C++ or Python says of itself is read, all of it.
func TestB2CppMember(t *testing.T) {
	const queues = `{{"brokerName":"broker-a","queueId":"1","topic":"T1"}:{"cachedMsgCount":"3","cachedMsgMaxOffset":"9","commitOffset":"7","droped":false,"lastConsumeTimestamp":"1796000000123","lastPullTimestamp":"1796000000456"},` +
		`{"brokerName":"broker-a","queueId":2,"topic":"T1"}:{"cachedMsgCount":"0","commitOffset":"18446744073709551615","droped":"false","lastConsumeTimestamp":"0","lastPullTimestamp":"18446744073709551615"},` +
		`{"brokerName":"broker-a","queueId":3,"topic":"T1"}:{"commitOffset":"5","droped":"true"}}`
	want := cluster.Running{
		Version: "V3_0_0_SNAPSHOT", Started: time.UnixMilli(1796000000000), Ordered: true,
		Subscriptions: []cluster.Wanted{{Topic: "%RETRY%g", Expression: "*", Version: -1}, {Topic: "T1", Expression: "TagA", Tags: []string{"TagA"}, Version: 1796000000000}},
		Queues: []cluster.Held{
			{Topic: "T1", Queue: cluster.Queue{Broker: "broker-a", ID: 1}, Cached: 3, Commit: 7, LastPull: time.UnixMilli(1796000000456), LastConsume: time.UnixMilli(1796000000123)},
			{Topic: "T1", Queue: cluster.Queue{Broker: "broker-a", ID: 2}, Commit: -1},
		},
	}
	b := newFake(t)
	for name, c := range map[string]struct {
		table string
		want  []cluster.Held
	}{
		"queues": {queues, want.Queues}, "none": {"", nil}, "null": {"null", nil}, "an empty one": {"{}", nil},
	} {
		b.on(307, body(fmt.Sprintf(cppRunning, c.table)))
		got, err := newClient(t).Running(t.Context(), b.addr, "g", "id", false)
		want := want
		want.Queues = c.want
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", name, err, diff)
		}
	}
	for _, bad := range []string{
		fmt.Sprintf(cppRunning, `{{"brokerName":"a","queueId":1,"topic":"T"}:{"commitOffset":"seven"}}`),
		fmt.Sprintf(cppRunning, `{7`),
		strings.Replace(fmt.Sprintf(cppRunning, `"x"`), `"jstack":""`, `"jstack":"a "quoted" stack"`, 1),
	} {
		if got, err := decodeRunning([]byte(bad)); !errors.Is(err, fault.BadAnswer) {
			t.Errorf("half of it is taken for all: %+v, %v", got, err)
		}
	}
}

// TestB2CppConsumers: so is what a broker tells of such members.
func TestB2CppConsumers(t *testing.T) {
	b := newFake(t)
	b.on(203, body(`{"connectionSet":[{"clientAddr":"127.0.0.1:4","clientId":"c@1","language":"CPP","version":"317"}],"consumeFromWhere":0,"consumeType":1,"messageModel":"1",`+
		`"subscriptionTable":{"T1":{"subString":"*","subVersion":"1796000000000","topic":"T1"}}}`))
	got, _, err := newClient(t).Consumers(t.Context(), []cluster.Broker{brokerAt("a", b.addr)}, "g")
	want := cluster.Consumers{
		Members: []cluster.Member{{ID: "c@1", Addr: "127.0.0.1:4", Language: "CPP", Version: 317, Brokers: []string{"a"}}},
		Type:    "CONSUME_PASSIVELY", Model: "CLUSTERING", Subscriptions: []cluster.Wanted{{Topic: "T1", Expression: "*", Version: 1796000000000}},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
}

// TestB1PackedTraces: what a client packed is read, and what does not open is missing.
func TestB1PackedTraces(t *testing.T) {
	record := strings.Join([]string{"Pub", "1796000000000", "region", "group", "T", "ID", "tag", "keys", "h:1", "5", "7", "0", "offset", "true", "10.0.0.1"}, "\x01") + "\x02"
	var packed bytes.Buffer
	w := zlib.NewWriter(&packed)
	_, _ = w.Write([]byte(record))
	_ = w.Close()
	b := newFake(t)
	b.on(105, body(`{"brokerDatas":[{"brokerAddrs":{0:"`+b.addr+`"},"brokerName":"a"}],"queueDatas":[{"brokerName":"a","perm":6,"readQueueNums":1,"writeQueueNums":1}]}`))
	answer := func(flag int32, content []byte) {
		b.on(12, func(req *remoting.Command) *remoting.Command {
			a := req.Answer(0, "")
			a.Body = message.AppendStored(nil, &message.Message{
				Topic: TraceTopic, SysFlag: flag, Body: content, StoredAt: time.UnixMilli(1796000000000),
				Properties: []message.Property{{Name: message.PropertyKeys, Value: "ID"}},
			})
			return a
		})
	}
	for _, flag := range []int32{0x301, 0x1} {
		answer(flag, packed.Bytes())
		got, missing, err := newClient(t, b.addr).Traces(t.Context(), "ID")
		if err != nil || len(missing) > 0 || len(got) != 1 || got[0].Group != "group" || !got[0].OK {
			t.Errorf("%x: %+v, %v, %v", flag, got, missing, err)
		}
	}
	answer(0x301, packed.Bytes()[:9])
	got, missing, err := newClient(t, b.addr).Traces(t.Context(), "ID")
	if err != nil || len(got) > 0 || !slices.Equal(missing.Names(), []string{"a"}) {
		t.Errorf("damaged: %+v, %v, %v", got, missing, err)
	}
}

// TestB4ByKey: of a batch the one with the key is found, by its own id and offset.
func TestB4ByKey(t *testing.T) {
	stored, err := os.ReadFile(filepath.Join("..", "message", "testdata", "batchcq-auto.bin"))
	if err != nil {
		t.Fatal(err)
	}
	b := newFake(t)
	b.on(12, func(req *remoting.Command) *remoting.Command {
		a := req.Answer(0, "")
		a.Body = stored
		return a
	})
	b.on(33, func(req *remoting.Command) *remoting.Command {
		a := req.Answer(0, "")
		a.Body = stored
		return a
	})
	brokers := []cluster.Broker{brokerAt("a", b.addr)}
	got, _, err := newClient(t).ByKey(t.Context(), brokers, "BCQ", "auto-key-2", time.Time{}, time.Now(), 10)
	if err != nil || len(got) != 1 || got[0].QueueOffset != 2 || string(got[0].Body) != "auto body 2 中文" {
		t.Fatalf("%+v, %v", got, err)
	}
	if m, _, err := message.ParseStored(got[0].Stored); err != nil || m.ID() != got[0].ID() || m.QueueOffset != 2 {
		t.Errorf("%+v, %v", m, err)
	}
	all, err := newClient(t).ByOffsetID(t.Context(), brokers, "BCQ", got[0].OffsetID())
	if err != nil || len(all) != 5 {
		t.Errorf("%d messages, %v", len(all), err)
	}
}

// TestSlowIndex: a broker that reads long from its disk for a key is waited for, longer than
// for what it has in memory; one that answers nothing at all is not.
func TestSlowIndex(t *testing.T) {
	t.Parallel()
	slow, mute := newFake(t), newFake(t)
	slow.on(12, func(req *remoting.Command) *remoting.Command {
		time.Sleep(brokerBudget + 500*time.Millisecond)
		a := req.Answer(0, "")
		a.Body = message.AppendStored(nil, &message.Message{Topic: "T", Properties: []message.Property{{Name: message.PropertyKeys, Value: "k"}}})
		return a
	})
	mute.on(38, never)
	mute.on(12, never)
	brokers := []cluster.Broker{brokerAt("slow", slow.addr), brokerAt("mute", mute.addr)}
	begin := time.Now()
	got, missing, err := newClient(t).ByKey(t.Context(), brokers, "T", "k", time.UnixMilli(0), time.Now(), 10)
	if err != nil || len(got) != 1 || !slices.Equal(missing.Names(), []string{"mute"}) {
		t.Errorf("%d messages, %v, %v", len(got), missing, err)
	}
	if took := time.Since(begin); took >= pageBudget {
		t.Errorf("it took %v", took)
	}
}

// TestE3StoredTimes: a broker that answers the same for every time does not keep a search
// for ever.
func TestE3StoredTimes(t *testing.T) {
	b := newFake(t)
	b.on(12, func(req *remoting.Command) *remoting.Command {
		a := req.Answer(0, "")
		for i := range keyAtOnce {
			a.Body = message.AppendStored(a.Body, &message.Message{
				Topic: "T", CommitLogOffset: int64(i), StoredAt: time.Date(12345, 1, 1, 0, 0, 0, 0, time.UTC),
				Properties: []message.Property{{Name: message.PropertyKeys, Value: "k"}},
			})
		}
		return a
	})
	got, missing, err := newClient(t).ByKey(t.Context(), []cluster.Broker{brokerAt("a", b.addr)}, "T", "k", time.UnixMilli(0), time.Now(), 1000)
	if err != nil || len(got) != keyAtOnce || !errors.Is(missing[0], fault.Crowded) || b.count(12) > 5 {
		t.Errorf("%d, %v, %v after %d questions", len(got), missing, err, b.count(12))
	}
}

// TestA7PositionDoesNotFit: a position behind the queue's end says nothing of what lies in
// it, but for one that a broker read after the end.
func TestA7PositionDoesNotFit(t *testing.T) {
	b := newFake(t)
	b.on(208, body(`{"consumeTps":0.0,"offsetTable":{{"brokerName":"a","queueId":0,"topic":"T"}:{"brokerOffset":4,"consumerOffset":100,"lastTimestamp":0},`+
		`{"brokerName":"a","queueId":1,"topic":"T"}:{"brokerOffset":7,"consumerOffset":9,"lastTimestamp":0},{"brokerName":"a","queueId":2,"topic":"T"}:{"brokerOffset":9,"consumerOffset":4,"lastTimestamp":0}}}`))
	b.on(30, func(req *remoting.Command) *remoting.Command {
		return offset(map[string]int64{"0": 4, "1": 11}[req.ExtFields["queueId"]], 513)(req)
	})
	p, missing, err := newClient(t).Progress(t.Context(), []cluster.Broker{brokerAt("a", b.addr)}, "g", "")
	if err != nil || len(missing) > 0 || len(p.Queues) != 3 {
		t.Fatalf("%+v, %v, %v", p, missing, err)
	}
	for i, want := range []bool{false, true, true} {
		if got := p.Queues[i].Fits(); got != want {
			t.Errorf("queue %d fits: %v", i, got)
		}
	}
	if taken, known := p.Queues[0].Taken(2); taken || known {
		t.Error("taken, as far as is known")
	}
	if taken, known := p.Queues[2].Taken(3); !taken || !known {
		t.Error("not taken")
	}
	if taken, known := p.Queues[2].Taken(4); taken || !known {
		t.Error("taken")
	}
	if n, known := p.Lag(); known || n != 0+2+5 {
		t.Errorf("lag %d, %v", n, known)
	}
}

// TestA10Popped: what was popped and is not answered is told by the member only.
func TestA10Popped(t *testing.T) {
	got, err := decodeRunning([]byte(`{"properties":{},"subscriptionSet":[],"mqTable":{},"mqPopTable":{{"brokerName":"a","queueId":1,"topic":"T"}:{"droped":false,"lastPopTimestamp":1796000000000,"waitAckCount":3},` +
		`{"brokerName":"a","queueId":2,"topic":"T"}:{"droped":true,"waitAckCount":9}}}`))
	want := []cluster.Popped{{Topic: "T", Queue: cluster.Queue{Broker: "a", ID: 1}, Waiting: 3, LastPop: time.UnixMilli(1796000000000)}}
	if diff := cmp.Diff(want, got.Popped); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if !(cluster.Consumers{Type: "CONSUME_POP"}).Pops() || (cluster.Consumers{Type: "CONSUME_PASSIVELY"}).Pops() {
		t.Error("who pops")
	}
}

// TestA11PhantomGroup: a topic that a 5.3.3 broker names among its groups is none, and those
// that subscribe to it now are found.
func TestA11PhantomGroup(t *testing.T) {
	configs := func(names ...string) string {
		var all []string
		for _, n := range names {
			all = append(all, fmt.Sprintf(`%q:{"groupName":%q}`, n, n))
		}
		return `{"subscriptionGroupTable":{` + strings.Join(all, ",") + `}}`
	}
	many := make([]string, mostLooked+1)
	for i := range many {
		many[i] = fmt.Sprint("g", i)
	}
	for name, c := range map[string]struct {
		list, configs string
		want          []string
		missing       bool
	}{
		"a phantom":                 {`["T","with-position"]`, configs("with-position", "broadcasts", "other"), []string{"broadcasts", "with-position"}, false},
		"a group of that name":      {`["T"]`, configs("T", "other"), []string{"T"}, false},
		"one that reads other ones": {`["T"]`, configs("other"), nil, false},
		"no phantom":                {`["a","b"]`, configs(), []string{"a", "b"}, false},
		"too many to look at":       {`["T","with-position"]`, configs(many...), []string{"with-position"}, true},
	} {
		b := newFake(t)
		b.on(300, body(`{"groupList":`+c.list+`}`))
		b.on(201, body(c.configs))
		b.on(203, func(req *remoting.Command) *remoting.Command {
			topic := map[string]string{"broadcasts": "T", "other": "another", "T": "T"}[req.ExtFields["consumerGroup"]]
			if topic == "" {
				return req.Answer(206, "not online")
			}
			return body(`{"connectionSet":[{"clientId":"x"}],"subscriptionTable":{"` + topic + `":{"topic":"` + topic + `"}}}`)(req)
		})
		got, missing, err := newClient(t).GroupsOf(t.Context(), []cluster.Broker{brokerAt("a", b.addr)}, "T")
		if err != nil || !slices.Equal(got, c.want) || len(missing) > 0 != c.missing {
			t.Errorf("%s: %q, %v, %v", name, got, missing, err)
		}
	}
}

// TestC2PartialAnswers: what one broker does not tell is missing by its name, and what the
// others tell is there.
func TestC2PartialAnswers(t *testing.T) {
	b := newFake(t)
	r := routeTo(b.addr, 2)
	r.Queues = append(r.Queues, cluster.QueueData{Broker: "broker-b", Read: 2, Write: 2, Perm: 6})
	r.Brokers = append(r.Brokers, brokerAt("broker-b", testserver.Nowhere(t)))
	b.on(30, offset(9, 513))
	b.on(31, offset(1, 513))
	b.on(14, code(22, "no offset"))
	b.on(38, body(`{"consumerIdList":["x"]}`))
	b.on(46, func(req *remoting.Command) *remoting.Command { return req.Answer(0, "") })
	b.on(11, func(req *remoting.Command) *remoting.Command {
		a := req.Answer(19, "")
		a.ExtFields = map[string]string{"nextBeginOffset": "9", "minOffset": "1", "maxOffset": "9"}
		return a
	})
	names := []string{"broker-b"}
	cl := newClient(t)
	floors, missing, err := cl.StartFloors(t.Context(), r, "T", Start{Kind: Now})
	if err != nil || len(floors) != 2 || !slices.Equal(missing.Names(), names) || !errors.Is(missing[0], fault.Unreachable) {
		t.Errorf("floors: %v, %v, %v", floors, missing, err)
	}
	has, missing, err := cl.GroupPosition(t.Context(), r, "T", "g")
	if has || err != nil || !slices.Equal(missing.Names(), names) {
		t.Errorf("position: %v, %v, %v", has, missing, err)
	}
	ids, missing, err := cl.Members(t.Context(), r, "g")
	if err != nil || !slices.Equal(ids, []string{"x"}) || !slices.Equal(missing.Names(), names) {
		t.Errorf("members: %v, %v, %v", ids, missing, err)
	}
	stats, missing, err := cl.TopicStatsByQueue(t.Context(), r, "T")
	if err != nil || len(stats) != 2 || !slices.Equal(missing.Names(), names) {
		t.Errorf("stats: %v, %v, %v", stats, missing, err)
	}
	if err := cl.CheckSubscription(t.Context(), r, cluster.Selection{Topic: "T", Group: "g", Expression: "*"}); err != nil {
		t.Error("subscription:", err)
	}
	slices.Reverse(r.Queues)
	if err := cl.CheckGroup(t.Context(), r, cluster.Selection{Topic: "T", Group: "g", Expression: "*"}); err != nil {
		t.Error("group:", err)
	}
	b.on(14, offset(5, 513))
	if has, missing, err := cl.GroupPosition(t.Context(), r, "T", "g"); !has || err != nil || len(missing) > 0 {
		t.Errorf("a position is certain: %v, %v, %v", has, missing, err)
	}
}

// TestC1LogicalProgress: the progress in a static topic is that in its logical queues.
func TestC1LogicalProgress(t *testing.T) {
	a, b := newFake(t), newFake(t)
	mapping := func(name, leads string) string {
		return fmt.Sprintf(`%q:{"bname":%q,"currIdMap":%s,"epoch":1,"scope":"__global__","totalQueues":4}`, name, name, leads)
	}
	a.on(105, body(`{"brokerDatas":[{"brokerAddrs":{0:"`+a.addr+`"},"brokerName":"a"},{"brokerAddrs":{0:"`+b.addr+`"},"brokerName":"b"}],`+
		`"queueDatas":[{"brokerName":"a","perm":6,"readQueueNums":2,"writeQueueNums":2},{"brokerName":"b","perm":6,"readQueueNums":2,"writeQueueNums":2}],`+
		`"topicQueueMappingByBroker":{`+mapping("a", `{1:0,3:1}`)+","+mapping("b", `{0:0,2:1}`)+`}}`))
	for f, leads := range map[*fake][]string{a: {"1", "3"}, b: {"0", "2"}} {
		answer := func(n int64) func(*remoting.Command) *remoting.Command {
			return func(req *remoting.Command) *remoting.Command {
				if !slices.Contains(leads, req.ExtFields["queueId"]) {
					return req.Answer(501, "not leader")
				}
				return offset(n, 513)(req)
			}
		}
		f.on(30, answer(10))
		f.on(14, answer(8))
	}
	physical := func(name string, next int) string {
		return fmt.Sprintf(`{"consumeTps":0.0,"offsetTable":{{"brokerName":%q,"queueId":0,"topic":"T"}:{"brokerOffset":10,"consumerOffset":%d,"lastTimestamp":0}}}`, name, next)
	}
	a.on(208, body(physical("a", -1))) // a physical queue that nobody reads any more
	b.on(208, body(physical("b", 8)))
	cl := newClient(t, a.addr)
	brokers := []cluster.Broker{brokerAt("a", a.addr), brokerAt("b", b.addr)}
	want := map[cluster.Queue]int64{{Broker: "a", ID: 1}: 2, {Broker: "a", ID: 3}: 2, {Broker: "b", ID: 0}: 2, {Broker: "b", ID: 2}: 2}
	lags := func(p cluster.GroupProgress) map[cluster.Queue]int64 {
		got := map[cluster.Queue]int64{}
		for _, q := range p.Queues {
			got[q.Queue] = q.Lag()
		}
		return got
	}
	p, missing, err := cl.Progress(t.Context(), brokers, "g", "")
	if err != nil || len(missing) > 0 || !maps.Equal(lags(p), want) {
		t.Errorf("%+v, %v, %v", p, missing, err)
	}
	a.on(208, body(physical("a", 8)))
	if p, _, err = cl.Progress(t.Context(), brokers, "g", ""); err != nil || len(p.Queues) != 2 {
		t.Errorf("%+v, %v", p, err)
	}
	if p, missing, err = cl.LogicalProgress(t.Context(), "g", p); err != nil || len(missing) > 0 || !maps.Equal(lags(p), want) {
		t.Errorf("%+v, %v, %v", p, missing, err)
	}
}
