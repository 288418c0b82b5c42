package client

import (
	"context"
	"errors"
	"slices"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/filter"
	"gantry/client/message"
	"gantry/client/orders"
	"gantry/client/outbox"
	"gantry/client/outbox/plan"
)

// mostLooked bounds how many messages of each target are looked through for those that were
// redelivered before.
const mostLooked = 500_000

// Redelivered is what is known of the messages of a retry or dead-letter topic that were
// redelivered before, by their marks, see message.PropertyRedelivered. It is a value.
type Redelivered struct {
	// Sent are those that this Gantry's runs have sent, Uncertain those of which they do not
	// know it: no answer came. Found are those that lie in a target, whoever sent them.
	Sent, Uncertain, Found map[string]bool
	// Runs is how many runs were looked at, Lost of how many of their messages it is not
	// known any more which they were.
	Runs int
	Lost int64
	// Looked says how far each target was looked through.
	Looked []Looked
}

// Looked is how far a topic was looked through.
type Looked struct {
	Topic string // full name
	// Read are how many messages were looked at, of about Total that lie there since the
	// first dead letter was stored.
	Read, Total int64
	// Limited: what was stored after Through was not looked at.
	Limited bool
	Through time.Time
	// Missed are the parts that could not be read, Err why nothing could.
	Missed []cluster.Missed
	Err    error
}

// Whole tells whether all that is kept was looked through.
func (l Looked) Whole() bool { return l.Err == nil && !l.Limited && len(l.Missed) == 0 }

// Has tells whether a message was redelivered, or may have been.
func (r *Redelivered) Has(mark string) bool {
	return r.Sent[mark] || r.Uncertain[mark] || r.Found[mark]
}

// Redelivered looks for messages of a retry or dead-letter topic, stored since a time, that
// were redelivered before: in what this Gantry's runs have sent, over any connection, and in
// the target topics of this one. Names are full. It may take many seconds, which ctx ends.
func (c *Connection) Redelivered(ctx context.Context, from string, since time.Time, targets []string) (*Redelivered, error) {
	if err := c.open(); err != nil {
		return nil, err
	}
	r, err := c.client.redelivered(ctx, from)
	if err != nil {
		return nil, err
	}
	for _, topic := range targets {
		l := Looked{Topic: topic}
		if l.Err = c.lookThrough(ctx, &l, from, since, r.Found); ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if errors.Is(l.Err, fault.TopicNotFound) { // nothing lies there
			l.Err = nil
		}
		r.Looked = append(r.Looked, l)
	}
	return r, nil
}

// redelivered is what the runs have done.
func (c *Client) redelivered(ctx context.Context, from string) (*Redelivered, error) {
	r := &Redelivered{Sent: map[string]bool{}, Uncertain: map[string]bool{}, Found: map[string]bool{}}
	var err error
	r.Runs, r.Lost, err = c.Outbox.Redelivered(ctx, from, func(mark string, is outbox.State) {
		switch is {
		case outbox.Stored, outbox.HandedOver:
			r.Sent[mark] = true
			delete(r.Uncertain, mark)
		default:
			if !r.Sent[mark] {
				r.Uncertain[mark] = true
			}
		}
	})
	return r, err
}

// lookThrough notes the marks in a topic.
func (c *Connection) lookThrough(ctx context.Context, l *Looked, from string, since time.Time, found map[string]bool) error {
	s, err := c.Search(cluster.Query{
		Kind: cluster.ByTime, Topic: l.Topic, From: since, Limit: mostLooked,
		Filter: filter.FieldTerm("prop."+message.PropertyRedelivered, from+"/"),
	})
	if err != nil {
		return err
	}
	defer s.Close()
	if err := s.Wait(ctx); err != nil {
		return err
	}
	st := s.Status()
	l.Read, l.Total, l.Limited, l.Through, l.Missed = st.Read, st.Total, st.Limited || st.Evicted > 0, st.Through, st.Missed
	if st.Err != nil {
		return st.Err
	}
	for n, next := s.Range(); n < next; n++ {
		rec, err := s.Record(n)
		if err != nil {
			l.Limited = true
			continue
		}
		m, err := rec.Message()
		if err != nil {
			continue
		}
		for _, one := range message.Unwrap(m, message.MaxStored) {
			if mark := one.Mark(from); mark != "" {
				found[mark] = true
			}
		}
	}
	return nil
}

// redeliver begins a run of a retry or dead-letter topic's messages, which stands in the diary.
func (c *Connection) redeliver(p *plan.Plan, secrets map[string]string, fill func(name string) error) (r *outbox.Run, err error) {
	d := orders.Redelivery{From: p.Replay.Redelivers, To: p.Targets(), Messages: p.Count, Left: int64(len(slices.Compact(slices.Clone(p.Replay.Skip))))}
	err = c.clerk.Redeliver(d, func() (string, error) {
		if r, err = c.client.Outbox.Begin(c.sentFrom(), p, c.access, secrets, fill); err != nil {
			return "", err
		}
		return r.ID(), nil
	})
	return r, err
}
