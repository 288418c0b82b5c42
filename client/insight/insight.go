// Package insight answers what the window asks about a cluster: its topics, groups and
// servers, how far a group is and why it does not get on, and what became of a message.
// It joins what single requests answer (package admin), and says what is missing from
// it.
//
// An Asker may be used from any goroutine. Its methods that take a context ask servers,
// and return as soon as the context ends; they must not be called on the window's main
// goroutine. Trend is for one goroutine; everything else is a value.
package insight

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
)

// Asker asks about the cluster of one connection. It remembers which brokers there were.
type Asker struct {
	admin       *admin.Client
	nameServers []string

	mu    sync.Mutex
	known map[string]cluster.Broker // that were ever listed, by name

	configs   []cluster.GroupConfig // as listed last; never changed
	configsAt time.Time
}

// New returns an Asker that asks through a, whose name servers these are. It does not
// close a.
func New(a *admin.Client, nameServers []string) *Asker {
	return &Asker{admin: a, nameServers: slices.Clone(nameServers)}
}

// listing is the brokers that a question goes to.
type listing struct {
	all []cluster.Broker
	// dead were seen by this connection before and are not listed any more.
	dead []cluster.Broker
	// listed is false at an endpoint that lists none: all is the endpoint itself.
	listed bool
}

// brokers are all that there are now, and those that it has seen
// before: one that died is not listed any more, and what lies there must be
// missing by name, not in silence. One that was taken away for good is missing
// until the connection is closed.
func (a *Asker) brokers(ctx context.Context) (listing, error) {
	now, listed, err := a.admin.Brokers(ctx)
	if err != nil || !listed {
		return listing{all: now}, err
	}
	// One that unregisters is listed without an address for a moment
	// (RouteInfoManager.java, unRegisterBroker): where it was is known better.
	now = slices.DeleteFunc(now, func(b cluster.Broker) bool { _, ok := b.Reader(); return !ok })
	l := listing{all: now, listed: true}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.known == nil {
		a.known = map[string]cluster.Broker{}
	}
	for name, b := range a.known {
		if !slices.ContainsFunc(now, func(o cluster.Broker) bool { return o.Name == name }) {
			l.dead = append(l.dead, b)
		}
	}
	for _, b := range now {
		a.known[b.Name] = b
	}
	l.all = append(l.all, l.dead...)
	return l, nil
}

// remembered are the brokers that were ever listed.
func (a *Asker) remembered() listing {
	a.mu.Lock()
	defer a.mu.Unlock()
	l := listing{listed: len(a.known) > 0}
	for _, name := range slices.Sorted(maps.Keys(a.known)) {
		l.all = append(l.all, a.known[name])
	}
	return l
}

// someBrokers is brokers for a question that makes no sense where none is listed now:
// fault.NoBrokers.
func (a *Asker) someBrokers(ctx context.Context) (listing, error) {
	l, err := a.brokers(ctx)
	if err == nil && l.listed && len(l.all) == len(l.dead) {
		err = fault.NoBrokers
	}
	return l, err
}

// KnownBrokers are the names of those that were ever seen, sorted.
func (a *Asker) KnownBrokers() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Sorted(maps.Keys(a.known))
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
