package send

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"gantry/client/outbox/template"
	"gantry/gui/confirm"
	"gantry/gui/files"
	"gantry/gui/problem"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// mostFailures is how many templates that were not taken are named.
const mostFailures = 20

// showMenu offers what can be done with templates as a whole.
func (p *templates) showMenu() {
	b := p.menu
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(b)
	widget.ShowPopUpMenuAtPosition(p.wholeMenu(), p.s.p.Window.Canvas(), at.AddXY(0, b.Size().Height))
}

func (p *templates) wholeMenu() *fyne.Menu {
	refs := p.refs()
	data := map[string]any{"Count": widgets.Count(len(refs))}
	zip := fyne.NewMenuItem(lang.N("Export {{.Count}} templates as a zip…", len(refs), data), func() { p.exportZip(refs) })
	folder := fyne.NewMenuItem(lang.N("Export {{.Count}} templates to a folder…", len(refs), data), func() { p.exportFolder(refs) })
	zip.Disabled, folder.Disabled = len(refs) == 0, len(refs) == 0
	menu := fyne.NewMenu("",
		fyne.NewMenuItem(lang.L("Save the form as a template…"), p.s.SaveTemplateAs),
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem(lang.L("Import a zip…"), p.importZip),
		fyne.NewMenuItem(lang.L("Import a folder…"), p.importFolder),
		zip, folder,
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem(lang.L("Show the templates of a folder…"), p.addFolder))
	for _, r := range p.roots() {
		if r.Kind == template.Own {
			menu.Items = append(menu.Items, fyne.NewMenuItem(lang.L("Show {{.Folder}} no more", map[string]any{"Folder": p.rootName(r)}), func() { p.removeFolder(r.Dir) }))
		}
	}
	return menu
}

// refs are the templates that are listed, or found.
func (p *templates) refs() []template.Ref {
	var all []template.Ref
	for _, r := range p.rows {
		if r.entry != nil {
			all = append(all, r.entry.Ref)
		}
	}
	return all
}

// askFolder asks for a folder.
func (p *templates) askFolder(title string, take func(dir string)) {
	files.AskFolder(p.s.p.Window, files.Question{Tasks: p.s.p.Tasks, Title: title, Fail: p.s.p.Fail}, take)
}

// addFolder shows the templates of a folder too, such as a checkout of git.
func (p *templates) addFolder() {
	p.askFolder(lang.L("A folder of templates"), func(dir string) {
		if all := p.s.p.TemplateFolders(); !slices.Contains(all, dir) && filepath.IsAbs(dir) {
			p.setFolders(append(slices.Clone(all), dir))
		}
	})
}

// removeFolder shows a folder's templates no more; its files stay.
func (p *templates) removeFolder(dir string) {
	p.setFolders(slices.DeleteFunc(slices.Clone(p.s.p.TemplateFolders()), func(d string) bool { return filepath.Clean(d) == dir }))
}

func (p *templates) setFolders(all []string) {
	p.s.p.SaveTemplateFolders(all)
	p.reload()
	if p.shown {
		p.watch()
	}
}

// exportZip writes templates into a file that the user chooses.
func (p *templates) exportZip(refs []template.Ref) {
	files.AskSave(p.s.p.Window, files.Question{Tasks: p.s.p.Tasks, Title: lang.L("Export templates"), Name: "templates.zip", Fail: p.s.p.Fail}, func(out fyne.URIWriteCloser) {
		store := p.s.p.Templates
		var failed []template.Failure
		p.s.p.Tasks.Job(lang.L("Export templates"), func(ctx context.Context, _ func(string)) (err error) {
			failed, err = store.Chosen(refs).WriteZip(ctx, out)
			return errors.Join(err, out.Close())
		}, func(err error) {
			if err != nil {
				p.s.p.Fail(err)
				return
			}
			p.tell(template.Taken{New: len(refs) - len(failed), Failed: failed}, lang.L("Exported"))
		})
	})
}

// exportFolder copies templates into a folder that the user chooses.
func (p *templates) exportFolder(refs []template.Ref) {
	p.askFolder(lang.L("Export templates to"), func(dir string) {
		store := p.s.p.Templates
		p.bring(func(context.Context) (*template.Bundle, error) { return store.Chosen(refs), nil },
			template.Root{Kind: template.Own, Dir: dir}, lang.L("Exported"))
	})
}

// importZip takes the templates of a zip over.
func (p *templates) importZip() {
	files.AskOpen(p.s.p.Window, files.Question{Tasks: p.s.p.Tasks, Title: lang.L("Import templates"), Endings: []string{".zip"}, Fail: p.s.p.Fail}, func(r fyne.URIReadCloser) {
		name := r.URI().Path()
		if err := r.Close(); err != nil {
			p.s.p.Fail(err)
			return
		}
		store := p.s.p.Templates
		p.askRoot(filepath.Base(name), func(context.Context) (*template.Bundle, error) { return store.InZip(name) })
	})
}

// importFolder takes the templates of a folder over.
func (p *templates) importFolder() {
	p.askFolder(lang.L("Import templates from"), func(dir string) {
		store := p.s.p.Templates
		p.askRoot(filepath.Base(dir), func(ctx context.Context) (*template.Bundle, error) { return store.InFolder(ctx, dir) })
	})
}

// opener makes a bundle, beside the window.
type opener func(context.Context) (*template.Bundle, error)

