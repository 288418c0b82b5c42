package orders

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
)

// Clerk gives orders to the cluster of one connection.
type Clerk struct {
	admin *admin.Client
	diary *Diary
	who   Who
	known func() []string
	// account is the user as whom the connection signs, "" where it does not, or as no user.
	account string
}

// NewClerk returns a Clerk that orders through a and writes into d for who. known are the
// names of brokers that were ever seen: one that is not listed any more may have queues of
// the topic; account is the user as whom a signs, "" for none. It does not close a.
func NewClerk(a *admin.Client, d *Diary, who Who, known func() []string, account string) *Clerk {
	return &Clerk{admin: a, diary: d, who: who, known: known, account: account}
}

// modelBroadcasting is RocketMQ's word (MessageModel.java).
const modelBroadcasting = "BROADCASTING"

// Preview says what an order would do. It changes nothing and may be asked of a group in
// any state. The error is that nothing can be said: fault.TopicNotFound,
// fault.GroupNotFound, or a broker's where none answers.
func (c *Clerk) Preview(ctx context.Context, o Offsets) (*Preview, error) {
	if err := check(o); err != nil {
		return nil, err
	}
	p := &Preview{Order: o, At: time.Now()}
	r, err := c.admin.Route(ctx, o.Topic)
	if err != nil {
		return nil, err
	}
	brokers, listed, err := c.admin.Brokers(ctx)
	if err != nil {
		return nil, err
	}
	all, missing, err := c.admin.Consumers(ctx, brokers, o.Group)
	if err != nil {
		return nil, err
	}
	p.Members, p.Missing = all.Members, missing
	if listed {
		p.Missing = p.Missing.Join(c.unlisted(brokers))
	}
	if p.Way, err = c.way(ctx, r, p.Online(), listed); err != nil {
		return nil, err
	}
	standings, lacks, err := c.admin.Standings(ctx, r, o.Topic, o.Group, chosen(r, o))
	if err != nil {
		return nil, err
	}
	p.Missing = p.Missing.Join(lacks)
	if err := c.exists(ctx, p, standings, brokers, listed); err != nil {
		return nil, err
	}
	for _, s := range standings {
		p.Lines = append(p.Lines, Line{Queue: s.Queue, From: s.Next, To: -1, Min: s.Min, Max: s.Max, Wanted: -1})
	}
	lacks, err = c.aim(ctx, r, p)
	p.Missing = p.Missing.Join(lacks)
	if p.Why = forbidden(p, r, all.Model, listed); p.Why == nil {
		p.Why = p.keepable()
	}
	c.mayRepeat(ctx, r, p)
	return p, err
}

// check tells whether an order can be meant.
func check(o Offsets) error {
	if err := message.CheckTopic(o.Topic); err != nil {
		return fmt.Errorf("topic: %w", err)
	}
	groups := []string{o.Group}
	if o.To.Kind == LikeGroup {
		groups = append(groups, o.To.Group)
	}
	for _, g := range groups {
		if err := message.CheckGroup(g); err != nil {
			return fmt.Errorf("group: %w", err)
		}
	}
	if cluster.SystemGroup(o.Group) || cluster.TopicKindOf(o.Topic) == cluster.SystemTopic {
		return fmt.Errorf("%s in %s: %w: it is RocketMQ's own", o.Group, o.Topic, fault.Invalid)
	}
	return nil
}

// chosen are the queues of an order.
func chosen(r cluster.Route, o Offsets) []cluster.Queue {
	all := r.ReadQueues()
	if len(o.Queues) > 0 {
		all = slices.DeleteFunc(all, func(q cluster.Queue) bool {
			return !slices.ContainsFunc(o.Queues, func(w cluster.Queue) bool { return w.ID == q.ID && (w.Broker == "" || w.Broker == q.Broker) })
		})
	}
	slices.SortFunc(all, byQueue)
	return all
}

// unlisted are brokers that were seen before and that name servers list no more.
func (c *Clerk) unlisted(now []cluster.Broker) (m cluster.Missing) {
	for _, name := range c.known() {
		if !slices.ContainsFunc(now, func(b cluster.Broker) bool { return b.Name == name }) {
			m = append(m, cluster.BrokerError{Broker: name, Err: fmt.Errorf("%s: %w", name, fault.NoBroker)})
		}
	}
	return m
}

