// Package widgets holds the window's own widgets, one a file, and the pure text
// functions that they draw with (json.go, format.go, hex.go, cut.go).
//
// Widgets are made, changed and read on Fyne's main goroutine only, and they
// start no goroutine. They read colours from package theme in Refresh, so a
// theme switch reaches them. The pure text functions may be called from
// anywhere. Texts come from the caller, already translated.
package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"gantry/gui/theme"
)

// Heights and widths in Fyne units, from the visual specification.
const (
	RowHeight     float32 = 26 // message and receipt rows
	ControlHeight float32 = 30 // fields and buttons
	iconSize      float32 = 16
	ringWidth     float32 = 2
)

var _ fyne.WidgetRenderer = (*drawing)(nil)

// drawing is the renderer of the widgets here: objects and three functions.
type drawing struct {
	objects []fyne.CanvasObject
	min     func() fyne.Size
	layout  func(fyne.Size)
	refresh func() // reads the widget's state and tokens into the objects
}

func (d *drawing) Destroy()                     {}
func (d *drawing) Layout(s fyne.Size)           { d.layout(s) }
func (d *drawing) MinSize() fyne.Size           { return d.min() }
func (d *drawing) Objects() []fyne.CanvasObject { return d.objects }

func (d *drawing) Refresh() {
	d.refresh()
	for _, o := range d.objects {
		o.Refresh()
	}
}

// text returns a text object in a token's colour, of which the caller keeps the
// token for its refresh.
func text(s string, size float32, t theme.Token, style fyne.TextStyle) *canvas.Text {
	o := canvas.NewText(s, theme.Color(t))
	o.TextSize = size
	o.TextStyle = style
	return o
}

// box returns a filled rectangle.
func box(fill theme.Token, radius float32) *canvas.Rectangle {
	o := canvas.NewRectangle(theme.Color(fill))
	o.CornerRadius = radius
	return o
}

// place puts an object at x and y with a size.
func place(o fyne.CanvasObject, x, y, w, h float32) {
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(w, h))
}

// width measures a text as the widgets here draw it.
func width(s string, size float32, style fyne.TextStyle) float32 {
	return fyne.MeasureText(s, size, style).Width
}

// Regular, bold and monospace are the styles in use here.
func regular() fyne.TextStyle { return fyne.TextStyle{} }
func bold() fyne.TextStyle    { return fyne.TextStyle{Bold: true} }
func mono() fyne.TextStyle    { return fyne.TextStyle{Monospace: true} }

// weight is bold or regular.
func weight(b bool) fyne.TextStyle { return fyne.TextStyle{Bold: b} }

// Show shows or hides an object, if it is not so yet.
func Show(o fyne.CanvasObject, visible bool) {
	if visible && !o.Visible() {
		o.Show()
	} else if !visible && o.Visible() {
		o.Hide()
	}
}

// spread draws an icon resource in a token's colour.
func spread(img *canvas.Image, res fyne.Resource, t theme.Token) {
	img.FillMode = canvas.ImageFillContain
	img.Resource = theme.Icon(res, t)
	Show(img, res != nil)
}

// Able enables or disables controls, those only that are not so yet.
func Able(on bool, all ...fyne.Disableable) {
	for _, d := range all {
		if on && d.Disabled() {
			d.Enable()
		} else if !on && !d.Disabled() {
			d.Disable()
		}
	}
}
