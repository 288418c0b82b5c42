package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

var _ fyne.Widget = (*Dot)(nil)

// DotState is what a dot says. A word beside it says the same.
type DotState uint8

// The states: a ring, a green, an amber and a red dot, and a hollow accent one.
const (
	DotOff DotState = iota
	DotOn
	DotWarn
	DotError
	DotBusy
	DotNone // none, in a row of cells
)

// Dot is 8 x 8.
type Dot struct {
	tipped

	state DotState
}

// NewDot returns a dot.
func NewDot(state DotState) *Dot {
	d := &Dot{state: state}
	d.ExtendBaseWidget(d)
	return d
}

// State returns what it says.
func (d *Dot) State() DotState { return d.state }

// Set changes what it says.
func (d *Dot) Set(state DotState) {
	if d.state != state {
		d.state = state
		d.Refresh()
	}
}

// drawDot colours a circle for a state.
func drawDot(c *canvas.Circle, state DotState) {
	token := [...]theme.Token{DotOff: theme.Muted, DotOn: theme.OK, DotWarn: theme.Warn, DotError: theme.Err, DotBusy: theme.Accent, DotNone: theme.None}[state]
	c.FillColor, c.StrokeColor, c.StrokeWidth = theme.Color(token), theme.Color(theme.None), 0
	if state == DotOff || state == DotBusy {
		c.FillColor, c.StrokeColor, c.StrokeWidth = theme.Color(theme.None), theme.Color(token), 2
	}
}

// CreateRenderer is called by Fyne.
func (d *Dot) CreateRenderer() fyne.WidgetRenderer {
	circle := canvas.NewCircle(theme.Color(theme.OK))
	r := &draw.Renderer{Parts: []fyne.CanvasObject{circle}}
	r.Least = func() fyne.Size { return fyne.NewSquareSize(8) }
	r.Place = func(s fyne.Size) { draw.Place(circle, (s.Width-8)/2, (s.Height-8)/2, 8, 8) }
	r.Paint = func() { drawDot(circle, d.state) }
	r.Paint()
	return r
}
