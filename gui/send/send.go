// Package send is the Send tab of one connection: a form for one message or a run of many,
// what was sent, and templates that fill the form.
//
// Everything here runs on Fyne's main goroutine. Looking a topic up, checking
// and formatting a body and reading a file are queries of the screen; each send
// is a job of its own, which goes on when the screen is left and is never
// superseded. A draft is taken from the form when Send is pressed and not
// changed afterwards.
package send

import (
	"context"
	"runtime"
	"time"

	"gantry/client/filter"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
	"gantry/client/outbox/template"
	"gantry/client/profile"
	"gantry/gui/arrange"
	"gantry/gui/draw"
	"gantry/gui/inspect"
	"gantry/gui/msglist"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// Width of the receipts while the user has not moved the split.
const (
	receiptsWidth       float32 = 440
	receiptsWidthNarrow float32 = 372
)

// saveAfter is how long the form waits for more typing before it is saved.
const saveAfter = 300 * time.Millisecond

// Connection is what the screen needs of an open connection. All calls block.
type Connection interface {
	// Profile has the name servers that there are, the sandbox's too.
	Profile() profile.Profile
	Lookup(ctx context.Context, topic string) (exists, creates bool, err error)
	CheckDelivery(ctx context.Context, d *message.Draft) error
	Send(ctx context.Context, d *message.Draft) (message.Receipt, error)
	Decide(ctx context.Context, of *outbox.Sends, row uint64, what message.Transaction, yes client.Confirmed) error
	Recall(ctx context.Context, of *outbox.Sends, row uint64, yes client.Confirmed) error
	// SendMade sends the message of a place of a plan, which has secret values; shown is it
	// with those hidden.
	SendMade(ctx context.Context, p *plan.Plan, seq int64, at time.Time, shown *message.Draft) (message.Receipt, error)
	Prepare(ctx context.Context, p *plan.Plan) error
	Begin(p *plan.Plan, yes client.Confirmed, fill func(name string) error) (*outbox.Run, error)
	Continue(r *outbox.Run, yes client.Confirmed) error
	SendAgain(r *outbox.Run, rows []uint64, yes client.Confirmed) error
	// GroupsOfTopic are the groups that read a topic; Settle is what one did with a run.
	GroupsOfTopic(ctx context.Context, topic string) ([]string, cluster.Missing, error)
	Settle(ctx context.Context, r *outbox.Run, group string, tell func(done, of int64)) (*client.Settled, error)
}

// Params are what New needs. All functions are called on the main goroutine.
type Params struct {
	Tasks   *task.Runner
	Window  fyne.Window
	Profile profile.Profile
	// Conn returns the open connection, or nil.
	Conn     func() Connection
	Form     profile.SendForm // what the form held last
	SaveForm func(profile.SendForm)
	// Topics are those that the cluster lists or that were used before.
	Topics   func() []string
	UseTopic func(string)
	// Formats are those of the bodies of topics.
	Formats inspect.Formats
	// Jq runs the expressions of jq of filters; see msglist.Params.
	Jq func(ctx context.Context, until time.Time) filter.Judge
	// Split is the offset of the split, 0 for the usual width.
	Split     float64
	SaveSplit func(float64)
	Fail      func(error)
	Say       func(string)
	// History is what was sent over the profile; the screen closes it. OpenRun and
	// DeleteRun read the disk.
	History   History
	OpenRun   func(id string) (*outbox.Run, error)
	DeleteRun func(id string) error
	// KeepSent keeps a run, or a journal of single messages, from going by itself, or lets
	// it go. It uses the disk.
	KeepSent func(id string, keep bool) error
	// Memory is what all lists remember; nil is allowed.
	Memory msglist.Memory
	// Templates keeps named drafts; those of the folders that the user added, in
	// TemplateFolders, are shown beside.
	Templates           *template.Store
	TemplateFolders     func() []string
	SaveTemplateFolders func([]string)
	// Locate shows where a stored message is and what became of it; nil: nowhere.
	Locate func(topic, broker string, queue int, offset int64)
	// LocateID is Locate for a message that lay elsewhere until it was delivered.
	LocateID func(topic, id string)
	// Replay is asked to send messages again, see replay.Source: those of a name, so many at
	// most; nil: nobody can.
	Replay func(name string, most uint64, each Each)
	// Steps are shown while nothing was sent; with them the message is ready.
	Steps []string
}

// Each hands messages over, as msglist.Listed has it.
type Each = func(ctx context.Context, progress func(looked uint64), do func(*message.Message) error) (msglist.Skipped, error)

// Screen is the tab.
type Screen struct {
	p     Params
	scope *task.Scope

	form *form
	body *body
	side *side
	sent *sentPane
	// templates are those that can be filled in, using the one that is in the form.
	templates *templates
	using     *using
	begun     time.Time
	button    *widgets.Button
	state     *widgets.Paragraph // at the left of the button
	// stateRoom is around state, hidden where the name of the template may have the room.
	stateRoom fyne.CanvasObject
	split     *widgets.Split
	content   fyne.CanvasObject

	unsaved func()   // cancels the save that waits; nil while none does
	asking  bool     // a question is open
	waiting []func() // what to ask next
	settled settled
	presses uint64 // of Send, ever: names the queries
	lookups int    // under way
	jobs    int    // under way
	closed  bool
}

// New builds the screen with what the form held last.
func New(p Params) *Screen {
	s := &Screen{p: p, scope: p.Tasks.Scope(), begun: time.Now()}
	s.body = newBody(s)
	s.form = newForm(s)
	s.using = newUsing(s)
	s.side = newSide(s)
	s.sent = newSentPane(s)
	s.templates = newTemplates(s)
	form := container.New(layout.NewCustomPaddedLayout(10, 8, 14, 12), s.form.content)
	left := container.New(&arrange.Rows{Grow: form}, form, s.bar())
	s.split = widgets.NewDetailSplit(left, s.side.content, receiptsWidth, receiptsWidthNarrow)
	s.split.SetOffset(p.Split)
	s.split.OnMoved = p.SaveSplit
	s.content = s.split
	s.form.fill(p.Form)
	s.side.show()
	s.ConnectionChanged()
	return s
}

// bar is the foot of the form: what goes on, the key, and the button.
func (s *Screen) bar() fyne.CanvasObject {
	s.state = widgets.NewParagraph("", theme.Muted)
	s.stateRoom = container.New(&arrange.Middle{}, s.state.Object())
	row := container.New(&arrange.Columns{Gap: 12, Shares: []float32{1, 1, 0, 0}}, s.using.content, s.stateRoom)
	key := widgets.NewWord(lang.L("Ctrl Enter"), theme.Muted)
	if runtime.GOOS == "darwin" {
		key.Set(lang.L("Cmd Enter"), theme.Muted)
	}
	switch {
	case s.forbidden() != nil:
		s.state.Set(lang.L("This connection is read-only."), theme.Text)
		row.Layout.(*arrange.Columns).Shares = []float32{1, 1}
	default:
		s.button = widgets.NewButton("", fynetheme.MailSendIcon(), widgets.Primary, s.Primary).Big()
		s.nameButton()
		row.Add(container.New(&arrange.Middle{}, key))
		row.Add(container.New(&arrange.Middle{}, s.button))
	}
	return container.New(&arrange.Rows{}, widgets.NewRule(), container.NewStack(widgets.NewGround(theme.Chrome).SetMin(0, 54),
		container.New(layout.NewCustomPaddedLayout(8, 8, 14, 12), row)))
}

// nameButton says on the button where a message goes.
func (s *Screen) nameButton() {
	if s.p.Profile.Environment == profile.Production {
		s.button.SetText(lang.L("Send to production"))
		s.button.SetKind(widgets.Danger)
		return
	}
	s.button.SetText(lang.L("Send"))
	s.button.SetKind(widgets.Primary)
	if s.form != nil && s.form.repeats() {
		s.button.SetText(lang.L("Send many…"))
	}
}

// SetProfile takes another name and environment of the profile; the rest of it must be
// what it was.
func (s *Screen) SetProfile(p profile.Profile) {
	s.p.Profile = p
	if s.button != nil {
		s.nameButton()
		s.content.Refresh()
	}
}

// Content is the tab.
func (s *Screen) Content() fyne.CanvasObject { return s.content }

// SetShown tells that the tab came into sight or left it.
func (s *Screen) SetShown(shown bool) {
	s.side.setShown(shown)
	if shown {
		s.form.suggest()
	}
}

// SetNarrow makes the receipts narrower for a window below 1200.
func (s *Screen) SetNarrow(narrow bool) {
	s.sent.setNarrow(narrow)
	s.split.SetNarrow(narrow)
}

// ConnectionChanged follows a connect or disconnect.
func (s *Screen) ConnectionChanged() {
	if s.closed {
		return
	}
	s.form.suggest()
	s.showState()
	s.sent.stir()
}

// forbidden is why nothing may be sent over the connection, nil where it may.
func (s *Screen) forbidden() error { return client.Guard(s.p.Profile, client.ActionSend) }

// showState says what the foot of the form has to say.
func (s *Screen) showState() {
	if s.forbidden() != nil {
		return
	}
	connected := s.p.Conn() != nil
	words := ""
	switch {
	case !connected:
		words = lang.L("Not connected. Connect to send.")
	case s.lookups > 0:
		words = lang.L("Looking up the topic…")
	}
	s.state.Set(words, theme.Muted)
	draw.Show(s.stateRoom, words != "" || !s.using.on)
	if connected {
		s.button.Enable()
	} else {
		s.button.Disable()
	}
}

// FocusFirst puts the focus into the body.
func (s *Screen) FocusFirst() { s.p.Window.Canvas().Focus(s.body.focusable()) }

// FormatBody indents the body if it is JSON, else says where it is not.
func (s *Screen) FormatBody() { s.body.formatted() }

// BodyFromFile asks for a file and takes its bytes as the body.
func (s *Screen) BodyFromFile() { s.body.fromFile(false) }

// Sending returns how many sends are under way.
func (s *Screen) Sending() int { return s.lookups + s.jobs }

// changed saves the form soon.
func (s *Screen) changed() {
	if s.unsaved != nil {
		s.unsaved()
	}
	s.unsaved = s.p.Tasks.After(s.scope, saveAfter, s.flush)
}

// flush saves the form now if it has changed.
func (s *Screen) flush() {
	if s.unsaved != nil {
		s.unsaved()
		s.unsaved = nil
		s.p.SaveForm(s.form.read())
		s.using.look()
	}
}

// Close saves what was typed and ends the screen's queries. Sends go on.
func (s *Screen) Close() {
	if s.closed {
		return
	}
	s.flush()
	s.closed = true
	s.sent.close()
	s.scope.Close()
}

// needConnection returns the connection, or says that there is none.
func (s *Screen) needConnection() Connection {
	c := s.p.Conn()
	if c == nil {
		s.p.Fail(fault.NotConnected)
	}
	return c
}
