// Package subscribe is the Subscribe tab of one connection: several
// subscriptions, each with its form, its list and its state, and the inspector
// of the message that is chosen.
//
// Everything here runs on Fyne's main goroutine and takes no lock. What blocks
// (opening, starting, closing, questions to brokers) runs in queries of package
// task that end with the screen; stopping and closing are jobs. While the tab is seen
// and one of them runs, a ticker reads the state of all four times a second.
package subscribe

import (
	"context"
	"slices"
	"time"

	"gantry/client/filter"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"github.com/google/uuid"

	"gantry/client"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/session"
	"gantry/gui/compare"
	"gantry/gui/inspect"
	"gantry/gui/msglist"
	"gantry/gui/task"
)

// tick is how often states are read.
const tick = 250 * time.Millisecond

// Params are what New needs. Known, Split and SaveSplit may be left out.
type Params struct {
	Tasks   *task.Runner
	Window  fyne.Window
	Client  *client.Client
	Profile profile.Profile
	// Conn returns the open connection, nil while there is none.
	Conn func() *client.Connection
	// Connect asks the shell to connect; ConnectionChanged tells the end.
	Connect func()
	// Subscriptions are those of this profile at the start; Save is given them
	// when they changed.
	Subscriptions []profile.Subscription
	Save          func([]profile.Subscription)
	// Memory is what all lists remember.
	Memory msglist.Memory
	// Topics are the names known: listed by the cluster or used before.
	Topics   func() []string
	UseTopic func(string)
	// SendAgain puts a message into the send form; nil: it cannot be sent.
	SendAgain func(*message.Message)
	// SendAll is asked to send again what the list of a topic shows; nil: nobody can.
	SendAll func(topic string, from msglist.Listed)
	// Keep is asked to keep what the list of a topic shows as a recording; nil: nobody can.
	Keep func(topic string, from msglist.Listed)
	// Shape is given what the list of a topic shows as a side of a comparison by shape; nil:
	// nobody can compare so.
	Shape func(topic string, from msglist.Listed)
	// Import asks for an export and reads it into a recording; nil: nobody can.
	Import func()
	// Others are the ids of the other connections, whose lists they show themselves; nil
	// is none.
	Others func() []string
	// Reading and SaveReading are how bodies of a topic are read; see package inspect.
	Reading     func(topic string) string
	SaveReading func(topic, reading string)
	Formats     inspect.Formats
	// Jq runs the expressions of jq of filters; see msglist.Params.
	Jq            func(ctx context.Context, until time.Time) filter.Judge
	InspectorSide inspect.Side
	SaveInspector func(inspect.Side)
	// Fail shows an error, Say a sentence.
	Fail func(error)
	Say  func(string)
	// OnCount runs when the number of running subscriptions changed.
	OnCount func(int)
	// OnRate runs once a second while the tab is seen and something runs: Rate is another.
	OnRate func()

	// Known returns the ids of the subscriptions of all profiles; nil reads the
	// settings file.
	Known func() []string
	// Split is the offset between list and inspector at the right, 0 for the
	// usual one.
	Split     float64
	SaveSplit func(float64)
}

// Screen is the tab.
type Screen struct {
	p       Params
	back    backend
	scope   *task.Scope
	watch   *task.Watch
	subs    []*sub
	current *sub
	form    *form
	inspect *inspect.Inspector
	beside  *inspect.Beside
	page    *page
	status  *statusBar
	left    []session.Leftover
	// closedIDs are the subscriptions closed in this run.
	closedIDs []string

	shown   bool
	narrow  bool
	ticks   int
	drawn   int // the last of the ticks in which a list's own drew the state
	count   int
	unsaved bool
}

// New returns the tab. Nothing is joined by itself: subscriptions come back
// stopped, with their lists.
func New(p Params) *Screen { return newScreen(p, &real{client: p.Client}) }

func newScreen(p Params, back backend) *Screen {
	s := &Screen{p: p, back: back, scope: p.Tasks.Scope()}
	s.watch = p.Tasks.Watch(s.scope, tick, s.tick)
	s.inspect = inspect.New(inspect.Params{
		Tasks: p.Tasks, Window: p.Window, Short: s.p.Profile.ShortName, Say: p.Say, Fail: p.Fail,
		Conn: p.Conn, SendAgain: p.SendAgain, Reading: p.Reading, SaveReading: p.SaveReading, Formats: p.Formats, Compare: s.compare,
		Profile:   func() profile.Profile { return s.p.Profile },
		AddFilter: func(term string, without bool) { s.current.list.AddFilter(term, without) },
		OnClose:   func() { s.beside.Hide() }, OnEscape: s.FocusFirst,
	})
	s.beside = inspect.NewBeside(inspect.BesideParams{
		Inspector: s.inspect, Side: p.InspectorSide, SaveSide: p.SaveInspector, Offset: p.Split, SaveOffset: p.SaveSplit,
		Focus: s.focus, FocusList: s.FocusFirst,
	})
	s.form = newForm(s)
	s.status = newStatusBar()
	s.page = newPage(s)
	for _, spec := range p.Subscriptions {
		s.add(spec)
	}
	if len(s.subs) == 0 {
		s.add(s.newSpec())
	}
	s.choose(s.subs[0])
	s.lookForLeftovers()
	return s
}

