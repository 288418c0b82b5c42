package msglist

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

// Heights in Fyne units.
const (
	headerHeight float32 = 24
	partHeight   float32 = 20
)

var _ fyne.Widget = (*partLine)(nil)

// partLine says which part of everything kept is shown.
type partLine struct {
	widget.BaseWidget
	words string
}

func newPartLine() *partLine {
	p := &partLine{}
	p.ExtendBaseWidget(p)
	p.Hide()
	return p
}

// set changes the words and reports whether the line came or went.
func (p *partLine) set(words string) bool {
	if words == p.words {
		return false
	}
	moved := (words == "") != (p.words == "")
	p.words = words
	p.Hidden = words == ""
	p.Refresh()
	return moved
}

// CreateRenderer is called by Fyne.
func (p *partLine) CreateRenderer() fyne.WidgetRenderer {
	ground, words := canvas.NewRectangle(nil), canvas.NewText("", nil)
	words.TextSize = theme.SizeCaption
	d := &draw.Renderer{Parts: []fyne.CanvasObject{ground, words}, Least: draw.Fixed(1, partHeight)}
	d.Place = func(s fyne.Size) {
		ground.Resize(s)
		words.Move(fyne.NewPos(edgeRoom, 0))
		words.Resize(fyne.NewSize(s.Width-2*edgeRoom, s.Height))
	}
	d.Paint = func() {
		ground.FillColor, words.Color, words.Text = theme.Color(theme.WarnSoft), theme.Color(theme.Text), p.words
	}
	d.Paint()
	return d
}

var _ fyne.Layout = (*pageLayout)(nil)

// pageLayout puts the bar, chart, header, part line and rows one below the other, the
// button for new messages over the foot of the rows, and over them all what stands
// there when no message fits the filter.
type pageLayout struct{ list *List }

func (p *pageLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(280, headerHeight+3*26+p.barHeight())
}

// barHeight is 0 for a list without a filter.
func (p *pageLayout) barHeight() float32 {
	if p.list.bar == nil {
		return 0
	}
	return barHeight
}

func (p *pageLayout) Layout(_ []fyne.CanvasObject, s fyne.Size) {
	l, y := p.list, float32(0)
	put := func(o fyne.CanvasObject, height float32) {
		if o.Visible() {
			o.Move(fyne.NewPos(0, y))
			o.Resize(fyne.NewSize(s.Width, max(height, 0)))
			y += height
		}
	}
	if l.bar != nil {
		put(l.bar.content, barHeight)
	}
	if l.chart != nil {
		l.chart.widen()
		if s.Height < chartRoom {
			put(l.chart, chartLow)
		} else {
			put(l.chart, chartHeight)
		}
	}
	put(l.head, headerHeight)
	put(l.part, partHeight)
	if l.bar != nil {
		l.bar.cover.Move(fyne.NewPos(0, y))
		l.bar.cover.Resize(fyne.NewSize(s.Width, max(s.Height-y, 0)))
	}
	put(l.view.View(), s.Height-y)
	size := l.pill.MinSize()
	l.pill.Move(fyne.NewPos((s.Width-size.Width)/2, s.Height-size.Height-8))
	l.pill.Resize(size)
}
