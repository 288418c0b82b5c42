// Package inspect shows one message: its ids, times and hosts, its properties,
// and its body as JSON, text or a dump, exact to the byte.
//
// Everything here runs on Fyne's main goroutine and takes no lock. A body over
// 64 KB is decoded and formatted in a query of package task, which a newer
// message or charset supersedes; saving is a job. A message that is shown is
// never changed, neither here nor by its owner.
package inspect

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/gui/arrange"
	"gantry/gui/ascode"
	"gantry/gui/bodyview"
	"gantry/gui/draw"
	"gantry/gui/msglist"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// Params are what New needs. Every function but those of Tasks may be nil.
type Params struct {
	Tasks  *task.Runner
	Window fyne.Window // for the file dialog
	// Short takes the profile's prefix off a topic or group.
	Short func(string) string
	// Conn is the connection that is asked what became of a message, nil while there
	// is none.
	Conn func() *client.Connection
	// Say shows a short sentence, Fail an error.
	Say  func(string)
	Fail func(error)
	// SendAgain puts the message into the send form; nil: it cannot be sent.
	SendAgain func(*message.Message)
	// Profile is the one that a message as code is sent over; nil: no code is offered.
	Profile func() profile.Profile
	// AddFilter adds a term to the filter of the list that the message is of, or what must
	// not fit; nil: there is none.
	AddFilter func(term string, without bool)
	// Reading is how bodies of a topic are read, as SaveReading was given it when the user
	// chose it; "" for none. Both may be nil.
	Reading     func(topic string) string
	SaveReading func(topic, reading string)
	// Formats are those of bodies.
	Formats Formats
	// Compare shows what differs between two messages; nil: nobody can.
	Compare func(first, second *message.Message)
	// ConsumeOnce has a member of a group consume the message once; nil: nobody can.
	ConsumeOnce func(*message.Message)
	// OnClose runs when the user closes the inspector, OnEscape on Escape in
	// the body.
	OnClose, OnEscape func()
}

// mode is how a body is shown.
type mode int

const (
	asBest mode = iota - 1 // nothing was chosen
	asJSON
	asText
	asHex
)

// The tabs.
const (
	tabBody = iota
	tabProperties
	tabTimeline
	tabDetails
)

// Inspector shows a message, or that none is chosen.
type Inspector struct {
	p     Params
	scope *task.Scope
	m     *message.Message
	body  *prepared // of m in the chosen charset; nil while it is prepared
	mode  mode
	below bool

	// What the user chose: bodies are shown so where they can be.
	wanted    mode
	reading   string // how bytes are read, a word of the select; "" until one was chosen
	readTopic string // of the message for which it was taken last
	filling   bool   // the reading is being put in place: nobody chose it
	reads     bool   // a charset was chosen for a body that was shown in hex

	content *fyne.Container
	page    *fyne.Container // what stands round the body, by side
	empty   *widgets.EmptyState

	topic        *widgets.Word
	tag          *widgets.Chip
	brief        *widgets.Facts // two lines above the body, at the right of a list
	facts, props *widgets.Facts
	tabs         *widgets.Tabs
	modes        *widgets.Segments
	charset      *widgets.Select
	charsetField *widgets.Field
	schema       *widgets.IconButton // chooses what describes Protobuf
	tools        *fyne.Container     // above the body
	about        *widgets.Word       // what the body is
	path         *widgets.Word       // of the line of JSON that is looked at
	reason       *widgets.Word       // why the body is no JSON, below the tools
	bodyBox      *fyne.Container
	bodyRows     *bodyLayout         // of bodyBox
	original     *widgets.IconButton // compares with it
	view         *bodyview.View
	timeline     *timeline
	panes        [4]fyne.CanvasObject // by tab
}

