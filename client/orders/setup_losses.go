package orders

import (
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"gantry/client/cluster"
)

// losses counts what Delete destroys.
func (c *Clerk) losses(ctx context.Context, a *asked, p *SetupPreview) {
	var (
		mu   sync.Mutex
		work errgroup.Group
	)
	work.SetLimit(atOnce)
	p.Losses = make([]Loss, len(p.Order.Names))
	for i, name := range p.Order.Names {
		work.Go(func() error {
			loss := Loss{Name: name}
			topics := []string{name}
			if p.Order.Of == Groups {
				c.lossOfGroup(ctx, a, &loss)
				if topics = nil; p.Order.Letters {
					topics = []string{"%DLQ%" + name}
				}
			}
			kept := map[string]map[string]int64{}
			for _, t := range topics {
				kept[t] = c.lossOfTopic(ctx, a, t, &loss, p.Order.Of == Topics)
			}
			mu.Lock()
			defer mu.Unlock()
			p.Losses[i] = loss
			for j, l := range p.Lines {
				if n, has := kept[l.Name][l.Broker]; has {
					p.Lines[j].Keeps = n
				}
			}
			return nil
		})
	}
	_ = work.Wait()
}

// having are the brokers that have something of a name.
func (a *asked) having(name string) []cluster.Broker {
	return slices.DeleteFunc(slices.Clone(a.brokers), func(b cluster.Broker) bool { return a.by[b.Name][name] == nil })
}

// lossOfTopic counts the messages of a topic, by broker, and the groups behind in it.
func (c *Clerk) lossOfTopic(ctx context.Context, a *asked, topic string, loss *Loss, groups bool) map[string]int64 {
	brokers := a.having(topic)
	if len(brokers) == 0 {
		return nil
	}
	kept := map[string]int64{}
	queues, missing, err := c.admin.TopicStats(ctx, brokers, topic)
	loss.More = loss.More || err != nil || len(missing) > 0
	for _, q := range queues {
		kept[q.Broker] += q.Kept()
		loss.Messages += q.Kept()
	}
	if !groups {
		return kept
	}
	readers, missing, err := c.admin.GroupsOf(ctx, brokers, topic)
	loss.More = loss.More || err != nil || len(missing) > 0
	for _, g := range readers {
		if !cluster.SystemGroup(g) {
			c.behind(ctx, brokers, g, topic, loss)
		}
	}
	return kept
}

// behind notes how many messages a group has not taken, of a topic or of all.
func (c *Clerk) behind(ctx context.Context, brokers []cluster.Broker, group, topic string, loss *Loss) {
	p, missing, err := c.admin.Progress(ctx, brokers, group, topic)
	lag, known := p.Lag()
	loss.More = loss.More || err != nil || len(missing) > 0 || !known
	if lag > 0 {
		loss.Behind = append(loss.Behind, Behind{group, lag})
	}
}

// lossOfGroup counts the members of a group and what it has not taken.
func (c *Clerk) lossOfGroup(ctx context.Context, a *asked, loss *Loss) {
	all, missing, err := c.admin.Consumers(ctx, a.brokers, loss.Name)
	loss.Members = len(all.Members)
	loss.More = loss.More || err != nil || len(missing) > 0
	c.behind(ctx, a.brokers, loss.Name, "", loss)
}
