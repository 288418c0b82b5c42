package editor

import (
	"slices"
	"strings"
	"unicode/utf8"

	"gantry/gui/mono"
)

// A chunk has at most chunkMost bytes; two neighbours that have fewer than chunkLeast
// together become one.
const (
	chunkMost  = 4096
	chunkLeast = chunkMost / 2
)

// text is a text that is cheap to change: an edit costs the chunks that it touches, and
// to find a place costs a step for each chunk, 300 to 500 of them in 1 MB. Every chunk
// knows how many lines it has, how wide they are and whether a string of JSON is open
// behind it, so that one line of 1 MB costs no more than 20,000.
//
// Places are bytes from the beginning, always between two characters.
type text struct {
	pen    *mono.Pen
	chunks []chunk
	size   int // bytes
	breaks int // line breaks
	whole  string
	cached bool // whole is the text
}

// stretch is how far a part of a line moves the pen: from x to x+before, or, with a tab,
// to the stop after x+before and on by after.
type stretch struct {
	tab           bool
	before, after float64
}

// chunk is a part of a text, and what is known of it.
type chunk struct {
	s      string
	breaks int
	head   stretch // until the first line break, or all
	tail   stretch // behind the last line break, or all
	inner  float64 // the widest line that lies in it whole
	// ends is the state of JSON behind it for each state before it.
	ends [3]mono.State
}

// from returns where the pen is that was at x.
func (s stretch) from(p *mono.Pen, x float64) float64 {
	if s.tab {
		return p.Tab(x+s.before) + s.after
	}
	return x + s.before
}

// add lengthens the stretch by a character.
func (s *stretch) add(p *mono.Pen, r rune) {
	switch {
	case r != '\t' && s.tab:
		s.after += p.Advance(r, s.after)
	case r != '\t':
		s.before += p.Advance(r, 0)
	case s.tab:
		s.after = p.Tab(s.after)
	default:
		s.tab = true
	}
}

// newText returns a text.
func newText(pen *mono.Pen, s string) *text {
	t := &text{pen: pen}
	t.set(s)
	return t
}

// set replaces all of it.
func (t *text) set(s string) {
	t.chunks, t.size, t.breaks = t.chunks[:0:0], 0, 0
	t.chunks = t.cut(t.chunks, s)
	t.take(t.chunks, 1)
	t.whole, t.cached = s, true
}

// take adds to the sums, or takes from them.
func (t *text) take(chunks []chunk, sign int) {
	for i := range chunks {
		t.size += sign * len(chunks[i].s)
		t.breaks += sign * chunks[i].breaks
	}
}

// cut appends a text in chunks.
func (t *text) cut(out []chunk, s string) []chunk {
	for len(s) > 0 {
		n := len(s)
		if n > chunkMost {
			n = chunkMost * 3 / 4 // room to type
			for n > 0 && !utf8.RuneStart(s[n]) && n > chunkMost*3/4-utf8.UTFMax {
				n--
			}
		}
		out = append(out, t.measure(s[:n]))
		s = s[n:]
	}
	return out
}

// measure looks at a chunk.
func (t *text) measure(s string) chunk {
	c := chunk{s: s, ends: [3]mono.State{mono.Outside, mono.Inside, mono.Escaped}}
	var at stretch
	for _, r := range s {
		if r != '\n' {
			at.add(t.pen, r)
			continue
		}
		if c.breaks++; c.breaks == 1 {
			c.head = at
		} else {
			c.inner = max(c.inner, at.from(t.pen, 0))
		}
		at = stretch{}
	}
	if c.tail = at; c.breaks == 0 {
		c.head = at
	}
	line := s[strings.LastIndexByte(s, '\n')+1:]
	if c.breaks > 0 {
		c.ends = [3]mono.State{}
	}
	for i := range len(line) {
		for k, state := range c.ends {
			c.ends[k] = state.Next(line[i])
		}
	}
	return c
}

