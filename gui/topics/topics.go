// Package topics is the Topics tab of one connection: all topics with their type,
// queues, messages and rate, and everything about the one that is chosen: its route,
// what its queues keep, the groups that read it, and the producers that are connected.
//
// Everything here runs on Fyne's main goroutine and takes no lock. Questions to
// brokers are queries of package task that end with the screen. While the tab is
// shown and connected, they are asked again every five seconds, a long list every
// minute; what a topic keeps is asked of those in sight only.
package topics

import (
	"context"

	"fyne.io/fyne/v2"
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
	TopicList(ctx context.Context) (insight.TopicList, error)
	TopicStandings(ctx context.Context, topics []string) ([]insight.TopicStanding, error)
	TopicDetail(ctx context.Context, topic string) (*insight.TopicDetail, error)
	Timers(ctx context.Context, topic string) (*insight.Timers, error)
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
	// Locate shows the message at a place in the Browse tab; nil: nobody can.
	Locate func(topic, broker string, queue int, offset int64)
	// Setup asks what is done to topics; shown are those that the list shows.
	Setup func(o orders.Setup, shown []string)
}

// detailNarrow is the width of the details in a window below 1200.
const detailNarrow float32 = 500

// topic is what the list knows of one.
type topic struct {
	cluster.TopicConfig
	told bool // its type and queues are

	asked bool // what it keeps was
	stand insight.TopicStanding
	trend insight.TopicTrend
}

// entry is a topic of the list.
type entry = overview.Entry[topic]

// Screen is the tab.
type Screen struct {
	*overview.List[Connection, topic, *insight.TopicDetail]
	openGroup, follow, browse func(string)
	locate                    func(topic, broker string, queue int, offset int64)
	setup                     func(o orders.Setup, shown []string)

	detail *detail
}

// New builds the screen. It asks nothing before it is shown.
func New(p Params) *Screen {
	s := &Screen{openGroup: p.OpenGroup, follow: p.Follow, browse: p.Browse, locate: p.Locate, setup: p.Setup}
	s.List = overview.NewList(p.Params, overview.Questions[Connection, topic, *insight.TopicDetail]{
		List: topics, Portion: standings, Beside: true, Detail: topicDetail,
	})
	s.detail = newDetail(s)
	s.Fill(overview.Shape[topic, *insight.TopicDetail]{
		Hint: lang.L("Filter topics"), Segments: int(segmentCount),
		Fits:  func(seg int, e *entry) bool { return segmentOf(e.Value.Kind) == segment(seg) },
		Typed: typed, Merge: merge,
		Columns: columns(), Heads: heads(), Cells: s.cells,
		Details: s.detail.content, Narrow: detailNarrow, Inside: s.detail.sheet.List, Detail: s.detail.show,
		Right: []fyne.CanvasObject{s.newButton()}, Acts: s.acts(),
		Unlisted: lang.L("This endpoint does not list topics. Type the name of one and press Enter."),
		Words:    s.words, OnShow: s.nameSegments,
	})
	return s
}

// newButton asks for a topic that is not there yet.
func (s *Screen) newButton() fyne.CanvasObject {
	return widgets.NewButton(lang.L("New topic…"), nil, widgets.Quiet, func() {
		s.order(orders.Setup{Of: orders.Topics, Act: orders.Create})
	})
}

// acts are what is done to all topics that are chosen.
func (s *Screen) acts() []overview.Act {
	of := func(act orders.Act) func([]string) {
		return func(names []string) { s.order(orders.Setup{Of: orders.Topics, Act: act, Names: names}) }
	}
	return []overview.Act{
		{Text: func(n int) string { return lang.L("Change {{.Count}}…", count(n)) }, Do: of(orders.Alter)},
		{Text: func(n int) string { return lang.L("Delete {{.Count}}…", count(n)) }, Do: of(orders.Delete)},
	}
}

// order asks what is done to topics, which those that the list shows may be.
func (s *Screen) order(o orders.Setup) {
	if !s.Connected() {
		s.P.Connect()
		return
	}
	var shown []string
	for _, e := range s.Shown {
		if e.Value.Kind != cluster.SystemTopic {
			shown = append(shown, e.Name)
		}
	}
	s.setup(o, shown)
}

// topics asks which there are. It blocks.
func topics(ctx context.Context, conn Connection) (overview.Answer[topic], error) {
	got, err := conn.TopicList(ctx)
	a := overview.Answer[topic]{Missing: got.Missing}
	for _, t := range got.Topics {
		a.Told = append(a.Told, overview.Told[topic]{Name: t.Name, Value: topic{TopicConfig: t, told: got.KindsKnown}, Known: true})
	}
	return a, err
}

// standings asks what some topics keep. It blocks.
func standings(ctx context.Context, conn Connection, names []string) (overview.Answer[topic], error) {
	got, err := conn.TopicStandings(ctx, names)
	var a overview.Answer[topic]
	for _, stand := range got {
		a.Told = append(a.Told, overview.Told[topic]{Name: stand.Name, Value: topic{asked: true, stand: stand}, Known: true})
	}
	return a, err
}

// merge notes what a topic keeps, or what it was made with.
func merge(e *entry, told topic) {
	t := &e.Value
	if !told.asked {
		t.TopicConfig, t.told = told.TopicConfig, told.told
		return
	}
	t.asked, t.stand = true, told.stand
	t.trend.Add(told.stand)
}

// topicDetail asks for everything about one. It blocks.
func topicDetail(ctx context.Context, conn Connection, name string) (*insight.TopicDetail, error) {
	return conn.TopicDetail(ctx, name)
}

// typed is what a name says of a topic.
func typed(name string) topic {
	return topic{TopicConfig: cluster.TopicConfig{Name: name, Kind: cluster.TopicKindOf(name)}}
}

// nameSegments counts the topics of each kind.
func (s *Screen) nameSegments() {
	var n [segmentCount]int
	for _, e := range s.All {
		n[segmentOf(e.Value.Kind)]++
	}
	s.Segments.SetText(0, lang.L("Topics {{.Count}}", count(n[ordinary])))
	s.Segments.SetText(1, lang.L("Retry, dead {{.Count}}", count(n[ofGroups])))
	s.Segments.SetText(2, lang.L("System {{.Count}}", count(n[system])))
}

// words are what stands where no topic is.
func (s *Screen) words() overview.Words {
	switch {
	case !s.Connected():
		return s.NotConnected(lang.L("Connect to see topics and groups."))
	case len(s.Shown) > 0:
		return overview.Words{}
	case s.Unlisted:
		return overview.Words{Title: lang.L("Not offered here"), Line: lang.L("Route and queues of a topic are shown once you type its name above.")}
	case len(s.All) > 0 && s.Needle != "":
		reset := widgets.NewButton(lang.L("Clear filter"), nil, widgets.Normal, func() { s.Filter.SetText("") })
		return overview.Words{Title: lang.L("No topic matches"), Act: reset}
	case len(s.All) > 0:
		return overview.Words{Title: lang.L("No topic of this kind")}
	case s.Err != nil:
		return s.Failed(s.Err)
	case s.Waiting():
		return overview.Words{Title: lang.L("Asking the brokers")}
	}
	return overview.Words{Title: lang.L("No topic yet"), Line: lang.L("Sending to a new topic may create it.")}
}
