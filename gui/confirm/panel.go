package confirm

import (
	"fyne.io/fyne/v2"

	"gantry/gui/widgets"
)

// PanelView is a form over the window that leads to a question. Its words come translated.
type PanelView struct {
	Title   string
	Content fyne.CanvasObject // scrolls where the window is too low for it
	Width   float32
	Buttons []*widgets.Button // left to right
	First   fyne.Focusable    // has the focus at first
	// OnCancel runs on Escape; the panel stays until Close.
	OnCancel func()
}

// Panel is an open form. Its buttons stay in sight and close nothing by themselves.
type Panel struct{ modal *modal }

// ShowPanel opens a form over a window.
func ShowPanel(c fyne.Canvas, v PanelView) *Panel {
	body, content := newTall(c, v.Content)
	key := func(k *fyne.KeyEvent) bool {
		if k.Name == fyne.KeyEscape {
			v.OnCancel()
			return true
		}
		return body.key(k.Name)
	}
	for _, b := range v.Buttons {
		b.OnKey = key
	}
	return &Panel{openModal(c, v.Width, modalBody(modalTitle(v.Title), content, modalButtons(v.Buttons...)), key, v.First)}
}

// Relayout follows content that has become higher or lower.
func (p *Panel) Relayout() { p.modal.fit() }

// Close takes it away; a second call does nothing.
func (p *Panel) Close() { p.modal.close() }
