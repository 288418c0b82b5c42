package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// open opens a store in a folder; what it says goes to the log that is returned.
func open(t *testing.T, dir string) (*Store, *bytes.Buffer) {
	t.Helper()
	log := &bytes.Buffer{}
	s, err := Open(Options{Dir: dir, Broker: "b", Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return s, log
}

func closeStore(t *testing.T, s *Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func size(t *testing.T, dir string) (bytes int64) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err == nil && !e.IsDir() {
			bytes += info.Size()
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return bytes
}

// TestD2Diary: changes are put together into the state file before they fill the
// disk, and nothing is lost by that, nor where the state file is all that is lost.
func TestD2Diary(t *testing.T) {
	dir := t.TempDir()
	s, _ := open(t, dir)
	long := strings.Repeat("x", 100)
	for n := range int64(100_000) {
		if n%1000 == 0 {
			if _, err := s.Offsets.Commit("topic"+long, fmt.Sprint("g", n/1000), 3, n); err != nil {
				t.Fatal(err)
			}
			continue
		}
		s.Offsets.CommitSoon("topic"+long, "often", int(n%8), n)
	}
	if _, err := s.Topics.Ensure("made", 4); err != nil {
		t.Fatal(err)
	}
	if n := size(t, filepath.Join(dir, "diary")); n > diaryMost+2*diarySegment {
		t.Errorf("the diary has %d bytes", n)
	}
	check := func(s *Store) {
		t.Helper()
		for g := range int64(100) {
			if n, has := s.Offsets.Find("topic"+long, fmt.Sprint("g", g), 3); !has || n != g*1000 {
				t.Fatalf("g%d is at %d", g, n)
			}
		}
		if n, _ := s.Offsets.Find("topic"+long, "often", 7); n != 99_999 {
			t.Errorf("it is at %d", n)
		}
		if c, has := s.Topics.Find("made"); !has || c.ReadQueues != 4 || c.Attributes == nil {
			t.Errorf("%+v", c)
		}
	}
	check(s)
	// As if killed: the folder as it is now.
	copied := t.TempDir()
	if err := os.CopyFS(filepath.Join(copied, "now"), os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	killed, _ := open(t, filepath.Join(copied, "now"))
	check(killed)
	closeStore(t, killed)
	closeStore(t, s)
	again, _ := open(t, dir)
	check(again)
	closeStore(t, again)
}

// TestD1Diary: a damaged change costs that change, is counted and named; a damaged
// state file is put aside.
func TestD1Diary(t *testing.T) {
	dir := t.TempDir()
	s, _ := open(t, dir)
	for i := range 10 {
		if err := s.Topics.Put(NewTopic(fmt.Sprint("topic", i), 3)); err != nil {
			t.Fatal(err)
		}
	}
	// As if killed: there is no state file yet.
	killed := filepath.Join(t.TempDir(), "now")
	if err := os.CopyFS(killed, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	path := filepath.Join(killed, "diary", "000000000000.seg")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[bytes.Index(b, []byte("topic4"))] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s, log := open(t, killed)
	for i := range 10 {
		if _, has := s.Topics.Find(fmt.Sprint("topic", i)); has == (i == 4) {
			t.Errorf("topic%d: %v", i, has)
		}
	}
	if !strings.Contains(log.String(), "folder=diary count=1") {
		t.Errorf("it says %s", log)
	}
	closeStore(t, s)
	if err := os.WriteFile(filepath.Join(killed, stateName), []byte(`{"topics":[`), 0o600); err != nil {
		t.Fatal(err)
	}
	s, log = open(t, killed)
	if !strings.Contains(log.String(), "file=state.json") {
		t.Errorf("it says %s", log)
	}
	if err := s.Topics.Put(NewTopic("new", 3)); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
}

// FuzzChange: whatever a diary has, it is made or left out, and what comes of it can be
// written and read again.
func FuzzChange(f *testing.F) {
	for _, seed := range []string{
		`{"topic":{"topicName":"t","readQueueNums":4,"writeQueueNums":4},"fresh":true}`, `{"group":{"groupName":"g"}}`,
		`{"deleted":"t","next":7}`, `{"deletedGroup":"g","places":true}`, `{"key":"t@g","at":{"0":5},"chosen":true}`, `{"ends":{"t":{"1":2}}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		s := &Store{ends: map[string]map[int]int64{}, Figures: newFigures(time.Now)}
		s.Topics, s.Groups, s.Offsets = newTopics(s), newGroups(s), newOffsets(s)
		var c change
		if json.Unmarshal(b, &c) != nil || c.Topic != nil && !c.Topic.sound() {
			return
		}
		s.apply(&c)
		s.apply(&c)
		again, err := json.Marshal(c)
		if err != nil || json.Unmarshal(again, &c) != nil {
			t.Fatalf("%q: %v", again, err)
		}
		for _, topic := range s.Topics.List() {
			if !topic.sound() {
				t.Errorf("%+v", topic)
			}
		}
	})
}
