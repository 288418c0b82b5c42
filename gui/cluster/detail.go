package cluster

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/lang"
	"fyne.io/fyne/v2/layout"
	fynetheme "fyne.io/fyne/v2/theme"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/gui/arrange"
	"gantry/gui/problem"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// detail is the pane at the right: facts, and what the server says of itself, its
// configuration first.
type detail struct {
	s       *Screen
	content *fyne.Container

	title  *widgets.Word
	chip   *widgets.Chip
	facts  *widgets.Facts
	banner *widgets.Banner
	filter *widgets.Entry
	top    *fyne.Container
	sheet  *widgets.Sheet
	filled *fyne.Container
	empty  *widgets.EmptyState

	settings []cluster.Setting
	err      error
	asked    bool // settings or err is an answer
}

func newDetail(s *Screen) *detail {
	d := &detail{s: s}
	d.title, d.chip = widgets.NewTitle("").Shrinks(60), widgets.NewChip("")
	copyAddr := widgets.NewIconButton(fynetheme.ContentCopyIcon(), lang.L("Copy the address"), func() {
		if x := s.chosenServer(); x != nil {
			fyne.CurrentApp().Clipboard().SetContent(x.addr)
			s.P.Say(lang.L("Copied."))
		}
	})
	head := container.New(&arrange.Columns{Gap: 8, Shares: []float32{1, 0, 0}},
		d.title, d.chip, container.NewStack(widgets.NewGround(theme.None).SetMin(28, 30), container.NewCenter(copyAddr)))
	d.facts = widgets.NewFacts()
	d.banner = widgets.NewBanner(true, "")
	d.filter = widgets.NewEntry()
	d.filter.SetPlaceHolder(lang.L("Search the configuration"))
	d.filter.SetIcon(fynetheme.SearchIcon())
	d.filter.OnChanged = func(string) { d.show(s.chosenServer()) }
	d.filter.OnEscape = func() {
		if d.filter.Text != "" {
			d.filter.SetText("")
			return
		}
		s.FocusFirst()
	}
	d.top = container.New(&arrange.Rows{},
		container.New(layout.NewCustomPaddedLayout(8, 4, 14, 12), head),
		container.New(layout.NewCustomPaddedLayout(0, 8, 14, 12), d.facts), d.banner,
		container.New(layout.NewCustomPaddedLayout(0, 8, 14, 12), widgets.NewField("", d.filter)))
	d.sheet = widgets.NewSheet()
	d.sheet.OnEscape = s.FocusFirst
	d.filled = container.New(&arrange.Rows{Grow: d.sheet.View()}, d.top, d.sheet.View())
	d.empty = widgets.NewEmptyState(lang.L("Choose a server"), lang.L("Up and Down move."), nil)
	d.content = container.NewStack(d.empty)
	return d
}

// forget drops what another server said; the search stays.
func (d *detail) forget() {
	d.settings, d.err, d.asked = nil, nil, false
	d.sheet.SetSelected(-1)
}

func (d *detail) take(settings []cluster.Setting, err error) {
	d.settings, d.err, d.asked = settings, err, true
}

// missed tells whether the configuration could not be had, and another try may.
func (d *detail) missed() bool {
	return d.asked && d.err != nil && !errors.Is(d.err, fault.NotOffered) && !errors.Is(d.err, fault.Refused)
}

// show shows a server; nil shows none.
func (d *detail) show(x *server) {
	want := fyne.CanvasObject(d.filled)
	if x == nil {
		want = d.empty
	}
	arrange.Swap(d.content, want)
	if x == nil {
		return
	}
	d.title.SetText(x.name())
	d.chip.Set(x.role(), theme.Muted, theme.Hover)
	d.facts.Set(factsOf(x, time.Now())...)
	text := ""
	if x.err != nil {
		text = problem.Explain(x.err).Text()
	}
	if x.broker.Gone {
		text = words.Sentences(lang.L("The name servers do not list this broker any more."), text)
	}
	d.banner.Set(true, text)
	if text == "" {
		d.banner.Hide()
	} else {
		d.banner.Show()
	}
	d.sheet.Set(d.rows(x))
	d.top.Refresh()
	for range 2 { // what wraps knows its height once it is placed
		d.filled.Layout.Layout(d.filled.Objects, d.filled.Size())
	}
}

