package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

// ColumnKind is what a column draws.
type ColumnKind uint8

// The kinds: a text, monospace text, a dot, a bar of 6 high, and bars side by side, the
// newest at the right.
const (
	TextColumn ColumnKind = iota
	DataColumn
	DotColumn
	BarColumn
	SparkColumn
)

// drawn tells whether the column has no texts of its own.
func (k ColumnKind) drawn() bool { return k == DotColumn || k == BarColumn || k == SparkColumn }

// Column is a place in a row of cells.
type Column struct {
	Kind ColumnKind
	// Width is the least width; Share is what it takes of the room that is left.
	Width, Share float32
	Right        bool // texts stand at the right
	Middle       bool // texts that are too long are cut in their middle
	// Fit makes the column as wide as its text, within Width or more; Even as wide as the
	// longest text that a Table has shown in it.
	Fit, Even bool
	// Drop leaves the column out where there is too little room: the highest
	// first; 0 never.
	Drop int
}

// Item is what stands in a column.
type Item struct {
	Text string
	Tint theme.Token // of the text or the bars; None is Text, or Accent for bars
	Bold bool
	Dot  DotState
	// Part is the length of a bar, 0 to 1: no bar at 0, 2 px at least above it.
	Part float64
	// Bars are the values of a SparkColumn, oldest first; those that do not fit are left out.
	Bars []float64
}

const (
	cellEdge  float32 = 14
	cellGap   float32 = 8
	barHeight float32 = 6
	// SparkWidth is that of a SparkColumn of 20 bars.
	SparkWidth  float32 = 60
	sparkHeight float32 = 14
)

// spans places the columns in a width: x and width of each, 0 for one that is
// left out.
func spans(columns []Column, cells []Item, size float32, total float32) (x, w []float32) {
	x, w = make([]float32, len(columns)), make([]float32, len(columns))
	out := make([]bool, len(columns))
	need := func() (sum, share float32) {
		sum = 2 * cellEdge
		n := 0
		for i, c := range columns {
			if out[i] {
				continue
			}
			w[i] = c.Width
			if c.Fit && i < len(cells) {
				w[i] = max(c.Width, draw.Width(cells[i].Text, size, cellStyle(c, cells[i]))+1)
			}
			sum, share, n = sum+w[i], share+c.Share, n+1
		}
		return sum + cellGap*float32(max(n-1, 0)), share
	}
	sum, share := need()
	for sum > total {
		most := -1
		for i, c := range columns {
			if !out[i] && c.Drop > 0 && (most < 0 || c.Drop > columns[most].Drop) {
				most = i
			}
		}
		if most < 0 {
			break
		}
		out[most], w[most] = true, 0
		sum, share = need()
	}
	at := cellEdge
	for i, c := range columns {
		if out[i] {
			continue
		}
		if share > 0 {
			w[i] += max(total-sum, 0) * c.Share / share
		}
		x[i] = at
		w[i] = max(min(w[i], total-cellEdge-at), 0)
		at += w[i] + cellGap
	}
	return x, w
}

func cellStyle(c Column, cell Item) fyne.TextStyle {
	return fyne.TextStyle{Monospace: c.Kind == DataColumn, Bold: cell.Bold && c.Kind != DataColumn}
}

var _ fyne.Widget = (*CellRow)(nil)

// CellRow draws cells in columns: a row of a Table or a Sheet, or its heads. It
// asks for no width; texts are cut to their column.
type CellRow struct {
	widget.BaseWidget

	columns []Column
	cells   []Item
	ground  theme.Token
	line    bool // below
	rule    bool // above, across
	size    float32
}

// NewCellRow returns an empty row; with line it has a line below.
func NewCellRow(line bool) *CellRow {
	r := &CellRow{line: line, size: theme.SizeText}
	r.ExtendBaseWidget(r)
	return r
}

// Set changes what stands in the row.
func (r *CellRow) Set(columns []Column, cells []Item, ground theme.Token) {
	r.columns, r.cells, r.ground = columns, cells, ground
	r.Refresh()
}

// CreateRenderer is called by Fyne.
func (r *CellRow) CreateRenderer() fyne.WidgetRenderer {
	d := &cellRenderer{row: r, ground: draw.Box(theme.None, 0), line: draw.Box(theme.Line, 0)}
	d.Refresh()
	return d
}

// cellParts is what one column draws.
type cellParts struct {
	text       *canvas.Text
	dot        *canvas.Circle
	track, bar *canvas.Rectangle
	spark      []*canvas.Rectangle // made for a SparkColumn
}

// objects are all of it.
func (p *cellParts) objects() []fyne.CanvasObject {
	out := []fyne.CanvasObject{p.text, p.dot, p.track, p.bar}
	for _, b := range p.spark {
		out = append(out, b)
	}
	return out
}

