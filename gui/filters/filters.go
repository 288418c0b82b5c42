// Package filters is the sheet of the filters that are kept: their names, and the colours
// of the rows that fit them. Everything here runs on Fyne's main goroutine.
package filters

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/filter"
	"gantry/client/profile"
	"gantry/gui/arrange"
	"gantry/gui/confirm"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// Store keeps the filters.
type Store interface {
	Saved() []profile.SavedFilter
	// SetSaved keeps other ones. The slice is never changed afterwards.
	SetSaved([]profile.SavedFilter)
}

// Soft is the ground of rows in a colour.
func Soft(m profile.Mark) theme.Token {
	switch m {
	case profile.VioletMark:
		return theme.EnvLocalSoft
	case profile.GreenMark:
		return theme.OKSoft
	case profile.YellowMark:
		return theme.WarnSoft
	case profile.RedMark:
		return theme.ErrSoft
	}
	return theme.None
}

// Sheet is the open sheet.
type Sheet struct {
	store Store
	done  func()
	open  *confirm.Panel
	rows  []*row
	list  *fyne.Container
	add   *widgets.Button
}

const (
	sheetWidth float32 = 640
	nameWidth  float32 = 150
	markWidth  float32 = 100
)

// Show opens the sheet over a window, with a new filter below the others unless save is
// empty. done runs after they were kept.
func Show(c fyne.Canvas, store Store, save string, done func()) *Sheet {
	s := &Sheet{store: store, done: done, list: container.New(&arrange.Rows{Gap: 6})}
	for _, f := range store.Saved() {
		s.append(f)
	}
	var first fyne.Focusable
	if save != "" || len(s.rows) == 0 {
		s.append(profile.SavedFilter{Filter: save})
	}
	if save != "" {
		first = s.rows[len(s.rows)-1].name
	}
	s.add = widgets.NewButton(lang.L("Add a filter"), fynetheme.ContentAddIcon(), widgets.Quiet, func() {
		s.append(profile.SavedFilter{})
		s.relayout()
		c.Focus(s.rows[len(s.rows)-1].name)
	})
	cancel := widgets.NewButton(lang.L("Cancel"), nil, widgets.Normal, s.close)
	if first == nil {
		first = cancel
	}
	about := widgets.NewParagraph(lang.L("A name offers a filter in the filter field; a colour marks the rows that fit. Where several fit a row, the uppermost colours it."), theme.Muted)
	s.open = confirm.ShowPanel(c, confirm.PanelView{
		Title:    lang.L("Saved filters and colours"),
		Content:  container.New(&arrange.Rows{Gap: 8}, about.Object(), s.heads(), s.list, container.NewHBox(s.add)),
		Width:    sheetWidth,
		Buttons:  []*widgets.Button{cancel, widgets.NewButton(lang.L("Save"), nil, widgets.Primary, s.save)},
		First:    first,
		OnCancel: s.close,
	})
	return s
}

// heads are the captions of the columns.
func (s *Sheet) heads() fyne.CanvasObject {
	return container.New(&rowLayout{}, widgets.NewCaption(lang.L("Name")), widgets.NewCaption(lang.L("Filter")), widgets.NewCaption(lang.L("Colour")))
}

// append adds a row below the others.
func (s *Sheet) append(f profile.SavedFilter) {
	r := newRow(s, f)
	s.rows = append(s.rows, r)
	s.list.Add(r.content)
}

// relayout follows rows that came, went or moved.
func (s *Sheet) relayout() {
	s.list.Objects = nil
	for _, r := range s.rows {
		s.list.Objects = append(s.list.Objects, r.content)
	}
	s.list.Refresh()
	if s.open != nil {
		s.open.Relayout()
	}
}

// up moves a row before the one above it.
func (s *Sheet) up(r *row) {
	if i := slices.Index(s.rows, r); i > 0 {
		s.rows[i-1], s.rows[i] = r, s.rows[i-1]
		s.relayout()
	}
}

func (s *Sheet) remove(r *row) {
	s.rows = slices.DeleteFunc(s.rows, func(o *row) bool { return o == r })
	s.relayout()
}

