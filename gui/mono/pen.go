package mono

import (
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

// tabCells is how many cells a tab stop is from the next.
const tabCells = 4

// Pen measures and draws lines of monospace text in one size. It remembers how wide a
// character is.
type Pen struct {
	size   float32
	cell   float64
	widths map[rune]float64 // of characters outside ASCII
}

// NewPen returns a pen for a text size in Fyne units.
func NewPen(size float32) *Pen { return &Pen{size: size, widths: make(map[rune]float64)} }

// Cell is the width of a character of ASCII. The font is asked at the first call, which
// needs an application.
func (p *Pen) Cell() float64 {
	if p.cell == 0 {
		const many = 64 // so that no rounding counts
		p.cell = float64(draw.Width(strings.Repeat("0", many), p.size, draw.Mono())) / many
	}
	return p.cell
}

// Tab is the place of the next tab stop after x.
func (p *Pen) Tab(x float64) float64 {
	stop := tabCells * p.Cell()
	return float64(int(x/stop+0.01)+1) * stop
}

// Advance is how far a character moves what follows it; x, where it begins in its line,
// matters to a tab only.
func (p *Pen) Advance(r rune, x float64) float64 {
	switch {
	case r == '\t':
		return p.Tab(x) - x
	case r == '\r':
		return 0
	case r < 0x7F || r == utf8.RuneError:
		return p.Cell()
	}
	// Every font has its Chinese signs equally wide: a text may have thousands of them.
	if r >= 0x4E00 && r <= 0x9FFF {
		r = '中'
	}
	w, ok := p.widths[r]
	if !ok {
		w = float64(draw.Width(string(r), p.size, draw.Mono()))
		p.widths[r] = w
	}
	return w
}

// Width is where byte n of s ends that begins at x of its line.
func (p *Pen) Width(s string, n int, x float64) float64 {
	for i, r := range s {
		if i >= n {
			break
		}
		x += p.Advance(r, x)
	}
	return x
}

// Near returns the byte of s, which begins at x of its line, whose left edge is nearest
// to the place at.
func (p *Pen) Near(s string, x, at float64) int {
	for i, r := range s {
		w := p.Advance(r, x)
		if at < x+w/2 {
			return i
		}
		x += w
	}
	return len(s)
}

// Span is a part of a line in one colour, in bytes.
type Span struct {
	Start, End int
	Colour     theme.Token
}

// Parts are the objects of the lines in sight, used again and again.
type Parts struct {
	words []*canvas.Text
	boxes []*canvas.Rectangle
	// of them are in use
	wordsUsed, boxesUsed int
}

// Reset begins a new picture.
func (b *Parts) Reset() { b.wordsUsed, b.boxesUsed = 0, 0 }

// Objects appends what is in use to out, boxes below texts.
func (b *Parts) Objects(out []fyne.CanvasObject) []fyne.CanvasObject {
	for _, o := range b.boxes[:b.boxesUsed] {
		out = append(out, o)
	}
	for _, o := range b.words[:b.wordsUsed] {
		out = append(out, o)
	}
	return out
}

// Box puts a filled rectangle in place.
func (b *Parts) Box(fill theme.Token, x, y, w, h float32) {
	if b.boxesUsed == len(b.boxes) {
		b.boxes = append(b.boxes, draw.Box(fill, 0))
	}
	o := b.boxes[b.boxesUsed]
	b.boxesUsed++
	o.FillColor = theme.Color(fill)
	draw.Place(o, x, y, w, h)
}

// Word puts a text of the pen's size in place.
func (p *Pen) Word(b *Parts, s string, t theme.Token, x, y, height float32) {
	if b.wordsUsed == len(b.words) {
		b.words = append(b.words, draw.Text("", p.size, theme.Text, draw.Mono()))
	}
	o := b.words[b.wordsUsed]
	b.wordsUsed++
	o.Text, o.Color = s, theme.Color(t)
	draw.Place(o, x, y, float32(len(s))*float32(p.Cell()), height)
}

// Draw draws s, which begins at from of its line and there stands at left, in the colours
// of spans, which follow one another and cover it; none: all of it in the colour of text.
// It returns where s ends in its line. Runs of ASCII and of other characters are objects
// of their own, because a change of the font inside one moves what follows.
func (p *Pen) Draw(b *Parts, s string, spans []Span, from float64, left, y, height float32) float64 {
	if spans == nil {
		spans = []Span{{End: len(s), Colour: theme.Text}}
	}
	x, start := from, from
	wide, colour := false, theme.Text
	var run strings.Builder
	flush := func() {
		if strings.Trim(run.String(), " ") != "" {
			p.Word(b, run.String(), colour, left+float32(start-from), y, height)
		}
		run.Reset()
		start = x
	}
	for _, span := range spans {
		if span.Colour != colour {
			flush()
			colour = span.Colour
		}
		for _, r := range s[span.Start:span.End] {
			if other := r >= 0x7F; other != wide || r == '\t' {
				flush()
				wide = other
			}
			if r != '\t' && r != '\r' {
				run.WriteRune(Visible(r))
			}
			x += p.Advance(r, x)
			if r == '\t' {
				start = x
			}
		}
	}
	flush()
	return x
}

// Visible returns the character drawn for a rune: a middle dot for what has none.
func Visible(r rune) rune {
	if r < 0x20 || r == 0x7F || r == utf8.RuneError {
		return '·'
	}
	return r
}
