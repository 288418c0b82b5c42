package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// frame puts the sidebar beside the workspace and tells when the window became
// narrow or wide.
type frame struct {
	content *fyne.Container
	side    fyne.CanvasObject
	main    fyne.CanvasObject
	narrow  bool
	size    fyne.Size
	changed func(bool)
}

func newFrame(side, main fyne.CanvasObject, changed func(bool)) *frame {
	f := &frame{side: side, main: main, changed: changed}
	f.content = container.New(f, side, main)
	return f
}

// Layout gives the sidebar its width and the workspace the rest.
func (f *frame) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	if size != f.size {
		f.size, f.narrow = size, size.Width < narrowBelow
		f.changed(f.narrow)
	}
	side := f.side.MinSize().Width
	f.side.Resize(fyne.NewSize(side, size.Height))
	f.side.Move(fyne.NewPos(0, 0))
	f.main.Resize(fyne.NewSize(size.Width-side, size.Height))
	f.main.Move(fyne.NewPos(side, 0))
}

// MinSize is fixed: a pane that asks for more must not push others off the
// screen.
func (f *frame) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(minWidth, minHeight-24) }
