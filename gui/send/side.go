package send

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/gui/arrange"
	"gantry/gui/widgets"
)

// The tabs of the pane at the right, in their order.
const (
	sideSent = iota
	sideTemplates
)

// side is the pane at the right: what was sent, or the templates.
type side struct {
	s       *Screen
	tabs    *widgets.Tabs
	body    *fyne.Container
	content *fyne.Container
	shown   bool
}

func newSide(s *Screen) *side {
	d := &side{s: s, body: container.NewStack()}
	d.tabs = widgets.NewTabs(func(int) { d.show() }, lang.L("Sent"), lang.L("Templates"))
	d.content = container.New(&arrange.Rows{Grow: d.body}, d.tabs, d.body)
	return d
}

// show brings the chosen pane into sight, once all of them are made.
func (d *side) show() {
	sent := d.tabs.Selected() == sideSent
	d.body.Objects = []fyne.CanvasObject{d.s.templates.content}
	if sent {
		d.body.Objects[0] = d.s.sent.content
	}
	d.body.Refresh()
	d.s.sent.setShown(d.shown && sent)
	d.s.templates.setShown(d.shown && !sent)
}

func (d *side) setShown(shown bool) {
	d.shown = shown
	d.show()
	if shown {
		d.s.templates.reload() // badge and palette tell of them too, also of those saved elsewhere
	}
}

// count says how much is in a pane.
func (d *side) count(tab, n int) {
	badge := ""
	if n > 0 {
		badge = widgets.Count(n)
	}
	d.tabs.SetBadge(tab, badge)
}
