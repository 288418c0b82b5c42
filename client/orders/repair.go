package orders

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
)

// Once is the order that one member of a group consumes a message once, beside what it does
// anyway.
type Once struct {
	Group  string `json:"group"`  // full name
	Member string `json:"member"` // its client id
	Topic  string `json:"topic"`  // in which the message lies, full name
	Broker string `json:"broker"` // that stores it
	// ID is the message's, OffsetID that by which brokers find it.
	ID       string `json:"id"`
	OffsetID string `json:"offsetId"`
}

// OnceDone is a Once in a record.
type OnceDone struct {
	Once
	// Verdict is the member's; nil where there was none, see Err.
	Verdict *cluster.Verdict `json:"verdict,omitempty"`
	Err     *fault.Fault     `json:"err,omitempty"`
}

// Subject names what it is about, for who agrees to it.
func (o Once) Subject() string { return o.ID + " on " + o.Member + " of " + o.Group }

// OffersOnce tells whether the endpoint has members consume a message: nil, or
// fault.NotOffered.
func (c *Clerk) OffersOnce(ctx context.Context) error {
	_, listed, err := c.admin.Brokers(ctx)
	if err == nil && !listed {
		return fault.NotOffered
	}
	return err
}

// mostRemark bounds what is kept of a member's remark, in bytes: some add a stack.
const mostRemark = 4 << 10

// RunOnce has the member consume the message. The error is why it has no verdict, such as
// fault.NotOffered, fault.GroupOffline, or fault.Timeout: its code may still be running then.
// It comes with the record once there is one: nothing is done that does not stand in the diary.
func (c *Clerk) RunOnce(ctx context.Context, o Once) (Record, error) {
	rec := Record{At: time.Now(), Who: c.who, Once: &OnceDone{Once: o}}
	r, err := c.admin.Route(ctx, o.Topic)
	if err != nil {
		return Record{}, err
	}
	addr, ok := r.Master(o.Broker)
	if !ok {
		return Record{}, fmt.Errorf("%s: %w", o.Broker, fault.NoMaster)
	}
	if err := c.diary.begin(&rec); err != nil {
		return Record{}, err
	}
	v, err := c.admin.Direct(ctx, addr, o.Group, o.Member, o.Topic, o.OffsetID)
	if err != nil {
		rec.Once.Err = fault.From(err)
	} else {
		v.Remark = strings.ToValidUTF8(v.Remark[:min(len(v.Remark), mostRemark)], "")
		rec.Once.Verdict = &v
	}
	return rec, errors.Join(err, c.diary.end(&rec))
}

// Redelivery is that messages of a retry or dead-letter topic were sent once more, as a run.
type Redelivery struct {
	From string `json:"from"` // the retry or dead-letter topic, full name
	To   string `json:"to"`   // as plan.Targets has it
	// Messages is how many the run was to send, Left how many were left out because they had
	// been redelivered before.
	Messages int64 `json:"messages"`
	Left     int64 `json:"left,omitempty"`
	// Run names it among what was sent; "" where it did not begin, see Err.
	Run string       `json:"run,omitempty"`
	Err *fault.Fault `json:"err,omitempty"`
}

// Redeliver writes down that begin begins a run, before it does: it does not begin unrecorded.
func (c *Clerk) Redeliver(d Redelivery, begin func() (run string, err error)) error {
	rec := Record{At: time.Now(), Who: c.who, Redelivery: &d}
	if err := c.diary.begin(&rec); err != nil {
		return err
	}
	run, err := begin()
	if d.Run = run; err != nil {
		d.Err = fault.From(err)
	}
	if kept := c.diary.end(&rec); kept != nil && err == nil && run == "" {
		return kept
	}
	return err // a run that has begun has: what it did stands in its journal
}

// Topic is the topic that a record is about, Group the group, "" for none. Names are full.
func (r *Record) Topic() string {
	switch {
	case r.Once != nil:
		return r.Once.Topic
	case r.Redelivery != nil:
		return r.Redelivery.From
	case r.Resume != nil:
		return message.GivenUpTopic
	}
	return r.Order.Topic
}

// Group is explained at Topic.
func (r *Record) Group() string {
	topic := r.Topic()
	switch {
	case r.Once != nil:
		return r.Once.Group
	case r.Redelivery != nil:
		return message.RedeliveryGroup(topic)
	case r.Resume != nil && len(r.Resume.Halves) > 0:
		return r.Resume.Halves[0].Group
	}
	return r.Order.Group
}
