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
		placeBars(bars, s.values[:], 0, (size.Height+16)/2, 16)
	}
	d.Paint = func() {
		paintBars(bars, theme.Accent)
		d.Place(s.Size())
	}
	d.Paint()
	return d
}

// barStep is from one bar to the next: 2 px and a gap.
const barStep float32 = 3

// placeBars puts a bar for each value beside the one before, scaled to the largest of them
// and at least 1 high; none for what is not above zero.
func placeBars(bars []*canvas.Rectangle, values []float64, x, bottom, height float32) {
	top := 0.0
	for _, v := range values {
		top = max(top, v)
	}
	for i, b := range bars {
		shown := i < len(values) && values[i] > 0
		draw.Show(b, shown)
		if shown {
			h := max(1, float32(values[i]/top)*height)
			draw.Place(b, x+barStep*float32(i), bottom-h, barStep-1, h)
		}
	}
}

// paintBars gives bars a colour that does not shout.
func paintBars(bars []*canvas.Rectangle, t theme.Token) {
	c := t.In(theme.IsDark())
	c.A = 178
	for _, b := range bars {
		b.FillColor = c
	}
}
