package widgets

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

// stage starts an application in our light theme with a window over o.
func stage(t *testing.T, o fyne.CanvasObject) fyne.Window {
	t.Helper()
	app := test.NewTempApp(t)
	app.Settings().SetTheme(theme.New(theme.Light))
	w := test.NewTempWindow(t, o)
	w.Resize(fyne.NewSize(600, 400))
	return w
}

func key(name fyne.KeyName) *fyne.KeyEvent { return &fyne.KeyEvent{Name: name} }

// press sends a key to what has the focus.
func press(w fyne.Window, names ...fyne.KeyName) {
	for _, n := range names {
		if f := w.Canvas().Focused(); f != nil {
			f.TypedKey(key(n))
		} else if f := w.Canvas().OnTypedKey(); f != nil {
			f(key(n))
		}
	}
}

func TestGoldens(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Light))
	tabs := NewTabs(nil, "Send", "Subscribe", "Browse")
	tabs.SetBadge(1, "2")
	tabs.Select(1)
	chip := NewSubChip("order-events", nil, nil)
	chip.Set("order-events", "", "12/s", SubReceiving, true)
	segments := NewSegments(nil, "JSON", "Text", "Hex")
	segments.Set(1)
	field := NewField("Topic", NewEntry())
	field.SetError("A topic has no spaces")
	meter := NewMeter(60, 4)
	meter.Set(0.5, theme.Accent)
	row := ProfileView{Name: "orders-dev", Address: "10.2.14.31:9876", More: "+1", Env: "dev", EnvWord: "DEV", Dot: DotOn, Chosen: true}
	rail := row
	rail.Rail = true
	for name, o := range map[string]fyne.CanvasObject{
		"tabs": tabs, "subchip": chip, "segments": segments, "field": field, "meter": meter,
		"profilerow": NewProfileRow(row, nil), "profilerow_rail": NewProfileRow(rail, nil),
		"envchip": NewEnvChip("prod", "PROD"), "dot_off": NewDot(DotOff),
		"button_primary": NewButton("Save", nil, Primary, nil), "button_quiet": NewButton("Copy", nil, Quiet, nil),
		"banner": NewBanner(false, "Another member takes a share.", Choice{Text: "Follow instead", Kind: Quiet}),
		"facts":  NewFacts(Fact{Label: "Queue", Value: "broker-a · 2 · 1820447", Mono: true}),
		"empty":  NewEmptyState("Nothing found", "Read 52,118 messages.", []string{"Press Send"}),
	} {
		test.NewTempWindow(t, container.NewWithoutLayout(o))
		size := o.MinSize().Max(fyne.NewSize(0, 0))
		if name == "profilerow" || name == "banner" || name == "empty" {
			size.Width = 400
		}
		o.Resize(size)
		golden := filepath.Join("testdata", name+".xml")
		got := test.RenderObjectToMarkup(o)
		want, err := os.ReadFile(golden)
		if os.IsNotExist(err) && os.Getenv("UPDATE_GOLDENS") != "" {
			_ = os.MkdirAll("testdata", 0o755)
			err = os.WriteFile(golden, []byte(got), 0o644)
			want = []byte(got)
		}
		if err != nil || got != string(want) {
			t.Errorf("%s differs from %s (%v); remove that file and set UPDATE_GOLDENS=1 to renew it; got:\n%s", name, golden, err, got)
		}
	}
}

func TestTabsByKeyAndPointer(t *testing.T) {
	var got []int
	tabs := NewTabs(func(i int) { got = append(got, i) }, "One", "Two", "Three")
	w := stage(t, tabs)
	w.Canvas().Focus(tabs)
	press(w, fyne.KeyRight, fyne.KeyRight, fyne.KeyRight, fyne.KeySpace, fyne.KeyLeft, fyne.KeyReturn)
	test.TapAt(tabs, fyne.NewPos(14, 10))
	if !slices.Equal(got, []int{2, 1, 0}) || tabs.Selected() != 0 {
		t.Errorf("chosen %v", got)
	}
}

func TestSegmentsByKey(t *testing.T) {
	var got []int
	s := NewSegments(func(i int) { got = append(got, i) }, "One", "Two")
	w := stage(t, s)
	w.Canvas().Focus(s)
	press(w, fyne.KeyRight, fyne.KeyRight, fyne.KeyLeft)
	s.Set(1)
	s.Disable()
	s.Select(0)
	if !slices.Equal(got, []int{1, 0}) || s.Selected() != 1 {
		t.Errorf("chosen %v, now %d", got, s.Selected())
	}
}

func TestDisabledButtonIsDeaf(t *testing.T) {
	n := 0
	b := NewButton("Go", nil, Primary, func() { n++ })
	w := stage(t, b)
	w.Canvas().Focus(b)
	press(w, fyne.KeySpace, fyne.KeyEnter)
	b.Disable()
	b.Tapped(nil)
	if n != 2 {
		t.Errorf("pressed %d times", n)
	}
}

