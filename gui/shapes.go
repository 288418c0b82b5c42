package gui

import (
	"fyne.io/fyne/v2/lang"

	"gantry/gui/compare"
	"gantry/gui/confirm"
	"gantry/gui/msglist"
	"gantry/gui/widgets"
)

// shape takes what a list shows, or what is chosen in it, as a side of a comparison by
// shape: the first waits for the second, which may be of any list of any connection.
func (w *Window) shape(name string, from msglist.Listed) {
	if from.Most() == 0 {
		w.say(lang.L("The list shows nothing that could be compared."))
		return
	}
	side := compare.Side{Name: sideName(name, from), From: from}
	if w.first == nil {
		w.first = &side
		confirm.Show(w.win.Canvas(), confirm.Question{
			Title: lang.L("Compare by shape"),
			Body: lang.L("The first side is {{.Name}}. Select or filter the second, in this list or another one, and choose Compare by shape again.", map[string]any{
				"Name": side.Name,
			}),
			Cancel: lang.L("Cancel"), OnCancel: func() { w.first = nil },
			Choices: []widgets.Choice{{Text: lang.L("Choose the second"), Kind: widgets.Primary}},
		})
		return
	}
	first := *w.first
	w.first = nil
	compare.ShowShapes(compare.Params{Tasks: w.tasks, Window: w.win, Fail: w.fail}, first, side)
}

// sideName says what a side is: how many of which list, and by which filter.
func sideName(name string, from msglist.Listed) string {
	data := map[string]any{"Count": widgets.Count(from.Most()), "Name": name, "Filter": from.Filtered()}
	switch {
	case from.Picked():
		return lang.N("{{.Count}} selected of {{.Name}}", int(from.Most()), data)
	case from.Filtered() != "":
		return lang.L("{{.Name}} with {{.Filter}}", data)
	}
	return name
}
