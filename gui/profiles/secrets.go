package profiles

import (
	"context"
	"errors"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/profile"
	"gantry/gui/arrange"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// secrets are the secret values of a connection: their names are in the profile, they
// themselves in the keyring only.
type secrets struct {
	e       *Editor
	rows    []*secretRow
	list    *fyne.Container
	field   *widgets.Field
	content *fyne.Container
}

// rowHeight is that of a name, beside what is said of its value.
const rowHeight float32 = 30

// secretRow is one value.
type secretRow struct {
	saved  string         // its name where the profile has it already
	name   *widgets.Entry // nil where it is saved: another name is another value
	value  *token
	object fyne.CanvasObject
}

func newSecrets(e *Editor) *secrets {
	s := &secrets{e: e, list: container.New(&arrange.Rows{Gap: 6})}
	for _, name := range e.p.Profile.SecretEnv {
		s.add(name)
	}
	more := widgets.NewButton(lang.L("Add a secret value"), fynetheme.ContentAddIcon(), widgets.Quiet, func() {
		r := s.add("")
		s.show()
		e.changed()
		e.p.Window.Canvas().Focus(r.name)
	})
	s.field = widgets.NewField(lang.L("Secret values"), container.New(&arrange.Rows{Gap: 6}, s.list, container.NewHBox(more)))
	s.field.SetHint(lang.L("They are in the system's keyring, and *** stands for them in history, templates and code."))
	s.content = container.New(&arrange.Rows{}, s.field)
	s.show()
	return s
}

// add puts a row at the end; "" is for a value that is new.
func (s *secrets) add(name string) *secretRow {
	r := &secretRow{saved: name}
	r.value = newValueToken(s.e, func() string { return s.e.p.Profile.ValueID(r.named()) })
	var label fyne.CanvasObject
	if name == "" {
		r.name = widgets.NewEntry().Mono()
		r.name.OnChanged = func(string) { s.field.SetError(""); s.e.changed() }
		label = widgets.NewField(lang.L("Name of the value"), r.name)
		r.name.OnFocus = func(on bool) {
			if on {
				s.e.reveal(label)
			}
		}
	} else {
		label = widgets.NewField(lang.L("Name of the value"), container.New(&arrange.Rows{},
			container.NewStack(widgets.NewGround(theme.Surface).SetMin(0, rowHeight), arrange.Middled(widgets.NewWord(name, theme.Text)))))
	}
	drop := widgets.NewIconButton(fynetheme.ContentClearIcon(), lang.L("Remove"), func() { s.remove(r) })
	r.object = container.New(&arrange.Columns{Gap: 12, Shares: []float32{1, 1, 0}}, label, r.value.content,
		container.NewVBox(widgets.NewCaption(""), drop))
	s.rows = append(s.rows, r)
	return r
}

func (s *secrets) remove(r *secretRow) {
	r.value.drop()
	s.rows = slices.DeleteFunc(s.rows, func(x *secretRow) bool { return x == r })
	s.show()
	s.field.SetError("")
	s.e.changed()
}

func (s *secrets) show() {
	s.list.Objects = nil
	for _, r := range s.rows {
		s.list.Add(r.object)
	}
	s.list.Refresh()
	s.content.Refresh()
}

// named is the name of a row's value.
func (r *secretRow) named() string {
	if r.name == nil {
		return r.saved
	}
	return strings.TrimSpace(r.name.Text)
}

// names are those that the profile gets. A new row in which nothing was typed is none.
func (s *secrets) names() []string {
	var out []string
	for _, r := range s.rows {
		if name := r.named(); name != "" || r.value.secret() != "" {
			out = append(out, name)
		}
	}
	return out
}

// ask finds out which values are stored.
func (s *secrets) ask() {
	for _, r := range s.rows {
		if r.saved != "" {
			r.value.ask()
		}
	}
}

func (s *secrets) dirty() bool {
	return slices.ContainsFunc(s.rows, func(r *secretRow) bool { return r.value.dirty() })
}

// focusable is the name that is typed, nil where none is.
func (s *secrets) focusable() *widgets.Entry {
	for _, r := range s.rows {
		if r.name != nil {
			return r.name
		}
	}
	return nil
}

func (s *secrets) drop() {
	for _, r := range s.rows {
		r.value.drop()
	}
}

// change is what the keyring is asked to do with a value: to keep a secret, or to delete
// what it has where there is none.
type change struct {
	id     string
	secret profile.Secret
	row    *secretRow // nil where it was removed
}

// changes are what is to be done, before the profile is saved, with what was typed, removed
// and cleared.
func (s *secrets) changes(p profile.Profile) []change {
	var out []change
	for _, name := range s.e.p.Profile.SecretEnv {
		if !slices.ContainsFunc(s.rows, func(r *secretRow) bool { return r.saved == name }) {
			out = append(out, change{id: p.ValueID(name)})
		}
	}
	for _, r := range s.rows {
		switch {
		case r.value.take():
			out = append(out, change{p.ValueID(r.named()), r.value.taken, r})
		case r.value.state == tokenCleared:
			out = append(out, change{id: p.ValueID(r.named()), row: r})
		}
	}
	return out
}

// settle puts secret values where they belong, then goes on.
func (s *secrets) settle(p profile.Profile, then func()) {
	e := s.e
	all := slices.DeleteFunc(s.changes(p), func(c change) bool {
		memory := c.secret != "" && c.row.value.memoryOnly // chosen at the value
		if memory {
			c.row.value.memoryOnly = false
			e.p.Vault.Remember(c.id, c.secret)
			c.settled(tokenRemembered)
		}
		return memory
	})
	if len(all) == 0 {
		then()
		return
	}
	done := func(state tokenState) {
		for _, c := range all {
			if state == tokenRemembered && c.secret != "" {
				e.p.Vault.Remember(c.id, c.secret)
			}
			c.settled(state)
		}
		then()
	}
	memory := widgets.Choice{Text: lang.L("Keep in memory until quit"), Kind: widgets.Quiet, Do: func() { e.stop(); done(tokenRemembered) }}
	e.work(lang.L("Store the secret values"), func(ctx context.Context) error { return store(ctx, e.p.Vault, all) }, func(err error) {
		switch {
		case err == nil:
			done(tokenStored)
		case !errors.Is(err, context.Canceled):
			e.say(true, keyringProblem(err).Text(), widgets.Choice{Text: lang.L("Try again"), Kind: widgets.Normal, Do: e.SaveNow}, memory)
		}
	})
	e.say(false, lang.L("Waiting for the system's keyring. It may ask for its password in a window of its own."),
		widgets.Choice{Text: lang.L("Cancel"), Kind: widgets.Normal, Do: e.stop}, memory)
}

// settled shows at the value where it is now.
func (c *change) settled(state tokenState) {
	switch {
	case c.row == nil:
	case c.secret == "":
		c.row.value.before = tokenEntering
		c.row.value.set(tokenEntering)
	default:
		c.row.value.set(state)
	}
}

// store has the keyring do what is to be done.
func store(ctx context.Context, v Vault, all []change) error {
	for _, c := range all {
		var err error
		if c.secret == "" {
			err = v.Delete(ctx, c.id)
		} else {
			err = v.Store(ctx, c.id, c.secret)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// forget deletes the token and the secret values of the profile as it is saved.
func (e *Editor) forget(ctx context.Context) error {
	p := e.p.Profile
	err := e.p.Vault.Delete(ctx, p.ID)
	for _, name := range p.SecretEnv {
		err = errors.Join(err, e.p.Vault.Delete(ctx, p.ValueID(name)))
	}
	return err
}
