package msglist

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/lang"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/draw"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// Sizes of the header, in Fyne units.
const (
	arrowSize  float32 = 16
	menuButton float32 = 24
	// gripRoom is how near the pointer must come to the end of a column to take it.
	gripRoom float32 = 4
)

var (
	_ fyne.Widget            = (*header)(nil)
	_ fyne.Tappable          = (*header)(nil)
	_ fyne.SecondaryTappable = (*header)(nil)
	_ fyne.Draggable         = (*header)(nil)
	_ desktop.Hoverable      = (*header)(nil)
	_ desktop.Cursorable     = (*header)(nil)
)

// header is the row of column titles: a click sorts by one, its right end can be dragged,
// and a button opens the menu of how the list looks.
type header struct {
	widget.BaseWidget
	list *List
	menu *widgets.IconButton
	// grip is the column whose end the pointer is on or drags, colBody for none.
	grip     column
	dragging bool
	width    float32 // of it, as far as it was dragged
}

func newHeader(l *List) *header {
	h := &header{list: l, grip: colBody}
	h.menu = widgets.NewIconButton(fynetheme.MoreHorizontalIcon(), lang.L("Columns, order and chart"), l.ShowMenu)
	h.ExtendBaseWidget(h)
	return h
}

func columnTitle(c column) string {
	return [columnCount]string{
		colTime: lang.L("Time"), colTopic: lang.L("Topic"), colTag: lang.L("Tag"), colKey: lang.L("Key"),
		colQueue: lang.L("Queue · offset"), colRetry: lang.L("Retry"), colSize: lang.L("Size"), colBody: lang.L("Body"),
	}[c]
}

// rightSide tells whether a column is written at its right end.
func rightSide(c column) bool { return c == colRetry || c == colSize }

// column is the one at x, ending the one whose end is there; colBody for none.
func (h *header) column(x float32) (at, ending column) {
	at, ending = colBody, colBody
	cols := h.list.columnsFor(h.Size().Width)
	for c := range colBody {
		cell := cols.cells[c]
		if cell.w <= 0 {
			continue
		}
		end := cell.x + cell.w + gapRoom/2
		if x >= cell.x-gapRoom/2 && x < end {
			at = c
		}
		if x >= end-gripRoom && x <= end+gripRoom {
			ending = c
		}
	}
	return at, ending
}

// Tapped sorts by a column.
func (h *header) Tapped(e *fyne.PointEvent) {
	if at, ending := h.column(e.Position.X); ending == colBody && at != colBody {
		h.list.SortBy(at)
	}
}

// TappedSecondary opens the menu.
func (h *header) TappedSecondary(*fyne.PointEvent) { h.list.ShowMenu() }

// Dragged makes a column wider or narrower.
func (h *header) Dragged(e *fyne.DragEvent) {
	if !h.dragging {
		if _, h.grip = h.column(e.Position.X - e.Dragged.DX); h.grip == colBody {
			return
		}
		h.dragging, h.width = true, h.list.columnsFor(h.Size().Width).cells[h.grip].w
	}
	h.width += e.Dragged.DX
	h.list.resize(h.grip, h.width)
}

// DragEnd keeps the width.
func (h *header) DragEnd() {
	if h.dragging {
		h.dragging = false
		h.list.setLook(h.list.look)
	}
}

// Cursor is called by Fyne.
func (h *header) Cursor() desktop.Cursor {
	if h.grip != colBody {
		return desktop.HResizeCursor
	}
	return desktop.DefaultCursor
}

// MouseIn looks what the pointer is on.
func (h *header) MouseIn(e *desktop.MouseEvent) { h.MouseMoved(e) }

// MouseMoved looks what the pointer is on.
func (h *header) MouseMoved(e *desktop.MouseEvent) {
	if !h.dragging {
		_, h.grip = h.column(e.Position.X)
	}
}

// MouseOut forgets it.
func (h *header) MouseOut() {
	if !h.dragging {
		h.grip = colBody
	}
}

// headLook is all that the header's looks depend on.
type headLook struct {
	cols  columns
	order order
	dark  bool
}

func (h *header) look() headLook {
	return headLook{h.list.columnsFor(h.Size().Width), h.list.order, theme.IsDark()}
}

// headRenderer draws the header anew only where it looks otherwise: lists refresh all that
// stands above them, many times a second.
type headRenderer struct {
	*draw.Renderer
	head  *header
	drawn headLook
}

// Refresh is called by Fyne.
func (r *headRenderer) Refresh() {
	if look := r.head.look(); look != r.drawn {
		r.drawn = look
		r.Renderer.Refresh()
	}
}

// CreateRenderer is called by Fyne.
func (h *header) CreateRenderer() fyne.WidgetRenderer {
	ground, line, arrow := draw.Box(theme.Sunken, 0), draw.Box(theme.Line, 0), canvas.NewImageFromResource(nil)
	objects := []fyne.CanvasObject{ground, line}
	var titles [columnCount]*canvas.Text
	for c := range columnCount {
		titles[c] = draw.Text(columnTitle(c), theme.SizeCaption, theme.Muted, draw.Regular())
		if rightSide(c) {
			titles[c].Alignment = fyne.TextAlignTrailing
		}
		objects = append(objects, titles[c])
	}
	d := &draw.Renderer{Parts: append(objects, arrow, h.menu), Least: draw.Fixed(1, headerHeight)}
	d.Place = func(s fyne.Size) {
		draw.Place(ground, 0, 0, s.Width, s.Height)
		draw.Place(line, 0, s.Height-1, s.Width, 1)
		draw.Place(h.menu, s.Width-menuButton-2, 0, menuButton, s.Height-1)
		cols := h.list.columnsFor(s.Width)
		for c, t := range titles {
			h.placeTitle(column(c), t, arrow, cols.cells[c], s.Height)
		}
	}
	d.Paint = func() {
		ground.FillColor, line.FillColor = theme.Color(theme.Sunken), theme.Color(theme.Line)
		for _, t := range titles {
			t.Color = theme.Color(theme.Muted)
		}
		o := h.list.order
		icon := fynetheme.MenuDropUpIcon()
		if o.desc {
			icon = fynetheme.MenuDropDownIcon()
		}
		if !o.on || h.list.columnsFor(h.Size().Width).cells[o.by].w <= 0 {
			icon = nil
		}
		draw.Icon(arrow, icon, theme.Accent)
		d.Place(h.Size())
	}
	d.Paint()
	return &headRenderer{Renderer: d, head: h, drawn: h.look()}
}

// placeTitle puts a title into its column, with the arrow beside it if the list is in its
// order.
func (h *header) placeTitle(c column, t *canvas.Text, arrow *canvas.Image, at cell, height float32) {
	ordered := h.list.order.on && h.list.order.by == c
	room := at.w
	if ordered {
		room = max(at.w-arrowSize-2, 0)
	}
	wide := func(text string) float32 { return draw.Width(text, theme.SizeCaption, draw.Regular()) }
	t.Hidden, t.Text = at.w <= 0, widgets.CutEnd(columnTitle(c), room, wide)
	t.Move(fyne.NewPos(at.x, 0))
	t.Resize(fyne.NewSize(at.w, height))
	if !ordered {
		return
	}
	x := at.x + min(wide(t.Text)+2, room)
	if rightSide(c) {
		x = at.x + at.w - wide(t.Text) - arrowSize - 2
	}
	draw.Place(arrow, x, (height-arrowSize)/2, arrowSize, arrowSize)
}
