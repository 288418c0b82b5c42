package insight

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"gantry/client/cluster"
	"gantry/client/fault"
)

// Topics lists the topics that users made, by full name: fault.NotOffered where
// the endpoint lists none.
func (a *Asker) Topics(ctx context.Context) ([]string, error) { return a.admin.Topics(ctx) }

// Lookup tells whether a topic has a route, and, if it has none, whether sending
// to it would create it.
func (a *Asker) Lookup(ctx context.Context, topic string) (exists, creates bool, err error) {
	_, err = a.admin.Route(ctx, topic)
	switch {
	case err == nil:
		return true, false, nil
	case !errors.Is(err, fault.TopicNotFound):
		return false, false, err
	}
	creates, err = a.admin.CreatesTopics(ctx)
	if errors.Is(err, fault.TopicNotFound) || errors.Is(err, fault.NotOffered) {
		return false, false, nil
	}
	return false, creates, err
}

// GroupState is what a form says about a consumer group before it is joined.
type GroupState struct {
	// HasPosition: the group goes on from its own position.
	HasPosition bool
	// Members are connected to the group already.
	Members []string
	// Theirs is what the members subscribe to, by topic, and Broadcast how: both
	// empty where there are none or the endpoint does not tell.
	Theirs    []cluster.Wanted
	Broadcast bool
	// Static: the topic has logical queues, which members of the client library cannot
	// take: they ask for the physical ones. Nothing else is told of it then.
	Static bool
}

// Differs tells whether a subscription contradicts that of the members: to other
// topics, with another expression, or in another model. RocketMQ has one of each for
// a whole group: members that differ lose messages, and nobody says so.
func (g *GroupState) Differs(topic, expression string, sql92, broadcast bool) (theirs string, differs bool) {
	if len(g.Theirs) == 0 {
		return "", false
	}
	kind := "TAG"
	if sql92 {
		kind = "SQL92"
	}
	ours := cluster.Wanted{Topic: topic, Expression: expression, Kind: kind}
	if !sql92 {
		ours.Tags = cluster.Tags(expression)
	}
	var others []string
	for _, w := range g.Theirs {
		switch {
		case w.Topic == topic && w.Same(ours) && g.Broadcast == broadcast:
			return "", false
		case w.Topic == topic:
			return cmp.Or(w.Expression, "*"), true
		case !strings.HasPrefix(w.Topic, "%RETRY%"):
			others = append(others, w.Topic)
		}
	}
	return strings.Join(others, ", "), true
}

// queuesForLag is of how many queues TopicLag asks at most where an endpoint tells only of
// one at a time.
const queuesForLag = 32

// TopicLag is how many messages of a topic wait for a group: a question to each broker. It
// is an error where that is not known in whole: fault.NotFound where the group has no
// position yet, fault.WrongPosition where one does not fit its queue, and a broker's where
// its part is missing.
func (a *Asker) TopicLag(ctx context.Context, topic, group string) (int64, error) {
	l, err := a.brokers(ctx)
	if err != nil {
		return 0, err
	}
	p, missing, err := a.admin.Progress(ctx, l.all, group, topic)
	if errors.Is(err, fault.NotOffered) && !l.listed {
		var r cluster.Route
		if r, err = a.admin.Route(ctx, topic); err != nil {
			return 0, err
		}
		if len(r.ReadQueues()) > queuesForLag {
			return 0, fault.NotOffered
		}
		p, missing, err = a.admin.ProgressByQueue(ctx, r, topic, group)
	}
	lag, fits := p.Lag()
	switch {
	case err != nil:
		return 0, err
	case len(missing) > 0:
		return 0, missing[0]
	case !fits:
		return 0, fault.WrongPosition
	case len(p.Queues) == 0:
		return 0, fault.NotFound
	}
	return lag, nil
}

// Group asks about a consumer group of a topic.
func (a *Asker) Group(ctx context.Context, topic, group string) (GroupState, error) {
	r, err := a.admin.Route(ctx, topic)
	if err != nil {
		return GroupState{}, err
	}
	if r.Static() {
		return GroupState{Static: true}, nil
	}
	has, missing, err := a.admin.GroupPosition(ctx, r, topic, group)
	if err == nil && !has && len(missing) > 0 {
		err = missing[0] // it may have one there
	}
	if err != nil {
		return GroupState{}, err
	}
	members, _, err := a.admin.Members(ctx, r, group)
	if errors.Is(err, fault.NotOffered) {
		err = nil
	}
	g := GroupState{HasPosition: has, Members: members}
	if len(members) > 0 {
		// What they subscribe to is of use only, and not everybody tells it.
		if all, _, err := a.admin.Consumers(ctx, r.Brokers, group); err == nil {
			g.Theirs, g.Broadcast = all.Subscriptions, all.Model == modelBroadcasting
		}
	}
	return g, err
}