type cellRenderer struct {
	row          *CellRow
	ground, line *canvas.Rectangle
	parts        []cellParts
}

func (d *cellRenderer) Destroy()           {}
func (d *cellRenderer) MinSize() fyne.Size { return fyne.NewSize(1, 24) }

func (d *cellRenderer) Objects() []fyne.CanvasObject {
	out := []fyne.CanvasObject{d.ground, d.line}
	for i := range d.parts {
		out = append(out, d.parts[i].objects()...)
	}
	return out
}

func (d *cellRenderer) Refresh() {
	for len(d.parts) < len(d.row.columns) {
		d.parts = append(d.parts, cellParts{
			draw.Text("", theme.SizeText, theme.Text, draw.Regular()), canvas.NewCircle(nil), draw.Box(theme.Track, barHeight/2), draw.Box(theme.Accent, barHeight/2), nil,
		})
	}
	for i, c := range d.row.columns {
		for c.Kind == SparkColumn && len(d.parts[i].spark) < int(SparkWidth/barStep) {
			d.parts[i].spark = append(d.parts[i].spark, draw.Box(theme.Accent, 0))
		}
	}
	d.ground.FillColor, d.line.FillColor = theme.Color(d.row.ground), theme.Color(theme.Line)
	draw.Show(d.line, d.row.line || d.row.rule)
	d.Layout(d.row.Size())
	for _, o := range d.Objects() {
		o.Refresh()
	}
}

func (d *cellRenderer) Layout(s fyne.Size) {
	draw.Place(d.ground, 0, 0, s.Width, s.Height)
	draw.Place(d.line, cellEdge, s.Height-1, max(s.Width-cellEdge, 0), 1)
	if d.row.rule {
		draw.Place(d.line, 0, 0, s.Width, 1)
	}
	x, w := spans(d.row.columns, d.row.cells, d.row.size, s.Width)
	for i := range d.parts {
		p := &d.parts[i]
		has := i < len(d.row.columns) && i < len(d.row.cells) && w[i] > 0
		for _, o := range p.objects() {
			o.Hide()
		}
		if has {
			d.put(p, d.row.columns[i], d.row.cells[i], x[i], w[i], s.Height)
		}
	}
}

// put places one cell.
func (d *cellRenderer) put(p *cellParts, c Column, cell Item, x, w, h float32) {
	tint := cell.Tint
	switch c.Kind {
	case DotColumn:
		if cell.Dot == DotNone {
			return
		}
		drawDot(p.dot, cell.Dot)
		draw.Place(p.dot, x, (h-8)/2, 8, 8)
		p.dot.Show()
		return
	case BarColumn:
		p.putBar(cell, x, w, h)
		return
	case SparkColumn:
		p.putSpark(cell, x, w, h)
		return
	}
	if tint == theme.None {
		tint = theme.Text
	}
	style, size := cellStyle(c, cell), d.row.size
	if c.Kind == DataColumn {
		size = theme.SizeCaption
	}
	p.text.TextStyle, p.text.TextSize, p.text.Color = style, size, theme.Color(tint)
	cut := CutEnd
	if c.Middle {
		cut = CutMiddle
	}
	p.text.Text = cut(cell.Text, w, func(t string) float32 { return draw.Width(t, size, style) })
	p.text.Alignment = fyne.TextAlignLeading
	if c.Right {
		p.text.Alignment = fyne.TextAlignTrailing
	}
	draw.Place(p.text, x, 0, w, h)
	p.text.Show()
}

// putBar places a bar on its track.
func (p *cellParts) putBar(cell Item, x, w, h float32) {
	if cell.Part <= 0 {
		return
	}
	p.track.FillColor, p.bar.FillColor = theme.Color(theme.Track), theme.Color(barTint(cell))
	draw.Place(p.track, x, (h-barHeight)/2, w, barHeight)
	draw.Place(p.bar, x, (h-barHeight)/2, max(2, w*float32(min(cell.Part, 1))), barHeight)
	p.track.Show()
	p.bar.Show()
}

// putSpark places bars from the right.
func (p *cellParts) putSpark(cell Item, x, w, h float32) {
	room := min(int((w+1)/barStep), len(p.spark))
	values := cell.Bars[max(len(cell.Bars)-room, 0):]
	paintBars(p.spark, barTint(cell))
	placeBars(p.spark, values, x+w-barStep*float32(len(values)), (h+sparkHeight)/2, sparkHeight)
}

// barTint is the colour of bars.
func barTint(cell Item) theme.Token {
	if cell.Tint == theme.None {
		return theme.Accent
	}
	return cell.Tint
}
