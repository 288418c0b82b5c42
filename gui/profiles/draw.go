package profiles

import "fyne.io/fyne/v2"

var _ fyne.Layout = (*sides)(nil)

// sides gives the right one of three objects a fixed width, the middle one (a
// line) 1, and the left one the rest.
type sides struct{ right float32 }

func (l *sides) MinSize(o []fyne.CanvasObject) fyne.Size {
	a, b := o[0].MinSize(), o[2].MinSize()
	return fyne.NewSize(a.Width+1+l.right, max(a.Height, b.Height))
}

func (l *sides) Layout(o []fyne.CanvasObject, s fyne.Size) {
	left := s.Width - l.right - 1
	o[0].Resize(fyne.NewSize(left, s.Height))
	o[1].Move(fyne.NewPos(left, 0))
	o[1].Resize(fyne.NewSize(1, s.Height))
	o[2].Move(fyne.NewPos(left+1, 0))
	o[2].Resize(fyne.NewSize(l.right, s.Height))
}

var _ fyne.Layout = (*beside)(nil)

// beside puts a button of 28 at the right of a field, at the height of its
// control: below the caption, above what the field says.
type beside struct{}

const besideGap float32 = 4

func (l *beside) MinSize(o []fyne.CanvasObject) fyne.Size {
	a, b := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(a.Width+besideGap+b.Width, a.Height)
}

func (l *beside) Layout(o []fyne.CanvasObject, s fyne.Size) {
	b := o[1].MinSize()
	o[0].Resize(fyne.NewSize(s.Width-besideGap-b.Width, s.Height))
	o[1].Move(fyne.NewPos(s.Width-b.Width, 20))
	o[1].Resize(b)
}
