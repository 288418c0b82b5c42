// Package gui is the window: connections at the left, the workspace of the
// chosen one beside them, menus, shortcuts, and the order of starting and
// closing. Screens are packages of their own below it; the shell gives each
// what it needs and calls what shortcuts mean.
//
// Everything here runs on Fyne's main goroutine. What can block goes through
// package task.
package gui

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	tooltip "github.com/dweymouth/fyne-tooltip"

	"gantry/assets"
	"gantry/client"
	"gantry/client/fault"
	"gantry/client/outbox"
	"gantry/client/profile"
	"gantry/client/session"
	"gantry/gui/compare"
	"gantry/gui/confirm"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// ID names the application to the desktop.
const ID = "io.gantry.desktop"

const (
	defaultWidth  float32 = 1440
	defaultHeight float32 = 900
	minWidth      float32 = 1024
	minHeight     float32 = 700
	// narrowBelow is the width under which the sidebar is a rail and the
	// inspector goes below the list.
	narrowBelow float32 = 1200
)

// Metadata is what Fyne wants to know before the application is made.
func Metadata(version string) fyne.AppMetadata {
	return fyne.AppMetadata{
		ID: ID, Name: "Gantry", Version: version, Build: 1,
		Icon: icon(), Migrations: migrations(),
	}
}

func icon() fyne.Resource { return fyne.NewStaticResource("gantry.png", assets.Icon()) }

// Params are what New needs.
type Params struct {
	App     fyne.App
	Client  *client.Client
	Log     *slog.Logger
	Version string
	// Exit ends the process (os.Exit).
	Exit func(code int)
}

// Window is the one window of a run.
type Window struct {
	tools
	app     fyne.App
	version string
	exit    func(int)
	scope   *task.Scope
	toasts  *widgets.Toasts

	profiles []profile.Profile
	stored   []profile.Profile     // as the file has them
	saves    []profilesSave        // under way and waiting
	spaces   map[string]*workspace // by profile id, made when first shown
	chosen   string                // profile id, "" for none

	sidebar *sidebar
	main    *fyne.Container // the workspace or the editor
	editing editor          // nil unless the editor is open
	frame   *frame
	menu    *menus
	closing bool
	closed  bool // everything was stopped and saved
	unread  bool // the settings could not be read
	placed  bool // the window has been shown in its size
	// first is the first side of a comparison by shape, whose second is to come.
	first *compare.Side
}

// New builds the window from what is stored. It reads two small files and
// starts nothing but that.
func New(p Params) *Window { return newWindow(p, fyne.Do) }

// newWindow is New with another way to the main goroutine.
func newWindow(p Params, do func(func())) *Window {
	w := &Window{tools: tools{client: p.Client, log: p.Log}, app: p.App, version: p.Version, exit: p.Exit, spaces: map[string]*workspace{}}
	settings, loadedSettings := p.Client.Settings.Load()
	profiles, loadedProfiles := p.Client.Profiles.Load()
	w.profiles, w.stored = profiles, slices.Clone(profiles)
	p.App.Settings().SetTheme(theme.New(theme.Choice(settings.Theme)))
	p.App.SetIcon(icon())
	p.Client.SetCaps(settings.Caps)

	// Words and fonts are read while the system makes the window, which has no text yet.
	read := task.Beside(func() error {
		theme.ReadFonts()
		return words.Load(settings.Language)
	})
	w.win = p.App.NewWindow("Gantry")
	if err := read(); err != nil {
		p.Log.Warn("language", "error", err)
	}
	w.tasks = task.New(do)
	w.scope = w.tasks.Scope()
	w.set = &store{Settings: settings, tasks: w.tasks, scope: w.scope, write: p.Client.Settings.Save, fail: w.fail}
	w.build()
	if err := p.Client.Front(w.tasks.Signal(w.scope, w.win.RequestFocus)); err != nil {
		p.Log.Info("a second start cannot bring this window to the front", "error", err)
	}
	w.sayLoaded(loadedProfiles, lang.L("The saved connections cannot be read"))
	w.sayLoaded(loadedSettings, lang.L("The settings cannot be read"))
	w.unread = loadedSettings.Err != nil
	if !w.unread {
		// Without them it is not known which lists belong to a subscription.
		w.expire()
	}
	return w
}

// furnish fills the window; a second call takes the place of what was there.
func (w *Window) furnish() {
	w.sidebar = newSidebar(w, w.tools)
	w.main = container.NewStack()
	w.toasts = widgets.NewToasts(w.main, func(d time.Duration, f func()) func() { return w.tasks.After(w.scope, d, f) })
	w.frame = newFrame(w.sidebar.content, container.NewStack(w.main, w.toasts), w.resized)
	w.menu = newMenus(w, w.tools)
	w.win.SetMainMenu(w.menu.main)
	w.win.SetContent(tooltip.AddWindowToolTipLayer(w.frame.content, w.win.Canvas()))
}

