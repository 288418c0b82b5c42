package groups

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client/cluster"
	"gantry/client/insight"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// memberRow marks the row of a member, by its id.
type memberRow string

// queueRow marks the row of a queue.
type queueRow insight.QueueOf

// Rows whose columns have one width.
const (
	alignQueues  = "queues"
	alignMembers = "members"
)

func queueColumns() []widgets.Column {
	return []widgets.Column{
		{Kind: widgets.DataColumn, Width: 70, Fit: true},
		{Kind: widgets.BarColumn, Width: 50, Share: 0.2},
		{Kind: widgets.DataColumn, Width: 40, Fit: true, Right: true},
		{Width: 64, Fit: true, Right: true},
		{Kind: widgets.DataColumn, Width: 90, Share: 1, Middle: true, Drop: 1},
	}
}

func memberColumns() []widgets.Column {
	return []widgets.Column{
		{Kind: widgets.DotColumn, Width: 8},
		{Kind: widgets.DataColumn, Width: 120, Share: 1, Middle: true},
		{Width: 40, Fit: true, Drop: 1},
		{Width: 40, Fit: true},
		{Width: 40, Fit: true},
	}
}

// rows are lag per queue, by topic, and the members.
func (d *detail) rows(now time.Time) []widgets.SheetRow {
	rows := d.queueRows(now)
	return append(rows, d.memberRows(now)...)
}

// topicLag is one topic's queues.
type topicLag struct {
	topic  string
	queues []cluster.QueueProgress
	lag    int64
}

// byTopic groups queues, the largest lag first.
func byTopic(queues []cluster.QueueProgress) (all []topicLag, most int64) {
	for _, q := range queues {
		if n := len(all); n == 0 || all[n-1].topic != q.Topic { // they are sorted by topic
			all = append(all, topicLag{topic: q.Topic})
		}
		t := &all[len(all)-1]
		t.queues, t.lag = append(t.queues, q), t.lag+q.Lag()
		most = max(most, q.Lag())
	}
	slices.SortStableFunc(all, func(a, b topicLag) int { return cmp.Compare(b.lag, a.lag) })
	return all, most
}

func (d *detail) queueRows(now time.Time) []widgets.SheetRow {
	g := d.got
	switch {
	case g.QueuesErr != nil || g.Broadcasts():
		return nil // the sentence above says why
	case len(g.Queues) == 0:
		return []widgets.SheetRow{widgets.TitleRow(lang.L("Lag per queue"), ""), widgets.TextRow(lang.L("The group has no position in any queue yet."), theme.Muted)}
	}
	topics, most := byTopic(g.Queues)
	topics = slices.DeleteFunc(topics, func(t topicLag) bool { // the line above says that nothing waits there
		return t.lag == 0 && strings.HasPrefix(t.topic, "%RETRY%") && len(topics) > 1
	})
	owners := g.Owners()
	var rows []widgets.SheetRow
	for i, t := range topics {
		title := lang.L("Lag per queue")
		caption := strings.Join([]string{
			d.s.P.Profile.ShortName(t.topic), lang.N("{{.Count}} queues", len(t.queues), map[string]any{"Count": widgets.Count(len(t.queues))}),
			lang.L("total {{.Count}}", map[string]any{"Count": widgets.Count(uint64(t.lag))}),
		}, " · ")
		if i > 0 {
			title = ""
		}
		rows = append(rows, widgets.TitleRow(title, caption))
		if i == 0 {
			rows = append(rows, widgets.HeadRow(queueColumns(), lang.L("Queue"), lang.L("Lag"), "", lang.L("Last taken"), lang.L("Member")).Beneath(alignQueues))
		}
		for _, q := range t.queues {
			rows = append(rows, d.queueRow(q, most, owners, now))
		}
	}
	return rows
}

func (d *detail) queueRow(q cluster.QueueProgress, most int64, owners map[insight.QueueOf]int, now time.Time) widgets.SheetRow {
	cells := make([]widgets.Item, 5)
	cells[0].Text = fmt.Sprintf("%s · %d", q.Broker, q.ID)
	cells[1] = widgets.Item{Part: float64(q.Lag()) / float64(max(most, 1)), Tint: theme.Accent}
	cells[2] = widgets.Item{Text: widgets.Count(uint64(q.Lag()))}
	cells[3] = widgets.Item{Text: "—", Tint: theme.Muted}
	if !q.Last.IsZero() {
		cells[3].Text = words.Clock(q.Last, now)
	}
	cells[4] = widgets.Item{Text: "—", Tint: theme.Muted}
	owner, has := owners[insight.QueueOf{Topic: q.Topic, Queue: q.Queue}]
	switch {
	case has:
		m := &d.got.Members[owner]
		cells[4].Text = m.ID
		if d.got.Stuck(m, now) > 0 {
			cells[1].Tint = theme.Warn
		}
	case len(d.got.Members) == 0:
		cells[1].Tint = theme.Err
	case q.Lag() > 0 && allTold(d.got):
		cells[1].Tint, cells[4] = theme.Err, widgets.Item{Text: lang.L("nobody"), Tint: theme.Err}
	}
	if q.Lag() == 0 {
		cells[2].Tint = theme.Muted
	}
	if !q.Fits() {
		cells[2] = widgets.Item{Text: "?", Tint: theme.Warn}
	}
	return widgets.SheetRow{
		Columns: queueColumns(), Cells: cells, Align: alignQueues, Data: queueRow{q.Topic, q.Queue},
		Copy: fmt.Sprintf("%s\t%s\t%d\t%d\t%d\t%d", q.Topic, q.Broker, q.ID, q.End, q.Next, q.Lag()),
	}
}

