package editor

import (
	"strings"
	"unicode/utf8"

	"gantry/gui/mono"
)

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
		state = stateBehind(s[:min(len(s), at-from)], state)
		return from+len(s) < at
	})
	return state
}
