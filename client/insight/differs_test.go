package insight

import (
	"fmt"
	"net"
	"testing"
	"time"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/remoting"
	"gantry/client/testserver"
)

func TestSubscriptionsDiffer(t *testing.T) {
	theirs := []cluster.Wanted{
		{Topic: "%RETRY%g", Expression: "*"},
		{Topic: "orders", Expression: "a || b", Kind: "TAG", Tags: []string{"b", "a"}},
		{Topic: "bills", Expression: "price > 1", Kind: "SQL92"},
	}
	for _, c := range []struct {
		topic, expression string
		sql, broadcast    bool
		want              string
		differs           bool
	}{
		{"orders", "b || a", false, false, "", false},
		{"orders", "a", false, false, "a || b", true},
		{"orders", "*", false, false, "a || b", true},
		{"orders", "b || a", false, true, "a || b", true},
		{"orders", "a || b", true, false, "a || b", true},
		{"bills", "price > 1", true, false, "", false},
		{"other", "*", false, false, "orders, bills", true},
	} {
		g := GroupState{Theirs: theirs}
		if got, differs := g.Differs(c.topic, c.expression, c.sql, c.broadcast); got != c.want || differs != c.differs {
			t.Errorf("%+v: %q, %v", c, got, differs)
		}
	}
	if got, differs := (&GroupState{}).Differs("orders", "*", false, false); got != "" || differs {
		t.Error("it contradicts nobody")
	}
}

// TestMembersDiffer: members are asked what they want; who hangs says nothing, and holds
// nobody up for long.
func TestMembersDiffer(t *testing.T) {
	t.Parallel()
	addr := testserver.Serve(t, func(nc net.Conn) {
		_ = remoting.Serve(nc, 8, func(q *remoting.Command) *remoting.Command {
			tag, ok := map[string]string{"one": "a", "two": "a", "other": "b"}[q.ExtFields["clientId"]]
			switch {
			case q.Code == remoting.RouteByTopic:
				return q.Answer(remoting.TopicNotExist, "")
			case q.Code != remoting.ConsumerRunningInfo || !ok:
				return nil
			}
			a := q.Answer(remoting.Success, "")
			a.Body = fmt.Appendf(nil, `{"properties":{},"subscriptionSet":[{"topic":"T","subString":%q,"tagsSet":[%q],"expressionType":"TAG"}],"mqTable":{},"statusTable":{}}`, tag, tag)
			return a
		})
	})
	ask := admin.New(admin.Config{NameServers: []string{addr}})
	defer ask.Close()
	a := New(ask, []string{addr})
	brokers := []cluster.Broker{{Name: "b", Addrs: map[int64]string{0: addr}}}
	for _, c := range []struct {
		topic   string
		members []string
		want    bool
	}{
		{"T", []string{"one", "two"}, false},
		{"T", []string{"one", "other"}, true},
		{"U", []string{"one", "other"}, false},
		{"T", []string{"other"}, false},
		{"T", []string{"one", "other", "hangs"}, true},
	} {
		var members []cluster.Member
		for _, id := range c.members {
			members = append(members, cluster.Member{ID: id, Brokers: []string{"b"}})
		}
		begin := time.Now()
		if got := a.differ(t.Context(), brokers, c.topic, "g", members); got != c.want || time.Since(begin) > 10*time.Second {
			t.Errorf("%+v: %v after %v", c, got, time.Since(begin))
		}
	}
}
