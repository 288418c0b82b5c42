//go:build linux

package client_test

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"os"
	"slices"
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
	b.Cleanup(p.Stop)
	e := <-started
	n := &processNode{pid: p.PID()}
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

// megabytes is what the process keeps resident.
func (n *processNode) megabytes(b *testing.B) int {
	b.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", n.pid))
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

// BenchmarkSandbox compares the sandbox with a RocketMQ 5.5.0, through
// rocketmq-client-go alone and by turns. Run it with -benchtime 1x.
func BenchmarkSandbox(b *testing.B) {
	if err := clusters.Stop(); err != nil { // they would share the machine
		b.Fatal(err)
	}
	benchStart(b)
	apache := testcluster.StartT(b, testcluster.Options{FullSpeed: true})
	ours := startSandbox(b, b.TempDir())
	consumer, producer := rawProgram(b, "rawconsumer"), rawProgram(b, "rawproducer")
	names := []string{topicOn(b, ours, "", benchQueues), topicOn(b, apache, "", benchQueues)}
	load(b, ours, names[0])
	load(b, apache, names[1])
	for b.Loop() {
		// In this order: what is sent drives out what was loaded.
		byTurns(b, "consumption", func(i int) measure {
			return consumeAlone(b, consumer, []node{ours, apache}[i], names[i], workerGC)
		})
		byTurns(b, "sends", func(i int) measure {
			return sendAlone(b, producer, []node{ours, apache}[i], names[i], 16, 60_000)
		})
	}
}

// byTurns runs both, the sandbox as 0, and prints what they took.
func byTurns(b *testing.B, what string, run func(i int) measure) {
	b.Helper()
	run(0) // Java compiles what is hot
	run(1)
	var all []float64
	for i := range benchPairs {
		theirs, ours := run(1), run(0)
		all = append(all, ours.rate/theirs.rate)
		fmt.Printf("%s %d: 5.5.0 %.0f/s, sandbox %.0f/s\n", what, i+1, theirs.rate, ours.rate)
	}
	fmt.Printf("%s, sandbox / 5.5.0, min median max: %.2f %.2f %.2f\n", what, slices.Min(all), middle(all), slices.Max(all))
	b.ReportMetric(middle(all), what+"-ratio")
}

// benchStart prints how soon a sandbox is ready, and what it keeps resident.
func benchStart(b *testing.B) {
	b.Helper()
	var ready []float64
	var n *processNode
	for range benchPairs {
		n = startSandbox(b, b.TempDir())
		ready = append(ready, float64(n.ready.Microseconds())/1000)
	}
	fmt.Printf("ready after, min median max: %.0f %.0f %.0f ms\n", slices.Min(ready), middle(ready), slices.Max(ready))
	empty := n.megabytes(b)
	l, err := testcluster.NewLoader(b.Context(), n.broker, topicOn(b, n, "", benchQueues), benchQueues, benchBody)
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	if err := l.Fill(b.Context(), 100_000/benchQueues); err != nil {
		b.Fatal(err)
	}
	time.Sleep(2 * time.Second)
	fmt.Printf("resident: empty %d MB, with 100,000 messages of 1 KB %d MB\n", empty, n.megabytes(b))
}
