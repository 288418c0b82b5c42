package send

import (
	"context"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
	"github.com/sahilm/fuzzy"

	"gantry/client/outbox/template"
	"gantry/gui/arrange"
	"gantry/gui/draw"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// The queries of the templates: their list, the watching of their folders, the reading of
// one.
const (
	queryTemplates = "templates"
	queryWatch     = "watch templates"
	queryTemplate  = "template"
)

// templates is the pane of named drafts: a field to find one by a few letters, a list in
// folders, and what can be done with the selected one. Their folders are watched while it
// is seen.
type templates struct {
	s       *Screen
	content fyne.CanvasObject

	listing  template.Listing
	failed   error
	read     bool // they were listed once
	rows     []templateRow
	selected template.Ref // none: ""
	shown    bool

	field  *widgets.Entry
	menu   *widgets.IconButton
	list   *widgets.List
	empty  *widgets.EmptyState
	finder *fyne.Container
	body   *fyne.Container // the list or the empty state
	filled fyne.CanvasObject
	foot   *fyne.Container
}

// templateRow is a row of the list: the head of a folder, or a template.
type templateRow struct {
	head  string
	wrong bool // the head says what cannot be read
	entry *template.Entry
	// folder is said of a template that stands under no head.
	folder string
}

func newTemplates(s *Screen) *templates {
	p := &templates{s: s}
	p.field = widgets.NewFilter(lang.L("Find a template"), func(*fyne.KeyEvent) bool {
		s.p.Window.Canvas().Focus(p.list)
		p.step(0)
		return true
	})
	p.field.OnChanged = func(string) { p.fill(); p.step(0) }
	p.field.OnEnter = p.useSelected
	p.menu = widgets.NewIconButton(fynetheme.MoreHorizontalIcon(), lang.L("More"), p.showMenu)
	p.finder = container.New(layout.NewCustomPaddedLayout(8, 8, 14, 8),
		container.New(&arrange.Columns{Gap: 4, Shares: []float32{1, 0}}, widgets.NewField("", p.field), arrange.Middled(p.menu)))
	p.list = widgets.NewList(widgets.RowHeight, func() int { return len(p.rows) },
		func() fyne.CanvasObject { return newTemplateLine(p) },
		func(i int, o fyne.CanvasObject) { o.(*templateLine).set(i) })
	p.list.OnSelected = p.choose
	p.list.OnEnter = p.useSelected
	p.list.OnEscape = func() { s.p.Window.Canvas().Focus(p.field) }
	p.empty = widgets.NewEmptyState("", "", nil)
	p.filled = container.New(&arrange.Rows{Grow: p.list.View()}, widgets.NewRule(), p.list.View())
	p.body = container.NewStack(p.empty)
	p.makeFoot()
	p.content = container.New(&arrange.Rows{Grow: p.body}, p.finder, p.body, p.foot)
	p.draw()
	return p
}

// makeFoot makes the bar of what can be done with the selected template.
func (p *templates) makeFoot() {
	use := widgets.NewButton(lang.L("Use it"), nil, widgets.Normal, p.useSelected)
	place := widgets.NewButton(lang.L("Rename or move…"), nil, widgets.Quiet, p.askPlace)
	drop := widgets.NewButton(lang.L("Delete"), nil, widgets.Quiet, p.askDelete)
	row := container.New(&arrange.Columns{Gap: 2, Shares: []float32{1, 0, 0, 0}}, layout.NewSpacer(), drop, place, use)
	p.foot = container.New(&arrange.Rows{}, widgets.NewRule(), container.NewStack(widgets.NewGround(theme.Chrome),
		container.New(layout.NewCustomPaddedLayout(8, 8, 14, 10), row)))
	p.foot.Hide()
}

// roots are the folders that are listed.
func (p *templates) roots() []template.Root {
	var added []string
	if p.s.p.TemplateFolders != nil {
		added = p.s.p.TemplateFolders()
	}
	return p.s.p.Templates.Roots(p.s.p.Profile.ID, added)
}

// setShown follows whether the pane is seen: only then others' changes are looked for.
func (p *templates) setShown(shown bool) {
	if p.s.p.Templates == nil || p.shown == shown {
		return
	}
	p.shown = shown
	if !shown {
		p.s.scope.Cancel(queryWatch)
		return
	}
	p.reload()
	p.watch()
}

func (p *templates) watch() {
	store, roots, told := p.s.p.Templates, p.roots(), p.s.p.Tasks.Signal(p.s.scope, p.reload)
	task.Ask(p.s.p.Tasks, p.s.scope, queryWatch, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, store.Watch(ctx, roots, told)
	}, nil) // where nothing is told, they are listed whenever they are shown
}

// reload lists the templates anew, and looks whether the one that is in the form is still
// as it was.
func (p *templates) reload() {
	if p.s.p.Templates == nil {
		return
	}
	store, roots, look := p.s.p.Templates, p.roots(), p.s.using.question()
	type answer struct {
		listing template.Listing
		used    seenFile
	}
	task.Ask(p.s.p.Tasks, p.s.scope, queryTemplates, func(ctx context.Context) (a answer, err error) {
		a.listing, err = store.List(ctx, roots)
		a.used = look(store)
		return a, err
	}, func(a answer, err error) {
		p.listing, p.failed, p.read = a.listing, err, true
		p.s.using.answer(a.used)
		p.fill()
	})
}

// fill makes the rows of what is listed and found.
func (p *templates) fill() {
	p.rows = nil
	if p.field.Text != "" {
		p.fillFound()
	} else {
		p.fillAll()
	}
	p.draw()
}

