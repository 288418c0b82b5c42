package widgets

import (
	"fyne.io/fyne/v2"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

var _ fyne.Widget = (*Meter)(nil)

// Meter is a thin bar: how much of a whole. At zero it shows no bar, above zero
// 2 px at least.
type Meter struct {
	tipped

	fraction float32
	token    theme.Token
	wide     float32
	high     float32
	track    bool
}

// NewMeter returns a meter of at least wide x high units with a track below the
// bar.
func NewMeter(wide, high float32) *Meter {
	m := &Meter{token: theme.Accent, wide: wide, high: high, track: true}
	m.ExtendBaseWidget(m)
	return m
}

// HideTrack takes the track away, for bars in a list.
func (m *Meter) HideTrack() *Meter { m.track = false; m.Refresh(); return m }

// Set changes the part, 0 to 1 (cut to that), and the bar's colour.
func (m *Meter) Set(fraction float64, t theme.Token) {
	f := float32(min(max(fraction, 0), 1))
	if f != f { // NaN, from 0 of 0
		f = 0
	}
	if m.fraction != f || m.token != t {
		m.fraction, m.token = f, t
		m.Refresh()
	}
}

// CreateRenderer is called by Fyne.
func (m *Meter) CreateRenderer() fyne.WidgetRenderer {
	track, bar := draw.Box(theme.Track, m.high/2), draw.Box(m.token, m.high/2)
	d := &draw.Renderer{Parts: []fyne.CanvasObject{track, bar}}
	d.Least = func() fyne.Size { return fyne.NewSize(m.wide, m.high) }
	d.Place = func(s fyne.Size) {
		y := (s.Height - m.high) / 2
		draw.Place(track, 0, y, s.Width, m.high)
		draw.Place(bar, 0, y, max(2, s.Width*m.fraction), m.high)
	}
	d.Paint = func() {
		track.FillColor, bar.FillColor = theme.Color(theme.Track), theme.Color(m.token)
		draw.Show(track, m.track)
		draw.Show(bar, m.fraction > 0)
		d.Place(m.Size())
	}
	d.Paint()
	return d
}
