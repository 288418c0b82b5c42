package groups

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/cluster"
	"gantry/client/insight"
	"gantry/client/message"
	"gantry/client/orders"
	"gantry/gui/arrange"
	"gantry/gui/bodyview"
	"gantry/gui/draw"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// detail is the pane at the right: facts, the sentences, lag per queue, members,
// and the stack of a member in place of them.
type detail struct {
	s       *Screen
	content *fyne.Container

	title   *widgets.Word
	chip    *widgets.Chip
	follow  *widgets.Button
	dead    *widgets.Button
	stack   *widgets.Button
	back    *widgets.Button
	offsets *widgets.Button
	at      *widgets.Button // what the group is at in the chosen queue
	skip    *widgets.Button // goes past it
	facts   *widgets.Facts
	warning *widgets.Banner // members disagree
	cause   *widgets.Banner
	top     *fyne.Container
	sheet   *widgets.Sheet
	text    *bodyview.View
	body    *fyne.Container
	filled  fyne.CanvasObject
	empty   *widgets.EmptyState

	entry  *entry
	got    *insight.GroupDetail // nil until it was told
	member string               // the id of the one that is unfolded
	queue  queueRow             // that is chosen; no broker is none
	stacks bool                 // a stack is shown
	dump   string               // the stack
}

func newDetail(s *Screen) *detail {
	d := &detail{s: s}
	d.title = widgets.NewTitle("").Shrinks(60)
	d.chip = widgets.NewChip("")
	d.stack = widgets.NewButton(lang.L("Stack"), nil, widgets.Quiet, d.askStack)
	d.stack.SetToolTip(lang.L("What the threads of the chosen member do now"))
	d.back = widgets.NewButton(lang.L("Back"), fynetheme.NavigateBackIcon(), widgets.Quiet, d.closeStack)
	copyName := widgets.NewIconButton(fynetheme.ContentCopyIcon(), lang.L("Copy"), d.copy)
	d.follow = widgets.NewButton(lang.L("Follow its topic"), nil, widgets.Quiet, func() { s.follow(d.topic()) })
	d.dead = widgets.NewButton(lang.L("Dead letters"), nil, widgets.Quiet, func() { s.browse(message.DeadLetterTopic(d.entry.Name)) })
	d.dead.SetToolTip(lang.L("The newest messages that the group gave up"))
	d.at = widgets.NewButton(lang.L("Show its message"), nil, widgets.Quiet, d.readAt)
	d.at.SetToolTip(lang.L("The message that the group is at in the chosen queue: the first that is not done"))
	d.skip = widgets.NewButton(lang.L("Skip this one…"), nil, widgets.Quiet, d.skipAt)
	d.skip.SetToolTip(lang.L("Have the group go on behind it: shows what will happen first, and keeps it"))
	head := container.New(&arrange.Head{Gap: 8, Wants: d.title.Wants},
		d.title, d.chip, d.at, d.skip, d.dead, d.follow, d.stack, d.back, container.NewStack(widgets.NewGround(theme.None).SetMin(28, 30), container.NewCenter(copyName)))
	d.offsets = widgets.NewButton(lang.L("Change offsets…"), nil, widgets.Normal, func() { s.offsets(d.entry.Name, d.topics()) })
	d.offsets.SetToolTip(lang.L("Skip what waits, or have messages come again: shows what will happen first"))
	of := func(act orders.Act) func() {
		return func() {
			s.order(orders.Setup{Of: orders.Groups, Act: act, Names: []string{d.entry.Name}, Offsets: true})
		}
	}
	change := widgets.NewButton(lang.L("Change…"), nil, widgets.Normal, of(orders.Alter))
	change.SetToolTip(lang.L("Its retries, and whether it consumes and broadcasts"))
	remove := widgets.NewButton(lang.L("Delete…"), nil, widgets.Normal, of(orders.Delete))
	d.facts = widgets.NewFacts()
	d.warning, d.cause = widgets.NewBanner(true, ""), widgets.NewBanner(false, "")
	d.top = container.New(&arrange.Rows{},
		container.New(layout.NewCustomPaddedLayout(8, 4, 14, 12), head),
		container.New(layout.NewCustomPaddedLayout(0, 8, 14, 12), d.facts),
		container.New(layout.NewCustomPaddedLayout(0, 8, 14, 12), container.NewHBox(d.offsets, change, remove)),
		d.warning, d.cause, widgets.NewRule())
	d.sheet = widgets.NewSheet()
	d.sheet.OnChosen = d.chose
	d.sheet.OnEnter = d.toggle
	d.sheet.OnEscape = func() { s.Focus(s.Table.List) }
	d.text = bodyview.New()
	d.text.OnEscape = d.closeStack
	d.body = container.NewStack(d.sheet.View())
	d.filled = container.New(&arrange.Rows{Grow: d.body}, d.top, d.body)
	d.empty = widgets.NewEmptyState(lang.L("Choose a group"), lang.L("Up and Down move."), nil)
	d.content = container.NewStack(d.empty)
	return d
}

