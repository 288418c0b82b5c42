package send

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/gui/arrange"
	"gantry/gui/bodyview"
	"gantry/gui/draw"
	"gantry/gui/problem"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// detail shows the facts of one entry, each to copy, and why it is not certain; of a
// message the body too.
type detail struct {
	p       *sentPane
	content *fyne.Container
	block   *fyne.Container
	acts    *fyne.Container // the buttons
	title   *widgets.Word
	chip    *widgets.Chip
	commit  *widgets.Button // of a half message that waits
	back    *widgets.Button
	recall  *widgets.Button // of a message that waits for its time
	again   *widgets.Button
	edit    *widgets.Button
	where   *widgets.Button
	code    *widgets.Button
	open    *widgets.Button // of a run
	drop    *widgets.Button // deletes a run
	keep    *widgets.Button // or lets go again
	keepBox *fyne.Container
	facts   *widgets.Facts
	why     *widgets.Paragraph
	more    *fyne.Container // Details and Copy
	unfold  *widgets.Button
	raw     *widgets.Paragraph
	body    *bodyview.View
	bodyBox *fyne.Container
	bodies  *widgets.Segments // which body of a request is shown
	choice  *fyne.Container   // holds bodies
	shown   *entry
	drawn   []byte // the body that is shown
	details string
}

// bodyHeight is that of the body below the facts; mostShown is how much of it is shown.
const (
	bodyHeight float32 = 150
	mostShown          = 1 << 20
)

func newDetail(p *sentPane) *detail {
	d := &detail{p: p, title: widgets.NewWord("", theme.Text).Bold(), chip: widgets.NewChip(""), facts: widgets.NewFacts(), why: widgets.NewParagraph("", theme.Text)}
	d.facts.OnCopied = func(f widgets.Fact) {
		p.s.p.Say(lang.L("Copied: {{.What}}", map[string]any{"What": f.Label}))
	}
	d.commit = widgets.NewButton(lang.L("Commit"), fynetheme.ConfirmIcon(), widgets.Quiet, func() { p.s.decide(d.shown, message.Commit) })
	d.back = widgets.NewButton(lang.L("Roll back"), fynetheme.CancelIcon(), widgets.Quiet, func() { p.s.decide(d.shown, message.Rollback) })
	d.recall = widgets.NewButton(lang.L("Take back"), fynetheme.ContentUndoIcon(), widgets.Quiet, func() { p.s.recall(d.shown) })
	d.again = widgets.NewButton(lang.L("Retry"), fynetheme.MediaReplayIcon(), widgets.Quiet, func() { p.s.again(d.shown) })
	d.edit = widgets.NewButton(lang.L("Edit"), fynetheme.DocumentCreateIcon(), widgets.Quiet, func() { p.s.edit(d.shown) })
	d.where = widgets.NewButton(lang.L("Where is it?"), nil, widgets.Quiet, func() {
		if d.located() {
			p.s.locate(d.shown.sent)
		}
	})
	d.code = d.codeButton()
	d.open = widgets.NewButton(lang.L("Open"), nil, widgets.Quiet, func() { p.open(d.shown.run.ID) })
	d.drop = widgets.NewButton(lang.L("Delete"), fynetheme.DeleteIcon(), widgets.Quiet, func() { p.drop(d.shown.run) })
	d.keep = widgets.NewButton("", nil, widgets.Quiet, func() { p.keep(stays(d.shown)) })
	d.keepBox = container.NewHBox(d.keep)
	d.keepBox.Hide()
	d.raw = widgets.NewParagraph("", theme.Muted).Data()
	d.raw.Object().Hide()
	d.unfold = widgets.NewButton(lang.L("Details"), fynetheme.MenuExpandIcon(), widgets.Quiet, d.fold)
	d.more = container.NewHBox(d.unfold, widgets.NewButton(lang.L("Copy"), fynetheme.ContentCopyIcon(), widgets.Quiet, func() {
		fyne.CurrentApp().Clipboard().SetContent(d.details)
		p.s.p.Say(lang.L("Copied: {{.What}}", map[string]any{"What": lang.L("Details")}))
	}))
	d.body = bodyview.New()
	d.bodies = widgets.NewSegments(func(int) { d.show(d.shown) }, lang.L("Reply"), lang.L("Request"))
	d.choice = container.NewHBox(d.bodies)
	d.bodyBox = container.NewStack(widgets.NewGround(theme.Surface).SetMin(0, bodyHeight), d.body)
	leave := widgets.NewIconButton(fynetheme.WindowCloseIcon(), lang.L("Close"), func() { p.choose(nil) })
	head := container.NewBorder(nil, nil,
		container.New(layout.NewCustomPaddedHBoxLayout(8), container.NewCenter(d.title), d.chip),
		leave)
	d.acts = container.New(layout.NewCustomPaddedHBoxLayout(2), d.commit, d.back, d.recall, d.again, d.edit, d.where, d.code, d.open, d.drop)
	for _, b := range []*widgets.Button{d.commit, d.back, d.recall, d.again, d.edit, d.where, d.code, d.open, d.drop} {
		b.Hide() // until something is shown that it is for
	}
	d.block = container.New(&arrange.Rows{Gap: 6}, head, d.acts, d.why.Object(), d.more, d.raw.Object(), d.facts, d.keepBox, d.choice, d.bodyBox)
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
		d.unfold.SetIcon(fynetheme.MenuExpandIcon())
	} else {
		d.raw.Object().Show()
		d.unfold.SetIcon(fynetheme.MenuDropDownIcon())
	}
	d.block.Refresh()
	d.p.area.Refresh()
}

