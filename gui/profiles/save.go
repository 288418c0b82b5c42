package profiles

import (
	"context"
	"errors"

	"fyne.io/fyne/v2/lang"

	"gantry/client/profile"
	"gantry/gui/confirm"
	"gantry/gui/problem"
	"gantry/gui/widgets"
)

// SaveNow checks the form and saves (Ctrl+S), unless Ask does not go on. Nothing is
// saved while something is wrong.
func (e *Editor) SaveNow() {
	if e.job != nil || e.closed || e.asked() {
		return
	}
	p, ok := e.form.valid(true)
	if !ok {
		return
	}
	if e.p.Ask == nil {
		e.keep(p)
		return
	}
	e.p.Ask(p, e.token.dirty(), func() { e.keep(p) })
}

// keep puts the token where it belongs, and saves.
func (e *Editor) keep(p profile.Profile) {
	if e.job != nil || e.closed {
		return
	}
	if e.form.open() { // what another kind signs in with goes
		had := e.token.state != tokenEntering || e.token.before == tokenStored
		e.token.drop()
		if e.token.set(tokenEntering); had {
			e.remove(p)
		} else {
			e.finish(p)
		}
		return
	}
	switch {
	case e.token.take() && e.token.memoryOnly:
		e.remember(p)
	case e.token.taken != "":
		e.store(p)
	case e.token.state == tokenCleared:
		e.remove(p)
	default:
		e.finish(p)
	}
}

// finish hands the profile over. The page stays dirty: whether the profile could
// be stored is known to the shell only, which leaves the page then.
func (e *Editor) finish(p profile.Profile) {
	e.notice.Hide()
	e.secrets.settle(p, func() {
		e.notice.Hide()
		e.p.Save(p)
	})
}

func (e *Editor) remember(p profile.Profile) {
	e.p.Vault.Remember(p.ID, e.token.taken)
	e.token.memoryOnly = false
	e.token.set(tokenRemembered)
	e.finish(p)
}

// work runs one job of the vault at a time. done runs unless the user has
// stopped waiting.
func (e *Editor) work(title string, f func(context.Context) error, done func(error)) {
	e.again++
	run := e.again
	e.save.Disable()
	e.job = e.p.Tasks.Job(title, func(ctx context.Context, _ func(string)) error { return f(ctx) }, func(err error) {
		if e.closed || run != e.again {
			return
		}
		e.free()
		done(err)
	})
}

// free ends the waiting.
func (e *Editor) free() {
	e.job = nil
	e.save.Enable()
	e.notice.Hide()
}

// stop ends the waiting although the keyring has not answered. The system's
// prompt may stay; its answer is not heard.
func (e *Editor) stop() {
	if e.job != nil {
		e.job.Cancel()
		e.again++
		e.free()
	}
}

// store puts the token into the keyring and saves then.
func (e *Editor) store(p profile.Profile) {
	id, secret, v := p.ID, e.token.taken, e.p.Vault
	e.work(lang.L("Store the token"), func(ctx context.Context) error { return v.Store(ctx, id, secret) }, func(err error) {
		if err != nil {
			e.refused(p, err)
			return
		}
		e.token.memoryOnly = false
		e.token.set(tokenStored)
		e.finish(p)
	})
	e.say(false, lang.L("Waiting for the system's keyring. It may ask for its password in a window of its own."),
		widgets.Choice{Text: lang.L("Cancel"), Kind: widgets.Normal, Do: e.stop},
		widgets.Choice{Text: lang.L("Keep in memory until quit"), Kind: widgets.Quiet, Do: func() { e.stop(); e.remember(p) }})
}

// refused offers what can be done when the keyring did not take the token.
func (e *Editor) refused(p profile.Profile, err error) {
	if errors.Is(err, context.Canceled) { // from the list of jobs
		return
	}
	e.say(true, keyringProblem(err).Text(),
		widgets.Choice{Text: lang.L("Try again"), Kind: widgets.Normal, Do: e.SaveNow},
		widgets.Choice{Text: lang.L("Keep in memory until quit"), Kind: widgets.Normal, Do: func() {
			if e.token.taken != "" {
				e.remember(p)
			}
		}})
}

// remove takes the token out of the keyring and saves then.
func (e *Editor) remove(p profile.Profile) {
	v := e.p.Vault
	e.work(lang.L("Remove the token"), func(ctx context.Context) error { return v.Delete(ctx, p.ID) }, func(err error) {
		if err != nil {
			if !errors.Is(err, context.Canceled) {
				e.say(true, keyringProblem(err).Text(), widgets.Choice{Text: lang.L("Try again"), Kind: widgets.Normal, Do: e.SaveNow})
			}
			return
		}
		e.token.before = tokenEntering
		e.token.set(tokenEntering)
		e.finish(p)
	})
	e.waiting()
}

func (e *Editor) waiting() {
	e.say(false, lang.L("Waiting for the system's keyring. It may ask for its password in a window of its own."),
		widgets.Choice{Text: lang.L("Cancel"), Kind: widgets.Normal, Do: e.stop})
}

// askDelete asks before the profile and its token go.
func (e *Editor) askDelete() {
	if e.job != nil {
		return
	}
	confirm.Show(e.p.Window.Canvas(), confirm.Question{
		Title:   lang.L("Delete the connection {{.Name}}?", map[string]any{"Name": e.p.Profile.Name}),
		Body:    lang.L("Its token goes too. The lists of its subscriptions stay for 7 days, or longer if you keep them."),
		Cancel:  lang.L("Cancel"),
		Choices: []widgets.Choice{{Text: lang.L("Delete"), Kind: widgets.Danger, Do: e.deleteAll}},
		Danger:  true,
	})
}

// deleteAll deletes the token, then the profile.
func (e *Editor) deleteAll() {
	inMemory := e.p.Vault.Remembered(e.p.Profile.ID)
	e.work(lang.L("Delete {{.Name}}", map[string]any{"Name": e.p.Profile.Name}),
		e.forget,
		func(err error) {
			switch {
			case err == nil:
				e.p.Delete()
			case errors.Is(err, context.Canceled):
			case inMemory:
				// The token that is used is gone; an older one may be in the keyring.
				e.withoutToken()
			default:
				e.leaveToken(keyringProblem(err))
			}
		})
	e.waiting()
}

// leaveToken offers to delete the profile although its token cannot be.
func (e *Editor) leaveToken(why problem.Problem) {
	e.say(true, why.What+" "+lang.L("The token is still there."),
		widgets.Choice{Text: lang.L("Try again"), Kind: widgets.Normal, Do: e.deleteAll},
		widgets.Choice{Text: lang.L("Delete without the token"), Kind: widgets.Quiet, Do: e.withoutToken})
}

// withoutToken deletes the profile although the keyring was not asked or did not answer.
func (e *Editor) withoutToken() {
	e.p.Say(LeftInKeyring())
	e.p.Delete()
}

// LeftInKeyring says that a connection is deleted and what may be left of it.
func LeftInKeyring() string {
	return lang.L("The connection was deleted. A token of it may be left in the system's keyring, under “Gantry”.")
}

// say shows a sentence above the form with what can be done.
func (e *Editor) say(failed bool, words string, actions ...widgets.Choice) {
	e.notice.Set(failed, words, actions...)
	e.notice.Show()
	e.content.Refresh()
}
