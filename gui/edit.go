package gui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/profile"
	"gantry/gui/confirm"
	"gantry/gui/profiles"
	"gantry/gui/settings"
	"gantry/gui/widgets"
)

// editor is a page that takes the workspace's place: a connection or the
// settings.
type editor interface {
	Content() fyne.CanvasObject
	SetNarrow(bool)
	Primary()
	Dirty() bool
	Close()
}

// edit opens the editor of a connection.
func (w *Window) edit(p profile.Profile, isNew bool) {
	if !own(p.ID) {
		return
	}
	w.leaveEditor(func() {
		change := &edited{shell: w, win: w.win}
		w.showEditor(profiles.New(profiles.Params{
			Tasks: w.tasks, Window: w.win, Vault: w.client.Vault, Profile: p, IsNew: isNew,
			Others: w.all(), Test: client.TestConnection,
			Ask: change.ask, Save: change.save,
			// The editor has deleted the token already.
			Delete: func() { w.dropProfile(p.ID) },
			Cancel: func() { w.leaveEditor(w.closeEditor) }, Fail: w.fail, Say: w.say,
		}))
	})
}

// showSettings opens the settings page.
func (w *Window) showSettings() {
	w.leaveEditor(func() {
		w.showEditor(settingsPage{settings.New(settings.Params{
			Settings: w.set.snapshot(),
			Apply:    w.applySettings,
			Usage:    w.usage, DeleteSent: w.askDeleteSent,
			Recordings: w.recordings, DeleteRecordings: w.askDeleteRecordings,
			Close: w.closeEditor,
		})})
	})
}

// settingsPage applies at once, so there is nothing to lose.
type settingsPage struct{ *settings.Page }

// Primary does nothing.
func (settingsPage) Primary() {}

// Dirty is never true.
func (settingsPage) Dirty() bool { return false }

func (w *Window) showEditor(e editor) {
	if s := w.spaces[w.chosen]; s != nil {
		s.setShown(false)
	}
	w.win.Canvas().Unfocus() // else keys go on into a field of the workspace
	w.editing = e
	e.SetNarrow(w.frame.narrow)
	w.show(e.Content())
	w.menu.refresh()
}

// leaveEditor goes on once the editor has nothing unsaved.
func (w *Window) leaveEditor(then func()) {
	if w.editing == nil || !w.editing.Dirty() {
		w.dropEditor()
		then()
		return
	}
	confirm.Show(w.win.Canvas(), confirm.Question{
		Title: lang.L("Leave without saving?"), Body: lang.L("What you changed in this connection is not saved."),
		Cancel: lang.L("Stay"),
		Choices: []widgets.Choice{{Text: lang.L("Leave"), Do: func() {
			w.dropEditor()
			then()
		}}},
	})
}

// typed takes the keys that nothing in the window has a use for: Escape leaves the
// editor or the settings.
func (w *Window) typed(k *fyne.KeyEvent) {
	if k.Name == fyne.KeyEscape && w.editing != nil && !widgets.Covered(w.win.Canvas()) {
		w.leaveEditor(w.closeEditor)
	}
}

func (w *Window) dropEditor() {
	if w.editing != nil {
		w.win.Canvas().Unfocus() // else keys go on into a field that is not there
		w.editing.Close()
		w.editing = nil
	}
}

// closeEditor goes back to the workspace.
func (w *Window) closeEditor() {
	w.dropEditor()
	switch {
	case w.profile(w.chosen) != nil:
		w.choose(w.chosen)
	case len(w.profiles) > 0:
		w.choose(w.profiles[0].ID)
	default:
		w.choose(profile.SandboxID)
	}
}
