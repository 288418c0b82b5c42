package inspect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/insight"
	"gantry/client/message"
	"gantry/gui/arrange"
	"gantry/gui/problem"
	"gantry/gui/task"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// queryState is the query for what became of the message.
const queryState = "state"

// mostEntries bounds the lines of the timeline.
const mostEntries = 200

// timeline is the pane that tells where a message is, what became of it in each
// group, and what happened when.
type timeline struct {
	i       *Inspector
	asked   *message.Message // of which the answer is shown or under way
	again   *widgets.Button
	copy    *widgets.Button
	shown   []entry
	state   *widgets.Word
	lines   *fyne.Container
	content fyne.CanvasObject
}

func newTimeline(i *Inspector) *timeline {
	t := &timeline{i: i, state: widgets.NewCaption(""), lines: container.New(&arrange.Rows{Gap: 6})}
	t.again = widgets.NewButton(lang.L("Ask again"), fynetheme.ViewRefreshIcon(), widgets.Quiet, func() { t.asked = nil; t.ask() })
	t.copy = widgets.NewButton(lang.L("Copy"), fynetheme.ContentCopyIcon(), widgets.Quiet, t.copyText)
	head := container.New(&arrange.Columns{Gap: 4, Shares: []float32{1, 0, 0}}, container.New(&arrange.Middle{}, t.state.Shrinks(40)), t.copy, t.again)
	lines := container.NewVScroll(t.lines)
	t.content = container.New(&arrange.Rows{Edge: 14, Gap: 6, Top: 4, Foot: 6, Grow: lines}, head, lines)
	return t
}

// ask asks what became of the message that is shown, unless that is known.
func (t *timeline) ask() {
	m := t.i.m
	conn := t.i.p.Conn()
	if m == nil || t.asked == m {
		return
	}
	t.asked = m
	t.again.Disable()
	t.copy.Disable()
	t.state.SetText(lang.L("Asking the brokers…"))
	t.lines.Objects = nil
	t.lines.Refresh()
	task.Ask(t.i.p.Tasks, t.i.scope, queryState, func(ctx context.Context) (insight.MessageState, error) {
		if conn == nil {
			return insight.MessageState{}, fault.NotConnected
		}
		return conn.State(ctx, m)
	}, func(st insight.MessageState, err error) {
		t.again.Enable()
		t.state.SetText(lang.L("As of {{.Time}}", map[string]any{"Time": time.Now().Format(time.TimeOnly)}))
		if err != nil {
			t.state.SetText("")
			t.show([]entry{{dot: widgets.DotError, words: problem.Explain(err).Text()}})
			return
		}
		t.show(entries(m, &st, t.i.p.Short))
	})
}

// show puts lines in place.
func (t *timeline) show(all []entry) {
	t.shown = all
	t.copy.Enable()
	t.lines.Objects = nil
	for _, e := range all {
		t.lines.Add(e.line())
	}
	t.lines.Refresh()
}

// copyText puts everything on the clipboard, for a ticket.
func (t *timeline) copyText() {
	var b strings.Builder
	b.WriteString(t.i.m.Topic + " " + t.i.m.ID() + "\n")
	for _, e := range t.shown {
		if e.heading {
			b.WriteString("\n" + e.words + "\n")
			continue
		}
		for _, part := range []string{e.when(), e.name, e.words} {
			if part != "" {
				b.WriteString(part + "\t")
			}
		}
		b.WriteString("\n")
	}
	fyne.CurrentApp().Clipboard().SetContent(strings.ReplaceAll(b.String(), "\t\n", "\n"))
	t.i.p.Say(lang.L("Copied."))
}

// entry is one line: a heading, or what happened, with its time where it has one.
type entry struct {
	heading bool
	dot     widgets.DotState
	at      time.Time
	name    string
	words   string
}

// when is the time as it is shown, "" for none.
func (e *entry) when() string {
	if e.at.IsZero() {
		return ""
	}
	return e.at.Local().Format(stamp)
}

func (e *entry) line() fyne.CanvasObject {
	if e.heading {
		return container.New(&arrange.Rows{Gap: 4}, widgets.NewRule(), widgets.NewWord(e.words, theme.Text).Bold())
	}
	words := widgets.NewParagraph(e.words, theme.Muted)
	lines := []fyne.CanvasObject{}
	if e.name != "" {
		lines = append(lines, widgets.NewData(e.name))
	}
	if at := e.when(); at != "" {
		lines = append(lines, widgets.NewData(at))
	}
	lines = append(lines, words.Object())
	dot := container.New(&arrange.Rows{Top: 5, Foot: 5}, widgets.NewDot(e.dot)) // beside the first line
	return container.New(&arrange.Columns{Gap: 8, Shares: []float32{0, 1}}, dot, container.New(&arrange.Rows{}, lines...))
}

