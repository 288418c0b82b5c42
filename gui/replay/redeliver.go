package replay

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"

	"gantry/client"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
	"gantry/gui/arrange"
	"gantry/gui/draw"
	"gantry/gui/problem"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// usualRate is how many dead letters leave in a second unless another rate is typed.
const usualRate = "100"

// lies is where messages lie that are redelivered: all in one retry or dead-letter topic.
type lies struct {
	topic string // full name; "" where they are only sent again
	since time.Time
	mixed bool
	// sent are those that are sent once though they may lie there more than once: half messages
	// that were given up, put back to checking and given up again, and retries, of which each
	// is a message of its own. twice is how many lay there once more.
	sent  map[[16]byte]struct{}
	twice uint64
}

// add copies a message as it is to be sent, each once.
func (l *lies) add(m *message.Message, add func(*message.Message) error) error {
	if l.again(m) {
		return nil
	}
	return add(l.take(m))
}

// again tells whether the message was taken before, as another retry of the same one or as a
// half message that was given up before.
func (l *lies) again(m *message.Message) bool {
	var same string
	if m.Topic == message.GivenUpTopic {
		same = m.Place()
	} else if topic, ids := m.Original(); message.RetryGroup(m.Topic) != "" && len(ids) > 0 {
		same = m.Topic + "/" + topic + "/" + ids[0]
	}
	if same == "" {
		return false
	}
	sum := sha256.Sum256([]byte(same))
	key := [16]byte(sum[:])
	if _, is := l.sent[key]; is {
		l.twice++
		return true
	}
	if l.sent == nil {
		l.sent = map[[16]byte]struct{}{}
	}
	l.sent[key] = struct{}{}
	return false
}

// take notices a message and returns it as it is to be copied: marked.
func (l *lies) take(m *message.Message) *message.Message {
	if !message.Redeliverable(m.Topic) || l.topic != "" && l.topic != m.Topic {
		l.mixed = true
		return m
	}
	if l.topic == "" || m.StoredAt.Before(l.since) {
		l.since = m.StoredAt
	}
	l.topic = m.Topic
	return m.Redelivered()
}

// one is the topic where all lie in it.
func (l *lies) one() (topic string, since time.Time) {
	if l.mixed {
		return "", time.Time{}
	}
	return l.topic, l.since
}

// ofTarget names where was looked: the topics over a connection.
type ofTarget struct{ profile, topics string }

// redelivery is what a sheet has of messages that lie in a retry or dead-letter topic.
type redelivery struct {
	topic   string
	since   time.Time
	known   map[ofTarget]*client.Redelivered // where was looked already
	again   *widgets.Check                   // those that were redelivered go too
	who     *widgets.Paragraph
	done    *widgets.Paragraph
	content *fyne.Container
}

// newRedelivery returns what belongs on the sheet; changed runs when the tick does.
func newRedelivery(topic string, since time.Time, changed func()) *redelivery {
	r := &redelivery{topic: topic, since: since, known: map[ofTarget]*client.Redelivered{}}
	r.again = widgets.NewCheck(lang.L("Send those too that were redelivered before"))
	r.again.OnChanged = func(bool) { changed() }
	r.who, r.done = widgets.NewParagraph("", theme.Text), widgets.NewParagraph("", theme.Muted)
	r.content = container.New(&arrange.Rows{Gap: 4}, r.who.Object(), r.done.Object(), r.again)
	draw.Show(r.content, topic != "")
	draw.Show(r.again, false)
	return r
}

// reader is who reads a target topic.
type reader struct {
	topic   string
	groups  []string // full names
	missing cluster.Missing
	err     error
}

// whose asks which groups read the topics, and which messages were redelivered before; what is
// known of that already is not looked for again. It puts those into the plan that are left
// out.
func (v *preview) whose(ctx context.Context, l redelivers) (err error) {
	group := message.RedeliveryGroup(l.topic)
	looks := []string{message.RetryTopic(group)} // there they may have gone before
	if v.plan.Replay.OnlyGroup {
		v.only, v.unknown = v.target.Conn.RetriesOf(ctx, group)
		looks = append(looks, l.firsts...)
	} else {
		topics := strings.Split(v.plan.Targets(), ", ")
		v.readersOf(ctx, topics)
		looks = append(topics, looks...)
	}
	if v.before = l.known; v.before == nil {
		if v.before, err = v.target.Conn.Redelivered(ctx, l.topic, l.since, looks); err != nil {
			return err
		}
	}
	skip, err := l.marked(ctx, v.before.Has)
	if v.done = len(skip); !l.again {
		v.plan.Replay.Skip = skip
	}
	return err
}

