package insight

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/message"
)

// groupsAtOnce is how many groups are asked about together: each broker then has
// as many questions of a list to answer at a time.
const groupsAtOnce = 8

// GroupList is the consumer groups that users made, by full name.
type GroupList struct {
	Groups  []cluster.GroupConfig
	Missing cluster.Missing
}

// Groups lists the consumer groups. fault.NotOffered where the endpoint lists none.
func (a *Asker) Groups(ctx context.Context) (GroupList, error) {
	l, err := a.someBrokers(ctx)
	if err != nil {
		return GroupList{}, err
	}
	all, missing, err := a.groupConfigs(ctx, l)
	if err != nil {
		return GroupList{}, err
	}
	return GroupList{
		Groups:  slices.DeleteFunc(slices.Clone(all), func(g cluster.GroupConfig) bool { return cluster.SystemGroup(g.Name) }),
		Missing: missing,
	}, nil
}

// configsLast is for how long the list of groups serves for details: it has all
// of them, which may be thousands.
const configsLast = time.Minute

// groupConfigs asks for the list of groups, and keeps it.
func (a *Asker) groupConfigs(ctx context.Context, l listing) ([]cluster.GroupConfig, cluster.Missing, error) {
	all, missing, err := a.admin.GroupConfigs(ctx, l.all)
	if err == nil {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.configs, a.configsAt = all, time.Now()
	}
	return all, missing, err
}

// groupConfig looks one group up in a list that is not older than configsLast.
func (a *Asker) groupConfig(ctx context.Context, l listing, group string) (cluster.GroupConfig, error) {
	a.mu.Lock()
	all, at := a.configs, a.configsAt
	a.mu.Unlock()
	find := func() int { return slices.IndexFunc(all, func(g cluster.GroupConfig) bool { return g.Name == group }) }
	i := find()
	if i < 0 || time.Since(at) > configsLast {
		var missing cluster.Missing
		var err error
		if all, missing, err = a.groupConfigs(ctx, l); err != nil {
			return cluster.GroupConfig{}, err
		}
		if i = find(); i < 0 && len(missing) > 0 {
			return cluster.GroupConfig{}, missing[0] // it may know the group
		}
		if i < 0 {
			return cluster.GroupConfig{}, fmt.Errorf("%s: %w", group, fault.GroupNotFound)
		}
	}
	return all[i], nil
}

// GroupSummary is how a group stands at a moment, for a list of many.
type GroupSummary struct {
	Name string
	At   time.Time
	// Members is how many clients are connected.
	Members int
	// Model is CLUSTERING or BROADCASTING, "" without members.
	Model string
	// Lag is how many messages wait in all queues, those of the retry topic too.
	// What lies on Missing is not in it. It means nothing unless LagKnown: a group whose
	// positions do not fit its queues has an unknown lag, and one that broadcasts keeps its
	// positions to itself.
	Lag      int64
	LagKnown bool
	// Taken and Put are the sums of the group's and the queues' ends: how they
	// grow tells rates. Queues is how many there are.
	Taken, Put int64
	Queues     int
	// BrokerRate is what the brokers say was taken in a second, over a minute.
	BrokerRate float64
	// Missing are the brokers whose part is not in the numbers.
	Missing cluster.Missing
	// Err says that nothing is known.
	Err error
}

// GroupSummaries asks about these groups, groupsAtOnce together, and returns an
// answer for each in their order. The error is the context's, or that no broker
// is known; what fails for one group is in its summary.
func (a *Asker) GroupSummaries(ctx context.Context, groups []string) ([]GroupSummary, error) {
	l, err := a.brokers(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]GroupSummary, len(groups))
	var work errgroup.Group
	work.SetLimit(groupsAtOnce)
	for i, name := range groups {
		if ctx.Err() != nil {
			break
		}
		work.Go(func() error {
			all[i] = a.groupSummary(ctx, l, name)
			return nil
		})
	}
	_ = work.Wait()
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return all, nil
}

func (a *Asker) groupSummary(ctx context.Context, l listing, name string) GroupSummary {
	s := GroupSummary{Name: name, At: time.Now()}
	members, missing, err := a.admin.Consumers(ctx, l.all, name)
	if err != nil {
		s.Err = err
		return s
	}
	s.Members, s.Model, s.Missing = len(members.Members), members.Model, missing
	p, missing, err := a.progress(ctx, l, name, members)
	s.Missing = s.Missing.Join(missing)
	if err != nil && !errors.Is(err, fault.NotOffered) {
		s.Err = err
		return s
	}
	s.At = time.Now()
	lag, fits := p.Lag()
	s.Lag, s.LagKnown = lag, err == nil && s.Model != modelBroadcasting && fits
	s.BrokerRate, s.Queues = p.Rate, len(p.Queues)
	for _, q := range p.Queues {
		s.Taken += max(q.Next, 0)
		s.Put += q.End
	}
	return s
}

