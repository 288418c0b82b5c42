package send

import (
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/lang"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"gantry/client/message"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// Columns of a receipt, in Fyne units.
const (
	edge      float32 = 14
	gap       float32 = 8
	signWidth float32 = 18
	timeWidth float32 = 88
	idWidth   float32 = 62
	tookWidth float32 = 48
)

// clock is how times are written.
const clock = "15:04:05.000"

var _ fyne.Widget = (*receiptRow)(nil)

// receiptRow draws one send: icon, time, id, queue and offset, time taken; or a
// sentence instead of the last three.
type receiptRow struct {
	widget.BaseWidget
	r      *receipts
	titles bool // the header
	x      *sent
	retry  *widgets.Button
}

func newReceiptRow(r *receipts) *receiptRow {
	w := &receiptRow{r: r}
	w.retry = widgets.NewButton(lang.L("Retry"), nil, widgets.Quiet, func() { w.r.retry(w.x) })
	w.retry.Hide()
	w.ExtendBaseWidget(w)
	return w
}

func (w *receiptRow) set(x *sent) {
	w.x = x
	w.Refresh()
}

// cell is one text with its place.
type cell struct {
	text  string
	token theme.Token
	mono  bool
	x, w  float32
	right bool
}

// cells returns what stands in a row of the given width.
func (w *receiptRow) cells(width float32) []cell {
	x := edge + signWidth + gap
	took := width - edge + 2 - tookWidth
	if w.titles {
		out := []cell{{text: lang.L("Time"), x: x, w: timeWidth}}
		x += timeWidth + gap
		if !w.r.narrow {
			out = append(out, cell{text: lang.L("Id ends"), x: x, w: idWidth})
			x += idWidth + gap
		}
		out = append(out, cell{text: lang.L("Queue · offset"), x: x, w: took - gap - x}, cell{text: lang.L("Took"), x: took, w: tookWidth, right: true})
		for i := range out {
			out[i].token = theme.Muted
		}
		return out
	}
	if w.x == nil {
		return nil
	}
	return w.values(x, took, width)
}

func (w *receiptRow) values(x, took, width float32) []cell {
	st, r := stateOf(w.x), &w.x.receipt
	out := []cell{{text: w.x.sentAt().Format(clock), token: theme.Text, mono: true, x: x, w: timeWidth}}
	x += timeWidth + gap
	switch {
	case w.x.pending:
		return append(out, cell{text: st.word + " " + w.x.topic, token: theme.Muted, x: x, w: width - edge - x})
	case w.x.err != nil || r.Status == message.StatusFailed:
		room := width - edge - x
		if w.retry.Visible() {
			room -= w.retry.MinSize().Width
		}
		return append(out, cell{text: st.why.What, token: theme.Err, x: x, w: room})
	case r.Status == message.StatusUncertain:
		return append(out, cell{text: st.word + " · " + st.why.What, token: theme.Warn, x: x, w: width - edge - x})
	}
	if r.Status != message.StatusOK {
		word := fyne.MeasureText(st.word, theme.SizeCaption, fyne.TextStyle{}).Width
		out = append(out, cell{text: st.word, token: theme.Warn, x: x, w: word + 1})
		x += word + gap
	} else if !w.r.narrow {
		out = append(out, cell{text: idEnd(r.MessageID), token: theme.Muted, mono: true, x: x, w: idWidth})
		x += idWidth + gap
	}
	room := took - gap - x
	return append(out,
		cell{text: placeText(r, room), token: theme.Text, mono: r.Due.IsZero(), x: x, w: room},
		cell{text: milliseconds(r.Took), token: theme.Muted, x: took, w: tookWidth, right: true})
}

// idEnd is the end of a message id, where ids differ.
func idEnd(id string) string {
	if len(id) <= 7 {
		return id
	}
	return "…" + id[len(id)-7:]
}

// placeText is where a message landed, or when it is delivered.
func placeText(r *message.Receipt, room float32) string {
	if r.Due.IsZero() {
		return queueText(r, room)
	}
	return lang.L("due {{.Time}}", map[string]any{"Time": words.Clock(r.Due, r.SentAt)})
}

// queueText is where a message landed, as long as the room allows:
// "broker-a · 2 · 1820447" or "a2 · 1820447".
func queueText(r *message.Receipt, room float32) string {
	full := fmt.Sprintf("%s · %d · %d", r.Broker, r.QueueID, r.QueueOffset)
	if float32(len([]rune(full)))*widgets.Cell <= room {
		return full
	}
	short := r.Broker[strings.LastIndexAny(r.Broker, "-_")+1:]
	return fmt.Sprintf("%s%d · %d", short, r.QueueID, r.QueueOffset)
}

func milliseconds(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return "<1 ms"
	case d >= 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}

// mark is the icon at the left.
func (w *receiptRow) mark() fyne.Resource {
	if w.x == nil || w.titles {
		return nil
	}
	res := fynetheme.ConfirmIcon()
	token := stateOf(w.x).token
	switch {
	case w.x.pending:
		res = fynetheme.MailSendIcon()
	case token == theme.Warn:
		res = fynetheme.WarningIcon()
	case token == theme.Err:
		res = fynetheme.ErrorIcon()
	}
	return theme.Icon(res, token)
}

// CreateRenderer is called by Fyne.
func (w *receiptRow) CreateRenderer() fyne.WidgetRenderer {
	r := &rowRenderer{w: w, icon: canvas.NewImageFromResource(nil)}
	r.icon.FillMode = canvas.ImageFillContain
	for range 4 {
		t := canvas.NewText("", theme.Color(theme.Text))
		t.TextSize = theme.SizeCaption
		r.texts = append(r.texts, t)
	}
	r.Refresh()
	return r
}

type rowRenderer struct {
	w     *receiptRow
	icon  *canvas.Image
	texts []*canvas.Text
}

func (r *rowRenderer) Destroy() {}

func (r *rowRenderer) MinSize() fyne.Size { return fyne.NewSize(160, 24) }

func (r *rowRenderer) Objects() []fyne.CanvasObject {
	out := []fyne.CanvasObject{r.icon, r.w.retry}
	for _, t := range r.texts {
		out = append(out, t)
	}
	return out
}

func (r *rowRenderer) Layout(s fyne.Size) {
	r.icon.Move(fyne.NewPos(edge, (s.Height-16)/2))
	r.icon.Resize(fyne.NewSquareSize(16))
	m := r.w.retry.MinSize()
	r.w.retry.Move(fyne.NewPos(s.Width-m.Width-4, 1))
	r.w.retry.Resize(fyne.NewSize(m.Width, s.Height-2))
	cells := r.w.cells(s.Width)
	for i, t := range r.texts {
		if i >= len(cells) {
			t.Hide()
			continue
		}
		c := cells[i]
		style := fyne.TextStyle{Monospace: c.mono}
		t.TextStyle, t.Color, t.Alignment = style, theme.Color(c.token), fyne.TextAlignLeading
		if c.right {
			t.Alignment = fyne.TextAlignTrailing
		}
		if c.mono {
			t.Text = widgets.TextCut(c.text, c.w+1)
		} else {
			t.Text = widgets.CutEnd(c.text, c.w, func(x string) float32 { return fyne.MeasureText(x, theme.SizeCaption, style).Width })
		}
		t.Move(fyne.NewPos(c.x, 0))
		t.Resize(fyne.NewSize(max(c.w, 0), s.Height))
		t.Show()
		t.Refresh()
	}
}

func (r *rowRenderer) Refresh() {
	x := r.w.x
	if x != nil && x.again() && stateOf(x).token == theme.Err {
		r.w.retry.Show()
	} else {
		r.w.retry.Hide()
	}
	r.icon.Resource = r.w.mark()
	if r.icon.Resource == nil {
		r.icon.Hide()
	} else {
		r.icon.Show()
	}
	r.icon.Refresh()
	r.Layout(r.w.Size())
}
