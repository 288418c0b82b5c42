package groups

import (
	"cmp"
	"strings"

	"fyne.io/fyne/v2/lang"

	"gantry/client/insight"
	"gantry/gui/overview"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// group is what the list knows of one.
type group struct {
	sum   insight.GroupSummary
	trend insight.Trend
}

// entry is a group of the list.
type entry = overview.Entry[group]

// segment is which groups are shown.
type segment int

const (
	allGroups segment = iota
	withLag
	noMembers
)

// merge notes how a group stands.
func merge(e *entry, told group) {
	e.Value.sum = told.sum
	e.Value.trend.Add(told.sum)
}

// lag is what is sorted by: unknown ones come last.
func lag(e *entry) int64 {
	if !e.Known || e.Value.sum.Err != nil || !e.Value.sum.LagKnown {
		return -1
	}
	return e.Value.sum.Lag
}

// hasNoMembers: messages or not, nobody reads.
func hasNoMembers(e *entry) bool {
	return e.Known && e.Value.sum.Err == nil && e.Value.sum.Members == 0
}

// fits tells whether a group stands in a segment.
func fits(seg int, e *entry) bool {
	switch segment(seg) {
	case withLag:
		return lag(e) > 0
	case noMembers:
		return hasNoMembers(e)
	}
	return true
}

// byLag puts the largest lag first.
func byLag(a, b *entry) int {
	return cmp.Or(cmp.Compare(lag(b), lag(a)), strings.Compare(a.Name, b.Name))
}

type counts struct{ all, lag, empty, asked int }

func (s *Screen) counts() counts {
	c := counts{all: len(s.All)}
	for _, e := range s.All {
		if lag(e) > 0 {
			c.lag++
		}
		if hasNoMembers(e) {
			c.empty++
		}
		if e.Known {
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
func (s *Screen) cells(e *entry) []widgets.Item {
	g := &e.Value
	out := make([]widgets.Item, 7)
	out[1] = widgets.Item{Text: s.P.Profile.ShortName(e.Name), Bold: e.Name == s.Selected}
	switch {
	case !e.Known:
		out[0].Dot = widgets.DotNone
		return out
	case g.sum.Err != nil:
		out[0].Dot = widgets.DotNone
		out[6] = widgets.Item{Text: lang.L("not known"), Tint: theme.Muted}
		return out
	}
	clears, tint := clearsText(g)
	out[0].Dot, out[2] = g.dot(), g.members()
	_, rate, _ := g.trend.Rates()
	out[5] = widgets.Item{Text: words.Rate(rate), Tint: theme.Muted}
	out[6] = widgets.Item{Text: clears, Tint: tint}
	if !g.sum.LagKnown {
		out[4], out[5].Text = widgets.Item{Text: "—", Tint: theme.Muted}, ""
		return out
	}
	lag := widgets.Item{Text: widgets.Count(uint64(g.sum.Lag)), Tint: theme.Text}
	if g.sum.Lag == 0 {
		lag.Tint = theme.Muted
	}
	switch {
	case len(g.sum.Missing) > 0 && g.sum.Lag == 0:
		lag = widgets.Item{Text: lang.L("not known"), Tint: theme.Warn}
	case len(g.sum.Missing) > 0:
		lag.Text, lag.Tint = "≥ "+lag.Text, theme.Warn
	}
	out[3] = widgets.Item{Part: float64(g.sum.Lag) / float64(s.mostLag()), Tint: g.barTint()}
	out[4] = lag
	return out
}

// mostLag is the largest lag that is shown, 1 at least.
func (s *Screen) mostLag() int64 {
	if first := s.At(0); first != nil {
		return max(lag(first), 1) // they are sorted by it
	}
	return 1
}

func (g *group) members() widgets.Item {
	item := widgets.Item{Text: widgets.Count(uint64(g.sum.Members))}
	switch {
	case g.sum.Members == 0 && g.sum.Lag > 0:
		item.Tint = theme.Err
	case g.sum.Members == 0:
		item.Tint = theme.Muted
	}
	return item
}

// trouble is whether it grows or stands still.
func (g *group) trouble() bool {
	_, how := g.trend.ClearsIn()
	return g.sum.Members > 0 && (how == insight.Grows || how == insight.ClearsNever)
}

func (g *group) dot() widgets.DotState {
	switch {
	case g.sum.Members == 0 && g.sum.Lag > 0:
		return widgets.DotError
	case g.sum.Members == 0:
		return widgets.DotOff
	case g.trouble():
		return widgets.DotWarn
	}
	return widgets.DotOn
}

func (g *group) barTint() theme.Token {
	switch g.dot() {
	case widgets.DotError:
		return theme.Err
	case widgets.DotWarn:
		return theme.Warn
	}
	return theme.Accent
}

// clearsText says when a group has caught up.
func clearsText(g *group) (string, theme.Token) {
	in, how := g.trend.ClearsIn()
	switch {
	case how == insight.Clears:
		return words.About(in), theme.Muted
	case how == insight.Grows:
		return lang.L("grows"), theme.Warn
	case how == insight.ClearsNever && g.sum.Members > 0:
		return lang.L("never"), theme.Warn
	case how == insight.ClearsNever:
		return lang.L("never"), theme.Err
	}
	return "", theme.Muted
}

func count(n int) map[string]any { return map[string]any{"Count": widgets.Count(uint64(max(n, 0)))} }
