package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gantry/client/message"
	"gantry/client/remoting"
	"gantry/client/sandbox/store"
)

// TestTimes: what is too far off, or no time, is refused, and a level goes before a
// time (HookUtils.handleScheduleMessage; the same was seen at a 5.5.0).
func TestTimes(t *testing.T) {
	n := start(t, Options{})
	in := func(d time.Duration) string { return fmt.Sprint(time.Now().Add(d).UnixMilli()) }
	for property, stored := range map[string]bool{
		"TIMER_DELAY_SEC=259201":                     false,
		"TIMER_DELAY_SEC=259199":                     true,
		"TIMER_DELAY_SEC=9223372036854775807":        false,
		"TIMER_DELAY_SEC=-5":                         true,
		"TIMER_DELAY_SEC=abc":                        false,
		"TIMER_DELAY_MS=259300000":                   false,
		"TIMER_DELAY_MS=9223372036854775807":         false,
		"TIMER_DELAY_MS=99999999999999999999":        false,
		"TIMER_DELAY_MS=400":                         true,
		"TIMER_DELIVER_MS=" + in(73*time.Hour):       false,
		"TIMER_DELIVER_MS=" + in(71*time.Hour):       true,
		"TIMER_DELIVER_MS=" + in(-time.Second):       true,
		"TIMER_DELIVER_MS=9223372036854775807":       false,
		"TIMER_DELIVER_MS=-9223372036854775808":      true,
		"DELAY=3\x02TIMER_DELAY_SEC\x01300000":       true,
		"TIMER_DELAY_MS=0\x02TIMER_DELIVER_MS\x01no": true,
	} {
		name, value, _ := strings.Cut(property, "=")
		a := n.ask(remoting.SendMessage, "x", "producerGroup", "p", "topic", "orders", "defaultTopic", store.DefaultTopic, "queueId", "0", "sysFlag", "0",
			"bornTimestamp", "0", "flag", "0", "properties", name+"\x01"+value+"\x02")
		switch {
		case stored && a.Code != remoting.Success:
			t.Errorf("%q: %d %s", property, a.Code, a.Remark)
		case !stored && (a.Code != remoting.MessageIllegal || !strings.HasPrefix(a.Remark, "timer message illegal, the delay time should not be bigger than the max delay 259200000ms")):
			t.Errorf("%q: %d %s", property, a.Code, a.Remark)
		}
	}
	if _, next := n.s.broker.store.Bounds(store.ScheduleTopic, 2); next != 1 {
		t.Errorf("%d messages have level 3", next)
	}
}

// table asks a broker about itself.
func (n *node) table() map[string]string {
	n.t.Helper()
	var info struct{ Table map[string]string }
	if err := remoting.DecodeBody(n.do(remoting.BrokerRuntimeInfo, "").Body, &info); err != nil {
		n.t.Fatal(err)
	}
	return info.Table
}

