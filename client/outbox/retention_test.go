package outbox

import (
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"
	"time"

	"gantry/client/message"
	"gantry/client/outbox/plan"
	"gantry/client/worker"
)

// sentBy returns a store in which each of these sent a single message and one that began a
// run, which nobody could send.
func sentBy(t *testing.T, of ...For) *Store {
	t.Helper()
	s := New(Params{Program: worker.Program{Path: "no-worker"}, Dir: t.TempDir(), Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(s.Close)
	for _, f := range of {
		d := &message.Draft{ProducerGroup: "g", Topic: "t", Body: []byte("b")}
		if err := s.Note(f, d, message.Receipt{Status: message.StatusFailed, SentAt: time.Now()}); err != nil {
			t.Fatal(err)
		}
		p := &plan.Plan{Texts: plan.Texts{ProducerGroup: "g", Topic: "t", Body: []byte("b")}, Count: 2, AtOnce: 1}
		if _, err := s.Begin(f, p, worker.Access{}, nil, nil); err == nil {
			t.Fatal("a worker was started")
		}
	}
	return s
}

// ids are the journals of a profile.
func ids(t *testing.T, s *Store, profile string) (singles, runs []string) {
	t.Helper()
	all, err := s.entries()
	if err != nil {
		t.Fatal(err)
	}
	for id, m := range all {
		switch {
		case m.Profile != profile:
		case m.Run:
			runs = append(runs, id)
		default:
			singles = append(singles, id)
		}
	}
	return singles, runs
}

// TestProductionExpires: what was sent to production goes after seven days, unless it is
// kept, and that is told once.
func TestProductionExpires(t *testing.T) {
	t.Parallel()
	s := sentBy(t, For{Profile: "prod", Production: true}, For{Profile: "dev"}, For{Profile: "pinned", Production: true})
	pinned, pinnedRuns := ids(t, s, "pinned")
	for _, id := range append(pinned, pinnedRuns...) {
		if err := s.Keep(id, true); err != nil {
			t.Fatal(err)
		}
	}
	now := time.Now()
	s.Prune(now.Add(Production - time.Hour))
	if got := s.Pruned(); got != (Pruned{}) {
		t.Errorf("%+v went early", got)
	}
	s.Prune(now.Add(Production + time.Hour))
	if got := s.Pruned(); got != (Pruned{Expired: 2}) {
		t.Errorf("%+v went", got)
	}
	if got := s.Pruned(); got != (Pruned{}) {
		t.Errorf("%+v is told twice", got)
	}
	for profile, want := range map[string]int{"prod": 0, "dev": 1, "pinned": 1} {
		if singles, runs := ids(t, s, profile); len(singles) != want || len(runs) != want {
			t.Errorf("%s has %d and %d journals", profile, len(singles), len(runs))
		}
	}
	if err := s.Keep(pinned[0], false); err != nil {
		t.Fatal(err)
	}
	s.Prune(now.Add(Production + time.Hour))
	if got := s.Pruned(); got != (Pruned{Expired: 1}) {
		t.Errorf("%+v went once it was let go", got)
	}
	if err := s.Keep("../x", true); err != fs.ErrNotExist {
		t.Errorf("%v", err)
	}
}

// TestStays: the history says when something goes, and what is written later stays longer.
func TestStays(t *testing.T) {
	t.Parallel()
	s := sentBy(t, For{Profile: "prod", Production: true}, For{Profile: "dev"})
	singles, runs := ids(t, s, "prod")
	seg, err := filepath.Glob(filepath.Join(s.dir(singles[0]), "*.seg"))
	if err != nil || len(seg) != 1 {
		t.Fatal(err, seg)
	}
	written := time.Now().Add(time.Hour).Truncate(time.Second)
	if err := os.Chtimes(seg[0], written, written); err != nil {
		t.Fatal(err)
	}
	look := func(profile string) (single Stays, run Info) {
		h := s.History(profile)
		defer h.Close()
		whole(t, h, 2)
		for i := range h.Len() {
			if x := h.At(i); x.Run != nil {
				run = *x.Run
			} else {
				single = x.Of.Stays()
			}
		}
		return single, run
	}
	single, run := look("prod")
	if !single.Expires.Equal(written.Add(Production)) || single.ID != singles[0] || single.Keep {
		t.Errorf("%+v", single)
	}
	if run.ID != runs[0] || time.Until(run.Expires).Round(time.Hour) != Production {
		t.Errorf("%+v", run)
	}
	for _, id := range append(singles, runs...) {
		if err := s.Keep(id, true); err != nil {
			t.Fatal(err)
		}
	}
	if single, run = look("prod"); !single.Keep || !single.Expires.IsZero() || !run.Keep || !run.Expires.IsZero() {
		t.Errorf("%+v, %+v", single, run)
	}
	if single, run = look("dev"); !single.Expires.IsZero() || !run.Expires.IsZero() {
		t.Errorf("%+v, %+v", single, run)
	}
}

// TestOldRunsGo: where all take too much, the oldest ended ones that nobody kept.
func TestOldRunsGo(t *testing.T) {
	t.Parallel()
	s := sentBy(t, For{Profile: "a"}, For{Profile: "b"}, For{Profile: "c"})
	s.Close()
	again := New(s.p)
	t.Cleanup(again.Close)
	_, first := ids(t, again, "a")
	_, second := ids(t, again, "b")
	_, third := ids(t, again, "c")
	if err := again.Keep(first[0], true); err != nil {
		t.Fatal(err)
	}
	again.mostBytes = size(again.dir(first[0])) + size(again.dir(third[0])) + 1
	again.Prune(time.Now())
	if got := again.Pruned(); got != (Pruned{Runs: 1}) {
		t.Errorf("%+v went", got)
	}
	runs, err := again.Runs("")
	if err != nil || slices.ContainsFunc(runs, func(r Info) bool { return r.ID == second[0] }) || len(runs) != 2 {
		t.Errorf("%v: %+v", err, runs)
	}
}

// TestUsages: how much there is, by profile, and it goes in one step.
func TestUsages(t *testing.T) {
	t.Parallel()
	s := sentBy(t, For{Profile: "b", ProfileName: "beta"}, For{Profile: "a", ProfileName: "alpha"})
	d := &message.Draft{ProducerGroup: "g", Topic: "t", Body: []byte("b")}
	if err := s.Note(For{Profile: "a", ProfileName: "alpha"}, d, message.Receipt{Status: message.StatusFailed, SentAt: time.Now()}); err != nil {
		t.Fatal(err)
	}
	all, err := s.Usages(t.Context())
	if err != nil || len(all) != 2 {
		t.Fatal(err, all)
	}
	for i, want := range []Usage{{Profile: "a", ProfileName: "alpha", Sends: 2, Runs: 1}, {Profile: "b", ProfileName: "beta", Sends: 1, Runs: 1}} {
		got := all[i]
		if got.Bytes == 0 {
			t.Errorf("%+v", got)
		}
		if got.Bytes = 0; got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	if err := s.DeleteOf("a"); err != nil {
		t.Fatal(err)
	}
	if all, err = s.Usages(t.Context()); err != nil || len(all) != 1 || all[0].Profile != "b" {
		t.Errorf("%v: %+v", err, all)
	}
}

// TestPrivate: what was sent is readable by its owner only.
func TestPrivate(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	s := sentBy(t, For{Profile: "p", Production: true})
	n := 0
	err := filepath.WalkDir(s.p.Dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || path == s.p.Dir {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		n++
		want := fs.FileMode(0o600)
		if e.IsDir() {
			want = 0o700
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o", path, got)
		}
		return nil
	})
	if err != nil || n < 6 {
		t.Errorf("%d files, %v", n, err)
	}
}

// TestEnvironmentBeginsAJournal: what goes to production is not written where nothing
// expires.
func TestEnvironmentBeginsAJournal(t *testing.T) {
	t.Parallel()
	s := sentBy(t)
	dev, err := s.Book(For{Profile: "p"}, "g", false)
	if err != nil {
		t.Fatal(err)
	}
	prod, err := s.Book(For{Profile: "p", Production: true}, "g", false)
	if err != nil || prod.Job.Journal == dev.Job.Journal {
		t.Errorf("%v, %s", err, prod.Job.Journal)
	}
	if again, err := s.Book(For{Profile: "p"}, "g", false); err != nil || again.Job.Journal != dev.Job.Journal {
		t.Errorf("%v, %s", err, again.Job.Journal)
	}
	if Outlived(prod.Begun(), time.Now()) || !Outlived(prod.Begun(), time.Now().Add(25*time.Hour)) {
		t.Error("a journal is not for a day")
	}
}
