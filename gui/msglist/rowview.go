package msglist

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/draw"
	"gantry/gui/filters"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

var (
	_ fyne.Widget            = (*rowView)(nil)
	_ fyne.Tappable          = (*rowView)(nil)
	_ fyne.SecondaryTappable = (*rowView)(nil)
)

// rowView draws one row: a text for each column, placed by the width table.
// Texts that did not change are left alone.
type rowView struct {
	widget.BaseWidget

	list  *List
	n     uint64
	row   *Row
	day   bool // the time cell shows the date: it is the first row of a day
	cols  columns
	cells [columnCount]*canvas.Text
	// mark is at the left of the row that the screen shows, ground below one that is chosen
	// with others, or that a filter colours.
	mark, ground *canvas.Rectangle
	colour       theme.Token // of ground; None hides it
}

func newRowView(l *List) *rowView {
	v := &rowView{list: l, mark: draw.Box(theme.Accent, 0), ground: draw.Box(theme.None, 0)}
	for c := range columnCount {
		t := canvas.NewText("", theme.Color(columnTint(c)))
		t.TextSize, t.TextStyle = theme.SizeCaption, fyne.TextStyle{Monospace: true}
		if c == colRetry || c == colSize {
			t.Alignment = fyne.TextAlignTrailing
		}
		v.cells[c] = t
	}
	v.mark.Hide()
	v.ground.Hide()
	v.ExtendBaseWidget(v)
	return v
}

// columnTint is the colour of a column.
func columnTint(c column) theme.Token {
	switch c {
	case colTag, colKey, colBody:
		return theme.Text
	case colRetry:
		return theme.Warn
	}
	return theme.Muted
}

// draw puts record n into a row view.
func (l *List) draw(n uint64, v *rowView) {
	row := l.cache.rows[n]
	before := l.cache.rows[n-min(n, 1)]
	day := row != nil && before != nil && n > l.base && before.Day != "" && row.Day != "" && before.Day != row.Day
	marked := l.isSelected && l.selected == n
	draw.Show(v.mark, marked)
	switch {
	case marked:
		v.paint(theme.None) // Fyne draws its ground
	case l.picked.Has(n):
		v.paint(theme.Sel)
	case row != nil:
		v.paint(filters.Soft(row.Mark))
	default:
		v.paint(theme.None)
	}
	changed := v.row != row || v.day != day
	v.n, v.row, v.day = n, row, day
	v.place(changed)
}

// paint gives the row a ground.
func (v *rowView) paint(colour theme.Token) {
	if v.colour != colour {
		v.colour = colour
		v.ground.FillColor = theme.Color(colour)
		v.ground.Hidden = colour == theme.None
		v.ground.Refresh()
	}
}

// place writes the texts, cut to their columns, and puts them in place if the
// columns changed.
func (v *rowView) place(changed bool) {
	if cols := v.list.columnsFor(v.Size().Width); cols != v.cols {
		changed = true
		v.cols = cols
		v.mark.Resize(fyne.NewSize(2, v.Size().Height))
		v.ground.Resize(v.Size())
		for c, t := range v.cells {
			at := v.cols.cells[c]
			t.Move(fyne.NewPos(at.x, 0))
			t.Resize(fyne.NewSize(at.w, v.Size().Height))
		}
	}
	if !changed {
		return
	}
	for c, t := range v.cells {
		if s := v.text(column(c), v.cols.cells[c].w); s != t.Text {
			t.Text = s
			t.Refresh()
		}
	}
}

func (v *rowView) text(c column, w float32) string {
	r := v.row
	if r == nil || w <= 0 {
		return ""
	}
	s := ""
	switch c {
	case colTime:
		if s = r.Time; v.day {
			s = r.Day[5:] + " " + r.Time[:5]
		}
	case colTopic:
		s = r.Topic
	case colTag:
		s = r.Tag
	case colKey:
		return widgets.TextCut(r.Key, w-float32(len(r.More))*widgets.Cell) + r.More
	case colQueue:
		s = r.Queue
	case colRetry:
		s = r.Retry
	case colSize:
		s = r.Size
	case colBody:
		switch s = r.Body; {
		case r.Time == "" && v.list.sorted != nil && !r.Unreadable:
			s = lang.L("No longer kept.") // where it stood nothing can take its place
		case r.Unreadable:
			s = lang.L("One or more messages here are damaged on the disk.")
		}
	}
	return widgets.TextCut(s, w)
}

// columnsFor lays the columns out once for a width.
func (l *List) columnsFor(width float32) columns {
	if l.cols.width != width {
		l.cols = layoutColumns(width, l.topics, l.look)
	}
	return l.cols
}

// showTopics shows or hides the topics of the rows.
func (l *List) showTopics(show bool) {
	if show != l.topics {
		l.topics, l.cols = show, columns{}
		l.head.Refresh()
	}
}

// otherTopic tells whether a row is of another topic than expected.
func (l *List) otherTopic(r *Row) bool {
	return r.Topic != "" && (l.p.Topic == nil || r.Topic != l.p.Topic())
}

// Tapped chooses the row: as it takes other clicks, the list's own row gets none.
func (v *rowView) Tapped(*fyne.PointEvent) {
	if v.n >= v.list.base && v.n < v.list.end {
		v.list.view.Tap(int(v.n - v.list.base))
	}
}

// TappedSecondary opens the row's menu: it is of that row alone, unless the row is chosen
// with others.
func (v *rowView) TappedSecondary(e *fyne.PointEvent) {
	l := v.list
	if v.n < l.base || v.n >= l.end {
		return
	}
	focus(l.view)
	if !l.picked.Several() || !l.picked.Has(v.n) {
		l.picked.Clear()
		i := int(v.n - l.base)
		l.view.SetSelected(i)
		l.pickRow(i, widgets.PickOne)
	}
	l.openMenu(v.n, v, e.AbsolutePosition)
}

// CreateRenderer is called by Fyne.
func (v *rowView) CreateRenderer() fyne.WidgetRenderer {
	objects := []fyne.CanvasObject{v.ground, v.mark}
	for _, t := range v.cells {
		objects = append(objects, t)
	}
	return &draw.Renderer{
		Parts: objects,
		Least: draw.Fixed(1, widgets.RowHeight),
		Place: func(fyne.Size) { v.place(false) },
		Paint: func() {
			v.mark.FillColor, v.ground.FillColor = theme.Color(theme.Accent), theme.Color(v.colour)
			for c, t := range v.cells {
				t.Color = theme.Color(columnTint(column(c)))
			}
		},
	}
}
