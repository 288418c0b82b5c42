package template

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// Bundle is templates to be taken over: those that were chosen, of a folder, or of a zip.
// Their bytes are read when they are taken. Close it.
type Bundle struct {
	items []item
	// Failed are those that cannot be taken: links, names that nobody can have.
	Failed []Failure
	close  func() error
}

// item is one template of a bundle.
type item struct {
	folder, name string
	read         func() ([]byte, error)
}

// Failure is a template that was not taken.
type Failure struct {
	Path string // folder and name
	Err  error
}

// Len is how many templates there are.
func (b *Bundle) Len() int { return len(b.items) }

// Close closes what it is read from.
func (b *Bundle) Close() error {
	if b.close == nil {
		return nil
	}
	return b.close()
}

// Chosen are templates of the store.
func (s *Store) Chosen(refs []Ref) *Bundle {
	b := &Bundle{}
	for _, ref := range refs {
		b.items = append(b.items, item{ref.Folder(), ref.Name(), func() ([]byte, error) {
			root, err := ref.Root.open(false)
			if err != nil {
				return nil, err
			}
			defer root.Close()
			data, _, err := read(root, ref.Path)
			return data, err
		}})
	}
	return b
}

// InFolder are the templates of a folder, which is one of anybody's.
func (s *Store) InFolder(ctx context.Context, dir string) (*Bundle, error) {
	l, err := s.List(ctx, []Root{{Own, dir}})
	if err != nil {
		return nil, err
	}
	if len(l.Unread) > 0 && len(l.Entries) == 0 {
		return nil, l.Unread[0].Err
	}
	var good []Ref
	var failed []Failure
	for _, e := range l.Entries {
		if e.Err != nil {
			failed = append(failed, Failure{title(e.Folder(), e.Name()), e.Err})
			continue
		}
		good = append(good, e.Ref)
	}
	b := s.Chosen(good)
	b.Failed = failed
	return b, nil
}

// title is folder and name in one.
func title(folder, name string) string { return path.Join(folder, name) }