// entries tells a message's state in lines: its place, its groups, what happened.
func entries(m *message.Message, st *insight.MessageState, short func(string) string) []entry {
	all := []entry{placeEntry(m, st)}
	all = append(all, entry{heading: true, words: lang.L("Groups that read the topic")})
	switch {
	case errors.Is(st.GroupsErr, fault.NotOffered):
		all = append(all, entry{words: lang.L("Not offered here: this endpoint does not tell who reads a topic.")})
	case st.GroupsErr != nil:
		all = append(all, entry{dot: widgets.DotError, words: problem.Explain(st.GroupsErr).Text()})
	case len(st.Groups) == 0 && message.Inner(m.Topic) && m.FirstTopic() != m.Topic:
		all = append(all, entry{words: lang.L("None: brokers keep it here. Groups read {{.Topic}}.", map[string]any{"Topic": short(m.FirstTopic())})})
	case len(st.Groups) == 0:
		all = append(all, entry{words: lang.L("No group reads it.")})
	}
	for _, g := range st.Groups {
		all = append(all, groupEntry(&g, short, st.Traces))
	}
	if names := st.Missing.Names(); len(names) > 0 {
		all = append(all, entry{dot: widgets.DotWarn, words: lang.L("{{.Name}} did not answer; groups may be missing.", map[string]any{"Name": names[0]})})
	}
	all = append(all, entry{heading: true, words: lang.L("What happened")})
	all = append(all, happened(m, st, short)...)
	all = append(all, traceWords(st)...)
	if len(all) > mostEntries {
		all = append(all[:mostEntries], entry{words: lang.L("There is more than is shown here.")})
	}
	return all
}

func placeEntry(m *message.Message, st *insight.MessageState) entry {
	e := entry{dot: widgets.DotOn, name: fmt.Sprintf("%s · %d · %d", m.Broker, m.QueueID, m.QueueOffset)}
	switch {
	case st.KeptErr != nil:
		e.dot, e.words = widgets.DotError, lang.L("Whether it is still there is not known: {{.Reason}}", map[string]any{"Reason": problem.Explain(st.KeptErr).What})
	case st.Gone:
		e.dot, e.words = widgets.DotOff, lang.L("The broker no longer keeps it.")
	default:
		e.words = lang.L("It is stored here.")
	}
	return e
}

// tracedBy tells what members of a group traced: that one consumed the message, or that
// one took it and has not ended. Clients that know namespaces trace short names.
func tracedBy(g *insight.GroupFate, short func(string) string, traces []cluster.Trace) (consumed, open bool) {
	for _, x := range traces {
		if x.Kind != cluster.TraceConsumed || x.Group != g.Group && x.Group != short(g.Group) {
			continue
		}
		consumed = consumed || x.Ended && x.OK
		open = open || !x.Ended
	}
	return consumed, open
}

// groupEntry says what became of a message in a group, by its position and by what its
// members traced.
func groupEntry(g *insight.GroupFate, short func(string) string, traces []cluster.Trace) entry {
	consumed, open := tracedBy(g, short, traces)
	e := entry{name: short(g.Group), dot: widgets.DotOff}
	data := map[string]any{
		"Members": widgets.Count(g.Members), "Ahead": widgets.Count(uint64(max(g.Ahead, 0))), "Expression": g.Expression, "Times": widgets.Count(len(g.Retries)),
		"Time": g.Dead.Local().Format(stamp),
	}
	switch g.Fate {
	case insight.FateConsumed:
		e.dot, e.words = widgets.DotOn, lang.L("The group is past it: consumed, or skipped by its start or a reset.")
		if consumed {
			e.words = lang.L("Consumed, as a member traced.")
		}
		if n := len(g.Retries); n > 0 {
			e.words = lang.N("Consumed, after it was sent back {{.Times}} times.", n, data)
		}
	case insight.FateWaiting:
		e.dot, e.words = widgets.DotWarn, waitingWords(g, data)
		if open && !consumed {
			e.words = lang.L("Not yet: a member took it, and has not answered.")
		}
	case insight.FateOffline:
		e.dot, e.words = widgets.DotError, lang.L("It waits: no member of the group is connected.")
	case insight.FateFiltered:
		e.words = lang.L("Left out by the group's expression: {{.Expression}}", data)
		if g.Differ {
			e.dot = widgets.DotWarn
			e.words = lang.L("Left out by the group's expression, {{.Expression}}. Its members subscribe differently, and brokers keep one subscription for all of them: those who want it never get it.", data)
		}
	case insight.FateRetrying:
		e.dot, e.words = widgets.DotWarn, lang.N("Sent back, and comes again. So far it came again {{.Times}} times.", len(g.Retries), data)
	case insight.FateDead:
		e.dot, e.words = widgets.DotError, lang.N("Given up after {{.Times}} retries, at {{.Time}}. It lies in the dead-letter topic.", len(g.Retries), data)
	case insight.FateTaken:
		e.dot, e.words = widgets.DotWarn, lang.L("Taken: members that pop hold messages of its queue, and have not answered yet.")
	case insight.FateEach:
		e.words = lang.L("Broadcasting: each member keeps its own position, and brokers do not know it.")
	default:
		e.words = lang.L("Not known.")
	}
	if g.Err != nil {
		e.words = words.Sentences(e.words, lang.L("A part is not known: {{.Reason}}", map[string]any{"Reason": problem.Explain(g.Err).What}))
	}
	return e
}

