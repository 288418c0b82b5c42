package gui

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"gantry/client/profile"
	"gantry/gui/widgets"
)

// TestPalette finds connections, actions and topics by some letters of their names, with
// the keyboard alone, and gives the focus back.
func TestPalette(t *testing.T) {
	saved := someProfiles()
	r := newRig(t, saved...)
	r.set.usedTopic(saved[0].ID, "order-events")
	typed := func(text string) *widgets.Entry {
		t.Helper()
		r.press(keyPalette)
		e, ok := r.win.Canvas().Focused().(*widgets.Entry)
		if !ok {
			t.Fatalf("%T has the focus", r.win.Canvas().Focused())
		}
		test.Type(e, text)
		return e
	}
	enter := &fyne.KeyEvent{Name: fyne.KeyReturn}
	typed("gtortest").TypedKey(enter)
	if r.chosen != "b" {
		t.Errorf("%s is chosen", r.chosen)
	}
	r.choose("a")
	typed("followord").TypedKey(enter)
	if r.space().tabs.Selected() != tabSubscribe || !r.has("order-events") {
		t.Errorf("the topic is not followed:\n%s", r.texts())
	}
	r.space().tabs.Select(tabGroups)
	r.space().focusFilter()
	before := r.win.Canvas().Focused()
	e := typed("zzzz")
	if !r.has("Nothing of that name.") {
		t.Error("it does not say that nothing was found")
	}
	e.TypedKey(enter)
	e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if r.win.Canvas().Focused() != before || r.win.Canvas().Overlays().Top() != nil {
		t.Errorf("Escape leaves the focus on %T", r.win.Canvas().Focused())
	}
	// Down comes to the second of what was found.
	e = typed("Light")
	e.TypedKey(enter)
	if r.set.Theme != "light" {
		t.Errorf("the theme is %q", r.set.Theme)
	}
}

// TestPaletteOffersWhatCanBeDone and nothing that is switched off.
func TestPaletteOffersWhatCanBeDone(t *testing.T) {
	r := newRig(t, someProfiles()...)
	titles := func() string {
		var all []string
		for _, c := range r.commands() {
			if c.Title == "" || c.Do == nil {
				t.Errorf("%+v", c)
			}
			all = append(all, c.Title)
		}
		return "\n" + strings.Join(all, "\n") + "\n"
	}
	for _, want := range []string{"Go to Sandbox", "Go to orders-dev", "Subscribe", "Dark", "Delete…", "Settings"} {
		if !strings.Contains(titles(), "\n"+want+"\n") {
			t.Errorf("%q is not offered in:%s", want, titles())
		}
	}
	r.edit(profile.Profile{}, true)
	if strings.Contains(titles(), "\nDelete…\n") {
		t.Error("what is switched off is offered")
	}
}

// TestTemplatesByKeyAndName: Ctrl+S saves the form on the Send tab, a connection in its
// editor, and nothing elsewhere; the palette finds the template by its name.
func TestTemplatesByKeyAndName(t *testing.T) {
	r := newRig(t, someProfiles()...)
	r.set.setForm("b", profile.SendForm{Topic: "stock", Body: "from b"})
	r.choose("b")
	r.space().tabs.Select(tabBrowse)
	r.press(keySave)
	r.press(keySaveTemplateAs)
	if r.win.Canvas().Overlays().Top() != nil {
		t.Fatal("it saves a form that is not seen")
	}
	r.space().tabs.Select(tabSend)
	r.press(keySave)
	name, ok := r.win.Canvas().Focused().(*widgets.Entry)
	if !ok || name.Text != "stock" {
		t.Fatalf("%T has the focus", r.win.Canvas().Focused())
	}
	name.SetText("refund note")
	name.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	r.until(func() bool { return r.has("Saved: refund note") && len(r.space().send.Templates()) == 1 })
	r.choose("a")
	r.until(func() bool { return len(r.space().send.Templates()) == 1 })
	r.space().tabs.Select(tabTopics)
	r.press(keyPalette)
	e := r.win.Canvas().Focused().(*widgets.Entry)
	test.Type(e, "templaterefund")
	e.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	r.until(func() bool { return r.space().tabs.Selected() == tabSend && r.has("from b") })
	if r.edit(r.profiles[0], false); r.editing == nil {
		t.Fatal("no editor")
	}
	r.name("renamed")
	r.press(keySave)
	r.untilNames("renamed orders-test orders-prod")
}
