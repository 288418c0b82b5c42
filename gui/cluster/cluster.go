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
	"errors"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/insight"
	"gantry/client/orders"
	"gantry/gui/arrange"
	"gantry/gui/overview"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// Connection is what the screen needs of an open connection. All of it blocks.
type Connection interface {
	Health(ctx context.Context) (insight.Health, error)
	BrokerSettings(ctx context.Context, addr string) ([]cluster.Setting, error)
	NameServerSettings(ctx context.Context, addr string) ([]cluster.Setting, error)
	Accounts(ctx context.Context) ([]cluster.Account, cluster.Missing, error)
	AccountFiles(ctx context.Context) ([]cluster.AccountFile, cluster.Missing, error)
}

var _ Connection = (*client.Connection)(nil)

// Params are what New needs. All functions are called on the main goroutine.
type Params struct {
	overview.Params[Connection]
	// Setup asks what is done to users and their rights.
	Setup func(orders.Setup)
}

// detailNarrow is the width of the details in a window below 1200.
const detailNarrow float32 = 440

// Keys of the screen's queries.
const (
	queryState    = "state"
	querySettings = "settings"
)

// Screen is the tab.
type Screen struct {
	*overview.Frame[Connection]

	servers  []server
	selected string // key of the chosen one
	listed   bool   // brokers are told
	asked    bool   // servers is an answer
	err      error
	chosen   bool // one was shown at first
	detail   *detail
	setup    func(orders.Setup)
	accounts *accounts // the list of them that is open; nil while none is
}

// New builds the screen. It asks nothing before it is shown.
func New(p Params) *Screen {
	s := &Screen{Frame: overview.New(p.Params), setup: p.Setup}
	title := widgets.NewWord(lang.L("Servers"), theme.Text).Bold()
	who := widgets.NewButton(lang.L("Accounts…"), nil, widgets.Quiet, s.showAccounts)
	who.SetToolTip(lang.L("Who may sign in at the brokers, and what each may do"))
	bar := container.New(&arrange.Columns{Gap: 8, Shares: []float32{1, 0, 0, 0}},
		title, who, s.RefreshButton(), container.NewCenter(widgets.NewCaption(lang.L("every 5 s"))))
	table := widgets.NewTable(columns(), heads(), func() int { return len(s.servers) }, func(i int) []widgets.Item { return s.servers[i].cells(s.selected) })
	table.OnSelected = func(i int) { s.choose(s.at(i)) }
	table.OnEnter = func() { s.FocusFilter() }
	table.OnCopy = func() {
		if x := s.chosenServer(); x != nil {
			fyne.CurrentApp().Clipboard().SetContent(x.addr)
		}
	}
	s.detail = newDetail(s)
	s.Build(bar, table, s.detail.content, detailNarrow, overview.Hooks{
		Ask: s.ask, AskAll: s.askAll, Cancel: s.cancel, Forget: s.forget, Show: s.show,
	})
	return s
}

// FocusFirst puts the focus on the list.
func (s *Screen) FocusFirst() {
	if s.Connected() && len(s.servers) > 0 {
		s.Focus(s.Table.List)
	}
}

// FocusFilter puts the focus into the search of the configuration.
func (s *Screen) FocusFilter() {
	if s.Connected() && s.chosenServer() != nil {
		s.Focus(s.detail.filter)
	}
}

// forget drops what another connection said.
func (s *Screen) forget() {
	s.servers, s.selected, s.asked, s.listed, s.err, s.chosen = nil, "", false, false, nil, false
	s.detail.forget()
}

// ask asks again for what is shown.
func (s *Screen) ask() {
	if !s.Scope.Running(queryState) {
		s.askState()
	}
}

func (s *Screen) askAll() {
	if s.accounts != nil { // over which something was changed
		s.accounts.ask()
	}
	s.askState()
	s.askSettings()
}

func (s *Screen) cancel() {
	s.Scope.Cancel(queryState)
	s.Scope.Cancel(querySettings)
}

func (s *Screen) askState() {
	conn := s.P.Conn()
	task.Ask(s.P.Tasks, s.Scope, queryState, conn.Health, func(got insight.Health, err error) {
		s.err = err
		if err == nil || s.asked && len(got.NameServers) > 0 && !errors.Is(err, context.Canceled) { // who did not answer says so
			s.asked, s.listed, s.servers = true, got.Listed, serversOf(got)
			if !s.chosen {
				s.chosen = true
				s.choose(first(s.servers))
			}
			s.askSettingsAgain()
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
	x, conn := s.chosenServer(), s.P.Conn()
	if x == nil || conn == nil {
		s.Scope.Cancel(querySettings)
		return
	}
	key, addr, ask := x.key(), x.addr, conn.BrokerSettings
	if x.nameServer {
		ask = conn.NameServerSettings
	}
	task.Ask(s.P.Tasks, s.Scope, querySettings, func(ctx context.Context) ([]cluster.Setting, error) {
		return ask(ctx, addr)
	}, func(got []cluster.Setting, err error) {
		if s.selected == key {
			s.detail.take(got, err)
			s.show()
		}
	})
}

// askSettingsAgain asks for a configuration that could not be had, once the server
// answers again.
func (s *Screen) askSettingsAgain() {
	if x := s.chosenServer(); x != nil && x.err == nil && s.detail.missed() && !s.Scope.Running(querySettings) {
		s.askSettings()
	}
}

// show brings everything up to date.
func (s *Screen) show() {
	s.detail.show(s.chosenServer())
	at := slices.IndexFunc(s.servers, func(x server) bool { return x.key() == s.selected })
	s.Show(s.above(), s.words(), at)
}

// above is what stands above the list.
func (s *Screen) above() string {
	switch {
	case s.err != nil && s.asked:
		return problem.Explain(s.err).Text()
	case s.asked && !s.listed:
		return lang.L("This endpoint does not list brokers.")
	}
	return ""
}

// words are what stands where nothing is known.
func (s *Screen) words() overview.Words {
	switch {
	case !s.Connected():
		return s.NotConnected(lang.L("Connect to see name servers and brokers."))
	case s.asked:
		return overview.Words{}
	case s.err != nil:
		return s.Failed(s.err)
	}
	return overview.Words{Title: lang.L("Asking the servers")}
}
