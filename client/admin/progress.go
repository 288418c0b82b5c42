package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"gantry/client/fault"
	"gantry/client/remoting"
)

// QueueProgress is how far a group is in a queue (OffsetWrapper.java).
type QueueProgress struct {
	Topic string
	Queue
	// End is the offset that the next message will get, Next the one that the
	// group takes next; below 0 where it has none.
	End, Next int64
	// Last is the store time of the message that was consumed last; zero where it
	// is not known, or gone.
	Last time.Time
}

// Lag is how many messages wait, at least 0.
func (q QueueProgress) Lag() int64 { return max(q.End-max(q.Next, 0), 0) }

// Progress is how far a group is (ConsumeStats.java).
type Progress struct {
	// Queues are by topic, broker and number; retry topics are among them.
	Queues []QueueProgress
	// Rate is what brokers say was taken in a second, over the last minute.
	Rate float64
}

// Progress asks how far the group is in all topics, or in one unless topic is "".
// A group that never committed, or broadcasts, has no queues, and that is no
// error. While members are connected, topics that they do not subscribe to are
// left out (AdminBrokerProcessor.java, getConsumeStats).
func (c *Client) Progress(ctx context.Context, brokers []Broker, group, topic string) (Progress, Missing, error) {
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
		all Progress
	)
	missing, err := c.ofBrokers(ctx, brokers, func(ctx context.Context, _ Broker, addr string) error {
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
			all.Queues = append(all.Queues, QueueProgress{
				Topic: k.Topic, Queue: k.Queue, End: x.BrokerOffset, Next: x.ConsumerOffset, Last: moment(x.LastTimestamp),
			})
		}
		return nil
	})
	slices.SortFunc(all.Queues, func(a, b QueueProgress) int { return compareQueues(a.Topic, a.Queue, b.Topic, b.Queue) })
	return all, missing, err
}

// Position is the offset that the group takes next of a queue; has is false
// where it has none (ConsumerManageProcessor.java, queryConsumerOffset). A proxy
// answers it too.
func (c *Client) Position(ctx context.Context, r Route, topic, group string, q Queue) (next int64, has bool, err error) {
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
func (c *Client) ProgressByQueue(ctx context.Context, r Route, topic, group string) (Progress, error) {
	queues := r.ReadQueues()
	all := make([]QueueProgress, len(queues))
	err := each(ctx, len(queues), func(ctx context.Context, i int) error {
		next, has, err := c.Position(ctx, r, topic, group, queues[i])
		if err != nil {
			return err
		}
		if !has {
			return nil // it never read there
		}
		end, err := c.MaxOffset(ctx, r, topic, queues[i])
		all[i] = QueueProgress{Topic: topic, Queue: queues[i], End: end, Next: next}
		return err
	})
	if err != nil {
		return Progress{}, fmt.Errorf("progress of %s: %w", group, err)
	}
	return Progress{Queues: slices.DeleteFunc(all, func(q QueueProgress) bool { return q.Topic == "" })}, nil
}
