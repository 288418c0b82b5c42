package orders

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/sync/errgroup"

	"gantry/client/cluster"
	"gantry/client/fault"
)

const (
	// mostUser bounds a user's name, in bytes, and mostPassword a password.
	mostUser     = 255
	mostPassword = 1024
	// mostKeys bounds the rights of one order.
	mostKeys = 100
)

// Risk is what an order about users or rights does beside what it says.
type Risk string

// The risks.
const (
	// OwnGone: the user as whom this connection signs is deleted or disabled.
	OwnGone Risk = "own gone"
	// OwnPassword: it gets a password that the profile does not have.
	OwnPassword Risk = "own password"
	// OwnDemoted: it may no longer do everything.
	OwnDemoted Risk = "own demoted"
	// OwnRights: its rights change, and it has no others.
	OwnRights Risk = "own rights"
	// NoSuper: no user is left on a broker that may do everything and sign in.
	NoSuper Risk = "no super user"
	// SuperLeaves: a user is deleted, disabled, demoted or gets a new password as whom brokers
	// and proxies may sign in among themselves.
	SuperLeaves Risk = "super user leaves"
)

// account tells whether it is about users or their rights.
func (o Setup) account() bool { return o.Of == Users || o.Of == Rights }

// checkUser tells whether a text can be a user's name.
func checkUser(name string) error {
	if name == "" || len(name) > mostUser || strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return fault.Invalid
	}
	return nil
}

// checkAccounts tells whether an order about users or rights can be meant.
func (o Setup) checkAccounts() error {
	switch {
	case o.Like != "", len(o.Keys) > mostKeys, len(o.Password) > mostPassword,
		(o.Of == Rights) != (len(o.Keys) > 0), o.Password != "" && strings.TrimSpace(o.Password.Reveal()) == "":
		return fmt.Errorf("%s %s: %w", o.Act, o.Of, fault.Invalid)
	}
	for _, k := range o.Keys {
		if _, _, _, ok := cluster.SplitResource(k.Resource); !ok {
			return fmt.Errorf("resource: %w", fault.Invalid)
		}
	}
	for _, x := range o.Exact {
		if x.To != nil && (o.Of == Users) != (x.To.User != nil) || x.To.held() > mostHeld {
			return fmt.Errorf("%s: %w", x.Name, fault.Invalid)
		}
		if x.To != nil && x.To.Right != nil && (x.To.Right.Key() != x.Key || x.To.Right.Check() != nil) {
			return fmt.Errorf("right: %w", fault.Invalid)
		}
	}
	if o.Of == Rights && o.Act != Delete && len(o.Exact) == 0 {
		if o.Wish.Right == nil {
			return fmt.Errorf("right: %w", fault.Invalid)
		}
		r := *o.Wish.Right
		r.Resource = o.Keys[0].Resource
		return r.Check()
	}
	return nil
}

// part names a user, or a right of one, among what a broker has.
func part(name string, key cluster.RightKey) string {
	if key == (cluster.RightKey{}) {
		return name
	}
	return fmt.Sprintf("%s\x00%v\x00%s", name, key.Default, key.Resource)
}

// askAccounts asks the brokers for their users and rights. Where only who may sign in is
// checked, and not what each may do, orders about users are taken all the same.
func (c *Clerk) askAccounts(ctx context.Context, o Setup, a *asked) error {
	rights, lacks, refused := c.admin.Rights(ctx, a.brokers)
	users, missing, err := c.admin.Users(ctx, a.brokers)
	if err != nil {
		return unconfigured(err, refused)
	}
	for i, m := range missing {
		for _, l := range lacks {
			if l.Broker == m.Broker {
				missing[i].Err = unconfigured(m.Err, l.Err)
			}
		}
	}
	a.users, a.rights = users.By, map[string]map[string][]cluster.Right{}
	takeKept(a, users, missing, func(u cluster.UserSettings) *Setting { return &Setting{User: &u} })
	for _, l := range lacks { // where what users may do is not checked they have no rights
		if !errors.Is(l.Err, fault.NotOffered) {
			a.untold = append(a.untold, l.Broker)
		}
	}
	switch {
	case refused == nil:
		a.rights = rights.By
	case o.Of == Users && errors.Is(refused, fault.NotOffered):
		return nil
	default:
		return refused
	}
	if o.Of == Rights {
		a.missing = a.missing.Join(lacks)
	}
	for broker, users := range rights.By {
		if a.by[broker] == nil { // its users are not known
			continue
		}
		for user, all := range users {
			for _, r := range all {
				a.by[broker][part(user, r.Key())] = &Setting{Right: &r}
			}
		}
	}
	return nil
}

// unconfigured is why a broker does not tell its users: where it is without accounts 5.5.0
// says so of the rights, and of the users that its system has an error.
func unconfigured(users, rights error) error {
	if said := (*fault.Answer)(nil); errors.Is(rights, fault.NotOffered) && errors.As(users, &said) {
		return rights
	}
	return users
}

