package gui

import (
	"fyne.io/fyne/v2/lang"

	"gantry/client/profile"
	"gantry/gui/confirm"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// chosenID is the chosen connection, "" for none.
func (w *Window) chosenID() string { return w.chosen }

// primary is the first action of what is shown.
func (w *Window) primary() {
	if w.editing != nil {
		w.editing.Primary()
	} else if s := w.space(); s != nil {
		s.primary()
	}
}

// outside leaves the editor, if one is open, and goes on.
func (w *Window) outside(then func()) {
	if w.editing == nil {
		then()
		return
	}
	w.leaveEditor(func() { w.closeEditor(); then() })
}

// setTheme is a choice of the menu.
func (w *Window) setTheme(name string) { w.applySettings(w.set.Language, name, w.set.Caps) }

// saveEditor is Ctrl+S: it saves the connection that is being edited.
func (w *Window) saveEditor() {
	if e, ok := w.editing.(interface{ SaveNow() }); ok {
		e.SaveNow()
	}
}

func (w *Window) toggleSidebar() {
	w.set.Window.RailOnly = !w.set.Window.RailOnly
	w.set.changed()
	w.sidebar.setRail(w.frame.narrow || w.set.Window.RailOnly)
}

// applySettings takes what the settings page or a menu chose.
func (w *Window) applySettings(language, look string, caps profile.Caps) {
	again := language != w.set.Language
	w.set.Language, w.set.Theme, w.set.Caps = language, look, caps
	w.set.changed()
	w.client.SetCaps(caps)
	w.app.Settings().SetTheme(theme.New(theme.Choice(look)))
	w.menu.refresh()
	if s := w.spaces[w.chosen]; s != nil {
		s.refresh()
	}
	if again {
		w.speak(language)
	}
}

func (w *Window) about() {
	confirm.Show(w.win.Canvas(), confirm.Question{
		Title:  "Gantry " + w.version,
		Body:   lang.L("A desktop client for Apache RocketMQ."),
		Cancel: lang.L("Close"),
		Details: widgets.NewFacts(
			widgets.Fact{Label: lang.L("Log"), Value: w.client.LogFile(), Mono: true, CopyTip: lang.L("Copy")}),
	})
}