func TestThemeSwitchReachesWidgets(t *testing.T) {
	chip := NewEnvChip("dev", "DEV")
	stage(t, chip)
	find := func() any { return test.WidgetRenderer(chip).Objects()[1].(*canvas.Text).Color }
	if find() != theme.EnvDev.In(false) {
		t.Error("not light at first")
	}
	fyne.CurrentApp().Settings().SetTheme(theme.New(theme.Dark))
	chip.Refresh()
	if find() != theme.EnvDev.In(true) {
		t.Error("the chip stayed light")
	}
}

func TestCompletionFiltersWhileTyping(t *testing.T) {
	var picked, changed string
	c := NewCompletion([]string{"pay-order", "order-events", "order-settle"})
	c.OnPicked = func(s string) { picked = s }
	c.OnChanged = func(s string) { changed = s }
	w := stage(t, container.NewVBox(NewField("Topic", c)))
	w.Canvas().Focus(c)
	for _, r := range "order" {
		w.Canvas().Focused().TypedRune(r)
	}
	if !c.Open() || c.Text != "order" || changed != "order" {
		t.Fatalf("open %v, text %q, changed %q", c.Open(), c.Text, changed)
	}
	if !slices.Equal(c.drop.items, []Suggestion{{Text: "order-events"}, {Text: "order-settle"}, {Text: "pay-order"}}) {
		t.Errorf("offers %v", c.drop.items)
	}
	press(w, fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn)
	if picked != "order-settle" || c.Text != "order-settle" || c.Open() || w.Canvas().Focused() != c {
		t.Errorf("picked %q, text %q, open %v", picked, c.Text, c.Open())
	}
	press(w, fyne.KeyDown) // Down offers everything again
	if !c.Open() || len(c.drop.items) != 3 {
		t.Errorf("Down: open %v, %v", c.Open(), c.drop.items)
	}
	press(w, fyne.KeyEscape)
	c.SetText("pay") // by code: no list
	if c.Open() {
		t.Error("opened by code")
	}
}

func TestEntryHooks(t *testing.T) {
	var got []string
	e := NewEntry()
	e.OnEscape = func() { got = append(got, "esc") }
	e.OnEnter = func() { got = append(got, "enter") }
	w := stage(t, e)
	w.Canvas().Focus(e)
	press(w, fyne.KeyEscape, fyne.KeyReturn)
	if strings.Join(got, " ") != "esc enter" {
		t.Error(got)
	}
}

func testList(t *testing.T, n int) (*List, fyne.Window) {
	l := NewList(26, func() int { return n }, func() fyne.CanvasObject { return canvas.NewText("", nil) }, func(int, fyne.CanvasObject) {})
	w := stage(t, l.View())
	w.SetPadded(false)
	w.Resize(fyne.NewSize(300, 260))
	return l, w
}

func TestListKeys(t *testing.T) {
	l, w := testList(t, 100)
	var got []int
	l.OnSelected = func(i int) { got = append(got, i) }
	w.Canvas().Focus(l)
	press(w, fyne.KeyDown, fyne.KeyDown, fyne.KeyPageDown, fyne.KeyEnd, fyne.KeyUp, fyne.KeyHome)
	if !slices.Equal(got, []int{0, 1, 10, 99, 98, 0}) {
		t.Errorf("selected %v", got)
	}
	var hooks []string
	l.OnEnter = func() { hooks = append(hooks, "enter") }
	l.OnEscape = func() { hooks = append(hooks, "esc") }
	l.OnSpace = func() { hooks = append(hooks, "space") }
	l.OnEnd = func() { hooks = append(hooks, "end") }
	l.OnPage = func(d int) { hooks = append(hooks, "page") }
	press(w, fyne.KeyEnter, fyne.KeyEscape, fyne.KeySpace, fyne.KeyEnd, fyne.KeyPageUp)
	if strings.Join(hooks, " ") != "enter esc space end page" {
		t.Error(hooks)
	}
}

func TestListGeometry(t *testing.T) {
	l, _ := testList(t, 100)
	if l.VisibleRows() != 10 || l.FirstVisible() != 0 || l.AtBottom() {
		t.Errorf("rows %d, first %d, bottom %v", l.VisibleRows(), l.FirstVisible(), l.AtBottom())
	}
	l.ScrollToBottom()
	if !l.AtBottom() || l.FirstVisible() != 90 {
		t.Errorf("first %d at the bottom", l.FirstVisible())
	}
	n := 0
	l.OnSelected = func(int) { n++ }
	l.SetSelected(50)
	if l.FirstVisible() != 90 || l.Selected() != 50 || n != 0 {
		t.Errorf("SetSelected scrolled to %d or told %d times", l.FirstVisible(), n)
	}
	l.ScrollToOffset(40 * 26)
	l.Shift(10)
	if l.FirstVisible() != 30 || l.Selected() != 40 {
		t.Errorf("Shift: first %d, selected %d", l.FirstVisible(), l.Selected())
	}
	l.Shift(60)
	if l.Selected() != -1 || l.FirstVisible() != 0 {
		t.Errorf("evicted: first %d, selected %d", l.FirstVisible(), l.Selected())
	}
}

