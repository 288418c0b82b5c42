package client

import (
	"context"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/orders"
	"gantry/client/profile"
)

// PreviewSetup says what an order about topics or groups would do, see
// orders.Clerk.PreviewSetup. It changes nothing, so a read-only connection may ask it. In
// production one at a time is deleted: Why is fault.OneByOne for more.
func (c *Connection) PreviewSetup(ctx context.Context, o orders.Setup) (*orders.SetupPreview, error) {
	if err := c.open(); err != nil {
		return nil, err
	}
	p, err := c.clerk.PreviewSetup(ctx, o)
	if err == nil && p.Why == nil && severalInProduction(c.profile, o) {
		p.Why = fault.OneByOne
	}
	return p, err
}

func severalInProduction(p profile.Profile, o orders.Setup) bool {
	return p.Environment == profile.Production && o.Act == orders.Delete && o.Of != orders.Rights && len(o.Names) > 1
}

// TypedName is what has to be typed before an order about topics, groups, users or rights is
// run, "" for nothing: the connection's name in production, and for Delete of several; else
// for Delete the name of what is deleted. Rights that are deleted can be put back.
func TypedName(p profile.Profile, o orders.Setup) string {
	switch {
	case p.Environment == profile.Production:
		return p.Name
	case o.Act != orders.Delete || o.Of == orders.Rights:
		return ""
	case len(o.Names) > 1:
		return p.Name
	case o.Of == orders.Users && len(o.Names) == 1:
		return o.Names[0]
	case len(o.Names) == 1:
		return p.ShortName(o.Names[0])
	}
	return ""
}

// ChangeSetup does what a preview says, see orders.Clerk.RunSetup: yes is to its Subject, to
// as many parts as it does, and has the TypedName.
func (c *Connection) ChangeSetup(ctx context.Context, p *orders.SetupPreview, yes Confirmed, tell func(orders.Record)) (orders.Record, error) {
	if err := c.may(ActionOrder); err != nil {
		return orders.Record{}, err
	}
	if err := c.confirmed(yes, p.Subject(), int64(p.Moves())); err != nil {
		return orders.Record{}, err
	}
	if yes.Name != TypedName(c.profile, p.Order) {
		return orders.Record{}, fault.NotConfirmed
	}
	if p.Why != nil {
		return orders.Record{}, p.Why
	}
	if severalInProduction(c.profile, p.Order) {
		return orders.Record{}, fault.OneByOne
	}
	return c.clerk.RunSetup(ctx, p, tell)
}

// OrderBrokers tells which brokers take orders about something, and which of them
// are old, see orders.Clerk.Brokers. fault.NotOffered where the endpoint takes none.
func (c *Connection) OrderBrokers(ctx context.Context, of orders.Thing) (names, old []string, missing cluster.Missing, err error) {
	if err := c.open(); err != nil {
		return nil, nil, nil, err
	}
	return c.clerk.Brokers(ctx, of)
}

// Settings is what the brokers keep of a topic or group, by broker, see
// orders.Clerk.Settings.
func (c *Connection) Settings(ctx context.Context, of orders.Thing, name string) (map[string]*orders.Setting, cluster.Missing, error) {
	if err := c.open(); err != nil {
		return nil, nil, err
	}
	return c.clerk.Settings(ctx, of, name)
}
