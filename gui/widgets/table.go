package widgets

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"gantry/gui/arrange"
	"gantry/gui/draw"
	"gantry/gui/theme"
)

// Heights of rows in the lists beside messages.
const (
	tableRow  float32 = 30
	sheetRow  float32 = 28
	headerRow float32 = 24
)

// Table is a list of rows that all have the same columns, under their heads.
// Only rows in sight are drawn.
type Table struct {
	*List
	// Picked tells which rows are chosen where several can be, see List.OnPicked; may be nil.
	Picked func(i int) bool

	columns []Column
	heads   []string
	head    *CellRow
	row     func(i int) []Item
	content fyne.CanvasObject
}

// evenRows is of how many rows the texts are looked at for their width.
const evenRows = 200

// NewTable returns a table; row tells what stands in a row.
func NewTable(columns []Column, heads []string, length func() int, row func(i int) []Item) *Table {
	t := &Table{columns: slices.Clone(columns), heads: heads, head: NewCellRow(false), row: row}
	t.head.size = theme.SizeCaption
	t.List = NewList(tableRow, length, func() fyne.CanvasObject { return NewCellRow(true) }, func(i int, o fyne.CanvasObject) {
		ground := theme.None
		if t.Picked != nil && i != t.Selected() && t.Picked(i) { // of the selected one Fyne draws it
			ground = theme.Sel
		}
		o.(*CellRow).Set(t.columns, row(i), ground)
	})
	t.even()
	t.content = container.New(&arrange.Rows{Grow: t.View()}, container.NewStack(NewGround(theme.Sunken).SetMin(0, headerRow), t.head), NewRule(), t.View())
	return t
}

// Refresh shows the rows as they are.
func (t *Table) Refresh() {
	t.even()
	t.List.Refresh()
}

// even makes columns as wide as what stands in them. They do not become narrower again, so
// that nothing moves to and fro.
func (t *Table) even() {
	rows := make([]*SheetRow, 0, evenRows+1)
	rows = append(rows, &SheetRow{Columns: headColumns(t.columns, t.heads), Cells: headCells(t.heads)})
	for i := range min(t.rows(), evenRows) {
		if cells := t.row(i); len(cells) == len(t.columns) {
			rows = append(rows, &SheetRow{Columns: t.columns, Cells: cells})
		}
	}
	for i := range t.columns {
		if c := &t.columns[i]; c.Even {
			c.Width = max(c.Width, min(widest(rows[:1], i), fitMost), min(widest(rows[1:], i), fitMost))
		}
	}
	t.head.Set(headColumns(t.columns, t.heads), headCells(t.heads), theme.Sunken)
}

// headCells are the words over columns.
func headCells(heads []string) []Item {
	cells := make([]Item, len(heads))
	for i, h := range heads {
		cells[i] = Item{Text: h, Tint: theme.Muted, Dot: DotNone}
	}
	return cells
}

// headColumns are the columns for their heads: all of them are words.
func headColumns(columns []Column, heads []string) []Column {
	texts := slices.Clone(columns)
	for i := range texts {
		if !texts[i].Kind.drawn() || i < len(heads) && heads[i] != "" {
			texts[i].Kind = TextColumn
		}
	}
	return texts
}

// Content is what to put into a layout.
func (t *Table) Content() fyne.CanvasObject { return t.content }

// SheetRow is a row of a Sheet with columns of its own.
type SheetRow struct {
	Columns []Column
	Cells   []Item
	Ground  theme.Token
	Rule    bool // a line above, across the pane
	// Data is the caller's.
	Data any
	// Copy is what copying the row yields; "" copies its texts.
	Copy string
	// Align names rows whose columns that fit their text have one width in all of them; ""
	// is none of them.
	Align string
}

// Sheet is a list of rows of several kinds, one below the other: titles, heads,
// queues, members. Only rows in sight are drawn, so there may be thousands.
type Sheet struct {
	*List

	rows []SheetRow
	// OnChosen runs with the row that was chosen.
	OnChosen func(SheetRow)
}

