package bodyview

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"gantry/gui/stage"
)

func FuzzTextLinesKeepEveryByte(f *testing.F) {
	f.Add("a\nb\r\n\n", 0, 3)
	f.Add(strings.Repeat("长", 300)+"\xff\xfe"+strings.Repeat("x", 1000), 100, 900)
	f.Fuzz(func(t *testing.T, s string, a, b int) {
		l := newTextLines(s, 1+len(s)%200, outlined(s))
		var all strings.Builder
		for i := range l.count() {
			line := l.text(i)
			all.WriteString(line)
			if i+1 < l.count() && l.starts[i].end < l.starts[i+1].at {
				all.WriteByte('\n')
			}
			at := 0
			for _, p := range l.pieces(i) {
				if p.Start != at || p.End > len(line) {
					t.Fatalf("piece %+v at %d of %q", p, at, line)
				}
				at = p.End
			}
			if at != len(line) {
				t.Fatalf("pieces of %q end at %d", line, at)
			}
		}
		if all.String() != s {
			t.Fatalf("%q became %q", s, all.String())
		}
		last := l.count() - 1
		if got := l.slice(spot{}, spot{last, len(l.text(last))}); got != s {
			t.Fatalf("all of %q copies as %q", s, got)
		}
	})
}

func TestBodyCopiesToTheByte(t *testing.T) {
	v := New()
	w := stage.Over(t, v)
	long := "{\"a\":\"" + strings.Repeat("中x", 200) + "\"}\r\n\ttab \x01 \xff end\n"
	v.SetText(long)
	w.Canvas().Focus(v.Focus())
	copied := 0
	v.OnCopied = func(n int) { copied = n }
	p := v.Focus().(fyne.Shortcutable)
	p.TypedShortcut(&fyne.ShortcutSelectAll{})
	p.TypedShortcut(&fyne.ShortcutCopy{})
	if got := fyne.CurrentApp().Clipboard().Content(); got != long || copied != len(long) {
		t.Errorf("%d bytes became %d", len(long), len(got))
	}
}

func TestBodySelectsWithTheMouse(t *testing.T) {
	v := New()
	stage.Over(t, v)
	v.SetJSON(outlined("{\n  \"name\": \"李婷\",\n  \"id\": 90071992547409931\n}"))
	p := v.pane
	x := func(line, n int) float32 { return p.gutter() + p.xOf(p.lines.text(line), n) + 1 }
	p.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x(1, 10), 6+1.5*lineHeight)}, Button: desktop.MouseButtonPrimary})
	p.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: fyne.NewPos(x(2, 6), 6+2.5*lineHeight)}})
	if got := v.SelectedText(); got != "\"李婷\",\n  \"id\"" {
		t.Errorf("selected %q", got)
	}
	p.DoubleTapped(&fyne.PointEvent{Position: fyne.NewPos(x(2, 12), 6+2.5*lineHeight)})
	if got := v.SelectedText(); got != "90071992547409931" {
		t.Errorf("double tap took %q", got)
	}
	v.SetText("")
	if v.SelectedText() != "" {
		t.Error("a new body kept the old selection")
	}
}

func TestHugeBodyDrawsAPage(t *testing.T) {
	v := New()
	stage.Over(t, v)
	v.SetText(strings.Repeat("x", 5<<20))
	if n, cells := v.pane.lines.count(), v.cells(5<<20, bodyMargin); n != (5<<20+cells-1)/cells || cells < 70 {
		t.Errorf("%d lines of %d cells", n, cells)
	}
	v.SetHex(make([]byte, 5<<20))
	v.pane.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd})
	if v.scroll.Offset.Y < 1e6 {
		t.Errorf("End went to %v", v.scroll.Offset)
	}
	v.SelectAll()
	if got := len(v.SelectedText()); got != 5<<20/16*(76+1)-1 {
		t.Errorf("copied %d bytes", got)
	}
	// Where a line has no room it is half as long.
	v.Resize(fyne.NewSize(372, 200))
	if n, longest := v.pane.lines.count(), v.pane.MinSize().Width; n != 5<<20/8 || longest > 368 {
		t.Errorf("%d lines, %v wide", n, longest)
	}
	v.Resize(fyne.NewSize(700, 200))
	if n := v.pane.lines.count(); n != 5<<20/16 {
		t.Errorf("%d lines with room", n)
	}
}

// TestF3TextFollowsTheWidth: lines end where the view ends, at any width, and what was
// seen and selected stays so; where the user wants long lines, none is broken.
func TestF3TextFollowsTheWidth(t *testing.T) {
	v := New()
	w := stage.Over(t, v)
	text := strings.Repeat("The quick brown fox 跳过 the lazy dog. ", 100) + "\n" + strings.Repeat("x", 3000)
	for name, set := range map[string]func(string){"text": v.SetText, "JSON": func(s string) { v.SetJSON(outlined(s)) }} {
		w.Resize(fyne.NewSize(600, 400))
		set(text)
		lines := v.pane.lines.count()
		v.pane.anchor, v.pane.head = spot{2, 3}, spot{5, 1}
		selected := v.SelectedText()
		v.scroll.ScrollToOffset(fyne.NewPos(0, 6+10*lineHeight))
		first := v.pane.lines.(*textLines).offset(spot{line: 10})
		for _, width := range []float32{300, 1200, 360} {
			w.Resize(fyne.NewSize(width, 400))
			if need, there := v.pane.MinSize().Width, v.scroll.Size().Width; need > there {
				t.Errorf("%s at %v: needs %v of %v", name, width, need, there)
			}
			if n := v.pane.lines.count(); width < 600 && n <= lines || width > 600 && n >= lines {
				t.Errorf("%s at %v: %d lines, %d at 600", name, width, n, lines)
			}
			if v.SelectedText() != selected {
				t.Errorf("%s at %v: %q is selected", name, width, v.SelectedText())
			}
			l := v.pane.lines.(*textLines)
			seen := l.starts[int((v.scroll.Offset.Y-6)/lineHeight)]
			from, to := int(seen.at), int(seen.end)
			if first < from-l.cells*3 || first > to+l.cells*3 {
				t.Errorf("%s at %v: byte %d was seen first, now %d to %d", name, width, first, from, to)
			}
		}
		v.SetLong(true)
		if n := v.pane.lines.count(); n != 2 || v.pane.MinSize().Width < 3000*7 || v.SelectedText() != selected {
			t.Errorf("%s: %d lines where none is broken", name, n)
		}
		v.SetLong(false)
	}
}

// TestF16HomeAndEndWithControl go to the ends, as they do in every text.
func TestF16HomeAndEndWithControl(t *testing.T) {
	v := New()
	stage.Over(t, v)
	v.SetText(strings.Repeat("line\n", 500))
	v.pane.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyEnd, Modifier: fyne.KeyModifierControl})
	if end := v.pane.MinSize().Height - v.scroll.Size().Height; v.scroll.Offset.Y < end-1 {
		t.Errorf("End leads to %v of %v", v.scroll.Offset.Y, end)
	}
	v.pane.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyHome, Modifier: fyne.KeyModifierControl})
	if v.scroll.Offset != (fyne.Position{}) {
		t.Errorf("Home leads to %v", v.scroll.Offset)
	}
}
