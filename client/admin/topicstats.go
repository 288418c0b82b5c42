package admin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"gantry/client/cluster"
	"gantry/client/fault"
	"gantry/client/remoting"
)

// attributeType is the attribute that holds a topic's message type
// (TopicAttributes.java).
const attributeType = "message.type"

// messageKind reads the attribute message.type (TopicMessageType.java).
func messageKind(name string, order bool, attribute string) cluster.TopicKind {
	kind := cluster.TopicKindOf(name)
	if kind != cluster.NormalTopic {
		return kind
	}
	switch strings.ToUpper(attribute) {
	case "FIFO":
		return cluster.OrderedTopic
	case "DELAY":
		return cluster.DelayedTopic
	case "TRANSACTION":
		return cluster.TransactionalTopic
	case "MIXED":
		return cluster.MixedTopic
	}
	if order {
		return cluster.OrderedTopic
	}
	return cluster.NormalTopic
}

// TopicConfigs lists the topics of these brokers, merged by name and sorted
// (AdminBrokerProcessor.java, getAllTopicConfig). Names of brokers and clusters,
// which are system topics, are not told apart here. fault.NotOffered at a proxy.
func (c *Client) TopicConfigs(ctx context.Context, brokers []cluster.Broker) ([]cluster.TopicConfig, cluster.Missing, error) {
	type table struct {
		TopicConfigTable map[string]struct {
			ReadQueueNums, WriteQueueNums, Perm int
			Order                               bool
			Attributes                          map[string]string
		}
	}
	var (
		mu     sync.Mutex
		byName = map[string]*cluster.TopicConfig{}
		size   kept
	)
	merge := func(b cluster.Broker, got table) error {
		mu.Lock()
		defer mu.Unlock()
		for name, x := range got.TopicConfigTable {
			t := byName[name]
			if t == nil {
				if err := size.texts(name); err != nil {
					return err
				}
				t = &cluster.TopicConfig{Name: name}
				byName[name] = t
			}
			t.Read, t.Write, t.Perm = t.Read+x.ReadQueueNums, t.Write+x.WriteQueueNums, t.Perm|x.Perm
			t.Kind = cmp.Or(t.Kind, messageKind(name, x.Order, x.Attributes[attributeType]))
			t.Brokers = append(t.Brokers, b.Name)
		}
		return nil
	}
	missing, err := c.listOfBrokers(ctx, brokers, func(ctx context.Context, b cluster.Broker, addr string) error {
		if err := fetch(ctx, c, addr, remoting.AllTopicConfig, nil, func(got table) error { return merge(b, got) }); err != nil {
			return fmt.Errorf("topic configurations: %w", err)
		}
		return nil
	})
	all := make([]cluster.TopicConfig, 0, len(byName))
	for _, t := range byName {
		slices.Sort(t.Brokers)
		all = append(all, *t)
	}
	slices.SortFunc(all, func(a, b cluster.TopicConfig) int { return strings.Compare(a.Name, b.Name) })
	return all, missing, err
}

// Batched tells whether one of the brokers keeps a topic's messages in inner batches, as
// queue.type=BatchCQ does (TopicAttributes.java): their index does not know the keys and ids of
// what a batch holds. False also where brokers have no such topics, or do not say.
func (c *Client) Batched(ctx context.Context, brokers []cluster.Broker, topic string) (bool, error) {
	var batched atomic.Bool
	_, err := c.ofBrokers(ctx, brokers, func(ctx context.Context, _ cluster.Broker, addr string) error {
		err := fetch(ctx, c, addr, remoting.TopicConfig, map[string]string{"topic": topic}, func(got struct{ Attributes map[string]string }) error {
			if strings.EqualFold(got.Attributes["queue.type"], "BatchCQ") {
				batched.Store(true)
			}
			return nil
		})
		if answered(err) {
			err = nil
		}
		return err
	})
	return batched.Load(), err
}

// TopicStats asks what a topic's queues keep, by broker and number
// (AdminBrokerProcessor.java, getTopicStatsInfo). fault.TopicNotFound where none of
// the brokers has it.
func (c *Client) TopicStats(ctx context.Context, brokers []cluster.Broker, topic string) ([]cluster.QueueStats, cluster.Missing, error) {
	type stats struct {
		OffsetTable map[queueKey]struct{ MinOffset, MaxOffset, LastUpdateTimestamp int64 }
	}
	var (
		mu    sync.Mutex
		all   []cluster.QueueStats
		found bool
		size  kept
	)
	missing, err := c.ofBrokers(ctx, brokers, func(ctx context.Context, _ cluster.Broker, addr string) error {
		err := fetch(ctx, c, addr, remoting.TopicStats, map[string]string{"topic": topic}, func(got stats) error {
			mu.Lock()
			defer mu.Unlock()
			found = true
			for k, x := range got.OffsetTable {
				if err := size.texts(k.Broker); err != nil {
					return err
				}
				all = append(all, cluster.QueueStats{Queue: k.Queue, Min: max(x.MinOffset, 0), Max: max(x.MaxOffset, 0), Last: moment(x.LastUpdateTimestamp)})
			}
			return nil
		})
		if err != nil && !errors.Is(err, fault.TopicNotFound) {
			return fmt.Errorf("queues of %s: %w", topic, err)
		}
		return nil
	})
	slices.SortFunc(all, func(a, b cluster.QueueStats) int { return compareQueues("", a.Queue, "", b.Queue) })
	if err == nil && !found && len(missing) == 0 {
		err = fmt.Errorf("queues of %s: %w", topic, fault.TopicNotFound)
	}
	return all, missing, err
}

// TopicStatsByQueue is TopicStats where an endpoint does not answer that, as a
// proxy: each queue is asked for its ends, atOnce together. Last is not known. It is
// also what the logical queues of a static topic keep, of which brokers tell the
// physical ones otherwise.
func (c *Client) TopicStatsByQueue(ctx context.Context, r cluster.Route, topic string) ([]cluster.QueueStats, cluster.Missing, error) {
	var (
		mu  sync.Mutex
		all []cluster.QueueStats
	)
	missing, err := c.eachQueue(ctx, r.ReadQueues(), func(ctx context.Context, q cluster.Queue) error {
		low, err := c.MinOffset(ctx, r, topic, q)
		if err != nil {
			return err
		}
		high, err := c.MaxOffset(ctx, r, topic, q)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		all = append(all, cluster.QueueStats{Queue: q, Min: low, Max: high})
		return nil
	})
	slices.SortFunc(all, func(a, b cluster.QueueStats) int { return compareQueues("", a.Queue, "", b.Queue) })
	return all, missing, err
}