// New returns an inspector without a message.
func New(p Params) *Inspector {
	if p.Short == nil {
		p.Short = func(s string) string { return s }
	}
	if p.Say == nil {
		p.Say = func(string) {}
	}
	if p.Conn == nil {
		p.Conn = func() *client.Connection { return nil }
	}
	if p.Fail == nil {
		p.Fail = func(error) {}
	}
	i := &Inspector{p: p, scope: p.Tasks.Scope(), wanted: asBest}
	i.topic, i.about, i.reason = widgets.NewTitle("").Shrinks(20).Tells(), widgets.NewCaption("").Shrinks(20), widgets.NewCaption("").Shrinks(20).Tells()
	i.path = widgets.NewData("").Shrinks(0).CutInside().Tells()
	i.path.Set("", theme.Muted)
	i.reason.Hide()
	i.tag = widgets.NewChip("")
	i.brief, i.facts, i.props = widgets.NewFacts(), widgets.NewFacts(), widgets.NewFacts()
	copied := func(widgets.Fact) { i.p.Say(lang.L("Copied.")) }
	i.brief.OnCopied, i.facts.OnCopied, i.props.OnCopied = copied, copied, copied
	i.brief.OnMenu, i.facts.OnMenu, i.props.OnMenu = i.offerTerm, i.offerTerm, i.offerTerm
	i.modes = widgets.NewSegments(i.pickMode, "JSON", lang.L("Text"), lang.L("Hex"))
	i.charset = widgets.NewSelect(readings()...)
	i.charset.OnChanged = i.pickReading
	i.view = bodyview.New()
	i.view.SetTasks(p.Tasks, i.scope)
	i.view.OnEscape = p.OnEscape
	i.view.OnCopied = func(int) { i.p.Say(lang.L("Copied.")) }
	i.view.OnPath, i.view.OnFilter = i.path.SetText, p.AddFilter
	i.empty = widgets.NewEmptyState(lang.L("Choose a message"), lang.L("Up and Down move, Enter opens."), nil)
	i.page = container.NewStack()
	i.content = container.NewStack(i.page, i.empty)
	i.timeline = newTimeline(i)
	i.panes = [4]fyne.CanvasObject{i.bodyPane(), padded(container.NewVScroll(i.props)), i.timeline.content, padded(container.NewVScroll(i.facts))}
	i.build()
	i.Show(nil)
	return i
}

// Content is what to put into a layout.
func (i *Inspector) Content() fyne.CanvasObject { return i.content }

// Message returns the message shown, or nil.
func (i *Inspector) Message() *message.Message { return i.m }

// Focus is what to give the keyboard focus to.
func (i *Inspector) Focus() fyne.Focusable { return i.view.Focus() }

// Close ends what the inspector does.
func (i *Inspector) Close() { i.scope.Close() }

// SetBelow changes between the column at the right of a list and the pane below
// one.
func (i *Inspector) SetBelow(below bool) {
	if below != i.below {
		i.below = below
		i.build()
	}
}

// build puts the parts into the layout of the side.
func (i *Inspector) build() {
	i.tabs = widgets.NewTabs(i.showTab, lang.L("Body"), lang.L("Properties"), lang.L("Timeline"), lang.L("Details"))
	stack := container.NewStack(i.panes[:]...)
	if i.below {
		i.page.Objects = []fyne.CanvasObject{container.New(&arrange.Rows{Grow: stack}, i.barBelow(), stack)}
	} else {
		i.page.Objects = []fyne.CanvasObject{container.New(&arrange.Rows{Grow: stack}, i.headRight(), stack)}
	}
	i.badge()
	i.showTab(tabBody)
	i.page.Refresh()
}

// headRight is what stands above the body at the right of a list.
func (i *Inspector) headRight() fyne.CanvasObject {
	title := container.NewBorder(nil, nil, nil, i.closeButton(), container.New(&titleLayout{}, i.topic, i.tag))
	actions := container.NewHBox()
	if i.p.SendAgain != nil {
		actions.Add(i.againButton())
	}
	actions.Add(widgets.NewButton(lang.L("Copy"), fynetheme.ContentCopyIcon(), widgets.Quiet, i.CopyBody))
	if i.p.Profile != nil {
		actions.Add(ascode.NewButton(i.asCode))
	}
	actions.Objects = append(actions.Objects, i.iconButtons()...)
	return container.New(&arrange.Rows{Edge: 14, Gap: 6, Top: 8, Full: i.tabs}, title, actions, i.brief, i.tabs)
}

// barBelow is the one row above the body under a list.
func (i *Inspector) barBelow() fyne.CanvasObject {
	icons := container.NewHBox()
	if i.p.SendAgain != nil {
		icons.Add(i.againButton())
	}
	icons.Add(widgets.NewIconButton(fynetheme.ContentCopyIcon(), lang.L("Copy"), i.CopyBody))
	if i.p.Profile != nil {
		icons.Add(ascode.NewButton(i.asCode))
	}
	icons.Objects = append(append(icons.Objects, i.iconButtons()...), i.closeButton())
	return container.NewStack(i.tabs, container.New(layout.NewCustomPaddedLayout(0, 0, 0, 10), container.NewBorder(nil, nil, nil, container.NewCenter(icons))))
}