// readersOf asks who reads topics.
func (v *preview) readersOf(ctx context.Context, topics []string) {
	for _, topic := range topics {
		r := reader{topic: topic}
		if r.groups, r.missing, r.err = v.target.Conn.GroupsOfTopic(ctx, topic); errors.Is(r.err, fault.TopicNotFound) {
			r.err = nil
		}
		v.readers = append(v.readers, r)
	}
}

// redelivers is what a look needs of a redelivery.
type redelivers struct {
	topic  string
	firsts []string // the topics that they were sent to first, where they are known
	since  time.Time
	again  bool
	known  *client.Redelivered // nil where nobody looked
	// marked is outbox.Copied.Marked.
	marked func(ctx context.Context, fits func(mark string) bool) ([]int64, error)
}

// asked is what is to be looked for, with what is known of the plan's target.
func (r *redelivery) asked(to Target, p *plan.Plan, copied *outbox.Copied) redelivers {
	l := redelivers{topic: r.topic, since: r.since, again: r.again.Checked, known: r.known[ofTarget{to.Profile.ID, p.Targets()}], marked: copied.Marked}
	if ownTopics(copied.Topics) {
		for _, t := range copied.Topics {
			l.firsts = append(l.firsts, t.Topic)
		}
	}
	return l
}

// show says who gets the messages, and what is left out.
func (r *redelivery) show(v *preview) {
	if r.topic == "" {
		return
	}
	if v == nil {
		r.who.Set("", theme.Text)
		r.done.Set("", theme.Muted)
		draw.Show(r.again, r.again.Checked)
		return
	}
	r.known[ofTarget{v.target.Profile.ID, v.plan.Targets()}] = v.before
	r.who.Set(v.whoGets(), theme.Text)
	r.done.Set(words.Sentences(v.leftBefore(), v.lookedAt()), theme.Muted)
	draw.Show(r.again, v.done > 0)
}

// mostGroups is how many groups are named.
const mostGroups = 12

// getters names the groups that read the targets, and how many there are.
func (v *preview) getters() (names string, n int) {
	var all []string
	for _, r := range v.readers {
		for _, g := range r.groups {
			if short := v.target.Profile.ShortName(g); !slices.Contains(all, short) {
				all = append(all, short)
			}
		}
	}
	n = len(all)
	slices.Sort(all)
	if n > mostGroups {
		all = append(all[:mostGroups], "…")
	}
	return strings.Join(all, lang.L(", ")), n
}

// nobody says why nobody would get what only the group is to have, "" where it does.
func (v *preview) nobody() string {
	if v.plan.Replay == nil || !v.plan.Replay.OnlyGroup {
		return ""
	}
	data := map[string]any{"Group": v.group()}
	switch {
	case v.only.Each:
		return lang.L("{{.Group}} broadcasts: its members read no retry topic, and nobody would get them.", data)
	case v.only.Popped:
		return lang.L("The members of {{.Group}} take messages by pop, and read other retry topics: nobody would get them.", data)
	}
	return ""
}

// group is the one that gave the messages up, as people know it.
func (v *preview) group() string {
	return v.target.Profile.ShortName(message.RedeliveryGroup(v.plan.Replay.Redelivers))
}

// onlyGroup says that the group alone gets the messages, and whether it is there.
func (v *preview) onlyGroup() string {
	data := map[string]any{"Group": v.group(), "Count": widgets.Count(v.only.Members)}
	text := lang.L("Only {{.Group}} gets them, as retries through its retry topic: no other group does.", data)
	switch {
	case errors.Is(v.unknown, fault.NotOffered):
		return words.Sentences(text, lang.L("Whether members of it are connected is not told here."))
	case v.unknown != nil:
		return words.Sentences(text, lang.L("Whether members of it are connected is not known."), problem.Explain(v.unknown).What)
	case v.only.Members == 0:
		text = words.Sentences(text, lang.L("No member is connected: they wait until one is."))
	default:
		text = words.Sentences(text, lang.N("{{.Count}} members are connected.", v.only.Members, data))
	}
	if len(v.only.Missing) > 0 {
		text = words.Sentences(text, problem.Missing(v.only.Missing))
	}
	return text
}

