package template

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"gantry/client/fault"
	"gantry/client/profile"
)

// shop is a store with its roots: of all, of the profile "p", and a folder of a team.
func shop(t *testing.T) (s *Store, all, one, team Root) {
	t.Helper()
	s = New(filepath.Join(t.TempDir(), "templates"))
	roots := s.Roots("p", []string{t.TempDir()})
	return s, roots[0], roots[1], roots[2]
}

func topic(name string) Text { return Text{Form: profile.SendForm{Topic: name}, Body: []byte(name)} }

func create(t *testing.T, s *Store, root Root, folder, name string) *Template {
	t.Helper()
	tpl, err := s.Create(root, folder, name, topic(name))
	if err != nil {
		t.Fatal(err)
	}
	return tpl
}

// titles lists folder and name, a line each, with what is wrong.
func titles(t *testing.T, s *Store, roots ...Root) string {
	t.Helper()
	l, err := s.List(t.Context(), roots)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range l.Entries {
		line := title(e.Folder(), e.Name())
		if e.Err != nil {
			line += ": " + e.Err.Error()
		}
		out = append(out, line)
	}
	for _, u := range l.Unread {
		out = append(out, "unread "+u.Folder)
	}
	return strings.Join(out, "\n")
}

func put(t *testing.T, root Root, name, content string) string {
	t.Helper()
	at := filepath.Join(root.Dir, name)
	if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(at, 0o664); err != nil {
		t.Fatal(err)
	}
	return at
}

func TestKeepAndFind(t *testing.T) {
	t.Parallel()
	s, all, one, team := shop(t)
	if got := titles(t, s, all, one, team); got != "" {
		t.Errorf("at first %q", got)
	}
	create(t, s, all, "", "z")
	create(t, s, all, "orders/paid", "订单/1")
	create(t, s, one, "", "mine")
	paid := create(t, s, team, "Orders", "paid")
	create(t, s, team, "orders", "b") // the same folder on some systems
	if got, want := titles(t, s, all, one, team), "z\norders/paid/订单/1\nmine\nOrders/b\nOrders/paid"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	got, err := s.Load(paid.Ref)
	if err != nil || string(got.Body) != "paid" || got.Form.Topic != "paid" || got.Version != paid.Version || got.Ref.Folder() != "Orders" {
		t.Errorf("%+v, %v", got, err)
	}
	next, err := s.Replace(paid.Ref, paid.Version, topic("other"))
	if err != nil || next.Version == paid.Version {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(all.Dir, "z.msg")); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Error(info, err)
	}
}

