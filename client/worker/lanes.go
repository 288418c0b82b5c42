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
// they stay in order, others to whichever is free.
func (c *campaign) hand(ctx context.Context, made []plan.Made) error {
	c.under.Add(1)
	to := c.free
	if key := made[0].Draft.ShardingKey; key != "" && len(c.lanes) > 0 {
		to = c.lanes[message.Shard(key, len(c.lanes))]
	}
	select {
	case to <- made:
		return nil
	case <-ctx.Done():
		c.under.Add(-1)
		return context.Cause(ctx)
	}
}

// inLanes sends everything; what comes next is made while others are under way.
func (c *campaign) inLanes(ctx context.Context) error {
	var senders sync.WaitGroup
	c.free = make(chan []plan.Made)
	for range c.plan.AtOnce {
		var own chan []plan.Made // of which nothing comes where no message has a key
		if c.plan.Ordered() {
			own = make(chan []plan.Made)
			c.lanes = append(c.lanes, own)
		}
		senders.Go(func() { c.lane(own) })
	}
	err := c.dispatch(ctx)
	close(c.free)
	for _, in := range c.lanes {
		close(in)
	}
	senders.Wait()
	return err
}

// lane sends what it is handed, one request at a time.
func (c *campaign) lane(own <-chan []plan.Made) {
	var h held
	for {
		made, more := c.take(own, &h)
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
// written down first. Nothing is handed over any more once one of the two is closed.
func (c *campaign) take(own <-chan []plan.Made, h *held) (made []plan.Made, more bool) {
	select {
	case made, more = <-own:
	case made, more = <-c.free:
	default:
		c.book.let(h)
		select {
		case made, more = <-own:
		case made, more = <-c.free:
		}
	}
	if !more {
		c.book.let(h)
	}
	return made, more
}
