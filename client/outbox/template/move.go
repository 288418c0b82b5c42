package template

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
)

// Rename gives a template another name, as Place does.
func (s *Store) Rename(ref Ref, name string) (Ref, error) {
	return s.Place(ref, ref.Root, ref.Folder(), name)
}

// Move puts a template into another folder, or another root, as Place does.
func (s *Store) Move(ref Ref, root Root, folder string) (Ref, error) {
	return s.Place(ref, root, folder, ref.Name())
}

// Place gives a template another root, folder and name; its file stays as it is, to the
// byte. An *ExistsError says that the name is taken there.
func (s *Store) Place(ref Ref, to Root, folder, name string) (Ref, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	root, err := ref.Root.open(false)
	if err != nil {
		return Ref{}, err
	}
	defer root.Close()
	if _, err := ordinary(root, ref.Path); err != nil {
		return Ref{}, err
	}
	var now Ref
	if to != ref.Root {
		b, _, err := read(root, ref.Path)
		if err != nil {
			return Ref{}, err
		}
		if now, err = s.create(to, folder, name, b); err != nil {
			return Ref{}, err
		}
		err = root.Remove(ref.Path)
		tidy(root, ref.Path)
		return now, err
	}
	if err := CheckName(name); err != nil {
		return Ref{}, err
	}
	dir := path.Dir(ref.Path)
	if folder != ref.Folder() {
		if dir, err = makeFolder(root, folder); err != nil {
			return Ref{}, err
		}
	}
	now = Ref{Root: to}
	if now.Path, err = free(root, to, dir, name, ref.Path); err != nil {
		return Ref{}, err
	}
	if err := root.Rename(ref.Path, now.Path); err != nil {
		return Ref{}, err
	}
	tidy(root, ref.Path)
	return now, nil
}

// Delete deletes a template, a damaged one or a link too, and the folders that are empty
// then.
func (s *Store) Delete(ref Ref) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	root, err := ref.Root.open(false)
	if err != nil {
		return err
	}
	defer root.Close()
	if !strings.HasSuffix(ref.Path, Ending) {
		return NoFile
	}
	info, err := root.Lstat(ref.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w: %w", Gone, err)
	case err != nil:
		return err
	case info.IsDir():
		return NoFile
	}
	if err := root.Remove(ref.Path); err != nil {
		return err
	}
	tidy(root, ref.Path)
	return nil
}

// tidy removes the folders of a file that are empty: what is not stays, for a folder is
// removed only when nothing is in it.
func tidy(root *os.Root, file string) {
	for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
		if info, err := root.Lstat(dir); err != nil || !info.IsDir() || root.Remove(dir) != nil {
			return
		}
	}
}

// Leave hands the templates of a profile that goes over to all: below a folder, or where
// that cannot be, in the root. One whose name is taken there gets another; what cannot be
// moved stays where it is, and its errors are returned.
func (s *Store) Leave(ctx context.Context, profile, folder string) error {
	if CheckFolder(folder) != nil {
		folder = ""
	}
	roots := s.Roots(profile, nil)
	if len(roots) < 2 {
		return nil
	}
	l, err := s.List(ctx, roots[1:])
	if err != nil {
		return err
	}
	for _, u := range l.Unread {
		err = errors.Join(err, u.Err)
	}
	for i := range l.Entries {
		ref := l.Entries[i].Ref
		name := ref.Name()
		for n := 2; ; n++ {
			_, why := s.Place(ref, roots[0], path.Join(folder, ref.Folder()), name)
			if !errors.Is(why, Exists) {
				err = errors.Join(err, why)
				break
			}
			name = fmt.Sprintf("%s (%d)", ref.Name(), n)
		}
	}
	return err
}
