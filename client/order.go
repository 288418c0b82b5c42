package client

import (
	"context"

	"gantry/client/message"
	"gantry/client/orders"
)

// PreviewOffsets says what an order would do, see orders.Clerk.Preview. It changes nothing,
// so a read-only connection may ask it.
func (c *Connection) PreviewOffsets(ctx context.Context, o orders.Offsets) (*orders.Preview, error) {
	if err := c.open(); err != nil {
		return nil, err
	}
	return c.clerk.Preview(ctx, o)
}

// ChangeOffsets does what a preview says, see orders.Clerk.Run: yes is to its Subject and
// to as many queues as it changes.
func (c *Connection) ChangeOffsets(ctx context.Context, p *orders.Preview, yes Confirmed, tell func(orders.Record)) (orders.Record, error) {
	if err := c.may(ActionOrder); err != nil {
		return orders.Record{}, err
	}
	if err := c.confirmed(yes, p.Subject(), int64(p.Moves())); err != nil {
		return orders.Record{}, err
	}
	if p.Why != nil {
		return orders.Record{}, p.Why
	}
	return c.clerk.Run(ctx, p, tell)
}

// PreviewResume says what putting half messages back to checking would do, see
// orders.Clerk.PreviewResume. It changes nothing.
func (c *Connection) PreviewResume(ctx context.Context, o orders.Resume) (*orders.ResumePreview, error) {
	if err := c.open(); err != nil {
		return nil, err
	}
	sent, err := c.client.redelivered(ctx, message.GivenUpTopic)
	if err != nil {
		return nil, err
	}
	return c.clerk.PreviewResume(ctx, o, sent.Has)
}

// ResumeHalves does what a preview says, see orders.Clerk.RunResume: yes is to its Subject
// and to as many messages as it puts back.
func (c *Connection) ResumeHalves(ctx context.Context, p *orders.ResumePreview, yes Confirmed, tell func(orders.Record)) (orders.Record, error) {
	if err := c.may(ActionOrder); err != nil {
		return orders.Record{}, err
	}
	if err := c.confirmed(yes, p.Subject(), int64(p.Moves())); err != nil {
		return orders.Record{}, err
	}
	if p.Why != nil {
		return orders.Record{}, p.Why
	}
	sent, err := c.client.redelivered(ctx, message.GivenUpTopic)
	if err != nil {
		return orders.Record{}, err
	}
	return c.clerk.RunResume(ctx, p, sent.Has, tell)
}

// OffersOnce tells whether ConsumeOnce is offered here, see orders.Clerk.OffersOnce.
func (c *Connection) OffersOnce(ctx context.Context) error {
	if err := c.open(); err != nil {
		return err
	}
	return c.clerk.OffersOnce(ctx)
}

// ConsumeOnce has a member of a group consume a message, see orders.Clerk.RunOnce: yes is to
// its Subject, once.
func (c *Connection) ConsumeOnce(ctx context.Context, o orders.Once, yes Confirmed) (orders.Record, error) {
	if err := c.may(ActionOrder); err != nil {
		return orders.Record{}, err
	}
	if err := c.confirmed(yes, o.Subject(), 1); err != nil {
		return orders.Record{}, err
	}
	return c.clerk.RunOnce(ctx, o)
}
