package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/remoting"
	"gantry/client/testserver"
)

func TestRoute(t *testing.T) {
	ns := newFake(t)
	// bare keys as before 4.9.4, quoted as since
	for _, key := range []string{`0`, `"0"`} {
		ns.on(105, body(`{"brokerDatas":[{"brokerAddrs":{`+key+`:"h:1",1:"h:2"},"brokerName":"b","cluster":"C","enableActingMaster":false},
			{"brokerAddrs":{1:"h:3"},"brokerName":"a","cluster":"C"}],"filterServerTable":{},
			"queueDatas":[{"brokerName":"b","perm":4,"readQueueNums":2,"topicSysFlag":0,"writeQueueNums":3},
			{"brokerName":"a","perm":6,"readQueueNums":1,"writeQueueNums":1}]}`))
		r, err := newClient(t, ns.addr).Route(t.Context(), "T")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]cluster.Queue{{Broker: "a", ID: 0}, {Broker: "b", ID: 0}, {Broker: "b", ID: 1}}, r.ReadQueues()); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]cluster.Queue{{Broker: "a", ID: 0}}, r.WriteQueues()); diff != "" {
			t.Error(diff)
		}
		if addr, ok := r.Master("b"); addr != "h:1" || !ok {
			t.Error(addr, ok)
		}
		if addr, ok := r.Master("a"); ok {
			t.Error("a slave is no master:", addr)
		}
		if diff := cmp.Diff([]string{"h:1"}, r.Masters()); diff != "" {
			t.Error(diff)
		}
	}
	ns.on(105, code(17, "No topic route info in name server for the topic: T\nSee http"))
	if _, err := newClient(t, ns.addr).Route(t.Context(), "T"); !errors.Is(err, fault.TopicNotFound) {
		t.Error(err)
	}
	ns.on(105, body(`<html>secret`))
	if _, err := newClient(t, ns.addr).Route(t.Context(), "T"); !errors.Is(err, fault.BadAnswer) || strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
}

func TestSentinels(t *testing.T) {
	for _, c := range []struct {
		code   int
		remark string
		want   error
	}{
		{1, "org.apache.rocketmq.acl.common.AclException: No accessKey is configured, org.apache", fault.Refused},
		{1, "disable", fault.NotOffered},
		{1, "java.lang.NullPointerException", nil},
		{1, "no consumer for this group, g", fault.GroupOffline},
		{1, `Cannot invoke "ConsumerGroupInfo.getAllClientId()" because "consumerGroupInfo" is null`, fault.GroupOffline},
		{1, "The broker does not support consumer to filter message by SQL92", fault.FilterNotSupported},
		{1, "can not find message by the offset, 99999999", fault.NotFound},
		{2, "[TIMEOUT_CLEAN_QUEUE]broker busy", fault.Busy},
		{3, " request type 351 not supported", fault.NotOffered},
		{16, "username cannot be null.", fault.Refused},
		{17, "topic[NoSuch] not exist", fault.TopicNotFound},
		{22, "", fault.NotFound},
		{23, "ParseException", fault.BadExpression},
		{24, "the consumer's group info not exist", fault.GroupNotFound},
		{26, "Group g not exist!", fault.GroupNotFound},
		{29, "illegal", fault.Invalid},
		{206, "the consumer group[g] not online", fault.GroupOffline},
		{4711, "", nil},
	} {
		err := (&Client{}).classify(&fault.Answer{Code: c.code, Remark: c.remark, Addr: "h:1"})
		var re *fault.Answer
		if !errors.As(err, &re) || re.Remark != c.remark {
			t.Errorf("%d: the raw text is lost: %v", c.code, err)
		}
		if c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%d %q: %v, want %v", c.code, c.remark, err, c.want)
		}
		if c.want == nil && re.Means() != fault.Unknown {
			t.Errorf("%d %q: %v", c.code, c.remark, err)
		}
	}
}

func TestTopics(t *testing.T) {
	ns := newFake(t)
	cl := newClient(t, ns.addr)
	if _, err := cl.Topics(t.Context()); !errors.Is(err, fault.NotOffered) {
		t.Error(err)
	}
	ns.on(206, body(`{"topicList":["b","RMQ_SYS_TRACE_TOPIC","broker-a","C","C_REPLY_TOPIC","%RETRY%g","%DLQ%g","rmq_sys_wheel_timer","TBW102","a"]}`))
	ns.on(304, body(`{"brokerAddr":"h:1","topicList":["broker-a","C"]}`))
	if got, err := cl.Topics(t.Context()); err != nil || !slices.Equal(got, []string{"a", "b"}) {
		t.Error(got, err)
	}
	ns.on(304, code(3, " request type 304 not supported"))
	if got, err := cl.Topics(t.Context()); err != nil || !slices.Equal(got, []string{"C", "C_REPLY_TOPIC", "a", "b", "broker-a"}) {
		t.Error(got, err)
	}
}

