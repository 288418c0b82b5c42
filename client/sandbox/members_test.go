package sandbox

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"gantry/client/message"
	"gantry/client/remoting"
)

// client is one that joined a group, and answers what it is asked.
type client struct {
	nc net.Conn
	// asked gets what came, but for notices.
	asked chan *remoting.Command
}

// join connects a producer and consumer of a group. answer is what it says to a
// request; nil says nothing.
func (n *node) join(id, group, language string, version int, answer func(*remoting.Command) *remoting.Command) *client {
	n.t.Helper()
	c := &client{nc: rawClient(n.t, n.s.Broker()), asked: make(chan *remoting.Command, 100)}
	writeFrame(n.t, c.nc, &remoting.Command{
		Code: remoting.HeartBeat, Opaque: 1, Language: language, Version: version, Body: fmt.Appendf(nil,
			`{"clientID":%q,"producerDataSet":[{"groupName":"P_%s"}],"consumerDataSet":[{"groupName":%q,"consumeType":"CONSUME_PASSIVELY","messageModel":"CLUSTERING",`+
				`"consumeFromWhere":"CONSUME_FROM_FIRST_OFFSET","subscriptionDataSet":[{"topic":"orders","subString":"*","expressionType":"TAG","subVersion":1}]}]}`, id, group, group),
	})
	joined := make(chan struct{})
	go func() {
		for {
			q, err := remoting.ReadFrame(c.nc)
			switch {
			case err != nil:
				return
			case q.IsResponse():
				close(joined)
			case q.Code != remoting.NotifyConsumersChanged:
				c.asked <- q
				if a := answer(q); a != nil {
					a.Opaque = q.Opaque
					frame, _ := remoting.AppendFrame(nil, a)
					_, _ = c.nc.Write(frame)
				}
			}
		}
	}()
	select {
	case <-joined:
	case <-time.After(5 * time.Second):
		n.t.Fatal("the heartbeat was not answered")
	}
	return c
}

func silent(*remoting.Command) *remoting.Command { return nil }

// TestMembersAreAsked: a question for a member reaches it, and its answer comes
// back as it gave it.
func TestMembersAreAsked(t *testing.T) {
	n := start(t, Options{})
	sent := n.send("orders", "one")
	goClient := n.join("go@1", "g", "GO", 317, func(q *remoting.Command) *remoting.Command {
		a := q.Answer(remoting.Success, "")
		a.Language, a.Version, a.Body = "GO", 317, []byte(`{"jstack":"here"}`)
		if q.Code == remoting.StatusFromClient {
			a.Body = []byte(`{"messageQueueTable":{{"topic":"orders","brokerName":"sandbox","queueId":0}:1},"consumerTable":{}}`)
		}
		return a
	})
	n.join("old@1", "g", "JAVA", 30, silent)
	a := n.do(remoting.ConsumerRunningInfo, "", "consumerGroup", "g", "clientId", "go@1", "jstackEnable", "true")
	if string(a.Body) != `{"jstack":"here"}` || a.Language != "GO" || a.Version != 317 {
		t.Errorf("%s %d %s", a.Language, a.Version, a.Body)
	}
	if q := <-goClient.asked; q.ExtFields["jstackEnable"] != "true" || q.ExtFields["clientId"] != "go@1" || q.Language != "JAVA" {
		t.Errorf("it was asked %s %v", q.Language, q.ExtFields)
	}
	for id, want := range map[string]string{"go@2": "The Consumer <g> <go@2> not online", "old@1": "too low"} {
		if a := n.ask(remoting.ConsumerRunningInfo, "", "consumerGroup", "g", "clientId", id); a.Code != remoting.SystemError || !strings.Contains(a.Remark, want) {
			t.Errorf("%s: %d %s", id, a.Code, a.Remark)
		}
	}
	// What a message is made of now, by the one that is asked.
	n.do(remoting.ConsumeDirectly, "", "consumerGroup", "g", "clientId", "go@1", "msgId", sent.ExtFields["msgId"])
	q := <-goClient.asked
	if m, _, err := message.ParseStored(q.Body); err != nil || string(m.Body) != "one" || q.ExtFields["brokerName"] != brokerName {
		t.Errorf("%v %v", err, q.ExtFields)
	}
	for _, id := range []string{"", "7F00", strings.Repeat("F", 32)} {
		if a := n.ask(remoting.ConsumeDirectly, "", "consumerGroup", "g", "clientId", "go@1", "msgId", id); a.Code != remoting.SystemError {
			t.Errorf("message %q: %d", id, a.Code)
		}
	}
	a = n.do(remoting.ConsumerStatus, "", "topic", "orders", "group", "g", "clientAddr", "go@1")
	if want := `{"consumerTable":{"go@1":{{"brokerName":"sandbox","queueId":0,"topic":"orders"}:1}},"messageQueueTable":{}}`; string(a.Body) != want {
		t.Errorf("%s", a.Body)
	}
	// The others' offsets come without those of one that is silent.
	n.join("go@3", "g", "GO", 317, silent)
	begin := time.Now()
	a = n.do(remoting.ConsumerStatus, "", "topic", "orders", "group", "g")
	if want := `{"consumerTable":{"go@1":{{"brokerName":"sandbox","queueId":0,"topic":"orders"}:1}},"messageQueueTable":{}}`; string(a.Body) != want || time.Since(begin) > statusPatience+2*time.Second {
		t.Errorf("%s after %v", a.Body, time.Since(begin))
	}
	if a := n.ask(remoting.ConsumerStatus, "", "topic", "orders", "group", "nobody"); a.Code != remoting.SystemError {
		t.Errorf("no group: %d %s", a.Code, a.Remark)
	}
}

