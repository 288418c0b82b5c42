package msglist

import (
	"testing"

	"fyne.io/fyne/v2/test"

	"gantry/client/profile"
	"gantry/gui/theme"
)

// memory is what lists remember, in a test.
type memory struct {
	recent []string
	saved  []profile.SavedFilter
	look   profile.ListLook
}

func (m *memory) ListLook() profile.ListLook     { return m.look }
func (m *memory) SetListLook(l profile.ListLook) { m.look = l }

func (m *memory) Recent() []string                   { return m.recent }
func (m *memory) Used(f string)                      { m.recent = append([]string{f}, m.recent...) }
func (m *memory) Saved() []profile.SavedFilter       { return m.saved }
func (m *memory) SetSaved(all []profile.SavedFilter) { m.saved = all }

// TestMarks: rows have the colour of the first filter that they fit, those alone that are
// seen are asked, and other colours are seen at once.
func TestMarks(t *testing.T) {
	r := newFilterRig(t, 100_000)
	m := &memory{}
	r.list.p.Memory = m
	colour := func(n uint64) theme.Token {
		v := newRowView(r.list)
		test.WidgetRenderer(v)
		r.list.draw(n, v)
		return v.colour
	}
	r.turn()
	if colour(99_999) != theme.None {
		t.Error("a colour without a filter")
	}
	reads := r.src.reads.Load()
	m.saved = []profile.SavedFilter{
		{Name: "not a colour", Filter: "k99999"},
		{Filter: "key:k99998 OR key:k99999", Mark: profile.GreenMark},
		{Filter: "key:k99998", Mark: profile.RedMark},
		{Filter: "size>x", Mark: profile.RedMark},
		{Filter: "key:k99997", Mark: profile.YellowMark},
	}
	r.turn()
	want := []theme.Token{theme.None, theme.WarnSoft, theme.OKSoft, theme.OKSoft}
	for i, w := range want {
		if got := colour(99_996 + uint64(i)); got != w {
			t.Errorf("row %d has the colour %d, not %d", i, got, w)
		}
	}
	if n := r.src.reads.Load() - reads; n > 100 {
		t.Errorf("%d rows were asked for a screenful", n)
	}
	m.saved = nil
	r.turn()
	if colour(99_999) != theme.None {
		t.Error("the colour stays")
	}
}
