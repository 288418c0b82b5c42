// Package profiles is the connection editor: a page that edits one profile and
// its token, and tests the connection.
//
// Everything here runs on Fyne's main goroutine. The vault is asked and written
// through package task only, because the system's keyring may wait for the user
// for ever. A test reports from goroutines of its own into a mailbox, which the
// page empties on a tick. Closing the page ends the test and whatever waits for
// the keyring.
package profiles

import (
	"context"
	"reflect"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"
	"github.com/google/uuid"

	"gantry/client"
	"gantry/client/profile"
	"gantry/gui/arrange"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// Width of the checks at the right.
const (
	checksWidth       float32 = 520
	checksWidthNarrow float32 = 392
)

// revealRoom is what is left above or below a field that was scrolled into view.
const revealRoom float32 = 12

// focusAfter is when the first field gets the focus: once the page is shown.
const focusAfter = 100 * time.Millisecond

// Vault is what the editor needs of the keyring. Secret, Store and Delete may
// wait for the user as long as their context lives.
type Vault interface {
	Secret(ctx context.Context, id string) (profile.Secret, error)
	Store(ctx context.Context, id string, s profile.Secret) error
	Remember(id string, s profile.Secret)
	Remembered(id string) bool
	Delete(ctx context.Context, id string) error
}

// Params are what New needs. All functions are called on the main goroutine,
// but for Test, which runs on one of its own and reports from several.
type Params struct {
	Tasks   *task.Runner
	Window  fyne.Window
	Vault   Vault
	Profile profile.Profile // a copy
	// IsNew says that the profile is not saved yet: it gets an id if it has
	// none, and cannot be deleted.
	IsNew  bool
	Others []profile.Profile // whose names are taken

	Test func(ctx context.Context, p profile.Profile, s profile.Secret, topic string, report func(client.Check))
	// Ask goes on with saving the valid profile, at once or after a question; token
	// says that its token is stored anew or removed. nil goes on at once.
	Ask func(p profile.Profile, token bool, then func())
	// Save takes the valid profile, once its token rests where it should.
	Save func(profile.Profile)
	// Delete runs once the user has confirmed and the token is gone.
	Delete func()
	Cancel func()
	Fail   func(error)
	Say    func(string)
}

// Editor is the page.
type Editor struct {
	p     Params
	scope *task.Scope
	saved profile.Profile // as opened, in the form in which the fields give it back
	job   *task.Job       // storing or deleting, nil while none
	again int             // counts jobs, so that a cancelled one is not heard

	stripe  *widgets.Ground
	chip    *widgets.Chip
	form    *form
	token   *token
	secrets *secrets
	notice  *widgets.Banner
	checks  *checks
	save    *widgets.Button
	side    *arrange.Rows     // at the right, with its width
	scroll  *container.Scroll // of the form
	main    *fyne.Container
	content fyne.CanvasObject
	closed  bool
}

// New builds the page and asks the vault whether a token is stored, if the
// profile has a role.
func New(p Params) *Editor {
	if p.Profile.ID == "" {
		p.Profile.ID = uuid.NewString()
	}
	if p.Profile.Environment == "" {
		p.Profile.Environment = profile.Development
	}
	if p.Profile.Mapping == "" {
		p.Profile.Mapping = profile.TDMQ
		if p.IsNew {
			p.Profile.Mapping = profile.OpenSource
		}
	}
	e := &Editor{p: p, scope: p.Tasks.Scope()}
	e.token = newToken(e)
	e.secrets = newSecrets(e)
	e.form = newForm(e)
	e.notice = widgets.NewBanner(false, "")
	e.notice.Hide()
	e.checks = newChecks(e)
	e.build()
	e.changed()
	e.saved = e.form.read()
	if !p.IsNew && (p.Profile.Role != "" || p.Vault.Remembered(p.Profile.ID)) {
		e.token.ask() // without a role there is none, and no reason for a prompt
	}
	if !p.IsNew {
		e.secrets.ask()
	}
	p.Tasks.After(e.scope, focusAfter, func() {
		if c := p.Window.Canvas(); c.Focused() == nil {
			c.Focus(e.form.name)
		}
	})
	return e
}

func (e *Editor) build() {
	title := lang.L("Edit connection")
	if e.p.IsNew {
		title = lang.L("New connection")
	}
	e.stripe = widgets.NewGround(theme.EnvDev).SetMin(0, 3)
	e.chip = widgets.NewEnvChip("", "")
	leave := widgets.NewIconButton(fynetheme.WindowCloseIcon(), lang.L("Close"), e.p.Cancel)
	head := container.NewStack(widgets.NewGround(theme.Surface).SetMin(0, 44),
		container.New(layout.NewCustomPaddedLayout(6, 6, 16, 12),
			container.NewBorder(nil, nil, nil, leave,
				container.New(layout.NewCustomPaddedHBoxLayout(10), container.NewCenter(widgets.NewTitle(title)), e.chip))))
	body := container.New(layout.NewCustomPaddedLayout(12, 16, 16, 18), e.form.content)
	e.scroll = container.NewVScroll(body)
	left := container.New(&arrange.Rows{Grow: e.scroll}, e.notice, e.scroll, e.actions())
	e.side = &arrange.Rows{Width: checksWidth, Grow: e.checks.content}
	e.main = container.New(&arrange.Columns{Shares: []float32{1}}, left, widgets.NewRule(), container.New(e.side, e.checks.content))
	e.content = container.New(&arrange.Rows{Grow: e.main}, e.stripe, head, widgets.NewRule(), e.main)
}

// actions is the bar at the foot of the form.
func (e *Editor) actions() fyne.CanvasObject {
	e.save = widgets.NewButton(lang.L("Save"), nil, widgets.Primary, e.SaveNow)
	right := container.New(layout.NewCustomPaddedHBoxLayout(8),
		widgets.NewButton(lang.L("Cancel"), nil, widgets.Normal, e.p.Cancel),
		widgets.NewButton(lang.L("Test connection"), fynetheme.ViewRefreshIcon(), widgets.Normal, e.Primary),
		e.save)
	var left fyne.CanvasObject
	if !e.p.IsNew {
		left = widgets.NewButton(lang.L("Delete…"), nil, widgets.Quiet, e.askDelete)
	}
	bar := container.New(layout.NewCustomPaddedLayout(11, 11, 6, 16), container.NewBorder(nil, nil, left, right))
	return container.New(&arrange.Rows{}, widgets.NewRule(), container.NewStack(widgets.NewGround(theme.Chrome).SetMin(0, 52), bar))
}

// Content is the page.
func (e *Editor) Content() fyne.CanvasObject { return e.content }

// SetNarrow makes the checks narrower for a window below 1200.
func (e *Editor) SetNarrow(narrow bool) {
	e.side.Width = checksWidth
	if narrow {
		e.side.Width = checksWidthNarrow
	}
	e.main.Refresh()
}

// Primary tests the connection (Ctrl+Enter).
func (e *Editor) Primary() {
	if !e.asked() {
		e.checks.run()
	}
}

// asked reports whether something is open over the page: shortcuts come through
// to it all the same.
func (e *Editor) asked() bool { return e.p.Window.Canvas().Overlays().Top() != nil }

// Dirty reports whether leaving would lose something that was typed.
func (e *Editor) Dirty() bool {
	return e.token.dirty() || e.secrets.dirty() || !reflect.DeepEqual(e.form.read(), e.saved)
}

// reveal scrolls the form until a field of it is seen whole: Fyne leaves the
// focus out of sight.
func (e *Editor) reveal(field fyne.CanvasObject) {
	e.revealTop(field, field.Size().Height)
}

// revealTop is reveal for the top of an object, down to height. The object must
// have been drawn before: Fyne does not know the place of one that was not.
func (e *Editor) revealTop(o fyne.CanvasObject, height float32) {
	e.scroll.Refresh() // the form may just have grown
	d := fyne.CurrentApp().Driver()
	top := d.AbsolutePositionForObject(o).Y - d.AbsolutePositionForObject(e.scroll.Content).Y
	y := max(e.scroll.Offset.Y, top+height+revealRoom-e.scroll.Size().Height)
	if y = min(y, max(top-revealRoom, 0)); y != e.scroll.Offset.Y {
		e.scroll.ScrollToOffset(fyne.NewPos(0, y))
	}
}

// Close ends the test and what waits for the keyring. The page is not used
// after it.
func (e *Editor) Close() {
	if e.closed {
		return
	}
	e.closed = true
	if e.job != nil {
		e.job.Cancel()
	}
	e.scope.Close()
	e.token.drop()
	e.secrets.drop()
}

// changed follows what was typed: environment, hints, the names that are built.
func (e *Editor) changed() {
	p := e.form.read()
	strong, _ := theme.Env(string(p.Environment))
	e.stripe.Set(strong)
	e.chip.SetEnv(string(p.Environment), EnvWord(p.Environment))
	e.form.explain(p)
	e.token.caption(p.Mapping)
	e.checks.edited()
}

// EnvWord is the word of an environment on its chip.
func EnvWord(v profile.Environment) string {
	switch v {
	case profile.Production:
		return lang.L("PROD")
	case profile.Test:
		return lang.L("TEST")
	case profile.Local:
		return lang.L("LOCAL")
	default:
		return lang.L("DEV")
	}
}
