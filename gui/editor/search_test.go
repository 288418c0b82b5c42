package editor

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSearch(t *testing.T) {
	for _, x := range []struct {
		s, what string
		exact   bool
		want    string
	}{
		{"aAa", "a", false, "[{0 1} {1 2} {2 3}]"},
		{"aAa", "a", true, "[{0 1} {2 3}]"},
		{"aaaa", "aa", false, "[{0 2} {2 4}]"},
		{"xÉé中", "É中", false, "[{3 8}]"},
		{"x", "", false, "[]"},
		{"Ab中AB中", "aB中", false, "[{0 5} {5 10}]"},
		{"\u212A", "k", false, "[]"},
		{"aab", "ab", false, "[{1 3}]"},
	} {
		if got := fmt.Sprint(search(x.s, x.what, x.exact)); got != x.want {
			t.Errorf("%q in %q: %s, want %s", x.what, x.s, got, x.want)
		}
	}
}

func FuzzSearch(f *testing.F) {
	f.Add("Gantry gantry 中", "gan", false)
	f.Add("ÄäÖ", "ä", false)
	f.Fuzz(func(t *testing.T, s, what string, exact bool) {
		if !utf8.ValidString(s) || !utf8.ValidString(what) {
			return
		}
		at := 0
		for _, h := range search(s, what, exact) {
			if h.from < at || h.to <= h.from || h.to > len(s) {
				t.Fatalf("%v after %d of %q", h, at, s)
			}
			if got := s[h.from:h.to]; exact && got != what || !strings.EqualFold(got, what) && strings.Map(lower, got) != strings.Map(lower, what) {
				t.Fatalf("%q is found for %q", got, what)
			}
			if !exact && ascii(what) && strings.Contains(strings.Map(lower, s[at:h.from]), strings.Map(lower, what)) {
				t.Fatalf("%q was passed over in %q", what, s[at:h.from])
			}
			at = h.to
		}
	})
}
