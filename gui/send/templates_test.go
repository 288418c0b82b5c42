package send

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

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

// TestListOfTemplates: keys pass over heads, two presses fill in, damaged ones and folders
// that are not there are listed with why.
func TestListOfTemplates(t *testing.T) {
	s := newRig(t, func(s *rig) { s.form, s.folders = profile.SendForm{}, []string{filepath.Join(s.t.TempDir(), "team")} })
	all, one := s.roots()
	first := s.keep(all, "", "a", paid("a"))
	s.keep(all, "f", "b", paid("b"))
	s.keep(one, "", "c", paid("c"))
	rewrite(t, template.Ref{Root: all, Path: "broken.msg"}, "Topic: a\nwhat")
	p := s.open(4)
	if !s.Has("Line 2: no “Name: value”") || !s.Has("team: The folder is not there.") {
		t.Error(stage.Texts(s.Window))
	}
	var went []string
	for range 5 {
		press(p.list, fyne.KeyDown)
		went = append(went, p.entry().Name())
	}
	press(p.list, fyne.KeyUp, fyne.KeyUp)
	went = append(went, p.entry().Name())
	press(p.list, fyne.KeyHome)
	went = append(went, p.entry().Name())
	if got := strings.Join(went, " "); got != "a broken b c c broken a" {
		t.Error(got)
	}
	var line *templateLine
	stage.See(s.Window, func(o fyne.CanvasObject) {
		if l, ok := o.(*templateLine); ok && l.ref.entry != nil && l.ref.entry.Ref == first {
			line = l
		}
	})
	test.Tap(line)
	test.Tap(line)
	s.holds("a")
	p.field.SetText("broken")
	p.useSelected()
	s.Until(t, "the word", func() bool { return len(s.failed) == 1 })
	if got := s.screen.Templates(); len(got) != 3 || got[1].Name != "b" || got[1].Folder != "For all connections / f" {
		t.Errorf("the palette has %+v", got)
	}
	p.field.SetText("zzz")
	if !s.Has("No template of that name") {
		t.Error(stage.Texts(s.Window))
	}
}

// TestWatchedWhileSeen: nobody looks at the disk for a pane that is not seen.
func TestWatchedWhileSeen(t *testing.T) {
	s := newRig(t, nil)
	all, _ := s.roots()
	s.lists(0) // once, for the palette
	watched := func() bool { return s.screen.scope.Running(queryWatch) }
	if watched() {
		t.Error("watched at first")
	}
	s.open(0)
	if !watched() || !s.Has("No templates yet") {
		t.Error("not watched")
	}
	s.keep(all, "", "new", paid("x")) // as by somebody else
	s.lists(1)
	s.screen.SetShown(false)
	if watched() {
		t.Error("watched while another page is shown")
	}
	s.screen.SetShown(true)
	if !watched() {
		t.Error("not watched again")
	}
	s.screen.side.tabs.Select(sideSent)
	if watched() {
		t.Error("watched behind another tab")
	}
}

// TestRenameMoveDeleteTemplates: the template in the form goes along.
func TestRenameMoveDeleteTemplates(t *testing.T) {
	s := newRig(t, func(s *rig) { s.form = profile.SendForm{} })
	all, one := s.roots()
	ref := s.keep(all, "", "a", paid("a"))
	s.keep(all, "", "b", paid("b"))
	p := s.open(2)
	s.screen.UseTemplate(ref)
	s.holds("a")
	p.choose(1)
	rename := func(to string) {
		s.Tap("Rename or move…")
		name := s.Window.Canvas().Focused().(*widgets.Entry)
		name.SetText(to)
		press(name, fyne.KeyReturn)
	}
	rename("B")
	s.UntilText("A template of this name is there.")
	press(s.Window.Canvas().Focused(), fyne.KeyEscape)
	rename("c")
	s.Until(t, "the name", func() bool { return s.screen.using.ref.Path == "c.msg" && p.entry() != nil && p.entry().Name() == "c" })
	p.askPlaceOf(s.screen.using.ref, placed{one, "x/y", "d"}, "")
	s.Tap("Change")
	s.Until(t, "the place", func() bool {
		return s.screen.using.ref == template.Ref{Root: one, Path: "x/y/d.msg"} && s.Has("Only this connection / x / y")
	})
	s.Tap("Delete")
	s.UntilText("Delete the template d?")
	s.Tap("Cancel")
	s.Tap("Delete")
	s.Tap("Delete") // of the question
	s.lists(1)
	if s.screen.using.on || string(s.screen.body.bytes()) != "a" {
		t.Error("the form lost what was in it, or keeps the name")
	}
}

// TestSentWithValuesIsNotLost: a message whose values were put in place was sent, and the
// next template asks nothing.
func TestSentWithValuesIsNotLost(t *testing.T) {
	s := newRig(t, func(s *rig) { s.form = profile.SendForm{} })
	all, _ := s.roots()
	first, next := s.keep(all, "", "a", paid("{{uuid}}")), s.keep(all, "", "b", paid("b"))
	s.open(2)
	s.screen.UseTemplate(first)
	s.holds("{{uuid}}")
	s.screen.body.set([]byte("{{uuid}}!"), "")
	s.screen.Primary()
	s.done(1)
	if s.screen.side.tabs.Selected() != sideSent {
		t.Error("what became of it is not seen")
	}
	s.screen.UseTemplate(next)
	s.holds("b")
}

// TestImportAsks: for each name that is there, or once for all.
func TestImportAsks(t *testing.T) {
	s := newRig(t, nil)
	all, _ := s.roots()
	team := template.Root{Kind: template.Own, Dir: t.TempDir()}
	for _, name := range []string{"a", "b", "c", "d"} {
		s.keep(team, "", name, paid("theirs"))
		if name != "d" {
			s.keep(all, "", name, paid("mine"))
		}
	}
	rewrite(t, template.Ref{Root: team, Path: "broken.msg"}, "what")
	p := s.open(3)
	from := func(ctx context.Context) (*template.Bundle, error) { return s.templates.InFolder(ctx, team.Dir) }
	p.askRoot("team", from)
	s.UntilText("Import the templates of team")
	s.Tap("Import")
	s.UntilText("a is there already")
	s.Tap("Keep")
	s.UntilText("b is there already")
	stage.See(s.Window, func(o fyne.CanvasObject) {
		if c, ok := o.(*widgets.Check); ok && c.Text == "The same for the other one" {
			c.SetChecked(true)
		}
	})
	s.Tap("Both")
	s.UntilText("1 template was left out")
	if !s.Has("broken: Line 1") || !s.Has("Imported: 3 templates.") {
		t.Error(stage.Texts(s.Window))
	}
	s.Tap("Close")
	s.lists(6)
	for name, want := range map[string]string{"a": "mine", "b": "mine", "b (2)": "theirs", "c (2)": "theirs", "d": "theirs"} {
		if got := s.load(template.Ref{Root: all, Path: name + template.Ending}); string(got.Body) != want {
			t.Errorf("%s is %q", name, got.Body)
		}
	}
	p.bring(from, all, "Imported")
	s.UntilText("a is there already")
	s.Tap("Cancel")
	if s.screen.asking || len(s.Tasks.Jobs()) != 0 {
		t.Error("something goes on")
	}
	p.setFolders([]string{team.Dir})
	s.lists(11)
	if len(s.folders) != 1 || len(p.wholeMenu().Items) != 9 {
		t.Error(s.folders, len(p.wholeMenu().Items))
	}
	p.removeFolder(team.Dir)
	s.lists(6)
}
