//go:build long

package client_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/message"
	"gantry/client/testcluster"
)

// TestToolsAndTheSandbox: RocketMQ's own clients and tools take the sandbox for a
// RocketMQ.
func TestToolsAndTheSandbox(t *testing.T) {
	n := sandboxNode(t)
	top := topicOn(t, n, "", 2)
	group := client.NewGroupName()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
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
	dir := t.TempDir()
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"topicList"}, top},
		{[]string{"clusterList"}, "V5_5_0"},
		{[]string{"consumerProgress", "-g", group}, top},
		{[]string{"topicStatus", "-t", top}, "sandbox"},
		{[]string{"queryMsgByKey", "-t", top, "-k", "k1"}, unique},
		{[]string{"queryMsgById", "-t", top, "-i", id}, "[k1]"},
	} {
		out, err := testcluster.AdminAt(ctx, testcluster.V550, n.NameServer(), dir, c.args...)
		if err != nil || !strings.Contains(out, c.want) {
			t.Errorf("mqadmin %v: %v\n%s", c.args, err, out)
		}
	}
}
