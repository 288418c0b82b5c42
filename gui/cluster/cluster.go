// Package cluster is the Cluster tab of one connection: its name servers and
// brokers with their roles, versions, rates and disks, and everything that the
// chosen one says of itself, its configuration too, to be searched.
//
// Everything here runs on Fyne's main goroutine and takes no lock. Questions are
// queries of package task that end with the screen; while the tab is shown and
// connected, servers are asked again every five seconds.
package cluster

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client"
	"gantry/client/profile"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// Connection is what the screen needs of an open connection. All of it blocks.
type Connection interface {
	Cluster(ctx context.Context) (client.ClusterState, error)
	BrokerSettings(ctx context.Context, addr string) ([]client.Setting, error)
	NameServerSettings(ctx context.Context, addr string) ([]client.Setting, error)
}

var _ Connection = (*client.Connection)(nil)

// Params are what New needs. All functions are called on the main goroutine.
type Params struct {
	Tasks   *task.Runner
	Window  fyne.Window
	Profile profile.Profile
	// Conn returns the open connection, or nil; Connect asks the shell for one.
	Conn       func() Connection
	Connect    func()
	RefreshTip string // the tooltip, with the shortcut
	// Split is the offset of the split, 0 for the usual width.
	Split     float64
	SaveSplit func(float64)
	Say       func(string)
}

const (
	// refreshEvery is how often servers are asked how they are.
	refreshEvery = 5 * time.Second
	// Width of the details while the user has not moved the split.
	detailWidth, detailNarrow float32 = 548, 440
)

// Keys of the screen's queries.
const (
	queryState    = "state"
	querySettings = "settings"
)

// Screen is the tab.
type Screen struct {
	p     Params
	scope *task.Scope

	servers  []server
	selected string // key of the chosen one
	listed   bool   // brokers are told
	asked    bool   // servers is an answer
	err      error
	chosen   bool // one was shown at first

	refresh *widgets.Button
	note    *widgets.Word
	banner  *widgets.Banner
	table   *widgets.Table
	detail  *detail
	empty   *widgets.EmptyState
	split   *widgets.Split
	content *fyne.Container

	conn  Connection // that servers belong to
	shown bool
}

// New builds the screen. It asks nothing before it is shown.
func New(p Params) *Screen {
	s := &Screen{p: p, scope: p.Tasks.Scope()}
	s.refresh = widgets.NewButton(lang.L("Refresh"), fynetheme.ViewRefreshIcon(), widgets.Quiet, s.Refresh)
	s.refresh.SetToolTip(p.RefreshTip)
	s.note = widgets.NewCaption(lang.L("every 5 s"))
	title := widgets.NewWord(lang.L("Servers"), theme.Text).Bold()
	bar := container.New(layout.NewCustomPaddedLayout(8, 8, 14, 12), container.New(&widgets.Columns{Gap: 8, Shares: []float32{1, 0, 0}},
		title, s.refresh, container.NewCenter(s.note)))
	s.banner = widgets.NewBanner(false, "")
	s.table = widgets.NewTable(columns(), heads(), func() int { return len(s.servers) }, func(i int) []widgets.Item { return s.servers[i].cells(s.selected) })
	s.table.OnSelected = func(i int) { s.choose(s.at(i)) }
	s.table.OnEnter = func() { s.FocusFilter() }
	s.table.OnCopy = func() {
		if x := s.chosenServer(); x != nil {
			fyne.CurrentApp().Clipboard().SetContent(x.addr)
		}
	}
	s.detail = newDetail(s)
	left := container.New(&widgets.Growing{Grow: 3}, bar, widgets.NewRule(), s.banner, s.table.Content())
	s.split = widgets.NewDetailSplit(left, s.detail.content, detailWidth, detailNarrow)
	s.split.SetOffset(p.Split)
	s.split.OnMoved = p.SaveSplit
	s.empty = widgets.NewEmptyState("", "", nil)
	s.content = container.NewStack()
	p.Tasks.Every(s.scope, refreshEvery, s.tick)
	s.show()
	return s
}

// Content is what to put into a layout.
func (s *Screen) Content() fyne.CanvasObject { return s.content }

// SetShown tells whether the tab is seen.
func (s *Screen) SetShown(shown bool) {
	s.shown = shown
	if !shown {
		s.cancel()
		return
	}
	s.tick()
	s.show()
}

// SetNarrow makes the details narrower for a window below 1200.
func (s *Screen) SetNarrow(narrow bool) { s.split.SetNarrow(narrow) }

// Primary asks again.
func (s *Screen) Primary() { s.Refresh() }

// FocusFirst puts the focus on the list.
func (s *Screen) FocusFirst() {
	if s.p.Conn() != nil && len(s.servers) > 0 {
		s.p.Window.Canvas().Focus(s.table.List)
	}
}