func TestCluster(t *testing.T) {
	ns := newFake(t)
	ns.on(106, body(`{"brokerAddrTable":{"broker-b":{"brokerAddrs":{1:"h:3"},"brokerName":"broker-b","cluster":"C"},
		"broker-a":{"brokerAddrs":{0:"h:1","1":"h:2"},"brokerName":"broker-a","cluster":"C"}},"clusterAddrTable":{"C":["broker-a","broker-b"]}}`))
	cl := newClient(t, ns.addr)
	got, err := cl.Cluster(t.Context())
	want := Cluster{
		Brokers: []cluster.Broker{
			{Name: "broker-a", Cluster: "C", Addrs: map[int64]string{0: "h:1", 1: "h:2"}},
			{Name: "broker-b", Cluster: "C", Addrs: map[int64]string{1: "h:3"}},
		},
		Clusters: map[string][]string{"C": {"broker-a", "broker-b"}},
	}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Error(err, diff)
	}
	if m := got.Masters(); !slices.Equal(m, []string{"h:1"}) {
		t.Error(m)
	}
}

func TestRuntime(t *testing.T) {
	b := newFake(t)
	cl := newClient(t)
	// A broker whose clock is half an hour behind, started 25 h 61 s before.
	boot := time.Now().Add(-30*time.Minute - 25*time.Hour - 61*time.Second).UnixMilli()
	b.on(28, body(fmt.Sprintf(`{"table":{"brokerVersionDesc":"V5_5_0","bootTimestamp":"%d","runtime":"[ 1 days, 1 hours, 1 minutes, 1 seconds ]"}}`, boot)))
	r, err := cl.Runtime(t.Context(), b.addr)
	if err != nil || r.Version != "5.5.0" || !r.ClockKnown || (r.Ahead-30*time.Minute).Abs() > 2*time.Second {
		t.Errorf("%+v, %v", r, err)
	}
	for _, table := range []string{`{}`, `{"bootTimestamp":"x","runtime":"[ 0 days, 0 hours, 0 minutes, 1 seconds ]"}`, `{"bootTimestamp":"1","runtime":"soon"}`} {
		b.on(28, body(`{"table":`+table+`}`))
		if r, err := cl.Runtime(t.Context(), b.addr); err != nil || r.ClockKnown {
			t.Errorf("%s: %+v, %v", table, r, err)
		}
	}
}

// TestSpeak: one web server among brokers is found; what refuses, is out of reach
// or silent has proved nothing.
func TestSpeak(t *testing.T) {
	refuses, cl := newFake(t), newClient(t)
	web := testserver.Serve(t, func(nc net.Conn) { fmt.Fprint(nc, "HTTP/1.1 400 Bad Request\r\n\r\n") })
	others := []string{refuses.addr, testserver.Nowhere(t), testserver.Serve(t, testserver.Silent)}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if err := cl.Speak(ctx, others); err != nil {
		t.Error(err)
	}
	if n := refuses.count(remoting.BrokerRuntimeInfo); n != 1 {
		t.Errorf("asked %d times", n)
	}
	begin := time.Now()
	if err := cl.Speak(t.Context(), append(others, web)); !errors.Is(err, fault.NotRocketMQ) || !strings.Contains(err.Error(), web) {
		t.Error(err)
	}
	if took := time.Since(begin); took > remoting.DefaultCallTimeout {
		t.Errorf("it waited for the silent one: %v", took)
	}
}

func TestCreatesTopics(t *testing.T) {
	ns := newFake(t)
	cl := newClient(t, ns.addr)
	for answer, want := range map[string]bool{
		`{"queueDatas":[{"brokerName":"a","perm":7,"readQueueNums":8,"writeQueueNums":8}]}`: true,
		`{"queueDatas":[{"brokerName":"a","perm":6,"readQueueNums":8,"writeQueueNums":8}]}`: false,
	} {
		ns.on(105, body(answer))
		if got, err := cl.CreatesTopics(t.Context()); err != nil || got != want {
			t.Error(answer, got, err)
		}
	}
	ns.on(105, code(17, ""))
	if got, err := cl.CreatesTopics(t.Context()); err != nil || got {
		t.Error(got, err)
	}
}