// InZip are the templates of a zip.
func (s *Store) InZip(file string) (*Bundle, error) {
	z, err := zip.OpenReader(file)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // such a path is refused below
		return nil, err
	}
	b := &Bundle{close: z.Close}
	for _, f := range z.File {
		name := f.Name
		if !utf8.ValidString(name) { // as Windows in China writes it
			if name, err = simplifiedchinese.GB18030.NewDecoder().String(name); err != nil {
				name = f.Name
			}
		}
		if !strings.HasSuffix(name, Ending) || strings.HasPrefix(path.Base(name), ".") || f.Mode().IsDir() {
			continue
		}
		i := item{folderOf(path.Dir(name)), nameOf(strings.TrimSuffix(path.Base(name), Ending)), func() ([]byte, error) { return unzip(f) }}
		err := errors.Join(CheckFolder(i.folder), CheckName(i.name))
		switch {
		case !fs.ValidPath(name) || strings.Contains(name, `\`) || err != nil:
			b.Failed = append(b.Failed, Failure{name, BadName})
		case !f.Mode().IsRegular():
			b.Failed = append(b.Failed, Failure{name, Link})
		case len(b.items) >= MaxListed:
			return nil, errors.Join(fmt.Errorf("more than %d templates", MaxListed), z.Close())
		default:
			b.items = append(b.items, i)
		}
	}
	slices.SortStableFunc(b.items, func(x, y item) int { return compare(title(x.folder, x.name), title(y.folder, y.name)) })
	return b, nil
}

func unzip(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err = errors.Join(err, r.Close()); err == nil && len(data) > maxFile {
		err = BodyTooLarge
	}
	return data, err
}

// Answer says what to do with a template whose name is there already.
type Answer int

// The answers.
const (
	Keep    Answer = iota // what is there
	Replace               // it with the other
	Both                  // under another name, "name (2)"
)

// Conflicts lists the templates of a bundle whose names are in a root already, as folder
// and name; a root that is not there has none.
func (s *Store) Conflicts(ctx context.Context, b *Bundle, to Root) ([]string, error) {
	l, err := s.List(ctx, []Root{to})
	if err != nil {
		return nil, err
	}
	have := map[string]bool{}
	for _, e := range l.Entries {
		have[same(title(e.Folder(), e.Name()))] = true
	}
	var both []string
	for _, i := range b.items {
		if t := title(i.folder, i.name); have[same(t)] {
			both = append(both, t)
		}
	}
	return both, nil
}

// Taken says what came of taking a bundle over.
type Taken struct {
	New, Replaced, Kept int
	Failed              []Failure
}

// Take copies a bundle's files into a root, to the byte, each as a whole. What is no
// template is not taken. answer is asked for each whose name is there, by folder and name;
// two of one name within the bundle are both taken. Where something fails the others are
// taken still; the error is that of ctx, or that the root cannot be used at all.
func (s *Store) Take(ctx context.Context, b *Bundle, to Root, answer func(string) Answer) (Taken, error) {
	t := Taken{Failed: slices.Clone(b.Failed)}
	root, err := to.open(true)
	if err != nil {
		return t, err
	}
	if err := root.Close(); err != nil {
		return t, err
	}
	mine := map[string]bool{} // that this call has made
	for _, i := range b.items {
		if ctx.Err() != nil {
			return t, ctx.Err()
		}
		if err := s.take(i, to, &t, mine, answer); err != nil {
			t.Failed = append(t.Failed, Failure{title(i.folder, i.name), err})
		}
	}
	return t, nil
}

func (s *Store) take(i item, to Root, t *Taken, mine map[string]bool, answer func(string) Answer) error {
	data, err := i.read()
	if err != nil {
		return err
	}
	if _, err := Parse(data); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	name := i.name
	for n := 2; ; n++ {
		ref, err := s.create(to, i.folder, name, data)
		var taken *ExistsError
		if !errors.As(err, &taken) {
			if err == nil {
				mine[same(ref.Path)] = true
				t.New++
			}
			return err
		}
		does := Both
		if n == 2 && !mine[same(taken.Ref.Path)] {
			does = answer(title(i.folder, i.name))
		}
		switch does {
		case Keep:
			t.Kept++
			return nil
		case Replace:
			if err := s.replace(taken.Ref, taken.Version, data); err != nil {
				return err
			}
			t.Replaced++
			return nil
		}
		name = fmt.Sprintf("%s (%d)", i.name, n)
	}
}

// WriteZip writes the files of a bundle as a zip, the same for the same files. Those that
// cannot be read are left out and returned.
func (b *Bundle) WriteZip(ctx context.Context, w io.Writer) ([]Failure, error) {
	failed := slices.Clone(b.Failed)
	z := zip.NewWriter(w)
	used := map[string]bool{}
	for _, i := range b.items {
		if ctx.Err() != nil {
			return failed, ctx.Err()
		}
		data, err := i.read()
		var name string
		if err == nil {
			name, err = zipName(i, used)
		}
		if err != nil {
			failed = append(failed, Failure{title(i.folder, i.name), err})
			continue
		}
		out, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err == nil {
			_, err = out.Write(data)
		}
		if err != nil {
			return failed, err
		}
	}
	return failed, z.Close()
}

// zipName is the path of a template in a zip: templates of several roots may have one name.
func zipName(i item, used map[string]bool) (string, error) {
	names, err := filesOf(i.folder)
	if err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		name := i.name
		if n > 1 {
			name = fmt.Sprintf("%s (%d)", i.name, n)
		}
		file, err := fileOf(name)
		if err != nil {
			return "", err
		}
		if at := path.Join(append(slices.Clone(names), file+Ending)...); !used[same(at)] {
			used[same(at)] = true
			return at, nil
		}
	}
}
