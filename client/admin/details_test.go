package admin

import (
	"context"
	"errors"
	"fmt"
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

// brokerAt is a broker of one master.
func brokerAt(name, addr string) cluster.Broker {
	return cluster.Broker{Name: name, Cluster: "C", Addrs: map[int64]string{0: addr}}
}

// goRunning is what client-go answers to code 307, with the first rates as it
// writes them before there are any.
const goRunning = `{"properties":{"PROP_CLIENT_VERSION":"v2.1.1","PROP_CONSUMEORDERLY":"false","PROP_CONSUMER_START_TIMESTAMP":"1795402567704"},` +
	`"statusTable":{"T1":{"pullRT":0,"pullTPS":0,"consumeRT":1.5,"consumeOKTPS":2,"consumeFailedTPS":0.5,"consumeFailedMsgs":3}},` +
	`"subscriptionSet":[{"classFilterMode":false,"topic":"T1","subString":"TagA || TagB","tagsSet":["TagA","TagB"],"codeSet":["2598919","2598920"],"subVersion":1795402567799297364,"expressionType":"TAG"}],` +
	`"mqTable":{{"topic":"T1","brokerName":"broker-a","queueId":1}:{"commitOffset":7,"cachedMsgCount":2,"dropped":false,"lastPullTimestamp":1795402570784,"lastConsumeTimestamp":-62135596800000},` +
	`{"topic":"T1","brokerName":"broker-a","queueId":0}:{"commitOffset":1,"dropped":true,"lastPullTimestamp":0,"lastConsumeTimestamp":0}}, "jstack":"%s" }`

func TestDecodeRunning(t *testing.T) {
	want := cluster.Running{
		Version: "v2.1.1", Started: time.UnixMilli(1795402567704),
		Subscriptions: []cluster.Wanted{{Topic: "T1", Expression: "TagA || TagB", Kind: "TAG", Tags: []string{"TagA", "TagB"}, Version: 1795402567799297364}},
		Queues:        []cluster.Held{{Topic: "T1", Queue: cluster.Queue{Broker: "broker-a", ID: 1}, Cached: 2, Commit: 7, LastPull: time.UnixMilli(1795402570784)}},
		Rates:         map[string]cluster.Rates{"T1": {ConsumeRT: 1.5, OK: 2, Failed: 0.5, FailedHour: 3}},
	}
	stack := "goroutine 1 [running]:\n\tmain.main()\n"
	for _, c := range []struct{ name, body, stack string }{
		{"client-go", fmt.Sprintf(goRunning, ""), ""},
		{"with a stack, unescaped", fmt.Sprintf(goRunning, stack), stack},
		{"with quotes in the stack", fmt.Sprintf(goRunning, `labels: {"a":"b"}`+"\n"+stack), `labels: {"a":"b"}` + "\n" + stack},
		{"Java's spelling", strings.ReplaceAll(fmt.Sprintf(goRunning, ""), "dropped", "droped"), ""},
	} {
		got, err := decodeRunning([]byte(c.body))
		want := want
		want.Stack = c.stack
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", c.name, err, diff)
		}
	}
	nan := strings.Replace(fmt.Sprintf(goRunning, ""), `"consumeRT":1.5`, `"consumeRT":NaN`, 1)
	if got, err := decodeRunning([]byte(nan)); err != nil || got.Rates["T1"].ConsumeRT != 0 || got.Rates["T1"].OK != 2 {
		t.Errorf("NaN: %+v, %v", got.Rates, err)
	}
	for _, bad := range []string{"", "  ", "<html>", `{"jstack":"`, `{"mqTable":{{]}}`, `{"properties":7,"jstack":"a"b"}`} {
		if _, err := decodeRunning([]byte(bad)); !errors.Is(err, fault.BadAnswer) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// members of one broker as code 203 answers them.
func members(version int64, expression string, ids ...string) func(*remoting.Command) *remoting.Command {
	var set []string
	for _, id := range ids {
		set = append(set, `{"clientAddr":"10.0.0.1:40016","clientId":"`+id+`","language":"GO","version":317}`)
	}
	return body(fmt.Sprintf(`{"connectionSet":[%s],"consumeFromWhere":"CONSUME_FROM_FIRST_OFFSET","consumeType":"CONSUME_PASSIVELY","messageModel":"CLUSTERING",
		"subscriptionTable":{"T1":{"classFilterMode":false,"codeSet":[1],"expressionType":"TAG","subString":%q,"subVersion":%d,"tagsSet":["A"],"topic":"T1"}}}`,
		strings.Join(set, ","), expression, version))
}

func TestConsumersOfTwoBrokers(t *testing.T) {
	a, b := newFake(t), newFake(t)
	brokers := []cluster.Broker{brokerAt("broker-a", a.addr), brokerAt("broker-b", b.addr)}
	cl := newClient(t)
	a.on(203, members(1, "A", "x@1", "x@2"))
	b.on(203, members(2, "A || B", "x@2", "x@3"))
	got, missing, err := cl.Consumers(t.Context(), brokers, "g")
	if err != nil || len(missing) != 0 {
		t.Fatal(missing, err)
	}
	var seen []string
	for _, m := range got.Members {
		seen = append(seen, m.ID+" "+strings.Join(m.Brokers, "+"))
	}
	if diff := cmp.Diff([]string{"x@1 broker-a", "x@2 broker-a+broker-b", "x@3 broker-b"}, seen); diff != "" {
		t.Error(diff)
	}
	if got.Model != "CLUSTERING" || got.Type != "CONSUME_PASSIVELY" || len(got.Subscriptions) != 1 || got.Subscriptions[0].Expression != "A || B" {
		t.Errorf("%+v", got)
	}
	// One says that nobody is there: that is its answer.
	b.on(203, code(206, "the consumer group[g] not online"))
	if got, missing, err := cl.Consumers(t.Context(), brokers, "g"); err != nil || len(missing) != 0 || len(got.Members) != 2 {
		t.Error(got, missing, err)
	}
	// One that cannot be read is named, with the other's answer.
	for name, answer := range map[string]func(*remoting.Command) *remoting.Command{
		"broken":  body(`{"connectionSet":[{`),
		"refused": code(16, "User:u has no permission"),
		"unknown": code(3, " request type 203 not supported"),
	} {
		b.on(203, answer)
		got, missing, err := cl.Consumers(t.Context(), brokers, "g")
		if err != nil || len(got.Members) != 2 || !slices.Equal(missing.Names(), []string{"broker-b"}) || missing[0].Addr != b.addr {
			t.Errorf("%s: %d members, %v, %v", name, len(got.Members), missing, err)
		}
	}
	a.on(203, code(3, " request type 203 not supported"))
	if _, _, err := cl.Consumers(t.Context(), brokers, "g"); !errors.Is(err, fault.NotOffered) {
		t.Error(err)
	}
}

// TestSlowBroker: what one broker does not say in time is missing, the other's
// answer is not.
func TestSlowBroker(t *testing.T) {
	a, slow := newFake(t), newFake(t)
	a.on(208, body(`{"consumeTps":1.5,"offsetTable":{{"brokerName":"broker-a","queueId":0,"topic":"T"}:{"brokerOffset":10,"consumerOffset":4,"lastTimestamp":1795402570784,"pullOffset":4}}}`))
	slow.on(208, never)
	brokers := []cluster.Broker{brokerAt("broker-a", a.addr), brokerAt("broker-b", slow.addr), {Name: "broker-c"}, brokerAt("broker-d", testserver.Nowhere(t))}
	begin := time.Now()
	cl := newClient(t)
	got, missing, err := cl.Progress(t.Context(), brokers, "g", "")
	if took := time.Since(begin); took > brokerBudget+5*time.Second {
		t.Error("took", took)
	}
	want := []cluster.QueueProgress{{Topic: "T", Queue: cluster.Queue{Broker: "broker-a", ID: 0}, End: 10, Next: 4, Last: time.UnixMilli(1795402570784)}}
	if diff := cmp.Diff(want, got.Queues); err != nil || diff != "" || got.Rate != 1.5 || want[0].Lag() != 6 {
		t.Error(err, diff)
	}
	if !slices.Equal(missing.Names(), []string{"broker-b", "broker-c", "broker-d"}) ||
		!errors.Is(missing[0], fault.Timeout) || !errors.Is(missing[1], fault.NoBroker) || !errors.Is(missing[2], fault.Unreachable) {
		t.Error(missing)
	}
	// The next question does not wait for it again, and says the same.
	for range 100 {
		if _, missing, err := cl.Progress(t.Context(), brokers, "g", ""); err != nil || !errors.Is(missing[0], fault.Timeout) || len(missing) != 3 {
			t.Fatal(missing, err)
		}
	}
	if n := slow.count(208); n != 1 {
		t.Errorf("the slow broker was asked %d times", n)
	}
	// Nor does one that is given up count as silent.
	ctx, cancel := context.WithCancel(t.Context())
	other := newFake(t)
	other.on(208, func(*remoting.Command) *remoting.Command { cancel(); return nil })
	if _, _, err := cl.Progress(ctx, []cluster.Broker{brokerAt("broker-e", other.addr)}, "g", ""); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if err := cl.away.recent(other.addr); err != nil {
		t.Error(err)
	}
}

// TestOutOfTime: a question whose own time ends before the broker's says who was silent,
// and that it was that.
func TestOutOfTime(t *testing.T) {
	slow := newFake(t)
	for _, c := range []int{remoting.ConsumerListByGroup, remoting.QueryConsumerOffset} {
		slow.on(c, never)
	}
	cl, r := newClient(t), routeTo(slow.addr, 2)
	for name, ask := range map[string]func(context.Context) error{
		"brokers": func(ctx context.Context) error { _, _, err := cl.Members(ctx, r, "g"); return err },
		"queues":  func(ctx context.Context) error { _, _, err := cl.GroupPosition(ctx, r, "T", "g"); return err },
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		err := ask(ctx)
		cancel()
		if !errors.Is(err, fault.Timeout) || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), slow.addr) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestLag(t *testing.T) {
	for _, c := range []struct{ end, next, want int64 }{{10, 4, 6}, {10, -1, 10}, {4, 10, 0}, {0, 0, 0}} {
		if got := (cluster.QueueProgress{End: c.end, Next: c.next}).Lag(); got != c.want {
			t.Error(c, got)
		}
	}
}

func TestGroups(t *testing.T) {
	a, b := newFake(t), newFake(t)
	brokers := []cluster.Broker{brokerAt("broker-a", a.addr), brokerAt("broker-b", b.addr)}
	table := func(names ...string) string {
		var all []string
		for _, n := range names {
			all = append(all, `"`+n+`":{"brokerId":0,"consumeBroadcastEnable":true,"consumeEnable":true,"groupName":"`+n+`","retryMaxTimes":16,"retryQueueNums":1,"attributes":{}}`)
		}
		return `{"dataVersion":{"counter":1},"forbiddenTable":{"g":{"T":1}},"subscriptionGroupTable":{` + strings.Join(all, ",") + `}}`
	}
	a.on(201, body(table("g2", "g1", "TOOLS_CONSUMER")))
	b.on(201, body(table("g1", "g3")))
	cl := newClient(t)
	got, missing, err := cl.GroupConfigs(t.Context(), brokers)
	if err != nil || len(missing) > 0 || len(got) != 4 || !cluster.SystemGroup(got[0].Name) || cluster.SystemGroup(got[1].Name) ||
		!slices.Equal(got[1].Brokers, []string{"broker-a", "broker-b"}) || got[1].RetryTimes != 16 || !got[1].Consume {
		t.Errorf("%+v %v %v", got, missing, err)
	}
	a.on(300, body(`{"groupList":["g2","g1"]}`))
	b.on(300, body(`{"groupList":["g1"]}`))
	if got, _, err := cl.GroupsOf(t.Context(), brokers, "T"); err != nil || !slices.Equal(got, []string{"g1", "g2"}) {
		t.Error(got, err)
	}
}

func TestTopicDetails(t *testing.T) {
	a := newFake(t)
	brokers := []cluster.Broker{brokerAt("broker-a", a.addr)}
	a.on(21, body(`{"dataVersion":{},"topicConfigTable":{
		"o":{"order":true,"perm":6,"readQueueNums":4,"writeQueueNums":2,"topicName":"o"},
		"f":{"attributes":{"message.type":"FIFO"},"perm":6,"readQueueNums":4,"writeQueueNums":4},
		"d":{"attributes":{"message.type":"DELAY"},"perm":6,"readQueueNums":4,"writeQueueNums":4},
		"x":{"attributes":{"message.type":"TRANSACTION"},"perm":6,"readQueueNums":4,"writeQueueNums":4},
		"n":{"attributes":{},"perm":4,"readQueueNums":4,"writeQueueNums":4},
		"%RETRY%g":{"perm":6,"readQueueNums":1,"writeQueueNums":1},"%DLQ%g":{"perm":2,"readQueueNums":1,"writeQueueNums":1},
		"RMQ_SYS_TRACE_TOPIC":{"perm":6,"readQueueNums":1,"writeQueueNums":1}}}`))
	got, _, err := newClient(t).TopicConfigs(t.Context(), brokers)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string]cluster.TopicKind{}
	for _, c := range got {
		kinds[c.Name] = c.Kind
	}
	want := map[string]cluster.TopicKind{
		"o": cluster.OrderedTopic, "f": cluster.OrderedTopic, "d": cluster.DelayedTopic, "x": cluster.TransactionalTopic, "n": cluster.NormalTopic,
		"%RETRY%g": cluster.RetryTopic, "%DLQ%g": cluster.DeadLetterTopic, "RMQ_SYS_TRACE_TOPIC": cluster.SystemTopic,
	}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Error(diff)
	}
	a.on(202, body(`{"offsetTable":{{"brokerName":"broker-a","queueId":1,"topic":"T"}:{"lastUpdateTimestamp":1795402570784,"maxOffset":9,"minOffset":2},
		{"brokerName":"broker-a","queueId":0,"topic":"T"}:{"lastUpdateTimestamp":0,"maxOffset":-1,"minOffset":-1}},"topicPutTps":0.0}`))
	stats, _, err := newClient(t).TopicStats(t.Context(), brokers, "T")
	wanted := []cluster.QueueStats{{Queue: cluster.Queue{Broker: "broker-a", ID: 0}}, {Queue: cluster.Queue{Broker: "broker-a", ID: 1}, Min: 2, Max: 9, Last: time.UnixMilli(1795402570784)}}
	if diff := cmp.Diff(wanted, stats); err != nil || diff != "" || stats[1].Kept() != 7 {
		t.Error(err, diff)
	}
	a.on(202, code(17, "topic[T] not exist"))
	if _, _, err := newClient(t).TopicStats(t.Context(), brokers, "T"); !errors.Is(err, fault.TopicNotFound) {
		t.Error(err)
	}
}

