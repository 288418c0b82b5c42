package compare

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/draw"
	"gantry/gui/mono"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

const (
	rowHeight   float32 = 18
	margin      float32 = 10
	usualLabels float32 = 20 * widgets.Cell // of the names of facts and properties
	numbers     float32 = 6 * widgets.Cell  // of the lines of a body
	// before is how much of a long line is seen before what differs in it, in cells.
	before = 12
)

var (
	_ fyne.Widget       = (*table)(nil)
	_ fyne.Focusable    = (*table)(nil)
	_ fyne.Shortcutable = (*table)(nil)
	_ fyne.Tappable     = (*table)(nil)
)

// table draws the rows of a comparison in two columns, those in sight only.
type table struct {
	widget.BaseWidget

	labels  float32 // room for names
	lines   bool    // it has lines of bodies, which need more room than what has a name
	rows    []shown
	at      int // the row that was gone to; -1 for none
	pen     *mono.Pen
	scroll  *container.Scroll
	focused bool

	// OnKey sees a key first; true: it was taken care of.
	OnKey func(fyne.KeyName) bool
}

func newTable() *table {
	t := &table{labels: usualLabels, lines: true, at: -1, pen: mono.NewPen(theme.SizeCaption)}
	t.ExtendBaseWidget(t)
	t.scroll = container.NewVScroll(t)
	t.scroll.OnScrolled = func(fyne.Position) { t.Refresh() }
	return t
}

// columns are where the values of both sides stand in a width.
func (t *table) columns(wide float32) (left, right float32) {
	left = margin + t.labels
	if t.lines {
		return left, (wide + margin + 2*numbers) / 2
	}
	return left, (wide + left) / 2
}

var _ fyne.Layout = (*titles)(nil)

// titles puts what the sides are over their values.
type titles struct{ over *table }

// MinSize is that of the higher one.
func (l *titles) MinSize(o []fyne.CanvasObject) fyne.Size {
	a, b := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(margin+l.over.labels+a.Width+b.Width, max(a.Height, b.Height))
}

// Layout places both. The table is as wide as they are.
func (l *titles) Layout(o []fyne.CanvasObject, s fyne.Size) {
	left, right := l.over.columns(s.Width)
	draw.Place(o[0], left, 0, right-left-margin, s.Height)
	draw.Place(o[1], right, 0, s.Width-right, s.Height)
}

func (t *table) set(rows []shown) {
	t.rows, t.at = rows, -1
	t.Refresh()
	t.scroll.Refresh()
	t.scroll.ScrollToOffset(fyne.Position{})
}

// next goes to the next place that differs, or the one before; false: there is none.
func (t *table) next(forward bool) bool {
	step, i := 1, t.at
	if !forward {
		step = -1
		if i < 0 {
			i = len(t.rows)
		}
	}
	differs := func(i int) bool { return t.rows[i].kind == plain && t.rows[i].op != same }
	for i += step; i >= 0 && i < len(t.rows); i += step {
		// A place is a row of facts, or several lines in a row.
		if differs(i) && (t.rows[i].label != "" || i == 0 || !differs(i-1)) {
			t.at = i
			t.reveal()
			return true
		}
	}
	return false
}

func (t *table) reveal() {
	y, high := float32(t.at)*rowHeight, t.scroll.Size().Height
	if off := t.scroll.Offset.Y; y < off || y+2*rowHeight > off+high {
		t.scroll.ScrollToOffset(fyne.NewPos(0, max(min(y-high/3, t.MinSize().Height-high), 0)))
	}
	t.Refresh()
}

// CreateRenderer is called by Fyne.
func (t *table) CreateRenderer() fyne.WidgetRenderer {
	parts := &mono.Parts{}
	d := &draw.Renderer{}
	d.Least = func() fyne.Size { return fyne.NewSize(480, float32(len(t.rows))*rowHeight+8) }
	d.Paint = func() {
		parts.Reset()
		first := max(int(t.scroll.Offset.Y/rowHeight), 0)
		last := min(int((t.scroll.Offset.Y+t.scroll.Size().Height)/rowHeight)+1, len(t.rows)-1)
		for i := first; i <= last; i++ {
			t.draw(parts, i, 4+float32(i)*rowHeight)
		}
		d.Parts = parts.Objects(d.Parts[:0])
	}
	d.Place = func(fyne.Size) { d.Paint() }
	d.Paint()
	return d
}

