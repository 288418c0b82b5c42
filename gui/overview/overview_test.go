package overview_test

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"gantry/client/fault"
	"gantry/gui/overview"
	"gantry/gui/stage"
	"gantry/gui/widgets"
)

// tab is a tab over some rows, with what it was asked.
type tab struct {
	*overview.Frame[*int]
	stage *stage.Stage
	conn  *int
	rows  []string
	above string
	err   error
	calls []string
}

func newTab(t *testing.T) *tab {
	s := &tab{stage: stage.New(t)}
	note := func(what string) func() { return func() { s.calls = append(s.calls, what) } }
	s.Frame = overview.New(overview.Params[*int]{
		Tasks: s.stage.Tasks, Window: s.stage.Window, Conn: func() *int { return s.conn }, Connect: note("connect"),
	})
	table := widgets.NewTable([]widgets.Column{{Share: 1}}, []string{"Name"}, func() int { return len(s.rows) },
		func(i int) []widgets.Item { return []widgets.Item{{Text: s.rows[i]}} })
	bar := s.FilterBar("Filter", 2, note("changed"), note("entered"), s.RefreshButton())
	s.Build(bar, table, widget.NewLabel("details"), 500, overview.Hooks{
		Ask: note("ask"), AskAll: note("ask all"), Cancel: note("cancel"), Forget: note("forget"), Show: s.show,
	})
	s.stage.Show(s.Content())
	t.Cleanup(s.Close)
	return s
}

func (s *tab) show() {
	switch {
	case !s.Connected():
		s.Show("", s.NotConnected("Connect to see."), -1)
	case s.err != nil:
		s.Show(s.above, s.Failed(s.err), -1)
	default:
		s.Show(s.above, overview.Words{}, 0)
	}
}

// asked compares what was asked since, and forgets it.
func (s *tab) asked(t *testing.T, want ...string) {
	t.Helper()
	if !slices.Equal(s.calls, want) {
		t.Errorf("asked %q, want %q", s.calls, want)
	}
	s.calls = nil
}

// TestFrame: it asks while it is shown and connected, forgets with the connection, and
// has words for the rest.
func TestFrame(t *testing.T) {
	s := newTab(t)
	s.SetShown(true)
	s.asked(t)
	if !s.stage.Has("Not connected") || s.stage.Has("details") {
		t.Errorf("without a connection:\n%s", stage.Texts(s.stage.Window))
	}
	s.stage.Tap("Connect")
	s.asked(t, "connect")

	s.conn, s.rows, s.above = new(int), []string{"row"}, "One broker is missing."
	s.ConnectionChanged()
	s.asked(t, "cancel", "forget", "ask")
	if text := stage.Texts(s.stage.Window); !strings.Contains(text, "row") || !strings.Contains(text, "One broker is missing.") || !strings.Contains(text, "details") {
		t.Error(text)
	}
	s.ConnectionChanged() // to the same
	s.asked(t)
	s.Refresh()
	s.asked(t, "cancel", "ask all")

	s.err, s.above = fault.Unreachable, ""
	s.show()
	if s.stage.Has("row") || s.stage.Has("One broker is missing.") || !s.stage.Has("details") {
		t.Errorf("it failed:\n%s", stage.Texts(s.stage.Window))
	}
	s.stage.Tap("Try again")
	s.asked(t, "cancel", "ask all")
	s.err = nil

	s.SetShown(false)
	s.asked(t, "cancel")
	s.conn = new(int)
	s.ConnectionChanged()
	s.asked(t, "cancel", "forget") // it asks when it is seen
	s.SetShown(true)
	s.asked(t, "ask")
	s.conn = nil
	s.ConnectionChanged()
	s.asked(t, "cancel", "forget")
	if !s.stage.Has("Connect to see.") {
		t.Error(stage.Texts(s.stage.Window))
	}
}

// TestKeys: Down leads from the filter into a table that has rows, Enter and typing
// are told.
func TestKeys(t *testing.T) {
	s := newTab(t)
	s.FocusFirst()
	if s.stage.Window.Canvas().Focused() != nil {
		t.Error("a focus without a connection")
	}
	s.conn = new(int)
	s.ConnectionChanged()
	s.calls = nil
	s.FocusFirst()
	key := func(name fyne.KeyName) { s.stage.Window.Canvas().Focused().TypedKey(&fyne.KeyEvent{Name: name}) }
	key(fyne.KeyDown)
	if s.stage.Window.Canvas().Focused() != fyne.Focusable(s.Filter) {
		t.Error("the focus is in a table without rows")
	}
	s.Filter.SetText("x")
	key(fyne.KeyReturn)
	s.Segments.Select(1)
	s.asked(t, "changed", "entered", "changed")
	s.rows = []string{"row"}
	s.show()
	key(fyne.KeyDown)
	if s.stage.Window.Canvas().Focused() != fyne.Focusable(s.Table.List) {
		t.Error("Down does not lead into the table")
	}
}
