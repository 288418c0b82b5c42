package msglist

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

// Heights in Fyne units.
const (
	headerHeight float32 = 24
	partHeight   float32 = 20
)

var _ fyne.Widget = (*header)(nil)

// header is the row of column titles.
type header struct {
	widget.BaseWidget
	list *List
}

func newHeader(l *List) *header {
	h := &header{list: l}
	h.ExtendBaseWidget(h)
	return h
}

func columnTitle(c column) string {
	return [columnCount]string{
		colTime: lang.L("Time"), colTopic: lang.L("Topic"), colTag: lang.L("Tag"), colKey: lang.L("Key"),
		colQueue: lang.L("Queue · offset"), colRetry: lang.L("Retry"), colSize: lang.L("Size"), colBody: lang.L("Body"),
	}[c]
}

// CreateRenderer is called by Fyne.
func (h *header) CreateRenderer() fyne.WidgetRenderer {
	ground, line := canvas.NewRectangle(nil), canvas.NewRectangle(nil)
	objects := []fyne.CanvasObject{ground, line}
	var titles [columnCount]*canvas.Text
	for c := range columnCount {
		t := canvas.NewText(columnTitle(c), nil)
		t.TextSize = theme.SizeCaption
		if c == colRetry || c == colSize {
			t.Alignment = fyne.TextAlignTrailing
		}
		titles[c] = t
		objects = append(objects, t)
	}
	d := &draw.Renderer{Parts: objects, Least: draw.Fixed(1, headerHeight)}
	d.Place = func(s fyne.Size) {
		ground.Resize(s)
		line.Move(fyne.NewPos(0, s.Height-1))
		line.Resize(fyne.NewSize(s.Width, 1))
		cols := h.list.columnsFor(s.Width)
		for c, t := range titles {
			at := cols.cells[c]
			t.Hidden = at.w <= 0
			t.Move(fyne.NewPos(at.x, 0))
			t.Resize(fyne.NewSize(at.w, s.Height))
		}
	}
	d.Paint = func() {
		ground.FillColor, line.FillColor = theme.Color(theme.Sunken), theme.Color(theme.Line)
		for _, t := range titles {
			t.Color = theme.Color(theme.Muted)
		}
		d.Place(h.Size())
	}
	d.Paint()
	return d
}

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

// pageLayout puts the bar, header, part line and rows one below the other, the
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
