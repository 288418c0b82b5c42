package replay

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/message"
	"gantry/client/outbox/plan"
	"gantry/gui/arrange"
	"gantry/gui/draw"
	"gantry/gui/widgets"
)

const (
	// tickColumns is in how many columns the ticks stand.
	tickColumns = 3
	// longestTick is how much of a name a tick shows, in characters.
	longestTick = 26
	// mostTicks is how high the ticks are before they scroll.
	mostTicks float32 = 172
)

// ticks are the user properties of a source: those that are not ticked are not copied.
type ticks struct {
	names   []plan.OfProperty
	checks  []*widgets.Check
	fold    *widgets.Button
	list    fyne.CanvasObject
	content *fyne.Container
	more    int
}

// newTicks lists the properties, none where there are none. changed runs when a tick changes,
// relayout when the list opens or closes.
func newTicks(k plan.Kept, changed, relayout func()) *ticks {
	t := &ticks{more: k.MoreProperties}
	for _, p := range k.Properties {
		if p.Name != message.PropertyRedelivered { // it says where a message lay
			t.names = append(t.names, p)
		}
	}
	grid := container.NewGridWithColumns(tickColumns)
	for _, p := range t.names {
		check := widgets.NewCheck(widgets.CutMiddle(p.Name, longestTick, func(s string) float32 { return float32(len([]rune(s))) }) + " · " + widgets.Count(uint64(p.Count)))
		check.SetChecked(true)
		check.OnChanged = func(bool) { t.say(); changed() }
		t.checks = append(t.checks, check)
		grid.Add(check)
	}
	rows := container.New(&arrange.Rows{Gap: 4}, grid)
	if t.more > 0 {
		rows.Add(widgets.NewCaption(lang.N("and {{.Count}} more, which are copied", t.more, map[string]any{"Count": widgets.Count(uint64(t.more))})))
	}
	t.list = rows
	if h := rows.MinSize().Height; h > mostTicks {
		scroll := container.NewVScroll(rows)
		scroll.SetMinSize(fyne.NewSize(0, mostTicks))
		t.list = scroll
	}
	t.list.Hide()
	t.fold = widgets.NewButton("", fynetheme.MenuExpandIcon(), widgets.Quiet, func() {
		draw.Show(t.list, !t.list.Visible())
		t.say()
		relayout()
	})
	caption := arrange.Middled(widgets.NewCaption(lang.L("User properties")))
	t.content = container.New(&arrange.Rows{Gap: 4}, container.New(&arrange.Columns{Gap: 8, Shares: []float32{1}}, caption, t.fold), t.list)
	draw.Show(t.content, len(t.checks) > 0)
	t.say()
	return t
}

// say tells on the button how many are copied.
func (t *ticks) say() {
	all := len(t.names) + t.more
	copied := all - len(t.dropped())
	text := lang.L("{{.Count}} of {{.All}} are copied", map[string]any{"Count": widgets.Count(uint64(copied)), "All": widgets.Count(uint64(all))})
	if copied == all {
		text = lang.N("all {{.Count}} are copied", all, map[string]any{"Count": widgets.Count(uint64(all))})
	}
	icon := fynetheme.MenuExpandIcon()
	if t.list.Visible() {
		icon = fynetheme.MenuDropDownIcon()
	}
	t.fold.SetText(text)
	t.fold.SetIcon(icon)
}

// dropped are the names that are not copied.
func (t *ticks) dropped() (names []string) {
	for i, check := range t.checks {
		if !check.Checked {
			names = append(names, t.names[i].Name)
		}
	}
	return names
}
