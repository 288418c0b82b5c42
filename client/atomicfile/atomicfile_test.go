package atomicfile

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// names lists a folder.
func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestE6ReplacesWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f.json")
	for _, content := range []string{"first", "the second is longer", ""} {
		if err := Write(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(path)
		if err != nil || string(got) != content {
			t.Errorf("%q, %v", got, err)
		}
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if all := names(t, filepath.Dir(path)); len(all) != 1 {
		t.Error("left behind:", all)
	}
}

// TestE6FollowsNoLink: neither the file itself nor a name that could be guessed leads
// somewhere else.
func TestE6FollowsNoLink(t *testing.T) {
	dir, other := t.TempDir(), filepath.Join(t.TempDir(), "other")
	if err := os.WriteFile(other, []byte("untouched"), 0o644); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "f.json")
	for _, link := range []string{path, path + ".new", path + ".tmp", path + ".bak"} {
		if err := os.Symlink(other, link); err != nil {
			t.Skip("no links here:", err)
		}
	}
	if err := Write(path, []byte("new")); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(other); err != nil || string(b) != "untouched" {
		t.Errorf("the link's target holds %q, %v", b, err)
	}
	if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
		t.Errorf("%v, %v", info, err)
	}
}

// TestE6FailsClean: what cannot take the file's place leaves nothing.
func TestE6FailsClean(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f.json")
	if err := os.MkdirAll(filepath.Join(path, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := Write(path, []byte("x")); err == nil {
		t.Error("a folder was replaced")
	}
	if all := names(t, dir); len(all) != 1 {
		t.Error("left behind:", all)
	}
	if err := Write(filepath.Join(dir, "missing", "f"), nil); err == nil {
		t.Error("a folder that does not exist")
	}
}

// TestE6Whole: who reads meanwhile finds one content or the other.
func TestE6Whole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	a, b := []byte(strings.Repeat("a", 100_000)), []byte(strings.Repeat("b", 70_000))
	if err := Write(path, a); err != nil {
		t.Fatal(err)
	}
	var writers sync.WaitGroup
	for _, content := range [][]byte{a, b} {
		writers.Go(func() {
			for range 20 {
				if err := Write(path, content); err != nil && runtime.GOOS != "windows" { // where readers are in the way
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	for ended := false; !ended; {
		select {
		case <-done:
			ended = true
		default:
		}
		if got, err := os.ReadFile(path); err == nil && !bytes.Equal(got, a) && !bytes.Equal(got, b) {
			t.Fatalf("%d bytes of neither", len(got))
		}
	}
}

// TestWriteIn: within a root it replaces whole, follows no link, and leaves nothing behind.
func TestWriteIn(t *testing.T) {
	dir, other := t.TempDir(), filepath.Join(t.TempDir(), "other")
	if err := os.WriteFile(other, []byte("untouched"), 0o600); err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := os.MkdirAll(filepath.Join(dir, "a", "full", "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(other, filepath.Join(dir, "a", "f")); err != nil {
		t.Log("no links here:", err)
	}
	for _, content := range []string{"first", "the second is longer", ""} {
		if err := WriteIn(root, "a/f", []byte(content), 0o640); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(dir, "a", "f")); err != nil || string(got) != content {
			t.Errorf("%q, %v", got, err)
		}
	}
	if b, err := os.ReadFile(other); err != nil || string(b) != "untouched" {
		t.Errorf("the link's target holds %q, %v", b, err)
	}
	for _, bad := range []string{"a/full", "missing/f", "../f"} {
		if err := WriteIn(root, bad, []byte("x"), 0o600); err == nil {
			t.Error("written:", bad)
		}
	}
	if all := names(t, filepath.Join(dir, "a")); len(all) != 2 {
		t.Error("left behind:", all)
	}
}
