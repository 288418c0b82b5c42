package filters

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"gantry/client/profile"
	"gantry/gui/stage"
	"gantry/gui/widgets"
)

type store struct{ all []profile.SavedFilter }

func (s *store) Saved() []profile.SavedFilter       { return s.all }
func (s *store) SetSaved(all []profile.SavedFilter) { s.all = all }

// TestSheet: a filter is added, named, coloured, moved and deleted, and one that cannot be
// read is not kept.
func TestSheet(t *testing.T) {
	st := stage.New(t)
	st.Show(st.Window.Content())
	kept := &store{all: []profile.SavedFilter{{Name: "one", Filter: "a"}, {Name: "two", Filter: "b"}}}
	done := 0
	open := func(save string) *Sheet {
		return Show(st.Window.Canvas(), kept, save, func() { done++ })
	}
	s := open("size>10k")
	added := s.rows[2]
	for _, o := range added.content.Objects[1].(*fyne.Container).Objects {
		if b, ok := o.(*widgets.IconButton); ok && (b.ToolTip() != "" || b.AccessibilityLabel() == "") {
			t.Errorf("the tooltip %q in a pop-up, and %q", b.ToolTip(), b.AccessibilityLabel())
		}
	}
	if len(s.rows) != 3 || st.Window.Canvas().Focused() != added.name || added.filter.Text != "size>10k" {
		t.Fatalf("%d rows, focus %v", len(s.rows), st.Window.Canvas().Focused())
	}
	st.Tap("Save")
	if added.filterField.Error() == "" || done != 0 {
		t.Error("a filter without name and colour is kept")
	}
	added.mark.SetSelected("Red")
	s.up(added)
	s.rows[0].name.SetText(" first ")
	s.rows[0].filter.SetText(" b size>x")
	st.Tap("Save")
	if s.rows[0].filterField.Error() == "" || done != 0 {
		t.Error("what is no filter is kept")
	}
	if got := s.rows[0].filter.Wrong(); got != "size>x" {
		t.Errorf("underlined: %q", got)
	}
	s.rows[0].filter.SetText("a OR b")
	st.Tap("Add a filter")
	st.Tap("Save") // the new row is empty
	want := []profile.SavedFilter{{Name: "first", Filter: "a OR b"}, {Filter: "size>10k", Mark: profile.RedMark}, {Name: "two", Filter: "b"}}
	if !slices.Equal(kept.all, want) || done != 1 || st.Window.Canvas().Overlays().Top() != nil {
		t.Errorf("%+v", kept.all)
	}
	s = open("")
	s.remove(s.rows[1])
	st.Tap("Cancel")
	if !slices.Equal(kept.all, want) {
		t.Errorf("Cancel keeps: %+v", kept.all)
	}
	s = open("")
	s.remove(s.rows[1])
	st.Tap("Save")
	if len(kept.all) != 2 || kept.all[1].Name != "two" {
		t.Errorf("%+v", kept.all)
	}
}
