package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

// At most so many suggestions are seen at once, each so high.
const (
	suggestionRows         = 8
	suggestionRow  float32 = 28
)

var (
	_ fyne.Widget       = (*Suggestions)(nil)
	_ fyne.Focusable    = (*Suggestions)(nil)
	_ fyne.Tabbable     = (*Suggestions)(nil)
	_ fyne.Shortcutable = (*Suggestions)(nil)
	_ fyne.Scrollable   = (*Suggestions)(nil)
)

// Suggestion is one of a list: what is taken, and a quiet word about it.
type Suggestion struct{ Text, About string }

// Suggester is what is typed into while suggestions stand below it.
type Suggester interface {
	fyne.CanvasObject
	fyne.Focusable
	fyne.Shortcutable
	// Suggested takes the suggestion of that index; the list is closed.
	Suggested(i int)
}

// Suggestions is the list below what is typed into. It lies in an overlay, has its focus,
// and hands to its owner what is not its own: Up and Down mark one, Enter takes it, Escape
// closes.
type Suggestions struct {
	touch

	// TabTakes says that Tab takes what is marked, as Enter does, and does not lead on.
	TabTakes bool

	owner  Suggester
	pop    *widget.PopUp
	items  []Suggestion
	marked int // -1: none, Enter belongs to the owner
	first  int // the first item seen
}

// NewSuggestions returns a list that is closed.
func NewSuggestions(owner Suggester) *Suggestions {
	s := &Suggestions{owner: owner, marked: -1}
	s.ExtendBaseWidget(s)
	return s
}

// Set changes what is suggested and which is marked, -1 for none.
func (s *Suggestions) Set(items []Suggestion, marked int) {
	s.items, s.marked, s.first = items, marked, 0
	s.Refresh()
}

// IsOpen reports whether the list is seen.
func (s *Suggestions) IsOpen() bool { return s.pop != nil && s.pop.Visible() }

// Open shows the list below a part of its owner, or above it where there is no room. It
// does nothing while the owner is in no window. A width below the list's own is that.
func (s *Suggestions) Open(at fyne.Position, below, width float32) {
	canvas := fyne.CurrentApp().Driver().CanvasForObject(s.owner)
	if canvas == nil {
		return
	}
	if s.pop == nil || s.pop.Canvas != canvas {
		s.pop = widget.NewPopUp(s, canvas)
	}
	at = at.Add(fyne.CurrentApp().Driver().AbsolutePositionForObject(s.owner))
	size := fyne.NewSize(max(width, s.MinSize().Width), s.MinSize().Height)
	y := at.Y + below + 2
	if room := canvas.Size().Height; y+size.Height > room && at.Y-size.Height-2 > 0 {
		y = at.Y - size.Height - 2
	}
	s.pop.ShowAtPosition(fyne.NewPos(max(min(at.X, canvas.Size().Width-size.Width), 0), y))
	s.pop.Resize(size)
	canvas.Focus(s)
}

// Close hides the list; its owner has the focus again.
func (s *Suggestions) Close() {
	if s.IsOpen() {
		canvas := s.pop.Canvas
		s.pop.Hide()
		canvas.Focus(s.owner)
	}
}

func (s *Suggestions) take(i int) {
	s.Close()
	s.owner.Suggested(i)
}

func (s *Suggestions) rows() int { return min(len(s.items), suggestionRows) }

// mark moves the mark and keeps it in sight.
func (s *Suggestions) mark(i int) {
	s.marked = min(max(i, 0), len(s.items)-1)
	s.first = min(max(s.first, s.marked-s.rows()+1), s.marked)
	s.Refresh()
}

// AcceptsTab is called by Fyne.
func (s *Suggestions) AcceptsTab() bool { return true }

// TypedRune goes to the owner.
func (s *Suggestions) TypedRune(r rune) { s.owner.TypedRune(r) }

// TypedShortcut goes to the owner.
func (s *Suggestions) TypedShortcut(sc fyne.Shortcut) { s.owner.TypedShortcut(sc) }

