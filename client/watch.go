package client

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/worker"
)

const (
	watchEvery = 3 * time.Second
	// routeLimit bounds the question for a new route in between.
	routeLimit = time.Second
	// joinLimit is how long a member may be missing from the broker's list
	// before it is said: the client library's first heartbeat takes a second.
	joinLimit = 4 * time.Second
)

// watch looks every three seconds whether the brokers can be reached and list
// our member. The client library hides both: a broker that does not know the
// group and creates none leaves it without queues and without an error, and
// pulls over a dead connection wait for half a minute. What it finds stands in
// s.watched. The returned function ends it and waits.
func (s *Subscription) watch(ctx context.Context, conn *Connection, job *worker.Job) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() {
		s.mu.Lock()
		route := s.route
		s.mu.Unlock()
		missing := time.Now()
		for sleep(ctx, watchEvery) == nil {
			listed, err := s.look(ctx, conn, job, &route)
			switch {
			case errors.Is(err, fault.NotOffered) || ctx.Err() != nil:
				s.mu.Lock()
				s.watched = nil
				s.mu.Unlock()
				return
			case err == nil && listed:
				missing = time.Now()
			case err == nil && time.Since(missing) > joinLimit:
				err = s.whyNotListed(ctx, conn, job)
			}
			s.mu.Lock()
			if ctx.Err() == nil {
				s.watched = err
			}
			s.mu.Unlock()
		}
	})
	return func() {
		cancel()
		group.Wait()
	}
}

// look asks the brokers for the group's members, those of the last route where
// the name servers do not answer: what runs needs them only when routes change.
func (s *Subscription) look(ctx context.Context, conn *Connection, job *worker.Job, last *cluster.Route) (listed bool, err error) {
	asked, done := context.WithTimeout(ctx, routeLimit)
	route, err := conn.admin.Route(asked, job.Subscription.Topic)
	done()
	if err == nil {
		*last = route
	} else if len(last.Brokers) == 0 || ctx.Err() != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, watchEvery)
	defer cancel()
	members, missing, err := conn.admin.Members(ctx, *last, job.Group)
	if err != nil {
		return false, err
	}
	for _, m := range members {
		if strings.HasSuffix(m, "@"+job.Instance) {
			return true, nil
		}
	}
	if len(missing) > 0 {
		return false, missing[0]
	}
	return false, nil
}

// whyNotListed finds the reason why a broker does not list our member.
func (s *Subscription) whyNotListed(ctx context.Context, conn *Connection, job *worker.Job) error {
	ctx, cancel := context.WithTimeout(ctx, watchEvery)
	defer cancel()
	route, err := conn.admin.Route(ctx, job.Subscription.Topic)
	if err != nil {
		return err
	}
	sub := job.Subscription
	err = conn.admin.CheckGroup(ctx, route, cluster.Selection{Topic: sub.Topic, Group: job.Group, Expression: sub.Expression, SQL92: sub.SQL92})
	if err == nil || errors.Is(err, fault.NotOffered) {
		return fmt.Errorf("%w: %s", fault.NotListed, job.Group)
	}
	return err
}