// waitingWords say what comes before a message that a group has not read.
func waitingWords(g *insight.GroupFate, data map[string]any) string {
	ahead := lang.N("Not yet: {{.Ahead}} messages of the queue come first.", int(g.Ahead), data)
	switch g.Ahead {
	case 0:
		ahead = lang.L("Not yet: it is the next of its queue.")
	case -1:
		ahead = lang.L("Not yet: the group has no position in this queue.")
	}
	return words.Sentences(ahead, lang.N("{{.Members}} members are connected.", g.Members, data))
}

// happened are the moments of a message's life, in their order.
func happened(m *message.Message, st *insight.MessageState, short func(string) string) []entry {
	var all []entry
	add := func(at time.Time, dot widgets.DotState, words string) {
		if !at.IsZero() {
			all = append(all, entry{at: at, dot: dot, words: words})
		}
	}
	add(m.BornAt, widgets.DotOff, lang.L("The producer made it."))
	add(m.StoredAt, widgets.DotOn, lang.L("The broker stored it."))
	for _, g := range st.Groups {
		data := map[string]any{"Group": short(g.Group)}
		for _, r := range g.Retries {
			data["Times"] = r.Times
			add(r.At, widgets.DotWarn, lang.L("Retry {{.Times}} came to {{.Group}}.", data))
		}
		add(g.Dead, widgets.DotError, lang.L("{{.Group}} gave it up.", data))
	}
	for _, x := range st.Traces {
		dot, words := traceEntry(&x, short)
		add(x.At, dot, words)
	}
	slices.SortStableFunc(all, func(a, b entry) int { return a.at.Compare(b.at) })
	return all
}

// traceEntry says what a client traced.
func traceEntry(x *cluster.Trace, short func(string) string) (widgets.DotState, string) {
	data := map[string]any{"Group": short(x.Group), "Took": x.Took.Milliseconds(), "Result": x.Result, "Client": x.Client}
	dot := widgets.DotOn
	said := ""
	switch {
	case x.Kind == cluster.TraceSent && x.OK:
		said = lang.L("{{.Group}} sent it in {{.Took}} ms.", data)
	case x.Kind == cluster.TraceSent:
		dot, said = widgets.DotError, lang.L("{{.Group}} failed to send it, after {{.Took}} ms.", data)
	case x.Kind == cluster.TraceDecided:
		said = lang.L("{{.Group}} ended the transaction: {{.Result}}", data)
	case x.Kind == cluster.TraceRecalled:
		said = lang.L("{{.Group}} recalled it.", data)
	case !x.Ended:
		dot, said = widgets.DotBusy, lang.L("A member of {{.Group}} took it; no end was traced.", data)
	case x.OK:
		said = lang.L("A member of {{.Group}} consumed it in {{.Took}} ms.", data)
	default:
		dot, said = widgets.DotError, lang.L("A member of {{.Group}} failed after {{.Took}} ms: {{.Result}}", data)
	}
	if x.Client != "" {
		said = words.Sentences(said, lang.L("(client {{.Client}})", data))
	}
	return dot, said
}

// traceWords says why there are no traces.
func traceWords(st *insight.MessageState) []entry {
	switch {
	case len(st.Traces) > 0:
		return nil
	case errors.Is(st.TracesErr, fault.TopicNotFound):
		return []entry{{words: lang.L("No traces: the brokers keep none (traceTopicEnable=false).")}}
	case errors.Is(st.TracesErr, fault.NotOffered):
		return []entry{{words: lang.L("Traces are not offered here.")}}
	case st.TracesErr != nil:
		return []entry{{dot: widgets.DotError, words: lang.L("Traces could not be read: {{.Reason}}", map[string]any{"Reason": problem.Explain(st.TracesErr).What})}}
	}
	return []entry{{words: lang.L("No traces: the clients have tracing off, or it has expired.")}}
}