// compare shows what differs between two messages.
func (s *Screen) compare(first, second *message.Message) {
	compare.Show(compare.Params{Tasks: s.p.Tasks, Window: s.p.Window, Short: s.p.Profile.ShortName, Fail: s.p.Fail, Formats: s.p.Formats}, first, second)
}

// Content is what to put into a layout.
func (s *Screen) Content() fyne.CanvasObject { return s.page.content }

// newSpec is the form of a new subscription: it follows, which takes nothing from
// anybody.
func (s *Screen) newSpec() profile.Subscription {
	return profile.Subscription{ID: uuid.NewString(), Profile: s.p.Profile.ID, Expression: "*", Follow: true}
}

// ownGroups reports whether a group may be made for a subscription: a cluster
// with an id is one of a cloud, which creates none.
func (s *Screen) ownGroups() bool { return s.p.Profile.ClusterID == "" }

// add puts a subscription into the bar and opens its journal.
func (s *Screen) add(spec profile.Subscription) *sub {
	b := newSub(s, spec)
	s.subs = append(s.subs, b)
	s.page.setChips()
	if spec.Topic != "" {
		s.open(b, nil)
	}
	return b
}

// choose shows a subscription.
func (s *Screen) choose(b *sub) {
	if s.current != nil {
		s.current.list.SetShown(false)
	}
	s.current = b
	s.form.fill(b)
	s.inspect.Show(b.message)
	b.list.SetShown(s.shown)
	s.askGroup(b)
	s.update()
}

// SetShown tells whether the tab is seen.
func (s *Screen) SetShown(shown bool) {
	s.shown = shown
	s.current.list.SetShown(shown)
	s.recount()
	if shown {
		s.form.setTopics(s.p.Topics())
		s.update()
	}
}

// SetNarrow puts the inspector below the list when the window is narrow, and folds
// the form of what runs.
func (s *Screen) SetNarrow(narrow bool) {
	s.narrow = narrow
	s.beside.SetNarrow(narrow)
	s.update()
}

// CycleInspector moves the inspector: right, below, hidden.
func (s *Screen) CycleInspector() { s.beside.Cycle() }

// Primary starts the current subscription, or goes on with it if it is paused.
func (s *Screen) Primary() {
	if s.current.st.Paused {
		s.pause(s.current, false)
		return
	}
	s.start(s.current)
}

// StopRunning stops the current subscription.
func (s *Screen) StopRunning() { s.stop(s.current) }

// StopAll stops every subscription.
func (s *Screen) StopAll() {
	for _, b := range s.subs {
		s.stop(b)
	}
}

// TogglePause pauses the current subscription or goes on with it: the other of what
// is, or of what was asked for last and is under way.
func (s *Screen) TogglePause() {
	b := s.current
	if b.read(); b.gating {
		s.pause(b, !b.wantGate)
		return
	}
	s.pause(b, !b.st.Paused)
}

// NewSubscription adds a subscription, unless an empty one is there, and puts
// the focus on its topic.
func (s *Screen) NewSubscription() {
	at := slices.IndexFunc(s.subs, func(b *sub) bool { return b.spec.Topic == "" && !b.archive && !b.running() })
	if at >= 0 {
		s.choose(s.subs[at])
	} else {
		s.choose(s.add(s.newSpec()))
	}
	s.form.focusTopic()
}

// Follow shows the follow of a topic, a new one if there is none, and starts it.
func (s *Screen) Follow(topic string) {
	at := slices.IndexFunc(s.subs, func(b *sub) bool {
		return b.spec.Follow && !b.archive && s.p.Profile.FullName(b.spec.Topic) == s.p.Profile.FullName(topic)
	})
	if at >= 0 {
		s.choose(s.subs[at])
	} else {
		s.NewSubscription()
		s.form.topic.SetText(topic)
		s.form.reading.SetSelectedIndex(0)
	}
	s.form.commit()
	if !s.current.running() {
		s.start(s.current)
	}
}

// CloseSubscription closes the current one, after a question if it holds
// messages.
func (s *Screen) CloseSubscription() { s.askClose(s.current) }

