// Package settings is the page of the few things that can be set: theme,
// language, and how much of received messages is kept.
//
// Everything here runs on Fyne's main goroutine and nothing blocks. A theme or
// language is applied when it is chosen; the limits when a field with valid
// numbers is left, because a number that is still being typed would delete
// messages.
package settings

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"gantry/client/profile"
	"gantry/gui/arrange"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// Bounds of the limits. A list is deleted in pieces of 64 MB, so less than two
// of them keeps nothing.
const (
	leastMessages, mostMessages = 1_000, 1_000_000_000
	leastMB, mostMB             = 128, 1 << 20
	mb                          = 1 << 20
)

// formWidth is the widest the form gets.
const formWidth float32 = 560

// Params are what New needs; the functions are called on the main goroutine.
type Params struct {
	Settings profile.Settings
	// Apply takes all three whenever one of them changed.
	Apply func(language, theme string, caps profile.Caps)
	// Usage counts what the history has of each connection, beside the window; DeleteSent
	// asks, deletes that of one, and runs then. nil leaves both out.
	Usage      func(done func([]Sent))
	DeleteSent func(profile string, then func())
	// Recordings counts what is recorded of each connection, beside the window;
	// DeleteRecordings asks, deletes those of one, and runs then. nil leaves both out.
	Recordings       func(done func([]Recorded))
	DeleteRecordings func(of Recorded, then func())
	// Close leaves the page, and closes it.
	Close func()
}

// Page is the settings page.
type Page struct {
	p        Params
	language string
	theme    string
	caps     profile.Caps

	messages, list, all *limit
	sent, recorded      *kept
	content             fyne.CanvasObject
}

// limit is a field that holds a whole number.
type limit struct {
	entry       *widgets.Entry
	field       *widgets.Field
	least, most int64
}

// New builds the page.
func New(p Params) *Page {
	g := &Page{p: p, language: p.Settings.Language, theme: p.Settings.Theme, caps: p.Settings.Caps}
	caps := p.Settings.Caps.WithDefaults()
	g.messages = g.limit(lang.L("Messages in a list"), caps.Messages, leastMessages, mostMessages)
	g.list = g.limit(lang.L("MB in a list"), caps.Bytes/mb, leastMB, mostMB)
	g.all = g.limit(lang.L("MB in all lists together"), caps.TotalBytes/mb, leastMB, mostMB)
	g.build()
	return g
}

func (g *Page) limit(caption string, value, least, most int64) *limit {
	l := &limit{entry: widgets.NewEntry(), least: least, most: most}
	l.entry.SetText(widgets.Count(value))
	l.field = widgets.NewField(caption, l.entry)
	l.entry.OnChanged = func(string) { l.field.SetError("") }
	l.entry.OnEnter = g.commit
	l.entry.OnFocus = func(on bool) {
		if !on {
			g.commit()
		}
	}
	return l
}

func (g *Page) build() {
	looks := []string{string(theme.System), string(theme.Light), string(theme.Dark)}
	look := widgets.NewSegments(func(i int) { g.theme = looks[i]; g.apply() }, lang.L("System"), lang.L("Light"), lang.L("Dark"))
	look.Set(index(looks, g.theme))
	tongues := []string{words.System, words.English, words.Chinese}
	tongue := widgets.NewSelect(lang.L("System"), words.EnglishName, words.ChineseName)
	tongue.SetSelectedIndex(index(tongues, g.language))
	tongue.OnChanged = func(string) { g.language = tongues[tongue.SelectedIndex()]; g.apply() }
	language := widgets.NewField(lang.L("Language"), tongue)

	title := widget.NewLabelWithStyle(lang.L("Settings"), fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	title.SizeName = fynetheme.SizeNameSubHeadingText
	leave := widgets.NewIconButton(fynetheme.WindowCloseIcon(), lang.L("Close"), g.p.Close)
	head := container.New(layout.NewCustomPaddedLayout(6, 6, 10, 12), container.NewBorder(nil, nil, title, leave))
	note := widgets.NewParagraph(lang.L("Received messages are kept on disk up to these limits; beyond them the oldest are deleted."), theme.Muted)
	form := container.New(&arrange.Rows{Gap: 12, Foot: 12, Width: formWidth},
		widgets.NewField(lang.L("Theme"), look), language, widget.NewSeparator(),
		note.Object(), g.messages.field, g.list.field, g.all.field)
	if g.p.Usage != nil {
		g.sent = newKept(lang.L("What was sent"), form)
		g.sent.say(lang.L("Counting what was sent…"))
	}
	if g.p.Recordings != nil {
		g.recorded = newKept(lang.L("Recordings"), form)
		g.recorded.say(lang.L("Counting recordings…"))
	}
	body := container.NewVScroll(container.New(layout.NewCustomPaddedLayout(14, 16, 16, 16), form))
	g.content = container.NewBorder(container.NewVBox(head, widget.NewSeparator()), nil, nil, nil, body)
	if g.p.Usage != nil {
		g.p.Usage(g.showSent)
	}
	if g.p.Recordings != nil {
		g.p.Recordings(g.showRecorded)
	}
}

// index returns where s stands in list, or 0.
func index(list []string, s string) int {
	for i, x := range list {
		if x == s {
			return i
		}
	}
	return 0
}

// Content is the page.
func (g *Page) Content() fyne.CanvasObject { return g.content }

// SetNarrow changes nothing: the form is narrow anyway.
func (g *Page) SetNarrow(bool) {}

// Close applies the limits, if they are valid, as leaving a field does.
func (g *Page) Close() { g.commit() }

func (g *Page) apply() { g.p.Apply(g.language, g.theme, g.caps) }

// commit applies the limits if all are valid and one has changed; else each
// field says what is wrong.
func (g *Page) commit() {
	messages, ok1 := g.messages.read()
	list, ok2 := g.list.read()
	all, ok3 := g.all.read()
	if ok2 && ok3 && all < list {
		g.all.field.SetError(lang.L("Must not be less than one list may hold."))
		return
	}
	if !ok1 || !ok2 || !ok3 {
		return
	}
	caps := profile.Caps{Messages: messages, Bytes: list * mb, TotalBytes: all * mb}
	if caps != g.caps.WithDefaults() {
		g.caps = caps
		g.apply()
	}
}

// read returns the number, or says at the field what it may be.
func (l *limit) read() (int64, bool) {
	text := strings.NewReplacer(",", "", "，", "", " ", "", "_", "").Replace(l.entry.Text)
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < l.least || n > l.most {
		l.field.SetError(lang.L("Enter a whole number from {{.Least}} to {{.Most}}.", map[string]any{"Least": widgets.Count(l.least), "Most": widgets.Count(l.most)}))
		return 0, false
	}
	l.field.SetError("")
	return n, true
}