// FocusFilter puts the focus into the search of the configuration.
func (s *Screen) FocusFilter() {
	if s.p.Conn() != nil && s.chosenServer() != nil {
		s.p.Window.Canvas().Focus(s.detail.filter)
	}
}

// ConnectionChanged forgets what another connection said.
func (s *Screen) ConnectionChanged() {
	if s.conn == s.p.Conn() {
		return
	}
	s.cancel()
	s.conn = s.p.Conn()
	s.servers, s.selected, s.asked, s.listed, s.err, s.chosen = nil, "", false, false, nil, false
	s.detail.forget()
	if s.shown {
		s.tick()
	}
	s.show()
}

// Close ends what the screen does.
func (s *Screen) Close() { s.scope.Close() }

// tick asks again for what is shown.
func (s *Screen) tick() {
	if !s.shown || s.p.Conn() == nil {
		return
	}
	if s.conn != s.p.Conn() {
		s.ConnectionChanged()
		return
	}
	if !s.scope.Running(queryState) {
		s.ask()
	}
}

// Refresh asks for everything again.
func (s *Screen) Refresh() {
	if s.p.Conn() == nil {
		s.p.Connect()
		return
	}
	s.cancel()
	s.ask()
	s.askSettings()
}

func (s *Screen) cancel() {
	s.scope.Cancel(queryState)
	s.scope.Cancel(querySettings)
}

func (s *Screen) ask() {
	conn := s.p.Conn()
	task.Query(s.p.Tasks, s.scope, queryState, conn.Cluster, func(got client.ClusterState, err error) {
		s.err = err
		if err == nil {
			s.asked, s.listed, s.servers = true, got.Listed, serversOf(got)
			if !s.chosen {
				s.chosen = true
				s.choose(first(s.servers))
			}
		}
		s.show()
	})
}

// at is the server of a row, or nil.
func (s *Screen) at(i int) *server {
	if i < 0 || i >= len(s.servers) {
		return nil
	}
	return &s.servers[i]
}

func (s *Screen) chosenServer() *server {
	for i := range s.servers {
		if s.servers[i].key() == s.selected {
			return &s.servers[i]
		}
	}
	return nil
}

// choose shows the details of a server; nil shows none.
func (s *Screen) choose(x *server) {
	key := ""
	if x != nil {
		key = x.key()
	}
	if key == s.selected {
		return
	}
	s.selected = key
	s.detail.forget()
	s.askSettings()
	s.show()
}

// askSettings asks the chosen server for its configuration, once: it changes
// seldom.
func (s *Screen) askSettings() {
	x, conn := s.chosenServer(), s.p.Conn()
	if x == nil || conn == nil {
		s.scope.Cancel(querySettings)
		return
	}
	key, addr, ask := x.key(), x.addr, conn.BrokerSettings
	if x.nameServer {
		ask = conn.NameServerSettings
	}
	task.Query(s.p.Tasks, s.scope, querySettings, func(ctx context.Context) ([]client.Setting, error) {
		return ask(ctx, addr)
	}, func(got []client.Setting, err error) {
		if s.selected == key {
			s.detail.take(got, err)
			s.show()
		}
	})
}

// show brings everything up to date.
func (s *Screen) show() {
	text := ""
	switch {
	case s.err != nil && s.asked:
		text = problem.Explain(s.err).Text()
	case s.asked && !s.listed:
		text = lang.L("This endpoint does not list brokers.")
	}
	s.banner.Set(false, text)
	if text == "" {
		s.banner.Hide()
	} else {
		s.banner.Show()
	}
	s.detail.show(s.chosenServer())
	want := fyne.CanvasObject(s.split)
	if title, line, act := s.emptyWords(); title != "" {
		s.empty.Set(title, line, nil, act...)
		want = s.empty
	}
	widgets.Swap(s.content, want)
	at := -1
	for i := range s.servers {
		if s.servers[i].key() == s.selected {
			at = i
		}
	}
	s.table.SetSelected(at)
	s.table.Refresh()
}

// emptyWords are what stands where nothing is known; no title shows the list.
func (s *Screen) emptyWords() (title, line string, act []*widgets.Button) {
	switch {
	case s.p.Conn() == nil:
		connect := widgets.NewButton(lang.L("Connect"), nil, widgets.Primary, s.p.Connect)
		return lang.L("Not connected"), lang.L("Connect to see name servers and brokers."), []*widgets.Button{connect}
	case s.asked:
		return "", "", nil
	case s.err != nil:
		p := problem.Explain(s.err)
		again := widgets.NewButton(lang.L("Try again"), fynetheme.ViewRefreshIcon(), widgets.Normal, s.Refresh)
		return p.What, p.Do, []*widgets.Button{again}
	}
	return lang.L("Asking the servers"), "", nil
}
