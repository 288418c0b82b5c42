package gui

import (
	"context"
	"io"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"
	"github.com/google/uuid"

	"gantry/client"
	"gantry/client/profile"
	"gantry/gui/confirm"
	"gantry/gui/files"
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
		change := &edited{w: w}
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
			Close:    w.closeEditor,
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

// saveProfiles replaces the file. One save is under way at a time, so that the
// last one stays; if one fails, the list is again what is stored.
func (w *Window) saveProfiles(now []profile.Profile, done func()) {
	w.profiles = now
	w.saves = append(w.saves, profilesSave{slices.Clone(now), done})
	if len(w.saves) == 1 {
		w.saveNext()
	}
}

// profilesSave is a list of profiles to store, and what happens then.
type profilesSave struct {
	profiles []profile.Profile
	done     func()
}

func (w *Window) saveNext() {
	next := w.saves[0]
	w.tasks.Job(lang.L("Save connections"), func(context.Context, func(string)) error {
		return w.client.Profiles.Save(next.profiles)
	}, func(err error) {
		w.saves = w.saves[1:]
		if err != nil {
			w.saves = nil
			w.profiles = slices.Clone(w.stored)
			w.sidebar.refresh()
			w.fail(err)
			return
		}
		w.stored = next.profiles
		if len(w.saves) > 0 {
			w.saveNext()
		}
		next.done()
	})
}

// dropSpace closes a profile's workspace, connection and subscriptions.
func (w *Window) dropSpace(id string, then func()) {
	s := w.spaces[id]
	if s == nil {
		then()
		return
	}
	s.disconnect(func() {
		s.close()
		delete(w.spaces, id)
		w.tasks.Job(lang.L("Close the lists"), func(context.Context, func(string)) error {
			w.client.Release(id)
			return nil
		}, func(error) { then() })
	})
}

// deleteProfile deletes a connection and its token.
func (w *Window) deleteProfile(id string) {
	w.tasks.Job(lang.L("Delete the token"), func(ctx context.Context, _ func(string)) error {
		return w.client.Vault.Delete(ctx, id)
	}, func(err error) {
		if err != nil {
			// The connection stays while its token does.
			w.fail(err)
			return
		}
		w.dropProfile(id)
	})
}

// dropProfile deletes a connection. Its lists stay until they are deleted or a
// week has passed.
func (w *Window) dropProfile(id string) {
	now := slices.DeleteFunc(slices.Clone(w.profiles), func(p profile.Profile) bool { return p.ID == id })
	w.dropSpace(id, func() {
		w.saveProfiles(now, func() {
			w.set.forget(id)
			w.dropEditor()
			w.sidebar.refresh()
			w.closeEditor()
		})
	})
}

func (w *Window) askDelete(id string) {
	p := w.profile(id)
	if p == nil || !own(id) {
		return
	}
	confirm.Show(w.win.Canvas(), confirm.Question{
		Title:   lang.L("Delete {{.Name}}?", map[string]any{"Name": p.Name}),
		Body:    lang.L("The connection and its token are deleted. Its lists of messages stay for 7 days, or longer if you keep them."),
		Cancel:  lang.L("Cancel"),
		Choices: []widgets.Choice{{Text: lang.L("Delete"), Kind: widgets.Danger, Do: func() { w.deleteProfile(id) }}},
		Danger:  true,
	})
}

func (w *Window) duplicate(id string) {
	if p := w.profile(id); p != nil && own(id) {
		w.edit(profile.Duplicate(*p, w.profiles, uuid.NewString()), true)
	}
}

// move changes the order of the connections.
func (w *Window) move(id string, by int) {
	i := slices.IndexFunc(w.profiles, func(p profile.Profile) bool { return p.ID == id })
	j := i + by
	if i < 0 || j < 0 || j >= len(w.profiles) {
		return
	}
	now := slices.Clone(w.profiles)
	now[i], now[j] = now[j], now[i]
	w.saveProfiles(now, func() { w.sidebar.rebuild(); w.sidebar.refresh() })
}

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
		fyne.NewMenuItem(lang.L("Delete…"), func() { w.askDelete(id) }),
	)
	widget.ShowPopUpMenuAtPosition(menu, w.win.Canvas(), at)
}

// exportProfiles writes all connections, without tokens, to a file.
func (w *Window) exportProfiles() {
	b, err := profile.Export(w.profiles)
	if err != nil {
		w.fail(err)
		return
	}
	files.AskSave(w.win, files.Question{Name: "gantry-connections.json", Fail: w.fail},
		func(out fyne.URIWriteCloser) { w.exportTo(out, b) })
}

// exportTo writes and closes the file that the user chose.
func (w *Window) exportTo(out io.WriteCloser, b []byte) {
	w.tasks.Job(lang.L("Export connections"), func(context.Context, func(string)) error {
		_, err := out.Write(b)
		if e := out.Close(); err == nil {
			err = e
		}
		return err
	}, func(err error) {
		w.fail(err)
		if err == nil {
			w.say(lang.L("Connections were exported. Tokens are not in the file."))
		}
	})
}

const importLimit = 4 << 20

// importProfiles reads connections from a file of exportProfiles.
func (w *Window) importProfiles() {
	files.AskOpen(w.win, files.Question{Endings: []string{".json"}, Fail: w.fail},
		func(in fyne.URIReadCloser) { w.importFrom(in) })
}

// importFrom reads and closes the file that the user chose.
func (w *Window) importFrom(in io.ReadCloser) {
	have := slices.Clone(w.profiles)
	var added []profile.Profile
	w.tasks.Job(lang.L("Import connections"), func(context.Context, func(string)) error {
		defer in.Close()
		b, err := io.ReadAll(io.LimitReader(in, importLimit))
		if err == nil {
			added, err = profile.Import(b, have, uuid.NewString)
		}
		return err
	}, func(err error) {
		if err != nil {
			w.fail(err)
			return
		}
		w.saveProfiles(append(slices.Clone(w.profiles), added...), func() {
			w.sidebar.refresh()
			w.say(lang.N("{{.Count}} connections were imported. Enter their tokens before you connect.", len(added), map[string]any{"Count": len(added)}))
			if len(added) > 0 {
				w.choose(added[0].ID)
			}
		})
	})
}
