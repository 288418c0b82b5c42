package client_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"gantry/client/profile"
	"gantry/client/session"
)

// The mistakes that the tests below must find.
var (
	// hookDiscards makes the stop hook return nothing, as seems natural: the
	// client library then commits past what it discarded.
	hookDiscards = change{file: "engine/consumer.go", old: `	if c.closing.Load() {
		select {}
	}
	return ctx.Msg, nil`, new: `	if c.closing.Load() {
		return nil, nil
	}
	return ctx.Msg, nil`}
	// slowStop leaves the time between the first line of a stop and its commit
	// long: a mistake in it then shows on any machine.
	slowStop = change{file: "engine/consumer.go", old: "const settle = 250 * time.Millisecond", new: "const settle = 600 * time.Millisecond"}
	// earlyAnswer answers before the messages are on disk, and long before.
	earlyAnswer = change{file: "worker/receiver.go", old: `	if err := s.log.Append(buf, n); err != nil {
		return engine.Block
	}`, new: `	kept := append([]byte(nil), buf...)
	go func() {
		time.Sleep(time.Second)
		_ = s.log.Append(kept, n)
	}()`}
)

func TestStopsAndStartsLoseNothing(t *testing.T) {
	t.Parallel()
	t.Run("real", func(t *testing.T) {
		if n := stopsAndStarts(t, 4, 10); n > 0 {
			t.Errorf("%d messages are in no journal", n)
		}
	})
	t.Run("slow stop", func(t *testing.T) {
		if n := stopsAndStarts(t, 1, 5, slowStop); n > 0 {
			t.Errorf("%d messages are in no journal", n)
		}
	})
	t.Run("control that discards in the stop hook", func(t *testing.T) {
		for range 5 {
			if n := stopsAndStarts(t, 1, 5, slowStop, hookDiscards); n > 0 {
				t.Logf("the control lost %d messages", n)
				return
			}
		}
		t.Error("the control lost nothing: this test cannot fail")
	})
}

// stopsAndStarts stops and starts a subscription with a sparse tag under load,
// and returns how many messages of the tag are missing in the end. What is discarded is
// lost once an answer without a match follows it: in one queue that happens on the
// slowest machine.
func stopsAndStarts(t *testing.T, queues, times int, changes ...change) int {
	plain := serverOf("sandbox")
	d := plain.desk(t, changes...)
	top := plain.topic(t, queues)
	s, all := plain.spec(t, top), plain.spec(t, top)
	s.Expression = "rare"
	witness := plain.desk(t)
	every := witness.subscribe(all)
	waitState(t, every, 20*time.Second, session.Receiving)
	sub := d.subscribe(s)
	waitState(t, sub, 20*time.Second, session.Receiving)
	stop := d.load(top, 8)
	defer stop()
	for range times {
		time.Sleep(700 * time.Millisecond)
		sub.Stop()
		d.start(sub, s)
	}
	time.Sleep(time.Second)
	stored := len(stop())
	wait(t, every, stored, 30*time.Second)
	rare := map[string]bool{}
	for _, m := range messages(t, every) {
		if m.Tag() == "rare" {
			rare[m.ID()] = true
		}
	}
	gone := 0
	end := time.Now().Add(patience(changes))
	for {
		have := map[string]bool{}
		for _, m := range messages(t, sub) {
			have[m.ID()] = true
		}
		gone = 0
		for id := range rare {
			if !have[id] {
				gone++
			}
		}
		if gone == 0 || time.Now().After(end) {
			t.Logf("%d sent, %d of the tag, %d missing", stored, len(rare), gone)
			return gone
		}
		time.Sleep(500 * time.Millisecond)
	}
}

// patience is how long a message may take at last: a slow machine needs its time
// to rebalance, and what a control lost stays lost.
func patience(changes []change) time.Duration {
	if slices.Contains(changes, hookDiscards) || slices.Contains(changes, earlyAnswer) {
		return 6 * time.Second
	}
	return 90 * time.Second
}

func TestKilledWorkerLosesNothing(t *testing.T) {
	t.Parallel()
	t.Run("real", func(t *testing.T) {
		if n := killWorkers(t); n > 0 {
			t.Errorf("%d messages are in no journal", n)
		}
	})
	t.Run("control that answers too early", func(t *testing.T) {
		for range 3 {
			if n := killWorkers(t, earlyAnswer); n > 0 {
				t.Logf("the control lost %d messages", n)
				return
			}
		}
		t.Error("the control lost nothing: this test cannot fail")
	})
}

