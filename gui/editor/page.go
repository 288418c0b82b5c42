package editor

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/draw"
	"gantry/gui/mono"
	"gantry/gui/theme"
)

// beside is how much of a long line is looked at beyond what is in sight, in bytes, so
// that what begins or ends there is known.
const beside = 256

var (
	_ fyne.Widget        = (*page)(nil)
	_ fyne.Focusable     = (*page)(nil)
	_ fyne.Shortcutable  = (*page)(nil)
	_ fyne.Draggable     = (*page)(nil)
	_ fyne.Scrollable    = (*page)(nil)
	_ desktop.Mouseable  = (*page)(nil)
	_ desktop.Cursorable = (*page)(nil)
)

// page is the text in sight. It has the focus.
type page struct {
	widget.BaseWidget

	e       *Editor
	focused bool
	mouse   mouse
}

func newPage(e *Editor) *page {
	p := &page{e: e}
	p.ExtendBaseWidget(p)
	return p
}

// CreateRenderer is called by Fyne.
func (p *page) CreateRenderer() fyne.WidgetRenderer {
	parts := &mono.Parts{}
	d := &draw.Renderer{Least: draw.Fixed(0, 0)}
	d.Paint = func() {
		parts.Reset()
		p.draw(parts)
		d.Parts = parts.Objects(d.Parts[:0])
	}
	d.Place = func(fyne.Size) { d.Paint() }
	d.Paint()
	return d
}

// seen calls f for each line in sight with its number from 0, where it begins and ends, and
// its height above the page.
func (e *Editor) seen(f func(line, start, end int, y float32)) {
	high := float64(e.page.Size().Height)
	line := max(int((e.top-float64(margin))/float64(lineHeight)), 0)
	for start := e.m.lineStart(line); line <= e.m.breaks; line++ {
		y := float64(margin) + float64(line)*float64(lineHeight) - e.top
		if y >= high {
			return
		}
		end := e.m.lineEnd(start)
		f(line, start, end, float32(y))
		start = end + 1
	}
}

// draw fills parts with the lines in sight.
func (p *page) draw(parts *mono.Parts) {
	e := p.e
	json := e.looksLikeJSON()
	e.seen(func(_, start, end int, y float32) {
		from, to := start, end
		if end-start > 2*beside {
			from = e.m.align(max(e.m.near(start, e.left)-beside, start))
			to = e.m.align(min(e.m.near(start, e.left+float64(p.Size().Width))+beside, end))
		}
		at := e.m.x(start, from) // of the part that is drawn, in its line
		part := linePart{e: e, s: e.m.slice(from, to), from: from, end: end, at: at, left: float32(at - e.left), y: y}
		part.mark(parts, start)
		e.pen.Draw(parts, part.s, part.colours(parts, json, start), at, part.left, y, lineHeight)
	})
	if p.focused {
		line, start := e.m.lineOf(e.m.head)
		y := float64(margin) + float64(line)*float64(lineHeight) - e.top
		if y > -float64(lineHeight) && y < float64(p.Size().Height) {
			x := e.m.x(start, e.m.head) - e.left
			if x >= 0 && x < float64(caretWidth) { // not half beyond the edge
				x = float64(caretWidth) / 2
			}
			parts.Box(theme.Accent, float32(x)-caretWidth/2, float32(y)+1, caretWidth, lineHeight-2)
		}
	}
}

// looksLikeJSON spares a plain text the colours.
func (e *Editor) looksLikeJSON() bool {
	for _, c := range []byte(e.m.slice(0, min(e.m.size, beside))) {
		switch c {
		case ' ', '\t', '\n':
		default:
			return c == '{' || c == '['
		}
	}
	return false
}

// linePart is the part of a line that is drawn: s begins at the place from and stands at
// the line's x at, on the page at left and y. The line ends at end.
type linePart struct {
	e         *Editor
	s         string
	from, end int
	at        float64
	left, y   float32
}

// x is where a place stands on the page; what is beyond the part stands at its edge.
func (l *linePart) x(at int) float32 {
	return l.left + float32(l.e.pen.Width(l.s, at-l.from, l.at)-l.at)
}

