package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
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
		mu   sync.Mutex
		all  cluster.GroupProgress
		size = kept{most: mostOfGroup}
	)
	missing, err := c.ofBrokers(ctx, brokers, func(ctx context.Context, b cluster.Broker, addr string) error {
		var queues []cluster.QueueProgress
		var rate float64
		err := fetch(ctx, c, addr, remoting.ConsumeStats, ext, func(got stats) error {
			mu.Lock()
			defer mu.Unlock()
			rate = got.ConsumeTps
			for k, x := range got.OffsetTable {
				if err := size.texts(k.Topic, k.Broker); err != nil {
					return err
				}
				queues = append(queues, cluster.QueueProgress{
					Topic: k.Topic, Queue: k.Queue, End: x.BrokerOffset, Next: x.ConsumerOffset, Last: moment(x.LastTimestamp),
				})
			}
			return nil
		})
		if errors.Is(err, fault.GroupNotFound) || errors.Is(err, fault.GroupOffline) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("progress of %s: %w", group, err)
		}
		if err := c.lookAgain(ctx, b, addr, queues); err != nil {
			return fmt.Errorf("progress of %s: %w", group, err)
		}
		mu.Lock()
		defer mu.Unlock()
		all.Rate += rate
		all.Queues = append(all.Queues, queues...)
		return nil
	})
	sortProgress(all.Queues)
	odd := withoutPosition(all)
	if err != nil || len(odd) == 0 {
		return all, missing, err
	}
	all, lacks, err := c.logicalOf(ctx, group, all, odd)
	return all, missing.Join(lacks), err
}

func sortProgress(queues []cluster.QueueProgress) {
	slices.SortFunc(queues, func(a, b cluster.QueueProgress) int { return compareQueues(a.Topic, a.Queue, b.Topic, b.Queue) })
}

// lookAgain asks for the ends of queues in which a position does not fit: brokers read
// the end before the position, and what was stored and taken in between makes it seem so.
func (c *Client) lookAgain(ctx context.Context, b cluster.Broker, addr string, queues []cluster.QueueProgress) error {
	var odd []int
	for i, q := range queues {
		if !q.Fits() {
			odd = append(odd, i)
		}
	}
	at := cluster.Route{Brokers: []cluster.Broker{{Name: b.Name, Addrs: map[int64]string{cluster.MasterID: addr}}}}
	return each(ctx, len(odd), func(ctx context.Context, i int) error {
		q := &queues[odd[i]]
		end, err := c.MaxOffset(ctx, at, q.Topic, cluster.Queue{Broker: b.Name, ID: q.ID})
		if err != nil {
			if answered(err) {
				return nil // as of a topic that is gone meanwhile
			}
			return err
		}
		q.End = max(q.End, end)
		return nil
	})
}

// Commit sets a group's position in a queue: the offset that it takes next. Members that are
// connected do not hear of it, and commit over it (code 15, ConsumerManageProcessor.java).
func (c *Client) Commit(ctx context.Context, r cluster.Route, topic, group string, q cluster.Queue, next int64) error {
	addr, ok := r.Master(q.Broker)
	if !ok {
		return fmt.Errorf("commit %s %s: %w", topic, q, fault.NoMaster)
	}
	_, err := c.ask(ctx, addr, &remoting.Command{Code: remoting.UpdateConsumerOffset, ExtFields: map[string]string{
		"consumerGroup": group, "topic": topic, "queueId": strconv.Itoa(q.ID), "bname": q.Broker,
		"commitOffset": strconv.FormatInt(next, 10),
	}})
	if err != nil {
		return fmt.Errorf("commit %s %s: %w", topic, q, err)
	}
	return nil
}

// Position is the offset that the group takes next of a queue; has is false
// where it has none (ConsumerManageProcessor.java, queryConsumerOffset). A proxy
// answers it too.
func (c *Client) Position(ctx context.Context, r cluster.Route, topic, group string, q cluster.Queue) (next int64, has bool, err error) {
	next, has, _, err = c.queuePosition(ctx, r, topic, group, q)
	return next, has, err
}

// ProgressByQueue is Progress of one topic where an endpoint does not answer
// that, as a proxy: each queue is asked for its end and the group's position,
// atOnce together. Last is not known. It is also the progress in the logical queues of
// a static topic, of which brokers tell the physical ones otherwise.
func (c *Client) ProgressByQueue(ctx context.Context, r cluster.Route, topic, group string) (cluster.GroupProgress, cluster.Missing, error) {
	var (
		mu  sync.Mutex
		all cluster.GroupProgress
	)
	missing, err := c.eachQueue(ctx, r.ReadQueues(), func(ctx context.Context, q cluster.Queue) error {
		next, has, err := c.Position(ctx, r, topic, group, q)
		if err != nil || !has { // it never read there
			return err
		}
		end, err := c.MaxOffset(ctx, r, topic, q)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		all.Queues = append(all.Queues, cluster.QueueProgress{Topic: topic, Queue: q, End: end, Next: next})
		return nil
	})
	if err != nil {
		return cluster.GroupProgress{}, nil, fmt.Errorf("progress of %s: %w", group, err)
	}
	sortProgress(all.Queues)
	return all, missing, nil
}
