package orders

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
)

// asked is what brokers say about what a Setup means.
type asked struct {
	brokers []cluster.Broker // all that are listed
	by      map[string]map[string]*Setting
	old     map[string]bool
	missing cluster.Missing
	// routed are the topics that the name servers know, nil where they do not say.
	routed map[string]bool
	// users and rights are all that brokers have of them, by broker and user.
	users  map[string]map[string]cluster.UserSettings
	rights map[string]map[string][]cluster.Right
	// untold are the brokers that do not tell the rights.
	untold []string
}

// PreviewSetup says what a Setup would do. It changes nothing. The error is that nothing can
// be said: fault.NotOffered where the endpoint lists no brokers or topics, fault.Reserved,
// fault.TopicNotFound or fault.GroupNotFound where there is none of the names.
func (c *Clerk) PreviewSetup(ctx context.Context, o Setup) (*SetupPreview, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	a, err := c.lookUp(ctx, o)
	if err != nil {
		return nil, err
	}
	p := &SetupPreview{Order: o, At: time.Now(), Missing: a.missing, Brokers: slices.Sorted(maps.Keys(a.by))}
	for _, b := range p.Brokers {
		if a.old[b] {
			p.Old = append(p.Old, b)
		}
	}
	for _, b := range o.Brokers {
		if a.by[b] == nil && !slices.Contains(a.missing.Names(), b) {
			p.Missing = p.Missing.Join(cluster.Missing{{Broker: b, Err: fmt.Errorf("%s: %w", b, fault.NoBroker)}})
		}
	}
	for _, name := range o.Names {
		lines := a.lines(o, name)
		p.Lines = append(p.Lines, lines...)
		if (o.Act != Create || o.Of == Rights) && len(lines) == 0 {
			p.Absent = append(p.Absent, name)
		}
	}
	if len(p.Lines) == 0 && len(p.Missing) == 0 {
		return nil, fmt.Errorf("%s: %w", o.Names[0], none(o))
	}
	switch {
	case o.Act == Delete && o.Of == Users:
		a.keepRights(p)
	case o.Act == Delete && !o.account():
		c.losses(ctx, a, p)
	}
	p.Risks = a.risks(p, c.account)
	p.Why = a.forbidden(o, p)
	return p, ctx.Err()
}

// Brokers tells which brokers take orders about something, before anything is named:
// fault.NotOffered where the endpoint lists none, or none tells who has an account.
func (c *Clerk) Brokers(ctx context.Context, of Thing) (names, old []string, missing cluster.Missing, err error) {
	a, err := c.lookUp(ctx, Setup{Of: of, Act: Create})
	if err != nil {
		return nil, nil, nil, err
	}
	return slices.Sorted(maps.Keys(a.by)), slices.Sorted(maps.Keys(a.old)), a.missing, nil
}

// Settings is what the brokers keep of a topic or group, by broker.
func (c *Clerk) Settings(ctx context.Context, of Thing, name string) (map[string]*Setting, cluster.Missing, error) {
	a, err := c.lookUp(ctx, Setup{Of: of, Act: Alter, Names: []string{name}})
	if err != nil {
		return nil, nil, err
	}
	all := map[string]*Setting{}
	for broker, names := range a.by {
		if s := names[name]; s != nil {
			all[broker] = s
		}
	}
	if len(all) == 0 && len(a.missing) == 0 {
		return nil, nil, fmt.Errorf("%s: %w", name, none(Setup{Of: of}))
	}
	return all, a.missing, nil
}

// none is the fault that there is nothing of a name.
func none(o Setup) fault.Code {
	switch o.Of {
	case Groups:
		return fault.GroupNotFound
	case Users:
		return fault.UserNotFound
	case Rights:
		if o.Act == Create {
			return fault.UserNotFound
		}
		return fault.RightNotFound
	}
	return fault.TopicNotFound
}

// lookUp asks the brokers what they have of the names of a Setup.
func (c *Clerk) lookUp(ctx context.Context, o Setup) (*asked, error) {
	brokers, listed, err := c.admin.Brokers(ctx)
	if err != nil {
		return nil, err
	}
	if !listed {
		return nil, fmt.Errorf("%s: %w", o.Of, fault.NotOffered)
	}
	a := &asked{brokers: brokers, by: map[string]map[string]*Setting{}, old: map[string]bool{}, missing: c.unlisted(brokers)}
	if o.account() {
		return a, c.askAccounts(ctx, o, a)
	}
	wanted := map[string]bool{o.Like: true}
	for _, n := range o.Names {
		wanted[n] = true
		if o.Of == Groups && o.Letters {
			wanted["%RETRY%"+n], wanted["%DLQ%"+n] = true, true
		}
	}
	is := func(name string) bool { return wanted[name] }
	if o.Of == Groups {
		got, missing, err := c.admin.GroupSettings(ctx, brokers, is)
		if err != nil {
			return nil, err
		}
		takeKept(a, got, missing, func(g cluster.GroupSettings) *Setting { return &Setting{Group: &g} })
	}
	if o.Of == Topics || o.Letters {
		got, missing, err := c.admin.TopicSettings(ctx, brokers, is)
		if err != nil {
			return nil, err
		}
		takeKept(a, got, missing, func(t cluster.TopicSettings) *Setting { return &Setting{Topic: &t} })
		return a, c.routes(ctx, o, a)
	}
	return a, nil
}

