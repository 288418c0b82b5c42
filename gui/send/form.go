package send

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
	"gantry/client/profile"
	"gantry/gui/arrange"
	"gantry/gui/ascode"
	"gantry/gui/draw"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// defaultGroup is the producer group unless the user names another.
const defaultGroup = ascode.Group

// form is what a message is made of.
type form struct {
	s       *Screen
	content *fyne.Container

	topic                           *widgets.Completion
	tag, keys, group                *widgets.Entry
	topicField, tagField, keysField *widgets.Field
	groupField                      *widgets.Field
	properties                      *properties
	delivery                        *delivery
	repeat                          *repeat
	values                          *widgets.Check // the texts have dynamic values
	packing                         *widgets.Select
	packingField                    *widgets.Field
	rest                            *fyne.Container // what stands under More
	more, many                      *widgets.Button
	filling                         bool  // fill is at work: nothing to save
	made                            int64 // single messages with dynamic values
}

func newForm(s *Screen) *form {
	f := &form{s: s}
	f.topic = widgets.NewCompletion(nil)
	f.topic.OnChanged = func(string) { f.topicField.SetError(""); f.showFullName(); f.changed(); f.s.body.topicChanged() }
	f.topic.OnFocus = func(on bool) {
		if on {
			f.suggest()
		}
	}
	f.topic.Mono()
	f.topicField = widgets.NewField(lang.L("Topic"), f.topic)
	f.tag, f.tagField = f.entry(lang.L("Tag"))
	f.keys, f.keysField = f.entry(lang.L("Keys, separated by spaces"))
	f.group, f.groupField = f.entry(lang.L("Producer group"))
	f.group.SetPlaceHolder(defaultGroup)
	f.packing = widgets.NewSelect(lang.L("Not packed"), lang.L("As RocketMQ does (zlib)"), lang.L("As gzip bytes"))
	f.packingField = widgets.NewField(lang.L("Packing of the body"), f.packing)
	f.packing.OnChanged = func(string) { f.showPacking(); f.changed() }
	f.rest = container.New(&arrange.Columns{Gap: 12, Shares: []float32{1, 1, 0}}, f.groupField, f.packingField,
		container.NewVBox(widgets.NewCaption(""), f.codeButton()))
	f.rest.Hide()
	f.properties = newProperties(f)
	f.delivery = newDelivery(f)
	f.repeat = newRepeat(f)
	f.values = widgets.NewCheck(lang.L("Dynamic values"))
	f.values.SetChecked(true)
	f.values.OnChanged = func(bool) {
		f.changed()
		f.s.body.editor.Refresh() // other colours
		f.s.body.check()
	}
	f.values.Hide()
	f.many = widgets.NewButton(lang.L("Send many"), fynetheme.MenuExpandIcon(), widgets.Quiet, func() { f.repeat.fold(!f.repeat.open()) })
	f.more = widgets.NewButton(lang.L("More"), fynetheme.MenuExpandIcon(), widgets.Quiet, func() { f.fold(!f.rest.Visible()) })
	// Below the rows, which grow upwards into the body: so it stays in its place.
	foot := container.New(&arrange.Columns{Gap: 8, Shares: []float32{0, 0, 1, 0, 0}}, f.properties.add, f.values, layout.NewSpacer(), f.many, f.more)
	f.content = container.New(&arrange.Rows{Gap: 8, Grow: s.body.content},
		container.New(&arrange.Columns{Gap: 8, Shares: []float32{2, 1, 1.6}}, f.topicField, f.tagField, f.keysField),
		f.delivery.content, s.body.head, s.body.content, f.properties.content, foot, f.repeat.content, f.rest)
	return f
}

func (f *form) entry(caption string) (*widgets.Entry, *widgets.Field) {
	e := widgets.NewEntry().Mono()
	w := widgets.NewField(caption, e)
	e.OnChanged = func(string) { w.SetError(""); f.changed() }
	return e, w
}

// changed notes that something was typed.
func (f *form) changed() {
	f.lookForValues()
	if !f.filling {
		f.s.changed()
	}
}

// lookForValues offers the choice whether texts have dynamic values where there are any.
func (f *form) lookForValues() {
	if f.values == nil || f.repeat == nil {
		return
	}
	if has := f.hasValues(); has != f.values.Visible() {
		draw.Show(f.values, has)
		f.relayout()
	}
}

// dynamic tells whether dynamic values are taken as such.
func (f *form) dynamic() bool { return f != nil && f.values != nil && f.values.Checked }

