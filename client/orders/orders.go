// Package orders changes a cluster, and nothing else in Gantry does but sending and
// joining. Every order goes the same way: Preview says what each broker and queue will be
// put to, and from what; Run does what was agreed to, unless the cluster has changed in a
// way that matters; and a Diary keeps what was ordered, from before it is done. What a
// record of it holds can be ordered back.
//
// Offsets says where a consumer group goes on in a topic, Setup what topics, groups and users
// there are, how they are made, and what users may do. Once has one member consume one
// message. Resume has brokers ask after half messages again that they gave up. A Redelivery is
// a run, which package outbox has: only that it began stands here.
//
// The guards of a connection are not asked here: package client does. A Clerk and a Diary
// may be used from any goroutine; their methods block. Everything else is a value.
package orders

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
)

// Kind is how an Offsets says where a group is put.
type Kind string

// The kinds. They stand in diaries and never change.
const (
	ToTime     Kind = "time"     // the first message stored at Target.At or later
	ToEarliest Kind = "earliest" // the first message kept
	ToNewest   Kind = "newest"   // behind the last message: what waits is skipped
	ToOffset   Kind = "offset"   // Target.Count, in every queue
	ByCount    Kind = "count"    // Target.Count further than it is, or back where below 0
	LikeGroup  Kind = "group"    // where Target.Group is
	ToPlaces   Kind = "places"   // Target.Places, as of a record that is put back
)

// Target is where a group is put.
type Target struct {
	Kind   Kind      `json:"kind"`
	At     time.Time `json:"at,omitzero"`
	Count  int64     `json:"count,omitempty"`
	Group  string    `json:"group,omitempty"` // full name
	Places []Place   `json:"places,omitempty"`
	// Back is the id of the record that this puts back, "" for none.
	Back string `json:"back,omitempty"`
}

// Place is an offset of a queue.
type Place struct {
	Broker string `json:"broker"`
	Queue  int    `json:"queue"`
	Offset int64  `json:"offset"`
}

// Offsets is the order to put a group to other offsets of a topic.
type Offsets struct {
	Group string `json:"group"` // full names
	Topic string `json:"topic"`
	To    Target `json:"to"`
	// Queues are the only ones to change, one without a broker that of every broker; none
	// are all.
	Queues []cluster.Queue `json:"queues,omitempty"`
	// Keep has what is skipped kept first, MostKept messages at most.
	Keep bool `json:"keep,omitempty"`
}

// Way is how brokers are given the order.
type Way string

const (
	// ByCommit sets the positions of a group that nobody is connected to.
	ByCommit Way = "commit"
	// ByBroker has brokers put a group to an offset of each queue, members or not.
	ByBroker Way = "broker"
	// ByTime has brokers of 4.x to 5.1 tell members to go on from a time, in all queues.
	ByTime Way = "time"
)

// Preview is what an order will do, as the brokers say at a moment.
type Preview struct {
	Order Offsets
	At    time.Time
	Way   Way
	// Members are connected to the group.
	Members []cluster.Member
	// Lines are one a queue, by broker and number.
	Lines []Line
	// Missing are the brokers of which nothing is known: nothing is changed there.
	Missing cluster.Missing
	// Behind is, of an order that keeps, how many messages behind those that are skipped may
	// have been taken already and may come again: a group's position is the lowest message that
	// is not done. 0 where nobody is connected, or members consume in order.
	Behind int64
	// Why says why the order cannot be run: fault.Broadcasts, fault.MembersInTheWay,
	// fault.NotOffered where a static topic is read, or fault.TooManyKept. Nil where it can.
	Why error
}

// Line is what is done to a queue.
type Line struct {
	cluster.Queue
	// From is where the group is, below 0 where it has no position; To where it is put,
	// below 0 where it is left as it is: what the order says has no meaning there.
	From, To int64
	// Min is the first offset that the queue keeps, Max the one that the next message gets.
	Min, Max int64
	// Wanted is what the order says where that lies outside Min to Max: To is the nearest
	// of them then. Below 0 where it lies inside.
	Wanted int64
}

// Moves tells whether the queue is changed.
func (l Line) Moves() bool { return l.To >= 0 && l.To != l.From }

// Known tells whether it is known how many messages are skipped or come again: not where
// the group has no position, or one that does not fit the queue.
func (l Line) Known() bool { return l.From >= 0 && l.From <= l.Max }

// Skipped is how many messages that are kept the group will not get, Again how many it
// gets once more. Both mean nothing unless Known.
func (l Line) Skipped() int64 {
	if l.To < 0 {
		return 0
	}
	return max(l.To-max(l.From, l.Min), 0)
}

// Again is explained at Skipped.
func (l Line) Again() int64 {
	if l.To < 0 {
		return 0
	}
	return max(min(l.From, l.Max)-max(l.To, l.Min), 0)
}

