//go:build linux

package client_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"gantry/client/admin"
	"gantry/client/remoting"
	"gantry/client/testcluster"
	"gantry/client/worker"
)

// processNode is a sandbox in a process of its own.
type processNode struct {
	names, broker string
	pid           int
	stop          func()
	ready         time.Duration // from its start until a client has an answer
}

func (n *processNode) NameServer() string              { return n.names }
func (n *processNode) BrokerAddr(int) string           { return n.broker }
func (n *processNode) Masters() []string               { return []string{n.broker} }
func (n *processNode) TLSConfig() (*tls.Config, error) { return nil, nil }

func (n *processNode) AdminConfig() (admin.Config, error) {
	return admin.Config{NameServers: []string{n.names}}, nil
}

func startSandbox(b *testing.B, dir string) *processNode {
	b.Helper()
	exe := workerProgram(b)
	started := make(chan worker.Event, 10)
	begin := time.Now()
	p, err := worker.Program{Path: exe}.Start(&worker.Job{Kind: worker.Sandbox, Local: &worker.Local{Dir: dir}}, func(e worker.Event) { started <- e })
	if err != nil {
		b.Fatal(err)
	}
	e := <-started
	n := &processNode{pid: p.PID(), stop: sync.OnceFunc(p.Stop)}
	b.Cleanup(n.stop)
	if e.Listens == nil {
		b.Fatalf("%+v, %v", e, err)
	}
	n.names, n.broker = e.Listens.NameServer, e.Listens.Broker
	conn, err := remoting.Dial(b.Context(), n.names, remoting.Config{})
	if err == nil {
		_, err = conn.CallOK(b.Context(), &remoting.Command{Code: remoting.ClusterInfo})
		_ = conn.Close()
	}
	if err != nil {
		b.Fatal(err)
	}
	n.ready = time.Since(begin)
	return n
}

// megabytes is what a process keeps resident.
func megabytes(b *testing.B, pid int) int {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range bytes.Lines(status) {
		var kb int
		if _, err := fmt.Sscanf(string(line), "VmRSS: %d kB", &kb); err == nil {
			return kb / 1024
		}
	}
	b.Fatal("no VmRSS")
	return 0
}

