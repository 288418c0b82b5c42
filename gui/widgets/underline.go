package widgets

import (
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/filter"
	"gantry/gui/draw"
	"gantry/gui/theme"
)

// underline marks a part of the one line of an entry as wrong.
type underline struct {
	text     string // what the entry held: of another text the place says nothing
	from, to int    // in bytes; nothing if they are equal
	line     *canvas.Rectangle
}

// MarkWrong underlines the term of its text that an error of reading that as a filter names,
// until the text is another one. Where it names none, nothing is underlined.
func (e *Entry) MarkWrong(err error) {
	from, to := 0, 0
	if wrong := (*filter.WrongError)(nil); errors.As(err, &wrong) && wrong.To <= len(e.Text) {
		from, to = wrong.From, wrong.To
	}
	if u := &e.wrong; u.text != e.Text || u.from != from || u.to != to {
		u.text, u.from, u.to = e.Text, from, to
		e.Refresh()
	}
}

// Wrong is the part of the text that is underlined, "" for none.
func (e *Entry) Wrong() string {
	if u := e.wrong; u.text == e.Text {
		return u.text[u.from:u.to]
	}
	return ""
}

// underlined is the renderer of an Entry, with the line below what is wrong.
type underlined struct {
	*bare
	entry *Entry
}

// Refresh is called by Fyne.
func (r *underlined) Refresh() {
	r.bare.Refresh()
	r.underline()
}

// underline puts the line into what scrolls, so that it moves with the text and is cut with
// it. Most entries never have one.
func (r *underlined) underline() {
	e := r.entry
	u := &e.wrong
	if u.line == nil && e.Wrong() == "" {
		return
	}
	if u.line == nil || !r.has(u.line) {
		scroll := r.scroll()
		if scroll == nil {
			return
		}
		u.line = canvas.NewRectangle(nil)
		scroll.Content = container.New(&beneath{e}, scroll.Content, u.line)
		scroll.Refresh()
	}
	u.line.FillColor = theme.Color(theme.Err)
	draw.Show(u.line, e.Wrong() != "")
	e.placeUnderline()
	u.line.Refresh()
}

// has tells whether a line is one of this renderer: Fyne makes an entry another one where it
// was out of sight for long.
func (r *underlined) has(line *canvas.Rectangle) bool {
	scroll := r.scroll()
	if scroll == nil {
		return false
	}
	c, ok := scroll.Content.(*fyne.Container)
	return ok && c.Objects[1] == line
}

// scroll is that in which the text lies.
func (r *underlined) scroll() *container.Scroll {
	for _, o := range r.Objects() {
		if s, ok := o.(*container.Scroll); ok {
			return s
		}
	}
	return nil
}

// underlineHeight is that of the line, in Fyne units.
const underlineHeight float32 = 2

// placeUnderline puts the line where the wrong part stands.
func (e *Entry) placeUnderline() {
	u := &e.wrong
	if e.Wrong() == "" {
		return
	}
	th := e.Theme()
	inner, border := th.Size(fynetheme.SizeNameInnerPadding), th.Size(fynetheme.SizeNameInputBorder)
	size := th.Size(fynetheme.SizeNameText)
	width := func(s string) float32 { return fyne.MeasureText(s, size, e.TextStyle).Width }
	from, to := width(u.text[:u.from]), width(u.text[:u.to])
	height := fyne.MeasureText("M", size, e.TextStyle).Height
	draw.Place(u.line, inner+from, inner-border+height-underlineHeight/2, to-from, underlineHeight)
}

var _ fyne.Layout = (*beneath)(nil)

// beneath gives the text all the room and lays the line over it.
type beneath struct{ entry *Entry }

// MinSize is that of the text.
func (l *beneath) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

// Layout places both.
func (l *beneath) Layout(o []fyne.CanvasObject, s fyne.Size) {
	draw.Place(o[0], 0, 0, s.Width, s.Height)
	l.entry.placeUnderline()
}
