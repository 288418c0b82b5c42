package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

// bannerWords is the least room of a banner's sentence beside its actions: with
// less they stand below it.
const bannerWords float32 = 320

// Choice is one answer to a Question, or an action of a Banner.
type Choice struct {
	Text string
	Kind ButtonKind
	Do   func()
}

var _ fyne.Widget = (*Banner)(nil)

// Banner is a sentence across a page, 32 high or more when it wraps, in the
// warning or the error colour, with its actions at the right or below.
type Banner struct {
	tipped

	failed  bool
	words   *Paragraph
	actions []*Button
	width   float32 // that it was placed in
}

// NewBanner returns a banner.
func NewBanner(failed bool, words string, actions ...Choice) *Banner {
	b := &Banner{words: NewParagraph("", theme.Text)}
	b.ExtendBaseWidget(b)
	b.Set(failed, words, actions...)
	return b
}

// Set changes colour, sentence and actions.
func (b *Banner) Set(failed bool, words string, actions ...Choice) {
	b.failed = failed
	b.words.Set(words, theme.Text)
	for len(b.actions) < len(actions) {
		b.actions = append(b.actions, NewButton("", nil, Quiet, nil))
	}
	b.actions = b.actions[:len(actions)] // those that stay keep the focus
	for i, a := range actions {
		b.actions[i].SetText(a.Text)
		b.actions[i].SetKind(a.Kind)
		b.actions[i].OnTapped = a.Do
	}
	b.Refresh()
}

// Unhidden: it has something to say.
func (b *Banner) Unhidden() bool { return true }

// actionsWidth is what the actions take, with the room before each.
func (b *Banner) actionsWidth() float32 {
	w := float32(0)
	for _, a := range b.actions {
		w += a.MinSize().Width + 8
	}
	return w
}

// stacked reports whether the actions stand below the sentence.
func (b *Banner) stacked() bool {
	return len(b.actions) > 0 && b.width > 0 && b.width-50-b.actionsWidth() < bannerWords
}

// room is the width of the sentence.
func (b *Banner) room() float32 {
	if b.stacked() {
		return b.width - 50
	}
	return b.width - 50 - b.actionsWidth()
}

// CreateRenderer is called by Fyne.
func (b *Banner) CreateRenderer() fyne.WidgetRenderer {
	r := &bannerRenderer{b: b, ground: draw.Box(theme.WarnSoft, 0), icon: canvas.NewImageFromResource(nil), words: b.words.Object()}
	r.Refresh()
	return r
}

type bannerRenderer struct {
	b      *Banner
	ground *canvas.Rectangle
	icon   *canvas.Image
	words  fyne.CanvasObject
}

func (r *bannerRenderer) Destroy() {}

func (r *bannerRenderer) Objects() []fyne.CanvasObject {
	o := []fyne.CanvasObject{r.ground, r.icon, r.words}
	for _, a := range r.b.actions {
		o = append(o, a)
	}
	return o
}

func (r *bannerRenderer) MinSize() fyne.Size {
	h := r.words.MinSize().Height + 12
	if r.b.stacked() {
		h += ControlHeight + 4
	}
	return fyne.NewSize(max(160, r.b.actionsWidth()+50), max(32, h))
}

func (r *bannerRenderer) Layout(s fyne.Size) {
	r.b.width = s.Width
	draw.Place(r.ground, 0, 0, s.Width, s.Height)
	draw.Place(r.icon, 14, 8, iconSize, iconSize)
	room := max(r.b.room(), 0)
	r.words.Resize(fyne.NewSize(room, r.words.MinSize().Height)) // wraps: the height follows the width
	h := r.words.MinSize().Height
	x, y := s.Width-4-r.b.actionsWidth(), (s.Height-ControlHeight)/2
	if r.b.stacked() {
		x, y = 30, s.Height-ControlHeight-6
		draw.Place(r.words, 38, 6, room, h)
	} else {
		draw.Place(r.words, 38, (s.Height-h)/2, room, h)
	}
	for _, a := range r.b.actions {
		w := a.MinSize().Width
		draw.Place(a, x, y, w, ControlHeight)
		x += w + 8
	}
}

func (r *bannerRenderer) Refresh() {
	soft, strong, res := theme.WarnSoft, theme.Warn, fynetheme.WarningIcon()
	if r.b.failed {
		soft, strong, res = theme.ErrSoft, theme.Err, fynetheme.ErrorIcon()
	}
	r.ground.FillColor = theme.Color(soft)
	draw.Icon(r.icon, res, strong)
	r.Layout(r.b.Size())
	for _, o := range r.Objects() {
		o.Refresh()
	}
}