// spot is a place: a chunk and a byte in it, which is before the chunk's end but for the
// text's.
type spot struct{ i, o int }

func (t *text) spot(at int) spot {
	for i := range t.chunks {
		n := len(t.chunks[i].s)
		if at < n {
			return spot{i, at}
		}
		at -= n
	}
	return spot{len(t.chunks), 0}
}

// replace puts s in the place of what lies between from and to.
func (t *text) replace(from, to int, s string) {
	a, b := t.spot(from), t.spot(to)
	first, last := a.i, b.i
	before, after := "", ""
	if a.o > 0 {
		before = t.chunks[a.i].s[:a.o]
	}
	if b.o > 0 {
		after = t.chunks[b.i].s[b.o:]
		last++
	}
	// Small neighbours come along, so that no text falls to crumbs.
	small := func(i int) bool { return i >= 0 && i < len(t.chunks) && len(t.chunks[i].s) < chunkLeast }
	n := len(before) + len(s) + len(after)
	if n < chunkLeast && small(first-1) {
		first--
		before = t.chunks[first].s + before
	} else if n < chunkLeast && small(last) {
		after += t.chunks[last].s
		last++
	}
	t.take(t.chunks[first:last], -1)
	fresh := t.cut(nil, before+s+after)
	t.take(fresh, 1)
	t.chunks = slices.Replace(t.chunks, first, last, fresh...)
	t.whole, t.cached = "", false
}

// string is the whole text, put together once for each state of it.
func (t *text) string() string {
	if !t.cached {
		t.whole, t.cached = t.slice(0, t.size), true
	}
	return t.whole
}

// slice is the text between two places.
func (t *text) slice(from, to int) string {
	if t.cached {
		return t.whole[from:to]
	}
	a, b := t.spot(from), t.spot(to)
	if a.i == b.i {
		if a.i == len(t.chunks) {
			return ""
		}
		return t.chunks[a.i].s[a.o:b.o]
	}
	var out strings.Builder
	out.Grow(to - from)
	out.WriteString(t.chunks[a.i].s[a.o:])
	for i := a.i + 1; i < b.i; i++ {
		out.WriteString(t.chunks[i].s)
	}
	if b.o > 0 {
		out.WriteString(t.chunks[b.i].s[:b.o])
	}
	return out.String()
}

// lines is how many there are.
func (t *text) lines() int { return t.breaks + 1 }

// lineStart is where line n begins, from 0.
func (t *text) lineStart(n int) int {
	if n <= 0 {
		return 0
	}
	at := 0
	for i := range t.chunks {
		c := &t.chunks[i]
		if n <= c.breaks {
			return at + afterBreak(c.s, n)
		}
		n -= c.breaks
		at += len(c.s)
	}
	return t.size
}

// afterBreak is the place behind the nth line break of s.
func afterBreak(s string, n int) int {
	at := 0
	for ; n > 0; n-- {
		at += strings.IndexByte(s[at:], '\n') + 1
	}
	return at
}

// lineOf is the line of a place and where that begins.
func (t *text) lineOf(at int) (line, start int) {
	p, before := t.spot(at), 0
	for i := range p.i {
		c := &t.chunks[i]
		if c.breaks > 0 {
			line += c.breaks
			start = before + strings.LastIndexByte(c.s, '\n') + 1
		}
		before += len(c.s)
	}
	if p.o > 0 {
		part := t.chunks[p.i].s[:p.o]
		if n := strings.Count(part, "\n"); n > 0 {
			line += n
			start = before + strings.LastIndexByte(part, '\n') + 1
		}
	}
	return line, start
}

// lineEnd is where the line of a place ends, before its break.
func (t *text) lineEnd(at int) int {
	p := t.spot(at)
	for i := p.i; i < len(t.chunks); i++ {
		part := t.chunks[i].s[p.o:]
		if n := strings.IndexByte(part, '\n'); n >= 0 {
			return at + n
		}
		at += len(part)
		p.o = 0
	}
	return t.size
}

