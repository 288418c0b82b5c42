package orders

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
)

// Permit is the order to let a retry or dead-letter topic be read: brokers up to 4.9.1 make
// dead-letter topics that may be written only (PermName.java).
type Permit struct {
	Topic string `json:"topic"` // full name
	// Perms are what each broker is to permit, as of a record that is put back; none lets
	// all brokers' be read.
	Perms []Perm `json:"perms,omitempty"`
	// Back is the id of the record that this puts back, "" for none.
	Back string `json:"back,omitempty"`
}

// Perm is what a broker permits of a topic: cluster.PermRead and the like.
type Perm struct {
	Broker string `json:"broker"`
	Perm   int    `json:"perm"`
}

// PermitPreview is what a Permit will do, as brokers say at a moment.
type PermitPreview struct {
	Order Permit
	At    time.Time
	// Lines are one a broker that has the topic, by name.
	Lines []PermitDone
	// Why says why the order cannot be run: fault.NotOffered. Nil where it can.
	Why error
}

// PermitDone is what becomes of a broker.
type PermitDone struct {
	Broker string       `json:"broker"`
	From   int          `json:"from"`
	To     int          `json:"to"`
	State  State        `json:"state,omitempty"` // Waiting, Set or Failed
	Err    *fault.Fault `json:"err,omitempty"`
}

// Permitted is a Permit in a record.
type Permitted struct {
	Permit
	Brokers []PermitDone `json:"brokers"` // that it changes
}

// Moves is how many brokers are changed.
func (p *PermitPreview) Moves() int {
	n := 0
	for _, l := range p.Lines {
		if l.From != l.To {
			n++
		}
	}
	return n
}

// Subject names what is changed, for who agrees to it.
func (p *PermitPreview) Subject() string { return p.Order.Topic }

// PreviewPermit says what an order would do. It changes nothing.
func (c *Clerk) PreviewPermit(ctx context.Context, o Permit) (*PermitPreview, error) {
	p, _, err := c.permit(ctx, o)
	return p, err
}

func (c *Clerk) permit(ctx context.Context, o Permit) (*PermitPreview, cluster.Route, error) {
	if !message.Redeliverable(o.Topic) {
		return nil, cluster.Route{}, fmt.Errorf("%s: %w: it is no retry or dead-letter topic", o.Topic, fault.Invalid)
	}
	p := &PermitPreview{Order: o, At: time.Now()}
	r, err := c.admin.Route(ctx, o.Topic)
	if err != nil {
		return nil, r, err
	}
	brokers, listed, err := c.admin.Brokers(ctx)
	if err != nil {
		return nil, r, err
	}
	for _, q := range r.Queues {
		at := slices.IndexFunc(brokers, func(b cluster.Broker) bool { return b.Name == q.Broker })
		if !listed || at < 0 {
			p.Lines = append(p.Lines, PermitDone{Broker: q.Broker, From: q.Perm, To: o.to(q.Broker, q.Perm)})
			continue
		}
		// Name servers hear of a change some time after.
		has, missing, err := c.admin.TopicConfigs(ctx, brokers[at:at+1])
		if err == nil && len(missing) > 0 {
			err = missing[0]
		}
		if err != nil {
			return nil, r, err
		}
		if i := slices.IndexFunc(has, func(t cluster.TopicConfig) bool { return t.Name == o.Topic }); i >= 0 {
			p.Lines = append(p.Lines, PermitDone{Broker: q.Broker, From: has[i].Perm, To: o.to(q.Broker, has[i].Perm)})
		}
	}
	if !listed {
		p.Why = fault.NotOffered
	}
	return p, r, nil
}

// to is what a broker is to permit.
func (o Permit) to(broker string, now int) int {
	if o.Perms == nil {
		return now | cluster.PermRead
	}
	if i := slices.IndexFunc(o.Perms, func(x Perm) bool { return x.Broker == broker }); i >= 0 {
		return o.Perms[i].Perm
	}
	return now
}

// RunPermit does what was agreed to, unless the brokers permit something else by now:
// fault.Stale, and nothing was done. As Run, it does nothing that does not stand in the diary.
func (c *Clerk) RunPermit(ctx context.Context, agreed *PermitPreview) (Record, error) {
	now, r, err := c.permit(ctx, agreed.Order)
	if err != nil {
		return Record{}, err
	}
	if !slices.Equal(now.Lines, agreed.Lines) || now.Why != nil {
		return Record{}, fault.Stale
	}
	done := &Permitted{Permit: agreed.Order}
	for _, l := range now.Lines {
		if l.From != l.To {
			done.Brokers = append(done.Brokers, l)
		}
	}
	rec := Record{At: time.Now(), Who: c.who, Permit: done}
	if err := c.diary.begin(&rec); err != nil {
		return Record{}, err
	}
	for i := range done.Brokers {
		b := &done.Brokers[i]
		b.State = Set
		if err := c.permitOne(ctx, r, agreed.Order.Topic, *b); err != nil {
			b.State, b.Err = Failed, fault.From(err)
		}
	}
	return rec, errors.Join(ctx.Err(), c.diary.end(&rec))
}

// permitOne changes one broker.
func (c *Clerk) permitOne(ctx context.Context, r cluster.Route, topic string, d PermitDone) error {
	addr, ok := r.Master(d.Broker)
	if !ok {
		return fmt.Errorf("%s on %s: %w", topic, d.Broker, fault.NoMaster)
	}
	at := slices.IndexFunc(r.Queues, func(q cluster.QueueData) bool { return q.Broker == d.Broker })
	return c.admin.SetPermission(ctx, addr, topic, r.Queues[at], d.To)
}

// PermitBack is the order that puts back what a record has permitted; ok is false where it has
// permitted nothing.
func (r *Record) PermitBack() (o Permit, ok bool) {
	if r.Permit == nil {
		return o, false
	}
	o = Permit{Topic: r.Permit.Topic, Back: r.ID}
	for _, b := range r.Permit.Brokers {
		if b.State == Set || r.Ended.IsZero() || errors.Is(b.Err, fault.Timeout) || errors.Is(b.Err, fault.ConnectionLost) {
			o.Perms = append(o.Perms, Perm{b.Broker, b.From})
		}
	}
	return o, len(o.Perms) > 0
}
