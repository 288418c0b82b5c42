package inspect

import (
	"fmt"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/widget"

	"gantry/client/filter"
	"gantry/client/message"
	"gantry/gui/msglist"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// stamp is how a time of the message is written, local.
const stamp = "2006-01-02 15:04:05.000"

// propertyLabel is the longest name of a property that is shown, in cells.
const propertyLabel float32 = 22 * widgets.Cell

// messageFacts are the facts of a message; the topic's full name where the title shows a
// shorter one.
func messageFacts(m *message.Message, short func(string) string) []widgets.Fact {
	facts := ownFacts(m)
	if full := m.Topic; msglist.ShortTopic(full, short) != full {
		facts = append([]widgets.Fact{{Label: lang.L("Topic"), Value: full, Mono: true, CopyTip: lang.L("Copy")}}, facts...)
	}
	return facts
}

// ownFacts are ids, times, hosts and counts.
func ownFacts(m *message.Message) []widgets.Fact {
	tip := lang.L("Copy")
	size := widgets.Bytes(int64(m.StoredBody()))
	if m.Inflated {
		size = lang.L("{{.Size}} as stored, {{.Plain}} unpacked", map[string]any{"Size": size, "Plain": widgets.Bytes(int64(len(m.Body)))})
	}
	retries := widgets.Fact{Label: lang.L("Retries"), Value: widgets.Count(m.ReconsumeTimes), Mono: true}
	if m.ReconsumeTimes > 0 {
		retries.Tint = theme.Warn
	}
	return []widgets.Fact{
		{Label: lang.L("Message id"), Value: m.ID(), Mono: true, CopyTip: tip, Term: filter.FieldTerm("id", m.ID())},
		{Label: lang.L("Offset id"), Value: m.OffsetID(), Mono: true, CopyTip: tip},
		{Label: lang.L("Queue"), Value: fmt.Sprintf("%s · %d · %d", m.Broker, m.QueueID, m.QueueOffset), Mono: true, Term: "queue:" + strconv.Itoa(m.QueueID)},
		{Label: lang.L("Stored"), Value: when(m.StoredAt) + delta(m), Mono: true},
		{Label: lang.L("Born"), Value: when(m.BornAt), Mono: true},
		{Label: lang.L("From"), Value: m.BornHost.String(), Mono: true},
		{Label: lang.L("Store host"), Value: m.StoreHost.String(), Mono: true},
		retries,
		{Label: lang.L("Size"), Value: size, Mono: true},
	}
}

// briefFacts are the two lines that stand above the body: which message it is, and when
// and where it was stored. The rest is under Details.
func briefFacts(m *message.Message) []widgets.Fact {
	at := "-"
	if !m.StoredAt.IsZero() {
		at = m.StoredAt.Local().Format("15:04:05.000") + delta(m)
	}
	return []widgets.Fact{
		{Label: lang.L("Message id"), Value: m.ID(), Mono: true, CopyTip: lang.L("Copy")},
		{Label: lang.L("Stored"), Value: fmt.Sprintf("%s  %s · %d · %d", at, m.Broker, m.QueueID, m.QueueOffset), Mono: true},
	}
}

// deadFacts are the lines more of a dead letter, a retry, a half message that was given up, or
// of what waits: why it lies there, how often it was delivered or asked after, and where it
// lay first.
func deadFacts(m *message.Message, short func(string) string) []widgets.Fact {
	if !message.Redeliverable(m.Topic) {
		return waitFacts(m, short)
	}
	data := map[string]any{"Count": widgets.Count(m.ReconsumeTimes), "Topic": short(m.FirstTopic())}
	// A broker counts the failed delivery before it puts the message here, so that this is one
	// more than its retries (AbstractSendMessageProcessor.java, consumerSendMsgBack).
	label, why := lang.L("Given up"), lang.N("after {{.Count}} deliveries", m.ReconsumeTimes, data)
	switch {
	case m.Topic == message.GivenUpTopic:
		why = lang.N("after {{.Count}} checks", m.Checks(), map[string]any{"Count": widgets.Count(m.Checks())})
	case message.DeadLetterGroup(m.Topic) == "":
		label, why = lang.L("Retry"), lang.N("number {{.Count}}", m.ReconsumeTimes, data)
	case m.ReconsumeTimes == 0, m.Property(message.PropertyDelay) == "-1":
		why = lang.L("by its member, without further retries")
	}
	value := why
	if m.FirstTopic() != m.Topic {
		value += " · " + lang.L("first in {{.Topic}}", data)
	}
	facts := []widgets.Fact{{Label: label, Value: value, Tint: theme.Warn}}
	if m.Topic == message.GivenUpTopic {
		facts = append(facts, widgets.Fact{Label: lang.L("Producer group"), Value: m.Property(message.PropertyProducerGroup), Mono: true})
	}
	if mark := m.Property(message.PropertyRedelivered); mark != "" {
		facts = append(facts, widgets.Fact{Label: lang.L("Redelivered"), Value: mark, Mono: true})
	}
	return facts
}

// waitFacts are the line more of a message that lies where it waits: for what, and for which
// topic. Whether it still does is not known from it.
func waitFacts(m *message.Message, short func(string) string) []widgets.Fact {
	forTime, half := m.Waits()
	data := map[string]any{"Topic": short(m.FirstTopic())}
	due, known := m.Due()
	value := lang.L("for its delay · then in {{.Topic}}", data)
	switch {
	case half:
		value = lang.L("for its producer's decision · then in {{.Topic}}, if it is committed", data)
	case !forTime:
		return nil
	case known:
		data["Time"] = words.Clock(due, time.Now())
		value = lang.L("until {{.Time}} · then in {{.Topic}}", data)
	}
	return []widgets.Fact{{Label: lang.L("Waits"), Value: value, Tint: theme.Warn}}
}

func when(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format(stamp)
}

// delta tells how long storing took, of a delayed message against the time that it was
// due: that is when the broker stores it for consumers.
func delta(m *message.Message) string {
	due, delayed := m.Due()
	switch late := m.StoredAt.Sub(due); {
	case m.StoredAt.IsZero():
		return ""
	case delayed:
		data := map[string]any{"Time": words.Clock(due, m.StoredAt), "Late": words.Exact(late.Abs().Round(100 * time.Millisecond))}
		if late < 0 {
			return "  (" + lang.L("due {{.Time}}", data) + ")"
		}
		return "  (" + lang.L("due {{.Time}}, {{.Late}} late", data) + ")"
	case m.BornAt.IsZero():
		return ""
	}
	return "  (" + signed(m.StoredAt.Sub(m.BornAt)) + ")"
}

// readable is the value of a property of RocketMQ's own, as a time where it is one.
func readable(p message.Property) string {
	if at, ok := message.Moment(p.Name, p.Value); ok {
		return when(at)
	}
	if d, ok := message.Length(p.Name, p.Value); ok {
		return words.Exact(d)
	}
	return ""
}

// signed writes the time between producing and storing.
func signed(d time.Duration) string {
	if d.Abs() < 10*time.Second {
		return fmt.Sprintf("%+d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%+.1f s", d.Seconds())
}

// propertyFacts are the user's properties, then, muted, RocketMQ's own.
func propertyFacts(m *message.Message) []widgets.Fact {
	tip := lang.L("Copy")
	var out []widgets.Fact
	for _, p := range m.UserProperties() {
		out = append(out, widgets.Fact{Label: widgets.TextCut(p.Name, propertyLabel), Value: p.Value, Mono: true, CopyTip: tip, Term: filter.FieldTerm("prop."+p.Name, p.Value)})
	}
	for _, p := range m.SystemProperties() {
		out = append(out, widgets.Fact{Label: widgets.TextCut(p.Name, propertyLabel), Value: p.Value, Shown: readable(p), Mono: true, Tint: theme.Muted, CopyTip: tip, Term: systemTerm(p)})
	}
	return out
}

// systemTerm is the term for a property of RocketMQ's own.
func systemTerm(p message.Property) string {
	switch p.Name {
	case message.PropertyTags:
		return filter.FieldTerm("tag", p.Value)
	case message.PropertyKeys:
		return filter.FieldTerm("key", p.Value)
	}
	return filter.FieldTerm("prop."+p.Name, p.Value)
}

// offerTerm offers to filter by a value.
func (i *Inspector) offerTerm(f widgets.Fact, at fyne.Position) {
	if i.p.AddFilter == nil {
		return
	}
	c := fyne.CurrentApp().Driver().CanvasForObject(i.content)
	widget.ShowPopUpMenuAtPosition(fyne.NewMenu("",
		fyne.NewMenuItem(lang.L("Only with this value"), func() { i.p.AddFilter(f.Term, false) }),
		fyne.NewMenuItem(lang.L("Without this value"), func() { i.p.AddFilter(f.Term, true) })), c, at)
}
