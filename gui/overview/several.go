package overview

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/gui/arrange"
	"gantry/gui/draw"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// Act is something that is done to several rows.
type Act struct {
	Text func(count int) string
	Do   func(names []string)
}

// several returns the bar with what is done to several rows beneath it.
func (l *List[C, T, D]) several(bar fyne.CanvasObject, acts []Act) *fyne.Container {
	l.count = widgets.NewWord("", theme.Text)
	l.acts = container.New(&arrange.Columns{Gap: 8}, arrange.Middled(l.count))
	for _, a := range acts {
		b := widgets.NewButton("", nil, widgets.Normal, func() { a.Do(l.Picked()) })
		l.buttons = append(l.buttons, b)
		l.acts.Add(b)
	}
	l.acts.Hide()
	return container.New(&arrange.Rows{Gap: 6}, bar, l.acts)
}

// pickRow follows a row that the user chose: alone, or among others. The last one is what the
// details show.
func (l *List[C, T, D]) pickRow(i int, how widgets.Pick) {
	n := uint64(i)
	if l.picked.Take(n, how); !l.picked.Has(n) { // it was taken out
		n, _ = l.picked.Near(n)
	}
	l.Choose(l.At(int(n)))
	l.show()
}

// pickAll chooses all rows that are shown.
func (l *List[C, T, D]) pickAll() {
	if len(l.Shown) == 0 {
		return
	}
	l.picked.All(0, uint64(len(l.Shown)))
	if l.Row(l.Selected) < 0 {
		l.Choose(l.At(0))
	}
	l.show()
}

// escape leaves only the row of which the details are shown, and of one row none.
func (l *List[C, T, D]) escape() {
	if i := l.Row(l.Selected); i >= 0 && l.picked.Several() {
		l.picked.Only(uint64(i))
	} else {
		l.Choose(nil)
	}
	l.show()
}

// showPicked says how many rows are chosen where several are.
func (l *List[C, T, D]) showPicked() {
	n := l.picked.Count()
	l.count.SetText(lang.L("{{.Count}} rows selected", map[string]any{"Count": widgets.Count(n)}))
	for i, b := range l.buttons {
		b.SetText(l.shape.Acts[i].Text(int(n)))
	}
	if several := l.picked.Several(); several != l.acts.Visible() {
		draw.Show(l.acts, several)
		l.left.Refresh() // the bar is as high as it says
	}
}
