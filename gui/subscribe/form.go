package subscribe

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/filter"
	"gantry/client/profile"
	"gantry/client/session"
	"gantry/gui/arrange"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// form edits the current subscription. There is one, which is filled anew when
// another subscription is chosen.
type form struct {
	screen  *Screen
	sub     *sub
	filling bool // the form is being put in place: nothing was typed

	topic    *widgets.Completion
	filterBy *widgets.Select
	filter   *widgets.Entry
	reading  *widgets.Select
	from     *widgets.Select
	at       *widgets.Entry
	group    *widgets.Entry
	newGroup *widgets.Button
	model    *widgets.Segments
	ordered  *widgets.Check
	answer   *widgets.Segments
	run      *widgets.Button // Start, Pause or Resume
	halt     *widgets.Button

	topicField, filterByField, filterField, readingField, fromField, atField *widgets.Field
	groupField, modelField, orderField, answerField                          *widgets.Field

	content *fyne.Container
	rows    [2]*fyne.Container
	drawn   formLook

	fold     *fold
	unfolded bool // the user wants to see the form while it runs
}

// formLook is what the form shows beside its values: when it is the same,
// nothing is drawn anew.
type formLook struct {
	sub                    *sub
	errs                   fieldErrors
	topicHint, groupHint   string
	groupCaption           string
	locked, position       bool
	archive, sql, timeFrom bool
	broadcast, newGroup    bool
	follow, readAs         bool // joins no group; the group that it reads as is asked for
	run                    string
	pauses                 bool // what run does
	halts                  bool // Stop is there
	runOff, haltOff        bool
	fromOff                bool
	folded                 bool   // one line stands for the form
	about                  string // what that says
}

func newForm(s *Screen) *form {
	f := &form{screen: s}
	f.topic = widgets.NewCompletion(nil)
	f.topic.Mono()
	f.topic.SetPlaceHolder(lang.L("topic name"))
	f.topic.OnChanged = func(v string) {
		f.edit(func(b *sub) { b.spec.Topic, b.errs.topic = strings.TrimSpace(v), "" })
	}
	f.topic.OnPicked = func(string) { f.ask() }
	f.topic.OnFocus = f.left
	f.filterBy = widgets.NewSelect(lang.L("Tags"), "SQL92")
	f.filterBy.OnChanged = func(string) { f.edit(func(b *sub) { f.pickFilter(b) }) }
	f.filter = widgets.NewEntry().Mono()
	f.filter.OnChanged = func(v string) {
		f.edit(func(b *sub) { b.spec.Expression, b.errs.filter = v, "" })
	}
	f.reading = widgets.NewSelect(lang.L("Follow"), lang.L("In a group"))
	f.reading.OnChanged = func(string) { f.edit(f.pickReading) }
	f.from = widgets.NewSelect(lang.L("Now"), lang.L("Earliest"), lang.L("Time"))
	f.from.PlaceHolder = lang.L("Its position")
	f.from.OnChanged = func(string) { f.edit(f.pickFrom) }
	f.at = widgets.NewEntry().Mono()
	f.at.SetPlaceHolder("2026-11-23 14:32:00")
	f.at.OnChanged = func(v string) { f.edit(func(b *sub) { f.typeTime(b, v) }) }
	f.group = widgets.NewEntry().Mono()
	f.group.SetPlaceHolder(lang.L("group name"))
	f.group.OnChanged = func(v string) { f.edit(func(b *sub) { f.typeGroup(b, v) }) }
	f.group.OnFocus = f.left
	f.newGroup = widgets.NewButton(lang.L("New group"), fynetheme.ContentAddIcon(), widgets.Quiet, f.makeGroup)
	f.model = widgets.NewSegments(func(i int) { f.edit(func(b *sub) { b.spec.Broadcast = i == 1 }) }, lang.L("Clustering"), lang.L("Broadcasting"))
	f.ordered = widgets.NewCheck(lang.L("In order"))
	f.ordered.OnChanged = func(on bool) { f.edit(func(b *sub) { b.spec.Ordered = on }) }
	f.answer = widgets.NewSegments(func(i int) {
		if !f.filling {
			s.answerLater(f.sub, i == 1)
		}
	}, lang.L("Success"), lang.L("Reconsume later"))
	f.run = widgets.NewButton("", nil, widgets.Primary, s.runOrPause)
	f.halt = widgets.NewButton(lang.L("Stop"), fynetheme.MediaStopIcon(), widgets.Normal, func() { s.stop(f.sub) })
	for _, e := range []*widgets.Entry{&f.topic.Entry, f.filter, f.at, f.group} {
		e.OnEscape = s.FocusFirst
	}
	f.fold = newFold(s, func() { f.unfolded = true; s.update() })
	f.build()
	return f
}

