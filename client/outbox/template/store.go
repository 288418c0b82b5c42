package template

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"gantry/client/atomicfile"
)

// Kind says whose templates are in a root.
type Kind string

// The kinds.
const (
	ForAll Kind = "all"     // of all connections
	ForOne Kind = "profile" // of one
	Own    Kind = "own"     // a folder that the user added, such as a checkout of git
)

// Root is a folder of templates.
type Root struct {
	Kind Kind
	Dir  string // absolute
}

// maxFile bounds a file, in bytes: headers, and a body in base64.
const maxFile = MaxHead + MaxBody/3*4 + MaxBody/(base64Line/4*3) + 64

// Permissions of what is made. A file that is replaced keeps its own.
const (
	fileMode   fs.FileMode = 0o600
	folderMode fs.FileMode = 0o700
)

// Store has the templates of one data folder.
type Store struct {
	dir string
	// mu is held by whatever changes files, so that two orders of this program do not
	// cross; those of others are noticed by versions.
	mu sync.Mutex
	// write is atomicfile.WriteIn, but for tests of a full disk.
	write func(*os.Root, string, []byte, fs.FileMode) error
}

// New returns the store that keeps templates below dir, which need not exist.
func New(dir string) *Store { return &Store{dir: dir, write: atomicfile.WriteIn} }

// Roots are the folders that a profile sees: those of all, its own, and those that the
// user added, which must be absolute. It looks at no disk.
func (s *Store) Roots(profile string, added []string) []Root {
	all := []Root{{ForAll, filepath.Join(s.dir, "all")}}
	if own, err := fileOf(profile); err == nil && same(own) != "all" {
		all = append(all, Root{ForOne, filepath.Join(s.dir, own)})
	}
	for _, dir := range added {
		all = append(all, Root{Own, filepath.Clean(dir)})
	}
	return all
}

// open opens a root. Folders of the program's own are made first if make says so; one that
// is not there is NoFolder.
func (r Root) open(make bool) (*os.Root, error) {
	if make && r.Kind != Own {
		if err := os.MkdirAll(r.Dir, folderMode); err != nil {
			return nil, err
		}
	}
	root, err := os.OpenRoot(r.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %w", NoFolder, err)
	}
	return root, err
}

// Load reads a template: Gone, Link, NoFile, or a *ParseError.
func (s *Store) Load(ref Ref) (*Template, error) {
	root, err := ref.Root.open(false)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	b, _, err := read(root, ref.Path)
	if err != nil {
		return nil, err
	}
	t := &Template{Ref: ref, Version: sha256.Sum256(b)}
	t.Text, err = Parse(b)
	return t, err
}

// Version is that of a template's file now.
func (s *Store) Version(ref Ref) (Version, error) {
	root, err := ref.Root.open(false)
	if err != nil {
		return Version{}, err
	}
	defer root.Close()
	b, _, err := read(root, ref.Path)
	return sha256.Sum256(b), err
}

// ordinary is nil for an ordinary file.
func ordinary(root *os.Root, name string) (fs.FileInfo, error) {
	info, err := root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%w: %w", Gone, err)
	case err != nil:
		return nil, err
	case info.Mode()&fs.ModeSymlink != 0:
		return nil, Link
	case !info.Mode().IsRegular():
		return nil, NoFile
	}
	return info, nil
}

// read returns what is in a file, and its permissions.
func read(root *os.Root, name string) ([]byte, fs.FileMode, error) {
	info, err := ordinary(root, name)
	if err != nil {
		return nil, 0, err
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, 0, err
	}
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err = errors.Join(err, f.Close()); err == nil && len(b) > maxFile {
		err = BodyTooLarge
	}
	return b, info.Mode().Perm(), err
}

// Create keeps a text as a new template, in a folder that is made if it is not there: an
// *ExistsError where the name is taken.
func (s *Store) Create(root Root, folder, name string, text Text) (*Template, error) {
	b, err := Encode(text)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ref, err := s.create(root, folder, name, b)
	if err != nil {
		return nil, err
	}
	text.Form.Body = ""
	return &Template{Ref: ref, Version: sha256.Sum256(b), Text: text}, nil
}

func (s *Store) create(root Root, folder, name string, b []byte) (Ref, error) {
	r, err := root.open(true)
	if err != nil {
		return Ref{}, err
	}
	defer r.Close()
	if err := CheckName(name); err != nil { // before a folder is made for it
		return Ref{}, err
	}
	dir, err := makeFolder(r, folder)
	if err != nil {
		return Ref{}, err
	}
	at, err := free(r, root, dir, name, "")
	if err != nil {
		return Ref{}, err
	}
	return Ref{root, at}, s.write(r, at, b, fileMode)
}

// free returns the path of a template in a folder, where none of its name may be but the
// file except.
func free(r *os.Root, root Root, dir, name, except string) (string, error) {
	file, err := fileOf(name)
	if err != nil {
		return "", err
	}
	entries, err := fs.ReadDir(r.FS(), dir)
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		stem, is := strings.CutSuffix(e.Name(), Ending)
		if same(e.Name()) != same(file+Ending) && (!is || same(nameOf(stem)) != same(nameOf(file))) {
			continue
		}
		has := path.Join(dir, e.Name())
		if has == except {
			continue
		}
		taken := &ExistsError{Ref: Ref{root, has}}
		if b, _, err := read(r, has); err == nil {
			taken.Version = sha256.Sum256(b)
		}
		return "", taken
	}
	return path.Join(dir, file+Ending), nil
}

// makeFolder returns the path of a folder, which it makes where none is there that differs
// in case only. No link is followed.
func makeFolder(r *os.Root, folder string) (string, error) {
	names, err := filesOf(folder)
	if err != nil {
		return "", err
	}
	dir := "."
	for _, name := range names {
		entries, err := fs.ReadDir(r.FS(), dir)
		if err != nil {
			return "", err
		}
		there := false
		for _, e := range entries {
			if same(e.Name()) != same(name) && same(nameOf(e.Name())) != same(nameOf(name)) {
				continue
			}
			if !e.IsDir() {
				return "", fmt.Errorf("%w: %s is no folder", BadName, name)
			}
			name, there = e.Name(), true
		}
		dir = path.Join(dir, name)
		if there {
			continue
		}
		if err := r.Mkdir(dir, folderMode); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// Replace puts a text in place of a template's, if its file is the version was still:
// else a *ChangedError, or Gone. Somebody who writes it in the same instant is not
// noticed.
func (s *Store) Replace(ref Ref, was Version, text Text) (*Template, error) {
	b, err := Encode(text)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.replace(ref, was, b); err != nil {
		return nil, err
	}
	text.Form.Body = ""
	return &Template{Ref: ref, Version: sha256.Sum256(b), Text: text}, nil
}

func (s *Store) replace(ref Ref, was Version, b []byte) error {
	root, err := ref.Root.open(false)
	if err != nil {
		return err
	}
	defer root.Close()
	have, mode, err := read(root, ref.Path)
	if err != nil {
		return err
	}
	if now := Version(sha256.Sum256(have)); now != was {
		return &ChangedError{now}
	}
	return s.write(root, ref.Path, b, mode)
}
