package admin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"gantry/client/fault"
	"gantry/client/remoting"
)

// TopicKind is what a topic is for.
type TopicKind int

// The kinds. 4.x does not know delayed and transactional ones: there they are
// normal.
const (
	NormalTopic TopicKind = iota
	OrderedTopic
	DelayedTopic
	TransactionalTopic
	MixedTopic
	RetryTopic
	DeadLetterTopic
	SystemTopic
)

// TopicConfig is what a topic was made with (TopicConfig.java).
type TopicConfig struct {
	Name string
	// Read and Write are how many queues all its brokers have together.
	Read, Write int
	// Perm holds Perm bits.
	Perm int
	Kind TopicKind
	// Brokers are those that have it, sorted.
	Brokers []string
}

// TopicKindOf tells what the name alone shows; message type and order may say
// more of a NormalTopic.
func TopicKindOf(name string) TopicKind {
	switch {
	case strings.HasPrefix(name, "%RETRY%"):
		return RetryTopic
	case strings.HasPrefix(name, "%DLQ%"):
		return DeadLetterTopic
	case reserved(name):
		return SystemTopic
	}
	return NormalTopic
}

// attributeType is the attribute that holds a topic's message type
// (TopicAttributes.java).
const attributeType = "message.type"

// messageKind reads the attribute message.type (TopicMessageType.java).
func messageKind(name string, order bool, attribute string) TopicKind {
	kind := TopicKindOf(name)
	if kind != NormalTopic {
		return kind
	}
	switch strings.ToUpper(attribute) {
	case "FIFO":
		return OrderedTopic
	case "DELAY":
		return DelayedTopic
	case "TRANSACTION":
		return TransactionalTopic
	case "MIXED":
		return MixedTopic
	}
	if order {
		return OrderedTopic
	}
	return NormalTopic
}

// TopicConfigs lists the topics of these brokers, merged by name and sorted
// (AdminBrokerProcessor.java, getAllTopicConfig). Names of brokers and clusters,
// which are system topics, are not told apart here. fault.NotOffered at a proxy.
func (c *Client) TopicConfigs(ctx context.Context, brokers []Broker) ([]TopicConfig, Missing, error) {
	type table struct {
		TopicConfigTable map[string]struct {
			ReadQueueNums, WriteQueueNums, Perm int
			Order                               bool
			Attributes                          map[string]string
		}
	}
	var (
		mu     sync.Mutex
		byName = map[string]*TopicConfig{}
	)
	missing, err := c.listOfBrokers(ctx, brokers, func(ctx context.Context, b Broker, addr string) error {
		got, err := fetch[table](ctx, c, addr, remoting.AllTopicConfig, nil)
		if err != nil {
			return fmt.Errorf("topic configurations: %w", err)
		}
		mu.Lock()
		defer mu.Unlock()
		for name, x := range got.TopicConfigTable {
			t := byName[name]
			if t == nil {
				t = &TopicConfig{Name: name}
				byName[name] = t
			}
			t.Read, t.Write, t.Perm = t.Read+x.ReadQueueNums, t.Write+x.WriteQueueNums, t.Perm|x.Perm
			t.Kind = cmp.Or(t.Kind, messageKind(name, x.Order, x.Attributes[attributeType]))
			t.Brokers = append(t.Brokers, b.Name)
		}
		return nil
	})
	all := make([]TopicConfig, 0, len(byName))
	for _, t := range byName {
		slices.Sort(t.Brokers)
		all = append(all, *t)
	}
	slices.SortFunc(all, func(a, b TopicConfig) int { return strings.Compare(a.Name, b.Name) })
	return all, missing, err
}

// QueueStats is what a queue keeps (TopicOffset.java).
type QueueStats struct {
	Queue
	// Min is the first offset kept, Max the one that the next message will get.
	Min, Max int64
	// Last is when a message was stored last; zero if none is kept.
	Last time.Time
}

// Kept is how many messages the queue keeps.
func (q QueueStats) Kept() int64 { return max(q.Max-q.Min, 0) }

// TopicStats asks what a topic's queues keep, by broker and number
// (AdminBrokerProcessor.java, getTopicStatsInfo). fault.TopicNotFound where none of
// the brokers has it.
func (c *Client) TopicStats(ctx context.Context, brokers []Broker, topic string) ([]QueueStats, Missing, error) {
	type stats struct {
		OffsetTable map[queueKey]struct{ MinOffset, MaxOffset, LastUpdateTimestamp int64 }
	}
	var (
		mu    sync.Mutex
		all   []QueueStats
		found bool
	)
	missing, err := c.ofBrokers(ctx, brokers, func(ctx context.Context, _ Broker, addr string) error {
		got, err := fetch[stats](ctx, c, addr, remoting.TopicStats, map[string]string{"topic": topic})
		if errors.Is(err, fault.TopicNotFound) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("queues of %s: %w", topic, err)
		}
		mu.Lock()
		defer mu.Unlock()
		found = true
		for k, x := range got.OffsetTable {
			all = append(all, QueueStats{Queue: k.Queue, Min: max(x.MinOffset, 0), Max: max(x.MaxOffset, 0), Last: moment(x.LastUpdateTimestamp)})
		}
		return nil
	})
	slices.SortFunc(all, func(a, b QueueStats) int { return compareQueues("", a.Queue, "", b.Queue) })
	if err == nil && !found && len(missing) == 0 {
		err = fmt.Errorf("queues of %s: %w", topic, fault.TopicNotFound)
	}
	return all, missing, err
}

// TopicStatsByQueue is TopicStats where an endpoint does not answer that, as a
// proxy: each queue is asked for its ends, atOnce together. Last is not known.
func (c *Client) TopicStatsByQueue(ctx context.Context, r Route, topic string) ([]QueueStats, error) {
	queues := r.ReadQueues()
	all := make([]QueueStats, len(queues))
	err := each(ctx, len(queues), func(ctx context.Context, i int) error {
		low, err := c.MinOffset(ctx, r, topic, queues[i])
		if err != nil {
			return err
		}
		high, err := c.MaxOffset(ctx, r, topic, queues[i])
		all[i] = QueueStats{Queue: queues[i], Min: low, Max: high}
		return err
	})
	return all, err
}
