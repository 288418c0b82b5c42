package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"
	"github.com/google/uuid"

	"gantry/client/profile"
)

// profileMenu is the menu of one connection.
func (w *Window) profileMenu(id string, at fyne.Position) {
	p := w.profile(id)
	if p == nil || !own(id) {
		return
	}
	menu := fyne.NewMenu("",
		fyne.NewMenuItem(lang.L("Edit connection"), func() { w.edit(*p, false) }),
		fyne.NewMenuItem(lang.L("Duplicate"), func() { w.duplicate(id) }),
		fyne.NewMenuItem(lang.L("Move up"), func() { w.move(id, -1) }),
		fyne.NewMenuItem(lang.L("Move down"), func() { w.move(id, 1) }),
		fyne.NewMenuItemSeparator(),
		fyne.NewMenuItem(lang.L("Delete what was sent…"), func() { w.askDeleteSent(id, func() {}) }),
		fyne.NewMenuItem(lang.L("Delete…"), func() { w.askDelete(id) }),
	)
	widget.ShowPopUpMenuAtPosition(menu, w.win.Canvas(), at)
}

func (w *Window) duplicate(id string) {
	if p := w.profile(id); p != nil && own(id) {
		w.edit(profile.Duplicate(*p, w.profiles, uuid.NewString()), true)
	}
}
