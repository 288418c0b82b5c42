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

// The columns of the list.
const (
	columnDot = iota
	columnName
	columnMembers
	columnBar
	columnLag
	columnSpark
	columnOut
	columnClears
	columnCount
)

func columns() []widgets.Column {
	return []widgets.Column{
		columnDot:     {Kind: widgets.DotColumn, Width: 12},
		columnName:    {Width: 170, Share: 1.5, Middle: true},
		columnMembers: {Width: 20, Even: true, Right: true},
		columnBar:     {Kind: widgets.BarColumn, Width: 40, Share: 0.5, Drop: 4},
		columnLag:     {Kind: widgets.DataColumn, Width: 40, Even: true, Right: true},
		columnSpark:   {Kind: widgets.SparkColumn, Width: widgets.SparkWidth, Drop: 2},
		columnOut:     {Width: 40, Even: true, Right: true, Drop: 1},
		columnClears:  {Width: 40, Even: true, Right: true, Drop: 3},
	}
}

func heads() []string {
	return []string{
		columnName: lang.L("Group"), columnMembers: lang.L("Members"), columnLag: lang.L("Lag"), columnOut: lang.L("Out"),
		columnClears: lang.L("Clears in"),
	}
}

// cells are what a row shows.
func (s *Screen) cells(e *entry) []widgets.Item {
	g := &e.Value
	out := make([]widgets.Item, columnCount)
	out[columnName] = widgets.Item{Text: s.P.Profile.ShortName(e.Name), Bold: e.Name == s.Selected}
	switch {
	case !e.Known:
		out[columnDot].Dot = widgets.DotNone
		return out
	case g.sum.Err != nil:
		out[columnDot].Dot = widgets.DotNone
		out[columnLag] = widgets.Item{Text: lang.L("not known"), Tint: theme.Muted}
		return out
	}
	out[columnDot].Dot, out[columnMembers] = g.dot(), g.members()
	if !g.sum.LagKnown {
		out[columnLag] = widgets.Item{Text: "—", Tint: theme.Muted}
		return out
	}
	out[columnBar] = widgets.Item{Part: float64(g.sum.Lag) / float64(s.mostLag()), Tint: g.barTint()}
	out[columnLag] = g.lagItem()
	out[columnSpark] = widgets.Item{Bars: g.trend.Lags(), Tint: g.barTint()}
	_, rate, _ := g.trend.Rates()
	out[columnOut] = widgets.Item{Text: words.Rate(rate), Tint: theme.Muted}
	clears, tint := clearsText(g)
	out[columnClears] = widgets.Item{Text: clears, Tint: tint}
	return out
}

// lagItem is what waits; where a broker's part is missing, that much or more.
func (g *group) lagItem() widgets.Item {
	switch partly := len(g.sum.Missing) > 0; {
	case partly && g.sum.Lag == 0:
		return widgets.Item{Text: lang.L("not known"), Tint: theme.Warn}
	case partly:
		return widgets.Item{Text: "≥ " + widgets.Amount(uint64(g.sum.Lag)), Tint: theme.Warn}
	case g.sum.Lag == 0:
		return widgets.Item{Text: "0", Tint: theme.Muted}
	}
	return widgets.Item{Text: widgets.Amount(uint64(g.sum.Lag)), Tint: theme.Text}
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
