package widgets

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"gantry/client/profile"
)

func typed(e *FilterEntry, s string) {
	for _, r := range s {
		if e.drop.IsOpen() {
			e.drop.TypedRune(r)
		} else {
			e.TypedRune(r)
		}
	}
}

// memory remembers filters.
type memory struct {
	all   []string
	saved []profile.SavedFilter
}

func (m *memory) Saved() []profile.SavedFilter { return m.saved }

func (m *memory) Recent() []string   { return m.all }
func (m *memory) Used(filter string) { m.all = append([]string{filter}, m.all...) }

// TestFilterEntryRemembers: what was filtered by is offered again, and what is no filter is
// not.
func TestFilterEntryRemembers(t *testing.T) {
	test.NewTempApp(t)
	m := &memory{}
	e := NewFilterEntry(func(*fyne.KeyEvent) bool { return false })
	e.Memory = m
	other := NewEntry()
	w := test.NewTempWindow(t, container.NewVBox(e, other))
	w.Resize(fyne.NewSize(600, 500))
	for _, text := range []string{".a:b", "size>x", "(a", " ", "tag:paid "} {
		w.Canvas().Focus(e)
		e.SetText(text)
		w.Canvas().Focus(other)
	}
	if fmt.Sprint(m.all) != "[tag:paid .a:b]" {
		t.Errorf("%q", m.all)
	}
	w.Canvas().Focus(e)
	e.SetText("")
	e.offer(true)
	if e.offered[0].Text != "tag:paid" || e.offered[1].Text != ".a:b" || len(e.offered) != len(forms())+2 {
		t.Errorf("%+v", e.offered)
	}
	e.Suggested(1)
	if e.Text != ".a:b" {
		t.Errorf("%q", e.Text)
	}
}

// TestFilterEntryOffers: what fits what is typed is offered, and taken in its place.
func TestFilterEntryOffers(t *testing.T) {
	test.NewTempApp(t)
	var changed string
	e := NewFilterEntry(func(*fyne.KeyEvent) bool { return false })
	e.OnChanged = func(s string) { changed = s }
	e.Tags = func() []string { return []string{"paid", "unpaid", "open"} }
	w := test.NewTempWindow(t, e)
	w.Resize(fyne.NewSize(600, 500))
	w.Canvas().Focus(e)
	typed(e, "north -(k")
	if len(e.offered) != 1 || e.offered[0].Text != "key:" || !e.drop.IsOpen() {
		t.Fatalf("%+v", e.offered)
	}
	e.drop.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	e.drop.TypedKey(&fyne.KeyEvent{Name: fyne.KeyTab})
	if e.Text != "north -(key:" || changed != e.Text || e.drop.IsOpen() || w.Canvas().Focused() != fyne.Focusable(e) {
		t.Errorf("%q, %q, open %v", e.Text, changed, e.drop.IsOpen())
	}
	typed(e, "x) tag:pa")
	if len(e.offered) != 2 {
		t.Fatalf("%+v", e.offered)
	}
	e.drop.take(1)
	if e.Text != "north -(key:x) tag:unpaid" {
		t.Errorf("%q", e.Text)
	}
	typed(e, " zz")
	if e.drop.IsOpen() {
		t.Errorf("offered %+v", e.offered)
	}
	e.SetText("")
	e.CursorColumn = 0
	typed(e, "j")
	if len(e.offered) != 1 || e.offered[0].Text != "jq:" {
		t.Errorf("%+v", e.offered)
	}
	e.drop.take(0)
	typed(e, ".a | ke")
	if e.Text != "jq:.a | ke" || e.drop.IsOpen() {
		t.Errorf("inside jq: %q, offered %+v", e.Text, e.offered)
	}
	e.SetText("")
	e.CursorColumn = 0
	e.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeySpace, Modifier: fyne.KeyModifierControl})
	if len(e.offered) != len(forms()) || !e.drop.IsOpen() {
		t.Errorf("%+v", e.offered)
	}
	e.drop.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if e.drop.IsOpen() {
		t.Error("Escape leaves it open")
	}
}

// TestFieldsHaveBorders: a field draws the border of each control that draws none.
func TestFieldsHaveBorders(t *testing.T) {
	test.NewTempApp(t)
	for _, o := range []fyne.CanvasObject{NewEntry(), NewCompletion(nil), NewSelect("a"), NewFilterEntry(nil)} {
		if f := NewField("", o); !f.framed || f.grows() {
			t.Errorf("%T has no border", o)
		}
	}
	if NewField("", NewCheck("a")).framed {
		t.Error("a check has a border")
	}
}

// TestFilterEntrySaved: a filter that is kept is found by its name, beside other terms too,
// and the menu puts one in place of what is typed.
func TestFilterEntrySaved(t *testing.T) {
	test.NewTempApp(t)
	e := NewFilterEntry(func(*fyne.KeyEvent) bool { return false })
	e.Memory = &memory{all: []string{"a OR b", "key:7"}, saved: []profile.SavedFilter{
		{Name: "Late ones", Filter: "a OR b"}, {Name: "支付", Filter: "tag:paid"}, {Filter: "colour", Mark: profile.RedMark},
	}}
	var save []string
	e.OnEdit = func(s string) { save = append(save, s) }
	w := test.NewTempWindow(t, e)
	w.Resize(fyne.NewSize(600, 500))
	w.Canvas().Focus(e)
	take := func(text string) {
		t.Helper()
		for i, o := range e.offered {
			if o.Text == text {
				e.drop.take(i)
				return
			}
		}
		t.Fatalf("%q is not among %+v", text, e.offered)
	}
	typed(e, "late")
	if take("Late ones"); e.Text != "a OR b" {
		t.Errorf("%q", e.Text)
	}
	e.SetText("")
	e.CursorColumn = 0
	typed(e, "key:1 -late")
	if take("Late ones"); e.Text != "key:1 -(a OR b)" {
		t.Errorf("%q", e.Text)
	}
	typed(e, " 支")
	if take("支付"); e.Text != "key:1 -(a OR b) tag:paid" {
		t.Errorf("%q", e.Text)
	}
	e.ShowMenu()
	if len(e.offered) != 5+len(forms()) || e.offered[2].Text != "key:7" {
		t.Fatalf("%+v", e.offered)
	}
	take("Save this filter…")
	e.ShowMenu()
	take("Saved filters and colours…")
	if fmt.Sprintf("%q", save) != `["key:1 -(a OR b) tag:paid" ""]` {
		t.Errorf("%q", save)
	}
	e.ShowMenu()
	if take("支付"); e.Text != "tag:paid" {
		t.Errorf("%q", e.Text)
	}
	e.SetText("size>x")
	e.ShowMenu()
	if len(e.offered) != 4+len(forms()) {
		t.Errorf("what is no filter is offered to be saved: %+v", e.offered)
	}
}
