// Package stage puts a screen into a window for its tests: without a display, with a
// main loop that the test turns by hand. Only tests import it, each from its own
// goroutine.
package stage

import (
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// patience is how long a test waits for what must come.
const patience = 10 * time.Second

// Loop stands in for Fyne's main goroutine: the test runs what is queued.
type Loop struct{ queue chan func() }

// NewLoop returns an empty one.
func NewLoop() *Loop { return &Loop{queue: make(chan func(), 10_000)} }

// Do queues f, from any goroutine.
func (l *Loop) Do(f func()) { l.queue <- f }

// Until runs what is queued until cond holds, and ends the test where it never does.
func (l *Loop) Until(t testing.TB, what string, cond func() bool) {
	t.Helper()
	limit := time.After(patience)
	for !cond() {
		select {
		case f := <-l.queue:
			f()
		case <-limit:
			t.Fatalf("waited for %s in vain", what)
		}
	}
}

// Settle runs what is queued for d.
func (l *Loop) Settle(d time.Duration) {
	limit := time.After(d)
	for {
		select {
		case f := <-l.queue:
			f()
		case <-limit:
			return
		}
	}
}

// Quiet runs what is queued until nothing came for d and busy, if given, is false.
func (l *Loop) Quiet(d time.Duration, busy func() bool) {
	for {
		select {
		case f := <-l.queue:
			f()
		case <-time.After(d):
			if busy == nil || !busy() {
				return
			}
		}
	}
}

// NoDesktop hides the desktop's session bus from a test: who runs it is not asked for
// files.
func NoDesktop(t testing.TB) {
	t.Helper()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+t.TempDir()+"/none")
}

// Stage is a window of the usual size, in English and light.
type Stage struct {
	*Loop
	Tasks  *task.Runner
	Window fyne.Window
	t      testing.TB
}

// Over opens a small window over an object, in our light theme, without a loop.
func Over(t testing.TB, o fyne.CanvasObject) fyne.Window {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Light))
	w := test.NewTempWindow(t, o)
	w.Resize(fyne.NewSize(600, 400))
	return w
}

// New returns a stage whose tasks end with the test, after what the test registers
// for its own end.
func New(t testing.TB) *Stage {
	t.Helper()
	NoDesktop(t)
	test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Light))
	if err := words.Load(words.English); err != nil {
		t.Fatal(err)
	}
	s := &Stage{Loop: NewLoop(), t: t}
	s.Tasks = task.New(s.Do)
	s.Window = test.NewTempWindow(t, widget.NewLabel(""))
	t.Cleanup(func() { s.Tasks.Close(5 * time.Second) })
	return s
}

// Show puts a screen into the window.
func (s *Stage) Show(screen fyne.CanvasObject) {
	s.Window.SetContent(screen)
	s.Window.Resize(fyne.NewSize(1224, 800))
}

// Has tells whether a text is seen or typed.
func (s *Stage) Has(text string) bool { return strings.Contains(Texts(s.Window), text) }

// UntilText waits until a text is seen or typed.
func (s *Stage) UntilText(text string) {
	s.t.Helper()
	s.Until(s.t, "the text "+text, func() bool { return s.Has(text) })
}

// Tap presses the last button of that name.
func (s *Stage) Tap(text string) {
	s.t.Helper()
	Tap(s.t, s.Window, text)
}

// Walk visits every object of a tree that can be seen.
func Walk(o fyne.CanvasObject, f func(fyne.CanvasObject)) {
	if o == nil || !o.Visible() {
		return
	}
	f(o)
	switch o := o.(type) {
	case *fyne.Container:
		for _, c := range o.Objects {
			Walk(c, f)
		}
	case fyne.Widget:
		for _, c := range test.WidgetRenderer(o).Objects() {
			Walk(c, f)
		}
	}
}

// See visits what can be seen in a window and over it.
func See(w fyne.Window, f func(fyne.CanvasObject)) {
	Walk(w.Content(), f)
	for _, o := range w.Canvas().Overlays().List() {
		Walk(o, f)
	}
}

// Texts returns every text of a window that is seen or typed, one a line.
func Texts(w fyne.Window) string {
	var b strings.Builder
	See(w, func(o fyne.CanvasObject) {
		switch o := o.(type) {
		case *canvas.Text:
			b.WriteString(o.Text + "\n")
		case *widgets.Entry:
			b.WriteString(o.Text + "\n")
		case interface {
			Text() string
			CursorPlace() (line, column int)
		}: // an editor, which draws its lines in pieces
			b.WriteString(o.Text() + "\n")
		case *widget.RichText:
			b.WriteString(o.String() + "\n")
		}
	})
	return b.String()
}

// Button returns the last button of that name, of a question before the page's; nil
// where there is none.
func Button(w fyne.Window, text string) *widgets.Button {
	var found *widgets.Button
	See(w, func(o fyne.CanvasObject) {
		if b, ok := o.(*widgets.Button); ok && b.Text() == text {
			found = b
		}
	})
	return found
}

// Tap presses the last button of that name.
func Tap(t testing.TB, w fyne.Window, text string) {
	t.Helper()
	b := Button(w, text)
	if b == nil {
		t.Fatalf("no button %q in:\n%s", text, Texts(w))
	}
	test.Tap(b)
}

// Cells returns the texts of a sheet's rows.
func Cells(s *widgets.Sheet) []string {
	var out []string
	for _, row := range s.Rows() {
		for _, c := range row.Cells {
			if c.Text != "" {
				out = append(out, c.Text)
			}
		}
	}
	return out
}

// Choose chooses an item of the menu that is open, by its words.
func (s *Stage) Choose(text string) {
	s.t.Helper()
	var found fyne.Tappable
	See(s.Window, func(o fyne.CanvasObject) {
		item, ok := o.(interface {
			fyne.Tappable
			Child() *widget.Menu
		})
		if !ok {
			return
		}
		Walk(o, func(o fyne.CanvasObject) {
			if t, ok := o.(*canvas.Text); ok && t.Text == text {
				found = item
			}
		})
	})
	if found == nil {
		s.t.Fatalf("no menu with %q in:\n%s", text, Texts(s.Window))
	}
	found.Tapped(&fyne.PointEvent{})
}