// allTold reports whether every member said which queues it has.
func allTold(g *insight.GroupDetail) bool {
	return !slices.ContainsFunc(g.Members, func(m insight.MemberState) bool { return m.Err != nil })
}

func (d *detail) memberRows(now time.Time) []widgets.SheetRow {
	g := d.got
	rows := []widgets.SheetRow{widgets.TitleRow(lang.L("Members"), widgets.Count(len(g.Members)))}
	if len(g.Members) == 0 {
		return append(rows, widgets.TextRow(lang.L("No member is connected."), theme.Muted))
	}
	for i := range g.Members {
		m := &g.Members[i]
		rows = append(rows, d.memberRow(m, now))
		if m.ID == d.member {
			rows = append(rows, d.unfolded(m, now)...)
		}
	}
	return rows
}

func (d *detail) memberRow(m *insight.MemberState, now time.Time) widgets.SheetRow {
	state, dot, tint := memberState(d.got, m, now)
	cells := []widgets.Item{
		{Dot: dot},
		{Text: m.ID, Bold: m.ID == d.member},
		{Text: words.Client(m.Language, cluster.VersionName(m.Version)), Tint: theme.Muted},
		{Tint: theme.Muted},
		{Text: state, Tint: tint},
	}
	if m.Err == nil {
		n := 0
		for _, q := range m.Running.Queues {
			if !strings.HasPrefix(q.Topic, "%RETRY%") { // each has some of itself
				n++
			}
		}
		cells[3].Text = lang.N("{{.Count}} queues", n, map[string]any{"Count": widgets.Count(n)})
	}
	row := widgets.SheetRow{Columns: memberColumns(), Cells: cells, Align: alignMembers, Data: memberRow(m.ID), Copy: m.ID}
	if m.ID == d.member {
		row.Ground = theme.Sunken
	}
	return row
}

// untaken reports whether the group has taken nothing of a queue: a member then says
// when it got the queue as if it had taken something (ProcessQueue.java).
func (d *detail) untaken(h cluster.Held) bool {
	return slices.ContainsFunc(d.got.Queues, func(q cluster.QueueProgress) bool {
		return q.Topic == h.Topic && q.Queue == h.Queue && q.Last.IsZero()
	})
}

// unfolded are the lines below a member that was pressed.
func (d *detail) unfolded(m *insight.MemberState, now time.Time) []widgets.SheetRow {
	short := d.s.P.Profile.ShortName
	rows := []widgets.SheetRow{
		widgets.FactRow(lang.L("Member"), m.ID, true), // in full: above it shares a line
		widgets.FactRow(lang.L("Address"), m.Addr, true),
		widgets.FactRow(lang.L("Brokers"), strings.Join(m.Brokers, ", "), true),
	}
	if m.Err != nil {
		return append(rows, widgets.FactRow(lang.L("Itself"), memberErrText(m.Err), false))
	}
	if m.Running.Version != "" {
		rows = append(rows, widgets.FactRow(lang.L("Library"), m.Running.Version, true))
	}
	if at := m.Running.Started; !at.IsZero() {
		rows = append(rows, widgets.FactRow(lang.L("Runs for"), words.Span(now.Sub(at)), false))
	}
	for _, w := range m.Running.Subscriptions {
		if !strings.HasPrefix(w.Topic, "%RETRY%") {
			rows = append(rows, widgets.FactRow(lang.L("Subscribes"), short(w.Topic)+" : "+expressionText(w), true))
		}
	}
	for _, topic := range slices.Sorted(maps.Keys(m.Running.Rates)) {
		r := m.Running.Rates[topic]
		if strings.HasPrefix(topic, "%RETRY%") && r == (cluster.Rates{}) {
			continue
		}
		rows = append(rows, widgets.FactRow(short(topic), lang.L("{{.OK}} taken · {{.Failed}} fail · {{.RT}} ms each", map[string]any{
			"OK": words.Rate(r.OK), "Failed": words.Rate(r.Failed), "RT": fmt.Sprintf("%.1f", r.ConsumeRT),
		}), false))
	}
	for _, q := range m.Running.Queues {
		if strings.HasPrefix(q.Topic, "%RETRY%") {
			continue
		}
		taken := lang.L("nothing taken yet")
		if !q.LastConsume.IsZero() && !d.untaken(q) {
			taken = lang.L("last taken {{.Ago}} ago", map[string]any{"Ago": words.Span(now.Sub(q.LastConsume))})
		}
		rows = append(rows, widgets.FactRow(fmt.Sprintf("%s · %d", q.Broker, q.ID), fmt.Sprintf("%s · %s · %s", short(q.Topic),
			lang.N("{{.Count}} cached", q.Cached, map[string]any{"Count": widgets.Count(q.Cached)}), taken), false))
	}
	return rows
}
