package bodyview

import (
	"sort"
	"strings"
	"unicode/utf8"

	"gantry/gui/widgets"
)

// wrapCells is where a long line is broken for display. Copying does not see
// the break.
const wrapCells = 120

// colourLimit is the longest text that is coloured, in bytes: above it the
// pieces would cost more memory than the text.
const colourLimit = 2 << 20

// lines is what a body pane shows, line by line.
type lines interface {
	count() int
	text(i int) string          // as it is, without its line break
	number(i int) int           // the number in the margin, 0 for none
	pieces(i int) []Piece       // colours, by bytes of text(i); nil for none
	slice(from, to spot) string // what copying yields
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
	numbered bool
	coloured []Piece
}

// textLine is where a display line begins, and the number of the line it
// belongs to if it begins that.
type textLine struct{ at, number int32 }

// newTextLines cuts a text of less than 2 GB into display lines.
func newTextLines(s string, numbered, coloured bool) *textLines {
	t := &textLines{all: s, numbered: numbered}
	number := int32(1)
	t.starts = append(t.starts, textLine{0, number})
	cells := 0
	for i := 0; i < len(s); {
		if s[i] == '\n' {
			number++
			i++
			cells = 0
			t.starts = append(t.starts, textLine{int32(i), number})
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		c := widgets.Cells(r)
		if cells+c > wrapCells || i-int(t.starts[len(t.starts)-1].at) > wrapCells*8 {
			t.starts = append(t.starts, textLine{int32(i), 0})
			cells = 0
		}
		cells += c
		i += n
	}
	if coloured && len(s) <= colourLimit {
		t.coloured = Pieces(s)
	}
	return t
}

func (t *textLines) count() int { return len(t.starts) }

func (t *textLines) bounds(i int) (from, to int) {
	from, to = int(t.starts[i].at), len(t.all)
	if i+1 < len(t.starts) {
		to = int(t.starts[i+1].at)
	}
	return from, to
}

func (t *textLines) text(i int) string {
	from, to := t.bounds(i)
	return strings.TrimSuffix(t.all[from:to], "\n")
}

func (t *textLines) number(i int) int {
	if !t.numbered {
		return 0
	}
	return int(t.starts[i].number)
}

func (t *textLines) pieces(i int) []Piece {
	if t.coloured == nil {
		return nil
	}
	from := int(t.starts[i].at)
	to := from + len(t.text(i))
	first := sort.Search(len(t.coloured), func(k int) bool { return t.coloured[k].End > from })
	var out []Piece
	for _, p := range t.coloured[first:] {
		if p.Start >= to {
			break
		}
		out = append(out, Piece{Kind: p.Kind, Start: max(p.Start, from) - from, End: min(p.End, to) - from})
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

func (h *hexLines) count() int         { return hexCount(len(h.data), h.per) }
func (h *hexLines) text(i int) string  { return hexLine(h.data, i, h.per) }
func (h *hexLines) number(int) int     { return 0 }
func (h *hexLines) pieces(int) []Piece { return nil }

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
