package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

var (
	_ fyne.Widget      = (*Button)(nil)
	_ fyne.Focusable   = (*Button)(nil)
	_ fyne.Disableable = (*Button)(nil)
)

// ButtonKind is how loud a button is. A view has one Primary at most.
type ButtonKind uint8

// The kinds. Quiet has no fill and a regular label; Danger is the red of
// production.
const (
	Normal ButtonKind = iota
	Primary
	Quiet
	Danger
)

// Button is a labelled button, 30 high.
type Button struct {
	touch

	label string
	icon  fyne.Resource
	kind  ButtonKind
	big   bool

	// OnTapped runs on a tap, Space or Enter; nil does nothing.
	OnTapped func()
}

// NewButton returns a button; icon may be nil.
func NewButton(label string, icon fyne.Resource, kind ButtonKind, tapped func()) *Button {
	b := &Button{label: label, icon: icon, kind: kind, OnTapped: tapped}
	b.act = func() {
		if b.OnTapped != nil {
			b.OnTapped()
		}
	}
	b.ExtendBaseWidget(b)
	return b
}

// Big makes it 34 high and at least 124 wide, for Send, and returns it.
func (b *Button) Big() *Button {
	b.big = true
	b.Refresh()
	return b
}

// Text returns the label.
func (b *Button) Text() string { return b.label }

// SetText changes the label.
func (b *Button) SetText(label string) {
	if b.label != label {
		b.label = label
		b.Refresh()
	}
}

// SetIcon changes the icon; nil takes it away.
func (b *Button) SetIcon(icon fyne.Resource) { b.icon = icon; b.Refresh() }

// SetKind changes how loud it is.
func (b *Button) SetKind(kind ButtonKind) {
	if b.kind != kind {
		b.kind = kind
		b.Refresh()
	}
}

// colors returns fill and label colour for the state.
func (b *Button) colors() (fill, label theme.Token) {
	fill, label = theme.Button, theme.Text
	switch b.kind {
	case Primary:
		fill, label = theme.Accent, theme.OnAccent
	case Danger:
		fill, label = theme.Band, theme.OnBand
	case Quiet:
		fill = theme.None
	}
	if b.disabled {
		label = theme.Disabled
		if b.kind != Quiet {
			fill = theme.Button
		}
	}
	return fill, label
}

func (b *Button) style() fyne.TextStyle { return draw.Weight(b.kind != Quiet) }

func (b *Button) minSize() fyne.Size {
	w := draw.Width(b.label, theme.SizeText, b.style()) + 20
	if b.icon != nil {
		w += iconSize
		if b.label != "" {
			w += 6
		}
	}
	if b.icon == nil && b.kind != Quiet {
		w = max(w, 88) // a short word alone makes a button that is hard to hit
	}
	if b.big {
		return fyne.NewSize(max(w+8, 124), 34)
	}
	return fyne.NewSize(w, ControlHeight)
}

// CreateRenderer is called by Fyne.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	fill, hover, ring := draw.Box(theme.Button, 5), draw.Box(theme.None, 5), draw.Ring(5)
	label := draw.Text("", theme.SizeText, theme.Text, draw.Bold())
	img := canvas.NewImageFromResource(nil)
	d := &draw.Renderer{Parts: []fyne.CanvasObject{fill, hover, img, label, ring}, Least: b.minSize}
	d.Place = func(s fyne.Size) {
		for _, o := range []fyne.CanvasObject{fill, hover, ring} {
			draw.Place(o, 0, 0, s.Width, s.Height)
		}
		w := draw.Width(b.label, theme.SizeText, b.style())
		content := w
		if b.icon != nil {
			content += iconSize + 6
		}
		x := (s.Width - content) / 2
		if b.icon != nil {
			draw.Place(img, x, (s.Height-iconSize)/2, iconSize, iconSize)
			x += iconSize + 6
		}
		draw.Place(label, x, 0, w, s.Height)
	}
	d.Paint = func() {
		f, l := b.colors()
		fill.FillColor = theme.Color(f)
		hover.FillColor = hoverColor(b.hovered && !b.disabled, b.kind == Primary || b.kind == Danger)
		label.Text, label.TextStyle, label.Color = b.label, b.style(), theme.Color(l)
		draw.Icon(img, b.icon, l)
		draw.PaintRing(ring, b.focused)
		if b.focused && (b.kind == Primary || b.kind == Danger) {
			ring.StrokeColor = theme.Color(theme.Text) // accent on accent is invisible
		}
		d.Place(b.Size())
	}
	d.Paint()
	return d
}
