package bodyview

import (
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"gantry/gui/stage"
)

// found is a view in a window that looks for something.
func found(t *testing.T, show func(*View), what string) *View {
	t.Helper()
	v := New()
	w := stage.Over(t, v)
	w.Resize(fyne.NewSize(600, 400))
	show(v)
	w.Canvas().Focus(v.Focus())
	v.pane.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyF, Modifier: fyne.KeyModifierControl})
	if w.Canvas().Focused() != fyne.Focusable(v.find.line.What) || !v.find.content.Visible() {
		t.Fatal("Ctrl+F opens no line")
	}
	v.find.line.What.SetText(what)
	return v
}

func said(v *View) string { return fmt.Sprint(v.find.current+1, " of ", len(v.find.hits)) }

// TestFindInText goes from hit to hit, shows it and selects it to the byte.
func TestFindInText(t *testing.T) {
	text := "Pay " + strings.Repeat("中 line\n", 100) + "repay PAY"
	v := found(t, func(v *View) { v.SetText(text) }, "pay")
	if said(v) != "1 of 3" || v.SelectedText() != "Pay" || v.scroll.Offset.Y != 0 {
		t.Errorf("%s, %q", said(v), v.SelectedText())
	}
	v.find.next(true)
	if said(v) != "2 of 3" || v.SelectedText() != "pay" || v.scroll.Offset.Y == 0 {
		t.Errorf("next: %s, %q at %v", said(v), v.SelectedText(), v.scroll.Offset)
	}
	v.find.next(false)
	v.find.next(false)
	if said(v) != "3 of 3" || v.SelectedText() != "PAY" {
		t.Errorf("back over the beginning: %s, %q", said(v), v.SelectedText())
	}
	v.find.line.Exact.SetChecked(true)
	if said(v) != "1 of 1" || v.SelectedText() != "pay" {
		t.Errorf("with case: %s, %q", said(v), v.SelectedText())
	}
	v.SetText("another pay") // is searched too
	if said(v) != "1 of 1" || v.find.hits[0].From != 8 {
		t.Errorf("another body: %s", said(v))
	}
	v.pane.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if v.find.open || v.find.hits != nil {
		t.Error("Escape does not close the line")
	}
	escaped := false
	v.OnEscape = func() { escaped = true }
	if v.pane.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape}); !escaped {
		t.Error("then it does nothing")
	}
	if v.pane.TypedKey(&fyne.KeyEvent{Name: fyne.KeyF3}); !v.find.open || said(v) != "1 of 1" {
		t.Error("F3 does not look again")
	}
}

// TestFindUnfolds: what is folded is found, and opened.
func TestFindUnfolds(t *testing.T) {
	v := found(t, func(v *View) {
		v.SetJSON(read(t, `{"a":{"b":[1,{"deep":"here"}]},"c":{"d":1}}`))
		v.pane.fold(func(j *JSON) { j.foldAll(true) })
	}, "here")
	if said(v) != "1 of 1" || v.SelectedText() != "here" {
		t.Errorf("%s, %q", said(v), v.SelectedText())
	}
	var all []string
	for i := range v.pane.lines.count() {
		all = append(all, v.pane.lines.text(i))
	}
	if lines := strings.Join(all, "\n"); !strings.Contains(lines, `"deep": "here"`) || strings.Contains(lines, `"d": 1`) {
		t.Errorf("seen:\n%s", lines)
	}
}

// TestFindInHex: a text, or bytes, over the end of a line too; and the same in a narrower
// window.
func TestFindInHex(t *testing.T) {
	data := []byte("0123456789abcde\xca\xfe cafe")
	for what, want := range map[string]string{"cafe": "[{15 17} {18 22}]", "CA FE": "[{15 17}]", "ef": "[]", "e": "[{14 15} {21 22}]"} {
		v := found(t, func(v *View) { v.SetHex(data) }, what)
		if got := fmt.Sprint(v.find.hits); got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	h := &hexLines{data, 16}
	for i, want := range []string{"ca|.", "fe|."} {
		var parts []string
		for _, c := range h.columns(i, 15+i, 16+i) {
			parts = append(parts, h.text(i)[c[0]:c[1]])
		}
		if got := strings.Join(parts, "|"); got != want {
			t.Errorf("line %d marks %q, want %q", i, got, want)
		}
	}
	narrow := &hexLines{data, 8}
	if c := narrow.columns(2, 18, 22); narrow.text(2)[c[0][0]:c[0][1]] != "63 61 66 65" || narrow.text(2)[c[1][0]:c[1][1]] != "cafe" {
		t.Errorf("narrow: %v of %q", c, narrow.text(2))
	}
}

// TestFindInALongBody does not hold the main goroutine, and the newest question counts.
func TestFindInALongBody(t *testing.T) {
	s := stage.New(t)
	scope := s.Tasks.Scope()
	v := New()
	v.SetTasks(s.Tasks, scope)
	s.Show(v)
	v.SetText(strings.Repeat("needle in a haystack of ten MB\n", 10<<20/31))
	v.Find()
	v.find.line.What.SetText("haystack")
	v.find.line.What.SetText("needle")
	if !v.Searching() || v.find.hits != nil {
		t.Error("searched at once")
	}
	s.Until(t, "what was found", func() bool { return !v.Searching() })
	if said(v) != fmt.Sprint("1 of ", 10<<20/31) || v.SelectedText() != "needle" {
		t.Errorf("%s, %q", said(v), v.SelectedText())
	}
	v.find.line.What.SetText("ten")
	v.SetText("ten")
	if v.Searching() || said(v) != "1 of 1" {
		t.Errorf("another body: %s", said(v))
	}
}
