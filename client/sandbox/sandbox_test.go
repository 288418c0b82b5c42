package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/remoting"
	"gantry/client/sandbox/store"
)

// node is a sandbox with a client.
type node struct {
	t    *testing.T
	s    *Server
	conn *remoting.Conn
	log  *lines
}

// lines collects a log.
type lines struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func start(t *testing.T, o Options) *node {
	t.Helper()
	n := &node{t: t, log: &lines{}}
	o.Log = slog.New(slog.NewTextHandler(n.log, nil))
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	var err error
	if n.s, err = Open(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.s.Close(); err != nil {
			t.Error(err)
		}
	})
	if n.conn, err = remoting.Dial(t.Context(), n.s.Broker(), remoting.Config{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.conn.Close() })
	return n
}

// ask sends a request and returns the answer, whatever its code.
func (n *node) ask(code int, body string, fields ...string) *remoting.Command {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(n.t.Context(), 10*time.Second)
	defer cancel()
	ext := map[string]string{}
	for i := 0; i+1 < len(fields); i += 2 {
		ext[fields[i]] = fields[i+1]
	}
	a, err := n.conn.Call(ctx, &remoting.Command{Code: code, ExtFields: ext, Body: []byte(body)})
	if err != nil {
		n.t.Fatal(err)
	}
	return a
}

// do is ask for what must succeed.
func (n *node) do(code int, body string, fields ...string) *remoting.Command {
	n.t.Helper()
	a := n.ask(code, body, fields...)
	if a.Code != remoting.Success {
		n.t.Fatalf("request %d: %d %s", code, a.Code, a.Remark)
	}
	return a
}

// send stores a message in queue 0, with properties as "name=value".
func (n *node) send(topic, body string, properties ...string) *remoting.Command {
	n.t.Helper()
	stored := ""
	for _, p := range properties {
		name, value, _ := strings.Cut(p, "=")
		stored += name + "\x01" + value + "\x02"
	}
	return n.do(remoting.SendMessage, body, "producerGroup", "p", "topic", topic, "defaultTopic", store.DefaultTopic,
		"defaultTopicQueueNums", "4", "queueId", "0", "sysFlag", "0", "bornTimestamp", fmt.Sprint(time.Now().UnixMilli()),
		"flag", "0", "properties", stored)
}

// pull reads what a queue has from an offset on.
func (n *node) pull(topic string, queue, offset int, fields ...string) (*remoting.Command, []*message.Message) {
	n.t.Helper()
	a := n.ask(remoting.PullMessage, "", append([]string{
		"consumerGroup", "g", "topic", topic, "queueId", fmt.Sprint(queue), "queueOffset", fmt.Sprint(offset),
		"maxMsgNums", "1000", "sysFlag", "4", "commitOffset", "0", "suspendTimeoutMillis", "0", "subscription", "*", "subVersion", "0",
	}, fields...)...)
	var all []*message.Message
	for b := a.Body; len(b) > 0; {
		m, size, err := message.ParseStored(b)
		if err != nil {
			n.t.Fatal(err)
		}
		all, b = append(all, m), b[size:]
	}
	return a, all
}

// waitFor waits until a queue has so many messages.
func (n *node) waitFor(topic string, queue, count int) []*message.Message {
	n.t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		_, all := n.pull(topic, queue, 0)
		if len(all) >= count {
			return all
		}
		if time.Now().After(end) {
			n.t.Fatalf("%d of %d messages in %s", len(all), count, topic)
		}
	}
}

