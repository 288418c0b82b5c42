package changes

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2/lang"

	"gantry/client/orders"
	"gantry/gui/problem"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// targetText says where an order puts a group.
func targetText(t orders.Target, short func(string) string) string {
	switch t.Kind {
	case orders.ToNewest:
		return lang.L("the newest")
	case orders.ToEarliest:
		return lang.L("the earliest")
	case orders.ToTime:
		return t.At.Local().Format("2006-01-02 15:04:05")
	case orders.ToOffset:
		return lang.L("offset {{.Offset}}", map[string]any{"Offset": strconv.FormatInt(t.Count, 10)})
	case orders.ByCount:
		return fmt.Sprintf("%+d", t.Count)
	case orders.LikeGroup:
		return lang.L("like {{.Group}}", map[string]any{"Group": short(t.Group)})
	}
	if t.Back != "" {
		return lang.L("put back")
	}
	if len(t.Places) == 1 {
		return offsetText(t.Places[0].Offset)
	}
	return lang.L("given offsets")
}

// offsetText is an offset, or that there is none.
func offsetText(n int64) string {
	if n < 0 {
		return "—"
	}
	return strconv.FormatInt(n, 10)
}

func lineColumns() []widgets.Column {
	number := widgets.Column{Kind: widgets.DataColumn, Width: 50, Even: true, Right: true}
	last := widgets.Column{Kind: widgets.DataColumn, Width: 110, Even: true, Right: true, Drop: 1}
	return []widgets.Column{{Kind: widgets.DataColumn, Width: 90, Share: 1, Middle: true}, number, number, number, number, last}
}

func lineHeads() []string {
	return []string{lang.L("Queue"), lang.L("Now"), lang.L("Then"), lang.L("Skipped"), lang.L("Again"), lang.L("Range kept")}
}

// lineCells are a queue of a preview.
func lineCells(l orders.Line) []widgets.Item {
	cells := []widgets.Item{
		{Text: fmt.Sprintf("%s · %d", l.Broker, l.ID)},
		{Text: offsetText(l.From)},
		{Text: offsetText(l.To)},
		{},
		{},
		{Text: fmt.Sprintf("%d – %d", l.Min, l.Max), Tint: theme.Muted},
	}
	switch {
	case !l.Moves():
		cells[1].Tint, cells[2] = theme.Muted, widgets.Item{Text: lang.L("as it is"), Tint: theme.Muted}
		return cells
	case !l.Known():
		cells[3], cells[4] = widgets.Item{Text: "?", Tint: theme.Warn}, widgets.Item{Text: "?", Tint: theme.Warn}
	default:
		cells[3], cells[4] = countItem(l.Skipped()), countItem(l.Again())
	}
	if l.Wanted >= 0 {
		cells[2].Tint = theme.Warn
	}
	return cells
}

func countItem(n int64) widgets.Item {
	if n == 0 {
		return widgets.Item{Text: "0", Tint: theme.Muted}
	}
	return widgets.Item{Text: widgets.Count(uint64(n))}
}

// sums are how many messages are skipped and come again, as texts that say so where more
// may be.
func sums(p *orders.Preview) (skipped, again string) {
	s, a, known := p.Sum()
	skipped, again = widgets.Count(uint64(s)), widgets.Count(uint64(a))
	if !known {
		or := func(n string) string { return lang.L("{{.Count}} or more", map[string]any{"Count": n}) }
		skipped, again = or(skipped), or(again)
	}
	return skipped, again
}

// sumText says what a change comes to.
func sumText(p *orders.Preview) string {
	if p.Moves() == 0 {
		return lang.L("The group is there already: nothing would change.")
	}
	skipped, again := sums(p)
	if n, more, known := p.Sum(); p.Order.Keep && known && more == 0 && n > 0 {
		return lang.N("{{.Skipped}} messages are skipped, and kept here first.", int(n), map[string]any{"Skipped": skipped})
	}
	return lang.N("{{.Count}} queues change: {{.Skipped}} messages are skipped, {{.Again}} come again.", p.Moves(), map[string]any{"Skipped": skipped, "Again": again, "Count": widgets.Count(p.Moves())})
}

// notesText says what else is to be known before it is agreed to.
func notesText(p *orders.Preview) string {
	var all []string
	if _, _, known := p.Sum(); !known && p.Moves() > 0 {
		all = append(all, lang.L("Where the group has no position, or one that does not fit its queue, it is not known how many."))
	}
	if p.Moves() > 0 && p.Order.To.Back != "" {
		all = append(all, lang.L("What was processed meanwhile is not undone."))
	}
	outside := 0
	for _, l := range p.Lines {
		if l.Wanted >= 0 && l.Moves() {
			outside++
		}
	}
	if outside > 0 {
		all = append(all, lang.N("In {{.Count}} queues the place lies outside what is kept: the nearest is taken.", outside, map[string]any{"Count": widgets.Count(outside)}))
	}
	if n := len(p.Members); n > 0 {
		all = append(all, lang.N("{{.Count}} members are connected and follow within seconds; Go clients need 10 to 30 s.", n, map[string]any{"Count": widgets.Count(n)}))
	}
	if p.MayStay() {
		all = append(all, lang.L("Go clients that are told of several queues at once may stay where they were in some: those are named, and can be changed again by themselves."))
	}
	if p.Behind > 0 {
		all = append(all, lang.N("The members consume concurrently: what lies behind may have been taken already, and up to {{.Messages}} of it may come again.", int(p.Behind), map[string]any{"Messages": widgets.Count(uint64(p.Behind))}))
	}
	if p.Order.Keep && p.Online() {
		all = append(all, lang.L("A member that hangs and pulls no more learns of it only when it is started anew."))
	}
	switch skipped, _, _ := p.Sum(); {
	case skipped > 0 && p.Order.Keep:
		all = append(all, lang.L("From the diary it can be sent again."))
	case skipped > 0:
		all = append(all, lang.L("What is skipped stays on the brokers; the group does not get it."))
	}
	return words.Sentences(all...)
}

