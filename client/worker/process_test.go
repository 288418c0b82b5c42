package worker

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gantry/client/fault"
	"gantry/client/message"
)

// playEnv says which worker this test program plays when it is started as one.
const playEnv = "GANTRY_TEST_PLAY"

const token, role = "eyJrZXlJZCI6ImNvbnNwaWN1b3VzIn0", "role-of-the-test"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == Argument {
		os.Exit(play(os.Getenv(playEnv)))
	}
	dir, err := os.MkdirTemp("", "gantry-test-programs-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	programs = dir
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// programs is where tests build programs to.
var programs string

// realWorker builds the program that is nothing but a worker, without the race
// detector: the client library races by itself.
var realWorker = sync.OnceValues(func() (string, error) {
	exe := filepath.Join(programs, "worker.exe")
	out, err := exec.Command("go", "build", "-o", exe, "./testdata/worker").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build a worker: %w: %s", err, out)
	}
	return exe, nil
})

func workerProgram(t testing.TB) string {
	t.Helper()
	exe, err := realWorker()
	if err != nil {
		t.Fatal(err)
	}
	return exe
}

// play is a worker that behaves in one certain way.
func play(how string) int {
	out := &writer{w: os.Stdout}
	var job Job
	if _, err := receive(os.Stdin, &job); err != nil {
		return 9
	}
	switch how {
	case "secrets":
		fmt.Fprintf(os.Stderr, "first line\nkeys %s and %s\n%s%s\n", job.AccessKey, job.SecretKey, job.AccessKey, job.AccessKey)
		return 1
	case "long secrets":
		// One line that is longer than what is kept, cut inside a secret.
		fmt.Fprint(os.Stderr, strings.Repeat(job.AccessKey, tailSize/len(job.AccessKey)+3))
		return 1
	case "garbage":
		fmt.Println("panic: not a frame at all")
		select {}
	}
	_ = out.send(Event{Kind: Started, Listens: &Listens{NameServer: os.Getenv("rocketmq.client.localOffsetStoreDir")}}, nil)
	for {
		var c command
		raw, err := receive(os.Stdin, &c)
		if err != nil {
			return 3
		}
		switch {
		case c.Do == doStop && how != "deaf":
			return 0
		case c.Do == doSend && how == "echo":
			go func() {
				// Answers overtake each other.
				time.Sleep(time.Duration(c.ID%7) * time.Millisecond)
				r := message.Receipt{Status: message.StatusOK, Topic: c.Draft.Topic, MessageID: string(raw)}
				_ = out.send(Event{Kind: Sent, ID: c.ID, Receipt: &r}, nil)
			}()
		case c.Do != doSend:
			_ = out.send(Event{Kind: Counted, Listens: &Listens{NameServer: c.Do}}, nil)
		}
	}
}

// started starts this program as a worker that plays.
func started(t *testing.T, how string) (*Process, *heard) {
	t.Helper()
	t.Setenv(playEnv, how)
	h := &heard{events: make(chan Event, 1000)}
	p, err := Program{Path: os.Args[0]}.Start(&Job{Kind: Send, Access: Access{AccessKey: token, SecretKey: role}}, func(e Event) { h.events <- e })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	return p, h
}

// ended waits for a worker's end and returns why.
func ended(t *testing.T, p *Process, limit time.Duration) error {
	t.Helper()
	select {
	case <-p.Done():
		return p.Err()
	case <-time.After(limit):
		t.Fatalf("the worker is there after %v", limit)
		return nil
	}
}

func TestOrderlyStop(t *testing.T) {
	p, h := started(t, "orderly")
	// The library's files lie in a folder of this worker's own, which goes.
	dir := filepath.Dir(h.next(t, Started).Listens.NameServer)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		t.Fatalf("%v", err)
	}
	for _, f := range []func() error{p.Pause, p.Resume, func() error { return p.AnswerLater(true) }} {
		if err := f(); err != nil {
			t.Error(err)
		}
	}
	for _, want := range []string{doPause, doResume, doAnswer} {
		if got := h.next(t, Counted).Listens.NameServer; got != want {
			t.Errorf("the worker was told %q, want %q", got, want)
		}
	}
	begin := time.Now()
	p.Stop()
	// The race detector waits a second at the end of a process.
	if err := p.Err(); err != nil || time.Since(begin) > stopLimit-100*time.Millisecond {
		t.Errorf("stopped after %v: %v", time.Since(begin), err)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("its folder is still there: %v", err)
	}
	p.Stop()
	if p.Pause() == nil {
		t.Error("a worker that has ended can be paused")
	}
}

func TestStopKillsADeafWorker(t *testing.T) {
	p, h := started(t, "deaf")
	h.next(t, Started)
	begin := time.Now()
	p.Stop()
	if took := time.Since(begin); took < stopLimit || took > stopLimit+5*time.Second {
		t.Errorf("stopped after %v", took)
	}
	if err := p.Err(); err != nil {
		t.Errorf("a worker that was told to stop: %v", err)
	}
}

