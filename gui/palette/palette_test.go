package palette

import (
	"fmt"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/stage"
)

func TestFind(t *testing.T) {
	all := []Command{{Title: "Go to orders-dev"}, {Title: "Follow order-events"}, {Title: "订阅"}, {Title: "Copy the body"}}
	for typed, want := range map[string]string{
		"": "Go to orders-dev", "FOLLOW": "Follow order-events", "fev": "Follow order-events", "gdev": "Go to orders-dev", "订": "订阅", "zq": "",
	} {
		got := ""
		if found := find(all, typed); len(found) > 0 {
			got = found[0].Title
		}
		if got != want {
			t.Errorf("%q finds %q first, want %q", typed, got, want)
		}
	}
}

// TestRowsFollowTheChoice: more rows than are seen come into sight, and no key or place
// leads past them.
func TestRowsFollowTheChoice(t *testing.T) {
	s := stage.New(t)
	s.Show(widget.NewLabel(""))
	var all []Command
	ran := -1
	for i := range 20 {
		all = append(all, Command{Title: fmt.Sprint("command ", i), Do: func() { ran = i }})
	}
	p := Show(s.Window.Canvas(), all)
	key := func(name fyne.KeyName) { p.entry.TypedKey(&fyne.KeyEvent{Name: name}) }
	key(fyne.KeyUp)
	if p.rows.chosen != 0 || !s.Has("command 7") || s.Has("command 8") {
		t.Errorf("at first %d is chosen", p.rows.chosen)
	}
	for range 25 {
		key(fyne.KeyDown)
	}
	if p.rows.chosen != 19 || !s.Has("command 19") || s.Has("command 11\n") {
		t.Errorf("%d is chosen, from %d on are seen:\n%s", p.rows.chosen, p.rows.first, stage.Texts(s.Window))
	}
	if p.rows.at(-1) != -1 || p.rows.at(seen*rowHeight+1) != -1 || p.rows.at(1) != 12 {
		t.Error("a place leads to another row")
	}
	key(fyne.KeyPageUp)
	key(fyne.KeyReturn)
	if ran != 11 || p.pop.Visible() {
		t.Errorf("%d ran", ran)
	}
}
