package e2e

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"gantry/client/admin"
	"gantry/client/journal"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/remoting"
)

// alone starts gantry -sandbox without a display and returns its addresses.
func alone(t *testing.T, exe, dir string) (cmd *exec.Cmd, nameServer, broker string) {
	t.Helper()
	cmd = exec.Command(exe, "-sandbox", "-data", dir)
	cmd.Env = []string{"HOME=" + dir}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if _, scan := fmt.Sscanf(line, "RocketMQ sandbox: name server %s broker %s", &nameServer, &broker); err != nil || scan != nil {
		t.Fatalf("%q, %v, %v", line, err, scan)
	}
	return cmd, strings.TrimSuffix(nameServer, ","), broker
}

// TestFirstStart: in an empty home the sandbox is there, a message is ready, and
// one sees it arrive. Afterwards nothing is left running.
func TestFirstStart(t *testing.T) {
	d := newDesktop(t)
	p := d.open(build(t))
	d.key("ctrl+Return") // send
	d.pause(1500 * time.Millisecond)
	d.eventually(20*time.Second, func() error {
		id, proof := d.copied(func() { d.at(receiptID) }), d.copied(func() { d.at(receiptProof) })
		if len(id) != 32 || !strings.Contains(proof, "byte for byte") {
			return fmt.Errorf("the receipt is of %q, and of its arrival it says %q", id, proof)
		}
		return nil
	})
	d.picture("sent")
	d.key("ctrl+2", "ctrl+Return") // start
	const want = "{\n  \"hello\": \"RocketMQ\",\n  \"from\": \"Gantry\"\n}"
	d.eventually(20*time.Second, func() error {
		got, err := d.readBody(firstFollowed)
		if err == nil && got != want {
			err = fmt.Errorf("the list shows %q", got)
		}
		return err
	})
	d.picture("arrived")
	workers := family(p.cmd.Process.Pid)[1:]
	if len(workers) != 3 {
		t.Errorf("%d workers: the sandbox, the sends and the follow are three", len(workers))
	}
	p.quit()
	p.checkThreads()
	for _, pid := range workers {
		if err := syscall.Kill(pid, 0); err == nil {
			t.Errorf("process %d is left", pid)
		}
	}
}

// TestManyAsAPerson: a thousand messages with dynamic values are seen before they leave,
// stopped, gone on with, and each is read back; then the run is in the history.
func TestManyAsAPerson(t *testing.T) {
	d := newDesktop(t)
	p := d.open(build(t))
	d.at(sendBody)
	d.key("ctrl+a")
	d.write(`{"n": {{seq}}, "id": "{{uuid}}"}`)
	d.key("Escape")
	d.at(sendMany)
	d.pause(500 * time.Millisecond)
	d.write("1000")
	d.key("Tab")
	d.write("100") // ten seconds, so that it is stopped before its end on a slow machine, too
	d.key("ctrl+Return")
	d.pause(1500 * time.Millisecond)
	d.picture("preview")
	answer := func() { d.key("Return") } // a question that is no danger begins on its action
	d.untilRun(answer, "")
	d.pause(time.Second)
	d.untilRun(func() { d.at(stopRun) }, outbox.Stopped)
	d.pause(1500 * time.Millisecond)
	d.picture("stopped")
	d.untilRun(func() {
		d.at(goOn)
		d.pause(time.Second)
		answer()
	}, "", outbox.Complete)
	d.untilRun(func() {}, outbox.Complete)
	d.picture("many")
	d.at(leaveRun)
	d.pause(500 * time.Millisecond)
	d.picture("history")
	d.eventually(40*time.Second, func() error {
		if got := d.copied(func() { d.at(runArrived) }); got != "1,000" {
			return fmt.Errorf("%q have arrived", got)
		}
		return nil
	})
	d.picture("history")
	p.quit()
	p.checkThreads()
}

// untilRun does something until the only run is kept as being in one of these phases: ""
// while it is at work.
func (d *desktop) untilRun(do func(), want ...outbox.Phase) {
	d.t.Helper()
	d.eventually(time.Minute, func() error {
		do()
		var run struct {
			Phase outbox.Phase
		}
		err := errors.New("there is no run")
		for range 50 {
			all, _ := filepath.Glob(filepath.Join(d.data(), "data", "sends", "*", "plan.json"))
			if len(all) == 1 {
				err = journal.ReadMeta(filepath.Dir(all[0]), &run)
				if err == nil && slices.Contains(want, run.Phase) {
					return nil
				}
			}
			time.Sleep(100 * time.Millisecond)
		}
		return fmt.Errorf("the run is in phase %q, want %q: %w", run.Phase, want, err)
	})
}

