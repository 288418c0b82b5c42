//go:build unix

package client_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"gantry/client/profile"
	"gantry/client/session"
	"gantry/client/testcluster"
)

const (
	benchPairs    = 6
	benchQueues   = 8
	benchEach     = 25_000
	benchMessages = benchQueues * benchEach
	benchBody     = 1000
	// The library alone runs with Go's own GOGC, as in a program of ten lines,
	// and, to compare the work only, with the worker's.
	usualGC  = 100
	workerGC = 400
)

// measure is what one run took.
type measure struct {
	rate   float64 // messages a second, from the first callback to the last
	cpu    float64 // µs a message: the consuming process, user and system, its start included
	window float64 // the same of this process meanwhile
}

// BenchmarkReceive compares a subscription, whose worker appends to the journal,
// with rocketmq-client-go alone, on the same messages and by turns, because
// identical runs differ up to twofold. Run it with -benchtime 1x.
func BenchmarkReceive(b *testing.B) { receive(b, false) }

// BenchmarkFollow compares a follow in the same way: it pulls with our own client,
// and joins no group.
func BenchmarkFollow(b *testing.B) { receive(b, true) }

func receive(b *testing.B, follow bool) {
	b.Helper()
	// The tests' servers would share the machine.
	if err := clusters.Stop(); err != nil {
		b.Fatal(err)
	}
	c := testcluster.StartT(b, testcluster.Options{FullSpeed: true})
	top := topicOn(b, c, "", benchQueues)
	load(b, c, top)
	raw := rawProgram(b, "rawconsumer")
	d := deskAt(b, profile.Profile{ID: "p", Name: "bench", NameServers: []string{c.NameServer()}}, "")
	alone := func() measure { return consumeAlone(b, raw, c, top, usualGC) }
	tuned := func() measure { return consumeAlone(b, raw, c, top, workerGC) }
	gantry := func() measure { return subscribeAll(b, d, top, follow) }
	// Java compiles what is hot, the files come into the page cache.
	alone()
	gantry()
	for b.Loop() {
		compare(b, alone, tuned, gantry)
	}
}

// rawProgram builds a program that uses the library alone.
func rawProgram(b *testing.B, name string) string {
	b.Helper()
	exe := filepath.Join(b.TempDir(), name+".exe")
	if out, err := exec.Command("go", "build", "-o", exe, "./testdata/"+name).CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	return exe
}

// compare runs all by turns and prints what they took.
func compare(b *testing.B, alone, tuned, gantry func() measure) {
	b.Helper()
	var usual, equal ratios
	for i := range benchPairs {
		x, y, z := alone(), gantry(), tuned()
		usual.add(y, x)
		equal.add(y, z)
		fmt.Printf("%d: rocketmq-client-go %.0f/s %.2f µs, with GOGC=%d %.0f/s %.2f µs; Gantry %.0f/s %.2f µs (window %.2f µs)\n",
			i+1, x.rate, x.cpu, workerGC, z.rate, z.cpu, y.rate, y.cpu, y.window)
	}
	fmt.Println("Gantry / rocketmq-client-go, min median max:")
	fmt.Println("  as it is:           ", &usual)
	fmt.Println("  with the same GOGC: ", &equal)
	b.ReportMetric(middle(usual.rate), "rate-ratio")
	b.ReportMetric(middle(usual.cpu), "CPU-ratio")
}

// ratios of several pairs.
type ratios struct{ rate, cpu []float64 }

func (r *ratios) add(ours, theirs measure) {
	r.rate, r.cpu = append(r.rate, ours.rate/theirs.rate), append(r.cpu, ours.cpu/theirs.cpu)
}

func (r *ratios) String() string {
	return fmt.Sprintf("rate %.2f %.2f %.2f, CPU a message %.2f %.2f %.2f",
		slices.Min(r.rate), middle(r.rate), slices.Max(r.rate), slices.Min(r.cpu), middle(r.cpu), slices.Max(r.cpu))
}

