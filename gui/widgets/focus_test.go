package widgets

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

func TestFocusIsTold(t *testing.T) {
	check, choice := NewCheck("on"), NewSelect("first", "second")
	w := stage(t, container.NewVBox(check, NewField("choice", choice)))
	told := ""
	check.OnFocus = func() { told += "check " }
	choice.OnFocus = func() { told += "select " }
	w.Canvas().Focus(check)
	w.Canvas().Focus(choice)
	check.Tapped(&fyne.PointEvent{})
	if told != "check select check " || !check.Checked || choice.SelectedIndex() != 0 {
		t.Errorf("told %q, checked %v, chosen %d", told, check.Checked, choice.SelectedIndex())
	}
}
