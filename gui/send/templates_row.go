package send

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/draw"
	"gantry/gui/problem"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

var (
	_ fyne.Widget            = (*templateLine)(nil)
	_ fyne.Tappable          = (*templateLine)(nil)
	_ fyne.SecondaryTappable = (*templateLine)(nil)
)

// templateLine draws a row: the head of a folder in quiet words, or a template's name,
// topic and tag. A press selects it, a second one fills it in.
type templateLine struct {
	widget.BaseWidget
	p       *templates
	i       int
	pressed time.Time // last
	ref     templateRow
}

func newTemplateLine(p *templates) *templateLine {
	w := &templateLine{p: p, i: -1}
	w.ExtendBaseWidget(w)
	return w
}

func (w *templateLine) set(i int) {
	if i < 0 || i >= len(w.p.rows) {
		return
	}
	if w.i, w.ref = i, w.p.rows[i]; w.ref.entry == nil {
		w.pressed = time.Time{}
	}
	w.Refresh()
}

// Tapped selects the template, or fills it in where it was pressed just before.
func (w *templateLine) Tapped(*fyne.PointEvent) {
	if w.ref.entry == nil {
		return
	}
	w.p.s.p.Window.Canvas().Focus(w.p.list)
	again := w.p.selected == w.ref.entry.Ref && time.Since(w.pressed) < fyne.CurrentApp().Driver().DoubleTapDelay()
	w.pressed = time.Now()
	w.p.list.Select(w.i)
	w.p.choose(w.i)
	if again {
		w.pressed = time.Time{}
		w.p.useSelected()
	}
}

// TappedSecondary offers what can be done.
func (w *templateLine) TappedSecondary(e *fyne.PointEvent) {
	if w.ref.entry != nil {
		w.p.choose(w.i)
		w.p.menuAt(e.AbsolutePosition)
	}
}

// cells are the texts of a row of a width.
func (w *templateLine) cells(width float32) []cell {
	e := w.ref.entry
	switch {
	case e == nil && w.ref.wrong:
		return []cell{{text: w.ref.head, token: theme.Warn, x: edge, w: width - 2*edge}}
	case e == nil:
		return []cell{{text: w.ref.head, token: theme.Muted, x: edge, w: width - 2*edge}}
	}
	left := edge + 12
	if w.p.field.Text != "" {
		left = edge
	}
	name := (width - left - edge) * 0.44
	out := []cell{{text: e.Name(), token: theme.Text, x: left, w: name - gap}}
	if e.Err != nil {
		out[0].token = theme.Muted
		return append(out, cell{text: problem.Explain(e.Err).What, token: theme.Err, x: left + name, w: width - edge - left - name})
	}
	rest := width - edge - left - name
	topic := rest * 0.64
	if w.ref.folder != "" { // which says more than the tag
		return append(out, cell{text: w.ref.folder, token: theme.Muted, x: left + name + topic, w: rest - topic, right: true},
			cell{text: e.Form.Topic, token: theme.Muted, mono: true, x: left + name, w: topic - gap})
	}
	return append(out, cell{text: e.Form.Topic, token: theme.Muted, mono: true, x: left + name, w: topic - gap},
		cell{text: e.Form.Tag, token: theme.Muted, mono: true, x: left + name + topic, w: rest - topic, right: true})
}

// CreateRenderer is called by Fyne.
func (w *templateLine) CreateRenderer() fyne.WidgetRenderer {
	var texts [3]*canvas.Text
	d := &draw.Renderer{Least: draw.Fixed(160, 24)}
	for i := range texts {
		texts[i] = draw.Text("", theme.SizeCaption, theme.Text, draw.Regular())
		d.Parts = append(d.Parts, texts[i])
	}
	d.Place = func(s fyne.Size) {
		cells := w.cells(s.Width)
		for i, t := range texts {
			if draw.Show(t, i < len(cells)); i < len(cells) {
				w.place(t, cells[i], i == 0, s.Height)
			}
		}
	}
	d.Paint = func() { d.Place(w.Size()) }
	d.Paint()
	return d
}

// place puts a text into its cell, cut where it has no room.
func (w *templateLine) place(t *canvas.Text, c cell, name bool, height float32) {
	style := fyne.TextStyle{Monospace: c.mono}
	t.TextSize = theme.SizeCaption
	if name && w.ref.entry != nil {
		t.TextSize = theme.SizeText
		style.Bold = w.p.s.using.is(w.ref.entry.Ref)
	}
	size := t.TextSize
	t.TextStyle, t.Color, t.Alignment = style, theme.Color(c.token), fyne.TextAlignLeading
	if c.right {
		t.Alignment = fyne.TextAlignTrailing
	}
	t.Text = widgets.CutEnd(c.text, c.w, func(x string) float32 { return draw.Width(x, size, style) })
	draw.Place(t, c.x, 0, max(c.w, 0), height)
}
