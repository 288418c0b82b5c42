package topics

import (
	"errors"
	"fmt"
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
	"gantry/client/insight"
	"gantry/client/orders"
	"gantry/gui/arrange"
	"gantry/gui/draw"
	"gantry/gui/problem"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// groupRow marks the row of a group, by its full name.
type groupRow string

// detail is the pane at the right.
type detail struct {
	s       *Screen
	content *fyne.Container

	title  *widgets.Word
	chip   *widgets.Chip
	follow *widgets.Button
	browse *widgets.Button
	opener *widgets.Button // opens the group whose row is chosen
	orders *fyne.Container // buttons of what can be done to it
	facts  *widgets.Facts
	banner *widgets.Banner
	top    *fyne.Container
	sheet  *widgets.Sheet
	filled *fyne.Container
	empty  *widgets.EmptyState

	name string
	got  *insight.TopicDetail // nil until it was told
}

func newDetail(s *Screen) *detail {
	d := &detail{s: s}
	d.title = widgets.NewTitle("").Shrinks(60)
	d.chip = widgets.NewChip("")
	copyName := widgets.NewIconButton(fynetheme.ContentCopyIcon(), lang.L("Copy"), func() {
		fyne.CurrentApp().Clipboard().SetContent(d.name)
		s.P.Say(lang.L("Copied."))
	})
	d.opener = widgets.NewButton(lang.L("Open the group"), nil, widgets.Quiet, d.open)
	d.opener.Hide()
	d.follow = widgets.NewButton(lang.L("Follow"), nil, widgets.Quiet, func() { s.follow(d.name) })
	d.browse = widgets.NewButton(lang.L("Browse"), nil, widgets.Quiet, func() { s.browse(d.name) })
	d.browse.SetToolTip(lang.L("The newest messages"))
	head := container.New(&arrange.Head{Gap: 8, Wants: d.title.Wants},
		d.title, d.chip, d.opener, d.browse, d.follow, container.NewStack(widgets.NewGround(theme.None).SetMin(28, 30), container.NewCenter(copyName)))
	d.facts = widgets.NewFacts()
	d.orders = d.makeOrders()
	d.banner = widgets.NewBanner(false, "")
	d.top = container.New(&arrange.Rows{},
		container.New(layout.NewCustomPaddedLayout(8, 4, 14, 12), head),
		container.New(layout.NewCustomPaddedLayout(0, 8, 14, 12), d.facts),
		container.New(layout.NewCustomPaddedLayout(0, 8, 14, 12), d.orders), d.banner, widgets.NewRule())
	d.sheet = widgets.NewSheet()
	d.sheet.OnEnter = d.open
	d.sheet.OnChosen = func(row widgets.SheetRow) { d.offer(row) }
	d.sheet.OnEscape = func() { s.Focus(s.Table.List) }
	d.filled = container.New(&arrange.Rows{Grow: d.sheet.View()}, d.top, d.sheet.View())
	d.empty = widgets.NewEmptyState(lang.L("Choose a topic"), lang.L("Up and Down move."), nil)
	d.content = container.NewStack(d.empty)
	return d
}

// makeOrders makes the buttons of what can be done to the topic.
func (d *detail) makeOrders() *fyne.Container {
	of := func(act orders.Act) func() {
		return func() { d.s.order(orders.Setup{Of: orders.Topics, Act: act, Names: []string{d.name}}) }
	}
	change := widgets.NewButton(lang.L("Change…"), nil, widgets.Normal, of(orders.Alter))
	change.SetToolTip(lang.L("Its queues, permission and type"))
	copied := widgets.NewButton(lang.L("Copy…"), nil, widgets.Normal, func() {
		d.s.order(orders.Setup{Of: orders.Topics, Act: orders.Create, Like: d.name})
	})
	copied.SetToolTip(lang.L("Create another one with its settings"))
	waiting := widgets.NewButton(lang.L("Timers…"), nil, widgets.Normal, func() { d.s.showTimers(d.name) })
	waiting.SetToolTip(lang.L("What waits for an exact time, by due time"))
	return container.NewHBox(change, copied, widgets.NewButton(lang.L("Delete…"), nil, widgets.Normal, of(orders.Delete)), waiting)
}

// open is Enter on the row of a group.
func (d *detail) open() {
	i := d.sheet.Selected()
	if i < 0 || i >= len(d.sheet.Rows()) {
		return
	}
	if group, ok := d.sheet.Rows()[i].Data.(groupRow); ok {
		d.s.openGroup(string(group))
	}
}

// offer shows the button that opens a group while the row of one is chosen.
func (d *detail) offer(row widgets.SheetRow) {
	if _, ok := row.Data.(groupRow); ok {
		d.opener.Show()
	} else {
		d.opener.Hide()
	}
	d.top.Refresh()
}

// show shows a topic; got is nil while nothing was told of it, and stays what was
// told before where asking failed.
func (d *detail) show(e *entry, got *insight.TopicDetail, err error) {
	name := ""
	if e != nil {
		name = e.Name
	}
	if name != d.name {
		d.got = nil
		d.sheet.SetSelected(-1)
		d.opener.Hide()
	}
	d.name = name
	if got != nil {
		d.got = got
	}
	if name == "" {
		arrange.Swap(d.content, d.empty)
		return
	}
	arrange.Swap(d.content, d.filled)
	d.title.SetText(d.s.P.Profile.ShortName(name))
	d.chip.Set("", theme.Muted, theme.Hover)
	if e.Value.told {
		d.chip.Set(kindText(e.Value.Kind), theme.Muted, theme.Hover)
	}
	draw.Show(d.orders, e.Value.Kind != cluster.SystemTopic)
	text := d.bannerText(err)
	d.banner.Set(err != nil, text)
	draw.Show(d.banner, text != "")
	if d.got == nil {
		d.facts.Set()
		d.sheet.Set(nil)
	} else {
		d.facts.Set(d.factsOf()...)
		d.sheet.Set(d.rows(time.Now()))
	}
	d.top.Refresh()
	for range 2 { // what wraps knows its height once it is placed
		d.filled.Layout.Layout(d.filled.Objects, d.filled.Size())
	}
}

// bannerText is what is said below the title.
func (d *detail) bannerText(err error) string {
	switch {
	case err != nil:
		return problem.Explain(err).Text()
	case d.got == nil:
		return lang.L("Asking the brokers")
	}
	return problem.Missing(d.got.Missing)
}

// factsOf are the lines below the title.
func (d *detail) factsOf() []widgets.Fact {
	r := d.got.Route
	perm := 0
	var names []string
	for _, q := range r.Queues {
		perm |= q.Perm
		names = append(names, q.Broker)
	}
	slices.Sort(names)
	var kept int64
	var last time.Time
	for _, q := range d.got.Queues {
		kept += q.Kept()
		if q.Last.After(last) {
			last = q.Last
		}
	}
	read, write := len(r.ReadQueues()), len(r.WriteQueues())
	facts := []widgets.Fact{
		{Label: lang.L("Route"), Value: strings.Join(names, ", "), Mono: true},
		{Label: lang.L("Queues"), Value: lang.L("{{.Read}} to read · {{.Write}} to write · {{.Perm}}", map[string]any{"Read": widgets.Count(read), "Write": widgets.Count(write), "Perm": permText(perm)})},
		{Label: lang.L("Keeps"), Value: lang.N("{{.Count}} messages", int(min(kept, 1<<30)), map[string]any{"Count": widgets.Count(uint64(kept))})},
	}
	if d.got.QueuesErr != nil {
		facts[2].Value, facts[2].Tint = partText(d.got.QueuesErr), theme.Muted
	} else if !last.IsZero() {
		facts[2].Value += " · " + lang.L("last {{.Time}}", map[string]any{"Time": words.Clock(last, time.Now())})
	}
	return facts
}

// permText is what may be done with a topic.
func permText(perm int) string {
	const write, read = 1 << 1, 1 << 2
	switch {
	case perm&read != 0 && perm&write != 0:
		return lang.L("read and write")
	case perm&read != 0:
		return lang.L("read only")
	case perm&write != 0:
		return lang.L("write only")
	}
	return lang.L("neither read nor write")
}

// partText says why a part is not known.
func partText(err error) string {
	if errors.Is(err, fault.NotOffered) {
		return lang.L("Not offered here")
	}
	return problem.Explain(err).What
}

func queueColumns() []widgets.Column {
	return []widgets.Column{
		{Kind: widgets.DataColumn, Width: 96, Share: 0.4},
		{Kind: widgets.BarColumn, Width: 40, Share: 1, Drop: 1},
		{Kind: widgets.DataColumn, Width: 80, Right: true},
		{Kind: widgets.DataColumn, Width: 80, Right: true},
		{Width: 108, Right: true},
	}
}

func groupColumns() []widgets.Column { return []widgets.Column{{Share: 1}} }

func producerColumns() []widgets.Column {
	return []widgets.Column{
		{Width: 60, Fit: true}, {Kind: widgets.DataColumn, Width: 120, Share: 1, Middle: true}, {Width: 40, Fit: true, Drop: 1}, {Kind: widgets.DataColumn, Width: 40, Fit: true, Drop: 2},
	}
}

// rows are queues, groups and producers.
func (d *detail) rows(now time.Time) []widgets.SheetRow {
	rows := d.queueRows(now)
	rows = append(rows, d.groupRows()...)
	return append(rows, d.producerRows()...)
}

func (d *detail) queueRows(now time.Time) []widgets.SheetRow {
	g := d.got
	if g.QueuesErr != nil {
		return []widgets.SheetRow{widgets.TitleRow(lang.L("Queues"), ""), widgets.TextRow(partText(g.QueuesErr), theme.Muted)}
	}
	rows := []widgets.SheetRow{
		widgets.TitleRow(lang.L("Queues"), widgets.Count(len(g.Queues))),
		widgets.HeadRow(queueColumns(), lang.L("Queue"), lang.L("Keeps"), lang.L("First"), lang.L("Next"), lang.L("Last message")),
	}
	var most int64 = 1
	for _, q := range g.Queues {
		most = max(most, q.Kept())
	}
	for _, q := range g.Queues {
		last := widgets.Item{Text: "—", Tint: theme.Muted}
		if !q.Last.IsZero() {
			last.Text = words.Clock(q.Last, now)
		}
		rows = append(rows, widgets.SheetRow{Columns: queueColumns(), Cells: []widgets.Item{
			{Text: fmt.Sprintf("%s · %d", q.Broker, q.ID)},
			{Part: float64(q.Kept()) / float64(most)},
			{Text: fmt.Sprint(q.Min), Tint: theme.Muted},
			{Text: fmt.Sprint(q.Max)},
			last,
		}})
	}
	return rows
}

func (d *detail) groupRows() []widgets.SheetRow {
	g := d.got
	rows := []widgets.SheetRow{widgets.TitleRow(lang.L("Consumer groups"), "")}
	switch {
	case g.GroupsErr != nil:
		return append(rows, widgets.TextRow(partText(g.GroupsErr), theme.Muted))
	case len(g.Groups) == 0:
		return append(rows, widgets.TextRow(lang.L("No group reads this topic."), theme.Muted))
	}
	rows[0] = widgets.TitleRow(lang.L("Consumer groups"), lang.L("{{.Count}} · Enter opens one", count(len(g.Groups))))
	for _, name := range g.Groups {
		rows = append(rows, widgets.SheetRow{Columns: groupColumns(), Cells: []widgets.Item{{Text: d.s.P.Profile.ShortName(name)}}, Data: groupRow(name), Copy: name})
	}
	return rows
}

func (d *detail) producerRows() []widgets.SheetRow {
	g := d.got
	rows := []widgets.SheetRow{widgets.TitleRow(lang.L("Producers"), "")}
	switch {
	case g.ProducersErr != nil:
		return append(rows, widgets.TextRow(partText(g.ProducersErr), theme.Muted))
	case len(g.Producers) == 0:
		return append(rows, widgets.TextRow(lang.L("No producer is connected to these brokers."), theme.Muted))
	}
	// Each Java client has a producer of its own, for what it sends back, and one that
	// traces has another (MixAll.java, AsyncTraceDispatcher.java).
	inner := 0
	for _, p := range g.Producers {
		if p.Group == "CLIENT_INNER_PRODUCER" || strings.HasPrefix(p.Group, "_INNER_TRACE_PRODUCER") {
			inner++
			continue
		}
		rows = append(rows, widgets.SheetRow{Columns: producerColumns(), Cells: []widgets.Item{
			{Text: p.Group}, {Text: p.ID}, {Text: words.Client(p.Language, cluster.VersionName(p.Version)), Tint: theme.Muted}, {Text: p.Addr, Tint: theme.Muted},
		}, Copy: p.ID, Align: "producers"})
	}
	rows[0] = widgets.TitleRow(lang.L("Producers"), lang.L("{{.Count}} connected", count(len(g.Producers)-inner)))
	rows = append(rows, widgets.TextRow(lang.L("Brokers know who is connected, and not which topics they send to."), theme.Muted))
	if inner > 0 {
		rows = append(rows, widgets.TextRow(lang.N("{{.Count}} inner producers of clients are left out.", inner, count(inner)), theme.Muted))
	}
	return rows
}
