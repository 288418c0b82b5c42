// Package atomicfile replaces a file whole: whoever reads it, after a crash or a
// power loss too, finds the old content or the new one. It keeps no state and may
// be called from any goroutine; who replaces one file from several decides
// which content is last. It knows nothing of the rest of Gantry.
package atomicfile

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/natefinch/atomic"
)

// Write replaces the file at path, or makes it, private to the user (0600). The new
// content is on disk before it takes the place of the old one, and the folder before
// Write returns. It is written under a random name beside path, to a file that did not
// exist: no link is followed, and a link at path is replaced itself. On an error the
// old file is as it was. The folder must exist.
func Write(path string, b []byte) error {
	dir, name := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	f, err := os.CreateTemp(dir, name+".*.new") // O_EXCL, 0600
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = atomic.ReplaceFile(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return syncFolder(dir)
}
