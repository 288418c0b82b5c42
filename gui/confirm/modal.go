package confirm

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/arrange"
	"gantry/gui/widgets"
)

const (
	// modalWidth is the width of a question, unless its details are wider.
	modalWidth float32 = 480
	modalEdge  float32 = 18
)

// modal is an open pop-up that blocks the window. It gets the keys that no
// widget inside takes, and gives the canvas's own handler back when it closes.
type modal struct {
	canvas fyne.Canvas
	pop    *widget.PopUp
	before func(*fyne.KeyEvent)
	key    func(*fyne.KeyEvent) bool
}

// openModal shows content at a width and gives first the focus.
func openModal(c fyne.Canvas, width float32, content fyne.CanvasObject, key func(*fyne.KeyEvent) bool, first fyne.Focusable) *modal {
	m := &modal{canvas: c, before: c.OnTypedKey(), key: key}
	m.pop = widget.NewModalPopUp(container.New(&arrange.Rows{Width: width}, content), c)
	c.SetOnTypedKey(func(k *fyne.KeyEvent) { key(k) })
	m.pop.Show()
	c.Focus(first)
	return m
}

// fit follows content that has become higher or lower: Fyne's pop-up only grows by itself, and
// would stay as high as it ever was.
func (m *modal) fit() {
	m.pop.Refresh()
	if !m.pop.Visible() {
		return
	}
	size, room := m.pop.MinSize(), m.canvas.Size()
	if m.pop.Size().Height > size.Height {
		m.pop.Resize(size)
		m.pop.Move(fyne.NewPos((room.Width-size.Width)/2, (room.Height-size.Height)/2))
	}
}

// close hides it; a second call does nothing.
func (m *modal) close() {
	if m.pop.Visible() {
		m.pop.Hide()
		m.canvas.SetOnTypedKey(m.before)
	}
}

// modalBody puts objects one below the other with the dialog's margins.
func modalBody(objects ...fyne.CanvasObject) fyne.CanvasObject {
	column := container.New(layout.NewCustomPaddedVBoxLayout(12), objects...)
	return container.New(layout.NewCustomPaddedLayout(18, 16, modalEdge, modalEdge), column)
}

// modalTitle is the question.
func modalTitle(s string) fyne.CanvasObject {
	return widgets.NewHeading(s).Object()
}

// modalButtons puts buttons at the right, 8 apart.
func modalButtons(buttons ...*widgets.Button) fyne.CanvasObject {
	row := container.New(layout.NewCustomPaddedHBoxLayout(8), layout.NewSpacer())
	for _, b := range buttons {
		row.Add(b)
	}
	return row
}
