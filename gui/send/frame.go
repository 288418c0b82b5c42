package send

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/theme"
)

var _ fyne.Widget = (*frame)(nil)

// frame draws the border of a field.
type frame struct{ widget.BaseWidget }

// framed puts a field's border round an object.
func framed(o fyne.CanvasObject) fyne.CanvasObject {
	f := &frame{}
	f.ExtendBaseWidget(f)
	return container.NewStack(f, o)
}

// CreateRenderer is called by Fyne.
func (f *frame) CreateRenderer() fyne.WidgetRenderer {
	r := &frameRenderer{rect: canvas.NewRectangle(color.Transparent)}
	r.rect.CornerRadius, r.rect.StrokeWidth = 5, 1
	r.Refresh()
	return r
}

type frameRenderer struct{ rect *canvas.Rectangle }

func (r *frameRenderer) Layout(s fyne.Size)           { r.rect.Resize(s) }
func (r *frameRenderer) MinSize() fyne.Size           { return fyne.Size{} }
func (r *frameRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.rect} }
func (r *frameRenderer) Destroy()                     {}
func (r *frameRenderer) Refresh() {
	r.rect.FillColor, r.rect.StrokeColor = theme.Color(theme.Surface), theme.Color(theme.Field)
	r.rect.Refresh()
}