// longest is how wide the widest line is.
func (t *text) longest() float64 {
	most, x := float64(0), float64(0)
	for i := range t.chunks {
		c := &t.chunks[i]
		x = c.head.from(t.pen, x)
		most = max(most, x, c.inner)
		if c.breaks > 0 {
			x = c.tail.from(t.pen, 0)
		}
	}
	return max(most, x)
}

// parts calls f for the part of each chunk that lies between a place and the end of its
// line, with the place and, where the part is a whole chunk, that; until f returns false.
func (t *text) parts(at int, f func(at int, s string, whole *chunk) bool) {
	p := t.spot(at)
	for i := p.i; i < len(t.chunks); i++ {
		c, s := &t.chunks[i], t.chunks[i].s[p.o:]
		whole := p.o == 0 && c.breaks == 0
		end := -1
		if c.breaks > 0 {
			if end = strings.IndexByte(s, '\n'); end >= 0 {
				s = s[:end]
			}
		}
		if !whole {
			c = nil
		}
		if !f(at, s, c) || end >= 0 {
			return
		}
		at += len(s)
		p.o = 0
	}
}

// x is where a place stands in its line, which begins at start.
func (t *text) x(start, at int) float64 {
	x := float64(0)
	t.parts(start, func(from int, s string, whole *chunk) bool {
		if whole != nil && from+len(s) <= at {
			x = whole.head.from(t.pen, x)
			return true
		}
		x = t.pen.Width(s, at-from, x)
		return from+len(s) < at
	})
	return x
}

// near is the place in the line that begins at start which is nearest to x.
func (t *text) near(start int, x float64) int {
	place, pen := start, float64(0)
	t.parts(start, func(from int, s string, whole *chunk) bool {
		if whole != nil {
			if next := whole.head.from(t.pen, pen); next < x {
				pen, place = next, from+len(s)
				return true
			}
		}
		n := t.pen.Near(s, pen, x)
		place, pen = from+n, t.pen.Width(s, n, pen)
		return n == len(s)
	})
	return place
}

// align returns the place at or before a byte.
func (t *text) align(at int) int {
	p := t.spot(at)
	for p.i < len(t.chunks) && p.o > 0 && !utf8.RuneStart(t.chunks[p.i].s[p.o]) {
		p.o--
		at--
	}
	return at
}

// state is the state of JSON at a place of the line that begins at start.
func (t *text) state(start, at int) mono.State {
	state := mono.Outside
	t.parts(start, func(from int, s string, whole *chunk) bool {
		if whole != nil && from+len(s) <= at {
			state = whole.ends[state]
			return true
		}
		for i := 0; i < len(s) && from+i < at; i++ {
			state = state.Next(s[i])
		}
		return from+len(s) < at
	})
	return state
}

// after returns the character at a place, and how long it is; 0 at the end.
func (t *text) after(p spot) (r rune, n int) {
	if p.i >= len(t.chunks) {
		return 0, 0
	}
	return utf8.DecodeRuneInString(t.chunks[p.i].s[p.o:])
}

// before returns the character in front of a place, and how long it is; 0 at the start.
func (t *text) before(p spot) (r rune, n int) {
	switch {
	case p.o > 0:
		return utf8.DecodeLastRuneInString(t.chunks[p.i].s[:p.o])
	case p.i > 0:
		return utf8.DecodeLastRuneInString(t.chunks[p.i-1].s)
	}
	return 0, 0
}

// step moves a place by n bytes within its chunk or to the next.
func (t *text) step(p spot, n int) spot {
	switch p.o += n; {
	case p.o < 0:
		return spot{p.i - 1, len(t.chunks[p.i-1].s) + p.o}
	case p.i < len(t.chunks) && p.o >= len(t.chunks[p.i].s):
		return spot{p.i + 1, 0}
	}
	return p
}
