package changes

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2/lang"

	"gantry/client/cluster"
	"gantry/client/orders"
	"gantry/client/profile"
	"gantry/gui/problem"
	"gantry/gui/theme"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

func nameCaption(of orders.Thing) string {
	switch of {
	case orders.Groups:
		return lang.L("Groups")
	case orders.Users, orders.Rights:
		return lang.L("Users")
	}
	return lang.L("Topics")
}

// actText is what the button says that leads to the question.
func actText(o orders.Setup) string {
	switch {
	case o.Back != "":
		return lang.L("Put back…")
	case o.Of == orders.Rights && o.Act == orders.Create:
		return lang.L("Give…")
	case o.Of == orders.Rights && o.Act == orders.Delete:
		return lang.L("Take…")
	case o.Act == orders.Create:
		return lang.L("Create…")
	case o.Act == orders.Delete:
		return lang.L("Delete…")
	}
	return lang.L("Change…")
}

// setupTitle is what an order is called.
func setupTitle(o orders.Setup) string {
	groups := o.Of == orders.Groups
	switch {
	case o.Back != "" && o.Of == orders.Users && o.Act == orders.Create:
		return lang.L("Put users back")
	case o.Back != "":
		return lang.L("Put the settings back")
	case ofAccounts(o):
		return accountTitle(o)
	case o.Act == orders.Create && groups:
		return lang.L("Create groups")
	case o.Act == orders.Create:
		return lang.L("Create topics")
	case o.Act == orders.Delete && groups:
		return lang.L("Delete groups")
	case o.Act == orders.Delete:
		return lang.L("Delete topics")
	case groups:
		return lang.L("Change groups")
	}
	return lang.L("Change topics")
}

// setupQuestion is the question whether it shall be done.
func setupQuestion(p *orders.SetupPreview) string { return setupTitle(p.Order) + lang.L("?") }

// setupColumns are those of a preview; messages are told of topics and groups that are deleted.
func setupColumns(o orders.Setup) []widgets.Column {
	if ofAccounts(o) && o.Act == orders.Delete { // "deleted" takes little room
		return []widgets.Column{{Width: 140, Share: 3, Middle: true}, {Width: 80, Share: 1, Middle: true}, {Width: 190, Share: 6}, {Width: 60, Even: true}}
	}
	if ofAccounts(o) {
		return []widgets.Column{{Width: 140, Share: 3, Middle: true}, {Width: 80, Share: 1, Middle: true}, {Width: 120, Share: 3}, {Width: 190, Share: 4}}
	}
	all := []widgets.Column{{Width: 150, Share: 3, Middle: true}, {Width: 96, Share: 1, Middle: true}, {Width: 120, Share: 3}, {Width: 120, Share: 3}}
	if o.Act == orders.Delete {
		all = append(all, widgets.Column{Kind: widgets.DataColumn, Width: 60, Even: true, Right: true})
	}
	return all
}

func setupHeads(deletes bool) []string {
	all := []string{lang.L("Name"), lang.L("Broker"), lang.L("Now"), lang.L("Then")}
	if deletes {
		all = append(all, lang.L("Messages"))
	}
	return all
}

// setupCells are a part of a preview.
func setupCells(l orders.SetupLine, deletes bool, p profile.Profile) []widgets.Item {
	now, then := settingTexts(l.Was, l.To)
	cells := []widgets.Item{
		{Text: partText(l.Name, l.Key, p.ShortName)}, {Text: brokerText(l.Broker), Tint: theme.Muted}, {Text: now, Tint: theme.Muted}, {Text: withPassword(then, l.Password)},
	}
	switch {
	case l.Broker == "":
		cells[2].Text, cells[3].Text = lang.L("its route"), lang.L("forgotten")
	case l.To == nil:
		cells[3] = widgets.Item{Text: lang.L("deleted"), Tint: theme.Err}
	case !l.Moves():
		cells[3] = widgets.Item{Text: lang.L("as it is"), Tint: theme.Muted}
	case l.Dropped:
		cells[3].Tint = theme.Warn
	}
	switch {
	case l.Keeps >= 0:
		cells = append(cells, countItem(l.Keeps))
	case deletes:
		cells = append(cells, widgets.Item{})
	}
	return cells
}

func brokerText(broker string) string {
	if broker == "" {
		return lang.L("name servers")
	}
	return broker
}

// settingTexts are what a broker has and what it will have, each in a line.
func settingTexts(was, to *orders.Setting) (now, then string) {
	if was != nil && to != nil && was.Right != nil && to.Right != nil && !was.Right.Same(*to.Right) {
		return rightTexts(was.Right, to.Right)
	}
	return settingText(was), settingText(to)
}

