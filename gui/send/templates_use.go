package send

import (
	"bytes"
	"context"
	"errors"
	"reflect"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/outbox/template"
	"gantry/client/profile"
	"gantry/gui/arrange"
	"gantry/gui/confirm"
	"gantry/gui/draw"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// using is the template that the form was filled from, or saved as. Its name stands at the
// foot of the form.
type using struct {
	s       *Screen
	content *fyne.Container
	name    *widgets.Word // behind a dot where something is not saved

	ref     template.Ref
	on      bool // there is one
	version template.Version
	// form and body are what is saved, as the form reads them.
	form profile.SendForm
	body []byte
	// changed: the form is not what is saved; theirs: the file is not what was read.
	changed, theirs bool

	saving, again bool // a save is under way, and another is wanted
}

func newUsing(s *Screen) *using {
	u := &using{s: s, name: widgets.NewCaption("").Shrinks(40)}
	u.content = container.New(&arrange.Columns{Gap: 6, Shares: []float32{0, 1}},
		arrange.Middled(widgets.NewIcon(fynetheme.DocumentIcon(), theme.Muted)), arrange.Middled(u.name))
	u.content.Hide()
	return u
}

// is tells whether a template is the one in the form.
func (u *using) is(ref template.Ref) bool { return u.on && u.ref == ref }

// set takes the template that the form holds now, nil for none.
func (u *using) set(t *template.Template) {
	u.on, u.changed, u.theirs = t != nil, false, false
	if t != nil {
		u.ref, u.version = t.Ref, t.Version
		u.form, u.body = u.typed()
	}
	u.draw()
}

// typed is what the form holds; its Body is "", for the bytes are exact.
func (u *using) typed() (profile.SendForm, []byte) {
	form := u.s.form.read()
	form.Body = ""
	form.Properties = slices.Clone(form.Properties)
	return form, u.s.body.bytes()
}

// look compares the form with what is saved.
func (u *using) look() {
	if !u.on {
		return
	}
	form, body := u.typed()
	if changed := !reflect.DeepEqual(form, u.form) || !bytes.Equal(body, u.body); changed != u.changed {
		u.changed = changed
		u.draw()
	}
}

// draw shows the name.
func (u *using) draw() {
	if u.s.templates == nil {
		return // while the screen is being built
	}
	words, token := "", theme.Muted
	if u.on {
		words = u.ref.Name()
	}
	if u.changed {
		words = "● " + words
	}
	if u.theirs {
		words += " · " + lang.L("changed by somebody else")
		token = theme.Warn
	}
	u.name.Set(words, token)
	u.s.showState()
	draw.Show(u.content, u.on)
	u.s.content.Refresh()
	u.s.templates.list.Refresh()
}

// seenFile is what was seen of the file of the template in use.
type seenFile struct {
	ref     template.Ref
	version template.Version
	err     error
	asked   bool
}

// question returns how the file is looked at, beside the window.
func (u *using) question() func(*template.Store) seenFile {
	if !u.on || u.saving {
		return func(*template.Store) seenFile { return seenFile{} }
	}
	ref := u.ref
	return func(store *template.Store) seenFile {
		v, err := store.Version(ref)
		return seenFile{ref, v, err, true}
	}
}

// answer notes whether somebody else has changed the file.
func (u *using) answer(f seenFile) {
	if !f.asked || !u.is(f.ref) || u.saving {
		return
	}
	if theirs := errors.Is(f.err, template.Gone) || f.err == nil && f.version != u.version; theirs != u.theirs {
		u.theirs = theirs
		u.draw()
	}
}

// UseTemplate fills the form with a template, after a question where something in it would
// be lost. Nothing is sent.
func (s *Screen) UseTemplate(ref template.Ref) {
	if s.closed || s.asking || s.p.Templates == nil {
		return
	}
	store := s.p.Templates
	task.Ask(s.p.Tasks, s.scope, queryTemplate, func(context.Context) (*template.Template, error) {
		return store.Load(ref)
	}, func(t *template.Template, err error) {
		if err != nil {
			s.p.Fail(err)
			s.templates.reload() // it is not what is listed
			return
		}
		s.replacing(func() { s.takeTemplate(t) })
	})
}

// takeTemplate fills the form with a template.
func (s *Screen) takeTemplate(t *template.Template) {
	s.scope.Cancel("load") // a file is for the message before
	s.form.put(t.Form, t.Body, lang.L("from the template"))
	s.settle(s.form.read(), s.body.bytes())
	s.using.set(t)
	s.changed()
	s.FocusFirst()
}

// text is what the form holds, as a template.
func (s *Screen) text() template.Text {
	form, body := s.using.typed()
	return template.Text{Form: form, Body: body}
}

// SaveTemplate saves the form as the template that it came from, or asks for a name
// (Ctrl+S).
func (s *Screen) SaveTemplate() {
	switch {
	case s.closed || s.asking || s.p.Templates == nil || s.covered():
	case !s.using.on:
		s.SaveTemplateAs()
	default:
		s.using.save(s.using.ref, s.using.version)
	}
}

// save puts what the form holds in place of a version of the file.
func (u *using) save(ref template.Ref, was template.Version) {
	if u.saving {
		u.again = true
		return
	}
	u.saving = true
	store, text := u.s.p.Templates, u.s.text()
	var got *template.Template
	u.s.p.Tasks.Job(lang.L("Save the template"), func(context.Context, func(string)) (err error) {
		got, err = store.Replace(ref, was, text)
		return err
	}, func(err error) {
		u.saving = false
		if u.s.closed {
			if err != nil {
				u.s.p.Fail(err)
			}
			return
		}
		if err != nil {
			u.again = false
			u.notSaved(ref, err)
			return
		}
		u.saved(got, text)
		if u.again {
			u.again = false
			u.save(u.ref, u.version)
		}
	})
}

// saved notes what is in the file now; the form may have become another meanwhile.
func (u *using) saved(t *template.Template, text template.Text) {
	u.on, u.ref, u.version, u.theirs = true, t.Ref, t.Version, false
	u.form, u.body = text.Form, text.Body
	u.s.settle(text.Form, text.Body)
	u.look()
	u.draw()
	u.s.p.Say(lang.L("Saved: {{.Name}}", map[string]any{"Name": t.Ref.Name()}))
	u.s.templates.selected = t.Ref
	u.s.templates.reload()
}

// notSaved asks what to do where the file is not what it was.
func (u *using) notSaved(ref template.Ref, err error) {
	name := map[string]any{"Name": ref.Name()}
	var changed *template.ChangedError
	switch {
	case errors.As(err, &changed):
		u.noteTheirs(ref)
		u.s.ask(func() {
			confirm.Show(u.s.p.Window.Canvas(), confirm.Question{
				Title:  lang.L("Somebody else has changed {{.Name}}", name),
				Body:   lang.L("Its file is not what was read. Nothing was saved: Ctrl+Shift+S saves yours as another."),
				Cancel: lang.L("Cancel"), OnCancel: u.s.answered, Danger: true,
				Choices: []widgets.Choice{
					{Text: lang.L("Take theirs"), Do: func() { u.s.answered(); u.takeTheirs(ref) }},
					{Text: lang.L("Overwrite theirs"), Kind: widgets.Danger, Do: func() { u.s.answered(); u.save(ref, changed.Now) }},
				},
			})
		})
	case errors.Is(err, template.Gone):
		u.noteTheirs(ref)
		u.s.ask(func() {
			confirm.Show(u.s.p.Window.Canvas(), confirm.Question{
				Title:  lang.L("The file of {{.Name}} is gone", name),
				Body:   lang.L("Somebody has deleted, renamed or moved it. Nothing was saved."),
				Cancel: lang.L("Cancel"), OnCancel: u.s.answered,
				Choices: []widgets.Choice{{Text: lang.L("Save as another…"), Kind: widgets.Primary, Do: func() { u.s.answered(); u.s.SaveTemplateAs() }}},
			})
		})
	default:
		u.s.p.Fail(err)
	}
}

// noteTheirs says at the name that the file is not what was read.
func (u *using) noteTheirs(ref template.Ref) {
	u.theirs = u.is(ref)
	u.draw()
}

// takeTheirs fills the form with the file as it is now: it was agreed to.
func (u *using) takeTheirs(ref template.Ref) {
	form, body := u.typed()
	u.s.settle(form, body)
	u.s.UseTemplate(ref)
}
