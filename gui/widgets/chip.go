package widgets

import (
	"fyne.io/fyne/v2"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

var _ fyne.Widget = (*Chip)(nil)

// Chip is a word on a soft ground, 18 high: an environment, a state or a tag.
type Chip struct {
	tipped

	word         string
	strong, soft theme.Token
}

// NewChip returns a neutral chip, for tags and counts.
func NewChip(word string) *Chip { return NewColorChip(word, theme.Muted, theme.Hover) }

// NewEnvChip returns the chip of an environment. env is its word in the profile
// ("dev"), shown is what stands on the chip ("DEV"), in the user's language.
func NewEnvChip(env, shown string) *Chip {
	strong, soft := theme.Env(env)
	return NewColorChip(shown, strong, soft)
}

// NewColorChip returns a chip in the colours of two tokens.
func NewColorChip(word string, strong, soft theme.Token) *Chip {
	c := &Chip{word: word, strong: strong, soft: soft}
	c.ExtendBaseWidget(c)
	return c
}

// Set changes the word and the colours. An empty word hides the chip.
func (c *Chip) Set(word string, strong, soft theme.Token) {
	c.word, c.strong, c.soft = word, strong, soft
	c.Refresh()
}

// SetEnv makes it the chip of an environment.
func (c *Chip) SetEnv(env, shown string) {
	strong, soft := theme.Env(env)
	c.Set(shown, strong, soft)
}

func chipWidth(word string) float32 {
	if word == "" {
		return 0
	}
	return draw.Width(word, theme.SizeChip, draw.Bold()) + 14
}

// CreateRenderer is called by Fyne.
func (c *Chip) CreateRenderer() fyne.WidgetRenderer {
	ground := draw.Box(c.soft, 4)
	word := draw.Text(c.word, theme.SizeChip, c.strong, draw.Bold())
	word.Alignment = fyne.TextAlignCenter
	d := &draw.Renderer{Parts: []fyne.CanvasObject{ground, word}}
	d.Least = func() fyne.Size { return fyne.NewSize(chipWidth(c.word), 18) }
	d.Place = func(s fyne.Size) {
		// Whatever room a row gives, the chip stays 18 high in its middle.
		y := (s.Height - 18) / 2
		draw.Place(ground, 0, y, chipWidth(c.word), 18)
		draw.Place(word, 0, y, chipWidth(c.word), 18)
	}
	d.Paint = func() {
		ground.FillColor = theme.Color(c.soft)
		word.Text, word.Color = c.word, theme.Color(c.strong)
		draw.Show(ground, c.word != "")
		d.Place(c.Size())
	}
	d.Paint()
	return d
}