// settingText is what a broker has, in one line.
func settingText(s *orders.Setting) string {
	switch {
	case s == nil:
		return "—"
	case s.User != nil:
		return userText(s.User) + heldText(s.Held)
	case s.Right != nil:
		return rightText(s.Right)
	case s.Topic != nil:
		t := s.Topic
		text := fmt.Sprintf("%s / %s · %s", widgets.Count(t.Read), widgets.Count(t.Write), permText(t.Perm))
		if t.Type != "" && t.Type != cluster.TypeNormal {
			text += " · " + typeText(t.Type)
		}
		return text
	}
	g := s.Group
	parts := []string{lang.N("{{.Count}} retries", g.Retries, map[string]any{"Count": widgets.Count(g.Retries)})}
	if !g.Consume {
		parts = append(parts, lang.L("does not consume"))
	}
	if !g.Broadcast {
		parts = append(parts, lang.L("no broadcasting"))
	}
	if g.Ordered {
		parts = append(parts, lang.L("in order (FIFO)"))
	}
	return strings.Join(parts, " · ")
}

// permText is what may be done with a topic, in RocketMQ's own letters, which fit a row.
func permText(perm int) string {
	text := ""
	if perm&cluster.PermRead != 0 {
		text += "R"
	}
	if perm&cluster.PermWrite != 0 {
		text += "W"
	}
	return cmp.Or(text, "–")
}

func typeText(t string) string {
	switch t {
	case cluster.TypeFIFO:
		return lang.L("ordered")
	case cluster.TypeDelay:
		return lang.L("delayed")
	case cluster.TypeTransaction:
		return lang.L("transactional")
	}
	return strings.ToLower(t)
}

// moving are the names that an order does something to, of rights with what they are about,
// and the brokers where.
func moving(p *orders.SetupPreview) (names, brokers []string) {
	for _, l := range p.Lines {
		name := partText(l.Name, l.Key, func(n string) string { return n })
		if l.Moves() && !slices.Contains(names, name) {
			names = append(names, name)
		}
		if l.Moves() && l.Broker != "" && !slices.Contains(brokers, l.Broker) {
			brokers = append(brokers, l.Broker)
		}
	}
	slices.Sort(brokers)
	return names, brokers
}

// setupSum says what an order comes to.
func setupSum(p *orders.SetupPreview) string {
	names, brokers := moving(p)
	n := len(names)
	data := map[string]any{"Count": widgets.Count(uint64(n)), "Brokers": strings.Join(brokers, ", "), "Lost": lostText(p)}
	if len(brokers) == 0 {
		data["Brokers"] = brokerText("")
	}
	groups := p.Order.Of == orders.Groups
	switch {
	case n == 0:
		return lang.L("Nothing would change.")
	case ofAccounts(p.Order):
		return accountSum(p.Order, n, data)
	case p.Order.Act == orders.Create && groups:
		return lang.N("{{.Count}} groups are created on {{.Brokers}}.", n, data)
	case p.Order.Act == orders.Create:
		return lang.N("{{.Count}} topics are created on {{.Brokers}}.", n, data)
	case p.Order.Act == orders.Delete && groups:
		return lang.N("{{.Count}} groups are deleted on {{.Brokers}}.", len(p.Order.Names)-len(p.Absent), data)
	case p.Order.Act == orders.Delete:
		return lang.N("{{.Count}} topics are deleted on {{.Brokers}}, with {{.Lost}} messages.", n, data)
	case groups:
		return lang.N("{{.Count}} groups change on {{.Brokers}}.", n, data)
	}
	return lang.N("{{.Count}} topics change on {{.Brokers}}.", n, data)
}

// lostText is how many messages are destroyed.
func lostText(p *orders.SetupPreview) string {
	messages, _, more := p.Lost()
	text := widgets.Count(uint64(messages))
	if more {
		return lang.L("{{.Count}} or more", map[string]any{"Count": text})
	}
	return text
}

// mostBehind is how many groups are named that have not read all.
const mostBehind = 5

// setupNotes says what else is to be known before it is agreed to.
func setupNotes(p *orders.SetupPreview, of profile.Profile) string {
	var all []string
	there, dropped, fewer, unread := 0, 0, false, false
	for _, l := range p.Lines {
		if !l.Moves() && p.Order.Act == orders.Create {
			there++
		}
		if l.Dropped {
			dropped++
		}
		if l.Was != nil && l.To != nil && l.Was.Topic != nil && l.To.Topic != nil {
			fewer = fewer || l.To.Topic.Read < l.Was.Topic.Read
			unread = unread || l.Was.Topic.Perm&cluster.PermRead != 0 && l.To.Topic.Perm&cluster.PermRead == 0
		}
	}
	if there > 0 {
		all = append(all, lang.N("In {{.Count}} places it is there already and stays as it is.", there, map[string]any{"Count": widgets.Count(there)}))
	}
	if dropped > 0 {
		all = append(all, lang.L("Brokers of 4.x keep no type of a topic, and no order of a group: there it is an ordinary one."))
	}
	if fewer {
		all = append(all, lang.L("What lies in queues that are read no more waits there until they are read again."))
	}
	if unread {
		all = append(all, lang.L("Consumers get nothing while the topic may not be read."))
	}
	if n := len(p.Absent); n > 0 {
		all = append(all, lang.N("{{.Count}} names are on no broker: {{.Names}}", n, map[string]any{"Count": widgets.Count(n), "Names": someNames(p.Absent, of)}))
	}
	switch {
	case ofAccounts(p.Order):
		all = append(all, accountNotes(p)...)
	case p.Order.Act == orders.Delete:
		all = append(all, deleteNotes(p, of)...)
	}
	return words.Sentences(all...)
}