// modelBroadcasting is RocketMQ's word (MessageModel.java).
const modelBroadcasting = "BROADCASTING"

// GroupMembers lists the members of a group, by full name; none where it is not online.
func (a *Asker) GroupMembers(ctx context.Context, group string) ([]cluster.Member, error) {
	l, err := a.brokers(ctx)
	if err != nil {
		return nil, err
	}
	all, missing, err := a.admin.Consumers(ctx, l.all, group)
	if err == nil && len(all.Members) == 0 && len(missing) > 0 {
		err = missing[0]
	}
	return all.Members, err
}

// progress is how far a group is. An endpoint that does not tell that is asked
// for every queue of what the members subscribe to.
func (a *Asker) progress(ctx context.Context, l listing, group string, members cluster.Consumers) (cluster.GroupProgress, cluster.Missing, error) {
	p, missing, err := a.admin.Progress(ctx, l.all, group, "")
	if !errors.Is(err, fault.NotOffered) || l.listed {
		return p, missing, err
	}
	if len(members.Subscriptions) == 0 {
		return p, nil, err
	}
	var lacks cluster.Missing
	for _, w := range members.Subscriptions {
		r, err := a.admin.Route(ctx, w.Topic)
		if errors.Is(err, fault.TopicNotFound) {
			continue // a retry topic, before the first retry
		}
		if err != nil {
			return p, nil, err
		}
		one, missing, err := a.admin.ProgressByQueue(ctx, r, w.Topic, group)
		if err != nil {
			return p, nil, err
		}
		lacks = lacks.Join(missing)
		p.Queues = append(p.Queues, one.Queues...)
	}
	return p, lacks, nil
}

// MemberState is a member with what it says of itself.
type MemberState struct {
	cluster.Member
	Running cluster.Running
	// Err says why it tells nothing: fault.Timeout where it does not answer,
	// fault.BadAnswer where that cannot be read, fault.NotOffered where nobody may ask,
	// fault.NotAsked where there are too many.
	Err error
}

// Silent reports whether the member was asked and did not answer.
func (m MemberState) Silent() bool {
	return errors.Is(m.Err, fault.Timeout) || errors.Is(m.Err, fault.GroupOffline) || errors.Is(m.Err, fault.ConnectionLost)
}

// GroupDetail is everything about one group at a moment.
type GroupDetail struct {
	Name string
	At   time.Time
	// Config is what it was made with; Known unless an endpoint does not tell.
	Config      cluster.GroupConfig
	ConfigKnown bool
	Members     []MemberState
	// Type and Model are RocketMQ's words, "" without members.
	Type, Model   string
	Subscriptions []cluster.Wanted
	Queues        []cluster.QueueProgress // by topic, broker and number
	// QueuesErr says why Queues are not known, such as fault.NotOffered.
	QueuesErr  error
	BrokerRate float64
	// Retry waits in the group's retry topic, Dead lies in its dead-letter topic;
	// below 0 where that is not known.
	Retry, Dead int64
	Missing     cluster.Missing
}

// Lag is how many messages wait in all queues, the retry topic's too.
func (d *GroupDetail) Lag() int64 {
	var n int64
	for _, q := range d.Queues {
		n += q.Lag()
	}
	return n
}

// LagKnown tells whether Lag is the whole: no broker's part is missing, and the positions
// fit their queues.
func (d *GroupDetail) LagKnown() bool {
	_, fits := cluster.GroupProgress{Queues: d.Queues}.Lag()
	return d.QueuesErr == nil && len(d.Missing) == 0 && fits
}

// Broadcasts reports whether every member gets every message, and keeps its
// positions to itself.
func (d *GroupDetail) Broadcasts() bool { return d.Model == modelBroadcasting }