// killWorkers kills a subscription's worker with -9 again and again under load,
// first in its first second, and returns how many messages are missing.
func killWorkers(t *testing.T, changes ...change) int {
	plain := serverOf("sandbox")
	d := plain.desk(t, changes...)
	top := plain.topic(t, 4)
	stop := d.load(top, 4)
	defer stop()
	s := plain.spec(t, top)
	sub := d.subscribe(s)
	time.Sleep(300 * time.Millisecond)
	for i := range 4 {
		pid := workerPID(t, d)
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		eventually(t, 20*time.Second, func() string {
			if st := sub.Status(); st.Restarts <= i {
				return fmt.Sprintf("%+v", st)
			}
			return ""
		})
		waitState(t, sub, 30*time.Second, session.Receiving, session.Skipping)
		time.Sleep(1200 * time.Millisecond)
	}
	stop()
	to := ends(t, plain.node(t), top)
	from := floorsOf(t, d, s.ID)
	gone := 0
	for end := time.Now().Add(patience(changes)); time.Now().Before(end); time.Sleep(500 * time.Millisecond) {
		if gone = missing(from, to, positions(t, top, sub)); gone == 0 {
			break
		}
	}
	if gone > 0 {
		// Whole ends of queues are queues that nobody took over; holes are losses.
		have := positions(t, top, sub)
		for q, end := range to {
			t.Logf("%s: from %d to %d, %d there", q, from[q], end, len(have[q]))
		}
	}
	t.Logf("%d received, %d missing, %+v", sub.Status().Received, gone, sub.Status())
	return gone
}

// workerPID finds the worker that consumes: a child of this process.
func workerPID(t *testing.T, d *desk) int { return writerPID(t, d, "journals") }

// writerPID returns the process that has a journal in a folder of a desk's data open.
func writerPID(t *testing.T, d *desk, folder string) int {
	t.Helper()
	pid := 0
	eventually(t, 10*time.Second, func() string {
		for _, p := range children(os.Getpid()) {
			fds, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", p))
			for _, fd := range fds {
				if to, err := os.Readlink(fd); err == nil && strings.HasPrefix(to, filepath.Join(d.dir, "data", folder)) && strings.HasSuffix(to, ".seg") {
					pid = p
					return ""
				}
			}
		}
		return "no worker has the journal open"
	})
	return pid
}

// children lists the processes whose parent is pid.
func children(pid int) []int {
	var out []int
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		p, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		b, err := os.ReadFile(filepath.Join("/proc", e.Name(), "stat"))
		if err != nil {
			continue
		}
		// pid (name) state ppid
		rest := string(b[strings.LastIndexByte(string(b), ')')+1:])
		if f := strings.Fields(rest); len(f) > 1 && f[1] == strconv.Itoa(pid) {
			out = append(out, p)
		}
	}
	return out
}

func TestKilledWindowLosesNothing(t *testing.T) {
	t.Parallel()
	plain := serverOf("sandbox")
	d := plain.desk(t)
	top := plain.topic(t, 4)
	dir, group := t.TempDir(), session.NewGroupName()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	stop := d.load(top, 4)
	defer stop()
	var first map[string]int64
	runtime.LockOSThread() // as in alone
	defer runtime.UnlockOSThread()
	for round := range 3 {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), windowEnv+"="+strings.Join([]string{dir, plain.node(t).NameServer(), workerProgram(t), top, group}, ","))
		cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		line := make([]byte, 7)
		if _, err := out.Read(line); err != nil || string(line) != "started" {
			t.Fatalf("the window says %q, %v", line, err)
		}
		time.Sleep([]time.Duration{400 * time.Millisecond, 3 * time.Second, 3 * time.Second}[round])
		workers := children(cmd.Process.Pid)
		if len(workers) != 1 {
			t.Fatalf("the window has %d workers", len(workers))
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		eventually(t, 20*time.Second, func() string {
			if b, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", workers[0])); err == nil && len(b) > 0 {
				return "the worker is still there"
			}
			return ""
		})
		floors := floorsOf(t, &desk{dir: dir}, "s")
		if first == nil {
			first = floors
		}
		if len(floors) != 4 || fmt.Sprint(floors) != fmt.Sprint(first) {
			t.Fatalf("round %d: floors %v, first %v", round, floors, first)
		}
	}
	stop()
	// The next window finds the list, stopped, and goes on.
	exe := workerProgram(t)
	c, _ := newClient(t, dir, exe)
	s := profile.Subscription{ID: "s", Profile: "p", Topic: top, Group: group, OwnGroup: true}
	sub, err := c.Sessions.Open(s)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, 10*time.Second, func() string {
		if sub.Status().Received == 0 {
			return "the list is empty"
		}
		return ""
	})
	if st := sub.Status(); st.State != session.Stopped {
		t.Errorf("it joined by itself: %+v", st)
	}
	conn, err := c.Open(t.Context(), d.profile, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.Start(t.Context(), sub, s); err != nil {
		t.Fatal(err)
	}
	to := ends(t, plain.node(t), top)
	eventually(t, 30*time.Second, func() string {
		if n := missing(first, to, positions(t, top, sub)); n > 0 {
			return fmt.Sprint(n, " are missing")
		}
		return ""
	})
}
