package editor

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"gantry/gui/stage"
	"gantry/gui/theme"
)

// rig is an editor on a stage, with the focus.
type rig struct {
	*stage.Stage
	*Editor
	t    testing.TB
	held fyne.KeyModifier
}

func newRig(t testing.TB, text string) *rig {
	t.Helper()
	r := &rig{Stage: stage.New(t), t: t}
	r.Editor = New(r.Tasks, r.Tasks.Scope())
	r.modifiers = func() fyne.KeyModifier { return r.held }
	r.now = func() time.Time { return time.Time{} } // each click is right after the last
	r.SetText(text)
	r.Window.SetContent(r.Editor)
	r.Window.Resize(fyne.NewSize(600, 400))
	r.Window.Canvas().Focus(r.Focus())
	return r
}

func (r *rig) focused() fyne.Focusable { return r.Window.Canvas().Focused() }

// keys presses keys as a person does: "Shift+Left", "Ctrl+Shift+Z", "a".
func (r *rig) keys(all ...string) {
	r.t.Helper()
	for _, k := range all {
		parts := strings.Split(k, "+")
		name := fyne.KeyName(parts[len(parts)-1])
		r.held = 0
		for _, m := range parts[:len(parts)-1] {
			r.held |= map[string]fyne.KeyModifier{"Shift": fyne.KeyModifierShift, "Ctrl": fyne.KeyModifierControl, "Alt": fyne.KeyModifierAlt}[m]
		}
		clip := fyne.CurrentApp().Clipboard()
		var s fyne.Shortcut
		switch k {
		case "Ctrl+C":
			s = &fyne.ShortcutCopy{Clipboard: clip}
		case "Ctrl+X":
			s = &fyne.ShortcutCut{Clipboard: clip}
		case "Ctrl+V":
			s = &fyne.ShortcutPaste{Clipboard: clip}
		case "Ctrl+A":
			s = &fyne.ShortcutSelectAll{}
		case "Ctrl+Z":
			s = &fyne.ShortcutUndo{}
		case "Ctrl+Y":
			s = &fyne.ShortcutRedo{}
		default:
			if r.held&^fyne.KeyModifierShift != 0 {
				s = &desktop.CustomShortcut{KeyName: name, Modifier: r.held}
			}
		}
		if s != nil {
			r.focused().(fyne.Shortcutable).TypedShortcut(s)
		} else {
			r.focused().TypedKey(&fyne.KeyEvent{Name: name})
		}
		r.held = 0
	}
}

// typed types.
func (r *rig) typed(s string) {
	for _, c := range s {
		r.focused().TypedRune(c)
	}
}

// at is where a character is on the page, in the middle of its left edge.
func (r *rig) at(line, column int) fyne.Position {
	place := r.m.at(line, column)
	n, start := r.m.lineOf(place)
	return fyne.NewPos(float32(r.m.x(start, place)-r.left)+1, margin+(float32(n)+0.5)*lineHeight-float32(r.top))
}

func (r *rig) click(line, column int, mod fyne.KeyModifier) {
	r.page.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: r.at(line, column)}, Button: desktop.MouseButtonPrimary, Modifier: mod})
}

func (r *rig) want(text, selected string) {
	r.t.Helper()
	if r.Text() != text || r.Selected() != selected {
		r.t.Errorf("the text is %q, %q selected; want %q, %q", r.Text(), r.Selected(), text, selected)
	}
}

func TestKeyboard(t *testing.T) {
	r := newRig(t, "")
	changes := 0
	r.OnChanged = func() { changes++ }
	r.typed("{")
	r.keys("Return")
	r.typed("\"名\": 1")
	r.want("{\n  \"名\": 1", "")
	r.keys("Ctrl+Left", "Ctrl+Shift+Left")
	r.want("{\n  \"名\": 1", "\": ")
	r.keys("Home", "Shift+End")
	r.want("{\n  \"名\": 1", "\"名\": 1")
	r.keys("Ctrl+C", "Ctrl+End", "Return", "Ctrl+V")
	r.want("{\n  \"名\": 1\n  \"名\": 1", "")
	r.keys("Ctrl+BackSpace", "Ctrl+BackSpace", "BackSpace")
	r.want("{\n  \"名\": 1\n  \"", "")
	r.keys("Ctrl+Z", "Ctrl+Z", "Ctrl+Z", "Ctrl+Z", "Ctrl+Z")
	r.want("{\n  \"名\": 1", "")
	r.keys("Ctrl+Y", "Ctrl+Shift+Z")
	r.want("{\n  \"名\": 1\n  \"名\": 1", "")
	r.keys("Ctrl+Home", "Delete", "Ctrl+Delete")
	r.want("  \"名\": 1\n  \"名\": 1", "")
	r.keys("Ctrl+A", "Ctrl+X")
	r.want("", "")
	if changes != 23 {
		t.Errorf("%d changes were told", changes)
	}
	r.keys("Left", "Up", "Right", "Down", "BackSpace", "Delete", "Ctrl+Y", "PageUp", "PageDown", "Shift+Home")
	if r.want("", ""); changes != 23 {
		t.Error("a change of nothing was told")
	}
	fyne.CurrentApp().Clipboard().SetContent("a\r\nb")
	r.keys("Ctrl+V")
	r.want("a\nb", "")
	r.keys("Escape")
	if r.focused() != nil {
		t.Error("Escape leaves the focus")
	}
}

