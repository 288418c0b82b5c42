package admin

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"

	"gantry/client/cluster"
	"gantry/client/fault"
)

// LogicalProgress is the progress with the logical queues of static topics (RIP-21) in
// place of the physical ones, of which brokers tell. Each topic costs a question to the
// name servers, and each logical queue two to its leader; a topic without a route stays as
// it is.
func (c *Client) LogicalProgress(ctx context.Context, group string, p cluster.GroupProgress) (cluster.GroupProgress, cluster.Missing, error) {
	var topics []string
	for _, q := range p.Queues { // by topic
		if n := len(topics); (n == 0 || topics[n-1] != q.Topic) && !strings.HasPrefix(q.Topic, "%") {
			topics = append(topics, q.Topic)
		}
	}
	return c.logicalOf(ctx, group, p, topics)
}

// logicalOf is LogicalProgress for these topics.
func (c *Client) logicalOf(ctx context.Context, group string, p cluster.GroupProgress, topics []string) (cluster.GroupProgress, cluster.Missing, error) {
	var (
		mu      sync.Mutex
		missing cluster.Missing
		byTopic = map[string][]cluster.QueueProgress{}
	)
	err := each(ctx, len(topics), func(ctx context.Context, i int) error {
		r, err := c.Route(ctx, topics[i])
		if errors.Is(err, fault.TopicNotFound) || err == nil && !r.Static() {
			return nil
		}
		if err != nil {
			return err
		}
		got, lacks, err := c.ProgressByQueue(ctx, r, topics[i], group)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		missing = missing.Join(lacks)
		byTopic[topics[i]] = got.Queues
		return nil
	})
	if err != nil {
		return p, nil, err
	}
	out := cluster.GroupProgress{Rate: p.Rate}
	out.Queues = slices.DeleteFunc(slices.Clone(p.Queues), func(q cluster.QueueProgress) bool { _, is := byTopic[q.Topic]; return is })
	for _, queues := range byTopic {
		out.Queues = append(out.Queues, queues...)
	}
	sortProgress(out.Queues)
	return out, missing, nil
}

// withoutPosition lists the topics with a queue in which the group has no position, which
// brokers tell of static ones only: an older physical queue that is read no more counts as
// if all of it waited.
func withoutPosition(p cluster.GroupProgress) []string {
	var topics []string
	for _, q := range p.Queues {
		if q.Next < 0 && !slices.Contains(topics, q.Topic) {
			topics = append(topics, q.Topic)
		}
	}
	return topics
}
