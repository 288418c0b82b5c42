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

// What a toast shows takes more lines than one where it is long, each so high.
const (
	toastLines         = 3
	toastLine  float32 = 18
	toastRoom  float32 = 640 // the widest
)

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
	var words [toastLines]*canvas.Text
	draw.Show(t.action, false)
	d := &draw.Renderer{Parts: []fyne.CanvasObject{ground, icon, t.action}}
	for i := range words {
		words[i] = draw.Text("", theme.SizeText, theme.Text, draw.Regular())
		d.Parts = append(d.Parts, words[i])
	}
	// It takes no room of its own and lets the pointer through.
	d.Least = func() fyne.Size { return fyne.Size{} }
	d.Place = func(s fyne.Size) {
		measure := func(x string) float32 { return draw.Width(x, theme.SizeText, draw.Regular()) }
		action := float32(0)
		if t.action.Visible() {
			action = t.action.MinSize().Width + 8
		}
		lines, w := CutLines(t.words, min(s.Width-2*toastEdge, toastRoom)-action-54, toastLines, measure), float32(0)
		for i := range words {
			if words[i].Text = ""; i < len(lines) {
				words[i].Text = lines[i]
			}
			w = max(w, measure(words[i].Text))
		}
		more := toastLine * float32(max(len(lines)-1, 0))
		all := fyne.NewSize(14+iconSize+8+w+16+action, 40+more)
		x, y := toastEdge, float32(0)
		if t.shown {
			at := freePlace(s, all, controls(t.pane, fyne.Position{}, box{0, 0, s.Width, s.Height}))
			x, y = at.X, at.Y
		}
		draw.Place(ground, x, y, all.Width, all.Height)
		draw.Place(icon, x+14, y+12, iconSize, iconSize)
		for i := range words {
			draw.Place(words[i], x+38, y+11+toastLine*float32(i), w, toastLine)
		}
		draw.Place(t.action, x+all.Width-action-4, y+5+more/2, max(action-4, 0), ControlHeight)
	}
	d.Paint = func() {
		ground.FillColor, ground.StrokeColor, ground.StrokeWidth = theme.Color(theme.Pop), theme.Color(theme.InputLine), 1
		ground.Shadow.Color = theme.Color(theme.Scrim)
		res, token := fynetheme.ConfirmIcon(), theme.OK
		if t.failed {
			res, token = fynetheme.ErrorIcon(), theme.Err
		}
		draw.Icon(icon, res, token)
		for _, o := range []fyne.CanvasObject{ground, icon} {
			draw.Show(o, t.shown)
		}
		for _, line := range words {
			line.Color = theme.Color(theme.Text)
			draw.Show(line, t.shown)
		}
		d.Place(t.Size())
	}
	d.Paint()
	return d
}