func (w *Window) build() {
	w.furnish()
	w.tasks.OnJobs(func() { w.sidebar.showJobs() })
	w.win.SetPadded(false)
	w.win.SetCloseIntercept(w.closeAsked)
	w.win.Canvas().SetOnTypedKey(w.typed)
	w.win.SetMaster()
	size := fyne.NewSize(defaultWidth, defaultHeight)
	if w.set.Window.Width > 0 {
		size = fyne.NewSize(max(w.set.Window.Width, minWidth), max(w.set.Window.Height, minHeight))
	}
	w.win.Resize(size)
	// Layouts before the first frame are not what the user chose.
	w.app.Lifecycle().SetOnStarted(func() { w.placed = true })
	w.sidebar.refresh()
	switch {
	case w.profile(w.set.Selected) != nil:
		w.choose(w.set.Selected)
	case len(w.profiles) > 0:
		w.choose(w.profiles[0].ID)
	default:
		w.choose(profile.SandboxID)
	}
	if w.chosen == profile.SandboxID {
		// It needs nobody's leave: it is ours, and on this computer.
		w.spaces[w.chosen].open()
	}
}

// all are the connections in the order of the sidebar: the sandbox, then the
// user's.
func (w *Window) all() []profile.Profile {
	ours := profile.Sandbox()
	ours.Name, ours.Schemas = lang.L("Sandbox"), w.set.Sandbox
	return append([]profile.Profile{ours}, w.profiles...)
}

// opened is the workspace of a connection, nil while it was never shown.
func (w *Window) opened(id string) *workspace { return w.spaces[id] }

// mine are the user's connections.
func (w *Window) mine() []profile.Profile { return slices.Clone(w.profiles) }

// own tells whether a connection is the user's, to edit and to delete.
func own(id string) bool { return id != profile.SandboxID }

// Run shows the window and returns when it is closed, or a signal has asked the process
// to end.
func (w *Window) Run() {
	asked, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ended := make(chan struct{})
	defer close(ended)
	context.AfterFunc(asked, func() { w.endBySignal(ended) })
	w.win.ShowAndRun()
}

// Finish stops and saves what closing has not: Fyne ends its loop by itself when
// a signal asks the process to end. Call it after Run.
func (w *Window) Finish() error {
	if w.closed {
		return nil
	}
	for _, s := range w.spaces {
		s.send.Close()
	}
	return errors.Join(w.set.write(w.set.snapshot()), w.client.Close())
}

// sayLoaded says that a file was found damaged or newer.
func (w *Window) sayLoaded(l profile.Loaded, title string) {
	if l.Err == nil {
		return
	}
	w.log.Warn("a file of the user could not be read", "error", l.Err, "set aside", l.SetAside)
	text := problem.Explain(l.Err).Text()
	if l.SetAside != "" {
		text = lang.L("The file is damaged. It was moved to {{.File}} and not changed.", map[string]any{"File": l.SetAside})
	}
	// Once the window stands: a question, so that it is not overlooked.
	w.tasks.After(w.scope, 300*time.Millisecond, func() {
		confirm.Show(w.win.Canvas(), confirm.Question{
			Title: title, Body: text, Cancel: lang.L("Close"),
		})
	})
}

// expireAfter is how long after the last look at what has expired comes the next.
const expireAfter = 24 * time.Hour

// expire deletes lists that nobody opened for a week, and what was sent to production before
// that, and says so; once a day.
func (w *Window) expire() {
	known := w.knownSubscriptions()
	type expired struct {
		lists []session.Leftover
		sent  outbox.Pruned
	}
	task.Ask(w.tasks, w.scope, "expire", func(context.Context) (x expired, err error) {
		now := time.Now()
		w.client.Outbox.Prune(now)
		x.sent = w.client.Outbox.Pruned()
		x.lists, err = w.client.Sessions.Expire(known, now)
		return x, err
	}, func(x expired, err error) {
		if err != nil {
			w.log.Warn("old lists were not deleted", "error", err)
		}
		if text := words.Sentences(words.ListsGone(x.lists), words.SentGone(x.sent)); text != "" {
			w.say(text)
		}
		w.tasks.After(w.scope, expireAfter, w.expire)
	})
}

// knownSubscriptions are the ids of the subscriptions of all connections: their
// lists are not left over.
func (w *Window) knownSubscriptions() []string {
	var known []string
	for _, s := range w.set.Subscriptions {
		known = append(known, s.ID)
	}
	return known
}

