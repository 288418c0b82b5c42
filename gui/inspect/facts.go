package inspect

import (
	"fmt"
	"strconv"
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client/message"
	"gantry/gui/msglist"
	"gantry/gui/theme"
	"gantry/gui/widgets"
)

// stamp is how a time of the message is written, local.
const stamp = "2006-01-02 15:04:05.000"

// propertyLabel is the longest name of a property that is shown, in cells.
const propertyLabel float32 = 22 * widgets.Cell

// messageFacts are ids, times, hosts and counts; the topic's full name where the
// title shows a shorter one.
func messageFacts(m *message.Message, short func(string) string) []widgets.Fact {
	tip := lang.L("Copy")
	delta := ""
	if !m.BornAt.IsZero() && !m.StoredAt.IsZero() {
		delta = "  (" + signed(m.StoredAt.Sub(m.BornAt)) + ")"
	}
	size := widgets.Bytes(int64(len(m.Body)))
	if m.Inflated {
		size = lang.L("{{.Size}}, sent compressed", map[string]any{"Size": size})
	}
	retries := widgets.Fact{Label: lang.L("Retries"), Value: strconv.Itoa(m.ReconsumeTimes), Mono: true}
	if m.ReconsumeTimes > 0 {
		retries.Tint = theme.Warn
	}
	facts := []widgets.Fact{
		{Label: lang.L("Message id"), Value: m.ID(), Mono: true, CopyTip: tip},
		{Label: lang.L("Offset id"), Value: m.OffsetID(), Mono: true, CopyTip: tip},
		{Label: lang.L("Queue"), Value: fmt.Sprintf("%s · %d · %d", m.Broker, m.QueueID, m.QueueOffset), Mono: true},
		{Label: lang.L("Stored"), Value: when(m.StoredAt) + delta, Mono: true},
		{Label: lang.L("Born"), Value: when(m.BornAt), Mono: true},
		{Label: lang.L("From"), Value: m.BornHost.String(), Mono: true},
		{Label: lang.L("Store host"), Value: m.StoreHost.String(), Mono: true},
		retries,
		{Label: lang.L("Size"), Value: size, Mono: true},
	}
	if full := m.Topic; msglist.ShortTopic(full, short) != full {
		facts = append([]widgets.Fact{{Label: lang.L("Topic"), Value: full, Mono: true, CopyTip: tip}}, facts...)
	}
	return facts
}

func when(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format(stamp)
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
		out = append(out, widgets.Fact{Label: widgets.TextCut(p.Name, propertyLabel), Value: p.Value, Mono: true, CopyTip: tip})
	}
	for _, p := range m.SystemProperties() {
		out = append(out, widgets.Fact{Label: widgets.TextCut(p.Name, propertyLabel), Value: p.Value, Mono: true, Tint: theme.Muted, CopyTip: tip})
	}
	return out
}
