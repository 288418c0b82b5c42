// Package browse is the Browse tab of one connection: a form that asks for
// messages, the list of what was found, and the inspector. It joins no group.
//
// Everything here runs on Fyne's main goroutine and takes no lock. Starting,
// stopping and closing a search block and run in queries of package task; while it runs
// and the tab is seen a ticker reads how far the search is. A new search closes the one before, and
// with it its list.
package browse

import (
	"context"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/filter"
	"gantry/client/message"
	"gantry/client/orders"
	"gantry/client/profile"
	"gantry/client/search"
	"gantry/gui/compare"
	"gantry/gui/inspect"
	"gantry/gui/msglist"
	"gantry/gui/task"
)

// tick is how often the state of a search is read.
const tick = 200 * time.Millisecond

// searching is what the screen needs of a search.Search. Stop and Close block.
type searching interface {
	msglist.Source
	Status() search.Status
	Stop()
	Close()
}

// Params are what New needs.
type Params struct {
	Tasks   *task.Runner
	Window  fyne.Window
	Client  *client.Client
	Profile profile.Profile
	// Conn returns the open connection, nil while there is none; Connect asks the
	// shell for one, and ConnectionChanged tells the end.
	Conn    func() *client.Connection
	Connect func()
	// Topics are the names known: listed by the cluster or used before.
	Topics   func() []string
	UseTopic func(string)
	// LastTopic is the topic that was worked with last, in any tab; "" where there is none, and
	// the function may be nil.
	LastTopic func() string
	// OpenReference opens the message of a reference that was pasted; nil: it is text.
	OpenReference func(cluster.Reference)
	// Memory is what all lists remember.
	Memory msglist.Memory
	// SendAgain puts a message into the send form; nil: it cannot be sent.
	SendAgain func(*message.Message)
	// SendAll is asked to send again what was found in a topic; nil: nobody can.
	SendAll func(topic string, from msglist.Listed)
	// Keep is asked to keep what was found in a topic as a recording; nil: nobody can.
	Keep func(topic string, from msglist.Listed)
	// Shape is given what was found in a topic as a side of a comparison by shape; nil:
	// nobody can compare so.
	Shape func(topic string, from msglist.Listed)
	// ConsumeOnce has a member of a group consume a message once, Permit lets a retry or
	// dead-letter topic be read, by its full name; nil: nobody can.
	ConsumeOnce func(*message.Message)
	Permit      func(topic string)
	// Resume puts half messages that were given up back to checking; nil: nobody can.
	Resume func([]orders.GivenUp)
	// Where the inspector stands, and the split at the right; 0 is the usual one.
	// Reading and SaveReading are how bodies of a topic are read; see package inspect.
	Reading     func(topic string) string
	SaveReading func(topic, reading string)
	Formats     inspect.Formats
	// Jq runs the expressions of jq of filters; see msglist.Params.
	Jq            func(ctx context.Context, until time.Time) filter.Judge
	InspectorSide inspect.Side
	SaveInspector func(inspect.Side)
	Split         float64
	SaveSplit     func(float64)
	// Fail shows an error, Say a sentence.
	Fail func(error)
	Say  func(string)
}

// Screen is the tab.
type Screen struct {
	p     Params
	begin func(*client.Connection, cluster.Query) (searching, error)
	// foresee tells what a query would read. It blocks.
	foresee func(context.Context, *client.Connection, cluster.Query) (cluster.Cost, error)
	// queues lists the queues of a topic, by its full name.
	queues func(context.Context, *client.Connection, string) ([]cluster.Queue, error)
	scope  *task.Scope
	watch  *task.Watch // of a search that runs, while the tab is seen

	form    *form
	list    *msglist.List
	inspect *inspect.Inspector
	beside  *inspect.Beside
	page    *page

	query    cluster.Query // of the search shown
	found    searching     // nil before the first
	st       search.Status
	failed   error // why it did not begin
	starting bool
	stopping bool
	want     bool // search once connected
	locate   bool // select what is found, and show its timeline
	wanted   bool // locate, once connected or begun
	// rule is how bodies were read when the search began, outdated that they are read otherwise
	// by now: what it finds is told by the former.
	rule     inspect.Rule
	outdated bool
	hides    bool // what was redelivered is not shown
	shown    bool
}

// New returns the tab. It reads nothing until it is asked to.
func New(p Params) *Screen {
	return newScreen(p, func(conn *client.Connection, q cluster.Query) (searching, error) {
		s, err := conn.Search(q)
		if err != nil {
			return nil, err
		}
		return s, nil
	})
}