// accountLines are what is done about a user, or rights of one.
func (a *asked) accountLines(o Setup, user string) []SetupLine {
	var lines []SetupLine
	keys := []cluster.RightKey{{}}
	if o.Of == Rights {
		keys = o.Keys
	}
	for _, key := range keys {
		for _, broker := range slices.Sorted(maps.Keys(a.by)) {
			to, yes, exact := o.only(user, key, broker)
			_, known := a.users[broker][user]
			if !yes || !known && (o.Of == Rights || o.Act != Create) || slices.Contains(a.missing.Names(), broker) {
				continue
			}
			was := a.by[broker][part(user, key)]
			if !exact && o.Act != Create && was == nil {
				continue
			}
			l := SetupLine{Name: user, Key: key, Broker: broker, Was: was, To: to, Keeps: -1}
			switch {
			case o.Act == Create && exact && to != nil && to.Held != nil:
				l.Was, l.To = a.restored(broker, user, was, to)
			case o.Act == Create && was != nil:
				l.To = was // it is there already, and stays as it is
			case o.Act == Delete:
				l.To = nil
			case !exact:
				l.To = o.Wish.account(was, key)
			}
			l.Password = o.Of == Users && (o.Act == Create && was == nil || o.Act == Alter && o.Wish.Password)
			lines = append(lines, l)
		}
	}
	return lines
}

// account is a user or right with what is wished.
func (w Wish) account(was *Setting, key cluster.RightKey) *Setting {
	if w.Right != nil {
		r := *w.Right
		r.Default, r.Resource = key.Default, key.Resource
		return &Setting{Right: &r}
	}
	u := cluster.UserSettings{}
	if was != nil && was.User != nil {
		u = *was.User
	}
	if w.Super != nil {
		u.Super = *w.Super
	}
	if w.Disabled != nil {
		u.Disabled = *w.Disabled
	}
	return &Setting{User: &u}
}

// missesPassword says that a password is put that is not given.
func missesPassword(p *SetupPreview) error {
	if p.Order.Password == "" && slices.ContainsFunc(p.Lines, func(l SetupLine) bool { return l.Password }) {
		return fault.NeedPassword
	}
	return nil
}

// risks are what an order does to who gives it, whose user is own, and to all.
func (a *asked) risks(p *SetupPreview, own string) []Risk {
	found := map[Risk]bool{}
	left := map[string]map[string]cluster.UserSettings{} // on the brokers where a user changes
	for _, l := range p.Lines {
		if !l.Moves() || !p.Order.account() {
			continue
		}
		if p.Order.Of == Rights {
			found[OwnRights] = found[OwnRights] || l.Name == own && !a.users[l.Broker][own].Super
			continue
		}
		was, to := a.users[l.Broker][l.Name], cluster.UserSettings{Disabled: true}
		if left[l.Broker] == nil {
			left[l.Broker] = maps.Clone(a.users[l.Broker])
		}
		if delete(left[l.Broker], l.Name); l.To != nil {
			to = *l.To.User
			left[l.Broker][l.Name] = to
		}
		stays := l.Was == nil || was == to && !l.Password
		found[SuperLeaves] = found[SuperLeaves] || was.Super && !was.Disabled && !stays
		if l.Name == own && l.Was != nil {
			found[OwnGone] = found[OwnGone] || to.Disabled
			found[OwnPassword] = found[OwnPassword] || l.Password
			found[OwnDemoted] = found[OwnDemoted] || was.Super && !to.Super && !to.Disabled
		}
	}
	for broker, users := range left {
		found[NoSuper] = found[NoSuper] || hasSuper(a.users[broker]) && !hasSuper(users)
	}
	return slices.DeleteFunc([]Risk{NoSuper, OwnGone, OwnPassword, OwnDemoted, OwnRights, SuperLeaves}, func(r Risk) bool { return !found[r] })
}

func hasSuper(users map[string]cluster.UserSettings) bool {
	for _, u := range users {
		if u.Super && !u.Disabled {
			return true
		}
	}
	return false
}

// inTurn gives each broker the orders about rights one after the other: brokers lose one of
// two that come together.
func (s *setting) inTurn(ctx context.Context) {
	of := map[string][]int{}
	for i, q := range s.rec.Queues { // their names do not change
		of[q.Broker] = append(of[q.Broker], i)
	}
	var all errgroup.Group
	all.SetLimit(atOnce)
	for _, parts := range of {
		all.Go(func() error {
			for _, i := range parts {
				s.part(ctx, i)
			}
			return nil
		})
	}
	_ = all.Wait()
}

// doAccount gives the order of a part about a user or a right.
func (s *setting) doAccount(ctx context.Context, master string, q *Done) error {
	a := s.c.admin
	switch {
	case s.p.Order.Of == Users && q.Put == nil:
		return a.DeleteUser(ctx, master, q.Name)
	case s.p.Order.Of == Users:
		return s.putUser(ctx, master, q)
	case q.Put == nil:
		return a.DeleteRight(ctx, master, q.Name, q.Key)
	}
	return a.PutRight(ctx, master, q.Name, q.Was == nil, *q.Put.Right)
}
