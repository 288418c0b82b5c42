package send

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"gantry/client/outbox/template"
	"gantry/client/profile"
	"gantry/gui/stage"
	"gantry/gui/widgets"
)

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
