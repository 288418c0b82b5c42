package template

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// watchQuiet is how long nothing may happen before changes are told, watchMost how
	// long they wait at most: a checkout changes many files.
	watchQuiet = 100 * time.Millisecond
	watchMost  = time.Second
	// watchFolders bounds how many folders are watched.
	watchFolders = 1000
)

// Watch calls changed, from a goroutine of its own, when it begins to look and whenever
// templates may have changed, until ctx ends or the system offers no more watching, which
// it says. A root that is not there is made, if it is of the program's own, else not
// watched; a folder on a network may tell nothing.
func (s *Store) Watch(ctx context.Context, roots []Root, changed func()) error {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return err
	}
	defer w.Close()
	if err := watchRoots(w, roots); err != nil {
		return err
	}
	changed()
	quiet := time.NewTimer(time.Hour)
	defer quiet.Stop()
	quiet.Stop()
	var since time.Time // the first change that was not told; zero for none
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-quiet.C:
			since = time.Time{}
			changed()
			continue
		case e, ok := <-w.Events:
			if !ok {
				return nil
			}
			if !matters(e) {
				continue
			}
			if e.Has(fsnotify.Create) {
				if err := watchBelow(w, e.Name); err != nil {
					return err
				}
			}
		case _, ok := <-w.Errors: // events were lost: look
			if !ok {
				return nil
			}
		}
		if since.IsZero() {
			since = time.Now()
		}
		quiet.Reset(min(watchQuiet, max(watchMost-time.Since(since), 0)))
	}
}

// watchRoots watches what is there, after the program's own roots were made.
func watchRoots(w *fsnotify.Watcher, roots []Root) error {
	for _, r := range roots {
		if r.Kind != Own {
			if err := os.MkdirAll(r.Dir, folderMode); err != nil {
				return err
			}
		}
		dir, err := filepath.EvalSymlinks(r.Dir) // the root itself may be a link of the user's
		if err != nil {
			continue
		}
		if err := watchBelow(w, dir); err != nil {
			return err
		}
	}
	return nil
}

// matters tells whether a change can be one of templates: not of what is hidden or half
// written.
func matters(e fsnotify.Event) bool {
	name := filepath.Base(e.Name)
	return e.Op != fsnotify.Chmod && !strings.HasPrefix(name, ".") && !strings.HasSuffix(name, ".new")
}

// watchBelow watches a folder and those in it; what is none, or is gone, is passed over.
func watchBelow(w *fsnotify.Watcher, dir string) error {
	n := len(w.WatchList())
	return filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || !d.IsDir():
			return nil
		case at != dir && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		case n >= watchFolders:
			return filepath.SkipAll
		}
		n++
		if err := w.Add(at); err != nil {
			if _, gone := os.Lstat(at); gone != nil {
				return nil
			}
			return err
		}
		return nil
	})
}
