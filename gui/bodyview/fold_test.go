package bodyview

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"gantry/client/filter"
	"gantry/client/message"
	"gantry/gui/stage"
)

const nested = `{"order":{"id":"A-17","lines":[{"sku":"x[","qty":1},{"sku":"y{","qty":2},[],[[1,2],3]]},"a \"b\".c":{"d":null},"text":"{\n[","last":[true,"q"]}`

func read(t testing.TB, s string) *JSON {
	t.Helper()
	j, err := ReadJSON([]byte(s))
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// TestPathOfEachLine: the path of a line is one that a filter finds its value at.
func TestPathOfEachLine(t *testing.T) {
	j := read(t, nested)
	m := &message.Message{Body: []byte(nested)}
	seen, at := map[string]bool{}, 0
	for _, line := range strings.Split(j.String(), "\n") {
		steps, value := j.path(at + len(line)/2)
		at += len(line) + 1
		if len(steps) == 0 {
			continue
		}
		seen[filter.Path(steps)] = true
		if value == "" || value == "[]" {
			continue
		}
		f, err := filter.Parse(filter.PathTerm(steps, plainValue(value)), time.Now())
		if err != nil || !f.Match(m) {
			t.Errorf("%q: %s does not fit, %v", line, f.String(), err)
		}
	}
	for _, want := range []string{".order", ".order.id", ".order.lines[0]", ".order.lines[1].qty", ".order.lines[3][0][1]", ".order.lines[3][1]", `."a \"b\".c".d`, ".text", ".last[1]"} {
		if !seen[want] {
			t.Errorf("no line has the path %s", want)
		}
	}
	if steps, value := read(t, "7").path(0); len(steps) > 0 || value != "7" {
		t.Errorf("%v, %q", steps, value)
	}
}

// TestFolds: what is folded is not seen, counts its members, and is copied all the same.
func TestFolds(t *testing.T) {
	v := New()
	w := stage.Over(t, v)
	w.Resize(fyne.NewSize(600, 800))
	v.SetJSON(read(t, nested))
	tl := v.pane.lines.(*textLines)
	all := tl.count()
	press := func(line int, x float32) {
		v.pane.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x, 6+lineHeight*(float32(line)+0.5))}, Button: desktop.MouseButtonPrimary})
	}
	if b := v.pane.blockOf(1); b == nil || b.items != 2 {
		t.Fatalf("%+v", b)
	}
	press(1, v.pane.gutter()-4)
	if got := tl.text(2); tl.count() >= all || !strings.HasPrefix(strings.TrimSpace(got), "}") {
		t.Errorf("%d of %d lines, %q", tl.count(), all, got)
	}
	if n := tl.number(2); n <= 3 {
		t.Errorf("the line behind has the number %d", n)
	}
	v.SelectAll()
	if v.SelectedText() != tl.all {
		t.Error("what is folded is not copied")
	}
	press(1, v.pane.gutter()+v.pane.xOf(tl.text(1), len(tl.text(1)))+8) // the dots
	if tl.count() != all {
		t.Errorf("%d of %d lines", tl.count(), all)
	}
	v.pane.fold(func(j *JSON) { j.foldAll(true) })
	if tl.count() >= all/2 {
		t.Errorf("all folded: %d of %d lines", tl.count(), all)
	}
	for i := range tl.count() {
		if strings.Contains(tl.text(i), "\n") {
			t.Errorf("line %d is %q", i, tl.text(i))
		}
	}
	v.pane.fold(func(j *JSON) { j.foldAll(false) })
	if tl.count() != all {
		t.Errorf("unfolded: %d of %d lines", tl.count(), all)
	}
}

// TestPathIsTold: of the line that was pressed, and of none before.
func TestPathIsTold(t *testing.T) {
	v := New()
	var told []string
	v.OnPath = func(p string) { told = append(told, p) }
	w := stage.Over(t, v)
	w.Resize(fyne.NewSize(600, 800))
	v.SetJSON(read(t, nested))
	v.pane.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(200, 6+2.5*lineHeight)}, Button: desktop.MouseButtonPrimary})
	v.SetText("other")
	if fmt.Sprint(told) != "[.order.id ]" {
		t.Errorf("%q", told)
	}
}

// FuzzOutline: whatever the text, each value is found at its path, and what folds unfolds.
func FuzzOutline(f *testing.F) {
	f.Add(nested)
	f.Add(`[[[]],{},{"":""},"]"]`)
	f.Fuzz(func(t *testing.T, s string) {
		if !json.Valid([]byte(s)) || len(s) > 4000 {
			return
		}
		j, err := ReadJSON([]byte(s))
		if err != nil {
			return // not UTF-8
		}
		text := newTextLines(j.text, 80, j)
		all := text.count()
		for i := range j.blocks {
			if b := j.blocks[i]; b.close <= b.open || b.items == 0 {
				t.Fatalf("%+v in %q", b, j.text)
			}
		}
		j.foldAll(true)
		text.wrap(80)
		for i := range text.count() {
			text.text(i)
		}
		j.foldAll(false)
		if text.wrap(80); text.count() != all {
			t.Errorf("%d of %d lines", text.count(), all)
		}
		for at := 0; at < len(j.text); at += 7 {
			j.path(at)
		}
	})
}
