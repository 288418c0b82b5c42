package topics

import (
	"fyne.io/fyne/v2/lang"

	"gantry/client/cluster"
	"gantry/gui/theme"
	"gantry/gui/widgets"
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

// columns of the list: topic, type, queues, brokers.
func columns() []widgets.Column {
	return []widgets.Column{
		{Width: 160, Share: 1},
		{Width: 104},
		{Width: 60, Right: true},
		{Width: 66, Right: true, Drop: 1},
	}
}

func heads() []string {
	return []string{lang.L("Topic"), lang.L("Type"), lang.L("Queues"), lang.L("Brokers")}
}

// cells are what a row shows.
func (s *Screen) cells(e *entry) []widgets.Item {
	t := e.Value
	out := make([]widgets.Item, 4)
	out[0] = widgets.Item{Text: s.P.Profile.ShortName(e.Name), Bold: e.Name == s.Selected}
	if !t.told || len(t.Brokers) == 0 {
		return out
	}
	out[1] = widgets.Item{Text: kindText(t.Kind), Tint: theme.Muted}
	out[2] = widgets.Item{Text: queuesText(t.TopicConfig)}
	out[3] = widgets.Item{Text: widgets.Count(uint64(len(t.Brokers))), Tint: theme.Muted}
	return out
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
