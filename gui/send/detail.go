package send

import (
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/message"
	"gantry/gui/arrange"
	"gantry/gui/draw"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// detail shows the facts of one send, each to copy, and why it is not certain.
type detail struct {
	r       *receipts
	content *fyne.Container
	block   *fyne.Container
	chip    *widgets.Chip
	again   *widgets.Button
	where   *widgets.Button
	facts   *widgets.Facts
	why     *widgets.Paragraph
	more    *fyne.Container // Details and Copy
	open    *widgets.Button
	raw     *widgets.Paragraph
	shown   *sent
	details string
}

func newDetail(r *receipts) *detail {
	d := &detail{r: r, chip: widgets.NewChip(""), facts: widgets.NewFacts(), why: widgets.NewParagraph("", theme.Text)}
	d.facts.OnCopied = func(f widgets.Fact) {
		r.s.p.Say(lang.L("Copied: {{.What}}", map[string]any{"What": f.Label}))
	}
	d.again = widgets.NewButton(lang.L("Retry"), fynetheme.MediaReplayIcon(), widgets.Quiet, func() { r.retry(d.shown) })
	d.where = widgets.NewButton(lang.L("Where is it?"), nil, widgets.Quiet, func() {
		if d.located() {
			r.s.locate(&d.shown.receipt)
		}
	})
	d.raw = widgets.NewParagraph("", theme.Muted).Data()
	d.raw.Object().Hide()
	d.open = widgets.NewButton(lang.L("Details"), fynetheme.MenuExpandIcon(), widgets.Quiet, d.fold)
	d.more = container.NewHBox(d.open, widgets.NewButton(lang.L("Copy"), fynetheme.ContentCopyIcon(), widgets.Quiet, func() {
		fyne.CurrentApp().Clipboard().SetContent(d.details)
		r.s.p.Say(lang.L("Copied: {{.What}}", map[string]any{"What": lang.L("Details")}))
	}))
	leave := widgets.NewIconButton(fynetheme.WindowCloseIcon(), lang.L("Close"), func() { r.choose(nil) })
	head := container.NewBorder(nil, nil,
		container.New(layout.NewCustomPaddedHBoxLayout(8), container.NewCenter(widgets.NewWord(lang.L("Receipt"), theme.Text).Bold()), d.chip),
		container.NewHBox(d.again, d.where, leave))
	d.block = container.New(&arrange.Rows{Gap: 6}, head, d.why.Object(), d.more, d.raw.Object(), d.facts)
	body := container.NewVScroll(container.New(layout.NewCustomPaddedLayout(6, 10, 14, 10), d.block))
	pane := container.NewStack(widgets.NewGround(theme.Chrome), body)
	d.content = container.New(&arrange.Rows{Grow: pane}, widgets.NewRule(), pane)
	return d
}

// height is what it takes to show everything at the width there is.
func (d *detail) height() float32 { return d.block.MinSize().Height + 17 }

func (d *detail) fold() {
	if d.raw.Object().Visible() {
		d.raw.Object().Hide()
		d.open.SetIcon(fynetheme.MenuExpandIcon())
	} else {
		d.raw.Object().Show()
		d.open.SetIcon(fynetheme.MenuDropDownIcon())
	}
	d.block.Refresh()
	d.r.area.Refresh()
}

// located reports whether it is known where the message lies.
func (d *detail) located() bool {
	return d.shown != nil && d.r.s.p.Locate != nil && !d.shown.away && d.shown.receipt.Status.Stored() && d.shown.receipt.Broker != ""
}

// show puts a send in place.
func (d *detail) show(x *sent) {
	if d.shown != x {
		d.raw.Object().Hide()
		d.open.SetIcon(fynetheme.MenuExpandIcon())
	}
	d.shown = x
	st := stateOf(x)
	d.chip.Set(st.word, st.token, st.soft)
	draw.Show(d.again, x.again())
	draw.Show(d.where, d.located())
	d.again.SetText(lang.L("Retry"))
	if x.receipt.Status == message.StatusUncertain {
		d.again.SetText(lang.L("Send again"))
	}
	d.why.Set(st.why.Text(), theme.Text)
	draw.Show(d.why.Object(), st.why.Text() != "")
	d.details = st.why.Details
	d.raw.Set(d.details, theme.Muted)
	draw.Show(d.more, d.details != "")
	d.facts.Set(facts(x)...)
	d.block.Refresh()
}

// facts lists what is known; what is not is left out.
func facts(x *sent) []widgets.Fact {
	r := &x.receipt
	var out []widgets.Fact
	add := func(label, value string) {
		if value != "" {
			out = append(out, widgets.Fact{Label: label, Value: value, Mono: true, CopyTip: lang.L("Copy {{.What}}", map[string]any{"What": label})})
		}
	}
	topic := r.Topic
	if topic == "" && x.draft != nil {
		topic = x.draft.Topic
	}
	add(lang.L("Status"), string(r.Status))
	add(lang.L("Message id"), r.MessageID)
	add(lang.L("Offset id"), r.OffsetMessageID)
	add(lang.L("Topic"), topic)
	if !r.Due.IsZero() { // and the place is one in the broker's own waiting list
		add(lang.L("Due"), r.Due.Local().Format(time.DateOnly+" "+clock))
	} else if r.Status.Stored() {
		add(lang.L("Queue"), strconv.Itoa(r.QueueID))
		add(lang.L("Offset"), strconv.FormatInt(r.QueueOffset, 10))
	}
	add(lang.L("Broker"), r.Broker)
	if !x.pending && x.err == nil {
		add(lang.L("Took"), milliseconds(r.Took))
	}
	add(lang.L("Sent at"), x.sentAt().Format(time.DateOnly+" "+clock))
	return out
}
