package client

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"gantry/client/admin"
	"gantry/client/profile"
)

// CheckKind names a step of TestConnection.
type CheckKind int

// The steps, in their order.
const (
	CheckNameServer CheckKind = iota
	CheckRoute
	CheckBroker
	CheckCredentials
)

// Check is one step of TestConnection.
type Check struct {
	// ID names the step within one run: a later report replaces the earlier.
	ID   int
	Kind CheckKind
	// Subject is the name server, the topic, or the broker's name; Addr is the
	// address that was dialled.
	Subject, Addr string
	Done          bool
	// Err is why the step failed, once Done.
	Err  error
	Took time.Duration
	// Brokers and Queues are what a route says.
	Brokers, Queues int
}

// checkLimit bounds each step.
const checkLimit = 5 * time.Second

// TestConnection tries what the profile says, step by step: each name server
// answers; with a topic, its route, a dial to each broker address in it, and a
// signed question about one queue as proof of the credentials. It never sends
// and never joins a group. Every step is reported when it starts and when it
// ends, from several goroutines, one report at a time; it returns when all have
// ended or ctx has.
func TestConnection(ctx context.Context, p profile.Profile, s profile.Secret, topic string, report func(Check)) {
	t := &tester{admin: newAdmin(p, s), report: report}
	defer t.admin.Close()
	var group sync.WaitGroup
	for _, addr := range p.NameServers {
		group.Go(func() {
			t.step(ctx, Check{Kind: CheckNameServer, Subject: addr, Addr: addr}, func(ctx context.Context, _ *Check) error {
				_, err := t.admin.Ping(ctx, addr)
				return err
			})
		})
	}
	group.Wait()
	if topic == "" || ctx.Err() != nil {
		return
	}
	var route admin.Route
	err := t.step(ctx, Check{Kind: CheckRoute, Subject: topic}, func(ctx context.Context, c *Check) (err error) {
		route, err = t.admin.Route(ctx, topic)
		c.Brokers, c.Queues = len(route.Brokers), len(route.ReadQueues())
		return err
	})
	if err != nil || ctx.Err() != nil {
		return
	}
	t.brokers(ctx, route)
	t.credentials(ctx, route, topic)
}

type tester struct {
	admin  *admin.Client
	report func(Check)

	mu   sync.Mutex
	next int
}

func (t *tester) say(c Check) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.report(c)
}

func (t *tester) step(ctx context.Context, c Check, f func(context.Context, *Check) error) error {
	t.mu.Lock()
	t.next++
	c.ID = t.next
	t.report(c)
	t.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	start := time.Now()
	c.Err = f(ctx, &c)
	c.Done, c.Took = true, time.Since(start)
	t.say(c)
	return c.Err
}

// brokers dials every address that the route names, masters first: a client
// needs them all.
func (t *tester) brokers(ctx context.Context, route admin.Route) {
	var group sync.WaitGroup
	for _, b := range route.Brokers {
		var ids []int64
		for id := range b.Addrs {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		for _, id := range ids {
			addr := b.Addrs[id]
			group.Go(func() {
				_ = t.step(ctx, Check{Kind: CheckBroker, Subject: b.Name, Addr: addr}, func(ctx context.Context, _ *Check) error {
					_, err := t.admin.DialBroker(ctx, addr)
					return err
				})
			})
		}
	}
	group.Wait()
}

// credentials asks for the maximum offset of one queue: name servers check no
// signature, brokers do.
func (t *tester) credentials(ctx context.Context, route admin.Route, topic string) {
	for _, q := range route.ReadQueues() {
		addr, ok := route.Master(q.Broker)
		if !ok {
			continue
		}
		err := t.step(ctx, Check{Kind: CheckCredentials, Subject: q.Broker, Addr: addr}, func(ctx context.Context, _ *Check) error {
			_, err := t.admin.MaxOffset(ctx, route, topic, q)
			return err
		})
		if err == nil || !errors.Is(err, ErrUnreachable) {
			return
		}
	}
}