// TestNothingIsOverwritten: neither what somebody else wrote meanwhile, nor another name.
func TestNothingIsOverwritten(t *testing.T) {
	t.Parallel()
	s, all, _, team := shop(t)
	mine := create(t, s, team, "", "paid")
	theirs := put(t, team, "paid.msg", "Topic: theirs\n\n")
	_, err := s.Replace(mine.Ref, mine.Version, topic("mine"))
	var changed *ChangedError
	if !errors.As(err, &changed) || !errors.Is(err, Changed) {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(theirs); err != nil || string(b) != "Topic: theirs\n\n" {
		t.Errorf("%q, %v", b, err)
	}
	if _, err := s.Replace(mine.Ref, changed.Now, topic("mine")); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat(theirs); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o664 {
		t.Error("the permissions became", info.Mode(), err)
	}
	for _, name := range []string{"paid", "PAID"} {
		_, err := s.Create(team, "", name, topic("new"))
		var there *ExistsError
		if !errors.As(err, &there) || there.Ref != mine.Ref || !errors.Is(err, Exists) {
			t.Fatal(err)
		}
		if _, err := s.Load(there.Ref); err != nil {
			t.Error(err)
		}
	}
	put(t, team, "100%.msg", "Topic: a\n") // as somebody else would escape no name
	if _, err := s.Create(team, "", "100%", topic("new")); !errors.Is(err, Exists) {
		t.Error(err)
	}
	other := create(t, s, team, "", "other")
	if _, err := s.Rename(other.Ref, "Paid"); !errors.Is(err, Exists) {
		t.Error(err)
	}
	create(t, s, all, "f", "other")
	if _, err := s.Move(other.Ref, all, "F"); !errors.Is(err, Exists) {
		t.Error(err)
	}
	if err := os.Remove(theirs); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Replace(mine.Ref, changed.Now, topic("mine")); !errors.Is(err, Gone) {
		t.Error(err)
	}
}

func TestRenameMoveDelete(t *testing.T) {
	t.Parallel()
	s, all, one, team := shop(t)
	paid := create(t, s, all, "a/b", "paid")
	damaged := Ref{team, "odd 100%/broken.msg"}
	put(t, team, damaged.Path, "what")
	step := func(ref Ref, err error) Ref {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return ref
	}
	ref := step(s.Rename(paid.Ref, "PAID")) // in case only
	ref = step(s.Move(ref, all, "c"))
	if _, err := os.Stat(filepath.Join(all.Dir, "a")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("an empty folder stays:", err)
	}
	ref = step(s.Move(ref, one, ""))
	damaged = step(s.Rename(damaged, "still"))
	if got, want := titles(t, s, all, one, team), "PAID\nodd 100%/still: line 1: the line is no header"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, err := s.Load(ref); err != nil || got.Version != paid.Version {
		t.Error(err)
	}
	for _, r := range []Ref{ref, damaged} {
		if err := s.Delete(r); err != nil {
			t.Error(err)
		}
		if err := s.Delete(r); !errors.Is(err, Gone) && !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
	}
	if _, err := s.Rename(ref, "new"); !errors.Is(err, Gone) {
		t.Error(err)
	}
	if err := s.Delete(Ref{team, "."}); !errors.Is(err, NoFile) {
		t.Error(err)
	}
	kept := create(t, s, team, "f", "kept")
	put(t, team, "f/notes.txt", "of somebody")
	if err := s.Delete(kept.Ref); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(team.Dir, "f", "notes.txt")); err != nil {
		t.Error("a file of somebody else went:", err)
	}
	for _, name := range []string{"", " ", "a ", strings.Repeat("n", 300)} {
		if _, err := s.Create(team, "made", name, topic("x")); !errors.Is(err, BadName) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := os.Stat(filepath.Join(team.Dir, "made")); err == nil {
		t.Error("a folder was made for nothing")
	}
}

// TestLinksLeadNowhere: neither out of the folder nor within it.
func TestLinksLeadNowhere(t *testing.T) {
	t.Parallel()
	s, _, _, team := shop(t)
	outside := t.TempDir()
	secret := put(t, Root{Own, outside}, "secret.msg", "Topic: secret\n")
	if err := os.Symlink(secret, filepath.Join(team.Dir, "file.msg")); err != nil {
		t.Skip("no links here:", err)
	}
	for name, to := range map[string]string{"folder": outside, "up": ".."} {
		if err := os.Symlink(to, filepath.Join(team.Dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if got := titles(t, s, team); got != "file: it is a link" {
		t.Errorf("%q", got)
	}
	link := Ref{team, "file.msg"}
	if _, err := s.Load(link); !errors.Is(err, Link) {
		t.Error(err)
	}
	if _, err := s.Replace(link, Version{}, topic("x")); !errors.Is(err, Link) {
		t.Error(err)
	}
	if _, err := s.Load(Ref{team, "folder/secret.msg"}); err == nil {
		t.Error("read through a folder that is a link")
	}
	for _, folder := range []string{"folder", "folder/new", "up"} {
		if _, err := s.Create(team, folder, "x", topic("x")); err == nil {
			t.Errorf("made in %s, which is a link", folder)
		}
	}
	if _, err := s.Load(Ref{team, "../" + filepath.Base(outside) + "/secret.msg"}); err == nil {
		t.Error("read above the root")
	}
	if err := s.Delete(link); err != nil {
		t.Error(err)
	}
	if b, err := os.ReadFile(secret); err != nil || string(b) != "Topic: secret\n" {
		t.Errorf("%q, %v", b, err)
	}
	if n, err := os.ReadDir(outside); err != nil || len(n) != 1 {
		t.Error(n, err)
	}
}

// TestDamagedIsListed: with its name and why, beside those that are whole.
func TestDamagedIsListed(t *testing.T) {
	t.Parallel()
	s, _, _, team := shop(t)
	put(t, team, "a.msg", "Topic: a\nnonsense\n")
	put(t, team, "b.msg", "Topic: "+strings.Repeat("x", MaxHead))
	put(t, team, "c.msg", "Topic: c\n\nbody")
	put(t, team, ".git/d.msg", "Topic: d\n")
	put(t, team, "readme.md", "no template")
	if err := os.Mkdir(filepath.Join(team.Dir, "folder.msg"), 0o700); err != nil {
		t.Fatal(err)
	}
	if got, want := titles(t, s, team), "a: line 2: the line is no header\nb: line 1: the headers are too long\nc"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	gone := Root{Own, filepath.Join(team.Dir, "none")}
	if l, err := s.List(t.Context(), []Root{gone}); err != nil || len(l.Unread) != 1 || !errors.Is(l.Unread[0].Err, NoFolder) {
		t.Errorf("%+v, %v", l, err)
	}
	if _, err := s.Create(gone, "", "a", topic("a")); !errors.Is(err, NoFolder) {
		t.Error(err)
	}
}

// TestDiskFaults: what cannot be written leaves what was there, whole.
func TestDiskFaults(t *testing.T) {
	t.Parallel()
	s, all, _, _ := shop(t)
	paid := create(t, s, all, "", "paid")
	write := s.write
	s.write = func(r *os.Root, name string, b []byte, m fs.FileMode) error {
		return fmt.Errorf("write: %w", syscall.ENOSPC)
	}
	if _, err := s.Replace(paid.Ref, paid.Version, topic("new")); !errors.Is(err, syscall.ENOSPC) {
		t.Error(err)
	}
	if _, err := s.Create(all, "", "new", topic("new")); !errors.Is(err, syscall.ENOSPC) {
		t.Error(err)
	}
	s.write = write
	if os.Geteuid() != 0 && runtime.GOOS != "windows" {
		if err := os.Chmod(all.Dir, 0o500); err != nil {
			t.Fatal(err)
		}
		defer os.Chmod(all.Dir, 0o700)
		if _, err := s.Replace(paid.Ref, paid.Version, topic("new")); !errors.Is(err, fs.ErrPermission) {
			t.Error(err)
		}
	}
	if got, err := s.Load(paid.Ref); err != nil || got.Version != paid.Version {
		t.Error(err)
	}
	if got := titles(t, s, all); got != "paid" {
		t.Errorf("%q", got)
	}
}

func TestListIsBounded(t *testing.T) {
	t.Parallel()
	s, _, _, team := shop(t)
	deep := strings.Repeat("d/", MaxDepth+1)
	put(t, team, deep+"x.msg", "Topic: x\n")
	put(t, team, "y.msg", "Topic: y\n")
	l, err := s.List(t.Context(), []Root{team})
	if err != nil || !l.More || len(l.Entries) != 1 {
		t.Errorf("%+v, %v", l, err)
	}
}

// TestRootsOfAProfile: no id leads out of the folder.
func TestRootsOfAProfile(t *testing.T) {
	t.Parallel()
	s := New("/store")
	for id, want := range map[string]string{"sandbox": "/store/sandbox", "../up": "/store/%2E.%2Fup", "": "", "ALL": ""} {
		i := slices.IndexFunc(s.Roots(id, nil), func(r Root) bool { return r.Kind == ForOne })
		got := ""
		if i >= 0 {
			got = filepath.ToSlash(s.Roots(id, nil)[i].Dir)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", id, got, want)
		}
	}
}

// TestErrorsAreTheirCodes: the window finds words by them.
func TestErrorsAreTheirCodes(t *testing.T) {
	t.Parallel()
	for err, code := range map[error]fault.Code{
		&ParseError{1, Twice}: Twice, &ExistsError{}: Exists, &ChangedError{}: Changed,
	} {
		if !errors.Is(err, code) || err.Error() == "" {
			t.Error(err)
		}
	}
}

// TestLeave: the templates of a profile that goes are there for all.
func TestLeave(t *testing.T) {
	t.Parallel()
	s, all, one, _ := shop(t)
	create(t, s, one, "", "a")
	create(t, s, one, "f", "b")
	put(t, one, "broken.msg", "what")
	create(t, s, all, "orders-dev", "A")
	for range 2 { // the second time nothing is left
		if err := s.Leave(t.Context(), "p", "orders-dev"); err != nil {
			t.Error(err)
		}
	}
	want := "orders-dev/A\norders-dev/a (2)\norders-dev/broken: line 1: the line is no header\norders-dev/f/b"
	if got := titles(t, s, all, one); got != want {
		t.Errorf("%q", got)
	}
	create(t, s, one, "", "c")
	if err := s.Leave(t.Context(), "p", " bad "); err != nil {
		t.Error(err)
	}
	if _, err := s.Load(Ref{all, "c.msg"}); err != nil {
		t.Error(err)
	}
}

// BenchmarkList: what opening the pane costs with as many templates as are listed.
func BenchmarkList(b *testing.B) {
	s := New(filepath.Join(b.TempDir(), "templates"))
	all := s.Roots("p", nil)[0]
	for i := range MaxListed {
		dir := filepath.Join(all.Dir, fmt.Sprint("f", i%100))
		if err := os.MkdirAll(dir, 0o700); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprint(i, Ending)), []byte("Topic: t\nTag: a\n\nbody"), 0o600); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if l, err := s.List(b.Context(), []Root{all}); err != nil || len(l.Entries) != MaxListed {
			b.Fatal(len(l.Entries), err)
		}
	}
}