// iconButtons are the actions that have no room for words at either side.
func (i *Inspector) iconButtons() []fyne.CanvasObject {
	i.original = widgets.NewIconButton(fynetheme.GridIcon(), lang.L("Compare with the original"), i.compareOriginal)
	draw.Show(i.original, i.hasOriginal())
	icons := []fyne.CanvasObject{i.original}
	if i.p.ConsumeOnce != nil {
		icons = append(icons, widgets.NewIconButton(fynetheme.MediaPlayIcon(), lang.L("Have a member consume it once…"), func() {
			if i.m != nil {
				i.p.ConsumeOnce(i.m)
			}
		}))
	}
	return append(icons,
		widgets.NewIconButton(fynetheme.DocumentSaveIcon(), lang.L("Save body…"), i.save),
		widgets.NewIconButton(fynetheme.ListIcon(), lang.L("Copy row"), i.CopyRow),
	)
}

// againButton is the one that stands out: what most often follows reading a message.
func (i *Inspector) againButton() *widgets.Button {
	return widgets.NewButton(lang.L("Send again…"), fynetheme.MailReplyIcon(), widgets.Normal, i.SendAgain)
}

func (i *Inspector) closeButton() *widgets.IconButton {
	return widgets.NewIconButton(fynetheme.WindowCloseIcon(), lang.L(`Hide (Ctrl+\ changes the side)`), func() {
		if i.p.OnClose != nil {
			i.p.OnClose()
		}
	})
}

func (i *Inspector) bodyPane() fyne.CanvasObject {
	i.charsetField = widgets.NewField("", i.charset).SetMinWidth(charsetWidth)
	i.schema = widgets.NewIconButton(fynetheme.FileTextIcon(), lang.L("Names from a .proto file…"), i.chooseSchema)
	i.schema.Hide()
	i.tools = container.New(layout.NewCustomPaddedHBoxLayout(14), i.modes, i.charsetField, i.schema)
	i.bodyRows = &bodyLayout{tools: i.tools, reason: i.reason, view: i.view, about: i.about, path: i.path}
	i.bodyBox = container.New(i.bodyRows, i.tools, i.reason, i.view, i.path, i.about)
	return i.bodyBox
}

func (i *Inspector) showTab(tab int) {
	for n, pane := range i.panes {
		if n == tab {
			pane.Show()
		} else {
			pane.Hide()
		}
	}
	if tab == tabTimeline {
		i.timeline.ask()
	}
}

// SendAgain puts the message shown into the send form.
func (i *Inspector) SendAgain() {
	if i.m != nil && i.p.SendAgain != nil {
		i.p.SendAgain(i.m)
	}
}

// asCode offers code that sends the message shown, from a menu below an object.
func (i *Inspector) asCode(at fyne.CanvasObject) {
	ascode.Show(ascode.Params{Tasks: i.p.Tasks, Scope: i.scope, Say: i.p.Say, Fail: i.p.Fail}, at, func() ascode.Work {
		if i.m == nil {
			return nil
		}
		if c := i.p.Conn(); c != nil { // which knows where the sandbox is
			return ascode.Received(i.m, c.Profile())
		}
		return ascode.Received(i.m, i.p.Profile())
	})
}

// ShowTimeline goes to the timeline of the message.
func (i *Inspector) ShowTimeline() { i.tabs.Select(tabTimeline) }

// ShowBody goes to its body.
func (i *Inspector) ShowBody() { i.tabs.Select(tabBody) }

// Show shows a message; nil shows that none is chosen.
func (i *Inspector) Show(m *message.Message) {
	i.m = m
	if m == nil {
		i.scope.Cancel(queryBody)
		i.scope.Cancel(queryState)
		i.timeline.asked = nil
		i.body = nil
		i.page.Hide()
		i.empty.Show()
		return
	}
	i.empty.Hide()
	i.page.Show()
	i.topic.SetText(msglist.ShortTopic(m.Topic, i.p.Short))
	i.tag.Set(m.Tag(), theme.Muted, theme.Hover)
	i.brief.Set(append(briefFacts(m), deadFacts(m, i.p.Short)...)...)
	i.facts.Set(append(messageFacts(m, i.p.Short), deadFacts(m, i.p.Short)...)...)
	i.props.Set(propertyFacts(m)...)
	i.badge()
	draw.Show(i.original, i.hasOriginal())
	i.takeReading(m.Topic)
	i.prepare(true)
	if i.tabs.Selected() == tabTimeline {
		i.timeline.ask()
	}
	i.content.Refresh()
}

// FormatsChanged reads the body shown anew, if that is of a topic of which changed says that
// its bodies are in another format now.
func (i *Inspector) FormatsChanged(changed func(topic string) bool) {
	if i.m != nil && changed(BodyTopic(i.m)) {
		i.readTopic = ""
		i.takeReading(i.m.Topic)
		i.prepare(true)
	}
}

func (i *Inspector) badge() {
	if i.m != nil {
		i.tabs.SetBadge(tabProperties, widgets.Count(uint64(len(i.m.Properties))))
	}
}