// deleteNotes says who is behind in what is deleted, and that it does not come back.
func deleteNotes(p *orders.SetupPreview, of profile.Profile) []string {
	var all, behind []string
	_, groups, _ := p.Lost()
	for _, l := range p.Losses {
		for _, b := range l.Behind {
			if len(behind) < mostBehind {
				behind = append(behind, fmt.Sprintf("%s (%s)", of.ShortName(b.Group), widgets.Count(uint64(b.Lag))))
			}
		}
	}
	if groups > 0 {
		all = append(all, lang.N("{{.Count}} groups have not taken all: {{.Names}}.", groups, map[string]any{"Count": widgets.Count(groups), "Names": strings.Join(behind, ", ")}))
	}
	if n := p.Members(); n > 0 {
		all = append(all, lang.N("{{.Count}} members are connected: where brokers make groups on demand they make theirs again.", n, map[string]any{"Count": widgets.Count(n)}))
	}
	if p.Order.Of == orders.Groups {
		if p.Order.Letters {
			all = append(all, lang.L("{{.Lost}} dead letters are destroyed.", map[string]any{"Lost": lostText(p)}))
		}
		if !p.Order.Offsets {
			all = append(all, lang.L("Its offsets stay: a group of this name goes on from them. 5.5.0 makes such a group anew at once where it makes groups on demand."))
		}
	} else if len(p.Missing) > 0 {
		all = append(all, lang.L("The name servers keep the route until no broker has the topic any more."))
	}
	return append(all, lang.L("What is deleted is not put back."))
}

// someNames are the first of several.
func someNames(names []string, of profile.Profile) string {
	var short []string
	for _, n := range names[:min(len(names), mostBehind)] {
		short = append(short, of.ShortName(n))
	}
	if len(names) > mostBehind {
		short = append(short, "…")
	}
	return strings.Join(short, ", ")
}

// setupMissing says which brokers do not answer.
func setupMissing(p *orders.SetupPreview) string {
	text := problem.Missing(p.Missing)
	if text != "" {
		text = words.Sentences(text, lang.L("Nothing changes there."))
	}
	return text
}

// setupFacts are what the question shows.
func setupFacts(p *orders.SetupPreview, of profile.Profile) []widgets.Fact {
	names, brokers := moving(p)
	facts := []widgets.Fact{
		{Label: nameCaption(p.Order.Of), Value: someNames(names, of), Mono: true},
		{Label: lang.L("Brokers"), Value: strings.Join(brokers, ", "), Mono: true},
	}
	if ofAccounts(p.Order) {
		return accountFacts(p, facts, of.ShortName)
	}
	if p.Order.Act == orders.Delete {
		_, groups, _ := p.Lost()
		return append(facts, widgets.Fact{Label: lang.L("Messages"), Value: lostText(p)},
			widgets.Fact{Label: lang.L("With lag"), Value: lang.N("{{.Count}} groups", groups, map[string]any{"Count": widgets.Count(groups)})})
	}
	return append(facts, nowThen(p, of.ShortName)...)
}

// mostTold is for how many parts that differ the question says what each has and becomes.
const mostTold = 4

// nowThen are what the parts that change have and become: none where nothing does. Where it is
// not the same in all of them each is named, and too many are said to stand on the sheet.
func nowThen(p *orders.SetupPreview, short func(string) string) []widgets.Fact {
	var parts, now, then []string
	for _, l := range p.Lines {
		if !l.Moves() {
			continue
		}
		to := withPassword(settingText(l.To), l.Password)
		if l.To == nil {
			to = lang.L("deleted")
		}
		parts = append(parts, partText(l.Name, l.Key, short)+" · "+brokerText(l.Broker))
		now, then = append(now, settingText(l.Was)), append(then, to)
	}
	if len(parts) == 0 {
		return nil
	}
	return []widgets.Fact{{Label: lang.L("Now"), Value: inParts(parts, now)}, {Label: lang.L("Then"), Value: inParts(parts, then)}}
}

// inParts is the value of all parts, or of each in a line.
func inParts(parts, values []string) string {
	switch {
	case !slices.ContainsFunc(values, func(v string) bool { return v != values[0] }):
		return values[0]
	case len(values) > mostTold:
		return lang.L("not the same in all of them: see above")
	}
	var lines []string
	for i, v := range values {
		lines = append(lines, parts[i]+": "+v)
	}
	return strings.Join(lines, "\n")
}
