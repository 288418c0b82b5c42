package editor

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"fyne.io/fyne/v2/test"

	"gantry/gui/mono"
	"gantry/gui/theme"
)

func newModel(t testing.TB, s string) *model {
	t.Helper()
	test.NewTempApp(t).Settings().SetTheme(theme.New(theme.Light))
	return modelOf(mono.NewPen(theme.SizeText), s)
}

func modelOf(pen *mono.Pen, s string) *model { return &model{text: newText(pen, s), want: -1} }

// agree holds a text against the string that it must be.
func agree(t testing.TB, x *text, want string) {
	t.Helper()
	var b strings.Builder
	breaks := 0
	for i := range x.chunks {
		c := &x.chunks[i]
		if c.s == "" || len(c.s) > chunkMost || !utf8.ValidString(c.s) {
			t.Fatalf("chunk %d of %d bytes", i, len(c.s))
		}
		if fresh := x.measure(c.s); fmt.Sprint(fresh) != fmt.Sprint(*c) {
			t.Fatalf("chunk %d is known as %v, is %v", i, *c, fresh)
		}
		b.WriteString(c.s)
		breaks += c.breaks
	}
	if b.String() != want || x.size != len(want) || x.breaks != strings.Count(want, "\n") || breaks != x.breaks {
		t.Fatalf("the text is %d bytes (%d) with %d breaks, want %d with %d", b.Len(), x.size, x.breaks, len(want), strings.Count(want, "\n"))
	}
}

// some is a text of random pieces, long lines and Chinese among them.
func some(r *rand.Rand, n int) string {
	words := []string{"a", "\n", " ", "\t", "中", "李婷", "{\"k\": \"v\\\"\"}", "\n\n", "é", "🙂", "0123456789", strings.Repeat("x", 300), strings.Repeat("长", 200)}
	var b strings.Builder
	for range r.IntN(n) {
		b.WriteString(words[r.IntN(len(words))])
	}
	return b.String()
}

// TestTextIsAString: after any changes a text answers as the string that it is.
func TestTextIsAString(t *testing.T) {
	m := newModel(t, "")
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 1))
		want := some(r, 200)
		x := newText(m.pen, want)
		for range 60 {
			from := x.align(r.IntN(len(want) + 1))
			to := x.align(min(from+r.IntN(600), len(want)))
			to = max(from, to)
			s := some(r, 6)
			if r.IntN(20) == 0 {
				s = some(r, 300)
			}
			x.replace(from, to, s)
			want = want[:from] + s + want[to:]
			agree(t, x, want)
			answers(t, x, want, x.align(r.IntN(len(want)+1)))
		}
	}
}

// answers asks for everything about a place.
func answers(t *testing.T, x *text, want string, at int) {
	t.Helper()
	start := strings.LastIndexByte(want[:at], '\n') + 1
	line := strings.Count(want[:at], "\n")
	end := len(want)
	if n := strings.IndexByte(want[at:], '\n'); n >= 0 {
		end = at + n
	}
	if l, s := x.lineOf(at); l != line || s != start {
		t.Fatalf("byte %d is in line %d from %d, want %d from %d", at, l, s, line, start)
	}
	if s := x.lineStart(line); s != start {
		t.Fatalf("line %d begins at %d, want %d", line, s, start)
	}
	if e := x.lineEnd(at); e != end {
		t.Fatalf("the line of %d ends at %d, want %d", at, e, end)
	}
	near := func(a, b float64) bool { return a-b < 0.001 && b-a < 0.001 }
	if got, w := x.x(start, at), x.pen.Width(want[start:end], at-start, 0); !near(got, w) {
		t.Fatalf("byte %d stands at %v, want %v", at, got, w)
	}
	if got := x.near(start, x.x(start, at)+0.01); got != at {
		t.Fatalf("at byte %d is byte %d", at, got)
	}
	state := mono.Outside
	for i := start; i < at; i++ {
		state = state.Next(want[i])
	}
	if got := x.state(start, at); got != state {
		t.Fatalf("the state at %d is %v, want %v", at, got, state)
	}
	longest := float64(0)
	for _, l := range strings.Split(want, "\n") {
		longest = max(longest, x.pen.Width(l, len(l), 0))
	}
	if got := x.longest(); !near(got, longest) {
		t.Fatalf("the widest line has %v, want %v", got, longest)
	}
}

