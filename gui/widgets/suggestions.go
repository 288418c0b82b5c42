package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

// At most so many suggestions are seen at once, each so high.
const (
	suggestionRows         = 8
	suggestionRow  float32 = 28
)

var (
	_ fyne.Widget       = (*suggestions)(nil)
	_ fyne.Focusable    = (*suggestions)(nil)
	_ fyne.Tabbable     = (*suggestions)(nil)
	_ fyne.Shortcutable = (*suggestions)(nil)
	_ fyne.Scrollable   = (*suggestions)(nil)
)

// suggestions is the list below a Completion. It has the focus of its overlay
// and hands to the entry what is not its own.
type suggestions struct {
	touch

	entry  *Completion
	items  []string
	marked int // -1: none, Enter belongs to the entry
	first  int // the first item seen
}

func newSuggestions(c *Completion) *suggestions {
	s := &suggestions{entry: c, marked: -1}
	s.ExtendBaseWidget(s)
	return s
}

func (s *suggestions) set(items []string) {
	s.items, s.marked, s.first = items, -1, 0
	s.Refresh()
}

func (s *suggestions) rows() int { return min(len(s.items), suggestionRows) }

// mark moves the mark and keeps it in sight.
func (s *suggestions) mark(i int) {
	s.marked = min(max(i, 0), len(s.items)-1)
	s.first = min(max(s.first, s.marked-s.rows()+1), s.marked)
	s.Refresh()
}

func (s *suggestions) AcceptsTab() bool { return true }

func (s *suggestions) TypedRune(r rune) { s.entry.Entry.TypedRune(r) }

func (s *suggestions) TypedShortcut(sc fyne.Shortcut) { s.entry.TypedShortcut(sc) }

func (s *suggestions) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyDown:
		s.mark(s.marked + 1)
	case fyne.KeyUp:
		s.mark(s.marked - 1)
	case fyne.KeyPageDown:
		s.mark(s.marked + s.rows())
	case fyne.KeyPageUp:
		s.mark(s.marked - s.rows())
	case fyne.KeyEscape:
		s.entry.Close()
	case fyne.KeyTab:
		c := s.entry.pop.Canvas
		s.entry.Close()
		c.FocusNext()
	case fyne.KeyReturn, fyne.KeyEnter:
		if s.marked >= 0 {
			s.entry.pick(s.items[s.marked])
			return
		}
		s.entry.Close()
		s.entry.TypedKey(k)
	default:
		s.entry.TypedKey(k)
	}
}

// Scrolled moves the window over the items.
func (s *suggestions) Scrolled(e *fyne.ScrollEvent) {
	step := 1
	if e.Scrolled.DY > 0 {
		step = -1
	}
	s.first = min(max(s.first+step, 0), len(s.items)-s.rows())
	s.Refresh()
}

func (s *suggestions) at(y float32) int {
	i := int((y-4)/suggestionRow) + s.first
	if y < 4 || i >= len(s.items) || i >= s.first+s.rows() {
		return -1
	}
	return i
}

func (s *suggestions) MouseMoved(e *desktop.MouseEvent) {
	if i := s.at(e.Position.Y); i >= 0 && i != s.marked {
		s.marked = i
		s.Refresh()
	}
}

func (s *suggestions) Tapped(e *fyne.PointEvent) {
	if i := s.at(e.Position.Y); i >= 0 {
		s.entry.pick(s.items[i])
	}
}

func (s *suggestions) CreateRenderer() fyne.WidgetRenderer {
	frame, mark, bar := draw.Box(theme.Pop, 8), draw.Box(theme.Sel, 4), draw.Box(theme.Field, 2)
	objects := []fyne.CanvasObject{frame, mark}
	words := make([]*canvas.Text, suggestionRows)
	for i := range words {
		words[i] = draw.Text("", theme.SizeText, theme.Text, draw.Regular())
		objects = append(objects, words[i])
	}
	d := &draw.Renderer{Parts: append(objects, bar)}
	d.Least = func() fyne.Size { return fyne.NewSize(120, float32(s.rows())*suggestionRow+8) }
	d.Place = func(size fyne.Size) {
		draw.Place(frame, 0, 0, size.Width, size.Height)
		draw.Place(mark, 4, 4+float32(s.marked-s.first)*suggestionRow, size.Width-8, suggestionRow)
		for i, w := range words {
			if s.first+i < len(s.items) {
				w.Text = CutEnd(s.items[s.first+i], size.Width-28, func(t string) float32 { return draw.Width(t, theme.SizeText, draw.Regular()) })
			}
			draw.Place(w, 12, 4+float32(i)*suggestionRow, size.Width-24, suggestionRow)
		}
		if n := float32(len(s.items)); n > 0 {
			track := size.Height - 8
			draw.Place(bar, size.Width-7, 4+track*float32(s.first)/n, 3, track*float32(s.rows())/n)
		}
	}
	d.Paint = func() {
		frame.FillColor, frame.StrokeColor, frame.StrokeWidth = theme.Color(theme.Pop), theme.Color(theme.InputLine), 1
		mark.FillColor, bar.FillColor = theme.Color(theme.Sel), theme.Color(theme.InputLine)
		draw.Show(mark, s.marked >= s.first && s.marked < s.first+s.rows())
		draw.Show(bar, len(s.items) > suggestionRows)
		for i, w := range words {
			w.Color = theme.Color(theme.Text)
			draw.Show(w, i < s.rows())
		}
		d.Place(s.Size())
	}
	d.Paint()
	return d
}
