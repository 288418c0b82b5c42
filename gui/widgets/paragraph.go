package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

// Paragraph is text that wraps, without padding, in a token's colour.
type Paragraph struct {
	rich    *widget.RichText
	segment *widget.TextSegment
	object  fyne.CanvasObject
}

// NewParagraph returns a paragraph in the normal size (13).
func NewParagraph(s string, t theme.Token) *Paragraph {
	return newParagraph(s, t, fynetheme.SizeNameText, draw.Regular())
}

// NewHeading returns a paragraph as the title of a question.
func NewHeading(s string) *Paragraph {
	return newParagraph(s, theme.Text, fynetheme.SizeNameSubHeadingText, draw.Bold())
}

func newParagraph(s string, t theme.Token, size fyne.ThemeSizeName, style fyne.TextStyle) *Paragraph {
	p := &Paragraph{segment: &widget.TextSegment{Text: s, Style: widget.RichTextStyle{
		ColorName: theme.Name(t), SizeName: size, TextStyle: style,
	}}}
	p.rich = widget.NewRichText(p.segment)
	p.rich.Wrapping = fyne.TextWrapWord
	pad := -fynetheme.InnerPadding() // which Fyne draws around its text
	p.object = container.New(layout.NewCustomPaddedLayout(pad, pad, pad, pad), p.rich)
	return p
}

// Bold makes it bold and returns it.
func (p *Paragraph) Bold() *Paragraph {
	p.segment.Style.TextStyle.Bold = true
	p.rich.Refresh()
	return p
}

// Data makes it data, monospace of 12 that breaks anywhere, and returns it.
func (p *Paragraph) Data() *Paragraph {
	p.segment.Style.TextStyle.Monospace = true
	p.segment.Style.SizeName = fynetheme.SizeNameCaptionText
	p.rich.Wrapping = fyne.TextWrapBreak
	p.rich.Refresh()
	return p
}

// Object is what to put into a layout.
func (p *Paragraph) Object() fyne.CanvasObject { return p.object }

// Text returns the text.
func (p *Paragraph) Text() string { return p.segment.Text }

// Set changes the text and the colour.
func (p *Paragraph) Set(s string, t theme.Token) {
	if p.segment.Text == s && p.segment.Style.ColorName == theme.Name(t) {
		return
	}
	p.segment.Text, p.segment.Style.ColorName = s, theme.Name(t)
	p.rich.Refresh()
}
