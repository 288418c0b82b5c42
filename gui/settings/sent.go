package settings

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

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

// say shows one sentence in the place of the rows.
func (g *Page) say(text string) {
	g.sent.Objects = []fyne.CanvasObject{
		widgets.NewWord(lang.L("What was sent"), theme.Text).Bold(), widgets.NewParagraph(text, theme.Muted).Object(),
	}
	g.sent.Refresh()
}

// showSent shows a row for each connection that has something in the history.
func (g *Page) showSent(all []Sent) {
	if len(all) == 0 {
		g.say(lang.L("Nothing is in the history."))
		return
	}
	g.say(lang.L("Drafts and receipts are private files on this computer. Those of production go after 7 days, unless they are kept."))
	for _, s := range all {
		about := lang.N("{{.Count}} messages", int(s.Sends), map[string]any{"Count": widgets.Count(uint64(s.Sends))})
		if s.Runs > 0 {
			about += " · " + lang.N("{{.Count}} runs", s.Runs, map[string]any{"Count": widgets.Count(uint64(s.Runs))})
		}
		about += " · " + widgets.Bytes(s.Bytes)
		text := container.New(&arrange.Rows{Gap: 2}, widgets.NewWord(s.Name, theme.Text).Shrinks(60), widgets.NewWord(about, theme.Muted).Small().Shrinks(60))
		drop := widgets.NewButton(lang.L("Delete…"), nil, widgets.Quiet, func() {
			g.p.DeleteSent(s.Profile, func() { g.p.Usage(g.showSent) })
		})
		g.sent.Add(container.New(&arrange.Columns{Gap: 8, Shares: []float32{1, 0}}, text, arrange.Middled(drop)))
	}
	g.sent.Refresh()
	g.content.Refresh()
}