// processorTime is what another process has used, to 10 ms.
func processorTime(b *testing.B, pid int) time.Duration {
	b.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		b.Fatal(err)
	}
	// Behind the name, which may hold anything: utime and stime are the 14th and 15th.
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	var ticks int
	for _, f := range fields[11:13] {
		n, err := strconv.Atoi(string(f))
		if err != nil {
			b.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

// benched is a server that is measured.
type benched struct {
	node
	pid   int
	topic string
}

const (
	benchSends     = 60_000
	benchLeanSends = 100_000
)

// BenchmarkSandbox compares the sandbox with a RocketMQ 5.5.0 by turns, through
// rocketmq-client-go alone and through a lean client, and prints how its cost grows. Run it
// with -benchtime 1x: it takes some four minutes.
func BenchmarkSandbox(b *testing.B) {
	if err := clusters.Stop(); err != nil { // they would share the machine
		b.Fatal(err)
	}
	benchStart(b)
	benchGrowth(b)
	apache := testcluster.StartT(b, testcluster.Options{FullSpeed: true})
	ours := startSandbox(b, b.TempDir())
	consumer, producer := rawProgram(b, "rawconsumer"), rawProgram(b, "rawproducer")
	both := [2]benched{{node: ours, pid: ours.pid}, {node: apache, pid: apache.PID(testcluster.BrokerPart)}}
	for i := range both {
		both[i].topic = topicOn(b, both[i], "", benchQueues)
		load(b, both[i], both[i].topic)
	}
	for b.Loop() {
		// In this order: what is sent drives out what was loaded.
		byTurns(b, "consumption", both, benchMessages, func(on benched) measure {
			return consumeAlone(b, consumer, on, on.topic, workerGC)
		})
		byTurns(b, "consumption by the lean client", both, benchMessages, func(on benched) measure {
			return newLean(b, on.BrokerAddr(0)).read(b, on.topic, benchMessages)
		})
		byTurns(b, "sends", both, benchSends, func(on benched) measure {
			return sendAlone(b, producer, on, on.topic, 16, benchSends)
		})
		byTurns(b, "sends by the lean client", both, benchLeanSends, func(on benched) measure {
			return newLean(b, on.BrokerAddr(0)).send(b, on.topic, 16, benchLeanSends)
		})
		fmt.Printf("resident at the end: 5.5.0 %d MB, sandbox %d MB\n", megabytes(b, both[1].pid), megabytes(b, both[0].pid))
	}
}

// byTurns runs both, the sandbox as 0, and prints what they took.
func byTurns(b *testing.B, what string, both [2]benched, messages int, run func(on benched) measure) {
	b.Helper()
	run(both[0]) // Java compiles what is hot
	run(both[1])
	var all ratios
	for i := range benchPairs {
		theirs, theirCPU := served(b, both[1], messages, run)
		ours, ourCPU := served(b, both[0], messages, run)
		all.add(measure{rate: ours.rate, cpu: ourCPU}, measure{rate: theirs.rate, cpu: theirCPU})
		fmt.Printf("%s %d: 5.5.0 %.0f/s %.1f µs, sandbox %.0f/s %.1f µs; client %.1f and %.1f µs\n",
			what, i+1, theirs.rate, theirCPU, ours.rate, ourCPU, theirs.cpu, ours.cpu)
	}
	fmt.Printf("%s, sandbox / 5.5.0, min median max: %s of the server\n", what, &all)
	name := strings.ReplaceAll(what, " ", "-")
	b.ReportMetric(middle(all.rate), name+"-ratio")
	b.ReportMetric(middle(all.cpu), name+"-CPU-ratio")
}

// served is what a run took, and what the server took of the processor, in µs a message.
func served(b *testing.B, on benched, messages int, run func(on benched) measure) (measure, float64) {
	b.Helper()
	before := processorTime(b, on.pid)
	took := run(on)
	return took, micros(processorTime(b, on.pid)-before, messages)
}

// benchGrowth prints what sends cost and what is resident as more is kept: each a sandbox
// of its own.
func benchGrowth(b *testing.B) {
	b.Helper()
	for _, messages := range []int{10_000, 100_000, 1_000_000} {
		n := startSandbox(b, b.TempDir())
		topic := topicOn(b, n, "", benchQueues)
		on := benched{node: n, pid: n.pid, topic: topic}
		took, cpu := served(b, on, messages, func(on benched) measure {
			return newLean(b, on.BrokerAddr(0)).send(b, topic, 16, messages)
		})
		var stored int64
		for _, next := range ends(b, n, topic) {
			stored += next
		}
		fmt.Printf("growth: %d sends by the lean client (the newest 200,000 are kept): %.0f/s, %.1f µs, resident %d MB\n", stored, took.rate, cpu, megabytes(b, n.pid))
		n.stop()
	}
}

// benchStart prints how soon a sandbox is ready, and what it keeps resident, loaded in
// batches of 250 from eight at once.
func benchStart(b *testing.B) {
	b.Helper()
	var ready []float64
	var n *processNode
	for range benchPairs {
		if n != nil {
			n.stop()
		}
		n = startSandbox(b, b.TempDir())
		ready = append(ready, float64(n.ready.Microseconds())/1000)
	}
	fmt.Printf("ready after, min median max: %.0f %.0f %.0f ms\n", slices.Min(ready), middle(ready), slices.Max(ready))
	empty := megabytes(b, n.pid)
	l, err := testcluster.NewLoader(b.Context(), n.broker, topicOn(b, n, "", benchQueues), benchQueues, benchBody)
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	if err := l.Fill(b.Context(), 100_000/benchQueues); err != nil {
		b.Fatal(err)
	}
	fmt.Printf("resident: empty %d MB, with 100,000 messages of 1 KB %d MB\n", empty, megabytes(b, n.pid))
	n.stop()
}
