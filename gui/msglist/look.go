package msglist

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"gantry/client/profile"
	"gantry/gui/widgets"
)

// name is what settings call a column that can be hidden and resized, "" for the body.
func (c column) name() string {
	if all := profile.ListColumns(); int(c) < len(all) {
		return all[c]
	}
	return ""
}

// sortable tells whether rows can be put into the order of a column.
func (c column) sortable() bool { return c != colBody }

// readLook takes notice of another look of lists.
func (l *List) readLook() {
	if l.p.Memory != nil {
		l.applyLook(l.p.Memory.ListLook())
	}
}

func (l *List) applyLook(look profile.ListLook) {
	l.look, l.cols = look, columns{}
	l.head.Refresh()
	l.publish()
	if l.chart != nil {
		l.chart.fold()
	}
}

// setLook changes how lists look, and keeps that.
func (l *List) setLook(look profile.ListLook) {
	if l.p.Memory != nil {
		l.p.Memory.SetListLook(look)
	}
	l.applyLook(look)
	l.stir()
	l.tick()
}

// toggleColumn shows or hides a column.
func (l *List) toggleColumn(c column) {
	look := l.look
	if look.Hidden = slices.Clone(look.Hidden); slices.Contains(look.Hidden, c.name()) {
		look.Hidden = slices.DeleteFunc(look.Hidden, func(n string) bool { return n == c.name() })
	} else {
		look.Hidden = append(look.Hidden, c.name())
	}
	l.setLook(look)
}

// resize gives a column another width, until it is kept by setLook.
func (l *List) resize(c column, w float32) {
	look := l.look
	widths := map[string]float32{c.name(): min(max(w, profile.LeastColumn), profile.MostColumn)}
	for name, w := range look.Widths {
		if name != c.name() {
			widths[name] = w
		}
	}
	look.Widths = widths
	l.applyLook(look)
}

// ShowMenu opens the menu of how the list looks and is ordered.
func (l *List) ShowMenu() {
	c := fyne.CurrentApp().Driver().CanvasForObject(l.content)
	if c == nil || l.given == nil {
		return
	}
	menu := widget.NewPopUpMenu(fyne.NewMenu("", l.menuItems()...), c)
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(l.head)
	menu.ShowAtPosition(at.Add(fyne.NewPos(max(l.head.Size().Width-menu.MinSize().Width, 0), l.head.Size().Height)))
	c.Focus(menu)
}

func (l *List) menuItems() []*fyne.MenuItem {
	var items, shown, orders []*fyne.MenuItem
	for c := range columnCount {
		if c.name() != "" {
			item := fyne.NewMenuItem(columnTitle(c), func() { l.toggleColumn(c) })
			item.Checked = !slices.Contains(l.look.Hidden, c.name())
			shown = append(shown, item)
		}
		if c.sortable() {
			item := fyne.NewMenuItem(columnTitle(c), func() { l.SortBy(c) })
			item.Checked = l.order.on && l.order.by == c
			orders = append(orders, item)
		}
	}
	if len(l.look.Widths) > 0 {
		shown = append(shown, fyne.NewMenuItemSeparator(), fyne.NewMenuItem(lang.L("Usual widths"), func() {
			look := l.look
			look.Widths = nil
			l.setLook(look)
		}))
	}
	if l.order.on {
		orders = append(orders, fyne.NewMenuItemSeparator(), fyne.NewMenuItem(lang.L("As they came"), l.Unsort))
	}
	if l.chart != nil {
		folds := fyne.NewMenuItem(lang.L("Chart over time"), func() {
			look := l.look
			look.NoChart = !look.NoChart
			l.setLook(look)
		})
		folds.Checked = !l.look.NoChart
		items = append(items, folds)
	}
	columns, order := fyne.NewMenuItem(lang.L("Columns"), nil), fyne.NewMenuItem(lang.L("Order by"), nil)
	columns.ChildMenu, order.ChildMenu = fyne.NewMenu("", shown...), fyne.NewMenu("", orders...)
	items = append(items, columns, order, fyne.NewMenuItem(lang.L("Go to…"), l.GoTo))
	if l.p.Memory != nil && l.bar != nil {
		items = append(items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem(lang.L("Saved filters and colours…"), func() { l.editFilters("") }))
	}
	return items
}

// orderWords say what a list that is put into an order does not have in it.
func (l *List) orderWords() string {
	switch {
	case !l.order.on:
		return ""
	case l.sorted == nil:
		return lang.L("Sorting…")
	}
	if newer := l.sorted.newer(); newer > 0 {
		return lang.N("{{.Count}} newer are not in this order", int(newer), map[string]any{"Count": widgets.Count(newer)})
	}
	return ""
}
