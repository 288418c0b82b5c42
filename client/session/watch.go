package session

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gantry/client/admin"
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

// watch looks every three seconds whether the brokers can be reached and list our
// member, until ctx ends. The client library hides both: a broker that does not know the
// group and creates none leaves it without queues and without an error, as one does of
// which only a replica is left, and pulls over a dead connection wait for half a minute.
func (s *Session) watch(ctx context.Context, ask *admin.Client, job *worker.Job, route cluster.Route) {
	found := func(err error) {
		s.order(func() {
			if ctx.Err() == nil {
				s.facts.watched = err
			}
		})
	}
	missing := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(watchEvery):
		}
		listed, err := look(ctx, ask, job, &route)
		switch {
		case ctx.Err() != nil:
			return
		case errors.Is(err, fault.NotOffered):
			found(nil)
			return
		case err == nil && listed:
			missing = time.Now()
		case err == nil && time.Since(missing) > joinLimit:
			err = whyNotListed(ctx, ask, job)
		}
		found(err)
	}
}

// look asks the brokers, who must have masters, for the group's members, those of the last route where
// the name servers do not answer: what runs needs them only when routes change.
func look(ctx context.Context, ask *admin.Client, job *worker.Job, last *cluster.Route) (listed bool, err error) {
	asked, done := context.WithTimeout(ctx, routeLimit)
	route, err := ask.Route(asked, job.Receive.Topic)
	done()
	if err == nil {
		*last = route
	} else if len(last.Brokers) == 0 || ctx.Err() != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, watchEvery)
	defer cancel()
	members, missing, err := ask.Members(ctx, *last, job.Group)
	if err == nil && len(last.Masterless()) > 0 {
		err = last.Masterless()[0].Err
	}
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
func whyNotListed(ctx context.Context, ask *admin.Client, job *worker.Job) error {
	ctx, cancel := context.WithTimeout(ctx, watchEvery)
	defer cancel()
	route, err := ask.Route(ctx, job.Receive.Topic)
	if err != nil {
		return err
	}
	sub := job.Receive
	err = ask.CheckGroup(ctx, route, cluster.Selection{Topic: sub.Topic, Group: job.Group, Expression: sub.Expression, SQL92: sub.SQL92})
	if err == nil || errors.Is(err, fault.NotOffered) {
		return fmt.Errorf("%w: %s", fault.NotListed, job.Group)
	}
	return err
}
