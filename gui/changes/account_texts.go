package changes

import (
	"slices"
	"strings"

	"fyne.io/fyne/v2/lang"

	"gantry/client/cluster"
	"gantry/client/orders"
	"gantry/gui/widgets"
	"gantry/gui/words"
)

// ofAccounts tells whether an order is about users or their rights.
func ofAccounts(o orders.Setup) bool { return o.Of == orders.Users || o.Of == orders.Rights }

// accountTitle is what an order about users or rights is called.
func accountTitle(o orders.Setup) string {
	rights := o.Of == orders.Rights
	switch {
	case o.Act == orders.Create && rights:
		return lang.L("Give a right")
	case o.Act == orders.Create:
		return lang.L("Create users")
	case o.Act == orders.Delete && rights:
		return lang.L("Take a right")
	case o.Act == orders.Delete:
		return lang.L("Delete users")
	case rights:
		return lang.L("Change a right")
	}
	return lang.L("Change users")
}

// partText names a part: a topic, group or user, or a right of one.
func partText(name string, key cluster.RightKey, short func(string) string) string {
	if key == (cluster.RightKey{}) {
		return short(name)
	}
	return name + " · " + keyText([]cluster.RightKey{key})
}

// keyText names rights of a user.
func keyText(keys []cluster.RightKey) string {
	var all []string
	for _, k := range keys {
		text := k.Resource
		if k.Default {
			text += " " + lang.L("(default)")
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

// userText is what a broker has of a user, in a line.
func userText(u *cluster.UserSettings) string {
	text := lang.L("ordinary user")
	if u.Super {
		text = lang.L("may do all")
	}
	if u.Disabled {
		text += " · " + lang.L("locked")
	}
	return text
}

// mostHeld is how many rights of a user are named in a line.
const mostHeld = 3

// heldText counts the rights of a user, and names the first; "" where nothing is said of them.
func heldText(h *orders.HeldRights) string {
	if h == nil {
		return ""
	}
	if h.Unkept < 0 {
		return " · " + lang.L("rights not known")
	}
	n := len(h.Rights) + h.Unkept
	text := " · " + lang.N("{{.Count}} rights", n, map[string]any{"Count": widgets.Count(uint64(n))})
	var keys []cluster.RightKey
	for _, r := range h.Rights[:min(len(h.Rights), mostHeld)] {
		keys = append(keys, r.Key())
	}
	switch {
	case h.Unkept > 0:
		text += " " + lang.L("(not kept)")
	case len(h.Rights) > mostHeld:
		text += ": " + keyText(keys) + ", …"
	case len(keys) > 0:
		text += ": " + keyText(keys)
	}
	return text
}

// rightText is a right, in a line.
func rightText(r *cluster.Right) string {
	text := lang.L("allow")
	if r.Denied {
		text = lang.L("deny")
	}
	text += " " + strings.Join(r.Actions, ", ")
	if len(r.From) > 0 {
		text += " · " + fromText(r)
	}
	return text
}

// rightTexts are what a right was and what it becomes: of a change what differs, so that it is
// not cut behind all that stays.
func rightTexts(was, to *cluster.Right) (now, then string) {
	now, then = rightText(was), rightText(to)
	sameDecision, sameActions, sameFrom := was.Denied == to.Denied, slices.Equal(was.Actions, to.Actions), slices.Equal(was.From, to.From)
	switch {
	case sameDecision && sameActions && !sameFrom && len(was.From) > 0 && len(to.From) > 0:
		return fromText(was), changedTexts(was.From, to.From)
	case sameDecision && sameActions && !sameFrom:
		return fromText(was), fromText(to)
	case sameDecision && sameFrom && !sameActions:
		return now, changedTexts(was.Actions, to.Actions)
	}
	return now, then
}

// fromText says where a right counts.
func fromText(r *cluster.Right) string {
	if len(r.From) == 0 {
		return lang.L("from any address")
	}
	return lang.L("from {{.Addresses}}", map[string]any{"Addresses": strings.Join(r.From, ", ")})
}

// changedTexts names what is added to a list and what is taken from it; where neither is, the
// order differs.
func changedTexts(was, to []string) string {
	var all []string
	for _, x := range []struct {
		sign        string
		these, from []string
	}{{"+ ", to, was}, {"− ", was, to}} {
		var names []string
		for _, name := range x.these {
			if !slices.Contains(x.from, name) {
				names = append(names, name)
			}
		}
		if len(names) > 0 {
			all = append(all, x.sign+strings.Join(names, ", "))
		}
	}
	if len(all) == 0 {
		return strings.Join(to, ", ")
	}
	return strings.Join(all, " · ")
}

// withPassword says that a part puts a password too.
func withPassword(text string, puts bool) string {
	if !puts {
		return text
	}
	return text + " · " + lang.L("new password")
}

// accountSum says what an order about users or rights comes to.
func accountSum(o orders.Setup, n int, data map[string]any) string {
	rights := o.Of == orders.Rights
	switch {
	case o.Back != "" && o.Act == orders.Create && !rights:
		return lang.N("{{.Count}} users are put back on {{.Brokers}}.", n, data)
	case o.Act == orders.Create && rights:
		return lang.N("{{.Count}} rights are given on {{.Brokers}}.", n, data)
	case o.Act == orders.Create:
		return lang.N("{{.Count}} users are created on {{.Brokers}}.", n, data)
	case o.Act == orders.Delete && rights:
		return lang.N("{{.Count}} rights are taken on {{.Brokers}}.", n, data)
	case o.Act == orders.Delete:
		return lang.N("{{.Count}} users are deleted on {{.Brokers}}.", n, data)
	case rights:
		return lang.N("{{.Count}} rights change on {{.Brokers}}.", n, data)
	}
	return lang.N("{{.Count}} users change on {{.Brokers}}.", n, data)
}

// accountNotes says what else is to be known of an order about users or rights.
func accountNotes(p *orders.SetupPreview) []string {
	o := p.Order
	switch {
	case o.Of == orders.Rights:
		all := []string{lang.L("It counts at once. Who may do all needs no rights.")}
		if without := brokersWithout(p); o.Act == orders.Create && len(without) > 0 {
			all = append(all, lang.L("Not on {{.Brokers}}: the user is not known there.", map[string]any{"Brokers": strings.Join(without, ", ")}))
		}
		return all
	case o.Act == orders.Delete:
		n := 0
		for _, l := range p.Losses {
			n += l.Rights
		}
		var all []string
		if n > 0 {
			all = append(all, lang.N("{{.Count}} rights of theirs go with them.", n, map[string]any{"Count": widgets.Count(uint64(n))}))
		}
		if slices.ContainsFunc(p.Losses, func(l orders.Loss) bool { return l.Unkept }) {
			all = append(all, lang.L("Not all rights are known, or there are too many to keep: a user who is put back does not get those."))
		}
		return append(all, lang.L("Put back makes a user again with its rights, and with a new password: nobody tells the old one."))
	case o.Back != "" && o.Act == orders.Create:
		all := []string{lang.L("They get the password that stands here, and the rights that they had. Who is there again stays as it is, and gets the rights that it lacks.")}
		if slices.ContainsFunc(p.Lines, func(l orders.SetupLine) bool { return l.To != nil && l.To.Held != nil && l.To.Held.Unkept != 0 }) {
			all = append(all, lang.L("Not all rights were kept when they were deleted: look at what they may do."))
		}
		return all
	case o.Back != "":
		return []string{lang.L("Passwords are not put back: Gantry keeps none.")}
	case o.Wish.Password:
		return []string{lang.L("A new password counts at once for what connects from now on, and cannot be put back: nobody tells the old one.")}
	}
	return nil
}

// brokersWithout are the brokers that are meant, and where nothing is done.
func brokersWithout(p *orders.SetupPreview) (all []string) {
	for _, b := range p.Brokers {
		meant := len(p.Order.Brokers) == 0 || slices.Contains(p.Order.Brokers, b)
		if meant && len(p.Order.Exact) == 0 && !slices.Contains(p.Missing.Names(), b) && !slices.ContainsFunc(p.Lines, func(l orders.SetupLine) bool { return l.Broker == b }) {
			all = append(all, b)
		}
	}
	return all
}

// riskText says what an order does to who gives it, or to all.
func riskText(p *orders.SetupPreview, account string) string {
	data := map[string]any{"User": account}
	var all []string
	for _, r := range p.Risks {
		all = append(all, map[orders.Risk]string{
			orders.NoSuper:     lang.L("No user is left on a broker who may do all: nobody could undo this there."),
			orders.OwnGone:     lang.L("This connection signs in as {{.User}}: it is refused from then on.", data),
			orders.OwnPassword: lang.L("This connection signs in as {{.User}}: it is refused until the profile has the new password.", data),
			orders.OwnDemoted:  lang.L("This connection signs in as {{.User}}, who may then do only what rights permit.", data),
			orders.OwnRights:   lang.L("This connection signs in as {{.User}}: what it may do changes.", data),
			orders.SuperLeaves: lang.L("Brokers and proxies may sign in among themselves as this user: see innerClientAuthenticationCredentials in their configuration."),
		}[r])
	}
	return words.Sentences(all...)
}

// accountFacts are what the question shows of users and rights, beside their brokers.
func accountFacts(p *orders.SetupPreview, facts []widgets.Fact, short func(string) string) []widgets.Fact {
	return append(facts, nowThen(p, short)...)
}
