//go:build long

package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gantry/client/cluster"
	"gantry/client/message"
	"gantry/client/remoting"
	"gantry/client/testcluster"
)

// group is the one that is stuck, or gave messages up.
const group = "e2e-settlement"

// edited is the body of the dead letter that is edited.
const edited = `{"n":1000, "status":"RIGHT"}`

// Places of the rooms where a group is repaired, in a window of 1440 x 900.
var (
	skipThis      = place{1338, 129}
	browseTopic   = place{477, 184}
	redeliverAll  = place{856, 261}
	redeliverRate = place{626, 410}
)

// connected opens Gantry with a connection to a cluster, which is open.
func (d *desktop) connected(exe string, c *testcluster.Cluster) *program {
	d.t.Helper()
	config := filepath.Join(d.data(), "config")
	if err := os.MkdirAll(config, 0o700); err != nil {
		d.t.Fatal(err)
	}
	file, err := json.Marshal(map[string]any{"version": 1, "profiles": []any{map[string]any{
		"id": "p1", "name": "e2e cluster", "environment": "test", "nameServers": []string{c.NameServer()}, "mapping": "acl",
	}}})
	if err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(config, "profiles.json"), file, 0o600); err != nil {
		d.t.Fatal(err)
	}
	p := d.open(exe)
	d.key("alt+2")
	d.pause(500 * time.Millisecond)
	d.key("ctrl+Return")
	d.pause(2500 * time.Millisecond)
	return p
}

// send sends messages to the first queue of the topic, past any client.
func (b *broker) send(bodies ...string) {
	b.t.Helper()
	conn, err := remoting.Dial(b.t.Context(), b.c.BrokerAddr(0), remoting.Config{})
	if err != nil {
		b.t.Fatal(err)
	}
	defer conn.Close()
	for i, body := range bodies {
		if _, err := conn.CallOK(b.t.Context(), &remoting.Command{Code: remoting.SendMessage, Body: []byte(body), ExtFields: map[string]string{
			"producerGroup": "e2e", "topic": topic, "defaultTopic": "TBW102", "defaultTopicQueueNums": "4", "queueId": "0", "sysFlag": "0",
			"bornTimestamp": fmt.Sprint(time.Now().UnixMilli()), "flag": "0", "reconsumeTimes": "0", "unitMode": "false", "maxReconsumeTimes": "0", "batch": "false",
			"properties": fmt.Sprintf("UNIQ_KEY\x01%032X\x02KEYS\x01K-%d\x02WAIT\x01true\x02", i+1, i),
		}}); err != nil {
			b.t.Fatal(err)
		}
	}
}

// member has a Java member join the group until the test ends.
func (b *broker) member(args ...string) {
	b.t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	args = append([]string{"ns=" + b.c.NameServer(), "topic=" + topic, "group=" + group, "timeout=600", "count=1000000"}, args...)
	go func() {
		defer close(done)
		_, _ = testcluster.Java(ctx, testcluster.V550, "../../client/testdata/java/Receive.java", args...) // ended by stop
	}()
	b.t.Cleanup(func() { stop(); <-done })
}

// at waits until the group is at an offset of the first queue.
func (b *broker) at(want int64) {
	b.t.Helper()
	b.within(90*time.Second, func() error {
		r, err := b.a.Route(b.t.Context(), topic)
		if err != nil {
			return err
		}
		got, has, err := b.a.Position(b.t.Context(), r, topic, group, cluster.Queue{Broker: "broker-a"})
		if err == nil && (!has || got != want) {
			err = fmt.Errorf("the group is at %d, not at %d", got, want)
		}
		return err
	})
}

// within is eventually with another limit.
func (b *broker) within(limit time.Duration, f func() error) {
	b.t.Helper()
	var err error
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(300 * time.Millisecond) {
		if err = f(); err == nil {
			return
		}
	}
	b.t.Fatal(err)
}

