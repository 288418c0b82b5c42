package send

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"gantry/client/outbox/template"
	"gantry/client/profile"
	"gantry/gui/stage"
	"gantry/gui/widgets"
)

// roots are the folder for all and the connection's own.
func (s *rig) roots() (all, one template.Root) {
	r := s.templates.Roots("p", nil)
	return r[0], r[1]
}

// keep makes a template.
func (s *rig) keep(root template.Root, folder, name string, text template.Text) template.Ref {
	s.t.Helper()
	t, err := s.templates.Create(root, folder, name, text)
	if err != nil {
		s.t.Fatal(err)
	}
	return t.Ref
}

func paid(body string) template.Text {
	return template.Text{Form: profile.SendForm{Topic: "orders", Tag: "paid", Keys: "k"}, Body: []byte(body)}
}

// open shows the templates, and waits until so many are listed.
func (s *rig) open(n int) *templates {
	s.t.Helper()
	s.screen.side.tabs.Select(sideTemplates)
	s.lists(n)
	return s.screen.templates
}

func (s *rig) lists(n int) {
	s.t.Helper()
	p := s.screen.templates
	s.Until(s.t, "the templates", func() bool { return p.read && len(p.listing.Entries) == n && !s.screen.scope.Running(queryTemplates) })
}

// holds waits until the body is this.
func (s *rig) holds(body string) {
	s.t.Helper()
	s.Until(s.t, "the body "+body, func() bool { return string(s.screen.body.bytes()) == body })
}

// saved waits until a template of a name was saved.
func (s *rig) saved(name string) {
	s.t.Helper()
	s.Until(s.t, "the save", func() bool { return slices.Contains(s.said, "Saved: "+name) && len(s.Tasks.Jobs()) == 0 })
	s.said = nil
}

func (s *rig) load(ref template.Ref) *template.Template {
	s.t.Helper()
	t, err := s.templates.Load(ref)
	if err != nil {
		s.t.Fatal(err)
	}
	return t
}

