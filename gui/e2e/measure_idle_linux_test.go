package e2e

import (
	"fmt"
	"testing"
	"time"

	"gantry/client/testcluster"
)

// idleTurns is how often both windows are measured, by turns.
const idleTurns = 3

// BenchmarkIdle compares Gantry, connected to its sandbox and left alone, with an empty
// Fyne window: processor time of the window's process over half a minute, and
// what it keeps resident then, by turns.
func BenchmarkIdle(b *testing.B) {
	lock, err := testcluster.Acquire(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	defer lock.Release()
	d := newDesktop(b)
	d.unlockKeyring()
	exe := buildPackage(b, "./gui/measure")
	span := time.Duration(min(phaseSeconds(b), 30)) * time.Second
	once := func(args ...string) (used, resident float64) {
		m := d.measure(exe, args...)
		defer m.kill()
		m.paint()
		time.Sleep(10 * time.Second) // the first start connects, and is done with it
		begun := m.cpu()
		time.Sleep(span)
		return 100 * (m.cpu() - begun).Seconds() / span.Seconds(), d.resident(m.cmd.Process.Pid)
	}
	for b.Loop() {
		var theirs, ours, ratio, theirMB, ourMB []float64
		for i := range idleTurns {
			x, xMB := once("-empty")
			y, yMB := once("-data", d.data())
			theirs, ours, ratio = append(theirs, x), append(ours, y), append(ratio, y/max(x, 0.01))
			theirMB, ourMB = append(theirMB, xMB), append(ourMB, yMB)
			fmt.Printf("%d: an empty Fyne window %.2f %% of a core, %.0f MB, Gantry %.2f %%, %.0f MB\n", i+1, x, xMB, y, yMB)
		}
		fmt.Println("Idle, of one core, min median max:")
		fmt.Println("  an empty Fyne window:          ", spread(theirs, "%.2f"), "%")
		fmt.Println("  Gantry, connected:             ", spread(ours, "%.2f"), "%")
		fmt.Println("  Gantry / an empty Fyne window: ", spread(ratio, "%.2f"))
		fmt.Println("Resident then, MB, min median max:")
		fmt.Println("  an empty Fyne window:          ", spread(theirMB, "%.0f"))
		fmt.Println("  Gantry, connected:             ", spread(ourMB, "%.0f"))
		b.ReportMetric(middle(ratio), "idle-ratio")
	}
}