// save keeps the filters, if each can be read; an empty row is none.
func (s *Sheet) save() {
	var all []profile.SavedFilter
	good := true
	for _, r := range s.rows {
		f := r.read()
		if f == (profile.SavedFilter{}) {
			continue
		}
		wrong := r.check(f)
		r.filterField.SetError(wrong)
		good = good && wrong == ""
		all = append(all, f)
	}
	if s.relayout(); !good {
		return
	}
	s.store.SetSaved(all[:min(len(all), profile.MostSavedFilters)])
	s.close()
	s.done()
}

func (s *Sheet) close() { s.open.Close() }

// row is one filter.
type row struct {
	name, filter *widgets.Entry
	filterField  *widgets.Field
	mark         *widgets.Select
	content      *fyne.Container
}

func newRow(s *Sheet, f profile.SavedFilter) *row {
	r := &row{name: widgets.NewEntry(), filter: widgets.NewEntry().Mono()}
	r.name.SetText(f.Name)
	r.filter.SetText(f.Filter)
	r.filterField = widgets.NewField("", r.filter)
	r.mark = widgets.NewSelect(lang.L("No colour"), lang.L("Violet"), lang.L("Green"), lang.L("Yellow"), lang.L("Red"))
	ground := widgets.NewGround(theme.None).SetRadius(6)
	r.mark.OnChanged = func(string) { ground.Set(Soft(r.chosen())) }
	r.mark.SetSelectedIndex(slices.Index(profile.Marks(), f.Mark) + 1)
	r.name.OnEnter, r.filter.OnEnter = s.save, s.save
	line := container.New(&rowLayout{}, widgets.NewField("", r.name), r.filterField, widgets.NewField("", r.mark),
		widgets.NewIconButton(fynetheme.MoveUpIcon(), lang.L("Move up"), func() { s.up(r) }).Untipped(),
		widgets.NewIconButton(fynetheme.ContentClearIcon(), lang.L("Delete"), func() { s.remove(r) }).Untipped())
	r.content = container.NewStack(ground, line)
	return r
}

func (r *row) chosen() profile.Mark {
	if i := r.mark.SelectedIndex(); i > 0 {
		return profile.Marks()[i-1]
	}
	return profile.NoMark
}

// read is what is typed.
func (r *row) read() profile.SavedFilter {
	return profile.SavedFilter{Name: strings.TrimSpace(r.name.Text), Filter: strings.TrimSpace(r.filter.Text), Mark: r.chosen()}
}

// check says what is wrong with what is typed, "" if nothing is.
func (r *row) check(f profile.SavedFilter) string {
	_, err := filter.Parse(r.filter.Text, time.Now())
	r.filter.MarkWrong(err)
	switch {
	case f.Filter == "":
		return lang.L("A filter is needed.")
	case err != nil:
		return words.Filter(err)
	case len(f.Name) > profile.MostFilterName:
		return lang.L("The name is too long.")
	case f.Name == "" && f.Mark == profile.NoMark:
		return lang.L("Give it a name, or a colour.")
	}
	return ""
}

var _ fyne.Layout = (*rowLayout)(nil)

// rowLayout places the columns of a row: name, filter, colour, and two buttons.
type rowLayout struct{}

const (
	rowEdge   float32 = 6
	rowGap    float32 = 8
	rowButton float32 = 28
)

// MinSize is that of the highest.
func (*rowLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	h := float32(0)
	for _, x := range o {
		h = max(h, x.MinSize().Height)
	}
	return fyne.NewSize(2*rowEdge+nameWidth+markWidth+200, h+2*rowTop(o))
}

// rowTop is the room above and below; the captions have none.
func rowTop(o []fyne.CanvasObject) float32 {
	if len(o) > 3 {
		return rowEdge / 2
	}
	return 0
}

// Layout places them.
func (*rowLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	top := rowTop(o)
	rest := s.Width - 2*rowEdge - nameWidth - markWidth - 2*rowButton - 3*rowGap
	x := rowEdge
	for i, w := range []float32{nameWidth, rest, markWidth, rowButton, rowButton} {
		if i < len(o) {
			h := s.Height - 2*top
			if w == rowButton {
				h = rowButton
			}
			o[i].Move(fyne.NewPos(x, top))
			o[i].Resize(fyne.NewSize(w, h))
		}
		x += w + rowGap
		if i == 3 {
			x -= rowGap
		}
	}
}
