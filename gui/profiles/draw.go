package profiles

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/theme"
)

// label is text in a token's colour, without padding, that follows a theme
// switch.
type label struct {
	rich    *widget.RichText
	segment *widget.TextSegment
	object  fyne.CanvasObject
}

// newLabel returns a text; wrap is off for one line that asks for its width.
func newLabel(s string, t theme.Token, size fyne.ThemeSizeName, style fyne.TextStyle, wrap fyne.TextWrap) *label {
	l := &label{segment: &widget.TextSegment{Text: s, Style: widget.RichTextStyle{
		ColorName: theme.Name(t), SizeName: size, TextStyle: style,
	}}}
	l.rich = widget.NewRichText(l.segment)
	l.rich.Wrapping = wrap
	l.object = container.NewThemeOverride(l.rich, theme.ForCompact())
	return l
}

func newTitle(s string) *label {
	return newLabel(s, theme.Text, fynetheme.SizeNameSubHeadingText, fyne.TextStyle{Bold: true}, fyne.TextWrapOff)
}

func newStrong(s string, wrap fyne.TextWrap) *label {
	return newLabel(s, theme.Text, fynetheme.SizeNameText, fyne.TextStyle{Bold: true}, wrap)
}

func newQuiet(s string, wrap fyne.TextWrap) *label {
	return newLabel(s, theme.Muted, fynetheme.SizeNameText, fyne.TextStyle{}, wrap)
}

func newMono(s string) *label {
	return newLabel(s, theme.Muted, fynetheme.SizeNameCaptionText, fyne.TextStyle{Monospace: true}, fyne.TextWrapBreak)
}

// set changes the text and its colour.
func (l *label) set(s string, t theme.Token) {
	if l.segment.Text == s && l.segment.Style.ColorName == theme.Name(t) {
		return
	}
	l.segment.Text, l.segment.Style.ColorName = s, theme.Name(t)
	l.rich.Refresh()
}

var _ fyne.Widget = (*ground)(nil)

// ground is a plain fill in a token's colour that follows a theme switch.
type ground struct {
	widget.BaseWidget
	token theme.Token
	least fyne.Size
}

func newGround(t theme.Token, least fyne.Size) *ground {
	g := &ground{token: t, least: least}
	g.ExtendBaseWidget(g)
	return g
}

// newLine is a separator.
func newLine() *ground { return newGround(theme.Line, fyne.NewSquareSize(1)) }

func (g *ground) set(t theme.Token) { g.token = t; g.Refresh() }

// CreateRenderer is called by Fyne.
func (g *ground) CreateRenderer() fyne.WidgetRenderer {
	return &groundRenderer{g: g, rect: canvas.NewRectangle(theme.Color(g.token))}
}

type groundRenderer struct {
	g    *ground
	rect *canvas.Rectangle
}

func (r *groundRenderer) Layout(s fyne.Size)           { r.rect.Resize(s) }
func (r *groundRenderer) MinSize() fyne.Size           { return r.g.least }
func (r *groundRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.rect} }
func (r *groundRenderer) Destroy()                     {}
func (r *groundRenderer) Refresh() {
	r.rect.FillColor = theme.Color(r.g.token)
	r.rect.Refresh()
}

// icon draws a resource of 16 in a token's colour, at the top of its room.
func icon(res fyne.Resource, t theme.Token) fyne.CanvasObject {
	i := canvas.NewImageFromResource(theme.Icon(res, t))
	i.FillMode = canvas.ImageFillContain
	i.SetMinSize(fyne.NewSquareSize(16))
	return container.New(&stacked{}, i)
}

var _ fyne.Layout = (*columns)(nil)

// columns puts objects side by side with shares of the width. An object of
// share 0 keeps its least width.
type columns struct {
	gap    float32
	shares []float32
}

func (c *columns) MinSize(o []fyne.CanvasObject) fyne.Size {
	s := fyne.NewSize(c.gap*float32(len(o)-1), 0)
	for _, x := range o {
		m := x.MinSize()
		s.Width, s.Height = s.Width+m.Width, max(s.Height, m.Height)
	}
	return s
}