// warningText says what is missing, or why it cannot be done.
func warningText(p *orders.Preview) string {
	text := problem.Missing(p.Missing)
	if text != "" {
		text = words.Sentences(text, lang.L("Nothing changes there."))
	}
	return words.Sentences(problem.Explain(p.Why).Text(), text)
}

// changedText says why it has to be looked at again.
func changedText(what orders.Change) string {
	why := map[orders.Change]string{
		orders.CameOnline:  lang.L("Members have connected meanwhile."),
		orders.WentOffline: lang.L("The members have left meanwhile."),
		orders.OtherQueues: lang.L("Other queues or brokers answer now."),
		orders.Moved:       lang.L("The group was moved meanwhile."),
		orders.Gone:        lang.L("The place is no longer kept."),
		orders.OtherWay:    lang.L("The brokers do it in another way now."),

		orders.OtherBrokers: lang.L("Other brokers have it, or answer now."),
		orders.Altered:      lang.L("Its settings were changed meanwhile."),
		orders.Filled:       lang.L("Messages have come meanwhile."),

		orders.DoneMeanwhile: lang.L("Some were put back or sent meanwhile."),
	}[what]
	return words.Sentences(why, lang.L("Nothing was changed. Look at it again."))
}

// stateItem is what became of a queue.
func stateItem(q orders.Done, ended bool) widgets.Item {
	switch q.State {
	case orders.Set:
		if q.Name != "" {
			return widgets.Item{Text: "✓", Tint: theme.OK}
		}
		return widgets.Item{Text: "✓ " + lang.L("set"), Tint: theme.OK}
	case orders.Followed:
		return widgets.Item{Text: "✓ " + lang.L("the members follow"), Tint: theme.OK}
	case orders.Told:
		if ended {
			return widgets.Item{Text: lang.L("members were told; not seen there yet"), Tint: theme.Warn}
		}
		return widgets.Item{Text: lang.L("waiting for the members"), Tint: theme.Muted}
	case orders.Failed:
		return widgets.Item{Text: problem.Explain(q.Err).What, Tint: theme.Err}
	}
	if ended {
		return widgets.Item{Text: lang.L("not done"), Tint: theme.Warn}
	}
	return widgets.Item{Text: lang.L("waiting"), Tint: theme.Muted}
}

// resultText sums up what became of a record.
func resultText(r *orders.Record) (text string, tint theme.Token) {
	if r.Ended.IsZero() {
		return lang.L("not known: it did not end"), theme.Warn
	}
	if isOther(r) {
		return otherResult(r)
	}
	if !r.Lifted.IsZero() {
		return "✓", theme.OK
	}
	failed, told := 0, 0
	for _, q := range r.Queues {
		switch q.State {
		case orders.Failed, orders.Waiting:
			failed++
		case orders.Told:
			told++
		}
	}
	data := map[string]any{"Failed": widgets.Count(failed), "Told": widgets.Count(told), "Count": widgets.Count(len(r.Queues))}
	switch {
	case failed > 0:
		return lang.L("{{.Failed}} of {{.Count}} failed", data), theme.Err
	case told > 0:
		return lang.L("{{.Told}} of {{.Count}} not followed", data), theme.Warn
	}
	if r.Setup != nil || r.Resume != nil {
		return lang.L("✓ {{.Count}} done", data), theme.OK
	}
	return lang.N("✓ {{.Count}} queues", len(r.Queues), data), theme.OK
}

// fromTo are where the first queue of a record was put, and how many others there are.
func fromTo(r *orders.Record) string {
	if len(r.Queues) == 0 {
		return ""
	}
	if r.Resume != nil {
		return r.Queues[0].Name
	}
	if r.Setup != nil {
		q := r.Queues[0]
		return settingText(q.Was) + " → " + withPassword(settingText(q.Put), q.Password)
	}
	var b strings.Builder
	for i, q := range r.Queues[:min(len(r.Queues), 2)] {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s → %s", offsetText(q.From), offsetText(q.To))
	}
	if len(r.Queues) > 2 {
		b.WriteString(" …")
	}
	return b.String()
}

// clock is a time of the diary.
func clock(t time.Time) string { return t.Local().Format("2006-01-02 15:04:05") }

// backText says which queues of a record stay where they are when it is put back.
func backText(r *orders.Record) string {
	n := 0
	for _, q := range r.Queues {
		if r.Setup == nil && r.Resume == nil && q.From < 0 && q.State != orders.Failed {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return lang.N("{{.Count}} queues had no position before: they stay where they are.", n, map[string]any{"Count": widgets.Count(n)})
}
