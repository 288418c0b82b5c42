package confirm

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"gantry/gui/arrange"
	"gantry/gui/draw"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// labelWidth is the least width of the labels beside what is asked about.
const labelWidth float32 = 94

// Whole shows facts with every word of their values, in as many lines as that takes: of what is
// agreed to nothing may be cut.
func Whole(facts ...widgets.Fact) fyne.CanvasObject {
	label := labelWidth
	for _, f := range facts {
		label = max(label, draw.Width(f.Label, theme.SizeCaption, draw.Regular())+12)
	}
	all := container.New(&arrange.Rows{Gap: 4})
	for _, f := range facts {
		value := widgets.NewParagraph(f.Value, theme.Text)
		if f.Mono {
			value.Data()
		}
		name := container.New(&arrange.Rows{Width: label}, widgets.NewCaption(f.Label))
		all.Add(container.New(&arrange.Columns{Shares: []float32{0, 1}}, name, value.Object()))
	}
	return all
}
