package client_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"slices"
	"testing"
	"time"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/message"
	"gantry/client/reader"
	"gantry/client/remoting"
	"gantry/client/session"
)

// cppRunning is what a C++ client says of itself, and so Python's, which wraps it
// (ConsumerRunningInfo.cpp): numbers in quotes, -1 without its sign, a table behind the
// rest.
const cppRunning = `{"jstack":"","properties":{"PROP_CLIENT_VERSION":"V3_0_0_SNAPSHOT","PROP_CONSUMEORDERLY":"false"},` +
	`"subscriptionSet":[{"codeSet":[],"subString":"*","subVersion":"1796000000000","tagsSet":[],"topic":%q}],` +
	`"mqTable":{{"brokerName":"b","queueId":"1","topic":%q}:{"cachedMsgCount":"2","commitOffset":"18446744073709551615","droped":false,"lastPullTimestamp":"1796000000456"}}}`

// cppMember has a consumer join a group as C++ and Python clients do, with enums as
// numbers, and answer what a broker asks it, until the test ends.
func (s *server) cppMember(t *testing.T, topic, group, id string) {
	t.Helper()
	nc, err := net.Dial("tcp", s.node(t).BrokerAddr(0))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nc.Close() })
	send := func(c *remoting.Command) error {
		frame, err := remoting.AppendFrame(nil, c)
		if err == nil {
			_, err = nc.Write(frame)
		}
		return err
	}
	heart := fmt.Appendf(nil, `{"clientID":%q,"consumerDataSet":[{"consumeFromWhere":0,"consumeType":1,"groupName":%q,"messageModel":1,`+
		`"subscriptionDataSet":[{"codeSet":[],"subString":"*","subVersion":"1796000000000","tagsSet":[],"topic":%q}]}],"producerDataSet":[]}`, id, group, topic)
	if err := send(&remoting.Command{Code: remoting.HeartBeat, Language: "CPP", Version: 317, Opaque: 1, Body: heart}); err != nil {
		t.Fatal(err)
	}
	answered := make(chan int, 1)
	go func() {
		for {
			frame, err := remoting.ReadRaw(nc)
			if err != nil {
				return
			}
			c, err := remoting.Decode(frame)
			if err != nil {
				return
			}
			if c.IsResponse() {
				answered <- c.Code
				continue
			}
			a := c.Answer(remoting.Success, "")
			if c.Code == remoting.ConsumerRunningInfo {
				a.Body = fmt.Appendf(nil, cppRunning, topic, topic)
			}
			if !c.IsOneway() && send(a) != nil {
				return
			}
		}
	}()
	select {
	case code := <-answered:
		if code != remoting.Success {
			t.Fatalf("the heartbeat is answered with %d", code)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the heartbeat is not answered")
	}
}

// cppMembers: what brokers and members of C++ and Python say is read whole (B2).
func cppMembers(t *testing.T, on *server) {
	top, group := on.topic(t, 2), session.NewGroupName()
	on.createGroup(t, group)
	on.cppMember(t, top, group, "cpp@1")
	a := on.ask(t)
	r, err := a.Route(t.Context(), top)
	if err != nil {
		t.Fatal(err)
	}
	all, missing, err := a.Consumers(t.Context(), r.Brokers, group)
	if err != nil || len(missing) > 0 || len(all.Members) != 1 || all.Members[0].Language != "CPP" || all.Type != "CONSUME_PASSIVELY" || all.Model != "CLUSTERING" ||
		len(all.Subscriptions) != 1 || all.Subscriptions[0].Version != 1796000000000 {
		t.Fatalf("%+v, %v, %v", all, missing, err)
	}
	got, err := a.Running(t.Context(), on.node(t).BrokerAddr(0), group, "cpp@1", false)
	if err != nil || len(got.Subscriptions) != 1 || len(got.Queues) != 1 || got.Queues[0].Commit != -1 || got.Queues[0].Cached != 2 || got.Queues[0].ID != 1 {
		t.Errorf("%+v, %v", got, err)
	}
}

// found is what a query finds, as queue@offset=body, sorted; a live one ends when it has
// found so many.
func (s *server) found(t *testing.T, q cluster.Query, n int) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var all []string
	var last cluster.Progress
	err := reader.Run(ctx, s.ask(t), q, func(_ string, stored []byte) error {
		m, _, err := message.ParseStored(stored)
		if err != nil {
			return err
		}
		if all = append(all, fmt.Sprintf("%d@%d=%s", m.QueueID, m.QueueOffset, m.Body)); q.Kind == cluster.Live && len(all) == n {
			cancel()
		}
		return nil
	}, func(p cluster.Progress) { last = p })
	if err != nil && !(q.Kind == cluster.Live && errors.Is(err, context.Canceled)) {
		t.Errorf("%s: %v", q.Kind, err)
	}
	if len(last.Missed) > 0 {
		t.Errorf("%s: %+v", q.Kind, last.Missed)
	}
	slices.Sort(all)
	return all
}

// everywhere compares what lists of all kinds find with what there is.
func (s *server) everywhere(t *testing.T, topic string, want []string) {
	t.Helper()
	slices.Sort(want)
	for _, q := range []cluster.Query{{Kind: cluster.ByTime}, {Kind: cluster.Newest, Count: 100}, {Kind: cluster.Live, From: time.Unix(1000, 0)}} {
		q.Topic = topic
		if got := s.found(t, q, len(want)); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", q.Kind, got, want)
		}
	}
}

