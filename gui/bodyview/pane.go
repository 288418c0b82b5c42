package bodyview

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/draw"
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
	widths  map[rune]float32 // of characters outside ASCII
	longest float32          // the widest line seen or guessed

	focused      bool
	anchor, head spot // the selection lies between them
}

func newBodyPane(v *View) *bodyPane {
	p := &bodyPane{view: v, lines: newTextLines("", leastCells, false, false), widths: make(map[rune]float32)}
	p.ExtendBaseWidget(p)
	return p
}

func (p *bodyPane) set(l lines) {
	p.lines, p.anchor, p.head = l, spot{}, spot{}
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
	return float32(max(len(strconv.Itoa(n)), 3))*widgets.Cell + 16
}

// runeWidth returns how far a character moves the pen; col is its column, for tabs.
func (p *bodyPane) runeWidth(r rune, x float32) float32 {
	switch {
	case r == '\t':
		stop := 4 * widgets.Cell
		return stop - x + float32(int(x/stop+0.01))*stop
	case r == '\r':
		return 0
	case r < 0x7F || r == utf8.RuneError:
		return widgets.Cell
	}
	w, ok := p.widths[r]
	if !ok {
		w = draw.Width(string(r), theme.SizeCaption, draw.Mono())
		p.widths[r] = w
	}
	return w
}

// xOf returns where byte n of a line stands.
func (p *bodyPane) xOf(s string, n int) float32 {
	x := float32(0)
	for i, r := range s {
		if i >= n {
			break
		}
		x += p.runeWidth(r, x)
	}
	return x
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
	s, x := p.lines.text(line), float32(0)
	for i, r := range s {
		w := p.runeWidth(r, x)
		if pos.X-p.gutter() < x+w/2 {
			return spot{line, i}
		}
		x += w
	}
	return spot{line, len(s)}
}

// selection returns the two ends in order.
func (p *bodyPane) selection() (from, to spot) {
	if p.head.before(p.anchor) {
		return p.head, p.anchor
	}
	return p.anchor, p.head
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

// bodyParts are the objects of the lines in sight, used again and again.
type bodyParts struct {
	words []*canvas.Text
	marks []*canvas.Rectangle
	used  int
}

// word puts a text object in place, making one if none is left over.
func (b *bodyParts) word(s string, t theme.Token, x, y float32) {
	if b.used == len(b.words) {
		b.words = append(b.words, draw.Text("", theme.SizeCaption, theme.Text, draw.Mono()))
	}
	o := b.words[b.used]
	b.used++
	if o.Text != s || o.Color != theme.Color(t) {
		o.Text, o.Color = s, theme.Color(t)
	}
	draw.Place(o, x, y, float32(len(s))*widgets.Cell, lineHeight)
}

// CreateRenderer is called by Fyne.
func (p *bodyPane) CreateRenderer() fyne.WidgetRenderer {
	parts := &bodyParts{}
	d := &draw.Renderer{}
	d.Least = func() fyne.Size {
		return fyne.NewSize(p.gutter()+p.longest+bodyMargin, float32(p.lines.count())*lineHeight+12)
	}
	d.Place = func(fyne.Size) {}
	d.Paint = func() {
		p.draw(parts)
		d.Parts = d.Parts[:0]
		for _, m := range parts.marks {
			d.Parts = append(d.Parts, m)
		}
		for _, w := range parts.words[:parts.used] {
			d.Parts = append(d.Parts, w)
		}
	}
	d.Paint()
	return d
}

// draw fills parts with the lines in sight.
func (p *bodyPane) draw(parts *bodyParts) {
	parts.used, parts.marks = 0, parts.marks[:0]
	top, high := p.view.scroll.Offset.Y, p.view.scroll.Size().Height
	first := max(int((top-6)/lineHeight), 0)
	last := min(int((top+high)/lineHeight)+1, p.lines.count()-1)
	gutter := p.gutter()
	for i := first; i <= last; i++ {
		y := 6 + float32(i)*lineHeight
		s := p.lines.text(i)
		p.mark(parts, i, s, gutter, y)
		if n := p.lines.number(i); n > 0 {
			label := strconv.Itoa(n)
			parts.word(label, theme.Muted, gutter-12-float32(len(label))*widgets.Cell, y)
		}
		p.drawLine(parts, s, p.lines.pieces(i), gutter, y)
	}
}

// mark draws the selected part of a line.
func (p *bodyPane) mark(parts *bodyParts, i int, s string, x, y float32) {
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
	m := draw.Box(theme.Sel, 0)
	draw.Place(m, x+start, y, end-start, lineHeight)
	parts.marks = append(parts.marks, m)
}

// drawLine draws a line piece by piece. Runs of ASCII and of other characters are
// objects of their own, because a font change inside one moves what follows.
func (p *bodyPane) drawLine(parts *bodyParts, s string, pieces []Piece, left, y float32) {
	if pieces == nil {
		pieces = []Piece{{Start: 0, End: len(s)}}
	}
	x := float32(0)
	for _, piece := range pieces {
		token := [...]theme.Token{Plain: theme.Text, Key: theme.JSONKey, String: theme.JSONString, Number: theme.JSONNumber, Literal: theme.JSONLiteral, Mark: theme.JSONMark}[piece.Kind]
		var run strings.Builder
		start, wide := x, false
		flush := func() {
			if strings.Trim(run.String(), " ") != "" {
				parts.word(run.String(), token, left+start, y)
			}
			run.Reset()
			start = x
		}
		for _, r := range s[piece.Start:piece.End] {
			if other := r >= 0x7F; other != wide || r == '\t' {
				flush()
				wide = other
			}
			w := p.runeWidth(r, x)
			if r != '\t' && r != '\r' {
				run.WriteRune(visible(r))
			}
			x += w
			if r == '\t' {
				start = x
			}
		}
		flush()
	}
	p.longest = max(p.longest, x)
}

// visible returns the character drawn for a rune: a middle dot for what has none.
func visible(r rune) rune {
	if r < 0x20 || r == 0x7F || r == utf8.RuneError {
		return '·'
	}
	return r
}