// show shows a group; got is nil while nothing was told of it.
func (d *detail) show(e *entry, got *insight.GroupDetail) {
	if e == nil || d.entry == nil || e.Name != d.entry.Name {
		d.member, d.queue, d.got = "", queueRow{}, nil
		d.closeStack()
		d.sheet.SetSelected(-1)
	}
	d.entry = e
	if got != nil {
		d.got = got
	}
	var want fyne.CanvasObject = d.empty
	if e != nil {
		want = d.filled
	}
	arrange.Swap(d.content, want)
	d.redraw()
}

// redraw brings words, and what depends on the time, up to date.
func (d *detail) redraw() {
	if d.entry == nil {
		return
	}
	d.title.SetText(d.s.P.Profile.ShortName(d.entry.Name))
	if d.got == nil {
		d.chip.Set("", theme.Muted, theme.Hover)
		d.facts.Set()
		d.setBanner(d.warning, true, "")
		d.setBanner(d.cause, false, lang.L("Asking the brokers"))
		d.sheet.Set(nil)
		d.place()
		return
	}
	n := len(d.got.Members)
	d.chip.Set(lang.N("{{.Count}} members", n, map[string]any{"Count": widgets.Count(n)}), theme.Muted, theme.Hover)
	if d.stacks { // whose it is stands below, in full
		d.chip.Set("", theme.Muted, theme.Hover)
	}
	d.facts.Set(d.factsOf()...)
	now := time.Now()
	d.setBanner(d.warning, true, disagreementText(d.got, d.s.P.Profile.ShortName))
	text, bad := causeText(d.got.Cause(now, &d.entry.Value.trend), d.got)
	if n := d.got.Dead; text == "" && n > 0 {
		text = lang.N("{{.Count}} messages were given up: they lie in the group's dead-letter topic.", int(n), map[string]any{"Count": widgets.Count(uint64(n))})
	}
	if missing := problem.Missing(d.got.Missing); missing != "" {
		text = words.Sentences(missing, text)
	}
	d.setBanner(d.cause, bad, text)
	d.sheet.Set(d.rows(now))
	d.place()
}

// take shows what was told of a group, or why nothing was. What was told before stays.
func (d *detail) take(e *entry, got *insight.GroupDetail, err error) {
	if d.show(e, got); err != nil {
		d.setBanner(d.cause, true, problem.Explain(err).Text())
		d.place()
	}
}

func (d *detail) setBanner(b *widgets.Banner, bad bool, text string) {
	b.Set(bad, text)
	if text == "" {
		b.Hide()
	} else {
		b.Show()
	}
}

// place follows a change of heights.
func (d *detail) place() {
	m := d.chosenMember()
	if m == nil || m.Err != nil || d.stacks {
		d.stack.Hide()
	} else {
		d.stack.Show()
	}
	draw.Show(d.back, d.stacks)
	draw.Show(d.offsets, d.got != nil && !d.stacks)
	waits := d.chosenQueue() != nil && !d.stacks
	draw.Show(d.at, waits)
	draw.Show(d.skip, waits)
	draw.Show(d.follow, d.topic() != "" && !d.stacks && !waits)
	draw.Show(d.dead, d.got != nil && d.got.Dead > 0 && !d.stacks && m == nil && !waits) // beside those of a row there is no room
	d.top.Refresh()
	for range 2 { // what wraps knows its height once it is placed
		if c, ok := d.filled.(*fyne.Container); ok {
			c.Layout.Layout(c.Objects, c.Size())
		}
	}
}

// topic is the one that the group reads, that with the largest lag of several; ""
// where nobody knows.
func (d *detail) topic() string {
	if all := d.topics(); len(all) > 0 && cluster.TopicKindOf(all[0]) == cluster.NormalTopic {
		return all[0]
	}
	return ""
}

// topics are those that the group reads, that with the largest lag first, retry topics
// last.
func (d *detail) topics() (topics []string) {
	if d.got == nil {
		return nil
	}
	all, _ := byTopic(d.got.Queues)
	for _, t := range all { // the largest lag first
		topics = append(topics, t.topic)
	}
	for _, w := range d.got.Subscriptions {
		if !slices.Contains(topics, w.Topic) {
			topics = append(topics, w.Topic)
		}
	}
	slices.SortStableFunc(topics, func(a, b string) int { return cmp.Compare(cluster.TopicKindOf(a), cluster.TopicKindOf(b)) })
	return topics
}

