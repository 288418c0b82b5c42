package bodyview

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/draw"
	"gantry/gui/mono"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

const (
	lineHeight float32 = 17
	bodyMargin float32 = 10
)

var (
	_ fyne.Widget        = (*bodyPane)(nil)
	_ fyne.Focusable     = (*bodyPane)(nil)
	_ fyne.Shortcutable  = (*bodyPane)(nil)
	_ fyne.Draggable     = (*bodyPane)(nil)
	_ desktop.Mouseable  = (*bodyPane)(nil)
	_ desktop.Cursorable = (*bodyPane)(nil)
)

// bodyPane is what scrolls in a View. It is as large as the whole text but
// has objects for the lines in sight only.
type bodyPane struct {
	widget.BaseWidget

	view    *View
	lines   lines
	pen     *mono.Pen
	longest float32 // the widest line seen or guessed

	focused      bool
	anchor, head spot   // the selection lies between them
	looked       bool   // a place was chosen
	path         string // of the line that it is in
}

func newBodyPane(v *View) *bodyPane {
	p := &bodyPane{view: v, lines: newTextLines("", leastCells, nil), pen: mono.NewPen(theme.SizeCaption)}
	p.ExtendBaseWidget(p)
	return p
}

func (p *bodyPane) set(l lines) {
	p.lines, p.anchor, p.head, p.looked = l, spot{}, spot{}, false
	p.measure()
	p.Refresh()
}

// measure finds how wide the text is.
func (p *bodyPane) measure() {
	l := p.lines
	p.longest = 0
	// The widest of the first lines stands for all; scrolling corrects it.
	for i := range min(l.count(), 400) {
		p.longest = max(p.longest, p.xOf(l.text(i), len(l.text(i))))
	}
}

// gutter is the room for line numbers.
func (p *bodyPane) gutter() float32 {
	n := p.lines.numbers()
	if n == 0 {
		return bodyMargin
	}
	return float32(max(len(strconv.Itoa(n)), 3))*widgets.Cell + 12 + signRoom
}

// xOf returns where byte n of a line stands.
func (p *bodyPane) xOf(s string, n int) float32 {
	return float32(p.pen.Width(s, n, 0))
}

// spotAt returns the place in the text nearest to a position in the pane.
func (p *bodyPane) spotAt(pos fyne.Position) spot {
	n := p.lines.count()
	if n == 0 {
		return spot{}
	}
	line := int((pos.Y - 6) / lineHeight)
	if line < 0 {
		return spot{}
	}
	if line >= n {
		return spot{n - 1, len(p.lines.text(n - 1))}
	}
	return spot{line, p.pen.Near(p.lines.text(line), 0, float64(pos.X-p.gutter()))}
}

// selection returns the two ends in order.
func (p *bodyPane) selection() (from, to spot) {
	if p.head.before(p.anchor) {
		return p.head, p.anchor
	}
	return p.anchor, p.head
}

// first is where the selection begins.
func (p *bodyPane) first() spot {
	from, _ := p.selection()
	return from
}

func (p *bodyPane) selectedText() string {
	from, to := p.selection()
	if from == to || to.line >= p.lines.count() {
		return ""
	}
	return p.lines.slice(from, to)
}

func (p *bodyPane) selectAll() {
	if n := p.lines.count(); n > 0 {
		p.anchor, p.head = spot{}, spot{n - 1, len(p.lines.text(n - 1))}
		p.Refresh()
	}
}

func (p *bodyPane) copy() {
	if s := p.selectedText(); s != "" {
		fyne.CurrentApp().Clipboard().SetContent(s)
		if p.view.OnCopied != nil {
			p.view.OnCopied(len(s))
		}
	}
}

// CreateRenderer is called by Fyne.
func (p *bodyPane) CreateRenderer() fyne.WidgetRenderer {
	parts := &mono.Parts{}
	d := &draw.Renderer{}
	d.Least = func() fyne.Size {
		return fyne.NewSize(p.gutter()+p.longest+bodyMargin, float32(p.lines.count())*lineHeight+12)
	}
	d.Place = func(fyne.Size) {}
	d.Paint = func() {
		p.draw(parts)
		d.Parts = parts.Objects(d.Parts[:0])
	}
	d.Paint()
	return d
}

// draw fills parts with the lines in sight.
func (p *bodyPane) draw(parts *mono.Parts) {
	parts.Reset()
	top, high := p.view.scroll.Offset.Y, p.view.scroll.Size().Height
	first := max(int((top-6)/lineHeight), 0)
	last := min(int((top+high)/lineHeight)+1, p.lines.count()-1)
	gutter := p.gutter()
	for i := first; i <= last; i++ {
		y := 6 + float32(i)*lineHeight
		s := p.lines.text(i)
		p.mark(parts, i, s, gutter, y)
		p.view.find.mark(parts, i, s, gutter, y)
		if n := p.lines.number(i); n > 0 {
			label := strconv.Itoa(n)
			p.pen.Word(parts, label, theme.Muted, gutter-signRoom-4-float32(len(label))*widgets.Cell, y, lineHeight)
		}
		p.drawLine(parts, s, p.lines.pieces(i), gutter, y)
		p.drawBlock(parts, i, s, gutter, y)
	}
}

// mark draws the selected part of a line.
func (p *bodyPane) mark(parts *mono.Parts, i int, s string, x, y float32) {
	from, to := p.selection()
	if from == to || i < from.line || i > to.line {
		return
	}
	start, end := float32(0), float32(0)
	if i == from.line {
		start = p.xOf(s, from.byte)
	}
	if i == to.line {
		end = p.xOf(s, to.byte)
	} else {
		end = p.xOf(s, len(s)) + widgets.Cell // the line break is selected too
	}
	parts.Box(theme.Sel, x+start, y, end-start, lineHeight)
}

// drawLine draws a line in the colours of its pieces.
func (p *bodyPane) drawLine(parts *mono.Parts, s string, pieces []mono.Piece, left, y float32) {
	var spans []mono.Span
	for _, piece := range pieces {
		token := [...]theme.Token{
			mono.Plain: theme.Text, mono.Key: theme.JSONKey, mono.String: theme.JSONString,
			mono.Number: theme.JSONNumber, mono.Literal: theme.JSONLiteral, mono.Mark: theme.JSONMark,
		}[piece.Kind]
		spans = append(spans, mono.Span{Start: piece.Start, End: piece.End, Colour: token})
	}
	p.longest = max(p.longest, float32(p.pen.Draw(parts, s, spans, 0, left, y, lineHeight)))
}
