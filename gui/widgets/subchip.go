package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

// SubState is what a subscription chip shows before its name.
type SubState uint8

// The states: receiving, paused, stopped, failed.
const (
	SubReceiving SubState = iota
	SubPaused
	SubStopped
	SubFailed
)

var (
	_ fyne.Widget    = (*SubChip)(nil)
	_ fyne.Focusable = (*SubChip)(nil)
)

// SubChip is one subscription in the bar, 26 high: state, name, rate. Under the
// pointer or the focus, and where there is no rate, a cross stands in its place;
// Delete presses it.
type SubChip struct {
	touch

	name, how string
	rate      string
	state     SubState
	chosen    bool
	closeIcon fyne.Resource

	// OnClose runs when the cross or Delete was pressed; nil shows no cross.
	OnClose func()
}

// NewSubChip returns a chip; chosen runs when it is pressed.
func NewSubChip(name string, chosen, closed func()) *SubChip {
	c := &SubChip{name: name, closeIcon: fynetheme.WindowCloseIcon(), OnClose: closed}
	c.act = chosen
	c.OnKey = func(k *fyne.KeyEvent) bool {
		if k.Name == fyne.KeyDelete && c.OnClose != nil {
			c.OnClose()
			return true
		}
		return false
	}
	c.ExtendBaseWidget(c)
	return c
}

// Set changes what it shows; rate is a short text such as "12 /s" or a state word.
// how tells how it reads, in a few quiet words behind the name.
func (c *SubChip) Set(name, how, rate string, state SubState, chosen bool) {
	how = CutEnd(how, mostHow, func(s string) float32 { return draw.Width(s, theme.SizeCaption, draw.Regular()) })
	if c.name == name && c.how == how && c.rate == rate && c.state == state && c.chosen == chosen {
		return
	}
	c.name, c.how, c.rate, c.state, c.chosen = name, how, rate, state, chosen
	c.Refresh()
}

// mostHow is the room for how it reads.
const mostHow float32 = 150

// howWidth is the room that how it reads takes, with the gap before it.
func (c *SubChip) howWidth() float32 {
	if c.how == "" {
		return 0
	}
	return 8 + draw.Width(c.how, theme.SizeCaption, draw.Regular())
}

// rateWidth is the room of the rate. It is a little wider than most, so that
// the chips behind do not jump with every tick.
func (c *SubChip) rateWidth() float32 {
	if c.rate == "" {
		return iconSize - 4
	}
	return max(draw.Width(c.rate, theme.SizeCaption, draw.Regular()), 32)
}

// Tapped presses the cross or the chip.
func (c *SubChip) Tapped(e *fyne.PointEvent) {
	if c.OnClose != nil && e.Position.X > c.Size().Width-10-c.rateWidth() && e.Position.X > c.Size().Width-28 {
		c.OnClose()
		return
	}
	c.press()
}

// CreateRenderer is called by Fyne.
func (c *SubChip) CreateRenderer() fyne.WidgetRenderer {
	ground, ring := draw.Box(theme.Hover, 4), draw.Ring(4)
	dot, icon, cross := canvas.NewCircle(nil), canvas.NewImageFromResource(nil), canvas.NewImageFromResource(nil)
	name, how, rate := draw.Text("", theme.SizeText, theme.Text, draw.Regular()), draw.Text("", theme.SizeCaption, theme.Muted, draw.Regular()), draw.Text("", theme.SizeCaption, theme.Muted, draw.Regular())
	d := &draw.Renderer{Parts: []fyne.CanvasObject{ground, dot, icon, name, how, rate, cross, ring}}
	d.Least = func() fyne.Size {
		return fyne.NewSize(10+8+6+draw.Width(c.name, theme.SizeText, draw.Bold())+c.howWidth()+8+c.rateWidth()+10, RowHeight)
	}
	d.Place = func(s fyne.Size) {
		draw.Place(ground, 0, 0, s.Width, s.Height)
		draw.Place(ring, 0, 0, s.Width, s.Height)
		draw.Place(dot, 10, (s.Height-8)/2, 8, 8)
		draw.Place(icon, 7, (s.Height-14)/2, 14, 14)
		w := draw.Width(c.name, theme.SizeText, draw.Bold())
		draw.Place(name, 24, 0, w, s.Height)
		draw.Place(how, 24+w+8, 0, c.howWidth(), s.Height)
		w += c.howWidth()
		draw.Place(rate, 24+w+8, 0, c.rateWidth(), s.Height)
		draw.Place(cross, s.Width-24, (s.Height-iconSize)/2, iconSize, iconSize)
	}
	d.Paint = func() {
		ground.FillColor = theme.Color(theme.Hover)
		if c.chosen {
			ground.FillColor = theme.Color(theme.Sel)
		}
		c.drawState(dot, icon)
		name.Text, name.Color, name.TextStyle = c.name, theme.Color(theme.Text), draw.Weight(c.chosen)
		closable := c.OnClose != nil && (c.hovered || c.focused || c.rate == "")
		how.Text, how.Color = c.how, theme.Color(theme.Muted)
		rate.Text, rate.Color = c.rate, theme.Color(theme.Muted)
		draw.Show(rate, !closable)
		draw.Icon(cross, c.closeIcon, theme.Muted)
		draw.Show(cross, closable)
		draw.PaintRing(ring, c.focused)
		d.Place(c.Size())
	}
	d.Paint()
	return d
}

// drawState shows a dot for receiving, stopped and failed, and the icon for paused.
func (c *SubChip) drawState(dot *canvas.Circle, icon *canvas.Image) {
	draw.Show(dot, c.state != SubPaused)
	draw.Icon(icon, fynetheme.MediaPauseIcon(), theme.Warn)
	draw.Show(icon, c.state == SubPaused)
	drawDot(dot, [...]DotState{SubReceiving: DotOn, SubPaused: DotWarn, SubStopped: DotOff, SubFailed: DotError}[c.state])
}
