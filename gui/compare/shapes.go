package compare

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/shape"
	"gantry/gui/arrange"
	"gantry/gui/confirm"
	"gantry/gui/msglist"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// paths is the room for a path, in Fyne units.
const paths float32 = 38 * widgets.Cell

// Side is one of two sets of messages whose shapes are compared.
type Side struct {
	Name string
	From msglist.Listed
}

// shapes are what two sides look like.
type shapes struct {
	left, right shape.Shape
	// gaveUp are messages of which jq did not find out whether they are of a side.
	gaveUp fault.GaveUp
}

// ShowShapes reads the messages of both sides, which is a job that can be cancelled, and
// shows over the window how their shapes differ.
func ShowShapes(p Params, left, right Side) {
	both := &shapes{}
	p.Tasks.Job(lang.L("Compare by shape"), func(ctx context.Context, progress func(string)) error {
		all, done := left.From.Most()+right.From.Most(), uint64(0)
		for _, x := range []struct {
			from msglist.Listed
			into *shape.Shape
		}{{left.From, &both.left}, {right.From, &both.right}} {
			skipped, err := x.from.Each(ctx, func(n uint64) {
				progress(widgets.Count(done+n) + " / " + widgets.Count(all)) // no words: they are the main goroutine's
			}, func(m *message.Message) error { x.into.Add(m); return nil })
			if err != nil {
				return err
			}
			both.gaveUp = both.gaveUp.Also(skipped.GaveUp)
			done += x.from.Most()
		}
		return nil
	}, func(err error) {
		switch {
		case errors.Is(err, context.Canceled):
		case err != nil:
			p.Fail(err)
		default:
			showShapes(p, left.Name, right.Name, both)
		}
	})
}

// shapePage shows how shapes differ, over the window.
type shapePage struct {
	both   *shapes
	panel  *confirm.Panel
	which  *widgets.Segments
	says   *widgets.Word
	table  *table
	canvas fyne.Canvas
	before fyne.Focusable // had the focus
}

func showShapes(p Params, left, right string, both *shapes) *shapePage {
	canvas := p.Window.Canvas()
	g := &shapePage{both: both, canvas: canvas, before: canvas.Focused()}
	g.which = widgets.NewSegments(func(int) { g.update() }, lang.L("Differences"), lang.L("All"))
	g.says = widgets.NewCaption("")
	g.table = newTable()
	g.table.labels, g.table.lines = paths, false
	g.table.OnKey = g.key
	bar := container.New(&arrange.Columns{Gap: 10, Shares: []float32{0, 1}}, g.which, arrange.Middled(g.says.Shrinks(40)))
	titles := container.New(&titles{g.table}, sideTitle(left, &both.left), sideTitle(right, &both.right))
	about := widgets.NewParagraph(lang.L("How many have a property or a path, of which types, and one value. Shares less than 10 points apart count as equal."), theme.Muted)
	size := canvas.Size()
	wide := min(size.Width-sides, mostWide)
	room := container.NewStack(widgets.NewGround(theme.Surface).SetMin(wide-40, max(size.Height-heads, leastHigh)), g.table.scroll)
	content := container.New(&arrange.Rows{Gap: 8}, titles, bar, room, about.Object())
	if said := words.GaveUp(both.gaveUp); said != "" {
		content.Add(widgets.NewParagraph(said, theme.Warn).Object())
	}
	done := widgets.NewButton(lang.L("Close"), nil, widgets.Normal, g.close)
	g.panel = confirm.ShowPanel(canvas, confirm.PanelView{
		Title: lang.L("Compare by shape"), Content: content, Width: wide, Buttons: []*widgets.Button{done}, First: g.table, OnCancel: g.close,
	})
	g.update()
	return g
}

// sideTitle says what a side is.
func sideTitle(name string, s *shape.Shape) fyne.CanvasObject {
	text := lang.N("{{.Count}} messages", int(s.Messages), map[string]any{"Count": widgets.Count(s.Messages)})
	if s.LeftOut > 0 {
		text += " · " + lang.N("of {{.Count}} not all was looked at", int(s.LeftOut), map[string]any{"Count": widgets.Count(s.LeftOut)})
	}
	return container.New(&arrange.Rows{}, widgets.NewWord(name, theme.Text).Bold().Shrinks(80).Tells(), widgets.NewCaption(text).Shrinks(80).Tells())
}

// update shows what was chosen to be seen.
func (g *shapePage) update() {
	all := g.which.Selected() == 1
	properties, inside := g.rows(shape.Properties(&g.both.left, &g.both.right)), g.rows(shape.Paths(&g.both.left, &g.both.right))
	var out []shown
	for _, part := range []struct {
		title string
		rows  []row
	}{{lang.L("Body"), inside}, {lang.L("Properties"), properties}} {
		title := part.title
		if n := differing(part.rows); n > 0 {
			title += " · " + lang.N("{{.Count}} differ", n, map[string]any{"Count": widgets.Count(uint64(n))})
		}
		out = append(out, shown{kind: heading, row: row{label: title}})
		out = append(out, fold(part.rows, all, 0)...)
	}
	g.table.set(out)
	if n := differing(properties) + differing(inside); n > 0 {
		g.says.SetText(lang.N("{{.Count}} differ", n, map[string]any{"Count": widgets.Count(uint64(n))}))
	} else {
		g.says.SetText(lang.L("Nothing differs"))
	}
	g.panel.Relayout()
}

// rows are the rows of a table for what two shapes have.
func (g *shapePage) rows(all []shape.Row) []row {
	out := make([]row, 0, len(all))
	for _, r := range all {
		w := row{label: r.Name, left: sideWords(&r.Left, g.both.left.Messages), right: sideWords(&r.Right, g.both.right.Messages)}
		if w.label == "" {
			w.label = lang.L("the body itself")
		}
		switch {
		case !r.Differs:
		case r.Left.Have == 0:
			w.op = added
		case r.Right.Have == 0:
			w.op = removed
		default:
			w.op = changed
		}
		out = append(out, w)
	}
	return out
}

// sideWords say what a side has: the share, the types, the commonest first, and a sample.
func sideWords(f *shape.Field, of uint64) string {
	if f.Have == 0 {
		return ""
	}
	var types []shape.Type
	for t, n := range f.Types {
		if n > 0 {
			types = append(types, shape.Type(t))
		}
	}
	slices.SortStableFunc(types, func(a, b shape.Type) int {
		switch na, nb := f.Types[a], f.Types[b]; {
		case na > nb:
			return -1
		case na < nb:
			return 1
		}
		return 0
	})
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = typeName(t)
	}
	text := fmt.Sprintf("%s  %s", words.Share(f.Share(of)), strings.Join(names, " | "))
	if f.Sample != "" && types[0] != shape.Object && types[0] != shape.Array {
		text += "  " + f.Sample
	}
	return text
}

func typeName(t shape.Type) string {
	switch t {
	case shape.Integer:
		return lang.L("integer")
	case shape.Decimal:
		return lang.L("decimal")
	case shape.Boolean:
		return lang.L("boolean")
	case shape.Empty:
		return lang.L("empty")
	case shape.Null:
		return "null"
	case shape.Object:
		return lang.L("object")
	case shape.Array:
		return lang.L("array")
	case shape.Binary:
		return lang.L("binary")
	case shape.Large:
		return lang.L("too large to look into")
	}
	return lang.L("text")
}

func (g *shapePage) key(name fyne.KeyName) bool {
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

func (g *shapePage) close() {
	g.panel.Close()
	if g.before != nil {
		g.canvas.Focus(g.before)
	}
}
