package widgets

import (
	"fyne.io/fyne/v2"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/draw"
	"gantry/gui/theme"
)

var (
	_ fyne.Widget      = (*Field)(nil)
	_ fyne.Disableable = (*Field)(nil)
	_ Holder           = (*Field)(nil)
)

// Field is a control of 30 or more with a caption above and a line below, which
// holds an error or a hint. It draws the border of the control (a crisp one,
// which Fyne's own is not) and asks for a small minimum width.
type Field struct {
	widget.BaseWidget

	caption string
	control fyne.CanvasObject
	framed  bool
	below   *Paragraph
	hint    string
	failed  string
	least   float32
}

// undressed is a control whose border is drawn by its Field, see bare.
type undressed interface{ undressed() }

// NewField puts a caption on a control. An empty caption takes no room.
func NewField(caption string, control fyne.CanvasObject) *Field {
	f := &Field{caption: caption, control: control, least: 96}
	f.below = newParagraph("", theme.Muted, fynetheme.SizeNameCaptionText, draw.Regular())
	_, f.framed = control.(undressed)
	f.ExtendBaseWidget(f)
	return f
}

// Held is the control, which nothing may hide.
func (f *Field) Held() []fyne.CanvasObject { return []fyne.CanvasObject{f.control} }

// Control returns what NewField was given.
func (f *Field) Control() fyne.CanvasObject { return f.control }

// SetCaption changes the caption.
func (f *Field) SetCaption(s string) { f.caption = s; f.Refresh() }

// SetHint shows a quiet line below unless there is an error.
func (f *Field) SetHint(s string) { f.hint = s; f.Refresh() }

// SetError shows a line in the error colour below and colours the border; ""
// takes both away.
func (f *Field) SetError(s string) {
	if f.failed != s {
		f.failed = s
		f.Refresh()
	}
}

// Enable lets the control be used.
func (f *Field) Enable() { f.able(true) }

// Disable greys the control and its frame.
func (f *Field) Disable() { f.able(false) }

// Disabled reports whether Disable is in force.
func (f *Field) Disabled() bool {
	d, ok := f.control.(fyne.Disableable)
	return ok && d.Disabled()
}

func (f *Field) able(on bool) {
	d, ok := f.control.(fyne.Disableable)
	switch {
	case !ok || d.Disabled() != on:
		return
	case on:
		d.Enable()
	default:
		d.Disable()
	}
	f.Refresh()
}

// Error returns the error shown, or "".
func (f *Field) Error() string { return f.failed }

// SetMinWidth sets the smallest width, 96 at first.
func (f *Field) SetMinWidth(w float32) *Field { f.least = w; f.Refresh(); return f }

func (f *Field) top() float32 {
	if f.caption == "" {
		return 0
	}
	return 19 // 16 of caption, 3 of room
}

// grows says whether the control takes the height that there is: one line of
// text in a tall box looks broken.
func (f *Field) grows() bool {
	if e, ok := f.control.(*Entry); ok {
		return e.MultiLine
	}
	return !f.framed
}

func (f *Field) controlHeight() float32 { return max(ControlHeight, f.control.MinSize().Height) }

// CreateRenderer is called by Fyne.
func (f *Field) CreateRenderer() fyne.WidgetRenderer {
	caption := draw.Text("", theme.SizeCaption, theme.Muted, draw.Regular())
	frame := draw.Box(theme.Surface, 5)
	below := f.below.Object()
	d := &draw.Renderer{Parts: []fyne.CanvasObject{caption, frame, f.control, below}}
	d.Least = func() fyne.Size {
		h := f.top() + f.controlHeight()
		if f.below.Text() != "" {
			h += 3 + below.MinSize().Height
		}
		w := f.least
		if !f.framed {
			w = f.control.MinSize().Width
		}
		return fyne.NewSize(max(w, draw.Width(f.caption, theme.SizeCaption, draw.Regular())), h)
	}
	d.Place = func(s fyne.Size) {
		draw.Place(caption, 0, 0, s.Width, 16)
		h, under := s.Height-f.top(), float32(0)
		if f.below.Text() != "" {
			below.Resize(fyne.NewSize(s.Width, below.MinSize().Height)) // wraps: the height follows the width
			under = below.MinSize().Height
			h -= under + 3
		}
		if !f.grows() {
			h = 0
		}
		h = max(h, f.controlHeight())
		draw.Place(below, 0, f.top()+h+3, s.Width, under)
		draw.Place(frame, 0, f.top(), s.Width, h)
		draw.Place(f.control, 0, f.top(), s.Width, h)
	}
	d.Paint = func() {
		caption.Text, caption.Color = f.caption, theme.Color(theme.Muted)
		frame.FillColor, frame.StrokeColor, frame.StrokeWidth = theme.Color(theme.Surface), theme.Color(theme.Field), 1
		if f.Disabled() {
			frame.FillColor, frame.StrokeColor = theme.Color(theme.Sunken), theme.Color(theme.InputLine)
		}
		f.below.Set(f.hint, theme.Muted)
		if f.failed != "" {
			f.below.Set(f.failed, theme.Err)
			frame.StrokeColor = theme.Color(theme.Err)
		}
		draw.Show(frame, f.framed)
		draw.Show(below, f.below.Text() != "")
		d.Place(f.Size())
	}
	d.Paint()
	return d
}
