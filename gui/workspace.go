package gui

import (
	"log/slog"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/profile"
	"gantry/client/session"
	"gantry/gui/arrange"
	"gantry/gui/browse"
	clustertab "gantry/gui/cluster"
	"gantry/gui/groups"
	"gantry/gui/msglist"
	"gantry/gui/problem"
	"gantry/gui/replay"
	"gantry/gui/send"
	"gantry/gui/subscribe"
	"gantry/gui/task"
	"gantry/gui/topics"
	"gantry/gui/widgets"
)

// page is what the shell needs of a tab.
type page interface {
	Content() fyne.CanvasObject
	SetShown(bool)
	SetNarrow(bool)
	// Primary is the tab's first action (Ctrl+Enter).
	Primary()
	// FocusFirst puts the focus where typing begins.
	FocusFirst()
	// ConnectionChanged says that the connection was opened or closed.
	ConnectionChanged()
	Close()
}

var (
	_ page = (*send.Screen)(nil)
	_ page = (*subscribe.Screen)(nil)
	_ page = (*browse.Screen)(nil)
	_ page = (*topics.Screen)(nil)
	_ page = (*groups.Screen)(nil)
	_ page = (*clustertab.Screen)(nil)
)

// The tabs, in their order.
const (
	tabSend = iota
	tabSubscribe
	tabBrowse
	tabTopics
	tabGroups
	tabCluster
)

// shower is a page that shows messages, runner one in which something runs, filterer one
// with a filter.
type (
	shower interface {
		CycleInspector()
		CopyBody()
		CopyReference()
		CycleBodyView()
		SendAgain()
		SendAll()
		Export()
		Keep()
		GoTo()
		ListMenu()
		Shape()
	}
	runner   interface{ StopRunning() }
	filterer interface{ FocusFilter() }
)

var (
	_ shower = (*subscribe.Screen)(nil)
	_ shower = (*browse.Screen)(nil)

	_ filterer = (*subscribe.Screen)(nil)
	_ filterer = (*browse.Screen)(nil)
)

// spaceShell is what a workspace asks of the window around it.
type spaceShell interface {
	say(text string)
	fail(err error)
	details(p problem.Problem)
	edit(p profile.Profile, isNew bool)
	// keepProfile stores a profile of which nothing that a connection uses has changed.
	keepProfile(p profile.Profile)
	profileMenu(id string, at fyne.Position)
	// replay has messages of a connection sent again.
	replay(from replay.Source)
	// keep asks for a name and keeps what a list shows as a recording.
	keep(of session.Recording, from msglist.Listed)
	// shape takes what a list shows as a side of a comparison by shape.
	shape(name string, from msglist.Listed)
	// importRecording asks for an export and reads it into a recording.
	importRecording(of session.Recording)
	// others are the ids of the connections that are not this one.
	others() []string
	// openReference opens the message of a reference, over whichever connection it names.
	openReference(r cluster.Reference)
	// spaceChanged says that what is shown of a workspace elsewhere has changed.
	spaceChanged()
	// doingChanged says that only what the sidebar tells of an open connection has.
	doingChanged()
	// known returns the ids of the subscriptions of all connections, or nil while they
	// are not known.
	known() func() []string
}

// tools are what all parts of the window work with.
type tools struct {
	tasks  *task.Runner
	win    fyne.Window
	client *client.Client
	log    *slog.Logger
	set    *store
}

// workspace is one profile's part of the window: header, tabs, pages, and its
// connection while that is open.
type workspace struct {
	tools
	shell   spaceShell
	profile profile.Profile
	scope   *task.Scope
	content *fyne.Container

	conn  *client.Connection // nil unless connected
	heard client.Heard       // of the servers last; zero until they were asked
	err   error              // why connecting failed last
	busy  string
	known []string // topics that the cluster lists

	band      *fyne.Container
	name      *widgets.Word
	chip      *widgets.Chip
	state     *widgets.Dot
	words     *widgets.Word
	connect   *widgets.Button
	lift      *widgets.Button // of a read-only connection
	tabs      *widgets.Tabs
	banner    *widgets.Banner
	body      *fyne.Container
	pages     []page // by tab
	send      *send.Screen
	subscribe *subscribe.Screen
	browse    *browse.Screen
	topicList *topics.Screen
	groups    *groups.Screen
	cluster   *clustertab.Screen
	shown     bool
	told      saying // what the tabs know of the formats of bodies
}

