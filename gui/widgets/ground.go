package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

var _ fyne.Widget = (*Ground)(nil)

// Ground is a filled area in a token's colour, to stack below a pane, or a line
// between two. Unlike a canvas.Rectangle it follows a theme switch.
type Ground struct {
	widget.BaseWidget

	token theme.Token
	min   fyne.Size
	round float32
	line  bool // below words that must stay in sight
}

// NewGround returns an area that asks for no room.
func NewGround(t theme.Token) *Ground {
	g := &Ground{token: t}
	g.ExtendBaseWidget(g)
	return g
}

// NewRule returns a line of 1 px: as wide, or as high, as its layout makes it.
func NewRule() *Ground {
	g := NewGround(theme.Line)
	g.min = fyne.NewSquareSize(1)
	return g
}

// SetMin sets the least size, for bands and stripes, and returns it.
func (g *Ground) SetMin(w, h float32) *Ground { g.min = fyne.NewSize(w, h); g.Refresh(); return g }

// SetRadius rounds the corners and returns it.
func (g *Ground) SetRadius(r float32) *Ground { g.round = r; g.Refresh(); return g }

// StatusLine marks the ground of a status line, which no toast hides, and returns it.
func (g *Ground) StatusLine() *Ground { g.line = true; return g }

// Unhidden reports whether it was marked.
func (g *Ground) Unhidden() bool { return g.line }

// Set changes the colour.
func (g *Ground) Set(t theme.Token) {
	if g.token != t {
		g.token = t
		g.Refresh()
	}
}

// CreateRenderer is called by Fyne.
func (g *Ground) CreateRenderer() fyne.WidgetRenderer {
	fill := draw.Box(g.token, g.round)
	d := &draw.Renderer{Parts: []fyne.CanvasObject{fill}}
	d.Least = func() fyne.Size { return g.min }
	d.Place = func(s fyne.Size) { draw.Place(fill, 0, 0, s.Width, s.Height) }
	d.Paint = func() { fill.FillColor, fill.CornerRadius = theme.Color(g.token), g.round }
	return d
}
