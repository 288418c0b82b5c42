package profiles

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// notice is a sentence above the form with its actions; it takes no room while
// there is nothing to say.
type notice struct {
	content *fyne.Container
	words   *widgets.Paragraph
	buttons *fyne.Container
	back    *ground
	sign    *fyne.Container
}

func newNotice() *notice {
	n := &notice{
		words: widgets.NewParagraph("", theme.Text), buttons: container.New(layout.NewCustomPaddedHBoxLayout(8)),
		back: newGround(theme.WarnSoft, fyne.Size{}), sign: container.NewStack(),
	}
	body := container.NewBorder(nil, nil, n.sign, nil, container.New(&stacked{gap: 6}, n.words.Object(), n.buttons))
	n.content = container.NewStack(n.back, container.New(layout.NewCustomPaddedLayout(8, 8, 16, 16), body))
	n.content.Hide()
	return n
}

// say shows a sentence and its actions.
func (n *notice) say(failed bool, words string, actions ...fyne.CanvasObject) {
	n.back.set(theme.WarnSoft)
	n.sign.Objects = []fyne.CanvasObject{icon(fynetheme.WarningIcon(), theme.Warn)}
	if failed {
		n.back.set(theme.ErrSoft)
		n.sign.Objects = []fyne.CanvasObject{icon(fynetheme.ErrorIcon(), theme.Err)}
	}
	n.words.Set(words, theme.Text)
	n.buttons.Objects = actions
	n.content.Show()
	n.content.Refresh()
}

func (n *notice) clear() { n.content.Hide() }
