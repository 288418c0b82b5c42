package widgets

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

// emptyWidth is the widest an empty state gets.
const emptyWidth float32 = 380

var _ fyne.Widget = (*EmptyState)(nil)

// EmptyState stands in the middle of a pane that has nothing to show: a title,
// a line, numbered steps and actions.
type EmptyState struct {
	widget.BaseWidget

	block *fyne.Container
	wide  float32 // what its longest line needs
}

// NewEmptyState returns one; line may be "", steps and actions may be none.
func NewEmptyState(title, line string, steps []string, actions ...*Button) *EmptyState {
	e := &EmptyState{block: container.NewVBox()}
	e.Set(title, line, steps, actions...)
	e.ExtendBaseWidget(e)
	return e
}

// Set changes everything.
func (e *EmptyState) Set(title, line string, steps []string, actions ...*Button) {
	objects := []fyne.CanvasObject{newParagraph(title, theme.Text, fynetheme.SizeNameSubHeadingText, draw.Bold()).Object()}
	if line != "" {
		objects = append(objects, NewParagraph(line, theme.Muted).Object())
	}
	for i, s := range steps {
		number := NewColorChip(strconv.Itoa(i+1), theme.Accent, theme.Sel)
		objects = append(objects, container.NewBorder(nil, nil, number, nil, NewParagraph(s, theme.Text).Object()))
	}
	if len(actions) > 0 {
		row := container.NewHBox()
		for _, a := range actions {
			row.Add(a)
		}
		objects = append(objects, row)
	}
	e.wide = max(draw.Width(title, theme.SizeTitle, draw.Bold()), draw.Width(line, theme.SizeText, draw.Regular()))
	for _, s := range steps {
		e.wide = max(e.wide, draw.Width(s, theme.SizeText, draw.Regular())+32)
	}
	e.block.Objects = objects
	e.block.Layout = layout.NewCustomPaddedVBoxLayout(8)
	e.Refresh()
}

// Held is the block in the middle.
func (e *EmptyState) Held() []fyne.CanvasObject { return []fyne.CanvasObject{e.block} }

// CreateRenderer is called by Fyne.
func (e *EmptyState) CreateRenderer() fyne.WidgetRenderer {
	d := &draw.Renderer{Parts: []fyne.CanvasObject{e.block}}
	// A small minimum: the pane decides, not its emptiness.
	d.Least = func() fyne.Size { return fyne.NewSize(140, e.block.MinSize().Height) }
	d.Place = func(s fyne.Size) {
		// As wide as its words, so that it stands in the middle.
		w := max(min(s.Width-24, emptyWidth, e.wide+2), 0)
		if len(e.block.Objects) > 0 {
			w = min(max(w, e.block.Objects[len(e.block.Objects)-1].MinSize().Width), max(s.Width-24, 0))
		}
		e.block.Resize(fyne.NewSize(w, e.block.MinSize().Height))
		h := e.block.MinSize().Height
		draw.Place(e.block, (s.Width-w)/2, max(0, (s.Height-h)/2), w, h)
	}
	d.Paint = func() { d.Place(e.Size()) }
	return d
}
