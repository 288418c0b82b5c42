package send

import (
	"context"
	"errors"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"gantry/client/outbox/template"
	"gantry/gui/confirm"
	"gantry/gui/problem"
	"gantry/gui/widgets"
)

// placed is where a template is, or is to be.
type placed struct {
	root         template.Root
	folder, name string
}

// askWhere asks for name, folder and whose a template is; wrong stands at the name.
func (p *templates) askWhere(title, action string, at placed, wrong string, do func(placed)) {
	roots := p.roots()
	name := widgets.NewEntry()
	name.SetText(at.name)
	nameField := widgets.NewField(lang.L("Name"), name)
	nameField.SetError(wrong)
	name.OnChanged = func(string) { nameField.SetError("") }
	folder := widgets.NewCompletion(nil)
	folder.SetText(at.folder)
	folder.SetPlaceHolder(lang.L("none; as orders or orders/paid"))
	folderField := widgets.NewField(lang.L("Folder"), folder)
	folder.OnChanged = func(string) { folderField.SetError("") }
	var names []string
	for _, r := range roots {
		names = append(names, p.rootName(r))
	}
	where := widgets.NewSelect(names...)
	where.OnChanged = func(string) { folder.SetOptions(p.folders(roots[max(where.SelectedIndex(), 0)])) }
	where.SetSelectedIndex(max(slices.Index(roots, at.root), 0))
	confirm.ShowSheet(p.s.p.Window.Canvas(), confirm.SheetView{
		Title:  title,
		Fields: []*widgets.Field{nameField, folderField, widgets.NewField(lang.L("For"), where)},
		Cancel: lang.L("Cancel"), Action: action, OnCancel: p.s.answered,
		OnConfirm: func() bool {
			to := placed{roots[max(where.SelectedIndex(), 0)], strings.Trim(strings.TrimSpace(folder.Text), "/"), strings.TrimSpace(name.Text)}
			nameField.SetError(problem.Explain(template.CheckName(to.name)).What)
			folderField.SetError(problem.Explain(template.CheckFolder(to.folder)).What)
			if nameField.Error() != "" || folderField.Error() != "" {
				return false
			}
			p.s.answered()
			do(to)
			return true
		},
	})
	name.TypedShortcut(&fyne.ShortcutSelectAll{})
}

// folders are those of a root that have templates.
func (p *templates) folders(r template.Root) []string {
	var all []string
	for i := range p.listing.Entries {
		if e := &p.listing.Entries[i]; e.Root == r && e.Folder() != "" && !slices.Contains(all, e.Folder()) {
			all = append(all, e.Folder())
		}
	}
	return all
}

// SaveTemplateAs asks for a name and saves the form as another template (Ctrl+Shift+S).
func (s *Screen) SaveTemplateAs() {
	if s.closed || s.asking || s.p.Templates == nil || s.covered() {
		return
	}
	at := placed{root: s.templates.roots()[0], name: s.form.topic.Text}
	if s.using.on {
		at = placed{s.using.ref.Root, s.using.ref.Folder(), s.using.ref.Name()}
	} else if e := s.templates.entry(); e != nil {
		at.root, at.folder = e.Root, e.Folder()
	}
	s.askSave(at, "")
}

func (s *Screen) askSave(at placed, wrong string) {
	s.ask(func() {
		s.templates.askWhere(lang.L("Save as a template"), lang.L("Save"), at, wrong, s.create)
	})
}

// create saves the form as a new template.
func (s *Screen) create(to placed) {
	store, text := s.p.Templates, s.text()
	var got *template.Template
	s.p.Tasks.Job(lang.L("Save the template"), func(context.Context, func(string)) (err error) {
		got, err = store.Create(to.root, to.folder, to.name, text)
		return err
	}, func(err error) {
		var there *template.ExistsError
		switch {
		case s.closed && err == nil:
		case errors.As(err, &there) && !s.closed:
			s.askReplace(to, there)
		case err != nil:
			s.p.Fail(err)
		default:
			s.using.saved(got, text)
		}
	})
}

// askReplace asks whether the form takes the place of a template of the same name.
func (s *Screen) askReplace(to placed, there *template.ExistsError) {
	s.ask(func() {
		confirm.Show(s.p.Window.Canvas(), confirm.Question{
			Title:  lang.L("Replace {{.Name}}?", map[string]any{"Name": there.Ref.Name()}),
			Body:   lang.L("A template of this name is there."),
			Cancel: lang.L("Cancel"), OnCancel: s.answered, Danger: true,
			Choices: []widgets.Choice{
				{Text: lang.L("Another name…"), Do: func() {
					s.answered()
					s.askSave(to, problem.Explain(there).What)
				}},
				{Text: lang.L("Replace it"), Kind: widgets.Danger, Do: func() {
					s.answered()
					s.using.save(there.Ref, there.Version)
				}},
			},
		})
	})
}

// askPlace asks for another name or folder of the selected template.
func (p *templates) askPlace() {
	e := p.entry()
	if e == nil || p.s.asking {
		return
	}
	p.askPlaceOf(e.Ref, placed{e.Root, e.Folder(), e.Name()}, "")
}

func (p *templates) askPlaceOf(ref template.Ref, at placed, wrong string) {
	p.s.ask(func() {
		p.askWhere(lang.L("Rename or move {{.Name}}", map[string]any{"Name": ref.Name()}), lang.L("Change"), at, wrong, func(to placed) {
			store := p.s.p.Templates
			var now template.Ref
			p.s.p.Tasks.Job(lang.L("Move the template"), func(context.Context, func(string)) (err error) {
				now, err = store.Place(ref, to.root, to.folder, to.name)
				return err
			}, func(err error) {
				switch {
				case errors.Is(err, template.Exists) && !p.s.closed:
					p.askPlaceOf(ref, to, problem.Explain(err).What)
					return
				case err != nil:
					p.s.p.Fail(err)
				default:
					p.moved(ref, now)
				}
				p.reload()
			})
		})
	})
}

// moved follows a template to its new place.
func (p *templates) moved(from, to template.Ref) {
	if p.selected == from {
		p.selected = to
	}
	if u := p.s.using; u.is(from) {
		u.ref = to
		u.draw()
	}
}

// askDelete deletes the selected template once it was asked for.
func (p *templates) askDelete() {
	e := p.entry()
	if e == nil || p.s.asking {
		return
	}
	ref := e.Ref
	p.s.ask(func() {
		confirm.Show(p.s.p.Window.Canvas(), confirm.Question{
			Title:  lang.L("Delete the template {{.Name}}?", map[string]any{"Name": ref.Name()}),
			Body:   lang.L("Its file goes. What was sent with it stays in the history."),
			Cancel: lang.L("Cancel"), OnCancel: p.s.answered, Danger: true,
			Choices: []widgets.Choice{{Text: lang.L("Delete"), Kind: widgets.Danger, Do: func() { p.s.answered(); p.drop(ref) }}},
		})
	})
}

func (p *templates) drop(ref template.Ref) {
	store := p.s.p.Templates
	p.s.p.Tasks.Job(lang.L("Delete the template"), func(context.Context, func(string)) error { return store.Delete(ref) }, func(err error) {
		if err != nil {
			p.s.p.Fail(err)
		} else if p.s.using.is(ref) {
			p.s.using.set(nil)
		}
		p.reload()
	})
}