// TestOtherKeys are for the window: no letter twice, and no Tab.
func TestOtherKeys(t *testing.T) {
	r := newRig(t, "x")
	got := ""
	r.Window.Canvas().SetOnTypedKey(func(k *fyne.KeyEvent) { got += string(k.Name) })
	r.keys("F5", "J", "Space")
	if got != "F5" {
		t.Errorf("the window got %q", got)
	}
	r.keys("Ctrl+Shift+J", "Ctrl+Return", "Alt+1")
	r.want("x", "")
	if _, ok := r.Focus().(fyne.Tabbable); ok {
		t.Error("Tab is no way out")
	}
}

func TestMouse(t *testing.T) {
	r := newRig(t, "one 李婷_2-x three\nsecond line\n"+strings.Repeat("more\n", 40))
	r.click(1, 6, 0)
	r.click(1, 6, 0)
	r.want(r.Text(), "李婷_2-x")
	r.click(1, 6, 0)
	r.want(r.Text(), "one 李婷_2-x three\n")
	r.click(2, 3, 0)
	r.click(2, 8, fyne.KeyModifierShift)
	r.want(r.Text(), "cond ")
	drag := func(pos fyne.Position) { r.page.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: pos}}) }
	r.click(1, 1, 0)
	drag(r.at(2, 7))
	r.want(r.Text(), "one 李婷_2-x three\nsecond")
	// Held below the edge it goes on by itself.
	drag(fyne.NewPos(10, r.page.Size().Height+20))
	r.Until(t, "the end", func() bool { return r.m.head == r.m.size })
	if all, seen := r.extent(); r.top != all[1]-seen[1] {
		t.Errorf("%v is scrolled away", r.top)
	}
	r.page.DragEnd()
	r.page.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, 40)})
	if all, seen := r.extent(); r.top != all[1]-seen[1]-40 {
		t.Errorf("%v is scrolled away", r.top)
	}
	r.page.TappedSecondary(&fyne.PointEvent{})
	for _, item := range []string{"Cut", "Copy", "Paste", "Select all"} {
		if !r.Has(item) {
			t.Errorf("the menu has no %q", item)
		}
	}
}

func TestScrollBars(t *testing.T) {
	r := newRig(t, strings.Repeat(strings.Repeat("0123456789", 50)+"\n", 500))
	at, long := r.down.thumb(r.down.Size().Height)
	if at != 0 || long != barLeast {
		t.Errorf("the bar is at %v, %v long", at, long)
	}
	r.down.Dragged(&fyne.DragEvent{Dragged: fyne.NewDelta(0, 10_000)})
	r.across.Dragged(&fyne.DragEvent{Dragged: fyne.NewDelta(10_000, 0)})
	all, seen := r.extent()
	if r.top != all[1]-seen[1] || r.left != all[0]-seen[0] {
		t.Errorf("dragged to %v, %v of %v", r.left, r.top, all)
	}
	r.down.Tapped(&fyne.PointEvent{})
	if want := all[1] - 2*seen[1]; r.top != want {
		t.Errorf("a tap above leads to %v, want %v", r.top, want)
	}
	r.SetText("short")
	if r.left != 0 || r.top != 0 {
		t.Error("a short text is scrolled away")
	}
	if _, long := r.down.thumb(300); long != 0 {
		t.Error("a short text has a bar")
	}
}

func TestReadOnly(t *testing.T) {
	r := newRig(t, "text")
	r.SetReadOnly(true)
	r.typed("x")
	r.keys("Ctrl+A", "BackSpace", "Ctrl+X", "Ctrl+V", "Return", "Ctrl+Z")
	r.Insert("y")
	r.want("text", "text")
}