// whoGets says which groups get the messages.
func (v *preview) whoGets() string {
	if v.plan.Replay.OnlyGroup {
		return v.onlyGroup()
	}
	names, n := v.getters()
	group := message.RedeliveryGroup(v.plan.Replay.Redelivers)
	data := map[string]any{"Count": widgets.Count(n), "Groups": names, "Group": v.target.Profile.ShortName(group)}
	text := lang.L("No group reads the target: nobody gets them now.")
	if n > 0 {
		text = lang.N("{{.Count}} groups read the target and get them: {{.Groups}}.", n, data)
	}
	own := slices.ContainsFunc(v.readers, func(r reader) bool { return slices.Contains(r.groups, group) })
	switch {
	case group == "" && v.plan.Replay.Redelivers == message.GivenUpTopic:
		text = words.Sentences(text, lang.L("Nobody asks the producers: also what they would have rolled back is consumed."),
			lang.L("What is being checked again and is committed yet comes twice."))
	case n > 1 && own:
		text = words.Sentences(text, lang.L("Only {{.Group}} has failed with them: the others get them once more.", data))
	case n > 0 && !own:
		text = words.Sentences(text, lang.L("{{.Group}}, which has failed with them, is not among those.", data))
	}
	for _, r := range v.readers {
		switch {
		case errors.Is(r.err, fault.NotOffered):
			return lang.L("Which groups read the target is not told here: all that do get these messages.")
		case r.err != nil:
			return words.Sentences(lang.L("Which groups read the target is not known: all that do get these messages."), problem.Explain(r.err).What)
		case len(r.missing) > 0:
			return words.Sentences(text, problem.Missing(r.missing), lang.L("Others may read it there."))
		}
	}
	return text
}

// leftBefore says how many were redelivered before.
func (v *preview) leftBefore() string {
	if v.done == 0 {
		return ""
	}
	data := map[string]any{"Count": widgets.Count(uint64(v.done)), "Uncertain": widgets.Count(uint64(len(v.before.Uncertain)))}
	text := lang.N("{{.Count}} were redelivered before and are left out.", v.done, data)
	if len(v.plan.Replay.Skip) == 0 {
		text = lang.N("{{.Count}} were redelivered before and go once more.", v.done, data)
	}
	if n := len(v.before.Uncertain); n > 0 {
		text = words.Sentences(text, lang.N("Of {{.Uncertain}} that were sent before no answer came.", n, data))
	}
	return text
}

// lookedAt says how far was looked for those.
func (v *preview) lookedAt() string {
	b := v.before
	all := []string{lang.N("Looked for earlier redeliveries in {{.Count}} runs of this Gantry.", b.Runs, map[string]any{"Count": widgets.Count(b.Runs)})}
	if b.Lost > 0 {
		all = append(all, lang.N("Which {{.Count}} messages of them were is not known any more.", int(b.Lost), map[string]any{"Count": widgets.Count(uint64(b.Lost))}))
	}
	for _, l := range b.Looked {
		if message.RetryGroup(l.Topic) != "" && l.Whole() && l.Read == 0 {
			continue // nothing lies there
		}
		data := map[string]any{"Topic": v.target.Profile.ShortName(l.Topic), "Read": widgets.Count(uint64(l.Read)), "Time": l.Through.Local().Format(time.DateTime)}
		switch {
		case l.Err != nil:
			all = append(all, lang.L("{{.Topic}} could not be looked through for those.", data), problem.Explain(l.Err).What)
		case l.Limited:
			all = append(all, lang.L("In {{.Topic}} {{.Read}} messages were looked through, up to {{.Time}}; what came later was not.", data))
		case len(l.Missed) > 0:
			all = append(all, lang.L("In {{.Topic}} {{.Read}} messages were looked through; a part could not be read.", data))
		default:
			all = append(all, lang.N("In {{.Topic}} all {{.Read}} messages since the first were looked through.", int(l.Read), data))
		}
	}
	return words.Sentences(all...)
}

// redelivered are the facts that are agreed to.
func (v *preview) redelivered() (facts []widgets.Fact) {
	names, n := v.getters()
	gets := widgets.Fact{Label: lang.L("Get them"), Value: names, Mono: true}
	switch {
	case v.plan.Replay.OnlyGroup:
		gets = widgets.Fact{Label: lang.L("Get them"), Value: lang.L("only {{.Group}}", map[string]any{"Group": v.group()})}
	case slices.ContainsFunc(v.readers, func(r reader) bool { return r.err != nil }):
		gets = widgets.Fact{Label: lang.L("Get them"), Value: lang.L("not known: all groups that read it"), Tint: theme.Warn}
	case n == 0:
		gets = widgets.Fact{Label: lang.L("Get them"), Value: lang.L("no group")}
	}
	facts = append(facts, gets)
	switch {
	case len(v.plan.Replay.Skip) > 0:
		facts = append(facts, widgets.Fact{Label: lang.L("Done before"), Value: lang.L("{{.Count}}, left out", map[string]any{"Count": widgets.Count(uint64(v.done))})})
	case v.done > 0:
		facts = append(facts, widgets.Fact{Label: lang.L("Done before"), Value: lang.L("{{.Count}}, which go once more", map[string]any{"Count": widgets.Count(uint64(v.done))}), Tint: theme.Warn})
	}
	return facts
}