// NewSheet returns an empty one.
func NewSheet() *Sheet {
	s := &Sheet{}
	s.List = NewList(sheetRow, func() int { return len(s.rows) }, func() fyne.CanvasObject { return NewCellRow(false) }, func(i int, o fyne.CanvasObject) {
		row := o.(*CellRow)
		row.rule = s.rows[i].Rule
		row.Set(s.rows[i].Columns, s.rows[i].Cells, s.rows[i].Ground)
	})
	s.List.OnSelected = func(i int) {
		if s.OnChosen != nil && i < len(s.rows) {
			s.OnChosen(s.rows[i])
		}
	}
	s.List.OnCopy = s.copy
	return s
}

// Set changes all rows; the selection stays at its place.
func (s *Sheet) Set(rows []SheetRow) {
	aligned(rows)
	s.rows = rows
	if s.Selected() >= len(rows) {
		s.SetSelected(-1)
	}
	s.List.Refresh()
}

// Rows returns what it shows.
func (s *Sheet) Rows() []SheetRow { return s.rows }

func (s *Sheet) copy() {
	i := s.Selected()
	if i < 0 || i >= len(s.rows) {
		return
	}
	words := s.rows[i].Copy
	if words == "" {
		for _, c := range s.rows[i].Cells {
			if c.Text != "" && words != "" {
				words += "\t"
			}
			words += c.Text
		}
	}
	fyne.CurrentApp().Clipboard().SetContent(words)
}

// fitMost is the widest that a column gets by what stands in it.
const fitMost float32 = 190

// Beneath returns the row, aligned with others of that name.
func (r SheetRow) Beneath(align string) SheetRow { r.Align = align; return r }

// aligned gives rows of one name one width for each column that fits its text: that of the
// longest one. What is left goes to the columns with a share, so that nothing is cut beside
// free room. It changes the rows.
func aligned(rows []SheetRow) {
	names := map[string][]*SheetRow{}
	for i := range rows {
		if r := &rows[i]; r.Align != "" {
			names[r.Align] = append(names[r.Align], r)
		}
	}
	for _, some := range names {
		widths := make([]float32, len(some[0].Columns))
		for i := range widths {
			widths[i] = widest(some, i)
		}
		for _, r := range some {
			r.Columns = slices.Clone(r.Columns)
			for i := range r.Columns {
				if c := &r.Columns[i]; c.Fit {
					c.Width, c.Fit = max(c.Width, min(widths[i], fitMost)), false
				}
			}
		}
	}
}

// widest is the width of the longest text of a column.
func widest(rows []*SheetRow, i int) float32 {
	var longest *SheetRow
	most := 0
	for _, r := range rows {
		if i >= len(r.Cells) {
			continue
		}
		n := 0
		for _, letter := range r.Cells[i].Text { // Chinese ones are wider, also where they are fewer
			n += Cells(letter)
		}
		if n > most {
			longest, most = r, n
		}
	}
	if longest == nil {
		return 0
	}
	c, size := longest.Columns[i], theme.SizeText
	if c.Kind == DataColumn {
		size = theme.SizeCaption
	}
	// Others of as many cells may be a little wider.
	return draw.Width(longest.Cells[i].Text, size, cellStyle(c, longest.Cells[i])) + 4
}

// TitleRow is a bold title and a muted caption behind it.
func TitleRow(title, caption string) SheetRow {
	return SheetRow{
		Rule:    title != "",
		Columns: []Column{{Fit: true}, {Share: 1, Width: 40}},
		Cells:   []Item{{Text: title, Bold: true}, {Text: caption, Tint: theme.Muted}},
	}
}

// HeadRow is the heads of the rows that follow.
func HeadRow(columns []Column, heads ...string) SheetRow {
	return SheetRow{Columns: headColumns(columns, heads), Cells: headCells(heads), Ground: theme.Sunken}
}

// TextRow is one text across the row.
func TextRow(text string, tint theme.Token) SheetRow {
	return SheetRow{Columns: []Column{{Share: 1}}, Cells: []Item{{Text: text, Tint: tint}}}
}

// FactRow is a muted label and a value.
func FactRow(label, value string, data bool) SheetRow {
	kind := TextColumn
	if data {
		kind = DataColumn
	}
	return SheetRow{
		Columns: []Column{{Width: 110}, {Kind: kind, Share: 1}},
		Cells:   []Item{{Text: label, Tint: theme.Muted}, {Text: value}}, Copy: value,
	}
}
