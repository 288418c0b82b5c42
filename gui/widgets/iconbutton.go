package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

var (
	_ fyne.Widget    = (*IconButton)(nil)
	_ fyne.Focusable = (*IconButton)(nil)
)

// IconButton is an icon of 16 in a button of 28 x 28.
type IconButton struct {
	touch

	icon fyne.Resource
	tint theme.Token
	name string // what it does, where no tooltip says so
}

// NewIconButton returns a button whose tooltip is tip: name the action and its
// shortcut there, as "Edit connection (Ctrl+E)".
func NewIconButton(icon fyne.Resource, tip string, tapped func()) *IconButton {
	b := &IconButton{icon: icon, tint: theme.Muted}
	b.act = tapped
	b.SetToolTip(tip)
	b.ExtendBaseWidget(b)
	return b
}

// Untipped takes the tooltip away, for a pop-up, where nothing can show it; a screen reader
// still says what the button does.
func (b *IconButton) Untipped() *IconButton {
	b.name = b.ToolTip()
	b.SetToolTip("")
	return b
}

// SetIcon changes the icon.
func (b *IconButton) SetIcon(icon fyne.Resource) { b.icon = icon; b.Refresh() }

// SetTint changes the icon's colour, which is Muted at first.
func (b *IconButton) SetTint(t theme.Token) { b.tint = t; b.Refresh() }

// SetOnTapped changes the action.
func (b *IconButton) SetOnTapped(f func()) { b.act = f }

// CreateRenderer is called by Fyne.
func (b *IconButton) CreateRenderer() fyne.WidgetRenderer {
	hover, ring := draw.Box(theme.None, 5), draw.Ring(5)
	img := canvas.NewImageFromResource(nil)
	d := &draw.Renderer{Parts: []fyne.CanvasObject{hover, img, ring}}
	d.Least = func() fyne.Size { return fyne.NewSquareSize(28) }
	d.Place = func(s fyne.Size) {
		draw.Place(hover, 0, 0, s.Width, s.Height)
		draw.Place(ring, 0, 0, s.Width, s.Height)
		draw.Place(img, (s.Width-iconSize)/2, (s.Height-iconSize)/2, iconSize, iconSize)
	}
	d.Paint = func() {
		hover.FillColor = hoverColor(b.hovered && !b.disabled, false)
		tint := b.tint
		if b.disabled {
			tint = theme.Disabled
		}
		draw.Icon(img, b.icon, tint)
		draw.PaintRing(ring, b.focused)
	}
	d.Paint()
	return d
}
