package client

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"gantry/client/admin"
	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/profile"
)

// CheckKind names a step of TestConnection.
type CheckKind int

// The steps, in their order.
const (
	// CheckFiles: the profile's certificates can be used.
	CheckFiles CheckKind = iota
	CheckNameServer
	CheckRoute
	CheckBroker
	CheckCredentials
)

// Check is one step of TestConnection.
type Check struct {
	// ID names the step within one run: a later report replaces the earlier.
	ID   int
	Kind CheckKind
	// Subject is the file, the name server, the topic, or the broker's name;
	// Addr is the address as the cluster or the profile names it.
	Subject, Addr string
	Done          bool
	// Untried: the server does not say whether it is so; it is no failure.
	Untried bool
	// Err is why the step failed, once Done.
	Err  error
	Took time.Duration
	// Brokers and Queues are what a route says.
	Brokers, Queues int
	// Version is what a broker that was reached says of itself, Ahead how far this
	// computer's clock is ahead of its clock, to two seconds; zero where it does
	// not tell.
	Version string
	Ahead   time.Duration
}

// clockLimit bounds the question what a broker says of itself.
const clockLimit = time.Second

// checkLimit bounds each step.
const checkLimit = 5 * time.Second

// TestConnection tries what the profile says, step by step: its certificates can be used,
// if it names any; each name server answers; with a topic, its route; a dial to each broker
// address in it, or, without a route, to each that the name servers list; and a signed
// question to each broker that was reached, as proof of the credentials. It never sends and
// never joins a group. Every step is reported when it starts and when it ends, from several
// goroutines, one report at a time; it returns when all have ended or ctx has.
func TestConnection(ctx context.Context, p profile.Profile, s profile.Secret, topic string, report func(Check)) {
	t := &tester{report: report}
	if !t.open(ctx, p, s) {
		return
	}
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
	if ctx.Err() != nil {
		return
	}
	t.brokersAndSignIn(ctx, topic)
}

// brokersAndSignIn tries the route of a topic, if one is named, each broker's address, and
// the sign-in at each broker.
func (t *tester) brokersAndSignIn(ctx context.Context, topic string) {
	var route cluster.Route
	if topic != "" {
		err := t.step(ctx, Check{Kind: CheckRoute, Subject: topic}, func(ctx context.Context, c *Check) (err error) {
			route, err = t.admin.Route(ctx, topic)
			c.Brokers, c.Queues = len(route.Brokers), len(route.ReadQueues())
			return err
		})
		if ctx.Err() != nil {
			return
		}
		if err == nil {
			t.signIn(ctx, t.brokers(ctx, route), route, topic)
			return
		}
	}
	// Without a route the brokers that are listed say whether the sign-in is right.
	t.listed(ctx)
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

// open makes the client; with files of certificates that is a step of its own.
func (t *tester) open(ctx context.Context, p profile.Profile, s profile.Secret) bool {
	open := func() (err error) {
		t.admin, _, err = newAdmin(p, s, nil)
		return err
	}
	var files []string
	for _, f := range []string{p.TLS.CAFile, p.TLS.CertFile, p.TLS.KeyFile} {
		if p.TLS.On && f != "" {
			files = append(files, f)
		}
	}
	if len(files) == 0 {
		return open() == nil
	}
	return t.step(ctx, Check{Kind: CheckFiles, Subject: strings.Join(files, ", ")}, func(context.Context, *Check) error { return open() }) == nil
}

// brokers dials every address that the route names, masters first: a client
// needs them all. It returns the addresses that were reached.
func (t *tester) brokers(ctx context.Context, route cluster.Route) (reached map[string]bool) {
	var (
		group sync.WaitGroup
		mu    sync.Mutex
	)
	reached = map[string]bool{}
	for _, b := range route.Brokers {
		var ids []int64
		for id := range b.Addrs {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		for _, id := range ids {
			addr := b.Addrs[id]
			group.Go(func() {
				err := t.step(ctx, Check{Kind: CheckBroker, Subject: b.Name, Addr: addr}, func(ctx context.Context, c *Check) error {
					if _, err := t.admin.DialBroker(ctx, addr); err != nil {
						return err
					}
					// What it says of itself is no part of the check: endpoints
					// refuse it, and roles without the right too.
					ctx, cancel := context.WithTimeout(ctx, clockLimit)
					defer cancel()
					if r, err := t.admin.Runtime(ctx, addr); err == nil {
						c.Version, c.Ahead = r.Version, r.Ahead
					}
					return nil
				})
				mu.Lock()
				defer mu.Unlock()
				reached[addr] = err == nil
			})
		}
	}
	group.Wait()
	return reached
}

// listed tries the brokers that the name servers list. An endpoint that lists none to
// anybody, or not to this role, fails no check by that; name servers without a broker do.
func (t *tester) listed(ctx context.Context) {
	brokers, listed, err := t.admin.Brokers(ctx)
	switch {
	case err != nil || !listed:
	case len(brokers) == 0:
		_ = t.step(ctx, Check{Kind: CheckBroker}, func(context.Context, *Check) error { return fault.NoBrokers })
	default:
		route := cluster.Route{Brokers: brokers}
		t.signIn(ctx, t.brokers(ctx, route), route, "")
	}
}

// signIn asks each broker that was reached a signed question: name servers check no
// signature. One that does not say so to a question about itself, as proxies, is asked for
// the end of a queue of the topic, if there is a route. A refusal for lack of permission
// proves the signature.
func (t *tester) signIn(ctx context.Context, reached map[string]bool, route cluster.Route, topic string) {
	if ctx.Err() != nil {
		return
	}
	var group sync.WaitGroup
	for _, b := range route.Brokers {
		all := b.Readers()
		i := slices.IndexFunc(all, func(addr string) bool { return reached[addr] })
		if i < 0 {
			continue
		}
		addr := all[i]
		group.Go(func() {
			_ = t.step(ctx, Check{Kind: CheckCredentials, Subject: b.Name, Addr: addr}, func(ctx context.Context, c *Check) error {
				err := t.admin.SignIn(ctx, addr)
				queues := slices.DeleteFunc(route.ReadQueues(), func(q cluster.Queue) bool { return q.Broker != b.Name })
				if errors.Is(err, fault.NotOffered) && len(queues) > 0 {
					at := cluster.Route{Brokers: []cluster.Broker{{Name: b.Name, Addrs: map[int64]string{cluster.MasterID: addr}}}} // and no replica
					_, err = t.admin.MaxOffset(ctx, at, topic, queues[0])
				}
				c.Untried = errors.Is(err, fault.NotOffered)
				if c.Untried || errors.Is(err, fault.NotPermitted) {
					err = nil
				}
				return err
			})
		})
	}
	group.Wait()
}
