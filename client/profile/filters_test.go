package profile

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFiltersAreBounded: what is too long, too many or of another kind is not taken from
// the file, and what is good is.
func TestFiltersAreBounded(t *testing.T) {
	long := strings.Repeat("x", MostFilter+1)
	saved := []SavedFilter{{Name: "a", Filter: "tag:x"}, {Filter: "y", Mark: "pink"}, {Name: "b"}, {Name: "c", Filter: long}, {Name: long, Filter: "z"}, {Filter: "z", Mark: RedMark}}
	content := func(saved []SavedFilter, recent []string) string {
		b, err := json.Marshal(Settings{Version: 1, SavedFilters: saved, Filters: recent})
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	s, l := loaded(t, content(saved, []string{"a", "", long, "b"}))
	if l.Err != nil {
		t.Fatal(l.Err)
	}
	if diff := cmp.Diff([]SavedFilter{{Name: "a", Filter: "tag:x"}, {Filter: "y"}, {Filter: "z", Mark: RedMark}}, s.SavedFilters); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"a", "b"}, s.Filters); diff != "" {
		t.Error(diff)
	}
	many := make([]SavedFilter, MostSavedFilters+5)
	for i := range many {
		many[i] = SavedFilter{Name: "n", Filter: "f"}
	}
	if s, _ := loaded(t, content(many, nil)); len(s.SavedFilters) != MostSavedFilters {
		t.Errorf("%d are taken", len(s.SavedFilters))
	}
}

// TestListLookIsBounded: only columns that there are, and widths that can be.
func TestListLookIsBounded(t *testing.T) {
	s, l := loaded(t, `{"version":1,"lists":{"noChart":true,"hidden":["size","body","size","x","tag"],"widths":{"key":200,"tag":-1,"topic":1e9,"x":50,"retry":1e300}}}`)
	if l.Err != nil {
		t.Fatal(l.Err)
	}
	want := ListLook{NoChart: true, Hidden: []string{"tag", "size"}, Widths: map[string]float32{"key": 200}}
	if diff := cmp.Diff(want, s.Lists); diff != "" {
		t.Error(diff)
	}
}
