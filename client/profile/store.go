package profile

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"gantry/client/atomicfile"
)

// version is the form of profiles.json and settings.json that this program
// writes. A file of a higher version is not touched.
const version = 1

// Errors of the stores.
var (
	// ErrNewer says that a newer Gantry wrote the file. It is left as it is,
	// and saving is refused.
	ErrNewer = errors.New("file was written by a newer Gantry")
	// ErrCorrupt says that the file could not be read as what it should be.
	ErrCorrupt = errors.New("file is damaged")
)

type file struct {
	Version  int       `json:"version"`
	Profiles []Profile `json:"profiles"`
}

func parse(b []byte) (*file, error) {
	written, err := fileVersion(b)
	if err != nil {
		return nil, err
	}
	var f file
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if written < 1 || f.Profiles == nil {
		return nil, fmt.Errorf("%w: no connections in it", ErrCorrupt)
	}
	for _, p := range f.Profiles {
		if p.ID == "" {
			return nil, fmt.Errorf("%w: a connection without an id", ErrCorrupt)
		}
	}
	return &f, nil
}

// fileVersion reads the form that a file has: ErrNewer where we do not know it.
func fileVersion(b []byte) (int, error) {
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if head.Version > version {
		return 0, fmt.Errorf("%w: version %d", ErrNewer, head.Version)
	}
	return head.Version, nil
}

// Loaded says how a file was found.
type Loaded struct {
	// SetAside is where a damaged file was moved, or "".
	SetAside string
	// Err is ErrCorrupt or ErrNewer with what was wrong, or another error of
	// reading; nil when the file was good or missing.
	Err error
}

// Store keeps profiles in one file, which is replaced whole; the one before is
// kept beside it as .bak.
type Store struct {
	path string
	mu   sync.Mutex
	// locked is why nothing may be written: the file is a newer program's, or
	// could not be read and not be set aside.
	locked error
}

// NewStore returns the store whose file is profiles.json in dir.
func NewStore(dir string) *Store { return &Store{path: filepath.Join(dir, "profiles.json")} }

// Load reads the profiles. A damaged file is moved aside and said; then there
// are no profiles. A newer file stays where it is, and Save is refused.
func (s *Store) Load() ([]Profile, Loaded) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var f *file
	l := load(s.path, func(b []byte) (err error) { f, err = parse(b); return err })
	if l.Err != nil && l.SetAside == "" {
		s.locked = l.Err
	}
	if f == nil {
		return nil, l
	}
	return f.Profiles, l
}

// Save replaces the file.
func (s *Store) Save(ps []Profile) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.locked != nil {
		return s.locked
	}
	if ps == nil {
		ps = []Profile{}
	}
	b, err := Export(ps)
	if err != nil {
		return err
	}
	return replace(s.path, b)
}

// load reads a file and sets it aside if it is damaged.
func load(path string, parse func([]byte) error) Loaded {
	b, err := read(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return Loaded{}
	case err == nil:
		err = parse(b)
	case !errors.Is(err, ErrCorrupt):
		return Loaded{Err: err}
	}
	if err != nil {
		l := Loaded{Err: err}
		if errors.Is(err, ErrCorrupt) {
			aside := fmt.Sprintf("%s.damaged-%s", path, time.Now().Format("20060102-150405.000"))
			if err := os.Rename(path, aside); err != nil {
				l.Err = errors.Join(l.Err, err)
			} else {
				l.SetAside = aside
			}
		}
		return l
	}
	return Loaded{}
}

// mostFile bounds a file that is read, in bytes: forms hold bodies.
const mostFile = 256 << 20

func read(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > mostFile {
		return nil, fmt.Errorf("%w: %d bytes", ErrCorrupt, info.Size())
	}
	return io.ReadAll(io.LimitReader(f, mostFile))
}

// replace writes a file in one step, private to the user, and keeps the one
// before as .bak.
func replace(path string, b []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if old, err := read(path); err == nil {
		if err := atomicfile.Write(path+".bak", old); err != nil {
			return err
		}
	}
	return atomicfile.Write(path, b)
}
