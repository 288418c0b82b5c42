package subscribe

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client/filter"
	"gantry/client/message"
	"gantry/client/profile"
	"gantry/client/session"
	"gantry/gui/inspect"
	"gantry/gui/msglist"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// bars is how many seconds the sparkline shows.
const bars = 30

// sub is one subscription of the bar.
type sub struct {
	screen *Screen
	spec   profile.Subscription // the form, as typed
	// timeText is the start time as typed; spec.FromTime follows when it can be
	// read.
	timeText string
	// archive: a list kept from earlier, which is read only; keptName is under
	// which name, "" for none.
	archive  bool
	keptName string
	of       session.Leftover // the archive's

	live    subscription // nil until opened
	list    *msglist.List
	chip    *widgets.SubChip
	message *message.Message // in the inspector
	st      session.Status

	errs   fieldErrors
	failed error // why the last start failed, if no field says it
	// placed: what ended it last is told already, at a field or when it failed.
	placed bool
	group  groupAnswer
	held   groupAnswer // what a start waits for to be seen; see askFirst
	// before are the group's members, differing those that subscribe differently, as
	// takeAnswer before the start.
	before    []string
	differing differing

	// typedGroup is the group that was typed for the other way of reading.
	typedGroup string

	wantStart bool // start when connected
	starting  bool
	stopping  bool
	closing   bool
	// rule is how bodies were read when it was started, outdated that they are read otherwise
	// by now: what it keeps is still told by the former.
	rule     inspect.Rule
	outdated bool
	gating   bool // a change of the gate is under way
	wantGate bool // what the gate shall be

	rates   []float64 // messages by second, the newest last
	seen    uint64    // received at the last sample
	sampled time.Time // when that was
}

// fieldErrors stand at the fields of the form.
type fieldErrors struct{ topic, filter, at, group string }

func newSub(s *Screen, spec profile.Subscription) *sub {
	b := &sub{screen: s, spec: spec}
	b.st.Later = spec.Later
	if spec.From == profile.FromTime && !spec.FromTime.IsZero() {
		b.timeText = spec.FromTime.Local().Format(timeLayout)
	}
	b.chip = widgets.NewSubChip("", func() { s.choose(b); s.FocusFirst() }, func() { s.askClose(b) })
	topic := func() string { return msglist.ShortTopic(b.spec.Topic, s.p.Profile.ShortName) }
	b.list = msglist.New(msglist.Params{
		Tasks: s.p.Tasks, Short: s.p.Profile.ShortName, Filter: true, Clears: true, Memory: s.p.Memory,
		Window: s.p.Window, Say: s.p.Say, Topic: topic, Origin: b.origin,
		Jq:     s.p.Jq,
		Decode: func() filter.Decode { return s.p.Formats.Decode(s.p.Profile.FullName(b.spec.Topic)) },
		OnSelected: func(m *message.Message) {
			b.message = m
			if s.current == b {
				s.inspect.Show(m)
			}
		},
		OnTick: func() { s.drawWith(b) }, OnChange: s.recount,
		OnCleared: func(before uint64) { b.spec.Cleared = before; s.changed() },
		OnEnter:   s.beside.Open, OnEscape: s.beside.Hide, OnSpace: s.TogglePause,
		OnCopied: func() { s.p.Say(lang.L("Copied.")) },
		OnSave:   s.inspect.SaveBody, OnError: s.p.Fail,
		Compare: s.compare,
		SendAll: func(from msglist.Listed) {
			if s.p.SendAll != nil {
				s.p.SendAll(topic(), from)
			}
		},
		Keep: over(topic, s.p.Keep), Shape: over(b.title, s.p.Shape),
	})
	return b
}

// title is what the list is called.
func (b *sub) title() string { return b.screen.nameOf(b) }

// origin says where the messages come from: of a list from earlier, from the connection
// that it was received over.
func (b *sub) origin() message.Export {
	if b.archive && b.of.Profile != "" {
		return message.Export{Profile: b.of.Profile, Production: b.of.Production}
	}
	return b.screen.p.Profile.Export()
}

// running tells whether a worker is there, or is to come.
func (b *sub) running() bool { return b.st.State.Running() || b.starting }

// follow takes the subscription out of its group, or gives it one: of its own
// where the cluster makes one.
func (b *sub) follow(on bool) {
	b.failed, b.errs.group, b.errs.filter = nil, "", ""
	typed := b.typedGroup
	b.typedGroup = ""
	if !b.spec.OwnGroup {
		b.typedGroup = b.spec.Group // comes back with the mode
	}
	b.spec.Follow, b.spec.Group, b.spec.OwnGroup = on, typed, false
	if !on && b.spec.Any { // members of a group get what brokers select
		b.spec.Any, b.spec.Expression = false, "*"
	}
	if !on && typed == "" && b.screen.ownGroups() {
		b.spec.Group, b.spec.OwnGroup = session.NewGroupName(), true
	}
}

// names are the full names of topic and group.
func (b *sub) names() (topic, group string) {
	p := b.screen.p.Profile
	return p.FullName(b.spec.Topic), p.FullName(b.spec.Group)
}