// TestRestart: what was answered with success is there again.
func TestRestart(t *testing.T) {
	dir := t.TempDir()
	o := Options{Dir: dir, DelayLevels: []time.Duration{50 * time.Millisecond, 1500 * time.Millisecond}}
	a := start(t, o)
	first := a.send("orders", "one", "KEYS=k1 k2", "TAGS=paid", "UNIQ_KEY=U1")
	a.send("orders", "two")
	a.send("orders", "soon", "DELAY=1")
	a.waitFor("orders", 0, 3)
	a.send("orders", "later", "DELAY=2")
	half := a.send("orders", "half", "TRAN_MSG=true", "PGROUP=p", "UNIQ_KEY=H1")
	a.do(remoting.UpdateConsumerOffset, "", "consumerGroup", "g", "topic", "orders", "queueId", "0", "commitOffset", "2")
	a.do(remoting.CreateGroup, `{"groupName":"made","retryMaxTimes":3}`)
	a.do(remoting.CreateTopic, "", "topic", "made", "defaultTopic", store.DefaultTopic, "readQueueNums", "3", "writeQueueNums", "3", "perm", "6", "topicFilterType", "SINGLE_TAG", "order", "false")
	if _, err := Open(o); !errors.Is(err, fault.JournalLocked) {
		t.Errorf("a second one in the same folder: %v", err)
	}
	if err := a.s.Close(); err != nil {
		t.Fatal(err)
	}

	b := start(t, o)
	_, all := b.pull("orders", 0, 0)
	if len(all) != 3 || string(all[0].Body) != "one" || all[0].Tag() != "paid" || all[0].OffsetID() != first.ExtFields["msgId"] || string(all[2].Body) != "soon" {
		t.Errorf("%d messages, %+v", len(all), all)
	}
	if got := b.do(remoting.QueryConsumerOffset, "", "consumerGroup", "g", "topic", "orders", "queueId", "0").ExtFields["offset"]; got != "2" {
		t.Errorf("the group goes on at %s", got)
	}
	if c, has := b.s.broker.store.Topics.Find("made"); !has || c.ReadQueues != 3 {
		t.Errorf("topic %+v", c)
	}
	if g, _ := b.s.broker.store.Groups.Find("made"); g.RetryMaxTimes != 3 {
		t.Errorf("group %+v", g)
	}
	// What was due is not delivered again, what was not comes once.
	b.waitFor("orders", 0, 4)
	time.Sleep(300 * time.Millisecond)
	if _, all = b.pull("orders", 0, 0); len(all) != 4 || string(all[3].Body) != "later" || all[3].Property("DELAY") != "2" {
		t.Errorf("%d messages", len(all))
	}
	// The transaction is still open.
	record := fmt.Sprint(mustOffset(t, half.ExtFields["msgId"]))
	b.do(remoting.EndTransaction, "", "producerGroup", "p", "commitLogOffset", record, "commitOrRollback", "8", "tranStateTableOffset", "0")
	if all = b.waitFor("orders", 0, 5); string(all[4].Body) != "half" || all[4].SysFlag&0xC != endCommit {
		t.Errorf("%+v", all[4])
	}
	if a := b.ask(remoting.EndTransaction, "", "producerGroup", "p", "commitLogOffset", record, "commitOrRollback", "8", "tranStateTableOffset", "0"); a.Code != remoting.SystemError {
		t.Errorf("a transaction was committed twice: %d", a.Code)
	}
}