// TestStuckGroupAsAPerson: a member hangs at a message. The window says so, shows the message,
// has the group skip it, and the lag clears; then it is put back.
func TestStuckGroupAsAPerson(t *testing.T) {
	d := newDesktop(t)
	exe := build(t)
	c := testcluster.StartT(t, testcluster.Options{Version: testcluster.V550})
	b := newBroker(t, c)
	b.createTopic(topic, 1)
	poison := `{"n":2,"amount":"NaN","id":"` + random() + `"}`
	b.send(`{"n":1}`, poison, `{"n":3}`, `{"n":4}`, `{"n":5}`)
	b.member("hang=" + poison)
	b.at(1)
	p := d.connected(exe, c)
	d.key("ctrl+5")
	d.pause(20 * time.Second) // from when on nothing taken is called stuck
	d.row(t, "stuck", "Lag per queue\t"+topic+" · ", " · total 4")
	d.key("Down", "Down") // over the heads, to the queue
	d.picture("queue")
	if got := d.copied(func() { d.key("ctrl+c") }); got != topic+"\tbroker-a\t0\t5\t1\t4" {
		t.Fatalf("the queue is %q", got)
	}
	d.key("Return") // what it is at
	d.eventually(20*time.Second, func() error {
		got, err := d.readBody(firstFollowed)
		if err == nil && strings.Join(strings.Fields(got), "") != poison {
			err = fmt.Errorf("the poison message is %q, not %q", got, poison)
		}
		return err
	})
	d.picture("poison")
	d.key("ctrl+5")
	d.pause(500 * time.Millisecond)
	d.key("ctrl+f", "Down", "Home", "Return", "Down", "Home", "Down", "Down")
	d.pause(500 * time.Millisecond)
	d.picture("chosen")
	d.at(skipThis)
	d.agree("skip")
	b.at(5) // the lag clears
	d.pause(time.Second)
	d.picture("skipped")
	d.key("shift+Tab", "Return") // Put back
	d.agree("back")
	b.at(1)
	d.picture("put-back")
	d.key("Escape")
	kept, err := filepath.Glob(filepath.Join(d.data(), "data", "changes", "skipped", "*.jsonl"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept are %v, %v", kept, err)
	}
	if all := readExport(t, kept[0]); len(all) != 1 || string(all[0].Body) != poison {
		t.Errorf("kept is %+v", all)
	}
	p.quit("Return") // it may still be watched whether the member follows
	p.checkThreads()
}

// bury has the broker put what lies in the first queue into the group's dead-letter topic.
func (b *broker) bury(n int) {
	b.t.Helper()
	r, err := b.a.Route(b.t.Context(), topic)
	if err != nil {
		b.t.Fatal(err)
	}
	conn, err := remoting.Dial(b.t.Context(), b.c.BrokerAddr(0), remoting.Config{})
	if err != nil {
		b.t.Fatal(err)
	}
	defer conn.Close()
	for at := int64(0); at < int64(n); {
		var got []*message.Message
		b.eventually(func() (err error) {
			if got, err = b.pull(r, topic, at); err == nil && len(got) == 0 {
				err = fmt.Errorf("nothing lies at %d", at)
			}
			return err
		})
		for _, m := range got {
			if _, err := conn.CallOK(b.t.Context(), &remoting.Command{Code: remoting.ConsumerSendMsgBack, ExtFields: map[string]string{
				"offset": fmt.Sprint(m.CommitLogOffset), "group": group, "delayLevel": "-1", "originMsgId": m.ID(), "originTopic": topic,
				"unitMode": "false", "maxReconsumeTimes": "16",
			}}); err != nil {
				b.t.Fatal(err)
			}
			at = m.QueueOffset + 1
		}
	}
}

// pull reads messages of the first queue.
func (b *broker) pull(r cluster.Route, topic string, at int64) (all []*message.Message, err error) {
	got, err := b.a.Pull(b.t.Context(), r, topic, cluster.Queue{Broker: "broker-a"}, at, 32)
	for rest := got.Body; err == nil && len(rest) > 0; {
		var m *message.Message
		var n int
		if m, n, err = message.ParseStored(rest); err == nil {
			all, rest = append(all, m), rest[n:]
		}
	}
	return all, err
}

// behind reads all messages of the topic's first queue from an offset on.
func (b *broker) behind(r cluster.Route, at int64) (all []*message.Message, err error) {
	for {
		some, err := b.pull(r, topic, at+int64(len(all)))
		if err != nil || len(some) == 0 {
			return all, err
		}
		all = append(all, some...)
	}
}

// TestDeadLettersAsAPerson: of 1,001 dead letters one is edited and sent, and the others are
// redelivered, 200 in a second. All arrive, each once.
func TestDeadLettersAsAPerson(t *testing.T) {
	d := newDesktop(t)
	exe := build(t)
	c := testcluster.StartT(t, testcluster.Options{Version: testcluster.V550})
	b := newBroker(t, c)
	b.createTopic(topic, 1)
	if err := b.a.CreateGroup(t.Context(), c.Masters(), group); err != nil {
		t.Fatal(err)
	}
	const n = 1001
	var bodies []string
	for i := range n {
		bodies = append(bodies, fmt.Sprintf(`{"n":%d, "status":"WRONG"}`, i))
	}
	b.send(bodies...)
	b.bury(n)
	r, err := b.a.Route(t.Context(), topic)
	if err == nil {
		err = b.a.Commit(t.Context(), r, topic, group, cluster.Queue{Broker: "broker-a"}, n) // it reads the topic
	}
	if err != nil {
		t.Fatal(err)
	}
	p := d.connected(exe, c)
	d.key("ctrl+3")
	d.pause(time.Second)
	d.fill(browseTopic, "%DLQ%"+group)
	d.key("Escape", "ctrl+Return")
	d.pause(3 * time.Second)
	d.picture("dead")
	// One is edited: it says where it comes from, as the others will.
	d.key("ctrl+f")
	d.write("key:K-1000")
	d.pause(time.Second)
	d.key("Down", "Home")
	d.pause(500 * time.Millisecond)
	d.picture("one")
	d.key("ctrl+shift+Return")
	d.pause(time.Second)
	d.at(sendBody)
	d.key("ctrl+a")
	d.write(edited)
	d.picture("edited")
	d.key("ctrl+Return")
	d.pause(2 * time.Second)
	d.picture("edited-sent")
	// All are redelivered but that one.
	d.key("ctrl+3", "ctrl+f", "ctrl+a")
	d.write("WRONG")
	d.pause(time.Second)
	d.at(redeliverAll)
	d.pause(6 * time.Second) // it is looked at
	d.fill(redeliverRate, "200")
	d.pause(5 * time.Second)
	d.picture("redeliver")
	d.key("Return")
	d.pause(time.Second)
	d.picture("redeliver-question")
	d.key("Return") // the focus begins on what is asked
	b.redelivered(n)
	d.picture("redelivered")
	p.quit()
	p.checkThreads()
}

// redelivered waits until each of n dead letters was redelivered once, to the byte but for the
// last, which was edited, and in no less time than their pace takes.
func (b *broker) redelivered(n int) {
	b.t.Helper()
	r, err := b.a.Route(b.t.Context(), topic)
	if err != nil {
		b.t.Fatal(err)
	}
	marks, at := map[string]string{}, int64(n)
	var first, last time.Time
	b.within(60*time.Second, func() error {
		got, err := b.behind(r, at)
		for _, m := range got {
			mark := m.Property(message.PropertyRedelivered)
			if _, twice := marks[mark]; twice || mark == "" {
				b.t.Fatalf("%q comes again from %q", m.Body, mark)
			}
			if at = m.QueueOffset + 1; len(marks) == 1 {
				first = m.StoredAt
			}
			marks[mark], last = string(m.Body), m.StoredAt
		}
		if err == nil && len(marks) < n {
			err = fmt.Errorf("%d of %d were redelivered", len(marks), n)
		}
		return err
	})
	for i := range n {
		mark := fmt.Sprintf("%%DLQ%%%s/broker-a/0/%d/%032X", group, i, i+1)
		want := fmt.Sprintf(`{"n":%d, "status":"WRONG"}`, i)
		if i == n-1 {
			want = edited
		}
		if marks[mark] != want {
			b.t.Fatalf("%s is %q, not %q", mark, marks[mark], want)
		}
	}
	if took, least := last.Sub(first), time.Duration(n-2)*time.Second/200-500*time.Millisecond; took < least {
		b.t.Errorf("they came within %v, and not %v", took, least)
	}
}

// agree agrees to a change that a sheet shows, whose focus begins on Cancel.
func (d *desktop) agree(name string) {
	d.t.Helper()
	d.pause(3 * time.Second) // it is looked at
	d.picture(name + "-sheet")
	d.key("Tab", "Return")
	d.pause(700 * time.Millisecond)
	d.picture(name + "-question")
	d.key("Return")
	d.pause(time.Second)
}
