//go:build unix

package client_test

import (
	"bytes"
	"fmt"
	"syscall"
	"testing"
	"time"

	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
	"gantry/client/profile"
	"gantry/client/testcluster"
)

// BenchmarkRun compares a run with rocketmq-client-go alone in a loop, by turns, with 1, 8
// and 32 messages under way, and the run with one whose messages are read back too. Run it
// with -benchtime 1x.
func BenchmarkRun(b *testing.B) {
	if err := clusters.Stop(); err != nil { // they would share the machine
		b.Fatal(err)
	}
	c := testcluster.StartT(b, testcluster.Options{FullSpeed: true})
	top := topicOn(b, c, "", benchQueues)
	raw := rawProgram(b, "rawproducer")
	d := deskAt(b, profile.Profile{ID: "p", Name: "bench", NameServers: []string{c.NameServer()}}, "")
	for _, s := range []struct{ atOnce, times int }{{1, 20_000}, {8, 60_000}, {32, 100_000}} {
		b.Run(fmt.Sprint(s.atOnce), func(b *testing.B) {
			alone := func() measure { return sendAlone(b, raw, c, top, s.atOnce, s.times) }
			run := func(prove bool) measure { return runAll(b, d, top, s.atOnce, s.times, prove) }
			alone() // Java compiles what is hot
			run(false)
			for b.Loop() {
				var all, proof ratios
				for i := range benchPairs {
					x, y, z := alone(), run(false), run(true)
					all.add(y, x)
					proof.add(z, y)
					fmt.Printf("%d at once, %d: rocketmq-client-go %.0f/s %.1f µs; run %.0f/s %.1f µs (window %.1f µs); read back too %.0f/s %.1f µs\n",
						s.atOnce, i+1, x.rate, x.cpu, y.rate, y.cpu, y.window, z.rate, z.cpu)
				}
				fmt.Printf("%d at once, run / rocketmq-client-go, min median max: %s\n", s.atOnce, &all)
				fmt.Printf("%d at once, read back too / not, min median max: %s\n", s.atOnce, &proof)
				b.ReportMetric(middle(all.rate), "rate-ratio")
				b.ReportMetric(middle(all.cpu), "CPU-ratio")
				b.ReportMetric(middle(proof.cpu), "proof-CPU-ratio")
			}
		})
	}
}

// runAll does a run in a worker of its own, whose start counts as that of the program
// which sends alone does.
func runAll(b *testing.B, d *desk, topic string, atOnce, times int, prove bool) measure {
	b.Helper()
	worker, window := cpuOf(b, syscall.RUSAGE_CHILDREN), cpuOf(b, syscall.RUSAGE_SELF)
	r := d.begin(&plan.Plan{
		Texts: plan.Texts{
			ProducerGroup: "bench", Topic: topic, Tag: "tag", Keys: "key", Body: bytes.Repeat([]byte("x"), benchBody), Properties: []message.Property{},
		},
		Count: int64(times), AtOnce: atOnce, Prove: prove,
	})
	if err := r.Wait(b.Context()); err != nil {
		b.Fatal(err)
	}
	ended := time.Now()
	first, err := r.Sent(0)
	if err != nil {
		b.Fatal(err)
	}
	for r.Proving() {
		time.Sleep(20 * time.Millisecond)
	}
	st := r.Status()
	if st.Phase != outbox.Complete || st.Counts.Stored != int64(times) || prove && st.Counts.Arrived != int64(times) {
		b.Fatalf("%+v", st)
	}
	window = cpuOf(b, syscall.RUSAGE_SELF) - window
	if err := d.client.Outbox.Delete(r.ID()); err != nil {
		b.Fatal(err)
	}
	worker = cpuOf(b, syscall.RUSAGE_CHILDREN) - worker
	return measure{rate: float64(times) / ended.Sub(first.Leave.At).Seconds(), cpu: micros(worker+window, times), window: micros(window, times)}
}
