package admin

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"gantry/client/cluster"
	"gantry/client/remoting"
)

// GroupConfigs lists the consumer groups of these brokers, merged by name and
// sorted; RocketMQ's own too (AdminBrokerProcessor.java,
// getAllSubscriptionGroup). fault.NotOffered at a proxy. 5.x has a question for one
// group too, code 352, but a broker of 5.5.0 makes the group that it is asked for.
func (c *Client) GroupConfigs(ctx context.Context, brokers []cluster.Broker) ([]cluster.GroupConfig, cluster.Missing, error) {
	type table struct {
		SubscriptionGroupTable map[string]cluster.GroupConfig
	}
	var (
		mu   sync.Mutex
		byID = map[string]*cluster.GroupConfig{}
	)
	missing, err := c.listOfBrokers(ctx, brokers, func(ctx context.Context, b cluster.Broker, addr string) error {
		got, err := fetch[table](ctx, c, addr, remoting.AllGroups, nil)
		if err != nil {
			return fmt.Errorf("group list: %w", err)
		}
		mu.Lock()
		defer mu.Unlock()
		for name, g := range got.SubscriptionGroupTable {
			have := byID[name]
			if have == nil {
				g.Name = name
				have = &g
				byID[name] = have
			}
			have.Brokers = append(have.Brokers, b.Name)
		}
		return nil
	})
	all := make([]cluster.GroupConfig, 0, len(byID))
	for _, g := range byID {
		slices.Sort(g.Brokers)
		all = append(all, *g)
	}
	slices.SortFunc(all, func(a, b cluster.GroupConfig) int { return strings.Compare(a.Name, b.Name) })
	return all, missing, err
}

// GroupsOf lists the groups that read a topic: subscribed now, or with a position
// in it, from all of these brokers, sorted (AdminBrokerProcessor.java,
// queryTopicConsumeByWho).
func (c *Client) GroupsOf(ctx context.Context, brokers []cluster.Broker, topic string) ([]string, cluster.Missing, error) {
	var (
		mu  sync.Mutex
		all []string
	)
	missing, err := c.ofBrokers(ctx, brokers, func(ctx context.Context, _ cluster.Broker, addr string) error {
		got, err := fetch[struct{ GroupList []string }](ctx, c, addr, remoting.TopicConsumers, map[string]string{"topic": topic})
		if err != nil {
			return fmt.Errorf("groups of %s: %w", topic, err)
		}
		mu.Lock()
		defer mu.Unlock()
		all = append(all, got.GroupList...)
		return nil
	})
	slices.Sort(all)
	return slices.Compact(all), missing, err
}
