package client_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gantry/client/admin"
	"gantry/client/remoting"
	"gantry/client/testcluster"
)

// TestAdminOnRealBroker asks a real 5.5.0 what the unit tests of admin take for
// granted. Its parts build on one another.
func TestAdminOnRealBroker(t *testing.T) {
	c := cluster(t)
	a := adminOf(t, c)
	const topic, group = "AdminReal", "AdminRealGroup"
	t.Run("names", func(t *testing.T) { checkNames(t, c, a) })
	t.Run("topic", func(t *testing.T) { checkTopic(t, c, a, topic) })
	route, err := a.Route(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("offsets", func(t *testing.T) { checkOffsets(t, c, a, route, topic) })
	t.Run("group", func(t *testing.T) { checkGroup(t, c, a, route, topic, group) })
	t.Run("subscription", func(t *testing.T) { checkSubscription(t, a, route, topic, group) })
	t.Run("broker killed and back", func(t *testing.T) { checkKilled(t, c, a, route, topic) })
}

func adminOf(t *testing.T, c *testcluster.Cluster) *admin.Client {
	t.Helper()
	conf, err := c.AdminConfig()
	if err != nil {
		t.Fatal(err)
	}
	a := admin.New(conf)
	t.Cleanup(func() { a.Close() })
	return a
}

func checkNames(t *testing.T, c *testcluster.Cluster, a *admin.Client) {
	addr, rtt, err := a.Connect(t.Context())
	if err != nil || addr != c.NameServer() || rtt <= 0 {
		t.Error(addr, rtt, err)
	}
	cl, err := a.Cluster(t.Context())
	if err != nil || !slices.Equal(cl.Masters(), c.BrokerAddrs()) || !slices.Equal(cl.Clusters[testcluster.ClusterName], []string{"broker-a"}) {
		t.Error(cl, err)
	}
	if r, err := a.Runtime(t.Context(), c.BrokerAddr(0)); err != nil || r.Version != "5.5.0" || !r.ClockKnown || r.Ahead.Abs() > 2*time.Second {
		t.Error(r, err)
	}
	if _, err := a.DialBroker(t.Context(), c.BrokerAddr(0)); err != nil {
		t.Error(err)
	}
	if creates, err := a.CreatesTopics(t.Context()); err != nil || !creates {
		t.Error(creates, err)
	}
	if _, err := a.Route(t.Context(), "NoSuchTopic"); !errors.Is(err, admin.ErrTopicNotFound) {
		t.Error(err)
	}
}

func checkTopic(t *testing.T, c *testcluster.Cluster, a *admin.Client, topic string) {
	if err := a.CreateTopic(t.Context(), c.BrokerAddrs(), topic, 4); err != nil {
		t.Fatal(err)
	}
	r, err := a.Route(t.Context(), topic)
	if err != nil || len(r.ReadQueues()) != 4 || len(r.WriteQueues()) != 4 {
		t.Error(r, err)
	}
	topics, err := a.Topics(t.Context())
	hidden := func(s string) bool {
		return strings.HasPrefix(s, "broker-") || strings.HasPrefix(s, testcluster.ClusterName) || strings.Contains(strings.ToUpper(s), "SYS")
	}
	if err != nil || !slices.Contains(topics, topic) || slices.ContainsFunc(topics, hidden) {
		t.Error(topics, err)
	}
	if err := a.CreateTopic(t.Context(), c.BrokerAddrs(), "no good!", 4); !errors.Is(err, admin.ErrInvalid) {
		t.Error(err)
	}
}

func checkOffsets(t *testing.T, c *testcluster.Cluster, a *admin.Client, r admin.Route, topic string) {
	for i := range 3 {
		sendRaw(t, c, topic, 0, fmt.Sprintf("before %d", i))
	}
	time.Sleep(20 * time.Millisecond)
	between := time.Now()
	time.Sleep(20 * time.Millisecond)
	for i := range 2 {
		sendRaw(t, c, topic, 0, fmt.Sprintf("after %d", i))
	}
	q := func(id int) admin.Queue { return admin.Queue{Broker: "broker-a", ID: id} }
	for _, x := range []struct {
		start admin.Start
		want  int64
	}{
		{admin.Start{Kind: admin.Now}, 5},
		{admin.Start{Kind: admin.Earliest}, 0},
		{admin.Start{Kind: admin.Time, At: between}, 3},
		{admin.Start{Kind: admin.Time, At: time.Now().Add(time.Hour)}, 5},
		{admin.Start{Kind: admin.Time, At: between.Add(-time.Hour)}, 0},
	} {
		want := map[admin.Queue]int64{q(0): x.want, q(1): 0, q(2): 0, q(3): 0}
		// a message can be read a moment after its sending was answered
		var got map[admin.Queue]int64
		var err error
		for range 40 {
			if got, err = a.StartFloors(t.Context(), r, topic, x.start); maps.Equal(got, want) {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		if err != nil || !maps.Equal(got, want) {
			t.Error(x.start, got, err)
		}
	}
	p, err := a.Pull(t.Context(), r, topic, q(0), 3, 32)
	if err != nil || p.Next != 5 || p.Min != 0 || p.Max != 5 || !bytes.Contains(p.Body, []byte("after 0")) || bytes.Contains(p.Body, []byte("before")) {
		t.Error(p.Next, p.Min, p.Max, err)
	}
	if p, err := a.Pull(t.Context(), r, topic, q(0), 1000, 32); err != nil || len(p.Body) != 0 || p.Next != 5 {
		t.Error("beyond the end:", p.Next, err)
	}
}

// sendRaw sends one message to a queue of broker 0 (SendMessageRequestHeader.java).
func sendRaw(t *testing.T, c *testcluster.Cluster, topic string, queue int, body string) {
	t.Helper()
	call(t, c, &remoting.Command{Code: remoting.SendMessage, Body: []byte(body), ExtFields: map[string]string{
		"producerGroup": "real_test", "topic": topic, "defaultTopic": "TBW102", "defaultTopicQueueNums": "4",
		"queueId": strconv.Itoa(queue), "sysFlag": "0", "bornTimestamp": strconv.FormatInt(time.Now().UnixMilli(), 10),
		"flag": "0", "properties": "", "reconsumeTimes": "0", "unitMode": "false", "maxReconsumeTimes": "0", "batch": "false",
	}})
}

// call sends a request that package admin has no function for to broker 0.
func call(t *testing.T, c *testcluster.Cluster, cmd *remoting.Command) {
	t.Helper()
	conf, err := c.AdminConfig()
	if err != nil {
		t.Fatal(err)
	}
	conn, err := remoting.Dial(t.Context(), c.BrokerAddr(0), remoting.Config{TLS: conf.TLS, Credentials: conf.Credentials})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.CallOK(t.Context(), cmd); err != nil {
		t.Fatal(err)
	}
}

func checkGroup(t *testing.T, c *testcluster.Cluster, a *admin.Client, r admin.Route, topic, group string) {
	position := func(want bool, when string) {
		t.Helper()
		if has, err := a.GroupPosition(t.Context(), r, topic, group); err != nil || has != want {
			t.Error(when, has, err)
		}
	}
	position(false, "unknown group")
	if err := a.CreateGroup(t.Context(), c.BrokerAddrs(), group); err != nil {
		t.Fatal(err)
	}
	position(false, "new group")
	if ids, err := a.Members(t.Context(), r, group); err != nil || len(ids) != 0 {
		t.Error(ids, err)
	}
	call(t, c, &remoting.Command{Code: remoting.UpdateConsumerOffset, ExtFields: map[string]string{
		"consumerGroup": group, "topic": topic, "queueId": "2", "commitOffset": "0",
	}})
	position(true, "a committed zero")
}

func checkSubscription(t *testing.T, a *admin.Client, r admin.Route, topic, group string) {
	for _, x := range []struct {
		expression string
		sql        bool
		want       error
	}{
		{"a > 1 AND (b IS NULL OR TAGS IN ('A', 'B'))", true, nil},
		{"a >", true, admin.ErrBadExpression},
		{"*", true, admin.ErrBadExpression},
		{"", true, admin.ErrBadExpression},
		{"TagA || TagB", false, nil},
		{"a >", false, nil}, // tags are not checked
	} {
		err := a.CheckSubscription(t.Context(), r, admin.Subscription{Topic: topic, Group: group, Expression: x.expression, SQL92: x.sql})
		if !errors.Is(err, x.want) {
			t.Errorf("%q: %v", x.expression, err)
		}
	}
}

func checkKilled(t *testing.T, c *testcluster.Cluster, a *admin.Client, r admin.Route, topic string) {
	q := admin.Queue{Broker: "broker-a", ID: 0}
	if err := c.Kill(testcluster.BrokerPart, os.Kill); err != nil {
		t.Fatal(err)
	}
	if _, err := a.MaxOffset(t.Context(), r, topic, q); !errors.Is(err, remoting.ErrConnectionLost) && !errors.Is(err, remoting.ErrUnreachable) {
		t.Error(err)
	}
	if _, err := a.MaxOffset(t.Context(), r, topic, q); !errors.Is(err, remoting.ErrUnreachable) {
		t.Error(err)
	}
	if err := c.StartPart(t.Context(), testcluster.BrokerPart); err != nil {
		t.Fatal(err)
	}
	if top, err := a.MaxOffset(t.Context(), r, topic, q); err != nil || top != 5 {
		t.Error(top, err)
	}
}