// build puts the fields into two rows.
func (f *form) build() {
	f.topicField = widgets.NewField(lang.L("Topic"), f.topic).SetMinWidth(120)
	f.filterByField = widgets.NewField(lang.L("Filter by"), f.filterBy).SetMinWidth(92)
	f.filterField = widgets.NewField(lang.L("Expression"), f.filter).SetMinWidth(110)
	f.readingField = widgets.NewField(lang.L("Read"), f.reading).SetMinWidth(104)
	f.fromField = widgets.NewField(lang.L("Start from"), f.from).SetMinWidth(112)
	f.atField = widgets.NewField(lang.L("Local time"), f.at).SetMinWidth(176)
	f.groupField = widgets.NewField(lang.L("Consumer group"), f.group).SetMinWidth(150)
	f.modelField = widgets.NewField(lang.L("Model"), f.model)
	f.orderField = widgets.NewField(lang.L("Each queue"), f.ordered)
	f.answerField = widgets.NewField(lang.L("Answer"), f.answer)
	f.rows[0] = container.New(&arrange.Fields{Grow: []float32{3, 0, 2.4}}, f.topicField, f.filterByField, f.filterField, f.readingField, f.fromField, f.atField,
		widgets.NewField(" ", container.NewGridWrap(fyne.NewSize(runWidth(), widgets.ControlHeight), f.run)), widgets.NewField(" ", f.halt))
	f.rows[1] = container.New(&arrange.Fields{Grow: []float32{1}}, f.groupField, widgets.NewField(" ", f.newGroup), f.modelField, f.orderField, f.answerField)
	f.content = container.New(&arrange.Rows{Edge: 14, Gap: 6, Top: 6, Foot: 6}, f.rows[0], f.rows[1])
}

// edit changes the current subscription by what the user did.
func (f *form) edit(change func(*sub)) {
	if f.filling || f.sub == nil {
		return
	}
	change(f.sub)
	f.screen.changed()
	f.screen.update()
}

func (f *form) pickFilter(b *sub) {
	b.spec.SQL92, b.spec.Any = f.filterBy.SelectedIndex() == 1, f.filterBy.SelectedIndex() == 2
	b.errs.filter = ""
	// What all messages match is written differently.
	f.filling = true
	switch tags, all := !b.spec.SQL92 && !b.spec.Any, strings.TrimSpace(b.spec.Expression); {
	case !tags && all == "*":
		b.spec.Expression = ""
	case tags && all == "":
		b.spec.Expression = "*"
	}
	f.offer(b)
	f.filter.SetText(b.spec.Expression)
	f.filling = false
}

// offer lists what a subscription can be filtered by: members of a group by what brokers
// select, a follow by any field too.
func (f *form) offer(b *sub) {
	f.filterBy.Options = []string{lang.L("Tags"), "SQL92"}
	f.filter.SetPlaceHolder("")
	at := index(b.spec.SQL92)
	if b.spec.Follow {
		f.filterBy.Options = append(f.filterBy.Options, lang.L("Any field"))
	}
	if b.spec.Any {
		at = 2
		f.filter.SetPlaceHolder(lang.L("word  key:…  .path:…  /regex/  jq:…"))
	}
	f.filterBy.SetSelectedIndex(at)
}