// way is how the brokers of a route are given the order: one that cannot put a group by
// itself decides for all.
func (c *Clerk) way(ctx context.Context, r cluster.Route, online, listed bool) (Way, error) {
	if !online || !listed {
		return ByCommit, nil
	}
	for _, addr := range r.Masters() {
		puts, err := c.admin.PutsGroups(ctx, addr)
		if errors.Is(err, fault.Unreachable) || errors.Is(err, fault.Timeout) {
			continue // its queues are missing
		}
		if err != nil {
			return "", err
		}
		if !puts {
			return ByTime, nil
		}
	}
	return ByBroker, nil
}

// exists tells whether there is such a group where nothing is heard of it: 4.x would make
// positions for any name. A zero that a broker has made up is no position.
func (c *Clerk) exists(ctx context.Context, p *Preview, standings []admin.Standing, brokers []cluster.Broker, listed bool) error {
	if p.Online() || slices.ContainsFunc(standings, func(s admin.Standing) bool { return s.Next > 0 || s.Next == 0 && !s.MadeUp }) {
		return nil
	}
	for i := range standings {
		standings[i].Next = -1
	}
	if !listed {
		return nil
	}
	groups, missing, err := c.admin.GroupConfigs(ctx, brokers)
	switch {
	case err != nil:
		return err
	case slices.ContainsFunc(groups, func(g cluster.GroupConfig) bool { return g.Name == p.Order.Group }):
		return nil
	case len(missing) > 0:
		return missing[0]
	}
	return fmt.Errorf("%s: %w", p.Order.Group, fault.GroupNotFound)
}

// forbidden tells why the order cannot be run, or nil.
func forbidden(p *Preview, r cluster.Route, model string, listed bool) error {
	switch {
	case model == modelBroadcasting:
		return fault.Broadcasts
	case p.Online() && !listed:
		return fault.MembersInTheWay // a proxy takes positions of groups without members only
	case p.Online() && r.Static():
		return fault.MembersInTheWay
	case p.Way == ByTime && (len(p.Order.Queues) > 0 || !slices.Contains([]Kind{ToTime, ToEarliest, ToNewest}, p.Order.To.Kind)):
		return fault.MembersInTheWay
	}
	return nil
}

// aim sets To of every line.
func (c *Clerk) aim(ctx context.Context, r cluster.Route, p *Preview) (cluster.Missing, error) {
	o, missing := p.Order, cluster.Missing(nil)
	places := map[cluster.Queue]int64{}
	var err error
	switch o.To.Kind {
	case ToTime:
		places, missing, err = c.atTime(ctx, r, p)
	case LikeGroup:
		var theirs []admin.Standing
		theirs, missing, err = c.admin.Standings(ctx, r, o.Topic, o.To.Group, queuesOf(p.Lines))
		for _, s := range theirs {
			if s.Next >= 0 {
				places[s.Queue] = s.Next
			}
		}
	case ToPlaces:
		for _, x := range o.To.Places {
			places[cluster.Queue{Broker: x.Broker, ID: x.Queue}] = x.Offset
		}
	default:
		for _, l := range p.Lines {
			if to, has := simple(o.To, l); has {
				places[l.Queue] = to
			}
		}
	}
	for i := range p.Lines {
		if to, has := places[p.Lines[i].Queue]; has {
			p.Lines[i].put(to)
		}
	}
	return missing, err
}

// simple is where a queue is put that needs no question.
func simple(t Target, l Line) (to int64, has bool) {
	switch t.Kind {
	case ToEarliest:
		return l.Min, true
	case ToNewest:
		return l.Max, true
	case ToOffset:
		return t.Count, true
	case ByCount:
		return max(l.From+t.Count, 0), l.From >= 0
	}
	return 0, false
}

// put sets To, within what the queue keeps.
func (l *Line) put(to int64) {
	l.To = max(min(to, l.Max), l.Min)
	if l.To != to {
		l.Wanted = to
	}
}

// atTime asks for the offsets of a time, as whoever puts the group there takes it.
func (c *Clerk) atTime(ctx context.Context, r cluster.Route, p *Preview) (map[cluster.Queue]int64, cluster.Missing, error) {
	return c.admin.OfQueues(ctx, queuesOf(p.Lines), func(ctx context.Context, q cluster.Queue) (int64, error) {
		if p.Way == ByTime {
			return c.admin.ByBroker(ctx, r, p.Order.Topic, q, p.Order.To.At)
		}
		return c.admin.SearchOffset(ctx, r, p.Order.Topic, q, p.Order.To.At)
	})
}

func queuesOf(lines []Line) (all []cluster.Queue) {
	for _, l := range lines {
		all = append(all, l.Queue)
	}
	return all
}