// TestMemberThatDoesNotAnswer holds up nobody but who asks, and that not for long.
func TestMemberThatDoesNotAnswer(t *testing.T) {
	n := start(t, Options{})
	c := n.join("mute@1", "g", "GO", 317, silent)
	q := &request{from: &peer{gone: make(chan struct{})}, Command: &remoting.Command{
		Code: remoting.ConsumerRunningInfo, ExtFields: map[string]string{"consumerGroup": "g", "clientId": "mute@1"},
	}}
	done := make(chan error, 1)
	go func() {
		_, err := n.s.broker.callMember(q, q.ExtFields, nil, 3*time.Second)
		done <- err
	}()
	<-c.asked
	n.send("orders", "others go on")
	if len(done) > 0 {
		t.Error("others waited")
	}
	if err, ok := (<-done).(*refusal); !ok || err.code != remoting.ConsumeTimeout || !strings.Contains(err.remark, "timeout, 3000(ms)") {
		t.Errorf("%v", err)
	}
	// One that goes is no reason to wait longer.
	begin := time.Now()
	go func() {
		<-c.asked
		_ = c.nc.Close()
	}()
	if a := n.ask(remoting.ConsumerRunningInfo, "", "consumerGroup", "g", "clientId", "mute@1"); a.Code != remoting.SystemError || time.Since(begin) > 5*time.Second {
		t.Errorf("%d %s after %v", a.Code, a.Remark, time.Since(begin))
	}
}

// TestClientsAreThemselves: tools see which language and version each client has.
func TestClientsAreThemselves(t *testing.T) {
	n := start(t, Options{})
	c := n.join("cpp@1", "g", "CPP", 300, silent)
	addr := c.nc.LocalAddr().String()
	want := fmt.Sprintf(`{"clientAddr":%q,"clientId":"cpp@1","language":"CPP","version":300}`, addr)
	for _, a := range []*remoting.Command{
		n.do(remoting.ProducerConnections, "", "producerGroup", "P_g"),
		n.do(remoting.ConsumerConnections, "", "consumerGroup", "g"),
	} {
		if !strings.Contains(string(a.Body), want) {
			t.Errorf("%s has no %s", a.Body, want)
		}
	}
	var all struct {
		Data map[string][]struct {
			ID       string `json:"clientId"`
			Language string
			Seen     int64  `json:"lastUpdateTimestamp"`
			Addr     string `json:"remoteIP"`
			Version  int
		}
	}
	if err := remoting.DecodeBody(n.do(remoting.AllProducers, "").Body, &all); err != nil {
		t.Fatal(err)
	}
	if p := all.Data["P_g"]; len(all.Data) != 1 || len(p) != 1 || p[0].ID != "cpp@1" || p[0].Language != "CPP" || p[0].Version != 300 ||
		p[0].Addr != "/"+addr || time.Since(time.UnixMilli(p[0].Seen)).Abs() > time.Minute {
		t.Errorf("%+v", all)
	}
	_ = c.nc.Close()
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		if b := string(n.do(remoting.AllProducers, "").Body); b == `{"data":{}}` {
			break
		} else if time.Now().After(end) {
			t.Fatalf("who has gone is still there: %s", b)
		}
	}
	if a := n.ask(remoting.ProducerConnections, "", "producerGroup", "P_g"); a.Code != remoting.SystemError {
		t.Errorf("%d %s", a.Code, a.Body)
	}
}