// pickReading follows the topic, or joins a group: one of the subscription's own
// where the cluster makes one.
func (f *form) pickReading(b *sub) {
	b.follow(f.reading.SelectedIndex() == 0)
	f.filling = true
	f.offer(b)
	f.filter.SetText(b.spec.Expression)
	f.group.SetText(b.spec.Group)
	f.filling = false
	f.ask()
}

func (f *form) pickFrom(b *sub) {
	b.errs.at = ""
	b.spec.From = [...]profile.From{profile.FromNow, profile.FromEarliest, profile.FromTime}[max(f.from.SelectedIndex(), 0)]
	if b.spec.From == profile.FromTime && b.timeText == "" {
		f.filling = true
		f.at.SetText(time.Now().Add(-time.Hour).Truncate(time.Minute).Format(timeLayout))
		f.filling = false
		f.typeTime(b, f.at.Text)
	}
}

func (f *form) typeTime(b *sub, v string) {
	b.timeText, b.errs.at = v, ""
	if t, ok := parseStart(v, time.Now()); ok {
		b.spec.FromTime = t
	}
}

// parseStart reads when to start: a time, or how long ago.
func parseStart(v string, now time.Time) (time.Time, bool) {
	if t, ok := filter.ParseTime(v, now); ok {
		return t, true
	}
	return words.ParsePast(v, now)
}

func (f *form) typeGroup(b *sub, v string) {
	b.spec.Group, b.spec.OwnGroup, b.errs.group, b.errs.filter = strings.TrimSpace(v), false, "", ""
	if !b.running() {
		f.screen.askGroupIn(b, typingPause)
	}
}

// makeGroup takes a group of the subscription's own.
func (f *form) makeGroup() {
	f.filling = true
	f.sub.spec.Group, f.sub.spec.OwnGroup = session.NewGroupName(), true
	f.sub.errs.group, f.sub.errs.filter = "", ""
	f.group.SetText(f.sub.spec.Group)
	f.filling = false
	f.screen.changed()
	f.ask()
	f.screen.update()
}

// left asks about the group when a field that names it was left.
func (f *form) left(gained bool) {
	if !gained {
		f.ask()
	}
}

func (f *form) ask() {
	if f.sub != nil && !f.sub.running() {
		f.screen.askGroup(f.sub)
	}
}

// commit takes over what is typed but not yet seen; every change was, so there
// is only the list of suggestions to close.
func (f *form) commit() { f.topic.Close() }

func (f *form) setTopics(names []string) {
	short := make([]string, len(names))
	for i, n := range names {
		short[i] = f.screen.p.Profile.ShortName(n)
	}
	f.topic.SetOptions(short)
}

func (f *form) focusTopic() { f.screen.focus(f.topic) }

// focusError goes to the first field that has an error.
func (f *form) focusError(e fieldErrors) {
	switch {
	case e.topic != "":
		f.screen.focus(f.topic)
	case e.filter != "":
		f.screen.focus(f.filter)
	case e.at != "":
		f.screen.focus(f.at)
	case e.group != "":
		f.screen.focus(f.group)
	}
}

// fill puts the values of a subscription into the fields.
func (f *form) fill(b *sub) {
	f.filling = true
	defer func() { f.filling = false }()
	f.sub = b
	f.topic.Close()
	f.topic.SetText(b.spec.Topic)
	f.offer(b)
	f.filter.SetText(b.spec.Expression)
	f.reading.SetSelectedIndex(index(!b.spec.Follow))
	f.showFrom(b)
	f.at.SetText(b.timeText)
	f.group.SetText(b.spec.Group)
	f.model.Set(index(b.spec.Broadcast))
	f.ordered.SetChecked(b.spec.Ordered)
	f.answer.Set(index(b.spec.Later))
}

// showFrom shows the start that is chosen, or that the group's own position holds.
func (f *form) showFrom(b *sub) {
	was := f.filling
	f.filling = true
	defer func() { f.filling = was }()
	if b.positioned() {
		f.from.ClearSelected()
		return
	}
	f.from.SetSelectedIndex(map[profile.From]int{profile.FromEarliest: 1, profile.FromTime: 2}[b.spec.From])
}

func index(b bool) int {
	if b {
		return 1
	}
	return 0
}
