package widgets

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"gantry/gui/arrange"
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

	columns []Column
	content fyne.CanvasObject
}

// NewTable returns a table; row tells what stands in a row.
func NewTable(columns []Column, heads []string, length func() int, row func(i int) []Item) *Table {
	t := &Table{columns: columns}
	head := NewCellRow(false)
	head.size = theme.SizeCaption
	head.Set(headColumns(columns, heads), headCells(heads), theme.Sunken)
	t.List = NewList(tableRow, length, func() fyne.CanvasObject { return NewCellRow(true) }, func(i int, o fyne.CanvasObject) {
		o.(*CellRow).Set(columns, row(i), theme.None)
	})
	t.content = container.New(&arrange.Rows{Grow: t.View()}, container.NewStack(NewGround(theme.Sunken).SetMin(0, headerRow), head), NewRule(), t.View())
	return t
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
