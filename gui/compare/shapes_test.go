package compare

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"gantry/client/message"
	"gantry/gui/stage"
	"gantry/gui/widgets"
)

// seen are the rows of the table as a person sees them.
func (g *shapePage) seen() string {
	var b strings.Builder
	for _, r := range g.table.rows {
		b.WriteString([]string{" ~-+"[r.op : r.op+1], "#", "."}[r.kind] + " " + r.label + "|" + r.left + "|" + r.right + "\n")
	}
	return b.String()
}

// TestShapes: what differs between the messages of two versions of a producer is shown,
// with the share, the types and a sample of each side; the rest is folded.
func TestShapes(t *testing.T) {
	s := stage.New(t)
	s.Show(widgets.NewEntry())
	both := &shapes{}
	for _, body := range []string{`{"id":1,"items":[{"qty":1}]}`, `{"id":2,"items":[{"qty":2}],"note":"x"}`} {
		both.left.Add(withBody(body, message.Property{Name: "v", Value: "1"}, message.Property{Name: "old", Value: "x"}))
	}
	for range 3 {
		both.right.Add(withBody(`{"id":"a","items":[{"qty":1,"gift":true},{"qty":1.5}]}`, message.Property{Name: "v", Value: "1"}))
	}
	g := showShapes(Params{Tasks: s.Tasks, Window: s.Window, Fail: func(err error) { t.Error(err) }}, "v1", "v2 with tag:x", both)
	want := `# Body · 4 differ||
  the body itself|100 %  object|100 %  object
~ .id|100 %  integer  1|100 %  text  a
. 2 equal||
+ .items[*].gift||100 %  boolean  true
~ .items[*].qty|100 %  integer  1|100 %  integer | decimal  1
- .note|50 %  text  x|
# Properties · 1 differs||
- old|100 %  text  x|
  v|100 %  integer  1|100 %  integer  1
`
	if got := g.seen(); got != want {
		t.Errorf("%s\nnot\n%s", got, want)
	}
	if !s.Has("v2 with tag:x") || !s.Has("2 messages") || g.says.Text() != "5 differ" {
		t.Errorf("%s\n%s", g.says.Text(), stage.Texts(s.Window))
	}
	over(t, s.Window, "v1", 0, "100 %  integer  1")
	over(t, s.Window, "v2 with tag:x", 0, "100 %  text  a")
	g.which.Set(1)
	g.update()
	if got := g.seen(); !strings.Contains(got, "  .items|100 %  array|100 %  array\n") || strings.Contains(got, "equal") {
		t.Error(got)
	}
	g.table.TypedKey(&fyne.KeyEvent{Name: fyne.KeyF7})
	if g.table.at != 2 {
		t.Errorf("the next difference is %d", g.table.at)
	}
	g.table.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if s.Window.Canvas().Overlays().Top() != nil {
		t.Error("it is still there")
	}
}

// TestLongPaths: of those that begin alike it can be told which is which.
func TestLongPaths(t *testing.T) {
	s := stage.New(t)
	s.Show(widgets.NewEntry())
	both := &shapes{}
	both.left.Add(withBody(`{"shipments":[{"destinationAddress":{"latitude":52.5,"longitude":13.4}}]}`))
	both.right.Add(withBody(`{}`))
	showShapes(Params{Tasks: s.Tasks, Window: s.Window, Fail: func(err error) { t.Error(err) }}, "v1", "v2", both)
	for _, want := range []string{"ddress.latitude\n", "ddress.longitude\n"} {
		if !strings.Contains(stage.Texts(s.Window), want) {
			t.Errorf("no %q in:\n%s", want, stage.Texts(s.Window))
		}
	}
}

// over holds that a head, of those alike the nth from the left, stands over a value.
func over(t *testing.T, w fyne.Window, head string, nth int, value string) {
	t.Helper()
	at := func(text string) (all []float32) {
		stage.See(w, func(o fyne.CanvasObject) {
			if word, ok := o.(*canvas.Text); ok && word.Text == text {
				all = append(all, fyne.CurrentApp().Driver().AbsolutePositionForObject(o).X)
			}
		})
		slices.Sort(all)
		return slices.Compact(all)
	}
	heads, values := at(head), at(value)
	if len(heads) <= nth || len(values) == 0 || heads[nth] < values[0]-1 || heads[nth] > values[0]+1 {
		t.Errorf("%q stands at %v, %q at %v", head, heads, value, values)
	}
}