// stored is a message that ends behind its store time.
func stored(at time.Time) string {
	b := make([]byte, 64)
	for i, ms := 0, at.UnixMilli(); i < 8; i++ {
		b[63-i] = byte(ms >> (8 * i))
	}
	return string(b)
}

func TestStartFloors(t *testing.T) {
	b := newFake(t)
	at := time.UnixMilli(1_800_000_000_000)
	b.on(30, func(req *remoting.Command) *remoting.Command {
		if req.ExtFields["bname"] != "broker-a" { // a proxy needs it
			return req.Answer(15, "Request doesn't have field bname")
		}
		return offset(10, 409)(req)
	})
	b.on(31, offset(3, 409))
	pulled := func(at time.Time) func(*remoting.Command) *remoting.Command {
		return func(req *remoting.Command) *remoting.Command {
			a := body(stored(at))(req)
			a.ExtFields = map[string]string{"nextBeginOffset": "10", "minOffset": "3", "maxOffset": "10"}
			return a
		}
	}
	const v4, v5 = 409, 513
	for _, c := range []struct {
		name    string
		start   Start
		found   int64
		version int
		pull    func(*remoting.Command) *remoting.Command
		want    int64
	}{
		{"now", Start{Kind: Now}, 0, v4, never, 10},
		{"earliest", Start{Kind: Earliest}, 0, v4, never, 3},
		{"5.x: a time within", Start{Time, at}, 7, v5, never, 7},
		{"5.x: behind all", Start{Time, at}, 11, v5, never, 10},
		{"4.9: the nearest is older", Start{Time, at}, 6, v4, pulled(at.Add(-time.Millisecond)), 7},
		{"4.9: the last is older", Start{Time, at}, 9, v4, pulled(at.Add(-time.Hour)), 10},
		{"4.9: the nearest is it", Start{Time, at.Add(300 * time.Microsecond)}, 9, v4, pulled(at), 9},
		{"4.9: the nearest is newer", Start{Time, at}, 7, v4, pulled(at.Add(time.Millisecond)), 7},
		{"4.9: may not look", Start{Time, at}, 9, v4, code(16, "no permission"), 9},
	} {
		b.on(29, offset(c.found, c.version))
		b.on(11, c.pull)
		got, _, err := newClient(t).StartFloors(t.Context(), routeTo(b.addr, 2), "T", c.start)
		want := map[cluster.Queue]int64{{Broker: "broker-a", ID: 0}: c.want, {Broker: "broker-a", ID: 1}: c.want}
		if err != nil || !maps.Equal(got, want) {
			t.Error(c.name, got, err)
		}
	}
	if _, _, err := newClient(t).StartFloors(t.Context(), routeTo(testserver.Nowhere(t), 100), "T", Start{}); !errors.Is(err, fault.Unreachable) {
		t.Error(err)
	}
	r := routeTo("", 1)
	r.Brokers = nil
	if _, _, err := newClient(t).StartFloors(t.Context(), r, "T", Start{}); !errors.Is(err, fault.NoBroker) {
		t.Error(err)
	}
}

func TestPull(t *testing.T) {
	b := newFake(t)
	ends := map[string]string{"nextBeginOffset": "5", "minOffset": "2", "maxOffset": "9"}
	for n, want := range map[int]string{0: "stored", 19: "", 20: "", 21: ""} {
		b.on(11, func(req *remoting.Command) *remoting.Command {
			a := req.Answer(n, "FOUND")
			a.Body, a.ExtFields = []byte("stored"), ends
			return a
		})
		p, err := newClient(t).Pull(t.Context(), routeTo(b.addr, 1), "T", cluster.Queue{Broker: "broker-a", ID: 0}, 4, 32)
		if err != nil || string(p.Body) != want || p.Next != 5 || p.Min != 2 || p.Max != 9 {
			t.Error(n, p, err)
		}
	}
	b.on(11, code(17, "topic[T] not exist, apply first please!"))
	if _, err := newClient(t).Pull(t.Context(), routeTo(b.addr, 1), "T", cluster.Queue{Broker: "broker-a", ID: 0}, 4, 32); !errors.Is(err, fault.TopicNotFound) {
		t.Error(err)
	}
}

