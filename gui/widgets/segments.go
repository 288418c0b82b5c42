package widgets

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

var (
	_ fyne.Widget    = (*Segments)(nil)
	_ fyne.Focusable = (*Segments)(nil)
)

// Segment is one choice of Segments; Dot is the colour of a dot before it, or
// theme.None.
type Segment struct {
	Text string
	Dot  theme.Token
}

// Segments is a choice of a few, side by side, 30 high. Left and Right choose.
type Segments struct {
	touch

	segments []Segment
	chosen   int

	// OnChanged runs when the user or Select chose another one.
	OnChanged func(int)
}

// NewSegments returns a control with the first one chosen.
func NewSegments(changed func(int), labels ...string) *Segments {
	s := make([]Segment, len(labels))
	for i, l := range labels {
		s[i].Text = l
	}
	return NewDotSegments(changed, s...)
}

// NewDotSegments is NewSegments with dots before the labels.
func NewDotSegments(changed func(int), segments ...Segment) *Segments {
	s := &Segments{OnChanged: changed, segments: segments}
	s.OnKey = s.move
	s.ExtendBaseWidget(s)
	return s
}

// Selected returns the index of the chosen one.
func (s *Segments) Selected() int { return s.chosen }

// Select chooses and runs OnChanged if it is another one.
func (s *Segments) Select(i int) {
	if i < 0 || i >= len(s.segments) || i == s.chosen || s.disabled {
		return
	}
	s.Set(i)
	if s.OnChanged != nil {
		s.OnChanged(i)
	}
}

// Set chooses without running OnChanged, for putting a form in place.
func (s *Segments) Set(i int) {
	if i >= 0 && i < len(s.segments) {
		s.chosen = i
		s.Refresh()
	}
}

// SetText changes the words of one segment.
func (s *Segments) SetText(i int, text string) {
	if i >= 0 && i < len(s.segments) && s.segments[i].Text != text {
		s.segments[i].Text = text
		s.Refresh()
	}
}

func (s *Segments) move(k *fyne.KeyEvent) bool {
	switch k.Name {
	case fyne.KeyLeft:
		s.Select(s.chosen - 1)
	case fyne.KeyRight:
		s.Select(s.chosen + 1)
	case fyne.KeySpace:
	default:
		return false
	}
	return true
}

// span returns where segment i begins and how wide it is.
func (s *Segments) span(i int) (x, w float32) {
	x = 2
	for j, g := range s.segments {
		w = draw.Width(g.Text, theme.SizeText, draw.Bold()) + 20
		if g.Dot != theme.None {
			w += 14
		}
		if j == i {
			break
		}
		x += w
	}
	return x, w
}

// Tapped chooses the one under the pointer.
func (s *Segments) Tapped(e *fyne.PointEvent) {
	for i := range s.segments {
		if x, w := s.span(i); e.Position.X >= x && e.Position.X < x+w {
			s.Select(i)
		}
	}
}

// CreateRenderer is called by Fyne.
func (s *Segments) CreateRenderer() fyne.WidgetRenderer {
	ground, on, ring := draw.Box(theme.SegBg, 5), draw.Box(theme.SegOn, 4), draw.Ring(5)
	on.StrokeWidth = 1
	objects := []fyne.CanvasObject{ground, on}
	words := make([]*canvas.Text, len(s.segments))
	dots := make([]*canvas.Circle, len(s.segments))
	for i := range words {
		words[i], dots[i] = draw.Text("", theme.SizeText, theme.Text, draw.Regular()), canvas.NewCircle(nil)
		words[i].Alignment = fyne.TextAlignCenter
		objects = append(objects, words[i], dots[i])
	}
	d := &draw.Renderer{Parts: append(objects, ring)}
	total := func() float32 {
		if len(s.segments) == 0 {
			return 4
		}
		x, w := s.span(len(s.segments) - 1)
		return x + w + 2
	}
	d.Least = func() fyne.Size { return fyne.NewSize(total(), ControlHeight) }
	d.Place = func(size fyne.Size) {
		draw.Place(ground, 0, 0, total(), ControlHeight)
		draw.Place(ring, 0, 0, total(), ControlHeight)
		x, w := s.span(s.chosen)
		draw.Place(on, x, 2, w, ControlHeight-4)
		for i := range words {
			x, w := s.span(i)
			if s.segments[i].Dot != theme.None {
				draw.Place(dots[i], x+10, 11, 8, 8)
				x, w = x+14, w-14
			}
			draw.Place(words[i], x, 2, w, ControlHeight-4)
		}
	}
	d.Paint = func() { s.draw(ground, on, words, dots); draw.PaintRing(ring, s.focused); d.Place(s.Size()) }
	d.Paint()
	return d
}

func (s *Segments) draw(ground, on *canvas.Rectangle, words []*canvas.Text, dots []*canvas.Circle) {
	ground.FillColor = theme.Color(theme.SegBg)
	on.FillColor, on.StrokeColor = theme.Color(theme.SegOn), theme.Color(theme.InputLine)
	draw.Show(on, len(words) > 0)
	for i, w := range words {
		token := theme.Muted
		if i == s.chosen {
			token = theme.Text
		}
		if s.disabled {
			token = theme.Disabled
		}
		w.Text, w.Color, w.TextStyle = s.segments[i].Text, theme.Color(token), draw.Weight(i == s.chosen)
		dots[i].FillColor = theme.Color(s.segments[i].Dot)
		draw.Show(dots[i], s.segments[i].Dot != theme.None)
	}
}
