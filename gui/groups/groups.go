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
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/insight"
	"gantry/client/orders"
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
	// Offsets changes where a group goes on, by its full name, in one of these topics.
	Offsets func(group string, topics []string)
	// Setup asks what is done to groups; shown are those that the list shows.
	Setup func(o orders.Setup, shown []string)
	// Read reads the message at an offset of a queue, Skip has a group go past it. Names are
	// full.
	Read func(topic string, q cluster.Queue, at int64)
	Skip func(group, topic string, q cluster.Queue, at int64)
}

// queryStack asks a member for its stacks.
const queryStack = "stack"

// detailNarrow is the width of the details in a window below 1200.
const detailNarrow float32 = 500

// Screen is the tab.
type Screen struct {
	*overview.List[Connection, group, *insight.GroupDetail]
	follow  func(string)
	browse  func(string)
	offsets func(group string, topics []string)
	setup   func(o orders.Setup, shown []string)
	read    func(topic string, q cluster.Queue, at int64)
	skip    func(group, topic string, q cluster.Queue, at int64)

	detail *detail
	note   *widgets.Word // what is going on, at the right of the filter
}

// New builds the screen. It asks nothing before it is shown.
func New(p Params) *Screen {
	s := &Screen{follow: p.Follow, browse: p.Browse, offsets: p.Offsets, setup: p.Setup, read: p.Read, skip: p.Skip, note: widgets.NewCaption("")}
	s.List = overview.NewList(p.Params, overview.Questions[Connection, group, *insight.GroupDetail]{List: names, Portion: standings, Detail: groupDetail})
	s.detail = newDetail(s)
	s.Fill(overview.Shape[group, *insight.GroupDetail]{
		Hint: lang.L("Filter groups"), Segments: 3, Right: []fyne.CanvasObject{s.newButton(), container.NewCenter(s.note)}, Acts: s.acts(),
		Fits: fits, Order: byLag, Merge: merge,
		Columns: columns(), Heads: heads(), Cells: s.cells,
		Details: s.detail.content, Narrow: detailNarrow, Inside: s.detail.sheet.List, Detail: s.detail.take,
		Unlisted: lang.L("This endpoint does not list groups. Type the name of one and press Enter."),
		Words:    s.words, OnShow: s.nameSegments, OnTick: s.detail.redraw,
		OnCancel: func() { s.Scope.Cancel(queryStack) },
	})
	return s
}

// newButton asks for a group that is not there yet.
func (s *Screen) newButton() fyne.CanvasObject {
	return widgets.NewButton(lang.L("New group…"), nil, widgets.Quiet, func() { s.order(orders.Setup{Of: orders.Groups, Act: orders.Create}) })
}

// acts are what is done to all groups that are chosen.
func (s *Screen) acts() []overview.Act {
	of := func(act orders.Act) func([]string) {
		return func(names []string) { s.order(orders.Setup{Of: orders.Groups, Act: act, Names: names, Offsets: true}) }
	}
	return []overview.Act{
		{Text: func(n int) string { return lang.L("Change {{.Count}}…", count(n)) }, Do: of(orders.Alter)},
		{Text: func(n int) string { return lang.L("Delete {{.Count}}…", count(n)) }, Do: of(orders.Delete)},
	}
}

// order asks what is done to groups, which those that the list shows may be.
func (s *Screen) order(o orders.Setup) {
	if !s.Connected() {
		s.P.Connect()
		return
	}
	var shown []string
	for _, e := range s.Shown {
		shown = append(shown, e.Name)
	}
	s.setup(o, shown)
}

// names asks which groups there are. It blocks.
func names(ctx context.Context, conn Connection) (overview.Answer[group], error) {
	got, err := conn.Groups(ctx)
	a := overview.Answer[group]{Missing: got.Missing}
	for _, g := range got.Groups {
		a.Told = append(a.Told, overview.Told[group]{Name: g.Name})
	}
	slices.SortFunc(a.Told, func(x, y overview.Told[group]) int { return strings.Compare(x.Name, y.Name) })
	return a, err
}

// standings asks how some groups stand. It blocks.
func standings(ctx context.Context, conn Connection, names []string) (overview.Answer[group], error) {
	got, err := conn.GroupSummaries(ctx, names)
	var a overview.Answer[group]
	for _, sum := range got {
		a.Missing = a.Missing.Join(sum.Missing)
		a.Told = append(a.Told, overview.Told[group]{Name: sum.Name, Value: group{sum: sum}, Known: true})
	}
	return a, err
}

// groupDetail asks for everything about one. It blocks.
func groupDetail(ctx context.Context, conn Connection, name string) (*insight.GroupDetail, error) {
	return conn.GroupDetail(ctx, name)
}

// nameSegments counts the groups of each segment, and those that were asked about.
func (s *Screen) nameSegments() {
	c := s.counts()
	s.Segments.SetText(0, lang.L("All {{.Count}}", count(c.all)))
	s.Segments.SetText(1, lang.L("With lag {{.Count}}", count(c.lag)))
	s.Segments.SetText(2, lang.L("No members {{.Count}}", count(c.empty)))
	s.note.SetText(s.noteText())
}

// noteText is what stands beside Refresh.
func (s *Screen) noteText() string {
	c := s.counts()
	if c.asked < c.all {
		return lang.L("{{.Asked}} of {{.All}}", map[string]any{"Asked": widgets.Count(uint64(c.asked)), "All": widgets.Count(uint64(c.all))})
	}
	return lang.L("every 5 s")
}

// words are what stands where no group is.
func (s *Screen) words() overview.Words {
	switch {
	case !s.Connected():
		return s.NotConnected(lang.L("Connect to see topics and groups."))
	case len(s.Shown) > 0:
		return overview.Words{}
	case len(s.All) > 0:
		reset := widgets.NewButton(lang.L("Clear filter"), nil, widgets.Normal, func() { s.Segments.Select(0); s.Filter.SetText("") })
		return overview.Words{Title: lang.L("No group matches"), Line: lang.L("{{.Count}} are hidden by the filter.", count(len(s.All))), Act: reset}
	case s.Err != nil:
		return s.Failed(s.Err)
	case s.Unlisted:
		return overview.Words{Title: lang.L("Not offered here"), Line: lang.L("Members and lag of a group are shown once you type its name above.")}
	case s.Waiting():
		return overview.Words{Title: lang.L("Asking the brokers")}
	}
	return overview.Words{Title: lang.L("No group reads here yet"), Line: lang.L("A group appears when its first member connects.")}
}
