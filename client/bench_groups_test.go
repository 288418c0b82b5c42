//go:build unix

package client_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"gantry/client/cluster"
	"gantry/client/profile"
	"gantry/client/remoting"
	"gantry/client/testcluster"
)

// groupTurns is how often each number of groups is asked about.
const groupTurns = 10

// BenchmarkGroups measures how soon it is known of 20, 200 and 2,000 groups how they stand, all
// with lag, and how soon 100 and 10,000 topics are listed, on one broker of 5.5.0. Run it with
// -benchtime 1x.
func BenchmarkGroups(b *testing.B) {
	if err := clusters.Stop(); err != nil {
		b.Fatal(err)
	}
	c := testcluster.StartT(b, testcluster.Options{FullSpeed: true})
	d := deskAt(b, profile.Profile{ID: "p", Name: "bench", NameServers: []string{c.NameServer()}}, "")
	groups := laggingGroups(b, c, 2000)
	for b.Loop() {
		for _, n := range []int{20, 200, 2000} {
			var took []time.Duration
			cpu := cpuOf(b, syscall.RUSAGE_SELF)
			for range groupTurns {
				begin := time.Now()
				sums, err := d.conn.GroupSummaries(b.Context(), groups[:n])
				if err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(begin))
				for _, s := range sums {
					if s.Err != nil || !s.LagKnown || s.Lag != benchQueues*10 || len(s.Missing) > 0 {
						b.Fatalf("%+v", s)
					}
				}
			}
			cpu = cpuOf(b, syscall.RUSAGE_SELF) - cpu
			tookAll(fmt.Sprintf("%d groups, all with lag", n), took)
			fmt.Printf("  our processor time for each group: %.0f µs\n", micros(cpu, n*groupTurns))
		}
		listTopics(b, c, d, 100)
		listTopics(b, c, d, 10_000)
	}
}

// listTopics measures how soon topics are listed when there are n more.
func listTopics(b *testing.B, c *testcluster.Cluster, d *desk, n int) {
	b.Helper()
	stem := fmt.Sprintf("listed%d-", n)
	for from := 0; from < n; from += 1000 {
		makeTopics(b, c, stem, from, min(from+1000, n))
	}
	made := func() (have int, took time.Duration) {
		begin := time.Now()
		l, err := d.conn.TopicList(b.Context())
		if err != nil || len(l.Missing) > 0 {
			b.Fatal(err, l.Missing)
		}
		took = time.Since(begin)
		for _, t := range l.Topics {
			if strings.HasPrefix(t.Name, stem) {
				have++
			}
		}
		return have, took
	}
	eventually(b, time.Minute, func() string { // brokers tell name servers a moment later
		if have, _ := made(); have != n {
			return fmt.Sprintf("%d of %d topics", have, n)
		}
		return ""
	})
	var took []time.Duration
	for range groupTurns {
		_, t := made()
		took = append(took, t)
	}
	tookAll(fmt.Sprintf("%d topics listed", n), took)
}

// makeTopics makes topics in one request (code 18, UpdateAndCreateTopicListRequestHeader.java;
// from 5.3 on).
func makeTopics(b *testing.B, c *testcluster.Cluster, stem string, from, behind int) {
	b.Helper()
	type topic struct {
		TopicName       string `json:"topicName"`
		ReadQueueNums   int    `json:"readQueueNums"`
		WriteQueueNums  int    `json:"writeQueueNums"`
		Perm            int    `json:"perm"`
		TopicFilterType string `json:"topicFilterType"`
	}
	var all struct {
		TopicConfigList []topic `json:"topicConfigList"`
	}
	for i := from; i < behind; i++ {
		all.TopicConfigList = append(all.TopicConfigList, topic{fmt.Sprint(stem, i), 4, 4, 6, "SINGLE_TAG"})
	}
	body, err := json.Marshal(all)
	if err != nil {
		b.Fatal(err)
	}
	conn, err := remoting.Dial(b.Context(), c.BrokerAddr(0), remoting.Config{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if _, err := conn.CallOK(b.Context(), &remoting.Command{Code: 18, Body: body}); err != nil {
		b.Fatal(err)
	}
}

// laggingGroups makes groups that have ten messages to take from each queue of one topic.
func laggingGroups(b *testing.B, c *testcluster.Cluster, n int) []string {
	b.Helper()
	top := topicOn(b, c, "", benchQueues)
	l, err := testcluster.NewLoader(b.Context(), c.BrokerAddr(0), top, benchQueues, benchBody)
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	if err := l.Fill(b.Context(), 20); err != nil {
		b.Fatal(err)
	}
	a := adminOf(b, c)
	r, err := a.Route(b.Context(), top)
	if err != nil {
		b.Fatal(err)
	}
	names := make([]string, n)
	var work errgroup.Group
	work.SetLimit(16)
	for i := range names {
		names[i] = fmt.Sprintf("lagging-%04d", i)
		work.Go(func() error {
			if err := a.CreateGroup(b.Context(), c.Masters(), names[i]); err != nil {
				return err
			}
			for _, q := range r.ReadQueues() {
				if err := a.Commit(b.Context(), r, top, names[i], cluster.Queue{Broker: q.Broker, ID: q.ID}, 10); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := work.Wait(); err != nil {
		b.Fatal(err)
	}
	return names
}