// hasPosition tells whether the group goes on from its own position, as far as
// the broker said so.
func (b *sub) hasPosition() bool {
	topic, group := b.names()
	return b.group.topic != "" && b.group.topic == topic && b.group.group == group &&
		b.group.state.HasPosition && !b.spec.Broadcast && !b.spec.Follow
}

// positioned tells whether the group's own position is where it starts, or where it
// was started: a group that was new then has one of its own soon after.
func (b *sub) positioned() bool {
	if b.st.State.Running() && b.st.State != session.Checking {
		return b.st.OwnPosition && !b.spec.Follow
	}
	return b.hasPosition()
}

// others is how many other members read in the group.
func (b *sub) others() int {
	topic, group := b.names()
	if b.group.topic == "" || b.group.topic != topic || b.group.group != group || b.spec.Broadcast || b.spec.Follow {
		return 0
	}
	n := len(b.group.state.Members)
	ours := func(m string) bool { return !slices.Contains(b.before, m) }
	if b.st.State.Running() && slices.ContainsFunc(b.group.state.Members, ours) {
		n-- // a broker lists us some time after we joined
	}
	return n
}

// otherNames are the first of the members that others counts, by their ids.
func (b *sub) otherNames() string {
	const most = 3
	var names []string
	more := 0
	for _, m := range b.group.state.Members {
		switch {
		case b.st.State.Running() && !slices.Contains(b.before, m): // may be ourselves
		case len(names) < most:
			names = append(names, words.ClientID(m))
		default:
			more++
		}
	}
	if more > 0 {
		names = append(names, "+"+widgets.Count(more))
	}
	return strings.Join(names, lang.L(", "))
}

// differs tells what the group's members subscribe to, if the form contradicts it.
func (b *sub) differs() (theirs string, differs bool) {
	topic, _ := b.names()
	return b.group.state.Differs(topic, b.spec.Expression, b.spec.SQL92, b.spec.Broadcast)
}

// read takes a snapshot of the state.
func (b *sub) read() {
	if b.live == nil {
		return
	}
	b.st = b.live.Status()
	if b.starting && b.st.State == session.Stopped {
		b.st.State = session.Checking
	}
}

// sample notes once a second how much came. Of a time in which nobody looked it knows
// the mean.
func (b *sub) sample(now time.Time) {
	gap := now.Sub(b.sampled)
	if b.live == nil || gap < time.Second-tick/2 {
		return
	}
	seconds := max(1, gap.Round(time.Second)/time.Second)
	came := float64(b.st.Received - min(b.st.Received, b.seen))
	b.seen, b.sampled = b.st.Received, now
	for range min(seconds, bars) {
		b.rates = append(b.rates, came/float64(seconds))
	}
	b.rates = b.rates[max(0, len(b.rates)-bars):]
}

// readNow is how bodies of its topic are read.
func (b *sub) readNow() inspect.Rule {
	return b.screen.p.Formats.Rule(b.screen.p.Profile.FullName(b.spec.Topic))
}

// begin notes that from now on messages may come: the time for which it lay still is none
// over which they are spread.
func (b *sub) begin(now time.Time) {
	b.sample(now)
	b.seen, b.sampled = b.st.Received, now
}

// moves tells whether what is shown of it changes by itself: it runs, or the bars of
// its rate still go by.
func (b *sub) moves() bool {
	return b.running() || b.stopping || slices.ContainsFunc(b.rates, func(r float64) bool { return r > 0 })
}

// rate is the messages a second, the mean of three.
func (b *sub) rate() float64 {
	last := b.rates[max(0, len(b.rates)-3):]
	if len(last) == 0 || !b.st.State.Running() {
		return 0
	}
	sum := 0.0
	for _, r := range last {
		sum += r
	}
	return sum / float64(len(last))
}

// rateWords says how many messages come in a second; fit: only those that fit are counted.
func rateWords(r float64, fit bool) string {
	if fit {
		return lang.L("{{.Rate}} /s fit", map[string]any{"Rate": rateText(r)})
	}
	return rateText(r) + " /s"
}

func rateText(r float64) string {
	if r >= 100 {
		return widgets.Count(uint64(r))
	}
	return fmt.Sprintf("%.1f", r)
}

// drawChip shows name and state in the bar.
func (b *sub) drawChip(chosen bool) {
	state, words := widgets.SubReceiving, ""
	switch {
	case b.archive:
		state, words = widgets.SubStopped, lang.L("kept")
	case b.st.State == session.Stopped && b.failed != nil, b.st.State == session.Troubled, b.st.State == session.Blocked, b.st.State == session.Restarting:
		state = widgets.SubFailed
	case !b.running():
		state = widgets.SubStopped
	case b.st.State == session.Paused:
		state, words = widgets.SubPaused, lang.L("paused")
	default:
		words = rateWords(b.rate(), b.st.Sifts)
	}
	b.chip.Set(b.screen.nameOf(b), b.how(), words, state, chosen)
}
