// Package editor is a text editor for the body of a message: line numbers, JSON in quiet
// colours, the place of an error, undo, find and replace, completion. Only the lines in
// sight are drawn and an edit costs what it touches, so a text of 1 MB, in one line even,
// is typed into as one of a page.
//
// A text is held as valid UTF-8 with LF as its line break. Lines are not broken for
// display. Everything here runs on Fyne's main goroutine; finding reads the whole text
// there, some 2 ms for 1 MB. What has no window (text, model, search) is apart from what has.
package editor

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/draw"
	"gantry/gui/mono"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

const (
	lineHeight float32 = 18
	margin     float32 = 6 // above the first line and below the last
	caretWidth float32 = 2
)

var _ fyne.Widget = (*Editor)(nil)

// Span colours a part of a line, in bytes of it. Where two overlap the later one holds.
type Span struct {
	Start, End int
	Colour     theme.Token
	Underline  bool // in the same colour
}

// Editor is the widget. Give the focus to what Focus returns.
type Editor struct {
	widget.BaseWidget

	// OnChanged runs after the text changed, by the user or by a call.
	OnChanged func()
	// OnPaste sees a paste first, with LF as its line break; true: it was taken care of.
	OnPaste func(text string) bool
	// OnEscape runs on Escape where it closes nothing; nil takes the focus away.
	OnEscape func()
	// Spans colours what it finds in a line. Of a long line it is given the part in sight
	// and a little more at both sides. It runs at each drawing.
	Spans func(line string) []Span
	// Complete says what could stand at a byte of a line while one types; nothing closes
	// the list. Of a long line it is given the part around the cursor.
	Complete func(line string, column int) []Item

	m         model
	pen       *mono.Pen
	tasks     *task.Runner
	scope     *task.Scope
	page      *page
	numbers   *numbers
	find      *finder
	across    *bar
	down      *bar
	list      completion
	modifiers func() fyne.KeyModifier
	now       func() time.Time

	left, top float64 // what is scrolled away
	widest    float64 // the widest line; below 0: not known
	failed    int     // where the error is; -1: nowhere
	readOnly  bool

	drawnGutter float32
}

// New returns an empty editor. The tasks and the scope are those of its screen: while the
// pointer is held beyond an edge the text scrolls.
func New(tasks *task.Runner, scope *task.Scope) *Editor {
	e := &Editor{pen: mono.NewPen(theme.SizeText), tasks: tasks, scope: scope, failed: -1, widest: -1, modifiers: widgets.HeldKeys, now: time.Now}
	e.m = model{text: newText(e.pen, ""), want: -1, onEdit: e.edited}
	e.page, e.numbers, e.find = newPage(e), newNumbers(e), newFind(e)
	e.across, e.down = newBar(e, false), newBar(e, true)
	e.list.drop = widgets.NewSuggestions(e.page)
	e.list.drop.TabTakes = true
	e.ExtendBaseWidget(e)
	return e
}

// Focus is what to give the keyboard focus to.
func (e *Editor) Focus() fyne.Focusable { return e.page }

// Text is the whole text. It is put together once for each change.
func (e *Editor) Text() string { return e.m.string() }

// Len is its length in bytes.
func (e *Editor) Len() int { return e.m.size }

// SetText takes another text. What was typed before cannot be undone.
func (e *Editor) SetText(s string) {
	same := e.m.size == len(s) && e.m.string() == s
	e.failed, e.left, e.top = -1, 0, 0
	e.m.begin(strings.ToValidUTF8(s, "\uFFFD"))
	e.refresh()
	if !same && e.OnChanged != nil {
		e.OnChanged()
	}
}

// Replace takes another text as an edit, which can be undone. The cursor stays before the
// same character, white space not counted.
func (e *Editor) Replace(s string) {
	if s = strings.ToValidUTF8(s, "\uFFFD"); s != e.m.string() {
		e.edit(func() { e.m.become(s) })
	}
}

// Insert puts a text in the place of the selection, as if pasted.
func (e *Editor) Insert(s string) {
	e.edit(func() { e.m.settle(); e.m.insert(strings.ToValidUTF8(s, "\uFFFD"), other); e.m.settle() })
}

// Selected is the selected text, or "".
func (e *Editor) Selected() string { return e.m.slice(e.m.selection()) }

// Selection returns the two ends of the selection, in bytes; without one both are where
// the cursor is.
func (e *Editor) Selection() (from, to int) { return e.m.selection() }

// Select selects what lies between two places, in bytes; the cursor is at the second.
func (e *Editor) Select(from, to int) {
	e.m.move(e.inside(from), false)
	e.m.move(e.inside(to), true)
	e.reveal()
}

// inside is the nearest place of the text at or before a byte.
func (e *Editor) inside(at int) int {
	at = min(max(at, 0), e.m.size)
	return e.m.align(at)
}

// CursorPlace is where the cursor is: line and column from 1, the column in characters.
func (e *Editor) CursorPlace() (line, column int) { return e.m.place(e.m.head) }

// GoTo puts the cursor to a place as CursorPlace tells it, or the nearest.
func (e *Editor) GoTo(line, column int) {
	e.m.move(e.m.at(line, column), false)
	e.centre()
}

// SetError marks the line of an error and underlines its place, both from 1, the column in
// characters; line 0 takes the mark away. It moves along when text is typed before it.
func (e *Editor) SetError(line, column int) {
	at := -1
	if line > 0 {
		at = e.m.at(line, column)
	}
	if at != e.failed {
		e.failed = at
		e.refresh()
	}
}

// SetReadOnly says that the text cannot be changed by the user, but selected and copied.
func (e *Editor) SetReadOnly(on bool) {
	e.readOnly = on
	e.find.layout()
	e.Refresh()
}

