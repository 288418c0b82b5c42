package subscribe

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/draw"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

const statusHeight float32 = 28

var _ fyne.Widget = (*statusBar)(nil)

// statusBar is the line at the foot: state, rate, counters, and what is kept.
// Where there is little room it leaves out what matters least; the state keeps
// its words longest.
type statusBar struct {
	widget.BaseWidget

	dot   *widgets.Dot
	spark *widgets.Sparkline
	meter *widgets.Meter

	state, rate, kept string
	counts            []counter
	rates             []float64
}

// counter is a label and its value.
type counter struct {
	label, value string
	warn         bool
}

func newStatusBar() *statusBar {
	b := &statusBar{dot: widgets.NewDot(widgets.DotOff), spark: widgets.NewSparkline(), meter: widgets.NewMeter(46, 4)}
	b.ExtendBaseWidget(b)
	return b
}

// Unhidden: no toast hides it.
func (b *statusBar) Unhidden() bool { return true }

// show puts a subscription's state in place.
func (b *statusBar) show(s *sub) {
	st := s.st
	words, dot := stateWords(st, s.spec)
	if s.archive {
		words, dot = archiveState(s), widgets.DotOff
	}
	counts := []counter{
		{lang.L("Received"), widgets.Count(st.Received), false},
		{lang.L("Shown"), widgets.Count(uint64(s.list.Len())), false},
		{lang.L("Evicted"), widgets.Count(st.Evicted), st.Evicted > 0},
	}
	if st.Sifts { // as it was started; the form may say something else by now
		counts[0], counts[1] = counter{lang.L("Looked at"), widgets.Count(uint64(max(st.Fit+st.Filtered, 0))), false}, counter{lang.L("Fit"), widgets.Count(uint64(max(st.Fit, 0))), false}
	}
	rate := rateWords(s.rate(), st.Sifts)
	kept := lang.L("{{.Kept}} of {{.Cap}} MB kept", map[string]any{
		"Kept": megabytes(st.KeptBytes), "Cap": widgets.Count(uint64(max(st.CapBytes, 0) >> 20)),
	})
	switch {
	case st.CapBytes == 0 && s.archive && st.KeptBytes > 0: // it stays whole
		kept = lang.L("{{.Kept}} MB kept", map[string]any{"Kept": megabytes(st.KeptBytes)})
	case st.CapBytes == 0: // not opened yet
		kept = ""
	}
	b.dot.Set(dot)
	if words == b.state && rate == b.rate && kept == b.kept && slices.Equal(counts, b.counts) && slices.Equal(s.rates, b.rates) {
		return
	}
	b.state, b.rate, b.kept, b.counts, b.rates = words, rate, kept, counts, slices.Clone(s.rates)
	b.spark.Set(s.rates)
	part := 0.0
	switch {
	case st.CapBytes > 0:
		part = float64(st.KeptBytes) / float64(st.CapBytes)
	case s.archive && s.of.Bytes > 0:
		part = float64(st.KeptBytes) / float64(s.of.Bytes)
	}
	b.meter.Set(part, theme.Accent)
	b.Refresh()
}

// megabytes writes bytes in MB with one decimal.
func megabytes(n int64) string {
	tenths := uint64(max(n, 0)) * 10 / (1 << 20)
	return widgets.Count(tenths/10) + "." + string(rune('0'+tenths%10))
}

// piece is a text of the bar.
type piece struct {
	t    *canvas.Text
	ink  theme.Token
	wide float32
}

func newPiece(bold, mono bool) *piece {
	p := &piece{t: canvas.NewText("", nil), ink: theme.Text}
	p.t.TextSize, p.t.TextStyle = theme.SizeCaption, fyne.TextStyle{Bold: bold, Monospace: mono}
	return p
}

func (p *piece) set(words string, ink theme.Token) {
	p.t.Text, p.ink, p.t.Color = words, ink, theme.Color(ink)
	p.wide = p.t.MinSize().Width
}

// CreateRenderer is called by Fyne.
func (b *statusBar) CreateRenderer() fyne.WidgetRenderer {
	r := &statusRenderer{bar: b, ground: canvas.NewRectangle(nil), state: newPiece(true, false), rate: newPiece(false, true), kept: newPiece(false, false)}
	for i := range r.labels {
		r.labels[i], r.values[i] = newPiece(false, false), newPiece(true, false)
	}
	r.Refresh()
	return r
}

