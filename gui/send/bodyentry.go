package send

import (
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"gantry/gui/theme"
	"gantry/gui/widgets"
)

var _ fyne.Widget = (*bodyEntry)(nil)

// bodyEntry is the entry of the body. It hands over a paste that would make its
// text too long before Fyne lays it out.
type bodyEntry struct {
	widgets.Entry
	b *body
}

func newBodyEntry(s *Screen, b *body) *bodyEntry {
	e := &bodyEntry{b: b}
	e.MultiLine = true
	e.Wrapping = fyne.TextWrap(fyne.TextTruncateClip)
	e.TextStyle.Monospace = true
	e.ExtendBaseWidget(e)
	e.Entry.Entry.OnChanged = b.typed
	e.OnKey = func(k *fyne.KeyEvent) bool {
		switch k.Name {
		case fyne.KeyTab: // on to the next field, or there is no way out by key
			if d, ok := fyne.CurrentApp().Driver().(desktop.Driver); ok && d.CurrentKeyModifiers()&fyne.KeyModifierShift != 0 {
				s.p.Window.Canvas().FocusPrevious()
			} else {
				s.p.Window.Canvas().FocusNext()
			}
			return true
		case fyne.KeyEscape:
			s.p.Window.Canvas().Unfocus()
			return true
		}
		return false
	}
	return e
}

// MinSize asks for little: the form gives what there is.
func (e *bodyEntry) MinSize() fyne.Size {
	return fyne.NewSize(96, min(e.Entry.MinSize().Height, 76))
}

// TypedShortcut looks at a paste first.
func (e *bodyEntry) TypedShortcut(s fyne.Shortcut) {
	p, ok := s.(*fyne.ShortcutPaste)
	if !ok {
		if widgets.Edits(s) || !widgets.HandOn(e, s) {
			e.Entry.TypedShortcut(s)
		}
		return
	}
	// A clipboard of Windows ends lines with CR LF; what is typed ends them with
	// LF, and so does the rest of the text. A file keeps its bytes.
	text := strings.ReplaceAll(p.Clipboard.Content(), "\r\n", "\n")
	if len(e.Text)+len(text) <= entryLimit && textual([]byte(text)) {
		e.Entry.TypedShortcut(&fyne.ShortcutPaste{Clipboard: pasted(text)})
		return
	}
	if e.SelectedText() != "" {
		e.Entry.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDelete})
	}
	have := []rune(e.Text)
	at := min(e.CursorTextOffset(), len(have))
	e.b.set([]byte(string(have[:at])+text+string(have[at:])), lang.L("pasted"))
}

var _ fyne.Clipboard = pasted("")

// pasted is a clipboard that holds one text.
type pasted string

// Content returns the text.
func (p pasted) Content() string { return string(p) }

// SetContent does nothing.
func (pasted) SetContent(string) {}

// forget empties the entry without telling anyone, its undo history too.
func (e *bodyEntry) forget() {
	e.Entry.Entry.OnChanged = nil
	e.SetText("")
	e.Entry.Entry.OnChanged = e.b.typed
}

var _ fyne.Widget = (*frame)(nil)

// frame draws the border of a field.
type frame struct{ widget.BaseWidget }

// framed puts a field's border round an object.
func framed(o fyne.CanvasObject) fyne.CanvasObject {
	f := &frame{}
	f.ExtendBaseWidget(f)
	return container.NewStack(f, o)
}

// CreateRenderer is called by Fyne.
func (f *frame) CreateRenderer() fyne.WidgetRenderer {
	r := &frameRenderer{rect: canvas.NewRectangle(color.Transparent)}
	r.rect.CornerRadius, r.rect.StrokeWidth = 5, 1
	r.Refresh()
	return r
}

type frameRenderer struct{ rect *canvas.Rectangle }

func (r *frameRenderer) Layout(s fyne.Size)           { r.rect.Resize(s) }
func (r *frameRenderer) MinSize() fyne.Size           { return fyne.Size{} }
func (r *frameRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.rect} }
func (r *frameRenderer) Destroy()                     {}
func (r *frameRenderer) Refresh() {
	r.rect.FillColor, r.rect.StrokeColor = theme.Color(theme.Surface), theme.Color(theme.Field)
	r.rect.Refresh()
}