// hasValues tells whether something in the form looks like a dynamic value.
func (f *form) hasValues() bool {
	for _, e := range []string{f.tag.Text, f.keys.Text, f.delivery.key.Text} {
		if strings.Contains(e, "{{") {
			return true
		}
	}
	for _, p := range f.properties.read() {
		if strings.Contains(p.Name+p.Value, "{{") {
			return true
		}
	}
	return f.s.body.how.As.IsText() && bytes.Contains(f.s.body.bytes(), []byte("{{"))
}

// The places of the ways to pack in their list.
const (
	packedOnItsWay = 1
	packedAsGzip   = 2
)

// showPacking says who unpacks the body.
func (f *form) showPacking() {
	hint := ""
	switch f.packing.SelectedIndex() {
	case packedOnItsWay:
		hint = lang.L("Every client unpacks it.")
	case packedAsGzip:
		hint = lang.L("Whoever receives it gets gzip.")
	}
	f.packingField.SetHint(hint)
	f.relayout()
}

// how is the way in which the body is typed and packed.
func (f *form) how() message.Typed {
	how := f.s.body.how
	how.Gzip = f.packing.SelectedIndex() == packedAsGzip
	return how
}

// relayout follows a field that came or went.
func (f *form) relayout() {
	if f.content != nil {
		f.content.Refresh()
	}
}

// fold shows or hides what stands under More.
func (f *form) fold(open bool) {
	draw.Show(f.rest, open)
	if open {
		f.more.SetIcon(fynetheme.MenuDropDownIcon())
	} else {
		f.more.SetIcon(fynetheme.MenuExpandIcon())
	}
	f.relayout()
}

// suggest offers the topics that are known, by their short names.
func (f *form) suggest() {
	var names []string
	seen := map[string]bool{}
	for _, t := range f.s.p.Topics() {
		if t = f.s.p.Profile.ShortName(t); !seen[t] {
			seen[t] = true
			names = append(names, t)
		}
	}
	f.topic.SetOptions(names)
}

// showFullName says what the broker will see where the profile has a prefix.
func (f *form) showFullName() {
	hint := ""
	if name := f.s.p.Profile.FullName(f.topic.Text); name != "" && f.s.p.Profile.Prefix() != "" {
		hint = name
	}
	f.topicField.SetHint(hint)
}

// fill puts saved values into the fields.
func (f *form) fill(v profile.SendForm) { f.put(v, []byte(v.Body), lang.L("kept from last time")) }

// put puts values into the fields; source says where the body, which is not that of v,
// comes from.
func (f *form) put(v profile.SendForm, body []byte, source string) {
	f.filling = true
	defer func() { f.filling = false }()
	f.topic.SetText(v.Topic)
	f.tag.SetText(v.Tag)
	f.keys.SetText(v.Keys)
	f.group.SetText(v.ProducerGroup)
	f.properties.fill(v.Properties)
	f.delivery.fill(v)
	f.s.body.put(v.How, body, source)
	f.values.SetChecked(!v.Literal)
	packing := 0
	switch {
	case v.How.Gzip:
		packing = packedAsGzip
	case v.Packed:
		packing = packedOnItsWay
	}
	f.packing.SetSelectedIndex(packing)
	f.lookForValues()
	f.fold(v.ProducerGroup != "" && v.ProducerGroup != defaultGroup || packing > 0)
}

// read returns the values as typed.
func (f *form) read() profile.SendForm {
	v := profile.SendForm{
		ProducerGroup: f.group.Text, Topic: f.topic.Text, Tag: f.tag.Text, Keys: f.keys.Text,
		Properties: f.properties.read(), Body: f.s.body.toKeep(), Literal: !f.values.Checked, Packed: f.packing.SelectedIndex() == packedOnItsWay, How: f.how(),
	}
	f.delivery.read(&v)
	return v
}

// draft returns the message that the form describes, to be made; ok is false if something
// in it cannot be sent, which then stands at its field.
func (f *form) draft(now time.Time) (d message.Draft, ok bool) {
	if name := profile.CorrectBar(f.topic.Text); name != f.topic.Text {
		f.topic.SetText(name)
		f.s.p.Say(lang.L("The full-width bar was corrected to |."))
	}
	return f.asTyped(now)
}

// texts are those of the form, as a plan has them.
func (f *form) texts(d *message.Draft) plan.Texts {
	return plan.Texts{
		ProducerGroup: d.ProducerGroup, Topic: d.Topic, Tag: d.Tag, Keys: f.keys.Text, Properties: d.Properties,
		ShardingKey: d.ShardingKey, Deliver: d.Deliver, To: d.To, OneWay: d.OneWay, Transaction: d.Transaction, Reply: d.Reply,
		Packed: d.Packed, Body: d.Body, How: d.How,
		JSON: d.How.As == message.AsText && looksLikeJSON(d.Body) || d.How.As.Coded() != "", Literal: !f.values.Checked,
	}
}