// sendBatch sends a batch to a queue, past the client library
// (SendMessageRequestHeaderV2.java; MessageDecoder.java, encodeMessages).
func (s *server) sendBatch(t *testing.T, topic string, queue, n int) {
	t.Helper()
	var body []byte
	for i := range n {
		props, text := fmt.Sprintf("KEYS\x01key-%d\x02TAGS\x01t\x02", i), fmt.Sprint("inner ", i)
		body = binary.BigEndian.AppendUint32(body, uint32(20+len(text)+2+len(props)))
		body = append(body, make([]byte, 12)...)
		body = binary.BigEndian.AppendUint32(body, uint32(len(text)))
		body = append(body, text...)
		body = binary.BigEndian.AppendUint16(body, uint16(len(props)))
		body = append(body, props...)
	}
	s.call(t, &remoting.Command{Code: remoting.SendBatchMessage, Body: body, ExtFields: map[string]string{
		"a": "real_test", "b": topic, "c": "TBW102", "d": "4", "e": fmt.Sprint(queue), "f": "0", "g": fmt.Sprint(time.Now().UnixMilli()),
		"h": "0", "i": "", "j": "0", "k": "false", "l": "0", "m": "true",
	}})
}

// innerBatches: a topic of queue.type=BatchCQ, of which one queue is empty (B4, B5).
func innerBatches(t *testing.T, on *server) {
	top := "batchcq_" + session.NewGroupName()
	on.mqadmin(t, "updateTopic", "-c", "DefaultCluster", "-t", top, "-r", "2", "-w", "2", "-a", "+queue.type=BatchCQ")
	on.sendBatch(t, top, 1, 5)
	on.sendBatch(t, top, 1, 4)
	var want []string
	for i := range 9 {
		want = append(want, fmt.Sprintf("1@%d=inner %d", i, i%5))
	}
	eventually(t, 20*time.Second, func() string {
		if got := on.found(t, cluster.Query{Kind: cluster.ByTime, Topic: top}, 0); len(got) < len(want) {
			return fmt.Sprint(got)
		}
		return ""
	})
	on.everywhere(t, top, want)
	if got := on.found(t, cluster.Query{Kind: cluster.ByOffset, Topic: top, Queue: cluster.Queue{Broker: on.broker(), ID: 1}, Offset: 3, Count: 4}, 0); !slices.Equal(got, want[3:7]) {
		t.Errorf("from the middle of one to that of another: %q", got)
	}
	if got := on.found(t, cluster.Query{Kind: cluster.ByTime, Topic: top, Filter: "key-4"}, 0); !slices.Equal(got, want[4:5]) {
		t.Errorf("by a word of theirs: %q", got)
	}
	if got := on.found(t, cluster.Query{Kind: cluster.ByKey, Topic: top, Key: "key-3"}, 0); !slices.Equal(got, []string{want[3], want[8]}) {
		t.Errorf("by a key of theirs: %q", got)
	}
}

// staticTopic makes a topic with three logical queues. A broker tells the name servers of
// them once, with the data version of that moment; where it had told another change made
// in that moment before, a name server takes the version as known and leaves the mapping
// out for good (TopicConfigManager.java, updateTopicConfig; RouteInfoManager.java,
// registerBroker). Then the topic is one with physical queues, and another one is made.
func (s *server) staticTopic(t *testing.T, a *admin.Client) (string, cluster.Route) {
	t.Helper()
	var last string
	for range 6 {
		top := "static_" + session.NewGroupName()
		s.mqadmin(t, "updateStaticTopic", "-c", "DefaultCluster", "-t", top, "-qn", "3")
		for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
			r, err := a.Route(t.Context(), top)
			if err == nil && r.Static() && len(r.WriteQueues()) == 3 {
				return top, r
			}
			last = fmt.Sprintf("%+v, %v", r, err)
		}
		t.Logf("%s: no mapping at the name servers: %s", top, last)
	}
	t.Fatalf("no topic of six came with its mapping: %s", last)
	return "", cluster.Route{}
}

// staticTopics: logical queues (RIP-21) are sent to, read and counted at their leaders (C1).
func staticTopics(t *testing.T, on *server) {
	a, group := on.ask(t), session.NewGroupName()
	top, r := on.staticTopic(t, a)
	var want []string
	for i := range 6 {
		q := r.WriteQueues()[i%3]
		on.sendRaw(t, top, q.ID, fmt.Sprint("body ", i))
		want = append(want, fmt.Sprintf("%d@%d=body %d", q.ID, i/3, i))
	}
	eventually(t, 20*time.Second, func() string {
		stats, missing, err := a.TopicStatsByQueue(t.Context(), r, top)
		var sum int64
		for _, s := range stats {
			sum += s.Kept()
		}
		if err != nil || len(missing) > 0 || len(stats) != 3 || sum != 6 {
			return fmt.Sprint(stats, missing, err)
		}
		return ""
	})
	d := on.desk(t)
	took := map[string]int{}
	for i := range 3 {
		r := d.send(top, "", fmt.Sprint("body ", 6+i))[0]
		took[fmt.Sprint(r.Broker, "/", r.QueueID)]++
		want = append(want, fmt.Sprintf("%d@%d=body %d", r.QueueID, r.QueueOffset, 6+i))
	}
	if len(took) != 3 {
		t.Errorf("three sends went to %v", took)
	}
	on.everywhere(t, top, want)
	on.createGroup(t, group)
	on.call(t, &remoting.Command{Code: remoting.UpdateConsumerOffset, ExtFields: map[string]string{
		"consumerGroup": group, "topic": top, "queueId": fmt.Sprint(r.ReadQueues()[2].ID), "commitOffset": "1",
	}})
	p, missing, err := a.ProgressByQueue(t.Context(), r, top, group)
	if lag, known := p.Lag(); err != nil || len(missing) > 0 || len(p.Queues) != 1 || lag != 2 || !known {
		t.Errorf("%+v, %v, %v", p, missing, err)
	}
}
