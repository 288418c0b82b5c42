package widgets

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"gantry/gui/theme"
)

// bare takes the fill and the border from a control of Fyne's: its Field draws
// them below, because Fyne's stroke over a transparent fill has a grey fringe.
// What shows the focus or the pointer stays.
//
// A theme override would do the same, but Fyne parses every font again for each
// override, 5 ms and some MB a field, and keeps it for good.
type bare struct{ fyne.WidgetRenderer }

func newBare(r fyne.WidgetRenderer) *bare {
	b := &bare{r}
	b.undress()
	return b
}

// Refresh is called by Fyne.
func (b *bare) Refresh() {
	b.WidgetRenderer.Refresh()
	b.undress()
}

func (b *bare) undress() {
	for _, o := range b.Objects() {
		if r, ok := o.(*canvas.Rectangle); ok {
			r.FillColor = unless(r.FillColor, theme.Surface, theme.Button)
			r.StrokeColor = unless(r.StrokeColor, theme.Field, theme.Disabled)
		}
	}
}

// unless returns c, or none if it is the colour of one of the tokens.
func unless(c color.Color, tokens ...theme.Token) color.Color {
	for _, t := range tokens {
		if c == theme.Color(t) {
			return theme.Color(theme.None)
		}
	}
	return c
}
