package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/theme"
)

// modalWidth is the width of every question.
const modalWidth float32 = 480

// modal is an open pop-up that blocks the window. It gets the keys that no
// widget inside takes, and gives the canvas's own handler back when it closes.
type modal struct {
	canvas fyne.Canvas
	pop    *widget.PopUp
	before func(*fyne.KeyEvent)
	key    func(*fyne.KeyEvent) bool
}

// openModal shows content and gives first the focus.
func openModal(c fyne.Canvas, content fyne.CanvasObject, key func(*fyne.KeyEvent) bool, first fyne.Focusable) *modal {
	m := &modal{canvas: c, before: c.OnTypedKey(), key: key}
	m.pop = widget.NewModalPopUp(container.New(&wideLayout{width: modalWidth}, content), c)
	c.SetOnTypedKey(func(k *fyne.KeyEvent) { key(k) })
	m.pop.Show()
	c.Focus(first)
	return m
}

// close hides it; a second call does nothing.
func (m *modal) close() {
	if m.pop.Visible() {
		m.pop.Hide()
		m.canvas.SetOnTypedKey(m.before)
	}
}

var _ fyne.Layout = (*wideLayout)(nil)

// wideLayout gives its one object a fixed width and the height that it needs
// at that width, which wrapping text knows only once it has the width.
type wideLayout struct{ width float32 }

func (l *wideLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	h := float32(0)
	for _, o := range objects {
		if o.Size().Width != l.width {
			o.Resize(fyne.NewSize(l.width, o.MinSize().Height))
		}
		h = max(h, o.MinSize().Height)
	}
	return fyne.NewSize(l.width, h)
}

func (l *wideLayout) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	for _, o := range objects {
		place(o, 0, 0, l.width, s.Height)
	}
}

// modalBody puts objects one below the other with the dialog's margins.
func modalBody(objects ...fyne.CanvasObject) fyne.CanvasObject {
	column := container.New(layout.NewCustomPaddedVBoxLayout(12), objects...)
	return container.New(layout.NewCustomPaddedLayout(18, 16, 18, 18), column)
}

// modalTitle is the question.
func modalTitle(s string) fyne.CanvasObject {
	return newParagraph(s, theme.Text, "subHeadingText", bold()).Object()
}

// modalButtons puts buttons at the right, 8 apart.
func modalButtons(buttons ...*Button) fyne.CanvasObject {
	row := container.New(layout.NewCustomPaddedHBoxLayout(8), layout.NewSpacer())
	for _, b := range buttons {
		row.Add(b)
	}
	return row
}
