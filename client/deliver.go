package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"gantry/client/fault"
	"gantry/client/message"
	"gantry/client/outbox/plan"
)

// LevelsError says that brokers delay by levels only, and that the delay that was wanted
// is none of them.
type LevelsError struct {
	// Levels are the delays that there are, by level; what the brokers do not agree on
	// is left out.
	Levels []time.Duration
}

// Unwrap is the fault that it is.
func (e *LevelsError) Unwrap() error { return fault.LevelsOnly }

// Error lists the levels.
func (e *LevelsError) Error() string {
	return fmt.Sprint("the brokers delay by levels only: ", e.Levels)
}

// CheckDelivery tells whether the brokers of a draft's topic can deliver it when it
// says: a LevelsError where they cannot, message.ErrPastDelivery, or why they could not be
// asked; fault.NoReplies of a request whose reply would not come. A draft that goes at once
// needs no question.
func (c *Connection) CheckDelivery(ctx context.Context, d *message.Draft) error {
	if err := c.replies(ctx, d); err != nil {
		return err
	}
	if !d.Deliver.Later() {
		return nil
	}
	ready, err := c.prepare(ctx, d)
	if err == nil {
		_, err = c.delivery(d, ready)
	}
	return err
}

// replies is why a reply to a request would not come: proxies hand none over, and are told
// by not listing their cluster.
func (c *Connection) replies(ctx context.Context, d *message.Draft) error {
	if d.Reply == 0 {
		return nil
	}
	if _, err := c.admin.Cluster(ctx); errors.Is(err, fault.NotOffered) {
		return fault.NoReplies
	}
	return nil // whatever else is wrong shows when it is sent
}

// delivery returns the properties with which a draft is delivered when it says.
func (c *Connection) delivery(d *message.Draft, ready prepared) ([]message.Property, error) {
	t, err := c.timing(d, ready)
	if err != nil {
		return nil, err
	}
	return t.At(d.Deliver, time.Now()), nil
}

// timing is how the brokers of a draft's topic deliver it when it says. From 5.0 on
// brokers take any time (TimerMessageStore.java); older ones ignore it, and know levels
// only. Tencent's take a property of their own, or a level.
func (c *Connection) timing(d *message.Draft, ready prepared) (plan.Timing, error) {
	one := func(name string, n int64) plan.Timing {
		return plan.Timing{Properties: []message.Property{{Name: name, Value: strconv.FormatInt(n, 10)}}}
	}
	level := func(levels []time.Duration) (int64, bool) {
		at := slices.Index(levels, d.Deliver.After)
		return int64(at + 1), at >= 0 && d.Deliver.After > 0
	}
	switch {
	case !d.Deliver.Later():
		return plan.Timing{}, nil
	case !d.Deliver.Due(time.Now()).After(time.Now()): // it would come at once, or not at all
		return plan.Timing{}, message.ErrPastDelivery
	case c.profile.Tencent(d.Topic):
		if n, ok := level(message.DelayLevels()); ok {
			return one(message.PropertyDelay, n), nil
		}
		return plan.Timing{AtNames: []string{message.PropertyStartDeliver, message.PropertyTimerAt}}, nil
	}
	can := ready.delays
	switch {
	case !can.Any:
		if n, ok := level(can.Levels); ok {
			return one(message.PropertyDelay, n), nil
		}
		// A copy: what was asked is kept, and a level is its place there.
		there := slices.DeleteFunc(slices.Clone(can.Levels), func(d time.Duration) bool { return d <= 0 })
		return plan.Timing{}, &LevelsError{there}
	case d.Deliver.At.IsZero(): // by the broker's clock
		return one(message.PropertyTimerDelay, d.Deliver.After.Milliseconds()), nil
	}
	return plan.Timing{AtNames: []string{message.PropertyTimerAt}}, nil
}
