package profiles

import (
	"context"
	"errors"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"

	"gantry/client/fault"
	"gantry/client/profile"
	"gantry/client/vault"
	"gantry/gui/arrange"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// askLimit is how long the keyring is waited for when a token is read.
const askLimit = 10 * time.Second

// tokenState is what is known of the token.
type tokenState uint8

const (
	tokenEntering   tokenState = iota // the entry is shown
	tokenAsking                       // the vault has not answered yet
	tokenStored                       // in the keyring
	tokenRemembered                   // in memory until quit
	tokenTaken                        // entered and taken out of the entry, not stored yet
	tokenCleared                      // goes with the next Save
	tokenUnreadable                   // the keyring is missing or locked
)

// token is the field of the token, or of a secret value. The token itself is in the entry
// while it is typed, then in taken, and nowhere else; a stored one is never shown.
type token struct {
	e          *Editor
	id         func() string // in the keyring
	value      bool          // it is no token
	state      tokenState
	before     tokenState     // where "Keep" returns to
	taken      profile.Secret // of tokenTaken
	memoryOnly bool           // the next Save keeps it in memory
	failed     problem.Problem

	word    string // "Token" or "Password"
	entry   *widgets.Entry
	field   *widgets.Field
	content *fyne.Container
}

func newToken(e *Editor) *token {
	t := &token{e: e, id: func() string { return e.p.Profile.ID }, word: lang.L("Token"), content: container.NewStack()}
	t.show()
	return t
}

// newValueToken is the field of a secret value; id is its name in the keyring.
func newValueToken(e *Editor, id func() string) *token {
	t := &token{e: e, id: id, value: true, word: lang.X("secret.value", "Value"), content: container.NewStack()}
	t.show()
	return t
}

// caption follows the credential mapping.
func (t *token) caption(m profile.Mapping) {
	word := lang.L("Token")
	if m == profile.OpenSource {
		word = lang.L("Password")
	}
	if t.word != word {
		t.word = word
		t.field.SetCaption(word)
	}
	if t.state == tokenEntering {
		t.field.SetHint(t.hint(m))
	}
}

func (t *token) hint(m profile.Mapping) string {
	switch {
	case t.memoryOnly:
		return lang.L("Kept in memory until you quit.")
	case m == profile.TDMQ:
		return lang.L("Tencent's console: Role Management page, \"Token\" column. Kept in the system's keyring, never in a file.")
	default:
		return lang.L("Kept in the system's keyring, never in a file.")
	}
}

// ask finds out whether a token is stored.
func (t *token) ask() {
	if t.e.p.Vault.Remembered(t.id()) {
		t.set(tokenRemembered)
		return
	}
	t.set(tokenAsking)
	id, v := t.id(), t.e.p.Vault
	task.Ask(t.e.p.Tasks, t.e.scope, "token "+id, func(ctx context.Context) (struct{}, error) {
		ctx, cancel := context.WithTimeout(ctx, askLimit)
		defer cancel()
		_, err := v.Secret(ctx, id) // only whether there is one
		return struct{}{}, err
	}, func(_ struct{}, err error) {
		switch {
		case err == nil:
			t.set(tokenStored)
		case errors.Is(err, vault.ErrNotFound):
			t.set(tokenEntering)
		default:
			t.failed = keyringProblem(err)
			t.set(tokenUnreadable)
		}
	})
}

// keyringProblem explains what the keyring did. A keyring that was not waited
// for any longer would else be taken for a server that does not answer.
func keyringProblem(err error) problem.Problem {
	if !errors.Is(err, vault.ErrNoAnswer) {
		return problem.Explain(err)
	}
	p := problem.Explain(vault.ErrNoAnswer)
	p.Details = fault.Words(err)
	return p
}

func (t *token) set(s tokenState) {
	t.state = s
	if s != tokenTaken {
		t.taken = ""
	}
	t.show()
	t.e.changed()
}

// replace shows the entry; the token before stays until Save.
func (t *token) replace() {
	if t.state != tokenTaken {
		t.before = t.state
	}
	t.set(tokenEntering)
	t.e.p.Window.Canvas().Focus(t.entry)
}

func (t *token) clear() { t.before = t.state; t.set(tokenCleared) }

func (t *token) keep() { t.memoryOnly = false; t.set(t.before) }

// keepInMemory lets a token be entered that the keyring will not get.
func (t *token) keepInMemory() {
	t.memoryOnly = true
	t.replace()
}

// take moves what was typed out of the widget. It reports whether there is a
// token to store.
func (t *token) take() bool {
	if t.state == tokenEntering && t.typed() != "" {
		s := profile.Secret(t.typed())
		t.set(tokenTaken)
		t.taken = s
	}
	return t.taken != ""
}

func (t *token) typed() string {
	if t.entry == nil {
		return ""
	}
	return strings.TrimSpace(t.entry.Text)
}

// secret returns the token that was typed, or "".
func (t *token) secret() profile.Secret {
	if t.taken != "" {
		return t.taken
	}
	if t.state == tokenEntering {
		return profile.Secret(t.typed())
	}
	return ""
}

// inVault reports whether the vault may hold the token that is meant.
func (t *token) inVault() bool {
	switch t.state {
	case tokenStored, tokenRemembered, tokenAsking, tokenUnreadable:
		return true
	case tokenEntering: // replaced by nothing: the one before stays
		return t.typed() == "" && (t.before == tokenStored || t.before == tokenRemembered)
	}
	return false
}

// will reports whether a token will be there after Save, as far as is known.
func (t *token) will() bool {
	return t.secret() != "" || t.state == tokenStored || t.state == tokenRemembered
}

func (t *token) dirty() bool { return t.secret() != "" || t.state == tokenCleared }

// drop forgets what was typed.
func (t *token) drop() {
	if t.entry != nil {
		t.entry.SetText("")
	}
	t.taken, t.entry = "", nil
}

// show builds the field for the state. The entry is a new one each time, so
// that nothing of an old one's text or undo history is left.
func (t *token) show() {
	if t.entry != nil {
		t.entry.OnChanged = nil
		t.entry.SetText("")
		t.entry = nil
	}
	var below fyne.CanvasObject
	if t.state == tokenEntering {
		t.entry = widgets.NewPasswordEntry()
		t.field = widgets.NewField(t.word, t.entry)
		t.entry.OnChanged = func(string) { t.field.SetError(""); t.e.changed(); t.edited() }
		t.entry.OnFocus = func(on bool) {
			if on {
				t.e.reveal(t.content)
			}
		}
		if t.before == tokenStored || t.before == tokenRemembered {
			below = container.NewHBox(widgets.NewButton(lang.L("Keep the one before"), nil, widgets.Quiet, t.keep))
		}
	} else {
		t.field = widgets.NewField(t.word, container.New(&arrange.Rows{}, t.row()))
		if t.state == tokenStored && !t.value {
			t.field.SetHint(lang.L("Kept in the system's keyring, never in a file."))
		}
		if t.state == tokenUnreadable {
			t.field.SetError(t.failed.Text())
		}
	}
	t.content.Objects = []fyne.CanvasObject{t.field}
	if below != nil {
		t.content.Objects = []fyne.CanvasObject{container.New(&arrange.Rows{Gap: 2}, t.field, below)}
	}
	t.content.Refresh()
}

// edited notes that something was typed.
func (t *token) edited() {
	if !t.value {
		t.e.checks.tokenEdited()
	}
}

// row says where the token is, with what can be done about it.
func (t *token) row() fyne.CanvasObject {
	replace := widgets.NewButton(lang.L("Replace"), nil, widgets.Quiet, t.replace)
	clear := widgets.NewButton(lang.L("Clear"), nil, widgets.Quiet, t.clear)
	row := container.New(layout.NewCustomPaddedHBoxLayout(4))
	say := func(words string, actions ...fyne.CanvasObject) {
		if words != "" {
			row.Add(container.NewCenter(widgets.NewWord(words, theme.Muted)))
		}
		for _, a := range actions {
			row.Add(a)
		}
	}
	switch t.state {
	case tokenAsking:
		say(lang.L("Asking the system's keyring…"))
	case tokenStored:
		row.Add(container.NewCenter(widgets.NewIcon(theme.LockIcon(), theme.Muted)))
		say(lang.X("token.stored", "Stored"), replace, clear)
	case tokenRemembered:
		say(lang.L("In memory until you quit"), replace, clear)
	case tokenTaken:
		say(lang.L("Entered, not stored yet"), replace)
	case tokenCleared:
		say(lang.L("Removed when you save"), widgets.NewButton(lang.L("Undo"), nil, widgets.Quiet, t.keep))
	case tokenUnreadable:
		say("", widgets.NewButton(lang.L("Try again"), nil, widgets.Quiet, t.ask),
			widgets.NewButton(lang.L("Keep in memory until quit"), nil, widgets.Quiet, t.keepInMemory))
	}
	return row
}
