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
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client"
	"gantry/client/profile"
	"gantry/gui/task"
	"gantry/gui/widgets"
)

// Connection is what the screen needs of an open connection. All of it blocks.
type Connection interface {
	Groups(ctx context.Context) (client.GroupList, error)
	GroupSummaries(ctx context.Context, groups []string) ([]client.GroupSummary, error)
	GroupDetail(ctx context.Context, group string) (*client.GroupDetail, error)
	MemberStack(ctx context.Context, group string, m client.Member) (string, error)
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
	// Follow follows a topic, by its full name, in the Subscribe tab.
	Follow func(string)
	// RefreshTip and FilterTip are tooltips with the shortcuts.
	RefreshTip string
	// Split is the offset of the split, 0 for the usual width.
	Split     float64
	SaveSplit func(float64)
	Fail      func(error)
	Say       func(string)
}

const (
	// refreshEvery is how often what is shown is asked again.
	refreshEvery = 5 * time.Second
	// listEvery is how often the list itself is, and the groups out of sight,
	// where there are more than a few.
	listEvery = time.Minute
	fewGroups = 200
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
	refresh  *widgets.Button
	note     *widgets.Word // what is going on, at the right of the filter
	bar      *fyne.Container
	banner   *widgets.Banner
	table    *widgets.Table
	empty    *widgets.EmptyState
	body     *fyne.Container // the table or the empty state
	split    *widgets.Split
	content  *fyne.Container

	conn      Connection // that the list belongs to
	listed    time.Time  // when the list was asked for last
	swept     time.Time  // when all groups were asked about last
	listing   bool
	listErr   error
	chosen    bool // a group was shown at first
	unlisted  bool // the endpoint lists none: those typed are looked up
	shown     bool
	bannerNow string
	missing   []string // brokers whose part is missing
}

// New builds the screen. It asks nothing before it is shown.
func New(p Params) *Screen {
	s := &Screen{p: p, scope: p.Tasks.Scope()}
	s.list.short = p.Profile.ShortName
	s.makeBar()
	s.banner = widgets.NewBanner(false, "")
	s.banner.Hide()
	s.table = widgets.NewTable(columns(), heads(), func() int { return len(s.list.rows) }, func(i int) []widgets.Item { return s.list.cells(i) })
	s.table.OnSelected = func(i int) { s.choose(s.list.at(i)) }
	s.table.OnEnter = func() { s.p.Window.Canvas().Focus(s.detail.sheet.List) }
	s.table.OnEscape = func() { s.choose(nil) }
	s.table.OnCopy = func() {
		if e := s.list.chosen(); e != nil {
			fyne.CurrentApp().Clipboard().SetContent(e.name)
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
	s.filter = widgets.NewFilter(lang.L("Filter groups"), func(k *fyne.KeyEvent) bool {
		if k != nil && len(s.list.rows) == 0 {
			return false
		}
		s.p.Window.Canvas().Focus(s.table.List)
		if k != nil {
			s.table.TypedKey(k)
		}
		return true
	})
	s.filter.OnChanged = func(text string) { s.list.filter = text; s.sort(); s.show() }
	s.filter.OnEnter = s.entered
	s.segments = widgets.NewSegments(func(i int) { s.list.segment = segment(i); s.sort(); s.show() }, "", "", "")
	s.refresh = widgets.NewButton(lang.L("Refresh"), fynetheme.ViewRefreshIcon(), widgets.Quiet, s.Refresh)
	s.refresh.SetToolTip(s.p.RefreshTip)
	s.note = widgets.NewCaption("")
	s.bar = container.New(layout.NewCustomPaddedLayout(8, 8, 14, 12), widgets.NewFilterBar(
		widgets.NewField("", s.filter), s.segments, s.refresh, container.NewCenter(s.note)))
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

// FocusFirst puts the focus into the filter; Down goes on to the list.
func (s *Screen) FocusFirst() { s.FocusFilter() }

// FocusFilter puts the focus into the filter.
func (s *Screen) FocusFilter() {
	if s.p.Conn() != nil {
		s.p.Window.Canvas().Focus(s.filter)
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
	s.listed, s.swept, s.listErr, s.unlisted, s.chosen = time.Time{}, time.Time{}, nil, false, false
	s.detail.show(nil, nil)
	if s.shown {
		s.tick()
	}
	s.show()
}

// Close ends what the screen does.
func (s *Screen) Close() { s.scope.Close() }

// Open shows a group, by its full name, once the list has it.
func (s *Screen) Open(name string) {
	s.filter.SetText("")
	s.segments.Select(0)
	if s.list.byName[name] == nil {
		names := []string{name} // not listed yet, or an endpoint that lists none
		for _, e := range s.list.all {
			names = append(names, e.name)
		}
		s.list.set(names)
	}
	s.chosen = true
	s.sort()
	s.choose(s.list.byName[name])
	s.next()
	s.show()
	if at := s.list.row(name); at >= 0 {
		s.table.ScrollTo(at)
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
	s.table.SetSelected(s.list.row(name))
	s.table.Refresh()
}

// show brings list and words up to date.
func (s *Screen) show() {
	counts := s.list.counts()
	s.segments.SetText(0, lang.L("All {{.Count}}", count(counts.all)))
	s.segments.SetText(1, lang.L("With lag {{.Count}}", count(counts.lag)))
	s.segments.SetText(2, lang.L("No members {{.Count}}", count(counts.empty)))
	s.note.SetText(s.noteText())
	s.bar.Refresh()
	s.showBanner()
	var want fyne.CanvasObject = s.table.Content()
	if title, line, act := s.emptyWords(); title != "" {
		s.empty.Set(title, line, nil, act...)
		want = s.empty
	}
	widgets.Swap(s.body, want)
	whole := fyne.CanvasObject(s.split)
	if s.p.Conn() == nil {
		whole = s.empty
	}
	widgets.Swap(s.content, whole)
	s.table.SetSelected(s.list.row(s.list.selected))
	s.table.Refresh()
}
