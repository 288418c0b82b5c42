package client_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/session"
	"gantry/client/testcluster"
)

// mqadmin runs RocketMQ's own tool against the server's cluster. The tool waits
// 5 s for an answer, which a busy machine may exceed: then it is asked again.
func (s *server) mqadmin(t *testing.T, args ...string) string {
	t.Helper()
	for try := 1; ; try++ {
		var out string
		var err error
		if s.name == "sandbox" {
			out, err = sandboxTools(t).Admin(args...)
		} else {
			out, err = s.real(t).Admin(args...)
		}
		if err == nil && !strings.Contains(out, "SubCommandException") {
			return out
		}
		if try == 4 {
			t.Fatalf("mqadmin %v: %v\n%s", args, err, out)
		}
	}
}

// javaMember has a real Java consumer join the group, until the test ends; one
// that did not get in is started again.
func (s *server) javaMember(t *testing.T, topic, group string, more ...string) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	args := append(append(s.java(t), "topic="+topic, "group="+group, "timeout=300", "count=1000000"), more...)
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			_, _ = testcluster.Java(ctx, testcluster.V550, "testdata/java/Receive.java", args...) // ended by stop
		}
	}()
	t.Cleanup(func() { stop(); <-done })
}

// officialProgress is what mqadmin consumerProgress says of each queue: the
// queue's end and the group's position.
func (s *server) officialProgress(t *testing.T, group string) (queues map[string][2]int64, total int64) {
	t.Helper()
	out := s.mqadmin(t, "consumerProgress", "-g", group)
	queues = map[string][2]int64{}
	row := regexp.MustCompile(`(?m)^(\S+) +(\S+) +(\d+) +(-?\d+) +(-?\d+) +`)
	for _, m := range row.FindAllStringSubmatch(out, -1) {
		end, _ := strconv.ParseInt(m[4], 10, 64)
		next, _ := strconv.ParseInt(m[5], 10, 64)
		queues[m[1]+" "+m[2]+"/"+m[3]] = [2]int64{end, next}
	}
	diff := regexp.MustCompile(`(?:Consume )?Diff Total: (\d+)`).FindStringSubmatch(out)
	if diff == nil {
		t.Fatalf("mqadmin said:\n%s", out)
	}
	total, _ = strconv.ParseInt(diff[1], 10, 64)
	return queues, total
}

// officialMembers is what mqadmin consumerConnection says: id, address, language.
func (s *server) officialMembers(t *testing.T, group string) []string {
	t.Helper()
	out := s.mqadmin(t, "consumerConnection", "-g", group)
	var all []string
	for _, m := range regexp.MustCompile(`(?m)^(\S+@\S+) +(\S+:\d+) +(\S+) +V`).FindAllStringSubmatch(out, -1) {
		all = append(all, strings.Join(m[1:], " "))
	}
	slices.Sort(all)
	return all
}

// stuckMember: a Go and a Java consumer share four queues; the Go one takes
// nothing any more. Everything that is said of the group is what mqadmin says.
func stuckMember(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 4)
	s := on.spec(t, top)
	s.From = profile.FromEarliest
	members := 2
	if on.proxy {
		members = 1 // it lists those only who reach the cluster through it
	} else {
		on.javaMember(t, top, s.Group)
	}
	sub := d.subscribe(s)
	waitState(t, sub, 20*time.Second, session.Receiving)
	detail := func() *insight.GroupDetail {
		g, err := d.conn.GroupDetail(t.Context(), s.Group)
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	// Both have their queues, where they can be asked.
	eventually(t, 2*time.Minute, func() string {
		g := detail()
		if len(g.Members) != members {
			return fmt.Sprintf("%d members", len(g.Members))
		}
		for _, m := range g.Members {
			if !on.proxy && (m.Err != nil || len(ofTopic(m.Running, top)) != 2) {
				return fmt.Sprintf("%s has %v, %v", m.ID, m.Running.Queues, m.Err)
			}
		}
		return ""
	})
	time.Sleep(3 * time.Second) // the sandbox does not tell that queues were shared anew
	if err := sub.Pause(); err != nil {
		t.Fatal(err)
	}
	waitState(t, sub, 20*time.Second, session.Paused)
	time.Sleep(time.Second) // the gate closes in a process of its own
	for i := range 40 {
		on.sendRaw(t, top, i%4, fmt.Sprint(i))
	}
	want := int64(20)
	if on.proxy {
		want = 0 // nothing is committed before the first message is taken, see below
	}
	var g *insight.GroupDetail
	eventually(t, 60*time.Second, func() string {
		if g = detail(); g.QueuesErr != nil || g.Lag() != want && !on.proxy {
			return fmt.Sprintf("lag %d, %v", g.Lag(), g.QueuesErr)
		}
		return ""
	})
	if on.proxy {
		proxyGroup(t, d, g)
		return
	}
	sameAsOfficial(t, on, detail)
	causes(t, detail)
	if _, err := d.conn.GroupDetail(t.Context(), "no-such-group"); !errors.Is(err, fault.GroupNotFound) {
		t.Error(err)
	}
}

