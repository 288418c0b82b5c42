package client_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/profile"
)

// TestRunWorkerIsKilled: what left is counted exactly, what has no answer is uncertain, and
// the run goes on only when it is told to.
func TestRunWorkerIsKilled(t *testing.T) {
	t.Parallel()
	on := serverOf("sandbox")
	d := on.desk(t)
	top := on.topic(t, 4)
	p := planned(top, 5_000)
	p.AtOnce = 16
	r := d.begin(p)
	left(t, r, 500)
	if err := syscall.Kill(writerPID(t, d, "sends"), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	st := over(t, r, 20*time.Second)
	if st.Phase != outbox.Interrupted || !errors.Is(st.Err, fault.WorkerDied) || st.Counts.UnderWay > 0 || st.Counts.Uncertain > 16 {
		t.Fatalf("%+v", st)
	}
	if n := held(t, on.node(t), top); n < st.Counts.Stored || n > st.Counts.Stored+st.Counts.Uncertain {
		t.Errorf("the broker holds %d, %+v", n, st.Counts)
	}
	time.Sleep(300 * time.Millisecond)
	if again := r.Status(); again.Counts != st.Counts || again.Phase != outbox.Interrupted {
		t.Errorf("it went on by itself: %+v", again)
	}
	uncertain := st.Counts.Uncertain
	if err := d.conn.Continue(r, client.Confirmed{Topic: top, Count: p.Count - r.Made(), Name: d.profile.Name}); err != nil {
		t.Fatal(err)
	}
	st = over(t, r, 90*time.Second)
	if st.Phase != outbox.Complete || st.Counts.Left() != p.Count || st.Counts.Uncertain != uncertain || st.Counts.Stored != p.Count-uncertain {
		t.Errorf("%+v, %d were uncertain", st, uncertain)
	}
}

// TestWindowIsKilledInARun: the next window lists the run as interrupted, with the counts
// of its journal, and sends nothing.
func TestWindowIsKilledInARun(t *testing.T) {
	t.Parallel()
	on := serverOf("sandbox")
	top := on.topic(t, 4)
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), runWindowEnv+"="+strings.Join([]string{dir, on.node(t).NameServer(), workerProgram(t), top}, ","))
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
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	// Its worker ends with its input.
	var last int64 = -1
	eventually(t, 20*time.Second, func() string {
		n := held(t, on.node(t), top)
		if n != last {
			last = n
			return "it still sends"
		}
		return ""
	})
	c, _ := newClient(t, dir, workerProgram(t))
	runs, err := c.Outbox.Runs("p")
	if err != nil || len(runs) != 1 || runs[0].Phase != outbox.Interrupted || runs[0].Planned != 100_000 || runs[0].Topic != top {
		t.Fatalf("%+v, %v", runs, err)
	}
	r, err := c.Outbox.Open(runs[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, func() string {
		if st := r.Status(); st.Counts.Stored+st.Counts.Uncertain < last {
			return fmt.Sprintf("the broker holds %d, %+v", last, st)
		}
		return ""
	})
	if st := r.Status(); st.Counts.Stored > last || st.Counts.Uncertain > 8 || st.Counts.UnderWay > 0 || len(c.Outbox.Working()) > 0 {
		t.Errorf("the broker holds %d, %+v", last, st)
	}
	s, err := r.Sent(7)
	if err != nil || s.Draft == nil || s.Draft.Tag != "t8" || len(s.Draft.Body) == 0 {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestRunNeedsAnAgreement: what was agreed to is what is done, or nothing is.
func TestRunNeedsAnAgreement(t *testing.T) {
	t.Parallel()
	on := serverOf("sandbox")
	top := on.topic(t, 1)
	at := on.at(t)
	at.Environment, at.Name = profile.Production, "live"
	d := deskAt(t, at, "")
	p := planned(top, 10)
	if err := d.conn.Prepare(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	for name, yes := range map[string]client.Confirmed{
		"none": {}, "another topic": {Topic: top + "x", Count: 10, Name: "live"}, "another number": {Topic: top, Count: 11, Name: "live"},
		"no name": {Topic: top, Count: 10}, "another name": {Topic: top, Count: 10, Name: "Live"},
	} {
		if _, err := d.conn.Begin(p, yes, nil); !errors.Is(err, fault.NotConfirmed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	r, err := d.conn.Begin(p, client.Confirmed{Topic: top, Count: 10, Name: "live"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	over(t, r, 20*time.Second)
	if err := d.conn.SendAgain(r, []uint64{1, 2}, client.Confirmed{Topic: top, Count: 3, Name: "live"}); !errors.Is(err, fault.NotConfirmed) {
		t.Errorf("again: %v", err)
	}
	if n := held(t, on.node(t), top); n != 10 {
		t.Errorf("the broker holds %d", n)
	}
	at.ReadOnly, at.ID = true, "other"
	quiet := deskAt(t, at, "")
	if err := quiet.conn.Prepare(t.Context(), p); !errors.Is(err, fault.ReadOnly) {
		t.Errorf("read-only: %v", err)
	}
	if _, err := quiet.conn.Begin(p, client.Confirmed{Topic: top, Count: 10, Name: "live"}, nil); !errors.Is(err, fault.ReadOnly) {
		t.Errorf("read-only: %v", err)
	}
}

// rowsOf are the single messages of a history, the newest first.
func rowsOf(t testing.TB, h *outbox.History) (out []*outbox.Sent) {
	t.Helper()
	if err := h.Refresh(); err != nil {
		t.Fatal(err)
	}
	for i := range h.Len() {
		item := h.At(i)
		if item.Of == nil {
			continue
		}
		s, err := item.Of.Sent(item.Row)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

// TestHistory: every single message is kept with what came of it, over restarts, also what
// never left and what nobody answered for.
func TestHistory(t *testing.T) {
	t.Parallel()
	on := serverOf("sandbox")
	d := on.desk(t)
	top := on.topic(t, 1)
	d.send(top, "a", "one")
	d.send(top, "b", `{"two":2}`)
	late := draft(top, "x")
	late.Deliver.At = time.Now().Add(-time.Minute)
	if r, err := d.conn.Send(t.Context(), late); err != nil || r.Status != message.StatusFailed {
		t.Fatalf("%+v, %v", r, err)
	}
	r := d.begin(planned(top, 5))
	over(t, r, 20*time.Second)
	d.send(top, "c", "three")
	h := d.client.Outbox.History(d.profile.ID)
	defer h.Close()
	var all []*outbox.Sent
	eventually(t, 20*time.Second, func() string {
		if all = rowsOf(t, h); len(all) != 4 || all[0].Arrival == nil || all[2].Arrival == nil || all[3].Arrival == nil {
			return fmt.Sprintf("%d rows", len(all))
		}
		return ""
	})
	if h.Len() != 5 || h.At(1).Run == nil || h.At(1).Run.ID != r.ID() {
		t.Errorf("%d entries, %+v", h.Len(), h.At(1))
	}
	for i, want := range []string{"three", "x", `{"two":2}`, "one"} {
		s := all[i]
		if string(s.Draft.Body) != want || s.Receipt == nil || (s.State == outbox.Failed) != (want == "x") {
			t.Errorf("row %d: %+v", i, s)
		}
		if a := s.Arrival; want != "x" && (a.Proof != message.ProofArrived || a.SeenAt.Before(s.Receipt.SentAt)) {
			t.Errorf("row %d: %+v", i, a)
		}
	}
	f, err := filter.Parse("two", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if found, unread, err := h.Find(t.Context(), f, 10, nil); err != nil || unread > 0 || len(found) != 1 || found[0].Row != all[2].Row {
		t.Errorf("%+v, %d, %v", found, unread, err)
	}
	if err := d.client.Close(); err != nil {
		t.Fatal(err)
	}
	c, _ := newClient(t, d.dir, "no-worker")
	later := c.Outbox.History("")
	defer later.Close()
	eventually(t, 20*time.Second, func() string {
		if got := rowsOf(t, later); len(got) != 4 || string(got[3].Draft.Body) != "one" || got[0].Arrival == nil {
			return fmt.Sprintf("%d rows", len(got))
		}
		return ""
	})
	if err := c.Outbox.DeleteOf(d.profile.ID); err != nil {
		t.Fatal(err)
	}
	if err := later.Refresh(); err != nil || later.Len() != 0 {
		t.Errorf("%d entries are left, %v", later.Len(), err)
	}
}

// TestUncertainSingles: the worker dies with a message under way.
func TestUncertainSingles(t *testing.T) {
	t.Parallel()
	on := serverOf("sandbox")
	d := on.desk(t)
	top := on.topic(t, 1)
	d.send(top, "", "one")
	stop := d.load(top, 4)
	pid := writerPID(t, d, "sends")
	time.Sleep(200 * time.Millisecond)
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	time.Sleep(200 * time.Millisecond)
	stored := stop()
	h := d.client.Outbox.History(d.profile.ID)
	defer h.Close()
	eventually(t, 20*time.Second, func() string {
		n, pending, have := 0, 0, map[string]bool{}
		for _, s := range rowsOf(t, h) {
			switch s.State {
			case outbox.Stored:
				n++
			case outbox.UnderWay:
				pending++
			}
			have[s.Leave.ID] = true
		}
		if pending > 0 || slices.ContainsFunc(stored, func(id string) bool { return !have[id] }) {
			return fmt.Sprintf("%d stored, %d pending, %d receipts", n, pending, len(stored))
		}
		return ""
	})
}

// TestWorkerOfHalvesIsKilled: another takes its place by itself, because half messages wait.
func TestWorkerOfHalvesIsKilled(t *testing.T) {
	t.Parallel()
	on := serverOf("sandbox")
	d := on.trader(t)
	top := on.topic(t, 1)
	r := d.half(top, "x", message.Undecided)
	if err := syscall.Kill(writerPID(t, d, "sends"), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	d.stands(r, outbox.Waiting, 1) // it answers who asks
	if err := d.decide(r, message.Commit); err != nil {
		t.Fatal(err)
	}
	d.stands(r, outbox.Committed, 1)
	d.read(r)
}

// TestBrokerIsKilledInARun: acknowledged, refused and uncertain are counted exactly, and
// held against what the broker has. It takes the sandbox's ports, and so runs alone.
func TestBrokerIsKilledInARun(t *testing.T) {
	dir := t.TempDir()
	c, log := newClient(t, dir, workerProgram(t))
	p := profile.Sandbox()
	open := func() *client.Connection {
		t.Helper()
		conn, err := c.Open(t.Context(), p, "")
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	conn := open()
	d := &desk{t: t, dir: dir, log: log, client: c, conn: conn, profile: p}
	const top = "killed-in-a-run"
	d.send(top, "", "makes the topic")
	pl := planned(top, 10_000)
	pl.AtOnce = 16
	r := d.begin(pl)
	left(t, r, 1000)
	if err := client.KillSandbox(c); err != nil {
		t.Fatal(err)
	}
	eventually(t, 30*time.Second, func() string { // refused at once while nobody listens
		if st := r.Status(); st.Counts.Failed+st.Counts.Uncertain < 10 {
			return fmt.Sprintf("%+v", st)
		}
		return ""
	})
	r.Stop(t.Context())
	st := r.Status()
	if st.Phase != outbox.Stopped || st.Counts.UnderWay > 0 || st.Counts.Left() != r.Made() {
		t.Fatalf("%+v", st)
	}
	conn = open()
	defer conn.Close()
	stored, found := st.Counts.Stored, map[string]bool{}
	_, all := (&desk{t: t, conn: conn}).find(cluster.Query{Kind: cluster.ByTime, Topic: top})
	for _, m := range all {
		found[m.ID()] = true
	}
	var certain, uncertain int64
	for row := range uint64(r.Made()) {
		s, err := r.Sent(row)
		if err != nil {
			t.Fatal(err)
		}
		switch there := found[s.Leave.ID]; s.State {
		case outbox.Stored:
			certain++
			if !there {
				t.Errorf("row %d is acknowledged and not there", row)
			}
		case outbox.Failed:
			if there {
				t.Errorf("row %d is refused and there: %+v", row, s.Receipt)
			}
		case outbox.Uncertain:
			uncertain++
		default:
			t.Errorf("row %d: %+v", row, s)
		}
	}
	if certain != stored || uncertain != st.Counts.Uncertain {
		t.Errorf("%d and %d, %+v", certain, uncertain, st.Counts)
	}
}