// rewrite is what somebody else does to a file.
func rewrite(t *testing.T, ref template.Ref, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(ref.Root.Dir, filepath.FromSlash(ref.Path)), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestTemplateFillsTheForm: found by a few letters, taken by Enter, exact, and nothing is
// sent; what would be lost is asked about.
func TestTemplateFillsTheForm(t *testing.T) {
	s := newRig(t, nil)
	all, one := s.roots()
	const binary = "\xff\x00\r\nbinary"
	s.keep(all, "orders/new", "paid {", paid("{\"n\": \"{{seq}}\"}\n"))
	bytes := s.keep(all, "orders/new", "bytes", paid(binary))
	s.keep(one, "", "smoke", template.Text{Form: profile.SendForm{Topic: "stock", Kind: profile.DelayedMessage, Deliver: "30 s", Literal: true}, Body: []byte("{{x}}")})
	p := s.open(3)
	for _, want := range []string{"For all connections / orders / new", "Only this connection", "smoke", "stock"} {
		if !s.Has(want) {
			t.Errorf("%q is not seen", want)
		}
	}
	p.field.SetText("pd{")
	press(p.field, fyne.KeyReturn)
	s.UntilText("Replace what is in the send form?") // "hello" was not sent
	s.Tap("Cancel")
	s.holds("hello")
	press(p.field, fyne.KeyReturn)
	s.UntilText("Replace what is in the send form?")
	s.Tap("Replace it")
	s.holds("{\"n\": \"{{seq}}\"}\n")
	f := s.screen.form
	if f.tag.Text != "paid" || f.keys.Text != "k" || !f.values.Checked || !s.screen.using.on || s.screen.using.changed {
		t.Errorf("tag %q, keys %q, %+v", f.tag.Text, f.keys.Text, s.screen.using)
	}
	s.screen.UseTemplate(bytes)
	s.holds(binary)
	s.screen.UseTemplate(bytes)
	p.field.SetText("smoke")
	press(p.field, fyne.KeyReturn) // the newer of both; and nothing was lost
	s.holds("{{x}}")
	if f.values.Checked || f.delivery.kind() != profile.DelayedMessage || f.delivery.when.Text != "30 s" || f.tag.Text != "" {
		t.Error("type, time or values are not those of the template")
	}
	s.screen.UseTemplate(template.Ref{Root: all, Path: "orders/new/gone.msg"})
	s.Until(t, "the word", func() bool { return len(s.failed) == 1 })
	if !errors.Is(s.failed[0], template.Gone) || !s.screen.using.on {
		t.Error(s.failed)
	}
	s.quiet(0)
}

// TestSaveTemplate: the key asks for a name once, then saves what was typed since.
func TestSaveTemplate(t *testing.T) {
	s := newRig(t, nil)
	all, one := s.roots()
	s.screen.SaveTemplate()
	s.UntilText("Save as a template")
	name := s.Window.Canvas().Focused().(*widgets.Entry)
	if name.Text != "orders" {
		t.Errorf("the name offered is %q", name.Text)
	}
	name.SetText(" ")
	s.Tap("Save")
	if !s.Has("A name has 1 to 200 bytes") {
		t.Fatal("it takes no name")
	}
	s.screen.SaveTemplate() // the sheet has the keys
	name.SetText("订单/1")
	press(name, fyne.KeyReturn)
	s.saved("订单/1")
	ref := s.screen.using.ref
	if got := s.load(ref); string(got.Body) != "hello" || got.Form.Topic != "orders" || ref.Root != all || ref.Name() != "订单/1" {
		t.Errorf("%+v", got)
	}
	s.screen.body.set([]byte("more"), "")
	s.screen.form.tag.SetText("t")
	s.Until(t, "the dot", func() bool { return s.screen.using.changed && s.Has("● 订单/1") })
	s.screen.SaveTemplate()
	s.saved("订单/1")
	if got := s.load(ref); string(got.Body) != "more" || got.Form.Tag != "t" || s.screen.using.changed || s.Has("●") {
		t.Errorf("%+v", got)
	}
	s.screen.SaveTemplateAs()
	s.UntilText("Save as a template")
	name = s.Window.Canvas().Focused().(*widgets.Entry)
	name.SetText("two")
	var where *widgets.Select
	var folder *widgets.Completion
	stage.See(s.Window, func(o fyne.CanvasObject) {
		switch o := o.(type) {
		case *widgets.Select:
			where = o
		case *widgets.Completion:
			folder = o
		}
	})
	where.SetSelectedIndex(1)
	folder.SetText("/a//b/")
	s.Tap("Save")
	if s.Has("Saved: two") {
		t.Fatal("a folder without a name")
	}
	folder.SetText("a/b")
	s.Tap("Save")
	s.saved("two")
	if u := s.screen.using; u.ref != (template.Ref{Root: one, Path: "a/b/two.msg"}) {
		t.Errorf("it is %+v", u.ref)
	}
	if got := s.load(ref); got.Form.Tag != "t" {
		t.Error("the first one became", got)
	}
	s.screen.Again(received(t, "another"))
	s.holds("another")
	if s.screen.using.on { // else the key would put a message in the template's place
		t.Error("a message from elsewhere is taken for the template")
	}
}

// TestTheirsIsNotOverwritten: what somebody else made of the file is said, and asked about.
func TestTheirsIsNotOverwritten(t *testing.T) {
	s := newRig(t, func(s *rig) { s.form = profile.SendForm{} })
	all, _ := s.roots()
	ref := s.keep(all, "", "paid", paid("one"))
	s.open(1)
	s.screen.UseTemplate(ref)
	s.holds("one")
	const theirs = "Topic: theirs\n\ntheirs"
	rewrite(t, ref, theirs)
	s.UntilText("changed by somebody else")
	s.screen.side.tabs.Select(sideSent) // and where nobody looks
	s.screen.body.set([]byte("mine"), "")
	s.screen.SaveTemplate()
	s.UntilText("Somebody else has changed paid")
	s.Tap("Cancel")
	if b, err := os.ReadFile(filepath.Join(all.Dir, "paid.msg")); err != nil || string(b) != theirs {
		t.Fatalf("%q, %v", b, err)
	}
	s.screen.SaveTemplate()
	s.UntilText("Somebody else has changed paid")
	rewrite(t, ref, theirs+" again") // while it is asked
	s.Tap("Overwrite theirs")
	s.UntilText("Somebody else has changed paid")
	s.Tap("Overwrite theirs")
	s.saved("paid")
	if got := s.load(ref); string(got.Body) != "mine" || s.screen.using.theirs {
		t.Errorf("%+v", got)
	}
	rewrite(t, ref, theirs)
	s.screen.form.tag.SetText("typed")
	s.screen.SaveTemplate()
	s.UntilText("Somebody else has changed paid")
	s.Tap("Take theirs")
	s.holds("theirs")
	if s.screen.using.theirs || s.screen.form.topic.Text != "theirs" {
		t.Error("it is not theirs")
	}
	if err := os.Remove(filepath.Join(all.Dir, "paid.msg")); err != nil {
		t.Fatal(err)
	}
	s.screen.SaveTemplate()
	s.UntilText("The file of paid is gone")
	s.Tap("Save as another…")
	s.UntilText("Save as a template")
	press(s.Window.Canvas().Focused(), fyne.KeyReturn)
	s.saved("paid")
	if got := s.load(ref); string(got.Body) != "theirs" {
		t.Errorf("%+v", got)
	}
}

// TestNameClash: a name that differs in case only is asked about.
func TestNameClash(t *testing.T) {
	s := newRig(t, nil)
	all, _ := s.roots()
	ref := s.keep(all, "", "Orders", paid("first"))
	ask := func() {
		s.screen.SaveTemplateAs()
		s.UntilText("Save as a template")
		press(s.Window.Canvas().Focused(), fyne.KeyReturn) // "orders"
		s.UntilText("Replace Orders?")
	}
	ask()
	s.Tap("Another name…")
	s.UntilText("A template of this name is there.")
	press(s.Window.Canvas().Focused(), fyne.KeyEscape)
	if got := s.load(ref); string(got.Body) != "first" || s.screen.using.on || s.screen.asking {
		t.Errorf("%+v", got)
	}
	ask()
	s.Tap("Replace it")
	s.saved("Orders")
	if got := s.load(ref); string(got.Body) != "hello" || !s.screen.using.is(ref) {
		t.Errorf("%+v", got)
	}
}

// TestUnwritable: what cannot be saved is said, and stays unsaved.
func TestUnwritable(t *testing.T) {
	s := newRig(t, nil)
	all, _ := s.roots()
	if err := os.MkdirAll(filepath.Dir(all.Dir), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(all.Dir, []byte("a file where the folder should be"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.screen.SaveTemplate()
	s.UntilText("Save as a template")
	press(s.Window.Canvas().Focused(), fyne.KeyReturn)
	s.Until(t, "the word", func() bool { return len(s.failed) > 0 })
	if s.screen.using.on || s.screen.asking {
		t.Error("it counts as saved")
	}
}
