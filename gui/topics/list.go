package topics

import (
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client/cluster"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// segment is which topics are shown.
type segment int

const (
	ordinary segment = iota
	ofGroups         // retry and dead-letter topics
	system
	segmentCount
)

// segmentOf is where a topic of a kind stands.
func segmentOf(k cluster.TopicKind) segment {
	switch k {
	case cluster.RetryTopic, cluster.DeadLetterTopic:
		return ofGroups
	case cluster.SystemTopic:
		return system
	}
	return ordinary
}

// The columns of the list.
const (
	columnName = iota
	columnType
	columnQueues
	columnBrokers
	columnMessages
	columnRate
	columnSpark
	columnLast
	columnCount
)

func columns() []widgets.Column {
	return []widgets.Column{
		columnName:     {Width: 190, Share: 1, Middle: true},
		columnType:     {Width: 40, Even: true, Drop: 3},
		columnQueues:   {Width: 20, Even: true, Right: true, Drop: 4},
		columnBrokers:  {Width: 20, Even: true, Right: true, Drop: 5},
		columnMessages: {Kind: widgets.DataColumn, Width: 40, Even: true, Right: true},
		columnRate:     {Width: 40, Even: true, Right: true},
		columnSpark:    {Kind: widgets.SparkColumn, Width: widgets.SparkWidth, Drop: 2},
		columnLast:     {Width: 60, Even: true, Right: true, Drop: 1},
	}
}

func heads() []string {
	return []string{
		columnName: lang.L("Topic"), columnType: lang.L("Type"), columnQueues: lang.L("Queues"), columnBrokers: lang.L("Brokers"),
		columnMessages: lang.L("Messages"), columnRate: lang.L("Rate"), columnLast: lang.L("Last message"),
	}
}

// cells are what a row shows.
func (s *Screen) cells(e *entry) []widgets.Item {
	t := &e.Value
	out := make([]widgets.Item, columnCount)
	out[columnName] = widgets.Item{Text: s.P.Profile.ShortName(e.Name), Bold: e.Name == s.Selected}
	if t.told && len(t.Brokers) > 0 {
		out[columnType] = widgets.Item{Text: kindText(t.Kind), Tint: theme.Muted}
		out[columnQueues] = widgets.Item{Text: queuesText(t.TopicConfig)}
		out[columnBrokers] = widgets.Item{Text: widgets.Count(uint64(len(t.Brokers))), Tint: theme.Muted}
	}
	if t.asked {
		t.standing(out, time.Now())
	}
	return out
}

// standing puts what a topic keeps into its row. What brokers did not tell is not in it, so
// that it is that much or more.
func (t *topic) standing(out []widgets.Item, now time.Time) {
	unknown := widgets.Item{Text: "—", Tint: theme.Muted}
	out[columnMessages], out[columnRate], out[columnLast] = unknown, unknown, unknown
	if !t.stand.Known() {
		return
	}
	part, text, tint := "", theme.Text, theme.Muted
	if len(t.stand.Missing) > 0 {
		part, text, tint = "≥ ", theme.Warn, theme.Warn
	}
	out[columnMessages] = widgets.Item{Text: part + widgets.Amount(uint64(t.stand.Kept)), Tint: text}
	if rate, known := t.trend.Rate(); known {
		out[columnRate] = widgets.Item{Text: part + words.Rate(rate), Tint: tint}
	}
	out[columnSpark] = widgets.Item{Bars: t.trend.Rates()}
	if !t.stand.Last.IsZero() {
		out[columnLast] = widgets.Item{Text: part + words.Clock(t.stand.Last, now), Tint: tint}
	}
}

// queuesText is how many queues there are, "8" or "8 / 4" for reading and
// writing.
func queuesText(t cluster.TopicConfig) string {
	read := widgets.Count(uint64(max(t.Read, 0)))
	if t.Read == t.Write {
		return read
	}
	return read + " / " + widgets.Count(uint64(max(t.Write, 0)))
}

func kindText(k cluster.TopicKind) string {
	switch k {
	case cluster.OrderedTopic:
		return lang.L("ordered")
	case cluster.DelayedTopic:
		return lang.L("delayed")
	case cluster.TransactionalTopic:
		return lang.L("transactional")
	case cluster.MixedTopic:
		return lang.L("mixed")
	case cluster.RetryTopic:
		return lang.L("retry")
	case cluster.DeadLetterTopic:
		return lang.L("dead letter")
	case cluster.SystemTopic:
		return lang.L("system")
	}
	return lang.L("normal")
}

func count(n int) map[string]any { return map[string]any{"Count": widgets.Count(uint64(max(n, 0)))} }
