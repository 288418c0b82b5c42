package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/gui/theme"
)

var _ fyne.Widget = (*Banner)(nil)

// Banner is a sentence across a page, 32 high or more when it wraps, in the
// warning or the error colour, with one action at most.
type Banner struct {
	tipped

	failed bool
	words  *Paragraph
	action *Button
}

// NewBanner returns a banner. action may be "": then there is no button.
func NewBanner(failed bool, words, action string, tapped func()) *Banner {
	b := &Banner{failed: failed, words: NewParagraph(words, theme.Text)}
	b.action = NewButton(action, nil, Quiet, tapped)
	show(b.action, action != "")
	b.ExtendBaseWidget(b)
	return b
}

// Set changes colour, sentence and action; tapped nil keeps the old one.
func (b *Banner) Set(failed bool, words, action string, tapped func()) {
	b.failed = failed
	b.words.Set(words, theme.Text)
	b.action.SetText(action)
	if tapped != nil {
		b.action.OnTapped = tapped
	}
	show(b.action, action != "")
	b.Refresh()
}

// CreateRenderer is called by Fyne.
func (b *Banner) CreateRenderer() fyne.WidgetRenderer {
	ground, icon := box(theme.WarnSoft, 0), canvas.NewImageFromResource(nil)
	words := b.words.Object()
	d := &drawing{objects: []fyne.CanvasObject{ground, icon, words, b.action}}
	actionWidth := func() float32 {
		if !b.action.Visible() {
			return 0
		}
		return b.action.MinSize().Width + 8
	}
	d.min = func() fyne.Size {
		return fyne.NewSize(160+actionWidth(), max(32, words.MinSize().Height+12))
	}
	d.layout = func(s fyne.Size) {
		place(ground, 0, 0, s.Width, s.Height)
		place(icon, 14, 8, iconSize, iconSize)
		w := actionWidth()
		room := s.Width - 38 - 12 - w
		words.Resize(fyne.NewSize(room, words.MinSize().Height)) // wraps: the height follows the width
		h := words.MinSize().Height
		place(words, 38, (s.Height-h)/2, room, h)
		place(b.action, s.Width-w-4, (s.Height-ControlHeight)/2, w-8, ControlHeight)
	}
	d.refresh = func() {
		soft, strong, sign := theme.WarnSoft, theme.Warn, fynetheme.WarningIcon()
		if b.failed {
			soft, strong, sign = theme.ErrSoft, theme.Err, fynetheme.ErrorIcon()
		}
		ground.FillColor = theme.Color(soft)
		spread(icon, sign, strong)
		d.layout(b.Size())
	}
	d.refresh()
	return d
}
