package orders

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"

	"gantry/client/cluster"
)

const (
	// mostHeld bounds the rights that a record has of one user on one broker, and
	// mostHeldBytes what those of all its users take as JSON, in bytes: a record has room in
	// what the diary keeps.
	mostHeld      = 1000
	mostHeldBytes = 256 << 10
)

// HeldRights are the rights of a user on a broker: brokers delete them with the user
// (AuthenticationMetadataManagerImpl.java).
type HeldRights struct {
	Rights []cluster.Right `json:"rights,omitempty"`
	// Unkept is how many more there are, for which there is no room, or below 0 where the
	// broker does not tell the rights.
	Unkept int `json:"unkept,omitempty"`
}

// same tells whether both are the same, in whatever order; nil is that nothing is said.
func (h *HeldRights) same(o *HeldRights) bool {
	if h == nil || o == nil {
		return h == o
	}
	return h.Unkept == o.Unkept && slices.EqualFunc(slices.SortedFunc(slices.Values(h.Rights), byKey), slices.SortedFunc(slices.Values(o.Rights), byKey), cluster.Right.Same)
}

// held is how many rights a setting has.
func (s *Setting) held() int {
	if s == nil || s.Held == nil {
		return 0
	}
	return len(s.Held.Rights)
}

// byKey is an order of rights in which two looks compare.
func byKey(a, b cluster.Right) int {
	return cmp.Or(cmp.Compare(a.Resource, b.Resource), cmp.Compare(part("", a.Key()), part("", b.Key())))
}

// keepRights has the lines of users that are deleted hold the rights that go with them, as far
// as there is room, and counts those.
func (a *asked) keepRights(p *SetupPreview) {
	room := mostHeldBytes
	for _, name := range p.Order.Names {
		all, loss := map[cluster.RightKey]bool{}, Loss{Name: name}
		for i, l := range p.Lines {
			if l.Name != name || l.Was == nil {
				continue
			}
			for _, r := range a.rights[l.Broker][name] {
				all[r.Key()] = true
			}
			held := a.held(l.Broker, name, &room)
			loss.Unkept = loss.Unkept || held.Unkept != 0
			p.Lines[i].Was = &Setting{User: l.Was.User, Held: held}
		}
		loss.Rights = len(all)
		p.Losses = append(p.Losses, loss)
	}
}

// held are the rights of a user on a broker, of which all are kept or none, and takes their
// room.
func (a *asked) held(broker, user string, room *int) *HeldRights {
	if slices.Contains(a.untold, broker) {
		return &HeldRights{Unkept: -1}
	}
	all := a.rights[broker][user]
	text, err := json.Marshal(all)
	if err != nil || len(all) > mostHeld || len(text) > *room {
		return &HeldRights{Unkept: len(all)}
	}
	*room -= len(text)
	return &HeldRights{Rights: all}
}

// restored is what a broker has of a user that is put back, nil where it is not there, and what
// it will have. A user that is there again stays as it is, and so do its rights: it gets those
// that it lacks.
func (a *asked) restored(broker, user string, was, to *Setting) (has, will *Setting) {
	now := map[cluster.RightKey]cluster.Right{}
	for _, r := range a.rights[broker][user] {
		now[r.Key()] = r
	}
	all := &HeldRights{Unkept: to.Held.Unkept}
	for _, r := range to.Held.Rights {
		if is, there := now[r.Key()]; there {
			r = is
		}
		all.Rights = append(all.Rights, r)
	}
	switch {
	case was == nil:
		return nil, &Setting{User: to.User, Held: all}
	case slices.Contains(a.untold, broker): // nobody knows which it lacks
		return was, was
	}
	return a.holding(broker, user, was, all), &Setting{User: was.User, Held: all}
}

// holding is what a broker has of a user, with those of its rights that are among others.
func (a *asked) holding(broker, user string, was *Setting, of *HeldRights) *Setting {
	has := &HeldRights{Unkept: of.Unkept}
	for _, r := range of.Rights {
		if i := slices.IndexFunc(a.rights[broker][user], func(is cluster.Right) bool { return is.Key() == r.Key() }); i >= 0 {
			has.Rights = append(has.Rights, a.rights[broker][user][i])
		}
	}
	return &Setting{User: was.User, Held: has}
}

// putUser makes or changes a user, and gives it the rights that it holds and has not. It goes
// on where one is refused; the error is the first.
func (s *setting) putUser(ctx context.Context, master string, q *Done) error {
	password := ""
	if q.Password {
		password = s.p.Order.Password.Reveal()
	}
	if q.Was == nil || q.Put.Held == nil {
		if err := s.c.admin.PutUser(ctx, master, q.Name, q.Was == nil, *q.Put.User, password); err != nil || q.Put.Held == nil {
			return err
		}
	}
	var first error
	for _, r := range q.Put.Held.Rights {
		if q.Was.held() > 0 && slices.ContainsFunc(q.Was.Held.Rights, r.Same) {
			continue
		}
		err := s.c.admin.PutRight(ctx, master, q.Name, true, r)
		if first == nil {
			first = err
		}
		if silent(err) || ctx.Err() != nil {
			break
		}
	}
	return first
}