// TestWhyNotConsumed: sent, not consumed, find out why. A group leaves the message
// out by its expression; from the receipt one sees that, and of a message with
// another tag that it was consumed.
func TestWhyNotConsumed(t *testing.T) {
	need(t, "go")
	d := newDesktop(t)
	p := d.open(build(t))
	d.key("ctrl+2")
	d.pause(500 * time.Millisecond)
	d.key("ctrl+t")
	d.pause(500 * time.Millisecond)
	d.write("hello")
	d.key("Escape", "Tab", "Tab", "ctrl+a")
	d.write("refunded")
	d.key("Tab", "Right", "ctrl+Return")
	d.pause(5 * time.Second) // until the member is there
	for _, c := range []struct{ tag, want string }{
		{"paid", "Left out by the group's expression: refunded"},
		{"refunded", "The group is past it: consumed"},
	} {
		d.key("ctrl+1")
		d.pause(300 * time.Millisecond)
		d.fill(sendTagField, c.tag)
		d.key("ctrl+Return")
		d.pause(2 * time.Second)
		id := d.copied(func() { d.at(taggedReceiptID) })
		d.at(whereIsIt)
		d.eventually(30*time.Second, func() error {
			d.pause(time.Second)
			said := d.copied(func() { d.at(copyTimeline) })
			if !strings.Contains(said, c.want) || !strings.Contains(said, "hello "+id+"\n") {
				d.at(askAgain)
				return fmt.Errorf("the timeline says %q", said)
			}
			return nil
		})
		d.picture("why-" + c.tag)
	}
	p.quit("Return")
	p.checkThreads()
}

// Places in the window of the sandbox.
var (
	sendTagField = place{600, 150}
	receiptID    = place{1419, 597}
	receiptProof = place{1419, 724}
	// With a tag there is a row more.
	taggedReceiptID = place{1419, 577}
	whereIsIt       = place{1239, 525}

	sendMany     = place{861, 822}
	stopRun      = place{1405, 155}
	goOn         = place{1400, 155}
	leaveRun     = place{1022, 155}
	runArrived   = place{1419, 780}
	copyTimeline = place{1294, 388}
	askAgain     = place{1390, 388}
)

// TestSandboxLosesNothing: what it answered with success is there after a kill -9
// under load, and it ends on a signal.
func TestSandboxLosesNothing(t *testing.T) {
	need(t, "go")
	exe, dir := build(t), t.TempDir()
	cmd, _, broker := alone(t, exe, dir)
	var (
		group  sync.WaitGroup
		stored [4]int
		seen   atomic.Int64
	)
	for q := range stored {
		conn, err := remoting.Dial(t.Context(), broker, remoting.Config{})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		group.Go(func() {
			for i := 0; ; i++ {
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				_, err := conn.CallOK(ctx, &remoting.Command{Code: remoting.SendMessage, Body: fmt.Append(nil, i), ExtFields: map[string]string{
					"producerGroup": "p", "topic": "orders", "defaultTopic": "TBW102", "defaultTopicQueueNums": "4", "queueId": fmt.Sprint(q),
					"sysFlag": "0", "bornTimestamp": "1", "flag": "0", "properties": "", "reconsumeTimes": "0",
				}})
				cancel()
				if err != nil {
					return // it was killed
				}
				stored[q] = i + 1
				seen.Add(1)
			}
		})
	}
	for end := time.Now().Add(20 * time.Second); seen.Load() < 2000 && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	group.Wait()

	cmd, nameServer, _ := alone(t, exe, dir)
	a := admin.New(admin.Config{NameServers: []string{nameServer}})
	defer a.Close()
	r, err := a.Route(t.Context(), "orders")
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range r.ReadQueues() {
		at := int64(0)
		for at < int64(stored[q.ID]) {
			p, err := a.Pull(t.Context(), r, "orders", q, at, 1000)
			if err != nil || p.Next == at {
				t.Fatalf("queue %d ends at %d, %d were stored: %v", q.ID, at, stored[q.ID], err)
			}
			for b := p.Body; len(b) > 0; at++ {
				m, n, err := message.ParseStored(b)
				if err != nil || string(m.Body) != fmt.Sprint(at) || m.QueueOffset != at {
					t.Fatalf("queue %d at %d: %+v, %v", q.ID, at, m, err)
				}
				b = b[n:]
			}
		}
	}
	t.Log(stored, "stored before the kill")
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Error("it did not end well:", err)
	}
}