// located reports whether it is known where the message lies.
func (d *detail) located() bool {
	e := d.shown
	if e == nil || e.sent == nil || e.sent.Receipt == nil || d.p.s.p.Locate == nil || d.p.s.p.Conn() == nil {
		return false
	}
	return e.sent.Receipt.Status.Stored() && e.sent.Receipt.Broker != ""
}

// show puts an entry in place.
func (d *detail) show(e *entry) {
	if d.shown == nil || d.shown.key != e.key {
		d.raw.Object().Hide()
		d.unfold.SetIcon(fynetheme.MenuExpandIcon())
	}
	d.shown = e
	can := d.p.s.canAgain(e)
	decide := d.p.s.canDecide(e)
	draw.Show(d.commit, decide)
	draw.Show(d.back, decide)
	draw.Show(d.recall, d.p.s.canRecall(e))
	draw.Show(d.again, can && e.sent.State != outbox.UnderWay && !decide)
	draw.Show(d.edit, e.sent != nil && e.sent.Draft != nil && d.p.s.forbidden() == nil)
	draw.Show(d.where, d.located())
	draw.Show(d.code, d.draft() != nil)
	draw.Show(d.open, e.run != nil)
	draw.Show(d.choice, e.sent != nil && replied(e.sent))
	draw.Show(d.drop, e.run != nil && e.run.Phase.Over())
	d.showKeep(e)
	switch {
	case e.run != nil:
		d.showRun(e.run)
	case e.sent != nil:
		d.showSent(e.sent)
	default:
		d.title.SetText(lang.L("Receipt"))
		d.chip.Set("", theme.Muted, theme.Hover)
		d.facts.Set()
	}
	draw.Show(d.more, d.details != "")
	draw.Show(d.bodyBox, e.sent != nil && e.sent.Draft != nil)
	d.block.Refresh()
	d.p.area.Refresh()
}

func (d *detail) showSent(x *outbox.Sent) {
	st := stateOf(x)
	d.title.SetText(lang.L("Receipt"))
	d.chip.Set(st.word, st.token, st.soft)
	d.again.SetText(lang.L("Send again"))
	if x.State == outbox.Failed {
		d.again.SetText(lang.L("Retry"))
	}
	why := st.why.Text()
	if x.Draft != nil && x.Draft.Hides {
		why = words.Sentences(why, hiddenWords())
	}
	d.why.Set(why, theme.Text)
	draw.Show(d.why.Object(), why != "")
	d.details = st.why.Details
	d.raw.Set(d.details, theme.Muted)
	d.facts.Set(append(facts(x), staysFacts(stays(d.shown))...)...)
	switch {
	case replied(x) && d.bodies.Selected() == 0:
		d.showBody(x.Reply.Body, message.Typed{})
	case x.Draft != nil && x.Draft.Text != "":
		d.showBody([]byte(x.Draft.Text), message.Typed{})
	case x.Draft != nil:
		d.showBody(x.Draft.Body, x.Draft.How)
	}
}

// hiddenWords says of a message that its secret values are not there.
func hiddenWords() string {
	return lang.L("A secret value was sent in it. It is kept nowhere: *** stands for it.")
}

// showBody shows what was sent. A long body is cut for the eye.
func (d *detail) showBody(body []byte, how message.Typed) {
	if bytes.Equal(body, d.drawn) {
		return
	}
	d.drawn = body
	shown := body
	if how.Gzip {
		if _, plain, _ := message.Open(body, mostShown); plain != nil {
			shown = plain
		}
	}
	if shown = shown[:min(len(shown), mostShown)]; how.As == message.AsText && how.Charset != "" {
		if text, ok := how.Charset.Text(shown); ok {
			shown = []byte(text)
		}
	}
	switch {
	case !utf8.Valid(shown):
		d.body.SetHex(shown)
	case looksLikeJSON(shown) && len(shown) < 64<<10:
		if j, err := bodyview.ReadJSON(shown); err == nil {
			d.body.SetJSON(j)
			return
		}
		d.body.SetText(string(shown))
	default:
		d.body.SetText(string(shown))
	}
}

// showRun says how a run stands.
func (d *detail) showRun(r *outbox.Info) {
	word, token := phaseWord(r.Phase)
	d.title.SetText(lang.L("Run"))
	d.chip.Set(word, token, theme.Hover)
	d.why.Set("", theme.Text)
	draw.Show(d.why.Object(), false)
	d.details = ""
	d.facts.Set(runFacts(r)...)
}