// factsOf are the lines below the title.
func factsOf(x *server, now time.Time) []widgets.Fact {
	facts := []widgets.Fact{{Label: lang.L("Address"), Value: x.addr, Mono: true}}
	if x.nameServer {
		if x.err == nil {
			facts = append(facts, widgets.Fact{Label: lang.L("Answers in"), Value: fmt.Sprintf("%d ms", max(x.rtt.Milliseconds(), 1))})
		}
		return facts
	}
	facts = append(facts, widgets.Fact{Label: lang.L("Cluster"), Value: x.broker.Cluster, Mono: true})
	r := x.broker.Runtime
	if x.err != nil {
		return facts
	}
	if !r.Started.IsZero() {
		up := now.Sub(r.Started)
		if r.ClockKnown {
			up -= r.Ahead
		}
		facts = append(facts, widgets.Fact{Label: lang.L("Runs for"), Value: words.Span(up)})
	}
	facts = append(facts, widgets.Fact{Label: lang.L("Today"), Value: lang.L("{{.In}} stored · {{.Out}} sent to consumers", map[string]any{
		"In": widgets.Count(uint64(max(r.InToday, 0))), "Out": widgets.Count(uint64(max(r.OutToday, 0))),
	})})
	if room := r.Table["commitLogDirCapacity"]; room != "" {
		facts = append(facts, widgets.Fact{Label: lang.L("Disk"), Value: strings.TrimSuffix(strings.ReplaceAll(room, " : ", " "), "."), Mono: true})
	}
	return facts
}

// rows are the configuration, and what the server says of its state, as far as
// the search matches.
func (d *detail) rows(x *server) []widgets.SheetRow {
	needle := strings.ToLower(strings.TrimSpace(d.filter.Text))
	found := func(all []cluster.Setting) []cluster.Setting {
		return slices.DeleteFunc(slices.Clone(all), func(s cluster.Setting) bool {
			return !strings.Contains(strings.ToLower(s.Key+"="+s.Value), needle)
		})
	}
	settings := found(d.settings)
	rows := []widgets.SheetRow{widgets.TitleRow(lang.L("Configuration"), partOf(len(settings), len(d.settings)))}
	switch {
	case !d.asked && x.err == nil:
		rows = append(rows, widgets.TextRow(lang.L("Asking the server"), theme.Muted))
	case errors.Is(d.err, fault.NotOffered):
		rows = append(rows, widgets.TextRow(lang.L("Not offered here"), theme.Muted))
	case d.err != nil:
		rows = append(rows, widgets.TextRow(problem.Explain(d.err).What, theme.Muted))
	}
	rows = append(rows, settingRows(settings)...)
	if len(x.broker.Runtime.Table) == 0 {
		return rows
	}
	var state []cluster.Setting
	for _, k := range slices.Sorted(maps.Keys(x.broker.Runtime.Table)) {
		state = append(state, cluster.Setting{Key: k, Value: strings.TrimSpace(x.broker.Runtime.Table[k])})
	}
	shown := found(state)
	rows = append(rows, widgets.TitleRow(lang.L("State"), partOf(len(shown), len(state))))
	return append(rows, settingRows(shown)...)
}

func partOf(n, all int) string {
	if n == all {
		return widgets.Count(all)
	}
	return lang.L("{{.Asked}} of {{.All}}", map[string]any{"Asked": widgets.Count(n), "All": widgets.Count(all)})
}

func settingRows(all []cluster.Setting) []widgets.SheetRow {
	columns := []widgets.Column{
		{Kind: widgets.DataColumn, Width: 150, Share: 1}, {Kind: widgets.DataColumn, Width: 100, Share: 1},
	}
	var rows []widgets.SheetRow
	for _, s := range all {
		rows = append(rows, widgets.SheetRow{
			Columns: columns, Cells: []widgets.Item{{Text: s.Key, Tint: theme.Muted}, {Text: s.Value}}, Copy: s.Key + "=" + s.Value,
		})
	}
	return rows
}
