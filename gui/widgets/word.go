package widgets

import (
	"fyne.io/fyne/v2"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

var _ fyne.Widget = (*Word)(nil)

// Word is one line of text in a token's colour and without padding. Where the
// layout gives it less room than it asks for, it cuts itself with "…". Unlike a
// canvas.Text it follows a theme switch.
type Word struct {
	tipped

	words string
	size  float32
	token theme.Token
	style fyne.TextStyle
	least float32 // the least width; below zero: the whole text
	cut   func(s string, width float32, measure func(string) float32) string
	tells bool // the whole text, where it is cut
}

// NewWord returns a word of 13 in the regular weight.
func NewWord(s string, t theme.Token) *Word { return newWord(s, theme.SizeText, t, draw.Regular()) }

// Wants is the width of the whole text.
func (w *Word) Wants() float32 { return draw.Width(w.words, w.size, w.style) + 1 }

// NewCaption returns a muted word of 12.
func NewCaption(s string) *Word { return newWord(s, theme.SizeCaption, theme.Muted, draw.Regular()) }

// NewTitle returns a bold word of 15.
func NewTitle(s string) *Word { return newWord(s, theme.SizeTitle, theme.Text, draw.Bold()) }

// NewData returns a monospace word of 12.
func NewData(s string) *Word { return newWord(s, theme.SizeCaption, theme.Text, draw.Mono()) }

func newWord(s string, size float32, t theme.Token, style fyne.TextStyle) *Word {
	w := &Word{words: s, size: size, token: t, style: style, least: -1, cut: CutEnd}
	w.ExtendBaseWidget(w)
	return w
}

// Bold makes it bold and returns it.
func (w *Word) Bold() *Word { w.style.Bold = true; w.Refresh(); return w }

// Small makes it 12 and returns it.
func (w *Word) Small() *Word { w.size = theme.SizeCaption; w.Refresh(); return w }

// Shrinks lets it be cut down to a width and returns it.
func (w *Word) Shrinks(least float32) *Word { w.least = least; w.Refresh(); return w }

// CutInside has it cut in its middle and returns it: of a path both ends tell the most.
func (w *Word) CutInside() *Word { w.cut = CutMiddle; w.Refresh(); return w }

// Tells has it show the whole text under the pointer where it is cut, and returns it.
func (w *Word) Tells() *Word { w.tells = true; w.Refresh(); return w }

// Text returns the whole text.
func (w *Word) Text() string { return w.words }

// SetText changes the text.
func (w *Word) SetText(s string) { w.Set(s, w.token) }

// Set changes text and colour.
func (w *Word) Set(s string, t theme.Token) {
	if w.words != s || w.token != t {
		w.words, w.token = s, t
		w.Refresh()
	}
}

// CreateRenderer is called by Fyne.
func (w *Word) CreateRenderer() fyne.WidgetRenderer {
	o := draw.Text("", w.size, w.token, w.style)
	d := &draw.Renderer{Parts: []fyne.CanvasObject{o}}
	measure := func(s string) float32 { return draw.Width(s, w.size, w.style) }
	d.Least = func() fyne.Size {
		size := fyne.MeasureText(w.words, w.size, w.style)
		if w.least >= 0 {
			size.Width = min(size.Width, w.least)
		}
		return size
	}
	d.Place = func(s fyne.Size) {
		o.Text = w.words
		if s.Width > 0 && s.Width < measure(w.words)-0.5 {
			o.Text = w.cut(w.words, s.Width, measure)
		}
		if tip := ""; w.tells {
			if o.Text != w.words {
				tip = w.words
			}
			w.SetToolTip(tip)
		}
		draw.Place(o, 0, 0, s.Width, s.Height)
	}
	d.Paint = func() {
		o.TextSize, o.TextStyle, o.Color = w.size, w.style, theme.Color(w.token)
		d.Place(w.Size())
	}
	d.Paint()
	return d
}
