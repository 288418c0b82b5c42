package replay

import (
	"cmp"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
	"gantry/client/profile"
	"gantry/gui/arrange"
	"gantry/gui/confirm"
	"gantry/gui/draw"
	"gantry/gui/msglist"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

const sheetWidth float32 = 760

// The choices of where messages go, and of the pace.
const (
	toOne = iota
	toOwn
	toGroup // the retry topic of the group that gave them up
)

const (
	paceFree = iota
	paceRate
	paceOriginal
)

// sheet asks where messages go and how fast, and shows what that comes to.
type sheet struct {
	p       Params
	from    Source
	copied  *outbox.Copied
	try     try // of what was copied
	skipped msglist.Skipped
	twice   uint64 // half messages that lay there once more
	scope   *task.Scope
	targets []Target
	open    *confirm.Panel // nil until it is shown

	to          *widgets.Select
	toField     *widgets.Field
	chip        *widgets.Chip
	which, pace *widgets.Segments
	topic       *widgets.Completion
	topicField  *widgets.Field
	rate, atOne *widgets.Entry
	rateField   *widgets.Field
	atOneField  *widgets.Field
	gap         *widgets.Select
	gapField    *widgets.Field
	changes     *changes
	ticks       *ticks
	dead        *redelivery
	says        *widgets.Paragraph
	reading     *reading
	first       *fyne.Container // the first messages
	firstBox    fyne.CanvasObject
	out         *fyne.Container // what is left out
	typed       *widgets.Entry  // the word that lets a production message leave production as it is
	typedField  *widgets.Field
	masked      *widgets.Paragraph // what is masked
	bare        *widgets.Banner    // nothing is
	masks       fyne.CanvasObject
	send        *widgets.Button
	content     *fyne.Container

	seed     uint64   // of dynamic values: what is shown is what leaves
	waits    func()   // cancels the look that waits; nil while none does
	ready    *preview // nil unless what stands on the sheet was looked at
	asked    asking   // nil while no question is open
	unmasked bool     // the word is typed
	closing  bool
}

// show opens the sheet; nil says that nothing can be sent to.
func show(p Params, from Source, lie lies, copied *outbox.Copied, skipped msglist.Skipped) *sheet {
	s := &sheet{p: p, from: from, copied: copied, try: copied.Try, skipped: skipped, twice: lie.twice, scope: p.Tasks.Scope(), targets: p.Targets(), seed: outbox.Seed()}
	if len(s.targets) == 0 { // closed while it was copied
		p.Say(lang.L("No open connection may send. Connect first."))
		discard(p, copied)
		s.scope.Close()
		return nil
	}
	topic, since := lie.one()
	s.makeTarget(topic)
	s.makePace()
	s.makeMasks()
	s.changes = newChanges(s.changed, s.relayout, s.cancel, s.ask)
	s.ticks = newTicks(copied.Kept, s.changed, s.relayout)
	s.dead = newRedelivery(topic, since, s.changed)
	s.says = widgets.NewParagraph("", theme.Muted)
	s.reading = newReading(s)
	s.first, s.out = container.New(&arrange.Rows{Gap: 2}), container.New(&arrange.Rows{Gap: 4})
	s.firstBox = container.New(&arrange.Rows{Gap: 4}, widgets.NewCaption(lang.L("The first of them")), s.first)
	s.showLeftOut(nil)
	s.send = widgets.NewButton(lang.L("Send…"), fynetheme.MailSendIcon(), widgets.Primary, s.ask)
	cancel := widgets.NewButton(lang.L("Cancel"), nil, widgets.Normal, s.cancel)
	s.content = container.New(&arrange.Rows{Gap: 12}, s.sides(), s.paceRow(), s.changes.content, s.ticks.content, s.masks, s.dead.content, s.says.Object(),
		s.reading.content, s.firstBox, s.out)
	for _, e := range []*widgets.Entry{&s.topic.Entry, s.rate, s.atOne, s.typed} {
		e.OnEscape, e.OnEnter = s.cancel, s.ask
	}
	s.showTarget()
	title := lang.L("Send all again")
	if from.Picked {
		title = lang.L("Send selected again")
	}
	if topic != "" {
		title = s.redelivers()
	}
	s.open = confirm.ShowPanel(p.Window.Canvas(), confirm.PanelView{
		Title: title, Content: s.content, Width: sheetWidth, Buttons: []*widgets.Button{cancel, s.send}, First: s.to, OnCancel: s.cancel,
	})
	s.look()
	return s
}

// redelivers has the sheet redeliver, at a rate unless another pace is chosen, and returns its
// title.
func (s *sheet) redelivers() string {
	s.pace.Set(paceRate)
	s.rate.SetPlaceHolder(usualRate)
	s.send.SetText(lang.L("Redeliver…"))
	s.showPace()
	if s.dead.topic == message.GivenUpTopic {
		s.send.SetText(lang.L("Send as normal…"))
		return lang.L("Send half messages as normal messages")
	}
	data := map[string]any{"Group": s.short(message.RedeliveryGroup(s.dead.topic))}
	if message.DeadLetterGroup(s.dead.topic) != "" {
		return lang.L("Redeliver dead letters of {{.Group}}", data)
	}
	return lang.L("Redeliver retries of {{.Group}}", data)
}

// makeTarget makes what says where messages go, that lie in a retry or dead-letter topic, or in
// none.
func (s *sheet) makeTarget(lie string) {
	var names []string
	at := 0
	for i, t := range s.targets {
		names = append(names, fmt.Sprintf("%s (%s)", t.Profile.Name, s.p.EnvWord(t.Profile.Environment)))
		if s.from.Profile != nil && t.Profile.ID == s.from.Profile.ID {
			at = i
		}
	}
	s.to = widgets.NewSelect(names...)
	s.to.SetSelectedIndex(at)
	s.to.OnChanged = func(string) { s.showTarget(); s.changed() }
	s.toField = widgets.NewField(lang.L("Connection"), s.to)
	s.chip = widgets.NewEnvChip("", "")
	s.topic = widgets.NewCompletion(nil)
	s.topic.Mono()
	s.topicField = widgets.NewField(lang.L("Topic"), s.topic)
	choices := []string{lang.L("One topic"), lang.L("Each its own")}
	if message.RedeliveryGroup(lie) != "" {
		choices = append(choices, lang.L("This group only"))
	}
	s.which = widgets.NewSegments(func(int) { s.showWhich(); s.changed() }, choices...)
	if all := s.copied.Topics; len(all) == 1 && ownTopics(all) {
		s.topic.SetText(s.short(all[0].Topic))
	} else if ownTopics(all) {
		s.which.Set(toOwn)
	}
	s.topic.OnChanged = func(string) { s.changed() }
}

// short is a topic of the source as its user knows it.
func (s *sheet) short(topic string) string {
	if s.from.Profile != nil {
		return s.from.Profile.ShortName(topic)
	}
	t := s.target()
	return t.Profile.ShortName(topic)
}

func (s *sheet) target() Target { return s.targets[max(s.to.SelectedIndex(), 0)] }

// makePace makes what says how fast they leave.
func (s *sheet) makePace() {
	number := func(caption, holder string) (*widgets.Entry, *widgets.Field) {
		e := widgets.NewEntry().Mono()
		e.SetPlaceHolder(holder)
		e.OnChanged = func(string) { s.changed() }
		return e, widgets.NewField(caption, e)
	}
	s.rate, s.rateField = number(lang.L("Per second"), "100")
	s.atOne, s.atOneField = number(lang.L("At once"), "1")
	var gaps []string
	for _, g := range plan.Gaps() {
		gaps = append(gaps, words.Exact(g))
	}
	s.gap = widgets.NewSelect(gaps...)
	s.gap.SetSelectedIndex(len(gaps) - 1)
	s.gap.OnChanged = func(string) { s.changed() }
	s.gapField = widgets.NewField(lang.L("Longest pause"), s.gap)
	s.pace = widgets.NewSegments(func(int) { s.showPace(); s.changed() }, lang.L("No limit"), lang.L("A rate"), lang.L("As it was"))
}

// makeMasks makes what says what is masked where messages leave production, and the question
// to type a word before they leave it as they are.
func (s *sheet) makeMasks() {
	s.typed = widgets.NewEntry().Mono()
	s.typed.OnChanged = func(text string) {
		if now := text == unmaskedWord; now != s.unmasked {
			s.unmasked = now
			s.showMasks()
			s.changed()
		}
		s.able()
	}
	s.typedField = widgets.NewField(" ", s.typed)
	s.masked = widgets.NewParagraph("", theme.Text)
	s.bare = widgets.NewBanner(true, lang.L("These are messages of production, and the target is not: whatever is in them, phone numbers too, goes there as it is."))
	s.masks = container.New(&arrange.Rows{Gap: 8}, s.masked.Object(), s.bare, s.typedField)
}

// showMasks follows the target and what was typed.
func (s *sheet) showMasks() {
	leaves := unmasked(s.from.Profile, s.target().Profile)
	draw.Show(s.masks, leaves)
	if !leaves {
		return
	}
	rules := s.from.Profile.MaskRules()
	mask := rules.Any() && !s.unmasked
	s.masked.Set(lang.L("On their way out of production {{.What}} are masked, as {{.Name}} says. Equal values stay equal.", map[string]any{"What": ruled(rules), "Name": cmp.Or(s.from.Profile.Name, s.from.Name)}), theme.Text)
	draw.Show(s.masked.Object(), mask)
	draw.Show(s.bare, !mask)
	data := map[string]any{"Name": unmaskedWord}
	if rules.Any() {
		s.typedField.SetCaption(lang.L("Type {{.Name}} to send them as they are instead", data))
	} else {
		s.typedField.SetCaption(lang.L("Type {{.Name}} to send them as they are", data))
	}
	s.relayout()
}

// unmaskedWord lets messages of production leave it as they are. It is the same in every
// language.
const unmaskedWord = "unmasked"

// sides are the source and the target, side by side.
func (s *sheet) sides() fyne.CanvasObject {
	k := s.copied.Kept
	environment := lang.L("not known")
	env := ""
	if p := s.from.Profile; p != nil {
		env, environment = string(p.Environment), s.p.EnvWord(p.Environment)
	}
	facts := []widgets.Fact{
		{Label: lang.L("Messages"), Value: widgets.Count(uint64(k.Messages))},
		{Label: lang.L("Size"), Value: lang.L("{{.Size}}, {{.Disk}} on disk here", map[string]any{"Size": widgets.Bytes(k.Bodies), "Disk": widgets.Bytes(k.Bytes)})},
	}
	if !k.From.IsZero() {
		facts = append(facts, widgets.Fact{Label: lang.L("Stored"), Value: k.From.Format("2006-01-02 15:04:05") + " – " + k.To.Format("2006-01-02 15:04:05")})
	}
	topics := lang.N("{{.Count}} topics", len(k.Topics), map[string]any{"Count": widgets.Count(len(k.Topics))})
	if len(k.Topics) == 1 {
		topics = s.short(k.Topics[0].Topic)
	}
	facts = append(facts, widgets.Fact{Label: lang.L("First sent to"), Value: topics, Mono: len(k.Topics) == 1})
	left := container.New(&arrange.Rows{Gap: 8},
		container.New(&arrange.Columns{Gap: 8}, arrange.Middled(widgets.NewCaption(lang.L("From"))), widgets.NewEnvChip(env, environment)),
		widgets.NewWord(s.from.named(), theme.Text).Shrinks(60), widgets.NewFacts(facts...))
	right := container.New(&arrange.Rows{Gap: 8},
		container.New(&arrange.Columns{Gap: 8}, arrange.Middled(widgets.NewCaption(lang.L("To"))), s.chip),
		s.toField, s.which, s.topicField)
	return container.New(&arrange.Columns{Gap: 24, Shares: []float32{1, 1}}, left, right)
}

func (s *sheet) paceRow() fyne.CanvasObject {
	s.showPace()
	return container.New(&arrange.Columns{Gap: 8, Shares: []float32{0, 0, 0, 0, 1}},
		widgets.NewField(lang.L("Pace"), s.pace), s.rateField, s.gapField, s.atOneField)
}

// showTarget follows the connection that was chosen. What was typed to agree to another is
// none for it.
func (s *sheet) showTarget() {
	t := s.target()
	s.chip.SetEnv(string(t.Profile.Environment), s.p.EnvWord(t.Profile.Environment))
	var names []string
	for _, name := range t.Topics {
		names = append(names, t.Profile.ShortName(name))
	}
	s.topic.SetOptions(names)
	s.typed.SetText("")
	s.showMasks()
	s.send.SetKind(widgets.Primary)
	if t.Profile.Environment == profile.Production {
		s.send.SetKind(widgets.Danger)
	}
	s.showWhich()
}

func (s *sheet) showWhich() {
	if s.which.Selected() == toOwn && !ownTopics(s.copied.Topics) {
		s.which.Set(toOne)
		s.p.Say(lang.L("Their own topics are not known, or too many."))
	}
	draw.Show(s.topicField, s.which.Selected() == toOne)
	s.relayout()
}

func (s *sheet) showPace() {
	draw.Show(s.rateField, s.pace.Selected() == paceRate)
	draw.Show(s.gapField, s.pace.Selected() == paceOriginal)
	s.relayout()
}

func (s *sheet) relayout() {
	if s.content != nil {
		s.content.Refresh()
	}
	if s.open != nil {
		s.open.Relayout()
	}
}

// cancel closes the sheet; nothing is sent.
func (s *sheet) cancel() {
	if s.close() {
		discard(s.p, s.copied)
	}
}

// close takes the sheet away; false says that it was closed before.
func (s *sheet) close() bool {
	if s.closing {
		return false
	}
	s.closing = true
	s.topic.Close()
	s.open.Close()
	s.scope.Close()
	return true
}
