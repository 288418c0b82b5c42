//go:build long

package client_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"gantry/client/message"
	"gantry/client/remoting"
	"gantry/client/session"
	"gantry/client/testcluster"
)

// TestToolsAndTheSandbox: RocketMQ's own clients and tools take the sandbox for a
// RocketMQ.
func TestToolsAndTheSandbox(t *testing.T) {
	n := sandboxNode(t)
	top := topicOn(t, n, "", 2)
	group := session.NewGroupName()
	ctx, cancel := context.WithTimeout(t.Context(), 4*time.Minute)
	defer cancel()
	received := make(chan string, 1)
	go func() {
		out, err := testcluster.Java(ctx, testcluster.V550, "testdata/java/Receive.java",
			"ns="+n.NameServer(), "topic="+top, "group="+group, "count=5", "timeout=90")
		received <- fmt.Sprint(out, err)
	}()
	for _, args := range [][]string{
		{"tag=java", "keys=k1", "body=plain"},
		{"body=delayed", "delay=1"},
		{"body=timed", fmt.Sprint("at=", time.Now().Add(3*time.Second).UnixMilli())},
		{"body=committed", "tx=commit"},
		{"body=taken back", "tx=rollback"},
		{"body=asked after", "tx=unknown", "check=commit", "wait=12"},
	} {
		if out, err := testcluster.Java(ctx, testcluster.V550, "testdata/java/Send.java", append([]string{"ns=" + n.NameServer(), "topic=" + top}, args...)...); err != nil {
			t.Error(args, err, out)
		}
	}
	got := <-received
	for _, body := range []string{"plain", "delayed", "timed", "committed", "asked after"} {
		if strings.Count(got, `"body":"`+body+`"`) != 1 {
			t.Errorf("%s did not come once: %s", body, got)
		}
	}
	if strings.Contains(got, "taken back") {
		t.Error("a message that was taken back came")
	}
	a := adminOf(t, n)
	r, err := a.Route(ctx, top)
	if err != nil {
		t.Fatal(err)
	}
	id, unique := "", ""
	for _, q := range r.ReadQueues() {
		p, err := a.Pull(ctx, r, top, q, 0, 32)
		if err != nil {
			t.Fatal(err)
		}
		for b := p.Body; len(b) > 0; {
			m, size, err := message.ParseStored(b)
			if err != nil {
				t.Fatal(err)
			}
			if b = b[size:]; m.Tag() == "java" {
				id, unique = m.OffsetID(), m.ID()
			}
		}
	}
	askAdmin(t, n, []adminCase{
		{[]string{"topicList"}, top},
		{[]string{"topicList", "-c"}, group},
		{[]string{"clusterList"}, "V5_5_0"},
		{[]string{"consumerProgress", "-g", group}, top},
		{[]string{"consumerProgress"}, group},
		{[]string{"topicStatus", "-t", top}, "sandbox"},
		{[]string{"brokerStatus", "-b", n.BrokerAddr(0)}, "msgPutTotalTodayNow"},
		{[]string{"getBrokerConfig", "-b", n.BrokerAddr(0)}, "timerMaxDelaySec"},
		{[]string{"statsAll", "-t", top}, group},
		{[]string{"queryMsgByKey", "-t", top, "-k", "k1"}, unique},
		{[]string{"queryMsgByUniqueKey", "-t", top, "-i", unique}, "[k1]"},
		{[]string{"queryMsgById", "-t", top, "-i", id}, "[k1]"},
		{[]string{"queryCq", "-t", top, "-q", "0", "-i", "0", "-c", "1"}, "physicOffset"},
		{[]string{"getConsumerConfig", "-g", group}, "retryMaxTimes"},
		{[]string{"resetOffsetByTime", "-g", group, "-t", top, "-s", "-1"}, "sandbox"},
		{[]string{"skipAccumulatedMessage", "-g", group, "-t", top}, "sandbox"},
	})
}

// adminCase is a command of mqadmin's and what it prints.
type adminCase struct {
	args []string
	want string
}

// adminBudget is how long a command is tried: a machine may have much else to do,
// and client-go tells nothing of itself in the seconds after its first message.
const adminBudget = time.Minute

func askAdmin(t *testing.T, n node, cases []adminCase) {
	t.Helper()
	dir := t.TempDir()
	for _, c := range cases {
		eventually(t, adminBudget, func() string {
			ctx, cancel := context.WithTimeout(t.Context(), adminBudget)
			defer cancel()
			out, err := testcluster.AdminAt(ctx, testcluster.V550, n.NameServer(), dir, c.args...)
			if err != nil || !strings.Contains(out, c.want) {
				return fmt.Sprintf("mqadmin %v: %v\n%s", c.args, err, out)
			}
			return ""
		})
	}
}

// TestToolsSeeClients: what mqadmin tells of a consumer and a producer of Gantry's
// at the sandbox, and what the consumer itself answers it.
func TestToolsSeeClients(t *testing.T) {
	on := serverOf("sandbox")
	d, top := on.desk(t), on.topic(t, 2)
	spec := on.spec(t, top)
	sub := d.subscribe(spec)
	d.send(top, "", "one")
	wait(t, sub, 1, 30*time.Second)
	n := on.node(t)
	ids, err := d.conn.Group(t.Context(), top, spec.Group)
	if err != nil || len(ids.Members) != 1 {
		t.Fatal(ids, err)
	}
	// A producer is known from its first heartbeat on.
	eventually(t, 60*time.Second, func() string {
		return askFor(t, n, remoting.ProducerConnections, "producerGroup", "test")
	})
	askAdmin(t, n, []adminCase{
		{[]string{"consumerConnection", "-g", spec.Group}, "GO"},
		{[]string{"consumerStatus", "-g", spec.Group, "-i", ids.Members[0], "-s"}, "PROP_CLIENT_VERSION"},
		{[]string{"producerConnection", "-g", "test", "-t", top}, "GO"},
		{[]string{"producer", "-b", n.BrokerAddr(0)}, "GO"},
	})
}

// askFor asks a broker what may not be there yet, and returns what it says then.
func askFor(t *testing.T, n node, code int, name, value string) string {
	t.Helper()
	conn, err := remoting.Dial(t.Context(), n.BrokerAddr(0), remoting.Config{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.CallOK(t.Context(), &remoting.Command{Code: code, ExtFields: map[string]string{name: value}}); err != nil {
		return err.Error()
	}
	return ""
}