func ofTopic(r cluster.Running, topic string) []int {
	var ids []int
	for _, q := range r.Queues {
		if q.Topic == topic {
			ids = append(ids, q.ID)
		}
	}
	return ids
}

// proxyGroup: a proxy tells who is connected, and how far each queue is.
func proxyGroup(t *testing.T, d *desk, g *insight.GroupDetail) {
	t.Helper()
	if _, err := d.conn.Groups(t.Context()); !errors.Is(err, fault.NotOffered) {
		t.Error(err)
	}
	if g.Members[0].Language != "GO" || !errors.Is(g.Members[0].Err, fault.NotOffered) || g.ConfigKnown {
		t.Errorf("%+v", g)
	}
	if g.Retry < 0 || g.Dead < 0 || g.QueuesErr != nil {
		t.Errorf("retry %d, dead %d, %v", g.Retry, g.Dead, g.QueuesErr)
	}
}

func sameAsOfficial(t *testing.T, on *server, detail func() *insight.GroupDetail) {
	t.Helper()
	var g *insight.GroupDetail
	eventually(t, 60*time.Second, func() string { // positions of retry queues come late
		queues, total := on.officialProgress(t, detail().Name)
		g = detail()
		mine := map[string][2]int64{}
		for _, q := range g.Queues {
			mine[q.Topic+" "+q.Queue.String()] = [2]int64{q.End, q.Next}
		}
		if diff := cmp.Diff(queues, mine); diff != "" || total != g.Lag() {
			return fmt.Sprintf("mqadmin says a lag of %d, this %d: %s", total, g.Lag(), diff)
		}
		return ""
	})
	var members []string
	for _, m := range g.Members {
		members = append(members, m.ID+" "+m.Addr+" "+m.Language)
	}
	slices.Sort(members)
	if diff := cmp.Diff(on.officialMembers(t, g.Name), members); diff != "" {
		t.Error(diff)
	}
	if g.Retry != 0 || g.Dead != 0 || g.Model != "CLUSTERING" || len(g.Missing) != 0 {
		t.Errorf("retry %d, dead %d, %s, missing %v", g.Retry, g.Dead, g.Model, g.Missing)
	}
}

// causes: which member is stuck, and that it answers.
func causes(t *testing.T, detail func() *insight.GroupDetail) {
	t.Helper()
	eventually(t, 40*time.Second, func() string {
		g := detail()
		i := slices.IndexFunc(g.Members, func(m insight.MemberState) bool { return m.Language == "GO" })
		c := g.Cause(time.Now(), &insight.Trend{})
		if c.Kind != insight.CauseMember || c.Member != g.Members[i].ID || c.Silent || c.Percent != 100 || c.Queues != 2 || c.Idle < 15*time.Second {
			return fmt.Sprintf("%+v", c)
		}
		return ""
	})
	if d := detail().Disagreements(); len(d) != 0 {
		t.Errorf("members agree: %+v", d)
	}
}

// topicsAndCluster: what is said of a topic and of the brokers is what mqadmin
// says.
func topicsAndCluster(t *testing.T, on *server) {
	d := on.desk(t)
	top := on.topic(t, 4)
	d.send(top, "x", "one", "two", "three")
	if on.proxy {
		proxyTopics(t, d, top)
		return
	}
	list, err := d.conn.TopicList(t.Context())
	at := slices.IndexFunc(list.Topics, func(c cluster.TopicConfig) bool { return c.Name == top })
	if err != nil || at < 0 || list.Topics[at].Read != 4 || list.Topics[at].Kind != cluster.NormalTopic || !list.KindsKnown {
		t.Errorf("%+v, %v", list.Topics, err)
	}
	system := slices.IndexFunc(list.Topics, func(c cluster.TopicConfig) bool { return c.Name == "TBW102" })
	if system < 0 || list.Topics[system].Kind != cluster.SystemTopic {
		t.Error("TBW102 is no system topic")
	}
	var got *insight.TopicDetail
	eventually(t, 20*time.Second, func() string { // a message is in its queue a moment after it was stored
		if got, err = d.conn.TopicDetail(t.Context(), top); err != nil || got.QueuesErr != nil {
			return fmt.Sprint(got, err)
		}
		var kept int64
		for _, q := range got.Queues {
			kept += q.Kept()
		}
		if kept != 3 {
			return fmt.Sprintf("%d messages", kept)
		}
		return ""
	})
	mine := map[string][2]int64{}
	for _, q := range got.Queues {
		mine[q.Queue.String()] = [2]int64{q.Min, q.Max}
	}
	if diff := cmp.Diff(on.officialStats(t, top), mine); diff != "" {
		t.Error(diff)
	}
	stands, err := d.conn.TopicStandings(t.Context(), []string{top, "no-such-topic-here"})
	if err != nil || len(stands) != 2 || stands[0].Kept != 3 || stands[0].Queues != len(got.Queues) || stands[0].Last.IsZero() || len(stands[0].Missing) > 0 || stands[1].Known() {
		t.Errorf("%+v, %v", stands, err)
	}
	clusterAsOfficial(t, on, d)
	producersAsOfficial(t, on, d, top)
}

