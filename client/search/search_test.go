package search

import (
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"testing"

	"gantry/client/cluster"
	"gantry/client/tail"
	"gantry/client/worker"
)

// TestNothingIsLeftOfWhatDidNotBegin: a search whose worker cannot be started leaves no
// list.
func TestNothingIsLeftOfWhatDidNotBegin(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lists := filepath.Join(dir, "searches")
	_, err := Begin(Params{
		Program: worker.Program{Path: filepath.Join(dir, "none"), Folder: filepath.Join(dir, "workers")},
		Dir:     lists, Room: tail.NewRoom(lists), Log: slog.New(slog.DiscardHandler),
	}, worker.Access{}, cluster.Query{Kind: cluster.Newest, Topic: "t", Count: 1}, nil)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v", err)
	}
	for _, d := range []string{lists, filepath.Join(dir, "workers")} {
		if left, err := os.ReadDir(d); err != nil || len(left) > 0 {
			t.Errorf("left in %s: %v, %v", filepath.Base(d), left, err)
		}
	}
}
