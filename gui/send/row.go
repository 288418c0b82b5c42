package send

import (
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/lang"
	fynetheme "fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/gui/draw"
	"gantry/gui/msglist"
	"gantry/gui/problem"
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
	tookWidth float32 = 42

	arrivedWidth float32 = 58
	fateWidth    float32 = 66 // what stands there instead where a group was looked at
)

// clock is how times are written.
const clock = "15:04:05.000"

var _ fyne.Widget = (*receiptRow)(nil)

// receiptRow draws one entry. A message: icon, time, topic or id, queue and offset, time
// taken, and when it arrived, or a sentence instead of the last ones. A run: icon, time,
// and how it stands.
type receiptRow struct {
	widget.BaseWidget
	p      *sentPane
	titles bool // the header
	e      *entry
	picked bool // chosen with others
	retry  *widgets.Button
}

func newReceiptRow(p *sentPane) *receiptRow {
	w := &receiptRow{p: p}
	w.retry = widgets.NewButton(lang.L("Retry"), nil, widgets.Quiet, func() { w.p.s.again(w.e) })
	w.retry.Hide()
	w.ExtendBaseWidget(w)
	return w
}

func (w *receiptRow) set(e *entry, picked bool) {
	w.e, w.picked = e, picked
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

// columns are where the parts of a row stand.
type columns struct{ time, name, place, took, arrived, last float32 }

func (w *receiptRow) columns(width float32) columns {
	c := columns{time: edge + signWidth + gap}
	c.last = arrivedWidth
	if w.p.settled() != nil {
		c.last = fateWidth
	}
	c.arrived = width - edge + 2 - c.last
	c.took = c.arrived - gap - tookWidth
	c.name = c.time + timeWidth + gap
	c.place = c.name
	if !w.p.narrow {
		c.place = c.name + min(max((c.took-c.name)*0.38, idWidth), 150) + gap
	}
	return c
}

// cells returns what stands in a row of the given width.
func (w *receiptRow) cells(width float32) []cell {
	c := w.columns(width)
	switch {
	case w.titles:
		return w.titleCells(c)
	case w.e == nil || w.e.run == nil && w.e.sent == nil && w.e.err == nil:
		return nil
	case w.e.run != nil:
		return w.runCells(c, width)
	case w.e.err != nil:
		return []cell{{text: problem.Explain(w.e.err).What, token: theme.Muted, x: c.time, w: width - edge - c.time}}
	}
	return w.values(c, width)
}

func (w *receiptRow) titleCells(c columns) []cell {
	name, arrived := lang.L("Topic"), lang.L("Arrived")
	if w.p.settled() != nil {
		arrived = lang.L("Group")
	}
	if w.p.run != nil {
		name = lang.L("Id ends")
	}
	out := []cell{{text: lang.L("Time"), x: c.time, w: timeWidth}}
	if !w.p.narrow {
		out = append(out, cell{text: name, x: c.name, w: c.place - gap - c.name})
	}
	out = append(out,
		cell{text: lang.L("Queue · offset"), x: c.place, w: c.took - gap - c.place},
		cell{text: lang.L("Took"), x: c.took, w: tookWidth, right: true},
		cell{text: arrived, x: c.arrived, w: c.last, right: true})
	for i := range out {
		out[i].token = theme.Muted
	}
	return out
}

// runCells say what a run is and how it stands.
func (w *receiptRow) runCells(c columns, width float32) []cell {
	r := w.e.run
	left := lang.L("{{.Count}} to {{.Topic}}", map[string]any{"Count": widgets.Count(uint64(r.Planned)), "Topic": w.p.s.targets(r.Topic)})
	word, token := phaseWord(r.Phase)
	if bad := r.Counts.Failed + r.Counts.Uncertain; bad > 0 && r.Phase.Over() {
		word, token = lang.L("{{.Count}} not stored for certain", map[string]any{"Count": widgets.Count(uint64(bad))}), theme.Warn
	}
	at := float32(0)
	at = min(fyne.MeasureText(word, theme.SizeCaption, fyne.TextStyle{}).Width+1, 170)
	return []cell{
		{text: timeText(r.Begun, time.Now()), token: theme.Text, mono: true, x: c.time, w: timeWidth},
		{text: left, token: theme.Text, x: c.name, w: width - edge - at - gap - c.name},
		{text: word, token: token, x: width - edge - at, w: at, right: true},
	}
}

func (w *receiptRow) values(c columns, width float32) []cell {
	x := w.e.sent
	st := stateOf(x)
	out := []cell{{text: timeText(x.Leave.At, time.Now()), token: theme.Text, mono: true, x: c.time, w: timeWidth}}
	rest := width - edge - c.name
	if w.retry.Visible() {
		rest -= w.retry.MinSize().Width
	}
	r := x.Receipt
	switch {
	case x.State == outbox.UnderWay:
		return append(out, cell{text: st.word + " " + w.name(x), token: theme.Muted, x: c.name, w: rest})
	case x.State == outbox.Failed:
		return append(out, cell{text: st.why.What, token: theme.Err, x: c.name, w: rest})
	case x.State == outbox.Uncertain && (x.Arrival == nil || x.Arrival.Proof != message.ProofArrived):
		return append(out, cell{text: st.word + " · " + st.why.What, token: theme.Warn, x: c.name, w: rest})
	}
	if !w.p.narrow {
		out = append(out, cell{text: w.name(x), token: theme.Muted, mono: true, x: c.name, w: c.place - gap - c.name})
	}
	if r == nil {
		return out
	}
	if text := halfText(x, time.Now()); text != "" {
		return append(out, cell{text: text, token: theme.Text, x: c.place, w: min(width-edge, c.name+rest) - c.place})
	}
	room := c.took - gap - c.place
	place := cell{text: placeText(r, room), token: theme.Text, mono: r.Due.IsZero(), x: c.place, w: room}
	if x.Half != nil {
		place = cell{text: st.word, token: theme.Text, x: c.place, w: room}
	}
	if r.Status != message.StatusOK {
		place = cell{text: st.word, token: st.token, x: c.place, w: room}
	}
	if request(x) && r.Status.Stored() {
		text, token := replyText(x, time.Now())
		place = cell{text: text, token: token, x: c.place, w: room}
	}
	if x.Recall != nil {
		place = cell{text: st.word, token: st.token, x: c.place, w: room}
	}
	arrived, token := arrivalText(x, time.Now())
	if settled := w.p.settled(); settled != nil {
		arrived, token = fateText(settled, x)
	}
	return append(out, place,
		cell{text: milliseconds(r.Took), token: theme.Muted, x: c.took, w: tookWidth, right: true},
		cell{text: arrived, token: token, x: c.arrived, w: c.last, right: true})
}

// name tells a row from others: within a run by the end of its id, else by its topic.
func (w *receiptRow) name(x *outbox.Sent) string {
	if w.p.run != nil {
		return idEnd(x.Leave.ID)
	}
	if x.Draft == nil {
		return ""
	}
	return w.p.s.p.Profile.ShortName(x.Draft.Topic)
}

// timeText is when something was sent: with its day where that is not today.
func timeText(at, now time.Time) string {
	at = at.Local()
	if y, m, d := at.Date(); y != now.Year() || m != now.Month() || d != now.Day() {
		return at.Format("01-02 15:04")
	}
	return at.Format(clock)
}

// arrivalText says when a message arrived, against when it was sent, or is due.
func arrivalText(x *outbox.Sent, now time.Time) (string, theme.Token) {
	a, r := x.Arrival, x.Receipt
	switch {
	case x.Back() && (a == nil || a.Proof == message.ProofNotFound):
		return "—", theme.Muted
	case a == nil && r != nil && r.Due.After(now):
		return lang.L("due in {{.Time}}", map[string]any{"Time": words.Span(r.Due.Sub(now))}), theme.Muted
	case a == nil && now.Sub(sentAt(x)) < unsettledFor:
		return "…", theme.Muted
	case a == nil:
		return lang.L("not read"), theme.Muted
	}
	switch a.Proof {
	case message.ProofArrived:
		if after := a.SeenAt.Sub(sentAt(x)); after >= time.Millisecond {
			return "+" + milliseconds(after), theme.OK
		}
		return milliseconds(0), theme.OK
	case message.ProofDiffers:
		return lang.L("differs"), theme.Err
	case message.ProofMissing, message.ProofNotFound:
		return lang.L("not seen"), theme.Warn
	}
	return lang.L("not read"), theme.Muted
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
// "broker-a · 2 · 1820447", or as lists of messages have it, "a2 · 1820447".
func queueText(r *message.Receipt, room float32) string {
	full := fmt.Sprintf("%s · %d · %d", r.Broker, r.QueueID, r.QueueOffset)
	if float32(len([]rune(full)))*widgets.Cell <= room {
		return full
	}
	short := fmt.Sprintf("%s · %d", msglist.ShortQueue(r.Broker, r.QueueID), r.QueueOffset)
	if float32(len([]rune(short)))*widgets.Cell <= room {
		return short
	}
	return fmt.Sprintf("%d · %d", r.QueueID, r.QueueOffset)
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
	if w.titles || w.e == nil {
		return nil
	}
	if w.e.run != nil {
		_, token := phaseWord(w.e.run.Phase)
		return theme.Icon(fynetheme.MediaReplayIcon(), token)
	}
	if w.e.sent == nil {
		return nil
	}
	res := fynetheme.ConfirmIcon()
	token := stateOf(w.e.sent).token
	switch {
	case w.e.sent.State == outbox.UnderWay:
		res = fynetheme.MailSendIcon()
	case waits(w.e.sent):
		res = fynetheme.HistoryIcon()
	case token == theme.Warn:
		res = fynetheme.WarningIcon()
	case token == theme.Err:
		res = fynetheme.ErrorIcon()
	}
	return theme.Icon(res, token)
}

// CreateRenderer is called by Fyne.
func (w *receiptRow) CreateRenderer() fyne.WidgetRenderer {
	r := &rowRenderer{w: w, icon: canvas.NewImageFromResource(nil), ground: draw.Box(theme.Sel, 0)}
	r.icon.FillMode = canvas.ImageFillContain
	for range 5 {
		t := canvas.NewText("", theme.Color(theme.Text))
		t.TextSize = theme.SizeCaption
		r.texts = append(r.texts, t)
	}
	r.Refresh()
	return r
}

type rowRenderer struct {
	w      *receiptRow
	ground *canvas.Rectangle
	icon   *canvas.Image
	texts  []*canvas.Text
}

func (r *rowRenderer) Destroy() {}

func (r *rowRenderer) MinSize() fyne.Size { return fyne.NewSize(160, 24) }

func (r *rowRenderer) Objects() []fyne.CanvasObject {
	out := []fyne.CanvasObject{r.ground, r.icon, r.w.retry}
	for _, t := range r.texts {
		out = append(out, t)
	}
	return out
}

func (r *rowRenderer) Layout(s fyne.Size) {
	r.ground.Resize(s)
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
	if e := r.w.e; e != nil && r.w.p.s.canAgain(e) && e.sent.State == outbox.Failed && r.w.p.run == nil {
		r.w.retry.Show()
	} else {
		r.w.retry.Hide()
	}
	r.ground.FillColor = theme.Color(theme.Sel)
	draw.Show(r.ground, r.w.picked)
	r.icon.Resource = r.w.mark()
	if r.icon.Resource == nil {
		r.icon.Hide()
	} else {
		r.icon.Show()
	}
	r.icon.Refresh()
	r.Layout(r.w.Size())
}
