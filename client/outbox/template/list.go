package template

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"

	"gantry/client/profile"
)

// Listing is what is in some roots.
type Listing struct {
	// Entries are in the order of their roots, then by folder and name; those of the root
	// itself come before its folders.
	Entries []Entry
	// Unread are the roots, and folders in them, that cannot be read. One of the program's
	// own that is not there yet is empty.
	Unread []Unread
	// More says that there are more than MaxListed, or below MaxDepth folders.
	More bool
}

// Unread is a folder that cannot be read.
type Unread struct {
	Root   Root
	Folder string
	Err    error
}

// Entry is a template in a list.
type Entry struct {
	Ref
	// Form is what its headers say.
	Form profile.SendForm
	// Err is what is wrong with the file, nil for nothing; a damaged body is found only
	// when it is loaded.
	Err error
}

// List reads names and headers, no bodies. Hidden files and folders are left out, and no
// link is followed. It returns early, with nothing, when ctx ends.
func (s *Store) List(ctx context.Context, roots []Root) (Listing, error) {
	w := &walk{ctx: ctx}
	for _, r := range roots {
		root, err := r.open(false)
		if err != nil {
			if r.Kind == Own || !errors.Is(err, NoFolder) {
				w.Unread = append(w.Unread, Unread{Root: r, Err: err})
			}
			continue
		}
		begin := len(w.Entries)
		w.folder(root, r, ".", 0)
		slices.SortStableFunc(w.Entries[begin:], func(a, b Entry) int {
			return cmp.Or(compare(a.Folder(), b.Folder()), compare(a.Name(), b.Name()), cmp.Compare(a.Path, b.Path))
		})
		if err := root.Close(); err != nil {
			return Listing{}, err
		}
	}
	return w.Listing, ctx.Err()
}

func compare(a, b string) int { return cmp.Compare(same(a), same(b)) }

// walk goes through the folders of roots.
type walk struct {
	Listing
	ctx    context.Context
	looked int
}

func (w *walk) folder(root *os.Root, r Root, dir string, depth int) {
	entries, err := fs.ReadDir(root.FS(), dir)
	if err != nil {
		w.Unread = append(w.Unread, Unread{r, folderOf(dir), err})
	}
	for _, e := range entries {
		if w.ctx.Err() != nil {
			return
		}
		if w.looked++; w.looked > maxLooked || len(w.Entries) >= MaxListed {
			w.More = true
			return
		}
		at := path.Join(dir, e.Name())
		switch {
		case strings.HasPrefix(e.Name(), "."):
		case e.IsDir() && depth >= MaxDepth:
			w.More = true
		case e.IsDir():
			w.folder(root, r, at, depth+1)
		case strings.HasSuffix(e.Name(), Ending):
			entry := Entry{Ref: Ref{r, at}}
			entry.Form, entry.Err = readHead(root, at)
			w.Entries = append(w.Entries, entry)
		}
	}
}

// readHead reads the headers of a file.
func readHead(root *os.Root, name string) (profile.SendForm, error) {
	none := profile.SendForm{}
	info, err := ordinary(root, name)
	if err != nil {
		return none, err
	}
	if info.Size() > maxFile {
		return none, BodyTooLarge
	}
	f, err := root.Open(name)
	if err != nil {
		return none, err
	}
	b, err := io.ReadAll(io.LimitReader(f, MaxHead+1))
	if err = errors.Join(err, f.Close()); err != nil {
		return none, err
	}
	h, err := parseHead(b)
	if err != nil {
		return none, err
	}
	return h.form, nil
}
