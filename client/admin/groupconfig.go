package admin

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"gantry/client/cluster"
	"gantry/client/fault"
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
		size kept
	)
	missing, err := c.listOfBrokers(ctx, brokers, func(ctx context.Context, b cluster.Broker, addr string) error {
		err := fetch(ctx, c, addr, remoting.AllGroups, nil, func(got table) error {
			mu.Lock()
			defer mu.Unlock()
			for name, g := range got.SubscriptionGroupTable {
				have := byID[name]
				if have == nil {
					if err := size.texts(name); err != nil {
						return err
					}
					g.Name = name
					have = &g
					byID[name] = have
				}
				have.Brokers = append(have.Brokers, b.Name)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("group list: %w", err)
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
// queryTopicConsumeByWho). Brokers of 5.3.3 name the topic itself in the place of the
// groups that are subscribed now (ConsumerManager.java, queryTopicConsumeByWho): it is left
// out where no group has that name, and the subscribed ones are looked for.
func (c *Client) GroupsOf(ctx context.Context, brokers []cluster.Broker, topic string) ([]string, cluster.Missing, error) {
	var (
		mu   sync.Mutex
		all  []string
		size kept
	)
	var odd []cluster.Broker // that name the topic
	missing, err := c.ofBrokers(ctx, brokers, func(ctx context.Context, b cluster.Broker, addr string) error {
		err := fetch(ctx, c, addr, remoting.TopicConsumers, map[string]string{"topic": topic}, func(got struct{ GroupList []string }) error {
			mu.Lock()
			defer mu.Unlock()
			if slices.Contains(got.GroupList, topic) {
				odd = append(odd, b)
			}
			for _, name := range got.GroupList {
				if err := size.texts(name); err != nil {
					return err
				}
				all = append(all, name)
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("groups of %s: %w", topic, err)
		}
		return nil
	})
	if err == nil && len(odd) > 0 {
		var lacks cluster.Missing
		all, lacks, err = c.withSubscribed(ctx, odd, topic, all)
		missing = missing.Join(lacks)
	}
	slices.Sort(all)
	return slices.Compact(all), missing, err
}

// mostLooked bounds the groups of which it is asked what they subscribe to.
const mostLooked = 300

// withSubscribed takes a topic's own name out of the groups that read it, unless a group
// has it, and adds those that members of which are subscribed. Brokers with more than
// mostLooked groups are missing.
func (c *Client) withSubscribed(ctx context.Context, brokers []cluster.Broker, topic string, groups []string) ([]string, cluster.Missing, error) {
	configs, missing, err := c.GroupConfigs(ctx, brokers)
	if err != nil {
		return groups, missing, err
	}
	own := slices.ContainsFunc(configs, func(g cluster.GroupConfig) bool { return g.Name == topic })
	if !own {
		groups = slices.DeleteFunc(groups, func(g string) bool { return g == topic })
	}
	var mu sync.Mutex
	configs = slices.DeleteFunc(configs, func(g cluster.GroupConfig) bool {
		return slices.Contains(groups, g.Name) && g.Name != topic || cluster.SystemGroup(g.Name)
	})
	if len(configs) > mostLooked {
		for _, b := range brokers {
			missing = missing.Join(cluster.Missing{{Broker: b.Name, Err: fmt.Errorf("groups of %s: %w: it names the topic instead", topic, fault.BadAnswer)}})
		}
		return groups, missing, nil
	}
	groups = slices.DeleteFunc(groups, func(g string) bool { return g == topic })
	err = each(ctx, len(configs), func(ctx context.Context, i int) error {
		g := configs[i].Name
		reads, lacks, err := c.reads(ctx, brokers, g, topic)
		mu.Lock()
		defer mu.Unlock()
		missing = missing.Join(lacks)
		if reads {
			groups = append(groups, g)
		}
		return err
	})
	return groups, missing, err
}

// reads tells whether a group's members subscribe to a topic, or it has a position there.
func (c *Client) reads(ctx context.Context, brokers []cluster.Broker, group, topic string) (bool, cluster.Missing, error) {
	got, missing, err := c.Consumers(ctx, brokers, group)
	if err != nil {
		return false, missing, err
	}
	if slices.ContainsFunc(got.Subscriptions, func(w cluster.Wanted) bool { return w.Topic == topic }) {
		return true, missing, nil
	}
	if group != topic { // with a position it is listed
		return false, missing, nil
	}
	p, lacks, err := c.Progress(ctx, brokers, group, topic)
	return len(p.Queues) > 0, missing.Join(lacks), err
}