func takeKept[S any](a *asked, got admin.Kept[S], missing cluster.Missing, as func(S) *Setting) {
	a.missing = a.missing.Join(missing)
	for broker, names := range got.By {
		if a.by[broker] == nil {
			a.by[broker] = map[string]*Setting{}
		}
		for name, s := range names {
			a.by[broker][name] = as(s)
		}
		if got.Old[broker] {
			a.old[broker] = true
		}
	}
}

// routes asks which topics the name servers know, and refuses the names of brokers and
// clusters.
func (c *Clerk) routes(ctx context.Context, o Setup, a *asked) error {
	own, err := c.admin.OwnNames(ctx)
	if err != nil {
		return err
	}
	for _, n := range o.Names {
		if own[n] {
			return fmt.Errorf("%s: %w", n, fault.Reserved)
		}
	}
	if o.Act != Delete {
		return nil
	}
	all, err := c.admin.AllTopics(ctx)
	if said := (*fault.Answer)(nil); errors.As(err, &said) {
		return nil // they do not list them
	}
	if err != nil {
		return err
	}
	a.routed = map[string]bool{}
	for _, n := range all {
		a.routed[n] = true
	}
	return nil
}

// lines are what is done about a name.
func (a *asked) lines(o Setup, name string) []SetupLine {
	if o.account() {
		return a.accountLines(o, name)
	}
	lines := a.linesOf(o, name)
	if o.Of == Groups && o.Act == Delete && o.Letters {
		for _, prefix := range []string{"%RETRY%", "%DLQ%"} {
			lines = append(lines, a.linesOf(o, prefix+name)...)
		}
	}
	return lines
}

func (a *asked) linesOf(o Setup, name string) []SetupLine {
	var lines []SetupLine
	topic := o.Of == Topics
	for _, broker := range slices.Sorted(maps.Keys(a.by)) {
		to, yes, exact := o.only(name, cluster.RightKey{}, broker)
		was := a.by[broker][name]
		like := a.by[broker][o.Like]
		if !yes || o.Act != Create && was == nil || o.Act == Create && o.Like != "" && like == nil && !exact {
			continue
		}
		topic = topic || was != nil && was.Topic != nil
		l := SetupLine{Name: name, Broker: broker, Was: was, Keeps: -1}
		switch {
		case o.Act == Delete:
		case o.Act == Create && was != nil:
			l.To = was // it is there already, and stays as it is
		case exact:
			l.To = a.fitting(to, was)
		case o.Act == Create && like != nil:
			l.To, l.Dropped = o.Wish.on(like, a.old[broker], true)
		case o.Act == Create:
			l.To, l.Dropped = o.Wish.on(fresh(o.Of), a.old[broker], true)
		default:
			l.To, l.Dropped = o.Wish.on(was, a.old[broker], false)
		}
		lines = append(lines, l)
	}
	if _, yes, _ := o.only(name, cluster.RightKey{}, ""); o.Act == Delete && topic && yes && len(a.missing) == 0 && (a.routed == nil && len(lines) > 0 || a.routed[name]) {
		lines = append(lines, SetupLine{Name: name, Keeps: -1})
	}
	return lines
}

// fresh is what a topic or group is made with where nothing is said.
func fresh(of Thing) *Setting {
	if of == Groups {
		return &Setting{Group: &cluster.GroupSettings{Retries: 16, RetryQueues: 1, Consume: true, Broadcast: true}}
	}
	return &Setting{Topic: &cluster.TopicSettings{Read: 8, Write: 8, Perm: cluster.PermRead | cluster.PermWrite}}
}

// fitting is what a record says as it can be put now: a type that was noted meanwhile is put
// back to the usual one, and what else a group has stays.
func (a *asked) fitting(to, was *Setting) *Setting {
	if to == nil || was == nil {
		return to
	}
	if t := to.Topic; t != nil && was.Topic != nil && t.Type == "" && was.Topic.Type != "" {
		usual := *t
		usual.Type = cluster.TypeNormal
		return &Setting{Topic: &usual}
	}
	return to
}

// on is a setting with what is wished; dropped says that a broker of 4.x keeps some of it
// not. A topic without a type is a usual one, and is left so when it is changed.
func (w Wish) on(s *Setting, old, create bool) (to *Setting, dropped bool) {
	set := func(to *int, n *int) {
		if n != nil {
			*to = *n
		}
	}
	turn := func(to *bool, b *bool) {
		if b != nil {
			*to = *b
		}
	}
	if s.Topic != nil {
		t := *s.Topic
		set(&t.Read, w.Read)
		set(&t.Write, w.Write)
		set(&t.Perm, w.Perm)
		if w.Type != nil {
			if dropped = old && *w.Type != cluster.TypeNormal; !old && (create || t.Type != "" || *w.Type != cluster.TypeNormal) {
				t.Type = *w.Type
			}
		}
		t.Static = false
		return &Setting{Topic: &t}, dropped
	}
	g := *s.Group
	set(&g.Retries, w.Retries)
	set(&g.RetryQueues, w.RetryQueues)
	turn(&g.Consume, w.Consume)
	turn(&g.Broadcast, w.Broadcast)
	if w.Ordered != nil {
		if dropped = old && *w.Ordered; !old {
			g.Ordered = *w.Ordered
		}
	}
	return &Setting{Group: &g}, dropped
}

// forbidden tells why an order cannot be run, or nil.
func (a *asked) forbidden(o Setup, p *SetupPreview) error {
	if o.account() {
		return missesPassword(p)
	}
	if o.Act != Alter {
		return nil
	}
	for _, l := range p.Lines {
		if l.Was.Topic != nil && l.Was.Topic.Static {
			return fmt.Errorf("%s is static: %w", l.Name, fault.NotOffered)
		}
	}
	return nil
}
