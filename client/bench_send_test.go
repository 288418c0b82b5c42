//go:build unix

package client_test

import (
	"bytes"
	"fmt"
	"os/exec"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/testcluster"
)

// BenchmarkSend compares sends through Gantry with rocketmq-client-go alone, by
// turns, one at a time and sixteen at once. Run it with -benchtime 1x.
func BenchmarkSend(b *testing.B) {
	if err := clusters.Stop(); err != nil { // they would share the machine
		b.Fatal(err)
	}
	c := testcluster.StartT(b, testcluster.Options{FullSpeed: true})
	top := topicOn(b, c, "", benchQueues)
	raw := rawProgram(b, "rawproducer")
	d := deskAt(b, profile.Profile{ID: "p", Name: "bench", NameServers: []string{c.NameServer()}}, "")
	for _, s := range []struct{ atOnce, times int }{{1, 10_000}, {16, 60_000}} {
		b.Run(fmt.Sprint(s.atOnce), func(b *testing.B) {
			alone := func() measure { return sendAlone(b, raw, c, top, s.atOnce, s.times) }
			gantry := func() measure { return sendAll(b, d, top, s.atOnce, s.times) }
			alone() // Java compiles what is hot
			gantry()
			for b.Loop() {
				var all ratios
				for i := range benchPairs {
					x, y := alone(), gantry()
					all.add(y, x)
					fmt.Printf("%d at once, %d: rocketmq-client-go %.0f/s %.1f µs; Gantry %.0f/s %.1f µs, window and worker\n",
						s.atOnce, i+1, x.rate, x.cpu, y.rate, y.cpu)
				}
				fmt.Printf("%d at once, Gantry / rocketmq-client-go, min median max: %s\n", s.atOnce, &all)
				b.ReportMetric(middle(all.rate), "rate-ratio")
				b.ReportMetric(middle(all.cpu), "CPU-ratio")
			}
		})
	}
}

// sendAlone runs the program that only sends.
func sendAlone(b *testing.B, exe string, c node, topic string, atOnce, times int) measure {
	b.Helper()
	return runAlone(b, times, exec.Command(exe, c.NameServer(), topic, strconv.Itoa(atOnce), strconv.Itoa(times), strconv.Itoa(benchBody)))
}

// sendAll sends over a new connection, whose worker counts with its start.
func sendAll(b *testing.B, d *desk, topic string, atOnce, times int) measure {
	b.Helper()
	worker, window := cpuOf(b, syscall.RUSAGE_CHILDREN), cpuOf(b, syscall.RUSAGE_SELF)
	conn, err := d.client.Open(b.Context(), d.profile, "")
	if err != nil {
		b.Fatal(err)
	}
	dr := &message.Draft{ProducerGroup: "bench", Topic: topic, Tag: "tag", Keys: []string{"key"}, Body: bytes.Repeat([]byte("x"), benchBody)}
	sendOne(b, conn, dr) // starts the worker, looks up the route and connects
	begin := time.Now()
	var group sync.WaitGroup
	var left atomic.Int64
	left.Store(int64(times))
	for range atOnce {
		group.Go(func() {
			for left.Add(-1) >= 0 && !b.Failed() {
				sendOne(b, conn, dr)
			}
		})
	}
	group.Wait()
	took := time.Since(begin)
	window = cpuOf(b, syscall.RUSAGE_SELF) - window
	if err := conn.Close(); err != nil { // waits for the worker
		b.Fatal(err)
	}
	worker = cpuOf(b, syscall.RUSAGE_CHILDREN) - worker
	return measure{rate: float64(times) / took.Seconds(), cpu: micros(worker+window, times)}
}

func sendOne(b *testing.B, conn *client.Connection, d *message.Draft) {
	if r, err := conn.Send(b.Context(), d); err != nil || r.Status != message.StatusOK {
		b.Errorf("%+v, %v", r, err)
	}
}