func TestInitials(t *testing.T) {
	for in, want := range map[string]string{"orders-dev": "OD", "支付联调": "支", "TDMQ 广州": "T", "sandbox": "S", "": "", "a b c": "AB"} {
		if got := Initials(in); got != want {
			t.Errorf("Initials(%q) = %q", in, got)
		}
	}
}

func TestFieldGrowsForAnError(t *testing.T) {
	f := NewField("Topic", NewEntry())
	stage(t, container.NewVBox(f))
	before := f.MinSize().Height
	f.SetError("A topic has no spaces")
	if f.MinSize().Height <= before || f.Error() == "" {
		t.Error("no room for the error")
	}
	f.SetError("")
	if f.MinSize().Height != before {
		t.Error("the room stayed")
	}
}

func TestIconsExist(t *testing.T) {
	stage(t, NewIconButton(theme.LockIcon(), "Lock", nil))
	if len(theme.Icon(fynetheme.MailSendIcon(), theme.Accent).Content()) == 0 {
		t.Error("no icon")
	}
}

func TestWordCutsItself(t *testing.T) {
	w := NewWord("a long sentence that does not fit", theme.Text).Shrinks(40)
	stage(t, w)
	if w.MinSize().Width != 40 {
		t.Errorf("asks for %v", w.MinSize())
	}
	w.Resize(fyne.NewSize(80, 20))
	drawn := test.WidgetRenderer(w).Objects()[0].(*canvas.Text).Text
	if !strings.HasSuffix(drawn, "…") || w.Text() == drawn {
		t.Errorf("draws %q", drawn)
	}
}

func TestToastComesAndGoes(t *testing.T) {
	var later func()
	toasts := NewToasts(nil, func(_ time.Duration, f func()) func() { later = f; return func() {} })
	w := stage(t, container.NewStack(NewEntry(), toasts))
	pressed := 0
	toasts.Say("Saved", false, "Open", func() { pressed++ })
	if !toasts.shown || w.Canvas().Focused() != nil {
		t.Error("not shown, or it took the focus")
	}
	toasts.action.Tapped(nil)
	if pressed != 1 || toasts.shown {
		t.Error("the action did not run or left the toast")
	}
	toasts.Say("Failed", true, "", nil)
	later()
	if toasts.shown {
		t.Error("it stays for ever")
	}
}

// TestProfileRowSaysWhatFits: of an open connection as much as there is room for, never a part
// of a number.
func TestProfileRowSaysWhatFits(t *testing.T) {
	full, brief, least := "2 of 2 brokers · 1.2 k/s lag 40", "2 brokers · 1.2 k/s lag 40", "1.2 k/s lag 40"
	row := NewProfileRow(ProfileView{Name: "prod", Doing: [3]string{full, brief, least}, Address: "a:1", Dot: DotOn}, nil)
	measure := func(s string) float32 { return draw.Width(s, theme.SizeCaption, draw.Regular()) }
	for _, x := range []struct {
		room float32
		want string
	}{{measure(full), full}, {measure(full) - 1, brief}, {measure(brief) - 1, least}} {
		if got := row.view.fitting(x.room, measure); got != x.want {
			t.Errorf("in %v: %q, want %q", x.room, got, x.want)
		}
	}
	if v := (ProfileView{Problem: "No broker answers", Doing: [3]string{full}}); v.fitting(500, func(string) float32 { return 1 }) != "No broker answers" {
		t.Error("a problem is not said first")
	}
}

// TestHintFits: a placeholder is cut to its entry, which would have a scroll bar else, and
// spoken whole.
func TestHintFits(t *testing.T) {
	const hint = "a word  key:…  .path:…"
	e := NewFilter(hint, func(*fyne.KeyEvent) bool { return true })
	for width, whole := range map[float32]bool{500: true, 120: false} {
		e.Resize(fyne.NewSize(width, 36))
		if (e.PlaceHolder == hint) != whole || !whole && !strings.HasSuffix(e.PlaceHolder, "…") {
			t.Errorf("%v wide: %q", width, e.PlaceHolder)
		}
		if !strings.Contains(e.AccessibilityLabel(), hint) {
			t.Errorf("spoken: %q", e.AccessibilityLabel())
		}
	}
}