// made is one message of a plan, with what it was made from. Secret values are hidden in it.
type made struct {
	draft *message.Draft
	plan  *plan.Plan
	seq   int64
	at    time.Time
}

// fromConnection gives a plan the values of the connection.
func (f *form) fromConnection(p *plan.Plan) {
	p.Env, p.Secret = f.s.p.Profile.Env, f.s.p.Profile.SecretEnv
}

// besideFrom is the size of a body from which a message is made beside the window, in
// bytes.
const besideFrom = 64 << 10

// make makes one message of what the form describes, with its dynamic values and its body
// in its charset, and packed; then does nothing if something is wrong with one, which then
// stands at its field.
func (f *form) make(d *message.Draft, now time.Time, then func(made)) {
	f.made++
	p := &plan.Plan{Texts: f.texts(d), Count: plan.MaxMessages, AtOnce: 1, Seed: outbox.Seed()}
	f.fromConnection(p)
	one := made{plan: p, seq: f.made - 1, at: now}
	describe := f.s.describing(d.Topic)
	work := func(ctx context.Context) (made, error) {
		if err := describe(ctx, p); err != nil {
			return one, err
		}
		m, err := p.Maker("", nil)
		if err == nil {
			err = m.GoOn(one.seq, -1)
		}
		if err != nil {
			return one, err
		}
		made, err := m.Next(now)
		one.draft = made.Draft
		return one, err
	}
	done := func(one made, err error) {
		switch {
		case err == nil:
			if f.checkLength(one.draft) {
				then(one)
			}
		case !f.failed(err):
			f.s.p.Fail(err)
		}
	}
	if len(d.Body) < besideFrom && d.How.As != message.AsProtobuf {
		done(work(context.Background()))
		return
	}
	f.s.lookups++
	task.Ask(f.s.p.Tasks, f.s.scope, fmt.Sprint("make ", f.made), work, func(one made, err error) {
		f.s.lookups--
		done(one, err)
	})
}

// repeats tells whether the form is for a run.
func (f *form) repeats() bool { return f.repeat.open() }

// plan is the run that the form describes, and the file of its rows; ok is false if
// something in it cannot be, which then stands at its field.
func (f *form) plan() (p *plan.Plan, file string, ok bool) {
	d, ok := f.asTyped(time.Now())
	if !ok {
		return nil, "", false
	}
	if d.Reply > 0 {
		f.delivery.replyField.SetError(lang.L("A run waits for no replies. Send a request alone."))
		return nil, "", false
	}
	p = &plan.Plan{Texts: f.texts(&d), Prove: true, Seed: outbox.Seed()}
	f.fromConnection(p)
	if !f.repeat.read(p) {
		return nil, "", false
	}
	return p, f.repeat.file, true
}

// check puts each error at its field and the focus on the first.
func (f *form) check(d *message.Draft, now time.Time) bool {
	why := func(err error) string { return problem.Explain(err).What }
	probe := func(p message.Draft) string { p.Topic, p.Body = "t", []byte("b"); return why(p.Check()) }
	var first fyne.Focusable
	for _, x := range []struct {
		err   string
		field *widgets.Field
		focus fyne.Focusable
	}{
		{why(message.CheckTarget(d.Topic)), f.topicField, f.topic},
		{probe(message.Draft{Tag: d.Tag}), f.tagField, f.tag},
		{probe(message.Draft{Keys: d.Keys}), f.keysField, f.keys},
		{cmp.Or(f.delivery.keyProblem(), probe(message.Draft{ShardingKey: d.ShardingKey})), f.delivery.keyField, f.delivery.key},
		{f.delivery.whenProblem(now), f.delivery.whenField, f.delivery.when},
		{f.delivery.replyProblem(), f.delivery.replyField, f.delivery.reply},
		{why(message.CheckGroup(d.ProducerGroup)), f.groupField, f.group},
	} {
		x.field.SetError(x.err)
		if x.err == "" {
			continue
		}
		if x.field == f.groupField {
			f.fold(true)
		}
		if first == nil {
			first = x.focus
		}
	}
	if first == nil && len(d.Body) == 0 {
		first = f.s.body.focusable()
		f.s.body.setStatus(0, theme.Err, problem.Explain(message.ErrEmptyBody).What)
	}
	if first != nil {
		f.s.p.Window.Canvas().Focus(first)
		return false
	}
	return true
}

// checkLength finds what is too long only together.
func (f *form) checkLength(d *message.Draft) bool {
	err := d.Check()
	f.properties.fail(problem.Explain(err).What)
	return err == nil
}

// topicFailed says at the topic why it cannot be sent to.
func (f *form) topicFailed(words string) {
	f.topicField.SetError(words)
	f.s.p.Window.Canvas().Focus(f.topic)
}
