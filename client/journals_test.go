package client_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gantry/client"
	"gantry/client/fault"
	"gantry/client/journal"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/session"
)

// offline is a Gantry that is connected to nothing.
func offline(t *testing.T) (*client.Client, string) {
	t.Helper()
	dir := t.TempDir()
	c, _ := newClient(t, dir, "no-worker")
	return c, filepath.Join(dir, "data", "journals")
}

// leave makes a journal of n messages as a subscription that is gone left it.
func leave(t *testing.T, dir string, n int, meta map[string]any) {
	t.Helper()
	w, err := journal.OpenWriter(dir, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if err := w.Append(message.AppendMessage(nil, &message.Message{Topic: "t", QueueOffset: int64(i), Body: []byte("x")}), 1); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if meta == nil {
		return
	}
	if err := journal.WriteMeta(dir, meta); err != nil {
		t.Fatal(err)
	}
}

// age makes a journal's files that old.
func age(t *testing.T, dir string, at time.Time) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.seg"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%v, %v", files, err)
	}
	for _, f := range files {
		if err := os.Chtimes(f, at, at); err != nil {
			t.Fatal(err)
		}
	}
}

func ids(ls []session.Leftover) []string {
	out := []string{}
	for _, l := range ls {
		out = append(out, l.ID)
	}
	return out
}

func leftovers(t *testing.T, c *client.Client, known ...string) []session.Leftover {
	t.Helper()
	ls, err := c.Sessions.Leftovers(known)
	if err != nil {
		t.Fatal(err)
	}
	return ls
}