// mustOffset reads the position out of an offset message id.
func mustOffset(t *testing.T, id string) int64 {
	t.Helper()
	var n int64
	if len(id) != 32 {
		t.Fatalf("id %q", id)
	}
	if _, err := fmt.Sscanf(id[16:], "%x", &n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestDeletedTopic: what was in it is gone, also after a restart, and one made anew
// begins at 0.
func TestDeletedTopic(t *testing.T) {
	dir := t.TempDir()
	a := start(t, Options{Dir: dir})
	a.send("orders", "old")
	a.do(remoting.DeleteTopicInBroker, "", "topic", "orders")
	if r := a.ask(remoting.RouteByTopic, "", "topic", "orders"); r.Code != remoting.TopicNotExist {
		t.Errorf("a route to a deleted topic: %d", r.Code)
	}
	if err := a.s.Close(); err != nil {
		t.Fatal(err)
	}
	b := start(t, Options{Dir: dir})
	if r := b.ask(remoting.RouteByTopic, "", "topic", "orders"); r.Code != remoting.TopicNotExist {
		t.Errorf("a restart brings a deleted topic back: %d", r.Code)
	}
	b.send("orders", "new")
	if err := b.s.Close(); err != nil {
		t.Fatal(err)
	}
	c := start(t, Options{Dir: dir})
	if _, all := c.pull("orders", 0, 0); len(all) != 1 || string(all[0].Body) != "new" || all[0].QueueOffset != 0 {
		t.Errorf("%v", all)
	}
}

// TestTransactionIsAskedAfter: a producer that says nothing is asked, and its
// second answer counts.
func TestTransactionIsAskedAfter(t *testing.T) {
	n := start(t, Options{})
	asked := make(chan *remoting.Command, 10)
	nc := rawClient(t, n.s.Broker())
	go func() {
		for {
			c, err := remoting.ReadFrame(nc)
			if err != nil {
				return
			}
			if c.Code == remoting.CheckTransactionState && !c.IsResponse() {
				asked <- c
			}
		}
	}()
	writeFrame(t, nc, &remoting.Command{Code: remoting.HeartBeat, Opaque: 1, Body: []byte(`{"clientID":"c","producerDataSet":[{"groupName":"p"}],"consumerDataSet":[]}`)})
	n.send("orders", "half", "TRAN_MSG=true", "PGROUP=p", "UNIQ_KEY=H1", "CHECK_IMMUNITY_TIME_IN_SECONDS=1")
	select {
	case c := <-asked:
		m, _, err := message.ParseStored(c.Body)
		if err != nil || m.Topic != "orders" || c.ExtFields["msgId"] != "H1" {
			t.Fatalf("%+v, %v, %v", m, err, c.ExtFields)
		}
		if _, all := n.pull("orders", 0, 0); len(all) != 0 {
			t.Errorf("an open transaction can be read: %v", all)
		}
		n.do(remoting.EndTransaction, "", "producerGroup", "p", "commitLogOffset", c.ExtFields["commitLogOffset"], "commitOrRollback", "12", "tranStateTableOffset", c.ExtFields["tranStateTableOffset"])
	case <-time.After(10 * time.Second):
		t.Fatal("nobody asked")
	}
	time.Sleep(100 * time.Millisecond)
	if _, all := n.pull("orders", 0, 0); len(all) != 0 {
		t.Errorf("a message that was taken back can be read: %v", all)
	}
}

// TestPullWaits for a message that passes, and no longer than it may.
func TestPullWaits(t *testing.T) {
	n := start(t, Options{})
	n.send("orders", "zero", "TAGS=other")
	begin := time.Now()
	if a, _ := n.pull("orders", 0, 1, "sysFlag", "6", "suspendTimeoutMillis", "300"); a.Code != remoting.PullNotFound || time.Since(begin) < 250*time.Millisecond {
		t.Errorf("%d after %v", a.Code, time.Since(begin))
	}
	go func() {
		time.Sleep(100 * time.Millisecond)
		n.send("orders", "one", "TAGS=other")
		time.Sleep(100 * time.Millisecond)
		n.send("orders", "two", "TAGS=paid")
	}()
	begin = time.Now()
	a, all := n.pull("orders", 0, 1, "sysFlag", "6", "suspendTimeoutMillis", "5000", "subscription", "paid || shipped")
	if took := time.Since(begin); len(all) != 1 || string(all[0].Body) != "two" || a.ExtFields["nextBeginOffset"] != "3" || took > 3*time.Second {
		t.Errorf("%d messages, %v after %v", len(all), a.ExtFields, took)
	}
	begin = time.Now()
	if a, _ := n.pull("orders", 0, 1, "sysFlag", "6", "suspendTimeoutMillis", "15000", "subscription", "none"); a.Code != remoting.PullRetryImmediately || a.ExtFields["nextBeginOffset"] != "3" || time.Since(begin) > checkHeld {
		t.Errorf("%d %v after %v", a.Code, a.ExtFields, time.Since(begin))
	}
	go func() {
		time.Sleep(100 * time.Millisecond)
		n.send("orders", "three", "TAGS=other")
	}()
	begin = time.Now()
	a, _ = n.pull("orders", 0, 3, "sysFlag", "6", "suspendTimeoutMillis", "8000", "subscription", "none")
	if took := time.Since(begin); a.Code != remoting.PullRetryImmediately || a.ExtFields["nextBeginOffset"] != "4" || took < checkHeld-time.Second || took > 7*time.Second {
		t.Errorf("%d %v after %v", a.Code, a.ExtFields, took)
	}
}