func (c *columns) Layout(o []fyne.CanvasObject, size fyne.Size) {
	free, all := size.Width-c.gap*float32(len(o)-1), float32(0)
	for i, x := range o {
		if c.shares[i] == 0 {
			free -= x.MinSize().Width
		}
		all += c.shares[i]
	}
	x := float32(0)
	for i, obj := range o {
		w := obj.MinSize().Width
		if c.shares[i] > 0 {
			w = max(0, free*c.shares[i]/all)
		}
		obj.Move(fyne.NewPos(x, 0))
		obj.Resize(fyne.NewSize(w, size.Height))
		x += w + c.gap
	}
}

var _ fyne.Layout = (*stacked)(nil)

// stacked puts objects one below the other. Texts that wrap know their height
// only once they have their width, so each gets that first.
type stacked struct{ gap, width float32 }

func (c *stacked) MinSize(o []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	for i, x := range visible(o) {
		if c.width > 0 && x.Size().Width != c.width {
			x.Resize(fyne.NewSize(c.width, x.MinSize().Height))
		}
		m := x.MinSize()
		s.Width, s.Height = max(s.Width, m.Width), s.Height+m.Height
		if i > 0 {
			s.Height += c.gap
		}
	}
	return s
}

func (c *stacked) Layout(o []fyne.CanvasObject, size fyne.Size) {
	c.width = size.Width
	y := float32(0)
	for _, x := range visible(o) {
		x.Resize(fyne.NewSize(size.Width, x.MinSize().Height))
		h := x.MinSize().Height
		x.Resize(fyne.NewSize(size.Width, h))
		x.Move(fyne.NewPos(0, y))
		y += h + c.gap
	}
}

func visible(o []fyne.CanvasObject) []fyne.CanvasObject {
	out := make([]fyne.CanvasObject, 0, len(o))
	for _, x := range o {
		if x.Visible() {
			out = append(out, x)
		}
	}
	return out
}

var _ fyne.Layout = (*sides)(nil)

// sides gives the right one of three objects a fixed width, the middle one (a
// line) 1, and the left one the rest.
type sides struct{ right float32 }

func (l *sides) MinSize(o []fyne.CanvasObject) fyne.Size {
	a, b := o[0].MinSize(), o[2].MinSize()
	return fyne.NewSize(a.Width+1+l.right, max(a.Height, b.Height))
}

func (l *sides) Layout(o []fyne.CanvasObject, s fyne.Size) {
	left := s.Width - l.right - 1
	o[0].Resize(fyne.NewSize(left, s.Height))
	o[1].Move(fyne.NewPos(left, 0))
	o[1].Resize(fyne.NewSize(1, s.Height))
	o[2].Move(fyne.NewPos(left+1, 0))
	o[2].Resize(fyne.NewSize(l.right, s.Height))
}

var _ fyne.Layout = (*growing)(nil)

// growing puts objects one below the other; the one at index grow takes the
// room that the others leave.
type growing struct {
	gap, width float32
	grow       int
}

func (g *growing) MinSize(o []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	for i, x := range o {
		if !x.Visible() {
			continue
		}
		if g.width > 0 && x.Size().Width != g.width {
			x.Resize(fyne.NewSize(g.width, max(x.Size().Height, x.MinSize().Height)))
		}
		m := x.MinSize()
		s.Width, s.Height = max(s.Width, m.Width), s.Height+m.Height
		if i > 0 {
			s.Height += g.gap
		}
	}
	return s
}

func (g *growing) Layout(o []fyne.CanvasObject, size fyne.Size) {
	g.width = size.Width
	free := size.Height
	for i, x := range o {
		if !x.Visible() {
			continue
		}
		if i > 0 {
			free -= g.gap
		}
		if i != g.grow {
			x.Resize(fyne.NewSize(size.Width, x.MinSize().Height))
			free -= x.MinSize().Height
		}
	}
	y := float32(0)
	for i, x := range o {
		if !x.Visible() {
			continue
		}
		h := x.MinSize().Height
		if i == g.grow {
			h = max(h, free)
		}
		x.Move(fyne.NewPos(0, y))
		x.Resize(fyne.NewSize(size.Width, h))
		y += h + g.gap
	}
}
