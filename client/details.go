package client

import (
	"context"
	"maps"
	"slices"

	"gantry/client/admin"
	"gantry/client/fault"
)

// What brokers answer, as the window sees it; see package admin.
type (
	// BrokerError says why the part of one broker is missing from an answer.
	BrokerError = admin.BrokerError
	// Missing are the brokers whose part of an answer is missing.
	Missing = admin.Missing
	// Queue names a queue.
	Queue = admin.Queue
	// Member is a client that is connected as a consumer.
	Member = admin.Member
	// Wanted is what a consumer subscribes to of a topic.
	Wanted = admin.Wanted
	// QueueProgress is how far a group is in a queue.
	QueueProgress = admin.QueueProgress
	// Running is what a consumer says of itself.
	Running = admin.Running
	// Held is a queue that a consumer has.
	Held = admin.Held
	// Rates are a consumer's, of a topic.
	Rates = admin.Rates
	// GroupConfig is what a group was made with.
	GroupConfig = admin.GroupConfig
	// TopicConfig is what a topic was made with.
	TopicConfig = admin.TopicConfig
	// TopicKind is what a topic is for.
	TopicKind = admin.TopicKind
	// QueueStats is what a queue keeps.
	QueueStats = admin.QueueStats
	// Producer is a client that is connected as a producer.
	Producer = admin.Producer
	// Route says where a topic lies.
	Route = admin.Route
	// QueueData says how many queues of a topic a broker has.
	QueueData = admin.QueueData
	// Runtime is what a broker says of itself.
	Runtime = admin.Runtime
	// Setting is a line of a server's configuration.
	Setting = admin.Setting
)

// The kinds of topics.
const (
	NormalTopic        = admin.NormalTopic
	OrderedTopic       = admin.OrderedTopic
	DelayedTopic       = admin.DelayedTopic
	TransactionalTopic = admin.TransactionalTopic
	MixedTopic         = admin.MixedTopic
	RetryTopic         = admin.RetryTopic
	DeadLetterTopic    = admin.DeadLetterTopic
	SystemTopic        = admin.SystemTopic
)

// VersionName is the version that a client or broker claims by number.
func VersionName(ordinal int) string { return admin.VersionName(ordinal) }

// TopicKindOf tells what a topic's name alone shows.
func TopicKindOf(name string) TopicKind { return admin.TopicKindOf(name) }

// listing is the brokers that a question goes to.
type listing struct {
	all []admin.Broker
	// dead were seen by this connection before and are not listed any more.
	dead []admin.Broker
	// listed is false at an endpoint that lists none: all is the endpoint itself.
	listed bool
}

// brokers are all that there are now, and those that this connection has seen
// before: one that died is not listed any more, and what lies there must be
// missing by name, not in silence. One that was taken away for good is missing
// until the connection is closed.
func (c *Connection) brokers(ctx context.Context) (listing, error) {
	now, listed, err := c.admin.Brokers(ctx)
	if err != nil || !listed {
		return listing{all: now}, err
	}
	// One that unregisters is listed without an address for a moment
	// (RouteInfoManager.java, unRegisterBroker): where it was is known better.
	now = slices.DeleteFunc(now, func(b admin.Broker) bool { _, ok := b.Reader(); return !ok })
	l := listing{all: now, listed: true}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = map[string]admin.Broker{}
	}
	for name, b := range c.known {
		if !slices.ContainsFunc(now, func(o admin.Broker) bool { return o.Name == name }) {
			l.dead = append(l.dead, b)
		}
	}
	for _, b := range now {
		c.known[b.Name] = b
	}
	l.all = append(l.all, l.dead...)
	return l, nil
}

// someBrokers is brokers for a question that makes no sense where none is listed now:
// fault.NoBrokers.
func (c *Connection) someBrokers(ctx context.Context) (listing, error) {
	l, err := c.brokers(ctx)
	if err == nil && l.listed && len(l.all) == len(l.dead) {
		err = fault.NoBrokers
	}
	return l, err
}

// knownBrokers are the names of those that this connection has seen.
func (c *Connection) knownBrokers() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.known))
}

// of are the brokers of a route, and the dead ones, of which nobody knows whether
// the topic lies there too.
func (l listing) of(r admin.Route) []admin.Broker {
	if !l.listed {
		return r.Brokers
	}
	all := slices.Clone(r.Brokers)
	for _, b := range l.dead {
		if !slices.ContainsFunc(all, func(o admin.Broker) bool { return o.Name == b.Name }) {
			all = append(all, b) // else it unregistered after the route was asked for
		}
	}
	return all
}