func TestProducers(t *testing.T) {
	a, b := newFake(t), newFake(t)
	brokers := []cluster.Broker{brokerAt("broker-a", a.addr), brokerAt("broker-b", b.addr)}
	a.on(328, body(`{"data":{"pg":[{"clientId":"c@1","language":"GO","lastUpdateTimestamp":1795402570784,"remoteIP":"/127.0.0.1:54952","version":317}]}}`))
	b.on(328, body(`{"data":{"pg":[{"clientId":"c@1","language":"GO","lastUpdateTimestamp":1795402570785,"remoteIP":"/127.0.0.1:54953","version":317}]}}`))
	got, _, err := newClient(t).Producers(t.Context(), brokers)
	if err != nil || len(got) != 1 || got[0].Group != "pg" || !slices.Equal(got[0].Brokers, []string{"broker-a", "broker-b"}) ||
		!got[0].Seen.Equal(time.UnixMilli(1795402570785)) || strings.HasPrefix(got[0].Addr, "/") {
		t.Errorf("%+v %v", got, err)
	}
	a.on(204, code(1, "the producer group[pg] not exist"))
	b.on(204, body(`{"connectionSet":[{"clientAddr":"127.0.0.1:5","clientId":"c@1","language":"JAVA","version":513}]}`))
	if got, missing, err := newClient(t).ProducersOf(t.Context(), brokers, "pg"); err != nil || len(missing) > 0 || len(got) != 1 || cluster.VersionName(got[0].Version) != "5.5.0" {
		t.Errorf("%+v %v %v", got, missing, err)
	}
}

