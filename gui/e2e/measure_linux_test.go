package e2e

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"gantry/client/profile"
	"gantry/client/testcluster"
)

// The window is measured with go test ./gui/e2e -run '^$' -bench . -benchtime 1x
// -timeout 60m; the program measured is gui/measure, Gantry's window with probes.

const (
	paintPairs = 12
	// secondsEnv shortens what takes long: the seconds of a phase, and the
	// messages that memory is measured after in proportion.
	secondsEnv = "GANTRY_MEASURE_SECONDS"
	// profilesEnv is a folder for CPU profiles of the window.
	profilesEnv = "GANTRY_MEASURE_PROFILES"
	fullSeconds = 60
	// userHertz is the unit of /proc on every Linux that Go runs on.
	userHertz = 100
)

// phaseSeconds is how long a phase lasts.
func phaseSeconds(b *testing.B) int {
	b.Helper()
	v := os.Getenv(secondsEnv)
	if v == "" {
		return fullSeconds
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 {
		b.Fatalf("%s=%q is no number of seconds", secondsEnv, v)
	}
	return n
}

// measured is gui/measure as it runs.
type measured struct {
	*program
	in    *os.File
	out   *os.File
	lines *bufio.Reader
}

// measure starts gui/measure, built as exe, and notes when.
func (d *desktop) measure(exe string, args ...string) *measured {
	d.t.Helper()
	cmd := exec.Command(exe, args...)
	stdin, in, err := os.Pipe()
	if err != nil {
		d.t.Fatal(err)
	}
	out, stdout, err := os.Pipe()
	if err != nil {
		d.t.Fatal(err)
	}
	cmd.Stdin, cmd.Stdout = stdin, stdout
	cmd.Env = []string{fmt.Sprint("GANTRY_MEASURE_START=", time.Now().UnixNano())}
	m := &measured{program: d.launch(cmd), in: in, out: out, lines: bufio.NewReader(out)}
	_, _ = stdin.Close(), stdout.Close()
	return m
}

// fields reads the next line, which must begin with word, and returns the rest.
func (m *measured) fields(word string) []string {
	t := m.d.t
	t.Helper()
	if err := m.out.SetReadDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	line, err := m.lines.ReadString('\n')
	f := strings.Fields(line)
	if err != nil || len(f) == 0 || f[0] != word {
		t.Fatalf("%q instead of %q: %v\n%s", line, word, err, m.said)
	}
	return f[1:]
}

// duration reads what the program printed of a time.
func (m *measured) duration(s string) time.Duration {
	d, err := time.ParseDuration(s)
	if err != nil {
		m.d.t.Fatal(err)
	}
	return d
}

// paint waits for the first frame and returns how long it took from the start.
func (m *measured) paint() time.Duration {
	m.d.t.Helper()
	return m.duration(m.fields("paint")[0])
}

// cpu is what the program has used of processors, those of the software that
// draws for it included.
func (m *measured) cpu() time.Duration {
	m.d.t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", m.cmd.Process.Pid))
	if err != nil {
		m.d.t.Fatal(err)
	}
	// Behind the name, which may contain anything: proc(5), utime and stime.
	f := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:]))
	ticks := 0
	for _, s := range f[11:13] {
		n, err := strconv.Atoi(s)
		if err != nil {
			m.d.t.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * time.Second / userHertz
}

// kill ends the program and waits for it.
func (m *measured) kill() {
	_ = m.cmd.Process.Kill()
	<-m.done
	_, _ = m.in.Close(), m.out.Close()
}

// saveProfiles stores connections as Gantry does, before it is started.
func (d *desktop) saveProfiles(p ...profile.Profile) {
	d.t.Helper()
	if err := profile.NewStore(filepath.Join(d.data(), "config")).Save(p); err != nil {
		d.t.Fatal(err)
	}
}

// BenchmarkFirstPaint compares Gantry, with three saved connections of which
// none is open, with an empty Fyne window: from exec to the first frame, by
// turns.
func BenchmarkFirstPaint(b *testing.B) {
	// The clusters of another package would share the machine.
	lock, err := testcluster.Acquire(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer lock.Release()
	d := newDesktop(b)
	d.unlockKeyring()
	var saved []profile.Profile
	for i, env := range []profile.Environment{profile.Development, profile.Test, profile.Production} {
		saved = append(saved, profile.Profile{
			ID: fmt.Sprint("p", i), Name: fmt.Sprint("orders ", env), Environment: env, NameServers: []string{"127.0.0.1:9876"},
			ClusterID: "rocketmq-1", Namespace: "shop", Role: "reader", Mapping: profile.TDMQ,
		})
	}
	d.saveProfiles(saved...)
	exe := buildPackage(b, "./gui/measure")
	once := func(args ...string) time.Duration {
		m := d.measure(exe, args...)
		defer m.kill()
		return m.paint()
	}
	empty := func() time.Duration { return once("-empty") }
	gantry := func() time.Duration { return once("-data", d.data()) }
	// The first of all makes the caches of fonts and shaders.
	empty()
	gantry()
	for b.Loop() {
		comparePaint(b, empty, gantry)
	}
}

// comparePaint starts both by turns and prints what they took.
func comparePaint(b *testing.B, empty, gantry func() time.Duration) {
	b.Helper()
	var theirs, ours, ratio []float64
	for i := range paintPairs {
		x, y := empty(), gantry()
		theirs, ours = append(theirs, milliseconds(x)), append(ours, milliseconds(y))
		ratio = append(ratio, y.Seconds()/x.Seconds())
		fmt.Printf("%d: an empty Fyne window %.0f ms, Gantry %.0f ms\n", i+1, milliseconds(x), milliseconds(y))
	}
	fmt.Println("From exec to the first frame, min median max:")
	fmt.Println("  an empty Fyne window:          ", spread(theirs, "%.0f"), "ms")
	fmt.Println("  Gantry, three connections:     ", spread(ours, "%.0f"), "ms")
	fmt.Println("  Gantry / an empty Fyne window: ", spread(ratio, "%.2f"))
	b.ReportMetric(middle(ratio), "paint-ratio")
	b.ReportMetric(middle(ours), "paint-ms")
}

// spread prints the least, the middle and the greatest.
func spread(v []float64, format string) string {
	return fmt.Sprintf(strings.Join([]string{format, format, format}, " "), slices.Min(v), middle(v), slices.Max(v))
}

func middle(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return (v[(len(v)-1)/2] + v[len(v)/2]) / 2
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1000 }

// resident is VmRSS of a process, in MB.
func (d *desktop) resident(pid int) float64 {
	d.t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		d.t.Fatal(err)
	}
	for line := range bytes.Lines(b) {
		if f := strings.Fields(string(line)); len(f) > 1 && f[0] == "VmRSS:" {
			kb, err := strconv.ParseFloat(f[1], 64)
			if err != nil {
				d.t.Fatal(err)
			}
			return kb / 1024
		}
	}
	d.t.Fatalf("process %d has no VmRSS", pid)
	return 0
}