// statusRenderer places the parts from both ends.
type statusRenderer struct {
	bar               *statusBar
	ground            *canvas.Rectangle
	state, rate, kept *piece
	labels, values    [3]*piece
}

func (r *statusRenderer) Destroy()           {}
func (r *statusRenderer) MinSize() fyne.Size { return fyne.NewSize(200, statusHeight) }

func (r *statusRenderer) Objects() []fyne.CanvasObject {
	o := []fyne.CanvasObject{r.ground, r.bar.dot, r.state.t, r.bar.spark, r.rate.t}
	for i := range r.labels {
		o = append(o, r.labels[i].t, r.values[i].t)
	}
	return append(o, r.bar.meter, r.kept.t)
}

func (r *statusRenderer) Refresh() {
	b := r.bar
	r.ground.FillColor = theme.Color(theme.Chrome)
	r.state.set(b.state, theme.Text)
	r.rate.set(b.rate, theme.Muted)
	r.kept.set(b.kept, theme.Muted)
	for i := range r.labels {
		if i < len(b.counts) {
			ink := theme.Text
			if b.counts[i].warn {
				ink = theme.Warn
			}
			r.labels[i].set(b.counts[i].label, theme.Muted)
			r.values[i].set(b.counts[i].value, ink)
		}
	}
	r.Layout(b.Size())
	for _, o := range r.Objects() {
		o.Refresh()
	}
}

// statusGap is the room between two parts.
const statusGap float32 = 16

// left out of the bar where there is too little room.
type leftOut struct{ spark, meter, shown, evicted, rate bool }

// counter tells whether counter i is left out.
func (l *leftOut) counter(i int) bool { return i == 1 && l.shown || i == 2 && l.evicted }

// need is the width that the bar takes without what is left out.
func (r *statusRenderer) need(out leftOut) float32 {
	w := 14 + 8 + 6 + r.state.wide + statusGap + r.kept.wide + 14
	if !out.spark {
		w += 90 + 8
	}
	if !out.rate {
		w += r.rate.wide + statusGap
	}
	for i := range r.labels {
		if !out.counter(i) {
			w += r.labels[i].wide + 4 + r.values[i].wide + statusGap
		}
	}
	if !out.meter {
		w += 46 + 8
	}
	return w
}

// fit leaves parts out until the state's words have their room: the bars, the
// meter, Shown, Evicted while it is zero, the rate.
func (r *statusRenderer) fit(width float32) leftOut {
	var out leftOut
	evicted := len(r.bar.counts) > 2 && r.bar.counts[2].warn
	for _, hide := range []*bool{&out.spark, &out.meter, &out.shown, &out.evicted, &out.rate} {
		if r.need(out) <= width {
			break
		}
		*hide = hide != &out.evicted || !evicted
	}
	return out
}

// Layout places the parts: the state is cut last.
func (r *statusRenderer) Layout(s fyne.Size) {
	b, out := r.bar, r.fit(s.Width)
	r.ground.Resize(s)
	x := float32(14)
	put := func(o fyne.CanvasObject, w, h, after float32, hidden bool) {
		draw.Show(o, !hidden)
		if hidden {
			return
		}
		draw.Place(o, x, (s.Height-h)/2, w, h)
		x += w + after
	}
	put(b.dot, 8, 8, 6, false)
	room := max(r.state.wide-max(r.need(out)-s.Width, 0), 0)
	r.state.t.Text = widgets.CutEnd(b.state, room, func(t string) float32 {
		return fyne.MeasureText(t, r.state.t.TextSize, r.state.t.TextStyle).Width
	})
	put(r.state.t, room, s.Height, statusGap, false)
	put(b.spark, 90, 16, 8, out.spark)
	put(r.rate.t, r.rate.wide, s.Height, statusGap, out.rate)
	for i := range r.labels {
		put(r.labels[i].t, r.labels[i].wide, s.Height, 4, out.counter(i))
		put(r.values[i].t, r.values[i].wide, s.Height, statusGap, out.counter(i))
	}
	x = s.Width - 14 - r.kept.wide
	if noMeter := out.meter || b.kept == ""; noMeter {
		put(b.meter, 0, 0, 0, true)
	} else {
		x -= 46 + 8
		put(b.meter, 46, 4, 8, false)
	}
	put(r.kept.t, r.kept.wide, s.Height, 0, false)
}
