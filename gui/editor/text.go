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

// run lengthens the stretch by n characters of ASCII that are no tabs.
func (s *stretch) run(p *mono.Pen, n int) {
	if w := float64(n) * p.Cell(); s.tab {
		s.after += w
	} else {
		s.before += w
	}
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
	c := chunk{s: s}
	var at stretch
	run := 0 // of plain ASCII, not added yet
	for i := 0; i < len(s); {
		if b := s[i]; b >= ' ' && b < 0x7F {
			run++
			i++
			continue
		}
		at.run(t.pen, run)
		run = 0
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
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
	at.run(t.pen, run)
	if c.tail = at; c.breaks == 0 {
		c.head = at
		c.ends = [3]mono.State{stateBehind(s, mono.Outside), stateBehind(s, mono.Inside), stateBehind(s, mono.Escaped)}
		return c
	}
	end := stateBehind(s[strings.LastIndexByte(s, '\n')+1:], mono.Outside)
	c.ends = [3]mono.State{end, end, end}
	return c
}

// stateBehind is the state of JSON behind a part of a line.
func stateBehind(s string, state mono.State) mono.State {
	for i := 0; i < len(s); i++ {
		if state != mono.Escaped { // most characters change nothing
			n := strings.IndexAny(s[i:], "\"\\")
			if n < 0 {
				return state
			}
			i += n
		}
		state = state.Next(s[i])
	}
	return state
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