// Range is which offsets Skipped and Again count: from first on, before end. It is empty
// where nothing that is kept is skipped or comes again.
func (l Line) Range() (first, end int64) {
	switch {
	case l.To < 0:
		return 0, 0
	case l.Skipped() > 0:
		return max(l.From, l.Min), l.To
	}
	first = max(l.To, l.Min)
	return first, first + l.Again()
}

// Online tells whether the group has members.
func (p *Preview) Online() bool { return len(p.Members) > 0 }

// Moves is how many queues are changed.
func (p *Preview) Moves() int {
	n := 0
	for _, l := range p.Lines {
		if l.Moves() {
			n++
		}
	}
	return n
}

// Able tells whether there is something to do, and nothing against it.
func (p *Preview) Able() bool { return p.Why == nil && p.Moves() > 0 }

// Sum is how many messages are skipped and come again in all queues; known is false where
// that is not known of one of them.
func (p *Preview) Sum() (skipped, again int64, known bool) {
	known = len(p.Missing) == 0
	for _, l := range p.Lines {
		if l.Moves() {
			skipped, again, known = skipped+l.Skipped(), again+l.Again(), known && l.Known()
		}
	}
	return skipped, again, known
}

// MayStay tells whether members may stay where they were in some of the queues: of several that
// a broker tells them of at once those of client-go lose some, see followed.
func (p *Preview) MayStay() bool {
	goes := slices.ContainsFunc(p.Members, func(m cluster.Member) bool { return m.Language == "GO" })
	return p.Way == ByBroker && goes && p.Moves() > 1
}

// Subject names what is changed, for who agrees to it.
func (p *Preview) Subject() string { return p.Order.Group + " in " + p.Order.Topic }

// ChangedError says that the cluster is no longer as the preview says that was agreed to.
type ChangedError struct {
	// Now is the preview that holds now, or Setup of a Setup; What is what is new in it.
	Now   *Preview
	Setup *SetupPreview
	What  Change
}

// Change is what makes a preview stale.
type Change string

const (
	// CameOnline and WentOffline: members came, or all of them left.
	CameOnline  Change = "members have connected"
	WentOffline Change = "the members have left"
	// OtherQueues: queues were added or taken away, or brokers answer that did not, or the
	// other way round.
	OtherQueues Change = "the queues are others"
	// Moved: the group was put back meanwhile, or has passed the place it is put to.
	Moved Change = "the group was moved"
	// Gone: the place lies outside what the queue keeps now.
	Gone Change = "the place is no longer kept"
	// OtherWay: the order would be given in another way, or not at all.
	OtherWay Change = "it is done in another way now"
	// OtherBrokers: other brokers have it, or answer.
	OtherBrokers Change = "the brokers are others"
	// Altered: its settings were changed meanwhile.
	Altered Change = "its settings were changed"
	// DoneMeanwhile: some of it was done meanwhile.
	DoneMeanwhile Change = "some of it was done"
	// Filled: it has messages that it had not.
	Filled Change = "messages have come"
)

// Unwrap is the fault that it is.
func (e *ChangedError) Unwrap() error { return fault.Stale }

// Error says what.
func (e *ChangedError) Error() string {
	return fmt.Sprintf("changed since it was previewed: %s", e.What)
}

// differs compares a preview that was agreed to with what holds now; "" says that it still
// holds: the group went on, more messages came.
func (p *Preview) differs(now *Preview) Change {
	switch {
	case !p.Online() && now.Online():
		return CameOnline
	case p.Online() && !now.Online():
		return WentOffline
	case p.Way != now.Way || now.Why != nil:
		return OtherWay
	case !slices.EqualFunc(p.Lines, now.Lines, func(a, b Line) bool { return a.Queue == b.Queue }),
		!slices.Equal(p.Missing.Names(), now.Missing.Names()):
		return OtherQueues
	}
	edge := p.Order.To.Kind == ToEarliest || p.Order.To.Kind == ToNewest // which moves by itself
	for i, l := range now.Lines {
		was := p.Lines[i]
		switch {
		case l.From < was.From, was.From < 0 && l.From >= 0, (was.To < 0) != (l.To < 0):
			return Moved
		case was.To > was.From && l.To < l.From: // would come again now
			return Moved
		case l.To != was.To && !edge:
			return Gone
		}
	}
	return ""
}

// again is the order with which a preview that was agreed to is asked for anew: to the very
// places that it says, unless the brokers choose them when they do it.
func (p *Preview) again() Offsets {
	o := p.Order
	if p.Way == ByTime || o.To.Kind == ToEarliest || o.To.Kind == ToNewest {
		return o
	}
	o.To = Target{Kind: ToPlaces, Back: o.To.Back}
	for _, l := range p.Lines {
		if l.To >= 0 {
			o.To.Places = append(o.To.Places, Place{l.Broker, l.ID, l.To})
		}
	}
	return o
}

func byQueue(a, b cluster.Queue) int {
	return cmp.Or(cmp.Compare(a.Broker, b.Broker), cmp.Compare(a.ID, b.ID))
}
