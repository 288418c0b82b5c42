package worker

import (
	"context"
	"slices"
	"sync"

	"gantry/client/message"
	"gantry/client/outbox/plan"
)

// wait waits until the next messages may leave. What is sent once more has no pace of its
// own.
func (c *campaign) wait(ctx context.Context) error {
	if c.plan.Paced() && c.job.Again == nil {
		return c.tempo.Wait(ctx)
	}
	return c.pace.WaitN(ctx, c.batch())
}

// hand gives messages to a lane: those with a sharding key to that of the key, so that
// they stay in order, others to one that is free.
func (c *campaign) hand(ctx context.Context, made []plan.Made) error {
	c.under.Add(1)
	key := made[0].Draft.ShardingKey
	at := message.Shard(key, len(c.lanes))
	if key == "" {
		for range c.lanes {
			c.turn = (c.turn + 1) % len(c.lanes)
			select {
			case c.lanes[c.turn] <- made:
				return nil
			default:
			}
		}
		at = c.turn
	}
	select {
	case c.lanes[at] <- made:
		return nil
	case <-ctx.Done():
		c.under.Add(-1)
		return context.Cause(ctx)
	}
}

// inLanes sends everything; what comes next is made while others are under way.
func (c *campaign) inLanes(ctx context.Context) error {
	var senders sync.WaitGroup
	for range c.plan.AtOnce {
		if len(c.lanes) == 0 || c.plan.Ordered() {
			c.lanes = append(c.lanes, make(chan []plan.Made))
		}
		in := c.lanes[len(c.lanes)-1]
		senders.Go(func() { c.lane(in) })
	}
	err := c.dispatch(ctx)
	for _, in := range c.lanes {
		close(in)
	}
	senders.Wait()
	return err
}

// lane sends what it is handed, one request at a time.
func (c *campaign) lane(in <-chan []plan.Made) {
	var h held
	for {
		made, more := c.take(in, &h)
		if !more {
			return
		}
		c.post(&h, made)
	}
}

// post sends one request, and heeds what came of it.
func (c *campaign) post(h *held, made []plan.Made) {
	receipts, ok := c.send(h, made)
	if c.under.Add(-1) == 0 && !c.gate.open() {
		c.stands()
	}
	if !ok {
		c.cancel(errStop)
		return
	}
	bad := func(r message.Receipt) bool { return !r.Status.Stored() && r.Status != message.StatusHandedOver }
	if c.plan.StopOnError && slices.ContainsFunc(receipts, bad) {
		c.cancel(errFailed)
	}
	c.heed(receipts)
}

// take returns what a lane sends next; where it must wait for that, what it held back is
// written down first.
func (c *campaign) take(in <-chan []plan.Made, h *held) ([]plan.Made, bool) {
	select {
	case made, more := <-in:
		if !more {
			c.book.let(h)
		}
		return made, more
	default:
	}
	c.book.let(h)
	made, more := <-in
	return made, more
}
