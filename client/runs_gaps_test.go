package client_test

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/journal"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
	"gantry/client/outbox/source"
	"gantry/client/profile"
	"gantry/client/worker"
)

// TestRunGoesOnOverGaps: of several messages under way some were never written down when the
// worker died, and others behind them were. The run that goes on sends those too, each with
// its own row of the source, and nothing twice.
func TestRunGoesOnOverGaps(t *testing.T) {
	t.Parallel()
	const rows = 100
	on := serverOf("sandbox")
	top := on.topic(t, 1)
	dir := t.TempDir()
	p := planned(top, rows)
	p.Body, p.JSON, p.Prove = []byte("{{line}} {{seq}}"), false, false
	fill := func(name string) error {
		f, err := os.Create(name)
		if err != nil {
			return err
		}
		defer f.Close()
		var text strings.Builder
		for i := range rows {
			fmt.Fprintf(&text, "row-%d\n", i+1)
		}
		info, err := source.Copy(t.Context(), f, strings.NewReader(text.String()), source.Text)
		p.Source = &info
		return err
	}
	before := t.TempDir()
	if err := fill(plan.SourceFile(before)); err != nil {
		t.Fatal(err)
	}
	left := func(seq int64) bool { return seq < 60 && seq%7 != 0 && seq/10 != 3 }
	died := brokenOff(t, filepath.Join(dir, "data", "sends"), p, fill, left)

	c, log := newClient(t, dir, workerProgram(t))
	of := profile.Profile{ID: "p", Name: "test", NameServers: []string{on.node(t).NameServer()}}
	conn, err := c.Open(t.Context(), of, "")
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, dir: dir, log: log, client: c, conn: conn, profile: of}
	r, err := c.Outbox.Open(died)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for seq := range int64(rows) {
		if !left(seq) {
			want = append(want, fmt.Sprintf("row-%d %d", seq+1, seq+1))
		}
	}
	eventually(t, 10*time.Second, func() string { // its journal is read
		if n := r.Made(); n != int64(rows-len(want)) {
			return fmt.Sprint(n, " were made")
		}
		return ""
	})
	if err := conn.Continue(r, client.Confirmed{Topic: top, Count: int64(len(want))}); err != nil {
		t.Fatal(err)
	}
	st := over(t, r, time.Minute)
	if c := st.Counts; st.Phase != outbox.Complete || c.Stored != int64(len(want)) || c.Left() != rows || r.Made() != rows {
		t.Errorf("%+v", st)
	}
	var got []string
	_, all := d.find(cluster.Query{Kind: cluster.ByTime, Topic: top})
	for _, m := range all {
		got = append(got, string(m.Body))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("the broker holds %q, want %q", got, want)
	}
}

// brokenOff leaves a run in a folder whose worker died when some messages had left, and
// returns its name.
func brokenOff(t *testing.T, folder string, p *plan.Plan, fill func(string) error, left func(seq int64) bool) string {
	t.Helper()
	s := outbox.New(outbox.Params{Program: worker.Program{Path: "no-worker", Folder: t.TempDir()}, Dir: folder, Log: slog.New(slog.DiscardHandler)})
	_, err := s.Begin(outbox.For{Profile: "p"}, p, worker.Access{}, nil, fill)
	runs, listed := s.Runs("p")
	s.Close()
	if err == nil || listed != nil || len(runs) != 1 {
		t.Fatalf("%v, %+v, %v", err, runs, listed)
	}
	run := filepath.Join(folder, runs[0].ID)
	m, err := p.Maker(run, map[string]string{})
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	var buf []byte
	n := 0
	for seq := range p.Count {
		made, err := m.Next(time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if !left(seq) {
			continue
		}
		made.Leave.ID = fmt.Sprint("ID", seq)
		if buf, err = message.AppendLeave(buf, &made.Leave); err != nil {
			t.Fatal(err)
		}
		n++
	}
	w, err := journal.OpenWriter(run, journal.Options{})
	if err == nil {
		err = w.Append(buf, n)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return runs[0].ID
}