func newScreen(p Params, begin func(*client.Connection, cluster.Query) (searching, error)) *Screen {
	s := &Screen{p: p, begin: begin, queues: queuesOf, foresee: foreseen, scope: p.Tasks.Scope()}
	s.inspect = inspect.New(inspect.Params{
		Tasks: p.Tasks, Window: p.Window, Short: p.Profile.ShortName, Say: p.Say, Fail: p.Fail,
		Conn: p.Conn, SendAgain: p.SendAgain, ConsumeOnce: p.ConsumeOnce, Reading: p.Reading, SaveReading: p.SaveReading, Formats: p.Formats, Compare: s.compare,
		Profile:   func() profile.Profile { return s.p.Profile },
		AddFilter: func(term string, without bool) { s.list.AddFilter(term, without) },
		OnClose:   func() { s.beside.Hide() }, OnEscape: s.FocusFirst,
	})
	s.beside = inspect.NewBeside(inspect.BesideParams{
		Inspector: s.inspect, Side: p.InspectorSide, SaveSide: p.SaveInspector, Offset: p.Split, SaveOffset: p.SaveSplit,
		Focus: s.focus, FocusList: s.FocusFirst,
	})
	topic := func() string { return msglist.ShortTopic(s.query.Topic, p.Profile.ShortName) }
	s.list = msglist.New(msglist.Params{
		Tasks: p.Tasks, Short: p.Profile.ShortName, Filter: true, Memory: p.Memory,
		Window: p.Window, Say: p.Say, Topic: topic, Origin: func() message.Export { return s.p.Profile.Export() },
		Jq:         s.p.Jq,
		Decode:     func() filter.Decode { return s.p.Formats.Decode(s.p.Profile.FullName(s.query.Topic)) },
		OnSelected: func(m *message.Message) { s.inspect.Show(m) },
		OnEnter:    s.beside.Open, OnEscape: s.beside.Hide,
		OnCopied: func() { p.Say(lang.L("Copied.")) },
		OnSave:   s.inspect.SaveBody, OnError: p.Fail,
		Compare: s.compare, Again: s.again, OnUnhidden: s.unhidden,
		SendAll: func(from msglist.Listed) {
			if s.p.SendAll != nil {
				s.p.SendAll(topic(), from)
			}
		},
		Keep: over(topic, s.p.Keep), Shape: over(topic, s.p.Shape),
	})
	s.beside.SetList(s.list.Content())
	s.form = newForm(s)
	s.page = newPage(s)
	s.watch = p.Tasks.Watch(s.scope, tick, s.tick)
	s.update()
	return s
}

// over does something with what was found, under a name; nil where nobody can.
func over(name func() string, do func(string, msglist.Listed)) func(msglist.Listed) {
	if do == nil {
		return nil
	}
	return func(from msglist.Listed) { do(name(), from) }
}

// compare shows what differs between two messages.
func (s *Screen) compare(first, second *message.Message) {
	compare.Show(compare.Params{Tasks: s.p.Tasks, Window: s.p.Window, Short: s.p.Profile.ShortName, Fail: s.p.Fail, Formats: s.p.Formats}, first, second)
}

// Content is what to put into a layout.
func (s *Screen) Content() fyne.CanvasObject { return s.page.content }

// SetShown tells whether the tab is seen.
func (s *Screen) SetShown(shown bool) {
	s.shown = shown
	s.list.SetShown(shown)
	s.tick()
	if shown {
		s.form.setTopics(s.p.Topics())
		s.form.lend()
		s.update()
	}
}

// SetNarrow puts the inspector below the list when the window is narrow.
func (s *Screen) SetNarrow(narrow bool) {
	s.beside.SetNarrow(narrow)
	s.form.narrow = narrow
	s.form.update()
}

// CycleInspector moves the inspector: right, below, hidden.
func (s *Screen) CycleInspector() { s.beside.Cycle() }

// SendAgain puts the message shown into the send form.
func (s *Screen) SendAgain() { s.inspect.SendAgain() }

// CopyBody copies the body of the message shown.
func (s *Screen) CopyBody() { s.inspect.CopyBody() }

// CopyReference copies a reference to the message shown.
func (s *Screen) CopyReference() { s.inspect.CopyReference() }

