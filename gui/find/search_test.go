package find

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
		if got := fmt.Sprint(Search(x.s, x.what, x.exact)); got != x.want {
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
		for _, h := range Search(s, what, exact) {
			if h.From < at || h.To <= h.From || h.To > len(s) {
				t.Fatalf("%v after %d of %q", h, at, s)
			}
			if got := s[h.From:h.To]; exact && got != what || !strings.EqualFold(got, what) && strings.Map(lower, got) != strings.Map(lower, what) {
				t.Fatalf("%q is found for %q", got, what)
			}
			if !exact && ascii(what) && strings.Contains(strings.Map(lower, s[at:h.From]), strings.Map(lower, what)) {
				t.Fatalf("%q was passed over in %q", what, s[at:h.From])
			}
			at = h.To
		}
	})
}

// TestNext goes round, from a hit and from anywhere else.
func TestNext(t *testing.T) {
	hits := []Hit{{2, 4}, {6, 8}, {8, 10}}
	for _, c := range []struct {
		selected    Hit
		next, other int
	}{
		{Hit{2, 4}, 1, 2},
		{Hit{6, 8}, 2, 0},
		{Hit{8, 10}, 0, 1},
		{Hit{5, 5}, 1, 0},
		{Hit{1, 7}, 2, 2},
		{Hit{11, 11}, 0, 2},
	} {
		if next, other := Next(hits, c.selected, true), Next(hits, c.selected, false); next != c.next || other != c.other {
			t.Errorf("from %v: %d and %d, want %d and %d", c.selected, next, other, c.next, c.other)
		}
	}
	if Next(nil, Hit{}, true) != -1 || From(nil, 0) != -1 {
		t.Error("something is found in nothing")
	}
}
