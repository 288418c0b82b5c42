package bodyview

import (
	"sort"
	"strings"
	"unicode/utf8"

	"gantry/gui/find"
	"gantry/gui/mono"
	"gantry/gui/widgets"
)

// A long line is broken for display where the view ends, but not before leastCells; at
// mostCells where it is not to be broken, which bounds what is drawn of one. Copying does
// not see the break.
const (
	leastCells = 20
	mostCells  = 4096
)

// stepLimit is the size of a text from which on a change of the width breaks it anew only
// in steps of cellStep: that reads all of it.
const (
	stepLimit = 256 << 10
	cellStep  = 8
)

// colourLimit is the longest text that is coloured, in bytes: above it the
// pieces would cost more memory than the text.
const colourLimit = 2 << 20

// lines is what a body pane shows, line by line.
type lines interface {
	count() int
	text(i int) string          // as it is, without its line break
	number(i int) int           // the number in the margin, 0 for none
	numbers() int               // the highest of them
	pieces(i int) []mono.Piece  // colours, by bytes of text(i); nil for none
	slice(from, to spot) string // what copying yields

	size() int                               // of what is shown, in bytes: of a dump, what it is of
	offset(at spot) int                      // where in these a spot lies
	spotOf(offset int) spot                  // where one of these is seen
	span(i int) (from, to int)               // which of them line i shows
	columns(i, from, to int) (cols [][2]int) // where in line i these are
	// searcher returns what finds a text in them; it may run on any goroutine.
	searcher() func(what string, exact bool) []find.Hit
}

// spot is a place between two bytes: a display line and a byte in it.
type spot struct{ line, byte int }

func (p spot) before(q spot) bool {
	return p.line < q.line || p.line == q.line && p.byte < q.byte
}

var _ lines = (*textLines)(nil)

// textLines shows a text exactly: the display lines are parts of it.
type textLines struct {
	all      string
	starts   []textLine
	cells    int // in a display line, at most
	highest  int // number of a line
	numbered bool
	coloured []mono.Piece
	outline  *JSON // nil for what is no JSON
}

// textLine is where a display line begins and ends, and the number of the line it
// belongs to if it begins that. What lies between two is folded, or a line break.
type textLine struct{ at, end, number int32 }

// newTextLines cuts a text of less than 2 GB into display lines of so many cells.
func newTextLines(s string, most int, o *JSON) *textLines {
	t := &textLines{all: s, numbered: o != nil, outline: o}
	t.wrap(most)
	if o != nil && len(s) <= colourLimit {
		t.coloured = mono.Pieces(s)
	}
	return t
}

// wrap cuts the text anew.
func (t *textLines) wrap(most int) {
	s, number, cells := t.all, int32(1), 0
	t.cells = most
	t.starts = append(make([]textLine, 0, len(t.starts)+1), textLine{at: 0, number: number})
	begin := func(end, at int, number int32) {
		t.starts[len(t.starts)-1].end = int32(end)
		t.starts = append(t.starts, textLine{at: int32(at), number: number})
	}
	for i := 0; i < len(s); {
		if s[i] == '\n' {
			end := i
			number++
			i++
			if b := t.outline.at(end); b != nil && b.fold && b.close > 0 {
				i, number = int(b.close), number+b.lines
			}
			cells = 0
			begin(end, i, number)
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		c := widgets.Cells(r)
		if r == '\t' {
			c = 4 - cells%4
		}
		if cells+c > most || i-int(t.starts[len(t.starts)-1].at) > most*8 {
			begin(i, i, 0)
			cells = 0
		}
		cells += c
		i += n
	}
	t.starts[len(t.starts)-1].end = int32(len(s))
	t.highest = int(number)
}

// offset is where a spot lies in the text, spotOf where an offset is seen.
func (t *textLines) offset(at spot) int {
	if at.line >= len(t.starts) {
		return len(t.all)
	}
	return int(t.starts[at.line].at) + at.byte
}

func (t *textLines) spotOf(offset int) spot {
	line := sort.Search(len(t.starts), func(i int) bool { return int(t.starts[i].at) > offset }) - 1
	l := t.starts[line]
	return spot{line, min(offset, int(l.end)) - int(l.at)}
}

func (t *textLines) count() int { return len(t.starts) }

func (t *textLines) text(i int) string { return t.all[t.starts[i].at:t.starts[i].end] }

// block is what a display line opens, nil for nothing.
func (t *textLines) block(i int) *block { return t.outline.at(int(t.starts[i].end)) }

func (t *textLines) number(i int) int {
	if !t.numbered {
		return 0
	}
	return int(t.starts[i].number)
}

func (t *textLines) numbers() int {
	if !t.numbered {
		return 0
	}
	return t.highest
}

func (t *textLines) pieces(i int) []mono.Piece {
	if t.coloured == nil {
		return nil
	}
	from := int(t.starts[i].at)
	to := from + len(t.text(i))
	first := sort.Search(len(t.coloured), func(k int) bool { return t.coloured[k].End > from })
	var out []mono.Piece
	for _, p := range t.coloured[first:] {
		if p.Start >= to {
			break
		}
		out = append(out, mono.Piece{Kind: p.Kind, Start: max(p.Start, from) - from, End: min(p.End, to) - from})
	}
	return out
}

// slice returns the very bytes between two places, line breaks as they are.
func (t *textLines) slice(from, to spot) string {
	return t.all[int(t.starts[from.line].at)+from.byte : int(t.starts[to.line].at)+to.byte]
}

var _ lines = (*hexLines)(nil)

// hexLines shows a dump, made line by line when it is seen.
type hexLines struct {
	data []byte
	per  int // bytes a line
}

func (h *hexLines) count() int              { return hexCount(len(h.data), h.per) }
func (h *hexLines) text(i int) string       { return hexLine(h.data, i, h.per) }
func (h *hexLines) number(int) int          { return 0 }
func (h *hexLines) numbers() int            { return 0 }
func (h *hexLines) pieces(int) []mono.Piece { return nil }

func (h *hexLines) slice(from, to spot) string {
	if from.line == to.line {
		return h.text(from.line)[from.byte:to.byte]
	}
	var b strings.Builder
	b.WriteString(h.text(from.line)[from.byte:])
	for i := from.line + 1; i < to.line; i++ {
		b.WriteString("\n" + h.text(i))
	}
	b.WriteString("\n" + h.text(to.line)[:to.byte])
	return b.String()
}
