package gui

import (
	"context"
	"errors"
	"slices"
	"strings"

	"fyne.io/fyne/v2/lang"

	"gantry/client/fault"
	"gantry/client/profile"
	"gantry/gui/confirm"
	"gantry/gui/problem"
	"gantry/gui/profiles"
	"gantry/gui/task"
	"gantry/gui/widgets"
)

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
			w.client.Sessions.Release(id)
			return nil
		}, func(error) { then() })
	})
}

// deleteProfile deletes a connection and its token.
func (w *Window) deleteProfile(id string) {
	inMemory := w.client.Vault.Remembered(id)
	gone := profile.Profile{ID: id}
	if p := w.profile(id); p != nil {
		gone = *p
	}
	w.tasks.Job(lang.L("Delete the token"), func(ctx context.Context, _ func(string)) error {
		ctx, cancel := context.WithTimeout(ctx, keyringLimit)
		defer cancel()
		return w.client.Forget(ctx, gone)
	}, func(err error) {
		switch {
		case err == nil:
			w.dropProfile(id)
		case errors.Is(err, context.Canceled):
		case inMemory:
			// The token that is used is gone; an older one may be in the keyring.
			w.dropProfile(id)
			w.say(profiles.LeftInKeyring())
		default:
			w.askWithoutToken(id, err)
		}
	})
}

// askWithoutToken asks whether a connection goes although its token cannot be deleted.
func (w *Window) askWithoutToken(id string, why error) {
	confirm.Show(w.win.Canvas(), confirm.Question{
		Title: problem.Explain(why).What, Body: lang.L("The token is still there."), Cancel: lang.L("Cancel"),
		Choices: []widgets.Choice{
			{Text: lang.L("Try again"), Do: func() { w.deleteProfile(id) }},
			{Text: lang.L("Delete without the token"), Kind: widgets.Danger, Do: func() {
				w.dropProfile(id)
				w.say(profiles.LeftInKeyring())
			}},
		},
		Danger: true,
	})
}

// dropProfile deletes a connection. Its lists stay until they are deleted or a
// week has passed.
func (w *Window) dropProfile(id string) {
	name := ""
	if p := w.profile(id); p != nil {
		name = strings.ReplaceAll(p.Name, "/", "-")
	}
	now := slices.DeleteFunc(slices.Clone(w.profiles), func(p profile.Profile) bool { return p.ID == id })
	w.dropSpace(id, func() {
		w.saveProfiles(now, func() {
			w.set.forget(id)
			w.dropEditor()
			w.sidebar.refresh()
			w.closeEditor()
			w.deleteSent(id)
			w.leaveTemplates(id, name)
		})
	})
}

// leaveTemplates hands the templates of a connection that is gone over to all, below a
// folder of its name: somebody wrote them.
func (w *Window) leaveTemplates(id, name string) {
	w.tasks.Job(lang.L("Move the templates"), func(ctx context.Context, _ func(string)) error {
		return w.client.Templates.Leave(ctx, id, name)
	}, w.fail)
}

// deleteSent deletes what was sent over a connection.
func (w *Window) deleteSent(id string) {
	w.tasks.Job(lang.L("Delete what was sent"), func(context.Context, func(string)) error {
		return w.client.Outbox.DeleteOf(id)
	}, func(err error) {
		if err != nil && !errors.Is(err, fault.JournalLocked) { // what is written now, stays
			w.fail(err)
		}
	})
}

// askDeleteSent asks whether the history of what was sent over a connection shall go.
func (w *Window) askDeleteSent(id string) {
	type usage struct {
		runs  int
		bytes int64
	}
	task.Ask(w.tasks, w.scope, "usage", func(context.Context) (u usage, err error) {
		u.runs, u.bytes, err = w.client.Outbox.Usage(id)
		return u, err
	}, func(u usage, err error) {
		p := w.profile(id)
		if err != nil || p == nil {
			w.fail(err)
			return
		}
		data := map[string]any{"Name": p.Name, "Size": widgets.Bytes(u.bytes), "Count": u.runs}
		confirm.Show(w.win.Canvas(), confirm.Question{
			Title:   lang.L("Delete what was sent over {{.Name}} from the history?", data),
			Body:    lang.L("Drafts and receipts go, {{.Size}}, those of {{.Count}} runs too. Runs that are at work end. The messages stay at the broker.", data),
			Cancel:  lang.L("Cancel"),
			Choices: []widgets.Choice{{Text: lang.L("Delete"), Kind: widgets.Danger, Do: func() { w.deleteSent(id) }}},
			Danger:  true,
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
		Body:    lang.L("The connection, its token and the history of what was sent over it are deleted. Its lists of messages stay for 7 days, or longer if you keep them."),
		Cancel:  lang.L("Cancel"),
		Choices: []widgets.Choice{{Text: lang.L("Delete"), Kind: widgets.Danger, Do: func() { w.deleteProfile(id) }}},
		Danger:  true,
	})
}
