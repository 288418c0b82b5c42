package e2e

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"gantry/client/journal"
	"gantry/client/profile"
	"gantry/client/testcluster"
)

const (
	loadQueues = 8
	loadBody   = 1000 // bytes
	idleFor    = 20 * time.Second
	warmRate   = 20_000
	// arrivalLimit is how long the last message may take.
	arrivalLimit = 5 * time.Minute
	// forgetAfter is a little more than Fyne keeps the texture of a text.
	forgetAfter = 70 * time.Second
)

// lastRow is where the newest message stands while the list is live and full.
var lastRow = place{600, 868}

// receiving is a measured window with one subscription that has joined, its list
// visible, and a loader that sends to it.
type receiving struct {
	b       *testing.B
	d       *desktop
	window  *measured
	broker  *broker
	loader  *testcluster.Loader
	journal *journal.Reader

	// When the window was asked for its waits last, and what it had used then.
	asked time.Time
	cpu   time.Duration
}

// startReceiving connects and subscribes by keyboard, as a person does, and
// proves that the list is seen.
func startReceiving(b *testing.B) *receiving {
	b.Helper()
	d := newDesktop(b)
	exe := buildPackage(b, "./gui/measure")
	c := testcluster.StartT(b, testcluster.Options{FullSpeed: true})
	r := &receiving{b: b, d: d, broker: newBroker(b, c)}
	r.broker.createTopic(topic, loadQueues)
	d.unlockKeyring()
	d.saveProfiles(profile.Profile{ID: "p", Name: "bench", Environment: profile.Development, NameServers: []string{c.NameServer()}, Mapping: profile.TDMQ})
	r.openWindow(exe)
	var err error
	if r.loader, err = testcluster.NewLoader(b.Context(), c.BrokerAddr(0), topic, loadQueues, loadBody); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = r.loader.Close() })
	r.fill(loadQueues)
	d.eventually(20*time.Second, func() error {
		body, err := d.readBody(firstRow)
		if err == nil && body != string(r.loader.Body()) {
			err = fmt.Errorf("the list shows %q", body)
		}
		return err
	})
	r.openJournal()
	return r
}

func (r *receiving) openWindow(exe string) {
	r.b.Helper()
	args := []string{"-data", r.d.data()}
	if dir := os.Getenv(profilesEnv); dir != "" {
		args = append(args, "-profile", dir)
	}
	r.window = r.d.measure(exe, args...)
	r.window.paint()
	r.window.waitWindow()
	r.d.key("ctrl+Return") // connect
	time.Sleep(2500 * time.Millisecond)
	r.d.subscribe()
	r.broker.waitMember(r.d.group())
}

// openJournal reads along with the window's only journal, to count.
func (r *receiving) openJournal() {
	r.b.Helper()
	dirs, err := filepath.Glob(filepath.Join(r.d.data(), "data", "journals", "*", "meta.json"))
	if err != nil || len(dirs) != 1 {
		r.b.Fatalf("%d journals, %v", len(dirs), err)
	}
	if r.journal, err = journal.OpenReader(filepath.Dir(dirs[0])); err != nil {
		r.b.Fatal(err)
	}
	r.b.Cleanup(func() { _ = r.journal.Close() })
}

// received is how many messages the journal has ever got. It reads what came
// since the last call, which takes a processor for up to seconds.
func (r *receiving) received() uint64 {
	r.b.Helper()
	for more := true; more; {
		var err error
		if _, more, err = r.journal.Poll(); err != nil {
			r.b.Fatal(err)
		}
	}
	_, next := r.journal.Range()
	return next
}

// waitReceived waits for the message with that number.
func (r *receiving) waitReceived(n uint64) {
	r.b.Helper()
	for end := time.Now().Add(arrivalLimit); r.received() < n; time.Sleep(time.Second) {
		if time.Now().After(end) {
			r.d.picture("lacking")
			r.b.Fatalf("%d of %d messages have arrived", r.received(), n)
		}
	}
}

// arrivedBy is the number of the first message, from one number on, that came
// after t. Messages of several callbacks stand in any order among their
// neighbours, so it may be some hundred off.
func (r *receiving) arrivedBy(from uint64, t time.Time) uint64 {
	_, next := r.journal.Range()
	return from + uint64(sort.Search(int(next-from), func(i int) bool {
		rec, err := r.journal.Record(from + uint64(i))
		// What is evicted is older.
		return err == nil && rec.ArrivedAt.After(t)
	}))
}

// fill sends n messages as fast as they are taken.
func (r *receiving) fill(n int) {
	r.b.Helper()
	ctx, cancel := context.WithTimeout(r.b.Context(), 5*time.Minute)
	defer cancel()
	if err := r.loader.Fill(ctx, n/loadQueues); err != nil {
		r.b.Fatal(err)
	}
}

// goLive puts the list at its newest message.
func (r *receiving) goLive() {
	r.b.Helper()
	r.d.key("End")
	time.Sleep(time.Second)
}

