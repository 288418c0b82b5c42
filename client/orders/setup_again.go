package orders

import (
	"cmp"
	"slices"

	"gantry/client/cluster"
	"gantry/client/message"
)

// planned is a record of which nothing is done yet.
func (p *SetupPreview) planned() Record {
	r := Record{At: p.At, Setup: p.Order.kept()}
	for _, l := range p.Lines {
		if l.Moves() {
			r.Queues = append(r.Queues, Done{Name: l.Name, Key: l.Key, Broker: l.Broker, Was: l.Was, Put: l.To, Password: l.Password})
		}
	}
	return r
}

// Planned is what the diary will say of an order before anything is done.
func (p *SetupPreview) Planned() Record { return p.planned() }

// kept is the order as it stands in records: without a password.
func (o Setup) kept() *Setup {
	o.Password = ""
	return &o
}

// BackSetup is the order that puts back the settings that a record has changed; ok is false
// where it changed none. What was created or deleted is not put back, but for rights, of which
// all is known, and users that were deleted, with the rights that the record has of them; a
// password is not, because nobody tells it: who is made again gets a new one.
func (r *Record) BackSetup() (o Setup, ok bool) {
	if r.Setup == nil {
		return o, false
	}
	again := r.Setup.Of == Users && r.Setup.Act == Delete
	if r.Setup.Act != Alter && r.Setup.Of != Rights && !again {
		return o, false
	}
	o = Setup{Of: r.Setup.Of, Act: Alter, Back: r.ID}
	if again {
		o.Act = Create
	}
	for _, q := range r.Queues {
		known := q.Was != nil && !q.Was.Same(q.Put) || o.Of == Rights
		if again {
			known = q.Was != nil && q.Was.Held != nil // older records have nothing of the rights
		}
		if known && (r.Ended.IsZero() || q.mayHaveMoved()) {
			o.take(Exact{Name: q.Name, Key: q.Key, Broker: q.Broker, To: q.Was})
		}
	}
	return o, len(o.Exact) > 0
}

// FailedSetup is the order for the parts in which it failed; ok is false where there is none.
func (r *Record) FailedSetup() (o Setup, ok bool) {
	if r.Setup == nil {
		return o, false
	}
	o = *r.Setup
	o.Names, o.Keys, o.Exact = nil, nil, nil
	for _, q := range r.Queues {
		if q.State == Failed || q.State == Waiting {
			o.take(Exact{Name: q.Name, Key: q.Key, Broker: q.Broker, To: q.Put})
		}
	}
	return o, len(o.Exact) > 0
}

// take adds a part and whose it is.
func (o *Setup) take(x Exact) {
	name := x.Name
	if o.Of == Groups {
		name = cmp.Or(message.RetryGroup(name)+message.DeadLetterGroup(name), name)
	}
	if o.Exact = append(o.Exact, x); !slices.Contains(o.Names, name) {
		o.Names = append(o.Names, name)
	}
	if o.Of == Rights && !slices.Contains(o.Keys, x.Key) {
		o.Keys = append(o.Keys, x.Key)
	}
}

// only tells whether a part is to be done, and what it is put to where the order says it.
func (o Setup) only(name string, key cluster.RightKey, broker string) (to *Setting, yes, exact bool) {
	if len(o.Exact) == 0 {
		return nil, broker == "" || len(o.Brokers) == 0 || slices.Contains(o.Brokers, broker), false
	}
	i := slices.IndexFunc(o.Exact, func(x Exact) bool { return x.Name == name && x.Key == key && x.Broker == broker })
	if i < 0 {
		return nil, false, true
	}
	return o.Exact[i].To, true, true
}