// edit runs what changes the text, unless it may not be.
func (e *Editor) edit(change func()) {
	if e.readOnly {
		return
	}
	before := e.m.changes
	change()
	e.reveal()
	if e.m.changes != before && e.OnChanged != nil {
		e.OnChanged()
	}
}

// edited follows a change of the text.
func (e *Editor) edited(from, to, n int) {
	e.widest = -1
	switch {
	case e.failed >= to:
		e.failed += n - (to - from)
	case e.failed > from:
		e.failed = from
	}
	if e.failed > e.m.size {
		e.failed = -1
	}
	e.find.outdate()
}

// gutter is the room for line numbers.
func (e *Editor) gutter() float32 {
	digits := 3
	for n := e.m.lines(); n >= 1000; n /= 10 {
		digits++
	}
	return float32(digits)*float32(e.pen.Cell()) + 20
}

// width is that of the widest line.
func (e *Editor) width() float64 {
	if e.widest < 0 {
		e.widest = e.m.longest()
	}
	return e.widest
}

// extent is how large all of the text is, and how much of it is in sight.
func (e *Editor) extent() (all, seen [2]float64) {
	s := e.page.Size()
	all = [2]float64{e.width() + 3*e.pen.Cell(), float64(lineHeight)*float64(e.m.lines()) + 2*float64(margin)}
	seen = [2]float64{float64(s.Width), float64(s.Height)}
	if all[0] > seen[0] {
		all[1] += float64(barThin) // the bar is to lie below the last line
	}
	return all, seen
}

// scrollTo shows another part of the text.
func (e *Editor) scrollTo(left, top float64) {
	e.left, e.top = e.clamp(left, top)
	e.refresh()
}

// clamp is the nearest that can be scrolled away.
func (e *Editor) clamp(left, top float64) (float64, float64) {
	all, seen := e.extent()
	return max(min(left, all[0]-seen[0]), 0), max(min(top, all[1]-seen[1]), 0)
}

// reveal scrolls as little as shows the cursor, and draws.
func (e *Editor) reveal() {
	line, start := e.m.lineOf(e.m.head)
	x, y := e.m.x(start, e.m.head), float64(lineHeight)*float64(line)+float64(margin)
	_, seen := e.extent()
	left, top := e.left, e.top
	if room := 3 * e.pen.Cell(); x < left {
		left = x - room
	} else if x > left+seen[0]-room && seen[0] > 0 {
		left = x - seen[0] + room
	}
	if y < top+float64(margin) {
		top = y - float64(margin)
	} else if under := y + float64(lineHeight+margin); under > top+seen[1] && seen[1] > 0 {
		top = under - seen[1]
	}
	e.scrollTo(left, top)
}

// centre shows the cursor with what is round it, unless it is in sight.
func (e *Editor) centre() {
	line, start := e.m.lineOf(e.m.head)
	x, y := e.m.x(start, e.m.head)-e.left, float64(lineHeight)*float64(line)+float64(margin)-e.top
	_, seen := e.extent()
	if y < 0 || y+float64(lineHeight) > seen[1] {
		e.top += y - seen[1]/3
	}
	if x < 0 || x > seen[0] {
		e.left += x - seen[0]/2
	}
	e.reveal()
}

// refresh draws the text anew; the rest only where the margin has become another.
func (e *Editor) refresh() {
	e.find.update()
	if g := e.gutter(); g != e.drawnGutter {
		e.drawnGutter = g
		e.Refresh()
		return
	}
	e.page.Refresh()
	e.numbers.Refresh()
	e.across.Refresh()
	e.down.Refresh()
}

// Held is what must stay in sight of it: the fields and buttons that find and replace. Its
// text and its scroll bars may be behind something for a moment.
func (e *Editor) Held() []fyne.CanvasObject { return []fyne.CanvasObject{e.find.content} }

// CreateRenderer is called by Fyne.
func (e *Editor) CreateRenderer() fyne.WidgetRenderer {
	frame, ring, rule := draw.Box(theme.Surface, 5), draw.Ring(5), draw.Box(theme.Line, 0)
	side, text := container.NewClip(e.numbers), container.NewClip(e.page)
	side.ExtendBaseWidget(side) // or it would not lay out what it holds
	text.ExtendBaseWidget(text)
	d := &draw.Renderer{Parts: []fyne.CanvasObject{frame, e.find.content, rule, side, text, e.across, e.down, ring}}
	d.Least = func() fyne.Size { return fyne.NewSize(96, 76) }
	d.Place = func(s fyne.Size) {
		draw.Place(frame, 0, 0, s.Width, s.Height)
		draw.Place(ring, 0, 0, s.Width, s.Height)
		y := e.find.height()
		draw.Place(e.find.content, 2, 2, s.Width-4, max(y-3, 0))
		draw.Place(rule, 1, y-1, s.Width-2, 1)
		w, h := e.gutter(), max(s.Height-y-2, 0)
		y = max(y, 1)
		draw.Place(side, 1, y, w-1, h)
		draw.Place(text, w, y, max(s.Width-w-2, 0), h)
		e.left, e.top = e.clamp(e.left, e.top)
		draw.Place(e.across, w, s.Height-barRoom-1, max(s.Width-w-barRoom, 0), barRoom)
		draw.Place(e.down, s.Width-barRoom-1, y, barRoom, h)
	}
	d.Paint = func() {
		frame.FillColor, frame.StrokeColor, frame.StrokeWidth = theme.Color(theme.Surface), theme.Color(theme.Field), 1
		rule.FillColor = theme.Color(theme.Line)
		draw.Show(e.find.content, e.find.height() > 0)
		draw.Show(rule, e.find.height() > 0)
		draw.PaintRing(ring, e.page.focused)
		d.Place(e.Size())
	}
	d.Paint()
	return d
}