// officialStats is what mqadmin topicStatus says: each queue's ends.
func (s *server) officialStats(t *testing.T, topic string) map[string][2]int64 {
	t.Helper()
	out := s.mqadmin(t, "topicStatus", "-t", topic)
	all := map[string][2]int64{}
	for _, m := range regexp.MustCompile(`(?m)^(\S+) +(\d+) +(\d+) +(\d+) +`).FindAllStringSubmatch(out, -1) {
		low, _ := strconv.ParseInt(m[3], 10, 64)
		high, _ := strconv.ParseInt(m[4], 10, 64)
		all[m[1]+"/"+m[2]] = [2]int64{low, high}
	}
	return all
}

func clusterAsOfficial(t *testing.T, on *server, d *desk) {
	t.Helper()
	var got insight.Health
	eventually(t, time.Minute, func() string { // a busy machine may keep a broker from answering in time
		var err error
		got, err = d.conn.Health(t.Context())
		if err != nil || !got.Listed || len(got.NameServers) != 1 || got.NameServers[0].Err != nil || slices.ContainsFunc(got.Brokers, func(b insight.BrokerState) bool { return b.Err != nil }) {
			return fmt.Sprintf("%+v, %v", got, err)
		}
		return ""
	})
	out := on.mqadmin(t, "clusterList")
	for _, b := range got.Brokers {
		row := regexp.MustCompile(`(?m)^` + b.Cluster + ` +` + b.Name + ` +` + fmt.Sprint(b.ID) + ` +` + regexp.QuoteMeta(b.Addr) + ` +V(\S+)`).FindStringSubmatch(out)
		if b.Err != nil || row == nil || strings.ReplaceAll(row[1], "_", ".") != b.Runtime.Version || b.Runtime.Version != on.version() {
			t.Errorf("%+v, and mqadmin says:\n%s", b, out)
		}
		status := on.mqadmin(t, "brokerStatus", "-b", b.Addr)
		for _, key := range []string{"bootTimestamp", "brokerVersionDesc", "commitLogMinOffset"} {
			if v, has := b.Runtime.Table[key]; has && !regexp.MustCompile(key+` *: *`+regexp.QuoteMeta(v)).MatchString(status) {
				t.Errorf("%s is %s, and mqadmin says:\n%s", key, v, status)
			}
		}
		settings, err := d.conn.BrokerSettings(t.Context(), b.Addr)
		if err != nil || !slices.Contains(settings, cluster.Setting{Key: "brokerName", Value: b.Name}) {
			t.Errorf("%d settings, %v", len(settings), err)
		}
	}
}

func producersAsOfficial(t *testing.T, on *server, d *desk, top string) {
	t.Helper()
	var ids []string
	group := "of-" + on.profile.ShortName(top) // nobody else sends as it
	if r, err := d.conn.Send(t.Context(), &message.Draft{ProducerGroup: group, Topic: top, Body: []byte("x")}); err != nil || r.Status != message.StatusOK {
		t.Fatal(r, err)
	}
	eventually(t, 60*time.Second, func() string { // one is known after its first heartbeat
		ps, missing, err := d.conn.Producers(t.Context(), group)
		if err != nil || len(missing) > 0 || len(ps) == 0 {
			return fmt.Sprint(ps, missing, err)
		}
		ids = nil
		for _, p := range ps {
			ids = append(ids, p.ID)
		}
		return ""
	})
	out := on.mqadmin(t, "producerConnection", "-g", group, "-t", top)
	for _, id := range ids {
		if !strings.Contains(out, id) {
			t.Errorf("%s is missing from what mqadmin says:\n%s", id, out)
		}
	}
	got, err := d.conn.TopicDetail(t.Context(), top)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.ContainsFunc(got.Producers, func(p cluster.Producer) bool { return p.Group == group }) {
		t.Errorf("%+v, %v", got.Producers, got.ProducersErr)
	}
}

// proxyTopics: a proxy lists nothing, but tells of a topic by its name.
func proxyTopics(t *testing.T, d *desk, top string) {
	t.Helper()
	if _, err := d.conn.TopicList(t.Context()); !errors.Is(err, fault.NotOffered) {
		t.Error(err)
	}
	got, err := d.conn.TopicDetail(t.Context(), top)
	if err != nil || got.QueuesErr != nil || len(got.Queues) != 4 || !errors.Is(got.GroupsErr, fault.NotOffered) || !errors.Is(got.ProducersErr, fault.NotOffered) {
		t.Errorf("%+v, %v", got, err)
	}
	st, err := d.conn.Health(t.Context())
	if err != nil || st.Listed || len(st.Brokers) != 0 || len(st.NameServers) != 1 || st.NameServers[0].Err != nil {
		t.Errorf("%+v, %v", st, err)
	}
}
