package inspect

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/draw"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

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

// textWidth is the width that the whole text needs.
func (l *line) textWidth() float32 {
	return fyne.MeasureText(l.words, l.size, fyne.TextStyle{Bold: l.bold}).Width
}

// CreateRenderer is called by Fyne.
func (l *line) CreateRenderer() fyne.WidgetRenderer {
	t := canvas.NewText("", nil)
	t.TextSize, t.TextStyle = l.size, fyne.TextStyle{Bold: l.bold}
	if l.trailing {
		t.Alignment = fyne.TextAlignTrailing
	}
	d := &draw.Renderer{Parts: []fyne.CanvasObject{t}, Least: draw.Fixed(20, l.size+9)}
	d.Place = func(s fyne.Size) {
		t.Resize(s)
		t.Text = widgets.CutEnd(l.words, s.Width, func(s string) float32 { return fyne.MeasureText(s, l.size, t.TextStyle).Width })
	}
	d.Paint = func() {
		t.Color = theme.Color(theme.Muted)
		if l.bold {
			t.Color = theme.Color(theme.Text)
		}
		d.Place(l.Size())
	}
	d.Paint()
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
	w := max(min(title.textWidth()+1, s.Width-c.Width-8), 0)
	title.Move(fyne.Position{})
	title.Resize(fyne.NewSize(w, s.Height))
	chip.Move(fyne.NewPos(w+8, (s.Height-c.Height)/2))
	chip.Resize(c)
}
