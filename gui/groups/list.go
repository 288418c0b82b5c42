package groups

import (
	"cmp"
	"slices"
	"strings"

	"fyne.io/fyne/v2/lang"

	"gantry/client/insight"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// entry is one group of the list.
type entry struct {
	name  string // the full one
	sum   insight.GroupSummary
	known bool // sum holds an answer
	due   bool // it is to be asked about
	trend insight.Trend
}

// segment is which groups are shown.
type segment int

const (
	allGroups segment = iota
	withLag
	noMembers
)

// list is the groups that there are, and those that are shown.
type list struct {
	short    func(string) string
	byName   map[string]*entry
	all      []*entry // by name
	rows     []*entry // filtered, the largest lag first
	most     int64    // the largest lag in rows
	selected string
	filter   string
	segment  segment
}

func (l *list) forget() {
	*l = list{short: l.short, filter: l.filter, segment: l.segment}
}

// set takes the names that there are now; what is known of those that stay is
// kept.
func (l *list) set(names []string) {
	old := l.byName
	l.byName, l.all = make(map[string]*entry, len(names)), nil
	for _, n := range names {
		e := old[n]
		if e == nil {
			e = &entry{name: n, due: true}
		}
		l.byName[n] = e
		l.all = append(l.all, e)
	}
	slices.SortFunc(l.all, func(a, b *entry) int { return strings.Compare(a.name, b.name) })
	if l.byName[l.selected] == nil {
		l.selected = ""
	}
}

// take notes how a group stands.
func (l *list) take(sum insight.GroupSummary) {
	if e := l.byName[sum.Name]; e != nil {
		e.sum, e.known, e.due = sum, true, false
		e.trend.Add(sum)
	}
}

// lag is what is sorted by: unknown ones come last.
func (e *entry) lag() int64 {
	if !e.known || e.sum.Err != nil || !e.sum.LagKnown {
		return -1
	}
	return e.sum.Lag
}

// lonely: messages or not, nobody reads.
func (e *entry) lonely() bool { return e.known && e.sum.Err == nil && e.sum.Members == 0 }

// arrange filters and sorts.
func (l *list) arrange() {
	needle := strings.ToLower(strings.TrimSpace(l.filter))
	l.rows, l.most = nil, 0
	for _, e := range l.all {
		if l.segment == withLag && e.lag() <= 0 || l.segment == noMembers && !e.lonely() {
			continue
		}
		if needle != "" && !strings.Contains(strings.ToLower(e.name), needle) {
			continue
		}
		l.rows = append(l.rows, e)
		l.most = max(l.most, e.lag())
	}
	slices.SortStableFunc(l.rows, func(a, b *entry) int {
		return cmp.Or(cmp.Compare(b.lag(), a.lag()), strings.Compare(a.name, b.name))
	})
}

func (l *list) at(i int) *entry {
	if i < 0 || i >= len(l.rows) {
		return nil
	}
	return l.rows[i]
}

func (l *list) chosen() *entry { return l.byName[l.selected] }

// row is where a group stands, or -1.
func (l *list) row(name string) int {
	return slices.IndexFunc(l.rows, func(e *entry) bool { return e.name == name })
}

type counts struct{ all, lag, empty, asked int }

func (l *list) counts() counts {
	c := counts{all: len(l.all)}
	for _, e := range l.all {
		if e.lag() > 0 {
			c.lag++
		}
		if e.lonely() {
			c.empty++
		}
		if e.known {
			c.asked++
		}
	}
	return c
}

// columns of the list: dot, group, members, bar, lag, out, clears in.
func columns() []widgets.Column {
	return []widgets.Column{
		{Kind: widgets.DotColumn, Width: 12},
		{Width: 110, Share: 1.5},
		{Width: 66, Right: true},
		{Kind: widgets.BarColumn, Width: 50, Share: 1},
		{Kind: widgets.DataColumn, Width: 78, Right: true},
		{Width: 66, Right: true, Drop: 1},
		{Width: 84, Right: true, Drop: 2},
	}
}

func heads() []string {
	return []string{"", lang.L("Group"), lang.L("Members"), lang.L("Lag"), "", lang.L("Out"), lang.L("Clears in")}
}

// cells are what a row shows.
func (l *list) cells(i int) []widgets.Item {
	e := l.at(i)
	if e == nil {
		return nil
	}
	out := make([]widgets.Item, 7)
	out[1] = widgets.Item{Text: l.short(e.name), Bold: e.name == l.selected}
	switch {
	case !e.known:
		out[0].Dot = widgets.DotNone
		return out
	case e.sum.Err != nil:
		out[0].Dot = widgets.DotNone
		out[6] = widgets.Item{Text: lang.L("not known"), Tint: theme.Muted}
		return out
	}
	clears, tint := clearsText(e)
	out[0].Dot, out[2] = e.dot(), e.members()
	_, rate, _ := e.trend.Rates()
	out[5] = widgets.Item{Text: words.Rate(rate), Tint: theme.Muted}
	out[6] = widgets.Item{Text: clears, Tint: tint}
	if !e.sum.LagKnown {
		out[4], out[5].Text = widgets.Item{Text: "—", Tint: theme.Muted}, ""
		return out
	}
	lag := widgets.Item{Text: widgets.Count(uint64(e.sum.Lag)), Tint: theme.Text}
	if e.sum.Lag == 0 {
		lag.Tint = theme.Muted
	}
	if len(e.sum.Missing) > 0 {
		lag.Text, lag.Tint = "≥ "+lag.Text, theme.Warn
	}
	out[3] = widgets.Item{Part: float64(e.sum.Lag) / float64(max(l.most, 1)), Tint: e.barTint()}
	out[4] = lag
	return out
}

func (e *entry) members() widgets.Item {
	item := widgets.Item{Text: widgets.Count(uint64(e.sum.Members))}
	switch {
	case e.sum.Members == 0 && e.sum.Lag > 0:
		item.Tint = theme.Err
	case e.sum.Members == 0:
		item.Tint = theme.Muted
	}
	return item
}

// trouble is whether it grows or stands still.
func (e *entry) trouble() bool {
	_, how := e.trend.ClearsIn()
	return e.sum.Members > 0 && (how == insight.Grows || how == insight.ClearsNever)
}

func (e *entry) dot() widgets.DotState {
	switch {
	case e.sum.Members == 0 && e.sum.Lag > 0:
		return widgets.DotError
	case e.sum.Members == 0:
		return widgets.DotOff
	case e.trouble():
		return widgets.DotWarn
	}
	return widgets.DotOn
}

func (e *entry) barTint() theme.Token {
	switch e.dot() {
	case widgets.DotError:
		return theme.Err
	case widgets.DotWarn:
		return theme.Warn
	}
	return theme.Accent
}

// clearsText says when a group has caught up.
func clearsText(e *entry) (string, theme.Token) {
	in, how := e.trend.ClearsIn()
	switch {
	case how == insight.Clears:
		return words.About(in), theme.Muted
	case how == insight.Grows:
		return lang.L("grows"), theme.Warn
	case how == insight.ClearsNever && e.sum.Members > 0:
		return lang.L("never"), theme.Warn
	case how == insight.ClearsNever:
		return lang.L("never"), theme.Err
	}
	return "", theme.Muted
}

func count(n int) map[string]any { return map[string]any{"Count": widgets.Count(uint64(max(n, 0)))} }