func TestKill(t *testing.T) {
	p, h := started(t, "deaf")
	h.next(t, Started)
	p.Kill()
	if err := ended(t, p, 5*time.Second); err != nil {
		t.Errorf("a worker that was killed by us: %v", err)
	}
}

func TestGarbageEndsAWorker(t *testing.T) {
	p, _ := started(t, "garbage")
	if err := ended(t, p, 5*time.Second); !errors.Is(err, fault.WorkerDied) {
		t.Errorf("%v", err)
	}
}

func TestTailHidesSecrets(t *testing.T) {
	for _, how := range []string{"secrets", "long secrets"} {
		t.Run(how, func(t *testing.T) {
			p, _ := started(t, how)
			err := ended(t, p, 5*time.Second)
			if !errors.Is(err, fault.WorkerDied) || !strings.Contains(err.Error(), "***") {
				t.Fatalf("%v", err)
			}
			if how == "secrets" && !strings.Contains(err.Error(), "first line\nkeys *** and ***") {
				t.Errorf("its last words are %v", err)
			}
			// Not even a piece of one.
			for _, s := range []string{token, role, token[len(token)-4:]} {
				if strings.Contains(err.Error(), s) {
					t.Errorf("%s stands in: %v", s, err)
				}
			}
		})
	}
}

func TestTailKeepsTheLastLines(t *testing.T) {
	l := &tail{}
	for i := range 10_000 {
		fmt.Fprintln(l, "line", i)
	}
	if got, want := l.last(), "line 9995\nline 9996\nline 9997\nline 9998\nline 9999"; got != want {
		t.Errorf("%q", got)
	}
	if len(l.b) > tailSize {
		t.Errorf("%d bytes are kept", len(l.b))
	}
	// What looks like the end of a secret goes only where something was cut.
	short := &tail{hide: []string{"of"}}
	fmt.Fprint(short, "first words")
	if got := short.last(); got != "first words" {
		t.Errorf("%q", got)
	}
	quoted := &tail{hide: secrets(&Job{Access: Access{AccessKey: `to"ken\x`, SecretKey: "ro"}})}
	fmt.Fprintf(quoted, "role ro, key %q", `to"ken\x`)
	if got := quoted.last(); got != `role ro, key "***"` {
		t.Errorf("%q", got)
	}
	if (&tail{}).last() != "" {
		t.Error("no words are some")
	}
}

func TestSendsFindTheirReceipts(t *testing.T) {
	p, h := started(t, "echo")
	h.next(t, Started)
	var group sync.WaitGroup
	for g := range 20 {
		group.Go(func() {
			for i := range 10 {
				body := fmt.Sprint(g, "/", i)
				r := p.Send(t.Context(), &message.Draft{Topic: "t", Body: []byte(body)})
				if r.Status != message.StatusOK || r.MessageID != body {
					t.Errorf("the receipt of %s: %+v", body, r)
				}
			}
		})
	}
	group.Wait()
	large := bytes.Repeat([]byte("x"), 5<<20)
	if r := p.Send(t.Context(), &message.Draft{Topic: "t", Body: large}); len(r.MessageID) != len(large) {
		t.Errorf("%d bytes of %d reached the worker", len(r.MessageID), len(large))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.sends) > 0 {
		t.Errorf("%d sends are remembered", len(p.sends))
	}
}

// TestUnansweredSends: what was handed to a worker may have been stored.
func TestUnansweredSends(t *testing.T) {
	p, h := started(t, "mute")
	h.next(t, Started)
	cancelled := errors.New("cancelled by the test")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(50*time.Millisecond, func() { cancel(cancelled) })
	begin := time.Now()
	r := p.Send(ctx, &message.Draft{Topic: "t", Body: []byte("x")})
	if r.Status != message.StatusUncertain || !errors.Is(r.Fault, cancelled) || r.Topic != "t" || r.Took <= 0 {
		t.Errorf("cancelled: %+v", r)
	}
	if took := time.Since(begin); took > 5*time.Second {
		t.Errorf("a cancelled send took %v", took)
	}
	const n = 10
	receipts := make(chan message.Receipt, n)
	for range n {
		go func() { receipts <- p.Send(t.Context(), &message.Draft{Topic: "t", Body: []byte("x")}) }()
	}
	for sending := 0; sending < n; time.Sleep(time.Millisecond) {
		p.mu.Lock()
		sending = len(p.sends)
		p.mu.Unlock()
	}
	p.Kill()
	for range n {
		if r := <-receipts; r.Status.Stored() || r.Fault == nil {
			t.Errorf("killed: %+v", r)
		}
	}
	<-p.Done()
	// This one never left.
	if r := p.Send(t.Context(), &message.Draft{Topic: "t", Body: []byte("x")}); r.Status != message.StatusFailed {
		t.Errorf("sent to a worker that has ended: %+v", r)
	}
}

func TestNoSuchProgram(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("TMP", temp) // Windows
	if _, err := (Program{Path: filepath.Join(temp, "none")}).Start(&Job{}, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%v", err)
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
