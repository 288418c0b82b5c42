package gui

import (
	"runtime"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"

	"gantry/client/message"
	"gantry/gui/bodyview"
	"gantry/gui/stage"
	"gantry/gui/widgets"
)

// press does what a shortcut does.
func (r *rig) press(k key) {
	r.t.Helper()
	for item, other := range r.menu.keys {
		if other == k {
			item.Action()
			return
		}
	}
	r.t.Fatalf("no menu item of %s", bindingOf(k).words())
}

// TestShortcutsCloseSuggestions and work; a question keeps them.
func TestShortcutsCloseSuggestions(t *testing.T) {
	r := newRig(t, someProfiles()...)
	r.set.usedTopic("a", "orders-created")
	r.set.usedTopic("a", "orders-paid")
	var topic *widgets.Completion
	stage.See(r.win, func(o fyne.CanvasObject) {
		if c, ok := o.(*widgets.Completion); ok && topic == nil {
			topic = c
		}
	})
	topic.SetOptions(r.space().topics())
	r.win.Canvas().Focus(topic)
	topic.TypedRune('o')
	if !topic.Open() {
		t.Fatal("no suggestions")
	}
	r.press(keyTab4)
	if topic.Open() || r.space().tabs.Selected() != tabTopics {
		t.Errorf("open %v, tab %d", topic.Open(), r.space().tabs.Selected())
	}
	r.showKeys()
	r.press(keyTab1)
	if r.space().tabs.Selected() != tabTopics {
		t.Error("a shortcut went through a question")
	}
}

// TestKeysFitTheSmallestWindow: all of them are in sight in two columns, above Close.
func TestKeysFitTheSmallestWindow(t *testing.T) {
	r := newRig(t, someProfiles()...)
	r.win.Resize(fyne.NewSize(minWidth, minHeight))
	r.showKeys()
	d := fyne.CurrentApp().Driver()
	b := stage.Button(r.win, "Close")
	foot := d.AbsolutePositionForObject(b).Y
	if foot < 0 || foot+b.Size().Height > r.win.Canvas().Size().Height {
		t.Errorf("Close is at %v in a window of %v", foot, r.win.Canvas().Size())
	}
	var lefts []float32
	stage.See(r.win, func(o fyne.CanvasObject) {
		f, ok := o.(*widgets.Facts)
		if !ok {
			return
		}
		at := d.AbsolutePositionForObject(f)
		lefts = append(lefts, at.X)
		if last := at.Y + f.Size().Height; last > foot {
			t.Errorf("the last key is at %v, below %v", last, foot)
		}
		if right := at.X + f.Size().Width; right > r.win.Canvas().Size().Width || f.Size().Width < keysWidth {
			t.Errorf("a column of %v ends at %v", f.Size().Width, right)
		}
	})
	if len(lefts) != 2 || lefts[1] < lefts[0]+keysWidth {
		t.Errorf("columns at %v", lefts)
	}
	b.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if stage.Button(r.win, "Close") != nil {
		t.Error("Escape does not close it")
	}
}

// escape presses Escape.
func (r *rig) escape() {
	k := &fyne.KeyEvent{Name: fyne.KeyEscape}
	if f := r.win.Canvas().Focused(); f != nil {
		f.TypedKey(k)
	} else {
		r.win.Canvas().OnTypedKey()(k)
	}
}

// TestEscapeLeavesTheEditor and the settings, wherever the focus is.
func TestEscapeLeavesTheEditor(t *testing.T) {
	r := newRig(t, someProfiles()...)
	open := map[string]func(){"settings": r.showSettings, "editor": func() { r.edit(r.profiles[0], false) }}
	for page, show := range open {
		r.space().tabs.Select(tabTopics)
		r.space().focusFilter()
		if show(); r.win.Canvas().Focused() != nil {
			t.Errorf("%s: %T of the workspace has the focus still", page, r.win.Canvas().Focused())
		}
		var all []fyne.Focusable
		stage.See(r.win, func(o fyne.CanvasObject) {
			if f, ok := o.(fyne.Focusable); ok {
				all = append(all, f)
			}
		})
		for _, f := range append([]fyne.Focusable{nil}, all...) {
			if r.editing == nil {
				show()
			}
			if f != nil {
				// The same one of a page made anew.
				f = r.focusable(f, all)
				r.win.Canvas().Focus(f)
			} else {
				r.win.Canvas().Unfocus()
			}
			if r.escape(); r.editing != nil {
				t.Errorf("%s: Escape does not leave from %T", page, f)
			}
		}
	}
}

func TestEscapeAsksAboutWhatWasTyped(t *testing.T) {
	r := newRig(t, someProfiles()...)
	r.edit(r.profiles[0], false)
	r.name("renamed")
	r.escape()
	if r.editing == nil || !r.has("Leave without saving?") {
		t.Fatal("it does not ask about what was typed")
	}
	r.escape() // the question
	if r.editing == nil || r.has("Leave without saving?") {
		t.Fatal("Escape does not stay")
	}
	r.press(keyTab5)
	r.tap("Leave")
	if r.editing != nil || r.space().tabs.Selected() != tabGroups {
		t.Errorf("a tab's key does not lead there: %d", r.space().tabs.Selected())
	}
	r.showSettings()
	if r.press(keyTab2); r.editing != nil || r.space().tabs.Selected() != tabSubscribe {
		t.Error("nor from the settings")
	}
}

