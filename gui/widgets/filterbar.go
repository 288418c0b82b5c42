package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"gantry/gui/draw"
)

// filterLeast is the least width of a filter that is worth having.
const filterLeast float32 = 180

var _ fyne.Layout = (*filterBar)(nil)

// filterBar places a filter, the segments beside it, and what stands at the
// right. Where the filter would get too little room the segments stand below.
type filterBar struct {
	stacked bool // as it was placed last
}

// NewFilterBar puts a filter, segments, and what follows them into one row, or
// two.
func NewFilterBar(filter, segments fyne.CanvasObject, rest ...fyne.CanvasObject) *fyne.Container {
	return container.New(&filterBar{}, append([]fyne.CanvasObject{filter, segments}, rest...)...)
}

const barGap float32 = 8

// MinSize is that of one row, or of two if two were needed.
func (l *filterBar) MinSize(o []fyne.CanvasObject) fyne.Size {
	h := ControlHeight
	if l.stacked {
		h += ControlHeight + barGap
	}
	return fyne.NewSize(max(o[1].MinSize().Width, filterLeast), h)
}

// Layout places the objects.
func (l *filterBar) Layout(o []fyne.CanvasObject, s fyne.Size) {
	rest := float32(0)
	for _, x := range o[2:] {
		rest += x.MinSize().Width + barGap
	}
	segments := o[1].MinSize().Width
	l.stacked = s.Width-rest-segments-barGap < filterLeast
	filter := s.Width - rest
	if !l.stacked {
		filter -= segments + barGap
	}
	draw.Place(o[0], 0, 0, max(filter, 0), ControlHeight)
	x, y := filter+barGap, float32(0)
	if l.stacked {
		draw.Place(o[1], 0, ControlHeight+barGap, segments, ControlHeight)
	} else {
		draw.Place(o[1], x, y, segments, ControlHeight)
		x += segments + barGap
	}
	for _, r := range o[2:] {
		w := r.MinSize().Width
		draw.Place(r, x, 0, w, ControlHeight)
		x += w + barGap
	}
}
