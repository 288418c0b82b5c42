package template

import (
	"archive/zip"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// zipped writes files into a zip.
func zipped(t *testing.T, files ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.CreateHeader(&zip.FileHeader{Name: files[i], NonUTF8: strings.Contains(files[i], "\xb6")})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(t.TempDir(), "t.zip")
	if err := os.WriteFile(at, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return at
}

// TestThereAndBack: all templates to a zip and to a folder, and from each into another
// store, to the byte.
func TestThereAndBack(t *testing.T) {
	t.Parallel()
	s, all, one, team := shop(t)
	refs := []Ref{create(t, s, all, "", "a").Ref, create(t, s, all, "f/g", "b/c").Ref, create(t, s, one, "", "A").Ref}
	var first, second bytes.Buffer
	for _, w := range []*bytes.Buffer{&first, &second} {
		if failed, err := s.Chosen(refs).WriteZip(t.Context(), w); err != nil || len(failed) != 0 {
			t.Fatal(failed, err)
		}
	}
	if !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Error("the same templates make another zip")
	}
	file := filepath.Join(t.TempDir(), "t.zip")
	if err := os.WriteFile(file, first.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	fromZip, err := s.InZip(file)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Take(t.Context(), fromZip, team, nil); err != nil || got.New != 3 || len(got.Failed) != 0 {
		t.Fatalf("%+v, %v", got, err)
	}
	if err := fromZip.Close(); err != nil {
		t.Error(err)
	}
	if got := titles(t, s, team); got != "a\nA (2)\nf/g/b/c" {
		t.Errorf("%q", got)
	}
	other, _, _, _ := shop(t)
	root := other.Roots("p", nil)[0]
	fromFolder, err := other.InFolder(t.Context(), team.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := other.Take(t.Context(), fromFolder, root, nil); err != nil || got.New != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
	for _, at := range []string{"a.msg", "f/g/b%2Fc.msg"} {
		want, err := os.ReadFile(filepath.Join(all.Dir, at))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(root.Dir, at)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %q, %v", at, got, err)
		}
	}
}

// TestAnswers: what is there is kept, replaced, or stands beside the other.
func TestAnswers(t *testing.T) {
	t.Parallel()
	s, all, _, team := shop(t)
	for _, name := range []string{"a", "b", "c", "d"} {
		put(t, team, name+".msg", "Topic: theirs\n")
	}
	for _, name := range []string{"A", "b", "c", "c (2)"} {
		create(t, s, all, "", name)
	}
	b, err := s.InFolder(t.Context(), team.Dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Conflicts(t.Context(), b, all); err != nil || strings.Join(got, " ") != "a b c" {
		t.Errorf("%v, %v", got, err)
	}
	got, err := s.Take(t.Context(), b, all, func(name string) Answer {
		return map[string]Answer{"a": Keep, "b": Replace, "c": Both}[name]
	})
	if err != nil || got.New != 2 || got.Replaced != 1 || got.Kept != 1 || len(got.Failed) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
	for name, want := range map[string]string{"A": "A", "b": "theirs", "c": "c", "c (2)": "c (2)", "c (3)": "theirs", "d": "theirs"} {
		l, err := s.Load(Ref{all, name + Ending})
		if err != nil || l.Form.Topic != want {
			t.Errorf("%s is %q, %v", name, l.Form.Topic, err)
		}
	}
}

// TestBadZips: what leads out, is damaged or too large is left out and said.
func TestBadZips(t *testing.T) {
	t.Parallel()
	s, all, _, _ := shop(t)
	b, err := s.InZip(zipped(t,
		"../../up.msg", "Topic: a\n", "/abs.msg", "Topic: a\n", `x\y.msg`, "Topic: a\n", "__MACOSX/._a.msg", "x", "notes.txt", "x",
		"\xb6\xa9\xb5\xa5.msg", "Topic: gbk\n", "ok/CON.msg", "Topic: con\n", "bad.msg", "what", "ok/ ends .msg", "Topic: a\n"))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	got, err := s.Take(t.Context(), b, all, nil)
	if err != nil || got.New != 2 || len(got.Failed) != 5 {
		t.Errorf("%+v, %v", got, err)
	}
	if got := titles(t, s, all); got != "订单\nok/CON" {
		t.Errorf("%q", got)
	}
	none := filepath.Join(t.TempDir(), "none.zip")
	if err := os.WriteFile(none, []byte("no zip"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.InZip(none); !errors.Is(err, zip.ErrFormat) {
		t.Error(err)
	}
	if _, err := s.InFolder(t.Context(), none); err == nil {
		t.Error("a file is no folder")
	}
}