// plain is an editor as anyone would write it: the whole text, and all its states.
type plain struct {
	s            []rune
	anchor, head int
}

func (p *plain) insert(s string) {
	from, to := min(p.anchor, p.head), max(p.anchor, p.head)
	in := []rune(s)
	p.s = append(append(append([]rune{}, p.s[:from]...), in...), p.s[to:]...)
	p.anchor, p.head = from+len(in), from+len(in)
}

func (p *plain) erase(dir int) {
	if p.anchor == p.head {
		p.anchor = min(max(p.head+dir, 0), len(p.s))
	}
	p.insert("")
}

func (p *plain) move(to int, extend bool) {
	p.head = min(max(to, 0), len(p.s))
	if !extend {
		p.anchor = p.head
	}
}

// sideways is what an arrow does.
func (p *plain) sideways(dir int, extend bool) {
	if from, to := min(p.anchor, p.head), max(p.anchor, p.head); !extend && from != to {
		if dir < 0 {
			to = from
		}
		p.move(to, false)
		return
	}
	p.move(p.head+dir, extend)
}

// game is both editors, and every text that was.
type game struct {
	t      testing.TB
	m      *model
	p      *plain
	states map[string]bool
}

// play does the same with both, as the bytes say, and holds them against each other.
func play(t testing.TB, pen *mono.Pen, begin string, keys []byte) {
	t.Helper()
	begin = strings.ToValidUTF8(begin, "")
	g := &game{t, modelOf(pen, begin), &plain{s: []rune(begin)}, map[string]bool{begin: true}}
	for i, k := range keys {
		g.press(int(k))
		g.states[g.m.string()] = true
		head, anchor := len(string(g.p.s[:g.p.head])), len(string(g.p.s[:g.p.anchor]))
		if g.m.string() != string(g.p.s) || g.m.head != head || g.m.anchor != anchor {
			t.Fatalf("key %d (%d): %d to %d of %q, want %d to %d of %q", i, k, g.m.anchor, g.m.head, g.m.string(), anchor, head, string(g.p.s))
		}
	}
	agree(t, g.m.text, string(g.p.s))
	for len(g.m.past) > 0 {
		g.m.undo()
	}
	if g.m.string() != begin {
		t.Fatalf("all undone the text is %q, was %q", g.m.string(), begin)
	}
}

// press does to both what a number says.
func (g *game) press(k int) {
	m, p, extend := g.m, g.p, k&1 == 1
	insert := func(s string, as kind) {
		m.insert(s, as)
		p.insert(s)
	}
	switch k / 2 % 12 {
	case 0, 1, 2:
		insert([]string{"a", "中", " ", "}", "🙂"}[k%5], typing)
	case 3:
		insert("\n", other)
	case 4:
		m.erase(m.char(m.head, -1), erasing)
		p.erase(-1)
	case 5:
		m.erase(m.char(m.head, 1), deleting)
		p.erase(1)
	case 6:
		m.sideways(-1, extend)
		p.sideways(-1, extend)
	case 7:
		m.sideways(1, extend)
		p.sideways(1, extend)
	case 8:
		to := k * 7 % (len(p.s) + 1)
		m.move(len(string(p.s[:to])), extend)
		p.move(to, extend)
	case 9:
		insert(strings.Repeat("line 行\n", k*3), other)
	default:
		g.back(k % 4)
	}
}

// back undoes some steps and does them again, which changes nothing.
func (g *game) back(n int) {
	m := g.m
	before, anchor, head := m.string(), m.anchor, m.head
	n = min(n, len(m.past))
	for range n {
		if m.undo(); !g.states[m.string()] {
			g.t.Fatalf("undo made a text that never was: %q", m.string())
		}
	}
	for range n {
		m.redo()
	}
	if m.string() != before {
		g.t.Fatalf("%d undone and done again made another text", n)
	}
	m.anchor, m.head = anchor, head
}

func TestEditingAgainstAPlainEditor(t *testing.T) {
	pen := newModel(t, "").pen
	for seed := range uint64(15) {
		r := rand.New(rand.NewPCG(seed, 2))
		keys := make([]byte, 120)
		for i := range keys {
			keys[i] = byte(r.IntN(256))
		}
		play(t, pen, some(r, 50), keys)
	}
}