// checkLive proves that the list has followed to the newest message by itself:
// one that the user left would stand still.
func (r *receiving) checkLive() {
	r.b.Helper()
	row := r.d.copied(func() {
		r.d.at(lastRow)
		time.Sleep(300 * time.Millisecond)
		r.d.key("ctrl+c")
	})
	_, next := r.journal.Range()
	rec, err := r.journal.Record(next - 1)
	if err != nil {
		r.b.Fatal(err)
	}
	m, err := rec.Message()
	if err != nil {
		r.b.Fatal(err)
	}
	want := fmt.Sprintf("%s/%d\t%d", m.Broker, m.QueueID, m.QueueOffset)
	if !strings.Contains(row, want) {
		r.d.picture("not-live")
		r.b.Errorf("the last row is %q, the newest message is %q", row, want)
	}
}

// waits asks the window how long its main goroutine let functions wait, and how
// much of a processor the window took, since it was asked last.
func (r *receiving) waits() string {
	r.b.Helper()
	if _, err := r.window.in.WriteString("wait\n"); err != nil {
		r.b.Fatal(err)
	}
	f := r.window.fields("wait")
	ms := func(i int) float64 { return milliseconds(r.window.duration(f[i])) }
	cpu, now := r.window.cpu(), time.Now()
	share := 100 * (cpu - r.cpu).Seconds() / now.Sub(r.asked).Seconds()
	r.cpu, r.asked = cpu, now
	return fmt.Sprintf("main loop wait p50 %.1f, p99 %.1f, max %.1f ms (of %s), window %.0f %% of a processor", ms(0), ms(1), ms(2), f[3], share)
}

// BenchmarkMainLoop measures how long the window lets others wait while messages
// stream into its visible list.
func BenchmarkMainLoop(b *testing.B) {
	r := startReceiving(b)
	phase := time.Duration(phaseSeconds(b)) * time.Second
	for b.Loop() {
		// Java compiles what is hot, which takes a processor for a while.
		r.stream(warmRate, phase/2, "warming up")
		r.goLive()
		r.waits()
		time.Sleep(min(idleFor, phase))
		fmt.Println("idle:", r.waits())
		for _, rate := range []int{5000, 20_000} {
			r.stream(rate, phase, fmt.Sprint(rate, "/s"))
		}
	}
	r.window.quit("Return") // its workers end before their files are removed
}

// stream sends at a rate and prints what the window did meanwhile.
func (r *receiving) stream(rate int, long time.Duration, name string) {
	r.b.Helper()
	before := r.received()
	r.goLive()
	r.waits()
	begin := time.Now()
	sent, err := r.loader.Pace(r.b.Context(), rate, long)
	end := time.Now()
	waited := r.waits()
	r.d.picture(fmt.Sprint("stream-", rate))
	if err != nil {
		r.b.Fatal(err)
	}
	r.waitReceived(before + uint64(sent))
	took := end.Sub(begin).Seconds()
	inTime := r.arrivedBy(before, end) - before
	_, next := r.journal.Range()
	last, err := r.journal.Record(next - 1)
	if err != nil {
		r.b.Fatal(err)
	}
	fmt.Printf("%s: sent %.0f/s, received %.0f/s, the last %.2f s after the end; %s\n",
		name, float64(sent)/took, float64(inTime)/took, max(last.ArrivedAt.Sub(end).Seconds(), 0), waited)
	time.Sleep(2 * time.Second) // the list's last tick
	r.checkLive()
}

// BenchmarkMemory prints what the window and its workers keep resident.
func BenchmarkMemory(b *testing.B) {
	r := startReceiving(b)
	seconds := phaseSeconds(b)
	for b.Loop() {
		r.goLive()
		time.Sleep(5 * time.Second)
		fmt.Println("Resident memory, MB:")
		r.printMemory("connected, subscribed")
		for _, full := range []int{200_000, 1_000_000} {
			n := full * seconds / fullSeconds / loadQueues * loadQueues
			r.goLive()
			r.fill(n - int(r.received()))
			r.waitReceived(uint64(n))
			time.Sleep(5 * time.Second)
			r.printMemory(fmt.Sprint(r.received(), " messages of 1 KB"))
			r.checkLive()
		}
		time.Sleep(forgetAfter)
		r.printMemory(fmt.Sprintf("%.0f s later", forgetAfter.Seconds()))
	}
	r.window.quit("Return") // its workers end before their files are removed
}

// printMemory prints one line of the table.
func (r *receiving) printMemory(when string) {
	r.b.Helper()
	window := r.window.cmd.Process.Pid
	line := fmt.Sprintf("  %-30s window %4.0f", when, r.d.resident(window))
	for _, pid := range family(window)[1:] {
		line += fmt.Sprintf(", worker (%s) %4.0f", job(pid), r.d.resident(pid))
	}
	fmt.Println(line)
}

// job says what a worker does: the one of a subscription has a journal open.
func job(pid int) string {
	files, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, f := range files {
		if to, err := os.Readlink(f); err == nil && strings.Contains(to, "journals") {
			return "subscription"
		}
	}
	return "sends"
}
