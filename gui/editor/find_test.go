package editor

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"gantry/gui/stage"
)

func TestFind(t *testing.T) {
	r := newRig(t, "Pay pay PAYMENT\nrepay\n")
	r.keys("Ctrl+F")
	if r.focused() != fyne.Focusable(r.find.line.What) {
		t.Fatalf("the focus is on %T", r.focused())
	}
	r.typed("pay")
	if !r.Has("1 of 4") || r.Selected() != "Pay" {
		t.Errorf("%q is selected in:\n%s", r.Selected(), stage.Texts(r.Window))
	}
	r.keys("F3", "Return")
	if !r.Has("3 of 4") || r.Selected() != "PAY" {
		t.Errorf("%q is selected", r.Selected())
	}
	r.keys("Shift+F3", "Shift+Return", "Shift+F3")
	if !r.Has("4 of 4") {
		t.Errorf("back over the beginning:\n%s", stage.Texts(r.Window))
	}
	r.find.line.Exact.SetChecked(true)
	if !r.Has("1 of 2") && !r.Has("2 of 2") {
		t.Errorf("with case:\n%s", stage.Texts(r.Window))
	}
}

func TestReplace(t *testing.T) {
	r := newRig(t, "Pay pay PAYMENT\nrepay\n")
	r.keys("Ctrl+F")
	r.typed("pay")
	r.keys("Ctrl+H")
	r.Window.Canvas().Focus(r.find.with)
	r.typed("X中")
	r.m.move(0, false)
	r.keys("Return", "Return") // finds, replaces
	r.want("X中 pay PAYMENT\nrepay\n", "pay")
	r.Tap("Replace all")
	r.want("X中 X中 X中MENT\nreX中\n", "")
	if !r.Has("3 replaced") {
		t.Errorf("it says:\n%s", stage.Texts(r.Window))
	}
	r.keys("Escape")
	if r.focused() != r.Focus() || r.find.height() != 0 {
		t.Error("Escape does not close the line")
	}
	r.keys("Ctrl+Z", "Ctrl+Z")
	r.want("Pay pay PAYMENT\nrepay\n", "Pay")
}

func TestFindAgain(t *testing.T) {
	r := newRig(t, "Pay pay PAYMENT\nrepay\n")
	r.keys("Ctrl+F")
	r.typed("pay")
	r.keys("Escape")
	r.keys("Ctrl+Home", "F3", "F3")
	r.want(r.Text(), "pay")
	// What is selected is what is looked for, and a text typed meanwhile counts.
	r.keys("Ctrl+F")
	if r.find.line.What.Text != "pay" || !r.Has("2 of 4") {
		t.Errorf("%q:\n%s", r.find.line.What.Text, stage.Texts(r.Window))
	}
	r.Window.Canvas().Focus(r.Focus())
	r.keys("Ctrl+End")
	r.typed("pay")
	r.UntilText("5 found")
	r.keys("Ctrl+F", "Ctrl+A")
	r.typed("nowhere")
	if !r.Has("Not found") {
		t.Errorf("nothing found:\n%s", stage.Texts(r.Window))
	}
}

func TestCompletion(t *testing.T) {
	r := newRig(t, "")
	r.Complete = func(line string, column int) []Item {
		from := strings.LastIndex(line[:column], "{{")
		if from < 0 {
			return nil
		}
		var items []Item
		for _, name := range []string{"now", "seq", "uuid"} {
			if strings.HasPrefix(name, line[from+2:column]) {
				items = append(items, Item{Label: name, Detail: "about " + name, Insert: "{{" + name + "}}", From: from, To: column})
			}
		}
		return items
	}
	r.typed("é {")
	if r.list.drop.IsOpen() {
		t.Fatal("open too early")
	}
	r.typed("{")
	if !r.list.drop.IsOpen() || !r.Has("about uuid") || !r.page.focused {
		t.Fatalf("not open:\n%s", stage.Texts(r.Window))
	}
	r.keys("Down", "Tab")
	r.want("é {{seq}}", "")
	if r.list.drop.IsOpen() || r.focused() != r.Focus() {
		t.Error("the list stays open")
	}
	r.typed("{{u")
	r.keys("Return")
	r.want("é {{seq}}{{uuid}}", "")
	r.typed("{{x")
	if r.list.drop.IsOpen() {
		t.Error("nothing to choose from is shown")
	}
	r.keys("BackSpace")
	if !r.list.drop.IsOpen() {
		t.Error("Backspace does not open it again")
	}
	r.keys("Escape")
	r.want("é {{seq}}{{uuid}}{{", "")
	if r.list.drop.IsOpen() || r.focused() != r.Focus() {
		t.Error("Escape does not close the list only")
	}
	r.typed("n")
	r.keys("Left")
	if r.list.drop.IsOpen() {
		t.Error("the list stays where the cursor left")
	}
}