// GroupDetail asks for everything about one group, by full name. It is an error
// only if the brokers, or the members, cannot be asked at all.
func (a *Asker) GroupDetail(ctx context.Context, group string) (*GroupDetail, error) {
	l, err := a.brokers(ctx)
	if err != nil {
		return nil, err
	}
	d := &GroupDetail{Name: group, At: time.Now(), Retry: -1, Dead: -1}
	cfg, err := a.groupConfig(ctx, l, group)
	switch {
	case err == nil:
		d.Config, d.ConfigKnown = cfg, true
	case errors.Is(err, fault.GroupNotFound) && l.listed, ctx.Err() != nil:
		return nil, err
	}
	members, missing, err := a.admin.Consumers(ctx, l.all, group)
	if err != nil {
		return nil, err
	}
	d.Missing, d.Type, d.Model, d.Subscriptions = missing, members.Type, members.Model, members.Subscriptions
	p, missing, err := a.progress(ctx, l, group, members)
	if err == nil && l.listed {
		d.Missing = d.Missing.Join(missing)
		p, missing, err = a.admin.LogicalProgress(ctx, group, p)
	}
	d.Queues, d.BrokerRate, d.QueuesErr = p.Queues, p.Rate, err
	d.Missing = d.Missing.Join(missing)
	d.Members = a.memberStates(ctx, l, group, members.Members)
	d.Retry, d.Dead = a.waitingIn(ctx, l, message.RetryTopic(group), d.Queues), a.waitingIn(ctx, l, message.DeadLetterTopic(group), nil)
	d.At = time.Now()
	return d, ctx.Err()
}

const (
	// membersAtOnce is how many members are asked about themselves together.
	membersAtOnce = 16
	// membersBudget bounds asking all of them, membersKept what is kept of all that they
	// say, in bytes. Who comes after that is not asked.
	membersBudget = 30 * time.Second
	membersKept   = 16 << 20
)

// memberStates asks every member about itself, through a broker that knows it; some have
// fault.NotAsked, see membersBudget.
func (a *Asker) memberStates(ctx context.Context, l listing, group string, members []cluster.Member) []MemberState {
	begun, size := time.Now(), atomic.Int64{}
	all := make([]MemberState, len(members))
	var work errgroup.Group
	work.SetLimit(membersAtOnce)
	for i, m := range members {
		all[i] = MemberState{Member: m, Err: fault.NotAsked}
		if time.Since(begun) > membersBudget || size.Load() > membersKept {
			continue
		}
		work.Go(func() error {
			all[i].Running, all[i].Err = a.running(ctx, l, group, m, false)
			size.Add(int64(all[i].Running.Size()))
			return nil
		})
	}
	_ = work.Wait()
	return all
}

func (a *Asker) running(ctx context.Context, l listing, group string, m cluster.Member, stack bool) (cluster.Running, error) {
	var last error = fault.NoBroker
	for _, b := range only(l.all, m.Brokers) {
		addr, ok := b.Reader()
		if !ok {
			continue
		}
		r, err := a.admin.Running(ctx, addr, group, m.ID, stack)
		if err == nil || errors.Is(err, fault.Timeout) || errors.Is(err, fault.BadAnswer) || ctx.Err() != nil {
			return r, err // another broker would hear the same
		}
		last = err
	}
	return cluster.Running{}, last
}

// waitingIn counts what waits in a topic of the group's own: what it has not
// taken where it has positions there, else all that is kept. 0 where the topic
// does not exist, below 0 where that is not told.
func (a *Asker) waitingIn(ctx context.Context, l listing, topic string, progress []cluster.QueueProgress) int64 {
	var n int64
	found := false
	for _, q := range progress {
		if q.Topic == topic {
			found = true
			n += q.Lag()
		}
	}
	if found {
		return n
	}
	r, err := a.admin.Route(ctx, topic)
	if errors.Is(err, fault.TopicNotFound) {
		return 0
	}
	if err != nil {
		return -1
	}
	queues, _, err := a.topicQueues(ctx, l, r, topic)
	if err != nil {
		return -1
	}
	for _, q := range queues {
		n += q.Kept()
	}
	return n
}

// MemberStack asks one member of a group for the stacks of all its threads.
func (a *Asker) MemberStack(ctx context.Context, group string, m cluster.Member) (string, error) {
	l, err := a.brokers(ctx)
	if err != nil {
		return "", err
	}
	r, err := a.running(ctx, l, group, m, true)
	return r.Stack, err
}

// only keeps the brokers of these names.
func only(brokers []cluster.Broker, names []string) []cluster.Broker {
	return slices.DeleteFunc(slices.Clone(brokers), func(b cluster.Broker) bool { return !slices.Contains(names, b.Name) })
}
