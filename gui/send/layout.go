package send

import "fyne.io/fyne/v2"

var _ fyne.Layout = (*foot)(nil)

// foot puts the second of two objects at the foot, as high as it wants but at
// most 60 % of the height. The first takes the rest.
type foot struct{ want func() float32 }

func (f *foot) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(max(o[0].MinSize().Width, o[1].MinSize().Width), 140)
}

func (f *foot) Layout(o []fyne.CanvasObject, size fyne.Size) {
	h := float32(0)
	if o[1].Visible() {
		o[1].Resize(fyne.NewSize(size.Width, max(o[1].Size().Height, 40)))
		h = min(f.want(), size.Height*0.6)
	}
	o[0].Resize(fyne.NewSize(size.Width, size.Height-h))
	o[0].Move(fyne.NewPos(0, 0))
	o[1].Move(fyne.NewPos(0, size.Height-h))
	o[1].Resize(fyne.NewSize(size.Width, h))
}
