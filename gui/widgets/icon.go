package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"gantry/gui/arrange"
	"gantry/gui/theme"
)

// NewIcon draws a resource of 16 in a token's colour, at the top of its room.
func NewIcon(res fyne.Resource, t theme.Token) fyne.CanvasObject {
	i := canvas.NewImageFromResource(theme.Icon(res, t))
	i.FillMode = canvas.ImageFillContain
	i.SetMinSize(fyne.NewSquareSize(iconSize))
	return container.New(&arrange.Rows{}, i)
}
