package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/theme"
)

var _ fyne.Widget = (*BodyView)(nil)

// BodyView shows a body: as JSON in colour with line numbers, as text, or as a
// hex dump. Only the lines in sight are drawn, so 10 MB cost no more than a
// page. Long lines are broken at 120 cells for the eye only; selecting with the
// mouse or Ctrl+A and copying yield the text to the byte. It changes nothing
// that it is given and never fails; text that is no JSON is shown without
// colour.
type BodyView struct {
	widget.BaseWidget

	pane   *bodyPane
	scroll *container.Scroll

	// OnEscape runs on Escape while the body has the focus.
	OnEscape func()
	// OnCopied runs after text was put on the clipboard.
	OnCopied func(bytes int)
}

// NewBodyView returns an empty view.
func NewBodyView() *BodyView {
	v := &BodyView{}
	v.pane = newBodyPane(v)
	v.scroll = container.NewScroll(v.pane)
	v.scroll.OnScrolled = func(fyne.Position) { v.pane.Refresh() }
	v.ExtendBaseWidget(v)
	return v
}

// SetJSON shows text, which FormatJSON has indented, in colour with numbered
// lines. Over some MB prefer to call FormatJSON off the main goroutine.
func (v *BodyView) SetJSON(text string) { v.show(newTextLines(text, true, true)) }

// SetText shows text as it is.
func (v *BodyView) SetText(text string) { v.show(newTextLines(text, false, false)) }

// SetHex shows a dump of b, which must not be changed while it is shown. A line has as
// many bytes as there is room for.
func (v *BodyView) SetHex(b []byte) { v.show(&hexLines{b, hexFor(v.Size().Width)}) }

// fitHex breaks a dump anew where the width asks for it.
func (v *BodyView) fitHex(width float32) {
	h, ok := v.pane.lines.(*hexLines)
	if !ok || h.per == hexFor(width) {
		return
	}
	at := v.scroll.Offset.Y * float32(h.per) / float32(hexFor(width)) // the same bytes
	v.show(&hexLines{h.data, hexFor(width)})
	v.scroll.ScrollToOffset(fyne.NewPos(0, at))
}

func (v *BodyView) show(l lines) {
	v.pane.set(l)
	v.scroll.ScrollToOffset(fyne.Position{})
	v.scroll.Refresh()
}

// SelectedText returns what is selected, or "".
func (v *BodyView) SelectedText() string { return v.pane.selectedText() }

// SelectAll selects the whole body.
func (v *BodyView) SelectAll() { v.pane.selectAll() }

// Focus is what to give the keyboard focus to.
func (v *BodyView) Focus() fyne.Focusable { return v.pane }

// scrollBy moves what is seen by dx and dy units.
func (v *BodyView) scrollBy(dx, dy float32) {
	at := v.scroll.Offset
	v.scroll.ScrollToOffset(fyne.NewPos(max(at.X+dx, 0), max(at.Y+dy, 0)))
	v.pane.Refresh()
}

// CreateRenderer is called by Fyne.
func (v *BodyView) CreateRenderer() fyne.WidgetRenderer {
	frame, ring := box(theme.Surface, 5), newRing(5)
	d := &drawing{objects: []fyne.CanvasObject{frame, v.scroll, ring}}
	d.min = func() fyne.Size { return fyne.NewSize(160, 80) }
	d.layout = func(s fyne.Size) {
		place(frame, 0, 0, s.Width, s.Height)
		place(ring, 0, 0, s.Width, s.Height)
		place(v.scroll, 2, 2, s.Width-4, s.Height-4)
		v.fitHex(s.Width)
		v.pane.Refresh()
	}
	d.refresh = func() {
		frame.FillColor, frame.StrokeColor, frame.StrokeWidth = theme.Color(theme.Surface), theme.Color(theme.Line), 1
		drawRing(ring, v.pane.focused)
		d.layout(v.Size())
	}
	d.refresh()
	return d
}
