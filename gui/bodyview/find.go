package bodyview

import (
	"context"
	"encoding/hex"
	"sort"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"gantry/gui/find"
	"gantry/gui/mono"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// queryFind is the key of the search of a long body.
const queryFind = "find in the body"

// searchedAtOnce is how long a body may be that is searched on the main goroutine, in bytes.
const searchedAtOnce = 256 << 10

// longestAsked is the longest selection that is looked for, in bytes.
const longestAsked = 256

// finder finds within the body that is shown: in the text, folded or not, or in the bytes
// of a dump.
type finder struct {
	v       *View
	tasks   *task.Runner
	scope   *task.Scope
	line    *find.Line
	content *fyne.Container

	open    bool
	hits    []find.Hit // in bytes of the body as it is shown, by where they begin
	current int        // of hits; -1 for none
	before  int        // where the search began
}

func newFinder(v *View) *finder {
	f := &finder{v: v, current: -1}
	f.line = find.NewLine(find.Params{Over: v, Narrow: true, Changed: f.search, Next: f.next, Close: f.close, Pressed: f.pressed})
	f.content = container.New(layout.NewCustomPaddedLayout(3, 3, 4, 4), f.line.Row)
	f.content.Hide()
	return f
}

// SetTasks has long bodies searched beside the main goroutine; without, they are not.
func (v *View) SetTasks(r *task.Runner, s *task.Scope) { v.find.tasks, v.find.scope = r, s }

// Find opens the line to find something in the body, with what is selected.
func (v *View) Find() { v.find.show() }

// Searching reports whether a long body is being searched.
func (v *View) Searching() bool { return v.find.scope != nil && v.find.scope.Running(queryFind) }

// pressed opens the line on its key; false: it is another key.
func (f *finder) pressed(name fyne.KeyName, mod fyne.KeyModifier, shift bool) bool {
	if shift || !find.Asked(name, mod) {
		return false
	}
	f.show()
	return true
}

// height is what the line takes, with the rule below it.
func (f *finder) height() float32 {
	if !f.open {
		return 0
	}
	return find.RowHeight + 3
}

func (f *finder) show() {
	if !f.open {
		f.before = f.v.pane.lines.offset(spot{line: max(int((f.v.scroll.Offset.Y-6)/lineHeight), 0)})
	}
	f.open = true
	f.content.Show()
	f.v.Refresh()
	if s := f.v.SelectedText(); s != "" && len(s) <= longestAsked && !strings.Contains(s, "\n") {
		f.before = f.v.pane.lines.offset(f.v.pane.first())
		f.line.What.SetText(s)
	}
	f.search()
	f.line.Focus()
}

// close hides the line; the body has the focus, and what was found is selected.
func (f *finder) close() {
	f.open = false
	f.forget()
	f.content.Hide()
	f.v.Refresh()
	if c := fyne.CurrentApp().Driver().CanvasForObject(f.v); c != nil {
		c.Focus(f.v.pane)
	}
}

// forget drops what was found, and a search that runs.
func (f *finder) forget() {
	f.hits, f.current = nil, -1
	if f.scope != nil {
		f.scope.Cancel(queryFind)
	}
}

// changed searches in another body.
func (f *finder) changed() {
	f.forget()
	f.before = 0
	if f.open {
		f.search()
	}
}

// search finds what is asked for now, and shows the first from where the search began.
func (f *finder) search() {
	f.forget()
	what, exact, search := f.line.What.Text, f.line.Exact.Checked, f.v.pane.lines.searcher()
	if f.tasks == nil || f.v.pane.lines.size() <= searchedAtOnce || what == "" {
		f.found(search(what, exact))
		return
	}
	f.line.Tell("…", theme.Muted)
	f.v.pane.Refresh()
	task.Ask(f.tasks, f.scope, queryFind, func(context.Context) ([]find.Hit, error) { return search(what, exact), nil }, func(hits []find.Hit, err error) {
		if err == nil {
			f.found(hits)
		}
	})
}

func (f *finder) found(hits []find.Hit) {
	f.hits = hits
	if f.current = find.From(hits, f.before); f.current >= 0 {
		f.reveal()
	}
	f.line.Say(f.current, len(hits))
	f.v.pane.Refresh()
}

// next goes on to the next hit, or back to the last, and begins again at the end.
func (f *finder) next(forward bool) {
	switch {
	case !f.open || f.line.What.Text == "":
		f.show()
	case f.current >= 0:
		if f.current = (f.current + 1) % len(f.hits); !forward {
			f.current = (f.current + 2*len(f.hits) - 2) % len(f.hits)
		}
		f.before = f.hits[f.current].From
		f.reveal()
		f.line.Say(f.current, len(f.hits))
		f.v.pane.Refresh()
	}
}

// reveal unfolds the hit, selects it and scrolls to it.
func (f *finder) reveal() {
	p, h := f.v.pane, f.hits[f.current]
	if t, ok := p.lines.(*textLines); ok {
		if t.outline.hides(h.From) {
			p.fold(func(j *JSON) { j.unfold(h.From) })
		}
		p.anchor, p.head = t.spotOf(h.From), t.spotOf(h.To)
		p.looked = true
		p.look()
	}
	line := p.lines.spotOf(h.From).line
	y, high, at := 6+float32(line)*lineHeight, f.v.scroll.Size().Height, f.v.scroll.Offset
	if y < at.Y || y+lineHeight > at.Y+high {
		at.Y = max(min(y-high/3, p.MinSize().Height-high), 0)
	}
	x := p.gutter() + p.xOf(p.lines.text(line), p.lines.spotOf(h.From).byte)
	if wide := f.v.scroll.Size().Width; x < at.X || x > at.X+wide-4*widgets.Cell {
		at.X = max(x-wide/3, 0)
	}
	f.v.scroll.ScrollToOffset(at)
}

// mark draws what was found in display line i.
func (f *finder) mark(parts *mono.Parts, i int, s string, x, y float32) {
	if !f.open || len(f.hits) == 0 {
		return
	}
	l := f.v.pane.lines
	from, to := l.span(i)
	k := sort.Search(len(f.hits), func(k int) bool { return f.hits[k].To > from })
	for ; k < len(f.hits) && f.hits[k].From < to; k++ {
		h := f.hits[k]
		for _, c := range l.columns(i, max(h.From, from), min(h.To, to)) {
			left := x + f.v.pane.xOf(s, c[0])
			wide := x + f.v.pane.xOf(s, c[1]) - left
			parts.Box(theme.WarnSoft, left, y, wide, lineHeight)
			if k == f.current {
				parts.Box(theme.Sel, left, y, wide, lineHeight)
				parts.Box(theme.Accent, left, y+lineHeight-2, wide, 2)
			}
		}
	}
}

// hides tells whether a place is folded away.
func (j *JSON) hides(at int) bool {
	if j == nil {
		return false
	}
	for i := range j.blocks {
		if b := &j.blocks[i]; b.fold && at >= int(b.open) && at < int(b.close) {
			return true
		}
	}
	return false
}

// unfold opens what hides a place.
func (j *JSON) unfold(at int) {
	for i := range j.blocks {
		if b := &j.blocks[i]; at >= int(b.open) && at < int(b.close) {
			b.fold = false
		}
	}
}

func (t *textLines) size() int { return len(t.all) }

func (t *textLines) span(i int) (from, to int) { return int(t.starts[i].at), int(t.starts[i].end) }

func (t *textLines) columns(i, from, to int) [][2]int {
	at := int(t.starts[i].at)
	return [][2]int{{from - at, to - at}}
}

func (t *textLines) searcher() func(what string, exact bool) []find.Hit {
	all := t.all
	return func(what string, exact bool) []find.Hit { return find.Search(all, what, exact) }
}

func (h *hexLines) size() int { return len(h.data) }

func (h *hexLines) span(i int) (from, to int) { return i * h.per, min((i+1)*h.per, len(h.data)) }

func (h *hexLines) offset(at spot) int { return min(at.line*h.per, len(h.data)) }

func (h *hexLines) spotOf(offset int) spot {
	return spot{line: offset / h.per, byte: hexColumn(offset % h.per)}
}

// hexColumn is where byte j of a line stands in its dump.
func hexColumn(j int) int { return 9 + j/8 + 1 + 3*j }

// columns are the bytes and the characters beside them.
func (h *hexLines) columns(i, from, to int) [][2]int {
	from, to = from-i*h.per, to-i*h.per
	chars := 9 + (h.per+7)/8 + 3*h.per + 1
	return [][2]int{{hexColumn(from), hexColumn(to-1) + 2}, {chars + from, chars + to}}
}

// searcher looks for a text, and for the bytes that are asked for in hex.
func (h *hexLines) searcher() func(what string, exact bool) []find.Hit {
	data := h.data
	return func(what string, exact bool) []find.Hit {
		if what == "" {
			return nil
		}
		all := string(data)
		hits := find.Search(all, what, exact)
		b, err := hex.DecodeString(strings.ReplaceAll(what, " ", ""))
		if err != nil || len(b) == 0 {
			return hits
		}
		hits = append(hits, find.Search(all, string(b), true)...)
		sort.Slice(hits, func(i, k int) bool { return hits[i].From < hits[k].From })
		out := hits[:0]
		for _, x := range hits { // none over another
			if len(out) == 0 || x.From >= out[len(out)-1].To {
				out = append(out, x)
			}
		}
		return out
	}
}
