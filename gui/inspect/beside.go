package inspect

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"gantry/gui/widgets"
)

// Side is where the inspector stands beside its list, as it is kept in the
// settings.
type Side string

// The sides. None, "", is Right.
const (
	Right  Side = "right"
	Below  Side = "below"
	Hidden Side = "hidden"
)

// usualWidth is the inspector's usual width at the right, belowShare its usual
// share of the height below; there it leaves the list the room of its bars and eight rows,
// as long as that leaves leastBelow.
const (
	usualWidth = 416
	belowShare = 0.45
	leastBelow = 150
	listRoom   = 42 + 24 + 2 + 8*26
)

// usualBelow is the inspector's usual height below a list, together so high.
func usualBelow(total float32) float32 {
	return min(total*belowShare, max(total-listRoom, leastBelow))
}

// BesideParams are what NewBeside needs. SaveSide and SaveOffset may be nil.
type BesideParams struct {
	Inspector *Inspector
	Side      Side
	SaveSide  func(Side)
	// Offset is the split's at the right, 0 for the usual one.
	Offset     float64
	SaveOffset func(float64)
	// Focus gives the keyboard focus, FocusList to the list or what stands for it.
	Focus     func(fyne.Focusable)
	FocusList func()
}

// Beside puts a list and its inspector side by side, one below the other, or the
// list alone.
type Beside struct {
	p       BesideParams
	narrow  bool
	list    *fyne.Container
	alone   fyne.CanvasObject
	content *fyne.Container
}

// NewBeside returns it with an empty list.
func NewBeside(p BesideParams) *Beside {
	if p.Side == "" {
		p.Side = Right
	}
	b := &Beside{p: p, list: container.NewStack(), content: container.NewStack()}
	b.arrange()
	return b
}

// Content is what to put into a layout.
func (b *Beside) Content() fyne.CanvasObject { return b.content }

// SetList shows a list.
func (b *Beside) SetList(o fyne.CanvasObject) {
	b.list.Objects = []fyne.CanvasObject{o}
	b.list.Refresh()
}

// SetAlone gives all the room to o, an empty state for example; nil brings list
// and inspector back.
func (b *Beside) SetAlone(o fyne.CanvasObject) {
	if b.alone != o {
		b.alone = o
		b.arrange()
	}
}

// SetNarrow puts the inspector below where it would stand at the right: the window
// is narrow.
func (b *Beside) SetNarrow(narrow bool) {
	if b.narrow != narrow {
		b.narrow = narrow
		b.arrange()
	}
}

// Side is where the inspector is in this window.
func (b *Beside) Side() Side {
	if b.narrow && b.p.Side == Right {
		return Below
	}
	return b.p.Side
}

func (b *Beside) arrange() {
	if b.alone != nil {
		b.content.Objects = []fyne.CanvasObject{b.alone}
		b.content.Refresh()
		return
	}
	pane := b.p.Inspector.Content()
	b.p.Inspector.SetBelow(b.Side() == Below)
	var shown fyne.CanvasObject = b.list
	switch b.Side() {
	case Right:
		split := widgets.NewSplit(b.list, pane, false, func(total float32) float32 { return min(usualWidth, total/2) })
		split.SetOffset(b.p.Offset)
		split.OnMoved = b.moved
		shown = split
	case Below:
		shown = widgets.NewSplit(b.list, pane, true, usualBelow)
	}
	b.content.Objects = []fyne.CanvasObject{shown}
	b.content.Refresh()
}

// moved keeps where the user put the line at the right.
func (b *Beside) moved(offset float64) {
	b.p.Offset = offset
	if b.p.SaveOffset != nil {
		b.p.SaveOffset(offset)
	}
}

// SetSide moves the inspector, and the focus to the list.
func (b *Beside) SetSide(side Side) {
	b.p.Side = side
	if b.p.SaveSide != nil {
		b.p.SaveSide(side)
	}
	b.arrange()
	b.p.FocusList()
}

// Cycle moves the inspector: right, below, hidden.
func (b *Beside) Cycle() {
	switch b.Side() {
	case Right:
		b.SetSide(Below)
	case Below:
		b.SetSide(Hidden)
	default:
		b.SetSide(Right)
	}
}

// Open shows the inspector and goes into its body.
func (b *Beside) Open() {
	if b.Side() == Hidden {
		b.SetSide(Right)
	}
	if b.p.Inspector.Message() != nil {
		b.p.Focus(b.p.Inspector.Focus())
	}
}

// Hide closes the inspector.
func (b *Beside) Hide() {
	if b.Side() != Hidden {
		b.SetSide(Hidden)
	}
}