// askRoot asks whose the templates are to be.
func (p *templates) askRoot(from string, open opener) {
	roots := p.roots()
	var names []string
	for _, r := range roots {
		names = append(names, p.rootName(r))
	}
	where := widgets.NewSelect(names...)
	p.s.ask(func() {
		confirm.ShowSheet(p.s.p.Window.Canvas(), confirm.SheetView{
			Title:  lang.L("Import the templates of {{.Name}}", map[string]any{"Name": from}),
			Fields: []*widgets.Field{widgets.NewField(lang.L("For"), where)},
			Cancel: lang.L("Cancel"), Action: lang.L("Import"), OnCancel: p.s.answered,
			OnConfirm: func() bool {
				p.s.answered()
				p.bring(open, roots[max(where.SelectedIndex(), 0)], lang.L("Imported"))
				return true
			},
		})
	})
}

// bring takes a bundle over: it looks what is there already, asks about that, and copies.
func (p *templates) bring(open opener, to template.Root, done string) {
	store := p.s.p.Templates
	var bundle *template.Bundle
	var both []string
	p.s.p.Tasks.Job(lang.L("Read the templates"), func(ctx context.Context, _ func(string)) (err error) {
		if bundle, err = open(ctx); err == nil {
			both, err = store.Conflicts(ctx, bundle, to)
		}
		return err
	}, func(err error) {
		switch {
		case err != nil || p.s.closed:
			if bundle != nil {
				err = errors.Join(err, bundle.Close())
			}
			if err != nil {
				p.s.p.Fail(err)
			}
		default:
			p.askBoth(both, map[string]template.Answer{}, func(answers map[string]template.Answer) { p.take(bundle, to, answers, done) }, bundle)
		}
	})
}

// askBoth asks for each name that is there already: keep, replace or both, for this one or
// for all that are left.
func (p *templates) askBoth(both []string, answers map[string]template.Answer, then func(map[string]template.Answer), bundle *template.Bundle) {
	if len(both) == 0 {
		then(answers)
		return
	}
	all := widgets.NewCheck(lang.N("The same for the other {{.Count}}", len(both)-1, map[string]any{"Count": widgets.Count(len(both) - 1)}))
	choice := func(text string, a template.Answer) widgets.Choice {
		return widgets.Choice{Text: text, Do: func() {
			p.s.answered()
			rest := both[1:]
			answers[both[0]] = a
			if all.Checked {
				for _, name := range rest {
					answers[name] = a
				}
				rest = nil
			}
			p.askBoth(rest, answers, then, bundle)
		}}
	}
	var details fyne.CanvasObject
	if len(both) > 1 {
		details = container.NewHBox(all)
	}
	p.s.ask(func() {
		confirm.Show(p.s.p.Window.Canvas(), confirm.Question{
			Title: lang.L("{{.Name}} is there already", map[string]any{"Name": both[0]}), Details: details, Danger: true,
			Body:   lang.L("Keep the one that is there, replace it, or have both."),
			Cancel: lang.L("Cancel"), OnCancel: func() {
				p.s.answered()
				if err := bundle.Close(); err != nil {
					p.s.p.Fail(err)
				}
			},
			Choices: []widgets.Choice{choice(lang.L("Keep"), template.Keep), choice(lang.L("Replace"), template.Replace), choice(lang.L("Both"), template.Both)},
		})
	})
}

// take copies a bundle.
func (p *templates) take(bundle *template.Bundle, to template.Root, answers map[string]template.Answer, done string) {
	store := p.s.p.Templates
	var got template.Taken
	p.s.p.Tasks.Job(lang.L("Copy the templates"), func(ctx context.Context, _ func(string)) (err error) {
		// One that came meanwhile is kept: nobody was asked about it.
		got, err = store.Take(ctx, bundle, to, func(name string) template.Answer { return answers[name] })
		return errors.Join(err, bundle.Close())
	}, func(err error) {
		if err != nil {
			p.s.p.Fail(err)
		} else {
			p.tell(got, done)
		}
		if !p.s.closed {
			p.reload()
		}
	})
}

// tell says what came of an import or export, and names what was left out.
func (p *templates) tell(got template.Taken, done string) {
	n := got.New + got.Replaced
	text := done + ": " + lang.N("{{.Count}} templates", n, map[string]any{"Count": widgets.Count(n)})
	if got.Kept > 0 {
		text = words.Sentences(text+".", lang.N("{{.Count}} were kept as they are.", got.Kept, map[string]any{"Count": widgets.Count(got.Kept)}))
	}
	if len(got.Failed) == 0 || p.s.closed {
		p.s.p.Say(text)
		return
	}
	var lines []string
	for i, f := range got.Failed {
		if i == mostFailures {
			lines = append(lines, lang.L("and {{.Count}} more", map[string]any{"Count": widgets.Count(len(got.Failed) - i)}))
			break
		}
		lines = append(lines, fmt.Sprintf("%s: %s", f.Path, problem.Explain(f.Err).What))
	}
	p.s.ask(func() {
		confirm.Show(p.s.p.Window.Canvas(), confirm.Question{
			Title: lang.N("{{.Count}} templates were left out", len(got.Failed), map[string]any{"Count": widgets.Count(len(got.Failed))}), Body: text,
			Details: widgets.NewParagraph(strings.Join(lines, "\n"), theme.Muted).Object(), Cancel: lang.L("Close"), OnCancel: p.s.answered,
		})
	})
}