// draw fills parts with a row.
func (t *table) draw(parts *mono.Parts, i int, y float32) {
	r, wide := &t.rows[i], t.Size().Width
	switch r.kind {
	case heading:
		parts.Box(theme.Hover, 0, y, wide, rowHeight)
		t.pen.Word(parts, r.label, theme.Text, margin, y, rowHeight)
		return
	case folded:
		t.pen.Word(parts, "⋯ "+r.label, theme.Muted, margin, y, rowHeight)
		return
	}
	left, right := t.columns(wide)
	lead := float32(0) // what stands before the right value
	if r.leftLine == 0 && r.rightLine == 0 {
		t.pen.Word(parts, widgets.TextCutMiddle(r.label, t.labels-widgets.Cell), theme.Muted, margin, y, rowHeight)
	} else {
		left, lead = margin+numbers, numbers
	}
	ends := [2]float32{right - lead, wide}
	soft := map[op][2]theme.Token{changed: {theme.WarnSoft, theme.WarnSoft}, removed: {theme.ErrSoft, theme.None}, added: {theme.None, theme.OKSoft}}[r.op]
	for side, x := range []float32{left, right} {
		if soft[side] != theme.None {
			parts.Box(soft[side], x-4, y, ends[side]-x-4, rowHeight)
		}
	}
	if i == t.at {
		parts.Box(theme.Accent, 0, y, 3, rowHeight)
	}
	for _, n := range []struct {
		line int
		x    float32
	}{{r.leftLine, left}, {r.rightLine, right}} {
		if n.line > 0 {
			s := strconv.Itoa(n.line)
			t.pen.Word(parts, s, theme.Muted, n.x-8-float32(len(s))*widgets.Cell, y, rowHeight)
		}
	}
	room := int((min(ends[0]-left, ends[1]-right) - 12) / widgets.Cell)
	l, m := cut(r.left, r.right, room)
	t.pen.Word(parts, l, theme.Text, left, y, rowHeight)
	t.pen.Word(parts, m, theme.Text, right, y, rowHeight)
}

// cut cuts two lines to so many cells. Where they differ behind what would be seen, both
// begin shortly before that.
func cut(left, right string, cells int) (l, r string) {
	from := 0
	if left != right && left != "" && right != "" {
		n := 0
		for n < min(len(left), len(right)) && left[n] == right[n] {
			n++
		}
		for n > 0 && (n >= len(left) || !utf8.RuneStart(left[n])) {
			n--
		}
		if n > cells-before {
			from = max(n-before, 0)
			for from > 0 && !utf8.RuneStart(left[from]) {
				from--
			}
		}
	}
	one := func(s string) string {
		cells := cells
		lead := ""
		if from > 0 {
			lead, cells = "…", cells-1
		}
		s = s[min(from, len(s)):]
		s = strings.Map(func(r rune) rune {
			if r < ' ' {
				return ' '
			}
			return r
		}, s[:min(len(s), 4*cells+4)])
		return lead + widgets.TextCut(s, float32(max(cells, 1))*widgets.Cell)
	}
	return one(left), one(right)
}

// Tapped goes to the row under the pointer.
func (t *table) Tapped(e *fyne.PointEvent) {
	if c := fyne.CurrentApp().Driver().CanvasForObject(t); c != nil {
		c.Focus(t)
	}
	if i := int((e.Position.Y - 4) / rowHeight); i >= 0 && i < len(t.rows) {
		t.at = i
		t.Refresh()
	}
}

// FocusGained does nothing: the panel has nothing else that takes keys as this does.
func (t *table) FocusGained() { t.focused = true }

// FocusLost does nothing.
func (t *table) FocusLost() { t.focused = false }

// TypedRune takes no text.
func (t *table) TypedRune(rune) {}

// TypedKey scrolls.
func (t *table) TypedKey(k *fyne.KeyEvent) {
	if t.OnKey != nil && t.OnKey(k.Name) {
		return
	}
	high, all := t.scroll.Size().Height, t.MinSize().Height
	by := map[fyne.KeyName]float32{
		fyne.KeyUp: -rowHeight, fyne.KeyDown: rowHeight, fyne.KeyPageUp: rowHeight - high, fyne.KeyPageDown: high - rowHeight,
		fyne.KeyHome: -all, fyne.KeyEnd: all,
	}[k.Name]
	if by != 0 {
		t.scroll.ScrollToOffset(fyne.NewPos(0, max(min(t.scroll.Offset.Y+by, all-high), 0)))
		t.Refresh()
	}
}

// TypedShortcut copies the row that was gone to, and hands the rest on.
func (t *table) TypedShortcut(s fyne.Shortcut) {
	if _, ok := s.(*fyne.ShortcutCopy); !ok {
		widgets.HandOn(t, s)
		return
	}
	if t.at >= 0 && t.rows[t.at].kind == plain {
		r := t.rows[t.at]
		fyne.CurrentApp().Clipboard().SetContent(strings.TrimPrefix(r.label+"\t"+r.left+"\t"+r.right, "\t"))
	}
}

var _ desktop.Cursorable = (*table)(nil)

// Cursor is the usual one.
func (t *table) Cursor() desktop.Cursor { return desktop.DefaultCursor }