// TestBrokerTellsOfItself: figures are counted, and settings are those in force.
func TestBrokerTellsOfItself(t *testing.T) {
	n := start(t, Options{MaxMessages: 4000, DelayLevels: []time.Duration{time.Hour}})
	if at := n.table()["earliestMessageTimeStamp"]; at != "-1" {
		t.Errorf("without a message the earliest is of %s", at)
	}
	for range 20 {
		n.send("orders", "x")
	}
	n.send("orders", "later", "DELAY=1")
	_, all := n.pull("orders", 0, 0)
	n.pull("orders", 0, 20)
	got := n.table()
	for key, want := range map[string]string{
		"msgPutTotalTodayNow": "20", "msgPutTotalTodayMorning": "0", "msgGetTotalTodayNow": "20", "putMessageTimesTotal": "21",
		"earliestMessageTimeStamp": itoa(all[0].StoredAt.UnixMilli()), "timerCongestNum": "1", "commitLogMaxOffset": "21",
		MessagesKey: "20", EvictedKey: "0", MaxMessagesKey: "4000", "brokerVersionDesc": "V5_5_0",
	} {
		if got[key] != want {
			t.Errorf("%s is %q, want %q", key, got[key], want)
		}
	}
	for _, key := range []string{"putTps", "getTotalTps", "getFoundTps", "getMissTps", "getTransferredTps"} {
		three := strings.Fields(got[key])
		if len(three) != 3 {
			t.Fatalf("%s is %q", key, got[key])
		}
		for _, s := range three {
			if r, err := strconv.ParseFloat(s, 64); err != nil || r <= 0 || r > 25 {
				t.Errorf("%s is %q", key, got[key])
			}
		}
	}
	config := string(n.do(remoting.BrokerConfig, "").Body)
	for _, line := range []string{
		"brokerName=sandbox", "namesrvAddr=" + n.s.NameServer(), "messageDelayLevel=3600s", "timerMaxDelaySec=259200",
		"maxMessageSize=4194304", "sandboxMaxMessages=4000", "storePathRootDir=",
	} {
		if !strings.Contains("\n"+config, "\n"+line) {
			t.Errorf("no %s in\n%s", line, config)
		}
	}
	if b := string(n.do(remoting.NameServerConfig, "").Body); !strings.Contains(b, "listenPort="+n.s.NameServer()[len("127.0.0.1:"):]+"\n") {
		t.Errorf("the name server's: %s", b)
	}
	for query, want := range map[string]string{
		"TOPIC_PUT_NUMS orders": "20", "GROUP_GET_NUMS orders@g": "20", "BROKER_PUT_NUMS DefaultCluster": "20", "TOPIC_PUT_SIZE orders": "20",
		"BROKER_GET_NUMS DefaultCluster": "20", "GROUP_GET_NUMS orders@h": "", "NONE orders": "",
	} {
		name, key, _ := strings.Cut(query, " ")
		a := n.ask(remoting.ViewBrokerStats, "", "statsName", name, "statsKey", key)
		if want == "" && a.Code != remoting.SystemError || want != "" && !strings.Contains(string(a.Body), `"statsDay":{"avgpt":0,"sum":`+want+",") {
			t.Errorf("%s: %d %s", query, a.Code, a.Body)
		}
	}
}

// TestLists: names are where a name server and a broker have them.
func TestLists(t *testing.T) {
	n := start(t, Options{})
	n.send("orders", "x")
	list := func(code int, fields ...string) []string {
		t.Helper()
		var body struct{ TopicList []string }
		if err := remoting.DecodeBody(n.do(code, "", fields...).Body, &body); err != nil {
			t.Fatal(err)
		}
		return body.TopicList
	}
	if got := list(remoting.SystemTopics); !slices.Equal(got, []string{brokerName, clusterName}) {
		t.Errorf("the name server's own: %v", got)
	}
	if got := list(remoting.BrokerSystemTopics); slices.Contains(got, "orders") || !slices.Contains(got, store.HalfTopic) || !slices.Contains(got, brokerName) {
		t.Errorf("the broker's own: %v", got)
	}
	if got := list(remoting.TopicsOfCluster, "cluster", clusterName); !slices.Contains(got, "orders") {
		t.Errorf("the cluster's: %v", got)
	}
	if got := list(remoting.TopicsOfCluster, "cluster", "none"); len(got) != 0 {
		t.Errorf("another cluster's: %v", got)
	}
	n.do(remoting.CreateTopic, "", "topic", "fifo", "readQueueNums", "2", "writeQueueNums", "2", "perm", "6", "attributes", "+message.type=FIFO")
	for _, a := range []*remoting.Command{n.do(remoting.TopicConfig, "", "topic", "fifo"), n.do(remoting.AllTopicConfig, "")} {
		if !strings.Contains(string(a.Body), `"attributes":{"message.type":"FIFO"}`) {
			t.Errorf("%s", a.Body)
		}
	}
	if b := string(n.do(remoting.GroupConfig, "", "group", "fresh").Body); !strings.Contains(b, `"groupName":"fresh"`) || !strings.Contains(b, `"groupRetryPolicy":{"type":"CUSTOMIZED"}`) {
		t.Errorf("a group's settings: %s", b)
	}
	if a := n.ask(remoting.GroupConfig, "", "group", "no good!"); a.Code != remoting.GroupNotExist {
		t.Errorf("%d %s", a.Code, a.Remark)
	}
}

