package editor

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/task"
)

// dragTick is how often a text scrolls while the pointer is held beyond its edge.
const dragTick = 50 * time.Millisecond

// mouse is what is known of the pointer.
type mouse struct {
	clicks  int       // on one place, shortly one after another
	at      time.Time // of the last
	from    int       // the place that it was on
	pointer fyne.Position
	ticker  *task.Ticker // runs while it drags beyond an edge
}

// spotAt is the place nearest to a position.
func (p *page) spotAt(pos fyne.Position) int {
	e := p.e
	line := int((float64(pos.Y) + e.top - float64(margin)) / float64(lineHeight))
	start := e.m.lineStart(min(max(line, 0), e.m.breaks))
	return e.m.near(start, float64(pos.X)+e.left)
}

// MouseDown puts the cursor, or extends the selection under Shift; the second time it
// selects a word, the third time a line.
func (p *page) MouseDown(ev *desktop.MouseEvent) {
	e, at := p.e, p.spotAt(ev.Position)
	if c := fyne.CurrentApp().Driver().CanvasForObject(p); c != nil {
		c.Focus(p)
	}
	from, to := e.m.selection()
	if ev.Button != desktop.MouseButtonPrimary {
		if at < from || at > to || from == to { // a menu is for what is selected
			e.m.move(at, false)
			e.refresh()
		}
		return
	}
	now := e.now()
	if p.mouse.from != at || now.Sub(p.mouse.at) > fyne.CurrentApp().Driver().DoubleTapDelay() {
		p.mouse.clicks = 0
	}
	p.mouse.from, p.mouse.at = at, now
	switch p.mouse.clicks++; {
	case ev.Modifier&fyne.KeyModifierShift != 0:
		e.m.move(at, true)
	case p.mouse.clicks == 2:
		e.m.selectWord(at)
	case p.mouse.clicks == 3:
		e.m.selectLine(at)
		p.mouse.clicks = 0
	default:
		e.m.move(at, false)
	}
	e.refresh()
}

// MouseUp ends nothing: the selection stays.
func (p *page) MouseUp(*desktop.MouseEvent) {}

// Dragged moves the end of the selection, and scrolls for as long as the pointer is held
// beyond an edge.
func (p *page) Dragged(ev *fyne.DragEvent) {
	p.mouse.pointer, p.mouse.clicks = ev.Position, 0
	size := p.Size()
	outside := ev.Position.Y < 0 || ev.Position.Y > size.Height || ev.Position.X < 0 || ev.Position.X > size.Width
	switch {
	case !outside:
		p.endTicker()
	case p.mouse.ticker == nil && p.e.tasks != nil:
		p.mouse.ticker = p.e.tasks.Every(p.e.scope, dragTick, p.follow)
	}
	p.follow()
}

// follow extends the selection to where the pointer is, and shows that.
func (p *page) follow() {
	p.e.m.move(p.spotAt(p.mouse.pointer), true)
	p.e.reveal()
}

// DragEnd ends the scrolling.
func (p *page) DragEnd() { p.endTicker() }

func (p *page) endTicker() {
	if p.mouse.ticker != nil {
		p.mouse.ticker.Stop()
		p.mouse.ticker = nil
	}
}

// Scrolled follows the wheel.
func (p *page) Scrolled(ev *fyne.ScrollEvent) {
	p.e.list.drop.Close()
	p.e.scrollTo(p.e.left-float64(ev.Scrolled.DX), p.e.top-float64(ev.Scrolled.DY))
}

// TappedSecondary offers what can be done with the selection.
func (p *page) TappedSecondary(ev *fyne.PointEvent) {
	e := p.e
	c := fyne.CurrentApp().Driver().CanvasForObject(p)
	item := func(label string, do func(), can bool) *fyne.MenuItem {
		i := fyne.NewMenuItem(label, do)
		i.Disabled = !can
		return i
	}
	selected := e.m.anchor != e.m.head
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("",
		item(lang.L("Cut"), e.cut, selected && !e.readOnly),
		item(lang.L("Copy"), e.copy, selected),
		item(lang.L("Paste"), func() { e.paste(fyne.CurrentApp().Clipboard().Content()) }, !e.readOnly),
		item(lang.L("Select all"), e.selectAll, e.m.size > 0),
	), c, ev.AbsolutePosition)
}
