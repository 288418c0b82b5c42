// Package arrange holds the layouts of the window: rows, columns, the fields of a form,
// and what stands in the middle. A screen whose parts give way to each other in another
// manner has a layout of its own. It is used on Fyne's main goroutine only.
package arrange

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

var _ fyne.Layout = (*Middle)(nil)

// Middle puts one object into the middle of the height, as wide as there is
// room.
type Middle struct{}

// MinSize is the object's.
func (Middle) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

// Layout places it.
func (Middle) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Resize(fyne.NewSize(size.Width, o[0].MinSize().Height))
	h := o[0].MinSize().Height
	o[0].Resize(fyne.NewSize(size.Width, h))
	o[0].Move(fyne.NewPos(0, max(0, (size.Height-h)/2)))
}

// Middled is o in the middle of the height that it gets.
func Middled(o fyne.CanvasObject) fyne.CanvasObject { return container.New(&Middle{}, o) }

// Swap has a container show one object, o.
func Swap(c *fyne.Container, o fyne.CanvasObject) {
	if len(c.Objects) == 0 || c.Objects[0] != o {
		c.Objects = []fyne.CanvasObject{o}
		c.Refresh()
	}
}

// seen are the objects that are not hidden.
func seen(o []fyne.CanvasObject) []fyne.CanvasObject {
	out := make([]fyne.CanvasObject, 0, len(o))
	for _, x := range o {
		if x.Visible() {
			out = append(out, x)
		}
	}
	return out
}
