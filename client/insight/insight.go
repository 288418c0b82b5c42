package client

import (
	"context"
	"maps"
	"slices"

	"gantry/client/cluster"
	"gantry/client/fault"
)

// listing is the brokers that a question goes to.
type listing struct {
	all []cluster.Broker
	// dead were seen by this connection before and are not listed any more.
	dead []cluster.Broker
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
	now = slices.DeleteFunc(now, func(b cluster.Broker) bool { _, ok := b.Reader(); return !ok })
	l := listing{all: now, listed: true}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = map[string]cluster.Broker{}
	}
	for name, b := range c.known {
		if !slices.ContainsFunc(now, func(o cluster.Broker) bool { return o.Name == name }) {
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
func (l listing) of(r cluster.Route) []cluster.Broker {
	if !l.listed {
		return r.Brokers
	}
	all := slices.Clone(r.Brokers)
	for _, b := range l.dead {
		if !slices.ContainsFunc(all, func(o cluster.Broker) bool { return o.Name == b.Name }) {
			all = append(all, b) // else it unregistered after the route was asked for
		}
	}
	return all
}
