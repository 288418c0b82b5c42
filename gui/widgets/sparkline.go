package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

// sparkBars is how many bars a Sparkline has, one a second.
const sparkBars = 30

var _ fyne.Widget = (*Sparkline)(nil)

// Sparkline is 90 x 16: thirty bars of 2 px, the newest at the right, scaled to
// the largest of them.
type Sparkline struct {
	tipped

	values [sparkBars]float64
}

// NewSparkline returns one without bars.
func NewSparkline() *Sparkline {
	s := &Sparkline{}
	s.ExtendBaseWidget(s)
	return s
}

// Set shows the last thirty of values, oldest first.
func (s *Sparkline) Set(values []float64) {
	if len(values) > sparkBars {
		values = values[len(values)-sparkBars:]
	}
	var now [sparkBars]float64
	copy(now[sparkBars-len(values):], values)
	if now != s.values {
		s.values = now
		s.Refresh()
	}
}

// CreateRenderer is called by Fyne.
func (s *Sparkline) CreateRenderer() fyne.WidgetRenderer {
	bars := make([]*canvas.Rectangle, sparkBars)
	objects := make([]fyne.CanvasObject, sparkBars)
	for i := range bars {
		bars[i] = draw.Box(theme.Accent, 0)
		objects[i] = bars[i]
	}
	d := &draw.Renderer{Parts: objects}
	d.Least = func() fyne.Size { return fyne.NewSize(3*sparkBars, 16) }
	d.Place = func(size fyne.Size) {
		top := 0.0
		for _, v := range s.values {
			top = max(top, v)
		}
		y := (size.Height + 16) / 2
		for i, v := range s.values {
			h := float32(0)
			if v > 0 {
				h = max(1, float32(v/top)*16)
			}
			draw.Place(bars[i], float32(3*i), y-h, 2, h)
		}
	}
	d.Paint = func() {
		c := theme.Accent.In(theme.IsDark())
		c.A = 178
		for i, b := range bars {
			b.FillColor = c
			draw.Show(b, s.values[i] > 0)
		}
		d.Place(s.Size())
	}
	d.Paint()
	return d
}
