package msglist

import (
	"image"
	"image/color"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"gantry/client/filter"
	"gantry/gui/draw"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// Sizes of the chart, in Fyne units.
const (
	chartHeight  float32 = 52
	chartLow     float32 = 38 // where the list is lower than chartRoom
	chartRoom    float32 = 300
	chartCaption float32 = 14
	chartTop     float32 = 4
	chartText    float32 = 11
	chartBar     float32 = 5 // of a bar with its gap, at least
)

// chartLeast is how many messages a list has that has a chart: fewer are seen at once.
const chartLeast = 50

var (
	_ fyne.Widget        = (*chart)(nil)
	_ fyne.Draggable     = (*chart)(nil)
	_ fyne.Tappable      = (*chart)(nil)
	_ desktop.Hoverable  = (*chart)(nil)
	_ desktop.Cursorable = (*chart)(nil)
	_ fyne.Accessible    = (*chart)(nil)
)

// chart shows over time how many messages a list holds, and how many of them fit the
// filter. Dragging over it filters by that time, a click goes to a time.
type chart struct {
	widget.BaseWidget
	list     *List
	bars     []timeBar
	filtered bool // fit says more than all
	// term is what a drag added to the filter, chosen the time it stands for.
	term     string
	chosen   timeBar // without counts
	dragging bool
	dragFrom int // the bar at which it began
	hovered  int // the bar below the pointer, -1 for none

	version int     // grows with each change of what is drawn
	barsFor float32 // the width that bars were made for
}

func newChart(l *List) *chart {
	c := &chart{list: l, hovered: -1}
	c.ExtendBaseWidget(c)
	c.Hide()
	return c
}

// show draws what was counted, if that has changed.
func (c *chart) show(t *timing) {
	c.barsFor = c.width()
	bars := t.all.bars(&t.fit, int((c.width()-2*edgeRoom)/chartBar))
	if t.at-t.from < chartLeast {
		bars = nil
	}
	filtered := t.sieve != nil
	if slices.Equal(bars, c.bars) && filtered == c.filtered {
		return
	}
	c.bars, c.filtered = bars, filtered
	c.fold()
	c.redraw()
}

// widen follows another width.
func (c *chart) widen() {
	if c.Visible() && c.barsFor != c.width() {
		c.show(&c.list.timing)
	}
}

// redraw draws what changed.
func (c *chart) redraw() {
	c.version++
	c.Refresh()
}

// width is that of the list: a chart that is not seen yet has none of its own.
func (c *chart) width() float32 { return max(c.list.content.Size().Width, 100) }

// fold shows or hides the chart: there must be something to show.
func (c *chart) fold() {
	if shown := !c.list.look.NoChart && len(c.bars) > 0; shown != c.Visible() {
		draw.Show(c, shown)
		c.list.content.Refresh()
	}
}

// forget drops the range once the filter does not have it any more.
func (c *chart) forget(filter string) {
	if c.term != "" && !strings.Contains(filter, c.term) {
		c.term = ""
		c.redraw()
	}
}

// at is the bar at x, -1 where there are none.
func (c *chart) at(x float32) int {
	if len(c.bars) == 0 {
		return -1
	}
	w := max(c.Size().Width-2*edgeRoom, 1)
	return min(max(int((x-edgeRoom)/w*float32(len(c.bars))), 0), len(c.bars)-1)
}

// between sums up bars from one to another.
func (c *chart) between(i, j int) timeBar {
	i, j = min(i, j), min(max(i, j), len(c.bars)-1)
	sum := timeBar{from: c.bars[i].from, to: c.bars[j].to}
	for _, b := range c.bars[i : j+1] {
		sum.all, sum.fit = sum.all+b.all, sum.fit+b.fit
	}
	return sum
}

// Dragged marks the stretch from where the drag began.
func (c *chart) Dragged(e *fyne.DragEvent) {
	if len(c.bars) == 0 {
		return
	}
	if !c.dragging {
		c.dragging, c.dragFrom = true, c.at(e.Position.X-e.Dragged.DX)
	}
	c.hovered = c.at(e.Position.X)
	c.redraw()
}

// DragEnd filters by the stretch that is marked.
func (c *chart) DragEnd() {
	if !c.dragging {
		return
	}
	c.dragging = false
	if len(c.bars) == 0 || c.dragFrom < 0 || c.list.bar == nil {
		return
	}
	chosen := c.between(min(c.dragFrom, len(c.bars)-1), min(max(c.hovered, 0), len(c.bars)-1))
	field := c.list.bar.field
	text := field.Text
	if c.term != "" {
		text = strings.TrimSpace(strings.Replace(text, c.term, "", 1))
	}
	c.term, c.chosen = rangeTerm(chosen.from, chosen.to, time.Now()), chosen
	field.SetText(filter.Also(text, c.term, false))
	c.redraw()
}

// Tapped goes to the first message from that time on.
func (c *chart) Tapped(e *fyne.PointEvent) {
	if i := c.at(e.Position.X); i >= 0 {
		c.list.goToTime(c.bars[i].from)
	}
}

// Cursor is called by Fyne.
func (c *chart) Cursor() desktop.Cursor { return desktop.CrosshairCursor }

// MouseIn says what is below the pointer.
func (c *chart) MouseIn(e *desktop.MouseEvent) { c.MouseMoved(e) }

// MouseMoved says what is below the pointer.
func (c *chart) MouseMoved(e *desktop.MouseEvent) {
	if i := c.at(e.Position.X); i != c.hovered {
		c.hovered = i
		c.redraw()
	}
}

// MouseOut says nothing more.
func (c *chart) MouseOut() {
	if !c.dragging {
		c.hovered = -1
		c.redraw()
	}
}

// marked is the stretch that a drag marks, or a filter asks for.
func (c *chart) marked() (timeBar, bool) {
	switch {
	case len(c.bars) == 0:
	case c.dragging && c.dragFrom >= 0:
		return c.between(min(c.dragFrom, len(c.bars)-1), min(max(c.hovered, 0), len(c.bars)-1)), true
	case c.term != "":
		t := &c.list.timing // as it is now: a list goes on
		from, to := c.chosen.from, c.chosen.to
		return timeBar{from: from, to: to, all: t.all.within(from, to), fit: t.fit.within(from, to)}, true
	}
	return timeBar{}, false
}

// said is what stands between the ends: of the marked stretch, or of the bar below the
// pointer.
func (c *chart) said() string {
	b, ok := c.marked()
	if !c.dragging && c.hovered >= 0 && c.hovered < len(c.bars) {
		b, ok = c.bars[c.hovered], true
	}
	if !ok {
		return ""
	}
	now := time.Now()
	count := widgets.Count(b.all)
	if c.filtered {
		count = lang.L("{{.Found}} of {{.All}} match", map[string]any{"Found": widgets.Count(b.fit), "All": count})
	}
	return clock(b.from, b.from, b.to, now) + " – " + clock(b.to, b.from, b.to, now) + " · " + count
}

// AccessibilityRole is that of a text.
func (c *chart) AccessibilityRole() fyne.AccessibleRole { return fyne.AccessibleRoleText }

// AccessibilityLabel says which time it shows.
func (c *chart) AccessibilityLabel() string {
	if len(c.bars) == 0 {
		return ""
	}
	all := c.between(0, len(c.bars)-1)
	now := time.Now()
	return clock(all.from, all.from, all.to, now) + " – " + clock(all.to, all.from, all.to, now) + " · " + widgets.Count(all.all)
}

// chartRenderer draws the chart anew only where it has changed: lists refresh all that
// stands above them, many times a second.
type chartRenderer struct {
	*draw.Renderer
	chart *chart
	drawn int
	dark  bool
}

// Refresh is called by Fyne.
func (r *chartRenderer) Refresh() {
	if dark := theme.IsDark(); r.drawn != r.chart.version || r.dark != dark {
		r.drawn, r.dark = r.chart.version, dark
		r.Renderer.Refresh()
	}
}

// CreateRenderer is called by Fyne.
func (c *chart) CreateRenderer() fyne.WidgetRenderer {
	ground, line, band := draw.Box(theme.Surface, 0), draw.Box(theme.Line, 0), draw.Box(theme.Sel, 2)
	from := draw.Text("", chartText, theme.Muted, draw.Regular())
	to := draw.Text("", chartText, theme.Muted, draw.Regular())
	said := draw.Text("", chartText, theme.Text, draw.Regular())
	to.Alignment, said.Alignment = fyne.TextAlignTrailing, fyne.TextAlignCenter
	bars := canvas.NewRaster(c.paint)
	d := &draw.Renderer{Parts: []fyne.CanvasObject{ground, line, band, bars, from, to, said}, Least: draw.Fixed(1, chartLow)}
	d.Place = func(s fyne.Size) {
		w, high := max(s.Width-2*edgeRoom, 1), s.Height-chartCaption-chartTop-1
		draw.Place(ground, 0, 0, s.Width, s.Height)
		draw.Place(line, edgeRoom, chartTop+high, w, 1)
		draw.Place(bars, edgeRoom, chartTop, w, high)
		for _, t := range []*canvas.Text{from, to, said} {
			draw.Place(t, edgeRoom, s.Height-chartCaption-1, w, chartCaption)
		}
		if b, ok := c.marked(); ok {
			first, last := c.bars[0].from, c.bars[len(c.bars)-1].to
			x := func(at int64) float32 {
				return edgeRoom + w*min(max(float32(at-first)/float32(last-first), 0), 1)
			}
			draw.Place(band, x(b.from), 0, x(b.to)-x(b.from), s.Height-chartCaption)
		}
	}
	d.Paint = func() {
		_, marked := c.marked()
		draw.Show(band, marked)
		ground.FillColor, line.FillColor, band.FillColor = theme.Color(theme.Surface), theme.Color(theme.Line), theme.Color(theme.Sel)
		from.Color, to.Color, said.Color = theme.Color(theme.Muted), theme.Color(theme.Muted), theme.Color(theme.Text)
		from.Text, to.Text, said.Text = "", "", c.said()
		if n := len(c.bars); n > 0 {
			now := time.Now()
			from.Text, to.Text = clock(c.bars[0].from, c.bars[0].from, c.bars[n-1].to, now), clock(c.bars[n-1].to, c.bars[0].from, c.bars[n-1].to, now)
		}
		d.Place(c.Size())
	}
	d.Paint()
	return &chartRenderer{Renderer: d, chart: c, drawn: c.version, dark: theme.IsDark()}
}

// paint draws the bars, in pixels: a message is seen beside a million.
func (c *chart) paint(w, h int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	most, n := uint64(1), len(c.bars)
	for _, b := range c.bars {
		most = max(most, b.all)
	}
	strong := theme.Accent.In(theme.IsDark())
	all := strong
	if all.A = 153; c.filtered {
		all.A = 71
	}
	for i, b := range c.bars {
		left, right := i*w/n, (i+1)*w/n
		if right-left > 2 {
			right--
		}
		pillar(img, left, right, b.all, most, all)
		if c.filtered {
			pillar(img, left, right, b.fit, most, strong)
		}
	}
	return img
}

// pillar fills a bar from the bottom.
func pillar(img *image.NRGBA, left, right int, n, most uint64, fill color.NRGBA) {
	if n == 0 {
		return
	}
	h := img.Rect.Dy()
	high := max(int(float64(n)/float64(most)*float64(h)+0.5), min(2, h))
	for y := max(h-high, 0); y < h; y++ {
		for x := left; x < right; x++ {
			img.SetNRGBA(x, y, fill)
		}
	}
}

// moment is how a time is written: without a date today, and as exactly as it is.
func moment(at, now time.Time) string {
	layout := "15:04:05"
	if at.Nanosecond() != 0 {
		layout = "15:04:05.000"
	}
	if at.Format(time.DateOnly) != now.Format(time.DateOnly) {
		layout = "2006-01-02 " + layout
	}
	return at.Format(layout)
}

// clock is a time at the edge of a stretch from from to to.
func clock(at, from, to int64, now time.Time) string {
	text := moment(time.UnixMilli(at), now)
	if to-from >= 24*3_600_000 {
		return time.UnixMilli(at).Format("2006-01-02 15:04")
	}
	return text
}

// rangeTerm is the filter of a stretch of time.
func rangeTerm(from, to int64, now time.Time) string {
	return "after:" + moment(time.UnixMilli(from), now) + " before:" + moment(time.UnixMilli(to), now)
}