// focusable is the one that stands where f stood among all.
func (r *rig) focusable(f fyne.Focusable, all []fyne.Focusable) (found fyne.Focusable) {
	at, i := slices.Index(all, f), 0
	stage.See(r.win, func(o fyne.CanvasObject) {
		if o, ok := o.(fyne.Focusable); ok {
			if i == at {
				found = o
			}
			i++
		}
	})
	return found
}

// TestFilterOfAList: its key leads there once there is something to filter, Down to the
// rows, another key with the chosen message to the send form; Escape takes the filter
// away and goes back to the list.
func TestFilterOfAList(t *testing.T) {
	r, _ := newConnectedRig(t)
	r.space().tabs.Select(tabSubscribe)
	r.start("hello")
	r.until(func() bool { return r.has("no group is joined") })
	before := r.win.Canvas().Focused()
	if r.press(keyFilter); r.win.Canvas().Focused() != before {
		t.Error("the filter of nothing has the focus")
	}
	for _, body := range []string{"one", "TWO", "three"} {
		if got, err := r.space().conn.Send(t.Context(), &message.Draft{Topic: "hello", ProducerGroup: "p", Body: []byte(body)}); err != nil || !got.Status.Stored() {
			t.Fatal(got, err)
		}
	}
	r.until(func() bool { return r.has("Received\n3") })
	r.press(keyFilter)
	filter, ok := r.win.Canvas().Focused().(*widgets.FilterEntry)
	if !ok {
		t.Fatalf("%T has the focus", r.win.Canvas().Focused())
	}
	filter.SetText("two")
	r.until(func() bool { return r.has("1 of 3 match") && r.has("Shown\n1") })
	if strings.Contains(r.texts(), "three") {
		t.Errorf("the list shows:\n%s", r.texts())
	}
	r.press(keySendAgain) // nothing is chosen
	filter.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	r.until(func() bool { return r.has("Message id") })
	r.press(keySendAgain)
	if r.space().tabs.Selected() != tabSend {
		t.Fatal("it does not lead to the form")
	}
	r.until(func() bool { return strings.Contains(r.texts(), "\nTWO\n") })
	r.space().tabs.Select(tabSubscribe)
	filter.SetText("four")
	r.until(func() bool { return r.has("3 messages are hidden by the filter.") })
	filter.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	r.until(func() bool { return r.has("Shown\n3") && !r.has("hidden by the filter") })
	if filter.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape}); r.win.Canvas().Focused() == fyne.Focusable(filter) {
		t.Error("Escape does not leave the filter")
	}
	r.press(keyGo)
	number, ok := r.win.Canvas().Focused().(*widgets.Entry)
	if !ok {
		t.Fatalf("%T has the focus", r.win.Canvas().Focused())
	}
	number.SetText("3")
	number.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	r.press(keySendAgain)
	r.until(func() bool { return r.space().tabs.Selected() == tabSend && strings.Contains(r.texts(), "\nthree\n") })
}

// TestF2MenuKeysCanBeRead: Fyne draws a shortcut in a fifth of the text's ink, so it
// draws none; the keys stand in the labels, in ink of their own.
func TestF2MenuKeysCanBeRead(t *testing.T) {
	if runtime.GOOS == "darwin" {
		t.Skip("the system draws the menu bar")
	}
	r := newRig(t, someProfiles()...)
	n := 0
	for _, menu := range r.menu.main.Items {
		for _, item := range menu.Items {
			k, ok := r.menu.keys[item]
			if !ok {
				continue
			}
			n++
			if _, drawn := item.Shortcut.(fyne.KeyboardShortcut); drawn {
				t.Errorf("%q: Fyne draws its shortcut", item.Label)
			}
			if name := bindingOf(k).shortcut().ShortcutName(); item.Shortcut.ShortcutName() != name {
				t.Errorf("%q answers to %s, not to %s", item.Label, item.Shortcut.ShortcutName(), name)
			}
			if label := r.menu.labels[item]; !strings.HasPrefix(item.Label, label+"  ") || !strings.HasSuffix(item.Label, " "+bindingOf(k).words()) {
				t.Errorf("%q does not say its keys", item.Label)
			}
		}
	}
	if n < 25 {
		t.Errorf("%d items have keys", n)
	}
}

// TestFindInTheBody: the key for finding is the body's while that has the focus; the menu
// takes it first. Within the line to find something it selects what is typed there.
func TestFindInTheBody(t *testing.T) {
	r := newRig(t, someProfiles()...)
	body := bodyview.New()
	body.SetText("one\nTWO two")
	r.win.Canvas().Overlays().Add(body)
	r.win.Canvas().Focus(body.Focus())
	r.space().focusFilter()
	line, ok := r.win.Canvas().Focused().(*widgets.Entry)
	if !ok || line.PlaceHolder != "Find" {
		t.Fatalf("the focus is in %T", r.win.Canvas().Focused())
	}
	for _, k := range "two" {
		line.TypedRune(k)
	}
	for what, press := range map[string]func(){
		"the menu": r.space().focusFilter, "the line": func() {
			line.TypedShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyF, Modifier: fyne.KeyModifierShortcutDefault})
		},
	} {
		line.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEnd}) // nothing is selected
		if press(); r.win.Canvas().Focused() != fyne.Focusable(line) || line.Text != "two" || line.SelectedText() != "two" {
			t.Errorf("%s: the focus is in %T, of %q selected is %q", what, r.win.Canvas().Focused(), line.Text, line.SelectedText())
		}
	}
}
