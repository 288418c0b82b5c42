package client_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/session"
)

// killedMidway are the counts of a redelivery that ended in the middle, held against what the broker
// has and what a further preview would leave out.
func killedMidway(t *testing.T, d *desk, r *outbox.Run, topic, group string) outbox.Counts {
	t.Helper()
	there := d.marks(topic)
	var st outbox.Status
	eventually(t, 20*time.Second, func() string { // its journal is read behind the start
		if st = r.Status(); st.Counts.Stored+st.Counts.Uncertain < int64(len(there)) || st.Counts.UnderWay > 0 {
			return fmt.Sprintf("the broker holds %d: %+v", len(there), st)
		}
		return ""
	})
	if st.Phase != outbox.Interrupted || st.Counts.Uncertain > 8 || st.Counts.Failed > 0 || st.Counts.Stored == manyDead {
		t.Fatalf("%+v", st)
	}
	n := st.Counts.Stored + st.Counts.Uncertain
	if got := int64(len(there)); got < st.Counts.Stored || got > n {
		t.Errorf("the broker holds %d: %+v", got, st.Counts)
	}
	dead := message.DeadLetterTopic(group)
	before, err := d.conn.Redelivered(t.Context(), dead, time.Now().Add(-time.Hour), []string{topic})
	if err != nil || before.Runs != 1 || before.Lost != 0 || int64(len(before.Sent)) != st.Counts.Stored || int64(len(before.Uncertain)) != st.Counts.Uncertain || len(before.Found) != len(there) {
		t.Errorf("%d sent, %d uncertain, %d of %d found: %+v, %v", len(before.Sent), len(before.Uncertain), len(before.Found), len(there), st.Counts, err)
	}
	left := 0
	for _, m := range madeDead(group, "first", manyDead) {
		if !before.Has(m.Place()) {
			left++
		}
	}
	if int64(left) != manyDead-n {
		t.Errorf("%d are not redelivered: %+v", left, st.Counts)
	}
	all, err := d.client.Diary.List()
	if err != nil || len(all) != 1 || all[0].Redelivery == nil || all[0].Redelivery.Run != r.ID() || all[0].Redelivery.Messages != manyDead {
		t.Errorf("the diary: %+v, %v", all, err)
	}
	if len(d.client.Outbox.Working()) > 0 {
		t.Error("it goes on by itself")
	}
	return st.Counts
}

// goesOn has a redelivery go on that ended in the middle: all the others arrive, and none twice.
func goesOn(t *testing.T, d *desk, r *outbox.Run, topic string, had outbox.Counts) {
	t.Helper()
	there := len(d.marks(topic))
	if err := d.conn.Continue(r, client.Confirmed{Topic: topic, Count: manyDead}); !errors.Is(err, fault.NotConfirmed) {
		t.Errorf("more than is left: %v", err)
	}
	if err := d.conn.Continue(r, client.Confirmed{Topic: topic, Count: manyDead - r.Made()}); err != nil {
		t.Fatal(err)
	}
	st := over(t, r, 90*time.Second)
	if st.Phase != outbox.Complete || st.Counts.Left() != manyDead || st.Counts.Uncertain != had.Uncertain || st.Counts.Stored != manyDead-had.Uncertain {
		t.Errorf("%+v, had %+v", st, had)
	}
	marks := d.marks(topic)
	if want := manyDead - int(had.Stored+had.Uncertain) + there; len(marks) != want {
		t.Errorf("the broker holds %d, want %d", len(marks), want)
	}
	for mark, n := range marks {
		if n != 1 {
			t.Errorf("%s is there %d times", mark, n)
		}
	}
}

// TestRedeliveryWorkerIsKilled: what left is counted exactly, the rest leaves on request only.
func TestRedeliveryWorkerIsKilled(t *testing.T) {
	t.Parallel()
	on := serverOf("sandbox")
	d, top, group := on.desk(t), on.topic(t, 4), session.NewGroupName()
	r, err := beginRedelivery(t.Context(), d.client, d.conn, top, group, madeDead(group, "first", manyDead))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(writerPID(t, d, "sends"), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if st := over(t, r, 20*time.Second); !errors.Is(st.Err, fault.WorkerDied) {
		t.Errorf("%+v", st)
	}
	goesOn(t, d, r, top, killedMidway(t, d, r, top, group))
}

// TestWindowIsKilledInARedelivery: the next window has the redelivery as it was when the whole
// program was killed, and has it go on when it is asked to: here to the group only.
func TestWindowIsKilledInARedelivery(t *testing.T) {
	t.Parallel()
	on := serverOf("sandbox")
	group := session.NewGroupName()
	top := message.RetryTopic(group)
	on.createGroup(t, group)
	makeTopic(t, on.node(t), top, 4)
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), redeliveryEnv+"="+strings.Join([]string{dir, on.node(t).NameServer(), workerProgram(t), top, group}, ","))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "started\n" {
		t.Fatalf("%q, %v", line, err)
	}
	workers := children(cmd.Process.Pid)
	if len(workers) == 0 {
		t.Fatal("nobody sends")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	eventually(t, 20*time.Second, func() string { // they end with their input
		for _, pid := range workers {
			if syscall.Kill(pid, 0) == nil {
				return fmt.Sprint(pid, " still runs")
			}
		}
		return ""
	})
	p := on.at(t)
	c, log := newClient(t, dir, workerProgram(t))
	conn, err := c.Open(t.Context(), p, on.secret)
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, dir: dir, log: log, client: c, conn: conn, profile: p}
	runs, err := c.Outbox.Runs("p")
	if err != nil || len(runs) != 1 || runs[0].Phase != outbox.Interrupted || runs[0].Planned != manyDead {
		t.Fatalf("%+v, %v", runs, err)
	}
	r, err := c.Outbox.Open(runs[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	goesOn(t, d, r, top, killedMidway(t, d, r, top, group))
}
