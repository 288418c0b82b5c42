package settings

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/arrange"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// Sent is how much the history has of what was sent over a connection.
type Sent struct {
	Profile, Name string
	Sends         int64 // messages, those of runs too
	Runs          int
	Bytes         int64 // on disk
}

// Recorded is how much is recorded of a connection, lists that are left from earlier too.
type Recorded struct {
	Profile, Name string
	Lists         int
	Messages      uint64
	Bytes         int64 // on disk
}

// kept is a part of the page that says what of each connection is kept.
type kept struct {
	title string
	rows  *fyne.Container
}

// newKept adds such a part to a form.
func newKept(title string, form *fyne.Container) *kept {
	k := &kept{title: title, rows: container.New(&arrange.Rows{Gap: 6})}
	form.Add(widget.NewSeparator())
	form.Add(k.rows)
	return k
}

// say shows one sentence in the place of the rows.
func (k *kept) say(text string) {
	k.rows.Objects = []fyne.CanvasObject{
		widgets.NewWord(k.title, theme.Text).Bold(), widgets.NewParagraph(text, theme.Muted).Object(),
	}
	k.rows.Refresh()
}

// add adds a row, whose button drops what it is about.
func (k *kept) add(name, about string, drop func()) {
	text := container.New(&arrange.Rows{Gap: 2}, widgets.NewWord(name, theme.Text).Shrinks(60), widgets.NewWord(about, theme.Muted).Small().Shrinks(60))
	k.rows.Add(container.New(&arrange.Columns{Gap: 8, Shares: []float32{1, 0}}, text, arrange.Middled(widgets.NewButton(lang.L("Delete…"), nil, widgets.Quiet, drop))))
}

// showSent shows a row for each connection that has something in the history.
func (g *Page) showSent(all []Sent) {
	if len(all) == 0 {
		g.sent.say(lang.L("Nothing is in the history."))
		return
	}
	g.sent.say(lang.L("Drafts and receipts are private files on this computer. Those of production go after 7 days, unless they are kept."))
	for _, s := range all {
		about := messages(uint64(s.Sends))
		if s.Runs > 0 {
			about += " · " + lang.N("{{.Count}} runs", s.Runs, map[string]any{"Count": widgets.Count(uint64(s.Runs))})
		}
		g.sent.add(s.Name, about+" · "+widgets.Bytes(s.Bytes), func() {
			g.p.DeleteSent(s.Profile, func() { g.p.Usage(g.showSent) })
		})
	}
	g.sent.rows.Refresh()
	g.content.Refresh()
}

// showRecorded shows a row for each connection of which something is recorded.
func (g *Page) showRecorded(all []Recorded) {
	if len(all) == 0 {
		g.recorded.say(lang.L("Nothing is recorded."))
		return
	}
	g.recorded.say(lang.L("Recordings are private files on this computer, and count among all lists. Those of production go after 7 days, unless they are kept."))
	for _, r := range all {
		about := lang.N("{{.Count}} recordings", r.Lists, map[string]any{"Count": widgets.Count(uint64(r.Lists))}) + " · " + messages(r.Messages) + " · " + widgets.Bytes(r.Bytes)
		g.recorded.add(r.Name, about, func() {
			g.p.DeleteRecordings(r, func() { g.p.Recordings(g.showRecorded) })
		})
	}
	g.recorded.rows.Refresh()
	g.content.Refresh()
}

func messages(n uint64) string {
	return lang.N("{{.Count}} messages", int(n), map[string]any{"Count": widgets.Count(n)})
}
