// Package topics is the Topics tab of one connection: all topics with their type
// and queues, and everything about the one that is chosen: its route, what its
// queues keep, the groups that read it, and the producers that are connected.
//
// Everything here runs on Fyne's main goroutine and takes no lock. Questions to
// brokers are queries of package task that end with the screen. While the tab is
// shown and connected, they are asked again every five seconds, a long list every
// minute.
package topics

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/insight"
	"gantry/gui/overview"
	"gantry/gui/widgets"
)

// Connection is what the screen needs of an open connection. All of it blocks.
type Connection interface {
	TopicList(ctx context.Context) (insight.TopicList, error)
	TopicDetail(ctx context.Context, topic string) (*insight.TopicDetail, error)
}

var _ Connection = (*client.Connection)(nil)

// Params are what New needs. All functions are called on the main goroutine.
type Params struct {
	overview.Params[Connection]
	// OpenGroup shows a group, by its full name.
	OpenGroup func(string)
	// Follow follows a topic, by its full name, in the Subscribe tab.
	Follow func(string)
	// Browse reads the newest messages of a topic, by its full name, in the Browse tab.
	Browse func(string)
}

// detailNarrow is the width of the details in a window below 1200.
const detailNarrow float32 = 500

// Screen is the tab.
type Screen struct {
	*overview.Frame[Connection]
	openGroup, follow, browse func(string)

	list   list
	detail *detail

	listed   time.Time // when the list was asked for last
	listing  bool
	listErr  error
	unlisted bool // the endpoint lists none: those typed are looked up
	missing  cluster.Missing
}

// New builds the screen. It asks nothing before it is shown.
func New(p Params) *Screen {
	s := &Screen{Frame: overview.New(p.Params), openGroup: p.OpenGroup, follow: p.Follow, browse: p.Browse}
	s.list.short = p.Profile.ShortName
	table := widgets.NewTable(columns(), heads(), func() int { return len(s.list.rows) }, func(i int) []widgets.Item { return s.list.cells(i) })
	table.OnSelected = func(i int) { s.choose(s.list.at(i)) }
	table.OnEnter = func() { s.Focus(s.detail.sheet.List) }
	table.OnEscape = func() { s.choose("") }
	table.OnCopy = func() {
		if s.list.selected != "" {
			fyne.CurrentApp().Clipboard().SetContent(s.list.selected)
		}
	}
	s.detail = newDetail(s)
	bar := s.FilterBar(lang.L("Filter topics"), 3, s.arrange, s.entered, s.RefreshButton())
	s.Build(bar, table, s.detail.content, detailNarrow, overview.Hooks{
		Ask: s.ask, AskAll: s.askAll, Cancel: s.cancel, Forget: s.forget, Show: s.show,
	})
	return s
}

// arrange lists what the filter and the segment say.
func (s *Screen) arrange() {
	s.list.filter, s.list.segment = s.Filter.Text, segment(s.Segments.Selected())
	s.list.arrange()
}

// forget drops what another connection said.
func (s *Screen) forget() {
	s.list.forget()
	s.listed, s.listErr, s.unlisted, s.missing = time.Time{}, nil, false, nil
	s.detail.show("", nil, nil)
}

// choose shows the details of a topic, by its full name; "" shows none.
func (s *Screen) choose(name string) {
	if name == s.list.selected {
		return
	}
	s.list.selected = name
	s.detail.show(name, nil, nil)
	s.askDetail()
	s.Table.SetSelected(s.list.row(name))
	s.Table.Refresh()
}

// show brings list and words up to date.
func (s *Screen) show() {
	counts := s.list.counts()
	s.Segments.SetText(0, lang.L("Topics {{.Count}}", count(counts[ordinary])))
	s.Segments.SetText(1, lang.L("Retry, dead {{.Count}}", count(counts[ofGroups])))
	s.Segments.SetText(2, lang.L("System {{.Count}}", count(counts[system])))
	s.Show(s.above(), s.words(), s.list.row(s.list.selected))
}
