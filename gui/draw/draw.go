// Package draw holds what own widgets are drawn with: one renderer of objects and three
// functions, and texts and boxes in the theme's colours. It is used on Fyne's main
// goroutine only.
package draw

import (
	"math"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"gantry/gui/theme"
)

var _ fyne.WidgetRenderer = (*Renderer)(nil)

// Renderer is the renderer of a widget: its objects, and three functions.
type Renderer struct {
	Parts []fyne.CanvasObject
	Least func() fyne.Size // the least size
	Place func(fyne.Size)  // lays the parts out
	Paint func()           // reads the widget's state and the theme into the parts

	drawn map[*canvas.Image]picture
}

// picture is what an icon was drawn as.
type picture struct {
	icon  fyne.Resource
	dark  bool
	scale float32 // of the canvas, 0 where it has none yet
}

// Destroy does nothing: it holds nothing.
func (r *Renderer) Destroy() {}

// Layout is called by Fyne.
func (r *Renderer) Layout(s fyne.Size) { r.Place(s) }

// MinSize is called by Fyne.
func (r *Renderer) MinSize() fyne.Size { return r.Least() }

// Objects is called by Fyne.
func (r *Renderer) Objects() []fyne.CanvasObject { return r.Parts }

// Refresh is called by Fyne. An icon that is drawn is not drawn again: Fyne would parse it,
// which was half of what a refresh of the window cost.
func (r *Renderer) Refresh() {
	r.Paint()
	for _, o := range r.Parts {
		if i, ok := o.(*canvas.Image); ok && r.isDrawn(i) {
			continue
		}
		o.Refresh()
	}
}

// isDrawn tells whether an icon is drawn as it is to be, and takes it for drawn from now on.
func (r *Renderer) isDrawn(i *canvas.Image) bool {
	now := picture{icon: i.Resource, dark: theme.IsDark()}
	if c := fyne.CurrentApp().Driver().CanvasForObject(i); c != nil {
		now.scale = c.Scale()
	}
	if r.drawn == nil {
		r.drawn = map[*canvas.Image]picture{}
	}
	was, known := r.drawn[i]
	r.drawn[i] = now
	return known && was == now
}

// Fixed is a least size that never changes.
func Fixed(w, h float32) func() fyne.Size {
	return func() fyne.Size { return fyne.NewSize(w, h) }
}

// Text returns a text object in a token's colour, of which the caller keeps the
// token for its Paint.
func Text(s string, size float32, t theme.Token, style fyne.TextStyle) *canvas.Text {
	o := canvas.NewText(s, theme.Color(t))
	o.TextSize = size
	o.TextStyle = style
	return o
}

// Box returns a filled rectangle.
func Box(fill theme.Token, radius float32) *canvas.Rectangle {
	o := canvas.NewRectangle(theme.Color(fill))
	o.CornerRadius = radius
	return o
}

// Place puts an object at x and y with a size. A text stands in the middle of its
// height as the eye sees it.
func Place(o fyne.CanvasObject, x, y, w, h float32) {
	if t, ok := o.(*canvas.Text); ok {
		y -= Lift(t.Text, t.TextSize)
	}
	o.Move(fyne.NewPos(x, y))
	o.Resize(fyne.NewSize(w, h))
}

// Lift is by how much a text is raised to stand in the middle: Chinese signs reach
// three sixteenths of their size below the baseline, Latin ones stand on it, and Fyne
// centres the line of the Latin font. What has both is raised by half.
func Lift(s string, size float32) float32 {
	han, latin := false, false
	for _, r := range s {
		han = han || unicode.Is(unicode.Han, r)
		latin = latin || r < 0x250 && unicode.IsLetter(r)
	}
	switch lift := float32(math.Round(float64(size) * 0.15)); {
	case !han:
		return 0
	case latin:
		return lift / 2
	default:
		return lift
	}
}

// Width measures a text as Text draws it.
func Width(s string, size float32, style fyne.TextStyle) float32 {
	return fyne.MeasureText(s, size, style).Width
}

// Regular is the style of most texts.
func Regular() fyne.TextStyle { return fyne.TextStyle{} }

// Bold is that of titles and buttons.
func Bold() fyne.TextStyle { return fyne.TextStyle{Bold: true} }

// Mono is that of data.
func Mono() fyne.TextStyle { return fyne.TextStyle{Monospace: true} }

// Weight is bold or regular.
func Weight(bold bool) fyne.TextStyle { return fyne.TextStyle{Bold: bold} }

// Icon draws an icon resource in a token's colour; nil hides the image.
func Icon(img *canvas.Image, res fyne.Resource, t theme.Token) {
	img.FillMode = canvas.ImageFillContain
	img.Resource = theme.Icon(res, t)
	Show(img, res != nil)
}

// Ring returns the focus mark: a 2 px line, unseen until PaintRing.
func Ring(radius float32) *canvas.Rectangle {
	r := Box(theme.None, radius)
	r.StrokeWidth = 2
	return r
}

// PaintRing draws a focus mark in the accent colour, or hides it.
func PaintRing(r *canvas.Rectangle, focused bool) {
	r.FillColor, r.StrokeColor = theme.Color(theme.None), theme.Color(theme.Accent)
	Show(r, focused)
}

// Show shows or hides an object, if it is not so yet.
func Show(o fyne.CanvasObject, visible bool) {
	if visible && !o.Visible() {
		o.Show()
	} else if !visible && o.Visible() {
		o.Hide()
	}
}
