package compare

import (
	"context"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/message"
	"gantry/gui/arrange"
	"gantry/gui/confirm"
	"gantry/gui/inspect"
	"gantry/gui/msglist"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// What the page leaves of the window, and how wide it is at most.
const (
	sides     float32 = 60
	heads     float32 = 312
	leastHigh float32 = 160
	mostWide  float32 = 1280
)

// Params are what Show needs. Short takes the profile's prefix off a topic.
type Params struct {
	Tasks  *task.Runner
	Window fyne.Window
	Short  func(string) string
	Fail   func(error)
	// Formats are those of bodies.
	Formats inspect.Formats
}

// page is the comparison over the window.
type page struct {
	p     Params
	scope *task.Scope
	c     *Comparison // nil while it is read
	panel *confirm.Panel

	which, form *widgets.Segments
	says        *widgets.Word
	table       *table
	before      fyne.Focusable // had the focus
}

// Show compares two messages over the window.
func Show(p Params, left, right *message.Message) { show(p, left, right) }

func show(p Params, left, right *message.Message) *page {
	canvas := p.Window.Canvas()
	g := &page{p: p, scope: p.Tasks.Scope(), before: canvas.Focused()}
	g.which = widgets.NewSegments(func(int) { g.update() }, lang.L("Differences"), lang.L("All"))
	g.form = widgets.NewSegments(func(int) { g.update() }, lang.L("JSON sorted"), lang.L("As it is"))
	g.form.Hide()
	g.says = widgets.NewCaption(lang.L("Comparing…"))
	g.table = newTable()
	g.table.OnKey = g.key
	next := func(text string, icon fyne.Resource, forward bool) *widgets.IconButton {
		return widgets.NewIconButton(icon, text, func() { g.table.next(forward); canvas.Focus(g.table) })
	}
	middle := arrange.Middled
	bar := container.New(&arrange.Columns{Gap: 10, Shares: []float32{0, 0, 1, 0, 0}}, g.which, g.form, middle(g.says.Shrinks(40)),
		middle(next(lang.L("Previous difference")+" (Shift+F7)", fynetheme.MoveUpIcon(), false)),
		middle(next(lang.L("Next difference")+" (F7)", fynetheme.MoveDownIcon(), true)))
	titles := container.New(&titles{g.table}, g.title(left), g.title(right))
	size := canvas.Size()
	wide := min(size.Width-sides, mostWide)
	room := container.NewStack(widgets.NewGround(theme.Surface).SetMin(wide-40, max(size.Height-heads, leastHigh)), g.table.scroll)
	content := container.New(&arrange.Rows{Gap: 8}, titles, bar, room)
	done := widgets.NewButton(lang.L("Close"), nil, widgets.Normal, g.close)
	g.panel = confirm.ShowPanel(canvas, confirm.PanelView{
		Title: lang.L("Compare"), Content: content, Width: wide, Buttons: []*widgets.Button{done}, First: g.table, OnCancel: g.close,
	})
	leftFormat, rightFormat := p.Formats.For(left), p.Formats.For(right)
	task.Ask(p.Tasks, g.scope, "compare", func(ctx context.Context) (*Comparison, error) {
		return Read(ctx, left, right, leftFormat, rightFormat), nil
	}, func(c *Comparison, err error) {
		if err != nil {
			g.close()
			p.Fail(err)
			return
		}
		g.c = c
		g.update()
	})
	return g
}

// title says which message a column is of.
func (g *page) title(m *message.Message) fyne.CanvasObject {
	at := "-"
	if !m.StoredAt.IsZero() {
		at = m.StoredAt.Local().Format("2006-01-02 15:04:05.000")
	}
	return container.New(&arrange.Rows{}, widgets.NewWord(msglist.ShortTopic(m.Topic, g.p.Short), theme.Text).Bold().Shrinks(80).Tells(),
		widgets.NewCaption(fmt.Sprintf("%s · %d · %d  %s", m.Broker, m.QueueID, m.QueueOffset, at)).Shrinks(80).Tells())
}

// update shows what was chosen to be seen.
func (g *page) update() {
	if g.c == nil {
		return
	}
	if g.c.json {
		g.form.Show()
	}
	laid := g.form.Selected() == 0
	g.table.set(g.c.rows(g.which.Selected() == 1, laid))
	body := g.c.asIs
	if laid && g.c.json {
		body = g.c.laid
	}
	if n := differing(g.c.facts) + differing(g.c.props) + differing(body); n > 0 {
		g.says.SetText(lang.N("{{.Count}} differ", n, map[string]any{"Count": widgets.Count(uint64(n))}))
	} else {
		g.says.SetText(lang.L("Nothing differs"))
	}
	if differing(body) == 0 {
		g.says.SetText(g.says.Text() + " · " + lang.L("the bodies are equal"))
	}
	g.panel.Relayout()
}

func (g *page) key(name fyne.KeyName) bool {
	switch name {
	case fyne.KeyF7:
		g.table.next(widgets.HeldKeys()&fyne.KeyModifierShift == 0)
	case fyne.KeyEscape:
		g.close()
	default:
		return false
	}
	return true
}

func (g *page) close() {
	g.scope.Close()
	g.panel.Close()
	if g.before != nil {
		g.p.Window.Canvas().Focus(g.before)
	}
}
