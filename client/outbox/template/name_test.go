package template

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/text/unicode/norm"
)

func TestFileNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"paid order": "paid order", "订单/已付": "订单%2F已付", "a:b*?": "a%3Ab%2A%3F", "100%": "100%25", "..": "%2E%2E", ".git": "%2Egit",
		"CON": "%43ON", "com1.v2": "%63om1.v2", "nul ": "", "LPT¹": "%4CPT¹", "console": "console", "~": "%7E", "end.": "end%2E",
		"": "", " a": "", "a\nb": "a%0Ab", strings.Repeat("n", MaxName): strings.Repeat("n", MaxName), strings.Repeat("n", MaxName+1): "", "e\u0301": "\u00e9", "\xff": "",
	} {
		got, err := fileOf(name)
		if got != want || (err != nil) != (want == "") || err != nil && !errors.Is(err, BadName) {
			t.Errorf("%q: %q, %v; want %q", name, got, err, want)
		}
		if err == nil && nameOf(got) != norm.NFC.String(name) {
			t.Errorf("%q came back as %q", name, nameOf(got))
		}
	}
	for file, want := range map[string]string{"100%": "100%", "%zz%4": "%zz%4", "%FF": "%FF"} { // as somebody else named it
		if got := nameOf(file); got != want {
			t.Errorf("%q is %q, want %q", file, got, want)
		}
	}
	if CheckFolder("a/b") != nil || CheckFolder("") != nil || CheckFolder("a//b") == nil || CheckFolder("/a") == nil || CheckFolder(strings.Repeat("a/", MaxDepth)+"a") == nil {
		t.Error("paths of folders")
	}
}

func FuzzNames(f *testing.F) {
	f.Add("a/b")
	f.Add("con.")
	f.Fuzz(func(t *testing.T, name string) {
		file, err := fileOf(name)
		if err != nil {
			return
		}
		if nameOf(file) != norm.NFC.String(name) || len(file) > MaxName || strings.ContainsAny(file, "/\\:*?\"<>|\x00") || reserved(file) || file[0] == '.' {
			t.Fatalf("%q is %q", name, file)
		}
	})
}
