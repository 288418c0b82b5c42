package confirm

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"gantry/gui/arrange"
	"gantry/gui/stage"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

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

func TestConfirmKeys(t *testing.T) {
	w := stage.Over(t, widgets.NewEntry())
	var got []string
	ask := func(danger bool) *Dialog {
		return Show(w.Canvas(), Question{
			Title: "Delete?", Body: "It is gone then.", Cancel: "Cancel", Danger: danger,
			OnCancel: func() { got = append(got, "cancel") },
			Choices:  []widgets.Choice{{Text: "Keep", Do: func() { got = append(got, "keep") }}, {Text: "Delete", Kind: widgets.Danger, Do: func() { got = append(got, "delete") }}},
		})
	}
	ask(false)
	press(w, fyne.KeyReturn)
	ask(true)
	press(w, fyne.KeyReturn) // the focus is on Cancel
	ask(true)
	press(w, fyne.KeyRight, fyne.KeyRight, fyne.KeyReturn)
	ask(false)
	w.Canvas().Unfocus()
	press(w, fyne.KeyEscape)
	ask(false)
	press(w, fyne.KeyLeft, fyne.KeyLeft, fyne.KeyReturn) // Enter takes what has the focus
	if strings.Join(got, " ") != "delete cancel delete cancel cancel" {
		t.Error(got)
	}
	if w.Canvas().Overlays().Top() != nil || w.Canvas().OnTypedKey() != nil {
		t.Error("something of the question is left")
	}
}

// TestTallDetailsScroll: where the window is too low, details scroll by key and the
// buttons stay in sight; details that are wide have their width.
func TestTallDetailsScroll(t *testing.T) {
	w := stage.Over(t, widgets.NewEntry())
	facts := widgets.NewFacts(make([]widgets.Fact, 40)...)
	const wide = 520
	d := Show(w.Canvas(), Question{Title: "Keys", Details: container.New(&arrange.Rows{Width: wide}, facts), Cancel: "Close"})
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject
	foot := at(d.buttons[0]).Y
	last := func() float32 { return at(facts).Y + facts.Size().Height }
	if foot < 0 || foot+d.buttons[0].Size().Height > w.Canvas().Size().Height {
		t.Errorf("Close is at %v in a window of %v", foot, w.Canvas().Size())
	}
	if last() <= foot || facts.Size().Width != wide {
		t.Fatalf("nothing to scroll to: %v; %v wide", last(), facts.Size().Width)
	}
	for range 10 {
		press(w, fyne.KeyPageDown)
	}
	if last() > foot {
		t.Errorf("the last row is at %v, below %v", last(), foot)
	}
}

func TestProductionGuardWantsTheExactName(t *testing.T) {
	w := stage.Over(t, widgets.NewEntry())
	done := 0
	g := ShowGuard(w.Canvas(), GuardView{Head: "PRODUCTION", Title: "Send?", Name: "orders-prod", Action: "Send", Cancel: "Cancel", OnConfirm: func() { done++ }})
	if w.Canvas().Focused() != g.field {
		t.Fatal("the field has no focus")
	}
	for _, wrong := range []string{"", "orders-pro", "Orders-prod", "orders-prod "} {
		g.field.SetText(wrong)
		press(w, fyne.KeyReturn)
		g.action.Tapped(nil)
		if done != 0 || !g.action.Disabled() {
			t.Fatalf("%q was enough", wrong)
		}
	}
	g.field.SetText("orders-prod")
	w.Canvas().FocusNext()
	if b, ok := w.Canvas().Focused().(*widgets.Button); !ok || b.Text() != "Cancel" {
		t.Error("Tab does not go to Cancel")
	}
	w.Canvas().FocusNext()
	press(w, fyne.KeySpace)
	if done != 1 {
		t.Errorf("confirmed %d times", done)
	}
	// An empty name must not open the door.
	g = ShowGuard(w.Canvas(), GuardView{Cancel: "Cancel", OnConfirm: func() { done++ }})
	g.confirm()
	if done != 1 {
		t.Error("an empty name confirmed")
	}
}

// TestSheet: the keys of a small form; what is wrong keeps it open.
func TestSheet(t *testing.T) {
	w := stage.Over(t, widgets.NewEntry())
	var got []string
	ok := false
	open := func() *widgets.Entry {
		e := widgets.NewEntry()
		ShowSheet(w.Canvas(), SheetView{
			Title: "Save", Cancel: "Cancel", Action: "Save it",
			Fields:    []*widgets.Field{widgets.NewField("Name", e), widgets.NewField("Folder", widgets.NewCompletion(nil))},
			OnConfirm: func() bool { got = append(got, e.Text); return ok },
			OnCancel:  func() { got = append(got, "cancel") },
		})
		return e
	}
	e := open()
	if w.Canvas().Focused() != e {
		t.Fatal("the focus is not in the first field")
	}
	press(w, fyne.KeyReturn)
	e.SetText("name")
	ok = true
	press(w, fyne.KeyReturn)
	if w.Canvas().Overlays().Top() != nil || w.Canvas().OnTypedKey() != nil {
		t.Error("it is still there")
	}
	open()
	press(w, fyne.KeyEscape)
	open()
	w.Canvas().FocusNext() // the folder
	press(w, fyne.KeyEscape)
	open()
	w.Canvas().Unfocus()
	press(w, fyne.KeyEscape)
	open()
	stage.Tap(t, w, "Save it")
	if strings.Join(got, ",") != ",name,cancel,cancel,cancel," {
		t.Errorf("%q", got)
	}
}

// TestAPanelFollowsItsContent: it becomes higher with it, and lower again, and stands in the
// middle.
func TestAPanelFollowsItsContent(t *testing.T) {
	w := stage.Over(t, widgets.NewEntry())
	warning := widgets.NewGround(theme.None).SetMin(0, 100)
	content := container.New(&arrange.Rows{}, widgets.NewGround(theme.None).SetMin(0, 80), warning)
	done := widgets.NewButton("Close", nil, widgets.Primary, nil)
	warning.Hide()
	p := ShowPanel(w.Canvas(), PanelView{Title: "t", Content: content, Width: 300, Buttons: []*widgets.Button{done}, First: done, OnCancel: func() {}})
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject
	low, first := p.modal.pop.Content.Size().Height, at(p.modal.pop.Content)
	warning.Show()
	p.Relayout()
	room := w.Canvas().Size() // a desktop lays the pop-up out anew where it needs more
	w.Resize(room.AddWidthHeight(2, 2))
	w.Resize(room)
	if h := p.modal.pop.Content.Size().Height; h != low+100 {
		t.Errorf("%v high, before %v", h, low)
	}
	warning.Hide()
	p.Relayout()
	if h, now := p.modal.pop.Content.Size().Height, at(p.modal.pop.Content); h != low || now != first {
		t.Errorf("%v high at %v, before %v at %v", h, now, low, first)
	}
}
