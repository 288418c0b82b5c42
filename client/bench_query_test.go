//go:build unix

package client_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gantry/client/cluster"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/testcluster"
)

const queryPairs = 6

// BenchmarkQuery compares the time to an answer with mqadmin's to the same question:
// a message by its key, and the progress of a group, each in a program that is
// started for it, as a person asks. Run it with -benchtime 1x.
func BenchmarkQuery(b *testing.B) {
	if err := clusters.Stop(); err != nil {
		b.Fatal(err)
	}
	c := testcluster.StartT(b, testcluster.Options{FullSpeed: true})
	top := topicOn(b, c, "", benchQueues)
	d := deskAt(b, profile.Profile{ID: "p", Name: "bench", NameServers: []string{c.NameServer()}}, "")
	for i := range 200 {
		if _, err := d.conn.Send(b.Context(), &message.Draft{ProducerGroup: "p", Topic: top, Keys: []string{fmt.Sprint("k", i)}, Body: []byte("x")}); err != nil {
			b.Fatal(err)
		}
	}
	time.Sleep(time.Second) // the index is made behind the store
	home := b.TempDir()
	theirs := func() time.Duration { // started as in a shell: Admin keeps it running
		begin := time.Now()
		out, err := testcluster.AdminAt(b.Context(), c.Version(), c.NameServer(), home, "queryMsgByKey", "-t", top, "-k", "k7")
		if err != nil || strings.Count(out, top) == 0 && !strings.Contains(out, "#Message ID") {
			b.Fatalf("%v: %s", err, out)
		}
		return time.Since(begin)
	}
	ours := func() time.Duration {
		begin := time.Now()
		st, found := d.find(cluster.Query{Kind: cluster.ByKey, Topic: top, Key: "k7"})
		if st.Err != nil || len(found) != 1 {
			b.Fatalf("%+v", st)
		}
		return time.Since(begin)
	}
	ours()
	for b.Loop() {
		var ratios []float64
		for i := range queryPairs {
			x, y := theirs(), ours()
			ratios = append(ratios, x.Seconds()/y.Seconds())
			fmt.Printf("%d: mqadmin %v, Gantry %v\n", i+1, x.Round(time.Millisecond), y.Round(time.Millisecond))
		}
		fmt.Printf("mqadmin / Gantry, time to the answer, min median max: %.0f %.0f %.0f\n", slices.Min(ratios), middle(ratios), slices.Max(ratios))
		b.ReportMetric(middle(ratios), "time-ratio")
	}
}