func TestGroupPosition(t *testing.T) {
	b := newFake(t)
	lonely, members := code(1, "no consumer for this group, g"), body(`{"consumerIdList":["2@x","1@x"]}`)
	type answers = func(*remoting.Command) *remoting.Command
	for _, c := range []struct {
		name     string
		position answers
		members  answers
		want     bool
	}{
		{"5.x, none", code(22, "Not found, do not set to zero"), lonely, false},
		{"5.x, zero is committed", offset(0, 513), lonely, true},
		{"5.x, some", offset(7, 513), lonely, true},
		{"no such group", code(26, "Group g not exist!"), lonely, false},
		{"4.9, a made-up zero", offset(0, 409), lonely, false},
		{"4.9, zero of a running group", offset(0, 409), members, true},
		{"4.9, some", offset(7, 409), lonely, true},
		{"one queue only", func(req *remoting.Command) *remoting.Command {
			if req.ExtFields["queueId"] == "3" {
				return offset(1, 513)(req)
			}
			return code(22, "")(req)
		}, lonely, true},
		{"another queue failed", func(req *remoting.Command) *remoting.Command {
			if req.ExtFields["queueId"] == "3" {
				return offset(1, 513)(req)
			}
			return code(1, "java.lang.NullPointerException")(req)
		}, lonely, true},
	} {
		b.on(14, c.position)
		b.on(38, c.members)
		if got, _, err := newClient(t).GroupPosition(t.Context(), routeTo(b.addr, 4), "T", "g"); err != nil || got != c.want {
			t.Error(c.name, got, err)
		}
	}
	b.on(14, code(16, "User:u has no permission to access Group:g"))
	if _, _, err := newClient(t).GroupPosition(t.Context(), routeTo(b.addr, 1), "T", "g"); !errors.Is(err, fault.Refused) {
		t.Error(err)
	}
	b.on(38, members)
	if got, _, err := newClient(t).Members(t.Context(), routeTo(b.addr, 1), "g"); err != nil || !slices.Equal(got, []string{"1@x", "2@x"}) {
		t.Error(got, err)
	}
}

func TestCheckSubscription(t *testing.T) {
	b := newFake(t)
	cl := newClient(t)
	s := cluster.Selection{Topic: "T", Group: "g", Expression: "a > 1", SQL92: true}
	if err := cl.CheckSubscription(t.Context(), routeTo(b.addr, 1), s); err != nil {
		t.Error("not offered:", err)
	}
	b.on(46, func(req *remoting.Command) *remoting.Command {
		var got map[string]any
		if err := json.Unmarshal(req.Body, &got); err != nil || got["group"] != "g" {
			return req.Answer(1, "no body")
		}
		d := got["subscriptionData"].(map[string]any)
		if d["expressionType"] != "SQL92" || d["subString"] != "a > 1" || d["topic"] != "T" {
			return req.Answer(1, "wrong body")
		}
		return req.Answer(0, "")
	})
	if err := cl.CheckSubscription(t.Context(), routeTo(b.addr, 1), s); err != nil {
		t.Error(err)
	}
	b.on(46, code(23, "ParseException: Encountered"))
	if err := cl.CheckSubscription(t.Context(), routeTo(b.addr, 1), s); !errors.Is(err, fault.BadExpression) {
		t.Error(err)
	}
	b.on(46, code(1, "The broker does not support consumer to filter message by SQL92"))
	if err := cl.CheckSubscription(t.Context(), routeTo(b.addr, 1), s); !errors.Is(err, fault.FilterNotSupported) {
		t.Error(err)
	}
}

func TestCreateTopicWaitsForItsRoute(t *testing.T) {
	f := newFake(t) // name server and broker at once
	created := 0
	f.on(17, func(req *remoting.Command) *remoting.Command {
		if req.ExtFields["readQueueNums"] != "4" || req.ExtFields["perm"] != "6" || req.ExtFields["attributes"] != "+message.type=FIFO" {
			return req.Answer(1, "wrong fields")
		}
		return req.Answer(0, "")
	})
	f.on(105, func(req *remoting.Command) *remoting.Command {
		if created++; created < 3 {
			return req.Answer(17, "")
		}
		return body(`{"brokerDatas":[{"brokerAddrs":{"0":"` + f.addr + `"},"brokerName":"a"}],"queueDatas":[{"brokerName":"a","perm":6,"readQueueNums":4,"writeQueueNums":4}]}`)(req)
	})
	f.on(200, body(""))
	cl := newClient(t, f.addr)
	if err := cl.CreateTopic(t.Context(), []string{f.addr}, "T", 4, "FIFO"); err != nil || created < 3 {
		t.Error(err, created)
	}
	if err := cl.CreateGroup(t.Context(), []string{f.addr}, "g"); err != nil {
		t.Error(err)
	}
	f.on(17, code(29, "The specified topic contains illegal characters"))
	if err := cl.CreateTopic(t.Context(), []string{f.addr}, "T!", 4, ""); !errors.Is(err, fault.Invalid) {
		t.Error(err)
	}
}