// TestQueries: messages are found by their keys, the newest first over all queues,
// and a queue's entries can be looked at.
func TestQueries(t *testing.T) {
	n := start(t, Options{})
	n.do(remoting.CreateTopic, "", "topic", "orders", "readQueueNums", "2", "writeQueueNums", "2", "perm", "6")
	for i := range 100 {
		n.do(remoting.SendMessage, fmt.Sprint(i), "producerGroup", "p", "topic", "orders", "defaultTopic", store.DefaultTopic, "queueId", fmt.Sprint(i%2), "sysFlag", "0",
			"bornTimestamp", "0", "flag", "0", "properties", fmt.Sprintf("KEYS\x01all k%d\x02UNIQ_KEY\x01U%d\x02TAGS\x01A\x02", i, i))
	}
	query := func(key, most string, fields ...string) (bodies []string) {
		t.Helper()
		a := n.ask(remoting.QueryMessage, "", append([]string{"topic", "orders", "key", key, "maxNum", most, "beginTimestamp", "0", "endTimestamp", "9999999999999"}, fields...)...)
		if a.Code != remoting.Success && a.Code != remoting.QueryNotFound {
			t.Errorf("%s: %d %s", key, a.Code, a.Remark)
		}
		for b := a.Body; len(b) > 0; {
			m, size, err := message.ParseStored(b)
			if err != nil {
				t.Fatal(err)
			}
			bodies, b = append(bodies, string(m.Body)), b[size:]
		}
		return bodies
	}
	if got := query("all", "5"); !slices.Equal(got, []string{"99", "98", "97", "96", "95"}) {
		t.Errorf("the newest: %v", got)
	}
	if got := query("k7", "64"); !slices.Equal(got, []string{"7"}) {
		t.Errorf("by key: %v", got)
	}
	if got := query("U9", "1", "_UNIQUE_KEY_QUERY", "true"); !slices.Equal(got, []string{"9"}) {
		t.Errorf("by unique key: %v", got)
	}
	if a, b, c := len(query("all", "1000")), len(query("all", "1000", "_UNIQUE_KEY_QUERY", "true")), len(query("none", "9")); a != 64 || b != 32 || c != 0 {
		t.Errorf("at most %d, %d by unique key, %d of none", a, b, c)
	}
	look := func(fields ...string) *remoting.Command {
		t.Helper()
		return n.ask(remoting.QueryConsumeQueue, "", append([]string{"topic", "orders", "queueId", "0", "index", "0", "count", "2"}, fields...)...)
	}
	a := look()
	if want := `{"maxQueueIndex":50,"minQueueIndex":0,"queueData":[{"eval":false,"physicOffset":0,"physicSize":`; !strings.HasPrefix(string(a.Body), want) || strings.Count(string(a.Body), "tagsCode\":65}") != 2 {
		t.Errorf("%s", a.Body)
	}
	if a := look("index", "77"); a.Code != remoting.Success || a.Remark != "Index 77 of 0@orders is not exist!" {
		t.Errorf("%d %s", a.Code, a.Remark)
	}
	if a := look("queueId", "9"); a.Code != remoting.SystemError {
		t.Errorf("%d %s", a.Code, a.Remark)
	}
	n.join("c@1", "g", "GO", 317, silent)
	if b := string(look("consumerGroup", "g").Body); !strings.Contains(b, `"eval":true`) || !strings.Contains(b, `"subString":"*"`) {
		t.Errorf("with a group: %s", b)
	}
	if b := string(look("consumerGroup", "away").Body); !strings.Contains(b, `"filterData":"away@orders is not online!"`) {
		t.Errorf("with one that is not there: %s", b)
	}
}