// fillAll puts each folder's templates under its head.
func (p *templates) fillAll() {
	head := ""
	for i := range p.listing.Entries {
		e := &p.listing.Entries[i]
		if h := p.title(e.Root, e.Folder()); h != head {
			head = h
			p.rows = append(p.rows, templateRow{head: h})
		}
		p.rows = append(p.rows, templateRow{entry: e})
	}
	for _, u := range p.listing.Unread {
		why := p.title(u.Root, u.Folder) + ": " + problem.Explain(u.Err).What
		p.rows = append(p.rows, templateRow{head: why, wrong: true})
	}
	if p.listing.More {
		p.rows = append(p.rows, templateRow{head: lang.L("There are more, which are not listed."), wrong: true})
	}
}

// named makes templates searchable.
type named []template.Entry

func (n named) String(i int) string {
	return strings.Join([]string{n[i].Name(), n[i].Folder(), n[i].Form.Topic, n[i].Form.Tag}, " ")
}
func (n named) Len() int { return len(n) }

// fillFound lists those that have the typed letters, the best first.
func (p *templates) fillFound() {
	for _, m := range fuzzy.FindFrom(p.field.Text, named(p.listing.Entries)) {
		e := &p.listing.Entries[m.Index]
		where := e.Folder()
		if where == "" {
			where = p.rootName(e.Root)
		}
		p.rows = append(p.rows, templateRow{entry: e, folder: where})
	}
}

// title names a folder.
func (p *templates) title(r template.Root, folder string) string {
	name := p.rootName(r)
	if folder != "" {
		name += " / " + strings.ReplaceAll(folder, "/", " / ")
	}
	return name
}

func (p *templates) rootName(r template.Root) string {
	switch r.Kind {
	case template.ForAll:
		return lang.L("For all connections")
	case template.ForOne:
		return lang.L("Only this connection")
	}
	return filepath.Base(r.Dir)
}

// draw brings list and foot up to date.
func (p *templates) draw() {
	if p.s.closed || p.foot == nil {
		return
	}
	p.s.side.count(sideTemplates, len(p.listing.Entries))
	want := p.filled
	if len(p.rows) == 0 {
		want = p.empty
		p.drawEmpty()
	}
	if p.body.Objects[0] != want {
		p.body.Objects = []fyne.CanvasObject{want}
		p.body.Refresh()
	}
	at := p.at()
	if at < 0 {
		p.selected = template.Ref{}
	}
	draw.Show(p.foot, at >= 0)
	p.list.SetSelected(at)
	p.list.Refresh()
	p.content.Refresh()
}

func (p *templates) drawEmpty() {
	switch {
	case p.failed != nil:
		p.empty.Set(lang.L("The templates cannot be read"), problem.Explain(p.failed).Text(), nil)
	case p.field.Text != "":
		p.empty.Set(lang.L("No template of that name"), "", nil)
	default:
		keep := widgets.NewButton(lang.L("Save as a template…"), nil, widgets.Normal, p.s.SaveTemplateAs)
		p.empty.Set(lang.L("No templates yet"),
			lang.L("Save what is in the form under a name, and fill it in again with two keys."),
			nil, keep)
	}
}

// at is the row of the selected template, -1 for none.
func (p *templates) at() int {
	for i, r := range p.rows {
		if r.entry != nil && r.entry.Ref == p.selected {
			return i
		}
	}
	return -1
}

// choose takes a row that was selected; from the head of a folder it goes on in the same
// direction, and back where that is the end.
func (p *templates) choose(i int) {
	if i < 0 || i >= len(p.rows) {
		return
	}
	if p.rows[i].entry == nil {
		by := 1
		if i < p.at() {
			by = -1
		}
		for _, by := range []int{by, -by} {
			if to := p.next(i, by); to >= 0 {
				p.list.Select(to)
				return
			}
		}
		p.list.SetSelected(-1)
		return
	}
	p.selected = p.rows[i].entry.Ref
	p.draw()
}

// next is the row of the nearest template in a direction, -1 for none.
func (p *templates) next(i, by int) int {
	for i += by; i >= 0 && i < len(p.rows); i += by {
		if p.rows[i].entry != nil {
			return i
		}
	}
	return -1
}

// step selects the first template where none is selected.
func (p *templates) step(from int) {
	for i := from; i < len(p.rows) && p.at() < 0; i++ {
		if p.rows[i].entry != nil {
			p.selected = p.rows[i].entry.Ref
		}
	}
	p.draw()
}

// entry is the selected template, nil for none.
func (p *templates) entry() *template.Entry {
	if at := p.at(); at >= 0 {
		return p.rows[at].entry
	}
	return nil
}

func (p *templates) useSelected() {
	if e := p.entry(); e != nil {
		p.s.UseTemplate(e.Ref)
	}
}

// menuAt offers what can be done with the selected template.
func (p *templates) menuAt(at fyne.Position) {
	e := p.entry()
	if e == nil {
		return
	}
	menu := fyne.NewMenu("",
		fyne.NewMenuItem(lang.L("Use it"), p.useSelected),
		fyne.NewMenuItem(lang.L("Rename or move…"), p.askPlace),
		fyne.NewMenuItem(lang.L("Export as a zip…"), func() { p.exportZip([]template.Ref{e.Ref}) }),
		fyne.NewMenuItem(lang.L("Delete…"), p.askDelete))
	widget.ShowPopUpMenuAtPosition(menu, p.s.p.Window.Canvas(), at)
}

// Named is a template for the palette.
type Named struct {
	Name, Folder string
	Ref          template.Ref
}

// Templates are those that were listed last, without those that are damaged.
func (s *Screen) Templates() []Named {
	var all []Named
	for i := range s.templates.listing.Entries {
		if e := &s.templates.listing.Entries[i]; e.Err == nil {
			all = append(all, Named{e.Name(), s.templates.title(e.Root, e.Folder()), e.Ref})
		}
	}
	return all
}
