package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

var (
	_ fyne.Widget    = (*Tabs)(nil)
	_ fyne.Focusable = (*Tabs)(nil)
)

// Tab is one label of Tabs, with a badge when that is not empty.
type Tab struct{ Text, Badge string }

// Tabs is a row of labels, 34 high and a line. It shows no content: OnChanged
// does. Left and Right move the focus mark, Space and Enter choose.
type Tabs struct {
	touch

	tabs   []Tab
	chosen int
	marked int // where Left and Right are
	under  int // the tab under the pointer, or -1

	// OnChanged runs when the user or Select chose another tab.
	OnChanged func(int)
}

// NewTabs returns tabs with the first one chosen.
func NewTabs(changed func(int), labels ...string) *Tabs {
	t := &Tabs{OnChanged: changed, under: -1}
	for _, l := range labels {
		t.tabs = append(t.tabs, Tab{Text: l})
	}
	t.act = func() { t.Select(t.marked) }
	t.OnKey = t.move
	t.ExtendBaseWidget(t)
	return t
}

// Selected returns the index of the chosen tab.
func (t *Tabs) Selected() int { return t.chosen }

// Select chooses a tab and runs OnChanged if it is another one. An index
// outside does nothing.
func (t *Tabs) Select(i int) {
	if i < 0 || i >= len(t.tabs) || i == t.chosen {
		return
	}
	t.chosen, t.marked = i, i
	t.Refresh()
	if t.OnChanged != nil {
		t.OnChanged(i)
	}
}

// SetBadge puts a short text beside a label; "" takes it away.
func (t *Tabs) SetBadge(i int, badge string) {
	if i >= 0 && i < len(t.tabs) && t.tabs[i].Badge != badge {
		t.tabs[i].Badge = badge
		t.Refresh()
	}
}

func (t *Tabs) move(k *fyne.KeyEvent) bool {
	switch k.Name {
	case fyne.KeyLeft:
		t.marked = max(t.marked-1, 0)
	case fyne.KeyRight:
		t.marked = min(t.marked+1, len(t.tabs)-1)
	default:
		return false
	}
	t.Refresh()
	return true
}

// span returns where tab i's label begins and how wide label and badge are.
// Labels take their bold width, so that choosing moves nothing.
func (t *Tabs) span(i int) (x, label, all float32) {
	x = 12
	for j := range t.tabs {
		label = draw.Width(t.tabs[j].Text, theme.SizeText, draw.Bold())
		all = label
		if b := t.tabs[j].Badge; b != "" {
			all += 7 + badgeWidth(b)
		}
		if j == i {
			break
		}
		x += all + 24
	}
	return x, label, all
}

func badgeWidth(s string) float32 { return max(draw.Width(s, theme.SizeChip, draw.Regular())+10, 16) }

// at returns the tab at x, or -1.
func (t *Tabs) at(x float32) int {
	for i := range t.tabs {
		from, _, all := t.span(i)
		if x >= from-12 && x < from+all+12 {
			return i
		}
	}
	return -1
}

// Tapped chooses the tab under the pointer.
func (t *Tabs) Tapped(e *fyne.PointEvent) { t.Select(t.at(e.Position.X)) }

// MouseMoved follows the pointer.
func (t *Tabs) MouseMoved(e *desktop.MouseEvent) {
	t.touch.MouseMoved(e)
	if at := t.at(e.Position.X); at != t.under {
		t.under = at
		t.Refresh()
	}
}

// MouseOut ends the hover.
func (t *Tabs) MouseOut() { t.under = -1; t.touch.MouseOut() }

// tabLabel is what one tab draws.
type tabLabel struct {
	word, count *canvas.Text
	badge       *canvas.Rectangle
}

// CreateRenderer is called by Fyne.
func (t *Tabs) CreateRenderer() fyne.WidgetRenderer {
	line, under, ring := draw.Box(theme.Line, 0), draw.Box(theme.Accent, 0), draw.Ring(4)
	labels := make([]tabLabel, len(t.tabs))
	objects := []fyne.CanvasObject{line}
	for i := range labels {
		labels[i] = tabLabel{draw.Text("", theme.SizeText, theme.Text, draw.Regular()), draw.Text("", theme.SizeChip, theme.Muted, draw.Regular()), draw.Box(theme.Hover, 8)}
		labels[i].count.Alignment = fyne.TextAlignCenter
		objects = append(objects, labels[i].badge, labels[i].word, labels[i].count)
	}
	d := &draw.Renderer{Parts: append(objects, under, ring)}
	d.Least = func() fyne.Size {
		if len(t.tabs) == 0 {
			return fyne.NewSize(0, 35)
		}
		x, _, all := t.span(len(t.tabs) - 1)
		return fyne.NewSize(x+all+12, 35)
	}
	d.Place = func(s fyne.Size) {
		draw.Place(line, 0, 34, s.Width, 1)
		for i, l := range labels {
			x, word, _ := t.span(i)
			draw.Place(l.word, x, 0, word, 34)
			b := badgeWidth(t.tabs[i].Badge)
			draw.Place(l.badge, x+word+7, 9, b, 16)
			draw.Place(l.count, x+word+7, 9, b, 16)
		}
		x, _, all := t.span(t.chosen)
		draw.Place(under, x-2, 33, all+4, 2)
		x, _, all = t.span(t.marked)
		draw.Place(ring, x-8, 4, all+16, 26)
	}
	d.Paint = func() { t.draw(labels); t.drawMarks(line, under, ring); d.Place(t.Size()) }
	d.Paint()
	return d
}

func (t *Tabs) draw(labels []tabLabel) {
	for i, l := range labels {
		token := theme.Muted
		if i == t.chosen || i == t.under {
			token = theme.Text
		}
		l.word.Text, l.word.Color, l.word.TextStyle = t.tabs[i].Text, theme.Color(token), draw.Weight(i == t.chosen)
		l.count.Text, l.count.Color = t.tabs[i].Badge, theme.Color(theme.Muted)
		l.badge.FillColor = theme.Color(theme.Hover)
		draw.Show(l.badge, t.tabs[i].Badge != "")
	}
}

func (t *Tabs) drawMarks(line, under, ring *canvas.Rectangle) {
	line.FillColor = theme.Color(theme.Line)
	under.FillColor = theme.Color(theme.Accent)
	draw.Show(under, len(t.tabs) > 0)
	draw.PaintRing(ring, t.focused)
}
