package confirm

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"gantry/gui/draw"
)

const (
	// modalRest is what a question takes besides its details, with some room above
	// and below.
	modalRest float32 = 200
	// guardRest is that of a guard, and factsRoom what each of its facts takes more.
	guardRest float32 = 300
	factsRoom float32 = 21
	// leastTall is the least height of details that scroll.
	leastTall float32 = 120
	// barRoom is the room for the bar of details that scroll.
	barRoom float32 = 10
	// tallEdge is above details that scroll: a scroll cuts the upper line of a field that
	// begins where it does.
	tallEdge float32 = 1
	// tallStep is how far an arrow key moves them.
	tallStep float32 = 42
)

var _ fyne.Layout = (*tall)(nil)

// tall is details of a question, which scroll where the window is too low for them: the
// buttons below must stay in sight.
type tall struct {
	canvas fyne.Canvas
	scroll *container.Scroll
	rest   float32 // what the question takes besides
}

func newTall(c fyne.Canvas, o fyne.CanvasObject) (*tall, fyne.CanvasObject) {
	t := &tall{canvas: c, scroll: container.NewVScroll(nil), rest: modalRest}
	t.scroll.Content = container.New(&besideBar{t}, o)
	return t, container.New(t, t.scroll)
}

func (t *tall) MinSize([]fyne.CanvasObject) fyne.Size {
	m := t.scroll.Content.MinSize()
	return fyne.NewSize(m.Width, min(m.Height, max(t.canvas.Size().Height-t.rest, leastTall)))
}

func (t *tall) Layout(_ []fyne.CanvasObject, s fyne.Size) {
	draw.Place(t.scroll, 0, 0, s.Width, s.Height)
}

// besideBar leaves room for the bar where the details scroll, unless they need it.
type besideBar struct{ of *tall }

// MinSize is that of the details.
func (b *besideBar) MinSize(o []fyne.CanvasObject) fyne.Size {
	return o[0].MinSize().AddWidthHeight(0, tallEdge)
}

// Layout places them.
func (b *besideBar) Layout(o []fyne.CanvasObject, s fyne.Size) {
	if s.Height > b.of.scroll.Size().Height && s.Width-barRoom >= o[0].MinSize().Width {
		s.Width -= barRoom
	}
	draw.Place(o[0], 0, tallEdge, s.Width, s.Height-tallEdge)
}

// key scrolls.
func (t *tall) key(name fyne.KeyName) bool {
	by := map[fyne.KeyName]float32{
		fyne.KeyDown: tallStep, fyne.KeyUp: -tallStep,
		fyne.KeyPageDown: t.scroll.Size().Height, fyne.KeyPageUp: -t.scroll.Size().Height,
	}[name]
	if by == 0 {
		return false
	}
	most := t.scroll.Content.MinSize().Height - t.scroll.Size().Height
	t.scroll.ScrollToOffset(fyne.NewPos(0, max(min(t.scroll.Offset.Y+by, most), 0)))
	return true
}
