// Package bodyview shows the body of a message as coloured JSON, text or hex, to be
// selected and copied to the byte, and holds the pure text functions for it: JSON is
// indented without altering it, and cut into pieces for colours.
//
// The view is used on Fyne's main goroutine only. The functions may be called from
// anywhere; over some 64 KB call them beside the main goroutine.
package bodyview

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/draw"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

var _ fyne.Widget = (*View)(nil)

// View shows a body: as JSON in colour with line numbers, as text, or as a
// hex dump. Only the lines in sight are drawn, so 10 MB cost no more than a
// page. Long lines are broken where the view ends, for the eye only, or not at all
// where the user chose so; selecting with the mouse or Ctrl+A and copying yield the text to the byte. It changes nothing
// that it is given and never fails; text that is no JSON is shown without
// colour.
type View struct {
	widget.BaseWidget

	pane   *bodyPane
	scroll *container.Scroll
	find   *finder
	long   bool // lines are not broken

	// OnEscape runs on Escape while the body has the focus.
	OnEscape func()
	// OnCopied runs after text was put on the clipboard.
	OnCopied func(bytes int)
	// OnPath runs when another line of JSON is looked at: path is that of the line, as a
	// filter has it, "" for none.
	OnPath func(path string)
	// OnFilter adds a term to a filter, or, with without, what must not fit; nil: there is
	// none.
	OnFilter func(term string, without bool)
}

// New returns an empty view.
func New() *View {
	v := &View{}
	v.pane = newBodyPane(v)
	v.find = newFinder(v)
	v.scroll = container.NewScroll(v.pane)
	v.scroll.OnScrolled = func(fyne.Position) { v.pane.Refresh() }
	v.ExtendBaseWidget(v)
	return v
}

// SetJSON shows JSON in colour, with numbered lines and what folds.
func (v *View) SetJSON(j *JSON) {
	v.show(newTextLines(j.text, v.cells(len(j.text), bodyMargin), j))
	v.fitText() // beside the numbers
}

// SetText shows text as it is.
func (v *View) SetText(text string) {
	v.show(newTextLines(text, v.cells(len(text), bodyMargin), nil))
}

// SetHex shows a dump of b, which must not be changed while it is shown. A line has as
// many bytes as there is room for.
func (v *View) SetHex(b []byte) { v.show(&hexLines{b, hexFor(v.Size().Width)}) }

// cells is how many fit into a line of a text so long, beside a gutter.
func (v *View) cells(size int, gutter float32) int {
	if v.long {
		return mostCells
	}
	n := int((v.Size().Width - 4 - gutter - bodyMargin) / widgets.Cell)
	if size > stepLimit {
		n -= n % cellStep
	}
	return min(max(n, leastCells), mostCells)
}

// fitText breaks a text anew where the width asks for it.
func (v *View) fitText() {
	t, ok := v.pane.lines.(*textLines)
	if !ok {
		return
	}
	cells := v.cells(len(t.all), v.pane.gutter())
	if cells == t.cells {
		return
	}
	v.again(t, cells)
}

// again breaks a text anew. What is seen first and what is selected stay so.
func (v *View) again(t *textLines, cells int) {
	p, at := v.pane, v.scroll.Offset
	top := t.offset(spot{line: min(max(int((at.Y-6)/lineHeight), 0), t.count()-1)})
	anchor, head := t.offset(p.anchor), t.offset(p.head)
	t.wrap(cells)
	p.anchor, p.head = t.spotOf(anchor), t.spotOf(head)
	p.measure()
	y := float32(0)
	if line := t.spotOf(top).line; at.Y > 0 && line > 0 {
		y = 6 + float32(line)*lineHeight
	}
	v.scroll.Refresh()
	v.scroll.ScrollToOffset(fyne.NewPos(0, y))
}

// SetLong says that lines are not broken at the view's end, or are again.
func (v *View) SetLong(long bool) {
	v.long = long
	v.fitText()
	v.pane.Refresh()
}

// fitHex breaks a dump anew where the width asks for it.
func (v *View) fitHex(width float32) {
	h, ok := v.pane.lines.(*hexLines)
	if !ok || h.per == hexFor(width) {
		return
	}
	at := v.scroll.Offset.Y * float32(h.per) / float32(hexFor(width)) // the same bytes
	v.pane.set(&hexLines{h.data, hexFor(width)})
	v.scroll.Refresh()
	v.scroll.ScrollToOffset(fyne.NewPos(0, at))
}

func (v *View) show(l lines) {
	v.pane.set(l)
	v.pane.look()
	v.scroll.ScrollToOffset(fyne.Position{})
	v.scroll.Refresh()
	v.find.changed()
}

// SelectedText returns what is selected, or "".
func (v *View) SelectedText() string { return v.pane.selectedText() }

// SelectAll selects the whole body.
func (v *View) SelectAll() { v.pane.selectAll() }

// Focus is what to give the keyboard focus to.
func (v *View) Focus() fyne.Focusable { return v.pane }

// scrollBy moves what is seen by dx and dy units.
func (v *View) scrollBy(dx, dy float32) {
	at := v.scroll.Offset
	v.scroll.ScrollToOffset(fyne.NewPos(max(at.X+dx, 0), max(at.Y+dy, 0)))
	v.pane.Refresh()
}

// CreateRenderer is called by Fyne.
func (v *View) CreateRenderer() fyne.WidgetRenderer {
	frame, ring, rule := draw.Box(theme.Surface, 5), draw.Ring(5), draw.Box(theme.Line, 0)
	d := &draw.Renderer{Parts: []fyne.CanvasObject{frame, v.find.content, rule, v.scroll, ring}}
	d.Least = func() fyne.Size { return fyne.NewSize(160, 80) }
	d.Place = func(s fyne.Size) {
		draw.Place(frame, 0, 0, s.Width, s.Height)
		draw.Place(ring, 0, 0, s.Width, s.Height)
		y := v.find.height()
		draw.Place(v.find.content, 2, 2, s.Width-4, max(y-3, 0))
		draw.Place(rule, 1, y-1, s.Width-2, 1)
		draw.Show(rule, y > 0)
		draw.Place(v.scroll, 2, 2+y, s.Width-4, s.Height-4-y)
		v.fitHex(s.Width)
		v.fitText()
		v.pane.Refresh()
	}
	d.Paint = func() {
		frame.FillColor, frame.StrokeColor, frame.StrokeWidth = theme.Color(theme.Surface), theme.Color(theme.Line), 1
		rule.FillColor = theme.Color(theme.Line)
		draw.PaintRing(ring, v.pane.focused)
		d.Place(v.Size())
	}
	d.Paint()
	return d
}