// factsOf are the lines below the title.
func (d *detail) factsOf() []widgets.Fact {
	g, short := d.got, d.s.P.Profile.ShortName
	if m := d.chosenMember(); d.stacks && m != nil {
		return []widgets.Fact{{Label: lang.L("Stack"), Value: m.ID, Mono: true}, {Label: lang.L("Address"), Value: m.Addr, Mono: true}}
	}
	var subs []string
	for _, w := range g.Subscriptions {
		if !strings.HasPrefix(w.Topic, "%RETRY%") {
			subs = append(subs, short(w.Topic)+" : "+expressionText(w))
		}
	}
	facts := []widgets.Fact{
		{Label: lang.L("Delivery"), Value: deliveryText(g)},
		{Label: lang.L("Subscribes"), Value: strings.Join(subs, " · "), Mono: true},
		{Label: lang.L("Retry, dead"), Value: retryText(g)},
		{Label: lang.L("Rate"), Value: rateText(&d.entry.Value)},
	}
	if len(subs) == 0 {
		facts[1].Value, facts[1].Mono, facts[1].Tint = lang.L("nobody is connected"), false, theme.Muted
	}
	return facts
}

// copy puts the full name on the clipboard, or the stack that is shown.
func (d *detail) copy() {
	if d.entry == nil {
		return
	}
	text := d.entry.Name
	if d.stacks {
		text = d.dump
	}
	fyne.CurrentApp().Clipboard().SetContent(text)
	d.s.P.Say(lang.L("Copied."))
}

// chosenQueue is the queue that is chosen, if messages wait there and it is known where the
// group is.
func (d *detail) chosenQueue() *cluster.QueueProgress {
	if d.got == nil || d.queue.Broker == "" {
		return nil
	}
	i := slices.IndexFunc(d.got.Queues, func(q cluster.QueueProgress) bool { return queueRow{q.Topic, q.Queue} == d.queue })
	if i < 0 || d.got.Queues[i].Next < 0 || d.got.Queues[i].Lag() == 0 || !d.got.Queues[i].Fits() {
		return nil
	}
	return &d.got.Queues[i]
}

// readAt reads the message that the group is at in the chosen queue.
func (d *detail) readAt() {
	if q := d.chosenQueue(); q != nil {
		d.s.read(q.Topic, q.Queue, q.Next)
	}
}

// skipAt has the group go past it.
func (d *detail) skipAt() {
	if q := d.chosenQueue(); q != nil {
		d.s.skip(d.entry.Name, q.Topic, q.Queue, q.Next)
	}
}

// chose unfolds the member whose row was chosen, and folds the other; of a queue it offers
// what can be done there.
func (d *detail) chose(row widgets.SheetRow) {
	was := d.queue
	d.queue, _ = row.Data.(queueRow)
	if d.queue != was {
		d.place()
	}
	if id, ok := row.Data.(memberRow); ok && d.member != string(id) {
		d.unfold(string(id))
	}
}

// toggle is Enter on the chosen row.
func (d *detail) toggle() {
	i := d.sheet.Selected()
	if i < 0 || i >= len(d.sheet.Rows()) {
		return
	}
	if _, ok := d.sheet.Rows()[i].Data.(queueRow); ok {
		d.readAt()
		return
	}
	if id, ok := d.sheet.Rows()[i].Data.(memberRow); ok {
		if d.member == string(id) {
			id = ""
		}
		d.unfold(string(id))
	}
}

// unfold shows what a member says of itself below its row; the selection stays on
// its row, which may have moved.
func (d *detail) unfold(id string) {
	d.member = id
	d.redraw()
	at := slices.IndexFunc(d.sheet.Rows(), func(r widgets.SheetRow) bool { return r.Data == memberRow(id) })
	if at >= 0 {
		d.sheet.SetSelected(at)
	}
}

func (d *detail) chosenMember() *insight.MemberState {
	if d.got == nil || d.member == "" {
		return nil
	}
	for i := range d.got.Members {
		if d.got.Members[i].ID == d.member {
			return &d.got.Members[i]
		}
	}
	return nil
}

// askStack asks the chosen member for its stacks.
func (d *detail) askStack() {
	m, conn := d.chosenMember(), d.s.P.Conn()
	if m == nil || conn == nil {
		return
	}
	group, who := d.entry.Name, m.Member
	d.stack.Disable()
	task.Ask(d.s.P.Tasks, d.s.Scope, queryStack, func(ctx context.Context) (string, error) {
		return conn.MemberStack(ctx, group, who)
	}, func(text string, err error) {
		d.stack.Enable()
		if err != nil {
			d.s.P.Fail(err)
			return
		}
		if d.entry == nil || d.entry.Name != group {
			return
		}
		d.stacks, d.dump = true, text
		d.text.SetText(stackText(text, group))
		d.body.Objects = []fyne.CanvasObject{d.text}
		d.body.Refresh()
		d.redraw()
		d.s.Focus(d.text.Focus())
	})
}

func (d *detail) closeStack() {
	d.stack.Enable()
	if !d.stacks {
		return
	}
	d.stacks, d.dump = false, ""
	d.text.SetText("")
	d.body.Objects = []fyne.CanvasObject{d.sheet.View()}
	d.body.Refresh()
	d.redraw()
	d.s.Focus(d.sheet.List)
}
