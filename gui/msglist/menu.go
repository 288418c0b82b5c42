package msglist

import (
	"context"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"gantry/client/message"
	"gantry/gui/bodyview"
	"gantry/gui/task"
	"gantry/gui/widgets"
)

// openMenu shows what can be done with a row.
func (l *List) openMenu(n uint64, at fyne.CanvasObject, pos fyne.Position) {
	c := fyne.CurrentApp().Driver().CanvasForObject(at)
	if c == nil {
		return
	}
	copier := func(label string, text func(*message.Message) string) *fyne.MenuItem {
		return fyne.NewMenuItem(label, func() { l.copy(n, text) })
	}
	if l.picked.Several() && l.picked.Has(n) {
		widget.NewPopUpMenu(fyne.NewMenu("", l.pickedItems()...), c).ShowAtPosition(pos)
		return
	}
	items := []*fyne.MenuItem{
		copier(lang.L("Copy row"), Text),
		copier(lang.L("Copy body"), func(m *message.Message) string { return BodyText(m.Body) }),
		copier(lang.L("Copy message id"), (*message.Message).ID),
	}
	if l.p.OnSave != nil {
		items = append(items, fyne.NewMenuItemSeparator(), fyne.NewMenuItem(lang.L("Save body…"), func() {
			l.message(queryMenu, n, l.p.OnSave)
		}))
	}
	widget.NewPopUpMenu(fyne.NewMenu("", items...), c).ShowAtPosition(pos)
}

// pickedItems are what can be done with several rows.
func (l *List) pickedItems() []*fyne.MenuItem {
	n := l.picked.Count()
	data := map[string]any{"Count": widgets.Count(n)}
	items := []*fyne.MenuItem{fyne.NewMenuItem(lang.N("Copy {{.Count}} rows", int(n), data), l.copyPicked)}
	if l.p.Compare != nil && n == 2 {
		items = append(items, fyne.NewMenuItem(lang.L("Compare the two"), l.comparePicked))
	}
	if l.p.Shape != nil {
		items = append(items, fyne.NewMenuItem(lang.N("Compare {{.Count}} by shape", int(n), data), l.Shape))
	}
	if l.p.Window != nil {
		items = append(items, fyne.NewMenuItem(lang.N("Export {{.Count}}…", int(n), data), l.Export))
	}
	if l.p.Keep != nil {
		items = append(items, fyne.NewMenuItem(lang.N("Keep {{.Count}} as a recording…", int(n), data), l.Keep))
	}
	if l.p.SendAll != nil {
		items = append(items, fyne.NewMenuItem(l.again().item(int(n), data), l.SendChosen))
	}
	return items
}

// copy reads a record and puts a text of it on the clipboard.
func (l *List) copy(n uint64, text func(*message.Message) string) {
	src := l.src
	task.Ask(l.p.Tasks, l.scope, queryMenu, func(context.Context) (string, error) {
		m, err := readMessage(src, n)
		if err != nil {
			return "", err
		}
		return text(m), nil
	}, func(s string, err error) {
		if err != nil {
			l.fail(err)
			return
		}
		fyne.CurrentApp().Clipboard().SetContent(s)
		if l.p.OnCopied != nil {
			l.p.OnCopied()
		}
	})
}

// BodyText returns a body for the clipboard: valid UTF-8 to the byte, else a hex
// dump. Over some 64 KB of binary call it beside the main goroutine.
func BodyText(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	return bodyview.HexDump(b)
}