// mark draws what was found, what is selected and where the error is.
func (l *linePart) mark(parts *mono.Parts, start int) {
	e, to := l.e, l.from+len(l.s)
	from, until := e.m.selection()
	for _, h := range e.find.within(l.s, l.from) {
		x := l.x(h.From)
		parts.Box(theme.WarnSoft, x, l.y, l.x(h.To)-x, lineHeight)
		if h.From == from && h.To == until {
			parts.Box(theme.Sel, x, l.y, l.x(h.To)-x, lineHeight)
			parts.Box(theme.Accent, x, l.y+lineHeight-2, l.x(h.To)-x, 2)
			from, until = 0, 0
		}
	}
	if from < until && from <= to && until > l.from {
		x := l.x(max(from, l.from))
		end := l.x(min(until, to))
		if until > l.end && to == l.end {
			end += float32(e.pen.Cell()) // the line break is selected too
		}
		parts.Box(theme.Sel, x, l.y, end-x, lineHeight)
	}
	if e.failed >= start && e.failed <= l.end && e.failed >= l.from && e.failed <= to {
		x, cell := l.x(e.failed), float32(e.pen.Cell())
		parts.Box(theme.Err, x, l.y+lineHeight-2, max(l.x(wordEnd(l.s, e.failed-l.from)+l.from)-x, cell), 2)
	}
}

// wordEnd is where what begins at a byte of a line ends: a word, or one character.
func wordEnd(s string, at int) int {
	for i, r := range s[at:] {
		if !inWord(r) && i > 0 {
			return at + i
		} else if !inWord(r) {
			return at + len(string(r))
		}
	}
	return len(s)
}

// colours are those of JSON, and above them what the user of the editor finds.
func (l *linePart) colours(parts *mono.Parts, json bool, start int) []mono.Span {
	spans := []mono.Span{{End: len(l.s), Colour: theme.Text}}
	if json {
		spans = spans[:0]
		for _, p := range mono.PiecesFrom(l.s, l.e.m.state(start, l.from)) {
			spans = append(spans, mono.Span{Start: p.Start, End: p.End, Colour: [...]theme.Token{
				mono.Plain: theme.Text, mono.Key: theme.Muted, mono.Mark: theme.Muted,
				mono.String: theme.JSONString, mono.Number: theme.JSONNumber, mono.Literal: theme.JSONLiteral,
			}[p.Kind]})
		}
	}
	if l.e.Spans == nil {
		return spans
	}
	for _, s := range l.e.Spans(l.s) {
		s.Start, s.End = max(s.Start, 0), min(s.End, len(l.s))
		if s.Start >= s.End {
			continue
		}
		spans = over(spans, mono.Span{Start: s.Start, End: s.End, Colour: s.Colour})
		if s.Underline {
			x := l.x(l.from + s.Start)
			parts.Box(s.Colour, x, l.y+lineHeight-2, l.x(l.from+s.End)-x, 2)
		}
	}
	return spans
}

// over puts a span over those that cover a line.
func over(spans []mono.Span, top mono.Span) []mono.Span {
	out := make([]mono.Span, 0, len(spans)+2)
	done := false
	for _, s := range spans {
		if s.Start < top.Start {
			out = append(out, mono.Span{Start: s.Start, End: min(s.End, top.Start), Colour: s.Colour})
		}
		if !done && s.End > top.Start {
			out, done = append(out, top), true
		}
		if s.End > top.End {
			out = append(out, mono.Span{Start: max(s.Start, top.End), End: s.End, Colour: s.Colour})
		}
	}
	return out
}

var _ fyne.Widget = (*numbers)(nil)

// numbers is the margin with the line numbers and the mark of the error's line.
type numbers struct {
	widget.BaseWidget

	e *Editor
}

func newNumbers(e *Editor) *numbers {
	n := &numbers{e: e}
	n.ExtendBaseWidget(n)
	return n
}

// CreateRenderer is called by Fyne.
func (n *numbers) CreateRenderer() fyne.WidgetRenderer {
	parts := &mono.Parts{}
	d := &draw.Renderer{Least: draw.Fixed(0, 0)}
	d.Paint = func() {
		parts.Reset()
		n.draw(parts)
		d.Parts = parts.Objects(d.Parts[:0])
	}
	d.Place = func(fyne.Size) { d.Paint() }
	d.Paint()
	return d
}

func (n *numbers) draw(parts *mono.Parts) {
	e := n.e
	right := e.gutter() - 13
	e.seen(func(line, start, end int, y float32) {
		colour := theme.Muted
		if e.failed >= start && e.failed <= end {
			colour = theme.Err
			parts.Box(theme.ErrSoft, 0, y, right+4, lineHeight)
			parts.Box(theme.Err, 0, y, 3, lineHeight)
		}
		s := strconv.Itoa(line + 1)
		e.pen.Word(parts, s, colour, right-float32(len(s))*float32(e.pen.Cell()), y, lineHeight)
	})
}