func FuzzEditing(f *testing.F) {
	f.Add("{\"a\": 1}", []byte{0, 2, 9, 20, 8, 13, 21, 23, 18})
	f.Add(strings.Repeat("中", 3000), []byte{16, 17, 8, 9, 22})
	pen := newModel(f, "").pen
	f.Fuzz(func(t *testing.T, begin string, keys []byte) { play(t, pen, begin, keys[:min(len(keys), 80)]) })
}

func TestWordsLinesAndIndentation(t *testing.T) {
	m := newModel(t, "ab_1, 中文 x\n  y")
	var right, left []int
	for at := 0; at < m.size; {
		at = m.word(at, 1)
		right = append(right, at)
	}
	for at := m.size; at > 0; {
		at = m.word(at, -1)
		left = append(left, at)
	}
	if fmt.Sprint(right, left) != "[4 5 12 14 15 18] [17 15 14 13 6 4 0]" {
		t.Errorf("words end at %v, begin at %v", right, left)
	}
	m.move(16, false)
	if a := m.home(); a != 17 {
		t.Errorf("Home leads to %d", a)
	}
	if m.move(17, false); m.home() != 15 {
		t.Errorf("Home again leads to %d", m.home())
	}
	for in, want := range map[string]string{
		"  a|b": "  a\n  |b", "{|}": "{\n  |\n}", "  \"k\": [ |": "  \"k\": [ \n    |", "[|}": "[\n  |}", "|": "\n|", "\t{|": "\t{\n\t  |",
	} {
		at := strings.IndexByte(in, '|')
		m.begin(in[:at] + in[at+1:])
		m.move(at, false)
		m.newline()
		if got := m.string()[:m.head] + "|" + m.string()[m.head:]; got != want {
			t.Errorf("Enter in %q makes %q, want %q", in, got, want)
		}
	}
}

func TestVerticalKeepsTheColumn(t *testing.T) {
	m := newModel(t, "0123456789\n中文\n\n012345678")
	m.move(5, false)
	var at []int
	for range 4 {
		m.vertically(1, false)
		at = append(at, m.head)
	}
	for range 4 {
		m.vertically(-1, false)
		at = append(at, m.head)
	}
	if fmt.Sprint(at) != "[17 18 24 28 18 17 5 0]" {
		t.Errorf("Down and Up lead to %v", at)
	}
}

func TestFormatKeepsTheCursorAndCanBeUndone(t *testing.T) {
	m := newModel(t, `{"a":[1,"中"],"b":2}`)
	m.move(strings.Index(m.string(), `"b"`), false)
	want := "{\n  \"a\": [\n    1,\n    \"中\"\n  ],\n  \"b\": 2\n}"
	m.become(want)
	if m.string() != want || !strings.HasPrefix(want[m.head:], `"b"`) {
		t.Errorf("%q, cursor before %q", m.string(), m.string()[m.head:])
	}
	if m.undo(); m.string() != `{"a":[1,"中"],"b":2}` {
		t.Errorf("undone to %q", m.string())
	}
	for _, pair := range [][2]string{{"中", "丰"}, {"aaa", "aa"}, {"", "x"}, {"x", ""}, {"ab中cd", "ab丰cd"}} {
		m.begin(pair[0])
		if m.become(pair[1]); m.string() != pair[1] {
			t.Errorf("%q became %q", pair[0], m.string())
		}
		agree(t, m.text, pair[1])
	}
}

func TestPlaces(t *testing.T) {
	s := "a中b\n" + strings.Repeat("长", 5000) + "\n"
	m := newModel(t, s)
	for _, x := range [][3]int{{0, 1, 1}, {4, 1, 3}, {5, 1, 4}, {6, 2, 1}, {6 + 3*4321, 2, 4322}, {len(s), 3, 1}} {
		if l, c := m.place(x[0]); l != x[1] || c != x[2] {
			t.Errorf("byte %d is at %d, %d", x[0], l, c)
		}
		if at := m.at(x[1], x[2]); at != x[0] {
			t.Errorf("%d, %d is byte %d, want %d", x[1], x[2], at, x[0])
		}
	}
	if at := m.at(1, 99); at != 5 {
		t.Errorf("a column beyond the line is byte %d", at)
	}
	if at := m.at(99, 1); at != len(s) {
		t.Errorf("a line beyond the text is byte %d", at)
	}
}
