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
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client"
	"gantry/client/profile"
	"gantry/gui/task"
	"gantry/gui/widgets"
)

// Connection is what the screen needs of an open connection. All of it blocks.
type Connection interface {
	TopicList(ctx context.Context) (client.TopicList, error)
	TopicDetail(ctx context.Context, topic string) (*client.TopicDetail, error)
}

var _ Connection = (*client.Connection)(nil)

// Params are what New needs. All functions are called on the main goroutine.
type Params struct {
	Tasks   *task.Runner
	Window  fyne.Window
	Profile profile.Profile
	// Conn returns the open connection, or nil; Connect asks the shell for one.
	Conn    func() Connection
	Connect func()
	// OpenGroup shows a group, by its full name.
	OpenGroup func(string)
	// Follow follows a topic, by its full name, in the Subscribe tab.
	Follow     func(string)
	RefreshTip string // the tooltip, with the shortcut
	// Split is the offset of the split, 0 for the usual width.
	Split     float64
	SaveSplit func(float64)
	Say       func(string)
}

const (
	// refreshEvery is how often what is shown is asked again, listEvery the list
	// where there are more than a few.
	refreshEvery = 5 * time.Second
	listEvery    = time.Minute
	fewTopics    = 200
	// Width of the details while the user has not moved the split.
	detailWidth, detailNarrow float32 = 548, 500
)

// Screen is the tab.
type Screen struct {
	p     Params
	scope *task.Scope

	list   list
	detail *detail

	filter   *widgets.Entry
	segments *widgets.Segments
	bar      *fyne.Container
	banner   *widgets.Banner
	table    *widgets.Table
	empty    *widgets.EmptyState
	body     *fyne.Container // the table or the empty state
	split    *widgets.Split
	content  *fyne.Container

	conn     Connection // that the list belongs to
	listed   time.Time  // when the list was asked for last
	listing  bool
	listErr  error
	unlisted bool // the endpoint lists none: those typed are looked up
	missing  client.Missing
	shown    bool
}

// New builds the screen. It asks nothing before it is shown.
func New(p Params) *Screen {
	s := &Screen{p: p, scope: p.Tasks.Scope()}
	s.list.short = p.Profile.ShortName
	s.makeBar()
	s.banner = widgets.NewBanner(false, "")
	s.table = widgets.NewTable(columns(), heads(), func() int { return len(s.list.rows) }, func(i int) []widgets.Item { return s.list.cells(i) })
	s.table.OnSelected = func(i int) { s.choose(s.list.at(i)) }
	s.table.OnEnter = func() { s.focus(s.detail.sheet.List) }
	s.table.OnEscape = func() { s.choose("") }
	s.table.OnCopy = func() {
		if s.list.selected != "" {
			fyne.CurrentApp().Clipboard().SetContent(s.list.selected)
		}
	}
	s.empty = widgets.NewEmptyState("", "", nil)
	s.body = container.NewStack()
	s.detail = newDetail(s)
	left := container.New(&widgets.Growing{Grow: 3}, s.bar, widgets.NewRule(), s.banner, s.body)
	s.split = widgets.NewDetailSplit(left, s.detail.content, detailWidth, detailNarrow)
	s.split.SetOffset(p.Split)
	s.split.OnMoved = p.SaveSplit
	s.content = container.NewStack()
	p.Tasks.Every(s.scope, refreshEvery, s.tick)
	s.show()
	return s
}

func (s *Screen) makeBar() {
	s.filter = widgets.NewFilter(lang.L("Filter topics"), func(k *fyne.KeyEvent) bool {
		if k != nil && len(s.list.rows) == 0 {
			return false
		}
		s.focus(s.table.List)
		if k != nil {
			s.table.TypedKey(k)
		}
		return true
	})
	s.filter.OnChanged = func(text string) { s.list.filter = text; s.list.arrange(); s.show() }
	s.filter.OnEnter = s.entered
	s.segments = widgets.NewSegments(func(i int) { s.list.segment = segment(i); s.list.arrange(); s.show() }, "", "", "")
	refresh := widgets.NewButton(lang.L("Refresh"), fynetheme.ViewRefreshIcon(), widgets.Quiet, s.Refresh)
	refresh.SetToolTip(s.p.RefreshTip)
	s.bar = container.New(layout.NewCustomPaddedLayout(8, 8, 14, 12), widgets.NewFilterBar(widgets.NewField("", s.filter), s.segments, refresh))
}

func (s *Screen) focus(f fyne.Focusable) { s.p.Window.Canvas().Focus(f) }

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

// FocusFirst puts the focus into the filter; Down goes on to the list.
func (s *Screen) FocusFirst() { s.FocusFilter() }

// FocusFilter puts the focus into the filter.
func (s *Screen) FocusFilter() {
	if s.p.Conn() != nil {
		s.focus(s.filter)
	}
}

// ConnectionChanged forgets what another connection said.
func (s *Screen) ConnectionChanged() {
	if s.conn == s.p.Conn() {
		return
	}
	s.cancel()
	s.conn = s.p.Conn()
	s.list.forget()
	s.listed, s.listErr, s.unlisted, s.missing = time.Time{}, nil, false, nil
	s.detail.show("", nil, nil)
	if s.shown {
		s.tick()
	}
	s.show()
}

// Close ends what the screen does.
func (s *Screen) Close() { s.scope.Close() }

// choose shows the details of a topic, by its full name; "" shows none.
func (s *Screen) choose(name string) {
	if name == s.list.selected {
		return
	}
	s.list.selected = name
	s.detail.show(name, nil, nil)
	s.askDetail()
	s.table.SetSelected(s.list.row(name))
	s.table.Refresh()
}

// show brings list and words up to date.
func (s *Screen) show() {
	counts := s.list.counts()
	s.segments.SetText(0, lang.L("Topics {{.Count}}", count(counts[ordinary])))
	s.segments.SetText(1, lang.L("Retry, dead {{.Count}}", count(counts[ofGroups])))
	s.segments.SetText(2, lang.L("System {{.Count}}", count(counts[system])))
	s.bar.Refresh()
	s.showBanner()
	want := s.table.Content()
	if title, line, act := s.emptyWords(); title != "" {
		s.empty.Set(title, line, nil, act...)
		want = s.empty
	}
	whole := fyne.CanvasObject(s.split)
	if s.p.Conn() == nil {
		whole = s.empty
	}
	widgets.Swap(s.body, want)
	widgets.Swap(s.content, whole)
	s.table.SetSelected(s.list.row(s.list.selected))
	s.table.Refresh()
}
