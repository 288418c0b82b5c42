package widgets

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

// How long a toast stays: a word that all is well, and one that it is not.
const (
	toastStay     = 4 * time.Second
	toastStayLong = 10 * time.Second
)

var _ fyne.Widget = (*Toasts)(nil)

// Toasts shows one short sentence at a time at the left of a pane's foot, without taking
// the focus, and where it covers nothing that can be pressed. Stack it over the pane:
// container.NewStack(pane, toasts). A newer sentence takes the place of the older one.
type Toasts struct {
	widget.BaseWidget

	pane   fyne.CanvasObject
	after  func(time.Duration, func()) (cancel func())
	cancel func()
	words  string
	failed bool
	shown  bool
	action *Button
}

// NewToasts returns an empty layer over a pane. after runs a function on the main
// goroutine after a delay, as task.Runner.After does.
func NewToasts(pane fyne.CanvasObject, after func(time.Duration, func()) (cancel func())) *Toasts {
	t := &Toasts{pane: pane, after: after, action: NewButton("", nil, Quiet, nil)}
	t.ExtendBaseWidget(t)
	return t
}

// Say shows a sentence. failed stays longer and has the error icon. action "" shows
// no button; pressing it also hides the toast.
func (t *Toasts) Say(words string, failed bool, action string, tapped func()) {
	if t.cancel != nil {
		t.cancel()
	}
	t.words, t.failed, t.shown = words, failed, true
	t.action.SetText(action)
	t.action.OnTapped = func() {
		t.hide()
		if tapped != nil {
			tapped()
		}
	}
	draw.Show(t.action, action != "")
	stay := toastStay
	if failed || action != "" {
		stay = toastStayLong
	}
	if t.after != nil {
		t.cancel = t.after(stay, t.hide)
	}
	t.Refresh()
}

// Moved finds another place if a toast is shown: something else is on the pane now.
func (t *Toasts) Moved() {
	if t.shown {
		t.Refresh()
	}
}

func (t *Toasts) hide() {
	t.shown = false
	t.action.Hide()
	t.Refresh()
}

// CreateRenderer is called by Fyne.
func (t *Toasts) CreateRenderer() fyne.WidgetRenderer {
	ground, icon := draw.Box(theme.Pop, 8), canvas.NewImageFromResource(nil)
	words := draw.Text("", theme.SizeText, theme.Text, draw.Regular())
	draw.Show(t.action, false)
	d := &draw.Renderer{Parts: []fyne.CanvasObject{ground, icon, words, t.action}}
	// It takes no room of its own and lets the pointer through.
	d.Least = func() fyne.Size { return fyne.Size{} }
	d.Place = func(s fyne.Size) {
		measure := func(x string) float32 { return draw.Width(x, theme.SizeText, draw.Regular()) }
		action := float32(0)
		if t.action.Visible() {
			action = t.action.MinSize().Width + 8
		}
		words.Text = CutEnd(t.words, min(s.Width-2*toastEdge, 640)-action-54, measure)
		w := measure(words.Text)
		all := 14 + iconSize + 8 + w + 16 + action
		x, y := toastEdge, float32(0)
		if t.shown {
			at := freePlace(s, fyne.NewSize(all, 40), controls(t.pane, fyne.Position{}, box{0, 0, s.Width, s.Height}))
			x, y = at.X, at.Y
		}
		draw.Place(ground, x, y, all, 40)
		draw.Place(icon, x+14, y+12, iconSize, iconSize)
		draw.Place(words, x+38, y, w, 40)
		draw.Place(t.action, x+all-action-4, y+5, max(action-4, 0), ControlHeight)
	}
	d.Paint = func() {
		ground.FillColor, ground.StrokeColor, ground.StrokeWidth = theme.Color(theme.Pop), theme.Color(theme.InputLine), 1
		ground.Shadow.Color = theme.Color(theme.Scrim)
		res, token := fynetheme.ConfirmIcon(), theme.OK
		if t.failed {
			res, token = fynetheme.ErrorIcon(), theme.Err
		}
		draw.Icon(icon, res, token)
		words.Color = theme.Color(theme.Text)
		for _, o := range []fyne.CanvasObject{ground, icon, words} {
			draw.Show(o, t.shown)
		}
		d.Place(t.Size())
	}
	d.Paint()
	return d
}