func TestLeftovers(t *testing.T) {
	c, dir := offline(t)
	if ls := leftovers(t, c); len(ls) > 0 {
		t.Errorf("a first start has leftovers: %v", ls)
	}
	at := time.Now().Add(-time.Hour).Truncate(time.Second)
	leave(t, filepath.Join(dir, "old"), 3, map[string]any{
		"profileName": "orders", "topic": "t", "group": "g", "first": at.Add(-time.Hour), "opened": at.Add(-2 * time.Minute),
	})
	age(t, filepath.Join(dir, "old"), at)
	leave(t, filepath.Join(dir, "opened"), 0, map[string]any{"opened": at.Add(time.Minute), "keptName": "the proof"})
	age(t, filepath.Join(dir, "opened"), at.Add(-time.Hour))
	leave(t, filepath.Join(dir, "known"), 1, nil)
	leave(t, filepath.Join(dir, ".hidden"), 1, nil)
	if err := os.WriteFile(filepath.Join(dir, "a-file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	ls := leftovers(t, c, "known", "not-there")
	if got := ids(ls); !slices.Equal(got, []string{"opened", "old"}) {
		t.Fatalf("leftovers %v, newest first", got)
	}
	want := session.Leftover{
		ID: "old", ProfileName: "orders", Topic: "t", Group: "g", First: at.Add(-time.Hour), Last: at, Written: at, Bytes: ls[1].Bytes, Messages: 3,
	}
	if got := ls[1]; !got.First.Equal(want.First) || !got.Last.Equal(want.Last) || !got.Written.Equal(want.Written) || got.Bytes <= 0 {
		t.Errorf("%+v, want %+v", got, want)
	} else if got.First, got.Last, got.Written = want.First, want.Last, want.Written; got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	if got := ls[0]; got.KeptName != "the proof" || !got.Last.Equal(at.Add(time.Minute)) || got.Messages != 0 {
		t.Errorf("%+v", got)
	}
}

// TestDamagedMetaHidesNoMessages: what meta.json says is lost, the messages are
// not, and they can be kept and deleted.
func TestDamagedMetaHidesNoMessages(t *testing.T) {
	for name, meta := range map[string]string{"torn": `{"topic": "t", "gr`, "empty": "", "other": `["a"]`, "types": `{"topic": 5}`} {
		t.Run(name, func(t *testing.T) {
			c, dir := offline(t)
			leave(t, filepath.Join(dir, "j"), 2, nil)
			if err := os.WriteFile(filepath.Join(dir, "j", "meta.json"), []byte(meta), 0o600); err != nil {
				t.Fatal(err)
			}
			if ls := leftovers(t, c); len(ls) != 1 || ls[0].Messages != 2 || ls[0].Last.IsZero() {
				t.Errorf("%+v", ls)
			}
			sub, err := c.Sessions.Open(profile.Subscription{ID: "j", Topic: "t", Group: "g"})
			if err != nil {
				t.Fatal(err)
			}
			wait(t, sub, 2, 20*time.Second)
			if err := c.Sessions.Close(sub, "again"); err != nil {
				t.Error(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "j", "meta.json"), []byte(meta), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := c.Sessions.KeepLeftover("j", "kept"); err != nil {
				t.Errorf("it cannot be kept: %v", err)
			}
			if ls := leftovers(t, c); len(ls) != 1 || ls[0].KeptName != "kept" || ls[0].Messages != 2 {
				t.Errorf("%+v", ls)
			}
		})
	}
}

func TestKeepAndDeleteLeftovers(t *testing.T) {
	c, dir := offline(t)
	for _, id := range []string{"a", "b"} {
		leave(t, filepath.Join(dir, id), 2, map[string]any{"topic": "topic-" + id})
		age(t, filepath.Join(dir, id), time.Now().Add(-time.Hour))
	}
	if err := c.Sessions.KeepLeftover("a", "my proof"); err != nil {
		t.Fatal(err)
	}
	if ls := leftovers(t, c); ls[0].ID != "a" || ls[0].KeptName != "my proof" || ls[0].Topic != "topic-a" || time.Since(ls[0].Last) > time.Minute {
		t.Errorf("%+v", ls[0])
	}
	if err := c.Sessions.DeleteLeftover("b"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "b")); !os.IsNotExist(err) {
		t.Errorf("the folder is still there: %v", err)
	}
	if got := ids(leftovers(t, c)); !slices.Equal(got, []string{"a"}) {
		t.Errorf("%v", got)
	}
	if err := c.Sessions.DeleteLeftover("b"); err != nil {
		t.Errorf("deleting it again: %v", err)
	}
}

func TestReleasedListsAreLeftOver(t *testing.T) {
	c, dir := offline(t)
	for id, p := range map[string]string{"one": "p", "two": "q"} {
		leave(t, filepath.Join(dir, id), 1, nil)
		if _, err := c.Sessions.Open(profile.Subscription{ID: id, Profile: p, Topic: "t", Group: "g"}); err != nil {
			t.Fatal(err)
		}
	}
	if got := leftovers(t, c); len(got) != 0 {
		t.Errorf("open lists are left over: %v", ids(got))
	}
	c.Sessions.Release("p")
	if got := ids(leftovers(t, c)); !slices.Equal(got, []string{"one"}) {
		t.Errorf("left over: %v", got)
	}
	sub, err := c.Sessions.Open(profile.Subscription{ID: "one", Profile: "p", Topic: "t", Group: "g"})
	if err != nil {
		t.Fatal(err)
	}
	if first, next := sub.Range(); next == first {
		t.Error("the list is empty when it is opened again")
	}
}

func TestWhatIsUsedIsNotDeleted(t *testing.T) {
	c, dir := offline(t)
	leave(t, filepath.Join(dir, "open"), 1, nil)
	sub, err := c.Sessions.Open(profile.Subscription{ID: "open", Topic: "t", Group: "g"})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Sessions.DeleteLeftover("open"); !errors.Is(err, fault.AlreadyRunning) {
		t.Errorf("a journal that is open: %v", err)
	}
	// A worker that outlived its window writes on.
	w, err := journal.OpenWriter(filepath.Join(dir, "written"), journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Sessions.DeleteLeftover("written"); !errors.Is(err, fault.JournalLocked) {
		t.Errorf("a journal that is written: %v", err)
	}
	// The one that is open is not left over.
	if got := ids(leftovers(t, c)); !slices.Equal(got, []string{"written"}) {
		t.Errorf("left over: %v", got)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := c.Sessions.DeleteLeftover("written"); err != nil {
		t.Errorf("nobody writes it any more: %v", err)
	}
	if err := c.Sessions.Close(sub, ""); err != nil {
		t.Fatal(err)
	}
	if got := leftovers(t, c); len(got) != 0 {
		t.Errorf("closing did not delete: %v", ids(got))
	}
}

func TestCloseKeepsUnderAName(t *testing.T) {
	c, dir := offline(t)
	leave(t, filepath.Join(dir, "s"), 2, map[string]any{"topic": "t", "group": "g", "profileName": "p"})
	sub, err := c.Sessions.Open(profile.Subscription{ID: "s", Topic: "t", Group: "g"})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Sessions.Close(sub, "the proof"); err != nil {
		t.Fatal(err)
	}
	ls := leftovers(t, c)
	if len(ls) != 1 || ls[0].KeptName != "the proof" || ls[0].Messages != 2 || ls[0].Topic != "t" || ls[0].ProfileName != "p" {
		t.Errorf("%+v", ls)
	}
}

// TestExpire deletes what is not kept, not known and not opened for a week, by
// the clock that it is given.
func TestExpire(t *testing.T) {
	c, dir := offline(t)
	const week = 7 * 24 * time.Hour
	at := time.Now().Add(-time.Hour).Truncate(time.Second)
	for id, meta := range map[string]map[string]any{
		"unkept": {"opened": at}, "kept": {"opened": at, "keptName": "proof"}, "known": {"opened": at},
		"opened-later": {"opened": at.Add(time.Hour)}, "no-meta": nil,
	} {
		leave(t, filepath.Join(dir, id), 1, meta)
		age(t, filepath.Join(dir, id), at)
	}
	expire := func(now time.Time, want ...string) {
		t.Helper()
		gone, err := c.Sessions.Expire([]string{"known"}, now)
		if err != nil {
			t.Fatal(err)
		}
		got := ids(gone)
		slices.Sort(got)
		if !slices.Equal(got, append([]string{}, want...)) {
			t.Errorf("gone %v, want %v", got, want)
		}
	}
	expire(at.Add(week))
	expire(at.Add(week+time.Second), "no-meta", "unkept")
	expire(at.Add(week + time.Second))
	expire(at.Add(week+2*time.Hour), "opened-later")
	expire(at.Add(100 * week))
	left := ids(leftovers(t, c))
	slices.Sort(left)
	if !slices.Equal(left, []string{"kept", "known"}) {
		t.Errorf("left %v", left)
	}
}

// TestProductionListsExpire a week after they were written, however often they are opened,
// unless they are kept.
func TestProductionListsExpire(t *testing.T) {
	c, dir := offline(t)
	const week = 7 * 24 * time.Hour
	at := time.Now().Add(-time.Hour).Truncate(time.Second)
	for id, meta := range map[string]map[string]any{
		"prod": {"opened": at.Add(week), "production": true, "profile": "p"}, "dev": {"opened": at.Add(week)},
		"kept": {"opened": at, "production": true, "keptName": "proof"}, "known": {"opened": at, "production": true},
	} {
		leave(t, filepath.Join(dir, id), 1, meta)
		age(t, filepath.Join(dir, id), at)
	}
	if gone, err := c.Sessions.Expire([]string{"known"}, at.Add(week)); err != nil || len(gone) > 0 {
		t.Errorf("%v went early, %v", ids(gone), err)
	}
	gone, err := c.Sessions.Expire([]string{"known"}, at.Add(week+time.Second))
	if err != nil || len(gone) != 1 || gone[0].ID != "prod" || !gone[0].Production || gone[0].Profile != "p" {
		t.Errorf("%+v, %v", gone, err)
	}
}

func TestOneGantryInAFolder(t *testing.T) {
	dir := t.TempDir()
	first, _ := newClient(t, dir, "")
	_, err := client.New(client.Params{Folders: client.FoldersIn(dir)})
	if !errors.Is(err, fault.FolderInUse) {
		t.Fatalf("%v", err)
	}
	for _, want := range []string{filepath.Join(dir, "data"), fmt.Sprint("process ", os.Getpid())} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name %s", err, want)
		}
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := client.New(client.Params{Folders: client.FoldersIn(dir)})
	if err != nil {
		t.Fatalf("the first has gone: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

// TestAllJournalsTogether: whoever receives makes room for what the others keep.
// A sparse file stands for them.
func TestAllJournalsTogether(t *testing.T) {
	for name, beside := range map[string]int64{"others are full": 8 << 30, "others are empty": 0} {
		t.Run(name, func(t *testing.T) {
			c, dir := offline(t)
			other := filepath.Join(dir, "other")
			leave(t, other, 0, nil)
			if err := os.Truncate(filepath.Join(other, "000000000000.seg"), beside); err != nil {
				t.Fatal(err)
			}
			w, err := journal.OpenWriter(filepath.Join(dir, "s"), journal.Options{Segment: 8 << 20})
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close()
			const records = 80
			for i := range records {
				m := &message.Message{Topic: "t", QueueOffset: int64(i), Body: make([]byte, 1<<20)}
				if err := w.Append(message.AppendMessage(nil, m), 1); err != nil {
					t.Fatal(err)
				}
			}
			sub, err := c.Sessions.Open(profile.Subscription{ID: "s", Topic: "t", Group: "g"})
			if err != nil {
				t.Fatal(err)
			}
			wait(t, sub, records, 20*time.Second)
			eventually(t, 20*time.Second, func() string {
				st := sub.Status()
				// One segment of the usual size always has room.
				full := st.KeptBytes <= journal.SegmentSize && st.Evicted >= 16 && st.Evicted < 40
				if beside > 0 && !full || beside == 0 && st.Evicted > 0 {
					return fmt.Sprintf("%+v", st)
				}
				return ""
			})
			first, next := sub.Range()
			if _, err := sub.Record(next - 1); err != nil {
				t.Error(err)
			}
			if _, err := sub.Record(first - 1); beside > 0 && !errors.Is(err, fault.Evicted) {
				t.Errorf("an evicted record: %v", err)
			}
		})
	}
}

// TestE8WorkersThatDied: what a worker left that was killed together with its window is
// removed at the next start, and nothing else.
func TestE8WorkersThatDied(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	left := filepath.Join(dir, "data", "workers", "gantry-worker-1")
	other := filepath.Join(dir, "data", "workers", "notes")
	for _, d := range []string{filepath.Join(left, "offsets"), other} {
		if err := os.MkdirAll(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	newClient(t, dir, "")
	if _, err := os.Stat(left); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is left: %v", err)
	}
	if _, err := os.Stat(other); err != nil {
		t.Error(err)
	}
}