func TestErrorMovesAlong(t *testing.T) {
	r := newRig(t, "a\nbcd x\ne")
	r.SetError(2, 2)
	r.keys("Down", "Return")
	r.typed("zz")
	if l, c := r.m.place(r.failed); l != 3 || c != 4 {
		t.Errorf("the mark is at %d, %d", l, c)
	}
	r.keys("Ctrl+A", "Delete")
	if r.failed > 0 {
		t.Errorf("the mark is at byte %d of nothing", r.failed)
	}
	r.SetError(0, 0)
	if r.failed != -1 {
		t.Error("the mark stays")
	}
}

func TestChineseIsPlaced(t *testing.T) {
	r := newRig(t, "李婷ab\tc")
	wide, cell := float64(draw13("中")), r.pen.Cell()
	if x := r.m.x(0, 6); x != 2*wide {
		t.Errorf("two signs are %v wide, want %v", x, 2*wide)
	}
	if x, want := r.m.x(0, 9), 8*cell; x != want {
		t.Errorf("the tab leads to %v, want %v", x, want)
	}
	r.keys("Right", "Shift+Right")
	r.want(r.Text(), "婷")
	r.keys("Delete")
	r.want("李ab\tc", "")
}

func draw13(s string) float32 {
	return fyne.MeasureText(s, theme.SizeText, fyne.TextStyle{Monospace: true}).Width
}

// drawn is how many characters are drawn.
func (r *rig) drawn() (n int) {
	stage.Walk(r.page, func(o fyne.CanvasObject) {
		if x, ok := o.(*canvas.Text); ok {
			n += len(x.Text)
		}
	})
	return n
}

// TestOnlyWhatIsSeenIsDrawn of 1 MB in lines and in one line, at both ends.
func TestOnlyWhatIsSeenIsDrawn(t *testing.T) {
	for name, text := range map[string]string{
		"lines": strings.Repeat("{\"key\": \"value\", \"n\": 12}\n", 1<<20/26), "a line": strings.Repeat("{\"key\": \"中\"},", 1<<20/15),
	} {
		r := newRig(t, text)
		for _, k := range []string{"Ctrl+Home", "Ctrl+End", "Ctrl+Home"} {
			r.keys(k)
			if n := r.drawn(); n < 300/15 || n > 5000 {
				t.Errorf("%s: %s draws %d bytes", name, k, n)
			}
		}
		r.keys("Ctrl+End")
		r.typed("x")
		if !strings.HasSuffix(r.Text(), "x") || r.Len() != len(text)+1 {
			t.Errorf("%s: %d bytes of %d", name, r.Len(), len(text))
		}
	}
}

func TestWhatAScreenReaderIsTold(t *testing.T) {
	r := newRig(t, "a\n"+strings.Repeat("中", 5000)+"\n")
	a := r.Focus().(fyne.Accessible)
	if got := a.AccessibilityLabel(); got != "line 1 of 3, a" || a.AccessibilityRole() != fyne.AccessibleRoleText {
		t.Errorf("%q", got)
	}
	r.keys("Down")
	r.SetError(2, 1)
	if got := a.AccessibilityLabel(); got != "line 2 of 3, an error is here, "+strings.Repeat("中", spokenMost)+"…" {
		t.Errorf("%q", got)
	}
	r.keys("Ctrl+End")
	if got := a.AccessibilityLabel(); got != "line 3 of 3, empty" {
		t.Errorf("%q", got)
	}
}

// TestGoldens: numbers, colours, an error, a selection and a placeholder, in both themes.
func TestGoldens(t *testing.T) {
	r := newRig(t, "{\n  \"id\": \"ORD-{{seq}}\",\n  \"n\": 26.8,\n  \"ok\": tru,\n  \"x\": null\n}")
	r.Spans = func(line string) []Span {
		if i := strings.Index(line, "{{"); i >= 0 {
			return []Span{{Start: i, End: strings.Index(line, "}}") + 2, Colour: theme.Accent}}
		}
		return nil
	}
	r.Window.Resize(fyne.NewSize(300, 180))
	r.SetError(4, 9)
	r.m.move(r.m.at(2, 3), false)
	r.m.move(r.m.at(3, 6), true)
	r.reveal()
	test.AssertRendersToMarkup(t, "light.xml", r.Window.Canvas())
	fyne.CurrentApp().Settings().SetTheme(theme.New(theme.Dark))
	r.Editor.Refresh()
	test.AssertRendersToMarkup(t, "dark.xml", r.Window.Canvas())
	r.keys("Ctrl+H")
	r.typed("n")
	test.AssertRendersToMarkup(t, "find.xml", r.Window.Canvas())
}