// NextSubscription shows the subscription dir places on, with the focus where
// its keys are.
func (s *Screen) NextSubscription(dir int) {
	n := len(s.subs)
	at := slices.Index(s.subs, s.current) + dir
	s.choose(s.subs[(at%n+n)%n])
	s.FocusFirst()
}

// FocusFirst puts the focus on the list, or on the form where there is no list.
func (s *Screen) FocusFirst() {
	switch {
	case s.current.list.Len() > 0, s.current.st.Kept > 0:
		s.focus(s.current.list.Focus())
	case !s.current.running() && !s.current.archive:
		s.form.focusTopic()
	}
}

// FormatsChanged reads anew what is of topics of which changed says that their bodies are in
// another format now: their lists, what these filter, and the message shown.
func (s *Screen) FormatsChanged(changed func(topic string) bool) {
	for _, b := range s.subs {
		if changed(s.p.Profile.FullName(b.spec.Topic)) {
			b.list.Reread()
		}
		b.read()
		b.outdated = b.running() && b.rule != b.readNow() && b.st.Sifts && inspect.Reads(b.spec.Expression)
	}
	s.inspect.FormatsChanged(changed)
	s.update()
}

// FocusFilter puts the focus into the filter of the list.
func (s *Screen) FocusFilter() { s.current.list.FocusFilter() }

// ClearList hides the messages that are there, ShowAll shows them again. What receives
// nothing is not cleared: nothing would take the place of its messages.
func (s *Screen) ClearList() {
	if s.current.archive {
		s.p.Say(lang.L("This list receives nothing more, so it is not cleared. Close it, or delete it under Recordings."))
		return
	}
	s.current.list.Clear()
}

// ShowAll shows what ClearList hid.
func (s *Screen) ShowAll() { s.current.list.ShowAll() }

// Export writes the messages that the list shows into a file.
func (s *Screen) Export() { s.current.list.Export() }

// Keep keeps what the list shows as a recording.
func (s *Screen) Keep() { s.current.list.Keep() }

// GoTo asks for a time or a number of a row, and goes there.
func (s *Screen) GoTo() { s.current.list.GoTo() }

// ListMenu opens the menu of how the list looks and is ordered.
func (s *Screen) ListMenu() { s.current.list.ShowMenu() }

// Shape takes what the list shows as a side of a comparison by shape.
func (s *Screen) Shape() { s.current.list.Shape() }

// SendAll has what the list shows sent again.
func (s *Screen) SendAll() { s.current.list.SendAll() }

func (s *Screen) focus(f fyne.Focusable) { s.p.Window.Canvas().Focus(f) }

// SendAgain puts the message shown into the send form.
func (s *Screen) SendAgain() { s.inspect.SendAgain() }

// CopyBody copies the body of the message shown.
func (s *Screen) CopyBody() { s.inspect.CopyBody() }

// CopyReference copies a reference to the message shown.
func (s *Screen) CopyReference() { s.inspect.CopyReference() }

// CycleBodyView goes on from JSON to text to hex.
func (s *Screen) CycleBodyView() { s.inspect.CycleView() }

// ConnectionChanged says that the connection was opened or closed.
func (s *Screen) ConnectionChanged() {
	for _, b := range s.subs {
		b.group = groupAnswer{}
		if b.wantStart {
			b.wantStart = false
			if s.p.Conn() != nil {
				s.start(b)
			}
		}
	}
	if s.p.Conn() != nil {
		s.askGroup(s.current)
	}
	s.form.setTopics(s.p.Topics())
	s.update()
}

// Running returns how many subscriptions run.
func (s *Screen) Running() int {
	n := 0
	for _, b := range s.subs {
		if b.running() {
			n++
		}
	}
	return n
}

// Rate is how many messages a second what runs has received until now, in words: the
// mean since it was asked last where nobody looked. "" while that is not known, or
// nothing runs. Where all of it keeps only what fits, that is said.
func (s *Screen) Rate(now time.Time) string {
	sum, known, fit := 0.0, false, true
	for _, b := range s.subs {
		if !b.running() {
			continue
		}
		b.read()
		b.sample(now)
		sum, known, fit = sum+b.rate(), known || len(b.rates) > 0, fit && b.st.Sifts
	}
	if !known {
		return ""
	}
	return rateWords(sum, fit)
}

// Close ends what the screen does; subscriptions that run are the shell's to
// stop, with StopAll or the client.
func (s *Screen) Close() {
	s.flush()
	for _, b := range s.subs {
		b.list.Close()
	}
	s.inspect.Close()
	s.scope.Close()
}

// nameOf is what a chip says.
func (s *Screen) nameOf(b *sub) string {
	if b.archive {
		return s.leftoverName(b.of)
	}
	if b.spec.Topic == "" {
		return lang.L("New subscription")
	}
	return s.p.Profile.ShortName(b.spec.Topic)
}
