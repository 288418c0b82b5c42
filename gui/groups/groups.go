// Package groups is the Groups tab of one connection: all consumer groups with
// members, lag and rates, and everything about the one that is chosen.
//
// Everything here runs on Fyne's main goroutine and takes no lock. Questions to
// brokers are queries of package task that end with the screen: the list, the
// state of its groups (some at a time, those in sight first), the details of the
// chosen group, and the stack of one of its members. While the tab is shown and
// connected, they are asked again every five seconds.
package groups

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/insight"
	"gantry/gui/overview"
	"gantry/gui/widgets"
)

// Connection is what the screen needs of an open connection. All of it blocks.
type Connection interface {
	Groups(ctx context.Context) (insight.GroupList, error)
	GroupSummaries(ctx context.Context, groups []string) ([]insight.GroupSummary, error)
	GroupDetail(ctx context.Context, group string) (*insight.GroupDetail, error)
	MemberStack(ctx context.Context, group string, m cluster.Member) (string, error)
}

var _ Connection = (*client.Connection)(nil)

// Params are what New needs. All functions are called on the main goroutine.
type Params struct {
	overview.Params[Connection]
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
	follow func(string)
	browse func(string)

	list   list
	detail *detail
	note   *widgets.Word // what is going on, at the right of the filter

	listed    time.Time // when the list was asked for last
	swept     time.Time // when all groups were asked about last
	listing   bool
	listErr   error
	chosen    bool // a group was shown at first
	unlisted  bool // the endpoint lists none: those typed are looked up
	bannerNow string
	missing   []string // brokers whose part is missing
}

// New builds the screen. It asks nothing before it is shown.
func New(p Params) *Screen {
	s := &Screen{Frame: overview.New(p.Params), follow: p.Follow, browse: p.Browse}
	s.list.short = p.Profile.ShortName
	table := widgets.NewTable(columns(), heads(), func() int { return len(s.list.rows) }, func(i int) []widgets.Item { return s.list.cells(i) })
	table.OnSelected = func(i int) { s.choose(s.list.at(i)) }
	table.OnEnter = func() { s.Focus(s.detail.sheet.List) }
	table.OnEscape = func() { s.choose(nil) }
	table.OnCopy = func() {
		if e := s.list.chosen(); e != nil {
			fyne.CurrentApp().Clipboard().SetContent(e.name)
		}
	}
	s.detail = newDetail(s)
	s.note = widgets.NewCaption("")
	bar := s.FilterBar(lang.L("Filter groups"), 3, s.arrange, s.entered, s.RefreshButton(), container.NewCenter(s.note))
	s.Build(bar, table, s.detail.content, detailNarrow, overview.Hooks{
		Ask: s.ask, AskAll: s.askAll, Cancel: s.cancel, Forget: s.forget, Show: s.show,
	})
	return s
}

// arrange lists what the filter and the segment say; the selection follows its group.
func (s *Screen) arrange() {
	s.list.filter, s.list.segment = s.Filter.Text, segment(s.Segments.Selected())
	s.list.arrange()
}

// forget drops what another connection said.
func (s *Screen) forget() {
	s.list.forget()
	s.listed, s.swept, s.listErr, s.unlisted, s.chosen = time.Time{}, time.Time{}, nil, false, false
	s.detail.show(nil, nil)
}

// Open shows a group, by its full name, once the list has it.
func (s *Screen) Open(name string) {
	s.Filter.SetText("")
	s.Segments.Select(0)
	if s.list.byName[name] == nil {
		names := []string{name} // not listed yet, or an endpoint that lists none
		for _, e := range s.list.all {
			names = append(names, e.name)
		}
		s.list.set(names)
	}
	s.chosen = true
	s.arrange()
	s.choose(s.list.byName[name])
	s.next()
	s.show()
	if at := s.list.row(name); at >= 0 {
		s.Table.ScrollTo(at)
	}
}

// choose shows the details of a group; nil shows none.
func (s *Screen) choose(e *entry) {
	name := ""
	if e != nil {
		name = e.name
	}
	if name == s.list.selected {
		return
	}
	s.list.selected = name
	s.detail.show(e, nil)
	s.askDetail()
	s.Table.SetSelected(s.list.row(name))
	s.Table.Refresh()
}

// show brings list and words up to date.
func (s *Screen) show() {
	counts := s.list.counts()
	s.Segments.SetText(0, lang.L("All {{.Count}}", count(counts.all)))
	s.Segments.SetText(1, lang.L("With lag {{.Count}}", count(counts.lag)))
	s.Segments.SetText(2, lang.L("No members {{.Count}}", count(counts.empty)))
	s.note.SetText(s.noteText())
	s.Show(s.above(), s.words(), s.list.row(s.list.selected))
}
