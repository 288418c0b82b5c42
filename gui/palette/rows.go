package palette

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/draw"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// So many rows are seen at once, each so high.
const (
	seen              = 8
	rowHeight float32 = 34
)

var (
	_ fyne.Widget       = (*rows)(nil)
	_ fyne.Tappable     = (*rows)(nil)
	_ fyne.Scrollable   = (*rows)(nil)
	_ desktop.Hoverable = (*rows)(nil)
)

// rows lists what was found. It takes no focus: the field above keeps that.
type rows struct {
	widget.BaseWidget

	found         []Command
	first, chosen int
	run           func(int)
}

func newRows(found []Command, run func(int)) *rows {
	r := &rows{found: found, run: run}
	r.ExtendBaseWidget(r)
	return r
}

func (r *rows) set(found []Command) {
	r.found, r.first, r.chosen = found, 0, 0
	r.Refresh()
}

// move chooses another row, and brings it into sight.
func (r *rows) move(by int) {
	r.chosen = min(max(r.chosen+by, 0), max(len(r.found)-1, 0))
	r.first = min(max(r.first, r.chosen-seen+1), r.chosen)
	r.Refresh()
}

// at is the row at a place, -1 for none.
func (r *rows) at(y float32) int {
	i := r.first + int(y/rowHeight)
	if y < 0 || i >= len(r.found) || i >= r.first+seen {
		return -1
	}
	return i
}

// Tapped runs a row.
func (r *rows) Tapped(e *fyne.PointEvent) { r.run(r.at(e.Position.Y)) }

// Scrolled moves the rows under the pointer.
func (r *rows) Scrolled(e *fyne.ScrollEvent) {
	step := 1
	if e.Scrolled.DY > 0 {
		step = -1
	}
	r.first = min(max(r.first+step, 0), max(len(r.found)-seen, 0))
	r.chosen = min(max(r.chosen, r.first), r.first+seen-1)
	r.Refresh()
}

// MouseIn chooses what is under the pointer, as MouseMoved does.
func (r *rows) MouseIn(e *desktop.MouseEvent) { r.MouseMoved(e) }

// MouseOut leaves the choice.
func (r *rows) MouseOut() {}

// MouseMoved chooses the row under the pointer.
func (r *rows) MouseMoved(e *desktop.MouseEvent) {
	if i := r.at(e.Position.Y); i >= 0 && i != r.chosen {
		r.chosen = i
		r.Refresh()
	}
}

// rowParts are the objects of one row.
type rowParts struct {
	ground             *canvas.Rectangle
	icon               *canvas.Image
	title, about, keys *canvas.Text
}

// CreateRenderer is called by Fyne.
func (r *rows) CreateRenderer() fyne.WidgetRenderer {
	var parts [seen]rowParts
	none := draw.Text("", theme.SizeText, theme.Muted, draw.Regular())
	d := &draw.Renderer{Least: draw.Fixed(200, seen*rowHeight), Parts: []fyne.CanvasObject{none}}
	for i := range parts {
		p := &parts[i]
		p.ground, p.icon = draw.Box(theme.None, 4), canvas.NewImageFromResource(nil)
		p.title = draw.Text("", theme.SizeText, theme.Text, draw.Regular())
		p.about = draw.Text("", theme.SizeCaption, theme.Muted, draw.Regular())
		p.keys = draw.Text("", theme.SizeCaption, theme.Muted, draw.Regular())
		d.Parts = append(d.Parts, p.ground, p.icon, p.title, p.about, p.keys)
	}
	d.Place = func(s fyne.Size) {
		draw.Place(none, 10, 0, s.Width, rowHeight)
		for i := range parts {
			r.place(&parts[i], r.first+i, float32(i)*rowHeight, s.Width)
		}
	}
	d.Paint = func() {
		none.Text, none.Color = "", theme.Color(theme.Muted)
		if len(r.found) == 0 {
			none.Text = lang.L("Nothing of that name.")
		}
		for i := range parts {
			r.paint(&parts[i], r.first+i)
		}
		d.Place(r.Size())
	}
	d.Paint()
	return d
}

// command is that of a row, the zero one below the last.
func (r *rows) command(i int) Command {
	if i < len(r.found) {
		return r.found[i]
	}
	return Command{}
}

func (r *rows) paint(p *rowParts, i int) {
	c := r.command(i)
	p.ground.FillColor = theme.Color(inkOf(i == r.chosen && i < len(r.found)))
	draw.Icon(p.icon, c.Icon, theme.Muted)
	p.title.Color, p.about.Color = theme.Color(theme.Text), theme.Color(theme.Muted)
	p.keys.Text, p.keys.Color = c.Keys, theme.Color(theme.Muted)
}

// place lays a row out; what has no room is cut, anew from the whole.
func (r *rows) place(p *rowParts, i int, y, width float32) {
	c := r.command(i)
	draw.Place(p.ground, 0, y, width, rowHeight)
	draw.Place(p.icon, 10, y+9, 16, 16)
	keys := draw.Width(p.keys.Text, theme.SizeCaption, draw.Regular())
	draw.Place(p.keys, width-10-keys, y, keys, rowHeight)
	room := width - 36 - keys - 20
	p.title.Text = widgets.CutMiddle(c.Title, room, func(s string) float32 { return draw.Width(s, theme.SizeText, draw.Regular()) })
	title := draw.Width(p.title.Text, theme.SizeText, draw.Regular())
	draw.Place(p.title, 36, y, title, rowHeight)
	p.about.Text = widgets.CutEnd(c.About, room-title-10, func(s string) float32 { return draw.Width(s, theme.SizeCaption, draw.Regular()) })
	draw.Place(p.about, 36+title+10, y, max(room-title-10, 0), rowHeight)
}