func middle(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

// cpuOf returns the CPU that this process has used, or those of its children
// that have ended.
func cpuOf(b *testing.B, who int) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(who, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func micros(d time.Duration, messages int) float64 {
	return float64(d.Nanoseconds()) / 1000 / float64(messages)
}

// consumeAlone runs the program that only counts.
func consumeAlone(b *testing.B, exe string, c node, topic string, gc int) measure {
	b.Helper()
	return runAlone(b, benchMessages, exec.Command(exe, c.NameServer(), topic, session.NewGroupName(), strconv.Itoa(benchMessages), strconv.Itoa(gc)))
}

// runAlone runs a program of the library alone, which prints how many messages
// it handled and in how many seconds.
func runAlone(b *testing.B, messages int, cmd *exec.Cmd) measure {
	b.Helper()
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		b.Fatalf("%v: %s", err, &said)
	}
	var n int
	var seconds float64
	if _, err := fmt.Sscan(string(out), &n, &seconds); err != nil || n != messages {
		b.Fatalf("%q, %v", out, err)
	}
	return measure{rate: float64(n) / seconds, cpu: micros(cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime(), messages)}
}

// subscribeAll receives everything into a new journal.
func subscribeAll(b *testing.B, d *desk, topic string, follow bool) measure {
	b.Helper()
	s := serverOf("5.5.0").spec(b, topic)
	s.From = profile.FromEarliest
	if follow {
		s.Follow, s.Group, s.OwnGroup = true, "", false
	}
	worker, window := cpuOf(b, syscall.RUSAGE_CHILDREN), cpuOf(b, syscall.RUSAGE_SELF)
	sub := d.subscribe(s)
	wait(b, sub, benchMessages, 2*time.Minute)
	window = cpuOf(b, syscall.RUSAGE_SELF) - window
	sub.Stop()
	// The worker has been waited for, and is the only child that ended.
	worker = cpuOf(b, syscall.RUSAGE_CHILDREN) - worker
	first, last := span(b, sub)
	if err := d.client.Sessions.Close(sub, ""); err != nil {
		b.Fatal(err)
	}
	return measure{rate: benchMessages / last.Sub(first).Seconds(), cpu: micros(worker, benchMessages), window: micros(window, benchMessages)}
}

// span reads when the first and the last message came: records of several
// callbacks stand in any order among their neighbours.
func span(b *testing.B, sub *session.Session) (first, last time.Time) {
	b.Helper()
	from, next := sub.Range()
	look := func(n uint64) {
		rec, err := sub.Record(n)
		if err != nil {
			b.Fatal(err)
		}
		if first.IsZero() || rec.ArrivedAt.Before(first) {
			first = rec.ArrivedAt
		}
		if rec.ArrivedAt.After(last) {
			last = rec.ArrivedAt
		}
	}
	const neighbours = 2000
	for n := range uint64(neighbours) {
		look(from + n)
		look(next - 1 - n)
	}
	return first, last
}

// load stores the messages.
func load(b *testing.B, c node, topic string) {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.Context(), 2*time.Minute)
	defer cancel()
	l, err := testcluster.NewLoader(ctx, c.BrokerAddr(0), topic, benchQueues, benchBody)
	if err != nil {
		b.Fatal(err)
	}
	defer l.Close()
	begin := time.Now()
	if err := l.Fill(ctx, benchEach); err != nil {
		b.Fatal(err)
	}
	// A broker lists what it has stored a moment later.
	var stored int64
	for limit := time.Now().Add(10 * time.Second); stored != benchMessages; time.Sleep(10 * time.Millisecond) {
		stored = 0
		for _, n := range ends(b, c, topic) {
			stored += n
		}
		if time.Now().After(limit) {
			b.Fatalf("%d of %d messages stored", stored, benchMessages)
		}
	}
	fmt.Fprintf(os.Stderr, "%d messages loaded in %v\n", stored, time.Since(begin).Round(time.Millisecond))
}