// CycleBodyView goes on from JSON to text to hex.
func (s *Screen) CycleBodyView() { s.inspect.CycleView() }

// FocusFirst puts the focus on the list, or on the form where nothing is found.
func (s *Screen) FocusFirst() {
	if s.st.Kept > 0 {
		s.focus(s.list.Focus())
		return
	}
	s.form.focusFirst()
}

// FormatsChanged reads anew what is of topics of which changed says that their bodies are in
// another format now: what was found, what the list filters of it, and the message shown.
func (s *Screen) FormatsChanged(changed func(topic string) bool) {
	if changed(s.p.Profile.FullName(s.query.Topic)) {
		s.list.Reread()
	}
	s.outdated = s.found != nil && s.rule != s.readNow() && inspect.Reads(s.query.Filter)
	s.inspect.FormatsChanged(changed)
	s.update()
}

// readNow is how bodies of the topic that was searched are read.
func (s *Screen) readNow() inspect.Rule {
	return s.p.Formats.Rule(s.p.Profile.FullName(s.query.Topic))
}

// FocusFilter puts the focus into the filter of what was found.
func (s *Screen) FocusFilter() { s.list.FocusFilter() }

// Export writes what is shown of it into a file.
func (s *Screen) Export() { s.list.Export() }

// Keep keeps what is shown of it as a recording.
func (s *Screen) Keep() { s.list.Keep() }

// GoTo asks for a time or a number of a row, and goes there.
func (s *Screen) GoTo() { s.list.GoTo() }

// ListMenu opens the menu of how the list looks and is ordered.
func (s *Screen) ListMenu() { s.list.ShowMenu() }

// Shape takes what is shown of it as a side of a comparison by shape.
func (s *Screen) Shape() { s.list.Shape() }

// SendAll has what is shown of it sent again.
func (s *Screen) SendAll() { s.list.SendAll() }

func (s *Screen) focus(f fyne.Focusable) { s.p.Window.Canvas().Focus(f) }

// ConnectionChanged says that the connection was opened or closed.
func (s *Screen) ConnectionChanged() {
	if s.want {
		s.want = false
		if s.p.Conn() != nil {
			s.search(s.wanted)
		}
	}
	s.form.setTopics(s.p.Topics())
	s.update()
}

// Running reports whether a search is under way.
func (s *Screen) Running() bool { return s.starting || s.st.Running }

// Find fills the form with a query and runs it.
func (s *Screen) Find(q cluster.Query) {
	s.form.fill(q)
	s.Primary()
}

// Locate finds one message by its place and shows what became of it.
func (s *Screen) Locate(topic, broker string, queue int, offset int64) {
	s.form.fill(cluster.Query{Kind: cluster.ByOffset, Topic: topic, Queue: cluster.Queue{Broker: broker, ID: queue}, Offset: offset, Count: 1})
	s.search(true)
}

// LocateID is Locate by a message's id.
func (s *Screen) LocateID(topic, id string) {
	s.form.fill(cluster.Query{Kind: cluster.ByID, Topic: topic, Key: id, Count: 1})
	s.search(true)
}

// Close ends what the screen does, and its search.
func (s *Screen) Close() {
	if found := s.found; found != nil && !s.scope.Closed() {
		s.p.Tasks.Job(lang.L("Close the search"), func(context.Context, func(string)) error {
			found.Close()
			return nil
		}, nil)
	}
	s.list.Close()
	s.inspect.Close()
	s.scope.Close()
}

// failure is why the search did not begin, or read nothing.
func (s *Screen) failure() error {
	if s.failed != nil {
		return s.failed
	}
	return s.st.Err
}

// tick reads how far the search is.
func (s *Screen) tick() {
	defer s.look()
	if s.found == nil || s.starting {
		return
	}
	was := s.st.Running
	s.st = s.found.Status()
	if s.shown && (was || s.st.Running) {
		s.update()
	}
	if s.locate && s.st.Kept > 0 {
		s.locate = false
		s.list.Home()
		if message.Inner(s.p.Profile.FullName(s.query.Topic)) { // where nobody consumes
			s.inspect.ShowBody()
		} else {
			s.inspect.ShowTimeline()
		}
	}
}

// look keeps an eye on a search that is seen and may change.
func (s *Screen) look() {
	s.watch.Set(s.shown && s.found != nil && !s.starting && (s.st.Running || s.locate))
}

// update shows the state of everything.
func (s *Screen) update() {
	s.look()
	s.form.update()
	s.page.update()
}
