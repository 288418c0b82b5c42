package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/remoting"
)

// Progress asks how far the group is in all topics, or in one unless topic is "".
// A group that never committed, or broadcasts, has no queues, and that is no
// error. While members are connected, topics that they do not subscribe to are
// left out (AdminBrokerProcessor.java, getConsumeStats).
func (c *Client) Progress(ctx context.Context, brokers []cluster.Broker, group, topic string) (cluster.GroupProgress, cluster.Missing, error) {
	type stats struct {
		ConsumeTps  float64
		OffsetTable map[queueKey]struct {
			BrokerOffset, ConsumerOffset, LastTimestamp int64
		}
	}
	ext := map[string]string{"consumerGroup": group}
	if topic != "" {
		ext["topic"] = topic
	}
	var (
		mu  sync.Mutex
		all cluster.GroupProgress
	)
	missing, err := c.ofBrokers(ctx, brokers, func(ctx context.Context, _ cluster.Broker, addr string) error {
		got, err := fetch[stats](ctx, c, addr, remoting.ConsumeStats, ext)
		if errors.Is(err, fault.GroupNotFound) || errors.Is(err, fault.GroupOffline) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("progress of %s: %w", group, err)
		}
		mu.Lock()
		defer mu.Unlock()
		all.Rate += got.ConsumeTps
		for k, x := range got.OffsetTable {
			all.Queues = append(all.Queues, cluster.QueueProgress{
				Topic: k.Topic, Queue: k.Queue, End: x.BrokerOffset, Next: x.ConsumerOffset, Last: moment(x.LastTimestamp),
			})
		}
		return nil
	})
	slices.SortFunc(all.Queues, func(a, b cluster.QueueProgress) int { return compareQueues(a.Topic, a.Queue, b.Topic, b.Queue) })
	return all, missing, err
}

// Position is the offset that the group takes next of a queue; has is false
// where it has none (ConsumerManageProcessor.java, queryConsumerOffset). A proxy
// answers it too.
func (c *Client) Position(ctx context.Context, r cluster.Route, topic, group string, q cluster.Queue) (next int64, has bool, err error) {
	resp, err := c.askQueue(ctx, r, topic, q, remoting.QueryConsumerOffset,
		map[string]string{"consumerGroup": group, "setZeroIfNotFound": "false"})
	if errors.Is(err, fault.NotFound) || errors.Is(err, fault.GroupNotFound) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	next, err = number(resp, "offset")
	return next, err == nil && next >= 0, err
}

// ProgressByQueue is Progress of one topic where an endpoint does not answer
// that, as a proxy: each queue is asked for its end and the group's position,
// atOnce together. Last is not known.
func (c *Client) ProgressByQueue(ctx context.Context, r cluster.Route, topic, group string) (cluster.GroupProgress, error) {
	queues := r.ReadQueues()
	all := make([]cluster.QueueProgress, len(queues))
	err := each(ctx, len(queues), func(ctx context.Context, i int) error {
		next, has, err := c.Position(ctx, r, topic, group, queues[i])
		if err != nil {
			return err
		}
		if !has {
			return nil // it never read there
		}
		end, err := c.MaxOffset(ctx, r, topic, queues[i])
		all[i] = cluster.QueueProgress{Topic: topic, Queue: queues[i], End: end, Next: next}
		return err
	})
	if err != nil {
		return cluster.GroupProgress{}, fmt.Errorf("progress of %s: %w", group, err)
	}
	return cluster.GroupProgress{Queues: slices.DeleteFunc(all, func(q cluster.QueueProgress) bool { return q.Topic == "" })}, nil
}
