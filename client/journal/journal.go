// Package journal keeps records on disk: a folder of segments that one process
// appends to and others follow, read by number and evict from. It survives the
// death of any of them at any moment.
//
// A journal is a folder with segments (000000000000.seg, named by the number of
// their first record), a lock file and meta.json. Records are numbered from 0
// in the order of their arrival; a number never changes and is never used
// again. One Writer in one process appends; it holds the lock, which the
// operating system drops when the process dies. A Reader never changes a
// segment; it may remove whole ones that are sealed (Evict), and only one
// process does that: the window.
//
// "On disk" means written by write(2): it survives a killed process. A sync
// every 200 ms bounds what a power loss can take.
//
// Folders are made 0700, files 0600. Segments are opened through os.Root, which
// lets a file be removed while it is open on Windows too, and read with ReadAt,
// never mapped: a truncated or removed file is an error, not a crash.
package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"gantry/client/atomicfile"
)

const (
	lockName      = "lock"
	metaName      = "meta.json"
	segmentSuffix = ".seg"
	// SegmentSize is the size from which a segment is sealed and the next one
	// begun, in bytes.
	SegmentSize = 64 << 20
)

// Errors of this package. All may come wrapped.
var (

	// ErrClosed says that the writer was closed.
	ErrClosed = errors.New("journal is closed")

	// ErrNone says that no record has that number yet.
	ErrNone = errors.New("no such record")
)

func segmentName(first uint64) string {
	return fmt.Sprintf("%012d%s", first, segmentSuffix)
}

// segments lists the numbers of the first records of all segments, ascending.
func segments(root *os.Root) ([]uint64, error) {
	d, err := root.Open(".")
	if err != nil {
		return nil, err
	}
	defer d.Close()
	names, err := d.Readdirnames(-1)
	if err != nil {
		return nil, err
	}
	var firsts []uint64
	for _, n := range names {
		if s, ok := strings.CutSuffix(n, segmentSuffix); ok {
			if v, err := strconv.ParseUint(s, 10, 64); err == nil {
				firsts = append(firsts, v)
			}
		}
	}
	slices.Sort(firsts)
	return firsts, nil
}

// WriteMeta stores v as the journal's meta.json, whole or not at all. The
// folder is made if it is missing.
func WriteMeta(dir string, v any) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(dir, metaName), append(b, '\n'))
}

func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// ReadMeta reads the journal's meta.json into v.
func ReadMeta(dir string, v any) error {
	b, err := os.ReadFile(filepath.Join(dir, metaName))
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}

// ErrForeign says that a folder holds what no journal has.
var ErrForeign = errors.New("the folder is no journal")

// Remove deletes a journal with all its records. A journal that is being
// written is not removed: fault.JournalLocked; nor is a folder with anything in it that is no
// journal's, nor one of the files named beside it: ErrForeign.
func Remove(dir string, beside ...string) error {
	if err := onlyOwn(dir, beside); err != nil {
		return err
	}
	lock, err := takeLock(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	// Windows does not remove a locked file, so the lock goes first; nothing
	// else starts a writer on a journal that the window is deleting.
	if err := lock.Unlock(); err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

// onlyOwn looks for what is not a journal's: a wrong path must not cost other files.
func onlyOwn(dir string, beside []string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return ignoreMissing(err)
	}
	for _, e := range entries {
		n := e.Name()
		own := n == lockName || strings.HasPrefix(n, metaName) || strings.HasSuffix(n, segmentSuffix) || slices.Contains(beside, n)
		if e.IsDir() || !own {
			return fmt.Errorf("%w: %s has %s", ErrForeign, dir, n)
		}
	}
	return nil
}