func newWorkspace(shell spaceShell, t tools, p profile.Profile) *workspace {
	s := &workspace{tools: t, shell: shell, profile: p, scope: t.tasks.Scope()}
	s.makePages()
	s.told = s.says()
	s.tabs = widgets.NewTabs(func(int) { s.showTab() }, lang.L("Send"), lang.L("Subscribe"), lang.L("Browse"),
		lang.L("Topics"), lang.L("Groups"), lang.L("Cluster"))
	s.banner = widgets.NewBanner(true, "")
	s.banner.Hide()
	s.body = container.NewStack()
	s.band = container.NewStack()
	s.showBand()
	top := container.New(&arrange.Rows{}, s.band, s.makeHeader(), s.tabs, s.banner)
	s.content = container.New(&arrange.Rows{Grow: s.body}, top, s.body)
	s.showTab()
	s.refresh()
	return s
}

// connectionChanged tells the pages that the connection was opened or closed.
func (s *workspace) connectionChanged() {
	for _, p := range s.pages {
		p.ConnectionChanged()
	}
}

func (s *workspace) badge(n int) {
	if s.tabs == nil {
		return
	}
	words := ""
	if n > 0 {
		words = widgets.Count(n)
	}
	s.tabs.SetBadge(tabSubscribe, words)
	s.shell.spaceChanged() // the sidebar tells the rate
}

// topics are names for completion: what the cluster lists, else what was used.
func (s *workspace) topics() []string {
	if len(s.known) == 0 {
		return s.set.Topics[s.profile.ID]
	}
	return s.known
}

func (s *workspace) page() page { return s.pages[s.tabs.Selected()] }

// shower does something with the message pane of the page, if it has one.
func (s *workspace) shower(do func(shower)) {
	if p, ok := s.page().(shower); ok {
		do(p)
	}
}

// focusFilter finds something in the text that has the focus, or else puts the focus into
// the filter of the page that is shown.
func (s *workspace) focusFilter() {
	if text, ok := s.win.Canvas().Focused().(interface{ Find() bool }); ok && text.Find() {
		return
	}
	if p, ok := s.page().(filterer); ok {
		p.FocusFilter()
	}
}

// template does something with the templates of the Send tab, if that is shown.
func (s *workspace) template(do func(*send.Screen)) {
	if s.tabs.Selected() == tabSend {
		do(s.send)
	}
}

// clearable does something with the list of a subscription, if one is shown: other
// lists hold answers.
func (s *workspace) clearable(do func(*subscribe.Screen)) {
	if s.tabs.Selected() == tabSubscribe {
		do(s.subscribe)
	}
}

// stop ends what runs on the page.
func (s *workspace) stop() {
	if p, ok := s.page().(runner); ok {
		p.StopRunning()
	}
}

// primary is Ctrl+Enter: what the tab does first, and before that a connection.
func (s *workspace) primary() {
	if s.conn == nil {
		s.open()
		return
	}
	s.page().Primary()
}

func (s *workspace) showTab() {
	for _, p := range s.pages {
		if p != s.page() {
			p.SetShown(false)
		}
	}
	p := s.page()
	s.body.Objects = []fyne.CanvasObject{p.Content()}
	s.body.Refresh()
	p.SetShown(s.shown)
	if s.shown {
		p.FocusFirst()
		s.shell.spaceChanged()
	}
}

func (s *workspace) setShown(shown bool) {
	s.shown = shown
	s.page().SetShown(shown)
	if shown {
		s.refresh()
	}
}

func (s *workspace) setNarrow(narrow bool) {
	for _, p := range s.pages {
		p.SetNarrow(narrow)
	}
}

// refresh shows the state in header, banner and sidebar.
func (s *workspace) refresh() {
	s.state.Set(s.dot())
	s.words.SetText(s.stateWords())
	switch {
	case s.busy != "":
		s.connect.SetText(lang.L("Cancel"))
		s.connect.SetKind(widgets.Normal)
	case s.conn != nil:
		s.connect.SetText(lang.L("Disconnect"))
		s.connect.SetKind(widgets.Quiet)
	default:
		s.connect.SetText(lang.L("Connect"))
		s.connect.SetKind(widgets.Primary)
	}
	s.showLift()
	if s.err != nil {
		p := problem.Explain(s.err)
		s.banner.Set(true, p.Text(), widgets.Choice{Text: lang.L("Details"), Kind: widgets.Quiet, Do: func() { s.shell.details(p) }})
		s.banner.Show()
	} else {
		s.banner.Hide()
	}
	s.content.Refresh()
	s.shell.spaceChanged()
}

// close ends the pages; what runs was stopped before.
func (s *workspace) close() {
	for _, p := range s.pages {
		p.Close()
	}
	s.scope.Close()
}