func runFacts(r *outbox.Info) []widgets.Fact {
	count := func(n int64) string { return widgets.Count(uint64(n)) }
	out := []widgets.Fact{fact(lang.L("Topic"), r.Topic), fact(lang.L("Messages"), count(r.Planned))}
	if c := r.Counts; r.Phase.Over() && c.Left() > 0 {
		for _, x := range []struct {
			label string
			n     int64
		}{
			{lang.L("Stored"), c.Stored},
			{lang.L("Handed over"), c.HandedOver},
			{lang.L("Failed"), c.Failed},
			{lang.L("Uncertain"), c.Uncertain},
			{lang.L("Arrived"), c.Arrived},
		} {
			if x.n > 0 {
				out = append(out, fact(x.label, count(x.n)))
			}
		}
	}
	out = append(out, fact(lang.L("Begun"), r.Begun.Local().Format(time.DateOnly+" "+clock)))
	if !r.Ended.IsZero() {
		out = append(out, fact(lang.L("Took"), words.Span(r.Ended.Sub(r.Begun))))
	}
	out = append(out, fact(lang.L("On disk"), widgets.Bytes(r.Bytes)))
	return append(out, staysFacts(outbox.Stays{ID: r.ID, Keep: r.Keep, Expires: r.Expires})...)
}

// fact is one that can be copied.
func fact(label, value string) widgets.Fact {
	return widgets.Fact{Label: label, Value: value, Mono: true, CopyTip: lang.L("Copy {{.What}}", map[string]any{"What": label})}
}

// facts lists what is known of a message; what is not is left out.
func facts(x *outbox.Sent) []widgets.Fact {
	var out []widgets.Fact
	add := func(label, value string) {
		if value != "" {
			out = append(out, fact(label, value))
		}
	}
	r := x.Receipt
	if r == nil {
		r = &message.Receipt{MessageID: x.Leave.ID}
	}
	add(lang.L("Status"), string(r.Status))
	add(lang.L("Message id"), cmp.Or(r.MessageID, x.Leave.ID))
	add(lang.L("Offset id"), r.OffsetMessageID)
	if d := x.Draft; d != nil {
		add(lang.L("Topic"), d.Topic)
		add(lang.L("Tag"), d.Tag)
		add(lang.L("Keys"), strings.Join(d.Keys, " "))
		add(lang.L("Typed as"), madeWords(d.How))
	}
	out = append(append(out, halfFacts(x, time.Now())...), replyFacts(x, time.Now())...)
	if a := x.Arrival; x.Half != nil { // and the place is one among half messages
		if a != nil && a.Proof == message.ProofArrived {
			add(lang.L("Landed on"), landedText(a.Broker, a.QueueID, a.QueueOffset))
		}
	} else if !r.Due.IsZero() { // and the place is one in the broker's own waiting list
		add(lang.L("Due"), r.Due.Local().Format(time.DateOnly+" "+clock))
		out = append(out, recallFacts(x)...)
	} else if r.Status.Stored() {
		add(lang.L("Landed on"), landedText(r.Broker, r.QueueID, r.QueueOffset))
	}
	add(lang.L("Sent at"), x.Leave.At.Local().Format(time.DateOnly+" "+clock))
	if x.Receipt != nil {
		add(lang.L("Took"), milliseconds(r.Took))
	}
	if proof := proofText(x); proof != "" {
		f := fact(lang.L("Arrival"), proof)
		f.Mono = false
		out = append(out, f)
	}
	return out
}

func landedText(broker string, queue int, offset int64) string {
	return lang.L("{{.Broker}} · queue {{.Queue}} · offset {{.Offset}}", map[string]any{"Broker": broker, "Queue": queue, "Offset": offset})
}

// proofText says what reading the message back came to.
func proofText(x *outbox.Sent) string {
	a := x.Arrival
	if a == nil {
		return ""
	}
	if x.Back() && a.Proof == message.ProofNotFound {
		return lang.L("Looked for after it was due: it did not come.")
	}
	data := map[string]any{"Time": a.SeenAt.Local().Format(clock), "Place": fmt.Sprintf("%s · %d · %d", a.Broker, a.QueueID, a.QueueOffset)}
	if x.Receipt != nil {
		data["After"] = milliseconds(max(a.SeenAt.Sub(sentAt(x)), 0))
		if a.Proof == message.ProofArrived && !x.Receipt.Due.IsZero() {
			return lang.L("Read back {{.After}} after it was due, byte for byte.", data)
		}
	}
	switch a.Proof {
	case message.ProofArrived:
		return lang.L("Read back after {{.After}}, byte for byte.", data)
	case message.ProofDiffers:
		return lang.L("What stands at {{.Place}} is not what was sent.", data)
	case message.ProofMissing:
		return lang.L("Another message, or none, stands at {{.Place}}.", data)
	case message.ProofNotFound:
		return lang.L("The brokers of the topic know no message of this id.")
	}
	return lang.L("It could not be read back: {{.Why}}", map[string]any{"Why": problem.Explain(a.Fault).What})
}
