package inspect

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/theme"
	"gantry/gui/widgets"
)

var _ fyne.WidgetRenderer = (*drawing)(nil)

// drawing is the renderer of the widgets here.
type drawing struct {
	objects []fyne.CanvasObject
	min     fyne.Size
	layout  func(fyne.Size)
	refresh func()
}

func (d *drawing) Destroy()                     {}
func (d *drawing) Layout(s fyne.Size)           { d.layout(s) }
func (d *drawing) MinSize() fyne.Size           { return d.min }
func (d *drawing) Objects() []fyne.CanvasObject { return d.objects }

func (d *drawing) Refresh() {
	d.refresh()
	for _, o := range d.objects {
		o.Refresh()
	}
}

var _ fyne.Widget = (*line)(nil)

// line is one line of text that is cut to the width there is.
type line struct {
	widget.BaseWidget
	words    string
	size     float32
	bold     bool
	trailing bool
}

func newLine(size float32, bold bool) *line {
	l := &line{size: size, bold: bold}
	l.ExtendBaseWidget(l)
	return l
}

func (l *line) set(words string) {
	l.words = words
	l.Refresh()
}

// wide is the width that the whole text needs.
func (l *line) wide() float32 {
	return fyne.MeasureText(l.words, l.size, fyne.TextStyle{Bold: l.bold}).Width
}

// CreateRenderer is called by Fyne.
func (l *line) CreateRenderer() fyne.WidgetRenderer {
	t := canvas.NewText("", nil)
	t.TextSize, t.TextStyle = l.size, fyne.TextStyle{Bold: l.bold}
	if l.trailing {
		t.Alignment = fyne.TextAlignTrailing
	}
	d := &drawing{objects: []fyne.CanvasObject{t}, min: fyne.NewSize(20, l.size+9)}
	d.layout = func(s fyne.Size) {
		t.Resize(s)
		t.Text = widgets.CutEnd(l.words, s.Width, func(s string) float32 { return fyne.MeasureText(s, l.size, t.TextStyle).Width })
	}
	d.refresh = func() {
		t.Color = theme.Color(theme.Muted)
		if l.bold {
			t.Color = theme.Color(theme.Text)
		}
		d.layout(l.Size())
	}
	d.refresh()
	return d
}

func padded(o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(8, 8, 14, 8), o)
}

// titleLayout puts a chip right behind a text, which gives way.
type titleLayout struct{}

func (*titleLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(60, max(o[0].MinSize().Height, o[1].MinSize().Height))
}

func (*titleLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	title, chip := o[0].(*line), o[1]
	c := fyne.NewSize(0, 0)
	if chip.Visible() {
		c = chip.MinSize()
	}
	w := max(min(title.wide()+1, s.Width-c.Width-8), 0)
	title.Move(fyne.Position{})
	title.Resize(fyne.NewSize(w, s.Height))
	chip.Move(fyne.NewPos(w+8, (s.Height-c.Height)/2))
	chip.Resize(c)
}

// columnLayout stacks objects with an edge at both sides, but for one (full)
// that takes the whole width; the last may take the height that is left. Hidden ones
// take none.
type columnLayout struct {
	edge, gap, top float32
	full           int
	grow           bool
}

func (c *columnLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	size := fyne.NewSize(0, c.top)
	first := true
	for _, x := range o {
		if !x.Visible() {
			continue
		}
		m := x.MinSize()
		if !first {
			size.Height += c.gap
		}
		first = false
		size.Height += m.Height
		size.Width = max(size.Width, m.Width+2*c.edge)
	}
	if c.grow {
		size.Height += c.gap
	}
	return size
}

func (c *columnLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	y := c.top
	for i, x := range o {
		if !x.Visible() {
			continue
		}
		h, edge := x.MinSize().Height, c.edge
		if i == c.full {
			edge = 0
		}
		if c.grow && i == len(o)-1 {
			h = max(s.Height-y-c.gap, h)
		}
		x.Move(fyne.NewPos(edge, y))
		x.Resize(fyne.NewSize(s.Width-2*edge, h))
		y += h + c.gap
	}
}

// endLayout puts its object at the right end, in the middle of the height.
type endLayout struct{ edge float32 }

func (e *endLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return o[0].MinSize().AddWidthHeight(e.edge, 0)
}

func (e *endLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	m := o[0].MinSize()
	o[0].Move(fyne.NewPos(s.Width-m.Width-e.edge, (s.Height-m.Height)/2))
	o[0].Resize(m)
}

// headLayout puts a head above what takes the height that is left. The focus
// goes through the head first, as it would not in Fyne's border layout.
type headLayout struct{}

func (*headLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	head, rest := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(max(head.Width, rest.Width), head.Height+rest.Height)
}

func (*headLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	h := o[0].MinSize().Height
	o[0].Move(fyne.Position{})
	o[0].Resize(fyne.NewSize(s.Width, h))
	o[1].Move(fyne.NewPos(0, h))
	o[1].Resize(fyne.NewSize(s.Width, max(s.Height-h, 0)))
}
