package widgets

import (
	"image/color"

	"gantry/gui/theme"
)

// hoverColor is the veil over what the pointer is on: text at 5 %, or 12 % over
// a strong fill.
func hoverColor(on, strong bool) color.Color {
	if !on {
		return color.Transparent
	}
	c := theme.Text.In(theme.IsDark())
	c.A = 13
	if strong {
		c.A = 31
	}
	return c
}
