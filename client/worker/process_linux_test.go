package worker

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"gantry/client/fault"
	"gantry/client/testserver"
)

// startReal starts the real worker; its temporary folder lies in temp.
func startReal(t *testing.T, job *Job) (p *Process, h *heard, temp string) {
	t.Helper()
	exe := workerProgram(t)
	temp = t.TempDir()
	t.Setenv("TMPDIR", temp)
	h = &heard{events: make(chan Event, 1000)}
	p, err := Program{Path: exe}.Start(job, func(e Event) { h.events <- e })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p, h, temp
}

func senderJob(t *testing.T) *Job {
	return &Job{Kind: Send, Group: "g", Instance: "i", Sends: &Sends{Journal: filepath.Join(t.TempDir(), "sends")}, Access: Access{NameServers: []string{testserver.Serve(t, testserver.Silent)}, AccessKey: token, SecretKey: role}}
}

// gone checks that nothing of a worker is left: no process, not even a zombie,
// and no file.
func gone(t *testing.T, p *Process, temp string) {
	t.Helper()
	if b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.PID())); err == nil {
		t.Errorf("the process is left: %s", b)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("files are left: %v, %v", left, err)
	}
}

func TestRealWorkerRefusesABadJob(t *testing.T) {
	for name, job := range map[string]*Job{
		"unknown kind":    {Kind: "cook"},
		"no subscription": {Kind: Subscribe},
		"no journal":      {Kind: Subscribe, Group: "g", Receive: &Receive{Topic: "t", Journal: "/proc/none"}},
	} {
		t.Run(name, func(t *testing.T) {
			p, h, temp := startReal(t, job)
			if err := ended(t, p, 10*time.Second); !errors.Is(err, fault.WorkerDied) {
				t.Errorf("%v", err)
			}
			if e := h.next(t, Failed); e.Fault == nil || e.Fault.Raw == "" {
				t.Errorf("it does not say why: %+v", e)
			}
			gone(t, p, temp)
		})
	}
}

func TestRealWorkerStopsInOrder(t *testing.T) {
	p, h, temp := startReal(t, senderJob(t))
	h.next(t, Started)
	p.Stop()
	if err := p.Err(); err != nil {
		t.Error(err)
	}
	gone(t, p, temp)
}

func TestRealWorkerIsKilled(t *testing.T) {
	p, h, temp := startReal(t, senderJob(t))
	h.next(t, Started)
	p.Kill()
	if err := ended(t, p, 5*time.Second); err != nil {
		t.Error(err)
	}
	gone(t, p, temp)
}

// TestRealWorkerDies: another one's kill is not ours.
func TestRealWorkerDies(t *testing.T) {
	p, h, temp := startReal(t, senderJob(t))
	h.next(t, Started)
	if err := syscall.Kill(p.PID(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := ended(t, p, 5*time.Second); !errors.Is(err, fault.WorkerDied) || !strings.Contains(err.Error(), "killed") {
		t.Errorf("%v", err)
	}
	gone(t, p, temp)
}

func TestStopKillsAFrozenWorker(t *testing.T) {
	p, h, temp := startReal(t, senderJob(t))
	h.next(t, Started)
	if err := syscall.Kill(p.PID(), syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	// The signal needs a moment to reach every thread; its parent is told when.
	if err := unix.Waitid(unix.P_PID, p.PID(), nil, unix.WSTOPPED, nil); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	p.Stop()
	if took := time.Since(begin); took < stopLimit || took > stopLimit+5*time.Second {
		t.Errorf("a frozen worker was stopped after %v", took)
	}
	gone(t, p, temp)
}

// TestRealWorkerEndsWithItsInput: so does the window's death end it, whether it
// runs or, the longest wait of the client library, starts.
func TestRealWorkerEndsWithItsInput(t *testing.T) {
	joining := func(t *testing.T) *Job {
		return &Job{
			Kind: Subscribe, Group: "g", Instance: "i", Sends: &Sends{Journal: filepath.Join(t.TempDir(), "sends")}, Access: Access{NameServers: []string{testserver.Serve(t, testserver.Silent)}},
			Receive: &Receive{Topic: "t", Queues: 4, Journal: filepath.Join(t.TempDir(), "j")},
		}
	}
	for name, c := range map[string]struct {
		job func(*testing.T) *Job
		// ready waits until it does what the name says.
		ready func(*testing.T, *Job, io.Reader)
	}{
		"running": {senderJob, func(t *testing.T, _ *Job, out io.Reader) {
			var e Event
			if _, err := receive(out, &e); err != nil || e.Kind != Started {
				t.Fatalf("%+v, %v", e, err)
			}
		}},
		"starting": {joining, func(t *testing.T, j *Job, _ io.Reader) {
			for end := time.Now().Add(5 * time.Second); ; time.Sleep(time.Millisecond) {
				if segs, _ := filepath.Glob(filepath.Join(j.Receive.Journal, "*.seg")); len(segs) > 0 {
					return
				}
				if time.Now().After(end) {
					t.Fatal("the journal is not opened")
				}
			}
		}},
		"without a job": {func(*testing.T) *Job { return nil }, func(*testing.T, *Job, io.Reader) {}},
	} {
		t.Run(name, func(t *testing.T) {
			cmd := exec.Command(workerProgram(t), Argument)
			in, err := cmd.StdinPipe()
			if err != nil {
				t.Fatal(err)
			}
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			job := c.job(t)
			if job != nil {
				if err := (&writer{w: in}).send(job, nil); err != nil {
					t.Fatal(err)
				}
			}
			c.ready(t, job, out)
			late := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
			defer late.Stop()
			begin := time.Now()
			if err := in.Close(); err != nil {
				t.Fatal(err)
			}
			err = cmd.Wait()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() < 1 {
				t.Errorf("it ended with %v", err)
			}
			if took := time.Since(begin); took > 5*time.Second { // at once, on a machine with time
				t.Errorf("it ended %v after its input", took)
			}
		})
	}
}
