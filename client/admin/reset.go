package admin

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/remoting"
)

// Standing is where a group stands in a queue, and which offsets the queue has.
type Standing struct {
	cluster.Queue
	// Next is the offset that the group takes next, below 0 where it has no position.
	Next int64
	// MadeUp says that Next is a zero of a 4.x broker, which it answers for a group
	// without a position too.
	MadeUp bool
	// Min is the first offset kept, Max the one that the next message will get.
	Min, Max int64
}

// Standings asks where a group stands in these queues of a topic: three questions a queue,
// which a proxy answers too. They come in the order of queues; those of brokers of which
// one could not be asked are missing.
func (c *Client) Standings(ctx context.Context, r cluster.Route, topic, group string, queues []cluster.Queue) ([]Standing, cluster.Missing, error) {
	var mu sync.Mutex
	byQueue := map[cluster.Queue]Standing{}
	missing, err := c.eachQueue(ctx, queues, func(ctx context.Context, q cluster.Queue) error {
		s, err := c.standing(ctx, r, topic, group, q)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		byQueue[q] = s
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	var all []Standing
	for _, q := range queues {
		if s, has := byQueue[q]; has {
			all = append(all, s)
		}
	}
	return all, missing, nil
}

func (c *Client) standing(ctx context.Context, r cluster.Route, topic, group string, q cluster.Queue) (Standing, error) {
	s := Standing{Queue: q, Next: -1}
	next, has, madeUp, err := c.queuePosition(ctx, r, topic, group, q)
	if err != nil {
		return s, err
	}
	if has {
		s.Next, s.MadeUp = next, madeUp
	}
	if s.Min, err = c.MinOffset(ctx, r, topic, q); err != nil {
		return s, err
	}
	s.Max, err = c.MaxOffset(ctx, r, topic, q)
	return s, err
}

// ByBroker is the offset of a time as q's broker itself takes it for a group that it puts
// there, see ResetByTime: on 4.x it may be that of the message before.
func (c *Client) ByBroker(ctx context.Context, r cluster.Route, topic string, q cluster.Queue, t time.Time) (int64, error) {
	found, _, err := c.searchOffset(ctx, r, topic, q, t)
	return found, err
}

// version520 is the ordinal of 5.2.0, from which on brokers put groups to an offset by
// themselves unless they are told not to (BrokerConfig.java, useServerSideResetOffset).
const version520 = remoting.Version5 + 40

// PutsGroups tells whether a broker puts a group to the offset of a queue by itself,
// members or not: one that does not only tells the members, by time and of all queues.
// Where its configuration may not be asked its version tells.
func (c *Client) PutsGroups(ctx context.Context, addr string) (bool, error) {
	all, err := c.BrokerConfig(ctx, addr)
	if said := (*fault.Answer)(nil); errors.As(err, &said) {
		return said.Version >= version520, nil
	}
	for _, s := range all {
		if s.Key == "useServerSideResetOffset" {
			return s.Value == "true", nil
		}
	}
	return false, err
}

// ResetQueue has a broker put a group to an offset of a queue, whether it has members or
// not; those that it has learn of it when they pull next, and what they commit before that
// does not count (code 222, AdminBrokerProcessor.java, resetOffsetInner). Only for brokers
// that PutsGroups: others would take it for all queues.
func (c *Client) ResetQueue(ctx context.Context, r cluster.Route, topic, group string, q cluster.Queue, to int64) error {
	return c.reset(ctx, r, topic, q.Broker, map[string]string{
		"group": group, "timestamp": "0", "queueId": strconv.Itoa(q.ID), "offset": strconv.FormatInt(to, 10),
	})
}

// ResetByTime has a broker tell the members of a group to go on from a time, in all of its
// queues of a topic; a zero time is behind the last message. fault.GroupOffline where there
// are none, and on 4.x a fault.Answer with code 1 where the group has no position in one of
// the queues (AdminBrokerProcessor.java, Broker2Client.java, resetOffset).
func (c *Client) ResetByTime(ctx context.Context, r cluster.Route, topic, group, broker string, at time.Time) error {
	ms := int64(-1)
	if !at.IsZero() {
		ms = max(at.UnixMilli(), 0)
	}
	return c.reset(ctx, r, topic, broker, map[string]string{"group": group, "timestamp": strconv.FormatInt(ms, 10)})
}

func (c *Client) reset(ctx context.Context, r cluster.Route, topic, broker string, ext map[string]string) error {
	addr, ok := r.Master(broker)
	if !ok {
		return fmt.Errorf("put a group in %s on %s: %w", topic, broker, fault.NoMaster)
	}
	ext["topic"], ext["isForce"] = topic, "true"
	if _, err := c.ask(ctx, addr, &remoting.Command{Code: remoting.ResetOffset, ExtFields: ext}); err != nil {
		return fmt.Errorf("put a group in %s on %s: %w", topic, broker, err)
	}
	return nil
}
