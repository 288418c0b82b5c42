package confirm

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/draw"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// GuardView is what a Guard asks. Its words come translated.
type GuardView struct {
	Head    string            // "PRODUCTION"
	Title   string            // "Send 100 messages to order-events?"
	Details fyne.CanvasObject // above the facts; may be nil. It scrolls where the window is too low
	Facts   []widgets.Fact    // where, how fast, who reads it
	Caption string            // "Type orders-prod to confirm"
	Name    string            // what must be typed, exactly
	Action  string            // "Send 100 to production"
	Cancel  string

	OnConfirm func()
	OnCancel  func() // may be nil
}

// Guard asks for a name to be typed before something happens in
// production. The focus begins in the field; Tab goes to Cancel, then to the
// action, which works only while the text is the name, as Enter does.
type Guard struct {
	modal  *modal
	view   GuardView
	field  *widgets.Entry
	action *widgets.Button
}

// ShowGuard asks over a window.
func ShowGuard(c fyne.Canvas, v GuardView) *Guard {
	g := &Guard{view: v, field: widgets.NewEntry()}
	g.action = widgets.NewButton(v.Action, nil, widgets.Danger, g.confirm)
	g.action.Disable()
	cancel := widgets.NewButton(v.Cancel, nil, widgets.Normal, g.Cancel)
	cancel.OnKey, g.action.OnKey = g.key, g.key
	g.field.OnEscape = g.Cancel
	g.field.OnEnter = g.confirm
	g.field.OnChanged = func(s string) { widgets.Able(s == v.Name, g.action) }
	parts := []fyne.CanvasObject{modalTitle(v.Title)}
	if v.Details != nil {
		t, details := newTall(c, v.Details)
		t.rest = guardRest + factsRoom*float32(len(v.Facts))
		parts = append(parts, details)
	}
	if len(v.Facts) > 0 {
		facts := widgets.NewFacts(v.Facts...)
		facts.SetLabelWidth(labelWidth)
		parts = append(parts, facts)
	}
	body := modalBody(append(parts, widgets.NewField(v.Caption, g.field), modalButtons(cancel, g.action))...)
	content := container.NewBorder(newGuardHead(v.Head), nil, nil, nil, body)
	g.modal = openModal(c, modalWidth, content, g.key, g.field)
	return g
}

// Cancel closes the guard; nothing happens.
func (g *Guard) Cancel() {
	g.modal.close()
	if g.view.OnCancel != nil {
		g.view.OnCancel()
	}
}

// confirm goes on only when the name stands in the field, whatever called it.
func (g *Guard) confirm() {
	if g.field.Text != g.view.Name || g.view.Name == "" {
		return
	}
	g.modal.close()
	if g.view.OnConfirm != nil {
		g.view.OnConfirm()
	}
}

func (g *Guard) key(k *fyne.KeyEvent) bool {
	if k.Name == fyne.KeyEscape {
		g.Cancel()
		return true
	}
	return false
}

var _ fyne.Widget = (*guardHead)(nil)

// guardHead is the red head, whose own top corners are round: a pop-up does not
// clip what is in it.
type guardHead struct {
	widget.BaseWidget
	word string
}

func newGuardHead(word string) fyne.CanvasObject {
	h := &guardHead{word: word}
	h.ExtendBaseWidget(h)
	return h
}

func (h *guardHead) CreateRenderer() fyne.WidgetRenderer {
	ground := draw.Box(theme.Band, 0)
	ground.TopLeftCornerRadius, ground.TopRightCornerRadius = 8, 8
	icon := canvas.NewImageFromResource(nil)
	word := draw.Text(h.word, theme.SizeText, theme.OnBand, draw.Bold())
	content := container.New(layout.NewCustomPaddedLayout(0, 0, 16, 16),
		container.New(layout.NewCustomPaddedHBoxLayout(8), icon, word))
	icon.SetMinSize(fyne.NewSquareSize(16))
	d := &draw.Renderer{Parts: []fyne.CanvasObject{ground, content}}
	d.Least = func() fyne.Size { return fyne.NewSize(100, 36) }
	d.Place = func(s fyne.Size) {
		draw.Place(ground, 0, 0, s.Width, s.Height)
		draw.Place(content, 0, 0, s.Width, s.Height)
	}
	d.Paint = func() {
		ground.FillColor, word.Color = theme.Color(theme.Band), theme.Color(theme.OnBand)
		draw.Icon(icon, fynetheme.WarningIcon(), theme.OnBand)
	}
	d.Paint()
	return d
}
