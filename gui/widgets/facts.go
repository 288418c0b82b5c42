package widgets

import (
	"cmp"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

// factRow is the height of a row of Facts.
const factRow float32 = 21

var (
	_ fyne.Widget            = (*Facts)(nil)
	_ fyne.SecondaryTappable = (*Facts)(nil)
)

// Fact is a label and a value.
type Fact struct {
	Label, Value string
	Shown        string      // what stands in the value's place; "" is the value, which is copied
	Mono         bool        // the value is data
	Term         string      // of a filter, that finds the value; "" for none
	Tint         theme.Token // the value's colour; None is Text
	CopyTip      string      // the tooltip of a copy button; "" shows none
}

// one reports whether the value is an id, a name or the like, which may differ from
// another one at its end only.
func (f *Fact) one() bool { return f.Mono && !strings.ContainsAny(f.text(), " \n") }

func (f *Fact) text() string { return cmp.Or(f.Shown, f.Value) }

// Facts is a table of labels and values. Values are cut to the width there is;
// the copy button copies the whole one.
type Facts struct {
	widget.BaseWidget

	facts []Fact
	label float32 // least width of the label column

	// OnCopied runs after a value was put on the clipboard; nil is allowed.
	OnCopied func(Fact)
	// OnMenu runs on the right button over a row whose fact has a Term; nil is allowed.
	OnMenu func(Fact, fyne.Position)
}

// TappedSecondary is called by Fyne.
func (f *Facts) TappedSecondary(e *fyne.PointEvent) {
	i := int(e.Position.Y / factRow)
	if e.Position.Y >= 0 && i < len(f.facts) && f.facts[i].Term != "" && f.OnMenu != nil {
		f.OnMenu(f.facts[i], e.AbsolutePosition)
	}
}

// NewFacts returns a table.
func NewFacts(facts ...Fact) *Facts {
	f := &Facts{facts: facts, label: 74}
	f.ExtendBaseWidget(f)
	return f
}

// SetLabelWidth sets the least width of the labels.
func (f *Facts) SetLabelWidth(w float32) { f.label = w }

// Set changes all rows.
func (f *Facts) Set(facts ...Fact) {
	f.facts = facts
	f.Refresh()
}

// Unhidden reports whether a row has a copy button.
func (f *Facts) Unhidden() bool {
	return slices.ContainsFunc(f.facts, func(fact Fact) bool { return fact.CopyTip != "" })
}

// factCells is what one row draws.
type factCells struct {
	label, value *canvas.Text
	copy         *IconButton
}

// CreateRenderer is called by Fyne.
func (f *Facts) CreateRenderer() fyne.WidgetRenderer {
	d := &draw.Renderer{}
	var cells []factCells
	d.Least = func() fyne.Size { return fyne.NewSize(160, factRow*float32(len(f.facts))) }
	d.Place = func(s fyne.Size) { f.layout(cells, s) }
	d.Paint = func() {
		for len(cells) < len(f.facts) {
			cells = append(cells, factCells{
				label: draw.Text("", theme.SizeCaption, theme.Muted, draw.Regular()),
				value: draw.Text("", theme.SizeText, theme.Text, draw.Regular()),
				copy:  NewIconButton(fynetheme.ContentCopyIcon(), "", nil),
			})
		}
		cells = cells[:len(f.facts)]
		d.Parts = d.Parts[:0]
		for i, c := range cells {
			f.draw(c, f.facts[i])
			d.Parts = append(d.Parts, c.label, c.value, c.copy)
		}
		d.Place(f.Size())
	}
	d.Paint()
	return d
}

func (f *Facts) draw(c factCells, fact Fact) {
	tint := fact.Tint
	if tint == theme.None {
		tint = theme.Text
	}
	c.label.Text, c.label.Color = fact.Label, theme.Color(theme.Muted)
	c.value.Color, c.value.TextStyle, c.value.TextSize = theme.Color(tint), draw.Regular(), theme.SizeText
	if fact.Mono {
		c.value.TextStyle, c.value.TextSize = draw.Mono(), theme.SizeCaption
	}
	draw.Show(c.copy, fact.CopyTip != "")
	c.copy.SetToolTip(fact.CopyTip)
	c.copy.SetOnTapped(func() {
		fyne.CurrentApp().Clipboard().SetContent(fact.Value)
		if f.OnCopied != nil {
			f.OnCopied(fact)
		}
	})
}

func (f *Facts) layout(cells []factCells, s fyne.Size) {
	label := f.label
	for _, c := range cells {
		label = max(label, draw.Width(c.label.Text, theme.SizeCaption, draw.Regular())+12)
	}
	for i, c := range cells {
		y := float32(i) * factRow
		room := s.Width - label
		if c.copy.Visible() {
			room -= 26
		}
		draw.Place(c.label, 0, y, label, factRow)
		cut := CutEnd
		if f.facts[i].one() {
			cut = CutMiddle
		}
		c.value.Text = cut(f.facts[i].text(), room, func(t string) float32 { return draw.Width(t, c.value.TextSize, c.value.TextStyle) })
		draw.Place(c.value, label, y, max(room, 0), factRow)
		draw.Place(c.copy, s.Width-22, y, 22, factRow)
	}
}