func TestSettings(t *testing.T) {
	got := settings([]byte("b=2=3\n# a remark\n\nnothing\r\na=1\r\ninnerClientAuthenticationCredentials={\"accessKey\":\"k\"}\nempty="))
	want := []cluster.Setting{{Key: "a", Value: "1"}, {Key: "b", Value: "2=3"}, {Key: "empty", Value: ""}, {Key: "innerClientAuthenticationCredentials", Value: "***"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestVersionName(t *testing.T) {
	for ordinal, want := range map[int]string{
		213: "4.0.0", 317: "4.5.2", 399: "4.9.3", 409: "4.9.8", 413: "5.0.0", 412: "5.0.0-SNAPSHOT", 441: "5.1.4", 479: "5.3.3",
		493: "5.4.0", 513: "5.5.0", 512: "5.5.0-SNAPSHOT", 0: "", -1: "", 1 << 30: "",
	} {
		if got := cluster.VersionName(ordinal); got != want {
			t.Errorf("%d: %q, want %q", ordinal, got, want)
		}
	}
}

func TestWantedSame(t *testing.T) {
	tags := func(expression string, tags ...string) cluster.Wanted {
		return cluster.Wanted{Topic: "T", Expression: expression, Kind: "TAG", Tags: tags}
	}
	for _, c := range []struct {
		a, b cluster.Wanted
		same bool
	}{
		{tags("A || B", "A", "B"), tags("B||A", "B", "A"), true},
		{tags("A", "A"), tags("*"), false},
		{tags("*"), cluster.Wanted{Topic: "T", Expression: ""}, true},
		{tags("a > 1"), cluster.Wanted{Topic: "T", Expression: "a > 1", Kind: "SQL92"}, false},
		{cluster.Wanted{Topic: "T", Expression: "a > 1", Kind: "SQL92"}, cluster.Wanted{Topic: "T", Expression: "a > 2", Kind: "SQL92"}, false},
		{cluster.Wanted{Topic: "T"}, cluster.Wanted{Topic: "U"}, false},
	} {
		if c.a.Same(c.b) != c.same || c.b.Same(c.a) != c.same {
			t.Errorf("%+v and %+v: not %v", c.a, c.b, c.same)
		}
	}
}

func TestRunningTimesOut(t *testing.T) {
	b := newFake(t)
	for _, c := range []struct {
		answer func(*remoting.Command) *remoting.Command
		want   error
	}{
		{code(207, "The broker asks the client, no answer"), fault.Timeout},
		{code(1, "The Consumer <g> <x@1> not online"), fault.GroupOffline},
		{body(""), fault.BadAnswer},
	} {
		b.on(307, c.answer)
		if _, err := newClient(t).Running(t.Context(), b.addr, "g", "x@1", false); !errors.Is(err, c.want) {
			t.Errorf("%v, want %v", err, c.want)
		}
	}
}
