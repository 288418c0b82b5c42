package gui

import (
	"context"
	"errors"
	"slices"
	"strings"

	"fyne.io/fyne/v2/lang"

	"gantry/client/fault"
	"gantry/client/outbox"
	"gantry/client/profile"
	"gantry/client/session"
	"gantry/gui/confirm"
	"gantry/gui/problem"
	"gantry/gui/profiles"
	"gantry/gui/settings"
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
			w.deleteSent(id, nil, func() {})
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

// deleteSent deletes what was sent over a connection, and these lists; then runs in the end.
func (w *Window) deleteSent(id string, lists []session.Leftover, then func()) {
	w.tasks.Job(lang.L("Delete what was sent"), func(context.Context, func(string)) error {
		err := w.client.DeleteSent(id)
		for _, l := range lists {
			err = errors.Join(err, w.client.Sessions.DeleteLeftover(l.ID))
		}
		return err
	}, func(err error) {
		if err != nil && !errors.Is(err, fault.JournalLocked) { // what is written now, stays
			w.fail(err)
		}
		then()
	})
}

// remains are what is kept of a connection's messages on this computer.
type remains struct {
	sent  outbox.Usage
	lists []session.Leftover
	bytes int64 // of lists
}

// askDeleteSent asks whether the history of what was sent over a connection shall go, and
// the lists that are left from earlier; then runs when it has.
func (w *Window) askDeleteSent(id string, then func()) {
	known := w.knownSubscriptions()
	task.Ask(w.tasks, w.scope, "usage", func(context.Context) (r remains, err error) {
		if r.sent, err = w.client.Outbox.Usage(id); err != nil {
			return r, err
		}
		all, err := w.client.Sessions.Leftovers(known)
		for _, l := range all {
			if l.Profile == id {
				r.lists, r.bytes = append(r.lists, l), r.bytes+l.Bytes
			}
		}
		return r, err
	}, func(r remains, err error) {
		if err != nil {
			w.fail(err)
			return
		}
		name := r.sent.ProfileName
		if p := w.profile(id); p != nil {
			name = p.Name
		}
		data := map[string]any{"Name": name, "Size": widgets.Bytes(r.sent.Bytes), "Count": widgets.Count(r.sent.Runs)}
		q := confirm.Question{
			Title:  lang.L("Delete what was sent over {{.Name}} from the history?", data),
			Body:   lang.L("Drafts and receipts go, {{.Size}}, those of {{.Count}} runs too. Runs that are at work end. The messages stay at the broker.", data),
			Cancel: lang.L("Cancel"), Danger: true,
		}
		too := widgets.NewCheck(lang.N("{{.Count}} lists from earlier too, {{.Size}}, also those that you kept", len(r.lists), map[string]any{
			"Count": widgets.Count(len(r.lists)), "Size": widgets.Bytes(r.bytes),
		}))
		if len(r.lists) > 0 {
			q.Details = too
		}
		q.Choices = []widgets.Choice{{Text: lang.L("Delete"), Kind: widgets.Danger, Do: func() {
			if !too.Checked {
				r.lists = nil
			}
			w.deleteSent(id, r.lists, then)
		}}}
		confirm.Show(w.win.Canvas(), q)
	})
}

// usage counts what the history has of each connection.
func (w *Window) usage(done func([]settings.Sent)) {
	task.Ask(w.tasks, w.scope, "usages", w.client.Outbox.Usages, func(all []outbox.Usage, err error) {
		if err != nil {
			w.fail(err)
			return
		}
		var out []settings.Sent
		for _, u := range all {
			name := u.ProfileName
			if p := w.profile(u.Profile); p != nil {
				name = p.Name
			}
			out = append(out, settings.Sent{Profile: u.Profile, Name: name, Sends: u.Sends, Runs: u.Runs, Bytes: u.Bytes})
		}
		done(out)
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