// TestB3Heartbeats: what C++ clients, and Python's, which wrap them, say of
// themselves is understood, and they are delivered to (a 5.5.0 does).
func TestB3Heartbeats(t *testing.T) {
	n := start(t, Options{})
	n.send("orders", "one")
	for name, consumer := range map[string]string{
		"numbers":      `"consumeType":1,"messageModel":1,"consumeFromWhere":0,"subscriptionDataSet":[{"topic":"orders","subString":"*","subVersion":"1796000000000","codeSet":["18446744073709551615"],"tagsSet":[]}]`,
		"bare keys":    `consumeType:1,messageModel:"1",consumeFromWhere:"CONSUME_FROM_LAST_OFFSET",subscriptionDataSet:[{topic:'orders',subString:'*',subVersion:18446744073709551615,codeSet:,tagsSet:}]`,
		"empty values": `"consumeType":"CONSUME_PASSIVELY","messageModel":1,"consumeFromWhere":,"unitMode":0,"subscriptionDataSet":[{"topic":"orders","subString":"*","expressionType":,"subVersion":""},]`,
	} {
		group := "g_" + strings.ReplaceAll(name, " ", "_")
		body := fmt.Sprintf(`{"clientID":"cpp@1","producerDataSet":,"consumerDataSet":[{"groupName":%q,%s}]}`, group, consumer)
		if a := n.ask(remoting.HeartBeat, body); a.Code != remoting.Success {
			t.Errorf("%s: %d %s", name, a.Code, a.Remark)
			continue
		}
		// Without an expression of its own, a pull goes by the one of the heartbeat.
		if a, all := n.pull("orders", 0, 0, "consumerGroup", group, "sysFlag", "0", "subVersion", "-1"); len(all) != 1 {
			t.Errorf("%s: a pull got %d %s", name, a.Code, a.Remark)
		}
		b := string(n.do(remoting.ConsumerConnections, "", "consumerGroup", group).Body)
		if !strings.Contains(b, `"consumeType":"CONSUME_PASSIVELY"`) || !strings.Contains(b, `"messageModel":"CLUSTERING"`) {
			t.Errorf("%s: %s", name, b)
		}
	}
	if a := n.ask(remoting.LockBatchMQ, `{"consumerGroup":"g","clientId":"c","mqSet":[{"topic":"orders","brokerName":"sandbox","queueId":"2"}]}`); string(a.Body) !=
		`{"lockOKMQSet":[{"brokerName":"sandbox","queueId":2,"topic":"orders"}]}` {
		t.Errorf("a lock: %d %s %s", a.Code, a.Remark, a.Body)
	}
}

// FuzzStatusTable: whatever a member answers, what is passed on of it can be read.
func FuzzStatusTable(f *testing.F) {
	f.Add([]byte(`{"messageQueueTable":{{"topic":"orders","brokerName":"sandbox","queueId":0}:1},"consumerTable":{}}`))
	f.Add([]byte(`{"messageQueueTable":{"{\"topic\":\"a\\\"b\",\"queueId\":-1}":0}}`))
	f.Add([]byte(`{`))
	f.Fuzz(func(t *testing.T, b []byte) {
		table, err := statusTable(b)
		if err != nil {
			return
		}
		var back map[string]int64
		if err := remoting.DecodeBody(table, &back); err != nil {
			t.Errorf("%s: %v", table, err)
		}
	})
}