// TypedKey marks, takes or closes, and hands the rest to the owner.
func (s *Suggestions) TypedKey(k *fyne.KeyEvent) {
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
		s.Close()
	case fyne.KeyTab:
		if s.TabTakes && s.marked >= 0 {
			s.take(s.marked)
			return
		}
		c := s.pop.Canvas
		s.Close()
		c.FocusNext()
	case fyne.KeyReturn, fyne.KeyEnter:
		if s.marked >= 0 {
			s.take(s.marked)
			return
		}
		s.Close()
		s.owner.TypedKey(k)
	default:
		s.owner.TypedKey(k)
	}
}

// Scrolled moves the window over the items.
func (s *Suggestions) Scrolled(e *fyne.ScrollEvent) {
	step := 1
	if e.Scrolled.DY > 0 {
		step = -1
	}
	s.first = min(max(s.first+step, 0), len(s.items)-s.rows())
	s.Refresh()
}

func (s *Suggestions) at(y float32) int {
	i := int((y-4)/suggestionRow) + s.first
	if y < 4 || i >= len(s.items) || i >= s.first+s.rows() {
		return -1
	}
	return i
}

// MouseMoved marks what the pointer is on.
func (s *Suggestions) MouseMoved(e *desktop.MouseEvent) {
	if i := s.at(e.Position.Y); i >= 0 && i != s.marked {
		s.marked = i
		s.Refresh()
	}
}

// Tapped takes what the pointer is on.
func (s *Suggestions) Tapped(e *fyne.PointEvent) {
	if i := s.at(e.Position.Y); i >= 0 {
		s.take(i)
	}
}

// aboutWidth is the room of a quiet word at the right.
func aboutWidth(s string) float32 { return draw.Width(s, theme.SizeCaption, draw.Regular()) + 14 }

// least is the width that shows the words about the items beside them; without such words
// the owner says how wide the list is.
func (s *Suggestions) least() float32 {
	least := float32(120)
	for _, item := range s.items[:min(len(s.items), 4*suggestionRows)] {
		if item.About != "" {
			least = max(least, min(draw.Width(item.Text, theme.SizeText, draw.Regular())+28+16+aboutWidth(item.About), 480))
		}
	}
	return least
}

// CreateRenderer is called by Fyne.
func (s *Suggestions) CreateRenderer() fyne.WidgetRenderer {
	frame, mark, bar := draw.Box(theme.Pop, 8), draw.Box(theme.Sel, 4), draw.Box(theme.Field, 2)
	objects := []fyne.CanvasObject{frame, mark}
	words, abouts := make([]*canvas.Text, suggestionRows), make([]*canvas.Text, suggestionRows)
	for i := range words {
		words[i] = draw.Text("", theme.SizeText, theme.Text, draw.Regular())
		abouts[i] = draw.Text("", theme.SizeCaption, theme.Muted, draw.Regular())
		objects = append(objects, words[i], abouts[i])
	}
	d := &draw.Renderer{Parts: append(objects, bar)}
	d.Least = func() fyne.Size { return fyne.NewSize(s.least(), float32(s.rows())*suggestionRow+8) }
	d.Place = func(size fyne.Size) {
		draw.Place(frame, 0, 0, size.Width, size.Height)
		draw.Place(mark, 4, 4+float32(s.marked-s.first)*suggestionRow, size.Width-8, suggestionRow)
		for i, w := range words {
			about := float32(0)
			if s.first+i < len(s.items) {
				item := s.items[s.first+i]
				if abouts[i].Text = item.About; item.About != "" {
					about = aboutWidth(item.About)
				}
				w.Text = CutEnd(item.Text, size.Width-28-about, func(t string) float32 { return draw.Width(t, theme.SizeText, draw.Regular()) })
			}
			y := 4 + float32(i)*suggestionRow
			draw.Place(w, 12, y, size.Width-24-about, suggestionRow)
			draw.Place(abouts[i], size.Width-about, y, about, suggestionRow)
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
			w.Color, abouts[i].Color = theme.Color(theme.Text), theme.Color(theme.Muted)
			draw.Show(w, i < s.rows())
			draw.Show(abouts[i], i < s.rows())
		}
		d.Place(s.Size())
	}
	d.Paint()
	return d
}