// say shows a sentence at the foot of the workspace.
func (w *Window) say(text string) { w.toasts.Say(text, false, "", nil) }

// fail shows an error in words; its details are one press away.
func (w *Window) fail(err error) {
	if err == nil {
		return
	}
	p := problem.Explain(err)
	w.log.Info("shown to the user", "error", err)
	w.toasts.Say(p.Text(), true, lang.L("Details"), func() { w.details(p) })
}

func (w *Window) details(p problem.Problem) {
	confirm.Show(w.win.Canvas(), confirm.Question{
		Title: p.What, Body: p.Do, Details: widgets.NewParagraph(p.Details, theme.Muted).Object(), Cancel: lang.L("Close"),
		Choices: []widgets.Choice{{Text: lang.L("Copy details"), Do: func() { w.app.Clipboard().SetContent(p.Details) }}},
	})
}

func (w *Window) profile(id string) *profile.Profile {
	for i, p := range w.all() {
		if p.ID == id {
			if i == 0 {
				return &p
			}
			return &w.profiles[i-1]
		}
	}
	return nil
}

// space returns the workspace of the chosen profile, or nil.
func (w *Window) space() *workspace {
	if w.editing != nil {
		return nil
	}
	return w.spaces[w.chosen]
}

// choose shows the workspace of a profile.
func (w *Window) choose(id string) {
	p := w.profile(id)
	if p == nil {
		return
	}
	w.leaveEditor(func() {
		if old := w.spaces[w.chosen]; old != nil {
			old.setShown(false)
		}
		w.chosen = id
		if w.set.Selected != id {
			w.set.Selected = id
			w.set.changed()
		}
		s := w.spaces[id]
		if s == nil {
			s = newWorkspace(w, w.tools, *p)
			w.spaces[id] = s
		}
		w.show(s.content)
		s.setNarrow(w.frame.narrow)
		s.setShown(true)
		w.sidebar.refresh()
		w.menu.refresh()
	})
}

// standing is how a connection stands.
func (w *Window) standing(id string) standing {
	now := standing{chosen: id == w.chosen}
	s := w.spaces[id]
	if s == nil {
		return now
	}
	now.dot, now.problem, now.doing = s.dot(), s.shortProblem(), s.doing()
	if s.conn != nil {
		now.address = s.conn.Profile().NameServers[0]
	}
	return now
}

// spaceChanged shows elsewhere what a workspace has become.
func (w *Window) spaceChanged() {
	w.sidebar.refresh()
	w.menu.refresh()
	w.toasts.Moved()
}

// known is knownSubscriptions, or nil where the settings could not be read.
func (w *Window) known() func() []string {
	if w.unread {
		return nil
	}
	return w.knownSubscriptions
}

func (w *Window) show(o fyne.CanvasObject) {
	w.main.Objects = []fyne.CanvasObject{o}
	w.main.Refresh()
	w.toasts.Moved()
}

// resized follows the width of the window.
func (w *Window) resized(narrow bool) {
	if w.placed && !w.closing {
		w.set.Window.Width, w.set.Window.Height = w.win.Canvas().Size().Width, w.win.Canvas().Size().Height
	}
	w.sidebar.setRail(narrow || w.set.Window.RailOnly)
	if s := w.spaces[w.chosen]; s != nil {
		s.setNarrow(narrow)
	}
	if w.editing != nil {
		w.editing.SetNarrow(narrow)
	}
}

// ShowProblem opens a small window that says why Gantry could not start, in the language
// of the settings.
func ShowProblem(a fyne.App, folders client.Folders, err error) {
	settings, _ := profile.NewSettingsStore(folders.Config).Load()
	if words.Load(settings.Language) != nil {
		if e := words.Load(words.System); e != nil {
			err = e
		}
	}
	a.Settings().SetTheme(theme.New(theme.Choice(settings.Theme)))
	a.SetIcon(icon())
	win := a.NewWindow("Gantry")
	p := problem.Explain(err)
	win.SetContent(container.NewPadded(widgets.NewEmptyState(p.What, startProblem(p, folders, err), nil,
		widgets.NewButton(lang.L("Quit"), nil, widgets.Primary, a.Quit))))
	win.Resize(fyne.NewSize(560, 300))
	win.ShowAndRun()
}

// startProblem is what to do, and what else is known: of a folder in use its name, for
// the raw text says no more than that in English.
func startProblem(p problem.Problem, folders client.Folders, err error) string {
	if errors.Is(err, fault.FolderInUse) {
		return p.Do + "\n" + lang.L("The folder: {{.Folder}}", map[string]any{"Folder": folders.Data})
	}
	return p.Do + "\n" + p.Details
}
