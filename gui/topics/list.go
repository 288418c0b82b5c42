package topics

import (
	"slices"
	"strings"

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

// list is the topics that there are, and those that are shown.
type list struct {
	short    func(string) string
	all      []cluster.TopicConfig // by name
	known    bool                  // types and queues are told
	rows     []int                 // indices into all
	selected string
	filter   string
	segment  segment
}

func (l *list) forget() {
	*l = list{short: l.short, filter: l.filter, segment: l.segment}
}

func (l *list) set(all []cluster.TopicConfig, known bool) {
	l.all, l.known = all, known
	if !slices.ContainsFunc(all, func(t cluster.TopicConfig) bool { return t.Name == l.selected }) {
		l.selected = ""
	}
	l.arrange()
}

// arrange filters; the order is that of the names.
func (l *list) arrange() {
	needle := strings.ToLower(strings.TrimSpace(l.filter))
	l.rows = nil
	for i, t := range l.all {
		if segmentOf(t.Kind) == l.segment && (needle == "" || strings.Contains(strings.ToLower(t.Name), needle)) {
			l.rows = append(l.rows, i)
		}
	}
}

// at is the name of a row, "" where there is none.
func (l *list) at(i int) string {
	if i < 0 || i >= len(l.rows) {
		return ""
	}
	return l.all[l.rows[i]].Name
}

// row is where a topic stands, or -1.
func (l *list) row(name string) int {
	return slices.IndexFunc(l.rows, func(i int) bool { return l.all[i].Name == name })
}

func (l *list) find(name string) (cluster.TopicConfig, bool) {
	i := slices.IndexFunc(l.all, func(t cluster.TopicConfig) bool { return t.Name == name })
	if i < 0 {
		return cluster.TopicConfig{Name: name}, false
	}
	return l.all[i], true
}

func (l *list) counts() (n [segmentCount]int) {
	for _, t := range l.all {
		n[segmentOf(t.Kind)]++
	}
	return n
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
func (l *list) cells(i int) []widgets.Item {
	name := l.at(i)
	if name == "" {
		return nil
	}
	t := l.all[l.rows[i]]
	out := make([]widgets.Item, 4)
	out[0] = widgets.Item{Text: l.short(name), Bold: name == l.selected}
	if !l.known || len(t.Brokers) == 0 {
		return out
	}
	out[1] = widgets.Item{Text: kindText(t.Kind), Tint: theme.Muted}
	out[2] = widgets.Item{Text: queuesText(t)}
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
